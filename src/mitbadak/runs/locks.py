"""One writer for a folder: a lock that the system gives back when its process ends, however."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import stat
import sys
import time
import warnings
import weakref
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import TypeVar

from mitbadak.core.errors import MitbadakWarning, RunFolderError
from mitbadak.core.files import is_still

T = TypeVar("T")
LOCK_NAME = ".lock"  # may stay behind after a crash: what counts is whether someone holds it
UNSUPPORTED = (errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK, errno.ENOSYS, errno.EINVAL)
HELD_BY_ANOTHER = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK)
TRIES, PAUSE_SECONDS = 5, 0.01
BEYOND = 1 << 30  # the byte that Windows locks: behind the text, which stays readable
# A link in a stranger's folder may lead to any file of one's own, which would be emptied; a pipe
# would wait for ever.
FLAGS = sum(getattr(os, name, 0) for name in ("O_RDWR", "O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK"))


class Standing(Enum):
    """What the path of a folder names by now, as messages say it."""

    OWN = "is the folder that was opened"
    MISSING = "was moved or deleted"
    REPLACED = "was moved or deleted, and another is in its place"
    TAKEN = "has the lock of another process"


def standing_of(folder: Path, before: os.stat_result) -> Standing:
    """What a path names now, where it named a folder with this ``os.stat`` before."""
    try:
        own = os.path.samestat(folder.stat(), before)
    except (FileNotFoundError, NotADirectoryError):
        return Standing.MISSING
    return Standing.OWN if own else Standing.REPLACED


class FolderLock:
    """The right to write into a folder, taken at once or refused.

    The folder is recognized by the handles that are held, not by its name: it may be moved or
    deleted, and another made in its place, while it is locked. See ``standing``.

    Args:
        folder: it must exist.

    Attributes:
        stat: of the folder that is held.

    Raises:
        RunFolderError: another process, or another run of this one, holds it; or its lock is no
            regular file.

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

    def __init__(self, folder: str | os.PathLike):
        self.path = Path(folder) / LOCK_NAME
        if not _patiently(self._try):
            raise RunFolderError(
                f"{self.path.parent} is being written by {_holder(self.path)}. Wait until that "
                "ends, or stop it."
            )

    def _try(self) -> bool:
        # An open handle keeps the folder's number from being given to a new one.
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
        """What the path names now; a lock file that was deleted in the folder is made again.

        Raises:
            OSError: as the system says.
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
        """Where the folder that is held lies by now, or "" where the system does not say."""
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
        """Give the right back; more than once does no harm."""
        if self._close.alive:
            # Of the folder that is held, wherever it lies, and not the lock of whoever came after.
            name = self.path if self._folder is None else LOCK_NAME
            with contextlib.suppress(OSError):  # Windows keeps open files
                there = os.stat(name, dir_fd=self._folder, follow_symlinks=False)
                if os.path.samestat(there, os.fstat(self._handle)):
                    os.unlink(name, dir_fd=self._folder)
            self._close()


def is_held(folder: str | os.PathLike) -> bool:
    """Whether someone writes into a folder now."""
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
    """The first result that is true, or the last: someone may just be looking at the lock."""
    for _ in range(TRIES - 1):
        result = attempt()
        if result:
            return result
        time.sleep(PAUSE_SECONDS)
    return attempt()


def _taken(path: Path, folder: int | None = None, *, only_look: bool = False) -> int | None:
    """An open handle that holds the lock, or None where another does.

    Args:
        path: of the lock.
        folder: a handle of the folder it lies in, where there are such handles.
        only_look: neither make the file nor write into it.

    Raises:
        RunFolderError: what has the lock's name is no regular file.
        FileNotFoundError: there is no lock to look at.
        OSError: as the system says.
    """
    flags = FLAGS if only_look else FLAGS | os.O_CREAT
    handle = os.open(path if folder is None else LOCK_NAME, flags, 0o666, dir_fd=folder)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise RunFolderError(f"{path} is no regular file. Remove it.")
        # The file may have been deleted and made again between opening and locking.
        if _lock(handle) and is_still(path, os.fstat(handle)):
            if not only_look:
                os.ftruncate(handle, 0)
                os.write(handle, f"process {os.getpid()} on {socket.gethostname()}".encode())
            return handle
    except BaseException:
        os.close(handle)
        raise
    os.close(handle)
    return None


def _lock(handle: int) -> bool:
    """Lock an open file; False where another holds it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(handle, BEYOND, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            os.lseek(handle, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        if problem.errno in UNSUPPORTED:  # some network file systems
            warnings.warn(
                "this file system has no locks, so nothing keeps two processes from writing one "
                "run folder.",
                MitbadakWarning,
                stacklevel=2,
            )
            return True
        if problem.errno in HELD_BY_ANOTHER:
            return False
        raise
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
    with contextlib.suppress(OSError, UnicodeDecodeError):
        text = path.read_text(encoding="utf-8")[:200].strip()
    return text or "another process"
