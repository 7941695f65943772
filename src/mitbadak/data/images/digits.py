"""Pictures of handwritten digits, of any size, prepared the way MNIST's images were prepared."""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak.core.errors import FormatError, ShapeError
from mitbadak.core.typing import Array, Float, Float64
from mitbadak.core.warned import warn
from mitbadak.data.images.blocks import without_blocks
from mitbadak.data.images.paper import PEAK, difference
from mitbadak.data.images.parts import (
    Part,
    connected_parts,
    digits_of,
    looks_like_several,
    parts_of,
)
from mitbadak.data.images.placing import NO_INK, mnist_box, outline, placed, widened
from mitbadak.data.images.rules import without_frames, without_lines
from mitbadak.data.images.scaling import reduced, resized

WORKING_SIDE = 280  # of one digit; larger pictures are averaged down: less noise, less work
FAINT = 0.25  # of the tone of the strokes; anything fainter is paper, or blur in a small picture
BROKEN = 0.6  # of "faint": a line is still whole there whose darker pieces alone count as ink
NOISE_SIGMAS = 6.0  # contrast that ink needs; by chance none of 280 x 280 noisy pixels has it
LEAST_CONTRAST = 12.0  # of 255; fainter strokes cannot be told from dirty paper
OFF_CENTER = 0.75  # pixels
MOST_LENGTH = (
    7.0  # of strokes, over the longer side of a digit; of 1,000 digits none has more than 4
)
MOST_DIGITS = 100  # in one picture; more is a page of text


def as_digit(image: Any, shape: tuple[int, int] = (28, 28)) -> Float[Array, "height width"]:
    """A picture of one digit in MNIST's form: light on dark, scaled into a box, and centered.

    See ``digits_in``.

    Args:
        image: gray, shape (h, w), 0 black to 255 white.
        shape: shape of the result, (height, width).

    Returns:
        Pixels from 0 to 255, float32, shape ``shape``.

    Raises:
        FormatError: there is no ink in the picture, or more than one digit.
        ShapeError: it is not a single gray picture.

    Warns:
        MitbadakWarning: the picture may have been read wrongly; it says why.

    Example:
        >>> paper = np.full((60, 90), 240, np.uint8)
        >>> paper[10:40, 70:74] = 30  # a one, far from the middle
        >>> digit = as_digit(paper)
        >>> rows, columns = np.nonzero(digit > 127)
        >>> int(rows.min()), int(rows.max()), int(columns.min()), int(columns.max())
        (4, 23, 13, 15)
    """
    digits = digits_in(image, shape)
    if len(digits) > 1:
        raise FormatError(
            f"the picture holds {len(digits)} digits; one was expected. Use digits_in for all of "
            "them, or cut one out."
        )
    return digits[0]


def digits_in(image: Any, shape: tuple[int, int] = (28, 28)) -> Float[Array, "digits height width"]:
    """Each digit of a picture in MNIST's form, row by row and from left to right.

    1. The tone of the paper is subtracted, also under a shadow (``paper.difference``); the sign of
       the strong differences that remain decides between dark on light and light on dark.
    2. Ink is separated by Otsu's threshold (N. Otsu, "A threshold selection method from
       gray-level histograms", IEEE Trans. SMC 9, 1979), together with the fainter edges that touch
       it. Frames, ruled lines (``rules``) and specks are removed, and hair-thin strokes widened.
    3. The connected parts of the ink are put together to digits (``parts.digits_of``). Each is cut
       out, its longer side is scaled to 20 of 28 pixels with antialiasing, and its center of mass
       is moved to the middle, as LeCun, Cortes and Burges describe it ("The MNIST database of
       handwritten digits", yann.lecun.com/exdb/mnist).

    A picture of ``shape`` that already has this form, such as MNIST's own, is returned unchanged.

    Args:
        image: gray, shape (h, w), 0 black to 255 white.
        shape: shape of each result, (height, width).

    Returns:
        Pixels from 0 to 255, float32.

    Raises:
        FormatError: there is no ink in the picture, or a page full of it.
        ShapeError: it is not a single gray picture.

    Warns:
        MitbadakWarning: the picture may have been read wrongly; it says why.

    Example:
        >>> paper = np.full((60, 90), 240, np.uint8)
        >>> paper[10:40, 20:24] = paper[10:40, 70:74] = 30  # eleven
        >>> digits_in(paper).shape
        (2, 28, 28)
    """
    digits, doubts = read_digits(image, shape)
    for doubt in doubts:
        warn(f"the picture may be read wrongly: {doubt}.")
    return digits


def read_digits(
    image: Any, shape: tuple[int, int], *, box: int | None = None, center: str = "mass"
) -> tuple[Float[Array, "digits height width"], list[str]]:
    """As ``digits_in``, with its doubts as clauses instead of warnings.

    Args:
        image, shape: as for ``digits_in``.
        box: pixels of the longer side of each digit; by default 20 of 28.
        center: what comes into the middle, the center of ``mass`` or the ``box``.
    """
    gray = one_picture("digits_in", image)
    box = mnist_box(shape) if box is None else box
    if gray.shape == tuple(shape) and has_form(gray[None], box, center)[0]:
        return gray.astype(np.float32)[None], []
    inks, doubts = _inks(_smaller(gray))
    return np.stack([placed(widened(ink), shape, box, center) for ink in inks]), doubts


def as_picture(image: Any, shape: tuple[int, int]) -> Float[Array, "height width *channels"]:
    """A picture scaled to ``shape`` with antialiasing, and otherwise unchanged.

    Args:
        image: gray, shape (h, w), 0 black to 255 white; or in color, shape (h, w, 3).
        shape: shape of the result, (height, width).

    Returns:
        Pixels from 0 to 255, float32; with three numbers each if the picture is in color.

    Raises:
        ShapeError: it is not a single picture.

    Example:
        >>> as_picture(np.array([[0, 0, 200, 200], [0, 0, 200, 200]]), (1, 2))
        array([[  0., 200.]], dtype=float32)
    """
    if np.ndim(image) == 3 and np.shape(image)[2] == 3:
        channels = np.moveaxis(np.asarray(image), -1, 0)
        return np.stack([as_picture(channel, shape) for channel in channels], axis=-1)
    gray = one_picture("as_picture", image)
    if gray.shape != tuple(shape):
        gray = np.clip(resized(gray, shape, box=True), 0, PEAK)
    return gray.astype(np.float32)


def otsu_threshold(counts: Any) -> int:
    """Otsu's threshold: the bin that splits a histogram with the largest between-class variance.

    The variance between the bins up to k and those after it is
    ``(m w_k - m_k)^2 / (w_k (1 - w_k))``, with ``w_k`` the share and ``m_k`` the cumulative mean
    up to k, and m the mean of all (Otsu 1979, equation 18). If several adjacent bins are equally
    good, because of a gap between the two parts, the middle one is taken.

    Args:
        counts: counts of the bins, shape (bins,).

    Returns:
        The last bin of the lower part.

    Example:
        >>> otsu_threshold([5, 9, 4, 0, 0, 3, 6, 2])
        3
    """
    share = np.asarray(counts, np.float64) / max(float(np.sum(counts)), 1.0)
    w, m = np.cumsum(share), np.cumsum(share * np.arange(len(share)))
    parted = w * (1 - w)
    between = np.divide(
        (m[-1] * w - m) ** 2, parted, out=np.zeros_like(w), where=parted > np.finfo(float).eps
    )
    best = np.flatnonzero(between >= between.max() * (1 - 1e-9))
    return int(best[(len(best) - 1) // 2])


def one_picture(name: str, image: Any) -> np.ndarray:
    """``image`` as an array, refused unless it is one gray picture."""
    gray = np.asarray(image)
    if gray.ndim != 2 or 0 in gray.shape or gray.dtype.kind not in "buif":
        raise ShapeError(
            f"{name} expects one gray picture of shape (height, width); got {gray.dtype} of shape "
            f"{gray.shape}."
        )
    return gray  # bytes stay bytes until it is small: a camera's picture has millions


def has_form(images: np.ndarray, box: int, center: str) -> np.ndarray:
    """Which images show ink on black, as long as the box, and with its center in the middle.

    The longer side of every MNIST digit has 20 pixels, and centering by whole pixels leaves up to
    half a pixel of error. Where that would move ink out of the image, it was cut off there (16 of
    the 70,000).

    Args:
        images: shape (n, height, width), numbers from 0.
        box: pixels of the longer side.
        center: ``mass`` or ``box``.

    Returns:
        Shape (n,), bool.
    """
    longest, cut, offsets = measured(images)
    fits = (longest == box) | (cut & (longest == box - 1))
    if center == "box":
        fits |= np.abs(longest - box) <= 1
    return fits & (offsets[center] <= OFF_CENTER)


def measured(images: np.ndarray) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Sizes and places of ink on black.

    Args:
        images: shape (n, height, width), numbers from 0.

    Returns:
        For each image the longer side of its ink in pixels, 0 without ink; whether the ink touches
        the border; and how far its center of ``mass``, and its ``box``, are off the middle, in
        pixels, infinite without ink.
    """
    longest, cut = np.zeros(len(images), np.intp), np.zeros(len(images), bool)
    masses, boxes = np.zeros(len(images)), np.zeros(len(images))
    empty = ~images.any(axis=(1, 2))
    for axis, side in ((2, images.shape[1]), (1, images.shape[2])):
        lines = images.sum(axis=axis, dtype=np.float64)
        filled = lines > 0
        first, last = filled.argmax(axis=1), side - filled[:, ::-1].argmax(axis=1)
        longest = np.maximum(longest, last - first)
        cut |= (first == 0) | (last == side)
        center = lines @ np.arange(side) / np.maximum(lines.sum(axis=1), np.finfo(float).tiny)
        masses = np.maximum(masses, np.abs(center - side / 2))
        boxes = np.maximum(boxes, np.abs((first + last) / 2 - side / 2))
    for off in (masses, boxes):
        off[empty] = np.inf
    return np.where(empty, 0, longest), cut, {"mass": masses, "box": boxes}


def _smaller(gray: np.ndarray) -> Float64[Array, "rows columns"]:
    """The picture with as much detail as its digits need; in a strip, many lie side by side."""
    short, long = min(gray.shape), max(gray.shape)
    return reduced(gray, round(min(max(WORKING_SIDE * long / short, 1), 4 * WORKING_SIDE)))


def _inks(gray: Float64[Array, "h w"]) -> tuple[list[np.ndarray], list[str]]:
    """The ink of each digit, cropped to its box: 0 on paper, positive on ink. And the doubts."""
    rest, noise = difference(gray)
    ink = np.clip(rest, 0, None)
    peak = float(ink.max())
    if peak < max(LEAST_CONTRAST, NOISE_SIGMAS * noise):
        raise FormatError(NO_INK)
    counts, edges = np.histogram(ink, bins=256, range=(0, peak))
    strong = ink > edges[otsu_threshold(counts) + 1]
    # Strokes have one tone; its median, not the brightest speck, is the reference for "faint".
    tone = float(np.median(ink[strong]))
    faint = max(FAINT * tone, 3 * noise)
    weak, paler = ink > faint, ink > max(BROKEN * faint, 3 * noise)
    labels, digits, doubts = _digits(weak, np.where(strong & weak, ink, 0), paler)
    inks = []
    for digit in digits:
        box = slice(digit.top, digit.bottom), slice(digit.left, digit.right)
        own = np.isin(labels[box], digit.names)
        if looks_like_several(own):
            doubts.append("its ink is wide, or narrow in the middle, as if several digits touched")
        if _length(own) > MOST_LENGTH:
            doubts.append("its ink is a tangle, as if of noise or of a photograph")
        above = np.minimum(ink[box], tone) - min(faint, tone) * 0.5
        inks.append(np.where(own, np.clip(above, 0, None), 0))
    return inks, doubts


def _digits(
    mask: np.ndarray, ink: np.ndarray, paler: np.ndarray
) -> tuple[np.ndarray, list[Part], list[str]]:
    """Labels of the pixels, the digits among them without frames and lines, and the doubts.

    A line about as faint as ink may be is in the mask in pieces, and whole in ``paler``, the mask
    that fainter pixels belong to as well. It is looked for in both.
    """
    doubts = []
    labels, parts = parts_of(mask, ink)
    parts, doubt = without_frames(parts, mask.shape)
    doubts += [doubt] * bool(doubt)
    mask = np.isin(labels, [name for part in parts for name in part.names])
    cleared = mask
    for seen in (mask, _touching(paler, mask)) if parts else ():
        left, doubt = without_lines(seen)
        if left is not seen and np.any(cleared & left):
            cleared = cleared & left
            doubts += [doubt] * (bool(doubt) and doubt not in doubts)
    if cleared is not mask:
        labels, parts = parts_of(cleared, ink)
        parts, doubt = without_frames(parts, mask.shape)
        doubts += [doubt] * bool(doubt)
    if not parts:
        raise FormatError(NO_INK)
    if len(parts) > MOST_DIGITS:
        raise FormatError(f"the picture has {len(parts)} strokes or more; cut single digits out.")
    parts, doubt = without_blocks(parts, labels)
    doubts += [doubt] * bool(doubt)
    digits, more = digits_of(parts)
    return labels, digits, doubts + more


def _touching(mask: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The connected parts of a mask that hold pixels of another."""
    labels = connected_parts(mask)
    return mask & np.isin(labels, np.unique(labels[other & mask]))


def _length(mask: np.ndarray) -> float:
    """The length of the strokes in a mask, as half of its outline, over its longer side."""
    return outline(np.pad(mask, 1)) / 2 / max(mask.shape)
