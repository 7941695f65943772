"""Pictures scaled with antialiasing, and the largest or smallest pixel of a window."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mitbadak.core.typing import Array, Float64


def resized(
    gray: np.ndarray, shape: tuple[int, int], *, box: bool = False
) -> Float64[Array, "height width"]:
    """The picture scaled with antialiasing: each new pixel averages the old ones it covers.

    Args:
        gray: shape (h, w), bytes or numbers.
        shape: shape of the result, (height, width).
        box: plain averages, which never leave the range of the pixels; otherwise bicubic.
    """
    from PIL import Image

    way = Image.Resampling.BOX if box else Image.Resampling.BICUBIC
    image = Image.fromarray(gray if gray.dtype == np.uint8 else gray.astype(np.float32))
    return np.asarray(image.resize((shape[1], shape[0]), way), np.float64)


def reduced(gray: np.ndarray, longest: int) -> Float64[Array, "rows columns"]:
    """The picture averaged down until its longer side has at most ``longest`` pixels."""
    scale = longest / max(gray.shape)
    if scale >= 1:
        return gray.astype(np.float64)
    sides = [max(1, round(side * scale)) for side in gray.shape]
    return resized(gray, (sides[0], sides[1]), box=True)


def dilated(gray: np.ndarray, size: int) -> np.ndarray:
    """The largest pixel of the window of ``size`` x ``size`` around each; outside counts nothing.

    Example:
        >>> dilated(np.array([[0, 0, 0, 9]]), 3)
        array([[0, 0, 9, 9]])
    """
    return _over_windows(gray, size, np.maximum)


def eroded(gray: np.ndarray, size: int) -> np.ndarray:
    """The smallest pixel of the window of ``size`` x ``size`` around each.

    Example:
        >>> eroded(np.array([[5, 5, 0, 5, 5]]), 3)
        array([[5, 0, 0, 0, 5]])
    """
    return _over_windows(gray, size, np.minimum)


def _over_windows(gray: np.ndarray, size: int, pick: Callable[..., np.ndarray]) -> np.ndarray:
    """Windows of 2, 4, 8, ... pixels, each made of two of the ones before: log2(size) passes."""
    for axis in (0, 1):
        before = (size - 1) // 2
        widths = [(0, 0), (0, 0)]
        widths[axis] = (min(before, gray.shape[axis]), min(size - 1 - before, gray.shape[axis]))
        lines = np.moveaxis(np.pad(gray, widths, "edge"), axis, 0)
        reach, n = sum(widths[axis]) + 1, 1
        while 2 * n <= reach:
            lines, n = pick(lines[:-n], lines[n:]), 2 * n
        lines = pick(lines[: len(lines) - (reach - n)], lines[reach - n :])
        gray = np.moveaxis(lines, 0, axis)
    return gray
