"""The lines of ``history.jsonl``, read forwards, or backwards to the last row.

A line is a JSON object: a row of the history with its ``epoch``, or the loss of one step.
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from mitbadak.core.errors import FormatError
from mitbadak.core.files import check_regular, parse_json

Row = dict[str, Any]

MEASURES = ("accuracy", "loss")  # of each set, as in the column test_accuracy

MEASURED = tuple(f"_{measure}" for measure in MEASURES)  # how their columns end
MOST_OF_A_LINE = 1 << 16  # bytes in a file; a row takes some hundreds
FREE_PARTS = 100_000  # rows, and lists in them, that are read whatever they take
PART_BYTES, MOST_GROWTH = 400, 10  # memory of one; memory over size of the file
TAIL = 1 << 16  # bytes that are read at a time from the end of a file


def entries_of(path: Path, *, rows_only: bool = False) -> Iterator[Row]:
    """The entries of a history file, one line in memory at a time.

    Args:
        path: the file.
        rows_only: skip the losses of steps without parsing them.

    Raises:
        FormatError: a line in the middle is not one of a history; the last line may be cut off.
    """
    check_regular(path)
    parts = size = 0
    with open(path, "rb") as file:
        for number in count(1):
            line = file.readline(MOST_OF_A_LINE)
            if not line:
                return
            place = f"{path}, line {number}"
            if len(line) == MOST_OF_A_LINE:
                raise _too_long(place)
            if line == b"\n":
                continue
            size += len(line)
            if rows_only and b'"epoch"' not in line:
                continue
            entry, problem = _parsed(line, place)
            if problem and not line.endswith(b"\n"):
                return  # cut off by a crash
            if problem:
                raise _not_an_entry(place, problem, line)
            parts += line.count(b"[") + line.count(b"{") - ("epoch" not in entry)
            _check_growth(path, parts, size)
            yield entry


def last_row(path: Path) -> Row:
    """The last complete row of a history file, read from its end; {} if there is none.

    Raises:
        FormatError: the row is damaged, or a line is too long.
    """
    with open(path, "rb") as file:
        start, rest, cut_off = file.seek(0, os.SEEK_END), b"", True
        while start > 0 and len(rest) < MOST_OF_A_LINE:
            end, start = start, max(0, start - TAIL)
            file.seek(start)
            lines = (file.read(end - start) + rest).split(b"\n")
            if cut_off and len(lines) > 1:  # what follows the last newline is empty or cut off
                lines.pop()
                cut_off = False
            rest = lines.pop(0) if start or cut_off else b""
            for line in reversed(lines):
                if b'"epoch"' in line:
                    row, problem = _parsed(line, str(path))
                    if problem or "epoch" not in row:
                        raise _not_an_entry(f"{path}, last row", problem or "it has no epoch", line)
                    return row
    if len(rest) >= MOST_OF_A_LINE:
        raise _too_long(f"a line of {path}")
    return {}


def _parsed(line: bytes, place: str) -> tuple[Any, str]:
    """The entry in a line, and what is wrong with it or ""."""
    entry: Any = None
    with contextlib.suppress(FormatError):
        entry = parse_json(line, place)
    return entry, problem_of(entry)


def _too_long(place: str) -> FormatError:
    return FormatError(f"{place} is longer than {MOST_OF_A_LINE:,} bytes.")


def _not_an_entry(place: str, problem: str, line: bytes) -> FormatError:
    shown = line[:60].decode(errors="replace")
    return FormatError(f"{place} is not a line of a history: {problem}; got {shown!r}.")


def _check_growth(path: Path, parts: int, size: int) -> None:
    """Refuse a history that would take more than ten times its size in memory.

    Args:
        path: for the message.
        parts: rows, and lists and objects in them, so far.
        size: bytes so far; a row that Mitbadak wrote has more than a hundred.

    Raises:
        FormatError: the rows are too short to be a history.
    """
    if parts > FREE_PARTS and parts * PART_BYTES > MOST_GROWTH * size:
        raise FormatError(
            f"{path} holds {parts:,} rows, or lists in them, in {size:,} bytes: it would take more "
            f"than {MOST_GROWTH} times that in memory."
        )


def problem_of(entry: Any) -> str:
    """What is wrong with an entry, or ""; columns that a user added may hold anything."""
    if not isinstance(entry, dict):
        return "it is not a JSON object"
    for name, value in entry.items():
        if name in ("epoch", "step"):
            good = is_number(value) and isinstance(value, int) and value >= 0
        elif name in ("loss", "seconds") or name.endswith(MEASURED):
            good = is_number(value)
        else:
            good = True
        if not good:
            return f"its {name:.60} is {value!r:.60}"
    return ""


def is_number(value: Any) -> bool:
    """Whether a value can be a measure; None stands for NaN and infinity."""
    if isinstance(value, int):
        return not isinstance(value, bool) and abs(value) < 1 << 63
    return value is None or isinstance(value, float)


def finite_or_none(row: dict[Any, Any]) -> dict[Any, Any]:
    """A row for strict JSON: NaN and infinity become None.

    Example:
        >>> finite_or_none({"epoch": 1, "train_loss": float("nan")})
        {'epoch': 1, 'train_loss': None}
    """
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in row.items()
    }
