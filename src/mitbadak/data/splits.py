"""Which examples learn and which watch: splits and folds that keep the classes' shares."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mitbadak.core.arrays import as_array
from mitbadak.core.errors import LabelError, RangeError, ShapeError, share as checked_share, whole
from mitbadak.core.typing import Array, Int, Seed


def stratified_split(
    t, share: float, rng: Seed
) -> tuple[Int[Array, " learn"], Int[Array, " watch"]]:
    """Rows to learn from and rows to watch, with each class in both by the same share.

    Class c gives ``share n_c`` rows to watch, rounded down; what is then missing from the
    rounded ``share n`` comes one by one from the classes with the largest remainders (Hamilton's
    method), so that no class is off by a whole example. A class gives its last one only when
    no other has a remainder.

    Args:
        t: class indices or names, shape (n,), or one-hot rows or distributions, (n, classes).
        share: of the rows to watch, in [0, 1).
        rng: a seed or a generator; draws who watches.

    Returns:
        Both in ascending order; together every row once.

    Raises:
        RangeError: the share leaves no example on one side.
        LabelError: t holds real numbers, which have no classes.
        ShapeError: t has another form.

    Example:
        >>> learn, watch = stratified_split([0] * 8 + [1] * 4, 0.25, 0)
        >>> learn.size, (watch < 8).sum(), (watch >= 8).sum()
        (9, np.int64(2), np.int64(1))
    """
    share = checked_share("stratified_split", "share", share)
    of_class, members = _classes("stratified_split", t)
    n = len(of_class)
    count = round(share * n)
    if not 0 < count < n:
        raise RangeError(
            f"stratified_split: a share of {share:g} of {n} examples leaves {count} to watch and "
            f"{n - count} to learn from; both need one."
        )
    taken = np.floor(share * members).astype(np.int64)
    remainders = share * members - taken
    last_one = members - taken <= 1
    order = np.lexsort((-remainders, last_one, remainders == 0))
    taken[order[: count - int(taken.sum())]] += 1
    watches = np.zeros(n, bool)
    rng = np.random.default_rng(rng)
    for c, number in enumerate(taken):
        watches[rng.permutation(np.flatnonzero(of_class == c))[:number]] = True
    return np.flatnonzero(~watches), np.flatnonzero(watches)


def k_fold(
    t, k: int, rng: Seed, *, stratified: bool = True
) -> Iterator[tuple[Int[Array, " learn"], Int[Array, " watch"]]]:
    """Rows to learn from and rows to watch, k times, every row watching once.

    The classes' members, shuffled, are dealt to the folds in turn like cards, so that neither a
    fold's size nor a class's number in it differs by more than one from fold to fold.

    Args:
        t: labels as ``stratified_split`` takes them, or a number of examples without classes.
        k: folds, at least 2.
        rng: a seed or a generator; draws the folds.
        stratified: keep the classes' shares; real targets need False.

    Returns:
        An iterator of k pairs; each row array is in ascending order.

    Raises:
        RangeError: more folds than examples, or than members of the smallest class.
        LabelError, ShapeError: as in ``stratified_split``.

    Example:
        >>> for learn, watch in k_fold(["a", "a", "b", "b"], 2, 0):
        ...     print(learn, watch)
        [1 3] [0 2]
        [0 2] [1 3]
    """
    k = whole("k_fold", "k", k, least=2)
    rng = np.random.default_rng(rng)
    plain = not stratified or np.ndim(t) == 0
    n = len(np.asarray(t)) if np.ndim(t) else whole("k_fold", "number of examples", t)
    if k > n:
        raise RangeError(f"k_fold: {k} folds of {n} examples leave some empty; use k={n} or less.")
    order = rng.permutation(n)
    if not plain:
        of_class, members = _classes("k_fold", t)
        least = int(members.min())
        if k > least:
            raise RangeError(
                f"k_fold: {k} folds, and the smallest class has {least} examples, which cannot be "
                f"in each. Use k={least} or less, or stratified=False."
                if least > 1
                else f"k_fold: a class has a single example, which cannot be in each of {k} "
                "folds. Remove it, or use stratified=False."
            )
        order = order[np.argsort(of_class[order], kind="stable")]
    fold = np.empty(n, np.int64)
    fold[order] = np.arange(n) % k
    return ((np.flatnonzero(fold != i), np.flatnonzero(fold == i)) for i in range(k))


def _classes(owner: str, t) -> tuple[Int[Array, " n"], Int[Array, " classes"]]:
    """Each row's class as an index, and how many rows each class has."""
    t = as_array(owner, "t", t)
    if t.ndim == 2 and t.shape[1] > 1:
        t = t.argmax(axis=1)
    if t.ndim != 1 or t.size == 0:
        raise ShapeError(
            f"{owner} expects t of shape (n,) or (n, classes) with an example at least; got "
            f"{t.shape}."
        )
    if t.dtype.kind == "f" and not np.array_equal(t, np.floor(t)):
        raise LabelError(
            f"{owner} expects classes; t holds real numbers, such as {t[t != np.floor(t)][0]:g}. "
            "Split real targets without regard to them."
        )
    _, of_class, members = np.unique(t, return_inverse=True, return_counts=True)
    return of_class, members
