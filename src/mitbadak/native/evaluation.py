"""Losses and accuracy of a net on whole sets, on kernels."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from mitbadak.core.errors import StateError
from mitbadak.native.layout import Layout
from mitbadak.native.packing import Packed, RowBuffers
from mitbadak.native.structs import Job, address
from mitbadak.native.team import parts_worth, run_parts
from mitbadak.nn.network import Sequential

BLOCK_ROWS = 4096  # of a file are evaluated at once: 3 MB of MNIST's images


def measures(loss: float, right: float, factor: float, answers: int) -> dict[str, float]:
    """What ``mitbadak.evaluate`` returns, from sums and what ``Evaluation.scale`` says of them."""
    if answers == 0:
        return {"loss": loss * factor}
    return {"loss": loss * factor, "accuracy": right / answers}


class Evaluation:
    """Evaluates sets with the parameters that a layout holds.

    Args:
        kernels: the entry points.
        layout, net: whose scores are compared with labels.
        flops: approximate number of operations per example.
        most: the most threads to use.
        threads: a number that was asked for.
    """

    def __init__(
        self, kernels: Any, layout: Layout, net: Sequential, flops: float, most: int,
        threads: int | None,
    ):  # fmt: skip
        self.kernels, self.layout, self.flops = kernels, layout, flops
        self.head, self.n_out = net.head, int(net.n_out or 0)
        self.most, self.threads = most, threads
        self.right = np.zeros(most)
        # A set's job, with all that it points to; and the block into which a file is read.
        self.jobs: WeakKeyDictionary[Packed, tuple[Any, ...]] = WeakKeyDictionary()
        self.blocks: WeakKeyDictionary[Packed, Packed] = WeakKeyDictionary()
        self.several: tuple[list[Packed], Any, Any] | None = None

    def __call__(self, data: Packed, labels: np.ndarray) -> dict[str, float]:
        """Loss and accuracy on a set; see ``mitbadak.evaluate``.

        Args:
            data, labels: the set, and its labels as the head knows them.
        """
        n = len(data.rows)
        if data.staged is None:
            return measures(*self._of_rows(data), *self.scale(n, labels))
        if data not in self.blocks:
            self.blocks[data] = data.block(min(n, BLOCK_ROWS))
        block, loss, right = self.blocks[data], 0.0, 0.0
        for start in range(0, n, BLOCK_ROWS):
            picked = np.arange(start, min(n, start + BLOCK_ROWS))
            data.load(block, picked)
            part = self._of_rows(block, len(picked))
            loss, right = loss + part[0], right + part[1]
        return measures(loss, right, *self.scale(n, labels))

    def scale(self, n: int, labels: np.ndarray) -> tuple[float, int]:
        """For sums over n examples: the factor of the losses, and the number of answers.

        The latter is 0 where answers are not right or wrong.
        """
        answers = 0
        if self.head.measures_accuracy(labels, self.n_out):
            answers = n * self.head.answers_per_example(self.n_out)
        return self.head.term_weight((n, self.n_out)), answers

    def jobs_of(self, sets: Sequence[Packed]) -> Any:
        """An array of jobs for one thread, one per set; this object keeps what they point to."""
        if any(data.staged is not None for data in sets):
            raise StateError(
                "sets that stay in a file are evaluated block by block, one at a time."
            )
        if self.several is None or self.several[0] != list(sets):
            made = [self._job_for(data) for data in sets]
            jobs = (Job * len(sets))(*(job for job, *_ in made))
            for job in jobs:
                job.parts = 1
            self.several = list(sets), jobs, made
        return self.several[1]

    def _of_rows(self, data: Packed, count: int | None = None) -> tuple[float, float]:
        """The sum of the losses of the first rows, and how many predictions are right."""
        if data not in self.jobs:
            self.jobs[data] = self._job_for(data)
        job = self.jobs[data][0]
        job.row_count = len(data.rows) if count is None else count
        run_parts(self.kernels.evaluate, ctypes.addressof(job), job.parts)
        loss = self.kernels.total(ctypes.addressof(job), 0)
        return loss, float(self.right[: job.parts].sum())

    def _job_for(self, data: Packed) -> tuple[Any, ...]:
        """A job for a set, and what must be kept with it beside the set itself."""
        job, losses = Job.from_buffer_copy(self.layout.job), np.empty(len(data.rows))
        struct = data.struct()
        job.data = ctypes.addressof(struct)
        job.rows, job.row_count = address(data.rows), len(data.rows)
        job.each, job.right, job.shifts = address(losses), address(self.right), 0
        worth = self.threads or parts_worth(len(data.rows) * self.flops)
        job.parts = min(self.most, worth)
        buffers = RowBuffers(data, self.layout.rows, self.most)
        job.compressed = buffers.address
        return job, losses, struct, buffers
