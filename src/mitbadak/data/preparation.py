"""How a raw example becomes a row of a net's input, and what the net's answers are called."""

from __future__ import annotations

import dataclasses
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from mitbadak.core.arrays import as_array
from mitbadak.core.errors import FormatError, ShapeError
from mitbadak.core.typing import Array, Float
from mitbadak.data.batches import Dataset

KINDS = ("images", "table", "points")
MOST_SHOWN = 5  # columns that a sentence names


@dataclass(frozen=True)
class Preparation:
    """What was done to the examples of a set, so that new ones can be treated alike.

    It is stored with a net: a table's column is standardized for ``predict`` by the mean and the
    spread of the training set, not by those of what is predicted.

    Attributes:
        kind: ``images`` (gray, light strokes on dark), ``table`` (named columns) or ``points``.
        shape: of one image, (height, width).
        divisor: what entries are divided by, such as 255 for pixels; None for none.
        columns: names of the inputs, in order.
        label: name of the column with the labels.
        mean, std: of each column over the training set; empty where nothing was standardized.
        constant: columns without any spread in the training set, whose std is given as 1.
        classes: what each class index stands for; empty for real targets.

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

    @property
    def n_in(self) -> int | None:
        """Numbers in one example, where that is said."""
        if self.shape:
            return math.prod(self.shape)
        return len(self.columns) or len(self.mean) or None

    def rows(self, x, dtype: DTypeLike = np.float32) -> Float[Array, "batch n_in"]:
        """Raw examples as the net takes them.

        Args:
            x: shape (batch, ...): pixels, or the columns of a table in their order.
            dtype: of the result; what is too large for it becomes infinite.

        Raises:
            ShapeError: another number of entries than the training examples had.
        """
        x = as_array("Preparation.rows", "x", x)
        rows = x.reshape(len(x), math.prod(x.shape[1:]))
        if self.n_in is not None and rows.shape[1] != self.n_in:
            raise ShapeError(
                f"expected examples of {self.n_in} numbers, as in training; got {x.shape}."
            )
        rows = rows.astype(np.float64)  # a copy, to be worked on in place
        with np.errstate(over="ignore", invalid="ignore"):
            if self.divisor is not None:
                rows /= self.divisor
            if self.mean:
                rows -= self.mean
                rows /= self.std
            return rows.astype(dtype)

    def said(self) -> str:
        """What was done, in words for the user.

        Example:
            >>> print(Preparation("images", shape=(28, 28), divisor=255).said())
            images of 28 x 28, divided by 255
            >>> print(Preparation("table", columns=("a", "b"), mean=(0.5, 3.0), std=(0.2, 1.0),
            ...                   constant=("b",)).said())
            2 columns standardized by the training set's mean and spread ('b' never varies there)
        """
        if self.shape:
            subject = f"{self.kind} of {' x '.join(map(str, self.shape))}"
        elif self.n_in is None:
            subject = self.kind
        else:
            word = "column" if self.kind == "table" else "input"
            subject = f"{self.n_in} {word}{'s' * (self.n_in != 1)}"
        if self.mean:
            still = f" ({_listed(self.constant)} there)" if self.constant else ""
            return f"{subject} standardized by the training set's mean and spread{still}"
        if self.divisor is not None:
            return f"{subject}, divided by {self.divisor:g}"
        return f"{subject}, as they are"

    def to_config(self) -> dict[str, Any]:
        """The same as JSON values, for ``from_config``."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in dataclasses.asdict(self).items()
        }

    @classmethod
    def from_config(cls, config: Any, where: str) -> Preparation:
        """What ``to_config`` gave.

        Raises:
            FormatError: anything else; ``where`` names the file.
        """
        if not isinstance(config, Mapping) or set(config) != {
            f.name for f in dataclasses.fields(cls)
        }:
            raise FormatError(f"{where} does not say how its examples were prepared.")
        values: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in config.items()
        }
        problem = _problem(values)
        if problem:
            raise FormatError(f"{where}: how its examples were prepared makes no sense: {problem}.")
        return cls(**values)


@dataclass(frozen=True)
class Source:
    """A data set ready to be trained on.

    Attributes:
        train, test: its two parts.
        preparation: how their rows came from raw examples.
        fingerprint: changes when the content does: SHA-256 of the files, or how it was made.
    """

    train: Dataset
    test: Dataset
    preparation: Preparation
    fingerprint: str


def _listed(constant: tuple[str, ...]) -> str:
    shown = ", ".join(map(repr, constant[:MOST_SHOWN]))
    more = len(constant) - MOST_SHOWN
    if more > 0:
        shown += f" and {more} more"
    return f"{shown} never {'varies' if len(constant) == 1 else 'vary'}"


def _problem(values: dict[str, Any]) -> str:
    """What is wrong with the fields of a preparation from a file, or ""."""
    if values["kind"] not in KINDS:
        return f"kind {values['kind']!r}"
    if not isinstance(values["label"], str):
        return f"label {values['label']!r}"
    wanted = {
        "shape": int,
        "columns": str,
        "mean": (int, float),
        "std": (int, float),
        "constant": str,
        "classes": str,
    }
    for name, kind in wanted.items():
        found = values[name]
        if not isinstance(found, tuple) or not all(
            isinstance(v, kind) and not isinstance(v, bool) for v in found
        ):
            return f"{name} {found!r}"
    divisor = values["divisor"]
    numbers = [*values["mean"], *values["std"], *([] if divisor is None else [divisor])]
    if not all(isinstance(v, (int, float)) and abs(v) <= sys.float_info.max for v in numbers):
        return "a number that is not finite"
    if any(v <= 0 for v in [*values["std"], *values["shape"], 1 if divisor is None else divisor]):
        return "a spread, side or divisor that is not above 0"
    if len(values["mean"]) != len(values["std"]) or (
        values["mean"] and values["columns"] and len(values["mean"]) != len(values["columns"])
    ):
        return "means, spreads and columns of different numbers"
    sides = values["shape"]
    if values["kind"] == "images" and len(sides) != 2:
        return f"images of shape {sides!r:.60}"
    if sides and values["mean"] and len(values["mean"]) != math.prod(sides):
        return "means and sides of different numbers"
    return ""
