"""Calls of NumPy: its refusals as errors of the house, and the options of its ufuncs."""

from __future__ import annotations

from collections.abc import Callable
from types import NoneType
from typing import Any

import numpy as np

from mitbadak.core.errors import MitbadakError


class CallError(MitbadakError):
    """A call that NumPy refuses on arrays as well: its arguments do not fit each other."""


class CallTypeError(CallError, TypeError):
    """An argument of the wrong type, or one too many or too few."""


class CallValueError(CallError, ValueError):
    """An argument outside its domain, or shapes that do not fit each other."""


class CallIndexError(CallError, IndexError):
    """An index beyond the end."""


class CallAxisError(CallValueError, np.exceptions.AxisError):
    """An axis that the array does not have."""


class CallLinAlgError(CallValueError, np.linalg.LinAlgError):
    """A matrix that is not square, is singular, or does not converge."""


# In this order: an error becomes the first that it is a kind of.
_KINDS: dict[type[Exception], type[CallError]] = {
    np.exceptions.AxisError: CallAxisError,
    np.linalg.LinAlgError: CallLinAlgError,
    IndexError: CallIndexError,
    ValueError: CallValueError,
    TypeError: CallTypeError,
    ZeroDivisionError: CallValueError,
    OverflowError: CallValueError,
    LookupError: CallValueError,
    AttributeError: CallTypeError,
    AssertionError: CallValueError,
    RuntimeError: CallValueError,
}


def call_numpy(name: str, function: Callable[..., Any], args: Any, options: Any) -> Any:
    """NumPy's value for arguments without variables.

    Raises:
        CallError: NumPy refuses the call; the message is NumPy's, behind the function's name.
    """
    try:
        return function(*args, **options)
    except tuple(_KINDS) as error:
        if isinstance(error, MitbadakError):
            raise
        kind = next(kind for given, kind in _KINDS.items() if isinstance(error, given))
        raise kind(f"{name}: {error}") from error


_DEFAULTS = {"casting": "same_kind", "order": "K", "subok": True, "dtype": None, "where": True}


def chosen_options(options: dict[str, Any]) -> dict[str, Any]:
    """The options of a ufunc but ``out`` and those at their defaults, which wrappers pass on."""

    def is_default(name: str, value: Any) -> bool:
        comparable = isinstance(value, (str, bool, NoneType))
        return comparable and name in _DEFAULTS and value == _DEFAULTS[name]

    return {k: v for k, v in options.items() if k != "out" and not is_default(k, v)}


def in_dtype(
    ufunc: np.ufunc, args: tuple[Any, ...], options: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments and options of a ufunc without ``dtype=``, which is that of its arguments.

    An option that is no float dtype, or that of a ufunc of whole numbers, stays.
    """
    try:
        dtype = np.dtype(options.get("dtype", int))
    except (TypeError, ValueError):  # NumPy will say so
        return args, options
    if (
        dtype.kind != "f"
        or f"{dtype.char * ufunc.nin}->{dtype.char * ufunc.nout}" not in ufunc.types
    ):
        return args, options
    cast = (a if hasattr(a, "astype") else np.asarray(a) for a in args)
    rest = {k: v for k, v in options.items() if k != "dtype"}
    return tuple(a.astype(dtype) for a in cast), rest
