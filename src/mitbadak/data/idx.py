"""IDX files, the format of MNIST, read strictly: magic, type, dimensions and length are checked.

Layout: two zero bytes, a type code, the number of dimensions, each dimension as a big-endian
32-bit number, then the entries, big-endian, last dimension fastest.
"""

from __future__ import annotations

import gzip
import math
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from mitbadak.core.arguments import explained
from mitbadak.core.errors import DtypeError, FormatError
from mitbadak.core.files import check_regular, write_atomically

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
CHUNK = 1 << 20
MOST_BYTES = 1 << 34  # 16 GiB; more is refused before memory is allocated
MOST_DIMENSIONS = 32
GZIP = b"\x1f\x8b"
DEFLATE_LIMIT = 1032  # the largest possible compression ratio of deflate, according to zlib


@explained
def read_idx(path: str | os.PathLike[str]) -> np.ndarray:
    """The array in an IDX file, gzipped or not.

    Nothing is allocated before the size of the file has been compared with its header. A gzipped
    file of zeros can legitimately hold 1,032 times its own size. The array takes as much memory
    as the header announces, at most 16 GiB, and briefly twice that if bytes must be swapped.

    Args:
        path: the file; gzip is recognized by the first bytes, not by the name.

    Returns:
        A new array in native byte order.

    Raises:
        FormatError: the file is not IDX, damaged, truncated, or too long; the message names it.
        FileNotFoundError: the file does not exist.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "t.idx"
        ...     write_idx(path, np.array([[1, 2, 3]], np.uint8))
        ...     read_idx(path)
        array([[1, 2, 3]], dtype=uint8)
    """
    path = Path(path)
    check_regular(path)
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        zipped = is_gzipped(path)
        chunks = _unzipped(file, path) if zipped else iter(lambda: file.read(CHUNK), b"")
        content = _Content(chunks, path)
        dtype, shape = _header(content, path)
        length = _length(dtype, shape)
        _check_length(path, length, size - 4 - 4 * len(shape), size, zipped)
        array = np.empty(shape, dtype)
        content.fill(memoryview(array.reshape(-1).view(np.uint8)))  # type: ignore[arg-type]
        content.expect_end()
    return array.astype(dtype.newbyteorder("="), copy=False)


@explained
def map_idx(path: str | os.PathLike[str]) -> np.ndarray:
    """The array in an IDX file, mapped from disk.

    Args:
        path: the file, not gzipped.

    Returns:
        A read-only memory map in the byte order of the file (big-endian); the file must not
        change while the array is in use.

    Raises:
        FormatError: the file is gzipped, not IDX, truncated, or too long; the message names it.
        FileNotFoundError: the file does not exist.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "t.idx"
        ...     write_idx(path, np.array([[1, 2, 3]], np.uint8))
        ...     map_idx(path)[0, 1:].tolist()
        [2, 3]
    """
    path = Path(path)
    check_regular(path)
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if is_gzipped(path):
            raise FormatError(
                f"{path} is gzipped and cannot be mapped. Unzip it (gunzip -k), or use read_idx."
            )
        content = _Content(iter(lambda: file.read(4 * (MOST_DIMENSIONS + 1)), b""), path)
        dtype, shape = _header(content, path)
    begin = 4 + 4 * len(shape)
    length = _length(dtype, shape)
    if 0 in shape:
        _check_length(path, length, size - begin, size, zipped=False)
    if size - begin < length:
        raise _cut_off(path, length - (size - begin), length)
    if size - begin > length:
        raise _trailing(path)
    if length == 0:
        return np.empty(shape, dtype)
    return np.memmap(path, dtype, "r", begin, shape)


def idx_header(path: str | os.PathLike[str]) -> tuple[np.dtype, tuple[int, ...]]:
    """The dtype and shape in the header of an IDX file, gzipped or not.

    Raises:
        FormatError: the file is not IDX, or ends within its header.
        FileNotFoundError: the file does not exist.
    """
    path = Path(path)
    with open(path, "rb") as file:
        chunks = _unzipped(file, path) if is_gzipped(path) else iter(lambda: file.read(256), b"")
        return _header(_Content(chunks, path), path)


def is_gzipped(path: str | os.PathLike[str]) -> bool:
    """Whether a file is gzipped, according to its first bytes."""
    check_regular(path)
    with open(path, "rb") as file:
        return file.read(2) == GZIP


@explained
def write_idx(path: str | os.PathLike[str], array: np.ndarray) -> None:
    """Write ``array`` as an IDX file, gzipped when the name ends in ``.gz``.

    Args:
        path: the file; it is written as a whole or not at all.
        array: an array of uint8, int8, int16, int32, float32 or float64 with 1 to 32 dimensions.

    Raises:
        DtypeError: another dtype or number of dimensions.
    """
    array = np.asarray(array)
    native = array.dtype.newbyteorder("=")
    code = next((c for c, d in TYPES.items() if np.dtype(d).newbyteorder("=") == native), None)
    if code is None or not 1 <= array.ndim <= MOST_DIMENSIONS:
        known = ", ".join(np.dtype(d).name for d in TYPES.values())
        raise DtypeError(
            f"write_idx expects {known} with at least one dimension; got {array.dtype} of shape "
            f"{array.shape}."
        )
    header = bytes([0, 0, code, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    content = header + array.astype(TYPES[code]).tobytes()
    if Path(path).suffix == ".gz":
        content = gzip.compress(content, mtime=0)
    write_atomically(path, content)


class _Content:
    """A stream of chunks, read in pieces of any size."""

    def __init__(self, chunks: Iterator[bytes], path: Path):
        self.chunks, self.path, self.rest = chunks, path, memoryview(b"")

    def fill(self, target: memoryview) -> None:
        filled = 0
        while filled < len(target):
            if not self.rest:
                self.rest = memoryview(next(self.chunks, b""))
                if not self.rest:
                    raise _cut_off(self.path, len(target) - filled, len(target))
            piece = self.rest[: len(target) - filled]
            target[filled : filled + len(piece)] = piece
            filled += len(piece)
            self.rest = self.rest[len(piece) :]

    def take(self, count: int) -> bytes:
        piece = bytearray(count)
        self.fill(memoryview(piece))
        return bytes(piece)

    def expect_end(self) -> None:
        if self.rest or any(self.chunks):
            raise _trailing(self.path)


def _header(content: _Content, path: Path) -> tuple[np.dtype, tuple[int, ...]]:
    zero, zero_too, code, ndim = content.take(4)
    if zero or zero_too or code not in TYPES or not 1 <= ndim <= MOST_DIMENSIONS:
        raise FormatError(
            f"{path} is not an IDX file: it begins with the bytes "
            f"{bytes((zero, zero_too, code, ndim)).hex(' ')}; expected 00 00, a type code "
            f"(08, 09, 0b, 0c, 0d, 0e) and the number of dimensions, 1 to {MOST_DIMENSIONS}."
        )
    shape = tuple(int(n) for n in np.frombuffer(content.take(4 * ndim), ">u4"))
    return np.dtype(TYPES[code]), shape


def _length(dtype: np.dtype, shape: tuple[int, ...]) -> int:
    """Bytes of the entries: 0 for an empty array, unless its shape is absurd and to be refused."""
    length = math.prod(max(n, 1) for n in shape) * dtype.itemsize
    return 0 if 0 in shape and length <= MOST_BYTES else length


def _cut_off(path: Path, missing: int, length: int) -> FormatError:
    return FormatError(
        f"{path} is truncated: {missing:,} of {length:,} bytes are missing. Get the file again."
    )


def _trailing(path: Path) -> FormatError:
    return FormatError(f"{path} continues after the array that its header announces.")


def _check_length(path: Path, length: int, plain: int, size: int, zipped: bool) -> None:
    if length > MOST_BYTES:
        raise FormatError(
            f"{path} announces {float(length):.3g} bytes; more than {MOST_BYTES:,} are refused."
        )
    if not zipped and plain < length:
        raise _cut_off(path, length - plain, length)
    if zipped and length > DEFLATE_LIMIT * size:
        raise FormatError(
            f"{path} announces {length:,} bytes, more than its {size:,} compressed bytes can hold."
        )


def _unzipped(file: IO[bytes], path: Path) -> Iterator[bytes]:
    """The content of a gzip file in chunks of bounded size; checksums are verified at the end.

    Such a file may have several members, one after another (RFC 1952, section 2.2), and zeros
    after each, as on tapes.
    """
    rest = b""
    while True:
        inflate = zlib.decompressobj(wbits=31)
        yield from _member(inflate, rest, file, path)
        rest = inflate.unused_data.lstrip(b"\0")
        while not rest:
            padding = file.read(CHUNK)
            if not padding:
                return
            rest = padding.lstrip(b"\0")
        if not rest.startswith(GZIP[:1]):
            raise FormatError(f"{path} continues after the end of its gzip stream.")


def _member(inflate: Any, rest: bytes, file: IO[bytes], path: Path) -> Iterator[bytes]:
    """The content of one member, which begins with ``rest`` and goes on in the file."""
    try:
        while not inflate.eof:
            packed, rest = inflate.unconsumed_tail or rest or file.read(CHUNK), b""
            piece = inflate.decompress(packed, CHUNK)
            if piece:
                yield piece
            elif not packed:
                raise FormatError(
                    f"{path} is truncated: its gzip stream has no end. Get the file again."
                )
    except zlib.error as error:
        raise FormatError(f"{path} is damaged: {error}. Get the file again.") from None
