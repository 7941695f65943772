"""Losses and accuracy of a net on whole sets, on kernels."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from mitbadak.native.layout import Layout
from mitbadak.native.packing import Packed, RowBuffers
from mitbadak.native.structs import Job, address
from mitbadak.native.team import parts_worth, run_parts
from mitbadak.nn.heads import Head

BLOCK_ROWS = 4096  # of a file are evaluated at once: 3 MB of MNIST's images


class Evaluation:
    """Evaluates sets with the parameters that a layout holds.

    Args:
        entry: the kernel.
        layout: of the net.
        head: its loss.
        flops: about the operations that one example takes.
        most: the most threads to use.
        threads: a number that was asked for.
    """

    def __init__(
        self, entry: Any, layout: Layout, head: Head, flops: float, most: int, threads: int | None
    ):
        self.entry, self.layout, self.head, self.flops = entry, layout, head, flops
        self.most, self.threads = most, threads
        self.right = np.zeros(most)
        self.jobs: dict[int, tuple[Any, ...]] = {}  # by set; with all that their addresses need

    def __call__(self, data: Packed, labels: np.ndarray, n_out: int) -> dict[str, float]:
        """Loss and accuracy on a set; see ``mitbadak.evaluate``.

        Args:
            data, labels: the set, and its labels as the head knows them.
            n_out: width of the scores.
        """
        n, right = len(data.rows), 0.0
        if data.staged is None:
            losses, right = self._of_rows(data)
        else:
            block, parts = data.block(min(n, BLOCK_ROWS)), []
            for start in range(0, n, BLOCK_ROWS):
                picked = np.arange(start, min(n, start + BLOCK_ROWS))
                data.load(block, picked)
                part, right_ones = self._of_rows(block, len(picked))
                parts.append(part.copy())
                right += right_ones
            losses = np.concatenate(parts)
        shares = n * n_out if self.head.mean_over == "entries" else n
        result = {"loss": float(losses.sum()) / (shares if self.head.averages else 1)}
        if self.head.measures_accuracy(labels, n_out):
            result["accuracy"] = right / (n * self.head.questions(n_out))
        return result

    def _of_rows(self, data: Packed, count: int | None = None) -> tuple[np.ndarray, float]:
        """The loss of each of the first rows, and how many predictions are right."""
        kept = self.jobs.get(id(data))
        if kept is None or kept[1] is not data:
            kept = self.jobs[id(data)] = self._job_for(data)
        job, losses = kept[0], kept[2]
        if count is not None:
            job.row_count, losses = count, losses[:count]
        run_parts(self.entry, ctypes.addressof(job), job.parts)
        return losses, float(self.right[: job.parts].sum())

    def _job_for(self, data: Packed) -> tuple[Any, ...]:
        """A job for a set, the set, the losses it writes, and what else must be kept."""
        job, losses, struct = Job.from_buffer_copy(self.layout.job), np.empty(len(data.rows)), None
        struct = data.struct()
        job.data = ctypes.addressof(struct)
        job.rows, job.row_count = address(data.rows), len(data.rows)
        job.each, job.right, job.shifts = address(losses), address(self.right), 0
        worth = self.threads or parts_worth(len(data.rows) * self.flops)
        job.parts = min(self.most, worth)
        buffers = RowBuffers(data, self.layout.rows, self.most)
        job.compressed = buffers.address
        return job, data, losses, struct, buffers
