"""The maps between layers: affine, linear, flatten, dropout."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mitbadak.core.arrays import real_array
from mitbadak.core.errors import RangeError, ShapeError, whole
from mitbadak.functions import primitives as _primitives  # noqa: F401  (registers NumPy's arithmetic)
from mitbadak.functions.differentiable import differentiable, operand, value_of


@differentiable
def affine(x, W, b):
    """Affine map ``y = x W + b``.

    Args:
        x: input, shape (batch, n_in); also (n_in,) for one example, or more leading axes.
        W: weights, shape (n_in, n_out).
        b: bias, shape (n_out,).

    Returns:
        Shape (batch, n_out), or with the leading axes of x.

    Raises:
        ShapeError: the shapes do not match, or b would broadcast.

    Example:
        >>> affine(np.array([1.0, 0.5]), np.array([[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]]),
        ...        np.array([0.1, 0.2, 0.3]))
        array([0.3, 0.7, 1.1])
    """
    x, W, b = operand(x), operand(W), operand(b)
    if b.shape != W.shape[1:]:
        raise ShapeError(
            f"affine expects b of shape (n_out,) = {W.shape[1:]} for W {W.shape}; got {b.shape}."
        )
    y, (dx, dW) = _product("affine", x, W)
    return y + b, (dx, dW, lambda dy: np.sum(_as_rows(dy), axis=0))


@differentiable
def linear(x, W):
    """Linear map ``y = x W``: ``affine`` without its bias.

    Args:
        x: input, shape (batch, n_in); also (n_in,) for one example, or more leading axes.
        W: weights, shape (n_in, n_out).

    Returns:
        Shape (batch, n_out), or with the leading axes of x.

    Raises:
        ShapeError: the shapes do not match.

    Example:
        >>> linear(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]))
        array([[11.]])
    """
    return _product("linear", operand(x), operand(W))


@differentiable
def flatten(x):
    """Each example as one row: shape (batch, ...) becomes (batch, n).

    Args:
        x: shape (batch, ...). A single axis is one flat example, and is left unchanged.

    Raises:
        ShapeError: x is a scalar.

    Example:
        >>> flatten(np.zeros((5, 1, 28, 28))).shape
        (5, 784)
    """
    x = operand(x)
    shape = x.shape
    if len(shape) == 0:
        raise ShapeError("flatten expects x of shape (batch, ...); got ().")
    # Not (batch, -1), which is ambiguous for an empty batch.
    row = shape if len(shape) == 1 else (shape[0], math.prod(shape[1:]))
    return np.reshape(x, row), (lambda dy: np.reshape(dy, shape),)


@differentiable
def unflatten(x, *, shape, channels_last: bool = False):
    """Each example in a given shape, such as an image: the reverse of ``flatten``.

    Args:
        x: shape (batch, ...), with as many numbers per example as ``shape`` has; or one example, as
            a row or in ``shape`` itself.
        shape: of an example, such as (1, 28, 28).
        channels_last: whether the colors of a pixel lie beside one another in x, as in pictures
            from files, (height, width, channels). The result has the channels first.

    Returns:
        Shape (batch, *shape), or ``shape`` for one example.

    Raises:
        ShapeError: the numbers do not fit.
        RangeError: a length that is not a whole number of at least 1.

    Example:
        >>> unflatten(np.zeros((5, 784)), shape=(1, 28, 28)).shape
        (5, 1, 28, 28)
    """
    x = operand(x)
    lengths = shape if isinstance(shape, (tuple, list)) else (shape,)
    shape, before = tuple(whole("unflatten", "a length", n) for n in lengths), x.shape
    size = math.prod(shape)
    given = (*shape[1:], shape[0]) if channels_last else shape
    one = before in ((size,), given)
    if not one and (len(before) < 2 or math.prod(before[1:]) != size):
        raise ShapeError(
            f"unflatten expects x of shape (batch, {size}) or (batch, "
            f"{', '.join(map(str, given))}), {size} numbers per example; got {before}."
        )
    y = np.reshape(x, given if one else (before[0], *given))
    if not channels_last:
        return y, (lambda dy: np.reshape(dy, before),)
    back = np.reshape(np.moveaxis(y, -1, -len(shape)), shape if one else (before[0], *shape))
    return back, (lambda dy: np.reshape(np.moveaxis(dy, -len(shape), -1), before),)


@differentiable
def dropout(x, mask):
    """Inverted dropout ``y = x mask``: some entries are set to 0, the others scaled up.

    The mask is drawn by the caller and already scaled: 0 for a dropped entry and
    ``1 / (1 - rate)`` otherwise. This keeps the mean, so evaluation needs no scaling. (The book
    scales in evaluation instead.)

    Args:
        x: any shape.
        mask: finite numbers of at least 0, in the same shape. No derivative is taken with respect
            to it.

    Raises:
        ShapeError: the shapes differ, so that the mask would broadcast.
        RangeError: the mask has an entry that is negative or not finite.
        DtypeError: the mask does not hold real numbers.

    References:
        Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, Dropout: a simple way to
        prevent neural networks from overfitting, JMLR 15, 2014, sections 4 and 10.

    Example:
        >>> dropout(np.array([1.0, 2.0, 3.0]), np.array([2.0, 0.0, 2.0]))
        array([2., 0., 6.])
    """
    x, mask = operand(x), real_array("dropout", "mask", value_of(mask))
    if mask.shape != x.shape:
        raise ShapeError(
            f"dropout expects x and mask of the same shape; got {x.shape} and {mask.shape}."
        )
    if mask.size and not (mask.min() >= 0 and mask.max() < np.inf):
        raise RangeError(
            "dropout expects a mask of finite numbers of at least 0, such as 0 and 1 / (1 - rate); "
            f"got numbers from {mask.min():g} to {mask.max():g}."
        )
    return x * mask, (lambda dy: dy * mask, None)


def _product(owner: Any, x: Any, W: Any):
    """``x W`` and its two pullbacks, for operands."""
    if len(W.shape) != 2 or len(x.shape) < 1 or x.shape[-1] != W.shape[0]:
        raise ShapeError(
            f"{owner} expects x of shape (batch, n_in) and W of shape (n_in, n_out); "
            f"got x {x.shape} and W {W.shape}."
        )
    rows = _as_rows(x)
    y = np.matmul(rows, W)
    if len(x.shape) != 2:
        y = np.reshape(y, (*x.shape[:-1], W.shape[1]))

    return y, (
        lambda dy: _in_shape(np.matmul(_as_rows(dy), np.transpose(W)), x.shape),
        lambda dy: np.matmul(np.transpose(rows), _as_rows(dy)),
    )


def _as_rows(x: Any):
    return x if len(x.shape) == 2 else np.reshape(x, (-1, x.shape[-1]))


def _in_shape(x: Any, shape: Any):
    return x if x.shape == shape else np.reshape(x, shape)
