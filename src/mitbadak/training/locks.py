"""One writer for a folder: a lock that the system gives back when its process ends, however."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import sys
import time
import warnings
import weakref
from pathlib import Path

from mitbadak.errors import MitbadakWarning, RunFolderError

LOCK_NAME = ".lock"  # may stay behind after a crash: what counts is whether someone holds it
UNSUPPORTED = (errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK, errno.ENOSYS, errno.EINVAL)
TRIES, PAUSE_SECONDS = 5, 0.01
BEYOND = 1 << 30  # the byte that Windows locks: behind the text, which stays readable
# A link in a stranger's folder may lead to any file of one's own, which would be emptied.
FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)


class FolderLock:
    """The right to write into a folder, taken at once or refused.

    Args:
        folder: it must exist.

    Raises:
        RunFolderError: another process, or another run of this one, holds it.

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
        handle = _taken(self.path)
        for _ in range(TRIES):  # someone may just be looking whether it is held
            if handle is not None:
                break
            time.sleep(PAUSE_SECONDS)
            handle = _taken(self.path)
        if handle is None:
            raise RunFolderError(
                f"{self.path.parent} is being written by {_holder(self.path)}. Wait until that "
                "ends, or stop it."
            )
        self._close = weakref.finalize(self, os.close, handle)

    def release(self) -> None:
        """Give the right back; more than once does no harm."""
        if self._close.alive:
            with contextlib.suppress(OSError):  # Windows keeps open files
                self.path.unlink()
            self._close()


def is_held(folder: str | os.PathLike) -> bool:
    """Whether someone writes into a folder now."""
    path = Path(folder) / LOCK_NAME
    if not path.is_file():
        return False
    try:
        handle = _taken(path, keep_text=True)
    except OSError:
        return False
    if handle is None:
        return True
    os.close(handle)
    return False


def _taken(path: Path, *, keep_text: bool = False) -> int | None:
    """An open handle that holds the lock, or None where another does."""
    while True:
        handle = os.open(path, FLAGS, 0o666)
        try:
            if not _lock(handle):
                os.close(handle)
                return None
            # The folder may have been deleted and made again between opening and locking.
            if path.exists() and os.path.samestat(os.fstat(handle), path.stat()):
                if not keep_text:
                    os.ftruncate(handle, 0)
                    os.write(handle, f"process {os.getpid()} on {socket.gethostname()}".encode())
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


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
        return False
    return True


def _holder(path: Path) -> str:
    said = ""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        said = path.read_text(encoding="utf-8")[:200].strip()
    return said or "another process"
