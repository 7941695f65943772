"""From labels in a file to class indices and class names."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mitbadak.core.errors import FormatError
from mitbadak.core.typing import Array, Int

MOST_CLASSES = 1000  # as many as ImageNet has; a column with more values is not a label
FEW_CLASSES = 20  # up to this many numbers may be classes even if most of them occur once


def numbered_classes(
    where: str, distinct: Sequence[str], codes: Int[Array, " n"]
) -> tuple[Int[Array, " n"], tuple[str, ...]]:
    """Class indices in the sorted order of the labels: numbers as numbers, all else as text.

    Args:
        where: file and column, for messages.
        distinct: the distinct labels as text.
        codes: for each example the index of its label in ``distinct``.

    Returns:
        t, shape (n,), and the name of each class.

    Raises:
        FormatError: there is a single class, there are too many, or the labels look like real
            targets.

    Example:
        >>> numbered_classes("here", ["10", "9", "9.0"], np.array([0, 1, 2, 0]))
        (array([1, 0, 0, 1]), ('9', '10'))
    """
    numbers = [number(text) for text in distinct]
    numeric = None not in numbers
    keys = numbers if numeric else list(distinct)
    ordered = sorted(set(keys))  # type: ignore[type-var]
    if len(ordered) < 2:
        raise FormatError(
            f"{where} holds a single class, {distinct[0]!r}; at least two are needed."
        )
    too_many = len(ordered) > MOST_CLASSES
    fractions = numeric and any(isinstance(v, float) and v != math.floor(v) for v in ordered)
    if numeric and (fractions or len(ordered) > FEW_CLASSES):
        too_many = too_many or 2 * len(ordered) > len(codes)
    if too_many:
        raise too_many_classes(where, len(ordered), len(codes))
    index = {key: i for i, key in enumerate(ordered)}
    t = np.array([index[key] for key in keys], np.int64)[codes]
    return t, tuple(map(_name, ordered))


def too_many_classes(where: str, classes: int, n: int) -> FormatError:
    """The error for a label column with too many different values."""
    return FormatError(
        f"{where} holds {classes:,} different values in {n:,} examples, too many for classes. For "
        "real targets use regression=True; otherwise choose another label column."
    )


def number(text: str) -> int | float | None:
    """The finite number in a text, or None; forms like ``1_000`` do not count as numbers."""
    if "_" in text or not text.isascii():
        return None
    try:
        return int(text)
    except ValueError:
        pass
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _name(key: object) -> str:
    if isinstance(key, float) and key == math.floor(key):
        return f"{key:.0f}"
    return str(key)
