"""Lines through the point under examination, and the rounding error of the loss along them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from mitbadak.core.errors import MitbadakError
from mitbadak.gradcheck.subjects import Subject

EPS = float(np.finfo(np.float64).eps)
POINTS = 10  # of a difference table
ORDERS = (4, 5, 6)  # the columns that are used, from which the smooth part has vanished
SPACINGS = 2.0 ** np.arange(5, -50, -6)  # of the points, in multiples of h
PLATEAU = 5  # between spacings, rounding error changes by a smaller factor, all else by a larger
FEWEST_SPACINGS = 2
CLEAN = 8  # times the last digit of the loss: no other spacing would give much less


class Line:
    """The loss as a function of s, the distance by which an array is moved in a direction.

    Args:
        subject: what is examined.
        name: the name of the array.
        direction: an array of its shape, or the flat index of a single entry to move.
    """

    def __init__(self, subject: Subject, name: str, direction: np.ndarray | int):
        self.subject, self.name, self.direction = subject, name, direction
        self.array = subject.arrays[name]

    @property
    def single(self) -> bool:
        """Whether a single entry is moved."""
        return isinstance(self.direction, int)

    @property
    def size(self) -> float:
        """The size of a single moved entry; 0 for a direction, which is scaled entry by entry."""
        return abs(float(self.array.flat[self.direction])) if self.single else 0.0

    @property
    def unit(self) -> np.ndarray:
        """The direction as an array."""
        if not isinstance(self.direction, int):
            return self.direction
        one = np.zeros(self.array.size)
        one[self.direction] = 1.0
        return one.reshape(self.array.shape)

    @property
    def own_size(self) -> float:
        """The smallest s that moves a nonzero entry by its own size; 0 if there is none."""
        if self.single:
            return self.size
        moved = (self.array != 0) & (self.direction != 0)
        if not moved.any():
            return 0.0
        return float(np.min(np.abs(self.array[moved] / np.asarray(self.direction)[moved])))

    def move(self, s: float) -> float:
        """Move the array, which the caller restores; returns a single entry's new value, or s."""
        if isinstance(self.direction, int):
            self.array.flat[self.direction] += s
            return float(self.array.flat[self.direction])
        self.array += s * self.direction
        return s

    def loss_at(self, s: float) -> float:
        """The loss at s; NaN where it is undefined."""
        return self._visit(s)[1]

    def both_sides(self, s: float) -> tuple[float, float, float]:
        """The loss at s and at -s, and the distance between the two points after rounding."""
        (high, above), (low, below) = self._visit(s), self._visit(-s)
        return above, below, high - low

    def _visit(self, s: float) -> tuple[float, float]:
        before = self.array.copy()
        try:
            return self.move(s), loss_or_nan(self.subject)
        finally:
            self.array[...] = before

    def claimed(self, gradient: ArrayLike) -> float:
        """The slope along this line according to a gradient of the array."""
        if isinstance(self.direction, int):
            return float(np.asarray(gradient, np.float64).flat[self.direction])
        used = np.where(self.direction == 0, 0.0, gradient)  # an infinite entry times 0 is NaN
        return float(np.sum(used * self.direction))


def loss_or_nan(subject: Subject) -> float:
    """The loss; NaN where the point is outside its domain."""
    try:
        value = subject.loss()
    except (ArithmeticError, ValueError, MitbadakError):  # math.log(-1.0) and the like
        return math.nan
    return value if math.isfinite(value) else math.nan


def rounding_along(line: Line, step: float, base_loss: float) -> float:
    """The typical rounding error of one evaluation of the loss, measured on a line.

    In a difference table of closely spaced evaluations, smooth parts vanish from the higher orders
    and rounding remains (Hamming 1962; More and Wild, Estimating computational noise, SIAM Journal
    on Scientific Computing 33, 2011). A kink or a singularity between the points adds to it, but
    less with every smaller spacing and perhaps only on one side. So the estimate is taken from the
    largest spacing after which it decreases no further. (A single spacing can miss coarse rounding,
    if it matches the grid of rounded values or all points round alike.) Spacings that reach beyond
    the edge of the domain count only if the point lies on the edge.

    Args:
        line: where to evaluate.
        step: the usual h, to which the spacings are relative.
        base_loss: the loss at s = 0.
    """
    last_digit, estimates = EPS * abs(base_loss), []
    inside: bool | None = None
    for number, spacing in enumerate(step * SPACINGS):
        sides = [_one_sided_noise(line, side * spacing) for side in (1.0, -1.0)]
        if inside is None:
            inside = math.isfinite(max(sides))
        estimates.append(min(sides) if inside else max(sides))
        if number >= FEWEST_SPACINGS and max(estimates) <= CLEAN * last_digit:
            break
        if number == len(SPACINGS) - 1 and not any(map(math.isfinite, estimates)):
            estimates = [0.0]  # on the edge of the domain itself
    return max(_plateau([e for e in estimates if math.isfinite(e)]), last_digit)


def _plateau(estimates: list[float]) -> float:
    """The largest estimate on the plateau that begins at the smallest spacings; 0 for none."""
    varied, noise = [e for e in estimates[::-1] if e > 0], 0.0
    for smaller, larger in pairwise(varied):
        level = larger <= PLATEAU * max(noise, smaller)
        if noise and not level:
            break
        noise = max(noise, smaller, larger) if level else 0.0
    return noise


def _one_sided_noise(line: Line, spacing: float) -> float:
    """The noise at points on one side, without the point itself: it may be across a kink."""
    return noise_of_points(line, [j * spacing for j in range(1, POINTS + 1)])


def noise_of_points(line: Line, points: Sequence[float]) -> float:
    """The error of a single evaluation, from equally spaced points; infinite outside the domain."""
    values = np.array([line.loss_at(s) for s in points])
    return _noise(values) if np.isfinite(values).all() else math.inf


def _noise(values: np.ndarray) -> float:
    """The noise of the values: the smallest estimate over the orders of a difference table."""
    size = max(float(np.abs(values).max()), np.finfo(float).tiny)
    estimates, table = [], values / size  # so that squares neither overflow nor underflow
    for order in range(1, max(ORDERS) + 1):
        table = np.diff(table)
        if order in ORDERS:  # the factor by which a difference of this order increases the variance
            gain = math.comb(2 * order, order)
            estimates.append(math.sqrt(float(np.mean(table**2)) / gain))
    return size * min(estimates)
