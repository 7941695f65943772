"""Rows of a table that are given in Python: lists of cells, dicts of columns, data frames."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mitbadak.core.errors import FormatError, ShapeError, brief, listed

MOST_SHOWN = 8  # columns listed in a message
ABSENT = ("NAType", "NaTType", "Null")  # how pandas and others call what is missing


def columns_of(x: Any, names: Sequence[str]) -> dict[str, Any]:
    """The columns of a table, each as an array of numbers, or a list of texts and numbers.

    Args:
        x: rows of cells in the order of the names; columns by name, in a dict or a data frame (an
            object with ``columns``); or rows by name, a list of dicts.
        names: the columns that are needed; others in x are ignored.

    Raises:
        ShapeError: rows of another length, or columns of different lengths.
        FormatError: a column is missing.

    Example:
        >>> columns_of([[1.5, "red"], [None, "blue"]], ["size", "color"])
        {'size': array([1.5, nan]), 'color': ['red', 'blue']}
        >>> columns_of({"color": ["red"], "size": [2]}, ["size"])
        {'size': array([2.])}
    """
    if isinstance(x, Mapping) or (hasattr(x, "columns") and not isinstance(x, np.ndarray)):
        columns = _by_name(x, names)
    elif isinstance(x, Sequence) and len(x) and all(isinstance(row, Mapping) for row in x):
        columns = _by_name({name: [row[name] for row in x] for name in _common(x)}, names)
    else:
        columns = _by_place(x, names)
    read = {name: _cells(column) for name, column in columns.items()}
    lengths = {name: len(column) for name, column in read.items()}
    if len(set(lengths.values())) > 1:
        raise ShapeError(f"the columns of a table have the same length; got {brief(lengths)}.")
    return read


def _common(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names that all rows have."""
    return [name for name in rows[0] if all(name in row for row in rows)]


def _by_name(x: Any, names: Sequence[str]) -> dict[str, Any]:
    known = {str(name): name for name in (x if isinstance(x, Mapping) else x.columns)}
    missing = [name for name in names if name not in known]
    if missing:
        raise FormatError(
            f"expected the columns {listed(names[:MOST_SHOWN])} of training; "
            f"{listed(missing[:MOST_SHOWN])} {'is' if len(missing) == 1 else 'are'} missing."
        )
    columns = {name: x[known[name]] for name in names}
    for name, column in columns.items():
        if isinstance(column, str) or not hasattr(column, "__len__"):
            raise ShapeError(
                f"column {name!r} must be a list of cells, one for each row; got {brief(column)}."
            )
    return columns


def _by_place(x: Any, names: Sequence[str]) -> dict[str, Any]:
    if isinstance(x, np.ndarray):
        if x.ndim != 2 or x.shape[1] != len(names):
            raise _unfit(names, str(x.shape))
        return {name: x[:, k] for k, name in enumerate(names)}
    rows = [x] if isinstance(x, str) or not hasattr(x, "__iter__") else list(x)
    for row in rows:
        if isinstance(row, str) or not hasattr(row, "__len__"):
            raise _unfit(names, brief(row))
        if len(row) != len(names):
            raise _unfit(names, f"a row of {len(row)}")
    return {name: [row[k] for row in rows] for k, name in enumerate(names)}


def _unfit(names: Sequence[str], got: str) -> ShapeError:
    shown = ", ".join(map(repr, names[:MOST_SHOWN])) + (", ..." if len(names) > MOST_SHOWN else "")
    return ShapeError(
        f"expected rows of {len(names)} cells, as in training: {shown}; got {got}. For a single "
        "row write [row]; columns may also be given by name, in a dict or a data frame."
    )


def _cells(column: Any) -> Any:
    """Numbers as an array of float64; if there is anything else, that as text."""
    values = column if isinstance(column, np.ndarray) else None
    dtype = getattr(column, "dtype", None)
    if values is None and isinstance(dtype, np.dtype) and dtype.kind in "iuf":
        values = np.asarray(column)
    if values is not None and values.dtype.kind in "iuf":
        return values.astype(np.float64)
    cells = list(column if values is None else values.tolist() if values.dtype.kind in "OUb"
                 else values)  # fmt: skip
    if all(_is_number(cell) or _is_absent(cell) for cell in cells):
        return np.array([math.nan if _is_absent(cell) else float(cell) for cell in cells])
    return [
        "" if _is_absent(cell) else float(cell) if _is_number(cell) else _text(cell)
        for cell in cells
    ]


def _is_number(cell: Any) -> bool:
    if isinstance(cell, bool) or not isinstance(cell, (int, float, np.integer, np.floating)):
        return False
    return not isinstance(cell, int) or abs(cell) <= sys.float_info.max


def _is_absent(cell: Any) -> bool:
    if cell is None or type(cell).__name__ in ABSENT:
        return True
    return isinstance(cell, (float, np.floating)) and bool(np.isnan(cell))


def _text(cell: Any) -> str:
    """A cell as it would stand in a file."""
    if hasattr(cell, "isoformat"):  # dates
        return cell.isoformat()
    return cell if isinstance(cell, str) else brief(cell) if isinstance(cell, int) else str(cell)
