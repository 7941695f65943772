"""The memory layout of a training step: the arena, its plan, and the jobs that kernels carry out.

Nothing here imports the compiler, so that cached kernels load without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from mitbadak import optim
from mitbadak.core.errors import StateError
from mitbadak.nn.activations import Activation, Identity, ReLU, Sigmoid, Tanh
from mitbadak.nn.affine import Affine
from mitbadak.nn.heads import Head, MeanSquaredError, SoftmaxCrossEntropy, SumSquaredError
from mitbadak.nn.layer import Layer
from mitbadak.nn.network import Sequential
from mitbadak.nn.stages import affine_stages

LANES = 16  # floats in the widest vector register; rows are padded to a multiple
SLACK = 64  # entries beyond the end that compression may overwrite
GROUP = 32  # rows that pass all layers together in prediction, and stay in cache

# Columns of a line of the plan: widths, and where a layer's arrays begin in the arena.
N_IN, N_OUT, ROW_IN, ROW_OUT, W, B, A, D, WT, G, GB, ACTIVATION, STATE = range(13)
PLAN_COLUMNS = 13

# Entries of a job, all int64: addresses are named after what they point to.
(
    ARENA, PLAN, LAYERS, HEAD, OPTIMIZER, RATES, ZEROS, GATHERED,
    SOURCE, EXAMPLES, WIDTH, STARTS, COLUMNS, VALUES, SCALE, COUNTS, FILES, CAPACITY,
    LABELS, TARGETS, PICKED, N, FOLLOWING, FOLLOWING_N, SHIFTED, LOSSES, OUT,
    FIRST, LAST, PART, PARTS, LEARNING, PROBABILITIES,
    EXAMPLE_ROWS, BEGIN, END, AT_ONCE, EACH, RESULT, PROBLEM,
) = range(40)  # fmt: skip
JOB = 40

# Entries of a job for central differences. RESULT and PROBLEM keep their places.
(
    LOSS, KIND, BATCH, CLASSES, MOVES, UNIT, Z, ROW, SCORES, EXPS, SUMS, T, PULL, EXAMPLE, BY,
    NUMBERS, SCRATCH, SLOPES,
) = range(18)  # fmt: skip
MOVES_JOB = JOB

# Where inputs come from: rows of floats; rows of bytes; rows of bytes that are mostly 0, compressed
# in advance or batch by batch.
ROWS_OF_FLOATS, ROWS_OF_BYTES, COMPRESSED, COMPRESSED_ON_THE_FLY = range(4)
IDENTITY, SIGMOID, TANH, RELU = range(4)
SOFTMAX, MEAN_SQUARED, SUM_SQUARED = range(3)
SGD, MOMENTUM, ADAM = range(3)
CROSS_ENTROPY, SQUARED = range(2)

# Classes that have kernels; other modules ask ``has_kernel``.
ACTIVATION_CODES: dict[type[Layer], int] = {
    Identity: IDENTITY, Sigmoid: SIGMOID, Tanh: TANH, ReLU: RELU,
}  # fmt: skip
HEAD_CODES: dict[type[Head], int] = {
    SoftmaxCrossEntropy: SOFTMAX, MeanSquaredError: MEAN_SQUARED, SumSquaredError: SUM_SQUARED,
}  # fmt: skip
OPTIMIZER_CODES: dict[type[optim.Optimizer], int] = {
    optim.SGD: SGD, optim.Momentum: MOMENTUM, optim.Adam: ADAM,
}  # fmt: skip


class Layout:
    """The arena of a net: one array with all its floats, and views of its parameters and state.

    Args:
        stages: affine layers, each with the activation after it.
        batch: rows of activations to allocate.
        rule: the optimizer's class, or None if nothing is trained.

    Attributes:
        arena: the array.
        plan: a line per layer, with the columns above.
        params, states: views of the parameters, and of the optimizer's arrays for each.
        zeros, gathered: where a row of zeros begins, and the buffer for a dense batch.
    """

    def __init__(
        self,
        stages: Sequence[tuple[Affine, Layer]],
        batch: int,
        rule: type[optim.Optimizer] | None = None,
    ):
        self.used = 0
        self.plan = np.full((len(stages), PLAN_COLUMNS), -1, np.int64)
        slots = rule.slots if rule is not None else ()
        row_in = row_width(stages[0][0].n_in)
        self.gathered = self._take(batch * row_in) if rule is not None else -1
        for line, (affine, activation) in zip(self.plan, stages, strict=True):
            row = row_width(affine.n_out)
            line[[N_IN, N_OUT, ROW_IN, ROW_OUT]] = affine.n_in, affine.n_out, row_in, row
            line[W], line[B] = self._take(affine.n_in * row), self._take(row)
            line[A] = self._take(batch * row)
            line[ACTIVATION] = ACTIVATION_CODES[type(activation)]
            if rule is not None:
                line[D], line[WT] = self._take(batch * row), self._take(affine.n_out * row_in)
                line[G] = self._take(affine.n_in * row)
                line[GB] = self._take(row) if "b" in affine.params else -1
                line[STATE] = self._take(2 * (affine.n_in + 1) * row) if slots else -1
            row_in = row
        self.zeros = self._take(max(int(self.plan[:, [ROW_IN, ROW_OUT]].max()), LANES))
        self.arena = _aligned(self.used)
        self.params: dict[str, np.ndarray] = {}
        self.states: dict[str, list[np.ndarray]] = {}
        for number, (line, (affine, _)) in enumerate(zip(self.plan, stages, strict=True), 1):
            n_in, n_out, row = line[N_IN], line[N_OUT], line[ROW_OUT]
            self.params[f"W{number}"] = self._rows(line[W], n_in, n_out, row)
            if "b" in affine.params:
                self.params[f"b{number}"] = self._rows(line[B], 1, n_out, row)[0]
            at = line[STATE]
            for name, rows in ((f"W{number}", n_in), (f"b{number}", 1)):
                if slots and name in self.params:
                    views = [self._rows(at + i * rows * row, rows, n_out, row) for i in range(2)]
                    shape = self.params[name].shape
                    self.states[name] = [view.reshape(shape) if rows == 1 else view
                                         for view in views]  # fmt: skip
                at += 2 * rows * row

    def fill_in(self, job: np.ndarray) -> None:
        """Write the addresses of this layout into a job."""
        job[ARENA] = address(self.arena)
        job[PLAN], job[LAYERS] = address(self.plan), len(self.plan)
        job[ZEROS], job[GATHERED] = self.zeros, self.gathered

    def _take(self, floats: int) -> int:
        start = self.used
        self.used += padded(floats)
        return start

    def _rows(self, start: int, rows: int, columns: int, width: int) -> np.ndarray:
        return self.arena[start : start + rows * width].reshape(rows, width)[:, :columns]


def has_kernel(part: Layer | Head | optim.Optimizer) -> bool:
    """Whether there is a kernel for a layer, a head or an optimizer; not for derived classes."""
    kind: Any = type(part)
    tables = (ACTIVATION_CODES, HEAD_CODES, OPTIMIZER_CODES)
    return kind is Affine or any(kind in table for table in tables)


def stages_of(net: Sequential) -> list[tuple[Affine, Activation]]:
    """Affine layers, each with the activation after it; empty if the net has another structure."""
    before, stages = affine_stages(net.layers)
    pairs = [(s.affine, s.activation) for s in stages if s.activation is not None]
    return pairs if len(pairs) == len(stages) and not before else []


def why_not(net: Sequential) -> str:
    """Why kernels cannot compute the scores of a net, in a clause; "" if they can."""
    if net.dtype != np.float32:
        return f"kernels are for float32, the net is {net.dtype}"
    for layer in net.layers:
        if not has_kernel(layer):
            if isinstance(layer, Affine):
                return f"no kernel for {type(layer).__name__}, a class derived from Affine"
            return f"no kernel for {layer!r}"
    if not stages_of(net):
        return "kernels are for affine layers, each with at most one activation after it"
    return ""


def laid_out(array: np.ndarray, dtype: DTypeLike) -> np.ndarray:
    """The array as kernels read it: ``dtype`` in native byte order, aligned and contiguous.

    Returns the array itself if that is so already.
    """
    return np.require(array, np.dtype(dtype).newbyteorder("="), ["C_CONTIGUOUS", "ALIGNED"])


def address(array: np.ndarray) -> int:
    """The address of an array's first entry; 0 for an empty array.

    Raises:
        StateError: kernels would misread the array, see ``laid_out``.
    """
    flags = array.flags
    if not (flags.c_contiguous and flags.aligned and array.dtype.isnative):
        raise StateError(
            f"kernels read contiguous, aligned arrays in native byte order; got {array.dtype} of "
            f"shape {array.shape} with strides {array.strides}. Use plan.laid_out."
        )
    return array.__array_interface__["data"][0] if array.size else 0


def padded(n: int) -> int:
    """n, rounded up to whole vector registers."""
    return -(-n // LANES) * LANES


def row_width(n: int) -> int:
    """Floats from one row to the next: padded, and never a multiple of 2 kB.

    At such a distance the entries of a column would compete for the same few cache sets.
    """
    width = padded(n)
    return width + LANES if width % 512 == 0 else width


def _aligned(floats: int) -> np.ndarray:
    """Zeros, aligned to a cache line."""
    raw = np.zeros(floats + LANES, np.float32)
    first = (-raw.ctypes.data // 4) % LANES
    return raw[first : first + floats]
