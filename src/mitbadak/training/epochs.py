"""The batches of several epochs, for a kernel that trains them in one call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from mitbadak.data import Dataset
from mitbadak.data.batches import batch_sizes, draw_checked, shuffled_batches


class Epochs(NamedTuple):
    """The batches of some epochs.

    Attributes:
        rows: rows of all batches, one after the other.
        sizes: sizes of the batches.
        rng_states: the state of the generator at the end of each epoch.
    """

    rows: np.ndarray
    sizes: list[int]
    rng_states: list[Any]

    @property
    def steps(self) -> int:
        """The batches of one epoch."""
        return len(self.sizes) // len(self.rng_states)

    def first(self, count: int) -> Epochs:
        """Only the first of these epochs."""
        sizes = self.sizes[: count * self.steps]
        return Epochs(self.rows[: sum(sizes)], sizes, self.rng_states[:count])


def draw_epochs(
    draw_batches: Callable[..., Any], data: Dataset, batch_size: int, count: int,
    rng: np.random.Generator,
) -> Epochs:  # fmt: skip
    """Draw the batches of several epochs, the same as one epoch at a time.

    Example:
        >>> data = Dataset(np.zeros((5, 2)), np.zeros(5, int))
        >>> drawn = draw_epochs(shuffled_batches, data, 2, 3, np.random.default_rng(0))
        >>> drawn.sizes, drawn.steps, drawn.rows[:5], drawn.first(1).sizes
        ([2, 2, 1, 2, 2, 1, 2, 2, 1], 3, array([2, 4, 3, 0, 1]), [2, 2, 1])
    """
    n, generator = len(data), rng.bit_generator
    rows: list[np.ndarray] = []
    sizes: list[int] = []
    states = []
    for _ in range(count):
        if draw_batches is shuffled_batches:  # the same rows, without cutting them up
            rows.append(rng.permutation(n))
        else:
            batches = list(draw_checked(draw_batches, data, batch_size, rng))
            rows += batches
            sizes += map(len, batches)
        states.append(generator.state)
    return Epochs(np.concatenate(rows), sizes or batch_sizes(n, batch_size) * count, states)
