"""Calls to NumPy: its errors as Mitbadak errors, and the options of its ufuncs."""

from __future__ import annotations

from collections.abc import Callable
from types import NoneType
from typing import Any

import numpy as np

from mitbadak.core.errors import MitbadakError


class CallError(MitbadakError):
    """A call that NumPy refuses for arrays as well: its arguments do not fit together."""


class CallTypeError(CallError, TypeError):
    """An argument of the wrong type, or the wrong number of arguments."""


class CallValueError(CallError, ValueError):
    """An argument outside its domain, or shapes that do not fit together."""


class CallIndexError(CallError, IndexError):
    """An index beyond the end."""


class CallAxisError(CallValueError, np.exceptions.AxisError):
    """An axis that the array does not have."""


class CallLinAlgError(CallValueError, np.linalg.LinAlgError):
    """A matrix that is not square, is singular, or does not converge."""


# The first match decides, so subclasses come before their bases.
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
    """Call a NumPy function on arguments without variables.

    Raises:
        CallError: NumPy refuses the call; the message is NumPy's, after the function's name.
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
    """The options of a ufunc without ``out`` and defaults, which NumPy's wrappers pass too."""

    def is_default(name: str, value: Any) -> bool:
        comparable = isinstance(value, (str, bool, NoneType))
        return comparable and name in _DEFAULTS and value == _DEFAULTS[name]

    return {k: v for k, v in options.items() if k != "out" and not is_default(k, v)}


def in_dtype(
    ufunc: np.ufunc, args: tuple[Any, ...], options: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments cast to the ``dtype=`` of a ufunc call, and the other options.

    A dtype that is not a float, or that the ufunc does not compute in, stays among the options.
    """
    try:
        dtype = np.dtype(options.get("dtype", int))
    except (TypeError, ValueError):  # NumPy will refuse it
        return args, options
    if (
        dtype.kind != "f"
        or f"{dtype.char * ufunc.nin}->{dtype.char * ufunc.nout}" not in ufunc.types
    ):
        return args, options
    cast = (a if hasattr(a, "astype") else np.asarray(a) for a in args)
    rest = {k: v for k, v in options.items() if k != "dtype"}
    return tuple(a.astype(dtype) for a in cast), rest
