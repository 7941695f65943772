"""Arrays as callers give them: real numbers without a mask, and gradients of the right shape."""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak.differentiable import Traced, value_of
from mitbadak.errors import DtypeError, ShapeError


def unmasked(owner: str, name: str, value: Any) -> np.ndarray:
    """``value`` as an array.

    Raises:
        DtypeError: a masked array, whose mask every function here would ignore.
        ShapeError: nested lists of different lengths.

    Example:
        >>> unmasked("mean", "x", [1, 2])
        array([1, 2])
    """
    if isinstance(value, np.ma.MaskedArray):
        raise DtypeError(
            f"{owner}: {name} is a masked array, and its mask would be ignored. Leave the masked "
            "entries out, or put numbers in their place with its method filled()."
        )
    try:
        return np.asarray(value)
    except ValueError:
        raise ShapeError(
            f"{owner} expects {name} as an array; got nested lists of different lengths."
        ) from None


def real_array(owner: str, name: str, value: Any) -> np.ndarray:
    """``value`` as an array of real numbers, in the dtype it has.

    Raises:
        DtypeError: masked, or not of real numbers.
        ShapeError: nested lists of different lengths.

    Example:
        >>> real_array("mean", "x", [1.5, 2.0])
        array([1.5, 2. ])
    """
    array = unmasked(owner, name, value)
    if array.dtype.kind not in "biuf":
        raise DtypeError(f"{owner} expects {name} as real numbers; got {array.dtype}.")
    return array


def float_array(owner: str, name: str, value: Any) -> np.ndarray:
    """``value`` as an array of floats; integers become float64.

    The negative of an unsigned byte, or the difference of two, would wrap around.

    Raises:
        DtypeError, ShapeError: as for ``real_array``.

    Example:
        >>> -float_array("mean", "x", np.array([1, 2], np.uint8))
        array([-1., -2.])
    """
    array = real_array(owner, name, value)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def float_operand(owner: str, name: str, value: Any) -> Any:
    """``float_array`` for the body of an operation: a traced value stays as it is."""
    return value if isinstance(value, Traced) else float_array(owner, name, value)


def upstream_gradient(owner: str, dy: Any, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """``dy``, the gradient of a loss with respect to y, as an array that fits y.

    Args:
        owner: what computed y.
        dy: real numbers in the shape of y; None stands for 1 where y is a single number.
        shape, dtype: of y. Integers in dy take this dtype, floats keep their own.

    Raises:
        ShapeError: another shape, which would broadcast; or None where y is no single number.
        DtypeError: masked, or not of real numbers.

    Example:
        >>> upstream_gradient("Add()", 1, (), np.float64)
        array(1.)
    """
    floats = np.result_type(dtype, np.float16)
    if dy is None:
        if shape != (1,) * len(shape):
            raise ShapeError(
                f"{owner}: the gradient of a result that is no scalar needs dy, of shape {shape}."
            )
        return np.ones(shape, floats)
    array = real_array(owner, "dy", value_of(dy))
    if array.shape != shape:
        raise ShapeError(f"{owner}: dy must have the shape of y, {shape}; got {array.shape}.")
    return array if array.dtype.kind == "f" else array.astype(floats)
