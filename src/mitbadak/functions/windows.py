"""Windows of images: the primitive behind convolution and pooling, and its adjoint.

A window is a small rectangle of an image, which moves over it by ``stride``. Laid out side by side,
the windows of all images make a convolution one matrix product: the book's ``im2col``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from mitbadak.core.errors import RangeError, ShapeError, brief, whole
from mitbadak.functions import primitives as _primitives  # noqa: F401  (registers NumPy's arithmetic)
from mitbadak.functions.differentiable import differentiable, float_operand, is_traced

Pair = int | Sequence[int]


class Grid(NamedTuple):
    """Where windows lie in an image. Every pair is (down, across).

    Attributes:
        image: height and width of the image, without padding.
        size: height and width of a window.
        stride: the steps from one window to the next.
        pad: rows and columns of padding at each edge.
        places: how many windows there are.
    """

    image: tuple[int, int]
    size: tuple[int, int]
    stride: tuple[int, int]
    pad: tuple[int, int]
    places: tuple[int, int]

    def slices(self, row: int, column: int) -> tuple[Any, slice, slice]:
        """The entries of padded images at one place of every window."""
        down, across = (
            slice(first, first + step * (n - 1) + 1, step)
            for first, step, n in zip((row, column), self.stride, self.places, strict=True)
        )
        return ..., down, across

    @property
    def inside(self) -> tuple[Any, slice, slice]:
        """The image in its padding."""
        down, across = (slice(p, p + n) for p, n in zip(self.pad, self.image, strict=True))
        return ..., down, across


def pair(owner: str, name: str, value: Any, *, least: int = 1) -> tuple[int, int]:
    """A number for both directions, or one for each, (down, across).

    Raises:
        RangeError: with the owner and the name of the argument.

    Example:
        >>> pair("im2col", "stride", 2), pair("im2col", "pad", (0, 1), least=0)
        ((2, 2), (0, 1))
    """
    if not isinstance(value, (tuple, list)):
        number = whole(owner, name, value, least=least)
        return number, number
    if len(value) != 2:
        raise RangeError(
            f"{owner}: {name} must be a whole number, or two of them, (down, across); got "
            f"{brief(value)}."
        )
    down, across = (whole(owner, name, part, least=least) for part in value)
    return down, across


def grid(owner: str, image: Any, size: Any, stride: Any, pad: Any) -> Grid:
    """The windows of images of this height and width, as many as fit.

    Pixels that are left over at the right and lower edge are in no window.

    Args:
        owner: name of the operation, for messages.
        image: height and width.
        size, stride, pad: a number, or (down, across).

    Raises:
        RangeError: an invalid size, stride or pad.
        ShapeError: not a single window fits.

    Example:
        >>> grid("im2col", (28, 28), 5, 1, 0).places
        (24, 24)
    """
    size, stride = pair(owner, "size", size), pair(owner, "stride", stride)
    pad = pair(owner, "pad", pad, least=0)
    height, width = image
    down, across = (
        (n + 2 * p - k) // s + 1 for n, p, k, s in zip(image, pad, size, stride, strict=True)
    )
    if down < 1 or across < 1:
        padded = f" with a pad of {pad}" if any(pad) else ""
        raise ShapeError(
            f"{owner}: windows of {size[0]}x{size[1]} do not fit into images of "
            f"{height}x{width}{padded}. Use smaller windows, or pad more."
        )
    return Grid((height, width), size, stride, pad, (down, across))


def padded(x: np.ndarray, pad: tuple[int, int], value: float = 0.0) -> np.ndarray:
    """Images x (..., height, width) with ``pad`` rows and columns more at each edge."""
    if not any(pad):
        return x
    edges = [(0, 0)] * (x.ndim - 2) + [(p, p) for p in pad]
    return np.pad(x, edges, constant_values=value)


@differentiable
def windows(x, *, size, stride=1, pad=0):
    """The windows of images, entry by entry: its adjoint is ``from_windows``.

    Args:
        x: shape (..., height, width).
        size, stride, pad: a number, or (down, across).

    Returns:
        Shape (..., *size, rows, columns): the last two axes say which window, the two before which
        of its entries.

    Raises:
        ShapeError, RangeError: as ``grid``; or x has fewer than two axes.

    Example:
        >>> windows(np.arange(9.0).reshape(3, 3), size=2)[0, 0]  # the upper left of each window
        array([[0., 1.],
               [3., 4.]])
    """
    x = float_operand("windows", "x", x)
    if len(x.shape) < 2:
        raise ShapeError(f"windows expects x of shape (..., height, width); got {x.shape}.")
    at = grid("windows", x.shape[-2:], size, stride, pad)
    pullback = (lambda dy: from_windows(dy, image=at.image, stride=at.stride, pad=at.pad),)
    if is_traced(x):
        return windows(x, size=at.size, stride=at.stride, pad=at.pad), pullback
    view = np.lib.stride_tricks.sliding_window_view(padded(x, at.pad), at.size, axis=(-2, -1))
    down, across = at.stride
    view = view[..., ::down, ::across, :, :]
    return np.ascontiguousarray(np.moveaxis(view, (-2, -1), (-4, -3))), pullback


@differentiable
def from_windows(y, *, image, stride=1, pad=0):
    """Images with every entry of the windows added where it came from: the adjoint of ``windows``.

    Args:
        y: shape (..., *size, rows, columns), as from ``windows``.
        image: height and width of the images.
        stride, pad: as for ``windows``.

    Raises:
        ShapeError: y does not have the shape that ``windows`` returns for such images.

    Example:
        >>> from_windows(np.ones((2, 2, 2, 2)), image=(3, 3))  # how many windows hold each pixel
        array([[1., 2., 1.],
               [2., 4., 2.],
               [1., 2., 1.]])
    """
    y = float_operand("from_windows", "y", y)
    if len(y.shape) < 4:
        raise ShapeError(
            f"from_windows expects y of shape (..., *size, rows, columns); got {y.shape}."
        )
    at = grid("from_windows", image, tuple(y.shape[-4:-2]), stride, pad)
    if at.places != tuple(y.shape[-2:]):
        raise ShapeError(
            f"from_windows: images of {at.image} have {at.places} windows; got y of shape "
            f"{y.shape}."
        )
    pullback = (lambda dy: windows(dy, size=at.size, stride=at.stride, pad=at.pad),)
    if is_traced(y):
        return from_windows(y, image=at.image, stride=at.stride, pad=at.pad), pullback
    whole_images = [n + 2 * p for n, p in zip(at.image, at.pad, strict=True)]
    x = np.zeros((*y.shape[:-4], *whole_images), y.dtype)
    for row in range(at.size[0]):
        for column in range(at.size[1]):
            x[at.slices(row, column)] += y[..., row, column, :, :]
    return np.ascontiguousarray(x[at.inside]), pullback


@differentiable
def im2col(x, *, size, stride=1, pad=0):
    """The book's ``im2col``: one row for each window, with its entries channel by channel.

    With the windows as rows, a convolution is one matrix product. Pixels lie in several windows
    and are repeated, which is the price. The adjoint, ``col2im``, adds them up again.

    Args:
        x: images, shape (batch, channels, height, width); or without ``batch`` for one.
        size: height and width of a window; one number for a square.
        stride: steps from window to window; a number or (down, across).
        pad: rows and columns of zeros at each edge; a number or (down, across).

    Returns:
        Shape (batch * rows * columns, channels * height * width of a window).

    Raises:
        ShapeError: x has another number of axes, or no window fits.
        RangeError: an invalid size, stride or pad.

    Example:
        >>> im2col(np.arange(9.0).reshape(1, 1, 3, 3), size=2)
        array([[0., 1., 3., 4.],
               [1., 2., 4., 5.],
               [3., 4., 6., 7.],
               [4., 5., 7., 8.]])
    """
    x = float_operand("im2col", "x", x)
    images("im2col", x)
    at, shape = grid("im2col", x.shape[-2:], size, stride, pad), x.shape
    y = windows(x, size=at.size, stride=at.stride, pad=at.pad)
    y = np.reshape(y, (math.prod(shape[:-3]), shape[-3], *at.size, *at.places))
    y = np.transpose(y, (0, 4, 5, 1, 2, 3))
    y = np.reshape(y, (len(y) * math.prod(at.places), shape[-3] * math.prod(at.size)))
    return y, (lambda dy: col2im(dy, shape=shape, size=at.size, stride=at.stride, pad=at.pad),)


@differentiable
def col2im(columns, *, shape, size, stride=1, pad=0):
    """The book's ``col2im``: the rows of ``im2col`` added up where their entries came from.

    This is the adjoint of ``im2col``, not its inverse: a pixel in four windows is added four times.

    Args:
        columns: shape (batch * rows * columns, channels * height * width of a window).
        shape: of the images, (batch, channels, height, width), or (channels, height, width).
        size, stride, pad: as for ``im2col``.

    Raises:
        ShapeError: ``columns`` is not what ``im2col`` returns for images of this shape.
        RangeError: an invalid size, stride or pad.

    Example:
        >>> col2im(np.ones((4, 4)), shape=(1, 1, 3, 3), size=2)
        array([[[[1., 2., 1.],
                 [2., 4., 2.],
                 [1., 2., 1.]]]])
    """
    columns = float_operand("col2im", "columns", columns)
    shape = tuple(whole("col2im", "a length in shape", n, least=0) for n in shape)
    if len(shape) not in (3, 4):
        raise ShapeError(
            f"col2im expects shape as (batch, channels, height, width) or without batch; got "
            f"{shape}."
        )
    at = grid("col2im", shape[-2:], size, stride, pad)
    batch, channels = math.prod(shape[:-3]), shape[-3]
    expected = (batch * math.prod(at.places), channels * math.prod(at.size))
    if tuple(columns.shape) != expected:
        raise ShapeError(
            f"col2im expects columns of shape {expected} for images of shape {shape} and windows "
            f"of {at.size[0]}x{at.size[1]}; got {columns.shape}."
        )
    y = np.reshape(columns, (batch, *at.places, channels, *at.size))
    y = np.transpose(y, (0, 3, 4, 5, 1, 2))
    x = from_windows(y, image=at.image, stride=at.stride, pad=at.pad)
    return np.reshape(x, shape), (
        lambda dy: im2col(dy, size=at.size, stride=at.stride, pad=at.pad),
    )


def images(owner: str, x: Any) -> None:
    """Refuse x unless its shape is (batch, channels, height, width) or (channels, height, width).

    Raises:
        ShapeError: with the remedy for flat rows.
    """
    if len(x.shape) in (3, 4):
        return
    remedy = ""
    if len(x.shape) in (1, 2):
        remedy = (
            " Give images their shape back: x.reshape(-1, 1, 28, 28), load_mnist(flatten=False), "
            "or a net that begins with mb.Reshape((1, 28, 28))."
        )
    raise ShapeError(
        f"{owner} expects x of shape (batch, channels, height, width), or (channels, height, "
        f"width) for one image; got {x.shape}.{remedy}"
    )
