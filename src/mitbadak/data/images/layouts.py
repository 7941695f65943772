"""How a folder of pictures is laid out: its classes, and its training, validation and test part."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mitbadak.core.errors import FormatError, NotASourceError, listed
from mitbadak.core.printing import decoded
from mitbadak.core.warned import warn
from mitbadak.data.images.reading import MOST_FILE_BYTES, SUFFIXES

MOST_IMAGES = 2_000_000
MOST_CLASSES = 1000
MOST_WRAPPINGS = 3  # folders that hold nothing but one folder, as unpacked archives do
ROLES = {
    "train": ("train", "training", "trn"),
    "validation": ("val", "valid", "validation", "dev"),
    "test": ("test", "testing", "tst"),
}
"""What folders of each part are called, in small letters."""
BY_NAME = {name: role for role, names in ROLES.items() for name in names}
IGNORED = ("thumbs.db", "desktop.ini", "__macosx", "$recycle.bin")
EXPECTED = (
    "Lay it out as CLASS/IMAGE, or with folders train, val and test (or some of them) as "
    "train/CLASS/IMAGE and so on."
)

Files = list[tuple[str, int]]  # name relative to the folder, class


@dataclass(frozen=True)
class Layout:
    """The files of a folder.

    Attributes:
        classes: their names, numbers by value and before words.
        parts: the files of each part with their class; ``all`` if they are to be split.
        note: what was found, for the user; "" if there is nothing to say.
    """

    classes: tuple[str, ...]
    parts: dict[str, Files]
    note: str


def find_layout(root: Path) -> Layout:
    """The layout of a folder; no picture is read yet.

    Raises:
        NotASourceError: there are fewer than two classes.
        FormatError: there are too many classes; a file is not an image, or a
            link leads out of the folder; or folders of parts are missing or mixed with others.

    Warns:
        MitbadakWarning: images lie beside the folders of classes.
    """
    base = _unwrapped(root)
    folders = _folders(base, root)
    below, note = _parts(base, folders, root)
    names = sorted({f.name for part in below.values() for f in part}, key=_in_order)
    if len(names) < 2:
        raise NotASourceError(
            f"{root} should hold a folder of images for each of at least two classes; it holds "
            f"{len(names)}. {EXPECTED}"
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
    for part, files in parts.items():
        _check_part(base, part, names, files)
    if base != root:
        note = "; ".join(filter(None, (f"looked in {base.relative_to(root)}", note)))
    _warn_of_others(root, base, (folder for part in below.values() for folder in part))
    return Layout(tuple(map(decoded, names)), parts, note)


def _unwrapped(root: Path) -> Path:
    """The folder itself, or the one in it where it holds nothing else but that, and no images."""
    base = root
    for _ in range(MOST_WRAPPINGS):
        folders = _folders(base, root)
        if len(folders) != 1 or not _folders(folders[0], root):
            break
        base = folders[0]
    return base


def _warn_of_others(root: Path, base: Path, classes: Iterable[Path]) -> None:
    """Warn of pictures beside folders of classes or of parts, and in the folders around them."""
    around = {base, *(folder.parent for folder in classes)}
    around |= {folder for folder in base.parents if folder.is_relative_to(root)}
    others = [
        file.relative_to(root)
        for folder in sorted(around)
        for file in sorted(folder.iterdir())
        if file.suffix.lower() in SUFFIXES and file.is_file() and not file.name.startswith(".")
    ]
    if others:
        is_one = len(others) == 1
        warn(
            f"{len(others):,} {'image is' if is_one else 'images are'} left out, since {root} "
            f"holds {'it' if is_one else 'them'} beside the folders of classes; the first is "
            f"{others[0]}. Move each into the folder of its class."
        )


def _parts(base: Path, folders: list[Path], root: Path) -> tuple[dict[str, list[Path]], str]:
    """The class folders of each part, and what was found in words."""
    by_role: dict[str, list[Path]] = {}
    for folder in folders:
        by_role.setdefault(BY_NAME.get(folder.name.lower(), ""), []).append(folder)
    others = by_role.pop("", [])
    if not any(_folders(folder, root) for found in by_role.values() for folder in found):
        return {"all": folders}, ""  # classes may be called train and test
    for role, found in by_role.items():
        if len(found) > 1:
            names = " and ".join(folder.name for folder in found)
            raise FormatError(f"{base} holds two folders for its {role} set, {names}. Join them.")
    if others:
        raise FormatError(
            f"{base} holds {listed(f.name for f in others[:3])} beside its folders of parts, "
            f"{listed(f.name for found in by_role.values() for f in found)}. {EXPECTED}"
        )
    if "train" not in by_role:
        raise FormatError(
            f"{base} holds no folder train (or training), but "
            f"{listed(f.name for found in by_role.values() for f in found)}. {EXPECTED}"
        )
    parts = {role: found[0] for role, found in by_role.items()}
    for folder in parts.values():
        if not _folders(folder, root):
            raise FormatError(
                f"{folder} holds no folders of classes, so the classes of its images are unknown. "
                "Sort them into folders, or move it away and give its images to mitbadak predict."
            )
    note = f"folders {', '.join(folder.name for folder in parts.values())}"
    if "test" not in parts and "validation" in parts:
        parts["test"] = parts.pop("validation")
        note += f"; {parts['test'].name} is the test set"
    return {role: _folders(folder, root) for role, folder in parts.items()}, note


def _check_part(base: Path, part: str, names: list[str], files: Files) -> None:
    """Refuse a class without training images; the other sets may lack classes, but not all."""
    filled = {k for _, k in files}
    if part in ("all", "train"):
        empty = [name for k, name in enumerate(names) if k not in filled]
        if empty:
            where = base if part == "all" else f"the training part of {base}"
            raise FormatError(f"{where} holds no image of class {empty[0]!r}.")
    elif not filled:
        raise FormatError(f"the {part} part of {base} holds no images.")


def _folders(folder: Path, root: Path) -> list[Path]:
    return _visible([entry for entry in folder.iterdir() if entry.is_dir()], root)


def _images(folder: Path, k: int, root: Path) -> Files:
    files = []
    for entry in _visible(folder.iterdir(), root):
        if not entry.is_file() or entry.suffix.lower() not in SUFFIXES:
            raise FormatError(
                f"{entry} is not an image in a supported format ({', '.join(SUFFIXES)}). "
                f"Folders of classes may hold images only. {EXPECTED}"
            )
        if entry.stat().st_size > MOST_FILE_BYTES:
            raise FormatError(f"{entry} is larger than {MOST_FILE_BYTES >> 20} MiB.")
        files.append((entry.relative_to(root).as_posix(), k))
    return files


def _visible(found: Iterable[Path], root: Path) -> list[Path]:
    """Those that are not hidden, by name; links must stay inside ``root``."""
    entries = []
    for entry in sorted(found):
        if entry.name.startswith(".") or entry.name.lower() in IGNORED:
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


def _in_order(name: str) -> tuple[int, int, str]:
    """Sort key: numbers by value and before words, so that 2 comes before 10."""
    is_number = name.isascii() and name.isdigit()
    return (0, int(name), name) if is_number and len(name) < 19 else (1, 0, name)
