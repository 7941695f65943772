"""The state of following code: names by scope, loops, and how far it may go."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from mitbadak.doctor.code.names import STAR_NAMES, canonical
from mitbadak.doctor.code.source import Source
from mitbadak.doctor.code.trace import Trace
from mitbadak.doctor.code.values import NONE, OUTSIDE, Value, unknown

MOST_STEPS = 80_000  # expressions and statements; a script of the notes takes some thousands
MOST_DEPTH = 9  # calls within calls that are followed


class OutOfStepsError(Exception):
    """The code was followed as far as it may be."""


@dataclass(eq=False)
class Frame:
    """The names of a module, class or call."""

    names: dict[str, Value] = field(default_factory=dict)
    parent: Frame | None = None
    function: Any = None
    arguments: frozenset[int] = frozenset()
    returned: list[Value] = field(default_factory=list)
    globals: set[str] = field(default_factory=set)
    is_class: bool = False
    caller: Frame | None = None


class Machine:
    """What all parts of the interpreter share."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.trace = Trace(source)
        self.module = Frame()
        self.frame = self.module
        self.values = self.trace.values
        self.loops: list[tuple[int, frozenset[str]]] = []
        self.guards: list[str] = []
        self.stars: list[str] = []
        self.called: set[ast.AST] = set()
        self.functions: list[Value] = []
        self.classes: list[Value] = []
        self.steps = 0
        self.depth = 0

    # What the other parts bring.
    def evaluate(self, node: ast.expr) -> Value:
        """The value of an expression."""
        raise NotImplementedError

    def run(self, body: Sequence[ast.stmt]) -> bool:
        """Follow statements; False if what comes after them is not reached."""
        raise NotImplementedError

    def assign(self, target: ast.expr, value: Value) -> None:
        """Give a value to a target."""
        raise NotImplementedError

    def call_value(
        self, node: ast.Call, callee: Value, arguments: list[Value], keywords: dict[str, Value]
    ) -> Value:
        """The result of a call."""
        raise NotImplementedError

    def binary(
        self, node: ast.expr, kind: str, left: Value, right: Value,
        nodes: tuple[ast.expr, ast.expr] | None = None,
    ) -> Value:  # fmt: skip
        """The result of an operation."""
        raise NotImplementedError

    def count_step(self) -> None:
        """One more step.

        Raises:
            OutOfStepsError: there were enough.
        """
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise OutOfStepsError

    @property
    def loop_ids(self) -> tuple[int, ...]:
        """The loops around the current statement, from outside in."""
        return tuple(number for number, _ in self.loops)

    def look_up(self, name: str, node: ast.AST) -> Value:
        """The value of a name; one that the file never defines is taken for a library's."""
        frame: Frame | None = self.frame
        while frame is not None:
            if name in frame.names and not (frame.is_class and frame is not self.frame):
                return frame.names[name]
            frame = frame.parent
        for star in self.stars if not hasattr(builtins, name) else ():
            if star != "numpy" or name in STAR_NAMES:
                full = canonical(f"{star}.{name}")
                return Value(OUTSIDE, name=full, node=node)
        return Value(OUTSIDE, name=canonical(name), node=node)

    def is_known(self, name: str) -> bool:
        """Whether the file has given a value to a name that is visible here."""
        frame: Frame | None = self.frame
        while frame is not None:
            if name in frame.names:
                return True
            frame = frame.parent
        return False

    def bind(self, name: str, value: Value) -> None:
        """Give a value to a name."""
        if name in self.frame.globals:
            frame: Frame | None = self.frame.parent
            while frame is not None and frame.parent is not None and name not in frame.names:
                frame = frame.parent
            (frame or self.module).names[name] = value
        else:
            self.frame.names[name] = value

    def constant_name(self, dotted: str, node: ast.AST) -> Value:
        """What a library's name stands for."""
        return Value(OUTSIDE, name=canonical(dotted), node=node)

    @contextmanager
    def loop(self, number: int, names: frozenset[str]) -> Iterator[None]:
        """Inside of a loop whose targets are ``names``."""
        self.loops.append((number, names))
        try:
            yield
        finally:
            self.loops.pop()

    @contextmanager
    def guarded(self, test: str) -> Iterator[None]:
        """Where an undecided condition holds."""
        self.guards.append(test)
        try:
            yield
        finally:
            self.guards.pop()

    def new(self, node: ast.AST | None = None) -> Value:
        """A value of which nothing is known."""
        return unknown(node, loops=self.loop_ids)

    def nothing(self, node: ast.AST | None = None) -> Value:
        """None."""
        return Value(NONE, const=None, node=node)
