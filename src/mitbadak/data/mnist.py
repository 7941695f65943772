"""MNIST, shipped with the package: 60,000 training and 10,000 test images of handwritten digits.

By Yann LeCun, Corinna Cortes and Christopher J. C. Burges; the license note is beside the files.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mitbadak.core.arguments import explained
from mitbadak.core.errors import FormatError, MissingFileError, flag
from mitbadak.data.dataset import Dataset
from mitbadak.data.fingerprints import joined
from mitbadak.data.idx import read_idx
from mitbadak.data.picture_form import MNIST_FORM
from mitbadak.data.preparation import Preparation
from mitbadak.data.source import Source
from mitbadak.data.toy import labels

FOLDER = Path(__file__).parent / "mnist_files"
IMAGE_SHAPE = (28, 28)
CLASSES = 10

Pair = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class MnistFile:
    """One of the four files: its name, its SHA-256, and the number of items in it."""

    name: str
    sha256: str
    count: int


FILES = {
    ("train", "images"): MnistFile(
        "train-images-idx3-ubyte.gz",
        "0b367032e93c5d0cea0925647cfdb18614af8ee15f83e6f2fc2ad904a6835971",
        60_000,
    ),
    ("train", "labels"): MnistFile(
        "train-labels-idx1-ubyte.gz",
        "1787548bbe0bff1ec2ecdc0ef292b02df999e2d1a6002d27500982c652b17203",
        60_000,
    ),
    ("test", "images"): MnistFile(
        "t10k-images-idx3-ubyte.gz",
        "1a1a05eab793c14bb050b398624a11b0ffd1a2953baed553b1b9bd079e2a20be",
        10_000,
    ),
    ("test", "labels"): MnistFile(
        "t10k-labels-idx1-ubyte.gz",
        "b91679a0acfe4ba0e50a2437a903084cba1f5f92592b016a25a7dfd00455798b",
        10_000,
    ),
}


@explained
def load_mnist(
    normalize: bool = True,
    flatten: bool = True,
    one_hot_label: bool = False,
    *,
    one_hot: bool = False,
    directory: str | os.PathLike[str] | None = None,
) -> tuple[Pair, Pair]:
    """MNIST as ``(x_train, t_train), (x_test, t_test)``, without any download.

    Args:
        normalize: pixels as float32 in 0..1; otherwise as bytes 0..255.
        flatten: images as rows of 784; otherwise of shape (1, 28, 28).
        one_hot_label: labels as one-hot rows; otherwise as class indices. The book's name.
        one_hot: the same, as the other loaders call it.
        directory: folder with the four gzipped files under their canonical names. By default
            those that ship with the package; their SHA-256 is verified as well.

    Returns:
        x of shape (60000, 784) and (10000, 784), or (n, 1, 28, 28); t, integers of shape (n,), or
        (n, 10).

    Raises:
        FormatError: a file is damaged, truncated, or holds something other than its name says.
        FileNotFoundError: a file is missing.

    Example:
        >>> (x_train, t_train), (x_test, t_test) = load_mnist()
        >>> x_train.shape, x_train.dtype, float(x_train.max()), t_train[:3]
        ((60000, 784), dtype('float32'), 1.0, array([5, 0, 4]))
    """
    normalize, flatten = flag("load_mnist", "normalize", normalize), flag(
        "load_mnist", "flatten", flatten)  # fmt: skip
    rows = flag("load_mnist", "one_hot_label", one_hot_label) or one_hot
    pairs = []
    for part in ("train", "test"):
        images, digits = read_part(part, directory)
        x = images.reshape(len(images), -1) if flatten else images[:, None]
        if normalize:
            x = x / np.float32(255)
        pairs.append((x, labels(digits, CLASSES, rows)))
    return pairs[0], pairs[1]


@explained
def mnist_datasets(directory: str | os.PathLike[str] | None = None) -> tuple[Dataset, Dataset]:
    """MNIST for training: pixels stay bytes and are scaled batch by batch.

    Returns:
        The training and the test set.
    """
    train, test = (
        Dataset(images.reshape(len(images), -1), labels, divisor=255, name=f"MNIST {part}")
        for part in ("train", "test")
        for images, labels in [read_part(part, directory)]
    )
    return train, test


def mnist_source() -> Source:
    """The MNIST that ships with the package, as ``idx_source`` would read it from its folder.

    Example:
        >>> mnist_source().preparation.classes[-1]
        '9'
    """
    train, test = mnist_datasets()  # which verifies their SHA-256
    names = tuple(map(str, range(CLASSES)))
    preparation = Preparation("images", IMAGE_SHAPE, 255.0, classes=names, pictures=MNIST_FORM)
    return Source(train, test, preparation, joined([file.sha256 for file in FILES.values()]))


def read_part(part: str, directory: str | os.PathLike[str] | None = None) -> Pair:
    """Images (n, 28, 28) and labels (n,) of ``"train"`` or ``"test"``, checked, as bytes."""
    folder = FOLDER if directory is None else Path(directory)
    images, labels = (
        _read(folder / FILES[part, kind].name, FILES[part, kind], verify=directory is None)
        for kind in ("images", "labels")
    )
    image_path, label_path = (folder / FILES[part, kind].name for kind in ("images", "labels"))
    if images.dtype != np.uint8 or images.shape[1:] != IMAGE_SHAPE:
        raise FormatError(
            f"{image_path} should hold images of 28 x 28 bytes; it holds {images.dtype} of shape "
            f"{images.shape}. Was it renamed?"
        )
    if labels.dtype != np.uint8 or labels.ndim != 1 or labels.max(initial=0) >= CLASSES:
        raise FormatError(
            f"{label_path} should hold labels 0..9, one byte each; it holds {labels.dtype} of "
            f"shape {labels.shape} up to {labels.max(initial=0)}. Was it renamed?"
        )
    if len(images) != len(labels) or len(images) == 0:
        raise FormatError(
            f"{image_path} holds {len(images)} images, but {label_path} {len(labels)} labels; both "
            "must hold the same number, at least one."
        )
    return images, labels


def checksum(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _read(path: Path, expected: MnistFile, *, verify: bool) -> np.ndarray:
    if not path.is_file():
        raise MissingFileError(f"{path} is missing. Reinstall Mitbadak, or pass its folder.")
    array = read_idx(path)
    if verify and checksum(path) != expected.sha256:
        raise FormatError(
            f"{path} is not the file that ships with Mitbadak: its SHA-256 differs. Reinstall it."
        )
    return array
