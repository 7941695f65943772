"""From labels in a file to class indices and class names, or to numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mitbadak.core.errors import FormatError
from mitbadak.core.typing import Array, Int

MOST_CLASSES = 1000  # as many as ImageNet has; a column with more values is not a label
FEW_CLASSES = 20  # up to this many numbers may be classes even if most of them occur once
FEW_NUMBERS = 5  # whole numbers: up to so many different ones are classes
MOST_CODES = 100  # and so many where they look like the codes of classes, as CIFAR-100 has
# Rows that a class then has, on average and at least as a share of that: on 1,841 tables of R and
# Python packages, this tells codes from counts, scores and ages, whose largest values are rare.
LEAST_OF_FEW, LEAST_OF_CODES, RAREST = 3, 10, 0.25


def are_classes(values: np.ndarray, counts: np.ndarray) -> bool:
    """Whether numbers stand for classes rather than for themselves.

    Two different numbers are classes. So are whole numbers if there are at most five of them, each
    in three rows on average; or if they are codes: at most a hundred, from 0 or 1 on, with at most
    one missing in between, each in ten rows on average and none in less than a quarter of that.
    Everything else is numbers.

    Args:
        values: the different numbers, in ascending order.
        counts: how often each of them occurs.

    Example:
        >>> are_classes(np.arange(10), np.full(10, 180))  # handwritten digits
        True
        >>> are_classes(np.arange(10), np.array([4141, 782, 174, 30, 24, 9, 12, 12, 5, 1]))
        False
        >>> are_classes(np.array([0.5, 1.0, 2.0]), np.array([20, 20, 20]))
        False
    """
    distinct, n = len(values), int(np.sum(counts))
    if distinct == 2:
        return True
    if not np.array_equal(values, np.floor(values)) or n < LEAST_OF_FEW * distinct:
        return False
    start, end = values[0], values[-1]
    are_codes = distinct <= MOST_CODES and start in (0, 1) and end - start - distinct <= 0
    are_even = n >= LEAST_OF_CODES * distinct and np.min(counts) >= RAREST * n / distinct
    return distinct <= FEW_NUMBERS or bool(are_codes and are_even)


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
            f"{where} holds a single class, {distinct[0]!r}; at least two are needed. Choose "
            "another column: label='NAME'."
        )
    too_many = len(ordered) > MOST_CLASSES
    fractions = numeric and any(isinstance(v, float) and v != math.floor(v) for v in ordered)
    if numeric and (fractions or len(ordered) > FEW_CLASSES):
        too_many = too_many or 2 * len(ordered) > len(codes)
    if too_many:
        raise too_many_classes(where, len(ordered), len(codes), numeric=numeric)
    index = {key: i for i, key in enumerate(ordered)}
    t = np.array([index[key] for key in keys], np.int64)[codes]
    return t, tuple(map(_name, ordered))


def first_class_note(first: int, last: int) -> str:
    """What is said where labels do not begin at 0."""
    return f"labels from {first} to {last}; the first class is {first} (first_class='0')"


def too_many_classes(where: str, classes: int, n: int, *, numeric: bool = True) -> FormatError:
    """The error for a label column with too many different values."""
    remedy = "Use targets='numbers' to predict the numbers, or" if numeric else "Choose"
    return FormatError(
        f"{where} holds {classes:,} different values in {n:,} examples, too many for classes. "
        f"{remedy} another column: label='NAME'."
    )


def number(text: str) -> int | float | None:
    """The finite number in a text, or None; forms like ``1_000`` do not count as numbers.

    Example:
        >>> number(" 7 "), number("1e3"), number("1_000"), number("inf")
        (7, 1000.0, None, None)
    """
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
