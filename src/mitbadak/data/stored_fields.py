"""Frozen dataclasses from JSON values of a model file, every field checked."""

from __future__ import annotations

import dataclasses
import math
import sys
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from mitbadak.core.errors import FormatError

T = TypeVar("T")
Check = Callable[[Any], Any]


def read_fields(cls: type[T], value: Any, checks: Mapping[str, Check], what: str) -> T:
    """An instance of a dataclass from a JSON object with exactly its fields.

    Args:
        cls: the dataclass.
        value: the object.
        checks: for each field, what makes its value of the JSON value or raises a ValueError.
        what: what the object describes, for the message.

    Raises:
        FormatError: it is no such object.

    Example:
        >>> @dataclasses.dataclass(frozen=True)
        ... class Point:
        ...     x: float
        >>> read_fields(Point, {"x": 1}, {"x": real}, "a point")
        Point(x=1.0)
    """
    names = {field.name for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    if not isinstance(value, Mapping) or set(value) != names:
        raise FormatError(f"it does not describe {what}.")
    read = {}
    for name, content in value.items():
        try:
            read[name] = checks[name](content)
        except ValueError as problem:
            if isinstance(problem, FormatError):
                raise
            raise FormatError(f"{name} of {what} is invalid: {content!r:.60}.") from None
    return cls(**read)


def text(value: Any) -> str:
    """A text."""
    if not isinstance(value, str):
        raise ValueError
    return value


def yes_or_no(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError
    return value


def real(value: Any) -> float:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError
    if not abs(value) <= sys.float_info.max or math.isnan(value):
        raise ValueError
    return float(value)


def count(most: int) -> Check:
    """A whole number from 0 to a limit."""

    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            raise ValueError
        return value

    return check


def one_of(*known: str) -> Check:
    """One of a few texts."""

    def check(value: Any) -> str:
        if value not in known or not isinstance(value, str):
            raise ValueError
        return value

    return check


def tuple_of(check: Check) -> Check:
    """A list, as a tuple."""

    def check_all(value: Any) -> tuple:
        if not isinstance(value, (list, tuple)):
            raise ValueError
        return tuple(check(entry) for entry in value)

    return check_all
