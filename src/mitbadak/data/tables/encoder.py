"""How a table was read and encoded, so that new rows are read and encoded alike."""

from __future__ import annotations

import codecs
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mitbadak.core.errors import FormatError, brief, several
from mitbadak.core.typing import Array, Float64
from mitbadak.core.warned import warn
from mitbadak.data.stored_fields import (
    count,
    one_of,
    read_fields,
    real,
    text,
    tuple_of,
    yes_or_no,
)  # fmt: skip
from mitbadak.data.tables.cells import ERRORS, NO_VALUE, Marks, marks_of
from mitbadak.data.tables.dates import DAY_FIRST, MONTH_FIRST, ORDERS
from mitbadak.data.tables.dialect import NAMES, Dialect
from mitbadak.data.tables.features import ColumnEncoder
from mitbadak.data.tables.given import columns_of
from mitbadak.data.tables.numbers import PARENTHESES, PLAIN, NumberForm
from mitbadak.data.tables.options import AUTO, MOST_SKIPPED, split_names

MOST_FEATURES = 100_000
DROPPED = "dropped"  # the reason for what the user left out
MOST_SHOWN = 5  # columns listed in a description


@dataclass(frozen=True)
class TableEncoder:
    """How a table was read, and how its columns became the features of a net.

    Attributes:
        dialect: how the file held it.
        columns: the columns that are inputs, in the order of the file.
        left_out: the other ones besides the label, with the reasons.
        missing: what stands for a missing value, as in ``TableOptions``.
        unlabeled: number of rows that had no label.
        label_form: how the numbers in the label column are written, in words; "" for plain ones.

    Example:
        >>> encoder = TableEncoder(Dialect(), (ColumnEncoder("size", PLAIN, fill=3.5),
        ...                                    ColumnEncoder("color", kinds=("red", "blue"))))
        >>> encoder.features
        ('size', 'color=red', 'color=blue')
        >>> encoder.encode({"color": ["blue", "red"], "size": [3, 4]})
        array([[3., 0., 1.],
               [4., 1., 0.]])
    """

    dialect: Dialect
    columns: tuple[ColumnEncoder, ...]
    left_out: tuple[tuple[str, str], ...] = ()
    missing: str = AUTO
    unlabeled: int = 0
    label_form: str = ""

    @classmethod
    def of_numbers(cls, names: Sequence[str]) -> TableEncoder:
        """The encoder of a table whose inputs are plain numbers."""
        return cls(Dialect(), tuple(ColumnEncoder(name, PLAIN) for name in names))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns that are inputs."""
        return tuple(column.name for column in self.columns)

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the features."""
        return tuple(name for column in self.columns for name in column.features)

    @property
    def is_scaled(self) -> np.ndarray:
        """Whether each feature is a number or a date, which is standardized; the others are 0 or 1,
        and stay so. Bool (features,)."""
        flags = [k == 0 and not c.is_text for c in self.columns for k in range(len(c.features))]
        return np.array(flags, bool)

    def encode(self, x: Any) -> Float64[Array, "rows features"]:
        """Rows given in Python as features.

        Args:
            x: rows of cells in the order of ``names``; or columns by name, in a dict or in an
                object with ``columns`` such as a data frame; columns that are no inputs are
                ignored. Cells are numbers, texts as in the file, dates, or None.

        Raises:
            ShapeError: the rows have another number of cells.
            FormatError: a column is missing, or a cell is not of the column's kind.
        """
        return self.encode_cells(columns_of(x, self.names))

    def encode_cells(
        self, cells: Mapping[str, Any], where: str = "", before: int = 0
    ) -> Float64[Array, "rows features"]:
        """The same for columns of text, or of numbers.

        Args:
            cells: for each column its cells: a list of text, or an array of numbers.
            where: the file, for messages.
            before: number of rows of the file above these.

        Raises:
            FormatError: a cell is not of the column's kind; the message says where.

        Warns:
            MitbadakWarning: a column lacks values or holds texts, as it never did in training.
        """
        parts, unexpected, unfit = [], [], []
        for column in self.columns:
            given = cells[column.name]
            try:
                values = self.values(column, given)
            except ValueError as problem:
                unfit.append(self._unfit(column, given, problem.args[0], where, before))
                continue
            parts.append(column.encode(values))
            unexpected += column.unexpected(values)
        if unfit:
            raise FormatError(several(unfit, f"{len(unfit):,} columns do not fit"))
        if unexpected:
            message = "; ".join(unexpected[:MOST_SHOWN])
            more = len(unexpected) - MOST_SHOWN
            message += f"; and {more} more of the kind" if more > 0 else ""
            warn(f"{where}: {message}" if where else message)
        return np.concatenate(parts, axis=1) if parts else np.zeros((0, 0))

    def values(self, column: ColumnEncoder, cells: Any) -> np.ndarray:
        """The values of a column, as ``ColumnEncoder.values``; of numbers as they are.

        Args:
            column: the column.
            cells: an array of numbers, or a list of texts and numbers.
        """
        marks = self._marks(column)
        if set(map(type, cells)) == {str}:
            return column.values(cells, marks)
        if column.is_text:
            return column.values(column.as_texts(cells), marks)
        texts = {k: cell for k, cell in enumerate(cells) if isinstance(cell, str)}
        values = np.array([math.nan if k in texts else cell for k, cell in enumerate(cells)])
        if column.order and not np.isnan(values).all():  # days from where on?
            raise ValueError(cells[int((~np.isnan(values)).argmax())])
        if texts:
            values[list(texts)] = column.values(list(texts.values()), marks)
        bad = np.isinf(values) | (np.isnan(values) & (column.fill is None))
        if bad.any():
            raise ValueError(cells[int(bad.argmax())])
        return values

    def _marks(self, column: ColumnEncoder) -> Marks:
        given = split_names(self.missing)
        return marks_of(given, NO_VALUE | ERRORS) if column.is_text else marks_of(given)

    def _unfit(self, column: ColumnEncoder, cells: Any, cell: Any, where: str, before: int) -> str:
        """What a message says of a cell that is not of its column's kind."""
        row = before + 1 + [str(one) for one in cells].index(str(cell))
        kind = "a finite number" if column.form else f"a date ({column.order})"
        place = f"{where}: row {row} below the header" if where else f"row {row}"
        return (
            f"{place}, column {column.name!r}: expected {kind}, as in training; got {brief(cell)}."
        )

    def describe(self) -> str:
        """The inputs in words.

        Example:
            >>> TableEncoder(Dialect(delimiter="\\t"), (ColumnEncoder("a", PLAIN, missing=True),
            ...     ColumnEncoder("b", kinds=("x", "y"))), (("id", "row numbers"),)).describe()
            "1 number and 1 category (2 columns of 0 and 1); missing values filled in ('a'); left
            out: 'id' (row numbers); keep=... uses it; separated by tabs"
        """
        kinds = Counter("date" if c.order else "category" if c.is_text else "number"
                        for c in self.columns)  # fmt: skip
        counted = [_counted(kinds[kind], kind) for kind in ("number", "date", "category")
                   if kinds[kind]]  # fmt: skip
        parts = [" and ".join(filter(None, [", ".join(counted[:-1]), counted[-1]]))]
        if kinds["category"]:
            width = sum(len(c.kinds) + c.other for c in self.columns)
            parts[0] += f" ({_counted(width, 'column')} of 0 and 1)"
        filled = [repr(column.name) for column in self.columns if column.missing]
        if filled:
            parts.append(f"missing values filled in ({_shown(filled)})")
        forms = Counter(c.form.describe() for c in self.columns if c.form and c.form != PLAIN)
        parts += [f"{_counted(n, 'column')} with {form}" for form, n in forms.items()]
        parts += _doubts(self.columns)
        reasons = [f"{name!r} ({why})" for name, why in self.left_out if why != DROPPED]
        if reasons:
            them = "it" if len(reasons) == 1 else "them"
            parts.append(f"left out: {_shown(reasons)}; keep=... uses {them}")
        dropped = [repr(name) for name, why in self.left_out if why == DROPPED]
        if dropped:
            parts.append(f"dropped: {_shown(dropped)}")
        if self.dialect.describe():
            parts.append(self.dialect.describe())
        return "; ".join(parts)

    @classmethod
    def read(cls, value: Any) -> TableEncoder | None:
        """The encoder in a JSON value of a model file; None if there is none.

        Raises:
            FormatError: the value does not describe one.
        """
        if value is None:
            return None
        encoder = read_fields(cls, value, _OF_TABLES, "how a table was read")
        names = encoder.names
        if not names or len(set(names)) < len(names) or len(encoder.features) > MOST_FEATURES:
            raise FormatError(f"it describes a table with columns {brief(names)}.")
        return encoder


def _counted(n: int, word: str) -> str:
    plural = f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
    return f"{n:,} {word if n == 1 else plural}"


def _shown(names: Sequence[str]) -> str:
    more = len(names) - MOST_SHOWN
    return ", ".join(names[:MOST_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _doubts(columns: Sequence[ColumnEncoder]) -> list[str]:
    """What may be read in two ways, and how it was read."""
    parts = []
    for order, form, word in ((MONTH_FIRST, "month/day", "day"), (DAY_FIRST, "day/month", "month")):
        names = [repr(c.name) for c in columns if c.either_way and c.order == order]
        if names:
            other = f"dates='{word}-first' reads {'it' if len(names) == 1 else 'them'} otherwise"
            parts.append(f"{_shown(names)} read as {form} ({other})")
    names = [repr(c.name) for c in columns if c.parentheses]
    if names:
        parts.append(f"{PARENTHESES} ({_shown(names)})")
    return parts


def _encoding(value: Any) -> str:
    try:
        codecs.getincrementaldecoder(text(value))
    except (LookupError, TypeError):
        raise ValueError from None
    return value


def _form(value: Any) -> NumberForm | None:
    if value is None:
        return None
    form = read_fields(NumberForm, value, _OF_FORMS, "how numbers are written")
    if form.decimal == form.group:
        raise FormatError(f"its decimal sign separates thousands too: {form.group!r}.")
    return form


def _column(value: Any) -> ColumnEncoder:
    column = read_fields(ColumnEncoder, value, _OF_COLUMNS, "how a column is encoded")
    is_text = column.is_text
    if (
        (column.form is not None and column.order)
        or is_text != bool(column.kinds)
        or (column.other and not is_text)
        or len(set(column.kinds)) < len(column.kinds)
    ):
        raise FormatError(f"column {brief(column.name)} is of no kind, or of two.")
    return column


def _reason(value: Any) -> tuple[str, str]:
    pair = tuple_of(text)(value)
    if len(pair) != 2:
        raise ValueError
    return pair


_OF_DIALECTS = {
    "encoding": _encoding,
    "delimiter": one_of(*NAMES),
    "quote": one_of('"', "'"),
    "escape": one_of("", "\\"),
    "skipped": count(MOST_SKIPPED),
    "header": yes_or_no,
    "row_names": yes_or_no,
    "trailing": count(10**4),
}
_OF_FORMS = {
    "decimal": one_of(".", ","),
    "group": one_of("", ",", ".", " ", "'"),
    "before": text,
    "after": text,
}
_OF_COLUMNS = {
    "name": text,
    "form": _form,
    "order": one_of("", *ORDERS),
    "either_way": yes_or_no,
    "parentheses": yes_or_no,
    "kinds": tuple_of(text),
    "other": yes_or_no,
    "missing": yes_or_no,
    "fill": lambda value: None if value is None else real(value),
}
_OF_TABLES = {
    "dialect": lambda value: read_fields(Dialect, value, _OF_DIALECTS, "a dialect"),
    "columns": tuple_of(_column),
    "left_out": tuple_of(_reason),
    "missing": text,
    "unlabeled": count(10**9),
    "label_form": text,
}
