"""Many forms of every call in the table: other options, other arrays, arguments by their names.

A recorder in place of ``np`` records the calls of the table. Each record is then changed in one
place, sensibly or not, to compare variables with NumPy on unusual arguments.
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

# Values for any option of any function; most are invalid for most options.
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
class RecordedCall:
    """One call of a NumPy function, with variables for the arrays that are differentiated."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    options: dict[str, Any]

    @property
    def name(self) -> str:
        return numpy_name(self.function)

    def with_arrays(self, change: Callable[[np.ndarray], np.ndarray]) -> RecordedCall:
        """The same call with other arrays."""
        args, options = over_variables(
            (self.args, self.options), lambda v: Variable(change(v.value))
        )
        return RecordedCall(self.function, args, options)

    def value(self, of: Callable[[Variable], Any]) -> Any:
        """The result of the call, with ``of(v)`` in place of every variable v."""
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
    """Replaces ``np`` or one of its modules, and records calls of differentiable functions."""

    def __init__(self, module: ModuleType, records: list[RecordedCall]):
        self._module, self._records = module, records

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._module, name)
        if isinstance(real, ModuleType):
            return Recorder(real, self._records)
        if not callable(real) or kind_of(real)[0] != "differentiable":
            return real

        def recorded(*args: Any, **options: Any) -> Any:
            self._records.append(RecordedCall(real, args, options))
            return real(*args, **options)

        return recorded


def recorded_calls(call: Call) -> list[RecordedCall]:
    """The calls of NumPy functions on variables that one entry of the table makes."""
    records: list[RecordedCall] = []
    with quiet():
        call.f(Recorder(np, records), *map(Variable, call.at))
    return [record for record in records if variables_of(record)]


def variables_of(record: RecordedCall) -> list[Variable]:
    """The variables among the arguments of a call."""
    variables: list[Variable] = []
    over_variables((record.args, record.options), variables.append)
    return variables


def other_arrays(ndim: int) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """Replacements for the arrays of a call, which have at most ``ndim`` axes."""

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
        "transposed": np.transpose,
        "empty": lambda a: np.zeros((0,) * max(a.ndim, 1)),
        **{f"axis {i} empty": emptied(i) for i in range(ndim)},
    }


def spellings(record: RecordedCall) -> Iterator[tuple[str, RecordedCall]]:
    """A call as it is, by keyword, and with its keywords in another order."""
    yield "as it is", record
    yield from _other_spellings(record)


def with_other_arrays(record: RecordedCall) -> Iterator[tuple[str, RecordedCall]]:
    """The same call with arrays of another dtype, shape or layout, empty, or with NaN."""
    ndim = max(v.ndim for v in variables_of(record))
    for label, change in other_arrays(ndim).items():
        with quiet():
            yield label, record.with_arrays(change)


def with_other_options(record: RecordedCall) -> Iterator[tuple[str, RecordedCall]]:
    """A call with every option at every value, one at a time."""
    for name in options_of(record):
        for label, value in VALUES.items():
            yield f"{name}={label}", _with_option(record, name, value)


def records_by_name(table: Table, most: int) -> dict[str, list[RecordedCall]]:
    """The recorded calls of every function in the table, at most ``most`` for each."""
    records: dict[str, list[RecordedCall]] = {}
    for call in (call for calls in table.values() for call in calls if known_here(call)):
        for record in recorded_calls(call):
            kept = records.setdefault(record.name, [])
            if len(kept) < most:
                kept.append(record)
    return records


def _other_spellings(record: RecordedCall) -> Iterator[tuple[str, RecordedCall]]:
    bound = _bound(record)
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
    yield "by keyword", RecordedCall(record.function, tuple(args), options)
    yield (
        "keywords in another order",
        RecordedCall(record.function, tuple(args), dict(reversed(options.items()))),
    )


def _bound(record: RecordedCall) -> inspect.BoundArguments | None:
    """A call's arguments by NumPy's own names, or None where they have none."""
    if isinstance(record.function, np.ufunc):
        return None
    try:
        return inspect.signature(record.function).bind(*record.args, **record.options)
    except (TypeError, ValueError):
        return None


def options_of(record: RecordedCall) -> list[str]:
    """The names of the arguments in which a call holds no variable."""
    if isinstance(record.function, np.ufunc):
        return list(KEYWORDS_OF_UFUNCS)
    bound = _bound(record)
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


def _with_option(record: RecordedCall, name: str, value: Any) -> RecordedCall:
    bound = _bound(record)
    if bound is None:
        return RecordedCall(record.function, record.args, {**record.options, name: value})
    positional = list(bound.signature.parameters)
    place = positional.index(name)
    if place < len(record.args):
        args = (*record.args[:place], value, *record.args[place + 1 :])
        return RecordedCall(record.function, args, record.options)
    return RecordedCall(record.function, record.args, {**record.options, name: value})
