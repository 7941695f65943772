"""The type checker that the test run loads: beartype, where an int may stand for a float.

jaxtyping would keep a record of axes for every call of every function, and wrap a nested function
each time it is made, which made the tests three times as slow. Here it does so for functions whose
annotations name axes; the others are checked by beartype alone, nested ones not at all.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from typing import Any

import jaxtyping
from beartype import BeartypeConf, beartype

check = beartype(conf=BeartypeConf(is_pep484_tower=True))
AXES = re.compile(r"\b(Float|Float64|Int|Shaped|UInt8)\[|\b(Initializer|Split|Points)\b")
with_axes = jaxtyping.jaxtyped


def names_axes(function: Callable) -> bool:
    """Whether an annotation, which is still text, has an array with named axes in it."""
    return any(AXES.search(str(annotation)) for annotation in function.__annotations__.values())


def decorate(subject: Any = None, *, typechecker: Callable) -> Any:
    """What jaxtyping's import hook puts around every class and function of the house."""
    if subject is None:
        return functools.partial(decorate, typechecker=typechecker)
    if not inspect.isfunction(subject) or names_axes(subject):
        return with_axes(subject, typechecker=typechecker)
    return subject if "<locals>" in subject.__qualname__ else typechecker(subject)


jaxtyping.jaxtyped = decorate
