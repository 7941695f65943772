"""MNIST's files as any program would read them; Mitbadak is found, but not imported."""

from __future__ import annotations

import gzip
import importlib.util
from pathlib import Path

import numpy as np

Pair = tuple[np.ndarray, np.ndarray]
HEADERS = {"images-idx3": 16, "labels-idx1": 8}  # bytes


def folder() -> Path:
    """Where the installed package keeps the four files."""
    package = importlib.util.find_spec("mitbadak")
    assert package is not None
    assert package.submodule_search_locations is not None
    return Path(package.submodule_search_locations[0]) / "data" / "mnist_files"


def read_pixels() -> tuple[Pair, Pair]:
    """Images (n, 784) as bytes and labels (n,) as int64, of the training and of the test set."""
    return _pair("train"), _pair("t10k")


def read_digits() -> tuple[Pair, Pair]:
    """The same with float32 pixels from 0 to 1: the arrays of ``mitbadak.load_mnist()``."""
    train, test = ((x / np.float32(255), t) for x, t in read_pixels())
    return train, test


def _pair(part: str) -> Pair:
    arrays = []
    for kind, header in HEADERS.items():
        with gzip.open(folder() / f"{part}-{kind}-ubyte.gz") as file:
            arrays.append(np.frombuffer(file.read(), np.uint8, offset=header))
    return arrays[0].reshape(-1, 784), arrays[1].astype(np.int64)
