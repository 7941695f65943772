"""Order: sorting, partial sorting, and quantiles."""

from __future__ import annotations

import numpy as np

from mitbadak.functions.differentiable import leads_to, no_derivative, value_of
from mitbadak.functions.primitives.shaping import gathered, places_of


def _in_order(a, order, axis):
    """Entries of ``a`` in the order of their indices along an axis."""
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


# How far a quantile lies from the lower to the upper of its two neighbors in the sorted entries.
BETWEEN = {
    "linear": lambda at: at - np.floor(at),
    "lower": lambda at: np.zeros_like(at),
    "higher": lambda at: np.ceil(at) - np.floor(at),
    "midpoint": lambda at: (np.ceil(at) - np.floor(at)) / 2,
    "nearest": lambda at: np.rint(at) - np.floor(at),
}


def _quantiles(skip_nan):
    """``np.quantile`` or ``np.nanquantile``, interpolated between neighbors in sorted order."""

    def form(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False):
        if method not in BETWEEN:
            raise no_derivative("np.quantile", f"method={method!r}; known are {', '.join(BETWEEN)}")
        shape, q = np.shape(a), np.asarray(value_of(q), float)
        every = range(len(shape))
        gone = set(every) if axis is None else {every[i] for i in np.atleast_1d(axis)}
        rest = [i for i in every if i not in gone]
        rows = np.transpose(a, (*rest, *sorted(gone)))
        rows = _sort(np.reshape(rows, (*(shape[i] for i in rest), -1)))  # NaN comes last
        dtype, n = value_of(rows).dtype, np.shape(rows)[-1]
        missing = np.sum(np.isnan(value_of(rows)), axis=-1, keepdims=True)
        at = q.ravel() * (n - missing - 1 if skip_nan else n - 1 + 0 * missing)
        low = np.floor(at).astype(int)
        share = BETWEEN[method](at).astype(dtype)
        first = _in_order(rows, low, -1)
        second = _in_order(rows, np.minimum(low + 1, n - 1), -1)
        y = first + np.where(share == 0, 0.0, (second - first) * share)
        if not skip_nan:
            y = np.where(missing > 0, np.nan, y)
        kept = tuple(1 if i in gone else shape[i] for i in every) if keepdims else None
        lengths = kept or tuple(shape[i] for i in rest)
        return np.reshape(np.moveaxis(y, -1, 0), (*q.shape, *lengths))

    return form


_quantile, _nanquantile = _quantiles(skip_nan=False), _quantiles(skip_nan=True)


def _percent(quantile):
    def form(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False):
        q = np.asarray(value_of(q), float) / 100
        return quantile(a, q, axis, None, False, method, keepdims)

    return form


def _half(quantile):
    def form(a, axis=None, out=None, overwrite_input=False, keepdims=False):
        return quantile(a, 0.5, axis, None, False, "linear", keepdims)

    return form


leads_to(np.sort, _sort)
leads_to(np.partition, _partition)
for _function, _form in (
    (np.quantile, _quantile),
    (np.nanquantile, _nanquantile),
    (np.percentile, _percent(_quantile)),
    (np.nanpercentile, _percent(_nanquantile)),
    (np.median, _half(_quantile)),
    (np.nanmedian, _half(_nanquantile)),
):
    leads_to(_function, _form)
