"""The column that is to be predicted: classes or numbers, and the rows that have neither."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mitbadak.core.errors import FormatError, brief
from mitbadak.data.tables.cells import DOUBTFUL, ERRORS, NO_VALUE, Marks, marks_of
from mitbadak.data.tables.columns import Column, Stray, numbers_in, stray_in
from mitbadak.data.tables.numbers import finite
from mitbadak.data.tables.options import TableOptions, typed
from mitbadak.data.tables.reading import Table, stray_error
from mitbadak.data.targets import MOST_CLASSES, are_classes, numbered_classes, too_many_classes

CODE = re.compile(r"[A-Z]{2}")
WORDS = {"none", "nil"}  # which many call a class; Python writes None


@dataclass(frozen=True)
class Targets:
    """What the rows of a table are labeled with.

    Attributes:
        rows: whether each row has a label, bool (rows,).
        t: for those rows, class indices (n,), or numbers (n, 1) of float64.
        classes: name of each class; empty for numbers.
        form: how numbers are written, in words; "" for plain ones.
    """

    rows: np.ndarray
    t: np.ndarray
    classes: tuple[str, ...]
    form: str = ""


def targets_of(path: Path, table: Table, wanted: str, options: TableOptions) -> Targets:
    """The labels of a table.

    Text is classes; numbers are classes or not as ``are_classes`` decides. Rows whose label is an
    empty cell, NA, N/A, NaN or null have none. Other marks, such as ``#N/A``, None or ``?``, may be
    classes among text and are refused there; an error of a spreadsheet is refused everywhere. NA is
    a class where all others are codes of two capitals, such as those of countries.

    Args:
        path: the file, for messages.
        table: its columns.
        wanted: ``auto``, ``classes`` or ``numbers``.
        options: what the user says about missing values.

    Raises:
        FormatError: there are no labels, or they are not of the wanted kind.
    """
    column = table.columns[table.label]
    where = f"{path}: column {table.label!r}"
    if column.is_text:
        column = _without_missing(path, column, options)
    rows = ~column.missing
    if not rows.any():
        raise FormatError(f"{where} has no value in any row. Choose another: label='NAME'.")
    if column.is_text:
        return _texts(path, where, column, rows, wanted)
    values = column.numbers[rows]
    distinct, codes, counts = np.unique(values, return_inverse=True, return_counts=True)
    if len(distinct) == 1:
        raise FormatError(
            f"{where} holds the same value, {distinct[0]:g}, in every row; there is nothing to "
            "learn. Choose another: label='NAME'."
        )
    if wanted == "numbers" or (wanted == "auto" and not are_classes(distinct, counts)):
        return Targets(rows, values[:, None], (), column.writing)
    if len(distinct) > MOST_CLASSES:
        raise too_many_classes(where, len(distinct), len(values))
    t, classes = numbered_classes(where, [repr(v) for v in distinct.tolist()], codes)
    return Targets(rows, t, classes, column.writing)


def _texts(path: Path, where: str, column: Column, rows: np.ndarray, wanted: str) -> Targets:
    """The labels of a column that holds text."""
    if column.too_many:
        raise too_many_classes(where, len(set(column.texts)), len(rows), numeric=False)
    stray = stray_in(column)
    if wanted == "numbers":
        stray = stray or _first_text(column)
        if stray is not None:
            raise FormatError(
                f"{where} holds {brief(stray.text, 40)} in row {stray.row} below the header, which "
                f"is not a finite number. Use targets='classes', or choose another by label=...; "
                f"{typed('missing', ['auto', stray.text])} leaves such rows out."
            )
    if stray is not None and wanted == "auto":
        raise stray_error(path, {column.name: stray}, of_label=True)
    used, codes = np.unique(column.codes[rows], return_inverse=True)
    t, classes = numbered_classes(where, [column.texts[k] for k in used.tolist()], codes)
    return Targets(rows, t, classes)


def _without_missing(path: Path, column: Column, options: TableOptions) -> Column:
    """The labels with those that are none marked as missing; as numbers, if all others are."""
    if column.too_many:
        return column
    given = options.names("missing")
    none = marks_of(given, NO_VALUE)
    others = [text for text in column.texts if text not in none and text.lower() not in NO_VALUE]
    absent = np.array([text in none for text in column.texts], bool)
    if len(others) > 1 and all(map(CODE.fullmatch, others)) and "NA" not in none.exact:
        absent[[k for k, text in enumerate(column.texts) if text == "NA"]] = False
    doubtful = Marks(ERRORS | DOUBTFUL - WORDS, {"None"}) if "auto" in given else Marks()
    in_doubt = [k for k, text in enumerate(column.texts) if text in doubtful and not absent[k]]
    present = replace(column, codes=np.where(absent[column.codes], -1, column.codes))
    as_numbers = numbers_in(present, marks_of(given, NO_VALUE | DOUBTFUL | ERRORS), dates_too=False)
    if as_numbers.form is not None:
        in_doubt = [k for k in in_doubt if column.texts[k].lower() in ERRORS]
    if in_doubt:
        text = column.texts[in_doubt[0]]
        row = int((column.codes == in_doubt[0]).argmax()) + 1
        raise FormatError(
            f"{path}: row {row} below the header holds {text!r} in column {column.name!r}, which "
            f"is to be predicted. If such rows have no label, {typed('missing', ['auto', text])} "
            "leaves them out; if it is a class of that name, use missing='', with which only "
            "empty cells count as missing."
        )
    return as_numbers


def _first_text(column: Column) -> Stray | None:
    """The first label that is no number."""
    for k, text in enumerate(column.texts):
        rows = column.codes == k
        if finite(text) is None and rows.any():
            return Stray(int(rows.argmax()) + 1, text)
    return None
