"""How raw examples become input rows of a net, and the names of its classes."""

from __future__ import annotations

import dataclasses
import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from mitbadak.core.arrays import as_array
from mitbadak.core.errors import FormatError, ShapeError
from mitbadak.core.typing import Array, Float
from mitbadak.data.batches import Dataset
from mitbadak.data.picture_form import PictureForm

KINDS = ("images", "table", "points")
MOST_SHOWN = 5  # columns listed in a message


def _later(default: Any, read: Callable[[Any], Any] | None = None) -> Any:
    """A field that models of earlier versions lack, for which the default is right.

    Args:
        default: the value for them.
        read: makes the field's value from its JSON value, and raises a ``FormatError`` that names
            what is wrong; by default lists become tuples.
    """
    return field(default=default, metadata={"later": True, **({"read": read} if read else {})})


def _tuple_of_list(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _as_json(value: Any) -> Any:
    """A field as a JSON value: dataclasses become objects, tuples lists."""
    if dataclasses.is_dataclass(value):
        return {f.name: _as_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
    return [_as_json(v) for v in value] if isinstance(value, tuple) else value


@dataclass(frozen=True)
class Preparation:
    """How the examples of a data set were prepared, so that new ones can be prepared alike.

    It is stored with the net. The columns of a table, for instance, are standardized for
    ``predict`` by the mean and spread of the training set, not by those of the new rows.

    Attributes:
        kind: ``images``, ``table`` (named columns) or ``points``.
        shape: shape of one image, (height, width), or (height, width, 3) in color.
        divisor: number that all entries are divided by, such as 255 for pixels; None for none.
        columns: names of the inputs, in order.
        label: name of the label column.
        mean, std: mean and standard deviation of each column over the training set; empty if
            nothing was standardized.
        constant: columns that never vary in the training set; their std is 1.
        classes: name of each class, by index; empty for real targets.
        target_mean, target_std: mean and standard deviation of each real target over the training
            set, by which targets were standardized; empty if they were not.
        pictures: the form of images, into which new pictures are brought; None for all else, and
            in models of earlier versions.

    Example:
        >>> iris = Preparation("table", columns=("length", "width"), label="species",
        ...                    mean=(5.0, 3.0), std=(2.0, 0.5), classes=("setosa", "virginica"))
        >>> iris.rows(np.array([[7.0, 3.0]]))
        array([[1., 0.]], dtype=float32)
        >>> Preparation.from_config(iris.to_config(), "here") == iris
        True
    """

    kind: str
    shape: tuple[int, ...] = ()
    divisor: float | None = None
    columns: tuple[str, ...] = ()
    label: str = ""
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    constant: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    target_mean: tuple[float, ...] = _later(())
    target_std: tuple[float, ...] = _later(())
    pictures: PictureForm | None = _later(None, PictureForm.read)  # noqa: RUF009 - a field

    @property
    def n_in(self) -> int | None:
        """Number of inputs per example, if known."""
        if self.shape:
            return math.prod(self.shape)
        return len(self.columns) or len(self.mean) or None

    def rows(self, x, dtype: DTypeLike = np.float32) -> Float[Array, "batch n_in"]:
        """Raw examples as input rows for the net.

        Args:
            x: shape (batch, ...): pixels, or the columns of a table in their order.
            dtype: dtype of the result; numbers too large for it become infinite.

        Raises:
            ShapeError: the examples have another number of entries than in training.
        """
        x = as_array("Preparation.rows", "x", x)
        rows = x.reshape(len(x), math.prod(x.shape[1:]))
        if self.n_in is not None and rows.shape[1] != self.n_in:
            raise ShapeError(
                f"expected examples of {self.n_in} numbers, as in training; got {x.shape}."
            )
        rows = rows.astype(np.float64)  # a copy, so that in-place operations are safe
        with np.errstate(over="ignore", invalid="ignore"):
            if self.divisor is not None:
                rows /= self.divisor
            if self.mean:
                rows -= self.mean
                rows /= self.std
            return rows.astype(dtype)

    def describe(self) -> str:
        """The preparation in words, for the user.

        Example:
            >>> print(Preparation("images", shape=(28, 28), divisor=255).describe())
            images of 28 x 28, divided by 255
            >>> print(Preparation("table", columns=("a", "b"), mean=(0.5, 3.0), std=(0.2, 1.0),
            ...                   constant=("b",)).describe())
            2 columns standardized by the training set's mean and spread ('b' never varies there)
        """
        if self.shape:
            subject = f"{self.kind} of {' x '.join(map(str, self.shape))}"
            form = "" if self.pictures is None else self.pictures.describe()
            subject += f" ({form})" if form else ""
        elif self.n_in is None:
            subject = self.kind
        else:
            word = "column" if self.kind == "table" else "input"
            subject = f"{self.n_in} {word}{'s' * (self.n_in != 1)}"
        if self.mean:
            note = f" ({_never_varying(self.constant)} there)" if self.constant else ""
            return f"{subject} standardized by the training set's mean and spread{note}"
        if self.divisor is not None:
            return f"{subject}, divided by {self.divisor:g}"
        return f"{subject}, as they are"

    def to_config(self) -> dict[str, Any]:
        """The fields as JSON values, for ``from_config``."""
        return _as_json(self)

    @classmethod
    def from_config(cls, config: Any, where: str) -> Preparation:
        """The preparation that ``to_config`` described.

        Args:
            config: the value from the file.
            where: name of the file, for messages.

        Raises:
            FormatError: the value does not describe a preparation.
        """
        fields = {f.name: f for f in dataclasses.fields(cls)}
        needed = {name for name, f in fields.items() if "later" not in f.metadata}
        if not isinstance(config, Mapping) or not needed <= set(config) <= set(fields):
            raise FormatError(f"{where} does not say how its examples were prepared.")
        values: dict[str, Any] = {
            name: fields[name].default for name in fields if name not in config
        }
        for name, value in config.items():
            read = fields[name].metadata.get("read", _tuple_of_list)
            values[name] = read(value)
        problem = _problem(values)
        if problem:
            raise FormatError(f"{where}: the preparation of its examples is invalid: {problem}.")
        return cls(**values)


@dataclass(frozen=True)
class Source:
    """A data set that is ready for training.

    Attributes:
        train, test: the training set and the test set.
        preparation: how their rows were made from raw examples.
        fingerprint: identifies the content: SHA-256 of the files, or how the set was generated.
        validation: the validation set, where the data come with one.
        notes: what was found and decided while reading, for the user.
    """

    train: Dataset
    test: Dataset
    preparation: Preparation
    fingerprint: str
    validation: Dataset | None = None
    notes: tuple[str, ...] = ()


def _never_varying(constant: tuple[str, ...]) -> str:
    shown = ", ".join(map(repr, constant[:MOST_SHOWN]))
    more = len(constant) - MOST_SHOWN
    if more > 0:
        shown += f" and {more} more"
    return f"{shown} never {'varies' if len(constant) == 1 else 'vary'}"


def _problem(values: dict[str, Any]) -> str:
    """The first problem with the fields of a preparation from a file, or ""."""
    if values["kind"] not in KINDS:
        return f"kind {values['kind']!r}"
    if not isinstance(values["label"], str):
        return f"label {values['label']!r}"
    entry_types = {
        "shape": int,
        "columns": str,
        "mean": (int, float),
        "std": (int, float),
        "target_mean": (int, float),
        "target_std": (int, float),
        "constant": str,
        "classes": str,
    }
    for name, kind in entry_types.items():
        entries = values[name]
        if not isinstance(entries, tuple) or not all(
            isinstance(v, kind) and not isinstance(v, bool) for v in entries
        ):
            return f"{name} {entries!r}"
    divisor = values["divisor"]
    numbers = [n for name in ("mean", "std", "target_mean", "target_std") for n in values[name]]
    numbers += [] if divisor is None else [divisor]
    if not all(isinstance(v, (int, float)) and abs(v) <= sys.float_info.max for v in numbers):
        return "a number that is not finite"
    above_0 = [*values["std"], *values["target_std"], *values["shape"]]
    if any(v <= 0 for v in [*above_0, 1 if divisor is None else divisor]):
        return "a spread, side or divisor that is not above 0"
    if len(values["mean"]) != len(values["std"]) or (
        values["mean"] and values["columns"] and len(values["mean"]) != len(values["columns"])
    ):
        return "different numbers of means, spreads and columns"
    if len(values["target_mean"]) != len(values["target_std"]):
        return "different numbers of means and spreads of targets"
    sides = values["shape"]
    form = values["pictures"]
    has_color = form is not None and form.color == "rgb"
    if values["kind"] == "images" and (len(sides) != 2 + has_color or sides[2:] not in ((), (3,))):
        return f"images of shape {sides!r:.60}"
    if form is not None and (values["kind"] != "images" or form.box > min(sides)):
        return "a form of pictures that does not fit"
    if sides and values["mean"] and len(values["mean"]) != math.prod(sides):
        return "as many means as the shape has entries are needed"
    return ""
