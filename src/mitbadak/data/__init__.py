"""Data: readers of files, MNIST (shipped), small generated sets, preparation, splits, batches."""

from __future__ import annotations

from mitbadak.core.elsewhere import names_of as _names_of
from mitbadak.data.archive import read_npz
from mitbadak.data.batches import drawn_batches, mixed_batches, shuffled_batches
from mitbadak.data.dataset import Dataset
from mitbadak.data.fingerprints import fingerprint
from mitbadak.data.idx import map_idx, read_idx, write_idx
from mitbadak.data.idx_folder import idx_source
from mitbadak.data.images.options import PictureOptions
from mitbadak.data.made import (
    MADE,
    MadeSet,
    load_blobs,
    load_circles,
    load_moons,
    load_regression,
    load_xor,
)
from mitbadak.data.mnist import load_mnist, mnist_datasets, mnist_source
from mitbadak.data.npz import npz_source
from mitbadak.data.preparation import Preparation
from mitbadak.data.shifts import RandomShift, shifted
from mitbadak.data.source import Source
from mitbadak.data.sources import NAMED, open_source
from mitbadak.data.splits import k_fold, stratified_split
from mitbadak.data.stored import idx_dataset
from mitbadak.data.table import csv_source
from mitbadak.data.tables import Table, TableEncoder, TableOptions, read_table
from mitbadak.data.toy import load_spiral, spiral_datasets, spiral_source

__all__ = [
    "MADE",
    "NAMED",
    "Dataset",
    "MadeSet",
    "PictureOptions",
    "Preparation",
    "RandomShift",
    "Source",
    "Table",
    "TableEncoder",
    "TableOptions",
    "csv_source",
    "drawn_batches",
    "fingerprint",
    "idx_dataset",
    "idx_source",
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
    "mnist_source",
    "npz_source",
    "open_source",
    "read_idx",
    "read_npz",
    "read_table",
    "shifted",
    "shuffled_batches",
    "spiral_datasets",
    "spiral_source",
    "stratified_split",
    "write_idx",
]

__getattr__ = _names_of(__name__, lambda: __all__)
