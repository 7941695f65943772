"""``dataset.mnist`` and ``dataset.spiral``: the loaders, with labels in the form of the books."""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak.book import draws
from mitbadak.book.notices import notice
from mitbadak.data import load_mnist as load_shipped_mnist, load_spiral
from mitbadak.data.mnist import FILES, FOLDER

train_num, test_num = 60000, 10000
img_dim = (1, 28, 28)
img_size = 784
dataset_dir = str(FOLDER)
save_file = str(FOLDER / "mnist.pkl")
key_file = {
    f"{'train' if part == 'train' else 'test'}_{'img' if kind == 'images' else 'label'}": file.name
    for (part, kind), file in FILES.items()
}
Pair = tuple[np.ndarray, np.ndarray]


def load_mnist(
    normalize: bool = True, flatten: bool = True, one_hot_label: bool = False
) -> tuple[Pair, Pair]:
    """MNIST as ``(x_train, t_train), (x_test, t_test)``, from the files that are installed.

    Args:
        normalize: pixels as float32 in 0..1; otherwise bytes.
        flatten: images as rows of 784; otherwise of shape (1, 28, 28).
        one_hot_label: labels as rows of floats with a single 1; otherwise class indices.

    Example:
        >>> (x_train, t_train), (x_test, t_test) = load_mnist(one_hot_label=True)
        >>> x_train.shape, x_train.dtype, t_test.shape, t_test.dtype
        ((60000, 784), dtype('float32'), (10000, 10), dtype('float64'))
    """
    train, test = load_shipped_mnist(bool(normalize), bool(flatten), bool(one_hot_label))
    dtype = np.float64 if one_hot_label else np.uint8  # of np.zeros, and of the file, in the books
    train, test = ((x, t.astype(dtype)) for x, t in (train, test))
    return train, test


def download_mnist() -> None:
    """Nothing to do: the files are part of the package."""
    notice("no-download")


def init_mnist() -> None:
    """Nothing to do: the files are part of the package."""
    notice("no-download")


def load_data(seed: int = 1984) -> tuple[np.ndarray, np.ndarray]:
    """The second book's spiral: x of shape (300, 2), and one-hot t of shape (300, 3).

    As there, NumPy's global generator is seeded and draws the noise, so that the weights that a
    script draws afterwards are those of the book.

    Example:
        >>> x, t = load_data()
        >>> x.shape, t.shape, t.sum()
        ((300, 2), (300, 3), np.int64(300))
    """
    draws.seed_and_skip(seed, 300)
    x, t = load_spiral(seed, one_hot=True)
    return x, t


MNIST_NAMES: dict[str, Any] = {
    "load_mnist": load_mnist, "init_mnist": init_mnist, "download_mnist": download_mnist,
    "train_num": train_num, "test_num": test_num, "img_dim": img_dim, "img_size": img_size,
    "dataset_dir": dataset_dir, "save_file": save_file, "key_file": key_file, "np": np,
    "url_base": "http://yann.lecun.com/exdb/mnist/",  # from where nothing is downloaded
}  # fmt: skip
