"""The batches of one call of a kernel, in arrays that are kept from call to call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mitbadak.native.structs import address


class Calls:
    """Rows and losses of the steps that one call makes.

    Args:
        job: whose addresses are kept up to date.

    Attributes:
        losses: one per step; overwritten by the next call.
    """

    def __init__(self, job: Any):
        self.job = job
        self.picked = self.begins = np.zeros(0, np.int64)
        self.losses = np.zeros(0)

    def fill(
        self, batches: Sequence[np.ndarray], sizes: Sequence[int], rows: np.ndarray | None
    ) -> None:
        """Take over the rows of these batches.

        Args:
            batches: rows of a set; ``np.take`` checks each, kernels do not.
            sizes: sizes of the batches.
            rows: the rows of its arrays that make up the set; None if the batches have been loaded
                one after the other.
        """
        count, total = len(sizes), sum(sizes)
        if count >= len(self.begins) or total > len(self.picked):
            self._grow(count, total)
        self.begins[1 : count + 1] = sizes
        np.cumsum(self.begins[1 : count + 1], out=self.begins[1 : count + 1])
        if rows is None:
            self.picked[:total] = np.arange(total)
        else:
            picked = batches[0] if len(batches) == 1 else np.concatenate(batches)
            np.take(rows, picked, out=self.picked[:total])

    def _grow(self, count: int, total: int) -> None:
        self.begins = np.zeros(2 * count + 1, np.int64)
        self.picked = np.zeros(2 * total, np.int64)
        self.losses = np.zeros(2 * count)
        self.job.begins, self.job.picked = address(self.begins), address(self.picked)
        self.job.losses = address(self.losses)
