"""Data sets in the form kernels read: checked, in row-major order, in the kernels' dtypes."""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from mitbadak.core.errors import ShapeError, StateError
from mitbadak.data.dataset import Dataset
from mitbadak.native.library import kernels
from mitbadak.native.structs import CONSTANTS as C, SLACK, Examples, Job, address, laid_out
from mitbadak.native.support import layers_of
from mitbadak.native.team import processors, run_parts
from mitbadak.nn.affine import Affine
from mitbadak.nn.network import Sequential

NOTHING = np.empty(0, np.int64)
SPARSE_DENSITY = 0.25  # a nonzero entry costs about as much as four in a dense product
MOST_COLUMNS = 1 << 16  # that two bytes can number
ROWS_WORTH_A_THREAD = 2000  # to compress


@dataclass(frozen=True, eq=False)
class Packed:
    """A data set, or a block of one, in the form kernels read.

    Attributes:
        kind: kind of inputs, see ``kernels.h``.
        x: rows of bytes or floats; empty where ``staged`` is given, or all is in ``entries``.
        scale: the value of each byte; for floats, scale[1] is their factor.
        entries: starts, columns and values of compressed rows.
        labels, targets: class indices or rows of targets; the other one is empty.
        rows: the rows of x that make up the set, in order.
        staged: the set itself, if x stays in a file and is read block by block.
        largest: magnitude of the values in compressed rows.
    """

    kind: int
    x: np.ndarray
    scale: np.ndarray
    entries: tuple[np.ndarray, ...]
    labels: np.ndarray
    targets: np.ndarray
    rows: np.ndarray
    staged: Dataset | None = None
    largest: float = 0.0

    @property
    def width(self) -> int:
        return self.x.shape[1]

    def struct(self) -> Any:
        """The set as kernels see it; this object must outlive it."""
        starts, columns, values = self.entries or (None, None, None)
        return Examples(
            kind=self.kind,
            source=C["BYTES"] if self.x.dtype == np.uint8 else C["FLOATS"],
            width=self.width,
            examples=address(self.x),
            scale=address(self.scale),
            largest=self.largest,
            starts=address(starts),
            columns=address(columns),
            values=address(values),
            labels=address(self.labels),
            targets=address(self.targets),
        )

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


class RowBuffers:
    """Where each part of a job compresses its rows, if they come from a file.

    Attributes:
        address: address of the parts' structs; 0 where rows are not compressed on the fly.
    """

    def __init__(self, data: Packed, rows: int, parts: int):
        self.address = 0
        if data.kind != C["SPARSE_ON_THE_FLY"]:
            return
        entries = rows * data.width + SLACK
        self.arrays = [
            (
                np.zeros(rows + 1, np.int64),
                np.empty(entries, np.uint16),
                np.empty(entries, np.uint8),
            )
            for _ in range(parts)
        ]
        structs = [replace(data, entries=own).struct() for own in self.arrays]
        self.structs = (Examples * parts)(*structs)
        self.address = ctypes.addressof(self.structs)


def why_not(data: Dataset) -> str:
    """Why the kernels cannot take a data set, in a clause; "" when they can."""
    if data.x.ndim < 2 or (data.x.ndim > 2 and data.mapped is not None):
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
    staged = data if data.mapped is not None else None
    x = data.x[:0] if staged else _rows(data.x)
    x = laid_out(x, np.uint8 if x.dtype == np.uint8 else np.float32)
    divisor = np.float32(1 if data.divisor is None else data.divisor)
    bytes_ = x.dtype == np.uint8
    kind = C["BYTES"] if bytes_ else C["FLOATS"]
    scale = ((np.arange(256) if bytes_ else np.ones(256)) / divisor).astype(np.float32)
    entries: tuple[np.ndarray, ...] = ()
    if skipping_zeros_pays(_sample(data)) and type(layers_of(net)[0]) is Affine:
        on_the_fly = data.on_disk or staged is not None
        if on_the_fly and bytes_:
            kind = C["SPARSE_ON_THE_FLY"]
        elif not on_the_fly:
            kind, scale, entries = compressed(x, scale)
            x = np.empty((0, x.shape[1]), x.dtype)
    t = data.t
    is_classes = t.ndim == 1 and t.dtype.kind in "iu" and n_out > 1
    targets = np.empty((0, 1)) if is_classes else t.reshape(len(t), -1)
    return Packed(
        kind,
        x,
        scale,
        entries,
        np.array(t, np.int64) if is_classes else NOTHING,  # a copy, since kernels trust it
        laid_out(targets, np.float32),
        rows_of(data),
        staged,
        _largest(scale, entries),
    )


def _rows(x: np.ndarray) -> np.ndarray:
    """Examples of any shape as rows."""
    return x if x.ndim == 2 else x.reshape(len(x), math.prod(x.shape[1:]))


def _largest(scale: np.ndarray, entries: tuple[np.ndarray, ...]) -> float:
    """A bound for the magnitude of values that are compressed."""
    if not entries or entries[2].dtype == np.uint8:
        return float(abs(scale).max())
    starts, _, values = entries
    values = values[: starts[-1]]
    return float(max(values.max(initial=0), -values.min(initial=0)))


def rows_of(data: Dataset) -> np.ndarray:
    """The rows of its arrays that make up a set."""
    return np.arange(len(data)) if data.rows is None else laid_out(data.rows, np.int64)


def _sample(data: Dataset, *, size: int = 1000) -> np.ndarray:
    """Inputs spread evenly over the arrays of a set."""
    step = max(1, len(data.x) // size)
    if data.mapped is None:
        return _rows(data.x[::step])
    return data.mapped.rows(np.arange(0, len(data.x), step))


def skipping_zeros_pays(x: np.ndarray) -> bool:
    """Whether enough entries are 0 that skipping them is faster than the dense product."""
    narrow = x.shape[1] < MOST_COLUMNS
    return bool(narrow and np.count_nonzero(x) < SPARSE_DENSITY * x.size)


def compressed(
    x: np.ndarray, scale: np.ndarray
) -> tuple[int, np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """The nonzero entries of rows, with their kind and scale.

    Floats that are all k / 255 are kept as bytes k, which take a quarter of the memory. Other
    floats are multiplied by their factor, ``scale[1]``.
    """
    entry_points: Any = kernels()
    floats = x.dtype == np.float32
    starts = np.zeros(len(x) + 1, np.int64)
    examples = Examples(width=x.shape[1], examples=address(x), starts=address(starts),
                        source=C["FLOATS"] if floats else C["BYTES"])  # fmt: skip
    parts = max(1, min(processors(), len(x) // ROWS_WORTH_A_THREAD))
    others = np.zeros(parts)
    job = Job(
        data=ctypes.addressof(examples), row_count=len(x), parts=parts, others=address(others)
    )
    run_parts(entry_points.count, ctypes.addressof(job), parts)
    np.cumsum(starts[1:], out=starts[1:])
    columns = np.empty(starts[-1] + SLACK, np.uint16)
    examples.columns = address(columns)

    def filled(kind: int, dtype: DTypeLike, values_of: np.ndarray) -> np.ndarray:
        """The values of all entries; ``others`` counts those that are not multiples of 1/255."""
        values = np.empty(starts[-1] + SLACK, dtype)
        examples.kind, examples.values = kind, address(values)
        examples.scale = address(values_of)
        run_parts(entry_points.compress, ctypes.addressof(job), parts)
        return values

    of_bytes = (np.arange(256) / np.float32(255)).astype(np.float32) if floats else scale
    values = filled(C["SPARSE_BYTES"], np.uint8, of_bytes)
    if not others.any():
        return (
            C["SPARSE_BYTES"],
            of_bytes * scale[1] if floats else scale,
            (starts, columns, values),
        )
    values = filled(C["SPARSE_FLOATS"], np.float32, scale)
    values[: starts[-1]] *= scale[1]
    return C["SPARSE_FLOATS"], scale, (starts, columns, values)
