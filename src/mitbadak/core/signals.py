"""Handlers of signals that end the process."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


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
