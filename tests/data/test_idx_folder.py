"""Folders of IDX files, named like those of MNIST and its relatives."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp

from mitbadak.core.errors import FormatError, NotASourceError
from mitbadak.data import fingerprint, fingerprints, idx_folder, idx_source, mnist_source, write_idx
from mitbadak.data.images.options import PictureOptions
from mitbadak.data.mnist import FOLDER

ALL = slice(None)
NAMES = {
    "canonical": "{part}-{kind}-idx{n}-ubyte",
    "with a dot": "{part}-{kind}.idx{n}-ubyte",
    "EMNIST": "emnist-letters-{part}-{kind}-idx{n}-ubyte",
}
TEST = {"canonical": "t10k", "with a dot": "t10k", "EMNIST": "test"}


def small(seed: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (n, 5, 4)).astype(np.uint8), rng.integers(0, 4, n).astype(np.uint8)


def fill(folder: Path, names: str = "canonical", gz: str = "", train=None, test=None) -> Path:
    for part, pair in (("train", train or small(0, 9)), (TEST[names], test or small(1, 3))):
        for kind, n, array in zip(("images", "labels"), (3, 1), pair, strict=True):
            write_idx(folder / (NAMES[names].format(part=part, kind=kind, n=n) + gz), array)
    return folder


@pytest.mark.parametrize("gz", ["", ".gz"])
@pytest.mark.parametrize("names", NAMES)
def test_the_four_files_are_found_under_each_of_their_names(tmp_path, names, gz):
    (tmp_path / "README.txt").write_text("not data")
    source = idx_source(fill(tmp_path, names, gz))
    for data, (x, t) in ((source.train, small(0, 9)), (source.test, small(1, 3))):
        assert np.array_equal(data.x, x.reshape(len(x), 20))
        assert np.array_equal(data.t, t)
        assert data.on_disk == (not gz)
    assert source.preparation.shape == (5, 4)
    assert source.preparation.divisor == 255
    assert source.preparation.classes == ("0", "1", "2", "3")
    raw = small(1, 3)[0]
    np.testing.assert_allclose(source.preparation.rows(raw), source.test.batch(ALL)[0], rtol=1e-6)


@settings(max_examples=30)
@given(
    x=hnp.arrays(np.uint8, st.tuples(st.integers(2, 6), st.integers(1, 4), st.integers(1, 4))),
    seed=st.integers(0, 9),
    gz=st.sampled_from(["", ".gz"]),
)
def test_written_content_is_read_back(tmp_path_factory, x, seed, gz):
    t = np.random.default_rng(seed).integers(0, 9, len(x)).astype(np.uint8)
    folder = fill(tmp_path_factory.mktemp("f"), gz=gz, train=(x, t), test=(x[:1], t[:1]))
    source = idx_source(folder)
    assert np.array_equal(source.train.x, x.reshape(len(x), -1))
    assert np.array_equal(source.train.t + int(source.preparation.classes[0]), t)
    assert source.preparation.classes == tuple(map(str, range(t.min(), t.max() + 1)))


def test_a_plain_file_is_taken_before_a_gzipped_one(tmp_path):
    fill(tmp_path, gz=".gz", train=small(5, 9))
    source = idx_source(fill(tmp_path))
    assert source.train.on_disk
    assert np.array_equal(source.train.t, small(0, 9)[1])


def test_letters_that_begin_at_1_keep_their_numbers_as_names(tmp_path):
    t = np.arange(1, 27, dtype=np.uint8)
    x = np.ones((26, 2, 2), np.uint8)
    source = idx_source(fill(tmp_path, "EMNIST", train=(x, t), test=(x[:2], t[:2])))
    assert source.train.t.tolist() == list(range(26))
    assert source.preparation.classes == tuple(map(str, range(1, 27)))
    source = idx_source(tmp_path, pictures=PictureOptions(first_class="0"))
    assert source.train.t.tolist() == list(range(1, 27))
    assert source.preparation.classes == tuple(map(str, range(27)))


def test_floats_are_not_divided(tmp_path):
    x, t = np.random.default_rng(0).normal(size=(6, 3, 3)).astype(np.float32), np.arange(6) % 2
    fill(tmp_path, train=(x, t.astype(np.uint8)), test=(x[:2], t[:2].astype(np.uint8)))
    source = idx_source(tmp_path)
    assert source.preparation.describe() == "images of 3 x 3, as they are"
    np.testing.assert_array_equal(source.train.batch(ALL)[0], x.reshape(6, 9))


def test_the_shipped_digits_are_what_a_folder_of_them_is():
    folder, shipped = idx_source(FOLDER), mnist_source()
    assert folder.fingerprint == shipped.fingerprint
    assert folder.preparation == shipped.preparation
    assert np.array_equal(folder.test.x, shipped.test.x)
    assert np.array_equal(folder.train.t, shipped.train.t)


def image(name: str, array: np.ndarray):
    return lambda folder: write_idx(folder / name, array)


BAD = {
    "a file is missing": (lambda f: (f / "t10k-labels-idx1-ubyte").unlink(),
                          "lacks t10k-labels-idx1-ubyte (or .gz); it holds t10k-images-idx3-ubyte"),
    "two sets": (lambda f: fill(f, "EMNIST"), "more than one set: 'train', 'emnist-letters'"),
    "other sizes": (image("t10k-images-idx3-ubyte", np.ones((3, 4, 5), np.uint8)),
                    "do not match; they have shape (5, 4) of uint8 and (4, 5) of uint8"),
    "other types": (image("t10k-images-idx3-ubyte", np.ones((3, 5, 4), np.float32)),
                    "do not match"),
    "more labels": (image("t10k-labels-idx1-ubyte", np.ones(4, np.uint8)),
                    "should hold one label for each of the 3 examples"),
    "images for labels": (image("t10k-labels-idx1-ubyte", np.ones((3, 2), np.uint8)),
                          "should hold one label for each"),
    "labels below 0": (image("t10k-labels-idx1-ubyte", np.array([-1, 0, 1], np.int8)),
                       "labels from 0 to 999; it holds int8 from -1 to 1"),
    "huge labels": (image("t10k-labels-idx1-ubyte", np.array([1, 2, 10**9], np.int32)),
                    "labels from 0 to 999; it holds int32 from 1 to 1000000000"),
    "real labels": (image("t10k-labels-idx1-ubyte", np.array([1, 2, 3], np.float32)),
                    "labels from 0 to 999"),
    "no image": (image("train-images-idx3-ubyte", np.ones((0, 5, 4), np.uint8)),
                 "holds no example"),
    "NaN": (image("train-images-idx3-ubyte", np.full((9, 5, 4), np.nan, np.float32)),
            "holds NaN or infinity"),
    "no IDX": (lambda f: (f / "train-images-idx3-ubyte").write_bytes(b"PNG picture"),
               "is not an IDX file"),
    "nothing": (lambda f: (f / "train-images-idx3-ubyte").write_bytes(b""), "is truncated"),
    "cut": (lambda f: (f / "train-images-idx3-ubyte").write_bytes(
        (f / "train-images-idx3-ubyte").read_bytes()[:-1]), "is truncated: 1 of 180 bytes"),
    "a bomb": (lambda f: (f / "train-images-idx3-ubyte").write_bytes(
        bytes([0, 0, 8, 3]) + b"\xff" * 12), "is truncated"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_bad_folder_is_refused_by_name_with_the_reason(tmp_path, case):
    damage, message = BAD[case]
    damage(fill(tmp_path))
    with pytest.raises(FormatError, match=re.escape(str(tmp_path)) + ".*" + re.escape(message)):
        idx_source(tmp_path)


def test_a_folder_without_idx_files_is_told_apart_from_a_damaged_one(tmp_path):
    (tmp_path / "cat").mkdir()
    (tmp_path / "train-images-idx3-ubyte").mkdir()
    with pytest.raises(NotASourceError, match="holds no IDX files, such as train-images"):
        idx_source(tmp_path)
    (tmp_path / "t10k-images-idx3-ubyte.gz").write_bytes(b"")
    with pytest.raises(FormatError, match="lacks train-images-idx3-ubyte") as refused:
        idx_source(tmp_path)
    assert not isinstance(refused.value, NotASourceError)


def test_a_fingerprint_is_that_of_the_content(tmp_path):
    a, b = tmp_path / "a", tmp_path / "b"
    a.write_bytes(b"one")
    b.write_bytes(b"two")
    assert fingerprint([a]) == hashlib.sha256(b"one").hexdigest()
    assert len({fingerprint(p) for p in ([a], [b], [a, b], [b, a])}) == 4


def test_large_files_are_sampled_where_asked_and_it_shows(tmp_path, monkeypatch):
    monkeypatch.setattr(fingerprints, "SAMPLED_ABOVE", 1000)
    monkeypatch.setattr(fingerprints, "BLOCK", 10)
    monkeypatch.setattr(fingerprints, "BLOCKS", 5)
    path = tmp_path / "a"
    content = bytearray(1001)
    path.write_bytes(content)
    first = fingerprint([path], sampled=True)
    assert first.startswith("sampled:")
    assert not fingerprint([path]).startswith("sampled:")
    for at in (0, 9, 500, 991, 1000):  # first, middle and last block
        changed = content.copy()
        changed[at] = 1
        path.write_bytes(changed)
        assert fingerprint([path], sampled=True) != first
    path.write_bytes(content + b"\0")  # another size
    assert fingerprint([path], sampled=True) != first
    path.write_bytes(content[:1000])
    assert fingerprint([path], sampled=True) == hashlib.sha256(content[:1000]).hexdigest()


def test_a_folder_with_many_other_files_is_searched_so_far_only(tmp_path, monkeypatch):
    for i in range(20):
        (tmp_path / f"{i}.txt").touch()
    fill(tmp_path)
    assert len(idx_source(tmp_path).train) == 9
    monkeypatch.setattr(idx_folder, "MOST_ENTRIES", 24)
    assert len(idx_source(tmp_path).train) == 9
    monkeypatch.setattr(idx_folder, "MOST_ENTRIES", 0)
    with pytest.raises(NotASourceError, match="holds no IDX files"):
        idx_source(tmp_path)
