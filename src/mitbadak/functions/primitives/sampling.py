"""Functions given by samples or coefficients: spaced points, interpolation, polynomials."""

from __future__ import annotations

import numpy as np

from mitbadak.functions.differentiable import (
    no_derivative,
    operand,
    register_form,
    result_type_operand,
    value_of,
)
from mitbadak.functions.primitives.arithmetic import cast


def _linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0):
    exact = np.result_type(result_type_operand(start), result_type_operand(stop), 1.0)
    start, stop = np.broadcast_arrays(cast(start, dtype=exact), cast(stop, dtype=exact))
    share = np.linspace(0.0, 1.0, num, endpoint=endpoint)
    share = np.reshape(share, (-1,) + (1,) * np.ndim(start)).astype(exact)
    y = start + (stop - start) * share
    y = np.where(share == 1.0, stop, y)  # exactly
    y = np.moveaxis(y, 0, axis) if axis else y
    y = y if dtype is None else cast(y, dtype=np.dtype(dtype))
    if not retstep:
        return y
    steps = float(num - 1 if endpoint else num)
    return y, (stop - start) / steps if steps else (stop - start) * np.nan


def _logspace(start, stop, num=50, endpoint=True, base=10.0, dtype=None, axis=0):
    y = np.power(base, _linspace(start, stop, num, endpoint, axis=axis))
    return y if dtype is None else cast(y, dtype=np.dtype(dtype))


def _geomspace(start, stop, num=50, endpoint=True, dtype=None, axis=0):
    wide = np.result_type(result_type_operand(start), result_type_operand(stop), np.float64)
    start, stop = np.broadcast_arrays(cast(start, dtype=wide), cast(stop, dtype=wide))
    sign = np.sign(value_of(start))
    if np.any(sign * value_of(stop) <= 0):
        raise no_derivative("np.geomspace", "both ends need the same sign")
    y = _logspace(np.log10(start * sign), np.log10(stop * sign), num, endpoint) * sign
    at = np.reshape(np.arange(num), (-1,) + (1,) * np.ndim(start))
    y = np.where(at == 0, start, np.where(endpoint and at == num - 1, stop, y))  # exactly
    y = np.moveaxis(y, 0, axis) if axis else y
    return y if dtype is None else cast(y, dtype=np.dtype(dtype))


def _interp(x, xp, fp, left=None, right=None, period=None):
    if period is not None:
        raise no_derivative("np.interp", "period= is not differentiated")
    x, xp, fp = (cast(a, dtype=np.dtype(np.float64)) for a in (x, xp, fp))
    at, nodes = value_of(x), value_of(xp)
    if np.size(nodes) == 1:
        y = np.broadcast_to(fp[0], np.shape(x))
    else:
        i = np.clip(np.searchsorted(nodes, at, side="right") - 1, 0, np.size(nodes) - 2)
        slope = (fp[i + 1] - fp[i]) / (xp[i + 1] - xp[i])
        y = fp[i] + (x - xp[i]) * slope
    y = np.where(at < nodes[0], fp[0] if left is None else left, y)
    return np.where(at > nodes[-1], fp[-1] if right is None else right, y)


def _polyval(p, x):
    p, x = operand(p), operand(x)
    y = np.multiply(x, 0.0)
    for k in range(np.size(p)):
        y = y * x + p[k]
    return y


def _aligned(a1, a2):
    """Coefficients padded with leading zeros to the same length."""
    a1, a2 = operand(a1), operand(a2)
    n = max(np.size(a1), np.size(a2))
    return tuple(
        np.concatenate([np.zeros(n - np.size(a), value_of(a).dtype), np.ravel(a)])
        if np.size(a) < n
        else np.ravel(a)
        for a in (a1, a2)
    )


def _polyadd(a1, a2):
    left, right = _aligned(a1, a2)
    return left + right


def _polysub(a1, a2):
    left, right = _aligned(a1, a2)
    return left - right


def _polymul(a1, a2):
    left, right = (_without_leading_zeros(np.ravel(operand(a))) for a in (a1, a2))
    return np.convolve(left, right)


def _without_leading_zeros(p):
    there = np.flatnonzero(value_of(p))
    if not np.size(p):
        return np.zeros(1, value_of(p).dtype)
    return p[int(there[0]) if there.size else -1 :]


def _polyder(p, m=1):
    for _ in range(m):
        p = p[:-1] * np.arange(np.size(p) - 1.0, 0.0, -1.0)
    return p


def _polyint(p, m=1, k=None):
    constants = np.zeros(m) if k is None else np.broadcast_to(k, (m,))
    for i in range(m):
        p = np.concatenate(
            [p / np.arange(float(np.size(p)), 0.0, -1.0), np.reshape(constants[i], (1,))]
        )
    return p


def _vander(x, N=None, increasing=False):
    n = np.size(x) if N is None else N
    powers = np.arange(n) if increasing else np.arange(n - 1, -1, -1)
    return np.power(np.reshape(x, (-1, 1)), powers)


for _function, _form in (
    (np.linspace, _linspace),
    (np.logspace, _logspace),
    (np.geomspace, _geomspace),
    (np.interp, _interp),
    (np.polyval, _polyval),
    (np.polyadd, _polyadd),
    (np.polysub, _polysub),
    (np.polymul, _polymul),
    (np.polyder, _polyder),
    (np.polyint, _polyint),
    (np.vander, _vander),
):
    register_form(_function, _form)
