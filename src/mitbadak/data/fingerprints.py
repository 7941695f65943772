"""What a file holds, in 64 digits: another content has another fingerprint."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np

SAMPLED_ABOVE = 64 << 20  # a larger file may be sampled: reading it all would take seconds
BLOCKS, BLOCK = 256, 1 << 16  # how many places of a sampled file are read, and how much at each


def fingerprint(paths: Iterable[str | os.PathLike], *, sampled: bool = False) -> str:
    """SHA-256 of a file's content, or of several files' in their order.

    Args:
        paths: the files; several are hashed one by one, then their hashes together.
        sampled: of files above 64 MiB hash the size and 256 blocks of 64 KiB, evenly from the
            first to the last, rather than all of it. The fingerprint then begins with
            ``sampled:``, for a change between the blocks does not show.

    Returns:
        64 hexadecimal digits, for a single file those of ``sha256sum``.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "a"
        ...     _ = path.write_bytes(b"abc")
        ...     fingerprint([path])[:16], fingerprint([path, path])[:16]
        ('ba7816bf8f01cfea', 'ef0b92fb2a4b5880')
    """
    found = [_digest(Path(path), sampled) for path in paths]
    mark = "sampled:" if any(part for _, part in found) else ""
    return mark + joined([digest for digest, _ in found])


def joined(digests: list[str]) -> str:
    """The fingerprint of several files from their own; a single one stays as it is."""
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def _digest(path: Path, sampled: bool) -> tuple[str, bool]:
    """A file's SHA-256, and whether it is of samples only."""
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if not sampled or size <= SAMPLED_ABOVE:
            return hashlib.file_digest(file, "sha256").hexdigest(), False
        seen = hashlib.sha256(str(size).encode())
        for start in np.linspace(0, size - BLOCK, BLOCKS).astype(np.int64):
            file.seek(int(start))
            seen.update(file.read(BLOCK))
        return seen.hexdigest(), True
