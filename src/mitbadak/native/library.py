"""The shared library of kernels beside this file: found, checked, and loaded by ctypes.

The library holds the same kernels for several levels of the processor (``c/dispatch.c``); the
highest one that this machine can run is taken. Nothing is compiled or written here.

Environment variables, read at the first call:
    MITBADAK_NATIVE: ``0`` leaves the kernels out.
    MITBADAK_LEVEL: a lower level.
    MITBADAK_LIBRARY: the full path of another library, for tests under sanitizers.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from mitbadak.core.errors import FormatError, RangeError, UnknownNameError

FOLDER = Path(__file__).resolve().parent
HEADER = FOLDER / "c" / "kernels.h"
SUFFIX = {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")
HIGHEST_LEVEL = 4
ENTRY = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_void_p, ctypes.c_int64)


@functools.cache
def kernels() -> SimpleNamespace | None:
    """The entry points of ``kernels.h`` by name, at the level in use; None without kernels.

    Each is a function from a job's address and the number of a part to a float, and runs without
    the GIL.

    Raises:
        UnknownNameError: a variable has an unrecognized value.
        RangeError: ``MITBADAK_LEVEL`` is not a level of this machine.
        FormatError: ``MITBADAK_LIBRARY`` is not the full path of a file.
    """
    chosen = level()
    return None if chosen is None else kernels_at(chosen)


def kernels_at(chosen: int) -> SimpleNamespace:
    """The entry points at one of ``levels()``."""
    library, _ = _load()
    names = entry_names(HEADER.read_text(encoding="utf-8"))
    table = (ctypes.c_void_p * len(names)).from_address(library.mitbadak_kernels(chosen))
    return SimpleNamespace(**{n: ENTRY(address) for n, address in zip(names, table, strict=True)})


@functools.cache
def level() -> int | None:
    """The level in use: 2, 3 or 4 (x86-64-v2, -v3, -v4), 1 elsewhere, or None without kernels.

    Raises:
        UnknownNameError: ``MITBADAK_LEVEL`` is not a level.
        RangeError: this machine does not have it.
    """
    offered = levels()
    wanted = os.environ.get("MITBADAK_LEVEL", "")
    if not offered or not wanted:
        return max(offered, default=None)
    listed = ", ".join(map(str, offered))
    if wanted not in map(str, range(1, HIGHEST_LEVEL + 1)):
        raise UnknownNameError(
            f"unknown level {wanted!r} in MITBADAK_LEVEL. This processor supports: {listed}."
        )
    if int(wanted) not in offered:
        raise RangeError(
            f"MITBADAK_LEVEL must be a level that this processor supports ({listed}); got "
            f"{wanted}. Without MITBADAK_LEVEL the highest is taken."
        )
    return int(wanted)


def levels() -> tuple[int, ...]:
    """The levels that this library has and this machine runs, in ascending order."""
    library, _ = _load()
    if library is None:
        return ()
    return tuple(n for n in range(1, HIGHEST_LEVEL + 1) if library.mitbadak_kernels(n))


def why_not() -> str:
    """Why there are no kernels, in a clause, or ""."""
    return _load()[1]


def entry_names(header: str) -> list[str]:
    """The members of the struct ``Kernels`` in the text of ``kernels.h``.

    Example:
        >>> entry_names("typedef struct { Entry *train; Entry *update; /* after it */ } Kernels;")
        ['train', 'update']
    """
    code = re.sub(r"/\*.*?\*/", "", header, flags=re.DOTALL)
    body = re.search(r"\{([^{}]*)\}\s*Kernels\s*;", code)
    return re.findall(r"Entry\s*\*\s*(\w+)\s*;", body[1] if body else "")


@functools.cache
def _load() -> tuple[Any, str]:
    """The library, or None and why there is none."""
    wanted = os.environ.get("MITBADAK_NATIVE", "")
    if wanted not in ("", "0", "1"):
        raise UnknownNameError(f"MITBADAK_NATIVE must be 0, 1 or empty; got {wanted!r}.")
    if wanted == "0":
        return None, "MITBADAK_NATIVE=0"
    other = os.environ.get("MITBADAK_LIBRARY", "")
    if other and not (Path(other).is_absolute() and Path(other).is_file()):
        raise FormatError(f"MITBADAK_LIBRARY must be the full path of a library; got {other!r}.")
    path = Path(other) if other else FOLDER / f"mitbadak_kernels{SUFFIX}"
    if not path.is_file():
        return None, "this installation has no kernels"
    try:
        library = ctypes.CDLL(str(path))
        library.mitbadak_header.restype = ctypes.c_char_p
        library.mitbadak_kernels.restype = ctypes.c_void_p
        compiled_with = library.mitbadak_header().decode()
    except (OSError, AttributeError) as problem:  # of another platform, or another library
        return None, f"the kernels of this installation cannot be loaded ({problem})"
    if compiled_with != hashlib.sha256(HEADER.read_bytes()).hexdigest():
        # Its structs may differ, and a field in another place would overwrite memory.
        return None, "the kernels were built from other sources; install Mitbadak again"
    if not any(library.mitbadak_kernels(n) for n in range(1, HIGHEST_LEVEL + 1)):
        return None, "this processor is older than the kernels need"
    return library, ""
