"""Finding updates: ``x -= step``, ``x = x - step`` and their forms."""

from __future__ import annotations

import ast

from mitbadak.doctor.code.machine import Machine
from mitbadak.doctor.code.trace import Overwritten, Update
from mitbadak.doctor.code.values import ARRAY, LIST, NUMBER, TEXT, UNKNOWN, Value

Term = tuple[int, ast.expr, Value]
NUMERIC = (ARRAY, NUMBER, UNKNOWN)


class Updates(Machine):
    """Notes every update of a value by something added to it."""

    def _do_AugAssign(self, node: ast.AugAssign) -> None:
        names = [n for n in ast.walk(node.target) if isinstance(n, ast.Name)]
        owners = [self.look_up(n.id, n) for n in names]
        unread = [value for value in owners if not value.read]
        old = self._peek(node.target)
        was_read = old is not None and old.read
        before = self.evaluate(_loaded(node.target))
        before.read = was_read if before is old else False
        step = self.evaluate(node.value)
        own = {id(n) for n in ast.walk(node.value)}
        for value in unread:  # its own update does not use it
            value.read = any(
                isinstance(n, ast.Name) and id(n) in own and self.look_up(n.id, n) is value
                for n in ast.walk(node.value)
            )
        kind = type(node.op).__name__
        result = self.binary(node.value, kind, before, step, (node.target, node.value))
        in_place = before.kind in (ARRAY, UNKNOWN, LIST)
        if in_place:
            self._change(before, result, kind)
        after = before if in_place else result
        if kind in ("Add", "Sub") and before.kind in NUMERIC:
            sign = 1 if kind == "Add" else -1
            terms = self._terms(node.value, sign)
            self._note(node, node.target, before, after, terms, True)
        elif kind in ("Mult", "Div") and before.kind in NUMERIC:
            self._note(node, node.target, before, after, [], True)
        if not in_place:
            result.held = False
            self.assign(node.target, result)
            result.read = isinstance(node.target, (ast.Attribute, ast.Subscript))

    def _peek(self, target: ast.expr) -> Value | None:
        """The value of a target, if it has one already."""
        if isinstance(target, ast.Name):
            return self.look_up(target.id, target) if self.is_known(target.id) else None
        if isinstance(target, ast.Subscript):
            owner = self.evaluate(target.value)
            const = self.evaluate(target.slice).const
            return owner.items.get(const if isinstance(const, (str, int, float)) else None)
        if isinstance(target, ast.Attribute):
            return self.evaluate(target.value).attributes.get(target.attr)
        return None

    def _change(self, before: Value, result: Value, kind: str) -> None:
        """What an array is after an operation in place; parts of arrays change the whole."""
        if kind in ("Mult", "Div"):
            before.roles = (before.roles - {"raw", "exp"}) | (result.roles & {"softmax", "divided"})
            if result.has("softmax"):
                before.attributes["argument"] = result.attributes["argument"]
        if before.dtype != "int" and result.dtype:
            before.dtype = before.dtype or result.dtype

    def note_assignment(
        self, node: ast.Assign, target: ast.expr, expression: ast.expr, value: Value
    ) -> None:
        """``x = x - step``, where it is one."""
        if not isinstance(expression, (ast.BinOp, ast.Call, ast.UnaryOp)):
            return
        terms = self._terms(expression, 1)
        old = self._old_value(target)
        if len(terms) < 2:
            self._note_overwriting(node, target, expression, value, old)
            return
        text = ast.unparse(target)
        own = [t for t in terms if ast.unparse(t[1]) == text or (old is not None and t[2] is old)]
        if not own:
            own = [t for t in terms if _is_parameter(t[2])][:1]
            rest = [t for t in terms if t not in own]
            if not own or not any(t[2].has("gradient") for t in rest):
                return
        rest = [t for t in terms if t not in own]
        if len(own) == 1 and rest:
            sign = own[0][0]
            before = own[0][2]
            terms = [(sign * s, n, v) for s, n, v in rest]
            self._note(node, target, before, value, terms, False)

    def _note_overwriting(
        self, node: ast.Assign, target: ast.expr, expression: ast.expr, value: Value,
        old: Value | None,
    ) -> None:  # fmt: skip
        if old is None or not value.has("gradient", "scaled") or old.has("gradient"):
            return
        if {old.serial, old.root.serial} & value.sources:
            self.trace.add(Overwritten(node, target, expression))

    def note_step(self, node: ast.stmt, expression: ast.expr, value: Value) -> None:
        """``return x - step``."""
        if isinstance(expression, ast.BinOp):
            terms = self._terms(expression, 1)
            own = [t for t in terms if not t[2].has("gradient") and t[2].kind != NUMBER][:1]
            rest = [t for t in terms if t not in own]
            if own and any((t[2].has("gradient") and t[2].has("scaled")) or t[2].has("rate-added")
                           for t in rest):  # fmt: skip
                self._note(node, own[0][1], own[0][2], value, rest, False)

    def _old_value(self, target: ast.expr) -> Value | None:
        if isinstance(target, ast.Name):
            return self.look_up(target.id, target) if self.is_known(target.id) else None
        return self.evaluate(_loaded(target)) if isinstance(target, ast.Subscript) else None

    def _terms(self, node: ast.expr, sign: int) -> list[Term]:
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
            flipped = -sign if isinstance(node.op, ast.Sub) else sign
            return [*self._terms(node.left, sign), *self._terms(node.right, flipped)]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return self._terms(node.operand, -sign)
        if isinstance(node, ast.Call) and len(node.args) == 2 and not node.keywords:
            name = ast.unparse(node.func).rpartition(".")[2]
            value = self.values.get(node.func)
            if value is not None and value.name in ("numpy.subtract", "numpy.add"):
                flipped = -sign if name == "subtract" else sign
                return [*self._terms(node.args[0], sign), *self._terms(node.args[1], flipped)]
        return [(sign, node, self.values.get(node) or self.new(node))]

    def _note(
        self, node: ast.stmt, target: ast.expr, before: Value, after: Value,
        terms: list[Term], in_place: bool,
    ) -> None:  # fmt: skip
        if before.kind == TEXT:
            return
        names = {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}
        loops = tuple(number for number, over in self.loops if not over & names)
        frame = self.frame
        home = self.values.get(target.value) if isinstance(target, ast.Subscript) else None
        self.trace.add(
            Update(
                node,
                target,
                before,
                after,
                tuple(terms),
                in_place,
                frame.function,
                frame.arguments,
                loops,
                home,
            )
        )


def _is_parameter(value: Value) -> bool:
    return value.held and value.kind in (ARRAY, UNKNOWN) and not value.has("gradient")


def _loaded(target: ast.expr) -> ast.expr:
    """A target as an expression."""
    if isinstance(target, ast.Name):
        return ast.copy_location(ast.Name(target.id, ast.Load()), target)
    if isinstance(target, ast.Attribute):
        return ast.copy_location(ast.Attribute(target.value, target.attr, ast.Load()), target)
    if isinstance(target, ast.Subscript):
        return ast.copy_location(ast.Subscript(target.value, target.slice, ast.Load()), target)
    return target
