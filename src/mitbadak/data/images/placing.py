"""Ink of one digit brought into MNIST's form: scaled into a box, and its center in the middle."""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak.core.errors import FormatError
from mitbadak.core.typing import Array, Float, Float64
from mitbadak.data.images.paper import PEAK
from mitbadak.data.images.scaling import dilated, resized

BOX = 20 / 28  # share of the side that a digit fills in MNIST's images
THIN = 0.07  # of the box; MNIST's strokes are about twice as wide
NO_INK = "no ink found; the picture looks like empty paper."


def mnist_box(shape: tuple[int, int]) -> int:
    """The pixels of a digit's longer side in an image of this shape: 20 of 28, as in MNIST."""
    return max(1, round(BOX * min(shape)))


def digit_of_ink(ink: Any, shape: tuple[int, int] = (28, 28)) -> Float[Array, "height width"]:
    """Ink that is known exactly, such as that of a drawing pad, as one digit in MNIST's form.

    Args:
        ink: shape (h, w), 0 where there is none.
        shape: shape of the result, (height, width).

    Returns:
        Pixels from 0 to 255, float32, shape ``shape``.

    Raises:
        FormatError: there is no ink.

    Example:
        >>> ink = np.zeros((60, 90))
        >>> ink[10:40, 70:76] = 255.0
        >>> float(digit_of_ink(ink)[14, 14])
        255.0
    """
    mask = np.asarray(ink) > 0
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        raise FormatError(NO_INK)
    cut = np.asarray(ink, float)[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return placed(widened(cut), shape, mnist_box(shape), "mass")


def widened(ink: Float64[Array, "h w"]) -> Float64[Array, "rows columns"]:
    """Hair-thin strokes, like those of a mouse on a large canvas, widened to those of a pen.

    Scaled down, they would become fainter than anything a net was trained on. The width of a
    stroke is about twice its area divided by its outline.
    """
    mask = np.pad(ink > 0, 1)
    width, side = 2 * float(mask.sum()) / outline(mask), max(ink.shape)
    grow = round((1.5 * THIN * side - width) / 2)
    if width >= THIN * side or grow < 1:
        return ink
    return dilated(np.pad(ink, grow), 2 * grow + 1)


def outline(mask: np.ndarray) -> int:
    """How many edges of pixels lie between the mask and the rest; it must not touch the border."""
    return sum(int(np.sum(mask != np.roll(mask, 1, axis))) for axis in (0, 1))


def placed(
    ink: Float64[Array, "h w"], shape: tuple[int, int], box: int, center: str
) -> Float[Array, "height width"]:
    """The ink scaled into the box, and centered on an empty picture."""
    height, width = shape
    sides = [max(1, round(side * box / max(ink.shape))) for side in ink.shape]
    small = np.clip(resized(ink, (min(sides[0], height), min(sides[1], width))), 0, None)
    return _centered(small * (PEAK / small.max()), shape, center).astype(np.float32)


def _centered(
    ink: Float64[Array, "h w"], shape: tuple[int, int], center: str
) -> Float64[Array, "height width"]:
    """The ink on an empty picture, with its center in the middle if there is room.

    By mass, the middle is pixel 14 of 0..27, not 13.5. This is where MNIST's own images have it, on
    average to a hundredth of a pixel; half a pixel off costs a simple net two points of accuracy.
    """
    field = np.zeros(shape)
    middle = _center_of_mass(ink) if center == "mass" else tuple(side / 2 for side in ink.shape)
    top, left = (
        int(np.clip(round(side / 2 - at), 0, side - own))
        for side, at, own in zip(shape, middle, ink.shape, strict=True)
    )
    field[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return field


def _center_of_mass(ink: np.ndarray) -> tuple[float, float]:
    rows, columns = ink.sum(axis=1), ink.sum(axis=0)
    return tuple(float(line @ np.arange(len(line)) / line.sum()) for line in (rows, columns))  # type: ignore[return-value]
