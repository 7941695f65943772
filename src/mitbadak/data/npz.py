"""Training and test sets from .npz files, in the layout of Keras's mnist.npz and most others."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mitbadak.core.arguments import renamed
from mitbadak.core.errors import DtypeError, FormatError, NonFiniteError, ShapeError, listed
from mitbadak.core.typing import Seed
from mitbadak.data.archive import read_npz
from mitbadak.data.dataset import Dataset
from mitbadak.data.fingerprints import fingerprint
from mitbadak.data.images.forms import measured_form
from mitbadak.data.images.options import AUTO
from mitbadak.data.picture_form import PictureForm
from mitbadak.data.preparation import Preparation, described_targets
from mitbadak.data.settings import TEST_SHARE, refuse_test_share
from mitbadak.data.source import Source
from mitbadak.data.standardized import split_rows, standardized
from mitbadak.data.targets import (
    MOST_CLASSES,
    MOST_CODES,
    are_classes,
    first_class_note,
    numbered_classes,
    too_many_classes,
)
from mitbadak.functions.labels import rows_are_distributions

BOTH = (
    ("x_train", "y_train", "x_test", "y_test"),
    ("x_train", "t_train", "x_test", "t_test"),
    ("train_images", "train_labels", "test_images", "test_labels"),
)
SINGLE = (("x", "t"), ("x", "y"), ("X", "y"), ("data", "target"), ("images", "labels"))


@renamed(seed="rng")
def npz_source(
    path: str | os.PathLike[str],
    *,
    targets: str = "auto",
    first_class: str = AUTO,
    test_share: float = TEST_SHARE,
    rng: Seed = 0,
) -> Source:
    """An .npz file as a training and a test set.

    The file holds ``x_train, y_train, x_test, y_test`` (or ``t_train, t_test``, or ``train_images,
    train_labels, test_images, test_labels``), or a single set to be split: ``x, t``, ``x, y``,
    ``X, y``, ``data, target`` or ``images, labels``.

    Byte inputs are pixels and are divided by 255. Other images, shape (n, height, width), are
    divided by the largest number in the training set, unless it is at most 1 or some numbers are
    negative. All other inputs are standardized by the mean and spread of the training set, unless
    they lie in -1..1 already.

    Args:
        path: the file; see ``read_npz``.
        targets: what the labels are: ``classes``, ``numbers``, or ``auto``. Then text, bytes,
            distributions, and integers from 0 on without a gap, at most 100 of them, are classes;
            other rows of several values are numbers, and single values what ``are_classes`` says.
        first_class: what whole-number labels are counted from: ``0``, or ``auto``: the smallest.
        test_share: share of a single set that becomes the test set, stratified by class; refused
            where the file holds a test set.
        rng: a seed or generator for that split.

    Returns:
        x flattened to rows. Integer labels count from the smallest one, 1 for instance; other
        numbers and text become class indices in sorted order, and so do one-hot rows;
        distributions are kept.

    Raises:
        FormatError: the file is damaged, or its arrays are not such a set; or a setting would be
            ignored. The message names it.
        RangeError: the share leaves one of the two sets empty.
        FileNotFoundError: the file does not exist.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "dots.npz"
        ...     np.savez(path, images=np.full((10, 4, 3), 255, np.uint8), labels=np.arange(10) % 2)
        ...     source = npz_source(path)
        ...     source.train.x.shape, source.preparation.shape
        ((8, 12), (4, 3))
    """
    path = Path(path)
    parts = _parts(path, read_npz(path))
    where = f"{path}: {parts[0].t_name!r}"
    labels = np.concatenate([part.t for part in parts])
    first = _first_class(labels) if targets != "numbers" and first_class == AUTO else 0
    t, classes = _targets(where, labels, targets, first)
    first = first if classes else 0
    if len(parts) == 2:
        refuse_test_share(path, test_share)
        x_train, x_test = parts[0].x, parts[1].x
        t_train, t_test = np.split(t, [len(x_train)])
    else:
        train_rows, test_rows = split_rows(path.name, t, test_share, rng)
        x_train, x_test = parts[0].x[train_rows], parts[0].x[test_rows]
        t_train, t_test = t[train_rows], t[test_rows]
    try:
        train, test, preparation = _prepared(
            path.name, (x_train, t_train), (x_test, t_test), classes
        )
    except (DtypeError, NonFiniteError, ShapeError) as error:
        raise FormatError(f"{path}: {error}") from None
    single = classes or t.shape[1] == 1
    name = repr(parts[0].t_name)
    notes = [described_targets(name, classes) if single else f"predicts the numbers in {name}"]
    if first:
        notes.append(first_class_note(first, int(classes[-1])))
    return Source(train, test, preparation, fingerprint([path]), notes=tuple(notes))


@dataclass(frozen=True)
class _Part:
    """One of the sets in a file, with the names of its arrays."""

    x_name: str
    x: np.ndarray
    t_name: str
    t: np.ndarray


def _parts(path: Path, arrays: dict[str, np.ndarray]) -> list[_Part]:
    names = next((names for names in (*BOTH, *SINGLE) if set(names) <= set(arrays)), None)
    if names is None:
        names_found = listed(list(arrays)[:8]) if arrays else "no arrays"
        raise FormatError(
            f"{path} holds {names_found}; expected {', '.join(BOTH[0])}, or a single "
            f"set: {'; '.join(', '.join(pair) for pair in SINGLE)}. Save it with "
            "np.savez(path, x_train=..., ...)."
        )
    parts = [
        _part(path, x_name, arrays[x_name], t_name, arrays[t_name])
        for x_name, t_name in zip(names[::2], names[1::2], strict=True)
    ]
    for at in ("x", "t"):
        shapes = [getattr(part, at).shape[1:] for part in parts]
        if len(set(shapes)) > 1:
            here = [getattr(part, f"{at}_name") for part in parts]
            raise FormatError(
                f"{path}: {here[0]!r} and {here[1]!r} hold examples of different shapes, "
                f"{shapes[0]} and {shapes[1]}."
            )
    return parts


def _part(path: Path, x_name: str, x: np.ndarray, t_name: str, t: np.ndarray) -> _Part:
    if x.ndim == 0 or t.ndim == 0 or len(x) != len(t) or x.size == 0 or t.size == 0:
        raise FormatError(
            f"{path}: {x_name!r} has shape {x.shape} and {t_name!r} {t.shape}; they must hold the "
            "same number of examples, at least one."
        )
    if x.dtype.kind == "U":
        raise FormatError(f"{path}: {x_name!r} holds text; inputs must be numbers.")
    if t.ndim > 2:
        raise FormatError(
            f"{path}: {t_name!r} has shape {t.shape}; one label per example is expected."
        )
    if t.dtype.kind == "f" and not np.isfinite(t).all():
        raise FormatError(f"{path}: {t_name!r} holds NaN or infinity; labels must be finite.")
    if t.ndim == 2 and t.shape[1] == 1:
        t = t[:, 0]
    return _Part(x_name, x, t_name, t)


def _are_counted(t: np.ndarray) -> bool:
    """Whether labels may be class indices, from whatever number they count."""
    return (
        t.ndim == 1 and t.dtype.kind in "biu" and 0 <= int(t.min()) <= int(t.max()) < MOST_CLASSES
    )


def _first_class(t: np.ndarray) -> int:
    """What labels count from: their smallest number, if they are whole numbers and several."""
    counts = _are_counted(t) and t.dtype.kind != "b" and t.min() < t.max()
    return int(t.min()) if counts else 0


def _targets(
    where: str, t: np.ndarray, targets: str, first: int
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Real targets (n, k), or class indices or distributions with the names of the classes."""
    is_text = t.dtype.kind == "U"
    if targets == "numbers" and is_text:
        raise FormatError(f"{where} holds text; use targets='classes'.")
    if targets == "numbers" or (targets == "auto" and not is_text and not _are_classes(where, t)):
        return t.reshape(len(t), -1).astype(np.float64), ()
    if t.ndim == 2:
        if t.shape[1] > MOST_CLASSES:
            raise too_many_classes(where, t.shape[1], len(t), numeric=not is_text)
        if is_text or not rows_are_distributions(where, t, t.shape[1]).all():
            raise FormatError(
                f"{where} has shape {t.shape}, but its rows are not distributions. Use "
                "targets='numbers' to predict the numbers."
            )
        classes = tuple(map(str, range(t.shape[1])))
        one_hot = ((t == 0) | (t == 1)).all()
        t = t.argmax(axis=1) if one_hot else t
        return t, classes
    if _are_counted(t):
        return t.astype(np.int64) - first, tuple(map(str, range(first, int(t.max()) + 1)))
    distinct, codes = np.unique(t, return_inverse=True)
    if len(distinct) > 10 * MOST_CLASSES:  # "1" and "1.0" are one class: counted exactly later
        raise too_many_classes(where, len(distinct), len(t), numeric=not is_text)
    try:
        names = [str(label).strip() for label in distinct.tolist()]
    except (ValueError, SystemError):  # invalid code points: CPython raises either
        raise FormatError(f"{where} holds damaged text.") from None
    return numbered_classes(where, names, codes)


def _are_classes(where: str, t: np.ndarray) -> bool:
    """Whether numbers are classes: indices, or rows of a distribution over them."""
    if t.ndim == 2:
        few = t.shape[1] <= MOST_CLASSES
        return few and bool(rows_are_distributions(where, t, t.shape[1]).all())
    if t.dtype.kind == "b" or t.dtype.itemsize == 1:  # nobody keeps quantities in single bytes
        return True
    values, counts = np.unique(t, return_counts=True)
    are_indices = t.dtype.kind in "iu" and np.array_equal(values, np.arange(len(values)))
    return (are_indices and len(values) <= MOST_CODES) or are_classes(values, counts)


def _prepared(
    name: str,
    train: tuple[np.ndarray, np.ndarray],
    test: tuple[np.ndarray, np.ndarray],
    classes: tuple[str, ...],
) -> tuple[Dataset, Dataset, Preparation]:
    """Both parts as rows, with their preparation."""
    shape = train[0].shape[1:]
    if len(shape) == 3 and 1 in (shape[0], shape[2]):  # one channel
        shape = shape[1:] if shape[0] == 1 else shape[:2]
    images = len(shape) > 1
    low, high = float(train[0].min()), float(train[0].max())
    are_pictures = len(shape) == 2 or (shape[2:] == (3,) and low >= 0)
    preparation = Preparation(
        "images" if are_pictures else "points", shape if images else (), classes=classes
    )
    (x_train, t_train), (x_test, t_test) = ((x.reshape(len(x), -1), t) for x, t in (train, test))
    divisor = None
    if x_train.dtype == np.uint8:
        divisor = 255.0 if max(high, float(x_test.max())) > 1 else None
    elif images and low >= 0 and high > 1:
        divisor = high
    parts = [
        Dataset(x, t, divisor, name=f"{name} {part}")
        for x, t, part in ((x_train, t_train, "train"), (x_test, t_test, "test"))
    ]
    if divisor is None and not images and max(-low, high) > 1:
        return standardized(name, (x_train, t_train), (x_test, t_test), preparation)
    float_pixels = divisor is not None and x_train.dtype.kind == "f"
    form = None
    if are_pictures:
        color = "gray" if len(shape) == 2 else "rgb"
        form = measured_form(parts[0], shape, PictureForm(color=color, paper="auto"), parts[1:])
    preparation = replace(preparation, divisor=divisor, float_pixels=float_pixels, pictures=form)
    return parts[0], parts[1], preparation
