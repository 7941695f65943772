"""Signals that never land in the middle of an update: Ctrl-C, and being told to end."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from mitbadak.core.signals import handled
from mitbadak.core.startup import ALL, ENDINGS, in_words


class Stop(KeyboardInterrupt):
    """Training is to stop: Ctrl-C, or a signal that tells the process to end."""

    def __init__(self, number: int):
        super().__init__(number)
        self.signal = number

    def __str__(self) -> str:
        return in_words(self.signal)


class Ended(BaseException):
    """A command is to end. Unlike KeyboardInterrupt no library on the way makes anything of it.

    Attributes:
        signal: the number of the signal that said so.
    """

    def __init__(self, number: int):
        super().__init__(number)
        self.signal = number

    def __str__(self) -> str:
        return in_words(self.signal)


@contextmanager
def told_to_end() -> Iterator[list[int]]:
    """While entered, Ctrl-C and its kin raise ``Ended``, so that things are put in order and the
    exit code says why.

    Yields the signals that have arrived: an exception in a finalizer or in a callback of foreign
    code is dropped, so a command that seems to have ended well asks whether there were any.
    """
    signals: list[int] = []

    def arrived(number: int, _: FrameType | None) -> None:
        signals.append(number)
        raise Ended(number)

    with handled(ALL, arrived):
        yield signals


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
        self.handled = handled(ALL, self._arrived)

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
        self.waiting = number  # should the exception be dropped, the next block raises it again
        if not self.holding:
            raise Stop(number)
