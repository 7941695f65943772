"""Names that NumPy has removed, for learners' code only."""

from __future__ import annotations

import ast
import builtins
import contextlib
import functools
import operator
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from mitbadak.book.ownership import is_learners
from mitbadak.doctor.code.names import REMOVED


def _sorted_copy(a: Any) -> Any:
    return np.sort(a, axis=0)


def _float_array(a: Any, dtype: Any = np.float64) -> Any:
    return np.asarray(a, dtype if np.issubdtype(dtype, np.inexact) else np.float64)


# Where today's name takes other arguments than the removed one did.
OWN: dict[str, Any] = {"msort": _sorted_copy, "asfarray": _float_array}
LEFT_OUT = {"find_common_type"}  # its arguments were two lists, and no name of today takes those


@functools.cache
def aliases() -> dict[str, Any]:
    """Every removed name with what stands for it.

    Example:
        >>> aliases()["int"], aliases()["Inf"], aliases()["product"] is np.prod
        (<class 'int'>, inf, True)
    """
    found = {
        name: _value(today)
        for name, (today, _) in REMOVED.items()
        if name not in LEFT_OUT and name not in vars(np)
    }
    return {**found, **{name: own for name, own in OWN.items() if name in found}}


def _value(text: str) -> Any:
    """What ``np.float64``, ``-np.inf``, ``len`` or ``0.0`` is."""
    sign, name = (-1, text[1:]) if text.startswith("-") else (1, text)
    if name.startswith("np."):
        found: Any = operator.attrgetter(name.removeprefix("np."))(np)
    elif name == "ast.literal_eval":
        found = ast.literal_eval
    else:
        found = getattr(builtins, name, None)
        found = ast.literal_eval(name) if found is None else found
    return -found if sign < 0 else found


@contextlib.contextmanager
def removed_names() -> Iterator[None]:
    """While entered, ``np.int`` and its like are there for learners' code.

    NumPy asks its ``__getattr__`` for names that it does not have; for anybody else's code the
    answer stays what it was.
    """
    module: Any = np.__dict__
    before = module["__getattr__"]

    def __getattr__(name: str) -> Any:  # noqa: N807
        if name in aliases() and is_learners(sys._getframe(1).f_globals):
            return aliases()[name]
        return before(name)

    module["__getattr__"] = __getattr__
    try:
        yield
    finally:
        module["__getattr__"] = before
