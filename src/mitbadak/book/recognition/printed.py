"""What f prints while it is tried out: kept from the terminal, and noticed."""

from __future__ import annotations

import contextlib
import io
import sys
import threading
from collections.abc import Iterator
from typing import Any


class Printed(io.TextIOBase):
    """A standard output that keeps to itself what this thread prints.

    Args:
        stream: the real one, to which other threads go on printing.

    Attributes:
        anything: whether this thread has printed.
    """

    def __init__(self, stream: Any):
        super().__init__()
        self.stream, self.thread = stream, threading.get_ident()
        self.anything = False

    def writable(self) -> bool:
        return True

    def write(self, text: str, /) -> int:
        if threading.get_ident() != self.thread:
            return self.stream.write(text)
        self.anything = True
        return len(text)

    def flush(self) -> None:
        if threading.get_ident() != self.thread:
            self.stream.flush()


@contextlib.contextmanager
def captured() -> Iterator[Printed]:
    """Keep what this thread prints from standard output.

    Example:
        >>> with captured() as printed:
        ...     _ = print("loss 2.3")
        >>> printed.anything
        True
    """
    printed = Printed(sys.stdout)
    with contextlib.redirect_stdout(printed):
        yield printed
