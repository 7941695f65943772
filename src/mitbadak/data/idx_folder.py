"""Folders of IDX files under their canonical names: MNIST and the sets that followed it."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from itertools import islice
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
from mitbadak.data.images.forms import measured_form
from mitbadak.data.images.options import AUTO, AUTOMATIC_PICTURES, PictureOptions
from mitbadak.data.picture_form import PictureForm
from mitbadak.data.preparation import Preparation
from mitbadak.data.settings import changed, refuse
from mitbadak.data.source import Source
from mitbadak.data.stored import idx_dataset
from mitbadak.data.targets import MOST_CLASSES, first_class_note

# Like train-images-idx3-ubyte.gz, t10k-labels.idx1-ubyte, emnist-letters-test-images-idx3-ubyte,
# qmnist-train-labels-idx2-int.gz.
NAME = re.compile(
    r"(?P<set>.*?)(?P<part>train|t10k|test)-(?P<kind>images|labels)[-.]"
    r"idx[1-4]-(ubyte|byte|short|int|float|double)(?P<gz>\.gz)?"
)
EMNIST = re.compile(r"(^|.*[^a-z])emnist([^a-z].*|$)", re.IGNORECASE)  # images on their side
ROLES = tuple((part, kind) for part in ("train", "test") for kind in ("images", "labels"))
MOST_ENTRIES = 100_000  # entries of a folder that are searched for the four files


def idx_source(
    folder: str | os.PathLike[str], *, pictures: PictureOptions = AUTOMATIC_PICTURES
) -> Source:
    """The four IDX files in a folder as a training and a test set.

    The names are those of MNIST, Fashion-MNIST and KMNIST: ``train-images-idx3-ubyte``,
    ``train-labels-idx1-ubyte``, ``t10k-images-idx3-ubyte`` and ``t10k-labels-idx1-ubyte``. A file
    may be gzipped (``.gz``); a name may have a dot before ``idx``, ``test`` for ``t10k``, and the
    name of the set in front, like EMNIST's. Of QMNIST's labels the first column is taken. Files
    that are not gzipped stay on disk and may be larger than memory.

    The files do not name the classes, so each is named by its number. The first class is the
    smallest label, 1 for EMNIST's letters. EMNIST's images lie on their side: rows and columns are
    swapped, and so are those of new pictures.

    Args:
        folder: the folder with the files.
        pictures: its ``orientation`` and ``first_class`` replace what is said above.

    Returns:
        Images flattened, in the dtype of the files; bytes are divided by 255 when they are drawn.
        For files above 64 MiB the fingerprint is computed from samples (``fingerprint``).

    Raises:
        NotASourceError: no file in the folder has such a name.
        FormatError: a file is missing, damaged, or does not match the others; or ``pictures`` holds
            settings that would be ignored.
        FileNotFoundError: the folder does not exist.

    Example:
        >>> from mitbadak.data.mnist import FOLDER
        >>> source = idx_source(FOLDER)
        >>> source.test.name, len(source.test), source.preparation.shape
        ('t10k-images-idx3-ubyte.gz', 10000, (28, 28))
    """
    folder = Path(folder)
    files = _files(folder)
    flags = changed(pictures, but=("orientation", "first_class"))
    refuse(folder, "a folder of IDX files", flags, "folders of pictures by class")
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
    first = 0 if pictures.first_class == "0" else min(int(part.t.min()) for part in (train, test))
    last = max(int(part.t.max()) for part in (train, test))
    notes = []
    if first:
        train, test = (replace(part, t=part.t.astype(np.int64) - first) for part in (train, test))
        notes.append(first_class_note(first, last))
    form = None
    if len(shape) == 2:
        form = _form(train, test, shape, files["train", "images"].name, pictures)
        if form.transposed and pictures.orientation == AUTO:
            notes.append("rows and columns swapped, as in EMNIST's files (orientation='upright')")
    preparation = Preparation(
        "points" if form is None else "images",
        shape=shape,
        divisor=train.divisor,
        classes=tuple(map(str, range(first, last + 1))),
        pictures=form,
    )
    return Source(
        train,
        test,
        preparation,
        fingerprint([files[role] for role in ROLES], sampled=True),
        notes=tuple(notes),
    )


def holds_idx_files(folder: str | os.PathLike[str]) -> bool:
    """Whether ``idx_source`` would read this folder, or say what is missing in it."""
    entries = islice(Path(folder).iterdir(), MOST_ENTRIES)
    return any(NAME.fullmatch(path.name) and path.is_file() for path in entries)


def _form(
    train: Dataset, test: Dataset, shape: tuple[int, ...], name: str, pictures: PictureOptions
) -> PictureForm:
    transposed = pictures.orientation == "transposed" or (
        pictures.orientation == AUTO and EMNIST.fullmatch(name) is not None
    )
    return measured_form(train, shape, PictureForm(paper="auto", transposed=transposed), [test])


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
