"""Strokes of a pad as ink, and ink as a digit in MNIST's form."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from mitbadak.data.images.placing import digit_of_ink

PAD = 280.0  # units of the pad's side, whatever its size on a screen
SIDE = 140  # pixels of the picture that strokes are drawn into
START, ON = 0.0, 1.0  # the third number of a point: a stroke begins here, or goes on


def drawn(points: Sequence[Sequence[float]], pen: float) -> np.ndarray:
    """Strokes as a picture, light on black.

    Args:
        points: x and y from 0 to 280, and whether the stroke goes on from the point before.
        pen: width of the pen, in the same units.

    Returns:
        Shape (140, 140), from 0 to 255.

    Example:
        >>> ink = drawn([[140, 40, START], [140, 240, ON]], 24)
        >>> int(ink[70, 70]), int(ink[70, 10])
        (255, 0)
    """
    picture = Image.new("L", (SIDE, SIDE))
    draw = ImageDraw.Draw(picture)
    scale, width = SIDE / PAD, max(1, round(pen * SIDE / PAD))
    before: tuple[float, float] | None = None
    for x, y, goes_on in points:
        at = (min(PAD, max(0.0, x)) * scale, min(PAD, max(0.0, y)) * scale)
        if before is not None and goes_on == ON:
            draw.line([before, at], fill=255, width=width)
        r = width / 2
        draw.ellipse([at[0] - r, at[1] - r, at[0] + r, at[1] + r], fill=255)
        before = at
    return np.asarray(picture, np.float64)


def digit_of(points: Sequence[Sequence[float]], pen: float) -> np.ndarray | None:
    """What is drawn, cut out, scaled and centered as MNIST's digits are; None without ink.

    Returns:
        Shape (28, 28), from 0 to 255.
    """
    ink = drawn(points, pen)
    return digit_of_ink(ink) if ink.any() else None
