"""Arguments that do not fit: named, with the argument or the line that does the same here."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

from mitbadak.core.errors import DtypeError, MitbadakError, StateError, unknown_name
from mitbadak.core.file_errors import named_file_error
from mitbadak.core.kinds import PATHS, misplaced
from mitbadak.core.misuse import misuse
from mitbadak.core.warned import warn

EXPLAINED = "_mitbadak_explained"  # marks what is explained already
MOST_SHOWN = 60  # characters
F = TypeVar("F", bound=Callable[..., Any])


def explained(function: F, *, remedy: str = "") -> F:
    """A function or class that says what it takes where an argument does not fit.

    Every public function and class is explained, by this decorator or by that of its base.

    Args:
        function: a function, a method, or a class, of which ``__init__`` and the public methods
            are meant; the signature stays the same.
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
    if isinstance(function, type):
        for name, value in list(vars(function).items()):
            is_public = name in ("__init__", "__call__") or not name.startswith("_")
            if is_public and inspect.isfunction(value):
                setattr(function, name, explained(value, remedy=remedy))
        return function  # pyright: ignore[reportReturnType] - the class that was given
    if hasattr(function, EXPLAINED):
        return function

    @wraps(function)
    def checked(*args: Any, **options: Any) -> Any:
        try:
            return function(*args, **options)
        except MemoryError:
            raise
        except Exception as problem:
            told = _told(problem, function, args, options, remedy)
            if told is None:  # ours already, or of a function of the user
                raise
            raise told from None

    setattr(checked, EXPLAINED, True)
    return checked  # type: ignore[return-value]


def _told(
    problem: Exception, function: Callable[..., Any], args: tuple, options: Mapping[str, Any],
    remedy: str,
) -> MitbadakError | None:  # fmt: skip
    """Why a call failed, in words of our own; None where ``problem`` itself says it best."""
    owner, parameters, given = _bound(function, args)
    name = getattr(function, "__name__", "")
    if parameters != [*inspect.signature(function).parameters.values()] and not hasattr(
        type(args[0]), name
    ):
        kind = function.__qualname__.rpartition(".")[0]
        return DtypeError(
            f"{kind}.{name} is a method of an object. Make one first: {kind}(...).{name}(...)."
        )
    if meant := misuse(owner, given, options):
        return DtypeError(meant)
    if isinstance(problem, MitbadakError):
        return None
    if isinstance(problem, OSError):
        takes_paths = any(parameter.name in PATHS for parameter in parameters)
        return named_file_error(problem) if takes_paths else None
    at_the_call = problem.__traceback__ is not None and not problem.__traceback__.tb_next
    misfit = misfit_of(function, args, options, remedy) if at_the_call else None
    return misfit or wrong_kind(function, args, options)


def check_takes(cls: type, name: str, *arguments: str) -> None:
    """Refuse a class whose own method does not take what it is called with.

    Args:
        cls: has just been defined.
        name: of the method; nothing is refused where the class has none of its own.
        arguments: by position, after ``self``.

    Raises:
        StateError: with the line that begins it.
    """
    method = vars(cls).get(name)
    if not inspect.isfunction(method):
        return
    try:
        inspect.signature(method).bind(None, *arguments)
    except TypeError:
        raise StateError(
            f"{cls.__name__}.{name} must take {', '.join(arguments)}: "
            f"def {name}(self, {', '.join(arguments)})."
        ) from None


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


def wrong_kind(
    function: Callable[..., Any],
    args: tuple,
    options: Mapping[str, Any],
    names: Mapping[str, Any] | None = None,
) -> MitbadakError | None:
    """Why a call failed that could be bound: an argument is of another kind than the signature's.

    Args:
        function, args, options: the call.
        names: in which the names of the annotations are looked up; by default its globals.

    Returns:
        None if all arguments are of the right kind.
    """
    owner, parameters, args = _bound(function, args)
    known = getattr(inspect.unwrap(function), "__globals__", {}) if names is None else names
    return misplaced(owner, parameters, args, options, dict(known))


def _bound(function: Callable[..., Any], args: tuple) -> tuple[str, list[inspect.Parameter], tuple]:
    """The name of a function in messages, and parameters and arguments without ``self``."""
    parameters = list(inspect.signature(function).parameters.values())
    owner = getattr(function, "__name__", "this function")
    if not (args and parameters and parameters[0].name == "self"):
        return owner, parameters, args
    kind = type(args[0]).__name__
    owner = kind if owner in ("__init__", "__call__") else f"{kind}.{owner}"
    return owner, parameters[1:], args[1:]


def _shown(args: tuple) -> str:
    """Arguments by position in a message, if they are short."""
    text = repr(args) if all(isinstance(arg, (int, float, str)) for arg in args) else ""
    return f": {text}" if 0 < len(text) <= MOST_SHOWN else ""


def renamed(**earlier: str) -> Callable[[F], F]:
    """Let a function be called with earlier names of its arguments, which warn for one version.

    Args:
        earlier: the name that an argument has now, by its earlier one.

    Example:
        >>> @renamed(seed="rng")
        ... def drawn(n, rng=0):
        ...     return n + rng
        >>> import warnings
        >>> with warnings.catch_warnings(record=True) as caught:
        ...     warnings.simplefilter("always")
        ...     drawn(1, seed=2)
        3
        >>> print(caught[0].message)
        drawn: seed is now rng; the earlier name will be removed in the next version.
    """

    def decorate(function: F) -> F:
        function = explained(function)

        @wraps(function)
        def called(*args: Any, **options: Any) -> Any:
            for old, new in earlier.items():
                if old not in options:
                    continue
                if new in options:
                    raise DtypeError(f"{function.__name__} got {new} twice: {old} is its old name.")
                warn(
                    f"{function.__name__}: {old} is now {new}; the earlier name will be removed in "
                    "the next version.",
                    DeprecationWarning,
                )
                options[new] = options.pop(old)
            return function(*args, **options)

        return called  # type: ignore[return-value]

    return decorate


def misfit_of(
    function: Callable[..., Any], args: tuple, options: Mapping[str, Any], remedy: str = ""
) -> MitbadakError | None:
    """Why arguments cannot be bound; None if they can."""
    owner, parameters, args = _bound(function, args)
    names = [p.name for p in parameters if p.kind is not p.VAR_POSITIONAL]
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters)
    for option in options:
        if option not in names and not takes_any:
            return unknown_name(f"argument of {owner}", option, names)
    by_place = [
        p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    takes_more = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    if len(args) > len(by_place) and not takes_more:
        listed = ", ".join(by_place) or "none"
        return DtypeError(
            f"{owner} takes {len(by_place)} arguments by position ({listed}); got {len(args)}"
            f"{_shown(args)}.{f' {remedy}' if remedy else ' Give the others by name.'}"
        )
    twice = [name for name in by_place[: len(args)] if name in options]
    if twice:
        return DtypeError(f"{owner} got {twice[0]} twice: by position and by name.")
    given = {*by_place[: len(args)], *options}
    missing = [p.name for p in parameters
               if p.default is p.empty and p.name not in given
               and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]  # fmt: skip
    if missing:
        return DtypeError(f"{owner} needs {', '.join(missing)}; it takes {', '.join(names)}.")
    return None
