"""Data: IDX files, MNIST (shipped), small sets that are made, and batches."""

from __future__ import annotations

from collections.abc import Callable

from mitbadak.data.batches import Dataset, drawn_batches, shuffled_batches
from mitbadak.data.idx import read_idx, write_idx
from mitbadak.data.mnist import load_mnist, mnist_datasets
from mitbadak.data.toy import load_spiral, spiral_datasets

DATASETS: dict[str, Callable[[], tuple[Dataset, Dataset]]] = {
    "mnist": mnist_datasets,
    "spiral": spiral_datasets,
}

__all__ = [
    "DATASETS",
    "Dataset",
    "drawn_batches",
    "load_mnist",
    "load_spiral",
    "mnist_datasets",
    "read_idx",
    "shuffled_batches",
    "spiral_datasets",
    "write_idx",
]
