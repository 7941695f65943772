"""Areas that no pen drew: the edge of the table beside the paper, a thumb, a printed bar.

They are left out only where other ink remains that is large enough for a digit: a lone broad stroke
is a one, and a picture that was cut out along its digits has ink at every edge.
"""

from __future__ import annotations

import numpy as np

from mitbadak.data.images.parts import TALL, Part

SOLID = 0.85  # of its box; a straight stroke is so too, but narrow
ROUNDED = 0.6  # of its box, at an edge of the picture: a thumb
THICK = 0.3  # of the longer side of a box; of MNIST's solid ones the widest has 0.35
BROADER = 1.5  # times the widest other part; a five's bar is as wide as its body, at most
ALONG = 0.15  # of a side of the picture; a stroke that ends there covers less
REMAINING = 0.25  # of the height of what is left out; a lower rest is dirt


def without_blocks(parts: list[Part], labels: np.ndarray) -> tuple[list[Part], str]:
    """Parts without blocks and without areas that go on beyond the picture.

    Args:
        parts: of the ink.
        labels: the name of each pixel's part, shape (h, w).

    Returns:
        The others; and, as a clause, what is doubtful about leaving those out, or "".
    """
    was_cut_out = all(edge.any() for edge in _edges(labels))
    kept = [part for part in parts if was_cut_out or not _goes_on(part, labels)]
    thin = [part for part in kept if not _is_block(part)]
    tallest = max((part.height for part in thin), default=0)
    kept = [p for p in kept if p in thin or max(p.height, p.width) < TALL * tallest]  # a mark
    kept = [part for part in kept if not _is_bar(part, kept)]
    left_out = [part for part in parts if part not in kept]
    tallest = max((part.height for part in kept), default=0)
    if not left_out or tallest < REMAINING * min(part.height for part in left_out):
        return parts, ""
    return kept, "an area that no pen drew was left out"


def _goes_on(part: Part, labels: np.ndarray) -> bool:
    """Whether a part goes on beyond the picture: round a corner of it, or broad at its edge."""
    shares = [float(np.isin(edge, part.names).mean()) for edge in _edges(labels)]
    is_broad = _fills(part, ROUNDED) and _is_thick(part)
    return max(shares) >= ALONG and (sum(share > 0 for share in shares) > 1 or is_broad)


def _is_block(part: Part) -> bool:
    return _fills(part, SOLID) and _is_thick(part)


def _is_bar(part: Part, others: list[Part]) -> bool:
    """Whether a part is solid, lies level, and is broader than any digit beside it."""
    widest = max((o.width for o in others if not _fills(o, SOLID)), default=part.width)
    return _fills(part, SOLID) and part.width > max(part.height, BROADER * widest)


def _is_thick(part: Part) -> bool:
    return min(part.height, part.width) > THICK * max(part.height, part.width)


def _fills(part: Part, share: float) -> bool:
    return part.area >= share * part.height * part.width


def _edges(labels: np.ndarray) -> tuple[np.ndarray, ...]:
    return labels[0], labels[-1], labels[:, 0], labels[:, -1]
