"""Following a whole file: first as it would run, then what nothing in it calls."""

from __future__ import annotations

import ast

from mitbadak.doctor.code.machine import MOST_STEPS, Machine, OutOfStepsError
from mitbadak.doctor.code.source import Source
from mitbadak.doctor.code.statements import Statements
from mitbadak.doctor.code.trace import Trace
from mitbadak.doctor.code.values import CLASS, FUNCTION, INSTANCE, Value, unknown

FOR_EACH_FUNCTION = 8_000  # steps, for what nothing calls
MOST_FUNCTIONS = 300
FOR_ALL_FUNCTIONS = 160_000  # steps


class Interpreter(Statements, Machine):
    """Follows code with values of which only some facts are known."""

    def follow(self) -> Trace:
        """Everything that happens in the file."""
        self.left = FOR_ALL_FUNCTIONS
        self._within(MOST_STEPS, lambda: self.run(self.source.tree.body))
        for _ in range(3):  # functions may define functions
            for function in self._uncalled():
                if self.left > 0:
                    self._within(FOR_EACH_FUNCTION, lambda f=function: self._try(f))
                    self.left -= self.steps - (MOST_STEPS - FOR_EACH_FUNCTION)
        return self.trace

    def _within(self, steps: int, action: object) -> None:
        self.steps = max(0, MOST_STEPS - steps)
        self.frame, self.loops, self.guards, self.depth = self.module, [], [], 0
        try:
            if callable(action):
                action()
        except OutOfStepsError:
            return

    def _uncalled(self) -> list[Value]:
        functions = [f for f in self.functions if f.definition not in self.called]
        owners = {
            id(member.definition): of
            for of in self.classes for member in of.attributes.values()
            if member.kind == FUNCTION
        }  # fmt: skip
        result = []
        for function in functions[:MOST_FUNCTIONS]:
            of = owners.get(id(function.definition))
            result.append(function if of is None else function.like(owner=self._instance(of)))
        return result

    def _instance(self, of: Value) -> Value:
        """One object of a class, the same for all its methods."""
        if "instance" not in of.items:
            made = Value(INSTANCE, owner=of, name=f"object {of.definition.name}")
            of.items["instance"] = made
            start = self.member(made, "__init__")
            if start is not None and of.kind == CLASS:
                self._within(FOR_EACH_FUNCTION, lambda: self._try(start))
        return of.items["instance"]

    def _try(self, function: Value) -> None:
        place = function.definition
        node = ast.Call(ast.Name("_"), [], [], lineno=place.lineno, col_offset=0)
        args = function.definition.args
        required = len(args.posonlyargs) + len(args.args) - len(args.defaults)
        given = [unknown(node) for _ in range(required - (function.owner is not None))]
        self._followed(node, function, given, {})


def follow(source: Source) -> Trace:
    """Everything that happens in a file, without running it."""
    return Interpreter(source).follow()
