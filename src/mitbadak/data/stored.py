"""Data sets from IDX files, which may be larger than memory."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from mitbadak.core.arguments import explained
from mitbadak.core.errors import FormatError
from mitbadak.data.dataset import Dataset
from mitbadak.data.idx import is_gzipped, map_idx, read_idx

# Class, source, writer and others: C. Yadav and L. Bottou, "Cold case: the lost MNIST digits",
# NeurIPS 2019.
QMNIST_COLUMNS = 8


@explained
def idx_dataset(
    images: str | os.PathLike[str], labels: str | os.PathLike[str], *, divisor: float | None = 255
) -> Dataset:
    """Images and labels from two IDX files, flattened, for training.

    Images that are not gzipped stay on disk. They are read when they are used, shuffled within
    blocks (``mixed_batches``), and may be larger than memory. If you write such a file yourself,
    put the examples in random order, not sorted by class. Gzipped images are read into memory.

    Args:
        images: the file with the examples, along its first dimension.
        labels: the file with a label for each; of QMNIST's eight numbers each, the first is taken,
            the class.
        divisor: drawn entries are divided by it: 255 for pixels.

    Returns:
        x of shape (n, ...), flattened to (n, n_in), in the dtype of the file, and t as stored.

    Raises:
        FormatError: a file is damaged, or the two do not match.
        FileNotFoundError: a file is missing.

    Example:
        >>> import tempfile
        >>> import numpy as np
        >>> from mitbadak.data.idx import write_idx
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     pictures, classes = Path(folder) / "images.idx", Path(folder) / "labels.idx"
        ...     write_idx(pictures, np.zeros((3, 2, 2), np.uint8))
        ...     write_idx(classes, np.array([0, 1, 1], np.uint8))
        ...     data = idx_dataset(pictures, classes)
        ...     data.x.shape, data.on_disk
        ((3, 4), True)
    """
    images, labels = Path(images), Path(labels)
    on_disk = not is_gzipped(images)
    x = map_idx(images) if on_disk else read_idx(images)
    t = read_idx(labels)
    if t.dtype == np.int32 and t.shape[1:] == (QMNIST_COLUMNS,):
        t = t[:, 0].copy()
    if x.size == 0:
        raise FormatError(f"{images} holds no examples: its shape is {x.shape}.")
    if t.ndim != 1 or len(t) != len(x):
        raise FormatError(
            f"{labels} should hold one label for each of the {len(x):,} examples in {images}; it "
            f"holds {t.dtype} of shape {t.shape}."
        )
    return Dataset(x.reshape(len(x), -1), t, divisor, name=images.name, on_disk=on_disk)
