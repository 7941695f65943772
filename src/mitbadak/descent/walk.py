"""Descent on any function by any update rule."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

import numpy as np

from mitbadak.core.arrays import as_array
from mitbadak.core.errors import DtypeError, NonFiniteError, brief, positive, whole
from mitbadak.core.memory import check_memory
from mitbadak.descent.result import DescentResult, TracePoint
from mitbadak.descent.verdict import Look, Walk, verdict
from mitbadak.functions.numerical import STEP

STEP_BYTES = 400  # Python's objects for one step; point and gradient come on top


@runtime_checkable
class Rule(Protocol):
    """What moves a descent: an optimizer of ``mitbadak.optim``, or anything with its update."""

    def update(self, params: list[Any], grads: list[Any], /) -> None: ...


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
        StateError: f writes into its argument while it is differentiated by definition.

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
    return _walk("gradient_descent", f, init_x, rule, step_num, gradient, h, trace)


def descend(
    f: Callable[[np.ndarray], float],
    start,
    optimizer: Rule,
    step_num: int = 100,
    *,
    gradient: Callable[[np.ndarray], np.ndarray] | None = None,
    h: float = STEP,
    trace: bool = False,
) -> DescentResult:
    """Descend on f with an optimizer, which is given the gradient and moves the point.

    Args:
        f: any function of an array that returns one number.
        start: real numbers; the caller's array is never changed.
        optimizer: from ``mitbadak.optim``, a new one for each descent (one that was used before
            brings its momentum along).
        step_num: number of steps; fewer are taken only when x or the gradient stops being
            finite.
        gradient: the gradient of f, such as ``rosenbrock.gradient``; default
            ``numerical_gradient`` with step h.
        h: step of the central difference, absolute.
        trace: keep point and gradient of every step in ``.trace``.

    Returns:
        A ``DescentResult``, as ``gradient_descent`` gives it.

    Raises:
        RangeError: step_num out of range.
        DtypeError: start is not of real numbers.
        NonFiniteError: f or start is not finite at the start.
        ShapeError: ``gradient`` returns another shape than x has.
        StateError: f writes into its argument while it is differentiated by definition.

    Example:
        >>> from mitbadak.descent import ellipse
        >>> from mitbadak.optim import Momentum
        >>> result = descend(ellipse, [-7.0, 2.0], Momentum(lr=0.1), 300)
        >>> str(result.status), bool(np.abs(result.x).max() < 1e-4)
        ('converged', True)
    """
    return _walk("descend", f, start, optimizer, step_num, gradient, h, trace)


def _walk(owner, f, start, rule: Rule, step_num, gradient, h, trace: bool) -> DescentResult:
    h = positive(owner, "h", h)
    step_num = whole(owner, "step_num", step_num, least=0)
    x = _start(owner, start)
    needed = step_num * (STEP_BYTES + 3 * x.nbytes)
    check_memory(f"{owner} with step_num {brief(step_num)}", needed, "Take fewer steps.")
    look = Look(f, x, gradient, h, owner)
    if not (np.isfinite(x).all() and look.finite):
        raise NonFiniteError(
            f"{owner} expects a finite start; got x = {x} with f(x) = {look.value} and "
            f"gradient {look.gradient}."
        )
    walk = Walk(look, remembers=not isinstance(rule, _Plain))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for _ in range(step_num):
            params = [x.copy()]
            try:
                rule.update(params, [look.gradient.copy()])
            except NonFiniteError:  # a step of which the rule itself says that it overflows
                walk.overflowed = True
                break
            x = np.array(params[0], dtype=np.float64)
            if not np.isfinite(x).all():
                walk.overflowed = True
                break
            look = Look(f, x, gradient, h, owner)
            walk.add(look)
            if not np.isfinite(look.gradient).all():
                break
        status, explanation = verdict(walk)
    path = np.array([look.x for look in walk.looks])
    steps = [TracePoint(look.x, look.gradient) for look in walk.looks[:-1]]
    return DescentResult(
        walk.last.x, path, status, explanation, steps if trace else [], _rate_of(rule)
    )


class _Plain:
    """``x <- x - lr g``, and no memory of the steps before."""

    def __init__(self, lr: float):
        self.lr = lr

    def update(self, params: list[Any], grads: list[Any], /) -> None:
        params[0] = np.asarray(params[0] - self.lr * grads[0])


def _rate_of(rule: Rule) -> float | None:
    rate = getattr(rule, "lr", None)
    return float(rate) if isinstance(rate, (int, float)) and math.isfinite(rate) else None


def _start(owner: str, start) -> np.ndarray:
    x = as_array(owner, "the start", start)
    if x.dtype.kind not in "iuf":
        raise DtypeError(f"{owner} expects a start of real numbers; got {x.dtype}.")
    return x.astype(np.float64)
