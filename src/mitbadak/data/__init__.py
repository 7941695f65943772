"""Data: IDX files, MNIST (shipped), small sets that are made, and batches."""

from __future__ import annotations

from collections.abc import Callable

from mitbadak.data.batches import Dataset, drawn_batches, mixed_batches, shuffled_batches
from mitbadak.data.idx import map_idx, read_idx, write_idx
from mitbadak.data.mnist import load_mnist, mnist_datasets
from mitbadak.data.stored import idx_dataset
from mitbadak.data.toy import load_spiral, spiral_datasets

DATASETS: dict[str, Callable[[], tuple[Dataset, Dataset]]] = {
    "mnist": mnist_datasets,
    "spiral": spiral_datasets,
}

__all__ = [
    "DATASETS",
    "Dataset",
    "drawn_batches",
    "idx_dataset",
    "load_mnist",
    "load_spiral",
    "map_idx",
    "mixed_batches",
    "mnist_datasets",
    "read_idx",
    "shuffled_batches",
    "spiral_datasets",
    "write_idx",
]
