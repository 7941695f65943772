"""Settings that suit a data set, for whatever its user has not chosen.

The sets that have a name keep their own recipes, most of them the book's. Your own data get one
by their size and kind, once they have been read.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple

from mitbadak.data import Source
from mitbadak.data.batches import steps_per_epoch
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

# Chosen on 89 real tables of 20 to 6,000 rows, three splits of each, and on 96 to 8,000 digits of
# MNIST: around these values nothing came closer to the better of a linear model and an MLP.
HIDDEN = {"images": (100,), "table": (50,), "points": (50,)}
PENALTY = {"images": 3.0, "classes": 5.0, "numbers": 10.0}
"""L2 times the number of examples. So counted, scikit-learn's logistic regression has 1 (C = 1) and
its ridge regression 2 (alpha = 1); a net has more weights to restrain."""
MOST_PENALTY = {"images": math.inf, "classes": 0.2, "numbers": 0.45}
"""L2 times the square root of the number of examples, at most. On the weights of two layers an L2
penalty acts like an L1 penalty on their product, whose right strength falls with the square root
(Neyshabur et al. 2015, "In Search of the Real Inductive Bias"; Bickel et al. 2009, "Simultaneous
Analysis of Lasso and Dantzig Selector"). In tables of 20 rows, c / n alone kept nets from what a
line learns; chosen on 90 tables of R packages beside the 89."""
ENOUGH_TO_HOLD_OUT = 300  # examples; of fewer, what is held out is missed more than it tells
HELD_OUT = 0.15
PATIENCE = (5, 20)  # epochs, at least and at most
UPDATES_OF_PATIENCE = 1000  # in between
EPOCHS = (30, 300)  # at least and at most
UPDATES = 4000  # in between
BATCH = (8, 128)  # at least and at most
BATCHES = 20  # of an epoch, in between


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
    n, numbers, kind = len(source.train), has_numbers(source), source.preparation.kind
    validation = _held_out(source, chosen)
    learned_from = n - round(n * validation)
    batch_size = chosen.get("batch_size", _batch_size(learned_from, chosen))
    batches = steps_per_epoch(learned_from, batch_size)
    watches = validation > 0 or source.validation is not None or chosen.get("watch") == "test"
    return Recipe(
        hidden=HIDDEN[kind],
        epochs=_between(EPOCHS, UPDATES / batches),
        batch_size=batch_size,
        lr=RATES[chosen.get("optimizer", "adam")],
        optimizer="adam",
        activation="relu",
        loss="mean_squared_error" if numbers else "softmax_cross_entropy",
        validation=validation,
        early_stopping=_between(PATIENCE, UPDATES_OF_PATIENCE / batches) if watches else 0,
        best_by="loss",
        l2=_penalty(n, "numbers" if numbers else "images" if kind == "images" else "classes"),
        scale_targets=numbers,
    )


def _held_out(source: Source, chosen: Mapping[str, Any]) -> float:
    """The share for validation: as chosen, or what early stopping needs where it is wanted."""
    if "validation" in chosen:
        return chosen["validation"]
    if source.validation is not None:
        return 0.0
    n = len(source.train)
    stops = chosen.get("early_stopping", n >= ENOUGH_TO_HOLD_OUT)
    return max(HELD_OUT, 1 / n) if stops and chosen.get("watch") != "test" else 0.0


def _penalty(n: int, kind: str) -> float:
    """The strength of the L2 penalty for n examples, with the digits that are shown."""
    return float(f"{min(PENALTY[kind] / n, MOST_PENALTY[kind] / math.sqrt(n)):.2g}")


def _batch_size(n: int, chosen: Mapping[str, Any]) -> int:
    """A power of two, so that n examples make about ``BATCHES``, within the limits."""
    size, most = BATCH
    while size < most and 2 * size * BATCHES <= n:
        size *= 2
    while chosen.get("batch_norm") and n % size == 1 and size < n:
        size += 1  # a batch of a single example has no spread
    return max(1, min(size, n))


def _between(limits: tuple[int, int], value: float) -> int:
    return round(min(max(value, limits[0]), limits[1]))
