"""What a descent leaves: its path, and why it ended where it did."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np


class Status(enum.StrEnum):
    """Why a descent ended where it did."""

    CONVERGED = "converged"
    STEP_LIMIT = "step limit"
    DIVERGED = "diverged"
    EVER_STEEPER = "ever steeper downhill"
    RATE_TOO_SMALL = "rate too small"
    LOST_TO_ROUNDING = "gradient lost to rounding"


@dataclass(frozen=True)
class TracePoint:
    """One step: the point before it and the gradient there."""

    x: np.ndarray
    gradient: np.ndarray


@dataclass(frozen=True)
class DescentResult:
    """Where the descent went; unpacks as ``x, path``.

    Attributes:
        x: the last point, shape of the start.
        path: the points before each step and the last, shape (steps + 1, \\*shape).
        status: why it ended, a ``Status``.
        explanation: the status in one sentence with its numbers.
        trace: point and gradient before each step, when asked for; else empty.
        lr: learning rate, where the rule has one.
    """

    x: np.ndarray
    path: np.ndarray
    status: Status
    explanation: str
    trace: list[TracePoint] = field(default_factory=list)
    lr: float | None = None

    @property
    def history(self) -> np.ndarray:
        """The points before each step, without the last: the notes' ``x_history``."""
        return self.path[:-1]

    def __iter__(self) -> Iterator[np.ndarray]:
        yield self.x
        yield self.path
