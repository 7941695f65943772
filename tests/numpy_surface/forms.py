"""Many forms of every call in the table: other options, other arrays, arguments by their names.

A recorder in the place of ``np`` notes what the table calls. Each note is then changed in one
place, sensibly or not, so that variables can be held to NumPy on arrays far from the usual.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from mitbadak.functions.differentiable import kind_of, numpy_name
from mitbadak.graph import Variable
from numpy_surface.calls import Call, Table, known_here, quiet

Arguments = tuple[tuple[Any, ...], dict[str, Any]]

# For any option of any function: most of them are wrong for most of them.
VALUES: dict[str, Any] = {
    **{repr(n): n for n in (-1, 0, 1, 2, 5, -5, 2.5, -50.0, 150.0, float("nan"))},
    **{repr(text): text for text in ("A", "C", "F", "K", "X", "lower", "same", "wrap")},
    **{repr(at): at for at in ((), (0, 1), (0, 0), (-1, 0), [1, 2])},
    **{repr(flag): flag for flag in (None, True, False)},
    **{f"np.{t.__name__}": t for t in (np.float16, np.float32, np.float64, np.int64)},
    "an array": np.array([0.25, 0.75]),
    "one number as an array": np.array(1),
}
KEYWORDS_OF_UFUNCS = ("axis", "axes", "keepdims", "dtype", "casting", "order", "subok")
NO_OPTION = ("out", "like", "kwargs", "kw")


@dataclass(frozen=True)
class Noted:
    """One call of a NumPy function: variables stand where the table differentiates."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    options: dict[str, Any]

    @property
    def name(self) -> str:
        return numpy_name(self.function)

    def with_arrays(self, change: Callable[[np.ndarray], np.ndarray]) -> Noted:
        """The same call of other arrays."""
        args, options = over_variables(
            (self.args, self.options), lambda v: Variable(change(v.value))
        )
        return Noted(self.function, args, options)

    def value(self, of: Callable[[Variable], Any]) -> Any:
        """What the function gives for arguments made of the variables."""
        args, options = over_variables((self.args, self.options), of)
        return self.function(*args, **options)


def over_variables(argument: Any, change: Callable[[Variable], Any]) -> Any:
    """An argument, or a list, tuple or dictionary of some, with every variable changed."""
    if isinstance(argument, Variable):
        return change(argument)
    if type(argument) in (list, tuple):
        return type(argument)(over_variables(part, change) for part in argument)
    if isinstance(argument, dict):
        return {name: over_variables(part, change) for name, part in argument.items()}
    return argument


class Recorder:
    """Stands for ``np`` or one of its modules, and notes calls of differentiable functions."""

    def __init__(self, module: ModuleType, notes: list[Noted]):
        self._module, self._notes = module, notes

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._module, name)
        if isinstance(real, ModuleType):
            return Recorder(real, self._notes)
        if not callable(real) or kind_of(real)[0] != "differentiable":
            return real

        def noted(*args: Any, **options: Any) -> Any:
            self._notes.append(Noted(real, args, options))
            return real(*args, **options)

        return noted


def noted(call: Call) -> list[Noted]:
    """The calls of NumPy's functions of variables that one entry of the table makes."""
    notes: list[Noted] = []
    with quiet():
        call.f(Recorder(np, notes), *map(Variable, call.at))
    return [note for note in notes if variables_of(note)]


def variables_of(note: Noted) -> list[Variable]:
    """The variables among the arguments of a call."""
    variables: list[Variable] = []
    over_variables((note.args, note.options), variables.append)
    return variables


def other_arrays(ndim: int) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """Arrays to take in the place of those of the table, of up to that many axes."""

    def emptied(axis: int) -> Callable[[np.ndarray], np.ndarray]:
        def change(a: np.ndarray) -> np.ndarray:
            return a[(slice(None),) * axis + (slice(0),)] if axis < a.ndim else a

        return change

    return {
        "float16": lambda a: a.astype(np.float16),
        "float32": lambda a: a.astype(np.float32),
        "Fortran order": lambda a: np.asfortranarray(a) if a.ndim else a,
        "NaN": lambda a: np.full_like(a, np.nan),
        "a NaN": lambda a: np.where(np.arange(a.size).reshape(a.shape) == 1, np.nan, a),
        "infinite": lambda a: np.full_like(a, np.inf),
        "large float16": lambda a: np.full(a.shape, 3e4, np.float16),
        "equal": np.ones_like,
        "zero": np.zeros_like,
        "one entry": lambda a: np.full((1,) * a.ndim, a.flat[0] if a.size else 1.0),
        "a number": lambda a: np.asarray(a.flat[0] if a.size else 1.0),
        "one axis": np.ravel,
        "another axis": lambda a: a[None],
        "turned": np.transpose,
        "empty": lambda a: np.zeros((0,) * max(a.ndim, 1)),
        **{f"axis {i} empty": emptied(i) for i in range(ndim)},
    }


def spellings(note: Noted) -> Iterator[tuple[str, Noted]]:
    """A call as it is, by keyword, and with its keywords in another order."""
    yield "as it is", note
    yield from _other_spellings(note)


def with_other_arrays(note: Noted) -> Iterator[tuple[str, Noted]]:
    """The same call of coarser, turned, flat, odd and empty arrays."""
    ndim = max(v.ndim for v in variables_of(note))
    for label, change in other_arrays(ndim).items():
        with quiet():
            yield label, note.with_arrays(change)


def with_other_options(note: Noted) -> Iterator[tuple[str, Noted]]:
    """A call with every option at every value, one at a time."""
    for name in options_of(note):
        for label, value in VALUES.items():
            yield f"{name}={label}", _with_option(note, name, value)


def notes_by_name(table: Table, most: int) -> dict[str, list[Noted]]:
    """The calls of every function in the table, at most so many for each."""
    notes: dict[str, list[Noted]] = {}
    for call in (call for calls in table.values() for call in calls if known_here(call)):
        for note in noted(call):
            kept = notes.setdefault(note.name, [])
            if len(kept) < most:
                kept.append(note)
    return notes


def _other_spellings(note: Noted) -> Iterator[tuple[str, Noted]]:
    bound = _bound(note)
    if bound is None:
        return
    args, options = [], {}
    for name, value in bound.arguments.items():
        kind = bound.signature.parameters[name].kind
        if kind is inspect.Parameter.POSITIONAL_OR_KEYWORD:
            options[name] = value
        elif kind is inspect.Parameter.VAR_POSITIONAL:
            return
        elif kind is inspect.Parameter.VAR_KEYWORD:
            options.update(value)
        elif kind is inspect.Parameter.KEYWORD_ONLY:
            options[name] = value
        else:
            args.append(value)
    yield "by keyword", Noted(note.function, tuple(args), options)
    yield (
        "keywords in another order",
        Noted(note.function, tuple(args), dict(reversed(options.items()))),
    )


def _bound(note: Noted) -> inspect.BoundArguments | None:
    """A call's arguments by NumPy's own names, or None where NumPy tells no names."""
    if isinstance(note.function, np.ufunc):
        return None
    try:
        return inspect.signature(note.function).bind(*note.args, **note.options)
    except (TypeError, ValueError):
        return None


def options_of(note: Noted) -> list[str]:
    """The names of the arguments in which a call holds no variable."""
    if isinstance(note.function, np.ufunc):
        return list(KEYWORDS_OF_UFUNCS)
    bound = _bound(note)
    if bound is None:
        return []
    taken = []
    for name, value in bound.arguments.items():
        over_variables(value, lambda v, name=name: taken.append(name))
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return [
        name
        for name, parameter in bound.signature.parameters.items()
        if parameter.kind in kinds and name not in taken and name not in NO_OPTION
    ]


def _with_option(note: Noted, name: str, value: Any) -> Noted:
    bound = _bound(note)
    if bound is None:
        return Noted(note.function, note.args, {**note.options, name: value})
    positional = list(bound.signature.parameters)
    place = positional.index(name)
    if place < len(note.args):
        args = (*note.args[:place], value, *note.args[place + 1 :])
        return Noted(note.function, args, note.options)
    return Noted(note.function, note.args, {**note.options, name: value})
