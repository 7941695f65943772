"""Progress of long work as a callable, so that lower rooms know nothing of terminals."""

from __future__ import annotations

import sys
import time
from typing import Protocol, TextIO, runtime_checkable

from mitbadak.core.printing import display_width, padded, print_line, visible


@runtime_checkable
class Progress(Protocol):
    """Receiver of progress reports, called as often as is cheap."""

    def __call__(self, done: int, total: int, message: str, /) -> None: ...


def duration(seconds: float) -> str:
    """A time in seconds, in readable units.

    Example:
        >>> [duration(s) for s in (0.25, 42, 600, 9000, 400_000)]
        ['0.2 s', '42 s', '10 min', '2.5 h', '4.6 days']
    """
    for limit, unit, size in ((1, "s", 1.0), (120, "s", 1.0), (7200, "min", 60.0)):
        if seconds < limit:
            number = f"{seconds:.1f}" if limit == 1 else f"{seconds / size:.0f}"
            return f"{number} {unit}"
    hours = seconds / 3600
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} days"


class StderrProgress:
    """Prints the first message, the last, and one from time to time in between.

    Whether work is long enough to be reported is up to the caller. On a terminal the line is
    rewritten every half second, elsewhere a new one is printed every ten seconds.

    Args:
        stream: where to write; default ``sys.stderr``.
    """

    def __init__(self, stream: TextIO | None = None):
        self.stream = stream or sys.stderr  # None in a windowed Python without a console
        self.on_terminal = self.stream is not None and self.stream.isatty()
        self.every = 0.5 if self.on_terminal else 10.0
        self.reported_at = 0.0
        self.width = 0

    def __call__(self, done: int, total: int, message: str, /) -> None:
        if self.stream is None:
            return
        now = time.monotonic()
        finished = done >= total
        if done > 0 and not finished and now - self.reported_at < self.every:
            return
        self.reported_at = now
        if not self.on_terminal:
            print_line(message, self.stream, flush=True)
            return
        message = visible(message)
        self.width = max(self.width, display_width(message))
        end = "\n" if finished or done == 0 else ""
        line = padded(message, self.width)
        print_line(line, self.stream, start="\r", end=end, flush=True)
