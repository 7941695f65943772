"""Reshaping and indexing, as far as the examples of a batch stay apart."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from mitbadak.book.recognition.domains import refuse

Pick = Callable[[np.ndarray, np.ndarray], np.ndarray]  # (whole rows, their numbers) -> block


def reshaped_batch(before: tuple[int, ...], batch: int, after: tuple[int, ...]) -> int:
    """The axis of the batch after a reshape, counted from the right.

    Raises:
        UntraceableError: the reshape mixes examples.

    Example:
        >>> reshaped_batch((100, 10), -2, (100, 2, 5)), reshaped_batch((10,), -2, (1, 10))
        (-3, -3)
    """
    if -batch > len(before):
        return -len(after) - 1
    at = len(before) + batch
    count, leading = before[at], math.prod(before[:at])
    for axis, n in enumerate(after):
        if n == count and math.prod(after[:axis]) == leading:
            return axis - len(after)
    if count == 1 and leading == 1:
        return -len(after) - 1
    return refuse("batch", "reshape")


def picked(value: np.ndarray, batch: int, at: tuple[Any, ...]) -> tuple[int, Pick]:
    """The axis of the batch after an index, and how rows of the result are computed.

    Raises:
        UntraceableError: the index does not treat all examples alike.
    """
    if -batch > value.ndim:  # a single example
        ndim = value[at].ndim
        return -ndim - 1, lambda whole, rows: whole[(slice(None), *at)]
    if len(at) == 1 and isinstance(at[0], np.ndarray) and at[0].dtype == bool:
        at = _one_per_row(at[0], value)
    if any(isinstance(part, np.ndarray) for part in at):
        return -1, _labels(value, batch, at)
    at = _without_ellipsis(at, value.ndim)
    return _basic(value, batch, at), lambda whole, rows: whole[at]


def _one_per_row(mask: np.ndarray, value: np.ndarray) -> tuple[Any, ...]:
    """A mask with one entry in each row, as an index by rows and columns."""
    if mask.shape != value.shape or mask.ndim != 2 or (mask.sum(axis=1) != 1).any():
        refuse("picked")
    return np.arange(len(mask)), mask.argmax(axis=1)


def _labels(value: np.ndarray, batch: int, at: tuple[Any, ...]) -> Pick:
    """``y[np.arange(batch), t]``, or ``y[t, np.arange(batch)]`` with examples as columns."""
    axis = value.ndim + batch
    if value.ndim != 2 or len(at) != 2:
        refuse("picked")
    try:
        examples, labels = np.broadcast_arrays(at[axis], at[1 - axis])
    except (ValueError, TypeError):
        return refuse("picked")
    count = value.shape[axis]
    if not np.array_equal(examples, np.arange(count)) or labels.dtype.kind not in "iu":
        refuse("picked")

    def pick(whole: np.ndarray, rows: np.ndarray) -> np.ndarray:
        pair = np.arange(len(rows)), labels[rows]
        return whole[pair if axis == 0 else pair[::-1]]

    return pick


def _without_ellipsis(at: tuple[Any, ...], ndim: int) -> tuple[Any, ...]:
    consumed = sum(part is not None and part is not Ellipsis for part in at)
    missing = [slice(None)] * (ndim - consumed)
    if any(part is Ellipsis for part in at):
        i = next(i for i, part in enumerate(at) if part is Ellipsis)
        return (*at[:i], *missing, *at[i + 1 :])
    return (*at, *missing)


def _basic(value: np.ndarray, batch: int, at: tuple[Any, ...]) -> int:
    """The axis of the batch after slices, numbers and new axes."""
    before = after = 0
    found = 0
    for part in at:
        if part is None:
            after += 1
            continue
        if before == value.ndim + batch:
            if not isinstance(part, slice) or part.indices(value.shape[before]) != (
                0, value.shape[before], 1,
            ):  # fmt: skip
                refuse("one by one")
            found = after
        before += 1
        after += isinstance(part, slice)
    return found - after
