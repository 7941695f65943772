"""Gradient descent on any function: the path it took and why it ended where it did."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from mitbadak.errors import DtypeError, NonFiniteError, ShapeError, positive, unknown_name, whole
from mitbadak.numerical import STEP, as_number, central_differences

CONVERGED_SHARE = 1e-6  # of the first gradient; below it a picture shows no difference
UNMOVED_SHARE = 1e-3  # gradient and value changed by less: the rate could be far larger


class Status(enum.StrEnum):
    """Why a descent ended where it did."""

    CONVERGED = "converged"
    STEP_LIMIT = "step limit"
    DIVERGED = "diverged"
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
    """

    x: np.ndarray
    path: np.ndarray
    status: Status
    explanation: str
    trace: list[TracePoint] = field(default_factory=list)

    @property
    def history(self) -> np.ndarray:
        """The points before each step, without the last: the notes' ``x_history``."""
        return self.path[:-1]

    def __iter__(self) -> Iterator[np.ndarray]:
        yield self.x
        yield self.path


def gradient_descent(
    f: Callable[[np.ndarray], float],
    init_x,
    lr: float = 0.01,
    step_num: int = 100,
    *,
    gradient: Callable[[np.ndarray], np.ndarray] | None = None,
    h: float = STEP,
    trace: bool = False,
) -> DescentResult:
    """Go against the gradient of f, ``x <- x - lr * grad f(x)``, step_num times.

    Args:
        f: any function of an array that returns one number.
        init_x: the start, real numbers; the caller's array is never changed (the descent goes
            on in a float64 copy).
        lr: learning rate, above 0.
        step_num: number of steps; fewer are taken only when x or the gradient stops being
            finite.
        gradient: the gradient of f; default ``numerical_gradient`` with step h.
        h: step of the central difference, absolute.
        trace: keep point and gradient of every step in ``.trace``.

    Returns:
        A ``DescentResult``; ``x, path = gradient_descent(...)`` works too.

    Raises:
        RangeError: lr or step_num out of range.
        DtypeError: init_x is not of real numbers.
        NonFiniteError: f or init_x is not finite at the start.
        ShapeError: ``gradient`` returns another shape than x has.

    Example:
        >>> start = np.array([-3.0, 4.0])
        >>> result = gradient_descent(sphere, start, lr=0.1)
        >>> result.x
        array([-6.11110793e-10,  8.14814391e-10])
        >>> str(result.status), start
        ('converged', array([-3.,  4.]))
    """
    lr = positive("gradient_descent", "lr", lr)
    h = positive("gradient_descent", "h", h)
    step_num = whole("gradient_descent", "step_num", step_num, least=0)
    x = _start(init_x)
    first = _Look(f, x, gradient, h)
    if not (np.isfinite(x).all() and first.finite):
        raise NonFiniteError(
            f"gradient_descent expects a finite start; got x = {x} with f(x) = {first.value} and "
            f"gradient {first.gradient}."
        )
    path, steps, look, turned = [x], [], first, 0.0
    for _ in range(step_num):
        with np.errstate(over="ignore", invalid="ignore"):
            x = np.asarray(x - lr * look.gradient)
        if not np.isfinite(x).all():
            break
        steps.append(TracePoint(path[-1], look.gradient))
        path.append(x)
        with np.errstate(over="ignore", invalid="ignore"):
            look = _Look(f, x, gradient, h)
        if not np.isfinite(look.gradient).all():
            break
        turned = max(turned, float(np.max(np.abs(look.gradient - first.gradient), initial=0)))
    with np.errstate(over="ignore", invalid="ignore"):
        status, explanation = _verdict(path, first, look, turned, bool(np.isfinite(x).all()), h)
    return DescentResult(path[-1], np.array(path), status, explanation, steps if trace else [])


def _start(init_x) -> np.ndarray:
    x = np.array(init_x)
    if x.dtype.kind not in "iuf":
        raise DtypeError(f"gradient_descent expects a start of real numbers; got {x.dtype}.")
    return x.astype(np.float64)


class _Look:
    """Value and gradient at one point, and whether the step h was lost there."""

    def __init__(self, f, x: np.ndarray, gradient, h: float):
        self.f, self.x, self.h, self.lost = f, x, h, False
        self.by_definition = gradient is None
        if gradient is None:
            difference = central_differences(f, [x.copy()], h=h, progress=False)
            self.gradient = difference.gradients[0]
            self.lost = bool(difference.lost_to_rounding[0].any())
        else:
            self.gradient = np.asarray(gradient(x.copy()), dtype=np.float64)
            if self.gradient.shape != x.shape:
                raise ShapeError(
                    f"gradient_descent expects gradient(x) of shape {x.shape}; got "
                    f"{self.gradient.shape}."
                )

    @cached_property
    def value(self) -> float:
        return as_number(self.f(self.x.copy()))

    @property
    def noise(self) -> float:
        """Rounding in the gradient: two values of f, each rounded to eps |f|, over 2 h."""
        return 4 * np.finfo(np.float64).eps * abs(self.value) / self.h if self.by_definition else 0

    @property
    def finite(self) -> bool:
        return bool(np.isfinite(self.value) and np.isfinite(self.gradient).all())

    @property
    def steepness(self) -> float:
        return float(np.max(np.abs(self.gradient), initial=0.0))


def _verdict(
    path, first: _Look, last: _Look, turned: float, finite: bool, h: float
) -> tuple[Status, str]:
    """The status and its explanation; ``turned`` is the gradient's largest change on the way."""
    steps = f"{len(path) - 1} step{'s' if len(path) != 2 else ''}"
    went = f"f went from {first.value:.6g} to {last.value:.6g} in {steps}"
    if not finite:
        return Status.DIVERGED, f"{went}, and the next point overflows. Try a smaller lr."
    if not last.finite:
        return Status.DIVERGED, f"after {steps} f or its gradient is not finite. Try a smaller lr."
    if last.lost:
        return Status.LOST_TO_ROUNDING, (
            f"|x| reached {np.max(np.abs(path[-1])):.3g}, where x + {h:g} rounds to x, so the "
            f"numerical gradient is lost and x stands still; this is not a minimum ({went}). "
            "Try a smaller lr."
        )
    visible = CONVERGED_SHARE * max(abs(first.value), abs(last.value))
    if last.value - first.value > visible:
        return Status.DIVERGED, f"{went}. Try a smaller lr."
    if last.steepness <= max(CONVERGED_SHARE * first.steepness, last.noise):
        if 0 < first.steepness <= first.noise and np.any(path[0] != path[-1]):
            return Status.LOST_TO_ROUNDING, (
                f"f is so large ({first.value:.3g}) that its differences over {h:g} are rounding, "
                f"about {first.noise:.2g} each; take a constant off f, or give its gradient."
            )
        return Status.CONVERGED, (
            f"the gradient fell from {first.steepness:.3g} to {last.steepness:.3g} in {steps}."
        )
    gained = abs(first.value - last.value)
    if (
        len(path) > 1
        and turned <= UNMOVED_SHARE * first.steepness
        and gained <= UNMOVED_SHARE * abs(first.value)
    ):
        return Status.RATE_TOO_SMALL, (
            f"in {steps} f went only from {first.value:.9g} to {last.value:.9g} and the "
            "gradient did not change. Try a larger lr."
        )
    remedy = (
        "Try more steps."
        if last.steepness < first.steepness or len(path) == 1
        else ("Try a smaller lr.")
    )
    return Status.STEP_LIMIT, (
        f"after {steps} the gradient is {last.steepness:.3g} (it began at "
        f"{first.steepness:.3g}). {remedy}"
    )


def sphere(x: np.ndarray) -> float:
    """``x0^2 + x1^2 + ...``, the notes' first function; minimum 0 at the origin.

    Example:
        >>> float(sphere(np.array([3.0, 4.0])))
        25.0
    """
    return np.sum(x**2)


def ellipse(x: np.ndarray) -> float:
    """``x0^2 / 20 + x1^2``, the book's elongated bowl; minimum 0 at the origin.

    Example:
        >>> float(ellipse(np.array([-7.0, 2.0])))
        6.45
    """
    return x[0] ** 2 / 20.0 + x[1] ** 2


SURFACES: dict[str, Callable[[np.ndarray], float]] = {"sphere": sphere, "ellipse": ellipse}


def surface(name: str) -> Callable[[np.ndarray], float]:
    """The function called ``name`` in ``SURFACES``.

    Raises:
        UnknownNameError: with the nearest right name.
    """
    if name not in SURFACES:
        raise unknown_name("surface", name, SURFACES)
    return SURFACES[name]
