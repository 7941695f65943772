"""Why a descent ended where it did, judged from what it saw on its way."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise

import numpy as np

from mitbadak.core.arrays import real_array
from mitbadak.core.errors import ShapeError
from mitbadak.descent.result import Status
from mitbadak.functions.numerical import as_number, central_differences

CONVERGED_SHARE = 1e-6  # of the first gradient; below it a picture shows no difference
UNMOVED_SHARE = 1e-3  # gradient and value changed by less: the rate could be far larger
FAR_FALL = 10.0  # times the first height
LATE_SHARE, LEAST_LATE = 4, 5  # the last quarter of the way, and at least so many points


class Look:
    """Value and gradient at one point, and whether the step h was lost there."""

    def __init__(self, f, x: np.ndarray, gradient, h: float, owner: str):
        self.f, self.x, self.h, self.lost = f, x, h, False
        self.by_definition = gradient is None
        if gradient is None:
            difference = central_differences(f, [x.copy()], h=h, progress=False, owner=owner)
            self.gradient = difference.gradients[0]
            self.lost = bool(difference.lost_to_rounding[0].any())
        else:
            given = real_array(owner, "gradient(x)", gradient(x.copy()))
            self.gradient = given.astype(np.float64)
            if self.gradient.shape != x.shape:
                raise ShapeError(
                    f"{owner} expects gradient(x) of shape {x.shape}; got {self.gradient.shape}."
                )

    @cached_property
    def value(self) -> float:
        """f there, worked out when first asked for."""
        return as_number(self.f(self.x.copy()))

    @property
    def noise(self) -> float:
        """Rounding in the gradient: two values of f, each rounded to eps |f|, over 2 h."""
        return 4 * np.finfo(np.float64).eps * abs(self.value) / self.h if self.by_definition else 0

    @property
    def finite(self) -> bool:
        """Whether value and gradient are."""
        return bool(np.isfinite(self.value) and np.isfinite(self.gradient).all())

    @cached_property
    def steepness(self) -> float:
        """The largest entry of the gradient in size."""
        return float(np.max(np.abs(self.gradient), initial=0.0))


class Walk:
    """Everything that a descent has seen.

    Args:
        first: the look at the start.
        remembers: the rule has momentum or the like, so it may only pass a point without slope.
    """

    def __init__(self, first: Look, *, remembers: bool):
        self.looks, self.remembers, self.overflowed = [first], remembers, False
        self.turned = 0.0  # the gradient's largest change on the way

    def add(self, look: Look) -> None:
        """One step further."""
        self.looks.append(look)
        if np.isfinite(look.gradient).all():
            change = np.abs(look.gradient - self.first.gradient)
            self.turned = max(self.turned, float(np.max(change, initial=0)))

    @property
    def first(self) -> Look:
        """The look at the start."""
        return self.looks[0]

    @property
    def last(self) -> Look:
        """The look at the end."""
        return self.looks[-1]

    @property
    def steps(self) -> str:
        """How many were taken, as a person says it."""
        count = len(self.looks) - 1
        return f"{count} step{'s' if count != 1 else ''}"

    def late(self) -> list[Look]:
        """The last quarter of the looks, without those at the very end that are not finite."""
        finite = self.looks
        while len(finite) > 1 and not finite[-1].finite:
            finite = finite[:-1]
        return finite[-max(LEAST_LATE, len(finite) // LATE_SHARE) :]


def verdict(walk: Walk) -> tuple[Status, str]:
    """The status of a descent, and its explanation with the numbers behind it."""
    first, last, steps = walk.first, walk.last, walk.steps
    went = f"f went from {first.value:.6g} to {last.value:.6g} in {steps}"
    visible = CONVERGED_SHARE * max(abs(first.value), abs(last.value))
    if last.lost and not walk.overflowed and last.finite:
        return Status.LOST_TO_ROUNDING, _lost(last, went, fell=last.value < first.value)
    if _falls_ever_faster(walk):
        lowest = walk.late()[-1]
        return Status.EVER_STEEPER, (
            f"f fell from {first.value:.6g} to {lowest.value:.6g} in {steps}, ever steeper: no "
            "minimum is near on this way, and f may have no lower bound. Try another start."
        )
    if walk.overflowed:
        return Status.DIVERGED, f"{went}, and the next point overflows. Try a smaller lr."
    if not last.finite:
        return Status.DIVERGED, f"after {steps} f or its gradient is not finite. Try a smaller lr."
    if last.value - first.value > visible:
        return Status.DIVERGED, f"{went}. Try a smaller lr."
    if _flat(walk):
        if 0 < first.steepness <= first.noise and np.any(first.x != last.x):
            return Status.LOST_TO_ROUNDING, (
                f"f is so large ({first.value:.3g}) that its differences over {first.h:g} are "
                f"rounding, about {first.noise:.2g} each; take a constant off f, or give its "
                "gradient."
            )
        return Status.CONVERGED, (
            f"the gradient fell from {first.steepness:.3g} to {last.steepness:.3g} in {steps}."
        )
    return _unfinished(walk)


def _unfinished(walk: Walk) -> tuple[Status, str]:
    first, last, steps = walk.first, walk.last, walk.steps
    gained = abs(first.value - last.value)
    if (
        len(walk.looks) > 1
        and walk.turned <= UNMOVED_SHARE * first.steepness
        and gained <= UNMOVED_SHARE * abs(first.value)
    ):
        return Status.RATE_TOO_SMALL, (
            f"in {steps} f went only from {first.value:.9g} to {last.value:.9g} and the "
            "gradient did not change. Try a larger lr."
        )
    remedy = "Try more steps." if _still_falls(walk) else "Try a smaller lr."
    return Status.STEP_LIMIT, (
        f"after {steps} the gradient is {last.steepness:.3g} (it began at "
        f"{first.steepness:.3g}). {remedy}"
    )


def _lost(last: Look, went: str, *, fell: bool) -> str:
    remedy = "f may have no lower bound." if fell else "Try a smaller lr."
    return (
        f"|x| reached {np.max(np.abs(last.x)):.3g}, where x + {last.h:g} rounds to x, so the "
        f"numerical gradient is lost and x stands still; this is not a minimum ({went}). "
        f"{remedy}"
    )


def _flat(walk: Walk) -> bool:
    """No slope is left; with a rule that remembers, at two points, for it may only pass one."""
    ends = walk.looks[-2:] if walk.remembers else [walk.last]
    bound = CONVERGED_SHARE * walk.first.steepness
    return all(look.steepness <= max(bound, look.noise) for look in ends)


def _falls_ever_faster(walk: Walk) -> bool:
    """f fell far, is lower than ever, and the slope grew at every one of the late steps.

    Far is many times its first height, so what is never below 0 cannot be meant.
    """
    late = walk.late()
    slopes = [look.steepness for look in late]
    return (
        len(late) >= LEAST_LATE
        and all(a < b for a, b in pairwise(slopes))
        and late[-1].value < late[0].value <= walk.first.value
        and walk.first.value - late[-1].value > FAR_FALL * abs(walk.first.value)
        and slopes[-1] > walk.first.steepness
    )


def _still_falls(walk: Walk) -> bool:
    """Whether f swings lower at the end than it did shortly before."""
    heights = [look.value for look in walk.late()]
    half = len(heights) // 2
    return half == 0 or max(heights[half:]) < max(heights[:half])
