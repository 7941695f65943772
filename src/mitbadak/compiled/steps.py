"""Training steps of a dense net on compiled kernels: ``forward`` and ``update``."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mitbadak.compiled import library, plan as p
from mitbadak.compiled.team import Team, edges_of, parts_worth, processors
from mitbadak.data.batches import Dataset
from mitbadak.nn.network import Sequential
from mitbadak.optim import Adam, Momentum, Optimizer

NOTHING = np.empty(0, np.int64)
LEAST_ROWS = 16  # of a part that measures: fewer leave the blocks of a product unfilled
SPARSE_DENSITY = 0.25  # an entry that is not 0 costs about as much as four in the dense product


def why_not(net: Sequential, optimizer: Optimizer, train: Dataset) -> str:
    """Why these kernels cannot run a training, in a clause; "" when they can."""
    if p.why_not(net):
        return p.why_not(net)
    if type(net.head) not in p.HEAD_CODES:
        return f"no kernel for {net.head!r}"
    if type(optimizer) not in p.OPTIMIZER_CODES:
        return f"no kernel for {optimizer!r}"
    if train.x.ndim != 2 or train.x.dtype.kind not in "uf":
        return f"no kernel for inputs of {train.x.dtype} and shape {train.x.shape}"
    if train.on_disk and train.x.dtype != np.uint8:
        return f"kernels read bytes from disk, the file holds {train.x.dtype}"
    if train.t.ndim > 2 or train.t.dtype.kind not in "biuf":
        return f"no kernel for labels of {train.t.dtype} and shape {train.t.shape}"
    return ""


@dataclass(frozen=True)
class Pixels:
    """Bytes that are mostly 0 as compressed rows: the columns and values of what is not 0."""

    starts: np.ndarray
    columns: np.ndarray
    values: np.ndarray


@dataclass(frozen=True)
class Packed:
    """A data set as the kernels take it.

    Attributes:
        source: which kind of inputs, see ``plan``.
        x: rows of bytes or floats.
        scale: the float that each byte stands for; scale[1] is the factor of other inputs.
        pixels: the same inputs as compressed rows, when that was done in advance.
        labels, targets: class indices or rows of targets; the other one is empty.
        rows: which examples belong to the set.
    """

    source: int
    x: np.ndarray
    scale: np.ndarray
    pixels: Pixels | None
    labels: np.ndarray
    targets: np.ndarray
    rows: np.ndarray | None


class CompiledSteps:
    """One training on the compiled engine: ``forward`` then ``update``, batch after batch.

    While it is open, the net's parameters and the optimizer's state are views into the arena, so
    whoever looks sees them live; ``close`` puts the original arrays back, with the final values.

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
        self._point_at(self.train, self.jobs, self.passing)
        self.jobs[:, p.LEARNING] = 1
        self._take_params()

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
            if known.x is data.x and known.t is data.t:
                made = replace(packed, rows=data.rows)
                break
        else:
            made = self._packed_anew(data)
        self.packed[id(data)] = (data, made)
        return made

    def _packed_anew(self, data: Dataset) -> Packed:
        x, scale, pixels = data.x, np.ones(256, np.float32), None
        if x.dtype == np.uint8:
            if data.divisor is not None:
                scale = (np.arange(256) / np.float32(data.divisor)).astype(np.float32)
            source = p.ROWS_OF_BYTES
            if skipping_zeros_pays(x):
                source = p.COMPRESSED_IN_PASSING if data.on_disk else p.COMPRESSED
                pixels = None if data.on_disk else compressed(x)
        else:
            source = p.ROWS_OF_FLOATS
            if data.divisor is not None:
                scale /= np.float32(data.divisor)
            x = np.ascontiguousarray(x, np.float32)
        t = data.t
        is_classes = t.ndim == 1 and t.dtype.kind in "iu" and (self.net.n_out or 0) > 1
        targets = np.empty((0, 1)) if is_classes else t.reshape(len(t), -1)
        return Packed(
            source,
            x,
            scale,
            pixels,
            t.astype(np.int64) if is_classes else NOTHING,
            np.ascontiguousarray(targets, np.float32),
            data.rows,
        )

    def _take_params(self) -> None:
        layout, state = self.layout, self.optimizer.state
        self.optimizer.meet(self.net.params)
        self.originals = dict(self.net.params)
        for name, view in layout.params.items():
            view[...] = self.originals[name]
        self._point(layout.params)
        for number, slot in enumerate(self.optimizer.slots):
            kept = state[slot]
            for name, views in layout.states.items():
                if name in kept:
                    views[number][...] = kept[name]
                kept[name] = views[number]

    def _point(self, arrays: dict[str, np.ndarray]) -> None:
        for name, array in arrays.items():
            layer, key = self.net.params.owner(name)
            layer.params[key] = array

    def forward(self, picked: np.ndarray, following: np.ndarray = NOTHING) -> float:
        """The loss of a batch, before any update; ``following`` is the batch after it."""
        if self.train.rows is not None:
            picked, following = self.train.rows[picked], self.train.rows[following]
        n, upcoming = len(picked), len(following)
        self.picked[:n] = picked
        self.following[:upcoming] = following
        if self.aim != (n, upcoming):
            self._aim(n, upcoming)
        return self.team.run(self.kernels["forward"], self.kernels["loss"])

    def _aim(self, n: int, upcoming: int) -> None:
        """Share out a batch of n among the threads."""
        self.jobs[:, p.FOLLOWING_N] = upcoming
        self.team.share_rows(n)
        self.aim = n, upcoming

    def _point_at(self, data: Packed, jobs: np.ndarray, passing: list[Pixels]) -> None:
        jobs[:, p.SOURCE], jobs[:, p.WIDTH] = data.source, data.x.shape[1]
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
        rows = np.arange(n) if data.rows is None else np.ascontiguousarray(data.rows, np.int64)
        losses = np.empty(n)
        jobs = self.measuring.jobs
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
        right = sum(self.measuring.results(parts))
        jobs[0, p.LOSSES], jobs[0, p.N] = p.address(losses), n  # the whole set as one batch
        found = {"loss": self.measuring.run_first(self.kernels["loss"])}
        if self.net.head.measures_accuracy(examples.t, self.net.n_out or 0):
            found["accuracy"] = right / n
        return found

    def close(self) -> None:
        """Give net and optimizer arrays of their own again, with the values reached."""
        self.team.close()
        self.measuring.close()
        for name, original in self.originals.items():
            original[...] = self.net.params[name]
        self._point(self.originals)
        for by_name in self.optimizer.state.values():
            for name in by_name:
                by_name[name] = by_name[name].copy()
        self.packed.clear()
        del self.train  # and with it the memory of the compressed images


def skipping_zeros_pays(x: np.ndarray, *, sample: int = 1000) -> bool:
    """Whether so many entries are 0 that skipping them is faster than the dense product."""
    rows = x[:: max(1, len(x) // sample)]
    return bool(np.count_nonzero(rows) < SPARSE_DENSITY * rows.size) and x.shape[1] < 1 << 16


def compressed(x: np.ndarray) -> Pixels:
    """Bytes as compressed rows."""
    kernels = library.load("kernels")
    x = np.ascontiguousarray(x)
    starts = np.zeros(len(x) + 1, np.int64)
    job = np.zeros(p.JOB, np.int64)
    job[p.N], job[p.WIDTH], job[p.EXAMPLES], job[p.STARTS] = (
        *x.shape,
        p.address(x),
        p.address(starts),
    )
    team = Team(job, 1)
    team.run_first(kernels["count"])
    room = int(starts[-1]) + p.SLACK
    pixels = Pixels(starts, np.empty(room, np.uint16), np.empty(room, np.uint8))
    team.jobs[0, p.COLUMNS] = p.address(pixels.columns)
    team.jobs[0, p.VALUES] = p.address(pixels.values)
    team.run_first(kernels["compress"])
    return pixels
