"""A folder with one folder of images per class, as a data set."""

from __future__ import annotations

import hashlib
import os
import warnings
from pathlib import Path

import numpy as np

from mitbadak.core.errors import FormatError, MitbadakWarning, share, whole
from mitbadak.core.printing import decoded
from mitbadak.data.dataset import Dataset
from mitbadak.data.images.digits import as_picture
from mitbadak.data.images.reading import MOST_FILE_BYTES, SUFFIXES, decode
from mitbadak.data.preparation import Preparation, Source
from mitbadak.data.splits import stratified_split

DEFAULT_SHAPE = (28, 28)
MOST_IMAGES = 2_000_000
MOST_CLASSES = 1000
MOST_BYTES = 1 << 32  # for all pixels in memory, 4 GiB
PARTS = ("train", "test")

Files = list[tuple[str, int]]  # name relative to the folder, class


def image_folder(
    path: str | os.PathLike,
    *,
    shape: tuple[int, int] | None = None,
    test_share: float = 0.2,
    seed: int = 0,
) -> Source:
    """A folder of images by class as a data set.

    The layout is ``CLASS/*.png``, or ``train/CLASS/*.png`` and ``test/CLASS/*.png``. Colors become
    gray. Hidden files are ignored; other files that are not images are refused, and so are links
    that lead out of the folder.

    Args:
        path: the folder.
        shape: (height, width) to scale all images to. By default their common size, or 28 x 28
            with a warning if they differ.
        test_share: share of each class, drawn at random, that becomes the test set if there is no
            ``test`` folder.
        seed: seed of that draw.

    Returns:
        Both sets, with x as bytes of shape (n, height * width) and t as class indices in the order
        of ``preparation.classes``; the fingerprint is the SHA-256 of names and contents.

    Raises:
        FormatError: there are fewer than two classes; an image is damaged or not an image, or a
            link leads out of the folder; or there are too many images.
        RangeError: ``test_share`` or ``shape`` is invalid, or leaves a set empty.
        FileNotFoundError: the folder does not exist.

    Example:
        >>> import tempfile
        >>> from PIL import Image
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for kind, tone in (("dark", 10), ("light", 240)):
        ...         (Path(folder) / kind).mkdir()
        ...         for k in range(5):
        ...             Image.new("L", (4, 3), tone + k).save(Path(folder) / kind / f"{k}.png")
        ...     source = image_folder(folder)
        >>> source.preparation.classes, source.preparation.shape
        (('dark', 'light'), (3, 4))
        >>> len(source.train), len(source.test), source.train.x.shape
        (8, 2, (8, 12))
    """
    root = Path(path)
    if not root.is_dir():
        raise FileNotFoundError(f"there is no folder {root}.")
    test_share = share("image_folder", "test_share", test_share)
    if shape is not None:
        height, width = (whole("image_folder", "shape", side) for side in shape)
        shape = (height, width)
    classes, parts = _layout(root)
    files = sorted(file for part in parts.values() for file in part)
    pixels, shape, fingerprint = _pixels(root, files, shape)
    t = np.array([k for _, k in files])
    if len(parts) == 2:
        names = {name for name, _ in parts["test"]}
        in_test = np.array([name in names for name, _ in files])
    else:
        in_test = np.zeros(len(t), bool)
        in_test[stratified_split(t, test_share, seed)[1]] = True
    train, test = (
        Dataset(pixels[mine], t[mine], divisor=255, name=f"{root.name} {name}")
        for name, mine in (("train", ~in_test), ("test", in_test))
    )
    return Source(train, test, Preparation("images", shape, 255, classes=classes), fingerprint)


def _layout(root: Path) -> tuple[tuple[str, ...], dict[str, Files]]:
    """The classes, and the files of each part with their class; no file is read yet."""
    folders = [entry for entry in _visible(root, root) if entry.is_dir()]
    by_name = {folder.name: folder for folder in folders}
    if set(by_name) == set(PARTS) and any(f.is_dir() for f in _visible(by_name["train"], root)):
        below = {part: [f for f in _visible(by_name[part], root) if f.is_dir()] for part in PARTS}
    else:
        below = {"all": folders}
    names = sorted({f.name for part in below.values() for f in part}, key=_in_order)
    if len(names) < 2:
        raise FormatError(
            f"{root} should hold a folder of images for each of at least two classes; it holds "
            f"{len(names)}. Lay it out as {root}/CLASS/IMAGE.png."
        )
    if len(names) > MOST_CLASSES:
        raise FormatError(f"{root} holds {len(names):,} classes; at most {MOST_CLASSES:,} fit.")
    parts = {
        part: [file for f in below[part] for file in _images(f, names.index(f.name), root)]
        for part in below
    }
    total = sum(map(len, parts.values()))
    if total > MOST_IMAGES:
        raise FormatError(f"{root} holds {total:,} images; at most {MOST_IMAGES:,} fit.")
    for part in below:
        _check_every_class(root, part, names, parts[part])
    return tuple(map(decoded, names)), parts


def _check_every_class(root: Path, part: str, names: list[str], files: Files) -> None:
    """Refuse a class without training images; a test set may lack classes."""
    if part == "test":
        return
    filled = {k for _, k in files}
    empty = [name for k, name in enumerate(names) if k not in filled]
    if empty:
        where = root / "train" if part == "train" else root
        raise FormatError(f"{where} holds no image of class {empty[0]!r}.")


def _images(folder: Path, k: int, root: Path) -> Files:
    files = []
    for entry in _visible(folder, root):
        if not entry.is_file() or entry.suffix.lower() not in SUFFIXES:
            raise FormatError(
                f"{entry} is not an image in a supported format ({', '.join(SUFFIXES)}). "
                "Class folders may hold images only."
            )
        if entry.stat().st_size > MOST_FILE_BYTES:
            raise FormatError(f"{entry} is larger than {MOST_FILE_BYTES >> 20} MiB.")
        files.append((entry.relative_to(root).as_posix(), k))
    return files


def _visible(folder: Path, root: Path) -> list[Path]:
    """The entries of a folder that are not hidden, by name; links must stay inside ``root``."""
    entries = []
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith(".") or entry.name.lower() in ("thumbs.db", "desktop.ini"):
            continue
        if not _inside(entry, root):
            raise FormatError(f"{entry} is a link that leads out of {root}; copy the files there.")
        entries.append(entry)
    return entries


def _inside(entry: Path, root: Path) -> bool:
    try:
        return entry.resolve().is_relative_to(root.resolve())
    except RuntimeError:  # a link to itself, before Python 3.13
        return False


def _pixels(
    root: Path, files: Files, shape: tuple[int, int] | None
) -> tuple[np.ndarray, tuple[int, int], str]:
    """All images as rows of bytes, their size, and the SHA-256 of names and contents."""
    scaled = shape is not None
    pixels, digest = np.empty((0, 0), np.uint8), hashlib.sha256()
    for row, (name, _) in enumerate(files):
        content = (root / name).read_bytes()
        # Lengths come first, so that no two folders hash the same bytes by a moved boundary.
        for part in (os.fsencode(name), content):
            digest.update(len(part).to_bytes(8, "big") + part)
        image = decode(content, root / name)
        shape = shape or (image.shape[0], image.shape[1])
        if row == 0:
            _check_room(root, len(files), shape)
            pixels = np.empty((len(files), shape[0] * shape[1]), np.uint8)
        if image.shape != shape and not scaled:
            warnings.warn(
                f"the images in {root} differ in size ({name} is {image.shape[1]} x "
                f"{image.shape[0]}, the first {shape[1]} x {shape[0]}): all are scaled to "
                f"{DEFAULT_SHAPE[1]} x {DEFAULT_SHAPE[0]}. Choose another size with shape=.",
                MitbadakWarning,
                stacklevel=3,
            )
            return _pixels(root, files, DEFAULT_SHAPE)
        pixels[row] = np.rint(as_picture(image, shape)).reshape(-1)
    return pixels, shape or DEFAULT_SHAPE, digest.hexdigest()


def _check_room(root: Path, count: int, shape: tuple[int, int]) -> None:
    needed = count * shape[0] * shape[1]
    if needed > MOST_BYTES:
        raise FormatError(
            f"{root} holds {count:,} images of {shape[1]} x {shape[0]}, {needed >> 20:,} MiB; the "
            f"limit is {MOST_BYTES >> 20:,} MiB. Scale them down with shape=."
        )


def _in_order(name: str) -> tuple[int, int, str]:
    """Sort key: numbers by value and before words, so that 2 comes before 10."""
    is_number = name.isascii() and name.isdigit()
    return (0, int(name), name) if is_number and len(name) < 19 else (1, 0, name)
