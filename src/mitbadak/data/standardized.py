"""From one table of numbers to a training and a test set, standardized by the first alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mitbadak.core.errors import FormatError, RangeError, share
from mitbadak.core.typing import Array, Float64, Seed, Shaped
from mitbadak.data.batches import Dataset
from mitbadak.data.preparation import Preparation
from mitbadak.data.splits import stratified_split

Split = tuple[Shaped[Array, "..."], Shaped[Array, "..."]]


def split_rows(owner: str, t: np.ndarray, test_share: float, seed: Seed) -> Split:
    """Rows for training and rows for the test set: by class, or by chance for real targets.

    Args:
        owner: the data's name, for messages.
        t: class indices (n,) or rows of one-hot; floats of shape (n, k) are real targets.
        test_share: of the test set, above 0.
        seed: of the draw.

    Raises:
        RangeError: a share that leaves one of the two empty.
    """
    test_share, n = share(owner, "test_share", test_share), len(t)
    count = round(test_share * n)
    if not 0 < count < n:
        raise RangeError(
            f"{owner}: a test_share of {test_share:g} of {n} examples leaves {count} for the test "
            f"and {n - count} to learn from; both need one."
        )
    if t.dtype.kind in "iu":
        return stratified_split(t, test_share, seed)
    order = np.random.default_rng(seed).permutation(n)
    return np.sort(order[count:]), np.sort(order[:count])


def mean_and_spread(
    x: Float64[Array, "n columns"],
) -> tuple[Float64[Array, " columns"], Float64[Array, " columns"], Shaped[Array, " columns"]]:
    """Each column's mean, its standard deviation (divided by n), and whether it is constant.

    A constant column has the spread 1, so that it becomes zeros.

    Example:
        >>> mean, std, constant = mean_and_spread(np.array([[1.0, 0.1], [3.0, 0.1], [5.0, 0.1]]))
        >>> mean, std.round(4), constant
        (array([3. , 0.1]), array([1.633, 1.   ]), array([False,  True]))
    """
    # Scaled first: the squares of large and small numbers stay in range, and a constant column
    # is of ones, whose mean and spread have no rounding error.
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
    """Both parts with the training part's mean 0 and spread 1 in each column.

    Args:
        owner: the data's name, for messages.
        train, test: x (n, columns) as numbers, and t.
        preparation: to be completed by mean and spread.

    Returns:
        The training set, the test set, and the preparation by which any row is treated alike.

    Raises:
        FormatError: numbers so large that they leave the range of float32 even so.
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
                "standardized. Give it another unit, or its logarithm."
            )
        parts.append(Dataset(rows, t, name=f"{owner} {part}"))
    return parts[0], parts[1], preparation
