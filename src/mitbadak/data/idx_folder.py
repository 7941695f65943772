"""Folders of IDX files under their canonical names: MNIST, Fashion-MNIST, KMNIST, EMNIST."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np

from mitbadak.core.errors import (
    DtypeError,
    FormatError,
    NonFiniteError,
    NotASourceError,
    ShapeError,
)
from mitbadak.data.dataset import Dataset
from mitbadak.data.fingerprints import fingerprint
from mitbadak.data.idx import idx_header
from mitbadak.data.preparation import Preparation, Source
from mitbadak.data.stored import idx_dataset
from mitbadak.data.targets import MOST_CLASSES

# Like train-images-idx3-ubyte.gz, t10k-labels.idx1-ubyte, emnist-letters-test-images-idx3-ubyte.
NAME = re.compile(
    r"(?P<set>.*?)(?P<part>train|t10k|test)-(?P<kind>images|labels)[-.]idx[13]-ubyte(?P<gz>\.gz)?"
)
ROLES = tuple((part, kind) for part in ("train", "test") for kind in ("images", "labels"))
MOST_ENTRIES = 100_000  # entries of a folder that are searched for the four files


def idx_source(folder: str | os.PathLike) -> Source:
    """The four IDX files in a folder as a training and a test set.

    The names are those of MNIST, Fashion-MNIST and KMNIST: ``train-images-idx3-ubyte``,
    ``train-labels-idx1-ubyte``, ``t10k-images-idx3-ubyte`` and ``t10k-labels-idx1-ubyte``. A file
    may be gzipped (``.gz``); a name may have a dot before ``idx``, ``test`` for ``t10k``, and the
    name of the set in front, like EMNIST's. Files that are not gzipped stay on disk and may be
    larger than memory.

    Labels are kept, so EMNIST's letters, which begin at 1, have a class 0 without examples. The
    files do not name the classes, so each is named by its number.

    Args:
        folder: the folder with the files.

    Returns:
        Images flattened, in the dtype of the files; bytes are divided by 255 when they are drawn.
        For files above 64 MiB the fingerprint is computed from samples (``fingerprint``).

    Raises:
        NotASourceError: no file in the folder has such a name.
        FormatError: a file is missing, damaged, or does not match the others.
        FileNotFoundError: the folder does not exist.

    Example:
        >>> from mitbadak.data.mnist import FOLDER
        >>> source = idx_source(FOLDER)
        >>> source.test.name, len(source.test), source.preparation.describe()
        ('t10k-images-idx3-ubyte.gz', 10000, 'images of 28 x 28, divided by 255')
    """
    folder = Path(folder)
    files = _files(folder)
    try:
        (train, shape), (test, test_shape) = (
            _dataset(files[part, "images"], files[part, "labels"]) for part in ("train", "test")
        )
    except (DtypeError, NonFiniteError, ShapeError) as error:
        raise FormatError(f"{folder}: {error}") from None
    if shape != test_shape or train.x.dtype != test.x.dtype:
        raise FormatError(
            f"{folder}: training and test images do not match; they have shape {shape} of "
            f"{train.x.dtype} and {test_shape} of {test.x.dtype}."
        )
    classes = 1 + max(int(part.t.max()) for part in (train, test))
    preparation = Preparation(
        "images" if len(shape) == 2 else "points",
        shape=shape,
        divisor=train.divisor,
        classes=tuple(map(str, range(classes))),
    )
    return Source(
        train, test, preparation, fingerprint([files[role] for role in ROLES], sampled=True)
    )


def _files(folder: Path) -> dict[tuple[str, str], Path]:
    """The file for each role; a plain file is preferred to a gzipped one."""
    by_set: dict[str, dict[tuple[str, str], Path]] = {}
    for i, path in enumerate(folder.iterdir()):
        if i == MOST_ENTRIES:
            break
        if (match := NAME.fullmatch(path.name)) and path.is_file():
            role = ("train" if match["part"] == "train" else "test", match["kind"])
            roles = by_set.setdefault(match["set"], {})
            if role not in roles or not match["gz"]:
                roles[role] = path
    if not by_set:
        raise NotASourceError(
            f"{folder} holds no IDX files, such as train-images-idx3-ubyte or "
            "t10k-labels-idx1-ubyte.gz."
        )
    if len(by_set) > 1:
        names = ", ".join(repr(name.rstrip("-_. ") or "train") for name in sorted(by_set))
        raise FormatError(
            f"{folder} holds IDX files of more than one set: {names}. Put each set into a separate "
            "folder."
        )
    ((name, roles),) = by_set.items()
    for part, kind in ROLES:
        if (part, kind) not in roles:
            missing = (
                f"{name}{part.replace('test', 't10k')}-{kind}-idx{3 if kind == 'images' else 1}"
            )
            raise FormatError(
                f"{folder} lacks {missing}-ubyte (or .gz); it holds "
                f"{', '.join(sorted(path.name for path in roles.values()))}."
            )
    return roles


def _dataset(images: Path, labels: Path) -> tuple[Dataset, tuple[int, ...]]:
    """One part, and the shape of an example."""
    dtype, shape = idx_header(images)
    data = idx_dataset(images, labels, divisor=255 if dtype == np.uint8 else None)
    t = data.t
    if t.dtype.kind not in "iu" or int(t.min()) < 0 or int(t.max()) >= MOST_CLASSES:
        raise FormatError(
            f"{labels} should hold labels from 0 to {MOST_CLASSES - 1}; it holds {t.dtype} from "
            f"{t.min()} to {t.max()}. Was it renamed?"
        )
    return data, shape[1:]
