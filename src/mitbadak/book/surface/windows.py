"""Convolution and pooling of the first book, and its ``im2col``, over the core's operations.

Padding of ``Pooling`` never wins here; the book pads with 0, which may.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak import functions
from mitbadak.book.surface.layers import BookLayer, gradient, parameter

__all__ = ["Convolution", "Pooling", "col2im", "conv_output_size", "im2col"]


def conv_output_size(input_size: int, filter_size: int, stride: int = 1, pad: int = 0) -> float:
    """``(input_size + 2 pad - filter_size) / stride + 1``, a float as in the book.

    Example:
        >>> conv_output_size(28, 5)
        24.0
    """
    return (input_size + 2 * pad - filter_size) / stride + 1


def im2col(
    input_data: Any, filter_h: int, filter_w: int, stride: int = 1, pad: int = 0
) -> np.ndarray:
    """Every window of some images as a row.

    Args:
        input_data: shape (batch, channels, height, width).
        filter_h, filter_w: size of a window.
        stride: steps between windows.
        pad: zeros around each image.

    Returns:
        Shape (batch * rows * columns, channels * filter_h * filter_w).

    Raises:
        ShapeError: input_data has another number of axes, or no window fits.

    Example:
        >>> im2col(np.arange(9.0).reshape(1, 1, 3, 3), 2, 2)[0]
        array([0., 1., 3., 4.])
    """
    return functions.im2col(input_data, size=(filter_h, filter_w), stride=stride, pad=pad)


def col2im(
    col: Any, input_shape: tuple[int, ...], filter_h: int, filter_w: int, stride: int = 1,
    pad: int = 0,
) -> np.ndarray:  # fmt: skip
    """The adjoint of ``im2col``: rows are added up where their windows were.

    Args:
        col: as ``im2col`` returns it.
        input_shape: of the images.
        filter_h, filter_w, stride, pad: as for ``im2col``.

    Example:
        >>> col2im(im2col(np.ones((1, 1, 3, 3)), 2, 2), (1, 1, 3, 3), 2, 2)[0, 0]
        array([[1., 2., 1.],
               [2., 4., 2.],
               [1., 2., 1.]])
    """
    size = (filter_h, filter_w)
    return functions.col2im(col, shape=tuple(input_shape), size=size, stride=stride, pad=pad)


class Convolution(BookLayer):
    """Filters over images: ``W`` of shape (filters, channels, height, width), and ``b``.

    Args:
        W: the filters, which the layer keeps.
        b: the bias of each filter, or a number for all.
        stride, pad: as for ``im2col``.

    Example:
        >>> layer = Convolution(np.ones((1, 1, 2, 2)), np.zeros(1))
        >>> layer.forward(np.ones((1, 1, 3, 3))).shape
        (1, 1, 2, 2)
    """

    W, b = parameter(0, "W"), parameter(1, "b")
    dW, db = gradient(0, "W"), gradient(1, "b")  # noqa: N815

    def __init__(self, W: Any, b: Any, stride: int = 1, pad: int = 0):
        super().__init__(W, b)
        self.stride, self.pad = stride, pad

    def forward(self, x: Any) -> np.ndarray:
        """The output, shape (batch, filters, rows, columns)."""
        self.x = np.asarray(x)
        b = np.full(len(self.W), self.b, self.W.dtype) if np.ndim(self.b) == 0 else self.b
        self.out, self._pullbacks = functions.convolution.vjp(
            self.x, self.W, b, stride=self.stride, pad=self.pad
        )[:2]
        return self.out

    def fill_grads(self, dout: Any) -> np.ndarray:
        """The gradients of W and b go into ``grads``; returns dout as an array."""
        b = self.grads[1]
        if b.ndim == 0:  # one number for all filters
            self.grads[1] = np.zeros(len(self.W))
        dout = super().fill_grads(dout)
        if b.ndim == 0:
            b[...] = self.grads[1].sum()
            self.grads[1] = b
        return dout


class Pooling(BookLayer):
    """The largest entry of each window.

    Args:
        pool_h, pool_w: size of a window.
        stride, pad: as for ``im2col``.

    Example:
        >>> layer = Pooling(2, 2)
        >>> layer.forward(np.arange(16.0).reshape(1, 1, 4, 4))[0, 0]
        array([[ 5.,  7.],
               [13., 15.]])
    """

    def __init__(self, pool_h: int, pool_w: int, stride: int = 2, pad: int = 0):
        super().__init__()
        self.pool_h, self.pool_w, self.stride, self.pad = pool_h, pool_w, stride, pad

    def forward(self, x: Any) -> np.ndarray:
        """The output, shape (batch, channels, rows, columns)."""
        self.x = np.asarray(x)
        self.out, self._pullbacks = functions.max_pooling.vjp(
            self.x, size=(self.pool_h, self.pool_w), stride=self.stride, pad=self.pad
        )[:2]
        return self.out
