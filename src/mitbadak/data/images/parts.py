"""The connected parts of the ink in a picture: which belong together as one digit, which are dirt.

MNIST's own digits are the measure: of its first 4,000 test images 19 fall into several parts,
nearly all of them fives with a loose bar, which lies over the body and is a fifth to a third of the
ink. None falls into two parts of similar height side by side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SPECK = 0.03  # of the ink in the largest part; smaller ones are dirt
MARK = 0.12  # a low part with less of the ink than this is a mark, unless it lies over a tall one
TALL = 0.45  # of the tallest part; two tall parts side by side are two digits
BESIDE = 0.5  # of the lower one: how far parts beside one another overlap from top to bottom
OVERLAP = 0.65  # of the narrower one: how far they may overlap from left to right, if they slant
NEAR = 0.3  # of a digit's height; what is farther away does not belong to it
COLUMN = 0.55  # width over height; two parts of one digit are wider, two digits in rows narrower
WIDE = 1.25  # width over height; of MNIST's digits 1 in 80 is wider
BRIDGED = 0.7  # width over height; narrower digits are not looked at for bridges
BRIDGE, SIDE, LEAST = 0.3, 0.8, 0.15  # height of a bridge, and height and ink of what it joins
SLANTS = [k / 10 for k in range(-4, 5)]  # columns to the right per row, of cuts between digits


@dataclass(frozen=True)
class Part:
    """Some of the ink: one connected part, or several.

    Attributes:
        names: of its connected parts.
        top, bottom, left, right: its box; bottom and right are one beyond.
        area, mass: how many pixels it has, and the sum of their ink.
    """

    names: tuple[int, ...]
    top: int
    bottom: int
    left: int
    right: int
    area: int
    mass: float

    @property
    def height(self) -> int:
        """Rows of its box."""
        return self.bottom - self.top

    @property
    def width(self) -> int:
        """Columns of its box."""
        return self.right - self.left

    def along(self, other: Part) -> float:
        """How far two parts overlap from left to right, as a share of the narrower one.

        Negative if there is a gap between them.
        """
        shared = min(self.right, other.right) - max(self.left, other.left)
        return shared / min(self.width, other.width)

    def down(self, other: Part) -> float:
        """How far two parts overlap from top to bottom, as a share of the lower one."""
        shared = min(self.bottom, other.bottom) - max(self.top, other.top)
        return shared / min(self.height, other.height)

    def gap(self, other: Part) -> int:
        """Pixels between the boxes of two parts; 0 if they touch or overlap."""
        across = max(self.left, other.left) - min(self.right, other.right)
        below = max(self.top, other.top) - min(self.bottom, other.bottom)
        return max(across, below, 0)

    def joined(self, other: Part) -> Part:
        """Both together."""
        return Part(
            (*self.names, *other.names),
            min(self.top, other.top),
            max(self.bottom, other.bottom),
            min(self.left, other.left),
            max(self.right, other.right),
            self.area + other.area,
            self.mass + other.mass,
        )


def parts_of(mask: np.ndarray, ink: np.ndarray) -> tuple[np.ndarray, list[Part]]:
    """The label of each pixel of a mask, and its connected parts, without specks of dirt.

    Args:
        mask: where there is ink, shape (h, w).
        ink: how much, same shape.

    Returns:
        As ``connected_parts``; and the parts, from the left.
    """
    labels = connected_parts(mask)
    count = int(labels.max()) + 1
    mass = np.bincount(labels.ravel(), ink.ravel(), count)
    mass[0] = 0
    area = np.bincount(labels.ravel(), minlength=count)
    rows, columns = np.nonzero(mask)
    names = labels[rows, columns]
    edges = []
    for at, size in ((rows, mask.shape[0]), (columns, mask.shape[1])):
        low, high = np.full(count, size), np.zeros(count, np.intp)
        np.minimum.at(low, names, at)
        np.maximum.at(high, names, at + 1)
        edges += [low, high]
    top, bottom, left, right = np.array(edges).tolist()
    kept = np.flatnonzero((mass > 0) & (mass >= SPECK * mass.max(initial=0))).tolist()
    found = [
        Part((k,), top[k], bottom[k], left[k], right[k], int(area[k]), float(mass[k])) for k in kept
    ]
    return labels, sorted(found, key=lambda part: part.left)


def digits_of(parts: list[Part]) -> tuple[list[Part], list[str]]:
    """The digits that parts make up, in the order of reading, and what about them is doubtful.

    Args:
        parts: without specks of dirt, at least one.

    Returns:
        The digits: row by row, from left to right; and each doubt as a clause.
    """
    tallest = max(part.height for part in parts)
    digits = _united([part for part in parts if part.height >= TALL * tallest])
    marks, doubts = False, []
    for low in sorted((p for p in parts if p.height < TALL * tallest), key=lambda p: -p.mass):
        place = max(range(len(digits)), key=lambda k: (-digits[k].gap(low), digits[k].along(low)))
        digit = digits[place]
        above = digit.along(low) >= BESIDE and digit.gap(low) <= BESIDE * digit.height
        near = digit.gap(low) <= NEAR * digit.height and low.mass >= MARK * digit.mass
        if above or near:
            digits[place] = digit.joined(low)
        else:
            marks = True
    if marks:
        doubts.append("a mark beside the digit was left out")
    return _in_reading_order(digits), doubts


def _united(parts: list[Part]) -> list[Part]:
    """Tall parts, those of one digit united."""
    digits: list[Part] = []
    for part in parts:
        digit = part
        for other in [d for d in digits if not _separate(d, digit)]:
            digits.remove(other)
            digit = digit.joined(other)
        digits.append(digit)
    return digits


def _separate(one: Part, other: Part) -> bool:
    """Whether two tall parts are two digits: beside one another, or one below the other."""
    if one.down(other) >= BESIDE:
        return one.along(other) < OVERLAP
    both = one.joined(other)
    return one.along(other) < 0 or (one.down(other) <= 0 and both.width < COLUMN * both.height)


def _in_reading_order(digits: list[Part]) -> list[Part]:
    rows: list[list[Part]] = []
    for digit in sorted(digits, key=lambda d: d.top + d.bottom):
        if rows and rows[-1][0].down(digit) >= BESIDE:
            rows[-1].append(digit)
        else:
            rows.append([digit])
    return [digit for row in rows for digit in sorted(row, key=lambda d: d.left)]


def looks_like_several(mask: np.ndarray) -> bool:
    """Whether the ink of one digit looks like that of several that touch.

    Such ink is wide, or two tall parts are joined by a low bridge. That holds of 1 in 27 of MNIST's
    digits and of 3 in 4 pairs of them that touch.

    Args:
        mask: where there is ink, cropped to it.
    """
    height, width = mask.shape
    if width > WIDE * height:
        return True
    if width < BRIDGED * height:
        return False
    rows, columns = np.nonzero(mask)
    for slant in SLANTS:
        at = np.rint(columns + slant * (rows - height / 2)).astype(np.intp)
        at -= at.min()
        length = int(at.max()) + 1
        top, bottom = np.full(length, height), np.zeros(length, np.intp)
        np.minimum.at(top, at, rows)
        np.maximum.at(bottom, at, rows + 1)
        ink = np.cumsum(np.bincount(at)) / len(at)
        left = np.maximum.accumulate(bottom) - np.minimum.accumulate(top)
        right = (np.maximum.accumulate(bottom[::-1]) - np.minimum.accumulate(top[::-1]))[::-1]
        is_bridge = (bottom - top)[1:-1] < BRIDGE * height
        joins = np.minimum(left[:-2], right[2:]) >= SIDE * height
        joins &= np.minimum(ink[:-2], 1 - ink[1:-1]) >= LEAST
        if np.any(is_bridge & joins):
            return True
    return False


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
    steps = np.diff(np.pad(mask.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    rows, starts = np.nonzero(steps > 0)
    stops = np.nonzero(steps < 0)[1]
    runs: list[list[tuple[int, int]]] = [[] for _ in mask]
    for row, start, stop in zip(rows.tolist(), starts.tolist(), stops.tolist(), strict=True):
        runs[row].append((start, stop))
    above: list[tuple[int, int, int]] = []
    for row, line in enumerate(runs):
        here = []
        for start, stop in line:
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
