"""The processes of a sweep: each takes trials until all parameter sets are done."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mitbadak.core.ending import Ended
from mitbadak.core.errors import StateError
from mitbadak.core.signals import handled
from mitbadak.core.startup import ENDINGS
from mitbadak.interop.tuning.addresses import is_url
from mitbadak.interop.tuning.definition import read_sweep
from mitbadak.interop.tuning.ledger import (
    Family,
    Heartbeats,
    fail_dead,
    families_of,
    may_run,
    quiet,
    requeue_lost,
)
from mitbadak.interop.tuning.living import WORKER, Living
from mitbadak.interop.tuning.ranges import distributions_of
from mitbadak.interop.tuning.results import TrialResult, result_of_family
from mitbadak.interop.tuning.storages import open_storage, open_study
from mitbadak.interop.tuning.trial import Trying

PAUSE = 0.2  # seconds between two looks at what other processes do
MOST_STARTS = 5  # of a process that dies before it has done anything

Told = Callable[[TrialResult], None]


def work(trying: Trying, trials: int, told: Told | None = None) -> None:
    """Take trials until so many parameter sets are done, by whichever process.

    This process must be shown to be alive while it does (``Living.shown``).

    Args:
        trying: what runs a trial.
        trials: parameter sets of the whole sweep.
        told: called with each result of this process.
    """
    study, definition = trying.study, trying.definition
    distributions = distributions_of(definition.ranges)
    hearts = None if trying.heartbeat is None else Heartbeats(study, trying.heartbeat)
    parent = os.getppid()
    while os.getppid() == parent or os.name == "nt":  # a sweep does not go on without its head
        if hearts is not None:
            hearts.fail_stale()
        else:
            fail_dead(study, trying.living.is_alive)
        requeue_lost(study)
        families = families_of(study.get_trials(deepcopy=False), trials)
        drawn = len(families) >= trials
        if drawn and all(family.result is not None for family in families):
            return
        waiting = any(t.state.name == "WAITING" for f in families for t in f.trials)
        if drawn and not waiting:  # the others are being run
            time.sleep(PAUSE)
            continue
        trial = _taken(trying, distributions, trials)
        if trial is not None and trying.run(trial) and told is not None:
            families = families_of(study.get_trials(deepcopy=False))
            mine = next(f for f in families if any(t.number == trial.number for t in f.trials))
            told(_result_of(trying, mine))


def _taken(trying: Trying, distributions: Any, trials: int) -> Any | None:
    """A trial for this process to run; None if others are ahead of it."""
    from optuna.exceptions import UpdateFinishedTrialError

    try:
        with quiet():
            trial = trying.study.ask(distributions)
        trial.set_user_attr(WORKER, trying.living.name)
        return trial if may_run(trying.study, trial, trials) else None
    except UpdateFinishedTrialError:  # this process was so slow that it was taken for dead
        return None


def _result_of(trying: Trying, family: Family) -> TrialResult:
    return result_of_family(family, trying.definition, trying.folder, trying.identity)


def run_processes(trying: Trying, storage: str, trials: int, count: int, told: Told | None) -> None:
    """Run a sweep by several processes on this machine; one that dies is replaced.

    Args:
        trying: of this process, which runs no trial itself.
        storage: address or path of the sweep's storage.
        trials: parameter sets of the whole sweep.
        count: how many processes.
        told: called with each result.

    Raises:
        StateError: the processes die again and again.
    """
    crew = _Crew(trying.folder, storage, trials, count)
    seen: set[int] = set()
    with crew.at_work():
        while not crew.is_done():
            time.sleep(PAUSE)
            crew.replace_dead()
            _tell_new(trying, trials, seen, told)
    _tell_new(trying, trials, seen, told)


def _tell_new(trying: Trying, trials: int, seen: set[int], told: Told | None) -> None:
    for family in families_of(trying.study.get_trials(deepcopy=False), trials):
        if family.result is not None and family.root not in seen:
            seen.add(family.root)
            if told is not None:
                told(_result_of(trying, family))


class _Crew:
    """The processes that a sweep has started on this machine."""

    def __init__(self, folder: Path, storage: str, trials: int, count: int):
        self.line = [sys.executable, "-m", __name__]
        self.task = json.dumps({"folder": str(folder), "storage": storage, "trials": trials})
        self.processes: list[subprocess.Popen[bytes]] = []
        self.count, self.starts = count, 0

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """While entered, the processes run; those that are left are ended at the exit."""

        def ended(number: int, _: Any) -> None:
            raise Ended(number)

        with handled(tuple(ENDINGS), ended):
            try:
                self.processes = [self._start() for _ in range(self.count)]
                yield
            finally:
                for process in self.processes:
                    if process.poll() is None:
                        process.send_signal(signal.SIGTERM)
                for process in self.processes:
                    process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        # In a group of its own, Ctrl-C reaches it through this process, once.
        process = subprocess.Popen(
            self.line, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            start_new_session=os.name != "nt",
        )  # fmt: skip
        if process.stdin is not None:
            process.stdin.write(self.task.encode())
            process.stdin.close()
        return process

    def is_done(self) -> bool:
        return all(process.poll() == 0 for process in self.processes)

    def replace_dead(self) -> None:
        """Start another process for each that has died; it tries again what they were at."""
        dead = [p for p in self.processes if p.poll() not in (None, 0)]
        for process in dead:
            self.starts += 1
            if self.starts > MOST_STARTS * self.count:
                raise StateError(
                    f"tune: its processes die again and again, the last one with exit code "
                    f"{process.returncode}. Run the sweep with workers=1 to see why."
                )
            self.processes[self.processes.index(process)] = self._start()


def main() -> int:
    """One process of a sweep, which reads what to do from stdin."""
    task = json.loads(sys.stdin.read())
    folder = Path(task["folder"])
    definition, content = read_sweep(folder)
    heartbeat = int(content["heartbeat"]) if is_url(task["storage"]) else None
    storage = open_storage(task["storage"], heartbeat)
    study = open_study(storage, definition, several=True)
    try:
        living = Living(task["storage"])
        identity = str(content.get("identity", ""))
        trying = Trying(study, definition, folder, identity, living, heartbeat)
        with living.shown():
            work(trying, task["trials"])
    except (KeyboardInterrupt, Ended):
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
