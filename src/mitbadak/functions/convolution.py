"""Convolution and pooling of images, each as one operation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mitbadak.core.errors import RangeError, ShapeError
from mitbadak.functions.differentiable import differentiable, float_operand, operand, value_of
from mitbadak.functions.primitives import gather
from mitbadak.functions.windows import Grid, from_windows, grid, images, padded, pair, windows


@differentiable
def convolution(x, W, b=None, *, stride=1, pad=0):
    """Convolution of images with filters, ``y[f] = sum over a window of x W[f] + b[f]``.

    Each filter is laid over every window of the image; what it gives there is one pixel of the
    output. The windows are laid out side by side first (``im2col``), so that all of it is one
    matrix product. Filters are not flipped: strictly speaking this is a cross-correlation, which
    all books and libraries of the field call a convolution.

    Args:
        x: images, shape (batch, channels, height, width); or without ``batch`` for one.
        W: filters, shape (filters, channels, height, width).
        b: bias, shape (filters,); None for none.
        stride: steps from window to window; a number or (down, across).
        pad: rows and columns of zeros at each edge; a number or (down, across).

    Returns:
        Shape (batch, filters, rows, columns), with ``rows = (height + 2 pad - filter height) //
        stride + 1``, and columns likewise. Pixels left over at the right and lower edge are in no
        window.

    Raises:
        ShapeError: the shapes do not match, or no window fits.
        RangeError: an invalid stride or pad.

    References:
        LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition,
        Proceedings of the IEEE 86, 1998. Chellapilla, Puri and Simard, High performance
        convolutional neural networks for document processing, 2006, for the matrix product.

    Example:
        >>> x = np.arange(9.0).reshape(1, 1, 3, 3)
        >>> convolution(x, np.array([[[[1.0, 0.0], [0.0, -1.0]]]]), np.array([0.5]))
        array([[[[-3.5, -3.5],
                 [-3.5, -3.5]]]])
    """
    x, W = operand(x), operand(W)
    b = None if b is None else operand(b)
    at = _grid_of_filters(x, W, b, stride, pad)
    *batch, channels, _, _ = x.shape
    count, entries, places = W.shape[0], channels * math.prod(at.size), math.prod(at.places)
    flat, n = np.reshape(W, (count, entries)), math.prod(batch)
    columns = windows(x, size=at.size, stride=at.stride, pad=at.pad)
    columns = np.reshape(columns, (n, entries, places))
    y = np.reshape(np.matmul(flat, columns), (*batch, count, *at.places))

    def rows(dy: Any):
        return np.reshape(dy, (n, count, places))

    def dx(dy: Any):
        back = np.matmul(np.transpose(flat), rows(dy))
        back = np.reshape(back, (*batch, channels, *at.size, *at.places))
        return from_windows(back, image=at.image, stride=at.stride, pad=at.pad)

    def dW(dy: Any):
        each = np.matmul(rows(dy), np.swapaxes(columns, 1, 2))
        return np.reshape(np.sum(each, axis=0), W.shape)

    if b is None:
        return y, (dx, dW)
    return y + np.reshape(b, (count, 1, 1)), (
        dx,
        dW,
        lambda dy: np.sum(rows(dy), axis=(0, 2)),
    )


def _grid_of_filters(x: Any, W: Any, b: Any, stride: Any, pad: Any) -> Grid:
    images("convolution", x)
    fits = len(W.shape) == 4 and W.shape[1] == x.shape[-3]
    if not fits or (b is not None and b.shape != W.shape[:1]):
        bias = "" if b is None else f", b {b.shape}"
        raise ShapeError(
            "convolution expects x of shape (batch, channels, height, width), W of shape (filters, "
            f"channels, height, width) and b of shape (filters,); got x {x.shape}, W {W.shape}"
            f"{bias}."
        )
    return grid("convolution", x.shape[-2:], W.shape[2:], stride, pad)


@differentiable
def max_pooling(x, *, size, stride=None, pad=0):
    """The largest entry of each window, channel by channel.

    Of equal entries the first one counts, row by row, and gets the whole gradient. Padding never
    wins, even where all pixels are negative. (The book pads with 0, which may.)

    Args:
        x: images, shape (batch, channels, height, width); or without ``batch`` for one.
        size: height and width of a window; one number for a square.
        stride: steps from window to window; None for ``size``, so that windows do not overlap.
        pad: rows and columns more at each edge, fewer than ``size``.

    Returns:
        Shape (batch, channels, rows, columns); NaN where a window holds one. Pixels left over at
        the right and lower edge are in no window.

    Raises:
        ShapeError: x has another number of axes, or no window fits.
        RangeError: an invalid size, stride or pad.

    Example:
        >>> max_pooling(np.arange(16.0).reshape(1, 1, 4, 4), size=2)
        array([[[[ 5.,  7.],
                 [13., 15.]]]])
    """
    x = float_operand("max_pooling", "x", x)
    at = _grid_of_pools("max_pooling", x, size, stride, pad)
    image = math.prod(at.image)
    first = np.arange(math.prod(x.shape[:-2])) * image
    places = _first_largest(value_of(x), at) + np.reshape(first, (*x.shape[:-2], 1, 1))
    y, pullbacks = gather.vjp(x, places=places)
    return y, pullbacks


def _first_largest(x: np.ndarray, at: Grid) -> np.ndarray:
    """For every window the position of its first largest entry in the image, row by row."""
    framed = padded(x, at.pad, -np.inf)
    numbers = np.arange(math.prod(at.image)).reshape(at.image)
    numbers = padded(numbers + 1, at.pad) - 1  # -1 for padding
    holds_nan = bool(np.isnan(x).any())
    best = framed[at.slices(0, 0)]
    chosen = np.broadcast_to(numbers[at.slices(0, 0)], best.shape)
    for row in range(at.size[0]):
        for column in range(at.size[1]):
            entry, number = framed[at.slices(row, column)], numbers[at.slices(row, column)]
            better = entry > best
            if any(at.pad):  # an entry of -inf is better than padding
                better |= (chosen < 0) & (number >= 0)
            if holds_nan:
                better |= np.isnan(entry) & ~np.isnan(best)
            best, chosen = np.where(better, entry, best), np.where(better, number, chosen)
    return chosen


@differentiable
def average_pooling(x, *, size, stride=None, pad=0):
    """The mean of each window, channel by channel.

    The padding counts as zeros: every sum is divided by the number of entries of a window, also at
    the edges.

    Args:
        x, size, stride, pad: as for ``max_pooling``.

    Returns:
        Shape (batch, channels, rows, columns).

    Raises:
        ShapeError, RangeError: as ``max_pooling``.

    Example:
        >>> average_pooling(np.arange(16.0).reshape(1, 1, 4, 4), size=2)
        array([[[[ 2.5,  4.5],
                 [10.5, 12.5]]]])
    """
    x = float_operand("average_pooling", "x", x)
    at = _grid_of_pools("average_pooling", x, size, stride, pad)
    y = np.mean(windows(x, size=at.size, stride=at.stride, pad=at.pad), axis=(-4, -3))

    def dx(dy: Any):
        share = np.reshape(dy / math.prod(at.size), (*x.shape[:-2], 1, 1, *at.places))
        each = np.broadcast_to(share, (*x.shape[:-2], *at.size, *at.places))
        return from_windows(each, image=at.image, stride=at.stride, pad=at.pad)

    return y, (dx,)


def _grid_of_pools(owner: str, x: Any, size: Any, stride: Any, pad: Any) -> Grid:
    images(owner, x)
    return pools(owner, x.shape[-2:], size, stride, pad)


def pools(owner: str, image: Any, size: Any, stride: Any, pad: Any) -> Grid:
    """The windows of a pooling, whose stride is by default their size.

    Raises:
        RangeError: an invalid size, stride or pad; or windows of padding alone.
        ShapeError: no window fits.

    Example:
        >>> pools("max_pooling", (24, 24), 2, None, 0).places
        (12, 12)
    """
    size = pair(owner, "size", size)
    at = grid(owner, image, size, size if stride is None else stride, pad)
    if any(p >= k for p, k in zip(at.pad, size, strict=True)):
        raise RangeError(
            f"{owner}: pad must be smaller than the windows of {size[0]}x{size[1]}, since some "
            f"would hold padding alone; got {at.pad}."
        )
    return at
