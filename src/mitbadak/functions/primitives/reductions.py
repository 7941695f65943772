"""Reductions along axes: sum, product, mean, variance, maximum and minimum."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mitbadak.core.errors import brief
from mitbadak.functions.differentiable import (
    differentiable,
    no_derivative,
    register_form,
    value_of,
)
from mitbadak.functions.primitives.arithmetic import cast
from mitbadak.functions.primitives.axes import (
    kept_shape,
    normal_axes,
    other_axes,
)


@differentiable
def sum(a, *, axis=None, keepdims=False):
    y = np.sum(a, axis=axis, keepdims=keepdims)
    shape = np.shape(a)
    kept = kept_shape(shape, axis)
    return y, (lambda dy: np.broadcast_to(np.reshape(dy, kept), shape),)


def entries_of(shape, axis):
    """The number of entries behind each result of a reduction along some axes."""
    return math.prod(n for n, kept in zip(shape, kept_shape(shape, axis), strict=True) if kept != n)


def _over(number, entries):
    """A number divided by a count; infinite if there is nothing to count."""
    return number / float(entries) if entries > 0 else math.inf


@differentiable
def mean(a, *, axis=None, dtype=None, keepdims=False):
    """The mean over all entries or some axes."""
    y = np.mean(a, axis=axis, dtype=dtype, keepdims=keepdims)
    shape, kept = np.shape(a), kept_shape(np.shape(a), axis)
    share = _over(1.0, entries_of(shape, axis))
    return y, (lambda dy: np.broadcast_to(np.reshape(dy * share, kept), shape),)


@differentiable
def var(a, *, axis=None, dtype=None, ddof=0.0, keepdims=False):
    """The variance, divided by the number of entries less ``ddof``."""
    y = np.var(a, axis=axis, dtype=dtype, ddof=ddof, keepdims=keepdims)
    kept = kept_shape(np.shape(a), axis)

    def da(dy):
        entries = entries_of(np.shape(a), axis) - ddof
        centered = a - np.mean(a, axis=axis, keepdims=True)
        return np.reshape(dy, kept) * (centered * _over(2.0, entries))

    return y, (da,)


@differentiable
def std(a, *, axis=None, dtype=None, ddof=0.0, keepdims=False):
    """The standard deviation; where all entries are equal it has a kink, and its gradient is NaN.

    For a single entry it is always 0, and so is its derivative.
    """
    y = np.std(a, axis=axis, dtype=dtype, ddof=ddof, keepdims=keepdims)
    shape, kept = np.shape(a), kept_shape(np.shape(a), axis)
    if entries_of(shape, axis) == 1:
        return y, (lambda dy: np.reshape(dy, kept) * 0.0,)

    def da(dy):
        entries = entries_of(shape, axis) - ddof
        centered = a - np.mean(a, axis=axis, keepdims=True)
        return np.reshape(dy, kept) * (centered * _over(1.0, entries) / np.reshape(y, kept))

    return y, (da,)


@differentiable
def max(a, *, axis=None, keepdims=False):
    """The largest entry, or the largest along axes; equal maxima share the gradient equally."""
    return _extreme(np.max, a, axis, keepdims)


@differentiable
def min(a, *, axis=None, keepdims=False):
    """The smallest entry, or the smallest along axes; equal minima share the gradient equally."""
    return _extreme(np.min, a, axis, keepdims)


def _extreme(function, a, axis, keepdims):
    value = value_of(a)
    kept = function(value, axis=axis, keepdims=True)
    here = value == kept
    share = here / np.sum(here, axis=axis, keepdims=True, dtype=value.dtype)
    return function(a, axis=axis, keepdims=keepdims), (
        lambda dy: np.reshape(dy, np.shape(kept)) * share,
    )


@differentiable
def prod(a, *, axis=None, keepdims=False):
    """The product; the derivative with respect to an entry is the product of the others."""
    y = np.prod(a, axis=axis, keepdims=keepdims)
    shape = np.shape(a)
    kept = kept_shape(shape, axis)

    def da(dy):
        gone = normal_axes(axis, len(shape)) if shape else ()
        rest = other_axes(gone, len(shape))
        last = np.transpose(a, (*rest, *gone))
        rows = np.reshape(last, (*(shape[i] for i in rest), entries_of(shape, axis)))
        others = np.reshape(products_of_the_others(rows), np.shape(last))
        back = tuple(int(i) for i in np.argsort((*rest, *gone)))
        return np.reshape(dy, kept) * np.transpose(others, back)

    return y, (da,)


def products_of_the_others(rows):
    """For every entry the product of the others along the last axis, without a division."""
    before = _running_product(rows)
    after = np.flip(_running_product(np.flip(rows, -1)), -1)
    return before * after


def _running_product(rows):
    """For every entry the product of those before it, by repeated doubling, without division."""
    n = np.shape(rows)[-1]
    running = _shifted(rows, 1)
    reach = 1
    while reach < n:
        running = running * _shifted(running, reach)
        reach *= 2
    return running


def _shifted(rows, by):
    """The entries shifted to the right, with ones filled in on the left."""
    n = np.shape(rows)[-1]
    ones = np.ones((*np.shape(rows)[:-1], np.minimum(by, n)), value_of(rows).dtype)
    return np.concatenate([ones, rows[..., : n - np.minimum(by, n)]], axis=-1)


# NumPy's functions in terms of the operations above, with ``where=`` and ``initial=``.


NOT_GIVEN: Any = np._NoValue  # the default of where= and initial=, where None is a value


def _reduced(operation, a, axis, dtype, keepdims, where, neutral, /, **options):
    a = a if dtype is None else cast(a, dtype=np.dtype(dtype))
    a = a if where is NOT_GIVEN else np.where(mask(where), a, neutral)
    return operation(a, axis=axis, keepdims=keepdims, **options)


def mask(where):
    if np.asarray(value_of(where)).dtype != bool:
        raise no_derivative(f"where={brief(where)}", "it takes booleans, such as x > 0")
    return where


def _sum(a, axis=None, dtype=None, out=None, keepdims=False, initial=NOT_GIVEN, where=NOT_GIVEN):
    total = _reduced(sum, a, axis, dtype, keepdims, where, 0.0)
    return total if initial is NOT_GIVEN else total + initial


def _prod(a, axis=None, dtype=None, out=None, keepdims=False, initial=NOT_GIVEN, where=NOT_GIVEN):
    product = _reduced(prod, a, axis, dtype, keepdims, where, 1.0)
    return product if initial is NOT_GIVEN else product * initial


def _mean(a, axis=None, dtype=None, out=None, keepdims=False, *, where=NOT_GIVEN):
    if where is NOT_GIVEN:
        return _reduced(mean, a, axis, dtype, keepdims, where, 0.0, dtype=dtype)
    counts = np.sum(np.broadcast_to(mask(where), np.shape(a)), axis=axis, keepdims=keepdims)
    half = dtype is None and value_of(a).dtype == np.float16  # which NumPy sums in float32
    total = _sum(a, axis, np.float32 if half else dtype, None, keepdims, NOT_GIVEN, where)
    y = total / counts.astype(value_of(total).dtype)
    return cast(y, dtype=np.dtype(np.float16)) if half else y


def mean_of(clean, there, axis):
    """The mean of the entries that are ``there``, axes kept; ``clean`` is 0 elsewhere."""
    counts = np.sum(np.broadcast_to(there, np.shape(clean)), axis=axis, keepdims=True)
    return np.sum(clean, axis=axis, keepdims=True) / counts.astype(value_of(clean).dtype)


def _spread_form(operation):
    def form(
        a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=NOT_GIVEN,
        mean=NOT_GIVEN, correction=NOT_GIVEN,
    ):  # fmt: skip
        ddof = ddof if correction is NOT_GIVEN else correction
        if where is NOT_GIVEN and mean is NOT_GIVEN:
            options = {"dtype": dtype, "ddof": float(ddof)}
            return _reduced(operation, a, axis, dtype, keepdims, where, 0.0, **options)
        there = np.ones(np.shape(a), bool) if where is NOT_GIVEN else mask(where)
        a = a if dtype is None else cast(a, dtype=np.dtype(dtype))
        if mean is NOT_GIVEN:
            mean = mean_of(np.where(there, a, 0.0), there, axis)
        squares = np.where(there, np.square(a - mean), 0.0)
        counts = np.sum(np.broadcast_to(there, np.shape(a)), axis=axis, keepdims=keepdims) - ddof
        counts = np.maximum(counts, 0).astype(value_of(a).dtype)
        variance = np.sum(squares, axis=axis, keepdims=keepdims) / counts
        return variance if operation is var else np.sqrt(variance)

    return form


def _extreme_form(operation, pairwise, name):
    def form(a, axis=None, out=None, keepdims=False, initial=NOT_GIVEN, where=NOT_GIVEN):
        if where is not NOT_GIVEN:
            if initial is NOT_GIVEN:
                raise no_derivative(f"np.{name}", "where= needs initial=")
            a = np.where(mask(where), a, initial)
        if initial is not NOT_GIVEN and not entries_of(np.shape(a), axis):
            return np.sum(a, axis=axis, keepdims=keepdims) + initial
        extreme = operation(a, axis=axis, keepdims=keepdims)
        return extreme if initial is NOT_GIVEN else pairwise(extreme, initial)

    form.__name__ = name
    return form


_max, _min = _extreme_form(max, np.maximum, "max"), _extreme_form(min, np.minimum, "min")


def _ptp(a, axis=None, out=None, keepdims=False):
    return max(a, axis=axis, keepdims=keepdims) - min(a, axis=axis, keepdims=keepdims)


register_form(np.sum, _sum, checks_first=False)
register_form(np.prod, _prod, checks_first=False)
register_form(np.mean, _mean, checks_first=False)
register_form(np.var, _spread_form(var), checks_first=False)
register_form(np.std, _spread_form(std), checks_first=False)
for _function in (np.max, np.amax):
    register_form(_function, _max, checks_first=False)
for _function in (np.min, np.amin):
    register_form(_function, _min, checks_first=False)
register_form(np.ptp, _ptp)


def _of_ufunc(operation):
    """``ufunc.reduce``, whose default axis is the first."""

    def form(array, axis=0, dtype=None, out=None, keepdims=False):
        array = array if dtype is None else cast(array, dtype=np.dtype(dtype))
        return operation(array, axis=axis, keepdims=keepdims)

    return form


for _ufunc, _operation in (
    (np.add, sum),
    (np.multiply, prod),
    (np.maximum, max),
    (np.minimum, min),
):
    register_form(_ufunc, _of_ufunc(_operation), method="reduce")
