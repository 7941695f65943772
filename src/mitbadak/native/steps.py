"""Training steps of a net on kernels."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from mitbadak.core.errors import RangeError, StateError
from mitbadak.data.dataset import Dataset
from mitbadak.data.shifts import RandomShift, generator_of
from mitbadak.native import packing, support
from mitbadak.native.calls import Calls
from mitbadak.native.changes import FlatOptimizer
from mitbadak.native.evaluation import Evaluation, measures
from mitbadak.native.exchange import Exchange
from mitbadak.native.layout import Layout
from mitbadak.native.library import kernels
from mitbadak.native.packing import NOTHING, SPARSE_DENSITY, Packed, RowBuffers
from mitbadak.native.structs import CONSTANTS as C, address
from mitbadak.native.team import processors, run_parts
from mitbadak.native.thread_count import ThreadCount
from mitbadak.nn.network import Sequential
from mitbadak.optim import Optimizer

EVALUATED_ROWS = 64  # that pass all layers together in evaluation
MOST_AT_ONCE = 4096  # steps of one call
SECONDS_AT_ONCE = 0.01  # after which a call should end, so that Ctrl-C and clocks are noticed
FLOPS_WORTH_MEETING = 2e6  # of a step: threads meet several times in each
MOST_SETS = 4  # training, validation and test set, and one more
MOST_PIXELS = (1 << 16) - 1  # of an image that is shifted: two bytes number them, and "outside"
MOST_PLACES = 1 << 22  # entries of the table of all shifts of all pixels: 8 MB
MOST_FILED = 1 << (32 - C["VALUE_BITS"])  # examples of a batch whose entries are bytes


def why_not(net: Sequential, optimizer: Optimizer, train: Dataset, augment: Any = None) -> str:
    """Why kernels cannot train a net, in a clause; "" if they can."""
    reason = support.why_not_trained(net, optimizer, augment) or packing.why_not(train)
    if not reason and augment is not None and np.prod(train.x.shape[1:]) != np.prod(augment.shape):
        return f"{augment!r} does not fit inputs of width {np.prod(train.x.shape[1:])}"
    if reason or augment is None:
        return reason
    pixels = int(np.prod(augment.shape))
    if pixels > MOST_PIXELS:
        return f"no kernel for shifts of images of more than {MOST_PIXELS:,} pixels"
    if pixels * (2 * augment.most + 1) ** 2 > MOST_PLACES:
        return f"the table of shifts would be too large for {augment!r}"
    return ""


class NativeUpdater:
    """Training on kernels: ``run`` for many steps, or ``forward``, then ``update``.

    The kernels compute in their own arrays. ``publish`` copies the current values to the arrays of
    the net and the optimizer, and ``absorb`` copies them back. Code that reads or changes those
    arrays must run between these two calls. ``close`` publishes for the last time.

    Args:
        net, optimizer, train: what to train; ``why_not`` must return "" for them.
        batch_size: the size of the largest batch.
        augment: shifts of the images of each batch.
        noise_seed: seed for augmentation and Dropout, together with the step.
        threads: how many share a step; default: as many as are worth using.
        may_fuse: whether plain SGD adds to the weights at once; where a team sums gradients first,
            one process alone rounds like several.
    """

    def __init__(
        self,
        net: Sequential,
        optimizer: Optimizer,
        train: Dataset,
        batch_size: int,
        *,
        augment: RandomShift | None = None,
        noise_seed: int = 0,
        threads: int | None = None,
        may_fuse: bool = True,
    ):
        self.kernels: Any = kernels()
        self.net, self.optimizer, self.batch_size = net, optimizer, batch_size
        self.augment, self.noise_seed, self.threads = augment, noise_seed, threads
        self.closed, self.may_fuse = False, may_fuse
        self.packed: list[tuple[Dataset, Packed]] = []  # the last ones that were used
        self.training_set = train
        self.train = self._pack(train)
        self.most_parts = min(threads or processors(), max(batch_size, EVALUATED_ROWS))
        rows = max(batch_size, EVALUATED_ROWS * self.most_parts)
        self.layout = Layout(net, rows, self.most_parts)
        self.changes = FlatOptimizer(optimizer, self.layout.spans)
        self.grads = dict(self.layout.grads)
        self.job = self.layout.job
        self.address = ctypes.addressof(self.job)
        self.kept: dict[str, Any] = {}
        self._fill_in_job()
        each = self._flops() / (3 * batch_size)
        self.evaluation = Evaluation(self.kernels, self.layout, net, each, self.most_parts, threads)
        worth = self._flops() >= FLOPS_WORTH_MEETING
        self.parts = ThreadCount(
            min(threads or (processors() if worth else 1), batch_size), threads
        )
        self.at_once = 1
        self.block = None if self.train.staged is None else self.train.block(batch_size)
        data = self.block or self.train
        struct, buffers = data.struct(), RowBuffers(data, batch_size, self.most_parts)
        self.kept["data"] = data, struct, buffers
        self.job.data, self.job.compressed = ctypes.addressof(struct), buffers.address
        self.calls = Calls(self.job)
        self.optimizer_parts = optimizer.parts
        self.optimizer.warn_of_reuse(self.net.params)
        self.exchange = Exchange(net, optimizer, self.layout)
        self.absorb()

    def _fill_in_job(self) -> None:
        job, layout = self.job, self.layout
        job.changes, job.change_count = (
            ctypes.addressof(self.changes.array),
            len(self.changes.array),
        )
        job.rate_count = C["RATES"] * len(self.changes.rules)
        job.updates_statistics = bool(self.net.mode_dependent)
        job.seed = self.noise_seed
        job.chunk_sums = self._keep(
            "chunk_sums", np.zeros(-(-len(layout.parameters) // C["CHUNK"]))
        )
        if self.augment is not None:
            moved = self.augment.places().astype(np.uint16)
            job.moved, job.moved_row = self._keep("moved", moved), moved.shape[1]
        if self.train.kind >= C["SPARSE_BYTES"]:
            parts, columns = self.most_parts, self.train.width + 1
            job.capacity = self.batch_size
            if self.batch_size > MOST_FILED:
                raise RangeError(
                    f"kernels take batches of at most {MOST_FILED:,} examples; got "
                    f"{self.batch_size:,}. Use a smaller batch_size, or engine='numpy'."
                )
            job.counts = self._keep("counts", np.zeros((parts, columns), np.int32))
            size = columns * self.batch_size * C["FILED_BYTES"]
            job.files = self._keep("files", np.empty(size // 8))  # aligned

    @property
    def fused(self) -> bool:
        """Whether plain SGD adds to the weights on the spot, which filters do not allow."""
        return bool(self.may_fuse and self.changes.fused and not self.job.has_filters)

    def _keep(self, name: str, array: np.ndarray) -> int:
        self.kept[name] = array
        return address(array)

    def _flops(self) -> float:
        """About the operations of a step; where zeros are skipped, at the break-even density."""
        each = [3.0 * self.batch_size * flops for flops in self.layout.flops_by_layer()]
        if self.train.kind >= C["SPARSE_BYTES"]:
            each[0] *= SPARSE_DENSITY
        return float(sum(each))

    def _pack(self, data: Dataset) -> Packed:
        """The set in the form kernels read, which is kept for as long as it is in use."""
        others = [known for known in self.packed if known[0] is not data]
        same = [packed for known, packed in self.packed if known is data]
        packed = same[0] if same else self._pack_anew(data)
        self.packed = [*others, (data, packed)][-MOST_SETS:]
        return packed

    def _pack_anew(self, data: Dataset) -> Packed:
        for known, packed in self.packed:  # perhaps another part of the same set
            if known.x is data.x and known.t is data.t and known.divisor == data.divisor:
                staged = data if packed.staged is not None else None
                return replace(packed, rows=packing.rows_of(data), staged=staged)
        return packing.pack(data, self.net)

    def absorb(self) -> None:
        """Copy the net's parameters and buffers and the optimizer's state into the kernels' arrays.

        Raises:
            StateError: kernels cannot train a parameter, or it is read-only.
            ShapeError: a parameter or an optimizer's array has another shape.
        """
        self.exchange.absorb()

    def publish(self) -> None:
        """Copy the current values to the arrays of the net and the optimizer."""
        self.exchange.publish()

    def snapshot(self) -> Any:
        """A copy of everything that training changes here, for ``rewind``."""
        return self.exchange.snapshot()

    def rewind(self, snapshot: Any) -> None:
        """Go back to a snapshot."""
        self.exchange.rewind(snapshot)

    def run(
        self, batches: Sequence[np.ndarray], step: int, sizes: Sequence[int] | None = None
    ) -> tuple[np.ndarray, bool]:
        """Train on one batch after another.

        Args:
            batches: rows of the training set, (batch,) each.
            step: updates so far.
            sizes: sizes of the batches, where the arrays do not hold one each.

        Returns:
            The losses of the completed steps, each before its update, followed by that of a step
            which is not finite; and whether a gradient was not finite, after a last completed one.
        """
        began = time.perf_counter()
        sizes = [len(batch) for batch in batches] if sizes is None else sizes
        self._take(batches, sizes, step, self.parts.choose())
        self.job.fused = self.fused
        self.job.stop_on_nonfinite = 1
        self.done = done = int(self._run(self.kernels.train))
        self.changes.count(done)
        if done == len(sizes):
            seconds = (time.perf_counter() - began) / done
            self.parts.note(self.job.parts, seconds)
            at_once = int(SECONDS_AT_ONCE / max(seconds, 1e-6))
            if self.block is None:  # else batches are read from a file, one at a time
                self.at_once = max(1, min(2 * self.at_once, at_once, MOST_AT_ONCE))
            return self.calls.losses[:done], False
        refused = bool(self.job.refused)
        return self.calls.losses[: done + (not refused)], refused

    def _run(self, entry: Any) -> float:
        """Run an entry point on all parts of the job."""
        self.job.waiting = self.job.abandoned = 0
        return run_parts(entry, self.address, self.job.parts, meeting=self.job)

    def _take(
        self, batches: Sequence[np.ndarray], sizes: Sequence[int], step: int, parts: int = 1
    ) -> None:
        """Fill in the job for these batches."""
        if self.closed:  # what the job points to is gone
            raise StateError("this updater has been closed; make a new one.")
        job, calls, smallest = self.job, self.calls, min(sizes)
        calls.fill(batches, sizes, None if self.block is not None else self.train.rows)
        if self.net.mode_dependent and smallest < 2:
            self._refuse_single_examples()
        if self.block is not None:
            self.train.load(self.block, np.concatenate(batches))
        self.layout.refresh()
        self.changes.refresh()
        rates = self.changes.rates(len(sizes))
        job.rates, self.kept["rates"] = address(rates), rates
        job.step_count, job.first_step, job.refused = len(sizes), step, 0
        job.parts = parts
        if self.augment is not None:
            shifts = [self._shifts(self.augment, n, step + i) for i, n in enumerate(sizes)]
            job.shifts = self._keep("shifts", np.concatenate(shifts))

    def _refuse_single_examples(self) -> None:
        """Raise what BatchNorm raises for a batch of one."""
        for layer in self.net.mode_dependent:
            layer.call(np.zeros((1, getattr(layer, "n", 1)), np.float32), training=True, rng=0)

    def _shifts(self, augment: RandomShift, n: int, step: int) -> np.ndarray:
        """Which shift each image of a batch gets, the same as on NumPy."""
        dy, dx = augment.draw(n, generator_of(self.noise_seed, step))
        most = augment.most
        return (dy + most) * (2 * most + 1) + dx + most

    def forward(self, rows: np.ndarray, following: np.ndarray = NOTHING, step: int = 0) -> float:
        """The loss of a batch before its update; its gradients are then in ``grads``.

        Args:
            rows: rows of the training set, shape (batch,).
            following: unused; ``run`` looks ahead by itself.
            step: updates so far.
        """
        self._take([rows], [len(rows)], step)
        self.job.fused = self.job.stop_on_nonfinite = 0
        self._run(self.kernels.gradient)
        self.grads = {name: view.copy() for name, view in self.layout.grads.items()}
        return float(self.calls.losses[0])

    def update(self) -> None:
        """The optimizer's update for the last ``forward``, with its settings as they are now.

        Changes made to ``grads`` since ``forward`` are used.

        Raises:
            NonFiniteError: a gradient is not finite; nothing was updated.
            StateError, ShapeError: ``grads`` do not fit the parameters.
        """
        edited = self._take_over_edits()
        if list(map(id, self.optimizer.parts)) == list(map(id, self.optimizer_parts)):
            self.changes.refresh()
            rates = self.changes.rates(1)
            self.job.rates, self.kept["rates"] = address(rates), rates
            self.job.refused, self.job.fused = 0, self.fused and not edited
            if self._run(self.kernels.update):
                self.changes.count(1)
                return
        self._update_on_numpy()

    def _take_over_edits(self) -> bool:
        """Whether ``grads`` were changed since ``forward``; the kernels' arrays then get them."""
        views = self.layout.grads
        if list(self.grads) == list(views) and all(
            _same_bits(self.grads[name], view) for name, view in views.items()
        ):
            return False
        self.optimizer.checked_gradients(self.net.params, self.grads)
        for name, view in views.items():
            view[...] = self.grads[name]
        return True

    def _update_on_numpy(self) -> None:
        """The update where squares have overflowed, or where the optimizer has other parts now."""
        self.publish()
        self.optimizer.update(self.net.params, {n: g.copy() for n, g in self.grads.items()})
        self.absorb()
        # What is left to do are the running statistics.
        changes, self.job.change_count = self.job.change_count, 0
        self.job.fused = 0
        self._run(self.kernels.update)
        self.job.change_count = changes

    def evaluate(self, examples: Dataset) -> dict[str, float]:
        """Loss and accuracy on a whole set; see ``mitbadak.evaluate``."""
        return self.evaluation(self._pack(examples), examples.t)

    def run_epochs(
        self,
        rows: Sequence[np.ndarray],
        sizes: Sequence[int],
        step: int,
        epochs: int,
        sets: Sequence[Dataset],
    ) -> tuple[np.ndarray, list[list[dict[str, float]]]]:
        """Train for several epochs of equally many batches, and evaluate sets after each.

        Args:
            rows: rows of the training set, in the order of the batches.
            sizes: sizes of the batches of all epochs.
            step: updates so far.
            epochs: how many.
            sets: what to evaluate.

        Returns:
            The losses of the completed steps, and for each completed epoch what ``evaluate`` would
            return for each set. A loss or gradient that is not finite ends it early.
        """
        packed = [self._pack(examples) for examples in sets]
        jobs = self.evaluation.jobs_of(packed)
        results = np.zeros((epochs, len(sets), 2))
        self.job.sets, self.job.set_count = ctypes.addressof(jobs), len(sets)
        self.job.epoch_steps, self.job.results = len(sizes) // epochs, address(results)
        try:
            losses, _ = self.run(rows, step, sizes)
        finally:
            self.job.epoch_steps = 0
        done = self.done // (len(sizes) // epochs)
        scales = [
            self.evaluation.scale(len(data.rows), examples.t)
            for data, examples in zip(packed, sets, strict=True)
        ]
        measured = [
            [measures(loss, right, *scale)
             for (loss, right), scale in zip(row, scales, strict=True)]
            for row in results[:done].tolist()
        ]  # fmt: skip
        return losses[: self.done], measured

    @property
    def epochs_at_once(self) -> int:
        """How many steps are worth making in one call with evaluations in between, or 0."""
        alone = self.parts.most == 1 and self.train.staged is None
        return self.at_once if alone else 0

    def close(self) -> None:
        """Publish the current values and free memory; a second call has no effect."""
        if self.closed:
            return
        self.publish()
        self.closed = True
        self.packed.clear()
        self.kept.clear()
        del self.train  # which frees the compressed images


def _same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
