"""The history of a training run: one row per epoch, one loss per step."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mitbadak.core.arguments import explained
from mitbadak.core.elsewhere import missing_attribute
from mitbadak.core.elsewhere_objects import HISTORY
from mitbadak.core.errors import FormatError, brief, unknown_name
from mitbadak.core.files import parse_json
from mitbadak.core.notebook import Drawn
from mitbadak.core.other_names import line_for, same_name
from mitbadak.training.history_file import (
    Row,
    entries_of,
    finite_or_none,
    is_number,
    problem_of,
)


@explained
class History(Drawn, Sequence[Row]):
    """Rows of a run, in order.

    Row 0 is evaluated before the first update. Each row holds ``epoch``, ``step`` (updates so
    far), ``seconds`` (training time so far), ``train_loss`` (the mean over the epoch's batches,
    each before its update; in row 0 the loss on the whole set), and the measures of each set:
    ``train_accuracy``, ``test_accuracy``, ``test_loss``, ``validation_...``.

    Attributes:
        rows: one dict per epoch.
        losses: the loss of each batch before its update, one per step.
        stopped: why training ended before its last epoch, or "".
        engine: the one that ran.
        kept: the epoch whose weights the net holds, where they were put back at the end; None where
            it holds those of the last update.

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
        self.kept: int | None = None

    def add(
        self,
        epoch: int,
        step: int,
        measures: Mapping[str, Mapping[str, float]],
        seconds: float,
        steps: int,
    ) -> Row:
        """Add the row of an epoch.

        Args:
            epoch, step: epochs and updates so far.
            measures: measures of each set, as ``evaluate`` returns them.
            seconds: training time so far.
            steps: number of steps in the epoch. The mean of their losses is the training loss; with
                0, that of the measures is.

        Example:
            >>> History(losses=[0.7, 0.5]).add(1, 2, {"train": {"loss": 0.4}}, 0.1, 2)
            {'epoch': 1, 'step': 2, 'train_loss': 0.6, 'seconds': 0.1}
        """
        row: Row = {"epoch": epoch, "step": step}
        if steps > 0:
            row["train_loss"] = _mean(self.losses[-steps:])
        for name, result in measures.items():
            for measure, value in result.items():
                row.setdefault(f"{name}_{measure}", value)
        row["seconds"] = round(seconds, 3)
        self.rows.append(row)
        return row

    def __getattr__(self, name: str) -> Any:
        names = self.names if "rows" in vars(self) else []
        column = name if name in names else same_name("column", name, names)
        lines = {**HISTORY, **({name: f"history[{column!r}]"} if column else {})}
        if not column and (line := line_for("column", name)):
            lines[name] = line
        raise missing_attribute("History", name, lines, dir(type(self)))

    def __repr__(self) -> str:
        """Its length, and the measures of the trained net."""
        if not self.rows:
            return "History(no epochs)"
        measures = {k: v for k, v in self.result.items() if k.endswith(("_loss", "_accuracy"))}
        shown = "".join(f", {k} {v:.4g}" for k, v in measures.items() if is_number(v))
        stopped = f", stopped: {brief(self.stopped, 40)}" if self.stopped else ""
        return f"History({len(self.rows)} rows{shown}{stopped})"

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, which: object) -> bool:
        """Whether there is a column of that name, or such a row."""
        return which in self.names if isinstance(which, str) else which in self.rows

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __getitem__(self, which: Any) -> Any:
        """A row by its number, rows by a slice, or a column by its name."""
        return self.column(which) if isinstance(which, str) else self.rows[which]

    @property
    def result(self) -> Row:
        """The row that measures the trained net: of the epoch that was kept, else the last one.

        Raises:
            IndexError: there is no row.

        Example:
            >>> history = History([{"epoch": 0, "test_loss": 1.0}, {"epoch": 1, "test_loss": 0.4},
            ...                    {"epoch": 2, "test_loss": 0.7}])
            >>> history.kept = 1
            >>> history.result["test_loss"]
            0.4
        """
        kept = [] if self.kept is None else [r for r in self.rows if r.get("epoch") == self.kept]
        return (kept or self.rows)[-1]

    def column(self, name: str) -> list[Any]:
        """One measure over the epochs; None where a row lacks it.

        Raises:
            UnknownNameError: no row has this column.
        """
        if not any(name in row for row in self.rows):
            raise unknown_name("column", name, self.names)
        return [row.get(name) for row in self.rows]

    def keys(self) -> list[str]:
        """``names``, so that ``dict(history)`` holds the columns."""
        return self.names

    @property
    def names(self) -> list[str]:
        """The columns, in the order of their first appearance."""
        return list(dict.fromkeys(name for row in self.rows for name in row))

    def to_rows(self) -> list[Row]:
        """A copy of the rows, as ``pandas.DataFrame`` takes them."""
        return [dict(row) for row in self.rows]

    def to_columns(self) -> dict[str, list[Any]]:
        """The rows as one list per column."""
        return {name: self.column(name) for name in self.names}

    def to_json(self) -> str:
        """Everything as one JSON object; ``from_json`` reads it back (NaN comes back as None)."""
        return json.dumps(
            {
                "rows": [finite_or_none(row) for row in self.rows],
                "losses": list(finite_or_none(dict(enumerate(self.losses))).values()),
                "stopped": self.stopped,
                "engine": self.engine,
                "kept": self.kept,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> History:
        """The history that ``to_json`` wrote.

        Raises:
            FormatError: the text is not such a history.
        """
        content = parse_json(text, "the history")
        problem = _problem_of_all(content)
        if problem:
            raise FormatError(f"the history is not as to_json writes it: {problem}.")
        history = cls(content["rows"])
        history.losses = content["losses"]
        history.stopped, history.engine = content["stopped"], content["engine"]
        history.kept = content.get("kept")  # earlier versions have none
        return history

    def lines_from(self, rows: int, losses: int) -> str:
        """The lines of ``history.jsonl`` after the first so many rows and losses."""
        entries: list[Row] = [
            {"step": number, "loss": loss}
            for number, loss in enumerate(self.losses[losses:], losses + 1)
        ]
        entries += [finite_or_none(row) for row in self.rows[rows:]]
        entries.sort(key=lambda entry: (entry.get("step", 0), "epoch" in entry))
        return "".join(json.dumps(entry) + "\n" for entry in entries)

    @classmethod
    def read(cls, path: Path, *, up_to_step: int | None = None, rows_only: bool = False) -> History:
        """The history in a ``history.jsonl``.

        A last line that a crash cut off is dropped.

        Args:
            path: the file.
            up_to_step: drop what lies beyond this step.
            rows_only: skip the losses of the steps, which may be millions.

        Raises:
            FormatError: a line in the middle is not one that this class writes.
        """
        history = cls()
        for entry in entries_of(path, rows_only=rows_only):
            if up_to_step is not None and entry.get("step", 0) > up_to_step:
                continue
            if "epoch" in entry:
                history.rows.append({sys.intern(name): v for name, v in entry.items()})
            elif "loss" in entry:
                history.losses.append(entry["loss"])
        return history


def _mean(losses: list[float]) -> float:
    """The mean, rounded once; by repeated addition where it would overflow or is not finite."""
    try:
        return math.fsum(losses) / len(losses)
    except (OverflowError, ValueError):
        return sum(losses) / len(losses)


def _problem_of_all(content: Any) -> str:
    """What is wrong with a history from JSON, or ""."""
    if not isinstance(content, dict):
        return "no JSON object"
    for name, kind in {"rows": list, "losses": list, "stopped": str, "engine": str}.items():
        if not isinstance(content.get(name), kind):
            return f"{name} is {content.get(name)!r:.60}"
    kept = content.get("kept")
    if kept is not None and (type(kept) is not int or kept < 0):
        return f"kept is {kept!r:.60}"
    problems = (f"a loss is {v!r:.60}" for v in content["losses"] if not is_number(v))
    return next(filter(None, map(problem_of, content["rows"])), "") or next(problems, "")
