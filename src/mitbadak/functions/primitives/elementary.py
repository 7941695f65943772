"""Elementwise elementary functions: exponential, logarithmic, trigonometric, hyperbolic."""

from __future__ import annotations

import math

import numpy as np

from mitbadak.core.arguments import explained
from mitbadak.functions.differentiable import differentiable, is_traced, register_form, value_of
from mitbadak.functions.primitives.shaping import sum_to

LOG_2, LOG_10 = math.log(2), math.log(10)


@differentiable(numpy=np.exp)
def exp(a):
    y = np.exp(a)
    return y, (lambda dy: dy * y,)


@differentiable(numpy=np.exp2)
def exp2(a):
    y = np.exp2(a)
    return y, (lambda dy: dy * y * LOG_2,)


@differentiable(numpy=np.expm1)
def expm1(x):
    """``exp(x) - 1``, accurate near 0."""
    return np.expm1(x), (lambda dy: dy * np.exp(x),)


@differentiable(numpy=np.log)
def log(a):
    return np.log(a), (lambda dy: dy / a,)


@differentiable(numpy=np.log2)
def log2(a):
    return np.log2(a), (lambda dy: dy / a / LOG_2,)


@differentiable(numpy=np.log10)
def log10(a):
    return np.log10(a), (lambda dy: dy / a / LOG_10,)


@differentiable(numpy=np.log1p)
def log1p(x):
    """``log(1 + x)``, accurate near 0."""
    return np.log1p(x), (lambda dy: dy / (1.0 + x),)


@differentiable(numpy=np.logaddexp)
def logaddexp(a, b):
    """``log(exp(a) + exp(b))``; each argument's derivative is its share ``exp(a - y)``."""
    y = np.logaddexp(a, b)
    return y, (
        lambda dy: sum_to(dy * np.exp(_below(a, y)), np.shape(a)),
        lambda dy: sum_to(dy * np.exp(_below(b, y)), np.shape(b)),
    )


@differentiable(numpy=np.logaddexp2)
def logaddexp2(a, b):
    """``log2(2^a + 2^b)``; each argument's derivative is its share ``2^(a - y)``."""
    y = np.logaddexp2(a, b)
    return y, (
        lambda dy: sum_to(dy * np.exp2(_below(a, y)), np.shape(a)),
        lambda dy: sum_to(dy * np.exp2(_below(b, y)), np.shape(b)),
    )


def _below(a, y):
    """``a - y``, or 0 where both are plus infinity."""
    both = np.isposinf(value_of(a)) & np.isposinf(value_of(y))
    return np.where(both, 0.0, a - y) if np.any(both) else a - y


@differentiable(numpy=np.sin)
def sin(a):
    return np.sin(a), (lambda dy: dy * np.cos(a),)


@differentiable(numpy=np.cos)
def cos(a):
    return np.cos(a), (lambda dy: dy * -np.sin(a),)


@differentiable(numpy=np.tan)
def tan(a):
    y = np.tan(a)
    return y, (lambda dy: dy * (1.0 + y * y),)


@differentiable
def one_minus_square(a):
    """``1 - a^2`` without cancellation near 1; its derivative has no product of 0 and infinity."""
    y = one_minus_square(a) if is_traced(a) else (1.0 - a) * (1.0 + a)
    return y, (lambda dy: dy * (-2.0 * a),)


@differentiable(numpy=np.arcsin)
def arcsin(a):
    return np.arcsin(a), (lambda dy: dy / np.sqrt(one_minus_square(a)),)


@differentiable(numpy=np.arccos)
def arccos(a):
    return np.arccos(a), (lambda dy: -dy / np.sqrt(one_minus_square(a)),)


@differentiable(numpy=np.arctan)
def arctan(a):
    def da(dy):
        root = np.hypot(1.0, a)  # 1 + a^2 would overflow earlier
        return dy / root / root

    return np.arctan(a), (da,)


@differentiable(numpy=np.arctan2)
def arctan2(a, b):
    """The angle of the point with ordinate a and abscissa b."""

    def part(of, dy):
        radius = np.hypot(a, b)
        return dy * (of / radius) / radius

    return np.arctan2(a, b), (
        lambda dy: sum_to(part(b, dy), np.shape(a)),
        lambda dy: sum_to(-part(a, dy), np.shape(b)),
    )


@differentiable(numpy=np.hypot)
def hypot(a, b):
    """``sqrt(a^2 + b^2)`` without overflow; at the origin, a kink, the derivative is NaN."""
    y = np.hypot(a, b)
    return y, (
        lambda dy: sum_to(dy * (a / y), np.shape(a)),
        lambda dy: sum_to(dy * (b / y), np.shape(b)),
    )


@differentiable(numpy=np.sinh)
def sinh(a):
    return np.sinh(a), (lambda dy: dy * np.cosh(a),)


@differentiable(numpy=np.cosh)
def cosh(a):
    return np.cosh(a), (lambda dy: dy * np.sinh(a),)


@differentiable(numpy=np.tanh)
@explained
def tanh(x):
    """Hyperbolic tangent; dy/dx = 1 - y^2 is computed as ``sech_squared(x)``, accurate for large x.

    Example:
        >>> tanh(np.array([0.0, 1.0])).round(4)
        array([0.    , 0.7616])
    """
    return np.tanh(x), (lambda dy: dy * sech_squared(x),)


@differentiable
def sech_squared(x):
    """Derivative of tanh, ``1 / cosh(x)^2 = 4 e / (1 + e)^2`` with ``e = exp(-2 |x|)``.

    From x = 20 on, ``1 - tanh(x)^2`` would be 0, where this is 1.7e-17.

    Example:
        >>> sech_squared(np.array([0.0, 20.0]))
        array([1.0000000e+00, 1.6993417e-17])
    """
    pullback = (lambda dy: dy * (sech_squared(x) * np.tanh(x) * -2.0),)
    if is_traced(x):  # never differentiate through |x|: the function is smooth at 0
        return sech_squared(x), pullback
    e = np.square(np.exp(-np.absolute(x)))  # exp(-2 |x|), where 2 |x| may overflow
    return e * 4.0 / np.square(e + 1.0), pullback


@differentiable(numpy=np.arcsinh)
def arcsinh(a):
    return np.arcsinh(a), (lambda dy: dy / np.hypot(1.0, a),)


@differentiable(numpy=np.arccosh)
def arccosh(a):
    return np.arccosh(a), (lambda dy: dy / np.sqrt(a - 1.0) / np.sqrt(a + 1.0),)


@differentiable(numpy=np.arctanh)
def arctanh(a):
    return np.arctanh(a), (lambda dy: dy / one_minus_square(a),)


@differentiable(numpy=np.deg2rad)
def deg2rad(a):
    return np.deg2rad(a), (lambda dy: dy * (math.pi / 180),)


@differentiable(numpy=np.rad2deg)
def rad2deg(a):
    return np.rad2deg(a), (lambda dy: dy * (180 / math.pi),)


register_form(np.radians, deg2rad)
register_form(np.degrees, rad2deg)


@differentiable
def sine_ratio(u, *, order=0):
    """The derivative of ``sin(u) / u`` of the given order, also at u = 0."""
    pullback = (lambda dy: dy * sine_ratio(u, order=order + 1),)
    if is_traced(u):
        return sine_ratio(u, order=order), pullback
    return _sine_ratio(np.asarray(u, np.float64), order).astype(np.asarray(u).dtype), pullback


def _sine_ratio(u, order):
    near = np.absolute(u) <= order + 1.0  # the recurrence loses digits for u below the order
    far = np.where(near, order + 2.0, u)
    ratio = np.sin(far) / far
    for n in range(1, order + 1):
        ratio = (np.sin(far + n * math.pi / 2) - n * ratio) / far
    return np.where(near, _sine_series(np.where(near, u, 0.0), order), ratio)


def _sine_series(u, order):
    """``sum_k (-1)^k u^(2k - order) / ((2k + 1) (2k - order)!)``, the series of ``sine_ratio``."""
    first = (order + 1) // 2
    terms = 16 + 2 * order  # of size (order + 1)^(2k) / (2k)!; later ones are below rounding
    return np.sum(
        [
            (-1) ** k * u ** (2 * k - order) / ((2 * k + 1) * math.factorial(2 * k - order))
            for k in range(first + terms, first - 1, -1)
        ],
        axis=0,
    )


def _sinc(x):
    return sine_ratio(x * math.pi)


register_form(np.sinc, _sinc)
