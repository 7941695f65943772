"""How many threads share a training step."""

from __future__ import annotations

TRY_EVERY, TRIED_AT_ONCE = 32, 8  # calls between trying another number of threads; its steps


class Parts:
    """How many threads share a step: as many as have turned out fastest.

    Threads meet several times in a step. Where another process takes a core, each meeting may wait
    for milliseconds, and one thread alone is faster. The bits do not depend on the number.

    Args:
        most: the most threads that are worth trying.
        fixed: a number that was asked for.
    """

    def __init__(self, most: int, fixed: int | None):
        self.most, self.fixed = most, fixed
        self.seconds: dict[int, float] = {}  # per step, by number of threads
        self.calls = 0
        self.trying = fixed is None and most > 1

    def choose(self) -> int:
        """The number for the next call."""
        if self.fixed is not None or self.most == 1:
            return self.most
        self.calls += 1
        untried = [n for n in (1, self.most) if n not in self.seconds]
        self.trying = bool(untried) or self.calls % TRY_EVERY == 0
        best = min(self.seconds, key=self.seconds.__getitem__, default=1)
        if untried:
            return untried[0]
        return best if not self.trying else self.most + 1 - best

    def note(self, parts: int, seconds: float) -> None:
        """Remember how long a step took."""
        before = self.seconds.get(parts, seconds)
        self.seconds[parts] = seconds if self.trying else (before + seconds) / 2
