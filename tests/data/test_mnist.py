"""The shipped MNIST in all its forms, and wrong folders, which are refused by name."""

from __future__ import annotations

import gzip
import itertools
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mitbadak.core.errors import FormatError
from mitbadak.data import load_mnist, mnist, mnist_datasets, read_idx, write_idx

TRAIN_IMAGES, TRAIN_LABELS = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"
TEST_IMAGES, TEST_LABELS = "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"


@pytest.mark.parametrize(
    ("normalize", "flatten", "one_hot_label"), list(itertools.product([True, False], repeat=3))
)
def test_every_form_has_the_documented_shapes_types_and_values(
    normalize: bool, flatten: bool, one_hot_label: bool
) -> None:
    train, test = load_mnist(normalize, flatten, one_hot_label)
    for (x, t), n in ((train, 60_000), (test, 10_000)):
        assert x.shape == ((n, 784) if flatten else (n, 1, 28, 28))
        assert x.dtype == (np.float32 if normalize else np.uint8)
        assert (x.min(), x.max()) == (0, 1 if normalize else 255)
        if one_hot_label:
            assert (t.dtype, t.shape) == (np.int64, (n, 10))
            assert np.array_equal(np.unique(t), [0, 1])
            assert (t.sum(axis=1) == 1).all()
            t = t.argmax(axis=1)
        else:
            assert (t.dtype, t.shape) == (np.int64, (n,))
        assert np.unique(t).tolist() == list(range(10))


def test_the_first_digits_are_the_ones_everybody_knows() -> None:
    (_, t_train), (_, t_test) = load_mnist()
    assert t_train[:5].tolist() == [5, 0, 4, 1, 9]
    assert t_test[:5].tolist() == [7, 2, 1, 0, 4]


def test_a_net_that_always_answers_6_scores_its_share() -> None:
    # 5918 / 60000 and 958 / 10000 are the 0.0986 and 0.0958 that the notes printed for ever.
    (_, t_train), (_, t_test) = load_mnist()
    assert ((t_train == 6).sum(), (t_test == 6).sum()) == (5918, 958)


def test_normalized_pixels_are_the_bytes_over_255_in_every_layout() -> None:
    (rows, _), _ = load_mnist(normalize=True)
    (images, _), _ = load_mnist(normalize=False, flatten=False)
    assert np.array_equal(rows[:100], images[:100].reshape(100, 784) / np.float32(255))


@pytest.mark.parametrize(
    "form",
    [{}, {"normalize": False}, {"normalize": False, "flatten": False}, {"one_hot_label": True}],
)
def test_the_arrays_belong_to_the_caller(form: dict[str, Any]) -> None:
    _, (x, t) = load_mnist(**form)
    x[:], t[:] = 0, 0
    _, (x_again, t_again) = load_mnist(**form)
    assert x_again.any()
    assert t_again.any()


def test_data_sets_keep_bytes_and_draw_what_load_mnist_gives() -> None:
    (_, _), (x, t) = load_mnist()
    train, test = mnist_datasets()
    assert (len(train), len(test), train.name, test.name) == (
        60_000, 10_000, "MNIST train", "MNIST test",
    )  # fmt: skip
    assert test.x.dtype == np.uint8
    batch_x, batch_t = test.batch(np.array([7, 3]))
    assert np.array_equal(batch_x, x[[7, 3]])
    assert np.array_equal(batch_t, t[[7, 3]])


def test_the_shipped_files_are_the_ones_listed_in_code_and_readme() -> None:
    readme = (mnist.FOLDER / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\S+\.gz) \| (\d+) \| ([0-9a-f]{64}) \|$", readme, re.MULTILINE)
    listed = {name: (int(size), digest) for name, size, digest in rows}
    assert len(listed) == 4
    for file in mnist.FILES.values():
        path = mnist.FOLDER / file.name
        assert listed[file.name] == (path.stat().st_size, file.sha256)
        assert mnist.checksum(path) == file.sha256
        assert len(read_idx(path)) == file.count


def test_a_shipped_file_that_was_changed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(mnist.FOLDER, tmp_path / "mnist")
    labels = tmp_path / "mnist" / TRAIN_LABELS
    changed = bytearray(gzip.decompress(labels.read_bytes()))
    changed[-1] = (changed[-1] + 1) % 10  # still a perfect IDX file, with one label wrong
    labels.write_bytes(gzip.compress(bytes(changed), mtime=0))
    monkeypatch.setattr(mnist, "FOLDER", tmp_path / "mnist")
    wanted = f"{labels} is not the file that ships with Mitbadak: its SHA-256 differs"
    with pytest.raises(FormatError, match=re.escape(wanted)):
        load_mnist()
    (_, t), _ = load_mnist(directory=tmp_path / "mnist")  # own files are not held against it
    assert t[-1] == changed[-1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four small files in the format of MNIST: six training and three test examples."""
    for images, labels, n in ((TRAIN_IMAGES, TRAIN_LABELS, 6), (TEST_IMAGES, TEST_LABELS, 3)):
        write_idx(tmp_path / images, np.arange(n * 784).reshape(n, 28, 28).astype(np.uint8))
        write_idx(tmp_path / labels, np.arange(n, dtype=np.uint8))
    return tmp_path


def test_a_users_own_folder_is_read(folder: Path) -> None:
    (x_train, t_train), (x_test, t_test) = load_mnist(normalize=False, directory=folder)
    assert (x_train.shape, x_test.shape) == ((6, 784), (3, 784))
    assert x_train[0, :3].tolist() == [0, 1, 2]
    assert (t_train.tolist(), t_test.tolist()) == ([0, 1, 2, 3, 4, 5], [0, 1, 2])
    train, test = mnist_datasets(str(folder))
    assert (len(train), len(test)) == (6, 3)


def swap(one: str, other: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        first, second = (folder / one).read_bytes(), (folder / other).read_bytes()
        (folder / one).write_bytes(second)
        (folder / other).write_bytes(first)

    return damage


def replace(name: str, array: np.ndarray) -> Callable[[Path], None]:
    return lambda folder: write_idx(folder / name, array)


def rewrite(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / name).write_bytes(change((folder / name).read_bytes()))

    return damage


def flip_the_middle(content: bytes) -> bytes:
    at = len(content) // 2
    return content[:at] + bytes([content[at] ^ 255]) + content[at + 1 :]


NO_IMAGES = np.zeros((0, 28, 28), np.uint8)
CASES = {
    "damaged": (rewrite(TRAIN_IMAGES, flip_the_middle), TRAIN_IMAGES, "is damaged: "),
    "cut off": (rewrite(TEST_IMAGES, lambda b: b[:-5]), TEST_IMAGES, "is truncated: "),
    "not IDX": (rewrite(TEST_LABELS, lambda b: b"<html>"), TEST_LABELS, "is not an IDX file"),
    "swapped": (
        swap(TRAIN_IMAGES, TRAIN_LABELS),
        TRAIN_IMAGES,
        "should hold images of 28 x 28 bytes; it holds uint8 of shape (6,). Was it renamed?",
    ),
    "images named labels": (
        lambda folder: shutil.copy(folder / TEST_IMAGES, folder / TEST_LABELS),
        TEST_LABELS,
        "should hold labels 0..9, one byte each; it holds uint8 of shape (3, 28, 28)",
    ),
    "wide images": (
        replace(TRAIN_IMAGES, np.zeros((6, 28, 32), np.uint8)),
        TRAIN_IMAGES,
        "should hold images of 28 x 28 bytes; it holds uint8 of shape (6, 28, 32)",
    ),
    "wide labels": (
        replace(TRAIN_LABELS, np.zeros(6, np.int32)),
        TRAIN_LABELS,
        "should hold labels 0..9, one byte each; it holds int32 of shape (6,)",
    ),
    "label 10": (
        replace(TEST_LABELS, np.array([1, 10, 2], np.uint8)),
        TEST_LABELS,
        "should hold labels 0..9, one byte each; it holds uint8 of shape (3,) up to 10",
    ),
    "test labels with training images": (
        swap(TRAIN_LABELS, TEST_LABELS), TRAIN_IMAGES, "holds 6 images, ",
    ),
    "empty": (
        lambda folder: [replace(TRAIN_IMAGES, NO_IMAGES)(folder),
                        replace(TRAIN_LABELS, NO_IMAGES[:, 0, 0])(folder)],
        TRAIN_IMAGES,
        "holds 0 images, ",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_wrong_file_is_refused_by_name_with_the_reason(folder: Path, case: str) -> None:
    damage, name, reason = CASES[case]
    damage(folder)
    with pytest.raises(FormatError, match=re.escape(f"{folder / name} {reason}")):
        load_mnist(directory=folder)


def test_a_complete_part_under_the_other_name_is_accepted(folder: Path) -> None:
    # Nothing inside the files tells training from test, so only the counts can give it away.
    swap(TRAIN_IMAGES, TEST_IMAGES)(folder)
    swap(TRAIN_LABELS, TEST_LABELS)(folder)
    (x_train, _), (x_test, _) = load_mnist(directory=folder)
    assert (len(x_train), len(x_test)) == (3, 6)


@pytest.mark.parametrize("name", [TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(FileNotFoundError, match=re.escape(f"{folder / name} is missing.")):
        load_mnist(directory=folder)
