"""Arguments that do not fit: named, with the argument or the line that does the same here."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, TypeVar

from mitbadak.core.errors import DtypeError, MitbadakError, brief, unknown_name

F = TypeVar("F", bound=Callable[..., Any])


def explained(function: F, *, remedy: str = "") -> F:
    """A function that says what it takes where an argument does not fit.

    Args:
        function: a function or an ``__init__``; its signature stays the same.
        remedy: what is said where there are too many arguments by position.

    Example:
        >>> @explained
        ... def scaled(x, *, lr=0.1):
        ...     return lr * x
        >>> scaled(1.0, learning_rate=0.5)
        Traceback (most recent call last):
            ...
        mitbadak.core.errors.UnknownNameError: unknown argument of scaled 'learning_rate'; did you
        mean 'lr'? Known: x, lr.
    """

    @wraps(function)
    def checked(*args: Any, **options: Any) -> Any:
        try:
            return function(*args, **options)
        except TypeError as problem:
            at_the_call = problem.__traceback__ is not None and not problem.__traceback__.tb_next
            misfit = _misfit(function, args, options, remedy) if at_the_call else None
            if misfit is None:
                raise
            raise misfit from None

    return checked  # type: ignore[return-value]


def refuse_unknown(owner: str, options: Mapping[str, Any], known: Sequence[str]) -> None:
    """Refuse keywords that ``owner`` does not take.

    Raises:
        UnknownNameError: with the nearest one that it takes, or what does the same here.
    """
    for name in options:
        if name not in known:
            raise unknown_name(f"argument of {owner}", name, known)


def refuse_a_class(owner: str, value: Any, what: str, example: str) -> None:
    """Refuse a class or a function where an object is wanted.

    Args:
        owner: who takes it.
        value: what was given.
        what: what is wanted, with its article.
        example: how one is made.

    Raises:
        DtypeError: with the line that makes an object.
    """
    if isinstance(value, type):
        raise DtypeError(
            f"{owner} expects {what}, not the class {value.__name__}. Make one: "
            f"{value.__name__}(), such as {example}."
        )
    if inspect.isroutine(value):
        name = getattr(value, "__name__", "a function")
        raise DtypeError(f"{owner} expects {what}, not the function {name}. Use {example}.")


def _misfit(
    function: Callable[..., Any], args: tuple, options: Mapping[str, Any], remedy: str
) -> MitbadakError | None:
    """Why arguments cannot be bound; None if they can."""
    parameters = list(inspect.signature(function).parameters.values())
    is_method = function.__name__ == "__init__"
    owner = type(args[0]).__name__ if is_method and args else function.__name__
    if is_method:
        parameters, args = parameters[1:], args[1:]
    names = [p.name for p in parameters if p.kind is not p.VAR_POSITIONAL]
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters)
    for name in options:
        if name not in names and not takes_any:
            return unknown_name(f"argument of {owner}", name, names)
    by_place = [
        p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    if len(args) > len(by_place):
        listed = ", ".join(by_place) or "none"
        return DtypeError(
            f"{owner} takes {len(by_place)} arguments by position ({listed}); got {len(args)}: "
            f"{brief(args)}.{f' {remedy}' if remedy else ' Give the others by name.'}"
        )
    given = {*by_place[: len(args)], *options}
    missing = [p.name for p in parameters
               if p.default is p.empty and p.name not in given
               and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]  # fmt: skip
    if missing:
        return DtypeError(f"{owner} needs {', '.join(missing)}; it takes {', '.join(names)}.")
    return None
