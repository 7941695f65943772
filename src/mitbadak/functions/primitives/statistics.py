"""Statistics built from sums: averages, covariances, and the functions that ignore NaN."""

from __future__ import annotations

import numpy as np

from mitbadak.functions.differentiable import leads_to, no_derivative, value_of
from mitbadak.functions.primitives.reductions import cumprod, cumsum, mean_form, running_form


def _average(a, axis=None, weights=None, returned=False, *, keepdims=False):
    if weights is None:
        weights = np.ones(np.shape(a), value_of(a).dtype)
    elif np.shape(weights) != np.shape(a):
        if axis is None or np.ndim(axis) > 0 or np.ndim(weights) != 1:
            raise no_derivative("np.average", "weights of another shape need one axis")
        shape = [1] * np.ndim(a)
        shape[axis] = -1
        weights = np.broadcast_to(np.reshape(weights, tuple(shape)), np.shape(a))
    total = np.sum(weights, axis=axis, keepdims=keepdims)
    y = np.sum(a * weights, axis=axis, keepdims=keepdims) / total
    return (y, np.broadcast_to(total, np.shape(y))) if returned else y


def _cov(m, y=None, rowvar=True, bias=False, ddof=None):
    rows = np.atleast_2d(m)
    rows = rows if rowvar or np.ndim(m) == 1 else np.transpose(rows)
    if y is not None:
        more = np.atleast_2d(y)
        rows = np.concatenate([rows, more if rowvar or np.ndim(y) == 1 else np.transpose(more)])
    ddof = (0 if bias else 1) if ddof is None else ddof
    centered = rows - np.mean(rows, axis=1, keepdims=True)
    covariance = np.matmul(centered, np.transpose(centered)) / float(np.shape(rows)[1] - ddof)
    return np.squeeze(covariance)


def _corrcoef(x, y=None, rowvar=True):
    covariance = _cov(x, y, rowvar)
    if np.ndim(covariance) == 0:
        return covariance / covariance
    spread = np.sqrt(np.diagonal(covariance))
    return covariance / np.expand_dims(spread, 1) / np.expand_dims(spread, 0)


def _without_nan(function, neutral):
    """The function that ignores NaN, replaced by the neutral element."""

    def form(a, axis=None, dtype=None, out=None, keepdims=False):
        options = {} if dtype is None else {"dtype": dtype}
        clean = np.where(np.isnan(value_of(a)), neutral, a)
        return function(clean, axis=axis, keepdims=keepdims, **options)

    return form


def _running_without_nan(operation, neutral):
    form = running_form(operation)

    def without_nan(a, axis=None, dtype=None, out=None):
        return form(np.where(np.isnan(value_of(a)), neutral, a), axis, dtype)

    return without_nan


def _nan_extreme(function, neutral):
    def form(a, axis=None, out=None, keepdims=False):
        return function(np.where(np.isnan(value_of(a)), neutral, a), axis=axis, keepdims=keepdims)

    return form


def _nanmean(a, axis=None, dtype=None, out=None, keepdims=False):
    there = ~np.isnan(value_of(a))
    return mean_form(np.where(there, a, 0.0), axis, dtype, None, keepdims, where=there)


def _nanvar(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False):
    there = ~np.isnan(value_of(a))
    clean = np.where(there, a, 0.0)
    centered = np.where(there, clean - mean_form(clean, axis, dtype, None, True, where=there), 0.0)
    counts = np.sum(there, axis=axis, keepdims=keepdims, dtype=value_of(clean).dtype)
    return np.sum(centered * centered, axis=axis, keepdims=keepdims) / (counts - ddof)


def _nanstd(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False):
    return np.sqrt(_nanvar(a, axis, dtype, None, ddof, keepdims))


leads_to(np.average, _average)
leads_to(np.cov, _cov)
leads_to(np.corrcoef, _corrcoef)
leads_to(np.nansum, _without_nan(np.sum, 0.0))
leads_to(np.nanprod, _without_nan(np.prod, 1.0))
leads_to(np.nancumsum, _running_without_nan(cumsum, 0.0))
leads_to(np.nancumprod, _running_without_nan(cumprod, 1.0))
leads_to(np.nanmax, _nan_extreme(np.max, -np.inf))
leads_to(np.nanmin, _nan_extreme(np.min, np.inf))
leads_to(np.nanmean, _nanmean)
leads_to(np.nanvar, _nanvar)
leads_to(np.nanstd, _nanstd)
