"""From labels as they stand in a file to class indices and the classes' names."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mitbadak.core.errors import FormatError
from mitbadak.core.typing import Array, Int

MOST_CLASSES = 1000  # as many as ImageNet has; more are a column that is no label
FEW_CLASSES = 20  # so many numbers may be classes although most of them are met once


def numbered_classes(
    where: str, distinct: Sequence[str], codes: Int[Array, " n"]
) -> tuple[Int[Array, " n"], tuple[str, ...]]:
    """Class indices in the sorted order of the labels: numbers as numbers, all else as text.

    Args:
        where: file and column, for messages.
        distinct: the labels that there are, as text.
        codes: for each example the place of its label in ``distinct``.

    Returns:
        t, shape (n,), and what each class index stands for.

    Raises:
        FormatError: one class only, too many, or numbers that look like real targets.

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
            f"{where} holds one class only, {distinct[0]!r}: there is nothing to tell apart."
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
    """The refusal of a column whose values are hardly classes."""
    return FormatError(
        f"{where} holds {classes:,} different values in {n:,} examples: more than there can be "
        f"classes. For real targets say regression=True; otherwise name another label column."
    )


def number(text: str) -> int | float | None:
    """The finite number that a text stands for, or None; ``1_000`` and the like are none."""
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
