"""Handlers of signals that end the process, also while code of other libraries runs."""

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

RETRY_SECONDS = 0.2  # between two attempts to end a block


@contextmanager
def handled(
    numbers: tuple[int, ...], handler: Callable[[int, Any], None]
) -> Iterator[dict[int, Any]]:
    """Send signals to ``handler`` inside the block, except those that are ignored on purpose.

    Yields the previous handlers by signal; there are none outside the main thread, where Python
    delivers no signals.
    """
    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in numbers:
            # SIG_IGN: a background job, or nohup. None: a handler not set from Python.
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                before[number] = signal.signal(number, handler)
    try:
        yield before
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


@contextmanager
def insistent() -> Iterator[None]:
    """Inside the block, raise the exception of a signal's handler again until it ends the block.

    This is for code of other libraries, above all compilers. If a handler raises an exception in
    one of their callbacks or finalizers, Python prints and drops it, and the signal is lost.
    """
    timer: threading.Timer | None = None
    hook = sys.unraisablehook

    def arrived(number: int, frame: FrameType | None) -> None:
        nonlocal timer
        if not callable(before[number]):  # the default action: the process ends here
            signal.signal(number, before[number])
            signal.raise_signal(number)
        timer = threading.Timer(RETRY_SECONDS, _thread.interrupt_main, (number,))
        timer.daemon = True
        timer.start()
        before[number](number, frame)
        timer.cancel()  # the handler raised nothing, and only took note
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
