"""Frames and ruled lines, found in the ink of a picture and taken out of it.

A line is thin, straight, and as long as all the ink is wide (or high). A stroke of a digit is so
only if the picture was cut out along it, or drawn with a pen that is hair-thin; then its ink has
nothing like the two or more lines of a frame or of ruled paper.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mitbadak.data.images.parts import Part
from mitbadak.data.images.scaling import dilated

FULL = 0.8  # of the length that a line must cover, with the pixels beside it
SMALL = 60  # pixels of the longer side; in smaller pictures lines are one pixel thick
BROAD = 0.045  # of the longer side: the most that a line is thick; strokes are 0.07 at least
ALONE = 0.7  # of its length; a line has ink beside it on no more, a broad stroke on all
STEEPEST = 0.09  # slope of a line, about five degrees
EDGE = 0.08  # of a side: how near to the picture's edge a frame's sides end
TIGHT = 0.9  # of the picture's height or width; other ink so high means that it was cut out
WITHIN = 0.3  # of a frame's height: at least so high is what is in it
HOLLOW = 0.25  # of a frame's box: at most so much of it is ink


@dataclass(frozen=True)
class Band:
    """A line that runs from left to right: the rows of its upper and lower edge at each column."""

    top: np.ndarray
    bottom: np.ndarray


def without_lines(mask: np.ndarray) -> tuple[np.ndarray, str]:
    """A mask of ink without ruled lines and straight frames.

    Where a stroke crosses a line, it is kept.

    Args:
        mask: where there is ink, shape (h, w).

    Returns:
        The mask without lines; and, as a clause, what is doubtful about that, or "".
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    inside = mask[box]
    level, upright = _bands(inside), _bands(inside.T)
    if not level and not upright:
        return mask, ""
    without_level, without_upright = _erased(inside, level), _erased(inside.T, upright).T
    left = without_level & without_upright
    if not left.any():
        return mask, ""
    shape = inside.shape
    reaches = tuple(n >= (1 - 2 * EDGE) * side for n, side in zip(shape, mask.shape, strict=True))
    framed = len(level) > 1 and len(upright) > 1
    ruled = (len(level) > 1 and reaches[1]) or (len(upright) > 1 and reaches[0])
    single = (level and reaches[1]) or (upright and reaches[0])
    if not (framed or ruled or single):
        return mask, ""
    if framed and max(_height(left) / shape[0], _height(left.T) / shape[1]) < WITHIN:
        return mask, ""
    if not (framed or ruled):
        cut_out = level and _height(without_level) >= TIGHT * len(mask)
        cut_out = cut_out or (upright and _height(without_upright.T) >= TIGHT * mask.shape[1])
        if cut_out:
            return mask, "a straight line from edge to edge was taken for a stroke"
    cleared = mask.copy()
    cleared[box] = left
    return cleared, "" if framed or ruled else "a line across the picture was left out"


def without_frames(parts: list[Part], shape: tuple[int, int]) -> tuple[list[Part], str]:
    """Parts without those that enclose another: frames, circles, and cells open to one side.

    Args:
        parts: the connected parts of the ink.
        shape: of the picture.

    Returns:
        The others; and, as a clause, what is doubtful about leaving those out, or "".
    """
    doubt = ""
    boxes = np.array([(p.top, p.bottom, p.left, p.right) for p in parts]).reshape(-1, 4)
    top, bottom, left, right = boxes.T
    is_kept = np.ones(len(parts), bool)
    for k in sorted(range(len(parts)), key=lambda k: -parts[k].width * parts[k].height):
        frame = parts[k]
        if frame.area > HOLLOW * frame.width * frame.height:
            continue
        spans = frame.width >= (1 - 2 * EDGE) * shape[1]
        inside = (top >= frame.top) & (bottom <= frame.bottom)
        inside &= (left >= frame.left) & (right <= frame.right)
        if spans:  # a cell that is open above or below
            inside |= (left > frame.left) & (right < frame.right)
        inside &= is_kept & (bottom - top >= WITHIN * frame.height)
        inside[k] = False
        if not inside.any():
            continue
        is_kept[k] = False
        if not spans and frame.height < (1 - 2 * EDGE) * shape[0]:
            doubt = "a line around the digit was left out"
    return [part for part, kept in zip(parts, is_kept, strict=True) if kept], doubt


def _bands(mask: np.ndarray) -> list[Band]:
    """The lines from left to right, all at the slope at which they are straightest."""
    width = mask.shape[1]
    thickest = max(1, round(BROAD * max(mask.shape)))
    if width < 3 * thickest:
        return []
    halo = 1 if max(mask.shape) > SMALL else 0  # a slanting line's pixels are not in one row
    thick = dilated(mask, 1 + 2 * halo)
    steps = range(-int(STEEPEST * width), int(STEEPEST * width) + 1)
    ink = np.nonzero(thick)
    covered = {step: _coverage(ink, thick.shape, _offsets(width, step)) for step in steps}
    step = max(steps, key=lambda k: (np.sum(np.maximum(covered[k] - FULL, 0)), -abs(k)))
    offsets = _offsets(width, step)
    bands = []
    for first, last in _runs(covered[step] >= FULL):
        top, bottom = min(first + halo, last - 1), max(last - halo, first + 1)
        band = Band(top - offsets, bottom - offsets)
        above, below = _beside(mask, band)
        if bottom - top <= thickest and np.mean(above | below) <= ALONE:
            bands.append(band)
    return bands


def _offsets(width: int, step: int) -> np.ndarray:
    """How far each column moves, so that a line that falls by ``step`` becomes level."""
    return -np.rint(step * (np.arange(width) / max(width - 1, 1) - 0.5)).astype(np.intp)


def _coverage(
    ink: tuple[np.ndarray, ...], shape: tuple[int, ...], offsets: np.ndarray
) -> np.ndarray:
    """The share of ink in each row, after each column has moved down by its offset."""
    rows, columns = ink
    moved = rows + offsets[columns]
    inside = (moved >= 0) & (moved < shape[0])
    return np.bincount(moved[inside], minlength=shape[0]) / shape[1]


def _beside(mask: np.ndarray, band: Band) -> tuple[np.ndarray, np.ndarray]:
    """Whether there is ink above the line, and below it, at each column."""
    columns, height = np.arange(mask.shape[1]), len(mask)
    above, below = band.top - 3, band.bottom + 2
    return tuple(
        mask[np.clip(rows, 0, height - 1), columns] & (rows >= 0) & (rows < height)
        for rows in (above, below)
    )  # type: ignore[return-value]


def _runs(flags: np.ndarray) -> list[tuple[int, int]]:
    steps = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return list(zip(steps[::2].tolist(), steps[1::2].tolist(), strict=True))


def _erased(mask: np.ndarray, bands: list[Band]) -> np.ndarray:
    """The mask without the pixels of lines, except where ink goes on above and below."""
    mask = mask.copy()
    rows = np.arange(len(mask))[:, None]
    for band in bands:
        above, below = (_spread(side, band) for side in _beside(mask, band))
        line = (rows >= band.top - 2) & (rows < band.bottom + 2)
        mask &= ~(line & ~(above & below))
    return mask


def _spread(flags: np.ndarray, band: Band) -> np.ndarray:
    """Flags with those of near columns, for strokes that cross a line at a slant."""
    reach = int(band.bottom[0] - band.top[0]) // 2 + 2
    return dilated(flags[None], 2 * reach + 1)[0]


def _height(mask: np.ndarray) -> int:
    """From the uppermost to the lowest row with ink."""
    rows = np.flatnonzero(mask.any(axis=1))
    return int(rows[-1] - rows[0]) + 1 if len(rows) else 0
