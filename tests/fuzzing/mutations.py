"""What strangers might send: valid files, damaged at random or by one who knows the format.

Bytes changed at random die at a checksum or a length. So where a format has one, the content is
taken apart, changed inside and put together again.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from random import Random

from fuzzing.changes import json_lines, json_text, plain, table
from fuzzing.containers import idx, npz, safetensors
from fuzzing.pictures import picture

MOST_BETWEEN = 1 << 16  # bytes from one change to the next: some make a file thirty times larger
NO_LONGER_OF_ITS_FORMAT = (
    ValueError, TypeError, LookupError, AttributeError, RecursionError, OSError, EOFError,
    zlib.error, struct.error, zipfile.BadZipFile, RuntimeError, NotImplementedError,
    OverflowError,
)  # fmt: skip
FORMATS: dict[str, Callable[[bytes, Random], bytes]] = {
    ".json": json_text,
    ".jsonl": json_lines,
    ".safetensors": safetensors,
    ".idx": idx,
    "-ubyte": idx,
    "-ubyte.gz": idx,
    ".npz": npz,
    ".csv": table,
    ".png": picture,
}


def mutate(name: str, content: bytes, others: Sequence[bytes], rng: Random) -> bytes:
    """One changed version of a file.

    Args:
        name: of the file; its ending tells the format.
        content: what it holds now.
        others: other files of the kind, to take pieces from.
        rng: what draws.
    """
    by_format = next((f for ending, f in FORMATS.items() if name.endswith(ending)), None)
    change = by_format if by_format and rng.random() < 0.7 else None
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        try:
            content = change(content, rng) if change else plain(content, others, rng)
        except NO_LONGER_OF_ITS_FORMAT:
            content = plain(content, others, rng)
        content = content[:MOST_BETWEEN]
    return content
