"""How coarse a loss is along a line: the steps it changes in, and its rounding away from rest."""

from __future__ import annotations

import math
from collections.abc import Mapping

from mitbadak.gradcheck.lines import Line, noise_of_points

HALVINGS = 24  # until a first change is located: what bends smoothly there has changed by nothing
CLOSE = 1e-5  # of a distance: between points so close to each other only rounding differs

Rungs = Mapping[float, tuple[float, float]]  # step: the loss above and below the point


def grain(line: Line, rungs: Rungs, at_rest: float) -> float:
    """The smallest change that the loss shows when the point is left; 0 if it shows none.

    A float64 loss first changes by its last digit, one that is rounded to float32 or to three
    decimals by a whole step of that rounding. Where a flat piece ends in a kink instead, the first
    change is next to nothing.

    Args:
        line: through the point.
        rungs: losses that are known already.
        at_rest: the loss at the point.
    """
    changes = []
    for side, sign in enumerate((1.0, -1.0)):
        same = 0.0
        for step in sorted(rungs):
            value = rungs[step][side]
            if value != at_rest:
                changes.append(_first_change(line, sign * same, sign * step, value, at_rest))
                break
            same = step
    return max((c for c in changes if math.isfinite(c)), default=0.0)


def _first_change(line: Line, same: float, other: float, value: float, at_rest: float) -> float:
    """Halve the stretch from a point where the loss is the same to one where it is not."""
    for _ in range(HALVINGS):
        middle = same + (other - same) / 2
        here = line.loss_at(middle)
        if here == at_rest:
            same = middle
        else:
            other, value = middle, here
    return abs(value - at_rest)


def rounding_at(line: Line, distance: float) -> float:
    """The rounding of the loss at a distance on either side, from points close to each other.

    Where squares of residuals vanish, the rounding of the residuals shows away from the point
    only: it grows with the distance, and no step makes the slope better known.
    """
    sides = [
        noise_of_points(line, [side * distance * (1 + j * CLOSE) for j in range(10)])
        for side in (1.0, -1.0)
    ]
    return max((noise for noise in sides if math.isfinite(noise)), default=0.0)
