"""What happened in a training run: one row per epoch, one loss per step."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from mitbadak.errors import FormatError, unknown_name

Row = dict[str, Any]


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
        """The history that ``to_json`` wrote."""
        content = json.loads(text)
        history = cls(content["rows"], content["losses"])
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
        lines = path.read_text(encoding="utf-8").split("\n")
        for number, line in enumerate(lines, 1):
            try:
                entry = json.loads(line) if line else {}
            except ValueError:
                entry = None
            if not isinstance(entry, dict):
                if number == len(lines):
                    break
                raise FormatError(f"{path}, line {number} is not a JSON object: {line[:60]!r}.")
            if up_to_step is not None and entry.get("step", 0) > up_to_step:
                continue
            if "epoch" in entry:
                history.rows.append(entry)
            elif "loss" in entry:
                history.losses.append(entry["loss"])
        return history


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
