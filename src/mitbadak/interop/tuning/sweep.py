"""A sweep from its start to its end, and what came of it."""

from __future__ import annotations

import contextlib
import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from mitbadak.core.errors import RangeError, RunFolderError, whole
from mitbadak.core.files import local_path
from mitbadak.interop.tuning import workers
from mitbadak.interop.tuning.addresses import file_of, is_journal, is_url, without_password
from mitbadak.interop.tuning.definition import FILE, Definition, define, read_sweep
from mitbadak.interop.tuning.living import Living
from mitbadak.interop.tuning.results import SweepResult, TrialResult, result_of_sweep
from mitbadak.interop.tuning.storages import (
    JOURNAL,
    SQLITE,
    check_optuna,
    open_storage,
    open_study,
)
from mitbadak.interop.tuning.trial import RUNS
from mitbadak.runs.folder import new_folder, written_to
from mitbadak.runs.locks import LOCK_NAME, FolderLock

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
        identity: by which results name the folder, wherever it is moved.
        fresh: folders that ``start`` made; None where the sweep had begun before.
    """

    definition: Definition
    folder: Path
    storage: str
    heartbeat: int | None
    wanted: int = 0
    identity: str = field(default_factory=lambda: uuid.uuid4().hex)
    fresh: tuple[Path, ...] | None = None

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

        If its first ``run`` is refused, nothing is left of it.

        Args:
            definition: from ``define``.
            out: the folder; by default a new one under ``sweeps``.
            storage: address of a server, or path of a file; by default one in the folder.
            workers: processes on this machine.
            heartbeat: seconds between two signs of life, on a server.

        Raises:
            RunFolderError: the folder holds something else.
        """
        whole("tune", "workers", workers)
        whole("tune", "heartbeat", heartbeat)
        shared = bool(storage) and is_url(storage)
        with written_to(out or SWEEPS, "Choose another folder."):
            folder, fresh = cls._folder(definition, out, shared)
        place = storage or str(folder / (JOURNAL if workers > 1 else SQLITE))
        place = place if shared else str(file_of(place))
        sweep = cls(definition, folder, place, heartbeat if shared else None, fresh=fresh)
        if fresh is None:
            sweep.identity = _identity_in(read_sweep(folder)[1])
        with sweep._withdrawn_if_refused(), written_to(folder, "Choose another folder."):
            sweep._save(0, heartbeat)
        return sweep

    def _save(self, wanted: int, heartbeat: int | None = None) -> None:
        """Write what the sweep is, without a password."""
        path = Path(self.storage)
        inside = self.heartbeat is None and path.parent == self.folder.absolute()
        self.definition.save(
            self.folder,
            {
                "storage": path.name if inside else without_password(self.storage),
                "heartbeat": self.heartbeat or heartbeat or HEARTBEAT,
                "trials": wanted,
                "identity": self.identity,
            },
        )

    @contextlib.contextmanager
    def _withdrawn_if_refused(self) -> Iterator[None]:
        """While entered, an error removes what ``start`` has made; then the sweep has begun."""
        try:
            yield
        except BaseException:
            if self.fresh is not None:
                self._withdraw(self.fresh)
            raise

    def _withdraw(self, fresh: tuple[Path, ...]) -> None:
        with contextlib.suppress(OSError):
            (self.folder / RUNS).rmdir()
        for name in (FILE, LOCK_NAME, f"{SQLITE}*", f"{JOURNAL}*"):
            for path in self.folder.glob(name):
                with contextlib.suppress(OSError):
                    path.unlink()
        for folder in fresh:
            with contextlib.suppress(OSError):  # something else came into it
                folder.rmdir()

    @staticmethod
    def _folder(
        definition: Definition, out: str | os.PathLike[str] | None, shared: bool
    ) -> tuple[Path, tuple[Path, ...] | None]:
        """The folder, and what was made for it; None where a sweep has begun in it."""
        if out is None and not shared:
            stem, above = Path(definition.data).stem, Path(SWEEPS)
            made = () if above.exists() else (above,)
            folder = new_folder(above, f"{stem}-{datetime.now():%Y%m%d-%H%M%S}")
            return folder, (folder, *made)
        folder = Path(SWEEPS) / definition.name if out is None else Path(out)
        if (folder / FILE).is_file():
            if not shared:
                raise RunFolderError(
                    f"{folder} holds a sweep. Continue with: mitbadak tune --resume {folder}, or "
                    "choose another name."
                )
            if read_sweep(folder)[0] != definition:
                raise RunFolderError(f"{folder} holds another sweep. Choose another name.")
            return folder, None
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise RunFolderError(
                f"{folder} exists and is not an empty folder. Choose another name: out=..."
            )
        made = tuple(path for path in (folder, *folder.parents) if not path.exists())
        folder.mkdir(parents=True, exist_ok=True)
        return folder, made

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
        shared = is_url(kept)
        if not shared:
            kept = str(file_of(str(path / kept)))
        named = storage if not storage or is_url(storage) else str(file_of(storage))
        if named and without_password(named) != kept and not _is_same_file(named, kept):
            raise RangeError(f"A sweep continues in its own storage, {kept}. Name no other.")
        beat = whole("tune", "heartbeat", content.get("heartbeat"))
        wanted = whole("tune", "trials", content.get("trials"), least=0)
        if wanted and not shared and not Path(kept).is_file():
            raise RunFolderError(
                f"the storage of the sweep in {path} is gone: there is no file {kept}. Put it back "
                "there."
            )
        beat = beat if shared else None
        return cls(definition, path, named or kept, beat, wanted, _identity_in(content))

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
        began, living = time.perf_counter(), Living(self.storage)
        with contextlib.ExitStack() as ending:
            with self._withdrawn_if_refused():
                study = self._begun(trials, count, ending)
                if count == 1:
                    ending.enter_context(living.shown())
            self.fresh = None
            trying = workers.Trying(
                study, self.definition, self.folder, self.identity, living, self.heartbeat
            )
            if count > 1:
                workers.run_processes(trying, self.storage, trials, count, told)
            else:
                workers.work(trying, trials, told)
        seconds = time.perf_counter() - began
        return result_of_sweep(study, self.definition, self.folder, self.identity, trials, seconds)

    def _begun(self, trials: int, count: int, ending: contextlib.ExitStack) -> Any:
        """The study, in a folder that is locked until the end."""
        whole("tune", "trials", trials)
        whole("tune", "workers", count)
        on_server = self.heartbeat is not None
        if count > 1 and not on_server and not is_journal(self.storage):
            raise RangeError(
                f"{self.storage} is a SQLite database, which several processes cannot share. "
                "Use workers=1, or start a new sweep with several."
            )
        if not on_server:
            ending.callback(FolderLock(self.folder).release)
        storage = open_storage(self.storage, self.heartbeat)
        (self.folder / RUNS).mkdir(exist_ok=True)
        self._save(trials)
        return open_study(storage, self.definition, several=on_server or count > 1)


def _identity_in(content: Mapping[str, Any]) -> str:
    return str(content.get("identity") or uuid.uuid4().hex)


def _is_same_file(one: str, other: str) -> bool:
    with contextlib.suppress(OSError):
        return Path(one).samefile(other)
    return False


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
        storage: address of a PostgreSQL server that several machines share, or path of a file:
            a journal if it ends in ``.journal``, which several processes of one machine may share.
        workers: processes on this machine.
        by: ``accuracy`` or ``loss`` of the validation set; by default the accuracy of classes.
        prune: whether to stop runs that fall behind.
        seed: for what is drawn; it decides every trial where one process runs, also one that is
            interrupted. Several draw in the order in which they come.
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
