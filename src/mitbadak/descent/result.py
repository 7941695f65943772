"""The result of a descent: its path, and why it ended where it did."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from mitbadak.core.concise import Concise, concise
from mitbadak.core.elsewhere import Explains
from mitbadak.core.elsewhere_objects import DESCENT
from mitbadak.core.notebook import Drawn


class Status(enum.StrEnum):
    """Why a descent ended where it did."""

    CONVERGED = "converged"
    STEP_LIMIT = "step limit"
    DIVERGED = "diverged"
    EVER_STEEPER = "ever steeper downhill"
    RATE_TOO_SMALL = "rate too small"
    LOST_TO_ROUNDING = "gradient lost to rounding"

    @property
    def ran_away(self) -> bool:
        """Whether the end is near no minimum, because x diverged or f fell without end."""
        return self in (Status.DIVERGED, Status.EVER_STEEPER, Status.LOST_TO_ROUNDING)


@dataclass(frozen=True, repr=False)
class TracePoint(Concise):
    """The point before a step, and the gradient there."""

    x: np.ndarray
    gradient: np.ndarray


@dataclass(frozen=True, repr=False)
class DescentResult(Drawn, Explains):
    """The path of a descent and its end; unpacks as ``x, x_history``, as in the notes.

    Attributes:
        x: the last point, of the shape of the start.
        path: all points from the start to the last, shape (steps + 1, \\*shape).
        status: why it ended, a ``Status``.
        explanation: the status in a sentence with its numbers.
        trace: point and gradient before each step if ``trace=True``, else empty.
        lr: learning rate, if the optimizer has one.
    """

    elsewhere = DESCENT

    x: np.ndarray
    path: np.ndarray
    status: Status
    explanation: str
    trace: list[TracePoint] = field(default_factory=list)
    lr: float | None = None

    @property
    def history(self) -> np.ndarray:
        """All points but the last, as ``x_history`` in the notes."""
        return self.path[:-1]

    def __repr__(self) -> str:
        steps = len(self.path) - 1
        count = f"{steps} step{'' if steps == 1 else 's'}"
        return f"DescentResult(x={concise(self.x)}, {count}, {self.status})"

    def __getitem__(self, place: int) -> np.ndarray:
        """``x`` and ``history`` by their place, as they unpack."""
        return (self.x, self.history)[place]

    def __iter__(self) -> Iterator[np.ndarray]:
        yield self.x
        yield self.history
