"""The values of expressions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from mitbadak.doctor.code.names import last_part
from mitbadak.doctor.code.operations import Operations, unary
from mitbadak.doctor.code.trace import Indexed, OutsideName
from mitbadak.doctor.code.values import (
    ARRAY,
    CLASS,
    DICT,
    FUNCTION,
    INSTANCE,
    LIST,
    MISSING,
    NONE,
    NUMBER,
    OUTSIDE,
    SHAPE,
    TEXT,
    TUPLE,
    UNKNOWN,
    Value,
    array,
    merged,
    number,
    sequence,
    text,
    unknown,
)

KEPT_BY_ROWS = frozenset({
    "inputs", "labels", "classes", "one-hot", "raw", "gradient", "scaled", "softmax", "divided",
    "sigmoid", "exp", "log", "label-log", "random-index", "loaded", "normalized",
})  # fmt: skip


class Expressions(Operations):
    """One method per kind of expression."""

    def evaluate(self, node: ast.expr) -> Value:
        """The value of an expression, also kept in ``values``."""
        self.count_step()
        method = getattr(self, f"_of_{type(node).__name__}", None)
        value = method(node) if method else self._of_other(node)
        self.values[node] = value
        return value

    def _of_other(self, node: ast.expr) -> Value:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.evaluate(child)
        return self.new(node)

    def _of_Constant(self, node: ast.Constant) -> Value:
        if isinstance(node.value, bool):
            return number(node.value, "bool", node)
        if isinstance(node.value, (int, float)):
            return number(node.value, node=node)
        if isinstance(node.value, str):
            return text(node.value, node)
        return self.nothing(node) if node.value is None else self.new(node)

    def _of_Name(self, node: ast.Name) -> Value:
        if node.id == "__name__":
            return text("__main__", node)
        value = self.look_up(node.id, node)
        if value.kind == OUTSIDE and isinstance(node.ctx, ast.Load):
            self.trace.add(OutsideName(node, value.name))
        value.read = True
        return value

    def _of_Attribute(self, node: ast.Attribute) -> Value:
        return self.attribute(self.evaluate(node.value), node.attr, node)

    def attribute(self, value: Value, name: str, node: ast.expr) -> Value:
        """``value.name``."""
        if value.kind == OUTSIDE:
            found = self.constant_name(f"{value.name}.{name}", node)
            if isinstance(getattr(node, "ctx", None), ast.Load):
                self.trace.add(OutsideName(node, found.name))
            return self.known_constant(found, node)
        if name in value.attributes:
            return value.attributes[name]
        if value.kind in (INSTANCE, CLASS):
            member = self.member(value, name)
            if member is not None:
                return member
        if value.kind in (ARRAY, UNKNOWN) and name in ("T", "shape", "size", "ndim", "dtype"):
            return self._of_array(value, name, node)
        if value.kind not in (INSTANCE, UNKNOWN, CLASS):
            return self.new(node)
        fresh = self.new(node)
        fresh.held = True
        value.attributes[name] = fresh
        return fresh

    def member(self, value: Value, name: str) -> Value | None:
        """An attribute or method of a class of the file, bound to ``value``."""
        of = value.owner if value.kind == INSTANCE else value
        for _ in range(10):
            if of is None:
                return None
            if name in of.attributes:
                found = of.attributes[name]
                bound = found.kind == FUNCTION and value.kind == INSTANCE
                return found.like(owner=value, serial=found.serial) if bound else found
            of = of.items.get("base")
        return None

    def _of_array(self, value: Value, name: str, node: ast.expr) -> Value:
        if name == "T":
            flipped = value.roles ^ {"transposed"}
            kept = value.node if value.has("loaded") else node
            return value.like(kept, base=value, roles=flipped, rows=())
        if name == "shape":
            return Value(SHAPE, attributes={"of": value}, node=node)
        if name == "ndim":
            return number(value.ndim if value.ndim is not None else MISSING, "int", node)
        if name == "size":
            return number(MISSING, "int", node, attributes={"size of": value})
        return self.new(node)

    def known_constant(self, found: Value, node: ast.expr) -> Value:
        """The values of ``os.pardir``, ``np.pi`` and the like."""
        last = last_part(found.name)
        if found.name in ("os.pardir", "os.path.pardir", "os.curdir"):
            return text(".." if last == "pardir" else ".", node)
        if found.name in ("numpy.pi", "numpy.e", "math.pi", "math.e", "numpy.inf", "numpy.nan"):
            return number(dtype="float", node=node)
        return found

    def _of_BinOp(self, node: ast.BinOp) -> Value:
        left, right = self.evaluate(node.left), self.evaluate(node.right)
        return self.binary(node, type(node.op).__name__, left, right)

    def _of_UnaryOp(self, node: ast.UnaryOp) -> Value:
        return unary(node, self.evaluate(node.operand))

    def _of_BoolOp(self, node: ast.BoolOp) -> Value:
        consts = [self.evaluate(value).const for value in node.values]
        if all(isinstance(const, (bool, int)) for const in consts):
            every = all(consts) if isinstance(node.op, ast.And) else any(consts)
            return number(bool(every), "bool", node)
        decided = isinstance(node.op, ast.Or)
        if any(const is decided for const in consts):
            return number(decided, "bool", node)
        return number(dtype="bool", node=node)

    def _of_Compare(self, node: ast.Compare) -> Value:
        left = self.evaluate(node.left)
        rights = [self.evaluate(other) for other in node.comparators]
        const = _compared(left, node.ops[0], rights[0]) if len(rights) == 1 else MISSING
        if ARRAY in {left.kind, *(r.kind for r in rights)}:
            return array("bool", None, node, [left, *rights])
        if const is MISSING and UNKNOWN in {left.kind, *(r.kind for r in rights)}:
            return unknown(node, [left, *rights], dtype="bool")
        return number(const, "bool", node)

    def _of_IfExp(self, node: ast.IfExp) -> Value:
        test = self.evaluate(node.test).const
        if isinstance(test, (bool, int)):
            return self.evaluate(node.body if test else node.orelse)
        with self.guarded(ast.unparse(node.test)):
            return merged([self.evaluate(node.body), self.evaluate(node.orelse)])

    def _of_Tuple(self, node: ast.Tuple | ast.List) -> Value:
        items = []
        for element in node.elts:
            if isinstance(element, ast.Starred):
                items += self.evaluate(element.value).items.values()
            else:
                items.append(self.evaluate(element))
        return sequence(TUPLE if isinstance(node, ast.Tuple) else LIST, items, node)

    def _of_List(self, node: ast.List) -> Value:
        return self._of_Tuple(node)

    def _of_Dict(self, node: ast.Dict) -> Value:
        result = Value(DICT, node=node, loops=self.loop_ids)
        for key, element in zip(node.keys, node.values, strict=True):
            value = self.evaluate(element)
            if key is None:
                result.items.update(value.items)
                continue
            const = self.evaluate(key).const
            value.held = True
            result.items[const if isinstance(const, (str, int, float)) else None] = value
        return result

    def _of_DictComp(self, node: ast.DictComp) -> Value:
        result = Value(DICT, node=node, loops=self.loop_ids)
        for _ in self._each(node.generators):
            key, value = self.evaluate(node.key).const, self.evaluate(node.value)
            value.held = True
            value.attributes["home"] = result
            result.items[key if isinstance(key, (str, int, float)) else None] = value
            if value.copy_of is not None:
                result.roles |= {"deep-copy"}
                result.copy_of = value.copy_of
        return result

    def _of_ListComp(self, node: ast.ListComp | ast.GeneratorExp) -> Value:
        values = [self.evaluate(node.elt) for _ in self._each(node.generators)]
        result = sequence(LIST, values, node)
        if len(values) < 2:
            result.roles |= {"repeats"}
        if any(v.copy_of is not None for v in values):
            result.roles |= {"deep-copy"}
            result.copy_of = next(v.copy_of for v in values if v.copy_of is not None)
            for value in values:
                value.attributes["home"] = result
        for value in values:
            value.held = True
        return result

    def _of_GeneratorExp(self, node: ast.GeneratorExp) -> Value:
        return self._of_ListComp(node)

    def _each(self, generators: list[ast.comprehension]) -> Iterator[None]:
        """Once for each element of a comprehension."""
        if not generators:
            yield
            return
        first, *others = generators
        source = self.evaluate(first.iter)
        outer = dict(self.frame.names)
        for element in self.elements(source):
            self.assign(first.target, element)
            for test in first.ifs:
                self.evaluate(test)
            yield from self._each(others)
        self.frame.names.update(outer)

    def elements(self, value: Value) -> list[Value]:
        """What a loop over ``value`` meets, each once."""
        raise NotImplementedError

    def _of_Lambda(self, node: ast.Lambda) -> Value:
        value = Value(FUNCTION, definition=node, scope=self.frame, node=node)
        self.functions.append(value)
        return value

    def _of_JoinedStr(self, node: ast.JoinedStr) -> Value:
        self._of_other(node)
        return text(node=node)

    def _of_NamedExpr(self, node: ast.NamedExpr) -> Value:
        value = self.evaluate(node.value)
        self.assign(node.target, value)
        return value

    def _of_Subscript(self, node: ast.Subscript) -> Value:
        value, index = self.evaluate(node.value), self.evaluate(node.slice)
        self.trace.add(Indexed(node, value, index))
        result = self.item(value, index, node)
        result.read = True
        return result

    def _of_Slice(self, node: ast.Slice) -> Value:
        parts = [self.evaluate(p) if p else None for p in (node.lower, node.upper, node.step)]
        consts = tuple(None if p is None else p.const for p in parts)
        result = Value("slice", node=node, const=MISSING)
        result.rows = ("slice", *(c if isinstance(c, int) or c is None else "?" for c in consts))
        return result

    def item(self, value: Value, index: Value, node: ast.Subscript) -> Value:
        """``value[index]``."""
        if value.kind == SHAPE:
            return self._length(value.attributes["of"], index, node)
        if value.kind in (DICT, LIST, TUPLE):
            return self._of_container(value, index, node)
        if value.kind == INSTANCE and (method := self.member(value, "__getitem__")) is not None:
            return self.call_value(ast.Call(node.value, [], []), method, [index], {})
        if value.kind == UNKNOWN and isinstance(index.const, str):
            return self._of_container(value, index, node)
        if value.kind == UNKNOWN and index.kind == TEXT:
            return self._of_container(value, index, node)
        if value.kind not in (ARRAY, UNKNOWN):
            return self.new(node)
        return rows_of(value, index, node)

    def _length(self, of: Value, index: Value, node: ast.expr) -> Value:
        if index.const == 0 and "loaded" in of.roles and not of.rows and of.split:
            return number(10_000 if of.split == "test" else 60_000, node=node)
        return number(dtype="int", node=node, attributes={"length of": of})

    def _of_container(self, value: Value, index: Value, node: ast.expr) -> Value:
        key = index.const if isinstance(index.const, (str, int, float)) else None
        if isinstance(key, int) and key < 0 and value.kind in (LIST, TUPLE):
            key += len(value.items)
        if index.kind == "slice":
            return sequence(value.kind, value.items.values(), node)
        if key in value.items:
            return value.items[key]
        if key is None and value.items:
            return next(iter(value.items.values()))
        fresh = self.new(node)
        fresh.held = True
        if value.has("gradient"):
            fresh.roles, fresh.sign = value.roles, value.sign
            fresh.loops = value.loops
        value.items[key] = fresh
        return fresh


def _compared(left: Value, op: ast.cmpop, right: Value) -> Any:
    pair = [v.attributes.get("size of") or v.attributes.get("of") for v in (left, right)]
    if pair[0] is not None and pair[1] is not None and isinstance(op, (ast.Eq, ast.NotEq)):
        first, second = pair[0].ndim, pair[1].ndim
        if first is None or second is None:
            return MISSING
        return (first == second) == isinstance(op, ast.Eq)
    if isinstance(op, (ast.Is, ast.IsNot)) and NONE in (left.kind, right.kind):
        kinds = {left.kind, right.kind}
        if UNKNOWN in kinds:
            return MISSING
        return (kinds == {NONE}) == isinstance(op, ast.Is)
    a, b = left.const, right.const
    if MISSING in (a, b) or type(a) not in (int, float, str, bool) or left.kind != right.kind:
        return MISSING
    if isinstance(op, (ast.Eq, ast.NotEq)):
        return (a == b) == isinstance(op, ast.Eq)
    if left.kind == NUMBER:
        order = {ast.Lt: a < b, ast.LtE: a <= b, ast.Gt: a > b, ast.GtE: a >= b}
        return order.get(type(op), MISSING)
    return MISSING


def rows_of(value: Value, index: Value, node: ast.Subscript) -> Value:
    """``array[index]``: its axes, whether it shares memory, and which rows it has."""
    parts = list(index.items.values()) if index.kind == TUPLE else [index]
    first = parts[0] if parts else index
    arrays = [p for p in parts if p.kind in (ARRAY, LIST)]
    whole = [p for p in parts if p.kind in (NUMBER, UNKNOWN)]
    basic = not arrays and all(p.dtype != "bool" for p in parts)
    ndim = value.ndim
    if ndim is not None:
        ndim -= sum(p.kind == NUMBER for p in parts)
        ndim -= len(arrays) - 1 if len(arrays) > 1 else 0
        ndim = None if any(p.kind == UNKNOWN for p in parts) else max(ndim, 0)
    key: Any = first.rows if first.kind == "slice" else None
    if first.kind in (ARRAY, LIST):
        key = ("mask", first.serial)
    roles = value.roles & KEPT_BY_ROWS
    if len(arrays) > 1:
        roles |= {"picked"} | (value.roles & {"log"})
    if len(arrays) > 1 and "log" in value.roles:
        roles |= {"label-log"}
    kind = NUMBER if ndim == 0 and value.kind == ARRAY else value.kind
    if value.kind == ARRAY and whole and ndim is None:
        kind = UNKNOWN
    result = value.like(
        value.node if value.has("loaded") else node, kind=kind, ndim=ndim, roles=roles,
        base=value if basic else None, copy_of=None,
        const=MISSING, items={}, attributes={}, rows=(*value.rows, key),
    )  # fmt: skip
    result.attributes["taken"] = Value(node=node, base=value.attributes.get("taken"))
    if key == ("slice", None, None, None):
        result.rows = value.rows
    if not arrays and kind == NUMBER:
        result.base = None
    return result
