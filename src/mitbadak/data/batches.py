"""How batches are drawn from a data set: shuffled, with replacement, or as suits a disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from mitbadak.core.arrays import row_numbers
from mitbadak.core.errors import RangeError, known
from mitbadak.core.typing import Array, Int
from mitbadak.data.dataset import Dataset

# Data on disk is shuffled within blocks: CHUNK neighboring examples are read together, and MIXED
# such runs are shuffled together.
CHUNK, MIXED = 256, 256


def mixed_batches(
    n: int,
    batch_size: int,
    rng: np.random.Generator,
    *,
    chunk: int = CHUNK,
    mixed: int = MIXED,
    prefetch: Callable[[np.ndarray], object] | None = None,
) -> Iterator[Int[Array, " batch"]]:
    """Batches that cover n examples once, shuffled in a way that suits a disk.

    The file is cut into runs of ``chunk`` neighboring examples. The runs are taken in random
    order, and the examples of ``mixed`` runs at a time are shuffled together: by default 65,536
    examples, 51 MB for MNIST's images. Only these need to be in memory.

    Args:
        n: number of examples.
        batch_size: size of all batches but the last.
        rng: draws the order.
        chunk: number of neighboring examples that are read together.
        mixed: number of such runs that are shuffled together.
        prefetch: called with the examples that are shuffled together, before the first of them is
            drawn.

    Example:
        >>> batches = list(mixed_batches(10, 4, np.random.default_rng(0), chunk=2, mixed=2))
        >>> [len(batch) for batch in batches], sorted(map(int, np.concatenate(batches)))
        ([4, 4, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    """
    chunks = rng.permutation(-(-n // chunk))
    waiting = np.empty(0, np.int64)
    for start in range(0, len(chunks), mixed):
        rows = (chunks[start : start + mixed, None] * chunk + np.arange(chunk)).ravel()
        rows = rows[rows < n]
        if prefetch is not None:
            prefetch(rows)
        waiting = np.concatenate([waiting, rng.permutation(rows)])
        whole = len(waiting) // batch_size * batch_size
        yield from waiting[:whole].reshape(-1, batch_size)
        waiting = waiting[whole:]
    if len(waiting):
        yield waiting


def shuffled_batches(
    n: int, batch_size: int, rng: np.random.Generator
) -> Iterator[Int[Array, " batch"]]:
    """Batches that cover n examples once, in random order; the last batch may be shorter.

    Example:
        >>> [len(batch) for batch in shuffled_batches(5, 2, np.random.default_rng(0))]
        [2, 2, 1]
    """
    order = rng.permutation(n)
    for start in range(0, n, batch_size):
        yield order[start : start + batch_size]


def drawn_batches(
    n: int, batch_size: int, rng: np.random.Generator
) -> Iterator[Int[Array, " batch"]]:
    """As many batches as in one epoch, each drawn with replacement, as in the notes.

    Example:
        >>> [len(batch) for batch in drawn_batches(5, 2, np.random.default_rng(0))]
        [2, 2, 2]
    """
    for _ in range(steps_per_epoch(n, batch_size)):
        yield rng.integers(0, n, batch_size)


def steps_per_epoch(n: int, batch_size: int) -> int:
    """Number of batches in one pass over n examples, an integer.

    (The notes' ``i % (60000 / 128) == 0`` is true only in every fourth epoch.)

    Example:
        >>> steps_per_epoch(60000, 128)
        469
    """
    return -(-n // batch_size)


def batch_sizes(n: int, batch_size: int) -> list[int]:
    """Sizes of the batches of one epoch, of which the last may be shorter.

    Example:
        >>> batch_sizes(5, 2)
        [2, 2, 1]
    """
    rest = n % batch_size
    return [batch_size] * (n // batch_size) + [rest] * (rest > 0)


UNCHECKED = (shuffled_batches, drawn_batches)  # known to draw valid rows
SAMPLINGS = {"shuffle": shuffled_batches, "replacement": drawn_batches}


def sampler(sampling: str, training_set: Dataset) -> Callable[..., Iterator[Any]]:
    """What draws the batches of a training set.

    Args:
        sampling: ``shuffle``, within blocks where the data is on disk, or ``replacement``.
        training_set: what is drawn from.

    Raises:
        UnknownNameError: another sampling.
    """
    draw = known("sampling", sampling, SAMPLINGS)
    return mixed_batches if training_set.on_disk and sampling == "shuffle" else draw


def draw_checked(
    draw: Callable[..., Iterator[Any]],
    training_set: Dataset,
    batch_size: int,
    rng: np.random.Generator,
) -> Iterator[np.ndarray]:
    """The batches of one epoch as row numbers; those of a user's own function are checked.

    Raises:
        ShapeError, DtypeError, RangeError: a batch is empty, too large, or has rows that the set
            does not have.
    """
    n = len(training_set)
    if draw is mixed_batches:
        return mixed_batches(n, batch_size, rng, prefetch=training_set.prefetch)
    batches = draw(n, batch_size, rng)
    if draw in UNCHECKED:
        return batches

    def checked(batch: Any) -> np.ndarray:
        rows = row_numbers("fit", "a drawn batch", batch, n)
        if len(rows) > batch_size:
            raise RangeError(
                f"fit: a drawn batch must hold at most batch_size = {batch_size} examples; got "
                f"{len(rows)}."
            )
        return rows

    return map(checked, batches)
