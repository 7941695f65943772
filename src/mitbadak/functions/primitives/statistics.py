"""Statistics built from sums: averages, covariances, and the functions that ignore NaN."""

from __future__ import annotations

import numpy as np

from mitbadak.functions.differentiable import no_derivative, register_form, value_of
from mitbadak.functions.primitives.arithmetic import cast
from mitbadak.functions.primitives.axes import with_length
from mitbadak.functions.primitives.reductions import NOT_GIVEN, entries_of, mask, mean_of
from mitbadak.functions.primitives.running import cumprod, cumsum, running_form


def _average(a, axis=None, weights=None, returned=False, *, keepdims=False):
    if weights is None:
        y = np.mean(a, axis=axis, keepdims=keepdims)
        entries = np.full_like(value_of(y), entries_of(np.shape(a), axis))
        return (y, entries) if returned else y
    if np.shape(weights) != np.shape(a):
        if axis is None or np.ndim(axis) > 0 or np.ndim(weights) != 1:
            raise no_derivative("np.average", "weights of another shape need one axis")
        row = with_length((1,) * np.ndim(a), axis, -1)
        weights = np.broadcast_to(np.reshape(weights, row), np.shape(a))
    total = np.sum(weights, axis=axis, keepdims=keepdims)
    y = np.sum(a * weights, axis=axis, keepdims=keepdims) / total
    return (y, np.broadcast_to(total, np.shape(y))) if returned else y


def _cov(
    m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None, *, dtype=None
):
    if fweights is not None or aweights is not None:
        raise no_derivative("np.cov", "on a variable it takes no weights")
    rows = _in_rows(m, rowvar)
    if y is not None:
        rows = np.concatenate([rows, _in_rows(y, rowvar)])
    wide = np.result_type(value_of(rows), np.float64) if dtype is None else np.dtype(dtype)
    rows = cast(rows, dtype=wide)
    ddof = int(bias == 0) if ddof is None else ddof
    centered = rows - np.mean(rows, axis=1, keepdims=True)
    left = np.maximum(np.shape(rows)[1] - ddof, 0)
    share = wide.type(1) / left  # infinite if no entries are left
    return np.squeeze(np.matmul(centered, np.transpose(centered)) * share.astype(wide))


def _in_rows(a, rowvar):
    """One row per quantity."""
    rows = np.atleast_2d(a)
    return rows if rowvar or np.ndim(a) == 1 else np.transpose(rows)


def _corrcoef(x, y=None, rowvar=True, *, dtype=None):
    covariance = _cov(x, y, rowvar, dtype=dtype)
    if np.ndim(covariance) == 0:
        return covariance / covariance
    spread = np.sqrt(np.diagonal(covariance))
    return covariance / np.expand_dims(spread, 1) / np.expand_dims(spread, 0)


def _without_nan(function, neutral):
    """A function that ignores NaN, which the neutral element replaces."""

    def form(
        a, axis=None, dtype=None, out=None, keepdims=False, initial=NOT_GIVEN, where=NOT_GIVEN
    ):
        clean = np.where(np.isnan(value_of(a)), neutral, a)
        return function(
            clean, axis=axis, dtype=dtype, keepdims=keepdims, initial=initial, where=where
        )

    return form


def _running_without_nan(operation, neutral):
    form = running_form(operation)

    def without_nan(a, axis=None, dtype=None, out=None):
        return form(np.where(np.isnan(value_of(a)), neutral, a), axis, dtype)

    return without_nan


def _nan_extreme(function, neutral):
    def form(a, axis=None, out=None, keepdims=False, initial=NOT_GIVEN, where=NOT_GIVEN):
        if initial is not NOT_GIVEN and np.any(np.isnan(value_of(initial))):
            raise no_derivative("initial=nan", "NaN would be ignored; give a number")
        missing = np.isnan(value_of(a))
        kept = {"axis": axis, "keepdims": keepdims}
        bounds = {"initial": initial, "where": where}
        y = function(np.where(missing, neutral, a), **kept, **bounds)
        none_left = np.all(missing, **kept, where=True if where is NOT_GIVEN else where)
        return y if initial is not NOT_GIVEN else np.where(none_left, np.nan, y)

    return form


def _present(a, where):
    """Which entries count: numbers, and of these the ones that ``where`` allows."""
    there = ~np.isnan(value_of(a))
    return there if where is NOT_GIVEN else there & mask(where)


def _nanmean(a, axis=None, dtype=None, out=None, keepdims=False, *, where=NOT_GIVEN):
    there = _present(a, where)
    clean, counts = np.where(there, a, 0.0), np.sum(there, axis=axis, keepdims=keepdims)
    total = np.sum(clean, axis=axis, dtype=dtype, keepdims=keepdims)
    return total / counts.astype(value_of(total).dtype)


def _nanvar(
    a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=NOT_GIVEN,
    mean=NOT_GIVEN, correction=NOT_GIVEN,
):  # fmt: skip
    ddof = ddof if correction is NOT_GIVEN else correction
    there = _present(a, where)
    a = a if dtype is None else cast(a, dtype=np.dtype(dtype))
    clean = np.where(there, a, 0.0)
    mean = mean_of(clean, there, axis) if mean is NOT_GIVEN else mean
    centered = np.where(there, clean - mean, 0.0)
    counts = np.sum(there, axis=axis, keepdims=keepdims, dtype=value_of(clean).dtype) - ddof
    counts = np.where(counts > 0, counts, np.nan)  # no entries are left
    return np.sum(centered * centered, axis=axis, keepdims=keepdims) / counts


def _nanstd(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, **options):
    return np.sqrt(_nanvar(a, axis, dtype, None, ddof, keepdims, **options))


register_form(np.average, _average)
register_form(np.cov, _cov)
register_form(np.corrcoef, _corrcoef)
register_form(np.nansum, _without_nan(np.sum, 0.0))
register_form(np.nanprod, _without_nan(np.prod, 1.0))
register_form(np.nancumsum, _running_without_nan(cumsum, 0.0))
register_form(np.nancumprod, _running_without_nan(cumprod, 1.0))
register_form(np.nanmax, _nan_extreme(np.max, -np.inf))
register_form(np.nanmin, _nan_extreme(np.min, np.inf))
register_form(np.nanmean, _nanmean)
register_form(np.nanvar, _nanvar)
register_form(np.nanstd, _nanstd)
