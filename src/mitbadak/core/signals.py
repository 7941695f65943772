"""Who handles the signals that end a process, and how they get through foreign code."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from mitbadak.core.startup import ALL

AGAIN_SECONDS = 0.2  # between two attempts to end a block


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
def insistent() -> Iterator[None]:
    """While entered, what a signal's handler raises is raised again until it ends the block.

    For foreign code, above all compilers: an exception that a handler raises within one of their
    callbacks or finalizers is printed and dropped, and the signal with it.
    """
    timer: threading.Timer | None = None
    hook = sys.unraisablehook

    def arrived(number: int, frame: FrameType | None) -> None:
        nonlocal timer
        if not callable(before[number]):  # the system's own way: the process ends here
            signal.signal(number, before[number])
            signal.raise_signal(number)
        timer = threading.Timer(AGAIN_SECONDS, _thread.interrupt_main, (number,))
        timer.daemon = True
        timer.start()
        before[number](number, frame)
        timer.cancel()  # nothing was raised: the handler only takes note
        timer = None

    def dropped(about: Any) -> None:
        if timer is None:  # otherwise it is raised again
            hook(about)

    with handled(ALL, arrived) as before:
        sys.unraisablehook = dropped
        try:
            yield
        finally:
            sys.unraisablehook = hook
            if timer is not None:
                timer.cancel()
