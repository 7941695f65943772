"""The structs and constants of ``c/kernels.h`` as ctypes classes, read from that file.

A field is declared in C and nowhere else, so Python and the kernels cannot disagree about a job.
"""

from __future__ import annotations

import ctypes
import re
from typing import Any

import numpy as np

from mitbadak.core.errors import StateError
from mitbadak.native.library import HEADER

TYPES: dict[str, Any] = {"int64_t": ctypes.c_int64, "double": ctypes.c_double}


def _read(text: str) -> tuple[dict[str, int], dict[str, type[ctypes.Structure]]]:
    code = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    constants: dict[str, int] = {}
    for body in re.findall(r"\benum\s*\{([^}]*)\}", code):
        value = -1
        for name, given in re.findall(r"(\w+)\s*(?:=\s*(\d+))?", body):
            value = int(given) if given else value + 1
            constants[name] = value
    structs = {}
    for body, name in re.findall(r"typedef struct\s*\{([^}]*)\}\s*(\w+)\s*;", code):
        fields = [
            (field, ctypes.c_void_p if star else TYPES.get(kind, ctypes.c_void_p))
            for kind, star, field in re.findall(r"(\w+)\s+(\*?)(\w+)\s*;", body)
        ]
        structs[name] = type(name, (ctypes.Structure,), {"_fields_": fields})
    return constants, structs


CONSTANTS, STRUCTS = _read(HEADER.read_text(encoding="utf-8"))
Layer, Change, Examples, Job, Stage, Moves = (
    STRUCTS[name] for name in ("Layer", "Change", "Examples", "Job", "Stage", "Moves")
)
LANES, SLACK = CONSTANTS["LANES"], CONSTANTS["SLACK"]


def address(array: np.ndarray | None) -> int:
    """The address of an array's first entry; 0 for an empty array or None.

    Raises:
        StateError: kernels would misread the array; ``laid_out`` makes it fit.
    """
    if array is None or not array.size:
        return 0
    flags = array.flags
    if not (flags.c_contiguous and flags.aligned and array.dtype.isnative):
        raise StateError(
            f"kernels read contiguous, aligned arrays in native byte order; got {array.dtype} of "
            f"shape {array.shape} with strides {array.strides}. Use structs.laid_out."
        )
    return array.__array_interface__["data"][0]


def laid_out(array: np.ndarray, dtype: Any) -> np.ndarray:
    """The array as kernels read it: ``dtype`` in native byte order, aligned and contiguous.

    Returns the array itself if that is so already.
    """
    return np.require(array, np.dtype(dtype).newbyteorder("="), ["C_CONTIGUOUS", "ALIGNED"])
