"""The largest stable learning rate: 2 over the largest curvature."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from mitbadak.core.arguments import explained
from mitbadak.core.arrays import real_array
from mitbadak.core.errors import NonFiniteError, NumericalWarning, ShapeError
from mitbadak.core.warned import warn
from mitbadak.descent.result import DescentResult
from mitbadak.descent.surfaces import Surface
from mitbadak.functions.numerical import as_number

VISIBLE_SHARE = 1e-3  # of the largest curvature
FEW = 4.0  # times the rounding error of an entry; a smaller entry may be rounding alone
RELEVANT = 1e-6  # the smallest relevant curvature; it limits the rate to 2e6
RESOLVED = 1e6  # times the rounding error of f; an f that changes by more is resolved
USUAL, USUAL_SHARE = 0.1, 0.8
USUAL_RATES = (0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001)
WIDTH = 1e-3  # h of second differences: truncation is of order h^2, rounding 4 eps |f| / h^2


def curvatures(f: Callable[[np.ndarray], Any], x: Any) -> np.ndarray:
    """The eigenvalues of the Hessian of f at x, from the smallest to the largest.

    They are all positive at a minimum and of both signs at a saddle. They are exact for a
    ``Surface``; for other functions they come from second differences and are accurate to about a
    millionth of the largest.

    Raises:
        NonFiniteError: f is not finite around x.
        DtypeError, ShapeError: x is not real, or is empty.

    Warns:
        NumericalWarning: f is so large that its differences contain visible rounding errors.

    Example:
        >>> from mitbadak.descent import saddle
        >>> curvatures(saddle, [0.0, 0.0])
        array([-2.,  2.])
    """
    return _curvatures(f, x)[0]


def _curvatures(f: Callable[[np.ndarray], Any], x: Any) -> tuple[np.ndarray, float]:
    """The curvatures, and their rounding error."""
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
    values = np.linalg.eigvalsh(matrix)
    if blurred and noise > VISIBLE_SHARE * np.abs(values).max():
        warn(
            f"curvatures: f is so large around {at} that its second differences contain visible "
            f"rounding errors, about {noise:.2g} each. Subtract a constant from f.",
            NumericalWarning,
        )
    return values, noise


@explained
def stability_limit(f: Callable[[np.ndarray], Any], x: Any) -> float:
    """The learning rate above which plain gradient descent cannot settle at x: 2 / lambda.

    lambda is the largest eigenvalue of the Hessian there. One step multiplies the distance along
    its direction by ``1 - lr lambda``, which is above 1 in size when lr is above 2 / lambda.

    Args:
        f: a ``Surface``, or any function of an array that returns one number.
        x: the point, usually a minimum of f.

    Returns:
        The limit; infinity if f curves up in no direction, or by no more than rounding errors.

    References:
        LeCun, Bottou, Orr and Mueller, Efficient BackProp, 1998, section 5.1; Cohen et al.,
        Gradient descent on neural networks typically occurs at the edge of stability, ICLR 2021.

    Example:
        >>> from mitbadak.descent import ellipse
        >>> stability_limit(ellipse, [0.0, 0.0])
        1.0
    """
    values, noise = _curvatures(f, x)
    largest = float(values[-1])
    return 2 / largest if largest > noise else math.inf


def usual_rate(f: Any, start: Any) -> float:
    """A learning rate for plain descent on f from a start: 0.1, or less where f curves strongly.

    On a ``Surface`` it is the largest 1, 3 or so of a power of ten below 0.8 of the stability
    limits at its minima and at the start.

    Example:
        >>> from mitbadak.descent import rosenbrock, sphere
        >>> usual_rate(rosenbrock, rosenbrock.start), usual_rate(sphere, [-3.0, 4.0])
        (0.001, 0.1)
    """
    if not isinstance(f, Surface) or not len(f.minima) or np.shape(start) != (2,):
        return USUAL
    limits = [stability_limit(f, x) for x in (*f.minima, np.asarray(start, float))]
    most = USUAL_SHARE * min(limits)
    return next((rate for rate in USUAL_RATES if rate <= most), USUAL_RATES[-1])


def limit_of(
    f: Callable[[np.ndarray], Any], result: DescentResult
) -> tuple[float, np.ndarray] | None:
    """The stability limit at the minimum that a descent approached, and that minimum.

    Args:
        f: the function that the descent minimized.
        result: result of any optimizer.

    Returns:
        The limit, and the minimum nearest to the last point of the descent (on a ``Surface``) or
        that point itself. None if there is no minimum: the surface has none, the descent diverged
        or fell without end, or f curves up in no direction.

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
    except Exception:  # an error of f beside the path, or a limit that is rounding
        return None
    return (limit, at) if math.isfinite(limit) else None


def _second_differences(
    f: Callable[[np.ndarray], Any], x: np.ndarray
) -> tuple[np.ndarray, float, bool]:
    """``(f(++) - f(+-) - f(-+) + f(--)) / 4 h^2`` for every pair of entries.

    Returns:
        The matrix; the largest rounding error of an entry, ``eps |f| / h^2``; and whether that
        could hide a curvature, because f changes too little between the points.
    """
    h = WIDTH * np.maximum(1.0, np.abs(x)).reshape(-1)
    shifts = np.diag(h).reshape(x.size, *x.shape)
    matrix, noise, blurred = np.empty((x.size, x.size)), 0.0, False
    for i, a in enumerate(shifts):
        for j, b in enumerate(shifts[: i + 1]):
            around = (x + a + b, x + a - b, x - a + b, x - a - b)
            pp, pm, mp, mm = values = [as_number(f(point)) for point in around]
            area = float(h[i] * h[j])
            matrix[i, j] = matrix[j, i] = (pp - pm - mp + mm) / (4 * area)
            rounding = float(np.finfo(np.float64).eps) * max(map(abs, values))
            here, curves = rounding / area, abs(matrix[i, j]) > FEW * rounding / area
            straight = not curves and max(values) - min(values) > RESOLVED * rounding
            noise, blurred = max(noise, here), blurred or (here > RELEVANT and not straight)
    return matrix, noise, blurred
