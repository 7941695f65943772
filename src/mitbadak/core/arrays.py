"""Arguments as plain arrays: the one place that refuses misleading kinds of arrays."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

from mitbadak.core.errors import DtypeError, MitbadakError, RangeError, ShapeError, brief

NUMBERS = "biuf"  # dtype kinds of real numbers


def as_array(owner: str, name: str, value: Any) -> np.ndarray:
    """``value`` as a plain array, refused if that would lose part of its meaning.

    Args:
        owner, name: the caller and the argument, for messages.
        value: an array, or anything that NumPy can convert to one.

    Raises:
        DtypeError: it is a masked array with masked entries, or an ``np.matrix``.
        ShapeError: it is nested lists of different lengths.
        DtypeError: NumPy cannot make an array of it.

    Example:
        >>> as_array("fit", "x", [[1, 2], [3, 4]])
        array([[1, 2],
               [3, 4]])
    """
    if type(value) is np.ndarray:
        return value
    parts = value if isinstance(value, (list, tuple)) else (value,)
    if any(isinstance(part, np.ma.MaskedArray) and np.ma.is_masked(part) for part in parts):
        raise DtypeError(
            f"{owner}: {name} is a masked array, and its mask would be ignored. Remove the masked "
            "entries, or replace them with numbers by its method filled()."
        )
    if isinstance(value, np.matrix):
        raise DtypeError(
            f"{owner} expects {name} as a plain array; got an np.matrix, which always has two "
            f"dimensions. Use np.asarray({name})."
        )
    try:
        return np.asarray(value)
    except MitbadakError:  # of our own array-likes
        raise
    except Exception as error:
        if "inhomogeneous" in str(error):
            raise ShapeError(
                f"{owner} expects {name} as an array; got nested lists of different lengths."
            ) from None
        raise DtypeError(  # such as a tensor on a graphics card, or one that needs a gradient
            f"{owner} expects {name} as an array; NumPy makes none of a {type(value).__name__}: "
            f"{error}"
        ) from None


def described(value: Any) -> str:
    """What was given, for a message: an array by its shape, anything else as it is written.

    Example:
        >>> described(np.zeros((2, 3))), described([1, 2]), described(None)
        ('an array of shape (2, 3)', '[1, 2]', 'None')
    """
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple) and shape:
        kind = "an array" if isinstance(value, np.ndarray) else f"a {type(value).__name__}"
        return f"{kind} of shape {shape}"
    return brief(value)


def real_array(owner: str, name: str, value: Any) -> np.ndarray:
    """``as_array`` of real numbers: booleans, integers or floats.

    Raises:
        DtypeError: text, dates, complex numbers, records or objects; and as for ``as_array``.

    Example:
        >>> real_array("fit", "x", ["a"])
        Traceback (most recent call last):
        mitbadak.core.errors.DtypeError: fit expects x as real numbers; got <U1.
    """
    array = as_array(owner, name, value)
    if array.dtype.kind not in NUMBERS:
        hint = " Use x.astype(float) if all entries are." if array.dtype.kind == "O" else ""
        raise DtypeError(f"{owner} expects {name} as real numbers; got {array.dtype}.{hint}")
    return array


def float_array(owner: str, name: str, value: Any) -> np.ndarray:
    """``real_array`` of floats; integers become float64.

    Otherwise the negative of an unsigned byte, or the difference of two, would wrap around.

    Raises:
        DtypeError, ShapeError: as for ``real_array``.

    Example:
        >>> -float_array("mean", "x", np.array([1, 2], np.uint8))
        array([-1., -2.])
    """
    array = real_array(owner, name, value)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def row_numbers(owner: str, name: str, value: Any, n: int) -> np.ndarray:
    """``value`` as row numbers in ``0 .. n - 1``, in a new int64 array.

    Raises:
        ShapeError: it is empty, or does not have one dimension.
        DtypeError: it does not hold integers; a boolean mask does not.
        RangeError: a row does not exist. Negative numbers do not count from the end.

    Example:
        >>> row_numbers("data", "rows", [2, 0], 3)
        array([2, 0])
    """
    rows = as_array(owner, name, value)
    if rows.ndim != 1 or rows.size == 0:
        raise ShapeError(
            f"{owner}: {name} must be of shape (n,) with at least one row; got {rows.shape}."
        )
    if rows.dtype.kind not in "iu":
        remedy = " Use np.flatnonzero(mask)." if rows.dtype.kind == "b" else ""
        raise DtypeError(f"{owner}: {name} must be integers; got {rows.dtype}.{remedy}")
    low, high = int(rows.min()), int(rows.max())
    if low < 0 or high >= n:
        raise RangeError(
            f"{owner}: {name} must lie in 0..{n - 1} for {n} examples; got "
            f"{low if low < 0 else high}."
        )
    return np.array(rows, np.int64)


def fingerprint(array: np.ndarray) -> int:
    """A checksum that tells whether the entries of an array have changed."""
    return zlib.crc32(np.ascontiguousarray(array).view(np.uint8).reshape(-1).data)
