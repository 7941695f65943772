"""The settings of a training run, declared once for Python, the run file and the flags."""

from __future__ import annotations

import dataclasses
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mitbadak.core.engines import ENGINES
from mitbadak.core.errors import FormatError, RangeError, positive, share, unknown_name, whole
from mitbadak.core.files import local_path
from mitbadak.data import NAMED
from mitbadak.data.batches import SAMPLINGS
from mitbadak.data.images.options import FIRST_CLASSES, ORIENTATIONS, TONES, PictureOptions
from mitbadak.data.picture_form import COLORS, PAPERS
from mitbadak.data.table import TABLE_ENDINGS
from mitbadak.nn.activations import ACTIVATIONS
from mitbadak.nn.heads import HEADS
from mitbadak.nn.initializers import initializer
from mitbadak.nn.layer import float_dtype
from mitbadak.optim import OPTIMIZERS, PLAIN_SCHEDULES
from mitbadak.training.updates import GRADIENTS

WATCHED = ("validation", "test")
TARGETS = ("auto", "classes", "numbers")
WITHOUT_VALIDATION = (
    "train: early_stopping watches the validation set, and validation is 0. Hold out a share "
    "(validation 0.1), or watch the test set as the notes do (watch test); its accuracy then no "
    "longer measures unseen data."
)
EARLIER_PICTURES = {"tone": "keep", "first_class": "0", "orientation": "upright", "paper": "white"}
"""How pictures were read before there were settings for that."""
LEAST = {
    "epochs": 0, "batch_size": 1, "seed": 0, "early_stopping": 0, "warmup": 0, "shift": 0,
}  # fmt: skip


def _setting(default: Any, help: str, **more: Any) -> Any:
    return field(default=default, metadata={"help": help, **more})


def _later(default: Any, help: str, **more: Any) -> Any:
    """A setting that run folders of earlier versions lack; they were trained with its default."""
    return _setting(default, help, later=True, **more)


@dataclass(frozen=True)
class TrainConfig:
    """Every setting of ``mitbadak train``; the defaults are the notes'.

    Raises:
        UnknownNameError: an unknown name, with the nearest known one.
        RangeError: a number out of range.

    Example:
        >>> settings = TrainConfig.for_data("spiral", epochs=10)
        >>> settings.hidden, settings.epochs, settings.batch_size, settings.lr
        ((10,), 10, 30, 1.0)
    """

    data: str = _setting("mnist", "data set: a name, or the path of a file or folder")
    hidden: tuple[int, ...] = _setting((50,), "widths of the hidden layers, such as 50 or 50,100")
    epochs: int = _setting(17, "passes over the training set")
    batch_size: int = _setting(100, "examples per update")
    lr: float = _setting(0.1, "learning rate")
    optimizer: str = _setting("sgd", "update rule", known=tuple(OPTIMIZERS))
    activation: str = _setting(
        "sigmoid", "activation function of the hidden layers", known=tuple(ACTIVATIONS)
    )
    loss: str = _setting("softmax_cross_entropy", "loss function", known=tuple(HEADS))
    init: str = _setting(
        "auto", "initial weights: auto, xavier, he, zeros, or a standard deviation"
    )
    seed: int = _setting(
        0, "seed for the initial weights, the validation split and the batch order"
    )
    engine: str = _setting("auto", "compute engine", known=ENGINES)
    gradient: str = _setting(
        "backprop",
        "how gradients are computed: by backpropagation or by numerical differentiation",
        known=GRADIENTS,
    )
    sampling: str = _setting(
        "shuffle", "how batches are drawn: from the shuffled training set, or with replacement as "
        "in the book",
        known=tuple(SAMPLINGS),
    )  # fmt: skip
    validation: float = _setting(0.0, "share of the training set that is held out for validation")
    early_stopping: int = _setting(
        0, "stop after this many epochs without improvement and restore the best weights; 0: never"
    )
    watch: str = _setting("validation", "data set that early stopping watches", known=WATCHED)
    dtype: str = _setting("float32", "dtype of the parameters", known=("float32", "float64"))
    label: str = _later("", "column of a table that is to be predicted; by default the last one")
    targets: str = _later(
        "auto", "what the labels in a file are: classes, or real numbers to predict; auto means "
        "numbers where the loss is one for regression", known=TARGETS,
    )  # fmt: skip
    test_share: float = _later(
        0.2, "share that becomes the test set, for data without one of their own"
    )
    schedule: str = _later(
        "constant", "schedule of the learning rate", known=tuple(PLAIN_SCHEDULES)
    )
    warmup: int = _later(0, "number of updates over which the learning rate rises to lr")
    l2: float = _later(0.0, "L2 penalty: l2 / 2 times the sum of the squared weights")
    l1: float = _later(0.0, "L1 penalty: l1 times the sum of the absolute weights")
    clip_norm: float = _later(
        0.0, "largest norm of a gradient, to which longer ones are scaled down; 0: no limit"
    )
    dropout: float = _later(
        0.0, "share of the hidden units that dropout switches off in each update"
    )
    batch_norm: bool = _later(False, "batch normalization of the hidden layers")
    shift: int = _later(0, "shift training images at random by up to this many pixels")
    size: str = _later(
        "auto", "pixels to which the pictures of a folder are scaled, such as 28 or 32x24; auto "
        "means their own size if they agree, and 28"
    )  # fmt: skip
    color: str = _later("gray", "colors of the pictures of a folder", known=COLORS)
    paper: str = _later(
        "auto", "what transparent pixels are put on; auto means white unless that would hide light "
        "drawings", known=PAPERS,
    )  # fmt: skip
    tone: str = _later(
        "auto", "whether the pictures of a folder are inverted; auto means where all are dark "
        "drawings on light paper", known=TONES,
    )  # fmt: skip
    center: bool = _later(
        False, "cut the ink of each picture of a folder out, and center it like MNIST's digits"
    )
    orientation: str = _later(
        "auto", "how images in IDX files lie; auto means transposed if they are named like "
        "EMNIST's", known=ORIENTATIONS,
    )  # fmt: skip
    first_class: str = _later(
        "auto", "label of the first class in IDX files; auto means the smallest",
        known=FIRST_CLASSES,
    )  # fmt: skip

    def __post_init__(self) -> None:
        for setting in dataclasses.fields(self):
            known = setting.metadata.get("known")
            if known and getattr(self, setting.name) not in known:
                raise unknown_name(setting.name, getattr(self, setting.name), known)
        widths = tuple(whole("train", "hidden", n) for n in self.hidden)
        object.__setattr__(self, "hidden", widths)
        if self._names_nothing():
            raise unknown_name("data", self.data, NAMED)
        for name in ("data", "label"):
            if not isinstance(getattr(self, name), str):
                raise RangeError(f"train: {name} must be text; got {getattr(self, name)!r}.")
        for name, least in LEAST.items():
            object.__setattr__(self, name, whole("train", name, getattr(self, name), least=least))
        object.__setattr__(self, "lr", positive("train", "lr", self.lr))
        for name in ("validation", "test_share", "dropout"):
            object.__setattr__(self, name, share("train", name, getattr(self, name)))
        for name in ("l2", "l1", "clip_norm"):
            value = getattr(self, name)
            if value != 0 or isinstance(value, bool):
                object.__setattr__(self, name, positive("train", name, value))
        if not isinstance(self.batch_norm, bool):
            raise RangeError(f"train: batch_norm must be true or false; got {self.batch_norm!r}.")
        float_dtype("train", self.dtype)
        if self.init != "auto":
            initializer(self.init)
        watches_nothing = self.watch == "validation" and not self.validation
        if self.early_stopping and watches_nothing and not self._is_folder:  # which may hold one
            raise RangeError(WITHOUT_VALIDATION)
        _ = self.pictures  # which checks its settings

    def _names_nothing(self) -> bool:
        """Whether ``data`` is a word that names neither a data set nor a file or folder."""
        is_word = isinstance(self.data, str) and bool(re.fullmatch(r"[\w-]{1,100}", self.data))
        return is_word and self.data not in NAMED and not Path(local_path(self.data)).exists()

    @property
    def _is_folder(self) -> bool:
        return self.data not in NAMED and Path(local_path(self.data)).is_dir()

    @property
    def data_name(self) -> str:
        """The name of the data set, or of its file or folder, for titles and run folders.

        Example:
            >>> TrainConfig(data="flowers/iris.csv").data_name
            'iris'
        """
        return Path(self.data).stem or self.data

    @property
    def numbers(self) -> bool:
        """Whether the labels of a file are numbers (regression) rather than classes."""
        return self.targets == "numbers" or (
            self.targets == "auto" and HEADS[self.loss].for_regression
        )

    @property
    def pictures(self) -> PictureOptions:
        """How pictures are to be read."""
        names = [field.name for field in dataclasses.fields(PictureOptions)]
        return PictureOptions(**{name: getattr(self, name) for name in names})

    @classmethod
    def for_data(cls, data: str = "mnist", **given: Any) -> TrainConfig:
        """The notes' settings for a data set, replaced by those given that are not None."""
        chosen = {name: value for name, value in given.items() if value is not None}
        return cls(data=data, **{**recipe(data), **chosen})

    def to_json(self) -> str:
        """The settings as JSON, in the order of the flags."""
        return json.dumps(dataclasses.asdict(self), indent=2)

    @classmethod
    def from_dict(cls, content: Any) -> TrainConfig:
        """The settings in a dict that ``to_json`` wrote.

        Raises:
            FormatError: it is not such a dict.
        """
        names = [f.name for f in dataclasses.fields(cls)]
        needed = [f.name for f in dataclasses.fields(cls) if "later" not in f.metadata]
        if not isinstance(content, dict) or not set(needed) <= set(content) <= set(names):
            raise FormatError(f"it does not hold the settings of a run: {', '.join(names)}.")
        if isinstance(content["init"], (int, float)):  # a standard deviation
            content = {**content, "init": str(content["init"])}
        for setting in dataclasses.fields(cls):
            if setting.name not in content:
                continue
            value, (kinds, expected) = content[setting.name], _IN_JSON[type(setting.default)]
            good = isinstance(value, kinds) and (kinds == (bool,) or not isinstance(value, bool))
            if not good or (isinstance(value, list) and not all(type(n) is int for n in value)):
                raise FormatError(f"{setting.name} should be {expected}; got {value!r:.60}.")
        config = cls(**{**content, "hidden": tuple(content["hidden"])})
        is_earlier = "tone" not in content and config._is_folder
        return dataclasses.replace(config, **EARLIER_PICTURES) if is_earlier else config


_IN_JSON: dict[type, tuple[tuple[type, ...], str]] = {
    str: ((str,), "text"),
    int: ((int,), "a whole number"),
    float: ((int, float), "a number"),
    bool: ((bool,), "true or false"),
    tuple: ((list,), "a list of whole numbers"),
}
"""The types that JSON may hold for a setting, by the type of its default."""

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
TABLES: dict[str, Any] = {
    "epochs": 100, "batch_size": 32, "lr": 0.01, "optimizer": "adam", "activation": "relu",
}  # fmt: skip
"""The same for tables, which are usually smaller than MNIST."""


def recipe(data: str) -> dict[str, Any]:
    """The settings in which the defaults for a data set differ from MNIST's."""
    is_table = data.lower().endswith(TABLE_ENDINGS)
    return RECIPES.get(data, TABLES if is_table else {})
