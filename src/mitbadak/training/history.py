"""What happened in a training run: one row per epoch, one loss per step."""

from __future__ import annotations

import contextlib
import json
import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from mitbadak.core.errors import FormatError, unknown_name
from mitbadak.core.files import check_regular, parse_json

Row = dict[str, Any]

MOST_OF_A_LINE = 1 << 16  # bytes in a file; a row takes some hundreds
FREE_PARTS = 100_000  # rows, and lists in them, that are read whatever they take
PART_BYTES, MOST_GROWTH = 400, 10  # memory of one; memory over size of the file


class History(Sequence[Row]):
    """Rows of a run, in order.

    Row 0 is measured before the first update. Each row holds ``epoch``, ``step`` (updates so
    far), ``seconds`` (training time so far), ``train_loss`` (the mean over the epoch's batches,
    each before its update; in row 0 the loss of the whole set), and the measures of each set:
    ``train_accuracy``, ``test_accuracy``, ``test_loss``, ``validation_...``.

    Attributes:
        rows: one dict per epoch.
        losses: the loss of each batch before its update, one per step.
        stopped: why training ended before its last epoch, or "".
        engine: which engine ran.

    Example:
        >>> history = History([{"epoch": 0, "test_accuracy": 0.1},
        ...                    {"epoch": 1, "test_accuracy": 0.8}])
        >>> history["test_accuracy"], history[-1]["epoch"], len(history)
        ([0.1, 0.8], 1, 2)
    """

    def __init__(self, rows: Iterable[Row] = (), losses: Iterable[float] = ()):
        self.rows = list(rows)
        self.losses = list(losses)
        self.stopped = ""
        self.engine = "numpy"

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __getitem__(self, which: Any) -> Any:
        """A row by its number, rows by a slice, or a column by its name."""
        return self.column(which) if isinstance(which, str) else self.rows[which]

    def column(self, name: str) -> list[Any]:
        """One measure over the epochs; None where a row lacks it.

        Raises:
            UnknownNameError: no row has it.
        """
        if not any(name in row for row in self.rows):
            raise unknown_name("column", name, self.names)
        return [row.get(name) for row in self.rows]

    @property
    def names(self) -> list[str]:
        """The columns, in the order in which they first came."""
        return list(dict.fromkeys(name for row in self.rows for name in row))

    def to_rows(self) -> list[Row]:
        """A copy of the rows, as ``pandas.DataFrame`` takes them."""
        return [dict(row) for row in self.rows]

    def to_columns(self) -> dict[str, list[Any]]:
        """The same by column."""
        return {name: self.column(name) for name in self.names}

    def to_json(self) -> str:
        """Everything as one JSON object; ``from_json`` reads it back (NaN comes back as None)."""
        return json.dumps(
            {
                "rows": [finite_or_none(row) for row in self.rows],
                "losses": list(finite_or_none(dict(enumerate(self.losses))).values()),
                "stopped": self.stopped,
                "engine": self.engine,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> History:
        """The history that ``to_json`` wrote.

        Raises:
            FormatError: anything else.
        """
        content = parse_json(text, "the history")
        problem = _problem_of_all(content)
        if problem:
            raise FormatError(f"that is not a history that to_json wrote: {problem}.")
        history = cls(content["rows"])
        history.losses = content["losses"]
        history.stopped, history.engine = content["stopped"], content["engine"]
        return history

    def lines_from(self, rows: int, losses: int) -> str:
        """The rows and losses not yet written, as lines of ``history.jsonl``."""
        entries: list[Row] = [
            {"step": number, "loss": loss}
            for number, loss in enumerate(self.losses[losses:], losses + 1)
        ]
        entries += [finite_or_none(row) for row in self.rows[rows:]]
        entries.sort(key=lambda entry: (entry.get("step", 0), "epoch" in entry))
        return "".join(json.dumps(entry) + "\n" for entry in entries)

    @classmethod
    def read(cls, path: Path, *, up_to_step: int | None = None) -> History:
        """The history in a ``history.jsonl``, without what lies beyond ``up_to_step``.

        A last line that a crash cut off is dropped.

        Raises:
            FormatError: a line in the middle is not what this class writes.
        """
        history = cls()
        for entry in _entries(path):
            if up_to_step is not None and entry.get("step", 0) > up_to_step:
                continue
            if "epoch" in entry:
                history.rows.append({sys.intern(name): v for name, v in entry.items()})
            elif "loss" in entry:
                history.losses.append(entry["loss"])
        return history


def _entries(path: Path) -> Iterator[Row]:
    """The objects in the lines of a file, one line in memory at a time."""
    check_regular(path)
    parts = size = 0
    with open(path, "rb") as file:
        for number in count(1):
            line = file.readline(MOST_OF_A_LINE)
            if not line:
                return
            if line == b"\n":
                continue
            shown = f"{path}, line {number}"
            if len(line) == MOST_OF_A_LINE:
                raise FormatError(f"{shown} is longer than {MOST_OF_A_LINE:,} bytes.")
            entry: Any = None
            with contextlib.suppress(FormatError):
                entry = parse_json(line, shown)
            problem = problem_of(entry)
            if problem and not line.endswith(b"\n"):
                return  # cut off by a crash
            if problem:
                raise FormatError(f"{shown} is {problem}: {line[:60].decode(errors='replace')!r}.")
            parts += line.count(b"[") + line.count(b"{") - ("epoch" not in entry)
            size += len(line)
            check_growth(path, parts, size)
            yield entry


def check_growth(path: Path, parts: int, size: int) -> None:
    """Refuse a history that would take more than ten times its size in memory.

    Args:
        path: for the message.
        parts: rows, and lists and objects in them, so far.
        size: bytes so far; a row as Mitbadak writes it has more than a hundred.

    Raises:
        FormatError: rows and lists so short are nobody's history.
    """
    if parts > FREE_PARTS and parts * PART_BYTES > MOST_GROWTH * size:
        raise FormatError(
            f"{path} holds {parts:,} rows, or lists in them, in {size:,} bytes: it would take more "
            f"than {MOST_GROWTH} times that in memory."
        )


def _problem_of_all(content: Any) -> str:
    """What is wrong with a history from JSON, or ""."""
    if not isinstance(content, dict):
        return "no JSON object"
    for name, kind in {"rows": list, "losses": list, "stopped": str, "engine": str}.items():
        if not isinstance(content.get(name), kind):
            return f"{name} is {content.get(name)!r:.60}"
    problems = (f"a loss is {v!r:.60}" for v in content["losses"] if not _is_number(v))
    return next(filter(None, map(problem_of, content["rows"])), "") or next(problems, "")


def problem_of(entry: Any) -> str:
    """What is wrong with an entry from a file, or ""; columns of a user's own may be anything."""
    if not isinstance(entry, dict):
        return "not a JSON object"
    for name, value in entry.items():
        if name in ("epoch", "step"):
            good = _is_number(value) and isinstance(value, int) and value >= 0
        elif name in ("loss", "seconds") or name.endswith(("_loss", "_accuracy")):
            good = _is_number(value)
        else:
            good = True
        if not good:
            return f"not a line of a history, its {name:.60} being {value!r:.60}"
    return ""


def _is_number(value: Any) -> bool:
    """Whether a measure can have been this; None stands for NaN and infinity."""
    if isinstance(value, int):
        return not isinstance(value, bool) and abs(value) < 1 << 63
    return value is None or isinstance(value, float)


def finite_or_none(row: dict[Any, Any]) -> dict[Any, Any]:
    """A row as strict JSON can say it: NaN and infinity become None.

    Example:
        >>> finite_or_none({"epoch": 1, "train_loss": float("nan")})
        {'epoch': 1, 'train_loss': None}
    """
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in row.items()
    }
