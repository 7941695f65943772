"""Files that are whole or not there: written beside, synced, then renamed."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

PART = ".part"  # ends the name of a file that is being written, beside the one it will replace


def write_atomically(path: str | os.PathLike, content: bytes) -> None:
    """Write ``content`` to ``path`` so that a crash leaves the old file or the new one.

    Args:
        path: the file; its folder must exist.
        content: all of it.

    Raises:
        OSError: as the system says (no space, no permission); the old file is then untouched.
    """
    path = Path(path)
    beside = path.with_name(f".{path.name}{PART}")
    try:
        with open(beside, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


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
