"""Rows of a memory-mapped array, read by ``pread`` rather than through the map.

When a file is truncated while it is mapped, the next access to a lost page kills the process by a
signal (SIGBUS) that Python cannot turn into an error. ``pread`` just returns fewer bytes.
"""

from __future__ import annotations

import copy
import math
import mmap
import os
import stat
import weakref
from pathlib import Path

import numpy as np

from mitbadak.core.errors import FormatError

GAP_BYTES = 1 << 14  # reading across a gap of this size is faster than another call
WIDEST = 4  # a row that spans more than this many times its own bytes is not contiguous enough


class _File:
    """An open file, with the number of bytes that it must at least have."""

    def __init__(self, path: Path, handle: int, needed: int):
        self.path, self.handle, self.needed = path, handle, needed
        weakref.finalize(self, os.close, handle)

    def read(self, start: int, length: int) -> bytearray:
        content = bytearray()
        while len(content) < length:
            try:
                piece = os.pread(self.handle, length - len(content), start + len(content))
            except OSError as error:
                raise FormatError(f"{self.path} can no longer be read: {error.strerror}.") from None
            if not piece:
                raise self.was_cut()
            content += piece
        return content

    def was_cut(self) -> FormatError:
        size = os.fstat(self.handle).st_size
        return FormatError(
            f"{self.path} was truncated while in use: it holds {size:,} bytes, but {self.needed:,} "
            "are needed. Get the file again and start over."
        )


class MappedRows:
    """The rows of an array in a mapped file, each read on demand.

    Args:
        file: the file.
        array: the array; only its shape, strides and dtype are used.
        start: offset of its first entry in the file.
    """

    def __init__(self, file: _File, array: np.ndarray, start: int):
        self.file, self.start = file, start
        self.n, self.shape, self.dtype = len(array), array.shape[1:], array.dtype
        self.strides = array.strides
        reach = [(n - 1) * s for n, s in zip(self.shape, self.strides[1:], strict=True)]
        self.low = sum(r for r in reach if r < 0)
        self.high = sum(r for r in reach if r > 0) + self.dtype.itemsize
        self.row_bytes = math.prod(self.shape) * self.dtype.itemsize
        self.held_rows: np.ndarray | None = None
        self.held = np.empty(0)

    @classmethod
    def behind(cls, array: np.ndarray) -> MappedRows | None:
        """The rows of ``array`` if it is a view of a readable mapped file, otherwise None.

        Raises:
            FormatError: the file has become shorter than the array.
        """
        mapped = _map_of(array)
        if mapped is None or array.ndim == 0 or array.size == 0 or not hasattr(os, "pread"):
            return None  # (Windows has no pread, and refuses to truncate a mapped file)
        if mapped.mode == "c":  # copy-on-write: the array may differ from the file
            return None
        path = Path(str(mapped.filename))
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except OSError:
            return None  # deleted, so nobody can truncate it by name
        base = np.frombuffer(mapped._mmap, np.uint8, 1).__array_interface__["data"][0]  # type: ignore[attr-defined]
        start = mapped.offset - mapped.offset % mmap.ALLOCATIONGRANULARITY
        start += array.__array_interface__["data"][0] - base
        file = _File(path, handle, 0)
        rows = cls(file, array, start)
        file.needed = start + max(0, (len(array) - 1) * array.strides[0]) + rows.high
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            return None
        if status.st_size < file.needed:
            raise file.was_cut()
        ends = [0, len(array) - 1]
        same = rows.rows(ends).tobytes() == array[ends].tobytes()
        return rows if same else None  # the path now names another file than the map

    @property
    def together(self) -> bool:
        """Whether the bytes of a row are close enough together to read single rows."""
        return self.high - self.low <= WIDEST * self.row_bytes

    def whole(self) -> np.ndarray:
        """The whole array, in memory."""
        return self._span(0, self.n - 1).copy()

    def for_another_set(self) -> MappedRows:
        """The same rows, with none of them cached."""
        other = copy.copy(self)
        other.release()
        return other

    def prefetch(self, rows: np.ndarray) -> None:
        """Read these rows into memory, in place of those read before: they are needed soon."""
        self.release()  # first, so that there are never two blocks
        if not len(rows):
            return
        ordered = np.unique(rows)
        self.held, self.held_rows = self._read(ordered), ordered

    def release(self) -> None:
        """Drop all rows from memory."""
        self.held_rows, self.held = None, np.empty(0)

    def rows(self, picked: np.ndarray | list[int]) -> np.ndarray:
        """The picked rows, in a new array.

        Raises:
            FormatError: the file was truncated.
        """
        picked = np.asarray(picked, np.int64)
        if self.held_rows is not None and len(picked):
            at = np.minimum(np.searchsorted(self.held_rows, picked), len(self.held_rows) - 1)
            missing = self.held_rows[at] != picked
            content = self.held[at]
            if missing.any():
                content[missing] = self._read(picked[missing])
            return content
        return self._read(picked)

    def _read(self, picked: np.ndarray) -> np.ndarray:
        content = np.empty((len(picked), *self.shape), self.dtype)
        order = np.argsort(picked, kind="stable")
        ordered = picked[order]
        gap = max(1, GAP_BYTES // max(1, abs(self.strides[0])))
        edges = np.flatnonzero(np.diff(ordered) > gap) + 1
        for run in np.split(np.arange(len(picked)), edges) if len(picked) else ():
            first, last = int(ordered[run[0]]), int(ordered[run[-1]])
            content[order[run]] = self._span(first, last)[ordered[run] - first]
        return content

    def _span(self, first: int, last: int) -> np.ndarray:
        """Rows first to last, as a view of bytes from a single read."""
        ends = first * self.strides[0], last * self.strides[0]
        begin, end = min(ends) + self.low, max(ends) + self.high
        content = self.file.read(self.start + begin, end - begin)
        return np.ndarray(
            (last - first + 1, *self.shape), self.dtype, content, ends[0] - begin, self.strides
        )


def in_memory(array: np.ndarray) -> np.ndarray:
    """The array itself, or a copy of one that is a view of a mapped file.

    Raises:
        FormatError: the file was truncated.

    Example:
        >>> x = np.ones(3)
        >>> in_memory(x) is x
        True
    """
    mapped = MappedRows.behind(array)
    return array if mapped is None else mapped.whole()


def _map_of(array: np.ndarray) -> np.memmap | None:
    """The memory map that an array is a view of, if any."""
    base: object = array
    while isinstance(base, np.ndarray):
        if isinstance(base, np.memmap) and base.filename is not None:
            return base
        base = base.base
    return None
