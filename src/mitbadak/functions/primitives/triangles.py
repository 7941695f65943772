"""The triangles of a square matrix, for functions that read only one of them."""

from __future__ import annotations

import numpy as np

from mitbadak.functions.differentiable import value_of
from mitbadak.functions.primitives.products import transposed


def of_one_triangle(full, upper):
    """The gradient with respect to the triangle that is read, from that of the whole matrix."""
    half = lower_half(full)
    return (full + transposed(full)) * (half.T if upper else half)


def lower_half(a):
    """1 below the diagonal, one half on it, 0 above."""
    n = np.shape(a)[-1]
    return np.tri(n, k=-1, dtype=value_of(a).dtype) + identity(a, n) * 0.5


def identity(a, n):
    """The identity matrix in the dtype of a."""
    return np.eye(n, dtype=value_of(a).dtype)
