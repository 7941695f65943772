"""Arrays in .npz files from untrusted sources: no pickles, and no announced size is trusted.

An .npz file is a zip file of .npy members (NumPy Enhancement Proposal 1): the bytes 93 NUMPY, a
version, the length of a header, the header (a Python dict: descr, fortran_order, shape), entries.
"""

from __future__ import annotations

import ast
import math
import os
import re
import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

import numpy as np

from mitbadak.core.errors import FormatError
from mitbadak.core.files import check_regular
from mitbadak.data.idx import DEFLATE_LIMIT

MOST_BYTES = 1 << 32  # 4 GiB of arrays in one file
MOST_FILE = 1 << 31  # bytes of the file itself; larger zip files have other headers
MOST_DIRECTORY = 1 << 20  # bytes of the zip file's list of members
MOST_HEADER = 10_000  # characters, as in NumPy
CHUNK = 1 << 20
NUMBERS = r"[<>|=]?([biuf]\d|U\d{1,4})"  # supported dtypes: numbers, and text for labels
END = b"PK\x05\x06"
# Exceptions that the standard library raises for damaged zip files.
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError,
           struct.error, OverflowError, OSError)  # fmt: skip


def read_npz(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    """Every array in an .npz file written by ``np.savez`` or ``np.savez_compressed``.

    Member names are used as names of arrays only, never of files. As with gzipped IDX files, an
    array of zeros can legitimately be 1,032 times as large as the file.

    Args:
        path: the file.

    Returns:
        New arrays by name, in native byte order.

    Raises:
        FormatError: the file is damaged, announces more than it can hold or more than 4 GiB, or
            holds Python objects, which could run code when read.
        FileNotFoundError: the file does not exist.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "a.npz"
        ...     np.savez(path, x=np.eye(2), t=np.array([0, 1]))
        ...     {name: array.shape for name, array in read_npz(path).items()}
        {'x': (2, 2), 't': (2,)}
    """
    path = Path(path)
    check_regular(path)
    with open(path, "rb") as file:
        _check_directory(path, file)
        try:
            with zipfile.ZipFile(file) as archive:
                return _arrays(path, archive)
        except FormatError:
            raise
        except DAMAGED as error:
            raise FormatError(f"{path} is damaged: {error}. Get the file again.") from None


def _check_directory(path: Path, file: IO[bytes]) -> None:
    """Refuse a huge list of members, which the standard library would read as a whole."""
    size = os.fstat(file.fileno()).st_size
    if size > MOST_FILE:
        raise FormatError(f"{path} holds {size:,} bytes; more than {MOST_FILE:,} are refused.")
    file.seek(max(0, size - (1 << 16) - 22))  # the end record has 22 bytes and a comment
    tail = file.read()
    ends = [m.start() for m in re.finditer(re.escape(END), tail)]
    if not ends:
        raise FormatError(
            f"{path} is not an .npz file, or is truncated: the end of a zip file is missing. Write "
            "it with np.savez, or get it again."
        )
    sizes = [struct.unpack_from("<I", tail, at + 12)[0] for at in ends if at + 22 <= len(tail)]
    if b"PK\x06\x07" in tail or max(sizes, default=0) > MOST_DIRECTORY:
        raise FormatError(f"{path} has too long a list of members for a file of arrays.")


def _arrays(path: Path, archive: zipfile.ZipFile) -> dict[str, np.ndarray]:
    arrays: dict[str, np.ndarray] = {}
    room = MOST_BYTES
    for member in archive.infolist():
        name = member.filename.removesuffix(".npy")
        if name in arrays:
            raise FormatError(f"{path} holds two arrays named {name!r}.")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise FormatError(
                f"{path}: {name!r} uses a compression method that NumPy does not write. Use "
                "np.savez_compressed."
            )
        with archive.open(member) as stream:
            arrays[name] = _array(f"{path}: {name!r}", member, stream, room)
        room -= arrays[name].nbytes
    return arrays


def _array(where: str, member: zipfile.ZipInfo, stream: Any, room: int) -> np.ndarray:
    dtype, fortran, shape, begin = _header(where, stream)
    length = math.prod(shape) * dtype.itemsize
    announced = math.prod(max(side, 1) for side in shape) * dtype.itemsize
    if announced > room:
        raise FormatError(
            f"{where} brings the arrays to more than {MOST_BYTES:,} bytes, which are refused."
        )
    if member.file_size != begin + length:
        raise FormatError(
            f"{where} should have {begin + length:,} bytes for shape {shape} of {dtype}, but the "
            f"file announces {member.file_size:,}. It is damaged: get it again."
        )
    most = member.compress_size
    if member.compress_type == zipfile.ZIP_DEFLATED:
        most *= DEFLATE_LIMIT
    if member.file_size > most:
        raise FormatError(
            f"{where} announces {member.file_size:,} bytes, more than its "
            f"{member.compress_size:,} stored bytes can hold."
        )
    array = np.empty(length, np.uint8)
    filled = 0
    while filled < length:  # with the last piece the standard library verifies the checksum
        piece = stream.read(min(CHUNK, length - filled))
        if not piece:
            raise FormatError(f"{where} is truncated: {length - filled:,} bytes are missing.")
        array[filled : filled + len(piece)] = np.frombuffer(piece, np.uint8)
        filled += len(piece)
    array = array.view(dtype).reshape(shape, order="F" if fortran else "C")
    return np.asarray(array, dtype.newbyteorder("="), order="C")


def _header(where: str, stream: Any) -> tuple[np.dtype, bool, tuple[int, ...], int]:
    """The dtype, whether the order is Fortran's, the shape, and the offset of the entries."""
    start = stream.read(8)
    wide = start[6:7] != b"\x01"
    if start[:6] != b"\x93NUMPY" or len(start) < 8 or start[6] not in (1, 2, 3):
        raise FormatError(f"{where} is not an array: it does not begin like an .npy file.")
    (length,) = struct.unpack("<I" if wide else "<H", stream.read(4 if wide else 2))
    if length > MOST_HEADER:
        raise FormatError(f"{where} has a header of {length:,} characters, too long for an array.")
    text = re.sub(r"(\d)L\b", r"\1", stream.read(length).decode("latin-1"))  # Python 2's integers
    try:
        content = ast.literal_eval(text.strip())
        descr, fortran, shape = (content[k] for k in ("descr", "fortran_order", "shape"))
        if not (isinstance(shape, tuple) and all(type(n) is int and n >= 0 for n in shape)):
            raise ValueError
    except (ValueError, SyntaxError, KeyError, TypeError, RecursionError, MemoryError):
        raise FormatError(f"{where} has an invalid header: {text[:60]!r}.") from None
    if isinstance(descr, list) or "O" in str(descr):
        raise FormatError(
            f"{where} holds Python objects or records ({str(descr)[:40]}), which are refused: "
            "they could run code. Save plain numbers: array.astype(float)."
        )
    if not isinstance(descr, str) or not re.fullmatch(NUMBERS, descr):
        raise FormatError(f"{where} has dtype {str(descr)[:40]!r}; arrays of numbers are expected.")
    return _dtype(where, descr), bool(fortran), shape, 8 + (4 if wide else 2) + length


def _dtype(where: str, descr: str) -> np.dtype:
    try:
        dtype = np.dtype(descr)
    except TypeError:
        raise FormatError(f"{where} has dtype {descr!r}, which NumPy does not know.") from None
    if dtype.itemsize == 0:
        raise FormatError(f"{where} has dtype {descr!r}, text of length 0.")
    return dtype
