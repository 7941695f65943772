"""What a pen left on paper: the picture less the tone of the paper, in even or uneven light."""

from __future__ import annotations

import numpy as np

from mitbadak.core.typing import Array, Float64
from mitbadak.data.images.scaling import dilated, eroded, reduced

MAD_TO_SIGMA = 1.4826  # sigma over median absolute deviation, for a normal distribution
RING = 14  # the border that is taken for paper is 1/14 of the shorter side wide
COARSE = 40  # pixels of the longer side, for a look at the light
WINDOW = 15  # of the coarse picture: wider than strokes, so that their median is paper
UNEVEN = 0.1  # of the paper; if more of it is off the plane, the light is not even
OFF, LEAST_OFF = 0.12, 8.0  # how far that is: of the paper's tone, and at least
CRESTS = 2.0  # how far noise reaches after the median of 3 x 3 pixels, over its sigma
STROKE = 0.35  # of the longer side; wider strokes would pass for shadows
DEEPEST = 6.0  # light over shade; darker parts are not brightened further
BLACK = 8.0  # of 255: paper darker than this reflects too little light to measure ink by
PEAK = 255.0

Gray = Float64[Array, "h w"]


def difference(gray: Gray) -> tuple[Gray, float]:
    """How far each pixel is from the paper, positive where there is ink, and the paper's noise.

    In even light the paper is a plane, fitted to the border, and the sign of the strong differences
    decides between dark on light and light on dark. In uneven light, as under the shadow of a hand,
    the paper is found around each pixel instead: strokes are narrower than shadows, so that a
    morphological closing (opening for light ink) removes them and keeps the edges of shadows
    (J. Serra, "Image Analysis and Mathematical Morphology", 1982). There, ink is measured as a
    share of the light, which is the same in light and shade. Light is even if one of the two leaves
    a plane.

    Args:
        gray: 0 black to 255 white.

    Returns:
        The differences, and the standard deviation of those on paper.
    """
    plane, noise = _plane(gray)
    smooth = _medians(gray, 3)
    size = 2 * round(STROKE * min(max(gray.shape), 2 * len(gray)) / 2) + 1  # of a digit, in a row
    tones = _papers(smooth, size)  # in noise, these are its crests and troughs
    if any(np.mean(_is_off(paper, plane, noise)) <= UNEVEN for paper in tones):
        rest = gray - plane
        return (rest if np.sum(rest**3) >= 0 else -rest), noise
    # Beyond the picture, light and shade go on; otherwise slanting shadows would lose a corner.
    dark_ink, light_ink = (
        p[size:-size, size:-size] for p in _papers(np.pad(smooth, size, "edge"), size)
    )
    is_light = _has_light_ink(gray)
    paper = light_ink if is_light else dark_ink
    bright = float(np.quantile(paper, 0.95))
    shade = np.clip(paper, bright / DEEPEST, bright)
    # Black paper reflects no light, so that ink on it is no share of any: it is taken as it is.
    rest = (gray - paper) * ((bright + BLACK) / (shade + BLACK))
    rest = rest if is_light else -rest
    rest -= np.median(rest)  # in noise, the closing is above the paper's mean
    return rest, MAD_TO_SIGMA * float(np.median(np.abs(rest)))


def _is_off(paper: Gray, plane: Gray, noise: float) -> np.ndarray:
    least = max(LEAST_OFF, CRESTS * noise)
    return np.abs(paper - plane) > np.maximum(OFF * np.maximum(paper, plane), least)


def _papers(smooth: Gray, size: int) -> tuple[Gray, Gray]:
    """The picture without dark strokes (closing), and without light ones (opening)."""
    return eroded(dilated(smooth, size), size), dilated(eroded(smooth, size), size)


def _medians(gray: Gray, size: int) -> Gray:
    """The median of the window around each pixel, which keeps edges."""
    from PIL import Image, ImageFilter

    image = Image.fromarray(np.clip(np.rint(gray), 0, PEAK).astype(np.uint8))
    return np.asarray(image.filter(ImageFilter.MedianFilter(size)), np.float64)


def _has_light_ink(gray: Gray) -> bool:
    """Whether the strong differences from the paper are light, in any light.

    The paper is the median of large windows: it needs no sign of the ink and keeps the edges of
    shadows, but is too coarse to measure ink by.
    """
    small = reduced(gray, COARSE)
    return bool(np.sum((small - _medians(small, WINDOW)) ** 3) >= 0)


def _ring(shape: tuple[int, ...]) -> np.ndarray:
    """A mask of the border; of a small picture, everything."""
    height, width = shape
    ring = max(1, min(height, width) // RING)
    border = np.ones(shape, bool)
    border[ring:-ring, ring:-ring] = min(height, width) <= 2 * ring
    return border


def _plane(gray: Gray) -> tuple[Gray, float]:
    """The tone of the paper, a plane fitted to most of the border, and its noise (sigma)."""
    height, width = gray.shape
    down, right = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    border = _ring(gray.shape)
    terms = np.stack([np.ones_like(gray), down, right], axis=-1)
    near, tones = terms[border], gray[border]
    used = np.abs(tones - np.median(tones)) <= _reach(tones - np.median(tones), 4.0)
    plane = np.array([np.median(tones), 0.0, 0.0])
    for _ in range(5):  # a digit may touch the border, so pixels far from the plane are dropped
        if used.sum() < 8:
            break
        chosen = near[used]
        plane = np.linalg.lstsq(chosen.T @ chosen, chosen.T @ tones[used], rcond=None)[0]
        used = np.abs(tones - near @ plane) <= _reach(tones - near @ plane, 3.0)
    noise = MAD_TO_SIGMA * float(np.median(np.abs(tones - near @ plane)[used]))
    return terms @ plane, noise


def _reach(rest: Float64[Array, " n"], sigmas: float) -> float:
    return max(sigmas * MAD_TO_SIGMA * float(np.median(np.abs(rest))), 2.0)
