"""How many threads share a training step."""

from __future__ import annotations

FIRST_PAUSE, LONGEST_PAUSE = 32, 2048  # calls before another number of threads is tried


class ThreadCount:
    """How many threads share a step: as many as have turned out fastest.

    Threads meet several times in a step. Where another process takes a core, each meeting may wait
    for milliseconds, and one thread alone is faster. So the other number is tried now and then, and
    ever less often as long as it stays slower. The bits do not depend on the number.

    Args:
        most: the most threads that are worth trying.
        fixed: a number that was asked for.

    Example:
        >>> parts = ThreadCount(2, None)
        >>> for seconds in {1: 1.0, 2: 0.6}.values():
        ...     parts.note(parts.choose(), seconds)
        >>> parts.choose()
        2
    """

    def __init__(self, most: int, fixed: int | None):
        self.most, self.fixed = most, fixed
        self.seconds: dict[int, float] = {}  # per step, by number of threads
        self.pause = self.left = FIRST_PAUSE
        self.trying = fixed is None and most > 1

    def choose(self) -> int:
        """The number for the next call."""
        if self.fixed is not None or self.most == 1:
            return self.most
        untried = [n for n in (1, self.most) if n not in self.seconds]
        if untried:
            return untried[0]
        self.left -= 1
        self.trying = self.left <= 0
        return self._other if self.trying else self._best

    @property
    def _best(self) -> int:
        return min(self.seconds, key=self.seconds.__getitem__)

    @property
    def _other(self) -> int:
        return self.most + 1 - self._best

    def note(self, parts: int, seconds: float) -> None:
        """Remember how long a step took with a number of threads that ``choose`` returned."""
        before = self._best if self.seconds else parts
        average = (self.seconds.get(parts, seconds) + seconds) / 2
        self.seconds[parts] = seconds if self.trying else average
        if self.trying and len(self.seconds) > 1:
            changed = self._best != before
            self.pause = FIRST_PAUSE if changed else min(2 * self.pause, LONGEST_PAUSE)
            self.left, self.trying = self.pause, False
