"""A sweep from its start to its end, and what came of it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from mitbadak.core.errors import RangeError, RunFolderError, whole
from mitbadak.core.files import local_path
from mitbadak.interop.tuning import workers
from mitbadak.interop.tuning.definition import FILE, Definition, define, read_sweep
from mitbadak.interop.tuning.ledger import fail_dead
from mitbadak.interop.tuning.results import SweepResult, TrialResult, result_of_sweep
from mitbadak.interop.tuning.storages import (
    JOURNAL,
    SQLITE,
    check_optuna,
    is_url,
    open_storage,
    open_study,
    without_password,
)
from mitbadak.interop.tuning.trial import RUNS, run_name
from mitbadak.runs.folder import new_folder, written_to
from mitbadak.runs.locks import FolderLock, is_held

SWEEPS = "sweeps"
HEARTBEAT = 60  # seconds; shorter ones fail living trials where a machine or its network is busy
Told = Callable[[TrialResult], None]


@dataclass
class Sweep:
    """A sweep that is ready to start or to go on.

    Attributes:
        definition: what it is.
        folder: where its runs are.
        storage: address of a server, or path of a file in the folder.
        heartbeat: seconds between two signs of life; None where the storage is a file.
        wanted: parameter sets that the last call asked for; 0 before the first one.
    """

    definition: Definition
    folder: Path
    storage: str
    heartbeat: int | None
    wanted: int = 0

    @classmethod
    def start(
        cls,
        definition: Definition,
        out: str | os.PathLike[str] | None = None,
        *,
        storage: str = "",
        workers: int = 1,
        heartbeat: int = HEARTBEAT,
    ) -> Sweep:
        """A new sweep in a new folder; on a server one that others may have begun.

        Args:
            definition: from ``define``.
            out: the folder; by default a new one under ``sweeps``.
            storage: address of a server; by default a file in the folder.
            workers: processes on this machine.
            heartbeat: seconds between two signs of life, on a server.

        Raises:
            RunFolderError: the folder holds something else.
        """
        whole("tune", "workers", workers)
        whole("tune", "heartbeat", heartbeat)
        shared = bool(storage) and is_url(storage)
        with written_to(out or SWEEPS, "Choose another folder."):
            folder = cls._folder(definition, out, shared)
        place = storage or str(folder / (JOURNAL if workers > 1 else SQLITE))
        sweep = cls(definition, folder, place, heartbeat if shared else None)
        sweep._save(0, heartbeat)
        return sweep

    def _save(self, wanted: int, heartbeat: int | None = None) -> None:
        """Write what the sweep is, without a password."""
        path = Path(self.storage)
        inside = self.heartbeat is None and path.parent == self.folder
        self.definition.save(
            self.folder,
            {
                "storage": path.name if inside else without_password(self.storage),
                "heartbeat": self.heartbeat or heartbeat or HEARTBEAT,
                "trials": wanted,
            },
        )

    @staticmethod
    def _folder(definition: Definition, out: str | os.PathLike[str] | None, shared: bool) -> Path:
        if out is None and not shared:
            stem = Path(definition.data).stem
            return new_folder(Path(SWEEPS), f"{stem}-{datetime.now():%Y%m%d-%H%M%S}")
        folder = Path(SWEEPS) / definition.name if out is None else Path(out)
        if (folder / FILE).is_file():
            if not shared:
                raise RunFolderError(
                    f"{folder} holds a sweep. Continue with: mitbadak tune --resume {folder}, or "
                    "choose another name."
                )
            if read_sweep(folder)[0] != definition:
                raise RunFolderError(f"{folder} holds another sweep. Choose another name.")
        elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise RunFolderError(
                f"{folder} exists and is not an empty folder. Choose another name: out=..."
            )
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @classmethod
    def resume(cls, folder: str | os.PathLike[str], *, storage: str = "") -> Sweep:
        """A sweep that goes on.

        Args:
            folder: of the sweep.
            storage: the address of its server, where that needs a password.

        Raises:
            RunFolderError: it is not the folder of a sweep.
        """
        path = Path(folder)
        definition, content = read_sweep(path)
        kept = str(content.get("storage") or SQLITE)
        if storage and without_password(storage) != kept:
            raise RangeError(f"A sweep continues in its own storage, {kept}. Name no other.")
        shared = is_url(kept)
        beat = whole("tune", "heartbeat", content.get("heartbeat"))
        place = storage or (kept if shared or Path(kept).is_absolute() else str(path / kept))
        wanted = whole("tune", "trials", content.get("trials"), least=0)
        return cls(definition, path, place, beat if shared else None, wanted)

    def run(self, trials: int, count: int = 1, told: Told | None = None) -> SweepResult:
        """Run what is left of so many parameter sets, and say what came of them.

        Args:
            trials: parameter sets of the whole sweep, those done before included.
            count: processes on this machine.
            told: called with each result as it comes.

        Raises:
            KeyboardInterrupt: Ctrl-C; the sweep can be resumed.
            RangeError: several processes, and a database for one.
        """
        whole("tune", "trials", trials)
        whole("tune", "workers", count)
        on_server = self.heartbeat is not None
        if count > 1 and not on_server and not self.storage.endswith((".journal", ".log")):
            raise RangeError(
                f"{self.storage} is a SQLite database, which several processes cannot share. "
                "Use workers=1, or start a new sweep with several."
            )
        began = time.perf_counter()
        (self.folder / RUNS).mkdir(exist_ok=True)
        lock = None if on_server else FolderLock(self.folder)
        try:
            storage = open_storage(self.storage, self.heartbeat)
            self._save(trials)
            study = open_study(storage, self.definition, several=on_server or count > 1)
            if lock is not None:  # whatever runs there is from before, and its process is gone
                fail_dead(study, self._is_alive)
            trying = workers.Trying(study, self.definition, self.folder, self.heartbeat)
            if count > 1:
                workers.run_processes(trying, self.storage, trials, count, told)
            else:
                workers.work(trying, trials, told)
        finally:
            if lock is not None:
                lock.release()
        seconds = time.perf_counter() - began
        return result_of_sweep(study, self.definition, self.folder, trials, seconds)

    def _is_alive(self, trial: Any) -> bool:
        """Whether a process is still at a trial: one that was started beside one that is gone."""
        return is_held(self.folder / RUNS / run_name(trial))


def tune(
    data: str | os.PathLike[str],
    ranges: Mapping[str, Any],
    *,
    trials: int = 30,
    out: str | os.PathLike[str] | None = None,
    storage: str = "",
    workers: int = 1,
    by: str | None = None,
    prune: bool = True,
    seed: int = 0,
    told: Told | None = None,
    **settings: Any,
) -> SweepResult:
    """Try many settings, each in a run of its own, and find the best.

    Values are drawn by Optuna's tree-structured Parzen estimator; runs that fall behind the median
    of the others are stopped. Runs are compared on a validation set, never on the test set.

    Args:
        data: a named data set, or a file or folder, as for ``mitbadak train``.
        ranges: what to try: for each setting a ``Range``, a list of values, or text such as
            ``"0.01..10:log"``.
        trials: how many parameter sets.
        out: folder of the sweep; by default a new one under ``sweeps``.
        storage: address of a PostgreSQL server that several machines share.
        workers: processes on this machine.
        by: ``accuracy`` or ``loss`` of the validation set; by default the accuracy of classes.
        prune: whether to stop runs that fall behind.
        seed: for what is drawn; it decides every trial where one process runs.
        told: called with each ``TrialResult`` as it comes.
        settings: the same in all runs, as the flags of ``mitbadak train``.

    Returns:
        The trials, and the best of them, whose run is a run folder.

    Raises:
        StateError: Optuna is not installed.
        MitbadakError: for settings that no run could start with.
    """
    check_optuna()
    place = os.fspath(data)
    if Path(local_path(place)).exists():
        place = str(Path(place).resolve())
    definition = define(place, ranges, settings, by=by, prune=prune, seed=seed)
    sweep = Sweep.start(definition, out, storage=storage, workers=workers)
    return sweep.run(trials, workers, told)
