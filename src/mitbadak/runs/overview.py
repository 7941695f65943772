"""Many run folders at a glance: what each trains, how far it got, and its state."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mitbadak.core.errors import FormatError, MitbadakError, RunFolderError, unknown_name
from mitbadak.runs.folder import RunFolder
from mitbadak.runs.locks import is_held
from mitbadak.runs.model_file import read_values, row_in
from mitbadak.training.history import History
from mitbadak.training.history_file import Row, last_row

PARTS_OF_A_RUN = ("config.json", "history.jsonl", "model.safetensors", "checkpoint.safetensors")


@dataclass(frozen=True)
class RunSummary:
    """One line about one run folder.

    Attributes:
        path: the folder.
        data, net, optimizer: in words; "" if it cannot be read.
        epochs, of: epochs completed and requested.
        kept: the epoch whose weights were put back at the end, if it is not the last one.
        accuracy, r2: of those weights on the test set; None where they were not measured.
        loss: the mean training loss of that epoch, or None.
        seconds: training time, or None.
        state: ``finished``, ``stopped``, ``running`` or ``damaged``.
        why: the reason for ``stopped`` or ``damaged``; or what went wrong in a run that finished.
        when: time of the last change, in seconds since 1970.
    """

    path: Path
    data: str = ""
    net: str = ""
    optimizer: str = ""
    epochs: int = 0
    of: int = 0
    kept: int | None = None
    accuracy: float | None = None
    r2: float | None = None
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
"""Sort keys for a list of runs, the best or newest first."""


def overview(folders: Sequence[str | os.PathLike[str]], sort: str = "newest") -> list[RunSummary]:
    """A summary of each run.

    Only the headers and the ends of files are read, so that a thousand runs take a second. A
    damaged run is listed as such.

    Args:
        folders: run folders, or folders of run folders.
        sort: a key of ``SORTINGS``.

    Raises:
        RunFolderError: a folder is missing.
        UnknownNameError: an unknown order.

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
    summaries: dict[Path, RunSummary] = {}
    for folder in map(Path, folders):
        if not folder.is_dir():
            raise RunFolderError(
                f"there is no folder {folder}. Runs are made by 'mitbadak train', by default in "
                "the folder runs."
            )
        inside = [folder] if _is_run(folder) else [f for f in folder.iterdir() if _is_run(f)]
        summaries |= {path: summary_of(path) for path in inside}
    return sorted(sorted(summaries.values(), key=lambda run: run.name), key=SORTINGS[sort])


def summary_of(folder: str | os.PathLike[str]) -> RunSummary:
    """The summary of one run folder, whatever state it is in."""
    run = RunFolder(folder)
    when = max((_changed(run.path / part) for part in PARTS_OF_A_RUN), default=0.0)
    try:
        config = run.read_config()
        recipe = config.recipe
        last = last_row(run.history) if run.history.is_file() else {}
        values = read_values(run.checkpoint) if run.checkpoint.is_file() else {}
        row = last
        if run.model.is_file():
            row = row_in(read_values(run.model), run.model) or last
            row = {**row, **last} if row.get("epoch") == last.get("epoch") else row
        elif values:
            raise FormatError(f"{run.model} is missing.")
        done = int(last.get("epoch") or 0)
        state, why = "finished", str(row.get("warning") or "")
        if done < recipe.epochs:
            state, why = _unfinished(run, str(values.get("stopped") or ""))
        return RunSummary(
            run.path,
            data=config.data_name,
            net=_net(values, recipe.hidden, recipe.activation),
            optimizer=f"{recipe.optimizer} lr {recipe.lr:g}",
            epochs=done,
            of=recipe.epochs,
            kept=None if row.get("epoch") == last.get("epoch") else row["epoch"],
            accuracy=_number(row, "test_accuracy"),
            r2=_number(row, "r2"),
            loss=_number(row, "train_loss"),
            seconds=_number(last, "seconds"),
            state=state,
            why=why,
            when=when,
        )
    except (MitbadakError, OSError, LookupError, ValueError, TypeError, AttributeError,
            RecursionError, OverflowError) as problem:  # fmt: skip
        return RunSummary(run.path, why=" ".join(str(problem).split()), when=when)


def rows_of(folder: str | os.PathLike[str]) -> History:
    """The history of a run without the losses of its steps, which may be millions.

    Raises:
        FormatError: a row, or the model file, is damaged.
        RunFolderError: the folder has no history.
    """
    path = RunFolder(folder).history
    if not path.is_file():
        raise RunFolderError(f"{folder} has no history.jsonl: nothing has been evaluated yet.")
    history = History.read(path, rows_only=True)
    model = RunFolder(folder).model
    row = row_in(read_values(model), model) if model.is_file() else None
    if row is not None and history.rows and row["epoch"] != history[-1].get("epoch"):
        history.kept = row["epoch"]
    return history


def _is_run(folder: Path) -> bool:
    return any((folder / part).is_file() for part in PARTS_OF_A_RUN)


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _unfinished(run: RunFolder, stopped: str) -> tuple[str, str]:
    """State and reason of a run that lacks epochs; while it runs, its folder is locked."""
    if stopped:
        return "stopped", stopped
    return ("running", "") if is_held(run.path) else ("stopped", "interrupted")


def _net(values: dict[str, Any], hidden: tuple[int, ...], activation: str) -> str:
    layers = [layer for layer in values.get("net", {}).get("layers", ()) if "n_in" in layer]
    widths = [layer["n_in"] for layer in layers] + [layer["n_out"] for layer in layers[-1:]]
    shown = widths if widths else [*hidden, "..."]
    return f"{'-'.join(map(str, shown))} {activation if hidden else ''}".strip()


def _number(row: Row, name: str) -> float | None:
    value = row.get(name)
    return float(value) if isinstance(value, (int, float)) else None
