"""Along an axis: running sums and products, and differences of neighbors."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from mitbadak.functions.differentiable import (
    differentiable,
    is_traced,
    no_derivative,
    register_form,
    result_type_operand,
    value_of,
)
from mitbadak.functions.primitives.arithmetic import cast
from mitbadak.functions.primitives.axes import along, normal_axes, with_length
from mitbadak.functions.primitives.reductions import NOT_GIVEN


@differentiable
def cumsum(a, *, axis):
    """Running sums along an axis; the gradient is summed from the other end."""
    y = np.cumsum(a, axis=axis)
    return y, (lambda dy: np.flip(np.cumsum(np.flip(dy, axis), axis), axis),)


@differentiable
def cumprod(a, *, axis):
    """Running products along an axis; the derivative is right even where entries are 0."""
    y = np.cumprod(a, axis=axis)

    def da(dy):
        last, upstream = np.moveaxis(a, axis, -1), np.moveaxis(dy, axis, -1)
        before = np.moveaxis(y, axis, -1)[..., :-1]
        ones = np.ones((*np.shape(last)[:-1], 1), value_of(last).dtype)
        before = np.concatenate([ones, before], axis=-1)[..., : np.shape(last)[-1]]
        return np.moveaxis(before * _later_products(last, upstream), -1, axis)

    return y, (da,)


def _later_products(last, upstream):
    """``r_j = sum over k >= j of dy_k a_(j+1) ... a_k`` without a division, for zeros among a.

    That is ``r_j = dy_j + a_(j+1) r_(j+1)``; each step doubles the number of terms.
    """
    n, reach = np.shape(last)[-1], 1
    total, factor = upstream, last[..., 1:]
    while reach < n:
        more = total[..., : n - reach] + factor[..., : n - reach] * total[..., reach:]
        total = np.concatenate([more, total[..., n - reach :]], axis=-1)
        factor = factor[..., : n - 2 * reach] * factor[..., reach:] if 2 * reach < n else factor
        reach *= 2
    return total


# NumPy's functions in terms of the operations above.


def running_form(operation):
    def form(a, axis=None, dtype=None, out=None):
        a = a if dtype is None else cast(a, dtype=np.dtype(dtype))
        return operation(np.ravel(a) if axis is None else np.atleast_1d(a), axis=axis or 0)

    return form


def _diff(a, n=1, axis=-1, prepend=NOT_GIVEN, append=NOT_GIVEN):
    if n == 0:
        return a
    shape = np.shape(a)
    if prepend is not NOT_GIVEN or append is not NOT_GIVEN:
        ends = with_length(shape, axis, 1)
        parts = [part for part in (prepend, a, append) if part is not NOT_GIVEN]
        a = np.concatenate(
            [part if np.ndim(part) else np.broadcast_to(part, ends) for part in parts], axis=axis
        )
    for _ in range(n):
        a = _differences(a, axis)
    return a


def _differences(a, axis):
    later, earlier = slice(1, None), slice(None, -1)
    return a[along(axis, np.ndim(a), later)] - a[along(axis, np.ndim(a), earlier)]


def _trapezoid(y, x=None, dx=1.0, axis=-1):
    n = np.ndim(y)
    if x is None:
        width = dx
    elif np.ndim(x) == 1:
        shape = with_length((1,) * n, axis, -1)
        width = np.reshape(np.diff(x), shape)
    else:
        width = np.diff(x, axis=axis)
    middles = (y[along(axis, n, slice(1, None))] + y[along(axis, n, slice(None, -1))]) * 0.5
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
        ends = with_length(np.shape(x), axis, 1)
        first = np.full(ends, 0.0 if operation is cumsum else 1.0, value_of(x).dtype)
        return np.concatenate([first, y], axis=axis)

    return form


def _gradient(f: Any, *varargs, axis=None, edge_order: Any = 1):
    """Finite differences of a sampled function; each uses at most three neighbors."""
    axes = normal_axes(axis, np.ndim(f))
    spacings = list(varargs) or [1.0]
    spacings = spacings * len(axes) if len(spacings) == 1 else spacings
    slopes = []
    for i, spacing in zip(axes, spacings, strict=True):
        if is_traced(spacing):
            raise no_derivative("np.gradient", "the spacing is a constant")
        n = np.shape(f)[i]
        # Of three neighbors each has another remainder, so three columns hold all weights.
        columns = (np.arange(n)[:, None] % 3 == np.arange(3)).astype(float)
        weights: Any = np.gradient(columns, spacing, axis=0, edge_order=edge_order)
        # An array of coordinates contributes its dtype to the result, a scalar spacing does not.
        weights = weights.astype(np.result_type(value_of(f).dtype, result_type_operand(spacing)))
        slopes.append(np.moveaxis(_of_neighbors(np.moveaxis(f, i, -1), weights), -1, i))
    return slopes[0] if len(slopes) == 1 else tuple(slopes)


def _of_neighbors(rows, weights):
    """Weighted sums of three neighbors along the last axis; a weight of 0 masks NaN too."""
    n = len(weights)
    width = builtins.min(3, n)
    first = np.clip(np.arange(n) - 1, 0, n - width)
    total = None
    for k in range(width):
        weight = weights[np.arange(n), (first + k) % 3]
        part = np.where(weight == 0, 0.0, rows[..., first + k] * weight)
        total = part if total is None else total + part
    return cast(total, dtype=value_of(rows).dtype)


register_form(np.cumsum, running_form(cumsum))
register_form(np.cumprod, running_form(cumprod))
register_form(np.diff, _diff)
register_form(np.trapezoid, _trapezoid)
register_form(np.ediff1d, _ediff1d)
for _name, _operation in (("cumulative_sum", cumsum), ("cumulative_prod", cumprod)):
    if hasattr(np, _name):  # from NumPy 2.1
        register_form(getattr(np, _name), _cumulative(_operation))
register_form(np.gradient, _gradient)


def _running_of_ufunc(operation):
    def form(array, axis=0, dtype=None, out=None):
        array = array if dtype is None else cast(array, dtype=np.dtype(dtype))
        return operation(array, axis=axis)

    return form


for _ufunc, _operation in ((np.add, cumsum), (np.multiply, cumprod)):
    register_form(_ufunc, _running_of_ufunc(_operation), method="accumulate")
