"""How large a learning rate may be before descent overshoots: 2 over the largest curvature."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from mitbadak.descent.result import DescentResult, Status
from mitbadak.descent.surfaces import Surface
from mitbadak.errors import NonFiniteError
from mitbadak.numerical import as_number

WIDTH = 1e-3  # second differences: truncation is of order h^2, rounding of 4 eps |f| / h^2


def curvatures(f: Callable[[np.ndarray], Any], x) -> np.ndarray:
    """The eigenvalues of the Hessian of f at x, from the smallest to the largest.

    All above 0 at a minimum; of both signs at a saddle. Exact for a ``Surface``; for any other
    function from second differences, right to about a millionth of the largest.

    Raises:
        NonFiniteError: f is not finite around x.

    Example:
        >>> from mitbadak.descent import saddle
        >>> curvatures(saddle, [0.0, 0.0])
        array([-2.,  2.])
    """
    at = np.array(x, dtype=np.float64)
    matrix = f.hessian(at) if isinstance(f, Surface) else _second_differences(f, at)
    matrix = np.asarray(matrix).reshape(at.size, at.size)
    if not np.isfinite(matrix).all():
        raise NonFiniteError(f"curvatures expects f to be finite around x; at {at} it is not.")
    return np.linalg.eigvalsh(matrix)


def stability_limit(f: Callable[[np.ndarray], Any], x) -> float:
    """The learning rate above which plain gradient descent cannot settle at x: 2 / lambda.

    lambda is the largest eigenvalue of the Hessian there. One step multiplies the distance along
    its direction by ``1 - lr lambda``, which is above 1 in size when lr is above 2 / lambda.

    Args:
        f: a ``Surface``, or any function of an array that returns one number.
        x: where, usually a minimum of f.

    Returns:
        The limit; infinity where f curves up in no direction.

    References:
        LeCun, Bottou, Orr and Mueller, Efficient BackProp, 1998, section 5.1; Cohen et al.,
        Gradient descent on neural networks typically occurs at the edge of stability, ICLR 2021.

    Example:
        >>> from mitbadak.descent import ellipse
        >>> stability_limit(ellipse, [0.0, 0.0])
        1.0
    """
    largest = float(curvatures(f, x)[-1])
    return 2 / largest if largest > 0 else math.inf


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
    elif result.status in (Status.DIVERGED, Status.EVER_STEEPER, Status.LOST_TO_ROUNDING):
        at = None
    if at is None:
        return None
    try:
        with np.errstate(all="ignore"):
            limit = stability_limit(f, at)
    except Exception:  # whatever f raises beside the path
        return None
    return (limit, at) if math.isfinite(limit) else None


def _second_differences(f: Callable[[np.ndarray], Any], x: np.ndarray) -> np.ndarray:
    """``(f(++) - f(+-) - f(-+) + f(--)) / 4 h^2`` for every pair of entries."""
    steps = WIDTH * np.maximum(1.0, np.abs(x)).reshape(-1)
    moves = np.diag(steps).reshape(x.size, *x.shape)
    matrix = np.empty((x.size, x.size))
    for i, a in enumerate(moves):
        for j, b in enumerate(moves[: i + 1]):
            around = (x + a + b, x + a - b, x - a + b, x - a - b)
            pp, pm, mp, mm = (as_number(f(point)) for point in around)
            matrix[i, j] = matrix[j, i] = (pp - pm - mp + mm) / (4 * steps[i] * steps[j])
    return matrix
