"""Split a table of numbers into training and test rows, and standardize both by the former."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mitbadak.core.errors import FormatError
from mitbadak.core.randomness import generator
from mitbadak.core.typing import Array, Float64, Seed, Shaped
from mitbadak.data.dataset import Dataset
from mitbadak.data.preparation import Preparation
from mitbadak.data.splits import held_out_count, stratified_split

Split = tuple[Shaped[Array, "..."], Shaped[Array, "..."]]


def split_rows(owner: str, t: np.ndarray, test_share: float, seed: Seed) -> Split:
    """Training and test rows: stratified by class, or at random for real targets.

    Args:
        owner: name of the data, for messages.
        t: class indices (n,) or one-hot rows; floats of shape (n, k) are real targets.
        test_share: share of the test set, above 0.
        seed: seed of the draw.

    Raises:
        RangeError: the share leaves one of the two empty.
    """
    test_share, count = held_out_count(owner, "test_share", test_share, len(t))
    if t.dtype.kind in "iu":
        return stratified_split(t, test_share, seed)
    order = generator(seed).permutation(len(t))
    return np.sort(order[count:]), np.sort(order[:count])


def mean_and_spread(
    x: Float64[Array, "n columns"],
) -> tuple[Float64[Array, " columns"], Float64[Array, " columns"], Shaped[Array, " columns"]]:
    """Mean and standard deviation (divided by n) of each column, and whether it is constant.

    A constant column gets standard deviation 1, so that it becomes zeros.

    Example:
        >>> mean, std, constant = mean_and_spread(np.array([[1.0, 0.1], [3.0, 0.1], [5.0, 0.1]]))
        >>> mean, std.round(4), constant
        (array([3. , 0.1]), array([1.633, 1.   ]), array([False,  True]))
    """
    # Scaled first: squares neither overflow nor underflow, and a constant column becomes ones,
    # whose mean and spread have no rounding error.
    largest = np.abs(x).max(axis=0)
    scale = np.where(largest > 0, largest, 1.0)
    scaled = x / scale
    mean, std = scaled.mean(axis=0) * scale, scaled.std(axis=0) * scale
    constant = std < np.finfo(np.float64).tiny
    return mean, np.where(constant, 1.0, std), constant


def standardized(
    owner: str,
    train: tuple[np.ndarray, np.ndarray],
    test: tuple[np.ndarray, np.ndarray],
    preparation: Preparation,
) -> tuple[Dataset, Dataset, Preparation]:
    """Both parts, standardized to mean 0 and spread 1 of each column in the training part.

    Args:
        owner: name of the data, for messages.
        train, test: x, numbers of shape (n, columns), and t.
        preparation: what is known so far; mean and spread are added.

    Returns:
        The training set, the test set, and the preparation to apply to any further row.

    Raises:
        FormatError: numbers are too large for float32 even when standardized.
    """
    mean, std, constant = mean_and_spread(np.asarray(train[0], np.float64))
    columns = preparation.columns or tuple(map(str, range(1, len(mean) + 1)))
    preparation = replace(
        preparation,
        mean=tuple(mean.tolist()),
        std=tuple(std.tolist()),
        constant=tuple(name for name, is_so in zip(columns, constant, strict=True) if is_so),
    )
    parts = []
    for part, (x, t) in (("train", train), ("test", test)):
        with np.errstate(over="ignore", invalid="ignore"):
            rows = preparation.rows(x)
        good = np.isfinite(rows).all(axis=0)
        if not good.all():
            raise FormatError(
                f"{owner}: column {columns[int(good.argmin())]!r} holds numbers too large to be "
                "standardized. Use another unit, or take the logarithm."
            )
        parts.append(Dataset(rows, t, name=f"{owner} {part}"))
    return parts[0], parts[1], preparation
