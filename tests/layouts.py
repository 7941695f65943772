"""The same numbers in every memory layout that NumPy knows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def _strided(a: np.ndarray) -> np.ndarray:
    wide = np.zeros((2 * len(a), *a.shape[1:]), a.dtype)
    wide[1:] = 77  # what code that ignores strides would read
    wide[::2] = a
    return wide[::2]


def _columns(a: np.ndarray) -> np.ndarray:
    wide = np.full((*a.shape[:-1], a.shape[-1] + 3), 55, a.dtype)
    wide[..., 1:-2] = a
    return wide[..., 1:-2]


def _reversed(a: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(a[::-1])[::-1]


def _mirrored(a: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(a[..., ::-1])[..., ::-1]


def _misaligned(a: np.ndarray) -> np.ndarray:
    raw = np.zeros(a.nbytes + 1, np.uint8)
    out = raw[1:].view(a.dtype).reshape(a.shape)
    out[...] = a
    return out


def _read_only(a: np.ndarray) -> np.ndarray:
    a = a.copy()
    a.flags.writeable = False
    return a


LAYOUTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "contiguous": np.ascontiguousarray,
    "every second row": _strided,
    "some columns": _columns,
    "Fortran order": np.asfortranarray,
    "rows backwards": _reversed,
    "columns backwards": _mirrored,
    "misaligned": _misaligned,
    "foreign byte order": lambda a: a.astype(a.dtype.newbyteorder()),
    "read-only": _read_only,
}
