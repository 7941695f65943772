"""Data: IDX files, MNIST (shipped), small sets that are made, and batches."""

from __future__ import annotations

from collections.abc import Callable

from mitbadak.data.batches import Dataset, drawn_batches, mixed_batches, shuffled_batches
from mitbadak.data.idx import map_idx, read_idx, write_idx
from mitbadak.data.made import (
    MADE,
    MadeSet,
    load_blobs,
    load_circles,
    load_moons,
    load_regression,
    load_xor,
)
from mitbadak.data.mnist import load_mnist, mnist_datasets
from mitbadak.data.preparation import Preparation, Source
from mitbadak.data.shifts import RandomShift, shifted
from mitbadak.data.splits import k_fold, stratified_split
from mitbadak.data.stored import idx_dataset
from mitbadak.data.toy import load_spiral, spiral_datasets

DATASETS: dict[str, Callable[[], tuple[Dataset, Dataset]]] = {
    "mnist": mnist_datasets,
    "spiral": spiral_datasets,
    **MADE,
}

__all__ = [
    "DATASETS",
    "MADE",
    "Dataset",
    "MadeSet",
    "Preparation",
    "RandomShift",
    "Source",
    "drawn_batches",
    "idx_dataset",
    "k_fold",
    "load_blobs",
    "load_circles",
    "load_mnist",
    "load_moons",
    "load_regression",
    "load_spiral",
    "load_xor",
    "map_idx",
    "mixed_batches",
    "mnist_datasets",
    "read_idx",
    "shifted",
    "shuffled_batches",
    "spiral_datasets",
    "stratified_split",
    "write_idx",
]
