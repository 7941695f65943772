"""Writing files atomically, and reading untrusted ones: regular files only, and bounded JSON."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from mitbadak.core.errors import FormatError, unknown_name

MOST_NESTED = 32  # levels of lists and objects; our own files need fewer than ten
MOST_PARTS = 100_000  # lists and objects in total: "[]" takes 2 bytes in a file, 64 in memory

PICTURES = (".png", ".svg", ".pdf")
PART = ".part"  # suffix of a file that is being written, beside the one it will replace
MOST_OF_A_NAME = 200  # bytes of it in the name of such a file; systems allow 255
TRIES, PAUSE_SECONDS = 50, 0.02
LEFT_OVER_SECONDS = 3600.0


def write_atomically(
    path: str | os.PathLike[str], content: bytes, check: Callable[[], None] | None = None
) -> None:
    """Write ``content`` to ``path`` so that a crash leaves the old file or the new one.

    Several threads and processes may write to one path: each of their files is whole, and the last
    one stays. What a killed process left beside the path is deleted by the next writer.

    Args:
        path: the file; its folder must exist.
        content: the whole content.
        check: called before anything is written, and again before the file is replaced, since
            ``path`` may then name another folder. An exception it raises cancels the write.

    Raises:
        OSError: from the system (no space, no permission); the old file is then untouched.
    """
    path = Path(path)
    check = check or (lambda: None)
    check()
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    sweep(path.parent, path.name)
    made: os.stat_result | None = None
    beside, file = _new_file_beside(path)
    try:
        with file:
            made = os.fstat(file.fileno())
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            check()
            if os.name != "nt":  # the lock lasts as long as the file is open
                beside.replace(path)
        if os.name == "nt":  # which replaces no open file
            _replace_where_others_do(beside, path)
    except BaseException as problem:
        with contextlib.suppress(OSError):
            if made is not None and is_still(beside, made):
                beside.unlink()
        if isinstance(problem, OSError) and problem.filename == os.fspath(beside):
            problem.filename = os.fspath(path)  # the name that the user gave
        raise
    sync_folder(path.parent)


def _new_file_beside(path: Path) -> tuple[Path, BinaryIO]:
    """A new file under a name of its own, open and locked, so that nobody sweeps it away.

    Opened so that nothing is written through a link or a pipe that somebody put there.
    """
    for _ in range(TRIES):
        beside = path.with_name(f".{_shortened(path.name)}.{os.urandom(4).hex()}{PART}")
        try:
            file = open(beside, "xb")  # noqa: SIM115  (closed by the caller)
        except FileExistsError:
            continue
        except OSError as problem:
            problem.filename = os.fspath(path)
            raise
        try:
            if not _is_locked(file.fileno()) and is_still(beside, os.fstat(file.fileno())):
                return beside, file
        except BaseException:
            file.close()
            with contextlib.suppress(OSError):
                beside.unlink()
            raise
        file.close()  # taken for left over between its creation and its lock
    raise FileExistsError(errno.EEXIST, "Other processes write to it all the time", str(path))


def _shortened(name: str) -> str:
    while len(os.fsencode(name)) > MOST_OF_A_NAME:
        name = name[:-1]
    return name


def _replace_where_others_do(beside: Path, path: Path) -> None:
    """Replace a file that another process may have open for a moment, which Windows refuses."""
    for k in range(TRIES):
        try:
            beside.replace(path)
            return
        except PermissionError:
            if k == TRIES - 1:
                raise
            time.sleep(PAUSE_SECONDS)


def _is_locked(handle: int) -> bool:
    """Whether another open file holds the lock; otherwise this one has it from now on.

    Some systems and network folders have no such locks; there nothing is.
    """
    try:
        import fcntl
    except ImportError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def sweep(folder: str | os.PathLike[str], name: str = "") -> None:
    """Delete what killed processes left in a folder, and nothing that is being written.

    Whoever writes holds a lock, which the system releases with the process. Without locks, on
    Windows, what was not written to for an hour is left over.

    Args:
        folder: is searched.
        name: of the file that was to be written; by default of any.
    """
    begin = f".{_shortened(name)}."
    with contextlib.suppress(OSError):
        with os.scandir(folder) as listing:
            entries = list(listing)
        for entry in entries:
            if entry.name.startswith(begin if name else ".") and entry.name.endswith(PART):
                with contextlib.suppress(OSError):
                    _delete_if_left_over(Path(entry.path))


def _delete_if_left_over(path: Path) -> None:
    now = path.lstat()
    if not stat.S_ISREG(now.st_mode):
        return
    if os.name == "nt":
        if time.time() - now.st_mtime > LEFT_OVER_SECONDS:
            path.unlink()
        return
    # O_NONBLOCK and O_NOFOLLOW, as somebody may put a pipe or a link in its place.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if not _is_locked(handle) and is_still(path, os.fstat(handle)):
            path.unlink()
    finally:
        os.close(handle)


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
