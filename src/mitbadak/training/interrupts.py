"""Ctrl-C and termination signals, which never take effect in the middle of an update."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from mitbadak.core.errors import MitbadakError
from mitbadak.core.signals import handled
from mitbadak.core.startup import ALL, ENDINGS, in_words


class Stop(KeyboardInterrupt):
    """Training must stop: Ctrl-C, or a signal that terminates the process."""

    def __init__(self, number: int):
        super().__init__(number)
        self.signal = number

    def __str__(self) -> str:
        return in_words(self.signal)


class Interrupts:
    """While entered, Ctrl-C and termination signals raise ``Stop``, but not inside ``held()``.

    There they wait for the end of the block, so that parameters, optimizer state and counters
    always belong to the same step. At the exit a termination signal is delivered once more to its
    earlier handler, which by default ends the process. Outside the main thread, where Python
    delivers no signals, nothing changes.

    Args:
        team: several processes that train together: then a signal is only noted there, and all of
            them stop at the same step.
    """

    def __init__(self, team: Any = None) -> None:
        self.team = team
        self.holding = False
        self.waiting: int | None = None
        self.ending: int | None = None
        self.handled = handled(ALL, self._arrived)

    def __enter__(self) -> Interrupts:
        self.handled.__enter__()
        return self

    def __exit__(self, _: Any, error: BaseException | None, __: Any) -> None:
        self.handled.__exit__(None, None, None)
        if self.ending is not None:
            signal.raise_signal(self.ending)
        foreign = isinstance(error, Exception) and not isinstance(error, (OSError, MitbadakError))
        if self.waiting is not None and foreign:
            raise Stop(self.waiting) from error  # a library in C raised another error in its place

    @contextmanager
    def held(self, *, to_the_end: bool = False) -> Iterator[None]:
        """A block that is completed before a signal takes effect.

        Args:
            to_the_end: signals do not interrupt what follows the block either.
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
        if self.team is not None:
            self.team.signalled = number
            return
        self.waiting = number  # if the exception is dropped, the next block raises it again
        if not self.holding:
            raise Stop(number)
