"""Data sets in the form kernels read: checked, in row-major order, in the kernels' dtypes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mitbadak.compiled import library, plan as p
from mitbadak.compiled.team import Team
from mitbadak.core.errors import ShapeError, StateError
from mitbadak.data.batches import Dataset
from mitbadak.nn.network import Sequential

NOTHING = np.empty(0, np.int64)
SPARSE_DENSITY = 0.25  # a nonzero entry costs about as much as four in a dense product


@dataclass(frozen=True)
class Pixels:
    """Compressed rows of bytes that are mostly 0: columns and values of the nonzero entries."""

    starts: np.ndarray
    columns: np.ndarray
    values: np.ndarray


@dataclass(frozen=True)
class Packed:
    """A data set, or a block of one, in the form kernels read.

    Attributes:
        source: the kind of inputs, see ``plan``.
        x: rows of bytes or floats; empty where ``staged`` is given.
        scale: the value of each byte; for other inputs, scale[1] is their factor.
        pixels: the same inputs as compressed rows, if they were compressed in advance.
        labels, targets: class indices or rows of targets; the other one is empty.
        rows: the rows of x that make up the set, in order.
        staged: the set itself, if x stays in a file and is read block by block.
    """

    source: int
    x: np.ndarray
    scale: np.ndarray
    pixels: Pixels | None
    labels: np.ndarray
    targets: np.ndarray
    rows: np.ndarray
    staged: Dataset | None = None

    @property
    def width(self) -> int:
        return self.x.shape[1]

    def block(self, size: int) -> Packed:
        """An empty block of ``size`` examples of a staged set, to be filled by ``load``."""
        return replace(
            self,
            x=np.zeros((size, self.width), self.x.dtype),
            labels=np.zeros(size * (len(self.labels) > 0), np.int64),
            targets=np.zeros((size * (len(self.targets) > 0), self.targets.shape[1]), np.float32),
            rows=np.arange(size),
            staged=None,
        )

    def load(self, block: Packed, picked: np.ndarray) -> None:
        """Fill a block with the picked examples of this staged set, from its first row on."""
        if self.staged is None:
            raise StateError("only a staged set is read in blocks; this one is in memory.")
        n, rows = len(picked), self.rows[picked]
        block.x[:n] = self.staged.stored(picked)
        for own, buffer in ((self.labels, block.labels), (self.targets, block.targets)):
            if len(own):
                buffer[:n] = own[rows]


def why_not(data: Dataset) -> str:
    """Why the kernels cannot take a data set, in a clause; "" when they can."""
    if data.x.ndim != 2:
        return f"no kernel for inputs of {data.x.dtype} and shape {data.x.shape}"
    if data.t.ndim > 2:
        return f"no kernel for labels of {data.t.dtype} and shape {data.t.shape}"
    return ""


def pack(data: Dataset, net: Sequential) -> Packed:
    """A data set in the form kernels read.

    Kernels trust every index, so the set is checked here even if it has been checked before.

    Raises:
        ShapeError, LabelError, DtypeError: the net cannot be evaluated on x or t.
    """
    if why_not(data):
        raise ShapeError(f"{data.name}: {why_not(data)}. Use engine='numpy'.")
    net.check_width(data.x)
    n_out = net.n_out or 0
    net.head.check_labels(data.t, n_out)
    x, staged = data.x, data if data.mapped is not None else None
    source, scale, pixels = p.ROWS_OF_FLOATS, np.ones(256, np.float32), None
    if x.dtype == np.uint8:
        if data.divisor is not None:
            scale = (np.arange(256) / np.float32(data.divisor)).astype(np.float32)
        source = p.ROWS_OF_BYTES
        x = x[:0] if staged else p.laid_out(x, np.uint8)
        if skipping_zeros_pays(_sample(data)):
            on_the_fly = data.on_disk or staged is not None
            source = p.COMPRESSED_ON_THE_FLY if on_the_fly else p.COMPRESSED
            pixels = None if on_the_fly else compressed(x)
    else:
        if data.divisor is not None:
            scale /= np.float32(data.divisor)
        x = p.laid_out(x[:0] if staged else x, np.float32)
    t = data.t
    is_classes = t.ndim == 1 and t.dtype.kind in "iu" and n_out > 1
    targets = np.empty((0, 1)) if is_classes else t.reshape(len(t), -1)
    return Packed(
        source,
        x,
        scale,
        pixels,
        np.array(t, np.int64) if is_classes else NOTHING,  # a copy, since kernels trust it
        p.laid_out(targets, np.float32),
        rows_of(data),
        staged,
    )


def rows_of(data: Dataset) -> np.ndarray:
    """The rows of its arrays that make up a set."""
    return np.arange(len(data)) if data.rows is None else p.laid_out(data.rows, np.int64)


def _sample(data: Dataset, *, size: int = 1000) -> np.ndarray:
    """Inputs spread evenly over the arrays of a set."""
    step = max(1, len(data.x) // size)
    if data.mapped is None:
        return data.x[::step]
    return data.mapped.rows(np.arange(0, len(data.x), step))


def skipping_zeros_pays(x: np.ndarray) -> bool:
    """Whether enough entries are 0 that skipping them is faster than the dense product."""
    return bool(np.count_nonzero(x) < SPARSE_DENSITY * x.size) and x.shape[1] < 1 << 16


def compressed(x: np.ndarray) -> Pixels:
    """Bytes as compressed rows."""
    kernels = library.load("kernels")
    x = p.laid_out(x, np.uint8)
    starts = np.zeros(len(x) + 1, np.int64)
    job = np.zeros(p.JOB, np.int64)
    job[p.N], job[p.WIDTH], job[p.EXAMPLES], job[p.STARTS] = (
        *x.shape,
        p.address(x),
        p.address(starts),
    )
    team = Team(job, 1)
    team.run_first(kernels["count"])
    capacity = int(starts[-1]) + p.SLACK
    pixels = Pixels(starts, np.empty(capacity, np.uint16), np.empty(capacity, np.uint8))
    team.jobs[0, p.COLUMNS] = p.address(pixels.columns)
    team.jobs[0, p.VALUES] = p.address(pixels.values)
    team.run_first(kernels["compress"])
    return pixels
