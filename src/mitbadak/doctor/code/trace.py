"""What happened while the code was followed: the events that the rules look at."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from mitbadak.doctor.code.source import Source
from mitbadak.doctor.code.values import Value

E = TypeVar("E")


@dataclass(frozen=True)
class Update:
    """``target`` became ``before + sign * step``.

    Attributes:
        node: the statement.
        target: the expression that was assigned.
        terms: sign, expression and value of everything that was added to ``before``.
        in_place: by ``+=`` or ``-=``, so that an array keeps its memory.
        arguments: the objects that the function around it was given.
        loops: the loops around it, from outside in, without those over keys of the target.
        container: the dict or list in which it lies.
    """

    node: ast.stmt
    target: ast.expr
    before: Value
    after: Value
    terms: tuple[tuple[int, ast.expr, Value], ...]
    in_place: bool
    function: Any
    arguments: frozenset[int]
    loops: tuple[int, ...]
    container: Value | None = None


@dataclass(frozen=True)
class Overwritten:
    """A step was assigned to the value for which it was computed."""

    node: ast.Assign
    target: ast.expr
    expression: ast.expr


@dataclass(frozen=True)
class Alias:
    """``target = value`` gave a second name to an array."""

    node: ast.Assign
    name: str
    old_name: str
    value: Value
    function: Any


@dataclass(frozen=True)
class Assigned:
    """A value got a name, or was appended to a list of that name."""

    node: ast.stmt
    name: str
    value: Value


@dataclass(frozen=True)
class Stored:
    """``target[...] = value``, into an array."""

    node: ast.stmt
    target: ast.expr
    array: Value
    value: Value


@dataclass(frozen=True)
class Call:
    """A call of any function or method, by the last part of its name."""

    node: ast.Call
    name: str
    full_name: str
    receiver: Value | None
    arguments: tuple[Value, ...]
    keywords: dict[str, Value]
    result: Value
    inlined: bool


@dataclass(frozen=True)
class Operation:
    """A binary operation; the matrix product of ``np.dot`` and ``@`` is ``MatMult``."""

    node: ast.expr
    kind: str
    left: Value
    right: Value
    result: Value


@dataclass(frozen=True)
class ArgMax:
    """The largest along an axis; ``guarded`` where the code asks for the axes before."""

    node: ast.Call
    value: Value
    axis: Any
    guarded: bool


@dataclass(frozen=True)
class SoftmaxOf:
    """A softmax, by name or written out, of ``value``; ``axis`` of the sum below."""

    node: ast.expr
    value: Value
    exponentials: Value | None
    sums: Value | None


@dataclass(frozen=True)
class OutsideName:
    """A name that comes from a library, such as ``numpy.int``."""

    node: ast.expr | ast.ImportFrom
    name: str


@dataclass(frozen=True)
class Returned:
    """What a function returned."""

    node: ast.stmt
    value: Value
    function: Any


@dataclass(frozen=True)
class Indexed:
    """``value[index]`` was read or written."""

    node: ast.Subscript
    value: Value
    index: Value


@dataclass
class Trace:
    """All events of one file, in the order in which they were met."""

    source: Source
    events: dict[type, list[Any]] = field(default_factory=dict)
    values: dict[ast.AST, Value] = field(default_factory=dict)
    _parents: dict[ast.AST, ast.AST] = field(default_factory=dict)

    def add(self, event: Any) -> None:
        """Note an event."""
        self.events.setdefault(type(event), []).append(event)

    def all(self, kind: type[E]) -> Iterator[E]:
        """The events of a kind."""
        return iter(self.events.get(kind, []))

    @functools.cached_property
    def aliases(self) -> dict[tuple[Any, str], list[Alias]]:
        """Second names of arrays, by function and name."""
        result: dict[tuple[Any, str], list[Alias]] = {}
        for alias in self.all(Alias):
            result.setdefault((alias.function, alias.name), []).append(alias)
        return result

    def place(self, line: int) -> dict[str, str]:
        """Evidence: where a line is, in both languages."""
        return {lang: self.source.line_in_words(line, lang[6:] or "en")
                for lang in ("place", "place_ko")}  # fmt: skip

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The expression or statement around a node."""
        if not self._parents:
            for above in ast.walk(self.source.tree):
                for child in ast.iter_child_nodes(above):
                    self._parents[child] = above
        return self._parents.get(node)

    def statement(self, node: ast.AST) -> ast.AST | None:
        """The statement in which an expression stands."""
        above: ast.AST | None = node
        while above is not None and not isinstance(above, ast.stmt):
            above = self.parent(above)
        return above

    def maker(self, value: Value) -> ast.expr | None:
        """The call in the file that returned a value, or what computed it."""
        value = value.attributes.get("probabilities", value).root
        node = value.node
        for event in self.all(Call):
            if event.result is value:
                return event.node
        return node if isinstance(node, ast.expr) else None
