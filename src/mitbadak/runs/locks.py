"""One writer for a folder: a lock that the system releases however its process ends.

``filelock`` locks the open file. What is here besides concerns the folder, which may be moved,
deleted or replaced while it is locked, and files that a stranger may have put in the lock's place.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import stat
import sys
import time
import weakref
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import TypeVar

from mitbadak.core.errors import RunFolderError
from mitbadak.core.files import is_still
from mitbadak.core.warned import warn

T = TypeVar("T")
LOCK_NAME = ".lock"  # may be left behind by a crash: what counts is whether a process holds it
UNSUPPORTED = (errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK, errno.ENOSYS, errno.EINVAL)
TRIES, PAUSE_SECONDS = 5, 0.01
LOCKED = 1 if os.name == "nt" else 0  # bytes that others cannot read while the file is locked
# A link in a stranger's folder may lead to any of the user's files, which would be emptied; opening
# a pipe would wait for ever.
FLAGS = sum(getattr(os, name, 0) for name in ("O_RDWR", "O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK"))


class Standing(Enum):
    """What the path of a folder now names, in the words of messages."""

    OWN = "is the folder that was opened"
    MISSING = "was moved or deleted"
    REPLACED = "was moved or deleted, and another is in its place"
    TAKEN = "has the lock of another process"


def standing_of(folder: Path, before: os.stat_result) -> Standing:
    """What a path names now, after it named a folder with this ``os.stat``."""
    try:
        own = os.path.samestat(folder.stat(), before)
    except (FileNotFoundError, NotADirectoryError):
        return Standing.MISSING
    return Standing.OWN if own else Standing.REPLACED


class FolderLock:
    """The right to write into a folder, acquired at once or refused.

    The folder is identified by open handles, not by its name: while it is locked, it may be moved
    or deleted and another made in its place. See ``standing``.

    Args:
        folder: an existing folder.

    Attributes:
        stat: status of the locked folder.

    Raises:
        RunFolderError: another process, or another run of this one, holds the lock; or the lock
            file is not a regular file.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     lock = FolderLock(folder)
        ...     is_held(folder)
        ...     lock.release()
        ...     is_held(folder)
        True
        False
    """

    def __init__(self, folder: str | os.PathLike[str]):
        self.path = Path(folder) / LOCK_NAME
        if not _patiently(self._try):
            raise RunFolderError(
                f"{self.path.parent} is being written by {_holder(self.path)}. Wait until that "
                "ends, or stop it."
            )

    def _try(self) -> bool:
        # An open handle keeps the folder's inode number from being given to a new folder.
        folder, handle = _open_folder(self.path.parent), None
        try:
            handle = _taken(self.path, folder)
            self.stat = self.path.parent.stat() if folder is None else os.fstat(folder)
            # The folder may have been deleted and made again between opening and locking.
            if handle is None or not os.path.samestat(self.path.parent.stat(), self.stat):
                _close(folder, handle)
                return False
        except BaseException:
            _close(folder, handle)
            raise
        self._hold(folder, handle)
        return True

    def _hold(self, folder: int | None, handle: int) -> None:
        self._folder, self._handle = folder, handle
        self._close = weakref.finalize(self, _close, folder, handle)

    def standing(self) -> Standing:
        """What the path names now; a lock file that was deleted is made again.

        Raises:
            OSError: from the system.
        """
        standing = standing_of(self.path.parent, self.stat)
        if standing is not Standing.OWN:
            return standing
        if is_still(self.path, os.fstat(self._handle)):
            return Standing.OWN
        if os.path.lexists(self.path) and not stat.S_ISREG(os.lstat(self.path).st_mode):
            return Standing.TAKEN
        handle = _patiently(lambda: _taken(self.path, self._folder))
        if handle is None:
            return Standing.TAKEN
        self._close.detach()
        _close(self._handle)
        self._hold(self._folder, handle)
        return Standing.OWN

    def moved_to(self) -> str:
        """The current path of the locked folder, or "" if the system does not tell."""
        if self._folder is None or not self._close.alive:
            return ""
        with contextlib.suppress(OSError, ValueError):
            if sys.platform == "darwin":
                import fcntl

                place = fcntl.fcntl(self._folder, fcntl.F_GETPATH, bytes(1024))
                place = os.fsdecode(place.rstrip(b"\0"))
            else:
                place = str(Path(f"/proc/self/fd/{self._folder}").readlink())
            if is_still(place, self.stat):
                return place
        return ""

    def release(self) -> None:
        """Release the lock; calling it again does no harm."""
        if self._close.alive:
            # In the locked folder, wherever it is now, and not the lock of whoever came after.
            name = self.path if self._folder is None else LOCK_NAME
            with contextlib.suppress(OSError):  # Windows keeps open files
                there = os.stat(name, dir_fd=self._folder, follow_symlinks=False)
                if os.path.samestat(there, os.fstat(self._handle)):
                    os.unlink(name, dir_fd=self._folder)
            self._close()


def is_held(folder: str | os.PathLike[str]) -> bool:
    """Whether a process is writing into a folder."""
    path = Path(folder) / LOCK_NAME
    try:
        handle = _taken(path, only_look=True)
    except (OSError, RunFolderError):
        return False
    if handle is None:
        return True
    os.close(handle)
    return False


def _patiently(attempt: Callable[[], T]) -> T:
    """The first true result, or the last one: ``is_held`` takes the lock for a moment."""
    for _ in range(TRIES - 1):
        result = attempt()
        if result:
            return result
        time.sleep(PAUSE_SECONDS)
    return attempt()


def _taken(path: Path, folder: int | None = None, *, only_look: bool = False) -> int | None:
    """An open handle that holds the lock, or None if another process holds it.

    Args:
        path: path of the lock file.
        folder: a handle of its folder, on systems that have such handles.
        only_look: neither create the file nor write into it.

    Raises:
        RunFolderError: the lock file is not a regular file.
        FileNotFoundError: there is no lock file to look at.
        OSError: from the system.
    """
    flags = FLAGS if only_look else FLAGS | os.O_CREAT
    handle = os.open(path if folder is None else LOCK_NAME, flags, 0o666, dir_fd=folder)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise RunFolderError(f"{path} is not a regular file. Remove it.")
        # The file may have been deleted and made again between opening and locking.
        if _lock(handle) and is_still(path, os.fstat(handle)):
            if not only_look:
                os.ftruncate(handle, 0)
                holder = f"process {os.getpid()} on {socket.gethostname()}"
                os.write(handle, (" " * LOCKED + holder).encode())
            return handle
    except BaseException:
        os.close(handle)
        raise
    os.close(handle)
    return None


def _lock(handle: int) -> bool:
    """Lock an open file; False if another process has locked it."""
    from filelock import lock_descriptor

    try:
        return lock_descriptor(handle, blocking=False)
    except OSError as problem:
        if problem.errno not in UNSUPPORTED:
            raise
    warn(
        "this file system (a network share, perhaps) has no locks, so nothing keeps two processes "
        "from writing into the same run folder."
    )
    return True


def _open_folder(folder: Path) -> int | None:
    """A handle of a folder; None on Windows, which keeps a folder with an open file in place."""
    if os.name == "nt":
        return None
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def _close(*handles: int | None) -> None:
    for handle in handles:
        if handle is not None:
            with contextlib.suppress(OSError):
                os.close(handle)


def _holder(path: Path) -> str:
    text = ""
    with contextlib.suppress(OSError, UnicodeDecodeError), open(path, "rb", buffering=0) as file:
        file.seek(LOCKED)
        text = file.read(200).decode().strip()
    return text or "another process"
