"""Batch normalisation as one operation."""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak import primitives as _primitives  # noqa: F401  (registers NumPy's arithmetic)
from mitbadak.differentiable import Traced, differentiable, value_of
from mitbadak.errors import ShapeError

EPSILON = 1e-5  # added to the variance, as in Ioffe and Szegedy (2015) and PyTorch


def _array(x) -> Any:
    return x if isinstance(x, Traced) else np.asarray(x)


@differentiable
def batch_norm(x, gamma, beta, *, eps: float = EPSILON):
    """Each column brought to mean 0 and variance 1 over the batch, then scaled and shifted.

    ``y = gamma (x - mean) / sqrt(variance + eps) + beta``, with the variance divided by the batch
    size, as in the book and in Ioffe and Szegedy (2015). The examples of a batch depend on one
    another: moving one input moves every row.

    Args:
        x: shape (batch, n).
        gamma: scale, shape (n,).
        beta: shift, shape (n,).
        eps: keeps a column without variance finite.

    Returns:
        The shape of x. ``batch_norm.vjp`` gives the batch's mean and variance as a third item,
        which are observed and not differentiated.

    Raises:
        ShapeError: the shapes do not fit, or there is no example.

    Example:
        >>> batch_norm(np.array([[1.0], [3.0]]), np.array([2.0]), np.array([5.0])).round(3)
        array([[3.],
               [7.]])
    """
    x, gamma, beta = map(_array, (x, gamma, beta))
    if len(x.shape) != 2 or len(x) == 0 or not gamma.shape == beta.shape == x.shape[1:]:
        raise ShapeError(
            f"batch_norm expects x of shape (batch, n) and gamma and beta of shape (n,); got x "
            f"{x.shape}, gamma {gamma.shape}, beta {beta.shape}."
        )
    mean = np.mean(x, axis=0)
    centred = x - mean
    variance = np.mean(centred * centred, axis=0)
    spread = np.sqrt(variance + eps)
    normal = centred / spread

    def dx(dy):
        pull = dy - np.mean(dy, axis=0) - normal * np.mean(dy * normal, axis=0)
        return pull * (gamma / spread)

    return (
        normal * gamma + beta,
        (dx, lambda dy: np.sum(dy * normal, axis=0), lambda dy: np.sum(dy, axis=0)),
        (value_of(mean), value_of(variance)),
    )
