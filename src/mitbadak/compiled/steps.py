"""Training steps of a dense net on compiled kernels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

import numpy as np

from mitbadak.compiled import library, packing, plan as p
from mitbadak.compiled.packing import NOTHING, SPARSE_DENSITY, Packed, Pixels
from mitbadak.compiled.team import Team, edges_of, parts_worth, processors
from mitbadak.core.errors import ShapeError, StateError
from mitbadak.data.batches import Dataset
from mitbadak.nn.network import Sequential
from mitbadak.optim import Adam, Momentum, Optimizer

BLOCK_ROWS = 4096  # of a file are evaluated at once: 3 MB of MNIST's images
LEAST_ROWS = 16  # of a part in evaluation: fewer leave the blocks of a product unfilled

OVERRIDABLE = ("scores", "compute", "loss_and_gradient", "share_right")  # kernels replace these


def why_not(net: Sequential, optimizer: Optimizer, train: Dataset) -> str:
    """Why these kernels cannot train a net, in a clause; "" if they can."""
    if p.why_not(net):
        return p.why_not(net)
    for name in OVERRIDABLE:
        if name in vars(net) or getattr(type(net), name) is not getattr(Sequential, name):
            return f"{type(net).__name__} overrides {name}"
    for part in (net.head, optimizer):
        if not p.has_kernel(part):
            return f"no kernel for {part!r}"
    if shared(net.params):
        return f"kernels update each parameter separately, but {shared(net.params)} share memory"
    return packing.why_not(train)


def shared(params: Mapping[str, np.ndarray]) -> str:
    """The names of two parameters that share memory, as text; "" if none do."""
    for (first, a), (second, b) in combinations(params.items(), 2):
        if np.may_share_memory(a, b):
            return f"{first} and {second}"
    return ""


class CompiledUpdater:
    """Training on the compiled engine: ``forward``, then ``update``, batch after batch.

    The kernels compute in their own arena. ``publish`` copies the current values to the arrays of
    the net and the optimizer, and ``absorb`` copies them back. Code that reads or changes those
    arrays must run between these two calls. ``close`` publishes for the last time.

    Args:
        net, optimizer, train: what to train; ``why_not`` must return "" for them.
        batch_size: the size of the largest batch.
        threads: how many share a step; default: as many as are worth using.
    """

    def __init__(
        self,
        net: Sequential,
        optimizer: Optimizer,
        train: Dataset,
        batch_size: int,
        threads: int | None = None,
    ):
        self.kernels = library.load("kernels")
        self.net, self.optimizer, self.batch_size = net, optimizer, batch_size
        self.threads = threads
        self.grads: dict[str, np.ndarray] = {}  # computed within the update and not kept
        stages = p.stages_of(net)
        self.layout = p.Layout(stages, batch_size, type(optimizer))
        self.picked, self.following = np.zeros((2, batch_size), np.int64)
        self.losses, self.rates = np.zeros(batch_size), np.zeros(6)
        self.shifted = np.zeros(batch_size, np.float32)
        self.packed: dict[int, tuple[Dataset, Packed]] = {}
        self.training_set = train
        self.train = self._pack(train)
        parts = min(threads or parts_worth(self._flops()), batch_size)
        self.team = Team(self._job(), parts)
        self.jobs = self.team.jobs
        self._allocate_files()
        most = max(1, batch_size // LEAST_ROWS)
        self.evaluating = Team(self._job(), min(threads or min(processors(), most), batch_size))
        self.training_buffers: list[Pixels] = []
        self.evaluation_buffers: list[Pixels] = []
        self.divided = 0, 0  # the sizes of this batch and the next, as divided among the parts
        self.block = None if self.train.staged is None else self.train.block(batch_size)
        self.picked[:] = np.arange(batch_size)  # these stay the same if a block is loaded
        self._point_at(self.block or self.train, self.jobs, self.training_buffers)
        self.jobs[:, p.LEARNING] = 1
        self.optimizer.warn_of_reuse(self.net.params)
        self.absorbed: dict[str, np.ndarray] = {}
        self.absorb()

    def _job(self) -> np.ndarray:
        job = np.zeros(p.JOB, np.int64)
        self.layout.fill_in(job)
        job[p.HEAD] = p.HEAD_CODES[type(self.net.head)]
        job[p.OPTIMIZER] = p.OPTIMIZER_CODES[type(self.optimizer)]
        job[p.RATES], job[p.LOSSES] = p.address(self.rates), p.address(self.losses)
        job[p.SHIFTED], job[p.PICKED] = p.address(self.shifted), p.address(self.picked)
        job[p.FOLLOWING] = p.address(self.following)
        return job

    def _flops(self) -> float:
        """About the operations of a step; where zeros are skipped, at the break-even density."""
        lines = self.layout.plan
        each = 6.0 * self.batch_size * lines[:, p.N_IN] * lines[:, p.ROW_OUT]
        if self.train.source >= p.COMPRESSED:
            each[0] *= SPARSE_DENSITY
        return float(each.sum())

    def _allocate_files(self) -> None:
        """Allocate where each part files its pixels by column, for the backward pass."""
        parts, width = len(self.jobs), int(self.layout.plan[0, p.N_IN])
        sparse = self.train.source >= p.COMPRESSED
        capacity = -(-self.batch_size // parts) * sparse
        self.counts = np.zeros(parts * width * sparse, np.int32)
        self.files = np.zeros(parts * width * capacity, np.uint32)
        self.jobs[:, p.CAPACITY] = capacity
        self.jobs[:, p.COUNTS], self.jobs[:, p.FILES] = (
            p.address(self.counts),
            p.address(self.files),
        )

    def _row_buffers(self, parts: int) -> list[Pixels]:
        """Buffers in which each part compresses its rows of a batch, if they come from a file."""
        rows, width = -(-self.batch_size // parts), int(self.layout.plan[0, p.N_IN])
        return [
            Pixels(
                np.zeros(rows + 1, np.int64),
                np.empty(rows * width + p.SLACK, np.uint16),
                np.empty(rows * width + p.SLACK, np.uint8),
            )
            for _ in range(parts)
        ]

    def _pack(self, data: Dataset) -> Packed:
        if id(data) in self.packed:
            return self.packed[id(data)][1]
        for known, packed in self.packed.values():  # another part of the same set
            if known.x is data.x and known.t is data.t and known.divisor == data.divisor:
                staged = data if packed.staged is not None else None
                packed_data = replace(packed, rows=packing.rows_of(data), staged=staged)
                break
        else:
            packed_data = packing.pack(data, self.net)
        self.packed[id(data)] = (data, packed_data)
        return packed_data

    def absorb(self) -> None:
        """Copy the net's parameters and the optimizer's state into the arena.

        Raises:
            StateError: kernels cannot train a parameter, or it is read-only.
            ShapeError: a parameter or an optimizer's array has another shape.
        """
        arrays, state = dict(self.net.params), self.optimizer.state
        if any(a is not self.absorbed.get(n) or not a.flags.writeable for n, a in arrays.items()):
            self._check_arrays(arrays)
        self.absorbed = arrays
        for name, view in self.layout.params.items():
            view[...] = arrays[name]
        for number, slot in enumerate(self.optimizer.slots):
            kept = state[slot]
            for name, views in self.layout.states.items():
                if name in kept and np.shape(kept[name]) != views[number].shape:
                    self._check_arrays(arrays)
                views[number][...] = kept.get(name, 0)

    def _check_arrays(self, arrays: dict[str, np.ndarray]) -> None:
        """Refuse what the optimizer itself would refuse, and arrays that do not fit the layout."""
        if list(arrays) != list(self.layout.params):
            raise StateError(
                f"the net has the parameters {', '.join(arrays)}; this training began with "
                f"{', '.join(self.layout.params)}. Start a new one."
            )
        for name, array in arrays.items():
            planned = self.layout.params[name]
            if array.shape != planned.shape or array.dtype != planned.dtype:
                raise ShapeError(
                    f"params[{name!r}] must stay {planned.dtype} of shape {planned.shape}; got "
                    f"{array.dtype} of shape {array.shape}."
                )
        if shared(arrays):
            raise StateError(
                f"{shared(arrays)} share memory, but kernels update each parameter separately. "
                "Give each its own array, or use engine='numpy'."
            )
        self.optimizer.checked_gradients(
            self.net.params, {n: np.zeros_like(a) for n, a in arrays.items()}
        )

    def publish(self) -> None:
        """Copy the current values to the arrays of the net and the optimizer."""
        for name, view in self.layout.params.items():
            if self.absorbed[name].flags.writeable:  # else ``absorb`` raises
                self.absorbed[name][...] = view
        for number, slot in enumerate(self.optimizer.slots):
            kept = self.optimizer.state[slot]
            for name, views in self.layout.states.items():
                if name in kept and kept[name].flags.writeable:
                    kept[name][...] = views[number]
                else:
                    kept[name] = views[number].copy()

    def forward(self, picked: np.ndarray, following: np.ndarray = NOTHING, step: int = 0) -> float:
        """The loss of a batch before its update.

        Args:
            picked: rows of the training set, shape (batch,).
            following: rows of the next batch, which are prefetched.
            step: updates so far; unused, since kernels draw no noise.
        """
        n, upcoming = len(picked), len(following)
        if self.block is not None:
            self.train.load(self.block, picked)
            upcoming = 0  # the next batch is not in memory yet
        else:  # take checks each index; the kernels do not
            np.take(self.train.rows, picked, out=self.picked[:n])
            np.take(self.train.rows, following, out=self.following[:upcoming])
        if self.divided != (n, upcoming):
            self._divide(n, upcoming)
        return self.team.run(self.kernels["forward"], self.kernels["loss"])

    def _divide(self, n: int, upcoming: int) -> None:
        """Divide a batch of n among the threads."""
        self.jobs[:, p.FOLLOWING_N] = upcoming
        self.team.share_rows(n)
        self.divided = n, upcoming

    def _point_at(self, data: Packed, jobs: np.ndarray, buffers: list[Pixels]) -> None:
        jobs[:, p.SOURCE], jobs[:, p.WIDTH] = data.source, data.width
        jobs[:, p.EXAMPLES], jobs[:, p.SCALE] = p.address(data.x), p.address(data.scale)
        jobs[:, p.LABELS], jobs[:, p.TARGETS] = p.address(data.labels), p.address(data.targets)
        if data.source == p.COMPRESSED_ON_THE_FLY and not buffers:
            buffers += self._row_buffers(len(jobs))
        on_the_fly = data.source == p.COMPRESSED_ON_THE_FLY
        for job, pixels in zip(jobs, buffers if on_the_fly else [data.pixels] * len(jobs),
                               strict=True):  # fmt: skip
            if pixels is not None:
                job[p.STARTS], job[p.COLUMNS] = p.address(pixels.starts), p.address(pixels.columns)
                job[p.VALUES] = p.address(pixels.values)

    def update(self) -> None:
        """The backward pass of the last ``forward``, and the optimizer's update in place."""
        rule = self.optimizer
        self.rates[0] = rule.lr  # before counting this update: schedules go by completed ones
        rule.steps += 1
        if isinstance(rule, Momentum):
            self.rates[1] = rule.momentum
        elif isinstance(rule, Adam):
            self.rates[1:4] = rule.beta1, rule.beta2, rule.eps
            self.rates[4] = 1 - rule.beta1**rule.steps
            self.rates[5] = np.sqrt(1 - rule.beta2**rule.steps)
        if len(self.jobs) == 1:
            self.team.run_first(self.kernels["update"])
        else:
            self.team.run(self.kernels["backward"])
            self.team.run(self.kernels["update_weights"])

    def evaluate(self, examples: Dataset) -> dict[str, float]:
        """Loss and accuracy on a whole set; see ``mitbadak.evaluate``."""
        data, n = self._pack(examples), len(examples)
        losses = np.empty(n)
        if data.staged is None:
            correct = self._evaluate_rows(data, data.rows, losses)
        else:
            block, correct = data.block(min(n, BLOCK_ROWS)), 0.0
            for start in range(0, n, BLOCK_ROWS):
                picked = np.arange(start, min(n, start + BLOCK_ROWS))
                data.load(block, picked)
                correct += self._evaluate_rows(block, block.rows[: len(picked)], losses[start:])
        jobs = self.evaluating.jobs
        jobs[0, p.LOSSES], jobs[0, p.N] = p.address(losses), n  # the whole set as one batch
        result = {"loss": self.evaluating.run_first(self.kernels["loss"])}
        if self.net.head.measures_accuracy(examples.t, self.net.n_out or 0):
            result["accuracy"] = correct / n
        return result

    def _evaluate_rows(self, data: Packed, rows: np.ndarray, losses: np.ndarray) -> float:
        """How many of these rows are predicted correctly; their losses go into ``losses``."""
        n, jobs = len(rows), self.evaluating.jobs
        worth = self.threads or parts_worth(n * self._flops() / (3 * self.batch_size))
        parts = min(len(jobs), worth)
        self._point_at(data, jobs, self.evaluation_buffers)
        at_once = self.batch_size // len(jobs)  # the rows of the arena that each part has
        jobs[:, p.EXAMPLE_ROWS], jobs[:, p.EACH] = p.address(rows), p.address(losses)
        jobs[:, p.N], jobs[:, p.AT_ONCE] = self.batch_size, at_once
        edges = edges_of(n, parts)
        jobs[:parts, p.FIRST] = np.arange(parts) * at_once
        jobs[:parts, p.BEGIN], jobs[:parts, p.END] = edges[:-1], edges[1:]
        jobs[:, p.LOSSES] = p.address(self.losses)
        self.evaluating.run(self.kernels["evaluate"], parts=parts)
        return sum(self.evaluating.results(parts))

    def close(self) -> None:
        """Publish the current values and free threads and memory; a second call has no effect."""
        if not self.packed:
            return
        self.publish()
        self.team.close()
        self.evaluating.close()
        self.packed.clear()
        del self.train  # which frees the compressed images
