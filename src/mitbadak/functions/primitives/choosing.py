"""Choices between entries: the larger, the smaller, or the one that a condition selects."""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak.functions.differentiable import Traced, differentiable, plain, register_form, value_of
from mitbadak.functions.primitives.arithmetic import cast
from mitbadak.functions.primitives.shaping import scatter, sum_to


def _choice(y, first, a, b):
    """Value and pullbacks of a choice: a where ``first`` is True, b elsewhere."""
    return y, (
        lambda dy: sum_to(np.where(first, dy, 0.0), np.shape(a)),
        lambda dy: sum_to(np.where(first, 0.0, dy), np.shape(b)),
    )


@differentiable(numpy=np.maximum)
def maximum(a, b):
    """The larger of two; at a tie the second argument takes the gradient, so relu'(0) = 0."""
    return _choice(np.maximum(a, b), value_of(a) > value_of(b), a, b)


@differentiable(numpy=np.minimum)
def minimum(a, b):
    """The smaller of two; at a tie the second argument takes the gradient."""
    return _choice(np.minimum(a, b), value_of(a) < value_of(b), a, b)


@differentiable(numpy=np.fmax)
def fmax(a, b):
    """Like ``maximum``, but a number is preferred to NaN."""
    first = (value_of(a) > value_of(b)) | np.isnan(value_of(b))
    return _choice(np.fmax(a, b), first, a, b)


@differentiable(numpy=np.fmin)
def fmin(a, b):
    """Like ``minimum``, but a number is preferred to NaN."""
    first = (value_of(a) < value_of(b)) | np.isnan(value_of(b))
    return _choice(np.fmin(a, b), first, a, b)


@differentiable
def where(condition, a, b):
    chosen = value_of(condition)
    y, (da, db) = _choice(np.where(chosen, a, b), chosen, a, b)
    return y, (None, da, db)


@differentiable
def clip(a, low, high):
    """``a`` clipped to two bounds, either of which may be None.

    At and beyond a bound, the gradient goes to the bound instead of ``a``.
    """
    x = value_of(a)
    below = np.zeros(np.shape(x), bool) if low is None else x <= value_of(low)
    held = x if low is None else np.maximum(x, value_of(low))
    above = np.zeros(np.shape(x), bool) if high is None else held >= value_of(high)

    def pullback(of, taken):
        return lambda dy: sum_to(np.where(taken, dy, 0.0), np.shape(of))

    return np.clip(a, low, high), (
        pullback(a, ~(below | above)),
        None if low is None else pullback(low, below & ~above),
        None if high is None else pullback(high, above),
    )


@differentiable(numpy=np.copysign)
def copysign(a, b):
    """The magnitude of a with the sign of b; the derivative with respect to b is 0."""
    same = np.copysign(1.0, value_of(a)) * np.copysign(1.0, value_of(b))
    return np.copysign(a, value_of(b)), (
        lambda dy: sum_to(dy * same, np.shape(a)),
        lambda dy: np.zeros(np.shape(b), value_of(dy).dtype),
    )


def _where(condition, x=None, y=None, /):
    if x is None and y is None:
        return np.where(value_of(condition))
    return where(value_of(condition), x, y)


def _clip(a, a_min=None, a_max=None, out=None, *, min=None, max=None):
    return clip(a, a_min if min is None else min, a_max if max is None else max)


def _nan_to_num(x, copy=True, nan=0.0, posinf=None, neginf=None):
    value = value_of(x)
    replaced = np.nan_to_num(value, nan=nan, posinf=posinf, neginf=neginf)
    return np.where(np.isfinite(value), x, replaced)


def _select(condlist, choicelist, default=0):
    chosen = default
    for condition, choice in reversed(list(zip(condlist, choicelist, strict=True))):
        chosen = np.where(condition, choice, chosen)
    return chosen


def _choose(a, choices, out=None, mode: Any = "raise"):
    picked = np.asarray(value_of(a))
    arrays = np.broadcast_arrays(picked, *choices)
    chosen = np.stack(arrays[1:])
    places = np.arange(np.size(chosen)).reshape(np.shape(chosen))
    return np.reshape(chosen, (-1,))[np.choose(value_of(arrays[0]).astype(int), places, mode=mode)]


def _piecewise(x, condlist, funclist, *args, **options):
    conditions = value_of(condlist)
    one = np.isscalar(conditions) or (
        not isinstance(conditions[0], (list, np.ndarray, Traced)) and np.ndim(x) > 0
    )
    conditions = np.asarray(plain([conditions] if one else conditions), bool)
    if len(funclist) == len(conditions) + 1:
        conditions = np.concatenate([conditions, ~np.any(conditions, axis=0, keepdims=True)])
    shape, dtype = np.shape(x), value_of(x).dtype
    y = np.zeros(shape, dtype)
    for condition, f in zip(conditions, funclist, strict=True):
        if not callable(f):
            y = np.where(condition, f, y)
        elif np.any(condition):  # only on its own entries, like NumPy: elsewhere f may be undefined
            branch = cast(f(x[condition], *args, **options), dtype=dtype)
            branch = np.broadcast_to(branch, np.shape(x[condition]))
            y = np.where(condition, 0.0, y)  # a later branch overrides an earlier one
            y = scatter(branch, at=condition, shape=shape) + y
    return y


register_form(np.where, _where, checks_first=False)
register_form(np.choose, _choose)
register_form(np.piecewise, _piecewise, checks_first=False)  # its functions may use variables
register_form(np.clip, _clip)
register_form(np.nan_to_num, _nan_to_num)
register_form(np.select, _select)
