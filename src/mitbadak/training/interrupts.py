"""Ctrl-C that never lands in the middle of an update."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Interrupts:
    """While entered, Ctrl-C raises KeyboardInterrupt at once, except inside ``held()``.

    There it waits until the block ends, so that parameters, optimizer state and counters always
    belong to one step. Outside the main thread, where Python delivers no signals, it does nothing.
    """

    def __init__(self) -> None:
        self.holding = False
        self.waiting = False
        self.before = None

    def __enter__(self) -> Interrupts:
        ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN  # a job in the background
        if threading.current_thread() is threading.main_thread() and not ignored:
            self.before = signal.signal(signal.SIGINT, self._arrived)
        return self

    def __exit__(self, *exception: object) -> None:
        if self.before is not None:
            signal.signal(signal.SIGINT, self.before)

    @contextmanager
    def held(self, *, to_the_end: bool = False) -> Iterator[None]:
        """A block that is finished before an interrupt takes effect.

        With ``to_the_end`` it takes none: there is nothing left to interrupt.
        """
        self.holding = True
        try:
            yield
        finally:
            self.holding = False
        if self.waiting and not to_the_end:
            self.waiting = False
            raise KeyboardInterrupt

    def _arrived(self, *_: object) -> None:
        if self.holding:
            self.waiting = True
        else:
            raise KeyboardInterrupt
