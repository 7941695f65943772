"""Order: sorting, partial sorting, and quantiles."""

from __future__ import annotations

import numpy as np

from mitbadak.functions.differentiable import (
    no_derivative,
    register_form,
    result_type_operand,
    value_of,
)
from mitbadak.functions.primitives.axes import kept_shape, normal_axes, other_axes
from mitbadak.functions.primitives.reductions import entries_of
from mitbadak.functions.primitives.shaping import gathered, places_of


def _in_order(a, order, axis):
    """The entries of ``a`` at the indices ``order`` along an axis."""
    return gathered(a, np.take_along_axis(places_of(a), order, axis))


def _sort(a, axis=-1, kind=None, order=None, *, stable=None):
    if axis is None:
        a, axis = np.ravel(a), -1
    # Always stable, so that it is well defined which of several equal entries gets a gradient.
    return _in_order(a, np.argsort(value_of(a), axis=axis, kind="stable"), axis)


def _partition(a, kth, axis=-1, kind="introselect", order=None):
    if axis is None:
        a, axis = np.ravel(a), -1
    return _in_order(a, np.argpartition(value_of(a), kth, axis=axis), axis)


# The weight of the upper entry in a quantile, from its fractional index among the sorted entries.
SHARES = {
    "linear": lambda at: at - np.floor(at),
    "lower": lambda at: np.zeros_like(at),
    "higher": lambda at: np.ceil(at) - np.floor(at),
    "midpoint": lambda at: (np.ceil(at) - np.floor(at)) / 2,
    "nearest": lambda at: np.rint(at) - np.floor(at),
}
WHOLE = ("lower", "higher", "nearest")  # methods that return an entry without interpolating


def _sorted_rows(a, axis):
    """The entries behind each result of a reduction, as a sorted row; NaN comes last."""
    shape, gone = np.shape(a), sorted(normal_axes(axis, np.ndim(a)))
    rest = other_axes(gone, len(shape))
    rows = np.transpose(a, (*rest, *gone))
    return _sort(np.reshape(rows, (*(shape[i] for i in rest), entries_of(shape, axis))))


def _without_axes(y, shape, axis, keepdims):
    """Results, one for each row of ``_sorted_rows``, in the shape of the reduction."""
    rest = other_axes(normal_axes(axis, len(shape)), len(shape))
    lengths = kept_shape(shape, axis) if keepdims else tuple(shape[i] for i in rest)
    return np.reshape(y, (*np.shape(y)[: np.ndim(y) - len(rest)], *lengths))


def _quantile_form(skip_nan):
    """``np.quantile`` or ``np.nanquantile``, interpolated between sorted entries."""

    def form(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False):
        if method not in SHARES:
            raise no_derivative("np.quantile", f"method={method!r}; known are {', '.join(SHARES)}")
        # A Python number adapts to the dtype of a, an array does not.
        q = np.asarray(value_of(q), value_of(a).dtype if isinstance(q, (int, float)) else None)
        rows = _sorted_rows(a, axis)
        y = _quantiles_of_rows(rows, np.ravel(q), method, skip_nan)
        y = np.reshape(np.moveaxis(y, -1, 0), (*q.shape, *np.shape(rows)[:-1]))
        return _without_axes(y, np.shape(a), axis, keepdims)

    return form


def _quantiles_of_rows(rows, q, method, skip_nan):
    """The quantiles of every row, along a new last axis."""
    n = np.shape(rows)[-1]
    if n == 0:
        return np.expand_dims(np.sum(rows, axis=-1), -1) + np.full(q.shape, np.nan)
    missing = np.sum(np.isnan(value_of(rows)), axis=-1, keepdims=True)
    last = np.maximum(n - missing - 1, 0) if skip_nan else np.full(missing.shape, n - 1)
    at = q * last.astype(q.dtype)
    low = np.floor(at).astype(int)
    share = SHARES[method](at).astype(
        np.result_type(result_type_operand(rows), result_type_operand(q))
    )
    high = np.minimum(low + 1, last)
    first, second = _in_order(rows, low, -1), _in_order(rows, high, -1)
    if method in WHOLE:
        y = np.where(share == 1, second, first)
    else:  # from the nearer entry, like NumPy
        width = second - first
        y = np.where(share < 0.5, first + width * share, second - width * (1 - share))
    return y if skip_nan else np.where(missing > 0, np.nan, y)


def _percentile_form(quantile):
    def form(a, q, *args, **options):
        hundred = np.result_type(value_of(a), np.float16).type(100)
        return quantile(a, np.true_divide(value_of(q), hundred), *args, **options)

    return form


def _median_form(skip_nan):
    """The mean of the two middle entries, which coincide if their number is odd."""

    def form(a, axis=None, out=None, overwrite_input=False, keepdims=False):
        rows = _sorted_rows(a, axis)
        n = np.shape(rows)[-1]
        missing = np.sum(np.isnan(value_of(rows)), axis=-1, keepdims=True)
        if n == 0:
            y = np.mean(rows, axis=-1)
        else:
            count = n - missing if skip_nan else np.full(missing.shape, n)
            low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, n - 1)
            middle = low if np.all(low == high) else np.concatenate([low, high], axis=-1)
            y = np.mean(_in_order(rows, middle, -1), axis=-1)
        y = y if skip_nan else np.where(missing[..., 0] > 0, np.nan, y)
        return _without_axes(y, np.shape(a), axis, keepdims)

    return form


_quantile, _nanquantile = _quantile_form(skip_nan=False), _quantile_form(skip_nan=True)


register_form(np.sort, _sort)
register_form(np.partition, _partition)
for _function, _form in (
    (np.quantile, _quantile),
    (np.nanquantile, _nanquantile),
    (np.percentile, _percentile_form(_quantile)),
    (np.nanpercentile, _percentile_form(_nanquantile)),
    (np.median, _median_form(skip_nan=False)),
    (np.nanmedian, _median_form(skip_nan=True)),
):
    register_form(_function, _form)
