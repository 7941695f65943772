"""Descent on any function with any optimizer."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

import numpy as np

from mitbadak.core.arguments import explained, renamed
from mitbadak.core.arrays import as_array
from mitbadak.core.errors import DtypeError, NonFiniteError, brief, positive, whole
from mitbadak.core.languages import known_language
from mitbadak.core.memory import check_memory
from mitbadak.core.printing import print_line
from mitbadak.descent.result import DescentResult, TracePoint
from mitbadak.descent.verdict import Observation, Observations, verdict
from mitbadak.functions.numerical import H
from mitbadak.optim import Rate, as_optimizer

STEP_BYTES = 400  # of Python objects per step, besides the point and the gradient
STEP = {"en": "x: {} / gradient: {}", "ko": "좌표 : {} / 기울기 : {}"}


@runtime_checkable
class Rule(Protocol):
    """An update rule: an optimizer of ``mitbadak.optim``, or any object with this method."""

    def update(self, params: list[Any], grads: list[Any], /) -> None: ...


@explained
def gradient_descent(
    f: Callable[[np.ndarray], float],
    init_x: Any,
    lr: float = 0.01,
    step_num: int = 100,
    *,
    gradient: Callable[[np.ndarray], np.ndarray] | None = None,
    h: float = H,
    trace: bool = False,
    verbose: bool = False,
    lang: str = "en",
) -> DescentResult:
    """Minimize f by ``x <- x - lr * grad f(x)``, step_num times.

    Args:
        f: any function of an array that returns one number.
        init_x: the start, of real numbers; copied to float64, so the caller's array is unchanged.
        lr: learning rate, above 0.
        step_num: number of steps; the descent ends early only if x or the gradient is not finite.
        gradient: the gradient of f; ``numerical_gradient`` by default.
        h: the h of the central differences, absolute.
        trace: keep the point and gradient of every step in ``.trace``.
        verbose: print them before every step.
        lang: language of what is printed, ``en`` or ``ko``.

    Returns:
        A ``DescentResult``; ``x, x_history = gradient_descent(...)`` works too, with the points
        before each step, as in the notes.

    Raises:
        RangeError: lr, step_num or h is out of range.
        DtypeError: init_x is not of real numbers.
        NonFiniteError: f or init_x is not finite at the start.
        ShapeError: ``gradient`` returns a shape other than that of x.
        StateError: f writes into its argument while it is differentiated numerically.

    Example:
        >>> from mitbadak.descent import sphere
        >>> start = np.array([-3.0, 4.0])
        >>> result = gradient_descent(sphere, start, lr=0.1)
        >>> result.x
        array([-6.11110793e-10,  8.14814391e-10])
        >>> str(result.status), start
        ('converged', array([-3.,  4.]))
    """
    rule = _Plain(positive("gradient_descent", "lr", lr))
    shown = _shown(verbose, lang)
    return _walk("gradient_descent", f, init_x, rule, step_num, gradient, h, trace, shown)


@explained
@renamed(start="init_x")
def descend(
    f: Callable[[np.ndarray], float],
    init_x: Any,
    optimizer: Rule | str,
    step_num: int = 100,
    *,
    lr: Rate | None = None,
    gradient: Callable[[np.ndarray], np.ndarray] | None = None,
    h: float = H,
    trace: bool = False,
    verbose: bool = False,
    lang: str = "en",
) -> DescentResult:
    """Minimize f with an optimizer.

    Args:
        f: any function of an array that returns one number.
        init_x: the start, real numbers; copied to float64, so the caller's array is unchanged.
        optimizer: one of ``mitbadak.optim``, or its name; a new one for each descent, because a
            used one keeps its momentum.
        step_num: number of steps; the descent ends early only if x or the gradient is not finite.
        gradient: the gradient of f, such as ``rosenbrock.gradient``; ``numerical_gradient`` by
            default.
        lr: learning rate of an optimizer that is given by name.
        h: the h of the central differences, absolute.
        trace: keep the point and gradient of every step in ``.trace``.
        verbose: print them before every step.
        lang: language of what is printed, ``en`` or ``ko``.

    Returns:
        A ``DescentResult``, as from ``gradient_descent``.

    Raises:
        RangeError: step_num, lr or h is out of range.
        UnknownNameError: there is no such optimizer; the message suggests the closest name.
        DtypeError: init_x is not of real numbers, or the optimizer is a class.
        NonFiniteError: f or init_x is not finite at the start.
        ShapeError: ``gradient`` returns a shape other than that of x.
        StateError: f writes into its argument while it is differentiated numerically.

    Example:
        >>> from mitbadak.descent import ellipse
        >>> from mitbadak.optim import Momentum
        >>> result = descend(ellipse, [-7.0, 2.0], Momentum(lr=0.1), 300)
        >>> str(result.status), bool(np.abs(result.x).max() < 1e-4)
        ('converged', True)
    """
    rule: Rule
    if isinstance(optimizer, str | type) or not isinstance(optimizer, Rule) or lr is not None:
        rule = as_optimizer("descend", optimizer, lr)
    else:
        rule = optimizer
    return _walk("descend", f, init_x, rule, step_num, gradient, h, trace, _shown(verbose, lang))


def _shown(verbose: bool, lang: str) -> str:
    """How a step is printed; "" if it is not."""
    return STEP[known_language(lang)] if verbose else ""


def _walk(
    owner: Any,
    f: Any,
    start: Any,
    rule: Rule,
    step_num: Any,
    gradient: Any,
    h: Any,
    trace: bool,
    shown: str,
) -> DescentResult:
    h = positive(owner, "h", h)
    step_num = whole(owner, "step_num", step_num, least=0)
    x = _start(owner, start)
    needed = step_num * (STEP_BYTES + 3 * x.nbytes)
    check_memory(f"{owner} with step_num {brief(step_num)}", needed, "Take fewer steps.")
    here = Observation(f, x, gradient, h, owner)
    if not (np.isfinite(x).all() and here.finite):
        raise NonFiniteError(
            f"{owner} expects a finite start; got x = {x} with f(x) = {here.value} and "
            f"gradient {here.gradient}."
        )
    seen = Observations(here, has_memory=not isinstance(rule, _Plain))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for _ in range(step_num):
            if shown:
                print_line(shown.format(here.x, here.gradient))
            params = [x.copy()]
            try:
                rule.update(params, [here.gradient.copy()])
            except NonFiniteError:  # the optimizer itself detects an overflow
                seen.overflowed = True
                break
            x = np.array(params[0], dtype=np.float64)
            if not np.isfinite(x).all():
                seen.overflowed = True
                break
            here = Observation(f, x, gradient, h, owner)
            seen.add(here)
            if not np.isfinite(here.gradient).all():
                break
        status, explanation = verdict(seen)
    path = np.array([point.x for point in seen.points])
    steps = [TracePoint(point.x, point.gradient) for point in seen.points[:-1]]
    return DescentResult(
        seen.last.x, path, status, explanation, steps if trace else [], _rate_of(rule)
    )


class _Plain:
    """``x <- x - lr g``, without memory of earlier steps."""

    def __init__(self, lr: float):
        self.lr = lr

    def update(self, params: list[Any], grads: list[Any], /) -> None:
        params[0] = np.asarray(params[0] - self.lr * grads[0])


def _rate_of(rule: Rule) -> float | None:
    rate = getattr(rule, "lr", None)
    return float(rate) if isinstance(rate, (int, float)) and math.isfinite(rate) else None


def _start(owner: str, start: Any) -> np.ndarray:
    x = as_array(owner, "the start", start)
    if x.dtype.kind not in "iuf":
        raise DtypeError(f"{owner} expects a start of real numbers; got {x.dtype}.")
    return x.astype(np.float64)
