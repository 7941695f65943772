"""Files of one's own: whole or not there. Files of strangers: regular, and plain JSON."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mitbadak.core.errors import FormatError

MOST_NESTED = 32  # lists and objects within one another; nothing in the house needs ten
MOST_PARTS = 100_000  # lists and objects in all: "[]" takes 2 bytes in a file and 64 in memory

PART = ".part"  # ends the name of a file that is being written, beside the one it will replace


def write_atomically(
    path: str | os.PathLike, content: bytes, check: Callable[[], None] | None = None
) -> None:
    """Write ``content`` to ``path`` so that a crash leaves the old file or the new one.

    Args:
        path: the file; its folder must exist.
        content: all of it.
        check: called before anything is written and again before the file is replaced; the
            folder that ``path`` names may be another one by then. What it raises ends the write.

    Raises:
        OSError: as the system says (no space, no permission); the old file is then untouched.
    """
    path = Path(path)
    beside = path.with_name(f".{path.name}{PART}")
    check = check or (lambda: None)
    check()
    # What a crash left there, or a stranger: a link to any file of one's own, a pipe that hangs.
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
    except BaseException:
        with contextlib.suppress(OSError):
            if made is not None and is_still(beside, made):
                beside.unlink()
        raise
    sync_folder(path.parent)


def is_still(path: str | os.PathLike, made: os.stat_result) -> bool:
    """Whether ``path`` names, not through a link, what had this ``os.fstat`` when it was open."""
    try:
        return os.path.samestat(Path(path).lstat(), made)
    except (FileNotFoundError, NotADirectoryError):
        return False


def local_path(text: str) -> str:
    """A path from a file of settings as this process can open it, whatever its locale.

    The way back from ``printing.joined``.

    Raises:
        FormatError: the text is no path on any system.
    """
    if "\0" in text:
        raise FormatError(f"{text!r} is no path: it holds a zero byte.")
    try:
        os.fsencode(text)
        return text
    except UnicodeEncodeError:
        pass
    try:
        return os.fsdecode(text.encode("utf-8", "surrogateescape"))
    except UnicodeError:
        raise FormatError(f"{text!r} is no path: it holds half a character.") from None


def sync_folder(folder: str | os.PathLike) -> None:
    """Make renames in ``folder`` durable, where the system can (Windows cannot)."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):  # some network file systems cannot; the rename stands
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def check_regular(path: str | os.PathLike) -> None:
    """Refuse what is no regular file: reading a named pipe would wait for ever.

    Raises:
        FileNotFoundError: there is nothing.
        IsADirectoryError: a folder.
        FormatError: a pipe, a device or a socket.
    """
    mode = Path(path).stat().st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise FormatError(
            f"{path} is a pipe or a device, not a file. Write its content to a file first."
        )


def parse_json(text: str | bytes, where: str) -> Any:
    """What a JSON text from somebody else says.

    Args:
        text: as text, or as bytes in UTF-8.
        where: what holds the text, for the message.

    Raises:
        FormatError: not JSON, or nested so deeply that Python would fail on it, now or later.

    Example:
        >>> parse_json(b'{"epochs": 17}', "config.json")
        {'epochs': 17}
        >>> parse_json("[" * 40 + "]" * 40, "config.json")
        Traceback (most recent call last):
        ...
        mitbadak.core.errors.FormatError: config.json is nested more than 32 deep.
    """
    try:
        said = text.decode() if isinstance(text, bytes) else text
        many = said.count("[") + said.count("{") > MOST_PARTS
        tree = None if many else json.loads(said)
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
