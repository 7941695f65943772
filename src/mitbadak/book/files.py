"""Files that scripts of the books read and that are not there: weights, pictures, MNIST's address.

Only a file of a known name is replaced, only for reading, and only where opening it failed.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import ntpath
import os
import shutil
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

from mitbadak.book.notices import notice
from mitbadak.book.stand_ins import MAKERS
from mitbadak.data.mnist import FILES, FOLDER

MNIST_FILES = {file.name: FOLDER / file.name for file in FILES.values()}


@contextlib.contextmanager
def known_files(script_folder: str | None) -> Iterator[None]:
    """While entered, ``open`` finds the books' files although they are not there."""
    original = builtins.open

    def open(file: Any, mode: str = "r", *args: Any, **options: Any) -> Any:
        try:
            return original(file, mode, *args, **options)
        except FileNotFoundError as problem:
            missing = problem
        other = replacement(file, mode, script_folder)
        if other is None:
            raise missing
        return original(other, mode, *args, **options)

    changed: Any = builtins
    changed_io: Any = io
    before = io.open  # what pathlib calls
    changed.open = changed_io.open = open
    try:
        yield
    finally:
        changed.open, changed_io.open = original, before


def replacement(file: Any, mode: str, script_folder: str | None) -> str | None:
    """The file to read in place of a missing one; None if it is none of the books'.

    A path that is relative was written for the script's folder, so that is tried first.
    """
    if isinstance(file, int) or not isinstance(mode, str) or set(mode) & set("wax+"):
        return None
    path = os.fsdecode(file)
    name = ntpath.basename(path)  # the book's Windows paths too
    if name not in MAKERS and name not in MNIST_FILES:
        return None
    if script_folder and not os.path.isabs(path):  # noqa: PTH117
        beside = os.path.normpath(os.path.join(script_folder, *path.replace("\\", "/").split("/")))  # noqa: PTH118
        if os.path.isfile(beside):  # noqa: PTH113
            notice("found-beside", name=name, path=beside)
            return beside
    return str(MNIST_FILES[name]) if name in MNIST_FILES else MAKERS[name](name)


@contextlib.contextmanager
def known_addresses() -> Iterator[None]:
    """While entered, MNIST is not downloaded but read from the package, whatever its address."""
    retrieve, opened = urllib.request.urlretrieve, urllib.request.urlopen

    def urlretrieve(url: Any, filename: Any = None, *args: Any, **options: Any) -> Any:
        source = _served(url)
        if source is None:
            return retrieve(url, filename, *args, **options)
        target = os.fspath(filename) if filename is not None else source
        if target != source:
            shutil.copyfile(source, target)
        return target, None

    def urlopen(url: Any, *args: Any, **options: Any) -> Any:
        source = _served(url)
        return opened(url, *args, **options) if source is None else open(source, "rb")

    changed: Any = urllib.request
    changed.urlretrieve, changed.urlopen = urlretrieve, urlopen
    try:
        yield
    finally:
        changed.urlretrieve, changed.urlopen = retrieve, opened


def _served(url: Any) -> str | None:
    """The file of the package that has the name at the end of an address."""
    parts = urllib.parse.urlsplit(getattr(url, "full_url", url) or "")
    name = parts.path.rpartition("/")[2]
    if name not in MNIST_FILES or parts.scheme not in ("http", "https", "ftp"):
        return None
    notice("mnist-served", name=name, host=parts.hostname or "")
    return str(MNIST_FILES[name])
