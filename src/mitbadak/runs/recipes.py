"""Settings that suit a data set, for whatever its user has not chosen.

The sets that have a name keep their own recipes, most of them the book's. Your own data get one
by their size and kind, once they have been read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple

from mitbadak.data import Source
from mitbadak.data.scaled_targets import has_numbers

AUTO: Final = "auto"
"""The value of a setting that follows the data, until they have been read."""


class Recipe(NamedTuple):
    """The settings that follow your own data where they are not chosen; see ``TrainConfig``."""

    hidden: tuple[int, ...]
    epochs: int
    batch_size: int
    lr: float
    optimizer: str
    activation: str
    loss: str
    validation: float
    early_stopping: int
    best_by: str
    l2: float
    scale_targets: bool


OWN_DATA = dict.fromkeys(Recipe._fields, AUTO)
# Small generated sets: ten tanh units and Adam separate them in a fraction of a second.
_POINTS = {
    "hidden": (10,), "epochs": 60, "batch_size": 20, "lr": 0.1, "optimizer": "adam",
    "activation": "tanh", "init": "xavier",
}  # fmt: skip
RECIPES: dict[str, dict[str, Any]] = {
    "spiral": {"hidden": (10,), "epochs": 300, "batch_size": 30, "lr": 1.0},
    **dict.fromkeys(("xor", "moons", "circles", "blobs"), _POINTS),
    "regression": {**_POINTS, "hidden": (20,), "epochs": 300, "loss": "mean_squared_error"},
}
"""Where defaults differ from MNIST's; the spiral's are the second book's, chapter 1."""
RATES = {
    "sgd": 0.1, "momentum": 0.02, "nesterov": 0.02, "adagrad": 0.02, "rmsprop": 0.002,
    "adam": 0.003, "adamw": 0.003, "lion": 0.0003,
}  # fmt: skip
"""A learning rate for each update rule, where inputs and targets are around 1."""

ENOUGH_TO_HOLD_OUT = 100  # examples: a tenth of fewer says too little to stop by
HELD_OUT = 0.15
PATIENCE = 20
UPDATES = 4000  # about as many as a net needs to fit a table of any size
EPOCHS = (50, 300)  # at least, at most
BATCH = (8, 128)  # at least, at most
BATCHES = 20  # per epoch, for sets in between


def recipe_by_name(data: str, known: Collection[str]) -> dict[str, Any]:
    """The settings in which the defaults for a data set differ from MNIST's.

    Args:
        data: its name, or the path of a file or folder.
        known: the names of data sets.

    Example:
        >>> recipe_by_name("spiral", ["mnist", "spiral"])["epochs"]
        300
        >>> recipe_by_name("flowers.csv", ["mnist", "spiral"])["epochs"]
        'auto'
    """
    return RECIPES.get(data, {}) if data in known else OWN_DATA


def recipe_for(source: Source, chosen: Mapping[str, Any]) -> Recipe:
    """Settings that suit the size and kind of the data.

    Args:
        source: the data.
        chosen: the settings that have a value already, which others follow: the learning rate
            follows the optimizer, and early stopping the set that it can watch.
    """
    n, numbers = len(source.train), has_numbers(source)
    validation, patience = _stopping(n, chosen)
    learned_from = n - round(n * validation)
    batch_size = chosen.get("batch_size", _batch_size(learned_from, chosen))
    batches = -(-learned_from // batch_size)
    return Recipe(
        hidden=(50,),
        epochs=min(max(round(UPDATES / batches), EPOCHS[0]), EPOCHS[1]),
        batch_size=batch_size,
        lr=RATES[chosen.get("optimizer", "adam")],
        optimizer="adam",
        activation="relu",
        loss="mean_squared_error" if numbers else "softmax_cross_entropy",
        validation=validation,
        early_stopping=patience,
        best_by="loss",
        l2=1 / n,
        scale_targets=numbers,
    )


def _stopping(n: int, chosen: Mapping[str, Any]) -> tuple[float, int]:
    """The share to hold out and the patience of early stopping, each as chosen where it was.

    Without a set to watch nothing is stopped early, and without early stopping no example is held
    out.
    """
    validation, patience = chosen.get("validation"), chosen.get("early_stopping")
    watches_test = chosen.get("watch") == "test"
    if validation is None:
        stops = n >= ENOUGH_TO_HOLD_OUT if patience is None else patience > 0
        validation = max(HELD_OUT, 1 / n) if stops and not watches_test else 0.0
    if patience is None:
        patience = PATIENCE if validation > 0 or watches_test else 0
    return validation, patience


def _batch_size(n: int, chosen: Mapping[str, Any]) -> int:
    """A power of two that makes about ``BATCHES`` of n examples, within ``BATCH``."""
    least, most = BATCH
    size = least
    while size < most and 2 * size * BATCHES <= n:
        size *= 2
    while chosen.get("batch_norm") and n % size == 1 and size < n:
        size += 1  # a batch of a single example has no spread
    return max(1, min(size, n))
