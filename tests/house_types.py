"""The type checker of the test run: beartype, which accepts an int where a float is expected.

jaxtyping on its own would record axes in every call of every function, and wrap nested functions
each time they are defined, which made the tests three times as slow. Here only functions whose
annotations name axes are left to it. beartype alone checks the others, except nested ones.
"""

from __future__ import annotations

import ast
import functools
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jaxtyping
from beartype import BeartypeConf, beartype

check = beartype(conf=BeartypeConf(is_pep484_tower=True))
AXES = re.compile(r"\b(Float|Float64|Int|Shaped|UInt8)\[|\b(Initializer|Split|Points|Gray)\b")
with_axes = jaxtyping.jaxtyped


def names_axes(function: Callable) -> bool:
    """Whether one of the annotations, which are still text, is an array with named axes."""
    return any(AXES.search(str(annotation)) for annotation in function.__annotations__.values())


@functools.cache
def names_for_types(file: str) -> frozenset[str]:
    """The names that a module imports under ``TYPE_CHECKING``, which do not exist at run time."""
    guarded = [
        node
        for node in ast.parse(Path(file).read_text(encoding="utf-8")).body
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
    ]
    imports = [node for guard in guarded for node in guard.body]
    return frozenset(
        alias.asname or alias.name
        for node in imports
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    )


def names_missing_types(function: Callable) -> bool:
    """Whether an annotation has a name that beartype cannot look up at run time."""
    text = " ".join(map(str, function.__annotations__.values()))
    missing = names_for_types(function.__code__.co_filename)
    return not missing.isdisjoint(re.findall(r"\w+", text))


def names_self(function: Callable) -> bool:
    """Whether an annotation is ``Self``, which beartype knows only where it decorates classes."""
    return any(re.search(r"\bSelf\b", str(a)) for a in function.__annotations__.values())


def decorate(subject: Any = None, *, typechecker: Callable) -> Any:
    """The decorator that jaxtyping's import hook applies to every class and function."""
    if subject is None:
        return functools.partial(decorate, typechecker=typechecker)
    if not inspect.isfunction(subject) or names_axes(subject) or names_missing_types(subject):
        return with_axes(subject, typechecker=typechecker)
    is_nested = "<locals>" in subject.__qualname__
    return subject if is_nested or names_self(subject) else typechecker(subject)


jaxtyping.jaxtyped = decorate
