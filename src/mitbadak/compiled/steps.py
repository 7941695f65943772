"""Training steps of a dense net on compiled kernels: ``forward`` and ``update``."""

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

BLOCK_ROWS = 4096  # of a file are measured at once: 3 MB of MNIST's images
LEAST_ROWS = 16  # of a part that measures: fewer leave the blocks of a product unfilled


OVERRIDABLE = ("scores", "compute", "loss_and_gradient", "share_right")  # done by kernels instead


def why_not(net: Sequential, optimizer: Optimizer, train: Dataset) -> str:
    """Why these kernels cannot run a training, in a clause; "" when they can."""
    if p.why_not(net):
        return p.why_not(net)
    for name in OVERRIDABLE:
        if name in vars(net) or getattr(type(net), name) is not getattr(Sequential, name):
            return f"{type(net).__name__} overrides {name}"
    for part in (net.head, optimizer):
        if not p.has_kernel(part):
            return f"no kernel for {part!r}"
    if shared(net.params):
        return f"kernels train each parameter by itself, and {shared(net.params)} share memory"
    return packing.why_not(train)


def shared(params: Mapping[str, np.ndarray]) -> str:
    """Two parameters that share memory, as words; "" when none do."""
    for (first, a), (second, b) in combinations(params.items(), 2):
        if np.may_share_memory(a, b):
            return f"{first} and {second}"
    return ""


class CompiledUpdater:
    """One training on the compiled engine: ``forward`` then ``update``, batch after batch.

    The kernels compute in an arena of their own. ``publish`` brings the values reached into the
    arrays of net and optimizer, which stay theirs throughout, and ``absorb`` takes over what was
    made of them: whoever is to look at them, or to change them, stands between these two calls.
    ``close`` publishes for the last time.

    Args:
        net, optimizer, train: the training; ``why_not`` has nothing against it.
        batch_size: the largest batch that will come.
        threads: how many share a step; default as many as pay.
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
        self.grads: dict[str, np.ndarray] = {}  # fused with the update, so never kept
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
        self._make_room_for_filing()
        most = max(1, batch_size // LEAST_ROWS)
        self.measuring = Team(self._job(), min(threads or min(processors(), most), batch_size))
        self.passing: list[Pixels] = []
        self.passing_whole: list[Pixels] = []  # and those of the parts that measure
        self.aim = 0, 0  # the sizes of a batch and of the one after it, as shared out
        self.block = None if self.train.staged is None else self.train.block(batch_size)
        self.picked[:] = np.arange(batch_size)  # and so they stay where a block is loaded
        self._point_at(self.block or self.train, self.jobs, self.passing)
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
        """Of one step, about; where zeros are skipped, as the density at which that just pays."""
        lines = self.layout.plan
        each = 6.0 * self.batch_size * lines[:, p.N_IN] * lines[:, p.ROW_OUT]
        if self.train.source >= p.COMPRESSED:
            each[0] *= SPARSE_DENSITY
        return float(each.sum())

    def _make_room_for_filing(self) -> None:
        """Each part files the pixels of its rows by column, for the way back."""
        parts, width = len(self.jobs), int(self.layout.plan[0, p.N_IN])
        sparse = self.train.source >= p.COMPRESSED
        room = -(-self.batch_size // parts) * sparse
        self.counts = np.zeros(parts * width * sparse, np.int32)
        self.files = np.zeros(parts * width * room, np.uint32)
        self.jobs[:, p.ROOM] = room
        self.jobs[:, p.COUNTS], self.jobs[:, p.FILES] = (
            p.address(self.counts),
            p.address(self.files),
        )

    def _room_in_passing(self, parts: int) -> list[Pixels]:
        """Each part compresses its rows of a batch here when they come from a file."""
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
                made = replace(packed, rows=packing.rows_of(data), staged=staged)
                break
        else:
            made = packing.pack(data, self.net)
        self.packed[id(data)] = (data, made)
        return made

    def absorb(self) -> None:
        """Take over the net's parameters and the optimizer's state as they are now.

        Raises:
            StateError: a parameter that kernels cannot train, or that is read-only.
            ShapeError: a parameter or an optimizer's array of another shape.
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
        """Refuse what the optimizer itself would refuse, and what is not as planned."""
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
                f"{shared(arrays)} share memory, and kernels train each parameter by itself. Give "
                "each an array of its own, or use engine='numpy'."
            )
        self.optimizer.checked_gradients(
            self.net.params, {n: np.zeros_like(a) for n, a in arrays.items()}
        )

    def publish(self) -> None:
        """Give the net's and the optimizer's own arrays the values reached."""
        for name, view in self.layout.params.items():
            if self.absorbed[name].flags.writeable:  # else ``absorb`` says so
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
            following: rows of the next batch, which are loaded ahead.
            step: updates so far; kernels draw no noise and do not need it.
        """
        n, upcoming = len(picked), len(following)
        if self.block is not None:
            self.train.load(self.block, picked)
            upcoming = 0  # the next batch is not in memory yet
        else:  # (take checks each index, which the kernels do not)
            np.take(self.train.rows, picked, out=self.picked[:n])
            np.take(self.train.rows, following, out=self.following[:upcoming])
        if self.aim != (n, upcoming):
            self._aim(n, upcoming)
        return self.team.run(self.kernels["forward"], self.kernels["loss"])

    def _aim(self, n: int, upcoming: int) -> None:
        """Share out a batch of n among the threads."""
        self.jobs[:, p.FOLLOWING_N] = upcoming
        self.team.share_rows(n)
        self.aim = n, upcoming

    def _point_at(self, data: Packed, jobs: np.ndarray, passing: list[Pixels]) -> None:
        jobs[:, p.SOURCE], jobs[:, p.WIDTH] = data.source, data.width
        jobs[:, p.EXAMPLES], jobs[:, p.SCALE] = p.address(data.x), p.address(data.scale)
        jobs[:, p.LABELS], jobs[:, p.TARGETS] = p.address(data.labels), p.address(data.targets)
        if data.source == p.COMPRESSED_IN_PASSING and not passing:
            passing += self._room_in_passing(len(jobs))
        in_passing = data.source == p.COMPRESSED_IN_PASSING
        for job, pixels in zip(jobs, passing if in_passing else [data.pixels] * len(jobs),
                               strict=True):  # fmt: skip
            if pixels is not None:
                job[p.STARTS], job[p.COLUMNS] = p.address(pixels.starts), p.address(pixels.columns)
                job[p.VALUES] = p.address(pixels.values)

    def update(self) -> None:
        """Backward from the last ``forward``, and the optimizer's update in place."""
        rule = self.optimizer
        self.rates[0] = rule.lr  # before the count: schedules go by the updates that are done
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
            self.team.run(self.kernels["back"])
            self.team.run(self.kernels["learn"])

    def evaluate(self, examples: Dataset) -> dict[str, float]:
        """Loss and accuracy on a whole set; see ``mitbadak.evaluate``."""
        data, n = self._pack(examples), len(examples)
        losses = np.empty(n)
        if data.staged is None:
            right = self._measure(data, data.rows, losses)
        else:
            block, right = data.block(min(n, BLOCK_ROWS)), 0.0
            for start in range(0, n, BLOCK_ROWS):
                picked = np.arange(start, min(n, start + BLOCK_ROWS))
                data.load(block, picked)
                right += self._measure(block, block.rows[: len(picked)], losses[start:])
        jobs = self.measuring.jobs
        jobs[0, p.LOSSES], jobs[0, p.N] = p.address(losses), n  # the whole set as one batch
        found = {"loss": self.measuring.run_first(self.kernels["loss"])}
        if self.net.head.measures_accuracy(examples.t, self.net.n_out or 0):
            found["accuracy"] = right / n
        return found

    def _measure(self, data: Packed, rows: np.ndarray, losses: np.ndarray) -> float:
        """How many of some rows are right; each one's loss goes to ``losses``."""
        n, jobs = len(rows), self.measuring.jobs
        worth = self.threads or parts_worth(n * self._flops() / (3 * self.batch_size))
        parts = min(len(jobs), worth)
        self._point_at(data, jobs, self.passing_whole)
        at_once = self.batch_size // len(jobs)  # as many as a part has room for
        jobs[:, p.EXAMPLE_ROWS], jobs[:, p.EACH] = p.address(rows), p.address(losses)
        jobs[:, p.N], jobs[:, p.AT_ONCE] = self.batch_size, at_once
        edges = edges_of(n, parts)
        jobs[:parts, p.FIRST] = np.arange(parts) * at_once
        jobs[:parts, p.BEGIN], jobs[:parts, p.END] = edges[:-1], edges[1:]
        jobs[:, p.LOSSES] = p.address(self.losses)
        self.measuring.run(self.kernels["measure"], parts=parts)
        return sum(self.measuring.results(parts))

    def close(self) -> None:
        """Publish the values reached, and give back threads and memory; once is enough."""
        if not self.packed:
            return
        self.publish()
        self.team.close()
        self.measuring.close()
        self.packed.clear()
        del self.train  # and with it the memory of the compressed images
