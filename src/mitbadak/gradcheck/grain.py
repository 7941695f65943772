"""How coarse a loss is along a line: the steps it changes in, and its rounding away from rest."""

from __future__ import annotations

import math
from collections.abc import Mapping

from mitbadak.gradcheck.lines import CLEAN, EPS, POINTS, Line, noise_of_points

HALVINGS = 24  # until a jump is located: what is continuous has changed by nothing then
QUIET = 0.01  # of the slope: where the loss moves by less, it hides the slope or has none
CLOSE = 1e-5  # of a distance: between points so close to each other only rounding differs

Rungs = Mapping[float, tuple[float, float]]  # step: the loss above and below the point


def grain(line: Line, rungs: Rungs, at_rest: float, size: float = 0.0) -> float:
    """The height of the step in which the loss first changes as the point is left, 0 for none.

    A float64 loss first changes by its last digit, one that is rounded to float32 or to three
    decimals by a whole step of that rounding. Where a flat piece ends in a kink instead, the height
    is next to nothing.

    Args:
        line: through the point.
        rungs: losses that are known already.
        at_rest: the loss at the point.
        size: of the slopes that matter; changes by far less count as none.
    """
    heights = []
    for side, sign in enumerate((1.0, -1.0)):
        last, before = 0.0, at_rest
        for step in sorted(rungs):
            value = rungs[step][side]
            if not abs(value - at_rest) <= QUIET * size * step:
                heights.append(_jump(line, sign * last, before, sign * step, value))
                break
            last, before = step, value
    return max((height for height in heights if math.isfinite(height)), default=0.0)


def _jump(line: Line, low: float, below: float, high: float, above: float) -> float:
    """The height of a jump between two points; next to nothing where the loss is continuous."""
    for _ in range(HALVINGS):
        middle = low + (high - low) / 2
        value = line.loss_at(middle)
        if abs(value - below) > abs(above - value):
            high, above = middle, value
        else:
            low, below = middle, value
    return abs(above - below)


def rounding_at(line: Line, distance: float) -> float:
    """The rounding of the loss at a distance on either side, from points close to each other.

    Where squares of residuals vanish, the rounding of the residuals shows away from the point
    only: it grows with the distance, and no step makes the slope better known. What does not count
    is rounding in the last digits of a loss that is large there, or of the moved number itself.
    """
    largest = 0.0
    for side in (1.0, -1.0):
        points = [side * distance * (1 + j * CLOSE) for j in range(POINTS)]
        noise, first, last = (
            noise_of_points(line, points),
            *map(line.loss_at, points[:: POINTS - 1]),
        )
        moved = abs(last - first) / ((POINTS - 1) * CLOSE)  # the slope there times the distance
        if math.isfinite(noise) and noise > CLEAN * EPS * (abs(first) + moved):
            largest = max(largest, noise)
    return largest
