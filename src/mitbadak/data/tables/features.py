"""How a column of a table becomes features for a net, so that new cells are encoded alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mitbadak.core.typing import Array, Float64
from mitbadak.data.tables.cells import AUTOMATIC, Marks, kind_of
from mitbadak.data.tables.columns import Column
from mitbadak.data.tables.dates import date, dates
from mitbadak.data.tables.numbers import PLAIN, NumberForm, number_forms
from mitbadak.data.tables.selection import frequent_kinds
from mitbadak.data.targets import number

OTHER, MISSING = "other", "missing"


@dataclass(frozen=True)
class ColumnEncoder:
    """How one column becomes features.

    A number or a date is one feature; a text is one feature of 0 or 1 for each kind. One more
    feature is 1 where a value is missing, if any was in the training set; in place of the number
    then stands the mean. Missing texts are otherwise taken for the most frequent kind.

    Attributes:
        name: of the column.
        form: how its numbers are written; None if it does not hold numbers.
        order: the order of the parts of its dates; "" if it does not hold dates.
        either_way: whether day and month could change places in all dates of the training file.
        parentheses: whether some of its negative numbers stood in parentheses.
        kinds: its kinds of text, the most frequent first; none for numbers and dates.
        other: whether there is a feature for the kinds that are rare. A new kind counts as one of
            them; where there is no such feature, it has 0 for every kind.
        missing: whether there is a feature for missing values.
        fill: what stands in place of a missing number: the mean over the training set; None where
            missing numbers are refused.

    Example:
        >>> color = ColumnEncoder("color", kinds=("red", "blue"), missing=True)
        >>> color.features
        ('color=red', 'color=blue', 'color missing')
        >>> color.encode(color.values(["blue", "", "green"]))
        array([[0., 1., 0.],
               [0., 0., 1.],
               [0., 0., 0.]])
    """

    name: str
    form: NumberForm | None = None
    order: str = ""
    either_way: bool = False
    parentheses: bool = False
    kinds: tuple[str, ...] = ()
    other: bool = False
    missing: bool = False
    fill: float | None = None

    @property
    def is_text(self) -> bool:
        """Whether it holds neither numbers nor dates."""
        return self.form is None and not self.order

    @property
    def features(self) -> tuple[str, ...]:
        """The names of its features."""
        names = [f"{self.name}={kind}" for kind in self.kinds] if self.is_text else [self.name]
        names += [f"{self.name}={OTHER}"] * self.other + [f"{self.name} {MISSING}"] * self.missing
        return tuple(names)

    def values(self, cells: Sequence[str], marks: Marks = AUTOMATIC) -> np.ndarray:
        """Cells as values: numbers with NaN for missing ones; for texts the indices of their kinds,
        -1 for missing ones and the number of kinds for others.

        Numbers and dates may be written in another form than in training, all of them alike.

        Raises:
            ValueError: a cell is neither; it is the argument of the exception.
        """
        if self.is_text:
            return self._indices(cells, marks)
        present = [cell for cell in dict.fromkeys(cells) if cell not in marks]
        if self.form is None:
            tries = [lambda k=k: dates(cells, k, marks) for k in (self.order, "year-month-day")]
            fits = [cell for cell in present if date(cell, self.order) is not None]
        else:
            forms = [self.form, PLAIN, *number_forms(present)[:1]]
            tries = [lambda form=form: form.numbers(cells, marks) for form in forms]
            fits = [cell for cell in present if any(f.number(cell) is not None for f in forms)]
        for attempt in tries:
            values = attempt()
            if values is not None:
                if self.fill is None and np.isnan(values).any():
                    raise ValueError(next(cell for cell in cells if cell in marks))
                return values
        raise ValueError(next((cell for cell in present if cell not in fits), present[0]))

    def as_texts(self, cells: Sequence[str | float] | np.ndarray) -> list[str]:
        """Cells of a column of text that were given as numbers, as the texts they stand for.

        Other programs read 007 as the number 7; if that is the value of a single kind, it is meant.

        Example:
            >>> ColumnEncoder("agent", kinds=("007", "12", "none")).as_texts([7, "007", 12.0, 3])
            ['007', '007', '12', '3.0']
        """
        numbers = [number(kind) for kind in self.kinds]
        names = {
            value: kind
            for value, kind in zip(numbers, self.kinds, strict=True)
            if value is not None and numbers.count(value) == 1
        }
        return [
            cell if isinstance(cell, str)
            else "" if math.isnan(cell)
            else names.get(cell, repr(float(cell)))
            for cell in cells
        ]  # fmt: skip

    def _indices(self, cells: Sequence[str], marks: Marks) -> np.ndarray:
        known = {kind: k for k, kind in enumerate(self.kinds)}
        index = {}
        for cell in set(cells):
            kind = kind_of(cell)
            if kind not in known and kind in ("True", "False"):  # as Python writes them
                kind = kind.upper() if kind.upper() in known else kind.lower()
            missing = cell in marks and kind not in known
            index[cell] = -1 if missing else known.get(kind, len(known))
        return np.array([index[cell] for cell in cells], np.int64)

    def unexpected(self, values: np.ndarray) -> list[str]:
        """Whatever in ``values`` training did not meet, in words.

        Example:
            >>> color = ColumnEncoder("color", kinds=("red", "blue"))
            >>> for line in color.unexpected(color.values(["red", "", "green"])):
            ...     print(line)
            column 'color' lacks values, as it never did in training; they count as 'red'
            column 'color' holds texts that it did not hold in training
        """
        found = []
        absent = (values < 0) if self.is_text else np.isnan(values)
        if absent.any() and not self.missing:
            stand_in = repr(self.kinds[0]) if self.is_text else "the mean"
            found.append(
                f"column {self.name!r} lacks values, as it never did in training; they count as "
                f"{stand_in}"
            )
        if self.is_text and not self.other and (values >= len(self.kinds)).any():
            found.append(f"column {self.name!r} holds texts that it did not hold in training")
        return found

    def encode(self, values: np.ndarray) -> Float64[Array, "rows features"]:
        """What ``values`` returned as features."""
        x = np.zeros((len(values), len(self.features)))
        if self.is_text:
            absent = values < 0
            kinds = values if self.missing else np.where(absent, 0, values)
            columns = len(self.kinds) + self.other
            rows = np.flatnonzero((kinds >= 0) & (kinds < columns))
            x[rows, kinds[rows]] = 1
        else:
            absent = np.isnan(values)
            x[:, 0] = np.where(absent, np.nan if self.fill is None else self.fill, values)
        if self.missing:
            x[:, -1] = absent
        return x


def fit_encoder(column: Column, rows: np.ndarray) -> tuple[ColumnEncoder, np.ndarray]:
    """The encoder for a column, and all its values.

    Args:
        column: the column.
        rows: the rows of the training set; kinds and means are theirs.
    """
    if not column.is_text:
        values = column.numbers[rows]
        missing = np.isnan(values)
        fill = float(_mean(values[~missing])) if not missing.all() else 0.0
        encoder = ColumnEncoder(
            column.name, column.form, column.order, column.either_way, column.parentheses,
            missing=bool(missing.any()), fill=fill,
        )  # fmt: skip
        return encoder, column.numbers
    codes = column.codes[rows]
    kept, other = frequent_kinds(codes, len(column.texts))
    kinds = tuple(column.texts[k] for k in kept)
    index = np.full(len(column.texts) + 1, len(kept))
    index[kept], index[-1] = np.arange(len(kept)), -1
    encoder = ColumnEncoder(column.name, kinds=kinds, other=other, missing=bool((codes < 0).any()))
    return encoder, index[column.codes]


def _mean(values: np.ndarray) -> float:
    """The mean, without overflow."""
    largest = np.abs(values).max()
    return float((values / largest).mean() * largest) if largest else 0.0
