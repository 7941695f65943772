"""One trial of a sweep: a run with the settings that were drawn, in a folder like any other."""

from __future__ import annotations

import contextlib
import math
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mitbadak.core.errors import LostFolderError, MitbadakError, RunFolderError, StorageError
from mitbadak.core.files import sync_folder
from mitbadak.interop.tuning.definition import Definition
from mitbadak.interop.tuning.ledger import WHY, fail, place_of, quiet
from mitbadak.interop.tuning.living import Living
from mitbadak.runs.folder import RunFolder, new_folder
from mitbadak.runs.session import Session
from mitbadak.training.history_file import Row, finite_or_none
from mitbadak.training.hooks import Callback, without_arrays

RUNS = "runs"  # folder of the runs in that of a sweep
RESULT = "result"  # attribute of a trial: where its run is, and what it measured
NO_BETTER = " has not "  # in the reason of a run that early stopping has ended
PRUNED = "it fell behind the median of the other runs"
TAKEN = "another process was given this trial"


class Reporter(Callback):
    """Reports a run's measure to the sweep, and stops the run if it falls behind.

    Args:
        trial: from ``Study.ask``.
        definition: the sweep.
    """

    def __init__(self, trial: Any, definition: Definition):
        self.trial, self.definition = trial, definition
        self.pruned = self.taken = self.failed = False

    @without_arrays
    def on_epoch_end(self, trainer: Any, row: Row) -> None:
        self._report(trainer, row, latest=True)

    def catch_up(self, trainer: Any) -> None:
        """Report what a run measured before it was interrupted, and note how it had ended.

        Its trial is a new one, which knows nothing of that. A run that had ended did so without
        its end being recorded.
        """
        history = trainer.history
        if history.stopped == TAKEN:  # and given back
            history.stopped = ""
        self.pruned = history.stopped == PRUNED
        early = NO_BETTER in history.stopped
        self.failed = bool(history.stopped) and not self.pruned and not early
        for row in history.rows:
            self._report(trainer, row, latest=row is history.rows[-1] and not history.stopped)

    def _report(self, trainer: Any, row: Row, *, latest: bool) -> None:
        epoch, value = row["epoch"], row.get(self.definition.monitor)
        due = epoch > 0 and epoch % self.definition.reported == 0
        if not due or not isinstance(value, (int, float)) or not math.isfinite(value):
            return
        from optuna.exceptions import UpdateFinishedTrialError

        try:
            with quiet():
                self.trial.report(value, epoch)
            if latest and epoch < trainer.epochs and self.trial.should_prune():
                self.pruned = True
                trainer.request_stop(PRUNED)
        except UpdateFinishedTrialError:
            self.taken = True
            trainer.request_stop(TAKEN)


@dataclass(frozen=True)
class Trying:
    """What runs the trials of a sweep in this process.

    Attributes:
        study: Optuna's.
        definition: the sweep.
        folder: of the sweep; runs are in a folder there.
        identity: of that folder, by which results name it.
        living: this process as others see it.
        heartbeat: seconds between two signs of life, on a server.
    """

    study: Any
    definition: Definition
    folder: Path
    identity: str
    living: Living
    heartbeat: int | None = None

    def run(self, trial: Any) -> bool:
        """Run a trial, and record how it ended; False if it was taken away from this process.

        An interrupted trial is failed without a reason, so that it is queued again; its run goes
        on from its checkpoint.
        """
        with self._beating(trial):
            try:
                session = self._session(trial)
            except (StorageError, LostFolderError):
                fail(self.study, trial.number)
                raise
            except MitbadakError as refusal:  # of these values
                return self._told(trial, "FAIL", {WHY: str(refusal)}, None)
            except BaseException:
                fail(self.study, trial.number)
                raise
            return self._trained(trial, session)

    def _session(self, trial: Any) -> Session:
        config = self.definition.config(trial.params)
        reporter = Reporter(trial, self.definition)
        runs = self.folder / RUNS
        name = f"{place_of(self.study.get_trials(deepcopy=False), trial.number):04d}"
        if (runs / name).is_dir():
            with contextlib.suppress(RunFolderError):  # damaged, or another process is at it
                before = RunFolder.open(runs / name).read_config()
                tried = self.definition.ranges
                if all(getattr(before, n) == getattr(config, n) for n in tried):
                    session = Session.resume(runs / name, callbacks=[reporter])
                    reporter.catch_up(session.trainer)
                    return session
        session = Session.start(config, new_folder(runs, name), callbacks=[reporter])
        sync_folder(runs)
        return session

    def _trained(self, trial: Any, session: Session) -> bool:
        reporter = next(c for c in session.trainer.callbacks if isinstance(c, Reporter))
        try:
            history = session.train()
        except BaseException:
            fail(self.study, trial.number)
            raise
        if session.trainer.interrupted:
            fail(self.study, trial.number)
            raise KeyboardInterrupt
        row = session.result or (history[-1] if history.rows else {})
        value = row.get(self.definition.monitor)
        measures = {
            "run": session.run.path.name,
            "folder": str(session.run.path.resolve()),
            "sweep": self.identity,
            "machine": socket.gethostname(),
            "epochs": session.trainer.epoch,
            "kept_epoch": history.kept,
            "seconds": round(session.trainer.seconds, 3),
            "measures": finite_or_none({k: v for k, v in row.items() if "_" in k}),
        }
        more: dict[str, Any] = {RESULT: measures}
        if reporter.taken:
            return False
        if reporter.pruned:
            return self._told(trial, "PRUNED", more, None)
        if session.trainer.failed or reporter.failed or value is None or not math.isfinite(value):
            return self._told(
                trial, "FAIL", {**more, WHY: str(history.stopped or "diverged")}, None
            )
        return self._told(trial, "COMPLETE", more, float(value))

    def _told(
        self, trial: Any, state: str, attributes: dict[str, Any], value: float | None
    ) -> bool:
        """Record the end of a trial; the reason first, so that no end is without it."""
        from optuna.exceptions import UpdateFinishedTrialError
        from optuna.trial import TrialState

        try:
            for name, content in attributes.items():
                trial.set_user_attr(name, content)
            with quiet():
                self.study.tell(trial, value, state=TrialState[state])
        except (UpdateFinishedTrialError, ValueError) as problem:
            if isinstance(problem, ValueError) and "Cannot tell" not in str(problem):
                raise
            return False
        return True

    @contextlib.contextmanager
    def _beating(self, trial: Any) -> Iterator[None]:
        """While entered, this process shows that it lives."""
        if self.heartbeat is None:
            yield
            return
        ended, storage = threading.Event(), self.study._storage
        storage.record_heartbeat(trial._trial_id)

        def beat() -> None:
            while not ended.wait(self.heartbeat):
                with contextlib.suppress(Exception):  # the server is away for a moment
                    storage.record_heartbeat(trial._trial_id)

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
