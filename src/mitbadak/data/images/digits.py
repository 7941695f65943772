"""Prepare a picture of a handwritten digit, of any size, the way MNIST's images were prepared."""

from __future__ import annotations

import numpy as np

from mitbadak.core.errors import FormatError, ShapeError
from mitbadak.core.typing import Array, Float, Float64

BOX = 20 / 28  # share of the side that a digit fills in MNIST's images
WORKING_SIDE = 280  # larger pictures are first averaged down to this: less noise, less work
PEAK = 255.0
FAINT = 0.25  # of the tone of the strokes; anything fainter is paper, or blur in a small picture
NOISE_SIGMAS = 6.0  # contrast that ink needs; by chance none of 280 x 280 noisy pixels has it
LEAST_CONTRAST = 12.0  # of 255; fainter strokes cannot be told from dirty paper
SPECK = 0.03  # of the ink in the largest stroke; smaller parts are dirt
MAD_TO_SIGMA = 1.4826  # sigma over median absolute deviation, for a normal distribution
THIN = 0.07  # of the box; MNIST's strokes are about twice as wide


def as_digit(image, shape: tuple[int, int] = (28, 28)) -> Float[Array, "height width"]:
    """A picture of one digit in MNIST's form: light on dark, scaled into a box, and centered.

    1. The tone of the paper, a plane fitted to the border, is subtracted. The sign of the strong
       differences that remain decides between dark on light and light on dark.
    2. Ink is separated by Otsu's threshold (N. Otsu, "A threshold selection method from
       gray-level histograms", IEEE Trans. SMC 9, 1979), together with the fainter edges that touch
       it. Small specks are removed, and hair-thin strokes are widened.
    3. The ink is cut out, its longer side is scaled to 20 of 28 pixels with antialiasing, and its
       center of mass is moved to the middle, as LeCun, Cortes and Burges describe it
       ("The MNIST database of handwritten digits", yann.lecun.com/exdb/mnist).

    A picture of ``shape`` that already has this form, such as MNIST's own, is returned unchanged.

    Args:
        image: gray, shape (h, w), 0 black to 255 white.
        shape: shape of the result, (height, width).

    Returns:
        Pixels from 0 to 255, float32, shape ``shape``.

    Raises:
        FormatError: there is no ink in the picture.
        ShapeError: it is not a single gray picture.

    Example:
        >>> paper = np.full((60, 90), 240, np.uint8)
        >>> paper[10:40, 70:74] = 30  # a one, far from the middle
        >>> digit = as_digit(paper)
        >>> rows, columns = np.nonzero(digit > 127)
        >>> int(rows.min()), int(rows.max()), int(columns.min()), int(columns.max())
        (4, 23, 13, 15)
    """
    gray = _one_picture("as_digit", image)
    if gray.shape == tuple(shape) and _is_ready(gray):
        return gray.astype(np.float32)
    ink = _ink(_smaller(gray))
    ink = _widened(ink)
    height, width = shape
    longest = BOX * min(height, width) / max(ink.shape)
    sides = [max(1, round(side * longest)) for side in ink.shape]
    small = np.clip(_resized(ink, (sides[0], sides[1])), 0, None)
    return _centered(small * (PEAK / small.max()), (height, width)).astype(np.float32)


def as_picture(image, shape: tuple[int, int]) -> Float[Array, "height width"]:
    """A gray picture scaled to ``shape`` with antialiasing, and otherwise unchanged.

    Args:
        image: gray, shape (h, w), 0 black to 255 white.
        shape: shape of the result, (height, width).

    Returns:
        Pixels from 0 to 255, float32.

    Raises:
        ShapeError: it is not a single gray picture.

    Example:
        >>> as_picture(np.array([[0, 0, 200, 200], [0, 0, 200, 200]]), (1, 2))
        array([[  0., 200.]], dtype=float32)
    """
    gray = _one_picture("as_picture", image)
    if gray.shape != tuple(shape):
        gray = np.clip(_resized(gray, shape, box=True), 0, PEAK)
    return gray.astype(np.float32)


def otsu_threshold(counts) -> int:
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


def _one_picture(name: str, image) -> np.ndarray:
    gray = np.asarray(image)
    if gray.ndim != 2 or 0 in gray.shape or gray.dtype.kind not in "buif":
        raise ShapeError(
            f"{name} expects one gray picture of shape (height, width); got {gray.dtype} of shape "
            f"{gray.shape}."
        )
    return gray  # bytes stay bytes until it is small: a camera's picture has millions


def _is_ready(gray: np.ndarray) -> bool:
    """Whether a picture already is a digit in the box on black, its center of mass in the middle.

    The longer side of every MNIST digit has 20 pixels, and centering by whole pixels leaves up to
    half a pixel of error.
    """
    if not gray.any():
        return False
    rows, columns = _box(gray > 0)
    height, width = gray.shape
    longest = max(rows.stop - rows.start, columns.stop - columns.start)
    off = np.subtract(_center_of_mass(gray), [height / 2, width / 2])
    return longest == round(BOX * min(height, width)) and bool(np.abs(off).max() <= 0.75)


def _smaller(gray: np.ndarray) -> Float64[Array, "rows columns"]:
    scale = WORKING_SIDE / max(gray.shape)
    if scale >= 1:
        return gray.astype(np.float64)
    sides = [max(1, round(side * scale)) for side in gray.shape]
    return _resized(gray, (sides[0], sides[1]), box=True)


def _ink(gray: Float64[Array, "height width"]) -> Float64[Array, "rows columns"]:
    """The ink alone, cropped to its bounding box: 0 on paper, positive on ink."""
    paper, noise = _paper(gray)
    rest = gray - paper
    ink = np.clip(rest if np.sum(rest**3) >= 0 else -rest, 0, None)
    peak = float(ink.max())
    if peak < max(LEAST_CONTRAST, NOISE_SIGMAS * noise):
        raise FormatError("no ink found; the picture looks like empty paper.")
    counts, edges = np.histogram(ink, bins=256, range=(0, peak))
    strong = ink > edges[otsu_threshold(counts) + 1]
    # Strokes have one tone; its median, not the brightest speck, is the reference for "faint".
    tone = float(np.median(ink[strong]))
    faint = max(FAINT * tone, 3 * noise)
    kept = _without_specks(strong & (ink > faint), ink > faint, ink)
    ink = np.where(kept, np.minimum(ink, tone) - min(faint, tone) * 0.5, 0)
    return np.clip(ink[_box(kept)], 0, None)


def _paper(gray: Float64[Array, "h w"]) -> tuple[Float64[Array, "h w"], float]:
    """The tone of the paper, a plane fitted to most of the border, and its noise (sigma)."""
    height, width = gray.shape
    down, right = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    ring = max(1, min(height, width) // 14)
    border = np.ones(gray.shape, bool)
    border[ring:-ring, ring:-ring] = min(height, width) <= 2 * ring
    terms = np.stack([np.ones_like(gray), down, right], axis=-1)
    near, tones = terms[border], gray[border]
    used = np.abs(tones - np.median(tones)) <= _reach(tones - np.median(tones), 4.0)
    plane = np.array([np.median(tones), 0.0, 0.0])
    for _ in range(5):  # a digit may touch the border, so pixels far from the plane are dropped
        if used.sum() < 8:
            break
        plane = np.linalg.lstsq(near[used], tones[used], rcond=None)[0]
        used = np.abs(tones - near @ plane) <= _reach(tones - near @ plane, 3.0)
    noise = MAD_TO_SIGMA * float(np.median(np.abs(tones - near @ plane)[used]))
    return terms @ plane, noise


def _reach(rest: Float64[Array, " n"], sigmas: float) -> float:
    return max(sigmas * MAD_TO_SIGMA * float(np.median(np.abs(rest))), 2.0)


def _without_specks(strong: np.ndarray, weak: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """The connected parts of ``weak`` that contain strong pixels and are not specks of dirt."""
    names = connected_parts(weak)
    count = int(names.max()) + 1
    mass = np.bincount(names[strong], ink[strong], count)
    mass[0] = 0
    return (mass >= SPECK * mass.max())[names] & weak & (mass > 0)[names]


def connected_parts(mask: np.ndarray) -> np.ndarray:
    """A label for each connected part of a mask, 0 outside; corners connect.

    Each run of a row is joined with the runs it touches in the row above (union-find over runs).

    Example:
        >>> connected_parts(np.array([[1, 0, 1], [0, 0, 1], [1, 0, 0]], bool))
        array([[1, 0, 2],
               [0, 0, 2],
               [3, 0, 0]])
    """
    parent = [0]

    def root(k: int) -> int:
        while parent[k] != k:
            parent[k] = k = parent[parent[k]]
        return k

    names = np.zeros(mask.shape, np.intp)
    above: list[tuple[int, int, int]] = []
    for row, line in enumerate(mask):
        steps = np.flatnonzero(np.diff(np.concatenate([[0], line.astype(np.int8), [0]])))
        here = []
        for start, stop in zip(steps[::2].tolist(), steps[1::2].tolist(), strict=True):
            touched = {root(k) for a, b, k in above if a <= stop and b >= start}
            if touched:
                k = min(touched)
                for other in touched:
                    parent[other] = k
            else:
                k = len(parent)
                parent.append(k)
            names[row, start:stop] = k
            here.append((start, stop, k))
        above = here
    roots = np.array([root(k) for k in range(len(parent))])
    return np.unique(roots, return_inverse=True)[1].reshape(-1)[names]


def _widened(ink: Float64[Array, "h w"]) -> Float64[Array, "rows columns"]:
    """Hair-thin strokes, like those of a mouse on a large canvas, widened to those of a pen.

    Scaled down, they would become fainter than anything a net was trained on. The width of a
    stroke is about twice its area divided by its outline.
    """
    from PIL import Image, ImageFilter

    mask = np.pad(ink > 0, 1)
    outline = sum(int(np.sum(mask != np.roll(mask, 1, axis))) for axis in (0, 1))
    width, side = 2 * float(mask.sum()) / outline, max(ink.shape)
    grow = round((1.5 * THIN * side - width) / 2)
    if width >= THIN * side or grow < 1:
        return ink
    padded = Image.fromarray(np.pad(ink, grow).astype(np.float32))
    eight_bit = padded.point(lambda v: v * (PEAK / float(ink.max()))).convert("L")
    return np.asarray(eight_bit.filter(ImageFilter.MaxFilter(2 * grow + 1)), np.float64)


def _centered(ink: Float64[Array, "h w"], shape: tuple[int, int]) -> Float64[Array, "height width"]:
    """The ink on an empty picture, with its center of mass in the middle if there is room.

    The middle is pixel 14 of 0..27, not 13.5. This is where MNIST's own images have it, on average
    to a hundredth of a pixel; half a pixel off costs a simple net two points of accuracy.
    """
    field = np.zeros(shape)
    corner = [
        int(np.clip(round(side / 2 - center), 0, side - own))
        for side, center, own in zip(shape, _center_of_mass(ink), ink.shape, strict=True)
    ]
    field[corner[0] : corner[0] + ink.shape[0], corner[1] : corner[1] + ink.shape[1]] = ink
    return field


def _center_of_mass(ink: np.ndarray) -> tuple[float, float]:
    rows, columns = ink.sum(axis=1), ink.sum(axis=0)
    return tuple(float(line @ np.arange(len(line)) / line.sum()) for line in (rows, columns))  # type: ignore[return-value]


def _box(mask: np.ndarray) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _resized(
    gray: np.ndarray, shape: tuple[int, int], *, box: bool = False
) -> Float64[Array, "height width"]:
    """The picture scaled with antialiasing: each new pixel averages the old ones it covers."""
    from PIL import Image

    way = Image.Resampling.BOX if box else Image.Resampling.BICUBIC
    image = Image.fromarray(gray if gray.dtype == np.uint8 else gray.astype(np.float32))
    return np.asarray(image.resize((shape[1], shape[0]), way), np.float64)
