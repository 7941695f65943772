"""IDX files are read strictly: either as the array that was written, or with an error."""

from __future__ import annotations

import gzip
import os
import re
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as hnp

from mitbadak.core.errors import DtypeError, FormatError
from mitbadak.data import read_idx, write_idx

DTYPES = [np.dtype(name) for name in ("u1", "i1", "i2", "i4", "f4", "f8")]
SMALL = np.arange(-3, 3, dtype=np.int16).reshape(2, 3)


def header(code: int, *shape: int) -> bytes:
    return bytes([0, 0, code, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)


def saved(folder: Path, content: bytes, name: str = "a.idx") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def written(folder: Path, name: str) -> bytes:
    write_idx(folder / name, SMALL)
    return (folder / name).read_bytes()


# Drawn arrays hold NaN, infinities and -0.0 too, so the comparison is of bytes.
@given(
    st.sampled_from(DTYPES).flatmap(
        lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=1, max_dims=4, max_side=4))
    ),
    st.sampled_from(["a.idx", "a.idx.gz"]),
)
def test_every_array_comes_back_to_the_bit(
    tmp_path_factory: pytest.TempPathFactory, array: np.ndarray, name: str
) -> None:
    path = tmp_path_factory.mktemp("idx") / name
    write_idx(path, array)
    back = read_idx(path)
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    assert back.tobytes() == array.tobytes()
    assert back.flags.writeable


@pytest.mark.parametrize("order", ["C", "F"])
def test_entries_are_written_last_dimension_fastest(tmp_path: Path, order: str) -> None:
    write_idx(tmp_path / "a.idx", np.array([[1, 2, 3], [4, 5, 6]], np.uint8, order=order))  # type: ignore[call-overload]
    assert (tmp_path / "a.idx").read_bytes() == header(0x08, 2, 3) + bytes([1, 2, 3, 4, 5, 6])


def test_entries_are_big_endian_in_the_file_and_native_in_memory(tmp_path: Path) -> None:
    path = saved(tmp_path, header(0x0B, 2) + bytes.fromhex("0102 fffe"))
    back = read_idx(path)
    assert back.tolist() == [258, -2]
    assert back.dtype == np.dtype("=i2")


def test_an_array_without_entries_is_read_with_its_shape(tmp_path: Path) -> None:
    assert read_idx(saved(tmp_path, header(0x08, 0, 28, 28))).shape == (0, 28, 28)


def test_gzip_is_told_by_the_first_bytes_and_not_by_the_name(tmp_path: Path) -> None:
    zipped = saved(tmp_path, written(tmp_path, "a.idx.gz"), "no-suffix")
    plain = saved(tmp_path, written(tmp_path, "a.idx"), "b.gz")
    assert read_idx(zipped).tolist() == read_idx(plain).tolist() == SMALL.tolist()


def test_gzip_bytes_depend_on_the_array_alone(tmp_path: Path) -> None:
    content = written(tmp_path, "a.idx.gz")
    assert content == written(tmp_path, "b.idx.gz")
    assert content[4:8] == bytes(4)  # where RFC 1952 puts the time of writing


@pytest.mark.parametrize("name", ["a.idx", "a.idx.gz"])
def test_a_file_cut_off_anywhere_is_refused_by_name(tmp_path: Path, name: str) -> None:
    good = written(tmp_path, name)
    cut = tmp_path / f"cut-{name}"
    for length in range(len(good)):
        cut.write_bytes(good[:length])
        with pytest.raises(FormatError, match=re.escape(f"{cut} is ")):
            read_idx(cut)


def test_a_changed_byte_in_a_gzip_file_never_gives_another_array(tmp_path: Path) -> None:
    good = written(tmp_path, "a.idx.gz")
    path = tmp_path / "changed.idx.gz"
    refused = set()
    for at in range(len(good)):
        for flip in (1, 2, 4, 8, 16, 32, 64, 128, 255):
            path.write_bytes(good[:at] + bytes([good[at] ^ flip]) + good[at + 1 :])
            try:
                back = read_idx(path)
            except FormatError as error:
                assert str(path) in str(error)  # noqa: PT017  (either outcome is right)
                refused.add(at)
            else:
                assert back.dtype == SMALL.dtype
                assert back.tolist() == SMALL.tolist()
    # Flags, time, compression level and system (RFC 1952) are all that carries no content.
    assert set(range(len(good))) - refused <= set(range(3, 10))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (header(0x08, 2) + b"abc", "continues after the array that its header announces"),
        (
            gzip.compress(header(0x08, 2) + b"abc"),
            "continues after the array that its header announces",
        ),
        (gzip.compress(header(0x08, 2) + b"ab") + b"\0x", "continues after the end of its gzip"),
        (
            gzip.compress(header(0x08, 2) + b"ab") * 2,
            "continues after the array that its header announces",
        ),
        (gzip.compress(header(0x08, 2) + b"ab") + b"\x1f\x8b", "is truncated: its gzip stream"),
        (gzip.compress(header(0x08, 2) + b"ab") + b"\x1f\x8c\x08", "is damaged"),
    ],
    ids=["plain", "inside gzip", "after gzip", "second member", "cut member", "damaged member"],
)
def test_bytes_after_the_array_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = saved(tmp_path, content)
    with pytest.raises(FormatError, match=re.escape(f"{path} {message}")):
        read_idx(path)


@pytest.mark.parametrize(
    ("start", "shown"),
    [
        (b"\x01\x00\x08\x01", "01 00 08 01"),
        (b"\x00\x01\x08\x01", "00 01 08 01"),
        (b"\x00\x00\x0a\x01", "00 00 0a 01"),
        (b"\x00\x00\x08\x00", "00 00 08 00"),
        (b"\x89PNG", "89 50 4e 47"),
    ],
    ids=["first byte", "second byte", "unknown type code", "no dimensions", "a picture"],
)
def test_a_wrong_beginning_is_shown_with_what_was_expected(
    tmp_path: Path, start: bytes, shown: str
) -> None:
    path = saved(tmp_path, start + bytes(16))
    wanted = f"{path} is not an IDX file: it begins with the bytes {shown}; expected 00 00"
    with pytest.raises(FormatError, match=re.escape(wanted)):
        read_idx(path)


ABSURD = header(0x08, *[1024] * 4) + bytes(10)  # 2^40 bytes announced in 30
LYING = header(0x08, 1 << 30) + bytes(10)
BOMB = gzip.compress(header(0x08, 10) + bytes(16 << 20))  # 16 MiB of zeros in 16 KiB


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (ABSURD, r"announces 1.1e\+12 bytes; more than 17,179,869,184 are refused"),
        (gzip.compress(ABSURD), r"announces 1.1e\+12 bytes; more than"),
        (LYING, "is truncated: 1,073,741,814 of 1,073,741,824 bytes are missing"),
        (gzip.compress(LYING), r"announces 1,073,741,824 bytes, more than its \d\d compressed"),
        (BOMB, "continues after the array that its header announces"),
    ],
    ids=["absurd", "absurd gzipped", "lying", "more than deflate can hold", "bomb"],
)
def test_a_file_that_lies_about_its_size_is_refused_before_memory_is_taken(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = saved(tmp_path, content)
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match=message):
            read_idx(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 << 20  # a few chunks of 1 MiB, whatever was announced


@pytest.mark.parametrize("dtype", ["u2", "u4", "i8", "u8", "f2", "c8", "?", "U1"])
def test_other_dtypes_are_refused_and_nothing_is_written(tmp_path: Path, dtype: str) -> None:
    with pytest.raises(DtypeError, match="expects uint8, int8, int16, int32, float32, float64"):
        write_idx(tmp_path / "a.idx", np.zeros(2, dtype))
    assert not list(tmp_path.iterdir())


def test_an_array_without_dimensions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DtypeError, match=re.escape("got uint8 of shape ().")):
        write_idx(tmp_path / "a.idx", np.array(1, np.uint8))


def test_a_failed_write_leaves_the_old_file_and_nothing_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = written(tmp_path, "a.idx")

    def no_space(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="No space left"):
        write_idx(tmp_path / "a.idx", SMALL + 1)
    assert [path.name for path in tmp_path.iterdir()] == ["a.idx"]
    assert (tmp_path / "a.idx").read_bytes() == old


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing-here"):
        read_idx(tmp_path / "nothing-here")
    # Windows says PermissionError, other systems IsADirectoryError.
    with pytest.raises(OSError, match=re.escape(tmp_path.name)):
        read_idx(tmp_path)
