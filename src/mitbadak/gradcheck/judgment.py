"""What a judge can say of one slope: a verdict, and the reason of one that was not tested."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mitbadak.gradcheck.report import NOT_TESTED, RIGHT, WRONG
from mitbadak.gradcheck.slopes import Slope

NEAR_OVERFLOW = 1e300  # a slope this large may differ from an infinite one by its rounding

ROUNDING = "too small to show above the rounding error of the loss"
UNSETTLED = "where the slope does not converge, however small h is"
EDGE = "where the loss is not finite on either side"
COARSE = "for which the loss is too coarse: its jumps hide the slope"
HIDDEN = "where the gradient changes over too short a distance for the loss to show"
INFINITE = "where the slope is infinite"
GROWS = "where the slope still grows at the smallest step"
JUMPS = "where the loss jumps"
BESIDE_A_JUMP = "where the loss jumps, and the gradient is wrong beside the jump"
SINGLE = "too small to show if the loss is rounded to float32, as its value may be"
GRID = "where neighboring floating-point numbers are too far apart to measure the slope"
OVERFLOW = "where the slope exceeds the largest float64"
OWN_VALUE = "whose own value is infinite or NaN, so that no step moves it"
NO_SIDE = "at a kink with no smooth piece next to it"


@dataclass(frozen=True)
class Judgment:
    """The verdict on one entry or direction.

    Attributes:
        verdict: one of those in ``Finding``.
        slope: the measured slope.
        allowed: the largest difference that counts as right, absolute.
        reason: why it was not tested.
    """

    verdict: str
    slope: Slope
    allowed: float
    reason: str = ""


def at_an_infinite_claim(analytic: float, slope: Slope) -> Judgment:
    """Judge an infinite claim: right where the slope grows without bound on every side."""
    if np.sign(slope.steepest) == np.sign(analytic):
        return Judgment(RIGHT, replace(slope, value=analytic), 0.0)
    unknown = slope.seen and not np.isfinite(slope.uncertainty) and not slope.diverges
    fits = unknown or slope.diverges == np.sign(analytic)
    return Judgment(NOT_TESTED if fits else WRONG, slope, 0.0, INFINITE)


def at_an_overflow(analytic: float, slope: Slope) -> Judgment:
    """Judge a claim where the slope is larger than any float64."""
    if slope.diverges * analytic >= NEAR_OVERFLOW:
        return Judgment(NOT_TESTED, slope, 0.0, OVERFLOW)
    return Judgment(WRONG, slope, 0.0, OVERFLOW)
