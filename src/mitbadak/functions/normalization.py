"""Batch and layer normalization, each as one operation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mitbadak.core.errors import RangeError, ShapeError, positive
from mitbadak.functions import primitives as _primitives  # noqa: F401  (registers NumPy's arithmetic)
from mitbadak.functions.differentiable import differentiable, operand, value_of
from mitbadak.functions.primitives import sum_to

EPSILON = 1e-5  # added to the variance, as in Ioffe and Szegedy (2015) and PyTorch


@differentiable
def batch_norm(x, gamma, beta, *, eps: float = EPSILON):
    """Each column normalized to mean 0 and variance 1 over the batch, then scaled and shifted.

    ``y = gamma (x - mean) / sqrt(variance + eps) + beta``, where the variance is divided by the
    batch size, as in the book and in Ioffe and Szegedy (2015). The examples of a batch depend on
    one another: changing one of them changes every row. Of images each channel is a column, with
    the pixels of the whole batch as its entries.

    Args:
        x: shape (batch, n), or images (batch, n, height, width).
        gamma: scale, shape (n,).
        beta: shift, shape (n,).
        eps: keeps a constant column finite; above 0.

    Returns:
        The shape of x. ``batch_norm.vjp`` returns mean and variance of the batch, and how many
        entries a column has, as a third item; they are observed and not differentiated.

    Raises:
        ShapeError: the shapes do not match, or there is no example.
        RangeError: eps is not a finite number above 0.

    Example:
        >>> batch_norm(np.array([[1.0], [3.0]]), np.array([2.0]), np.array([5.0])).round(3)
        array([[3.],
               [7.]])
    """
    eps = positive("batch_norm", "eps", eps)
    x, gamma, beta = map(operand, (x, gamma, beta))
    if (
        len(x.shape) not in (2, 4)
        or math.prod(x.shape) == 0
        or not gamma.shape == beta.shape == x.shape[1:2]
    ):
        raise ShapeError(
            f"batch_norm expects x of shape (batch, n) and gamma and beta of shape (n,); got x "
            f"{x.shape}, gamma {gamma.shape}, beta {beta.shape}. Of images, (batch, n, height, "
            "width), n are the channels."
        )
    axes = 0 if len(x.shape) == 2 else (0, 2, 3)
    mean = np.mean(x, axis=axes)
    centered = x - across(mean, x)
    variance, spread = _variance_and_spread(centered, eps, axis=axes)
    normal = centered / across(spread, x)

    def dx(dy: Any):
        along = np.mean(dy * normal, axis=axes)
        pull = dy - across(np.mean(dy, axis=axes), x) - normal * across(along, x)
        return pull * across(gamma / spread, x)

    return (
        normal * across(gamma, x) + across(beta, x),
        (dx, lambda dy: np.sum(dy * normal, axis=axes), lambda dy: np.sum(dy, axis=axes)),
        (value_of(mean), value_of(variance), np.array(math.prod(x.shape) // x.shape[1])),
    )


def across(columns: Any, x: Any):
    """One number per column (n,) in a shape that broadcasts to x: rows of n, or images.

    Example:
        >>> across(np.zeros(3), np.zeros((5, 3, 28, 28))).shape
        (3, 1, 1)
    """
    return columns if len(x.shape) < 3 else np.reshape(columns, (*columns.shape, 1, 1))


@differentiable
def fixed_batch_norm(x, gamma, beta, mean, variance, *, eps: float = EPSILON):
    """Batch normalization with given statistics, as in evaluation.

    ``y = gamma (x - mean) / sqrt(variance + eps) + beta``, column by column; the examples are
    independent of one another.

    Args:
        x: shape (batch, n) or images (batch, n, height, width), whose channels are columns; or
            without ``batch`` for one example.
        gamma, beta: scale and shift, shape (n,).
        mean, variance: statistics of each column, shape (n,), with variances of at least 0.
        eps: as in ``batch_norm``.

    Raises:
        ShapeError: the shapes do not match.
        RangeError: a variance is negative, or eps is not a finite number above 0.

    Example:
        >>> one, zero = np.ones(1), np.zeros(1)
        >>> fixed_batch_norm(np.array([[5.0]]), one, zero, 3 * one, 4 * one).round(4)
        array([[1.]])
    """
    eps = positive("fixed_batch_norm", "eps", eps)
    x, gamma, beta, mean, variance = map(operand, (x, gamma, beta, mean, variance))
    shapes = [a.shape for a in (gamma, beta, mean, variance)]
    rank = len(x.shape)
    n_in = x.shape[-1:] if rank < 3 else x.shape[-3:-2]
    if rank not in (1, 2, 3, 4) or any(shape != n_in for shape in shapes):
        raise ShapeError(
            "fixed_batch_norm expects x of shape (batch, n) and gamma, beta, mean and variance of "
            f"shape (n,); got x {x.shape}, {', '.join(map(str, shapes))}. Of images, (batch, n, "
            "height, width), n are the channels."
        )
    if np.any(value_of(variance) < 0):
        raise RangeError(
            f"fixed_batch_norm expects variances of at least 0; got {np.min(value_of(variance)):g}."
        )
    spread = np.sqrt(variance + eps)
    normal = (x - across(mean, x)) / across(spread, x)
    scale = gamma / spread

    def total(dy: Any):
        return np.reshape(sum_to(dy, across(gamma, x).shape), gamma.shape)

    return normal * across(gamma, x) + across(beta, x), (
        lambda dy: dy * across(scale, x),
        lambda dy: total(dy * normal),
        total,
        lambda dy: total(-dy) * scale,
        lambda dy: total(dy * normal) * (scale / spread * -0.5),
    )


@differentiable
def layer_norm(x, gamma, beta, *, eps: float = EPSILON):
    """Each example normalized to mean 0 and variance 1 on the last axis, then scaled and shifted.

    ``y = gamma (x - mean) / sqrt(variance + eps) + beta``, where the variance is divided by n.
    Examples do not depend on one another, so training and evaluation are the same.

    Args:
        x: shape (batch, n); also (n,) for one example, or more leading axes.
        gamma: scale, shape (n,).
        beta: shift, shape (n,).
        eps: keeps a constant example finite; above 0.

    Raises:
        ShapeError: the shapes do not match.
        RangeError: eps is not a finite number above 0.

    References:
        Ba, Kiros and Hinton, Layer normalization, 2016, equation 3.

    Example:
        >>> layer_norm(np.array([[1.0, 3.0]]), np.ones(2), np.array([0.0, 5.0])).round(3)
        array([[-1.,  6.]])
    """
    eps = positive("layer_norm", "eps", eps)
    x, gamma, beta = map(operand, (x, gamma, beta))
    if not x.shape or x.shape[-1] == 0 or not gamma.shape == beta.shape == x.shape[-1:]:
        raise ShapeError(
            f"layer_norm expects x of shape (..., n) and gamma and beta of shape (n,); got x "
            f"{x.shape}, gamma {gamma.shape}, beta {beta.shape}."
        )
    centered = x - np.mean(x, axis=-1, keepdims=True)
    _, spread = _variance_and_spread(centered, eps, axis=-1, keepdims=True)
    normal = centered / spread

    def dx(dy: Any):
        pull = dy * gamma
        along = np.mean(pull * normal, axis=-1, keepdims=True)
        return (pull - np.mean(pull, axis=-1, keepdims=True) - normal * along) / spread

    return normal * gamma + beta, (
        dx,
        lambda dy: sum_to(dy * normal, gamma.shape),
        lambda dy: sum_to(dy, gamma.shape),
    )


def _variance_and_spread(centered: Any, eps: float, *, axis: Any, keepdims: bool = False):
    """The mean of squares along an axis, and ``sqrt(variance + eps)``.

    If a square overflows, the entries are divided by the largest first, so that the spread is
    correct even though the variance is infinite.
    """
    with np.errstate(over="ignore"):
        variance = np.mean(centered * centered, axis=axis, keepdims=keepdims)
    overflowed = np.isinf(value_of(variance))
    if not overflowed.any():
        return variance, np.sqrt(variance + eps)
    largest = np.max(np.abs(value_of(centered)), axis=axis, keepdims=True)
    unit = np.where(np.reshape(overflowed, largest.shape), largest, np.ones_like(largest))
    scaled = centered / unit
    unit = np.reshape(unit, overflowed.shape)
    with np.errstate(under="ignore"):
        small = eps / unit / unit
    return variance, np.sqrt(np.mean(scaled * scaled, axis=axis, keepdims=keepdims) + small) * unit
