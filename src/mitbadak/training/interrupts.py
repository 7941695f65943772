"""Signals that never land in the middle of an update: Ctrl-C, and being told to end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

# Being told to end (by kill, a shutdown, a scheduler) and losing the terminal.
ENDINGS = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)


class Stop(KeyboardInterrupt):
    """Training is to stop: Ctrl-C, or a signal that tells the process to end."""

    def __init__(self, number: int):
        super().__init__(number)
        self.signal = number

    def __str__(self) -> str:
        return said(self.signal)


class Ended(BaseException):
    """A command is to end. Unlike KeyboardInterrupt no library on the way makes anything of it.

    Attributes:
        signal: the number of the signal that said so.
    """

    def __init__(self, number: int):
        super().__init__(number)
        self.signal = number

    def __str__(self) -> str:
        return said(self.signal)


def said(number: int) -> str:
    """A signal in words.

    Example:
        >>> said(signal.SIGINT), said(signal.SIGTERM)
        ('interrupted', 'told to end by SIGTERM')
    """
    if number == signal.SIGINT:
        return "interrupted"
    return f"told to end by {signal.Signals(number).name}"


@contextmanager
def told_to_end() -> Iterator[None]:
    """While entered, Ctrl-C and its kin raise ``Ended``, so that things are put in order and the
    exit code says why."""

    def arrived(number: int, _: FrameType | None) -> None:
        raise Ended(number)

    with _handled((signal.SIGINT, *ENDINGS), arrived):
        yield


class Interrupts:
    """While entered, Ctrl-C and its kin raise ``Stop`` at once, except inside ``held()``.

    There they wait until the block ends, so that parameters, optimizer state and counters always
    belong to one step. A signal that tells the process to end is delivered once more at the exit,
    when everything is in order, to whoever handled it before: by default it then ends the process.
    Outside the main thread, where Python delivers no signals, nothing changes.
    """

    def __init__(self) -> None:
        self.holding = False
        self.waiting: int | None = None
        self.ending: int | None = None
        self.handled = _handled((signal.SIGINT, *ENDINGS), self._arrived)

    def __enter__(self) -> Interrupts:
        self.handled.__enter__()
        return self

    def __exit__(self, *exception: Any) -> None:
        self.handled.__exit__(None, None, None)
        if self.ending is not None:
            signal.raise_signal(self.ending)

    @contextmanager
    def held(self, *, to_the_end: bool = False) -> Iterator[None]:
        """A block that is finished before a signal takes effect.

        With ``to_the_end`` none interrupts any more: there is nothing left to interrupt.
        """
        self.holding = True
        try:
            yield
        finally:
            self.holding = False
        if self.waiting is not None and not to_the_end:
            number, self.waiting = self.waiting, None
            raise Stop(number)

    def _arrived(self, number: int, _: FrameType | None) -> None:
        if number in ENDINGS:
            self.ending = number
        if self.holding:
            self.waiting = number
        else:
            raise Stop(number)


@contextmanager
def _handled(numbers: tuple[int, ...], handler: Callable[[int, Any], None]) -> Iterator[None]:
    """While entered, signals go to ``handler``, but for those that are ignored on purpose."""
    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in numbers:
            if signal.getsignal(number) is not signal.SIG_IGN:  # a job in the background, nohup
                before[number] = signal.signal(number, handler)
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
