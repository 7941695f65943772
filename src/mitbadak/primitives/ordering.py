"""Order: sorting, parts of it, and the quantiles that follow from it."""

from __future__ import annotations

import numpy as np

from mitbadak.differentiable import leads_to, no_derivative, value_of
from mitbadak.primitives.shaping import gathered, places_of


def _in_order(a, order, axis):
    """Entries of ``a`` in the order of their indices along an axis."""
    return gathered(a, np.take_along_axis(places_of(a), order, axis))


def _sort(a, axis=-1, kind=None, order=None, *, stable=None):
    if axis is None:
        a, axis = np.ravel(a), -1
    # Equals keep their order, whatever the kind: so each knows its gradient.
    return _in_order(a, np.argsort(value_of(a), axis=axis, kind="stable"), axis)


def _partition(a, kth, axis=-1, kind="introselect", order=None):
    if axis is None:
        a, axis = np.ravel(a), -1
    return _in_order(a, np.argpartition(value_of(a), kth, axis=axis), axis)


def _quantile(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False):
    if method != "linear":
        raise no_derivative("np.quantile", f"method={method!r}; only 'linear' is differentiated")
    shape, q = np.shape(a), np.asarray(value_of(q), float)
    gone = (
        range(len(shape)) if axis is None else [range(len(shape))[i] for i in np.atleast_1d(axis)]
    )
    rest = [i for i in range(len(shape)) if i not in set(gone)]
    rows = np.reshape(np.transpose(a, (*rest, *gone)), (*(shape[i] for i in rest), -1))
    ordered = _sort(rows)
    at = q * (np.shape(rows)[-1] - 1)
    low = np.floor(at).astype(int)
    high, share = np.minimum(low + 1, np.shape(rows)[-1] - 1), at - low
    low, high, share = low.ravel(), high.ravel(), share.ravel()
    between = ordered[..., low] * (1 - share) + ordered[..., high] * share
    y = np.moveaxis(between, -1, 0)
    inside = tuple(1 if i in set(gone) else n for i, n in enumerate(shape)) if keepdims else None
    return np.reshape(y, (*q.shape, *(inside or (shape[i] for i in rest))))


def _percentile(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False):
    q = np.asarray(value_of(q), float) / 100
    return _quantile(a, q, axis, None, False, method, keepdims)


def _median(a, axis=None, out=None, overwrite_input=False, keepdims=False):
    return _quantile(a, 0.5, axis, None, False, "linear", keepdims)


leads_to(np.sort, _sort)
leads_to(np.partition, _partition)
leads_to(np.quantile, _quantile)
leads_to(np.percentile, _percentile)
leads_to(np.median, _median)
