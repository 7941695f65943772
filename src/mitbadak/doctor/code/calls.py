"""Calls: functions and methods of the file are followed with the values they are given."""

from __future__ import annotations

import ast

from mitbadak.doctor.code.arrays import METHODS, copied
from mitbadak.doctor.code.book import Book
from mitbadak.doctor.code.machine import MOST_DEPTH, Frame
from mitbadak.doctor.code.names import is_gradient_call, last_part, of_numpy
from mitbadak.doctor.code.trace import Assigned, Call, OutsideName
from mitbadak.doctor.code.values import (
    ARRAY,
    CLASS,
    DICT,
    FUNCTION,
    INSTANCE,
    LIST,
    NONE,
    NUMBER,
    OUTSIDE,
    SHAPE,
    TEXT,
    TUPLE,
    UNKNOWN,
    Value,
    merged,
    sequence,
    text,
    unknown,
)


class Calls(Book):
    """Calls of whatever kind."""

    def _of_Call(self, node: ast.Call) -> Value:
        receiver: Value | None = None
        callee: Value | None = None
        if isinstance(node.func, ast.Attribute):
            receiver = self.evaluate(node.func.value)
        else:
            callee = self.evaluate(node.func)
        unread = [a for a in node.args if isinstance(a, ast.Name) and not self._is_read(a)]
        args: list[Value] = []
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                args += self.evaluate(argument.value).items.values()
            else:
                args.append(self.evaluate(argument))
        pairs = [(k.arg, self.evaluate(k.value)) for k in node.keywords]
        keywords = {name: value for name, value in pairs if name is not None}
        for name, value in pairs:
            if name is None:
                keywords.update({k: v for k, v in value.items.items() if isinstance(k, str)})
        if receiver is not None and isinstance(node.func, ast.Attribute):
            return self._of_method(node, receiver, node.func.attr, args, keywords, unread)
        return self.call_value(node, callee or self.new(node), args, keywords, unread)

    def _is_read(self, node: ast.Name) -> bool:
        return self.look_up(node.id, node).read

    def _of_method(
        self, node: ast.Call, receiver: Value, name: str, args: list[Value],
        keywords: dict[str, Value], unread: list[ast.Name],
    ) -> Value:  # fmt: skip
        if receiver.kind == OUTSIDE:
            callee = self.attribute(receiver, name, node.func)
            self.values[node.func] = callee
            self.trace.add(OutsideName(node.func, callee.name))
            return self.call_value(node, callee, args, keywords, unread)
        if receiver.kind in (INSTANCE, CLASS):
            member = self.member(receiver, name)
            if member is not None:
                return self.call_value(node, member, args, keywords, unread, receiver)
        if name in receiver.attributes and receiver.attributes[name].kind in (FUNCTION, INSTANCE):
            return self.call_value(node, receiver.attributes[name], args, keywords, unread)
        result = self._of_kind(node, receiver, name, args, keywords)
        if result is None:
            full = f"{receiver.name.removeprefix('object ')}.{name}" if receiver.name else name
            result = self.library_call(full, node, args, keywords)
            result.sources |= receiver.all_sources
        self.trace.add(
            Call(node, name, receiver.name, receiver, tuple(args), keywords, result, False)
        )
        return result

    def _of_kind(
        self, node: ast.Call, receiver: Value, name: str, args: list[Value],
        keywords: dict[str, Value],
    ) -> Value | None:  # fmt: skip
        if receiver.kind == DICT or (
            receiver.kind == UNKNOWN and name in ("items", "keys", "values")
        ):
            return self._of_dict(node, receiver, name, args, keywords)
        if receiver.kind in (LIST, TUPLE):
            return self._of_list(node, receiver, name, args)
        if receiver.kind == TEXT:
            return text(node=node)
        if receiver.kind in (ARRAY, UNKNOWN, NUMBER) and name in METHODS:
            return self.array_method(name, node, receiver, args, keywords)
        return None

    def _of_dict(
        self, node: ast.Call, receiver: Value, name: str, args: list[Value],
        keywords: dict[str, Value],
    ) -> Value | None:  # fmt: skip
        if name in ("items", "keys", "values"):
            keys = self.elements(receiver if receiver.kind == DICT else Value(DICT))
            if receiver.kind == UNKNOWN:
                values = self.elements(receiver)
            else:
                values = list(receiver.items.values())[: len(keys)] or [self.new(node)]
            if name == "items":
                keys = [sequence(TUPLE, pair) for pair in zip(keys, values, strict=False)]
            return sequence(LIST, values if name == "values" else keys, node)
        if name == "copy":
            result = copied(receiver, node)
            for item in result.items.values():
                item.held = True
            return result
        if name in ("get", "pop", "setdefault") and args:
            const = args[0].const
            default = args[1] if len(args) > 1 else self.nothing(node)
            if name == "setdefault" and isinstance(const, str):
                return receiver.items.setdefault(const, default)
            return receiver.items.get(const if isinstance(const, str) else None, self.new(node))
        if name == "update":
            for value in args:
                receiver.items.update(value.items)
            receiver.items.update(keywords)
            return self.nothing(node)
        return None

    def _of_list(
        self, node: ast.Call, receiver: Value, name: str, args: list[Value]
    ) -> Value | None:
        if name == "append" and args:
            receiver.items[min(len(receiver.items), 30)] = args[0]
            args[0].held = args[0].read = True
            if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
                statement = ast.Expr(node, lineno=node.lineno, col_offset=node.col_offset)
                self.trace.add(Assigned(statement, node.func.value.id, args[0]))
            return self.nothing(node)
        if name in ("extend",) and args:
            for value in list(args[0].items.values())[:30]:
                receiver.items[len(receiver.items)] = value
            return self.nothing(node)
        return copied(receiver, node) if name == "copy" else None

    def call_value(
        self, node: ast.Call, callee: Value, arguments: list[Value], keywords: dict[str, Value],
        unread: list[ast.Name] | None = None, receiver: Value | None = None,
    ) -> Value:  # fmt: skip
        """The result of a call."""
        name, inlined = callee.name, False
        if callee.kind == FUNCTION:
            for argument in unread or []:
                self.look_up(argument.id, argument).read = False
            name, inlined = getattr(callee.definition, "name", "lambda"), True
            result = self._followed(node, callee, arguments, keywords)
        elif callee.kind == CLASS:
            name, inlined = callee.definition.name, True
            result = self._made(node, callee, arguments, keywords)
        elif callee.kind == INSTANCE and (method := self.member(callee, "__call__")) is not None:
            name, inlined, receiver = "__call__", True, callee
            result = self._followed(node, method, arguments, keywords)
        elif callee.kind == OUTSIDE:
            result = self._of_outside(node, callee.name, arguments, keywords)
        else:
            name = callee.name or f"{callee.serial}"
            result = self.library_call(name, node, arguments, keywords)
            result.name = f"call {callee.serial}"
        last = last_part(name.removeprefix("object "))
        self.trace.add(
            Call(node, last, name, receiver, tuple(arguments), keywords, result, inlined)
        )
        return result

    def _of_outside(
        self, node: ast.Call, name: str, args: list[Value], keywords: dict[str, Value]
    ) -> Value:
        result: Value | None = None
        if of_numpy(name):
            result = self.numpy_call(of_numpy(name), node, args, keywords)
            if result is None and last_part(name).startswith(("float", "int", "uint")) and args:
                dtype = "float" if "float" in name else "int"
                result = args[0].like(args[0].node, dtype=dtype, base=None)
            if result is None:
                return unknown(node, args, loops=self.loop_ids)
            return result
        if name == "super" and self.frame.names.get("self") is not None:
            me = self.frame.names["self"]
            base = me.owner.items.get("base") if me.owner is not None else None
            return Value(INSTANCE, owner=base, attributes=me.attributes, node=node)
        result = self.builtin(name, node, args, keywords)
        return result if result is not None else self.library_call(name, node, args, keywords)

    def _made(
        self, node: ast.Call, of: Value, arguments: list[Value], keywords: dict[str, Value]
    ) -> Value:
        made = Value(INSTANCE, owner=of, node=node, name=f"object {of.definition.name}")
        start = self.member(made, "__init__")
        if start is not None:
            self._followed(node, start, arguments, keywords)
        return made

    def _followed(
        self, node: ast.Call, function: Value, arguments: list[Value], keywords: dict[str, Value]
    ) -> Value:
        definition = function.definition
        self.called.add(definition)
        frame = Frame(parent=function.scope, function=definition)
        self._bind_arguments(frame, function, arguments, keywords)
        outer, f = self.frame, 0
        around: Frame | None = outer
        while around is not None and f < MOST_DEPTH:
            if around.function is definition:
                return unknown(node, arguments)
            around, f = around.caller, f + 1
        if self.depth >= MOST_DEPTH:
            return unknown(node, arguments)
        frame.caller = outer
        self.frame, self.depth = frame, self.depth + 1
        guards, self.guards = self.guards, list(self.guards)
        try:
            if isinstance(definition, ast.Lambda):
                frame.returned.append(self.evaluate(definition.body))
            else:
                self.run(definition.body)
        finally:
            self.frame, self.depth, self.guards = outer, self.depth - 1, guards
        result = merged(frame.returned)
        if result.kind in (NUMBER, UNKNOWN) and not result.held:
            result = result.like(result.node, name=f"call {function.serial}")
        name = getattr(definition, "name", "")
        if is_gradient_call(name) and result.kind not in (NONE, NUMBER, INSTANCE):
            _mark_gradients(result, 0)
        return result

    def _bind_arguments(
        self, frame: Frame, function: Value, arguments: list[Value], keywords: dict[str, Value]
    ) -> None:
        args = function.definition.args
        names = [a.arg for a in (*args.posonlyargs, *args.args)]
        given = list(arguments)
        bound = function.owner is not None
        if bound and names and function.owner is not None:
            given.insert(0, function.owner)
        defaults = dict(zip(names[::-1], args.defaults[::-1], strict=False))
        defaults |= {
            a.arg: d
            for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True)
            if d is not None
        }
        for name, value in zip(names, given, strict=False):
            frame.names[name] = value
        if args.vararg is not None:
            frame.names[args.vararg.arg] = sequence(TUPLE, given[len(names) :])
        if args.kwarg is not None:
            frame.names[args.kwarg.arg] = Value(DICT, items=dict(keywords))
        for name in [*names, *(a.arg for a in args.kwonlyargs)]:
            if name in keywords:
                frame.names[name] = keywords[name]
            elif name not in frame.names:
                default = defaults.get(name)
                frame.names[name] = self.evaluate(default) if default is not None else self.new()
        own = frame.names.values() if not bound else list(frame.names.values())[1:]
        frame.arguments = frozenset(value.serial for value in own)


def _mark_gradients(value: Value, depth: int) -> None:
    """What a function called "gradient" returns is one, unless the flow says otherwise."""
    if value.kind in (DICT, TUPLE, LIST) and depth < 3:
        for item in value.items.values():
            _mark_gradients(item, depth + 1)
    if value.kind in (ARRAY, UNKNOWN, DICT) and not value.has("gradient"):
        if value.kind == SHAPE:
            return
        value.roles |= {"gradient"}
        if not value.plus and not value.minus:
            value.sign = 1
