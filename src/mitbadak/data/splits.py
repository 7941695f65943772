"""Splits into training and held-out examples, and cross-validation folds, stratified by class."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from mitbadak.core.arguments import explained, renamed
from mitbadak.core.arrays import as_array
from mitbadak.core.errors import LabelError, RangeError, ShapeError, share as checked_share, whole
from mitbadak.core.randomness import generator
from mitbadak.core.typing import Array, Int, Seed


@explained
def stratified_split(
    t: Any, share: float, rng: Seed
) -> tuple[Int[Array, " train"], Int[Array, " held_out"]]:
    """Training rows and held-out rows, with the same share of every class held out.

    Of class c, ``share n_c`` rows are held out, rounded down. The rows then missing from the
    rounded ``share n`` come one by one from the classes with the largest remainders (Hamilton's
    method), so no class is off by a whole example. The last example of a class is held out only
    if no other class has a remainder.

    Args:
        t: class indices or names, shape (n,), or one-hot rows or distributions, (n, classes).
        share: share of the rows to hold out, in [0, 1).
        rng: a seed or a generator; draws the held-out rows.

    Returns:
        Both in ascending order; every row is in exactly one of them.

    Raises:
        RangeError: one of the two parts would be empty.
        LabelError: t holds real numbers, which are not classes.
        ShapeError: t has another shape.

    Example:
        >>> train, held_out = stratified_split([0] * 8 + [1] * 4, 0.25, 0)
        >>> train.size, (held_out < 8).sum(), (held_out >= 8).sum()
        (9, np.int64(2), np.int64(1))
    """
    of_class, class_sizes = _classes("stratified_split", t)
    n = len(of_class)
    share, count = held_out_count("stratified_split", "share", share, n)
    taken = np.floor(share * class_sizes).astype(np.int64)
    remainders = share * class_sizes - taken
    last_one = class_sizes - taken <= 1
    order = np.lexsort((-remainders, last_one, remainders == 0))
    taken[order[: count - int(taken.sum())]] += 1
    held_out = np.zeros(n, bool)
    rng = generator(rng)
    for c, number in enumerate(taken):
        held_out[rng.permutation(np.flatnonzero(of_class == c))[:number]] = True
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


def held_out_count(owner: str, name: str, share: object, n: int) -> tuple[float, int]:
    """A share as a float, and how many of n examples it holds out.

    Args:
        owner, name: who takes the share, and the name of the argument, for messages.
        share: the share to hold out.
        n: number of examples.

    Raises:
        RangeError: the share is not in [0, 1), or one of the two parts would be empty.

    Example:
        >>> held_out_count("iris", "test_share", 0.2, 150)
        (0.2, 30)
    """
    share = checked_share(owner, name, share)
    count = round(share * n)
    if not 0 < count < n:
        raise RangeError(
            f"{owner}: {name} {share:g} of {n} examples holds out {count} and leaves {n - count} "
            "for training; each part needs at least one."
        )
    return share, count


@explained
@renamed(stratified="stratify")
def k_fold(
    t: Any, k: int, rng: Seed, *, stratify: bool = True
) -> Iterator[tuple[Int[Array, " train"], Int[Array, " held_out"]]]:
    """Training rows and held-out rows of k-fold cross-validation; every row is held out once.

    The shuffled members of each class are dealt to the folds in turn, like cards, so the sizes of
    two folds, and the numbers of a class in them, differ by at most one.

    Args:
        t: labels as for ``stratified_split``, or a number of examples without classes.
        k: number of folds, at least 2.
        rng: a seed or a generator; draws the folds.
        stratify: keep the share of each class; must be False for real targets.

    Returns:
        An iterator over k pairs; each array of rows is in ascending order.

    Raises:
        RangeError: there are more folds than examples, or than members of the smallest class.
        LabelError, ShapeError: as for ``stratified_split``.

    Example:
        >>> for train, held_out in k_fold(["a", "a", "b", "b"], 2, 0):
        ...     print(train, held_out)
        [1 3] [0 2]
        [0 2] [1 3]
    """
    k = whole("k_fold", "k", k, least=2)
    rng = generator(rng)
    plain = not stratify or np.ndim(t) == 0
    n = len(np.asarray(t)) if np.ndim(t) else whole("k_fold", "number of examples", t)
    if k > n:
        raise RangeError(
            f"k_fold: {k} folds of {n} examples leave some folds empty; use k={n} or less."
        )
    order = rng.permutation(n)
    if not plain:
        of_class, class_sizes = _classes("k_fold", t)
        least = int(class_sizes.min())
        if k > least:
            raise RangeError(
                f"k_fold: the smallest class has {least} examples, too few for {k} folds. Use "
                f"k={least} or less, or stratify=False."
                if least > 1
                else f"k_fold: a class has a single example, too few for {k} folds. Remove it, or "
                "use stratify=False."
            )
        order = order[np.argsort(of_class[order], kind="stable")]
    fold = np.empty(n, np.int64)
    fold[order] = np.arange(n) % k
    return ((np.flatnonzero(fold != i), np.flatnonzero(fold == i)) for i in range(k))


def _classes(owner: str, t: Any) -> tuple[Int[Array, " n"], Int[Array, " classes"]]:
    """The class of each row as an index, and the number of rows in each class."""
    t = as_array(owner, "t", t)
    if t.ndim == 2 and t.shape[1] > 1:
        t = t.argmax(axis=1)
    if t.ndim != 1 or t.size == 0:
        raise ShapeError(
            f"{owner} expects t of shape (n,) or (n, classes) with at least one example; got "
            f"{t.shape}."
        )
    if t.dtype.kind == "f" and not np.array_equal(t, np.floor(t)):
        raise LabelError(
            f"{owner} expects classes; t holds real numbers, such as {t[t != np.floor(t)][0]:g}. "
            "Split real targets without stratification."
        )
    _, of_class, class_sizes = np.unique(t, return_inverse=True, return_counts=True)
    return of_class, class_sizes
