"""How coarse a loss is along a line: its jumps, and its rounding error away from the point."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from mitbadak.gradcheck.lines import CLEAN, EPS, POINTS, Line, noise_of_points

HALVINGS = 24  # bisections to locate a jump; a continuous loss hardly changes in what is left
QUIET = 0.01  # of the slope: a loss that changes by less is flat there or hides its slope
APART = 20  # times the change of the loss beside it: a larger change is a jump
CLOSE = 1e-5  # of the distance: points so close together differ by little but rounding error

Rungs = Mapping[float, tuple[float, float]]  # by step h: the loss at +h and at -h


def first_jump(line: Line, rungs: Rungs, base_loss: float, size: float = 0.0) -> float:
    """The height of the first jump of the loss away from the point; 0 if it does not change.

    A float64 loss first changes by one unit in its last place, and a loss rounded to float32 or to
    three decimals by one unit of that rounding. Where a flat piece ends in a kink instead, the
    height is negligible.

    Args:
        line: a line through the point.
        rungs: the losses that are already known.
        base_loss: the loss at the point.
        size: the size of the slopes that matter; changes far below it are ignored.
    """
    heights = []
    for side, sign in enumerate((1.0, -1.0)):
        last, before = 0.0, base_loss
        for step in sorted(rungs):
            value = rungs[step][side]
            if not abs(value - base_loss) <= QUIET * size * step:
                heights.append(_jump(line, sign * last, before, sign * step, value))
                break
            last, before = step, value
    return max((height for height in heights if math.isfinite(height)), default=0.0)


def _jump(line: Line, low: float, below: float, high: float, above: float) -> float:
    """The height of a jump between two points; negligible where the loss is continuous."""
    for _ in range(HALVINGS):
        middle = low + (high - low) / 2
        value = line.loss_at(middle)
        if abs(value - below) > abs(above - value):
            high, above = middle, value
        else:
            low, below = middle, value
    return abs(above - below)


def jump_at_the_point(rungs: Rungs, base_loss: float, h: float) -> tuple[float, float]:
    """The height of a jump at the point itself, and how much the loss changes on its two sides.

    Beside such a jump, up to h, the loss changes by far less.

    Args:
        rungs: the losses that are known.
        base_loss: the loss at the point.
        h: the usual step.

    Returns:
        Both heights; 0 and 0 if there is no jump at the point.
    """
    steps = sorted(step for step in rungs if step <= h)
    sides = np.array([rungs[step] for step in steps]).reshape(-1, 2)
    if not len(sides) or not np.isfinite(sides).all():
        return 0.0, 0.0
    jump = float(np.abs(sides[0] - base_loss).max())
    change = float(np.abs(sides - sides[0]).max())
    return (jump, change) if jump > APART * change else (0.0, 0.0)


def rounding_at(line: Line, distance: float) -> float:
    """The rounding error of the loss at a distance on either side, from closely spaced points.

    Where squared residuals vanish, the rounding error of the residuals shows only away from the
    point: it grows with the distance, and no step h makes the slope more accurate. Rounding in the
    last digits of a loss that is large there, or of the moved number itself, does not count.
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
