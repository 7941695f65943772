"""How results show themselves: in one line, with arrays by their shapes."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from mitbadak.core.errors import brief

FEW = 4  # entries that are shown one by one
MOST_SHOWN = 60  # characters of a value


def concise(value: Any) -> str:
    """A value in a few words: of many entries their number, of a large array its shape.

    Example:
        >>> print(concise(np.array([0.5, 2])), concise(np.zeros((50, 4))), concise("a" * 3))
        [0.5, 2] float64 of shape (50, 4) 'aaa'
        >>> print(concise(tuple("abcdefg")), concise({"W1": np.zeros(2)}))
        7 entries W1
    """
    if isinstance(value, np.ndarray):
        if value.ndim < 2 and value.size <= FEW and value.dtype.kind in "iuf":
            return str(value.tolist()) if value.dtype.kind != "f" else _numbers(value)
        return f"{value.dtype} of shape {value.shape}"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Mapping):
        return ", ".join(map(str, value)) if len(value) <= FEW else f"{len(value)} entries"
    is_several = isinstance(value, Collection) and not isinstance(value, (str, bytes))
    if is_several and (len(value) > FEW or any(map(dataclasses.is_dataclass, value))):
        return f"{len(value)} entries"
    return brief(value, MOST_SHOWN)


def brief_text(text: str, characters: int = 90) -> str:
    """A text that is cut if it is long.

    Example:
        >>> brief_text("images of 28 x 28, divided by 255", 20)
        'images of 28 x 28...'
    """
    return text if len(text) <= characters else f"{text[: characters - 3]}..."


def _numbers(array: np.ndarray) -> str:
    shown = ", ".join(f"{number:.6g}" for number in np.atleast_1d(array))
    return f"[{shown}]" if array.ndim else shown


class Concise:
    """Base of dataclasses that show what was set: ``@dataclass(repr=False)``.

    Example:
        >>> @dataclasses.dataclass(repr=False)
        ... class Measured(Concise):
        ...     values: np.ndarray
        ...     unit: str = "m"
        >>> Measured(np.zeros((3, 2))), Measured(np.array([1.0]), "s")
        (Measured(values=float64 of shape (3, 2)), Measured(values=[1], unit='s'))
    """

    __slots__ = ()

    def __repr__(self) -> str:
        shown = []
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name, None)
            if field.repr and not _is_default(value, field):
                shown.append(f"{field.name}={concise(value)}")
        return f"{type(self).__name__}({', '.join(shown)})"


def _is_default(value: Any, field: dataclasses.Field[Any]) -> bool:
    if field.default_factory is not dataclasses.MISSING:
        return isinstance(value, Collection) and not len(value)
    default = field.default
    return value is default or (type(value) is type(default) and value == default)
