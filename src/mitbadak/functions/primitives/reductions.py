"""Reductions along axes (sum, mean, maximum, ...), and cumulative sums and products."""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak.functions.differentiable import (
    differentiable,
    is_traced,
    leads_to,
    no_derivative,
    value_of,
)
from mitbadak.functions.primitives.arithmetic import cast


@differentiable
def sum(a, *, axis=None, keepdims=False):
    y = np.sum(a, axis=axis, keepdims=keepdims)
    shape = np.shape(a)
    kept = _kept(shape, axis)
    return y, (lambda dy: np.broadcast_to(np.reshape(dy, kept), shape),)


def _kept(shape, axis):
    """The shape of a reduction with ``keepdims=True``."""
    every = range(len(shape))
    gone = every if axis is None else {every[i] for i in np.atleast_1d(axis)}
    return tuple(1 if i in gone else n for i, n in enumerate(shape))


def _share(shape, kept):
    """One over the number of entries that are reduced to one."""
    entries = float(np.prod(shape))
    return float(np.prod(kept)) / entries if entries else np.nan


@differentiable
def mean(a, *, axis=None, keepdims=False):
    """The mean over all entries or some axes."""
    total = np.sum(a, axis=axis, keepdims=keepdims)
    shape, kept = np.shape(a), _kept(np.shape(a), axis)
    share = _share(shape, kept)
    return total * share, (lambda dy: np.broadcast_to(np.reshape(dy * share, kept), shape),)


@differentiable
def var(a, *, axis=None, ddof=0.0, keepdims=False):
    """The variance, divided by the number of entries minus ``ddof``."""
    y = np.var(a, axis=axis, ddof=ddof, keepdims=keepdims)
    kept = _kept(np.shape(a), axis)

    def da(dy):
        entries = np.size(a) / np.prod(kept) - ddof
        centered = a - np.mean(a, axis=axis, keepdims=True)
        return np.reshape(dy, kept) * (centered * (2.0 / float(entries)))

    return y, (da,)


@differentiable
def std(a, *, axis=None, ddof=0.0, keepdims=False):
    """The standard deviation; where all entries are equal, a kink, the derivative is NaN.

    For a single entry it is always 0, and so is its derivative.
    """
    y = np.std(a, axis=axis, ddof=ddof, keepdims=keepdims)
    kept = _kept(np.shape(a), axis)
    if np.size(a) == np.prod(kept):
        return y, (lambda dy: np.reshape(dy, kept) * 0.0,)

    def da(dy):
        entries = np.size(a) / np.prod(kept) - ddof
        centered = a - np.mean(a, axis=axis, keepdims=True)
        return np.reshape(dy, kept) * (centered * (1.0 / float(entries)) / np.reshape(y, kept))

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
    """The product; the derivative of an entry is the product of the others, also at zeros."""
    y = np.prod(a, axis=axis, keepdims=keepdims)
    shape = np.shape(a)
    kept = _kept(shape, axis)

    def da(dy):
        gone = [i for i in range(len(shape)) if axis is None or i in _normal(axis, len(shape))]
        rest = [i for i in range(len(shape)) if i not in gone]
        last = np.transpose(a, (*rest, *gone))
        rows = np.reshape(last, (*(shape[i] for i in rest), -1))
        others = np.reshape(_products_of_the_others(rows), np.shape(last))
        back = tuple(int(i) for i in np.argsort((*rest, *gone)))
        return np.reshape(dy, kept) * np.transpose(others, back)

    return y, (da,)


def _normal(axis, n):
    return {range(n)[i] for i in np.atleast_1d(axis)}


def _products_of_the_others(rows):
    """For every entry the product of the others along the last axis, without division."""
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


@differentiable
def cumsum(a, *, axis):
    """Cumulative sums along an axis; the gradient accumulates from the other end."""
    y = np.cumsum(a, axis=axis)
    return y, (lambda dy: np.flip(np.cumsum(np.flip(dy, axis), axis), axis),)


@differentiable
def cumprod(a, *, axis):
    """Cumulative products along an axis; the gradient is correct at zeros too."""
    y = np.cumprod(a, axis=axis)

    def da(dy):
        last, upstream = np.moveaxis(a, axis, -1), np.moveaxis(dy, axis, -1)
        n = np.shape(last)[-1]
        so_far = np.tri(n, dtype=bool)  # row k selects the entries up to k
        rows = np.where(so_far, np.expand_dims(last, -2), 1.0)
        others = np.where(so_far, _products_of_the_others(rows), 0.0)
        return np.moveaxis(np.sum(np.expand_dims(upstream, -1) * others, axis=-2), -1, axis)

    return y, (da,)


# NumPy's functions, with ``where=`` and ``initial=``, in terms of the operations above.


def _reduced(operation, a, axis, dtype, keepdims, where, neutral, **options):
    a = a if dtype is None else cast(a, dtype=np.dtype(dtype))
    a = a if where is None else np.where(where, a, neutral)
    return operation(a, axis=axis, keepdims=keepdims, **options)


def _sum(a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=None):
    total = _reduced(sum, a, axis, dtype, keepdims, where, 0.0)
    return total if initial is None else total + initial


def _prod(a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=None):
    product = _reduced(prod, a, axis, dtype, keepdims, where, 1.0)
    return product if initial is None else product * initial


def mean_form(a, axis=None, dtype=None, out=None, keepdims=False, *, where=None):
    if where is None:
        return _reduced(mean, a, axis, dtype, keepdims, None, 0.0)
    counts = np.sum(np.broadcast_to(where, np.shape(a)), axis=axis, keepdims=keepdims)
    total = _sum(a, axis, dtype, None, keepdims, None, where)
    return total / counts.astype(value_of(total).dtype)


def _spread_form(operation):
    def form(
        a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, mean=None, correction=None
    ):
        ddof = ddof if correction is None else correction
        if mean is None:
            return _reduced(operation, a, axis, dtype, keepdims, None, 0.0, ddof=float(ddof))
        entries = np.size(a) / np.prod(_kept(np.shape(a), axis)) - ddof
        total = np.sum(np.square(a - mean), axis=axis, keepdims=keepdims)
        variance = total * (1.0 / float(entries))
        return variance if operation is var else np.sqrt(variance)

    return form


def _extreme_form(operation, pairwise, name):
    def form(a, axis=None, out=None, keepdims=False, initial=None, where=None):
        if where is not None:
            if initial is None:
                raise no_derivative(f"np.{name}", "where= needs initial=")
            a = np.where(where, a, initial)
        extreme = operation(a, axis=axis, keepdims=keepdims)
        return extreme if initial is None else pairwise(extreme, initial)

    form.__name__ = name
    return form


_max, _min = _extreme_form(max, np.maximum, "max"), _extreme_form(min, np.minimum, "min")


def _ptp(a, axis=None, out=None, keepdims=False):
    return max(a, axis=axis, keepdims=keepdims) - min(a, axis=axis, keepdims=keepdims)


def running_form(operation):
    def form(a, axis=None, dtype=None, out=None):
        a = a if dtype is None else cast(a, dtype=np.dtype(dtype))
        return operation(np.ravel(a), axis=0) if axis is None else operation(a, axis=axis)

    return form


def _diff(a, n=1, axis=-1, prepend=None, append=None):
    parts = [prepend, a, append]
    if prepend is not None or append is not None:
        ends = [*np.shape(a)]
        ends[axis] = 1
        whole = [
            p if np.ndim(p) else np.broadcast_to(p, tuple(ends)) for p in parts if p is not None
        ]
        a = np.concatenate(whole, axis=axis)
    before = (slice(None),) * (axis % np.ndim(a))
    for _ in range(n):
        a = a[(*before, slice(1, None))] - a[(*before, slice(None, -1))]
    return a


def _trapezoid(y, x=None, dx=1.0, axis=-1):
    if x is None:
        width = dx
    else:
        width = np.diff(x, axis=-1 if np.ndim(x) == 1 else axis)
        if np.ndim(x) == 1:
            shape = [1] * np.ndim(y)
            shape[axis] = -1
            width = np.reshape(width, tuple(shape))
    before = (slice(None),) * (axis % np.ndim(y))
    middles = (y[(*before, slice(1, None))] + y[(*before, slice(None, -1))]) * 0.5
    return np.sum(middles * width, axis=axis)


def _ediff1d(ary, to_end=None, to_begin=None):
    parts = [to_begin, np.diff(np.ravel(ary)), to_end]
    return np.concatenate([np.ravel(p) for p in parts if p is not None])


def _cumulative(operation):
    def form(x, /, *, axis=None, dtype=None, out=None, include_initial=False):
        axis = 0 if axis is None and np.ndim(x) == 1 else axis
        if axis is None:
            raise no_derivative("np.cumulative_sum", "an axis is needed")
        x = x if dtype is None else cast(x, dtype=np.dtype(dtype))
        y = operation(x, axis=axis)
        if not include_initial:
            return y
        ends = [*np.shape(x)]
        ends[axis] = 1
        first = np.full(ends, 0.0 if operation is cumsum else 1.0, value_of(x).dtype)
        return np.concatenate([first, y], axis=axis)

    return form


def _gradient(f, *varargs, axis=None, edge_order: Any = 1):
    """NumPy's differences of a sampled function; they are linear, with the matrix they make of
    the identity."""
    axes = range(np.ndim(f)) if axis is None else np.atleast_1d(axis)
    spacings = list(varargs) or [1.0]
    spacings = spacings * len(axes) if len(spacings) == 1 else spacings
    slopes = []
    for i, spacing in zip(axes, spacings, strict=True):
        if is_traced(spacing):
            raise no_derivative("np.gradient", "the spacing is a constant")
        ones = np.eye(np.shape(f)[i])
        matrix = np.gradient(ones, spacing, axis=0, edge_order=edge_order)
        matrix = np.asarray(matrix, value_of(f).dtype)
        slopes.append(np.moveaxis(np.tensordot(matrix, f, (1, i)), 0, i))
    return slopes[0] if len(slopes) == 1 else tuple(slopes)


leads_to(np.sum, _sum)
leads_to(np.prod, _prod)
leads_to(np.mean, mean_form)
leads_to(np.var, _spread_form(var))
leads_to(np.std, _spread_form(std))
for _function in (np.max, np.amax):
    leads_to(_function, _max)
for _function in (np.min, np.amin):
    leads_to(_function, _min)
leads_to(np.ptp, _ptp)
leads_to(np.cumsum, running_form(cumsum))
leads_to(np.cumprod, running_form(cumprod))
leads_to(np.diff, _diff)
leads_to(np.trapezoid, _trapezoid)
leads_to(np.ediff1d, _ediff1d)
for _name, _operation in (("cumulative_sum", cumsum), ("cumulative_prod", cumprod)):
    if hasattr(np, _name):  # from NumPy 2.1
        leads_to(getattr(np, _name), _cumulative(_operation))
leads_to(np.gradient, _gradient)


def _of_ufunc(operation):
    """``ufunc.reduce``, whose default axis is the first."""

    def form(array, axis=0, dtype=None, out=None, keepdims=False):
        array = array if dtype is None else cast(array, dtype=np.dtype(dtype))
        return operation(array, axis=axis, keepdims=keepdims)

    return form


def _running_of_ufunc(operation):
    def form(array, axis=0, dtype=None, out=None):
        array = array if dtype is None else cast(array, dtype=np.dtype(dtype))
        return operation(array, axis=axis)

    return form


for _ufunc, _operation in (
    (np.add, sum),
    (np.multiply, prod),
    (np.maximum, max),
    (np.minimum, min),
):
    leads_to(_ufunc, _of_ufunc(_operation), method="reduce")
for _ufunc, _operation in ((np.add, cumsum), (np.multiply, cumprod)):
    leads_to(_ufunc, _running_of_ufunc(_operation), method="accumulate")
