"""Many run folders at a glance: what each is, how far it came, and how it stands."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mitbadak.core.errors import FormatError, MitbadakError, RunFolderError, unknown_name
from mitbadak.core.files import parse_json
from mitbadak.training.history import MOST_OF_A_LINE, History, Row, check_growth, problem_of
from mitbadak.runs.locks import is_held
from mitbadak.runs.folder import RunFolder
from mitbadak.runs.model_file import MOST_HEADER

TAIL = 1 << 16
PARTS_OF_A_RUN = ("config.json", "history.jsonl", "model.safetensors", "checkpoint.safetensors")


@dataclass(frozen=True)
class RunSummary:
    """One line about one run folder.

    Attributes:
        path: the folder.
        data, net, optimizer: what was trained on what by what; "" where it cannot be read.
        epochs, of: epochs done and asked for.
        accuracy: on the test set, or None; loss: the mean of the last epoch.
        seconds: of training.
        state: ``finished``, ``stopped``, ``running`` or ``damaged``.
        why: of ``stopped`` and ``damaged``.
        when: of the last change, seconds since 1970.
    """

    path: Path
    data: str = ""
    net: str = ""
    optimizer: str = ""
    epochs: int = 0
    of: int = 0
    accuracy: float | None = None
    loss: float | None = None
    seconds: float | None = None
    state: str = "damaged"
    why: str = ""
    when: float = 0.0

    @property
    def name(self) -> str:
        """The folder's own name."""
        return self.path.name or str(self.path)


SORTINGS: dict[str, Callable[[RunSummary], Any]] = {
    "newest": lambda run: -run.when,
    "name": lambda run: run.name,
    "data": lambda run: (run.data, run.name),
    "epochs": lambda run: -run.epochs,
    "accuracy": lambda run: 1.0 if run.accuracy is None else -run.accuracy,
    "loss": lambda run: float("inf") if run.loss is None else run.loss,
    "seconds": lambda run: float("inf") if run.seconds is None else run.seconds,
    "state": lambda run: (run.state, run.name),
}
"""Orders of a list of runs, the best or newest first."""


def overview(folders: Sequence[str | os.PathLike], sort: str = "newest") -> list[RunSummary]:
    """A line about every run in some folders, or about the run folders named.

    Only the ends of the files are read, so that a thousand runs take a second. A damaged run is
    told as one and stops nothing.

    Args:
        folders: run folders, or folders of run folders.
        sort: a key of ``SORTINGS``.

    Raises:
        RunFolderError: a folder is missing.
        UnknownNameError: another order.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     (Path(folder) / "broken").mkdir()
        ...     _ = (Path(folder) / "broken" / "config.json").write_text("{")
        ...     [(run.name, run.state) for run in overview([folder])]
        [('broken', 'damaged')]
    """
    if sort not in SORTINGS:
        raise unknown_name("order", sort, SORTINGS)
    found: dict[Path, RunSummary] = {}
    for folder in map(Path, folders):
        if not folder.is_dir():
            raise RunFolderError(
                f"there is no folder {folder}. Runs are made by 'mitbadak train', by default in "
                "the folder runs."
            )
        inside = [folder] if _is_run(folder) else [f for f in folder.iterdir() if _is_run(f)]
        found |= {path: summary_of(path) for path in inside}
    return sorted(sorted(found.values(), key=lambda run: run.name), key=SORTINGS[sort])


def summary_of(folder: str | os.PathLike) -> RunSummary:
    """The line about one run folder, whatever state it is in."""
    run = RunFolder(folder)
    when = max((_changed(run.path / part) for part in PARTS_OF_A_RUN), default=0.0)
    try:
        config = run.read_config()
        row = last_row(run.history) if run.history.is_file() else {}
        values = _values(run.checkpoint) if run.checkpoint.is_file() else {}
        if run.model.is_file():
            _values(run.model)
        elif values:
            raise FormatError(f"{run.model} is missing.")
        done = int(row.get("epoch") or 0)
        state, why = "finished", ""
        if done < config.epochs:
            state, why = _unfinished(run, str(values.get("stopped") or ""))
        return RunSummary(
            run.path,
            config.data_name,
            _net(values, config.hidden, config.activation),
            f"{config.optimizer} lr {config.lr:g}",
            done,
            config.epochs,
            _number(row, "test_accuracy"),
            _number(row, "train_loss"),
            _number(row, "seconds"),
            state,
            why,
            when,
        )
    except (MitbadakError, OSError, LookupError, ValueError, TypeError, AttributeError,
            RecursionError, OverflowError) as problem:  # fmt: skip
        return RunSummary(run.path, why=" ".join(str(problem).split()), when=when)


def last_row(path: Path) -> Row:
    """The last whole row of a history, read from the end of its file.

    Raises:
        FormatError: what looks like a row is none.
    """
    with open(path, "rb") as file:
        start, rest, cut_off = file.seek(0, os.SEEK_END), b"", True
        while start > 0 and len(rest) < MOST_OF_A_LINE:
            end, start = start, max(0, start - TAIL)
            file.seek(start)
            lines = (file.read(end - start) + rest).split(b"\n")
            if cut_off and len(lines) > 1:  # what follows the last end of a line is empty or cut
                lines.pop()
                cut_off = False
            rest = lines.pop(0) if start or cut_off else b""
            for line in reversed(lines):
                if b'"epoch"' in line:
                    return _row(path, line)
    if len(rest) >= MOST_OF_A_LINE:
        raise FormatError(f"{path} has a line longer than {MOST_OF_A_LINE:,} bytes.")
    return {}


def rows_of(folder: str | os.PathLike) -> History:
    """The history of a run without the losses of its steps, which may be millions.

    Raises:
        FormatError: a row is damaged.
        RunFolderError: the folder has no history.
    """
    path = RunFolder(folder).history
    if not path.is_file():
        raise RunFolderError(f"{folder} has no history.jsonl: nothing was measured yet.")
    history, size = History(), 0
    with open(path, "rb") as file:
        while line := file.readline(MOST_OF_A_LINE):
            if len(line) == MOST_OF_A_LINE:
                raise FormatError(f"{path} has a line longer than {MOST_OF_A_LINE:,} bytes.")
            if b'"epoch"' in line and line.endswith(b"\n"):
                row = _row(path, line)
                history.rows.append({sys.intern(name): value for name, value in row.items()})
            size += len(line)
            check_growth(path, len(history), size)
    return history


def _is_run(folder: Path) -> bool:
    return any((folder / part).is_file() for part in PARTS_OF_A_RUN)


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _unfinished(run: RunFolder, stopped: str) -> tuple[str, str]:
    """Whether a run that lacks epochs goes on: then its folder is locked."""
    if stopped:
        return "stopped", stopped
    return ("running", "") if is_held(run.path) else ("stopped", "interrupted")


def _values(path: Path) -> dict[str, Any]:
    """What a file of weights says besides its arrays, which are not read; its length is checked.

    A safetensors file is the length of its header, as eight bytes, the header in JSON, and the
    arrays, whose offsets the header gives.
    """
    size = path.stat().st_size
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= min(size - 8, MOST_HEADER):
            raise FormatError(f"{path} is damaged or no safetensors file.")
        header = parse_json(file.read(length), str(path))
    said = header.pop("__metadata__", {})
    ends = [entry["data_offsets"][1] for entry in header.values()]
    if size != 8 + length + max(ends, default=0):
        raise FormatError(f"{path} is damaged: its length is not what its header says.")
    return parse_json(said["mitbadak"], str(path))


def _net(values: dict[str, Any], hidden: tuple[int, ...], activation: str) -> str:
    layers = [layer for layer in values.get("net", {}).get("layers", ()) if "n_in" in layer]
    widths = [layer["n_in"] for layer in layers] + [layer["n_out"] for layer in layers[-1:]]
    shown = widths if widths else [*hidden, "..."]
    return f"{'-'.join(map(str, shown))} {activation if hidden else ''}".strip()


def _row(path: Path, line: bytes) -> Row:
    try:
        row = parse_json(line, str(path))
    except FormatError:
        row = None
    if row is None or problem_of(row) or "epoch" not in row:
        raise FormatError(f"{path} holds a row that is none: {line[:60]!r}.")
    return row


def _number(row: Row, name: str) -> float | None:
    value = row.get(name)
    return float(value) if isinstance(value, (int, float)) else None
