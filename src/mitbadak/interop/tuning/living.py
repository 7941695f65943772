"""Which processes of a sweep are alive, where its storage is a file.

Each of them holds a lock in a folder beside that file while it works. The system releases locks
however a process ends, and the folder is the same for all who share the file, wherever they keep
their runs.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from mitbadak.core.errors import RangeError, RunFolderError
from mitbadak.interop.tuning.addresses import file_of, is_journal, is_url
from mitbadak.runs.locks import LOCK_NAME, FolderLock, is_held

WORKER = "worker"  # attribute of a trial: the process that runs it
# After which a trial whose process has not said its name is taken for dead, if others are at work.
UNNAMED_SECONDS = 30.0
TRIES, PAUSE = 20, 0.02


class Living:
    """A process of a sweep as others see it, and what it sees of them.

    Args:
        storage: of the sweep; on a server signs of life say who is alive, and nothing is locked.

    Attributes:
        name: of this process, as trials name it.
    """

    def __init__(self, storage: str):
        self.token = uuid.uuid4().hex[:12]
        self.name = f"{self.token}@{socket.gethostname()}:{os.getpid()}"
        self.alone = not is_url(storage) and not is_journal(storage)
        self.path = None if is_url(storage) else file_of(storage)
        self.folder = (
            None if self.path is None else self.path.with_name(f"{self.path.name}.workers")
        )

    @contextlib.contextmanager
    def shown(self) -> Iterator[None]:
        """While entered, this process counts as alive.

        Raises:
            RangeError: the storage is for one process, and another one is at it.
        """
        if self.folder is None:
            yield
            return
        locks: list[FolderLock] = []
        try:
            if self.alone:
                locks.append(self._whole(self.folder))
            locks.append(self._lock(self.folder / self.token))
            yield
        finally:
            for lock in reversed(locks):
                lock.release()
            self._clear(self.folder)

    def _whole(self, folder: Path) -> FolderLock:
        try:
            return self._lock(folder)
        except RunFolderError:
            raise RangeError(
                f"{self.path} is a SQLite database, and another process is at it. Wait until that "
                "ends, or share a journal: a storage whose name ends in .journal."
            ) from None

    @staticmethod
    def _lock(folder: Path) -> FolderLock:
        """Make and lock a folder, which whoever clears up may remove in between."""
        for _ in range(TRIES - 1):
            with contextlib.suppress(FileNotFoundError):
                folder.mkdir(parents=True, exist_ok=True)
                return FolderLock(folder)
            time.sleep(PAUSE)
        folder.mkdir(parents=True, exist_ok=True)
        return FolderLock(folder)

    @staticmethod
    def _clear(folder: Path) -> None:
        """Remove what dead processes, and this one, have left."""
        with contextlib.suppress(OSError):
            for place in folder.iterdir():
                if place.is_dir() and not is_held(place):
                    with contextlib.suppress(OSError):
                        (place / LOCK_NAME).unlink(missing_ok=True)
                        place.rmdir()
            folder.rmdir()

    def is_alive(self, trial: Any) -> bool:
        """Whether the process of a running trial is at work."""
        if self.folder is None:
            return True
        name = trial.user_attrs.get(WORKER)
        if name is not None:
            return is_held(self.folder / str(name).partition("@")[0])
        started = trial.datetime_start
        young = started is None or datetime.now() - started < timedelta(seconds=UNNAMED_SECONDS)
        return young and self._has_company(self.folder)

    def _has_company(self, folder: Path) -> bool:
        with contextlib.suppress(OSError):
            places = [p for p in folder.iterdir() if p.is_dir() and p.name != self.token]
            return any(map(is_held, places))
        return False
