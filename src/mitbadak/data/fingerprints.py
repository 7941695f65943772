"""Fingerprints of files: 64 digits that change whenever the content does."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np

SAMPLED_ABOVE = 64 << 20  # larger files may be sampled, since reading all would take seconds
BLOCKS, BLOCK = 256, 1 << 16  # number and size of the blocks that are read of a sampled file


def fingerprint(paths: Iterable[str | os.PathLike[str]], *, sampled: bool = False) -> str:
    """SHA-256 of a file's content, or of several files' in their order.

    Args:
        paths: the files; several are hashed one by one, then their hashes together.
        sampled: for files above 64 MiB, hash the size and 256 evenly spaced blocks of 64 KiB
            instead of the whole content. The fingerprint then begins with ``sampled:``, because a
            change between the blocks goes unnoticed.

    Returns:
        64 hexadecimal digits; for a single file those of ``sha256sum``.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "a"
        ...     _ = path.write_bytes(b"abc")
        ...     fingerprint([path])[:16], fingerprint([path, path])[:16]
        ('ba7816bf8f01cfea', 'ef0b92fb2a4b5880')
    """
    digests = [_digest(Path(path), sampled) for path in paths]
    prefix = "sampled:" if any(is_sampled for _, is_sampled in digests) else ""
    return prefix + joined([digest for digest, _ in digests])


def joined(digests: list[str]) -> str:
    """The fingerprint of several files, from those of each; a single one is returned as it is."""
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def _digest(path: Path, sampled: bool) -> tuple[str, bool]:
    """The SHA-256 of a file, and whether it covers samples only."""
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if not sampled or size <= SAMPLED_ABOVE:
            return hashlib.file_digest(file, "sha256").hexdigest(), False
        digest = hashlib.sha256(str(size).encode())
        for start in np.linspace(0, size - BLOCK, BLOCKS).astype(np.int64):
            file.seek(int(start))
            digest.update(file.read(BLOCK))
        return digest.hexdigest(), True
