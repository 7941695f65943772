"""The view of the runs: the page's messages, and what the page is shown."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from mitbadak.core.errors import MitbadakError
from mitbadak.doctor.runs import diagnose_run
from mitbadak.functions.blas import few_blas_threads
from mitbadak.lab.both import readable, reason
from mitbadak.lab.playground.worker import Worker
from mitbadak.lab.runs.listing import (
    COLUMNS,
    NUMBERS,
    curves_of,
    in_words,
    listed,
)
from mitbadak.lab.schema import Choice, Fields, Flag, Rows
from mitbadak.lab.view import View
from mitbadak.lab.ward import in_words as report_in_words, leave
from mitbadak.lab.wire import Frame
from mitbadak.runs.overview import RunSummary

MOST_CHOSEN = 6
LOOK = 2.0  # seconds between two looks at the folders
SHARE = 0.05  # of the time that looks may take

SORTINGS = ("when", "name", "data", "net", "optimizer", "epochs", "accuracy", "loss", "seconds",
            "state")  # fmt: skip
MEASURES = ("test_accuracy", "train_accuracy", "validation_accuracy", "test_loss", "train_loss",
            "validation_loss", "r2")  # fmt: skip

SETTINGS: Fields = {
    "sort": Choice(SORTINGS, "when"),
    "reverse": Flag(False),
    "measure": Choice(MEASURES, "test_accuracy"),
    "chosen": Rows(1, MOST_CHOSEN, NUMBERS),
}


class RunsView(View):
    """See ``View``.

    Args:
        directory: whose runs; by default the working directory.
    """

    name = "runs"
    SETTINGS = SETTINGS
    MESSAGES: ClassVar[Mapping[str, Fields]] = {
        "refresh": {}, "play": {}, "pause": {}
    }  # fmt: skip

    def __init__(self, directory: Path | None = None) -> None:
        super().__init__()
        self.directory = Path.cwd() if directory is None else directory
        self.runs: dict[int, RunSummary] = {}
        self.curves: dict[int, tuple[float, Frame]] = {}  # by number, with the time of the run
        self.reports: dict[int, tuple[float, Frame]] = {}
        self.told: dict[Any, Any] = {}
        self.next_look = 0.0
        self.busy = self.looked = False
        self.worker = Worker(lambda _: False, self._failed)

    # ---- the page's messages

    def on_hello(self) -> None:
        """A page is there: it gets everything, whatever was sent before."""
        self.told = {}
        self.next_look = 0.0

    def on_refresh(self) -> None:
        """Look at the folders at once."""
        self.next_look = 0.0

    def on_play(self) -> None:
        """Nothing trains here; a notebook that watches from its cell sends this to any view."""

    def on_pause(self) -> None:
        """The same."""

    def changed(self, names: set[str]) -> None:
        """Other runs may have been chosen: curves and reports are read at the next look."""
        if "chosen" in names:
            self.next_look = 0.0

    def close(self) -> None:
        """Stop reading."""
        leave(self.worker)

    # ---- in the worker's thread

    def _look(self) -> None:
        began = time.perf_counter()
        try:
            self.runs = listed(self.directory)
            self.looked = True
            for number, run in self._chosen():
                if self.curves.get(number, (None,))[0] != run.when:
                    self.curves[number] = (run.when, _curves(number, run))
            self.next_look = time.perf_counter() + max(LOOK, (time.perf_counter() - began) / SHARE)
            self._examine()
        finally:
            self.busy = False

    def _examine(self) -> None:
        """Ask the doctor about chosen runs, one after another, until something else is wanted."""
        for number, run in self._chosen():
            if self.worker.closed or number not in dict(self._chosen()):
                continue
            if self.reports.get(number, (None,))[0] != run.when and run.state != "running":
                self.reports[number] = (run.when, _report(number, run))

    def _chosen(self) -> list[tuple[int, RunSummary]]:
        numbers = [int(row[0]) for row in self.settings["chosen"]]
        return [(n, self.runs[n]) for n in numbers if n in self.runs]

    def _failed(self, problem: Exception) -> None:
        self.next_look = time.perf_counter() + LOOK
        self.complain(problem)

    # ---- frames

    def frames(self) -> list[Frame]:
        """Answers, the table if it has changed, and curves and reports of the chosen runs."""
        frames = super().frames()
        if not self.busy and time.perf_counter() >= self.next_look:
            self.busy = True
            self.worker.ask(self._look)
        runs = self.runs
        table = [in_words(number, run) for number, run in runs.items()]
        if self.looked and self.told.get("runs") != table:
            self.told["runs"] = table
            content = {"type": "runs", "directory": readable(self.directory.name), "runs": table}
            frames.append(Frame(content))
        for number, _ in self._chosen():
            for kind, found in (("curves", self.curves), ("report", self.reports)):
                entry = found.get(number)
                if entry is not None and self.told.get((kind, number)) is not entry:
                    self.told[kind, number] = entry
                    frames.append(entry[1])
        return frames


def _curves(number: int, run: RunSummary) -> Frame:
    content = {"type": "curves", "number": number, "columns": list(COLUMNS), "problem": None}
    try:
        return Frame(content, (curves_of(run).tobytes(),))
    except (MitbadakError, OSError, ValueError, LookupError, TypeError) as problem:
        return Frame({**content, "problem": reason(problem)}, (b"",))


def _report(number: int, run: RunSummary) -> Frame:
    content = {"type": "report", "number": number, "report": None, "problem": None}
    try:
        with few_blas_threads():
            report = report_in_words(diagnose_run(run.path))
        return Frame({**content, "report": report})
    except (MitbadakError, OSError, ValueError, LookupError, TypeError) as problem:
        return Frame({**content, "problem": reason(problem)})
