"""The values of a column, gathered block by block: numbers, dates or texts."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from mitbadak.core.typing import Array, Float64, Int
from mitbadak.data.tables.cells import AUTOMATIC, Marks, kind_of
from mitbadak.data.tables.dates import date, date_order, dates, fit_other_way
from mitbadak.data.tables.numbers import PARENTHESES, PLAIN, NumberForm, finite, number_forms

MOST_TEXTS = 100_000  # different texts of a column; with more, nearly every row differs
MOSTLY = 0.8  # share of the cells from which on a column is taken for one of numbers
SEVERAL = 20  # different numbers; fewer may be categories such as 0, 1, 2, 3+


@dataclass(frozen=True)
class Stray:
    """A text in a column of numbers.

    Attributes:
        row: its row, counted from 1.
        text: the cell.
    """

    row: int
    text: str


@dataclass(frozen=True)
class Column:
    """The values of a column.

    Attributes:
        name: of the column.
        form: how its numbers are written; None if it does not hold numbers.
        order: the order of the parts of its dates, "" if it does not hold dates.
        either_way: whether day and month could change places in all of its dates.
        parentheses: whether some of its negative numbers stand in parentheses.
        numbers: numbers or dates, NaN for missing ones; empty for texts.
        codes: for texts, the index of each in ``texts``; -1 for missing ones.
        texts: the different texts, in the order in which they occur.
        too_many: whether there are more texts than ``MOST_TEXTS``, and none of them is kept.
        stray: for texts, the first one among numbers.
    """

    name: str
    form: NumberForm | None = None
    order: str = ""
    either_way: bool = False
    parentheses: bool = False
    numbers: Float64[Array, " numbers"] = field(default_factory=lambda: np.empty(0))
    codes: Int[Array, " codes"] = field(default_factory=lambda: np.empty(0, np.int32))
    texts: tuple[str, ...] = ()
    too_many: bool = False
    stray: Stray | None = None

    @property
    def is_text(self) -> bool:
        """Whether it holds neither numbers nor dates."""
        return self.form is None and not self.order

    @property
    def missing(self) -> np.ndarray:
        """Whether each row lacks a value, bool (rows,)."""
        return self.codes < 0 if self.is_text else np.isnan(self.numbers)

    @property
    def writing(self) -> str:
        """How its numbers are written, in words; "" for plain ones."""
        form = "" if self.form is None else self.form.describe()
        return "; ".join([form] * bool(form) + [PARENTHESES] * self.parentheses)

    def __len__(self) -> int:
        return len(self.codes) if self.is_text else len(self.numbers)


class Gatherer:
    """Gathers the values of one column.

    Args:
        name: of the column.
        marks: what stands for a missing value among numbers and dates.
        text_marks: the same among texts.
        form: how its numbers are likely to be written.
        order: the order of the parts of its dates, if it is likely to hold dates.
        preferred: the order where day and month may be either, as for ``date_order``.
        normal: the text as which a cell counts.
        texts: keep texts, even if all of them are numbers or dates.
        stray: the first cell that was not what had been expected, when the column was gathered
            before.

    Attributes:
        stray: the first cell that is not what was expected.
    """

    def __init__(
        self,
        name: str,
        marks: Marks,
        text_marks: Marks,
        form: NumberForm | None = None,
        order: str = "",
        *,
        preferred: str = "",
        normal: Callable[[str], str] = kind_of,
        texts: bool = False,
        stray: Stray | None = None,
    ):
        self.name, self.form, self.order = name, form, order
        self.marks, self.text_marks = marks, text_marks
        self.normal, self.texts = normal, texts
        self.stray = stray
        self.preferred = preferred
        self.either_way, self.parentheses = True, False
        self.rows = 0
        self._parts: list[np.ndarray] = []
        self._codes: dict[str, int] = {}
        self._too_many = False

    @property
    def as_text(self) -> bool:
        """Whether texts are gathered, and not numbers."""
        return self.form is None and not self.order

    @property
    def again(self) -> bool:
        """Whether the column must be gathered again, as text."""
        return self.stray is not None and not self.as_text

    def as_texts(self) -> Gatherer:
        """One that gathers the same column anew, as text."""
        return Gatherer(
            self.name, self.marks, self.text_marks,
            preferred=self.preferred, normal=self.normal, texts=self.texts, stray=self.stray,
        )  # fmt: skip

    def add(self, cells: Sequence[str]) -> None:
        """The cells of the next rows."""
        if self.as_text:
            self._add_texts(cells)
        elif not self.again:
            values = self._values(cells)
            if values is None:
                self._parts.clear()
            else:
                self._parts.append(values)
        self.rows += len(cells)

    @property
    def is_plain(self) -> bool:
        """Whether it takes plain numbers, among which the word nan means a missing one."""
        return self.form == PLAIN and "nan" in self.marks and not self.again

    def add_plain(self, numbers: np.ndarray) -> None:
        """The next rows as plain numbers."""
        if not self.is_plain:  # after rows of another form
            self.add([f"{value:.17g}" for value in numbers.tolist()])
            return
        self._parts.append(numbers)
        self.rows += len(numbers)

    def _values(self, cells: Sequence[str]) -> np.ndarray | None:
        if self.form is None:
            values = dates(cells, self.order, self.marks)
            self.either_way = self.either_way and fit_other_way(cells, self.order, self.marks)
        else:
            values = self.form.numbers(cells, self.marks)
            if values is None and self._widen(cells):
                values = self.form.numbers(cells, self.marks)
            self.parentheses = self.parentheses or _have_parentheses(cells, values)
        if values is None:
            self.stray = self._first_stray(cells)
        return values

    def _widen(self, cells: Sequence[str]) -> bool:
        """Take a form in which the earlier cells are the same numbers, if these cells fit it."""
        if self.form != PLAIN:
            return False
        for form in number_forms({cell for cell in cells if cell not in self.marks}):
            whole = form.decimal == "." or all(map(_are_whole, self._parts))
            if whole and not (form.before or form.after):
                self.form = form
                return True
        return False

    def _first_stray(self, cells: Sequence[str]) -> Stray:
        fits = {cell: cell in self.marks or self._fits(cell) for cell in set(cells)}
        row, text = next((k, cell) for k, cell in enumerate(cells, 1) if not fits[cell])
        return Stray(self.rows + row, text)

    def _fits(self, cell: str) -> bool:
        if self.form is None:
            return date(cell, self.order) is not None
        return self.form.number(cell) is not None

    def _add_texts(self, cells: Sequence[str]) -> None:
        if self._too_many:
            return
        code = {}
        for cell in dict.fromkeys(cells):
            if cell in self.text_marks:
                code[cell] = -1
            else:
                code[cell] = self._codes.setdefault(self.normal(cell), len(self._codes))
        self._parts.append(np.array([code[cell] for cell in cells], np.int32))
        if len(self._codes) > MOST_TEXTS:
            self.stray = self.stray or stray_in(self._texts())
            self._too_many = True
            self._parts.clear()
            self._codes.clear()

    def column(self) -> Column:
        """What was gathered; to be called once."""
        if not self.as_text:
            parts, self._parts = self._parts, []
            either_way = bool(self.order) and self.either_way
            numbers = np.concatenate(parts)
            return Column(self.name, self.form, self.order, either_way, self.parentheses, numbers)
        column = self._texts()
        if self.texts:
            return column
        column = numbers_in(column, self.marks, preferred=self.preferred)
        if not column.is_text:
            return column
        return replace(column, stray=self.stray if self._too_many else stray_in(column))

    def _texts(self) -> Column:
        codes = np.concatenate(self._parts) if self._parts else np.zeros(self.rows, np.int32)
        return Column(self.name, codes=codes, texts=tuple(self._codes), too_many=self._too_many)


def numbers_in(
    column: Column, marks: Marks, *, dates_too: bool = True, preferred: str = ""
) -> Column:
    """A column of texts as one of numbers or of dates, if all are that have a row.

    Args:
        column: the column.
        marks: what stands for a missing value among numbers.
        dates_too: whether dates count.
        preferred: the order where day and month may be either.
    """
    if column.too_many:
        return column
    used = np.unique(column.codes)
    present = [column.texts[k] for k in used[used >= 0].tolist()]
    present = [text for text in present if text not in marks]
    forms = number_forms(present)
    order = "" if forms or not dates_too else date_order(present, preferred)
    if forms:
        values = [forms[0].number(text) for text in column.texts]
    elif order:
        values = [date(text, order) for text in column.texts]
    else:
        return column
    numbers = np.array([*values, np.nan], np.float64)[column.codes]
    form = forms[0] if forms else None
    either_way = fit_other_way(present, order, marks)
    return Column(
        column.name, form, order, either_way, _have_parentheses(present, numbers), numbers
    )


def stray_in(column: Column) -> Stray | None:
    """The first text in a column that otherwise holds numbers, if it is of that kind.

    That is a column in which four of five cells or more are numbers, of more than twenty
    different values; or one with an infinite number.
    """
    values = [finite(text) for text in column.texts]
    infinite = [k for k, text in enumerate(column.texts) if _is_infinite(text)]
    counts = np.bincount(column.codes[column.codes >= 0], minlength=len(values))
    numeric = np.array([value is not None for value in values], bool)
    absent = np.array([text in AUTOMATIC for text in column.texts], bool)
    enough = counts[numeric].sum() >= MOSTLY * counts[~absent].sum()
    mostly = enough and numeric.sum() > SEVERAL
    strays = infinite or (np.flatnonzero(~numeric & ~absent).tolist() if mostly else [])
    if not strays:
        return None
    return Stray(int((column.codes == strays[0]).argmax()) + 1, column.texts[strays[0]])


def _have_parentheses(cells: Iterable[str], values: np.ndarray | None) -> bool:
    """Whether numbers among these are negative because they stand in parentheses."""
    return values is not None and bool((values < 0).any()) and "(" in "".join(cells)


def _are_whole(values: np.ndarray) -> bool:
    return bool((np.isnan(values) | (values == np.floor(values))).all())


def _is_infinite(text: str) -> bool:
    try:
        return text.isascii() and "_" not in text and math.isinf(float(text))
    except ValueError:
        return False
