"""How large a learning rate may be before descent overshoots: 2 over the largest curvature."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from mitbadak.core.arrays import real_array
from mitbadak.core.errors import NonFiniteError, NumericalWarning, ShapeError
from mitbadak.descent.result import DescentResult
from mitbadak.descent.surfaces import Surface
from mitbadak.functions.numerical import as_number

VISIBLE_SHARE = 1e-3  # of the largest curvature
FEW = 4.0  # times the rounding in an entry: what is not larger may be nothing but rounding
FELT = 1e-6  # a curvature that bounds the rate, by 2e6
RESOLVED = 1e6  # times the rounding of f: what changes by more without curving is straight
WIDTH = 1e-3  # second differences: truncation is of order h^2, rounding of 4 eps |f| / h^2


def curvatures(f: Callable[[np.ndarray], Any], x) -> np.ndarray:
    """The eigenvalues of the Hessian of f at x, from the smallest to the largest.

    All above 0 at a minimum; of both signs at a saddle. Exact for a ``Surface``; for any other
    function from second differences, right to about a millionth of the largest.

    Raises:
        NonFiniteError: f is not finite around x.
        DtypeError, ShapeError: x is not of real numbers, or has no entry.

    Warns:
        NumericalWarning: f is so large that rounding is a visible part of its differences.

    Example:
        >>> from mitbadak.descent import saddle
        >>> curvatures(saddle, [0.0, 0.0])
        array([-2.,  2.])
    """
    return _curvatures(f, x)[0]


def _curvatures(f: Callable[[np.ndarray], Any], x) -> tuple[np.ndarray, float]:
    """The curvatures, and the rounding in them."""
    at = real_array("curvatures", "x", x).astype(np.float64)
    if at.size == 0:
        raise ShapeError("curvatures expects x of at least one entry; got an empty array.")
    if isinstance(f, Surface):
        matrix, noise, blurred = np.asarray(f.hessian(at)), 0.0, False
    else:
        matrix, noise, blurred = _second_differences(f, at)
    matrix = matrix.reshape(at.size, at.size)
    if not np.isfinite(matrix).all():
        raise NonFiniteError(f"curvatures expects f to be finite around x; at {at} it is not.")
    found = np.linalg.eigvalsh(matrix)
    if blurred and noise > VISIBLE_SHARE * np.abs(found).max():
        warnings.warn(
            f"curvatures: f is so large around {at} that rounding is a visible part of its second "
            f"differences, about {noise:.2g} in each. Take a constant off f.",
            NumericalWarning,
            stacklevel=3,
        )
    return found, noise


def stability_limit(f: Callable[[np.ndarray], Any], x) -> float:
    """The learning rate above which plain gradient descent cannot settle at x: 2 / lambda.

    lambda is the largest eigenvalue of the Hessian there. One step multiplies the distance along
    its direction by ``1 - lr lambda``, which is above 1 in size when lr is above 2 / lambda.

    Args:
        f: a ``Surface``, or any function of an array that returns one number.
        x: where, usually a minimum of f.

    Returns:
        The limit; infinity where f curves up in no direction, or by no more than rounding.

    References:
        LeCun, Bottou, Orr and Mueller, Efficient BackProp, 1998, section 5.1; Cohen et al.,
        Gradient descent on neural networks typically occurs at the edge of stability, ICLR 2021.

    Example:
        >>> from mitbadak.descent import ellipse
        >>> stability_limit(ellipse, [0.0, 0.0])
        1.0
    """
    found, noise = _curvatures(f, x)
    largest = float(found[-1])
    return 2 / largest if largest > noise else math.inf


def limit_of(
    f: Callable[[np.ndarray], Any], result: DescentResult
) -> tuple[float, np.ndarray] | None:
    """The stability limit at the minimum that a descent was near to, and where that is.

    Args:
        f: what the descent ran on.
        result: of any optimizer.

    Returns:
        Limit and point: the minimum nearest to the end on a ``Surface``, for other functions the
        end itself. None where no minimum is: on a surface without any, after a descent that
        diverged or fell for ever, or where f curves up in no direction.

    Example:
        >>> from mitbadak.descent import gradient_descent, rosenbrock
        >>> limit_of(rosenbrock, gradient_descent(rosenbrock, [0.0, 0.0], 0.001, 5))[1]
        array([1., 1.])
    """
    at: np.ndarray | None = result.x
    if isinstance(f, Surface):
        at = f.nearest_minimum(result.x)
    elif result.status.ran_away:
        at = None
    if at is None:
        return None
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("error", NumericalWarning)
            limit = stability_limit(f, at)
    except Exception:  # whatever f raises beside the path, and a limit that is rounding
        return None
    return (limit, at) if math.isfinite(limit) else None


def _second_differences(
    f: Callable[[np.ndarray], Any], x: np.ndarray
) -> tuple[np.ndarray, float, bool]:
    """``(f(++) - f(+-) - f(-+) + f(--)) / 4 h^2`` for every pair of entries.

    Returns:
        The matrix; the largest rounding in an entry, ``eps |f| / h^2``; and whether that could
        hide a curvature, because f changes too little on its way across the points.
    """
    steps = WIDTH * np.maximum(1.0, np.abs(x)).reshape(-1)
    moves = np.diag(steps).reshape(x.size, *x.shape)
    matrix, noise, blurred = np.empty((x.size, x.size)), 0.0, False
    for i, a in enumerate(moves):
        for j, b in enumerate(moves[: i + 1]):
            around = (x + a + b, x + a - b, x - a + b, x - a - b)
            pp, pm, mp, mm = values = [as_number(f(point)) for point in around]
            area = float(steps[i] * steps[j])
            matrix[i, j] = matrix[j, i] = (pp - pm - mp + mm) / (4 * area)
            rounding = float(np.finfo(np.float64).eps) * max(map(abs, values))
            here, curves = rounding / area, abs(matrix[i, j]) > FEW * rounding / area
            straight = not curves and max(values) - min(values) > RESOLVED * rounding
            noise, blurred = max(noise, here), blurred or (here > FELT and not straight)
    return matrix, noise, blurred
