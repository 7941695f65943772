"""Images moved by whole pixels: more examples from the same drawings."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mitbadak.core.errors import DtypeError, RangeError, ShapeError, brief, whole
from mitbadak.core.typing import Array, Seed, Shaped


def shifted(images, dy, dx) -> Shaped[Array, "*images"]:
    """Images moved down by ``dy`` and right by ``dx`` pixels; what comes in is 0.

    ``y[i, j] = x[i - dy, j - dx]``, and 0 where that lies outside. Moving back by ``-dy, -dx`` is
    its adjoint: ``<shifted(a, dy, dx), b> = <a, shifted(b, -dy, -dx)>``.

    Args:
        images: shape (..., height, width); not changed.
        dy, dx: whole numbers, negative for up and left; or one for each image, shape (n,), with
            images of shape (n, height, width).

    Returns:
        A new array of the same shape and dtype.

    Raises:
        ShapeError: images without height and width, or shifts that do not belong to them.
        DtypeError: shifts that are not whole numbers.

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
        raise DtypeError(
            f"shifted expects whole numbers for dy and dx; got {dy.dtype} and {dx.dtype}."
        )
    height, width = images.shape[-2:]
    stack = images.reshape(math.prod(images.shape[:-2]), height, width)
    one_each = images.ndim == 3
    if not {dy.shape, dx.shape} <= ({(), images.shape[:1]} if one_each else {()}):
        raise ShapeError(
            f"shifted expects dy and dx as numbers, or one for each of (n, height, width); got "
            f"dy {dy.shape} and dx {dx.shape} for images of shape {images.shape}."
        )
    # Clipped: an image that is moved by its height has left, however far it goes on.
    dy = np.clip(dy.astype(np.int64), -height, height)
    dx = np.clip(dx.astype(np.int64), -width, width)
    up, left = (int(np.abs(d).max(initial=0)) for d in (dy, dx))
    framed = np.pad(stack, ((0, 0), (up, up), (left, left)))
    if 0 in stack.shape:
        return images.copy()
    windows = np.lib.stride_tricks.sliding_window_view(framed, (height, width), axis=(1, 2))  # type: ignore[call-overload]
    return windows[np.arange(len(stack)), up - dy, left - dx].reshape(images.shape)


@dataclass(frozen=True)
class RandomShift:
    """Moves each image of a batch by up to ``most`` pixels, each way as likely.

    A net that sees every digit in a slightly different place in every epoch learns the digit
    rather than the place (Simard, Steinkraus and Platt 2003 name shifts as the simplest of such
    distortions).

    Args:
        shape: of an image, (height, width).
        most: pixels, at least 1, and less than height and width.

    Raises:
        RangeError: sides or shifts that make no sense.

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
                f"RandomShift: most must be less than the sides of {height} x {width}, or images "
                f"leave altogether; got {brief(most)}."
            )
        object.__setattr__(self, "shape", (height, width))
        object.__setattr__(self, "most", most)

    def __call__(self, x, rng: Seed) -> Shaped[Array, "batch ..."]:
        """A batch with each image moved by an amount of its own.

        Args:
            x: shape (batch, height * width), or with the images' shape; not changed.
            rng: a generator (or a seed, which moves every batch alike).

        Returns:
            A new array of the same shape and dtype.

        Raises:
            ShapeError: examples of another size.
        """
        x = np.asarray(x)
        if x.ndim < 2 or math.prod(x.shape[1:]) != math.prod(self.shape):
            raise ShapeError(
                f"RandomShift expects x of shape (batch, {math.prod(self.shape)}), images of "
                f"{self.shape[0]} x {self.shape[1]}; got {x.shape}."
            )
        rng = np.random.default_rng(rng)
        dy, dx = rng.integers(-self.most, self.most, (2, len(x)), endpoint=True)
        return shifted(x.reshape(len(x), *self.shape), dy, dx).reshape(x.shape)
