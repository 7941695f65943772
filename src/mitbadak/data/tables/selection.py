"""Which columns of a table are no inputs: row numbers, names, what never varies."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from mitbadak.data.tables.columns import Column

INDEX_NAMES = {
    "id", "ids", "index", "idx", "row", "rowid", "row_id", "row id", "rowname", "rownames",
    "row_names", "row names", "rownum", "row_number", "row number", "rownumber",
    "번호", "순번", "연번",
}  # fmt: skip
"""Names, in lower case, of columns that number or name the rows if no value occurs twice."""
UNNAMED = re.compile(r"(column|Unnamed:) \d+", re.IGNORECASE)  # as pandas calls such a column
RARE = (
    500  # a kind of text in fewer rows than one in so many is rare, and so is one in a single row
)
MOST_KINDS = 100  # kinds of text in a column that count as themselves; more are "other"

ROW_NUMBERS, ROW_NAMES = "row numbers", "row names"
EMPTY, CONSTANT = "no values", "one value"
DIFFERENT, TOO_RARE = "nearly every row differs", "no kind occurs often"
TOO_MANY = "too many kinds"


def left_out(
    columns: Sequence[Column], rows: np.ndarray, keep: Sequence[str] = ()
) -> dict[str, str]:
    """The columns that are no inputs, with the reason.

    - ``no values``, ``one value``: the same in every row.
    - ``row numbers``, ``row names``: no value occurs twice in a column without a name or with one
      such as id; or the first column counts the rows from 0 or 1 on, and is not the only input.
    - ``nearly every row differs``: more kinds of text than half the rows, so names or free text.
    - ``no kind occurs often``: all kinds of text are rare (``frequent_kinds``); ``too many kinds``:
      more than ``columns.MOST_TEXTS``.

    Args:
        columns: the inputs of a table.
        rows: the rows that count, bool.
        keep: columns that are used in any case, unless they hold no values.

    Example:
        >>> from mitbadak.data.tables.numbers import PLAIN
        >>> number, text = np.arange(4.0), np.array([0, 1, 0, 1])
        >>> table = [Column("n", PLAIN, numbers=number), Column("k", codes=text, texts=("a", "b"))]
        >>> left_out(table, np.full(4, True))
        {'n': 'row numbers'}
    """
    reasons = {}
    for k, column in enumerate(columns):
        reason = _reason(column, rows, first=k == 0)
        if reason and (column.name not in keep or reason == EMPTY or column.too_many):
            reasons[column.name] = reason
    if len(reasons) == len(columns):  # what counts the rows may be a time
        for name in [name for name, reason in reasons.items() if reason == ROW_NUMBERS][:1]:
            del reasons[name]
    return reasons


def frequent_kinds(codes: np.ndarray, kinds: int) -> tuple[list[int], bool]:
    """The kinds of text that count as themselves, by frequency, and whether there are others.

    Those are kinds in at least two rows and in at least one of 500, and at most a hundred of them.

    Example:
        >>> frequent_kinds(np.array([0, 1, 1, 1, 2, 2, -1]), 3)
        ([1, 2], True)
    """
    counts = np.bincount(codes[codes >= 0], minlength=kinds)
    order = np.argsort(-counts, kind="stable")
    least = max(2, len(codes) / RARE)
    kept = [int(k) for k in order[:MOST_KINDS] if counts[k] >= least]
    return kept, bool(np.delete(counts, kept).any())


def _reason(column: Column, rows: np.ndarray, *, first: bool) -> str:
    unnamed = UNNAMED.fullmatch(column.name) is not None
    indexing = unnamed or column.name.strip().lower() in INDEX_NAMES
    if column.is_text:
        return _reason_of_text(column, rows, indexing=indexing)
    values = column.numbers[rows]
    present = values[~np.isnan(values)]
    if not len(present):
        return EMPTY
    if len(present) == len(values) and (values == values[0]).all():
        return CONSTANT
    if len(present) < len(values) or column.order:
        return ""
    start, n = column.numbers[0], len(column)
    counts_rows = first and start in (0, 1) and np.array_equal(column.numbers, start + np.arange(n))
    is_whole = bool((values == np.floor(values)).all())
    names_rows = indexing and is_whole and len(np.unique(values)) == len(values)
    return ROW_NUMBERS if counts_rows or names_rows else ""


def _reason_of_text(column: Column, rows: np.ndarray, *, indexing: bool) -> str:
    if column.too_many:
        return TOO_MANY
    codes = column.codes[rows]
    counts = np.bincount(codes[codes >= 0], minlength=1)
    kinds = int((counts > 0).sum())
    if not kinds:
        return EMPTY
    if kinds == 1 and (codes >= 0).all():
        return CONSTANT
    if indexing and counts.max() == 1:
        return ROW_NAMES
    if 2 * kinds > len(codes) and kinds > 2:
        return DIFFERENT
    return "" if frequent_kinds(codes, len(column.texts))[0] else TOO_RARE
