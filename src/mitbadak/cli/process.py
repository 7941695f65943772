"""The process that a command runs in: streams that can be written to however it was started, and
words for errors that nobody foresaw."""

from __future__ import annotations

import contextlib
import functools
import io
import os
import sys
import traceback
from collections.abc import Callable, Iterator

from mitbadak.core.printing import print_line

TRACEBACK = "MITBADAK_TRACEBACK"  # in the environment: show where an unexpected error arose
FAILED, CLOSED = 1, 141  # exit codes


def in_words(problem: BaseException) -> str:
    """An exception that somebody else raised, as a clause."""
    kind = type(problem).__name__
    try:
        text = str(problem).strip()
    except Exception:  # whatever the method of a user's own exception raises
        text = ""
    if isinstance(problem, MemoryError):
        return f"out of memory ({text})" if text else "out of memory"
    return f"{kind}: {text}" if text else kind


def unexpected(problem: Exception) -> str:
    """What to say of an error that nobody foresaw; where ``MITBADAK_TRACEBACK`` is set, also where
    it arose, on stderr."""
    if os.environ.get(TRACEBACK):
        for lines in traceback.format_exception(problem):
            for line in lines.rstrip("\n").split("\n"):
                print_line(line, sys.stderr)
    if isinstance(problem, MemoryError):
        return f"{in_words(problem)}. Smaller sizes need less; {TRACEBACK}=1 shows where it ended."
    return (
        f"unexpected {in_words(problem)}. This is a fault of Mitbadak; run it again with "
        f"{TRACEBACK}=1 in the environment to see where it arose, and report that."
    )


def on_open_streams(command: Callable[[list[str] | None], int]) -> Callable[..., int]:
    """Run a command so that stdout and stderr can be written to, and what was written arrives.

    A process may be started without them (``>&-``, a service, a windowed Python); what it prints
    then goes nowhere. What a stream cannot encode is escaped. A full disk or a closed pipe behind
    stdout, which may show only when the last letters leave, ends the command with 1 or 141.
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
    """Put the null device where a standard stream was closed, or the next file that is opened
    would come to stand there and take what libraries print."""
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
    """While entered, ``sys.stdout`` or ``sys.stderr`` is a stream that takes every letter."""
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
    """Write out what is left in both streams; the exit code, when stdout did not take it, says so.

    A stream that takes nothing is silenced: Python would complain about it at its end.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError) as problem:
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            if stream is sys.stdout and code == 0:
                code = CLOSED if isinstance(problem, BrokenPipeError) else FAILED
                said = {CLOSED: "what read the output is gone"}
                complaint = said.get(code, f"standard output cannot be written: {problem}")
                with contextlib.suppress(OSError):
                    print_line(f"mitbadak: {complaint}", sys.stderr)
    return code
