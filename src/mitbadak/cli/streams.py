"""Standard streams that can be written to, however the process was started."""

from __future__ import annotations

import contextlib
import functools
import io
import os
import sys
from collections.abc import Callable, Iterator

from mitbadak.cli.exits import CLOSED, FAILED, OUTPUT_CLOSED, complain, from_the_system


def on_open_streams(command: Callable[[list[str] | None], int]) -> Callable[..., int]:
    """Run ``command`` with a stdout and a stderr that accept every character, and flush them.

    A process may be started without these streams (``>&-``, a service, a windowed Python); its
    output is then discarded. Characters that a stream cannot encode are escaped. A full disk or a
    closed pipe behind stdout may only show in the last flush: the exit code is then 1 or 141.
    """

    @functools.wraps(command)
    def run(args: list[str] | None = None) -> int:
        with contextlib.ExitStack() as opened:
            _open_descriptors()
            for name in ("stdout", "stderr"):
                opened.enter_context(_writable(name))
            code = FAILED
            try:
                code = command(args)
            finally:
                code = _flush(code)
            return code

    return run


def _open_descriptors() -> None:
    """Open the null device for each closed standard stream.

    Otherwise the next file to be opened would get its descriptor, and what libraries print.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            null = os.open(os.devnull, os.O_RDWR)
            if null != number:
                os.dup2(null, number)
                os.close(null)


@contextlib.contextmanager
def _writable(name: str) -> Iterator[None]:
    """While entered, ``sys.stdout`` or ``sys.stderr`` is a stream that accepts every character."""
    stream = getattr(sys, name)
    if stream is None or getattr(stream, "closed", False):
        with open(os.devnull, "w", encoding="utf-8") as null:
            setattr(sys, name, null)
            try:
                yield
            finally:
                setattr(sys, name, stream)
        return
    before = getattr(stream, "errors", None)
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    try:
        yield
    finally:
        if isinstance(stream, io.TextIOWrapper) and not stream.closed:
            with contextlib.suppress(OSError):
                stream.reconfigure(errors=before)


def _flush(code: int) -> int:
    """Flush both streams, and return the exit code, which a failure to write to stdout changes.

    A stream that cannot be written to is redirected to the null device, since Python would print a
    complaint of its own at exit.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError) as problem:
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            if stream is sys.stdout and code == 0:
                if isinstance(problem, BrokenPipeError):
                    code = complain(OUTPUT_CLOSED, CLOSED)
                else:
                    why = from_the_system(problem) if isinstance(problem, OSError) else problem
                    code = complain(f"standard output cannot be written: {why}", FAILED)
    return code
