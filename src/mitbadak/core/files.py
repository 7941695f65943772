"""Writing files atomically, and reading untrusted ones: regular files only, and bounded JSON."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mitbadak.core.errors import FormatError, unknown_name

MOST_NESTED = 32  # levels of lists and objects; our own files need fewer than ten
MOST_PARTS = 100_000  # lists and objects in total: "[]" takes 2 bytes in a file, 64 in memory

PICTURES = (".png", ".svg", ".pdf")
PART = ".part"  # suffix of a file that is being written, beside the one it will replace


def write_atomically(
    path: str | os.PathLike[str], content: bytes, check: Callable[[], None] | None = None
) -> None:
    """Write ``content`` to ``path`` so that a crash leaves the old file or the new one.

    Args:
        path: the file; its folder must exist.
        content: the whole content.
        check: called before anything is written, and again before the file is replaced, since
            ``path`` may then name another folder. An exception it raises cancels the write.

    Raises:
        OSError: from the system (no space, no permission); the old file is then untouched.
    """
    path = Path(path)
    beside = path.with_name(f".{path.name}{PART}")
    check = check or (lambda: None)
    check()
    # A crash may have left it, or somebody put a link or a pipe there: never write through those.
    beside.unlink(missing_ok=True)
    made: os.stat_result | None = None
    try:
        with open(beside, "xb") as file:
            made = os.fstat(file.fileno())
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        check()
        beside.replace(path)
    except BaseException as problem:
        with contextlib.suppress(OSError):
            if made is not None and is_still(beside, made):
                beside.unlink()
        if isinstance(problem, OSError) and problem.filename == os.fspath(beside):
            problem.filename = os.fspath(path)  # the name that the user gave
        raise
    sync_folder(path.parent)


def is_still(path: str | os.PathLike[str], made: os.stat_result) -> bool:
    """Whether ``path`` still names the file with this ``os.fstat``, and not through a link."""
    try:
        return os.path.samestat(Path(path).lstat(), made)
    except (FileNotFoundError, NotADirectoryError):
        return False


def local_path(text: str) -> str:
    """A path from a settings file in a form that this process can open, whatever its locale.

    The inverse of ``printing.decoded``.

    Raises:
        FormatError: the text is not a path on any system.
    """
    if "\0" in text:
        raise FormatError(f"{text!r} is not a path: it contains a null byte.")
    try:
        os.fsencode(text)
        return text
    except UnicodeEncodeError:
        pass
    try:
        return os.fsdecode(text.encode("utf-8", "surrogateescape"))
    except UnicodeError:
        raise FormatError(f"{text!r} is not a path: it contains an unpaired surrogate.") from None


def sync_folder(folder: str | os.PathLike[str]) -> None:
    """Make renames in ``folder`` durable, if the system can (Windows cannot)."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):  # some network file systems cannot; the rename is done
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def check_regular(path: str | os.PathLike[str]) -> None:
    """Refuse anything but a regular file; reading a named pipe, for instance, could block forever.

    Raises:
        FileNotFoundError: it does not exist.
        IsADirectoryError: it is a folder.
        FormatError: it is a pipe, a device or a socket.
    """
    mode = Path(path).stat().st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise FormatError(
            f"{path} is a pipe or a device, not a file. Write its content to a file first."
        )


def parse_json(text: str | bytes, where: str) -> Any:
    """The value of an untrusted JSON text.

    Args:
        text: the text, or its bytes in UTF-8.
        where: name of the source, for messages.

    Raises:
        FormatError: it is not JSON, or holds so many or so deeply nested lists and objects that
            memory or recursion would run out.

    Example:
        >>> parse_json(b'{"epochs": 17}', "config.json")
        {'epochs': 17}
        >>> parse_json("[" * 40 + "]" * 40, "config.json")
        Traceback (most recent call last):
        ...
        mitbadak.core.errors.FormatError: config.json is nested more than 32 deep.
    """
    try:
        decoded = text.decode() if isinstance(text, bytes) else text
        many = decoded.count("[") + decoded.count("{") > MOST_PARTS
        tree = None if many else json.loads(decoded)
    except ValueError as error:
        raise FormatError(f"{where} is not JSON: {error}.") from None
    except RecursionError:
        raise FormatError(f"{where} is nested more than {MOST_NESTED} deep.") from None
    if many:
        raise FormatError(f"{where} holds more than {MOST_PARTS:,} lists and objects.")
    level = [tree]
    for _ in range(MOST_NESTED + 1):
        level = [node for node in level if isinstance(node, (dict, list))]
        if not level:
            return tree
        level = [n for node in level for n in (node.values() if isinstance(node, dict) else node)]
    raise FormatError(f"{where} is nested more than {MOST_NESTED} deep.")


def picture_format(path: str | os.PathLike[str], known: Sequence[str] = PICTURES) -> str:
    """The format that the suffix of a picture names.

    Raises:
        UnknownNameError: another suffix, with the closest one.

    Example:
        >>> picture_format("curves.SVG")
        'svg'
    """
    suffix = Path(path).suffix.lower()
    if suffix not in known:
        raise unknown_name("suffix of a picture", suffix, known)
    return suffix[1:]
