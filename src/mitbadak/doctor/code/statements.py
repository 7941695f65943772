"""Following statements: names, branches, loops, functions and classes."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from mitbadak.doctor.code.calls import Calls
from mitbadak.doctor.code.machine import Frame
from mitbadak.doctor.code.names import BUILDS_ARRAY, SAME_MEMORY
from mitbadak.doctor.code.trace import Alias, Assigned, OutsideName, Returned, Stored
from mitbadak.doctor.code.updates import Updates
from mitbadak.doctor.code.values import (
    ARRAY,
    CLASS,
    DICT,
    FUNCTION,
    INSTANCE,
    LIST,
    TUPLE,
    UNKNOWN,
    Value,
    merged,
    unknown,
)

PASSES = 2  # over the body of a loop, so that what it changes meets its beginning again


class Statements(Updates, Calls):
    """One method per kind of statement."""

    def run(self, body: Sequence[ast.stmt]) -> bool:
        """Follow statements; False if what comes after them is not reached."""
        for statement in body:
            self.count_step()
            method = getattr(self, f"_do_{type(statement).__name__}", None)
            if method is not None and method(statement) is False:
                return False
        return True

    def _do_Expr(self, node: ast.Expr) -> None:
        self.evaluate(node.value)

    def _do_Assert(self, node: ast.Assert) -> None:
        self.evaluate(node.test)

    def _do_Raise(self, node: ast.Raise) -> bool:
        return False

    def _do_Break(self, node: ast.Break) -> bool:
        return False

    def _do_Continue(self, node: ast.Continue) -> bool:
        return False

    def _do_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            if alias.asname:
                self.bind(alias.asname, self.constant_name(alias.name, node))
            else:
                top = alias.name.split(".")[0]
                self.bind(top, self.constant_name(top, node))

    def _do_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        for alias in node.names:
            if alias.name == "*":
                self.stars.insert(0, module)
                continue
            found = self.constant_name(f"{module}.{alias.name}", node)
            self.trace.add(OutsideName(node, found.name))
            own = self.module.names.get(alias.asname or alias.name)
            if own is not None and own.kind == CLASS:
                continue  # a notebook imports what an earlier cell shows
            self.bind(alias.asname or alias.name, self.known_constant(found, ast.Name(alias.name)))

    def _do_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        value = Value(FUNCTION, definition=node, scope=self._scope(), node=node)
        kinds = {ast.unparse(d) for d in node.decorator_list}
        if kinds & {"staticmethod", "property"}:
            value = Value(FUNCTION if "staticmethod" in kinds else UNKNOWN, definition=node,
                          scope=self._scope(), node=node)  # fmt: skip
        self.functions.append(value)
        self.bind(node.name, value)

    def _do_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._do_FunctionDef(node)

    def _scope(self) -> Frame:
        frame = self.frame
        while frame.is_class and frame.parent is not None:
            frame = frame.parent
        return frame

    def _do_ClassDef(self, node: ast.ClassDef) -> None:
        bases = [self.evaluate(base) for base in node.bases]
        value = Value(CLASS, definition=node, node=node)
        for base in bases:
            if base.kind == CLASS:
                value.items["base"] = base
        outer = self.frame
        self.frame = Frame(parent=outer, function=outer.function, is_class=True)
        try:
            self.run(node.body)
            value.attributes = self.frame.names
        finally:
            self.frame = outer
        self.classes.append(value)
        self.bind(node.name, value)

    def _do_Return(self, node: ast.Return) -> bool:
        value = self.evaluate(node.value) if node.value else self.nothing(node)
        parts = value.items.values() if value.kind == TUPLE else [value]
        for part in parts:
            part.read = True
        if node.value is not None:
            self.note_step(node, node.value, value)
        self.trace.add(Returned(node, value, self.frame.function))
        self.frame.returned.append(value)
        return False

    def _do_Global(self, node: ast.Global | ast.Nonlocal) -> None:
        self.frame.globals.update(node.names)

    def _do_Nonlocal(self, node: ast.Nonlocal) -> None:
        self._do_Global(node)

    def _do_With(self, node: ast.With) -> bool:
        for item in node.items:
            value = self.evaluate(item.context_expr)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, unknown(value.node, [value]))
        return self.run(node.body)

    def _do_Try(self, node: ast.Try) -> None:
        self.run(node.body)
        for handler in node.handlers:
            with self.guarded("except"):
                self.run(handler.body)
        self.run(node.orelse)
        self.run(node.finalbody)

    def _do_If(self, node: ast.If) -> bool:
        test = self.evaluate(node.test).const
        if isinstance(test, (bool, int)):
            return self.run(node.body if test else node.orelse)
        before = dict(self.frame.names)
        with self.guarded(ast.unparse(node.test)):
            goes_on = self.run(node.body)
            then, self.frame.names = self.frame.names, dict(before)
            other = self.run(node.orelse)
        if not other:
            self.frame.names = then
        elif goes_on:
            self.frame.names = _joined(then, self.frame.names)
        return goes_on or other

    def _do_For(self, node: ast.For) -> None:
        self._without_reading(node.iter)
        names = frozenset(n.id for n in ast.walk(node.target) if isinstance(n, ast.Name))
        value = self.values[node.iter]
        elements = self.elements(value)
        many = len(elements) > 1 and "repeats" not in value.roles
        with self.loop(node.lineno, names):
            for element in elements if many else [e for e in elements for _ in range(PASSES)]:
                self.assign(node.target, element)
                self.run(node.body)
        self.run(node.orelse)

    def _without_reading(self, node: ast.expr) -> None:
        """Going over ``params``, ``params.items()`` or a ``zip`` of them does not use them."""
        names = [n for n in ast.walk(node) if isinstance(n, ast.Name)]
        values = [self.look_up(n.id, n) for n in names]
        before = [v.read for v in values]
        self.evaluate(node)
        for value, read in zip(values, before, strict=True):
            value.read = read

    def _do_AsyncFor(self, node: ast.AsyncFor) -> None:
        self._do_For(ast.For(node.target, node.iter, node.body, node.orelse, lineno=node.lineno))

    def _do_While(self, node: ast.While) -> None:
        with self.loop(node.lineno, frozenset()):
            for _ in range(PASSES):
                self.evaluate(node.test)
                self.run(node.body)
        self.run(node.orelse)

    def _do_Match(self, node: ast.Match) -> None:
        self.evaluate(node.subject)
        for case in node.cases:
            with self.guarded("case"):
                self.run(case.body)

    def _do_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.frame.names.pop(target.id, None)

    def _do_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._do_Assign(ast.copy_location(ast.Assign([node.target], node.value), node))

    def _do_Assign(self, node: ast.Assign) -> None:
        owned = [n for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)]
        before = [
            (v, v.read) for n in owned if self.is_known(n.id) for v in [self.look_up(n.id, n)]
        ]
        old = self._peek(node.targets[0])
        before += [] if old is None else [(old, old.read)]
        value = self.evaluate(node.value)
        self._give(node, value)
        for known, read in before:  # what it replaces or changes is not used by that
            known.read = read

    def _give(self, node: ast.Assign, value: Value) -> None:
        for target in node.targets:
            pairs = self._pairs_of(target, node.value, value)
            for one, expression, part in pairs:
                self._note_alias(node, one, expression, part)
                self.note_assignment(node, one, expression, part)
            self.assign(target, value)

    def _pairs_of(
        self, target: ast.expr, expression: ast.expr, value: Value
    ) -> list[tuple[ast.expr, ast.expr, Value]]:
        """``a, b = c, d`` as its two assignments."""
        if isinstance(target, (ast.Tuple, ast.List)) and isinstance(expression, ast.Tuple):
            parts = expression.elts
            values = [self.values.get(part) or self.new(part) for part in parts]
            if len(target.elts) == len(parts):
                return list(zip(target.elts, parts, values, strict=True))
        return [(target, expression, value)]

    def _note_alias(
        self, node: ast.Assign, target: ast.expr, expression: ast.expr, value: Value
    ) -> None:
        if not isinstance(target, ast.Name):
            return
        self.trace.add(Assigned(node, target.id, value))
        shared = value.kind in (ARRAY, UNKNOWN) and not value.name.startswith("object ")
        if isinstance(expression, ast.Name) and shared and expression.id != target.id:
            function = self.frame.function
            self.trace.add(Alias(node, target.id, expression.id, value, function))
        elif shared and value.base is not None and (inner := _viewed(expression)) is not None:
            function = self.frame.function
            self.trace.add(Alias(node, target.id, inner.id, value.base, function))

    def assign(self, target: ast.expr, value: Value) -> None:
        """Give a value to a target."""
        if isinstance(target, ast.Name):
            self.bind(target.id, value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target, value)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, unknown(of=[value]))
        elif isinstance(target, ast.Attribute):
            owner = self.evaluate(target.value)
            owner.attributes[target.attr] = value
            value.held = value.read = True
        elif isinstance(target, ast.Subscript):
            self._store(target, value)

    def _unpack(self, target: ast.Tuple | ast.List, value: Value) -> None:
        if value.kind in (TUPLE, LIST) and len(value.items) >= len(target.elts):
            parts = list(value.items.values())
        elif value.kind in (ARRAY, UNKNOWN, LIST, DICT):
            parts = [
                unknown(value.node, [value], roles=value.roles & {"gradient", "scaled"},
                        sign=value.sign, loops=value.loops)
                for _ in target.elts
            ]  # fmt: skip
        else:
            parts = [unknown(value.node, [value]) for _ in target.elts]
            if value.kind == "shape":
                parts = [self._length(value.attributes["of"], Value(const=k), target)
                         for k in range(len(target.elts))]  # fmt: skip
        for one, part in zip(target.elts, parts, strict=False):
            self.assign(one, part)

    def _store(self, target: ast.Subscript, value: Value) -> None:
        container = self.evaluate(target.value)
        index = self.evaluate(target.slice)
        if container.kind == ARRAY:
            statement = ast.copy_location(ast.Expr(target), target)
            self.trace.add(Stored(statement, target, container, value))
            if value.has("gradient") and container.node is not value.node:
                container.roles |= value.roles & {"gradient", "scaled", "slope"}
                container.sources |= value.all_sources
                container.sign = value.sign
            return
        if container.kind not in (DICT, LIST, UNKNOWN, INSTANCE):
            return
        const = index.const
        container.items[const if isinstance(const, (str, int, float)) else None] = value
        value.held = value.read = True


def _viewed(node: ast.expr) -> ast.Name | None:
    """``x`` of ``np.asarray(x)``, ``x.reshape(2, 3)`` and ``x[:]``, which share its memory."""
    inner: ast.expr | None = None
    if isinstance(node, ast.Subscript) and ast.unparse(node.slice) == ":":
        inner = node.value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr in BUILDS_ARRAY and node.args:
            inner = node.args[0]
        elif node.func.attr in SAME_MEMORY:
            inner = node.func.value
    return inner if isinstance(inner, ast.Name) else None


def _joined(first: dict[str, Value], second: dict[str, Value]) -> dict[str, Value]:
    result = dict(second)
    for name, value in first.items():
        other = second.get(name)
        result[name] = value if other is None or other is value else merged([value, other])
    return result
