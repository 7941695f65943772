"""Norms of vectors and matrices, and the condition number.

At the origin, gradients are NaN, except for the orders 1, inf and -inf, which follow ``abs``.
"""

from __future__ import annotations

import numpy as np

from mitbadak.functions.differentiable import no_derivative, register_form, value_of
from mitbadak.functions.primitives.axes import normal_axes
from mitbadak.functions.primitives.reductions import entries_of
from mitbadak.functions.primitives.spectra import svdvals


def _norm(x, ord=None, axis=None, keepdims=False):
    n = np.ndim(x)
    if axis is None and (ord is None or (ord == 2 and n == 1) or (ord == "fro" and n == 2)):
        ord = None
    axes = normal_axes(axis, n)
    if not entries_of(np.shape(x), axes):
        return np.sum(np.absolute(x), axis=axes, keepdims=keepdims)  # an empty sum, 0
    if len(axes) == 1 or ord is None or ord == "fro":
        return _vector_norm_along(x, ord, axes, keepdims)
    if len(axes) != 2:
        raise no_derivative("np.linalg.norm", f"ord={ord!r} needs one or two axes; got {axes}")
    return _matrix_norm_along(x, ord, axes, keepdims)


def _vector_norm_along(x, ord, axes, keepdims):
    kept = {"axis": axes, "keepdims": keepdims}
    if ord is None or ord == 2 or (ord == "fro" and len(axes) == 2):
        return np.sqrt(np.sum(x * x, **kept))
    size = np.absolute(x)
    if ord == np.inf:
        return np.max(size, **kept)
    if ord == -np.inf:
        return np.min(size, **kept)
    if ord == 0:
        counted = (value_of(x) != 0).astype(value_of(x).dtype)
        # Piecewise constant: the derivative is 0.
        return np.sum(np.where(counted >= 0, counted, x), **kept)
    if ord == 1:
        return np.sum(size, **kept)
    if isinstance(ord, str):
        raise no_derivative("np.linalg.norm", f"ord={ord!r} is not a vector norm")
    if ord % 1:  # a power that is not whole has an infinite derivative at 0, not 0 times infinity
        size = np.where(value_of(x) < 0, -x, x)
    return np.power(np.sum(np.power(size, ord), **kept), 1.0 / ord)


def _matrix_norm_along(x, ord, axes, keepdims):
    matrices = np.moveaxis(x, axes, (-2, -1))
    if ord in (1, -1, np.inf, -np.inf):
        sums = np.sum(np.absolute(matrices), axis=-2 if abs(ord) == 1 else -1)
        y = np.max(sums, axis=-1) if ord > 0 else np.min(sums, axis=-1)
    elif ord in (2, -2, "nuc"):
        s = svdvals(matrices)
        y = np.sum(s, axis=-1) if ord == "nuc" else s[..., 0] if ord == 2 else s[..., -1]
    else:
        raise no_derivative("np.linalg.norm", f"ord={ord!r} is not a matrix norm")
    return np.expand_dims(y, tuple(sorted(axes))) if keepdims else y


def _vector_norm(x, /, *, axis=None, keepdims=False, ord=2):
    return _vector_norm_along(x, ord, normal_axes(axis, np.ndim(x)), keepdims)


def _matrix_norm(x, /, *, keepdims=False, ord="fro"):
    return _norm(x, ord, (-2, -1), keepdims)


def _cond(x, p=None):
    if p is None or p in (2, -2):
        s = svdvals(x)
        y = s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    else:
        y = _norm(x, p, (-2, -1)) * _norm(np.linalg.inv(x), p, (-2, -1))
    undefined = np.isnan(value_of(y)) & ~np.any(np.isnan(value_of(x)), axis=(-2, -1))
    return np.where(undefined, np.inf, y)  # like NumPy, where 0 / 0 is infinite


register_form(np.linalg.norm, _norm)
register_form(np.linalg.vector_norm, _vector_norm)
register_form(np.linalg.matrix_norm, _matrix_norm)
register_form(np.linalg.cond, _cond)
