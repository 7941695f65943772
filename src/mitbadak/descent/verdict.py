"""Why a descent ended where it did, judged from the values and gradients along its path."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from mitbadak.core.arrays import real_array
from mitbadak.core.errors import ShapeError
from mitbadak.descent.result import Status
from mitbadak.functions.numerical import as_number, central_differences

CONVERGED_SHARE = 1e-6  # of the first gradient; a smaller one makes no visible difference
UNMOVED_SHARE = 1e-3  # if gradient and value changed by less, the rate could be far larger
FAR_FALL = 10.0  # times the first height
LATE_SHARE, LEAST_LATE = 4, 5  # the last quarter of the path, and at least this many points


class Observation:
    """Value and gradient of f at one point, and whether rounding swallowed h there."""

    def __init__(self, f: Any, x: np.ndarray, gradient: Any, h: float, owner: str):
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
        """f at the point, computed on first use."""
        return as_number(self.f(self.x.copy()))

    @property
    def noise(self) -> float:
        """Rounding error of the gradient: two values of f, each off by eps |f|, over 2 h."""
        return 4 * np.finfo(np.float64).eps * abs(self.value) / self.h if self.by_definition else 0

    @property
    def finite(self) -> bool:
        """Whether value and gradient are finite."""
        return bool(np.isfinite(self.value) and np.isfinite(self.gradient).all())

    @cached_property
    def steepness(self) -> float:
        """The largest absolute entry of the gradient."""
        return float(np.max(np.abs(self.gradient), initial=0.0))


class Observations:
    """All observations along a descent.

    Args:
        first: at the start.
        has_memory: the optimizer has momentum or the like, so that it may run past a flat point.
    """

    def __init__(self, first: Observation, *, has_memory: bool):
        self.points, self.has_memory, self.overflowed = [first], has_memory, False
        self.gradient_change = 0.0  # the largest so far, from the first gradient

    def add(self, observation: Observation) -> None:
        """Add the observation after one more step."""
        self.points.append(observation)
        if np.isfinite(observation.gradient).all():
            change = np.abs(observation.gradient - self.first.gradient)
            self.gradient_change = max(self.gradient_change, float(np.max(change, initial=0)))

    @property
    def first(self) -> Observation:
        """The observation at the start."""
        return self.points[0]

    @property
    def last(self) -> Observation:
        """The observation at the end."""
        return self.points[-1]

    @property
    def steps(self) -> str:
        """The number of steps in words, such as "1 step"."""
        count = len(self.points) - 1
        return f"{count} step{'s' if count != 1 else ''}"

    def late(self) -> list[Observation]:
        """The last quarter of the observations, up to the last finite one."""
        finite = self.points
        while len(finite) > 1 and not finite[-1].finite:
            finite = finite[:-1]
        return finite[-max(LEAST_LATE, len(finite) // LATE_SHARE) :]


def verdict(seen: Observations) -> tuple[Status, str]:
    """The status of a descent, and an explanation with the numbers behind it."""
    first, last, steps = seen.first, seen.last, seen.steps
    change = f"f went from {first.value:.6g} to {last.value:.6g} in {steps}"
    visible = CONVERGED_SHARE * max(abs(first.value), abs(last.value))
    if last.lost and not seen.overflowed and last.finite:
        return Status.LOST_TO_ROUNDING, _lost(last, change, fell=last.value < first.value)
    if _falls_ever_faster(seen):
        lowest = seen.late()[-1]
        return Status.EVER_STEEPER, (
            f"f fell from {first.value:.6g} to {lowest.value:.6g} in {steps}, ever more steeply: "
            "no minimum is near, and f may have no lower bound. Try another start."
        )
    if seen.overflowed:
        return Status.DIVERGED, f"{change}, and the next point overflows. Try a smaller lr."
    if not last.finite:
        return Status.DIVERGED, f"after {steps} f or its gradient is not finite. Try a smaller lr."
    if last.value - first.value > visible:
        return Status.DIVERGED, f"{change}. Try a smaller lr."
    if _flat(seen):
        if 0 < first.steepness <= first.noise and np.any(first.x != last.x):
            return Status.LOST_TO_ROUNDING, (
                f"f is so large ({first.value:.3g}) that its differences over {first.h:g} are "
                f"only rounding errors, about {first.noise:.2g} each. Subtract a constant from f, "
                "or pass its gradient."
            )
        return Status.CONVERGED, (
            f"the gradient fell from {first.steepness:.3g} to {last.steepness:.3g} in {steps}."
        )
    return _unfinished(seen)


def _unfinished(seen: Observations) -> tuple[Status, str]:
    first, last, steps = seen.first, seen.last, seen.steps
    gained = abs(first.value - last.value)
    if (
        len(seen.points) > 1
        and seen.gradient_change <= UNMOVED_SHARE * first.steepness
        and gained <= UNMOVED_SHARE * abs(first.value)
    ):
        return Status.RATE_TOO_SMALL, (
            f"in {steps} f only went from {first.value:.9g} to {last.value:.9g}, and the "
            "gradient did not change. Try a larger lr."
        )
    remedy = "Try more steps." if _still_falls(seen) else "Try a smaller lr."
    return Status.STEP_LIMIT, (
        f"after {steps} the gradient is {last.steepness:.3g} (it started at "
        f"{first.steepness:.3g}). {remedy}"
    )


def _lost(last: Observation, change: str, *, fell: bool) -> str:
    remedy = "f may have no lower bound." if fell else "Try a smaller lr."
    return (
        f"|x| reached {np.max(np.abs(last.x)):.3g}, where x + {last.h:g} rounds to x, so the "
        f"numerical gradient is lost and x no longer moves; this is not a minimum ({change}). "
        f"{remedy}"
    )


def _flat(seen: Observations) -> bool:
    """Whether the end is flat; with memory the last two points, since it may run past one."""
    ends = seen.points[-2:] if seen.has_memory else [seen.last]
    bound = CONVERGED_SHARE * seen.first.steepness
    return all(point.steepness <= max(bound, point.noise) for point in ends)


def _falls_ever_faster(seen: Observations) -> bool:
    """Whether f fell far, is at its lowest, and became steeper at every late step.

    Far means many times the first height, which excludes any f that is never negative.
    """
    late = seen.late()
    slopes = [point.steepness for point in late]
    return (
        len(late) >= LEAST_LATE
        and all(a < b for a, b in pairwise(slopes))
        and late[-1].value < late[0].value <= seen.first.value
        and seen.first.value - late[-1].value > FAR_FALL * abs(seen.first.value)
        and slopes[-1] > seen.first.steepness
    )


def _still_falls(seen: Observations) -> bool:
    """Whether the highest of the last points is lower than the highest shortly before."""
    heights = [point.value for point in seen.late()]
    half = len(heights) // 2
    return half == 0 or max(heights[half:]) < max(heights[:half])
