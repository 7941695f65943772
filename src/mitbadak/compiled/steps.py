"""Training steps of a dense net as two compiled calls: ``forward`` and ``update``."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mitbadak.compiled import kernels as k
from mitbadak.compiled.vector import LANES
from mitbadak.data.batches import Dataset
from mitbadak.nn import losses
from mitbadak.nn.layers import Affine, Identity, Layer, ReLU, Sigmoid, Tanh
from mitbadak.nn.network import Sequential
from mitbadak.optim import SGD, Adam, Momentum, Optimizer

ACTIVATION_CODES: dict[type[Layer], int] = {
    Identity: k.IDENTITY, Sigmoid: k.SIGMOID, Tanh: k.TANH, ReLU: k.RELU,
}  # fmt: skip
HEAD_CODES: dict[type[losses.Head], int] = {
    losses.SoftmaxCrossEntropy: k.SOFTMAX,
    losses.MeanSquaredError: k.MEAN_SQUARED,
    losses.SumSquaredError: k.SUM_SQUARED,
}
OPTIMIZER_CODES: dict[type[Optimizer], int] = {SGD: k.SGD, Momentum: k.MOMENTUM, Adam: k.ADAM}

NOTHING = np.empty(0, np.int64)


def why_not(net: Sequential, optimizer: Optimizer, train: Dataset) -> str:
    """Why these kernels cannot run a training, in a clause; "" when they can."""
    if net.dtype != np.float32:
        return f"kernels are for float32, the net is {net.dtype}"
    if not _stages(net):
        return "kernels are for affine layers, each with at most one activation after it"
    if type(net.head) not in HEAD_CODES:
        return f"no kernel for {net.head!r}"
    if type(optimizer) not in OPTIMIZER_CODES:
        return f"no kernel for {optimizer!r}"
    if train.x.ndim != 2 or train.x.dtype.kind not in "uf":
        return f"no kernel for inputs of {train.x.dtype} and shape {train.x.shape}"
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
        settings: of the kernels, with what depends on the data.
        inputs: compressed pixels with their scale and the room for filing them by column.
        examples: dense inputs, or none.
        labels, targets: class indices or rows of targets; the other one is empty.
        rows: which examples belong to the set.
    """

    settings: np.ndarray
    inputs: tuple[np.ndarray, ...]
    examples: np.ndarray
    labels: np.ndarray
    targets: np.ndarray
    rows: np.ndarray | None


class CompiledSteps:
    """One training on the compiled engine: ``forward`` then ``update``, batch after batch.

    While it is open, the net's parameters and the optimizer's state are views into the arena, so
    whoever looks sees them live; ``close`` puts the original arrays back, with the final values.
    """

    def __init__(self, net: Sequential, optimizer: Optimizer, train: Dataset, batch_size: int):
        announce_compilation()
        self.net, self.optimizer, self.batch_size = net, optimizer, batch_size
        self.batch = 0
        self.grads: dict[str, np.ndarray] = {}  # fused with the update, so never kept
        stages = _stages(net)
        self.layout = _Layout(stages, type(optimizer), batch_size)
        self.arena = self.layout.arena
        self.settings = np.zeros(k.SETTINGS, np.int64)
        self.settings[k.LAYERS] = len(stages)
        self.settings[k.HEAD] = HEAD_CODES[type(net.head)]
        self.settings[k.OPTIMIZER] = OPTIMIZER_CODES[type(optimizer)]
        self.settings[k.ZEROS], self.settings[k.SHIFTED] = self.layout.zeros, self.layout.shifted
        self.rates = np.zeros(6)
        self.packed: dict[int, tuple[Dataset, Packed]] = {}
        self.train = self._pack(train)
        self._take_params()

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
        scale = np.ones(256, np.float32)
        if data.divisor is not None and data.x.dtype == np.uint8:
            scale = (np.arange(256) / np.float32(data.divisor)).astype(np.float32)
        elif data.divisor is not None:
            scale /= np.float32(data.divisor)
        width = data.x.shape[1]
        sparse = data.x.dtype == np.uint8 and skipping_zeros_pays(data.x)
        settings = self.settings.copy()
        settings[k.SPARSE] = sparse
        settings[k.ROOM] = self.batch_size if sparse else self.layout.gathered
        pixels = compressed(data.x) if sparse else Pixels(
            np.zeros(1, np.int64), np.empty(0, np.uint16), np.empty(0, np.uint8)
        )  # fmt: skip
        files = width * self.batch_size if sparse else 0
        inputs = (
            pixels.starts, pixels.columns, pixels.values, scale,
            np.zeros(width, np.int32), np.zeros(files, np.uint32),
        )  # fmt: skip
        t = data.t
        is_classes = t.ndim == 1 and t.dtype.kind in "iu" and (self.net.n_out or 0) > 1
        targets = np.empty((0, 1)) if is_classes else t.reshape(len(t), -1)
        return Packed(
            settings,
            inputs,
            data.x[:0] if sparse else data.x,
            t.astype(np.int64) if is_classes else NOTHING,
            np.ascontiguousarray(targets, np.float32),
            data.rows,
        )

    def _take_params(self) -> None:
        layout, state = self.layout, self.optimizer.state
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
        self.batch = len(picked)
        return self._forward(self.train, picked, following)

    def _forward(self, data: Packed, picked: np.ndarray, following: np.ndarray) -> float:
        return k.forward(
            self.arena, self.layout.plan, data.settings, data.inputs, data.examples, data.labels,
            data.targets, picked, following,
        )  # fmt: skip

    def update(self) -> None:
        """Backward from the last ``forward``, and the optimizer's update in place."""
        rule = self.optimizer
        rule.steps += 1
        self.rates[0] = rule.lr
        if isinstance(rule, Momentum):
            self.rates[1] = rule.momentum
        elif isinstance(rule, Adam):
            self.rates[1:4] = rule.beta1, rule.beta2, rule.eps
            self.rates[4] = 1 - rule.beta1**rule.steps
            self.rates[5] = np.sqrt(1 - rule.beta2**rule.steps)
        data = self.train
        k.backward(self.arena, self.layout.plan, data.settings, data.inputs, self.rates, self.batch)

    def evaluate(self, examples: Dataset) -> dict[str, float]:
        """Loss and accuracy on a whole set; see ``mitbadak.evaluate``."""
        data = self._pack(examples)
        rows = np.arange(len(examples)) if data.rows is None else data.rows
        total, right, batch = 0.0, 0, self.batch_size
        for start in range(0, len(rows), batch):
            picked = rows[start : start + batch]
            loss = self._forward(data, picked, rows[start + batch : start + 2 * batch])
            total += loss * (len(picked) if self.net.head.averages else 1)
            right += k.count_right(
                self.arena, self.layout.plan[-1], data.labels, data.targets, picked
            )
        found = {"loss": total / len(rows) if self.net.head.averages else total}
        if self.net.head.measures_accuracy(examples.t, self.net.n_out or 0):
            found["accuracy"] = right / len(rows)
        return found

    def close(self) -> None:
        """Give net and optimizer arrays of their own again, with the values reached."""
        for name, original in self.originals.items():
            original[...] = self.net.params[name]
        self._point(self.originals)
        for by_name in self.optimizer.state.values():
            for name in by_name:
                by_name[name] = by_name[name].copy()
        self.packed.clear()
        del self.train  # and with it the memory of the compressed images


class _Layout:
    """Where everything lies in the arena, and the views that others may hold of it."""

    def __init__(self, stages: list[tuple[Affine, Layer]], rule: type[Optimizer], batch: int):
        self.used = 0
        self.plan = np.full((len(stages), k.PLAN_COLUMNS), -1, np.int64)
        row_in = row_width(stages[0][0].n_in)
        self.gathered = self._take(batch * row_in)
        for line, (affine, activation) in zip(self.plan, stages, strict=True):
            row = row_width(affine.n_out)
            line[[k.N_IN, k.N_OUT, k.ROW_IN, k.ROW_OUT]] = affine.n_in, affine.n_out, row_in, row
            line[k.W], line[k.B] = self._take(affine.n_in * row), self._take(row)
            line[k.A], line[k.D] = self._take(batch * row), self._take(batch * row)
            line[k.WT], line[k.G] = self._take(affine.n_out * row_in), self._take(affine.n_in * row)
            line[k.GB] = self._take(row) if "b" in affine.params else -1
            line[k.ACTIVATION] = ACTIVATION_CODES[type(activation)]
            line[k.STATE] = self._take(2 * (affine.n_in + 1) * row) if rule.slots else -1
            row_in = row
        self.zeros = self._take(max(int(self.plan[:, [k.ROW_IN, k.ROW_OUT]].max()), LANES))
        self.shifted = self._take(batch)
        self.arena = _aligned(self.used)
        self.params: dict[str, np.ndarray] = {}
        self.states: dict[str, list[np.ndarray]] = {}
        for number, line in enumerate(self.plan, 1):
            n_in, n_out, row = line[k.N_IN], line[k.N_OUT], line[k.ROW_OUT]
            self.params[f"W{number}"] = self._rows(line[k.W], n_in, n_out, row)
            if line[k.GB] >= 0:
                self.params[f"b{number}"] = self._rows(line[k.B], 1, n_out, row)[0]
            at = line[k.STATE]
            for name, rows in ((f"W{number}", n_in), (f"b{number}", 1)):
                if rule.slots and name in self.params:
                    views = [self._rows(at + i * rows * row, rows, n_out, row) for i in range(2)]
                    shape = self.params[name].shape
                    self.states[name] = [view.reshape(shape) if rows == 1 else view
                                         for view in views]  # fmt: skip
                at += 2 * rows * row

    def _take(self, floats: int) -> int:
        start = self.used
        self.used += padded(floats)
        return start

    def _rows(self, start: int, rows: int, columns: int, width: int) -> np.ndarray:
        return self.arena[start : start + rows * width].reshape(rows, width)[:, :columns]


def announce_compilation() -> None:
    """Say on stderr that the kernels are about to be compiled, unless a cache holds them."""
    try:
        folder = k.forward._cache.cache_path  # pyright: ignore[reportAttributeAccessIssue]
        cached = any(Path(folder).glob("kernels.forward-*.nbi"))
    except (AttributeError, OSError):  # how Numba keeps its cache is its own affair
        return
    if not (cached or k.forward.signatures) and sys.stderr is not None:
        print("compiling kernels for this machine, once: some 10 s", file=sys.stderr, flush=True)


def skipping_zeros_pays(x: np.ndarray, *, sample: int = 1000) -> bool:
    """Whether so many entries are 0 that skipping them is faster than the dense product.

    Measured: an entry that is not 0 costs about as much as four in the dense product.
    """
    rows = x[:: max(1, len(x) // sample)]
    return bool(np.count_nonzero(rows) < 0.25 * rows.size) and x.shape[1] < 1 << 16


def compressed(x: np.ndarray) -> Pixels:
    """Bytes as compressed rows."""
    starts = np.zeros(len(x) + 1, np.int64)
    k.count_rows(x, starts)
    columns, values = np.empty(starts[-1], np.uint16), np.empty(starts[-1], np.uint8)
    k.compress_rows(x, starts, columns, values)
    return Pixels(starts, columns, values)


def padded(n: int) -> int:
    """n, rounded up to whole vector registers."""
    return -(-n // LANES) * LANES


def row_width(n: int) -> int:
    """Floats from one row to the next: padded, and no multiple of 2 kB.

    Entries below each other at such a distance fall into the same few places of the caches.
    """
    width = padded(n)
    return width + LANES if width % 512 == 0 else width


def _aligned(floats: int) -> np.ndarray:
    """Zeros that begin on a cache line."""
    raw = np.zeros(floats + LANES, np.float32)
    first = (-raw.ctypes.data // 4) % LANES
    return raw[first : first + floats]


def _stages(net: Sequential) -> list[tuple[Affine, Layer]]:
    """Affine layers, each with the activation after it; empty when the net is not of that form."""
    stages: list[tuple[Affine, Layer]] = []
    pending: Iterable[Layer] = net.layers
    for layer in pending:
        if isinstance(layer, Affine):
            stages.append((layer, Identity()))
        elif type(layer) in ACTIVATION_CODES and stages and type(stages[-1][1]) is Identity:
            stages[-1] = (stages[-1][0], layer)
        else:
            return []
    return stages
