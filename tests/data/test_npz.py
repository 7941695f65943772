"""Archives of arrays: every common layout is read, and no claim of a file is trusted."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp

from mitbadak.core.errors import FormatError
from mitbadak.data import archive as archive_module, npz_source, read_npz

ALL = slice(None)
DTYPES = st.one_of(
    hnp.integer_dtypes(endianness="?"),
    hnp.floating_dtypes(endianness="?", sizes=(16, 32, 64)),
    hnp.boolean_dtypes(),
    hnp.unicode_string_dtypes(max_len=5),
)


@settings(max_examples=100)
@given(
    arrays=st.dictionaries(
        st.text("abcxyz_/.", min_size=1, max_size=6),
        hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, min_side=0, max_side=4)),
        max_size=4,
    ),
    zipped=st.booleans(),
    fortran=st.booleans(),
)
def test_saved_arrays_are_read_back(tmp_path_factory, arrays, zipped, fortran):
    path = tmp_path_factory.mktemp("z") / "a.npz"
    if fortran:
        arrays = {name: np.asfortranarray(array) for name, array in arrays.items()}
    arrays = {name.removesuffix(".npy") + "_": array for name, array in arrays.items()}
    (np.savez_compressed if zipped else np.savez)(path, **arrays)  # type: ignore[arg-type]
    result = read_npz(path)
    assert set(result) == set(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(result[name], array)
        assert result[name].shape == array.shape
        assert result[name].dtype == array.dtype.newbyteorder("=")
        assert result[name].flags.writeable


@settings(max_examples=300)
@given(
    at=st.integers(0, 10_000),
    to=st.integers(0, 255),
    cut=st.integers(0, 10_000),
    zipped=st.booleans(),
)
def test_damage_is_refused_or_harmless(tmp_path_factory, at, to, cut, zipped):
    path = tmp_path_factory.mktemp("z") / "a.npz"
    saved = {"x": np.arange(60.0).reshape(12, 5), "t": np.arange(12) % 3}
    (np.savez_compressed if zipped else np.savez)(path, **saved)  # type: ignore[arg-type]
    whole = bytearray(path.read_bytes())
    whole[at % len(whole)] = to
    for content in (bytes(whole), bytes(whole[: cut % len(whole)])):
        path.write_bytes(content)
        try:
            result = read_npz(path)
        except FormatError:
            continue
        assert all(a.nbytes < 10_000 for a in result.values())


def member(array: np.ndarray) -> bytes:
    content = io.BytesIO()
    np.lib.format.write_array(content, array)
    return content.getvalue()


def header(text: str, entries: bytes = b"", version: int = 1) -> bytes:
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text.encode() + entries


def shaped(shape: str, descr: str = "'<f8'") -> str:
    return f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n"


EVERY = 8 * b"\0"
MEMBERS: dict[str, tuple[bytes, str]] = {
    "no array": (b"hello, world", "'x' is not an array"),
    "nothing": (b"", "'x' is not an array"),
    "version": (header(shaped("(1,)"), EVERY, 9), "'x' is not an array"),
    "long header": (header(shaped("(1,)") + " " * 20_000, EVERY), "has a header of 20,0"),
    "endless header": (b"\x93NUMPY\2\0\xff\xff\xff\xff", "header of 4,294,967,295 characters"),
    "cut header": (header(shaped("(1,)"))[:30], "has an invalid header"),
    "no dict": (header("[1, 2]\n"), "has an invalid header"),
    "deep": (header("(" * 5000 + ")" * 4999), "has an invalid header"),
    "code": (header(shaped("__import__('os').getcwd()")), "has an invalid header"),
    "negative": (header(shaped("(-1,)")), "has an invalid header"),
    "no tuple": (header(shaped("3")), "has an invalid header"),
    "true": (header(shaped("(True,)"), EVERY), "has an invalid header"),
    "objects": (member(np.array([1.0])).replace(b"'<f8'", b"'|O'  "[:5]),
                "holds Python objects or records (|O)"),
    "records": (header(shaped("(1,)", "[('a', '<f8')]"), EVERY), "holds Python objects or records"),
    "complex": (header(shaped("(1,)", "'<c8'"), EVERY), "has dtype '<c8'"),
    "odd": (header(shaped("(1,)", "'<f3'"), EVERY), "has dtype '<f3'"),
    "dates": (header(shaped("(1,)", "'<M8[s]'"), EVERY), "has dtype"),
    "too many": (header(shaped("(999999999, 999999999)"), EVERY), "more than 4,294,967,296 bytes"),
    "many and none": (header(shaped("(0, 99999999999999)")), "more than 4,294,967,296 bytes"),
    "more than there is": (header(shaped("(100_000,)"), EVERY), "should have 800,0"),
    "less than there is": (header(shaped("(1,)"), EVERY * 2), "should have"),
}  # fmt: skip


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("case", MEMBERS)
def test_a_bad_member_is_refused_by_name(tmp_path: Path, case: str, compression: int) -> None:
    content, message = MEMBERS[case]
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("x.npy", content)
    with pytest.raises(FormatError, match=f"{re.escape(str(path))}: 'x'.*"):
        read_npz(path)
    with pytest.raises(FormatError, match=re.escape(message)):
        read_npz(path)


@pytest.mark.parametrize("version", [1, 2, 3])
def test_every_version_of_the_header_is_read(tmp_path: Path, version: int) -> None:
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", header(shaped("(2L,)"), np.array([1.0, 2.0]).tobytes(), version))
    assert read_npz(path)["x"].tolist() == [1, 2]


def archives(path: Path) -> dict[str, tuple[bytes, str]]:
    """Bad files, as opposed to bad members."""
    np.savez_compressed(path, x=np.zeros(1000))
    whole = path.read_bytes()
    listed, end = whole.index(b"PK\x01\x02"), whole.rindex(b"PK\x05\x06")

    def changed(form: str, at: int, value: int) -> bytes:
        content = bytearray(whole)
        struct.pack_into(form, content, at, value)
        return bytes(content)

    twice = io.BytesIO()
    with zipfile.ZipFile(twice, "w") as archive:
        archive.writestr("x.npy", member(np.ones(2)))
        archive.writestr("x", member(np.ones(2)))
    squeezed = io.BytesIO()
    with zipfile.ZipFile(squeezed, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("x.npy", member(np.ones(2)))
    return {
        "empty": (b"", "is not an .npz file, or is truncated"),
        "another file": (b"\x89PNG" * 100, "is not an .npz file, or is truncated"),
        "a single array": (member(np.ones(3)), "is not an .npz file"),
        "cut": (whole[:-30], "is not an .npz file, or is truncated"),
        "size": (changed("<I", listed + 24, 2**30), "should have 8,128 bytes"),
        "checksum": (changed("<I", listed + 16, 0xDEADBEEF), "is damaged: Bad CRC-32"),
        "encrypted": (changed("<H", listed + 8, 1), "is damaged: .*encrypted"),
        "long directory": (changed("<I", end + 12, 2**24), "has too long a list of members"),
        "twice": (twice.getvalue(), "holds two arrays named 'x'"),
        "bzip2": (squeezed.getvalue(), "uses a compression method that NumPy does not write"),
    }


@pytest.mark.parametrize(
    "case", ["empty", "another file", "a single array", "cut", "size", "checksum", "encrypted",
             "long directory", "twice", "bzip2"],
)  # fmt: skip
def test_a_bad_file_is_refused_by_name(tmp_path: Path, case: str) -> None:
    path = tmp_path / "a.npz"
    content, message = archives(path)[case]
    path.write_bytes(content)
    with pytest.raises(FormatError, match=f"{re.escape(str(path))}.*{message}"):
        read_npz(path)


def test_a_member_with_less_than_it_declares_is_refused(tmp_path: Path) -> None:
    path, whole = tmp_path / "a.npz", member(np.random.default_rng(0).normal(size=100))
    there = len(whole) - 400
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", whole[:there])
    # Both sizes in the file are those of the whole; the checksum fits what is there.
    path.write_bytes(
        path.read_bytes().replace(struct.pack("<I", there), struct.pack("<I", len(whole)))
    )
    with pytest.raises(FormatError, match=r"a\.npz.*is truncated: 400 bytes are missing"):
        read_npz(path)


def test_more_than_deflate_can_hold_is_refused_before_memory_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    text = shaped("(100_000_000,)")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", header(text))
    whole = bytearray(path.read_bytes())
    directory = whole.index(b"PK\x01\x02")
    struct.pack_into("<I", whole, directory + 24, 800_000_000 + len(header(text)))
    path.write_bytes(whole)
    with pytest.raises(FormatError, match=r"announces 800,000,\d+ bytes, more than its \d+ stored"):
        read_npz(path)


@pytest.mark.parametrize(("limit", "value"), [("MOST_BYTES", 100), ("MOST_FILE", 100)])
def test_sizes_are_limited(tmp_path: Path, monkeypatch, limit: str, value: int) -> None:
    monkeypatch.setattr(archive_module, limit, value)
    np.savez(tmp_path / "a.npz", a=np.ones(10), b=np.ones(10))
    with pytest.raises(FormatError, match=r"more than 100 (bytes|are refused)"):
        read_npz(tmp_path / "a.npz")


def test_names_in_an_archive_are_never_paths(tmp_path: Path) -> None:
    path = tmp_path / "in" / "a.npz"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../out.npy", member(np.ones(2)))
        archive.writestr("/x.npy", member(np.ones(2)))
    assert set(read_npz(path)) == {"../out", "/x"}
    assert [p.name for p in tmp_path.rglob("*")] == ["in", "a.npz"]


def digits(n: int = 40) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (n, 5, 4)).astype(np.uint8), np.arange(n, dtype=np.uint8) % 4


@pytest.mark.parametrize(
    "names",
    [("x_train", "y_train", "x_test", "y_test"), ("x_train", "t_train", "x_test", "t_test"),
     ("train_images", "train_labels", "test_images", "test_labels")],
)  # fmt: skip
def test_a_training_and_a_test_set_are_kept(tmp_path: Path, names) -> None:
    x, t = digits()
    arrays = dict(zip(names, (x[:30], t[:30], x[30:], t[30:]), strict=True))
    np.savez_compressed(tmp_path / "mnist.npz", **arrays)  # type: ignore[arg-type]
    source = npz_source(tmp_path / "mnist.npz")
    assert source.train.x.tolist() == x[:30].reshape(30, 20).tolist()
    assert source.train.x.dtype == np.uint8
    assert source.test.t.tolist() == t[30:].tolist()
    assert source.train.divisor == 255
    assert source.preparation.shape == (5, 4)
    assert source.preparation.classes == ("0", "1", "2", "3")
    np.testing.assert_array_equal(source.test.batch(ALL)[0], source.preparation.rows(x[30:]))
    assert (source.train.name, source.test.name) == ("mnist.npz train", "mnist.npz test")


@pytest.mark.parametrize(
    "names", [("x", "t"), ("x", "y"), ("X", "y"), ("data", "target"), ("images", "labels")]
)
def test_a_single_set_is_split_by_class(tmp_path: Path, names) -> None:
    x, t = digits()
    np.savez(tmp_path / "a.npz", **dict(zip(names, (x, t), strict=True)))  # type: ignore[arg-type]
    source = npz_source(tmp_path / "a.npz", test_share=0.3, rng=1)
    assert np.bincount(source.test.t).tolist() == [3] * 4
    rows = np.concatenate([source.train.x, source.test.x])
    assert sorted(map(tuple, rows)) == sorted(map(tuple, x.reshape(40, 20)))


INPUTS = {
    "bytes": (digits()[0], "images of 4 x 5, divided by 255"),
    "a channel last": (digits()[0][..., None], "images of 4 x 5, divided by 255"),
    "a channel first": (digits()[0][:, None], "images of 4 x 5, divided by 255"),
    "color": (np.stack([digits()[0]] * 3, axis=-1),
              "images of 4 x 5 (in color), divided by 255"),
    "rows of bytes": (digits()[0].reshape(40, 20), "points, divided by 255"),
    "masks": (digits()[0] // 255, "images of 4 x 5, as they are"),
    "images in 0..1": (digits()[0] / 255, "images of 4 x 5, as they are"),
    "images to 16": (digits()[0] % 17 / 1.0, "images of 4 x 5, divided by 16"),
    "images below 0": (digits()[0] - 100.0, "images of 4 x 5, as they are"),
    "columns": (digits()[0].reshape(40, 20) * 3.0,
                "20 inputs standardized by the training set's mean and spread"),
    "columns in -1..1": (digits()[0].reshape(40, 20) / 255, "points, as they are"),
    "one number": (np.arange(40), "1 input standardized by the training set's mean and spread"),
}  # fmt: skip


@pytest.mark.parametrize("case", INPUTS)
def test_inputs_are_scaled_and_the_preparation_is_described(tmp_path: Path, case: str) -> None:
    x, message = INPUTS[case]
    np.savez(tmp_path / "a.npz", x_train=x, y_train=digits()[1], x_test=x[::-1],
             y_test=digits()[1][::-1])  # fmt: skip
    source = npz_source(tmp_path / "a.npz")
    assert source.preparation.describe() == message
    drawn = source.test.batch(ALL)[0]
    np.testing.assert_allclose(drawn, source.preparation.rows(x[::-1]), rtol=1e-6)
    if case != "images below 0":
        assert np.abs(drawn).max() < 5


T = np.arange(40) % 3
TARGETS = {
    "indices": (T, T, 3),
    "gaps": (T * 2, T * 2, 5),
    "from 1": (T + 1, T, 3),
    "a column": (T[:, None], T, 3),
    "bools": (T > 0, (T > 0) * 1, 2),
    "floats": (T / 1, T, 3),
    "signs": ((T > 0) * 2 - 1, (T > 0) * 1, 2),
    "text": (np.array(["b", "a", "c"])[T], np.array([1, 0, 2])[T], 3),
    "one-hot": (np.eye(3)[T], T, 3),
    "distributions": (np.eye(3)[T] * 0.8 + 0.2 / 3, np.eye(3)[T] * 0.8 + 0.2 / 3, 3),
}


@pytest.mark.parametrize("case", TARGETS)
def test_labels_in_every_form_become_classes(tmp_path: Path, case: str) -> None:
    given, wanted, classes = TARGETS[case]
    x = digits()[0]
    np.savez(tmp_path / "a.npz", x_train=x, t_train=given, x_test=x[:9], t_test=given[:9])
    source = npz_source(tmp_path / "a.npz")
    np.testing.assert_array_equal(source.train.t, wanted)
    np.testing.assert_array_equal(source.test.t, wanted[:9])
    assert len(source.preparation.classes) == classes


def test_real_targets_are_rows_of_floats(tmp_path: Path) -> None:
    x, t = digits()[0], np.arange(40) * 1000
    np.savez(tmp_path / "a.npz", x=x, y=t)
    for targets in ("auto", "numbers"):
        source = npz_source(tmp_path / "a.npz", targets=targets)
        assert source.train.t.shape == (32, 1)
        assert source.train.t.dtype == np.float64
        assert source.preparation.classes == ()
    with pytest.raises(FormatError, match="targets='numbers'"):
        npz_source(tmp_path / "a.npz", targets="classes")


NUMBERS = {
    "fractions": np.arange(40) / 4,
    "whole numbers": np.arange(40) ** 2,
    "pairs": np.arange(80.0).reshape(40, 2),
    "counts": np.repeat([0, 1, 2, 3, 4, 5, 9], [20, 10, 5, 2, 1, 1, 1]),
}


@pytest.mark.parametrize("case", NUMBERS)
def test_labels_that_are_no_classes_are_numbers(tmp_path: Path, case: str) -> None:
    np.savez(tmp_path / "a.npz", x=digits()[0], y=NUMBERS[case])
    source = npz_source(tmp_path / "a.npz")
    assert source.train.t.dtype == np.float64
    assert source.preparation.classes == ()


def test_text_cannot_be_numbers(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=digits()[0], y=np.array(["a", "b"] * 20))
    with pytest.raises(FormatError, match="holds text; use targets='classes'"):
        npz_source(tmp_path / "a.npz", targets="numbers")


X = np.ones((4, 2))
SETS: dict[str, tuple[dict, str]] = {
    "other names": ({"a": X}, "holds 'a'; expected x_train, y_train, x_test, y_test, or a single"),
    "no names": ({}, "holds no arrays; expected"),
    "lengths": ({"x": X, "t": T[:3]}, "'x' has shape (4, 2) and 't' (3,)"),
    "empty": ({"x": X[:0], "t": T[:0]}, "at least one"),
    "numbers": ({"x": np.array(1.0), "t": np.array(1)}, "'x' has shape () and 't' ()"),
    "text": ({"x": X.astype(str), "t": T[:4]}, "'x' holds text; inputs must be numbers"),
    "NaN": ({"x": X * np.nan, "t": T[:4]}, "holds NaN or infinity, first at (0, 0)"),
    "NaN among labels": ({"x": X, "t": np.array([0, 1, np.nan, 1])}, "'t' holds NaN or infinity"),
    "no distributions": ({"x": X, "t": X}, "its rows are not distributions"),
    "too many": ({"x": X, "t": np.eye(4, 1200)}, "'t' holds 1,200 different values in 4 examples"),
    "real labels": ({"x": np.ones((20_000, 1)), "t": np.linspace(0, 1, 20_000)},
                    "'t' holds 20,000 different values in 20,000 examples"),
    "deep labels": ({"x": X, "t": np.ones((4, 2, 2))}, "'t' has shape (4, 2, 2)"),
    "one class": ({"x": X, "t": np.array(["a"] * 4)}, "holds a single class, 'a'"),
    "shapes": ({"x_train": X, "y_train": T[:4], "x_test": X[:, :1], "y_test": T[:4]},
               "'x_train' and 'x_test' hold examples of different shapes, (2,) and (1,)"),
    "too large": ({"x_train": 2 * np.eye(4), "y_train": T[:4], "x_test": 1e300 * np.eye(4) + 3,
                   "y_test": T[:4]}, "column '1' holds numbers too large to be standardized"),
    "other labels": ({"x_train": X, "y_train": T[:4], "x_test": X, "y_test": np.eye(4)},
                     "'y_train' and 'y_test' hold examples of different shapes"),
}  # fmt: skip


@pytest.mark.parametrize("case", SETS)
def test_arrays_that_are_not_a_data_set_are_refused(tmp_path: Path, case: str) -> None:
    arrays, message = SETS[case]
    path = tmp_path / "a.npz"
    np.savez(path, **arrays)
    with pytest.raises(FormatError, match=re.escape(path.name) + ".*" + re.escape(message)):
        npz_source(path, targets="classes")
