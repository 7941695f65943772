"""What a page may send: fields with a type and a range, everything else refused by its name.

A message is a JSON object. Each view has one table of fields for its settings and one per kind
of message; nothing that is not in a table reaches a view.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from mitbadak.core.errors import MitbadakError, brief

SHOWN = 60  # characters of a refused value in a message


class RefusedError(MitbadakError, ValueError):
    """A message from a page that is not one of the allowed ones."""


@runtime_checkable
class Field(Protocol):
    """A type of value, with its default."""

    @property
    def default(self) -> Any: ...

    def check(self, name: str, value: Any) -> Any:
        """``value`` as the view gets it.

        Raises:
            RefusedError: it is not allowed here.
        """
        ...


Fields = Mapping[str, Field]


@dataclass(frozen=True)
class Number:
    """A finite number from ``least`` to ``most``.

    Example:
        >>> Number(0.0, 1.0, 0.5).check("noise", 1)
        1.0
    """

    least: float
    most: float
    default: float

    def check(self, name: str, value: Any) -> float:
        """The number as a float."""
        fits = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not fits or not math.isfinite(value) or not self.least <= value <= self.most:
            raise _refused(name, value, f"a number from {self.least:g} to {self.most:g}")
        return float(value)


@dataclass(frozen=True)
class Whole:
    """A whole number from ``least`` to ``most``.

    Example:
        >>> Whole(1, 64, 4).check("units", 8.0)
        8
    """

    least: int
    most: int
    default: int

    def check(self, name: str, value: Any) -> int:
        """The number as an int; JSON of a browser may write 8 as 8.0."""
        number = Number(self.least, self.most, self.default)
        expected = f"a whole number from {self.least} to {self.most}"
        try:
            given = number.check(name, value)
        except RefusedError:
            raise _refused(name, value, expected) from None
        if given != int(given):
            raise _refused(name, value, expected)
        return int(given)


@dataclass(frozen=True)
class Choice:
    """One of a few words.

    Example:
        >>> Choice(("relu", "tanh"), "tanh").check("activation", "relu")
        'relu'
    """

    known: Sequence[str]
    default: str

    def check(self, name: str, value: Any) -> str:
        """The word itself."""
        if not isinstance(value, str) or value not in self.known:
            raise _refused(name, value, f"one of {', '.join(self.known)}")
        return value


@dataclass(frozen=True)
class Choices:
    """Several different words of a few, at least ``least``, in the order of the table.

    Example:
        >>> Choices(("x1", "x2"), ("x1",)).check("features", ["x2", "x1"])
        ['x1', 'x2']
    """

    known: Sequence[str]
    default: Sequence[str]
    least: int = 1

    def check(self, name: str, value: Any) -> list[str]:
        """The words, each once."""
        fits = isinstance(value, list) and len(value) <= len(self.known)
        if not fits or not all(isinstance(v, str) and v in self.known for v in value):
            raise _refused(name, value, f"a list of {', '.join(self.known)}")
        if len(set(value)) < self.least:
            raise _refused(name, value, f"at least {self.least} of {', '.join(self.known)}")
        return [word for word in self.known if word in value]


@dataclass(frozen=True)
class Flag:
    """True or false.

    Example:
        >>> Flag(False).check("bias", True)
        True
    """

    default: bool

    def check(self, name: str, value: Any) -> bool:
        """The truth value itself; numbers are none."""
        if not isinstance(value, bool):
            raise _refused(name, value, "true or false")
        return value


@dataclass(frozen=True)
class Text:
    """A text of at most ``most`` characters.

    Example:
        >>> Text(200).check("formula", "x1 > x2")
        'x1 > x2'
    """

    most: int
    default: str = ""

    def check(self, name: str, value: Any) -> str:
        """The text itself."""
        if not isinstance(value, str) or len(value) > self.most or "\0" in value:
            raise _refused(name, value, f"a text of at most {self.most:,} characters")
        return value


@dataclass(frozen=True)
class Rows:
    """Up to ``most`` rows of ``width`` finite numbers between ``-limit`` and ``limit``.

    Example:
        >>> Rows(3, 100).check("points", [[0, 1, 2.5]])
        [[0.0, 1.0, 2.5]]
    """

    width: int
    most: int
    limit: float = 1e6
    default: Sequence[Sequence[float]] = ()

    def check(self, name: str, value: Any) -> list[list[float]]:
        """The rows as lists of floats."""
        expected = f"at most {self.most:,} rows of {self.width} numbers"
        if not isinstance(value, list) or len(value) > self.most:
            raise _refused(name, value, expected)
        number = Number(-self.limit, self.limit, 0.0)
        for row in value:
            if not isinstance(row, list) or len(row) != self.width:
                raise _refused(name, row, expected)
        return [[number.check(name, entry) for entry in row] for row in value]


@dataclass(frozen=True)
class Records:
    """A list of ``least`` to ``most`` objects with the same fields.

    Example:
        >>> Records({"units": Whole(1, 64, 4)}, 3).check("layers", [{"units": 2}])
        [{'units': 2}]
    """

    fields: Fields
    most: int
    default: Sequence[Mapping[str, Any]] = ()
    least: int = 0

    def check(self, name: str, value: Any) -> list[dict[str, Any]]:
        """The objects, with defaults for the fields that they leave out."""
        if not isinstance(value, list) or not self.least <= len(value) <= self.most:
            raise _refused(name, value, f"a list of {self.least} to {self.most} objects")
        return [
            {**defaults(self.fields), **checked(f"{name}[{number}]", self.fields, record)}
            for number, record in enumerate(value)
        ]


def defaults(fields: Fields) -> dict[str, Any]:
    """The default of every field, as values that may be changed.

    Example:
        >>> defaults({"noise": Number(0, 1, 0.1), "features": Choices(("x1", "x2"), ("x1",))})
        {'noise': 0.1, 'features': ['x1']}
    """
    return {name: _plain(field.default) for name, field in fields.items()}


def checked(owner: str, fields: Fields, values: Any) -> dict[str, Any]:
    """The given fields, each checked.

    Args:
        owner: what they belong to, for messages.
        fields: the table.
        values: an object from JSON; fields may be left out.

    Raises:
        RefusedError: it is no object, a field is unknown, or a value is not allowed.

    Example:
        >>> checked("settings", {"lr": Number(0, 10, 0.03)}, {"lr": 1})
        {'lr': 1.0}
        >>> checked("settings", {"lr": Number(0, 10, 0.03)}, {"rate": 1})
        Traceback (most recent call last):
            ...
        mitbadak.lab.schema.RefusedError: settings has no field 'rate'. Known: lr.
    """
    if not isinstance(values, dict):
        raise _refused(owner, values, "an object")
    for name in values:
        if name not in fields:
            known = ", ".join(fields) or "none"
            raise RefusedError(f"{owner} has no field {brief(name, SHOWN)}. Known: {known}.")
    return {name: fields[name].check(f"{owner}.{name}", value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    """Nested tuples and mappings as lists and dicts."""
    if isinstance(value, Mapping):
        return {name: _plain(entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    return value


def _refused(name: str, value: Any, expected: str) -> RefusedError:
    return RefusedError(f"{name} must be {expected}; got {brief(value, SHOWN)}.")
