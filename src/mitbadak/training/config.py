"""The settings of a training run, typed once: the Python call, the run file and the flags."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any

from mitbadak.data import DATASETS
from mitbadak.data.batches import SAMPLINGS
from mitbadak.engines import ENGINES
from mitbadak.errors import FormatError, RangeError, positive, share, unknown_name, whole
from mitbadak.nn.initializers import initializer
from mitbadak.nn.layers import ACTIVATIONS, float_dtype
from mitbadak.nn.losses import HEADS
from mitbadak.optim import OPTIMIZERS

GRADIENTS = ("backprop", "numerical")
WATCHED = ("validation", "test")


def _setting(default: Any, help: str, **more: Any) -> Any:
    return field(default=default, metadata={"help": help, **more})


@dataclass(frozen=True)
class TrainConfig:
    """Every setting of ``mitbadak train``; the defaults are the notes'.

    Raises:
        UnknownNameError: a name that is not known, with the nearest that is.
        RangeError: a number that makes no sense.

    Example:
        >>> settings = TrainConfig.for_data("spiral", epochs=10)
        >>> settings.hidden, settings.epochs, settings.batch_size, settings.lr
        ((10,), 10, 30, 1.0)
    """

    data: str = _setting("mnist", "data set", known=tuple(DATASETS))
    hidden: tuple[int, ...] = _setting((50,), "widths of the hidden layers, such as 50 or 50,100")
    epochs: int = _setting(17, "passes over the training set")
    batch_size: int = _setting(100, "examples per update")
    lr: float = _setting(0.1, "learning rate")
    optimizer: str = _setting("sgd", "update rule", known=tuple(OPTIMIZERS))
    activation: str = _setting("sigmoid", "after each hidden layer", known=tuple(ACTIVATIONS))
    loss: str = _setting("softmax_cross_entropy", "loss of the net", known=tuple(HEADS))
    init: str = _setting(
        "auto", "initial weights: auto, xavier, he, zeros, or a standard deviation"
    )
    seed: int = _setting(0, "of initial weights, split and batches")
    engine: str = _setting("auto", "what computes", known=ENGINES)
    gradient: str = _setting("backprop", "how gradients are found", known=GRADIENTS)
    sampling: str = _setting(
        "shuffle", "shuffled epochs, or draws with replacement as in the notes",
        known=tuple(SAMPLINGS),
    )  # fmt: skip
    validation: float = _setting(0.0, "share of the training set to hold out and watch")
    early_stopping: int = _setting(
        0, "stop after this many epochs without a better accuracy, best weights back; 0 is never"
    )
    watch: str = _setting("validation", "what early stopping watches", known=WATCHED)
    dtype: str = _setting("float32", "of parameters", known=("float32", "float64"))

    def __post_init__(self) -> None:
        for setting in dataclasses.fields(self):
            known = setting.metadata.get("known")
            if known and getattr(self, setting.name) not in known:
                raise unknown_name(setting.name, getattr(self, setting.name), known)
        widths = tuple(whole("train", "hidden", n) for n in self.hidden)
        object.__setattr__(self, "hidden", widths)
        for name, least in (("epochs", 0), ("batch_size", 1), ("seed", 0), ("early_stopping", 0)):
            object.__setattr__(self, name, whole("train", name, getattr(self, name), least=least))
        object.__setattr__(self, "lr", positive("train", "lr", self.lr))
        object.__setattr__(self, "validation", share("train", "validation", self.validation))
        float_dtype("train", self.dtype)
        if self.init != "auto":
            initializer(self.init)
        if self.early_stopping and self.watch == "validation" and not self.validation:
            raise RangeError(
                "train: early_stopping watches a validation share, and validation is 0. Hold "
                "some out (validation 0.1), or watch the test set as the notes do (watch test); "
                "its accuracy is then no longer an unseen one."
            )

    @classmethod
    def for_data(cls, data: str = "mnist", **given: Any) -> TrainConfig:
        """The notes' settings for a data set, with what was given (not None) instead."""
        chosen = {name: value for name, value in given.items() if value is not None}
        return cls(data=data, **{**RECIPES.get(data, {}), **chosen})

    def to_json(self) -> str:
        """The settings as JSON, in the order of the flags."""
        return json.dumps(dataclasses.asdict(self), indent=2)

    @classmethod
    def from_dict(cls, content: Any, where: str) -> TrainConfig:
        """The settings in a dict that ``to_json`` wrote.

        Raises:
            FormatError: not such a dict.
        """
        names = [f.name for f in dataclasses.fields(cls)]
        if not isinstance(content, dict) or sorted(content) != sorted(names):
            raise FormatError(f"{where} does not hold the settings of a run: {', '.join(names)}.")
        if not isinstance(content["hidden"], list):
            raise FormatError(f"{where}: hidden should be a list; got {content['hidden']!r}.")
        return cls(**{**content, "hidden": tuple(content["hidden"])})


RECIPES: dict[str, dict[str, Any]] = {
    "spiral": {"hidden": (10,), "epochs": 300, "batch_size": 30, "lr": 1.0},
}
"""Where a data set's defaults differ from MNIST's: the second book's, chapter 1."""
