"""Ctrl-C and termination signals that end a command, with its cleanup and its exit code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from mitbadak.core.errors import MitbadakError
from mitbadak.core.signals import handled
from mitbadak.core.startup import ALL, in_words


class Ended(BaseException):
    """A command must end. Unlike KeyboardInterrupt, no library on the way handles it.

    Attributes:
        signal: the number of the signal that arrived.
    """

    def __init__(self, number: int):
        super().__init__(number)
        self.signal = number

    def __str__(self) -> str:
        return in_words(self.signal)


@contextmanager
def raising_on_signals() -> Iterator[None]:
    """While entered, Ctrl-C and termination signals raise ``Ended``, so that cleanup runs and the
    exit code gives the reason.

    Python drops an exception that is raised in a finalizer, and libraries in C may raise another
    one in its place. So a foreign error after a signal is taken for the signal, and a command that
    seems to have succeeded, or that handled an error, must ask ``end_if_signalled``.
    """
    _signals.clear()

    def arrived(number: int, _: FrameType | None) -> None:
        _signals.append(number)
        raise Ended(number)

    with handled(ALL, arrived):
        try:
            yield
        except (OSError, MitbadakError):
            raise  # what cleanup met, such as a full disk, is worth more than the signal
        except Exception:
            end_if_signalled()
            raise


_signals: list[int] = []  # that have arrived since the command began


def end_if_signalled() -> None:
    """Raise ``Ended`` again if a signal has arrived, whatever became of the first one."""
    if _signals:
        raise Ended(_signals[0])
