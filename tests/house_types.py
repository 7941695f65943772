"""The type checker of the test run: beartype, which accepts an int where a float is expected.

jaxtyping on its own would record axes in every call of every function, and wrap nested functions
each time they are defined, which made the tests three times as slow. Here only functions whose
annotations name axes are left to it. beartype alone checks the others, except nested ones.
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
    """Whether one of the annotations, which are still text, is an array with named axes."""
    return any(AXES.search(str(annotation)) for annotation in function.__annotations__.values())


def decorate(subject: Any = None, *, typechecker: Callable) -> Any:
    """The decorator that jaxtyping's import hook applies to every class and function."""
    if subject is None:
        return functools.partial(decorate, typechecker=typechecker)
    if not inspect.isfunction(subject) or names_axes(subject):
        return with_axes(subject, typechecker=typechecker)
    return subject if "<locals>" in subject.__qualname__ else typechecker(subject)


jaxtyping.jaxtyped = decorate
