"""The settings of a training run, declared once for Python, the run file and the flags."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Any, Literal

from mitbadak.core.arguments import explained
from mitbadak.core.concise import Concise
from mitbadak.core.engines import ENGINES
from mitbadak.core.errors import (
    FormatError,
    RangeError,
    StateError,
    not_negative,
    positive,
    share,
    unknown_name,
    whole,
)
from mitbadak.core.files import local_path
from mitbadak.data import NAMED, Source
from mitbadak.data.batches import SAMPLINGS
from mitbadak.data.images.options import FIRST_CLASSES, ORIENTATIONS, TONES, PictureOptions
from mitbadak.data.picture_form import COLORS, PAPERS
from mitbadak.data.scaled_targets import has_numbers
from mitbadak.data.tables import TableOptions
from mitbadak.data.tables.options import DATES, DECIMALS, DELIMITERS, WORDS
from mitbadak.nn.activations import ACTIVATIONS
from mitbadak.nn.heads import HEADS
from mitbadak.nn.initializers import INITIALIZERS, initializer
from mitbadak.nn.layer import float_dtype
from mitbadak.optim import OPTIMIZERS, PLAIN_SCHEDULES
from mitbadak.runs.earlier import earlier_settings
from mitbadak.runs.recipes import AUTO, Recipe, recipe_by_name, recipe_for
from mitbadak.training.history_file import MEASURES
from mitbadak.training.updates import GRADIENTS

WATCHED = ("validation", "test")
TARGETS = ("auto", "classes", "numbers")
NUMBERS: dict[str, Callable[[str, str, Any], float]] = {
    **dict.fromkeys(
        ("epochs", "seed", "early_stopping", "warmup", "shift"), partial(whole, least=0)
    ),
    **dict.fromkeys(("batch_size", "kernel", "pool"), whole),
    "lr": positive,
    **dict.fromkeys(("validation", "test_share", "dropout"), share),
    **dict.fromkeys(("l2", "l1", "clip_norm"), not_negative),
}
"""How each number is checked."""
WITHOUT_VALIDATION = (
    "train: early_stopping watches the validation set, and validation is 0. Hold out a share "
    "(validation=0.1), or watch the test set as the notes do (watch='test'); its accuracy then no "
    "longer measures unseen data."
)


def _setting(default: Any, help: str, **more: Any) -> Any:
    return field(default=default, metadata={"help": help, **more})


def _later(default: Any, help: str, **more: Any) -> Any:
    """A setting that run folders of earlier versions lack; they were trained with its default."""
    return _setting(default, help, later=True, **more)


@explained
@dataclass(frozen=True, repr=False)
class TrainConfig(Concise):
    """Every setting of ``mitbadak train``; the defaults are the notes'.

    For your own data, settings that are not chosen are ``"auto"`` until ``settled`` gives them
    values that suit the size and kind of the data.

    Raises:
        UnknownNameError: an unknown name, with the nearest known one.
        RangeError: a number out of range.

    Example:
        >>> settings = TrainConfig.for_data("spiral", epochs=10)
        >>> settings.hidden, settings.epochs, settings.batch_size, settings.lr
        ((10,), 10, 30, 1.0)
        >>> TrainConfig.for_data("flowers.csv", epochs=10).open_settings[:3]
        ('hidden', 'batch_size', 'lr')
    """

    data: str = _setting("mnist", "data set: a name, or the path of a file or folder")
    hidden: tuple[int, ...] | Literal["auto"] = _setting(
        (50,), "widths of the hidden layers, such as 50 or 50,100"
    )
    epochs: int | Literal["auto"] = _setting(17, "passes over the training set")
    batch_size: int | Literal["auto"] = _setting(100, "examples per update")
    lr: float | Literal["auto"] = _setting(0.1, "learning rate")
    optimizer: str = _setting("sgd", "update rule", known=tuple(OPTIMIZERS))
    activation: str = _setting(
        "sigmoid", "activation function of the hidden layers", known=tuple(ACTIVATIONS)
    )
    loss: str = _setting("softmax_cross_entropy", "loss function", known=tuple(HEADS))
    init: str = _setting(
        "auto", f"initial weights: auto, {', '.join(INITIALIZERS)}, or a standard deviation"
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
    validation: float | Literal["auto"] = _setting(
        0.0, "share of the training set that is held out for validation"
    )
    early_stopping: int | Literal["auto"] = _setting(
        0, "stop after this many epochs without improvement and restore the best weights; 0: never"
    )
    watch: str = _setting("validation", "data set that early stopping watches", known=WATCHED)
    dtype: str = _setting("float32", "dtype of the parameters", known=("float32", "float64"))
    label: str = _later("", "column of a table that is to be predicted; by default the last one")
    targets: str = _later(
        "auto", "what the labels in a file are; auto means what the loss is for, or else classes "
        "for text and few whole numbers", known=TARGETS,
    )  # fmt: skip
    test_share: float = _later(
        0.2, "share that becomes the test set, for data without one of their own"
    )
    schedule: str = _later(
        "constant", "schedule of the learning rate", known=tuple(PLAIN_SCHEDULES)
    )
    warmup: int = _later(0, "number of updates over which the learning rate rises to lr")
    l2: float | Literal["auto"] = _later(
        0.0, "L2 penalty: l2 / 2 times the sum of the squared weights"
    )
    l1: float = _later(0.0, "L1 penalty: l1 times the sum of the absolute weights")
    clip_norm: float = _later(
        0.0, "largest norm of a gradient, to which longer ones are scaled down; 0: no limit"
    )
    dropout: float = _later(
        0.0, "share of the hidden units that dropout switches off in each update"
    )
    conv: tuple[int, ...] = _later(
        (), "numbers of filters of convolutions before the hidden layers, such as 30 or 16,32; by "
        "default none; for images",
    )  # fmt: skip
    kernel: int = _later(5, "height and width of the filters of convolutions")
    pool: int = _later(
        2, "height and width of the windows of max pooling after each convolution; 1: no pooling"
    )
    batch_norm: bool = _later(False, "batch normalization of the hidden layers")
    shift: int = _later(0, "shift training images at random by up to this many pixels")
    best_by: str = _later(
        "accuracy", "measure by which early stopping finds the best epoch; without classes always "
        "the loss", known=MEASURES,
    )  # fmt: skip
    scale_targets: bool | Literal["auto"] = _later(
        False, "standardize real targets by the training set's mean and spread; answers come in "
        "their own units"
    )  # fmt: skip

    drop: str = _later("", "columns of a table to leave out, separated by commas; by default none")
    keep: str = _later(
        "",
        "columns of a table to use that would be left out, such as row numbers; * for all, by "
        "default none",
    )
    categories: str = _later("", "columns of a table whose numbers are categories; by default none")
    missing: str = _later(
        "auto", "what stands in cells of a table without a value, separated by commas; auto among "
        "it means NA, ?, #N/A and the like",
    )  # fmt: skip
    delimiter: str = _later(
        "auto", "what separates the cells of a table", known=("auto", *DELIMITERS)
    )
    decimal: str = _later(
        "auto", "decimal sign in the numbers of a table", known=("auto", *DECIMALS)
    )
    dates: str = _later(
        "auto",
        "order in dates of a table such as 2/3/2020; auto means as in its clear ones, or else "
        "month first between slashes only",
        known=("auto", *DATES),
    )
    encoding: str = _later("auto", "encoding of a table, such as cp949")
    header: str = _later(
        "auto",
        "number of the line of a table that holds the names of its columns, or first or none",
    )
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
        "auto", "label of the first class in IDX and .npz files; auto means the smallest",
        known=FIRST_CLASSES,
    )  # fmt: skip

    def __post_init__(self) -> None:
        self._check_table()
        is_open = self.open_settings
        for setting in dataclasses.fields(self):
            known = setting.metadata.get("known")
            if known and setting.name not in is_open and getattr(self, setting.name) not in known:
                raise unknown_name(setting.name, getattr(self, setting.name), known)
        if "hidden" not in is_open:
            widths = tuple(whole("train", "hidden", n) for n in self.hidden)
            object.__setattr__(self, "hidden", widths)
        filters = tuple(whole("train", "conv", n) for n in self.conv)
        object.__setattr__(self, "conv", filters)
        if self._names_nothing():
            raise unknown_name("data", self.data, NAMED)
        for name in ("data", "label"):
            if not isinstance(getattr(self, name), str):
                raise RangeError(f"train: {name} must be text; got {getattr(self, name)!r}.")
        for name, check in NUMBERS.items():
            if name not in is_open:
                object.__setattr__(self, name, check("train", name, getattr(self, name)))
        for name in ("batch_norm", "scale_targets"):
            if name not in is_open and not isinstance(getattr(self, name), bool):
                raise RangeError(
                    f"train: {name} must be true or false; got {getattr(self, name)!r}."
                )
        float_dtype("train", self.dtype)
        if self.init != "auto":
            initializer(self.init)
        stops = self.early_stopping and "early_stopping" not in is_open
        watches_nothing = self.watch == "validation" and not self.validation
        if stops and watches_nothing and not self._is_folder:  # which may hold one
            raise RangeError(WITHOUT_VALIDATION)
        _ = self.pictures  # which checks its settings

    def _check_table(self) -> None:
        """Check the settings of tables, and take signs by their names."""
        for name in WORDS:
            object.__setattr__(self, name, getattr(self.table, name))

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
    def table(self) -> TableOptions:
        """How a table is to be read."""
        return TableOptions(**{f.name: getattr(self, f.name) for f in fields(TableOptions)})

    @property
    def wanted_targets(self) -> str:
        """What the labels in a file are: ``classes`` or ``numbers`` if the settings say so, or
        ``auto``."""
        if self.targets != "auto" or self.loss == AUTO:
            return self.targets
        return "numbers" if HEADS[self.loss].for_regression else "classes"

    @property
    def open_settings(self) -> tuple[str, ...]:
        """The names of the settings that still wait for the data."""
        return tuple(name for name in Recipe._fields if getattr(self, name) == AUTO)

    def settled(self, source: Source) -> TrainConfig:
        """The same settings, with the open ones chosen to suit the data.

        Raises:
            RangeError: the loss of the settings is for classes, and the targets are numbers.

        Example:
            >>> from mitbadak.data import open_source
            >>> TrainConfig("moons", batch_size="auto").settled(open_source("moons")).batch_size
            8
        """
        is_open = self.open_settings
        if self.loss != AUTO and has_numbers(source) and not HEADS[self.loss].for_regression:
            raise RangeError(
                f"train: {self.loss} is a loss for classes, and the targets are numbers. Use "
                "loss='mean_squared_error' or huber, or targets='classes'."
            )
        if not is_open:
            return self
        chosen = {name: v for name, v in vars(self).items() if name not in is_open}
        recipe = recipe_for(source, chosen)
        return dataclasses.replace(self, **{name: getattr(recipe, name) for name in is_open})

    @property
    def recipe(self) -> Recipe:
        """The settings that are or were open.

        Raises:
            StateError: some still are; ``settled`` chooses them.
        """
        if self.open_settings:
            raise StateError(
                f"train: {', '.join(self.open_settings)} follow the data, which have not been read "
                "yet. Use config.settled(source)."
            )
        return Recipe(*(getattr(self, name) for name in Recipe._fields))

    @property
    def pictures(self) -> PictureOptions:
        """How pictures are to be read."""
        names = [field.name for field in dataclasses.fields(PictureOptions)]
        return PictureOptions(**{name: getattr(self, name) for name in names})

    @classmethod
    def for_data(cls, data: str = "mnist", **given: Any) -> TrainConfig:
        """The settings for a data set, replaced by those given that are not None.

        For the sets that have a name they are the notes'; for your own data they are open.
        """
        chosen = {name: value for name, value in given.items() if value is not None}
        return cls(data=data, **{**recipe_by_name(data, NAMED), **chosen})

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
            good = isinstance(value, kinds) and (
                value != AUTO or setting.name not in Recipe._fields
            )
            good = good and (kinds == (bool,) or not isinstance(value, bool))
            if not good or (isinstance(value, list) and not all(type(n) is int for n in value)):
                raise FormatError(f"{setting.name} should be {expected}; got {value!r:.60}.")
        lists = {name: tuple(v) for name, v in content.items() if isinstance(v, list)}
        config = cls(**{**content, **lists})
        earlier = earlier_settings(content, Path(local_path(config.data)))
        return dataclasses.replace(config, **earlier) if earlier else config


_IN_JSON: dict[type, tuple[tuple[type, ...], str]] = {
    str: ((str,), "text"),
    int: ((int,), "a whole number"),
    float: ((int, float), "a number"),
    bool: ((bool,), "true or false"),
    tuple: ((list,), "a list of whole numbers"),
}
"""The types that JSON may hold for a setting, by the type of its default."""
