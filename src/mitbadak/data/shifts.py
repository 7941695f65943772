"""Data augmentation: images shifted by whole pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from mitbadak.core.arguments import explained
from mitbadak.core.errors import DtypeError, RangeError, ShapeError, brief, whole
from mitbadak.core.randomness import generator
from mitbadak.core.typing import Array, Seed, Shaped


@explained
def shifted(images: Any, dy: Any, dx: Any) -> Shaped[Array, "*images"]:
    """Images shifted down by ``dy`` and right by ``dx`` pixels, filled up with 0.

    ``y[i, j] = x[i - dy, j - dx]``, and 0 where that lies outside. The adjoint is the shift back by
    ``-dy, -dx``: ``<shifted(a, dy, dx), b> = <a, shifted(b, -dy, -dx)>``.

    Args:
        images: shape (..., height, width); not changed.
        dy, dx: integers, negative for up and left; or one per image, shape (n,), for images of
            shape (n, height, width).

    Returns:
        A new array of the same shape and dtype.

    Raises:
        ShapeError: the images have no height and width, or the shifts do not match them.
        DtypeError: the shifts are not integers.

    Example:
        >>> shifted(np.array([[1, 2], [3, 4]]), 1, 0)
        array([[0, 0],
               [1, 2]])
    """
    images, dy, dx = np.asarray(images), np.asarray(dy), np.asarray(dx)
    if images.ndim < 2:
        raise ShapeError(
            f"shifted expects images of shape (..., height, width); got {images.shape}."
        )
    if dy.dtype.kind not in "iu" or dx.dtype.kind not in "iu":
        raise DtypeError(f"shifted expects integers for dy and dx; got {dy.dtype} and {dx.dtype}.")
    height, width = images.shape[-2:]
    stack = images.reshape(math.prod(images.shape[:-2]), height, width)
    one_each = images.ndim == 3
    if not {dy.shape, dx.shape} <= ({(), images.shape[:1]} if one_each else {()}):
        raise ShapeError(
            f"shifted expects dy and dx as numbers, or one per image of (n, height, width); got "
            f"dy {dy.shape} and dx {dx.shape} for images of shape {images.shape}."
        )
    # Clipped, since an image shifted by its full height or width is gone anyway.
    dy = np.clip(dy.astype(np.int64), -height, height)
    dx = np.clip(dx.astype(np.int64), -width, width)
    up, left = (int(np.abs(d).max(initial=0)) for d in (dy, dx))
    framed = np.pad(stack, ((0, 0), (up, up), (left, left)))
    if 0 in stack.shape:
        return images.copy()
    windows = np.lib.stride_tricks.sliding_window_view(framed, (height, width), axis=(1, 2))  # type: ignore[call-overload]
    return windows[np.arange(len(stack)), up - dy, left - dx].reshape(images.shape)


@explained
@dataclass(frozen=True)
class RandomShift:
    """Shift each image of a batch by up to ``most`` pixels in each direction, uniformly.

    A net that sees a digit in a slightly different place in every epoch learns the digit rather
    than its place (Simard, Steinkraus and Platt 2003 name shifts as the simplest such distortion).

    Args:
        shape: shape of an image, (height, width).
        most: largest shift in pixels, at least 1, and less than height and width.

    Raises:
        RangeError: the shape or the largest shift is not valid.

    Example:
        >>> x = np.eye(3)[None].reshape(1, 9)
        >>> RandomShift((3, 3), most=1)(x, np.random.default_rng(0)).reshape(3, 3)
        array([[0., 0., 0.],
               [1., 0., 0.],
               [0., 1., 0.]])
    """

    shape: tuple[int, ...] = (28, 28)
    most: int = 2

    def __post_init__(self) -> None:
        sides = tuple(self.shape)
        if len(sides) != 2:
            raise RangeError(f"RandomShift: shape must be (height, width); got {self.shape!r}.")
        height, width = (whole("RandomShift", "a side of shape", side) for side in sides)
        most = whole("RandomShift", "most", self.most)
        if most >= min(height, width):
            raise RangeError(
                f"RandomShift: most must be less than the sides of {(height, width)}, or an image "
                f"could vanish; got {brief(most)}."
            )
        object.__setattr__(self, "shape", (height, width))
        object.__setattr__(self, "most", most)

    def __call__(self, x: Any, rng: Seed) -> Shaped[Array, "batch ..."]:
        """The batch with each image shifted independently.

        Args:
            x: shape (batch, height * width) or (batch, height, width); not changed.
            rng: a generator (or a seed, which shifts every batch alike).

        Returns:
            A new array of the same shape and dtype.

        Raises:
            ShapeError: the examples have another size.
        """
        x = np.asarray(x)
        if x.ndim < 2 or math.prod(x.shape[1:]) != math.prod(self.shape):
            raise ShapeError(
                f"RandomShift expects x of shape (batch, {math.prod(self.shape)}), images of "
                f"shape {self.shape}; got {x.shape}."
            )
        dy, dx = self.draw(len(x), generator(rng))
        return shifted(x.reshape(len(x), *self.shape), dy, dx).reshape(x.shape)

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """How far each of n images is shifted, down and right: shape (2, n)."""
        return rng.integers(-self.most, self.most, (2, n), endpoint=True)

    def places(self) -> np.ndarray:
        """Where each shift moves each pixel: (shifts, pixels), by dy and then dx.

        The number of pixels means "outside".
        """
        (height, width), most = self.shape, self.most
        offsets = np.arange(-most, most + 1)[:, None]
        i, j = offsets + np.arange(height), offsets + np.arange(width)  # (shifts, sides)
        row_is_in, column_is_in = (i >= 0) & (i < height), (j >= 0) & (j < width)
        outside = height * width
        row_starts = np.where(row_is_in, i * width, outside).astype(np.min_scalar_type(2 * outside))
        places = row_starts[:, None, :, None] + j.astype(row_starts.dtype)[None, :, None, :]
        places[~(row_is_in[:, None, :, None] & column_is_in[None, :, None, :])] = outside
        return places.reshape(-1, outside)


def generator_of(noise_seed: int, step: int) -> np.random.Generator:
    """The generator for the augmentation of a step, another one than for the layers' noise."""
    return np.random.default_rng((noise_seed, step, 1))
