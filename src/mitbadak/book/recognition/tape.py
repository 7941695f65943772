"""The tape: what f computes from one array, operation by operation, with the values it had.

An array that is traced is none of NumPy's, so nothing that looks at its entries goes unnoticed: f
computes with it through NumPy's protocols, which the tape records, and whatever else f does with it
is refused. A refusal stays on the tape, even if f catches the error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

import numpy as np

from mitbadak.book.recognition.words import reason
from mitbadak.core.errors import MitbadakError

KINDS_OF_VALUES = "fbiu"


class UntraceableError(MitbadakError):
    """What f does cannot be followed.

    Attributes:
        why: a key of ``words.REASONS``.
        what: what is named in it, such as a function.
    """

    def __init__(self, why: str, what: str = ""):
        super().__init__(f"f cannot be followed: {reason(why, what)}.")
        self.why, self.what = why, what


@dataclass(eq=False)
class Node:
    """One operation: ``function(*args, **options)``.

    Attributes:
        number: its place on the tape.
        kind: ``input``, ``elementwise``, ``rowwise``, ``reduce``, ``matmul``, ``transpose``,
            ``reshape`` or ``index``.
        function, args, options: the call; an argument is a node or a constant.
        value: the array that it gave.
    """

    number: int
    kind: str
    function: Callable[..., Any]
    args: tuple[Any, ...]
    options: dict[str, Any]
    value: np.ndarray

    @property
    def sources(self) -> Iterator[Node]:
        """The arguments that are nodes."""
        return (arg for arg in self.args if isinstance(arg, Node))


@dataclass(eq=False)
class Tape:
    """The operations that one run of f recorded.

    Attributes:
        nodes: in the order of their execution; the first is the array itself.
        refused: why the run cannot be followed; None while it can.
        numbers: nodes that became plain numbers, in the order in which they did.
    """

    nodes: list[Node] = field(default_factory=list)
    refused: UntraceableError | None = None
    numbers: list[Node] = field(default_factory=list)

    def start(self, x: np.ndarray) -> Node:
        """The node of the traced array itself."""
        return self._append("input", np.copy, (), {}, np.array(x))

    def refuse(self, why: str, what: str = "") -> NoReturn:
        """Give up; the first reason is kept.

        Raises:
            UntraceableError: always.
        """
        self.refused = self.refused or UntraceableError(why, what)
        raise self.refused

    def record(
        self, kind: str, function: Callable[..., Any], args: tuple[Any, ...], options: Any = None
    ) -> Node:
        """Run one operation on the values of its arguments, and keep it.

        Raises:
            UntraceableError: the result holds no real numbers in double precision.
        """
        options = options or {}
        kept = tuple(arg if isinstance(arg, Node) else constant(arg) for arg in args)
        with np.errstate(all="ignore"):
            value = function(*(a.value if isinstance(a, Node) else a for a in kept), **options)
        if not isinstance(value, (np.ndarray, np.generic)):
            self.refuse("operation", name_of(function))
        return self._append(kind, function, kept, options, np.array(value))

    def _append(
        self, kind: str, function: Any, args: tuple[Any, ...], options: Any, value: np.ndarray
    ) -> Node:
        if value.dtype.kind not in KINDS_OF_VALUES:
            self.refuse("dtype", str(value.dtype))
        if value.dtype.kind == "f" and value.dtype != np.float64:
            self.refuse("dtype", str(value.dtype))
        value.flags.writeable = False
        node = Node(len(self.nodes), kind, function, args, options, value)
        self.nodes.append(node)
        return node


def constant(value: Any) -> Any:
    """A constant as the tape keeps it: f may go on to change its arrays."""
    if isinstance(value, np.ndarray):
        return np.array(value)
    if isinstance(value, (list, tuple)) and not _is_index(value):
        return np.asarray(value)
    return value


def _is_index(value: Any) -> bool:
    return any(v is None or v is Ellipsis or isinstance(v, (slice, np.ndarray)) for v in value)


def name_of(function: Any) -> str:
    """A function's name as users write it.

    Example:
        >>> name_of(np.exp)
        'np.exp'
    """
    name = getattr(function, "__name__", repr(function))
    inside = isinstance(function, np.ufunc) or str(getattr(function, "__module__", "")).startswith(
        "numpy"
    )
    return f"np.{name}" if inside else name
