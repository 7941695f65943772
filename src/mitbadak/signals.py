"""Signals that end a process: in words, deferred, and outside the command's own work."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePath
from types import FrameType
from typing import Any

# Requests to end (kill, a shutdown, a scheduler) and the loss of the terminal.
ENDINGS = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)
ALL = (signal.SIGINT, *ENDINGS)
BY_SIGNAL = 128  # plus the signal's number is the exit code, as shells count


def in_words(number: int) -> str:
    """A signal in words.

    Example:
        >>> in_words(signal.SIGINT), in_words(signal.SIGTERM)
        ('interrupted', 'told to end by SIGTERM')
    """
    if number == signal.SIGINT:
        return "interrupted"
    return f"told to end by {signal.Signals(number).name}"


@contextmanager
def handled(
    numbers: tuple[int, ...], handler: Callable[[int, Any], None]
) -> Iterator[dict[int, Any]]:
    """While entered, signals go to ``handler``, but for those that are ignored on purpose.

    Yields the handlers that were there before, by signal: none outside the main thread, where
    Python delivers no signals.
    """
    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in numbers:
            # SIG_IGN: a job in the background, nohup. None: a handler that is not Python's.
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                before[number] = signal.signal(number, handler)
    try:
        yield before
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


@contextmanager
def deferred() -> Iterator[Callable[[], None]]:
    """While entered, signals wait until the end, or until the function that is yielded is called.

    For foreign code, above all compilers: an exception that a handler raises in one of their
    callbacks or finalizers is printed and dropped, and the signal with it.
    """
    waiting: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        waiting.append(number)

    try:
        with handled(ALL, note) as before:

            def deliver() -> None:
                while waiting:
                    number = waiting.pop(0)
                    signal.signal(number, before[number])
                    try:
                        signal.raise_signal(number)
                    finally:
                        signal.signal(number, note)

            yield deliver
    finally:
        for number in waiting[:1]:
            signal.raise_signal(number)


def is_the_command() -> bool:
    """Whether this process is ``mitbadak`` or ``python -m mitbadak``, not a program of a user."""
    program = sys.argv[0] if sys.argv else ""
    return program == "-m" or PurePath(program).stem == "mitbadak"


def end_in_one_line() -> None:
    """Let signals end the process with one line, while there is nothing to put in order.

    That is while a command imports what it needs, and after its work is done: the interpreter
    would print a traceback.
    """
    if threading.current_thread() is threading.main_thread():
        for number in ALL:
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                signal.signal(number, _end)


def _end(number: int, _: FrameType | None) -> None:
    try:
        os.write(2, f"mitbadak: {in_words(number)}\n".encode())
    finally:
        os._exit(BY_SIGNAL + number)
