"""Errors of files in words of our own: what is wrong with the path, and what to do."""

from __future__ import annotations

import difflib
import os
from itertools import islice
from pathlib import Path

from mitbadak.core.errors import FileError, ForbiddenFileError, MissingFileError

MOST_NEIGHBORS = 10_000  # entries of a folder that are searched for a similar name


def missing_file(path: str | os.PathLike[str], *, is_folder: bool = False) -> MissingFileError:
    """The error for a path that names nothing, with the most similar name beside it.

    Args:
        path: as it was given.
        is_folder: whether it should be that of a folder.

    Example:
        >>> print(missing_file("no-folder/net.safetensors"))
        no-folder/net.safetensors: there is no folder no-folder. Make it first, or give another
        path.
    """
    folder = Path(path).parent
    if not folder.is_dir():
        return MissingFileError(
            f"{path}: there is no folder {folder}. Make it first, or give another path."
        )
    close = similar_name(folder, Path(path).name)
    hint = f" Did you mean {folder / close}?" if close else ""
    if is_folder:
        return MissingFileError(f"there is no folder {path}.{hint}")
    return MissingFileError(f"{path} is missing.{hint}")


def similar_name(folder: Path, name: str) -> str:
    """The entry of a folder whose name is most like ``name``, or ""."""
    try:
        entries = [entry.name for entry in islice(folder.iterdir(), MOST_NEIGHBORS)]
    except OSError:
        return ""
    return next(iter(difflib.get_close_matches(name, entries, n=1)), "")


def named_file_error(problem: OSError) -> FileError | None:
    """An error of the system about a file in words of our own.

    Args:
        problem: what was raised.

    Returns:
        An error of the same kind, with its number and path; None where it names no file.

    Example:
        >>> print(named_file_error(PermissionError(13, "Permission denied", "net.safetensors")))
        net.safetensors: permission denied. Choose another path, or change its permissions.
    """
    path = problem.filename
    if not isinstance(path, str | os.PathLike):
        return None
    path = os.fspath(path)
    if isinstance(problem, FileNotFoundError):
        named: FileError = missing_file(path)
    elif isinstance(problem, PermissionError):
        named = ForbiddenFileError(
            f"{path}: permission denied. Choose another path, or change its permissions."
        )
    elif isinstance(problem, IsADirectoryError):
        named = FileError(f"{path} is a folder; the path of a file was expected.")
    elif isinstance(problem, NotADirectoryError):
        named = FileError(f"{path}: a part of this path is a file, not a folder.")
    else:
        named = FileError(f"{path}: {problem.strerror}.")
    named.errno, named.strerror, named.filename = problem.errno, problem.strerror, path
    return named
