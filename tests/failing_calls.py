"""A system call that fails: the k-th of its kind, on files under a folder."""

from __future__ import annotations

import builtins
import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FLOCK = () if sys.platform == "win32" else ("flock",)
BY_PATH = ("open", "unlink", "mkdir", "rename", "replace", "stat", "lstat", "listdir", "scandir")
BY_HANDLE = ("fsync", "fstat", "ftruncate", "write", "close")
CALLS = ("builtins.open", "file.write", *FLOCK, *BY_PATH, *BY_HANDLE)
ERRORS = (errno.EIO, errno.ENOSPC, errno.EACCES, errno.EROFS)


class Failing:
    """Makes one call fail.

    Args:
        call: one of ``CALLS``.
        at: which of these calls fails, counted from 0.
        number: of the error, such as ``errno.EIO``.
        folder: calls that name a file outside it are not counted.
        lasting: whether all later calls fail too.
    """

    def __init__(self, call: str, at: int, number: int, folder: Path, *, lasting: bool):
        self.call, self.at, self.number, self.folder = call, at, number, str(folder)
        self.calls = 0
        self.lasting = lasting

    @property
    def hit(self) -> bool:
        return self.calls > self.at

    def count(self, *about: object) -> None:
        self.calls += 1
        if self.calls == self.at + 1 or (self.lasting and self.hit):
            raise OSError(self.number, os.strerror(self.number), *about)

    def concerns(self, path: Any, options: dict[str, Any]) -> bool:
        if options.get("dir_fd") is not None:
            return True
        return isinstance(path, (str, os.PathLike)) and str(path).startswith(self.folder)

    def by_path(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, *rest: Any, **options: Any) -> Any:
            if self.concerns(path, options):
                self.count(str(path))
            return real(path, *rest, **options)

        return call

    def by_handle(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **options: Any) -> Any:
            self.count()
            return real(*given, **options)

        return call

    def writing(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """``open``, with files that fail after writing half of their content."""

        def opened(path: Any, *rest: Any, **options: Any) -> Any:
            file = real(path, *rest, **options)
            if not self.concerns(path, options) or not file.writable():
                return file
            write = file.write

            def half(content: Any) -> int:
                try:
                    self.count()
                except OSError:
                    write(content[: len(content) // 2])
                    file.flush()
                    raise
                return write(content)

            return Wrapped(file, half)

        return opened

    @contextmanager
    def entered(self) -> Iterator[None]:
        """While entered, the call fails."""
        owner: Any = os
        name = self.call
        if name in ("builtins.open", "file.write"):
            owner, name = builtins, "open"
        elif name == "flock":
            import fcntl as owner
        real = getattr(owner, name)
        if self.call == "file.write":
            double = self.writing(real)
        else:
            named = self.call == "builtins.open" or self.call in BY_PATH
            double = self.by_path(real) if named else self.by_handle(real)
        supported = [s for s in (os.supports_dir_fd, os.supports_follow_symlinks) if real in s]
        setattr(owner, name, double)
        for functions in supported:
            functions.add(double)
        try:
            yield
        finally:
            setattr(owner, name, real)
            for functions in supported:
                functions.discard(double)


class Wrapped:
    """A file with another ``write``."""

    def __init__(self, file: Any, write: Callable[[Any], int]):
        self.file, self.write = file, write

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)

    def __enter__(self) -> Wrapped:
        return self

    def __exit__(self, *exception: object) -> None:
        self.file.close()
