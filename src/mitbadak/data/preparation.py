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

from mitbadak.core.arguments import explained
from mitbadak.core.arrays import as_array
from mitbadak.core.concise import brief_text
from mitbadak.core.errors import FormatError, ShapeError
from mitbadak.core.typing import Array, Float, Float64
from mitbadak.data.picture_form import PictureForm
from mitbadak.data.tables.encoder import TableEncoder
from mitbadak.data.targets import number

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


@explained
@dataclass(frozen=True, repr=False)
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
        float_pixels: raw pixels are floats in the range of the divisor, as they were in training;
            otherwise they are whole numbers.
        target_mean, target_std: mean and standard deviation of each real target over the training
            set, by which targets were standardized; empty if they were not.
        table: how a table was read, and how its columns became the inputs; None if all of its
            columns are numbers and inputs.
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
    float_pixels: bool = _later(False)
    target_mean: tuple[float, ...] = _later(())
    target_std: tuple[float, ...] = _later(())
    table: TableEncoder | None = _later(None, TableEncoder.read)  # noqa: RUF009 - a field
    pictures: PictureForm | None = _later(None, PictureForm.read)  # noqa: RUF009 - a field

    @property
    def n_in(self) -> int | None:
        """Number of inputs per example, if known."""
        if self.shape:
            return math.prod(self.shape)
        return len(self.columns) or len(self.mean) or None

    def rows(self, x: Any, dtype: DTypeLike = np.float32) -> Float[Array, "batch n_in"]:
        """Raw examples as input rows for the net.

        Args:
            x: shape (batch, ...): pixels, or the cells of a table in the order of its columns.
                Tables are also read from a dict or data frame with columns by name; their cells
                may be text, dates or None, as in the file.
            dtype: dtype of the result; numbers too large for it become infinite.

        Raises:
            ShapeError: the examples have another number of entries than in training.
            FormatError: a column of the table is missing, or a cell is not of its kind.
        """
        by_name = isinstance(x, Mapping) or hasattr(x, "columns")
        table = self.table
        if table is None and self.columns and by_name:
            table = TableEncoder.of_numbers(self.columns)
        if table is not None:
            return self.scaled(table.encode(x), dtype)
        x = as_array("Preparation.rows", "x", x)
        if x.ndim == 0:
            raise ShapeError("expected examples, one in each row; got a single number.")
        rows = x.reshape(len(x), math.prod(x.shape[1:]))
        if self.n_in is not None and rows.shape[1] != self.n_in:
            raise ShapeError(
                f"expected examples of {self.n_in} numbers, as in training; got {x.shape}."
            )
        return self.scaled(rows.astype(np.float64), dtype)

    def scaled(
        self, rows: Float64[Array, "batch n_in"], dtype: DTypeLike = np.float32
    ) -> Float[Array, "batch n_in"]:
        """Rows divided and standardized, as the last step of ``rows``.

        Args:
            rows: numbers, which are changed in place.
            dtype: dtype of the result; numbers too large for it become infinite.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            if self.divisor is not None:
                rows /= self.divisor
            if self.mean:
                rows -= self.mean
                rows /= self.std
            return rows.astype(dtype)

    def columns_of(self, rows: Any) -> Float[Array, "batch n_in"]:
        """Rows of the net as the columns that they came from: ``rows`` undone.

        Args:
            rows: shape (batch, n_in).

        Example:
            >>> Preparation("table", mean=(10.0,), std=(2.0,)).columns_of(np.array([[1.5]]))
            array([[13.]])
        """
        columns = np.array(rows, np.float64)
        if self.mean:
            columns = columns * self.std + self.mean
        return columns if self.divisor is None else columns * self.divisor

    def targets(self, t: Any) -> Float64[Array, "batch outputs"]:
        """Real targets in their own units as the net learns them.

        Args:
            t: shape (batch,) or (batch, outputs).

        Raises:
            ShapeError: the targets have another number of values than in training.

        Example:
            >>> prices = Preparation("table", target_mean=(200.0,), target_std=(50.0,))
            >>> prices.targets([250.0, 200.0])
            array([[1.],
                   [0.]])
        """
        rows = np.atleast_1d(np.array(t, np.float64))
        rows = rows.reshape(len(rows), math.prod(rows.shape[1:]))
        if self.target_mean and rows.shape[1] != len(self.target_mean):
            raise ShapeError(
                f"expected targets of {len(self.target_mean)} numbers, as in training; got "
                f"{np.shape(t)}."
            )
        return (rows - self.target_mean) / self.target_std if self.target_mean else rows

    def in_own_units(self, y: Any) -> Float[Array, "*batch outputs"]:
        """A net's answers, or standardized targets, in the units that the targets came in.

        Args:
            y: shape (..., outputs).

        Returns:
            float64, whose digits suffice for a small spread around a large mean; ``y`` itself where
            targets were not standardized.

        Example:
            >>> prices = Preparation("table", target_mean=(200.0,), target_std=(50.0,))
            >>> prices.in_own_units(np.array([[-1.0]], np.float32))
            array([[150.]])
        """
        y = as_array("Preparation.in_own_units", "y", y)
        if not self.target_mean:
            return y
        return y * np.asarray(self.target_std) + np.asarray(self.target_mean)

    def __repr__(self) -> str:
        return f"Preparation({self.kind}: {brief_text(self.describe())})"

    def describe(self) -> str:
        """The preparation in words, for the user.

        Example:
            >>> print(Preparation("images", shape=(28, 28), divisor=255).describe())
            images of 28 x 28, divided by 255
            >>> print(Preparation("table", columns=("a", "b"), mean=(0.5, 3.0), std=(0.2, 1.0),
            ...                   constant=("b",)).describe())
            2 columns standardized by the training set's mean and spread ('b' never varies there)
        """
        inputs = self._described_inputs()
        return f"{inputs}; targets{self._described_targets()}" if self.target_mean else inputs

    def _described_inputs(self) -> str:
        if self.table is not None:
            return self._describe_table(self.table)
        if self.shape:
            height, width = self.shape[:2] if self.kind == "images" else (0, 0)
            sides = (width, height) if self.kind == "images" else self.shape
            subject = f"{self.kind} of {' x '.join(map(str, sides))}"
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

    def _described_targets(self) -> str:
        if len(self.target_mean) != 1:
            return " standardized too"
        name = f" {self.label!r}" if self.label else ""
        (mean,), (std,) = self.target_mean, self.target_std
        return f"{name} standardized too (mean {mean:.4g}, spread {std:.4g})"

    def _describe_table(self, table: TableEncoder) -> str:
        """What is predicted from what, with the flags that change it."""
        parts = [
            described_targets(repr(self.label), self.classes, table.label_form),
            f"from {table.describe()}",
        ]
        if table.unlabeled:
            rows = "row" if table.unlabeled == 1 else "rows"
            parts.append(f"{table.unlabeled:,} {rows} without {self.label!r} left out")
        if any(not column.is_text for column in table.columns):
            note = f" ({_never_varying(self.constant)} there)" if self.constant else ""
            parts.append(f"numbers standardized by the training set's mean and spread{note}")
        return f"{parts[0]} {'; '.join(parts[1:])}"

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


def described_targets(label: str, classes: tuple[str, ...], form: str = "") -> str:
    """What a net on a table or on arrays learns to predict, with the flag that changes it.

    Args:
        label: the column or array that holds the labels.
        classes: name of each class; empty for numbers.
        form: how its numbers are written, in words.

    Example:
        >>> print(described_targets("'price'", (), "decimal commas"))
        predicts the numbers in 'price' (targets='classes' takes them as classes; decimal commas)
    """
    written = f"; {form}" if form else ""
    if not classes:
        return f"predicts the numbers in {label} (targets='classes' takes them as classes{written})"
    numeric = all(number(name) is not None for name in classes)
    flag = "; targets='numbers' predicts the numbers" if numeric else ""
    return f"predicts {label} ({len(classes)} classes{flag}{written})"


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
    if not isinstance(values["float_pixels"], bool):
        return f"float_pixels {values['float_pixels']!r}"
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
    table = values["table"]
    if table is not None and (values["kind"] != "table" or values["columns"] != table.features):
        return "other columns than those of its table"
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
