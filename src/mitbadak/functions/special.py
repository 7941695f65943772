"""Functions that NumPy lacks: the error function in double precision."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from mitbadak.functions import primitives as _primitives  # noqa: F401  (registers NumPy's arithmetic)
from mitbadak.functions.differentiable import Traced, differentiable

# Rational approximations by W. J. Cody, Rational Chebyshev approximations for the error function,
# Mathematics of Computation 23, 1969, pages 631-637, with the digits of his program CALERF (1990):
# numerator and denominator, highest power first. The relative error is below 1e-18.
SMALL, LARGE = 0.46875, 4.0
SMALL_RATIO = (
    (1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2, 3.77485237685302021e2,
     3.20937758913846947e3),
    (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3,
     2.84423683343917062e3),
)  # fmt: skip
MIDDLE_RATIO = (
    (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1,
     2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3,
     1.23033935479799725e3),
    (1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2,
     1.62138957456669019e3, 3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3,
     1.23033935480374942e3),
)  # fmt: skip
LARGE_RATIO = (
    (1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1,
     1.25781726111229246e-1, 1.60837851487422766e-2, 6.58749161529837803e-4),
    (1.0, 2.56852019228982242, 1.87295284992346725, 5.27905102951428412e-1,
     6.05183413124413191e-2, 2.33520497626869185e-3),
)  # fmt: skip
BEYOND = 28.0  # exp(-28^2) is 0 in double precision


@differentiable
def erf(x):
    """Error function ``2 / sqrt(pi)`` times the integral of ``exp(-s^2)`` from 0 to x.

    Args:
        x: any shape.

    Returns:
        Values in [-1, 1], same shape and dtype, computed in double precision.

    Example:
        >>> erf(np.array([-10.0, 0.0, 0.5])).round(6)
        array([-1.    ,  0.    ,  0.5205])
    """
    y = erf(x) if isinstance(x, Traced) else _computed(x, complement=False)
    return y, (lambda dy: dy * _bell(x),)


@differentiable
def erfc(x):
    """Complementary error function ``1 - erf(x)``, accurate where the difference would vanish.

    Example:
        >>> erfc(np.array([-10.0, 0.0, 10.0]))
        array([2.00000000e+00, 1.00000000e+00, 2.08848758e-45])
    """
    y = erfc(x) if isinstance(x, Traced) else _computed(x, complement=True)
    return y, (lambda dy: -dy * _bell(x),)


def _bell(x: Any):
    """The derivative of erf."""
    near = np.clip(x, -BEYOND, BEYOND)  # outside, the result is 0 and the square could overflow
    return np.exp(-near * near) * (2 / math.sqrt(math.pi))


def _computed(x: Any, *, complement: bool) -> np.ndarray:
    """erf or erfc of an array, by Cody's three ranges of ``|x|``."""
    x = np.asarray(x)
    flat = x.astype(np.float64).reshape(-1)
    size, y = np.abs(flat), np.empty_like(flat)
    small = size <= SMALL
    inner = flat[small]
    inner = inner * _ratio(inner * inner, SMALL_RATIO)
    y[small] = 1.0 - inner if complement else inner
    outer, tail = flat[~small], _tail(size[~small])
    if complement:
        y[~small] = np.where(outer < 0, 2.0 - tail, tail)
    else:
        y[~small] = np.copysign(1.0 - tail, outer)
    return y.astype(np.result_type(x.dtype, np.float16)).reshape(x.shape)


def _tail(size: np.ndarray) -> np.ndarray:
    """erfc of arguments above ``SMALL``."""
    size = np.minimum(size, BEYOND)
    # The square is split, so that its rounding error costs no digits of the exponential.
    coarse = np.trunc(size * 16) / 16
    bell = np.exp(-coarse * coarse) * np.exp(-(size - coarse) * (size + coarse))
    shrunk = 1 / (size * size)
    far = (1 / math.sqrt(math.pi) - shrunk * _ratio(shrunk, LARGE_RATIO)) / size
    return bell * np.where(size > LARGE, far, _ratio(size, MIDDLE_RATIO))


def _ratio(x: np.ndarray, ratio: Sequence[Sequence[float]]) -> np.ndarray:
    above, below = (np.polyval(coefficients, x) for coefficients in ratio)
    return above / below
