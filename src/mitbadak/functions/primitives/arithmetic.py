"""Elementwise arithmetic: sums, products, quotients, powers and remainders."""

from __future__ import annotations

import numpy as np

from mitbadak.functions.differentiable import (
    differentiable,
    is_traced,
    no_derivative,
    operand,
    register_form,
    value_of,
)
from mitbadak.functions.primitives.shaping import sum_to


@differentiable(numpy=np.add)
def add(a, b):
    return np.add(a, b), (
        lambda dy: sum_to(dy, np.shape(a)),
        lambda dy: sum_to(dy, np.shape(b)),
    )


@differentiable(numpy=np.subtract)
def subtract(a, b):
    return np.subtract(a, b), (
        lambda dy: sum_to(dy, np.shape(a)),
        lambda dy: sum_to(-dy, np.shape(b)),
    )


@differentiable(numpy=np.multiply)
def multiply(a, b):
    return np.multiply(a, b), (
        lambda dy: sum_to(dy * b, np.shape(a)),
        lambda dy: sum_to(dy * a, np.shape(b)),
    )


@differentiable(numpy=np.divide)
def divide(a, b):
    """Quotient; -a/b^2 is computed as -(a/b)/b, since b^2 could overflow or underflow."""
    y = np.divide(a, b)
    return y, (
        lambda dy: sum_to(dy / b, np.shape(a)),
        lambda dy: sum_to(-dy * (y / b), np.shape(b)),
    )


@differentiable(numpy=np.negative)
def negative(a):
    return np.negative(a), (lambda dy: -dy,)


@differentiable(numpy=np.positive)
def positive(a):
    return np.positive(a), (lambda dy: dy,)


@differentiable(numpy=np.absolute)
def absolute(a):
    """Absolute value; at 0 the derivative is taken as 0."""
    return np.absolute(a), (lambda dy: dy * np.sign(value_of(a)),)


@differentiable(numpy=np.reciprocal)
def reciprocal(a):
    y = np.reciprocal(a)
    return y, (lambda dy: -dy * y * y,)


@differentiable(numpy=np.square)
def square(a):
    return np.square(a), (lambda dy: dy * (2 * a),)


@differentiable(numpy=np.sqrt)
def sqrt(a):
    y = np.sqrt(a)
    return y, (lambda dy: dy * 0.5 / y,)


@differentiable(numpy=np.cbrt)
def cbrt(a):
    y = np.cbrt(a)

    def da(dy):
        r = np.reciprocal(y)  # at 0 every derivative is a product of infinities, never 0 / 0
        return dy * (r * r) / 3

    return y, (da,)


@differentiable(numpy=np.power)
def power(a, b):
    """Power ``a ** b``.

    ``d/da = b a^(b-1)``, which is 0 where b is 0, whatever a is, so polynomials have derivatives of
    every order at 0 too. ``d/db = a^b log a``, which is taken as 0 where a is 0 and b is not
    negative. For a < 0 it does not exist and is NaN.
    """
    b = np.asarray(b) if isinstance(b, (list, tuple)) else b  # Python numbers keep the dtype of a
    y = np.power(a, b)

    def da(dy):
        zero = value_of(b) == 0
        if is_traced(b):  # d/da is 0 where b is 0, but its derivative with respect to b is 1 / a
            zero = zero & ~np.isfinite(np.power(value_of(a), -1.0))
        if not np.any(zero):
            return sum_to(dy * (b * np.power(a, b - 1)), np.shape(a))
        lower = np.where(zero, 1, b - 1)
        return sum_to(np.where(zero, 0.0, dy * (b * np.power(a, lower))), np.shape(a))

    def db(dy):
        zero = value_of(a) == 0
        return sum_to(dy * y * np.log(np.where(zero, 1.0, a)), np.shape(b))

    return y, (da, db)


@differentiable
def cast(a, *, dtype):
    """``a`` in another float dtype; the gradient returns to the dtype of ``a``."""
    if np.dtype(dtype).kind != "f":
        raise no_derivative(f"dtype={dtype}", "only floats carry a derivative")
    before = value_of(operand(a)).dtype
    if is_traced(a):
        return cast(a, dtype=dtype), (lambda dy: cast(dy, dtype=before),)
    return np.asarray(a).astype(dtype), (lambda dy: cast(dy, dtype=before),)


@differentiable(numpy=np.remainder)
def remainder(a, b):
    """``a - b floor(a / b)``, the operator ``%``; the derivative of floor is 0."""
    return np.remainder(a, b), (
        lambda dy: sum_to(dy, np.shape(a)),
        lambda dy: sum_to(-dy * np.floor_divide(value_of(a), value_of(b)), np.shape(b)),
    )


@differentiable(numpy=np.fmod)
def fmod(a, b):
    """``a - b trunc(a / b)``, with the sign of a; the derivative of trunc is 0."""
    return np.fmod(a, b), (
        lambda dy: sum_to(dy, np.shape(a)),
        lambda dy: sum_to(-dy * np.trunc(value_of(a) / value_of(b)), np.shape(b)),
    )


def stepwise(function):
    """An operation from a piecewise constant NumPy function of floats; its derivative is 0."""

    @differentiable
    def operation(*args):
        values = tuple(map(value_of, args))

        def zeros(shape):
            return lambda dy: np.zeros(shape, value_of(dy).dtype)

        return function(*values), tuple(zeros(np.shape(a)) for a in args)

    operation.__name__ = operation.vjp.__name__ = function.__name__
    operation.__doc__ = operation.vjp.__doc__ = (
        f"``np.{function.__name__}``, piecewise constant with derivative 0."
    )
    register_form(function, operation, piecewise_constant=True)
    return operation


floor = stepwise(np.floor)
ceil = stepwise(np.ceil)
trunc = stepwise(np.trunc)
rint = stepwise(np.rint)
sign = stepwise(np.sign)
floor_divide = stepwise(np.floor_divide)
spacing = stepwise(np.spacing)


@differentiable(numpy=np.heaviside)
def heaviside(a, b):
    """0 for a < 0, b at a = 0, and 1 for a > 0; the derivative with respect to a is 0."""
    y = heaviside(a, b) if is_traced(a) or is_traced(b) else np.heaviside(a, b)
    here = value_of(a) == 0
    return y, (
        lambda dy: np.zeros(np.shape(a), value_of(dy).dtype),
        lambda dy: sum_to(np.where(here, dy, 0.0), np.shape(b)),
    )


@differentiable
def ldexp(a, *, exponent):
    """``a 2^exponent`` in one step: the power alone could overflow where the result does not."""
    y = ldexp(a, exponent=exponent) if is_traced(a) else np.ldexp(a, exponent)
    return y, (lambda dy: sum_to(ldexp(dy, exponent=exponent), np.shape(a)),)


def _round(a, decimals=0, out=None):
    return rint(a) if decimals == 0 else rounded(a, decimals=decimals)


@differentiable
def rounded(a, *, decimals):
    """``np.round`` to a number of decimals, piecewise constant with derivative 0."""
    y = np.round(value_of(a), decimals)
    return y, (lambda dy: np.zeros(np.shape(a), value_of(dy).dtype),)


def _fix(x, out=None):
    return trunc(x)


def _float_power(x1, x2):
    return np.power(*(cast(x, dtype=np.dtype(np.float64)) for x in (x1, x2)))


def _divmod(x1, x2):
    return np.floor_divide(x1, x2), np.remainder(x1, x2)


def _modf(x):
    whole = np.trunc(x)
    infinite = np.isinf(value_of(x))
    return np.where(infinite, np.copysign(0.0, value_of(x)), x - whole), whole


def _frexp(x):
    exponent = np.frexp(value_of(x))[1]
    return ldexp(x, exponent=-exponent), exponent


def _unwrap(p, discont=None, axis=-1, *, period=2 * np.pi):
    value = value_of(p)  # a multiple of the period is added, a constant
    unwrapped = np.unwrap(value, discont, axis, period=period)
    finite = np.isfinite(value)
    return np.where(finite, p + (unwrapped - np.where(finite, value, 0.0)), unwrapped)


def _ldexp(x1, x2):
    if is_traced(x2):
        raise no_derivative("np.ldexp", "its second argument is an integer, not a variable")
    return ldexp(x1, exponent=np.asarray(x2))


@differentiable
def copied(a, *, order):
    """A copy in the given memory order."""
    return np.array(value_of(a), order=order), (lambda dy: dy,)


def _copy(a, order="K", subok=False):
    return copied(a, order=order)


def astype(x, dtype, /, *, copy=True, device=None):
    """``x`` in another dtype; for an integer dtype a plain array, since it has no derivative."""
    if np.dtype(dtype).kind == "f":
        return cast(x, dtype=np.dtype(dtype))
    if np.dtype(dtype).kind in "biu":
        return value_of(x).astype(dtype)  # integers are piecewise constant
    raise no_derivative("np.astype", f"variables hold real numbers, not {np.dtype(dtype)}")


def _real(val):
    return np.positive(val)


register_form(np.round, _round, piecewise_constant=True)
register_form(np.around, _round, piecewise_constant=True)
register_form(np.fix, _fix, piecewise_constant=True)
register_form(np.float_power, _float_power)
register_form(np.divmod, _divmod)
register_form(np.modf, _modf)
register_form(np.ldexp, _ldexp)
register_form(np.frexp, _frexp)
register_form(np.unwrap, _unwrap)
register_form(np.fabs, absolute)
register_form(np.copy, _copy)
register_form(np.real, _real)
register_form(np.real_if_close, lambda a, tol=100: np.positive(a))
register_form(np.conjugate, positive)
if hasattr(np, "astype"):  # from NumPy 2.1
    register_form(np.astype, astype)
