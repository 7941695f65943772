"""What Python's own functions, and those of the book and other libraries, return."""

from __future__ import annotations

import ast

from mitbadak.doctor.code import names as known
from mitbadak.doctor.code.arrays import Arrays, copied
from mitbadak.doctor.code.trace import SoftmaxOf
from mitbadak.doctor.code.values import (
    ARRAY,
    DICT,
    FUNCTION,
    LIST,
    MISSING,
    NUMBER,
    SHAPE,
    TEXT,
    TUPLE,
    UNKNOWN,
    Value,
    array,
    number,
    sequence,
    text,
    unknown,
)

MOST_ITEMS = 6  # of a list or dict, when a loop goes over it


class Book(Arrays):
    """Functions from outside the file."""

    def builtin(
        self, name: str, node: ast.Call, args: list[Value], keywords: dict[str, Value]
    ) -> Value | None:
        """The result of one of Python's functions; None where nothing is known of it."""
        first = args[0] if args else None
        if name == "len" and first is not None:
            return self._len(first, node)
        if name in ("range", "tqdm", "trange", "list", "reversed", "sorted", "iter") and args:
            return self._iterated(name, node, args)
        if name in ("enumerate", "zip"):
            return self._pairs(name, node, args)
        if name in ("int", "round", "float", "abs") and first is not None:
            return _converted(name, first, node)
        if name in ("max", "min") and len(args) > 1:
            return _extreme(name, args, node)
        if name == "dict":
            result = Value(DICT, node=node, items=dict(first.items) if first else {})
            result.copy_of = first
            result.items.update(keywords)
            return result
        if name in ("copy.copy", "copy.deepcopy", "deepcopy") and first is not None:
            return copied(first, node, deep=name.endswith("deepcopy"))
        if name == "os.path.join" and args and all(isinstance(a.const, str) for a in args):
            return text("/".join(a.const for a in args), node)
        if name in ("str", "input", "format", "repr"):
            return text(node=node)
        return None

    def _len(self, value: Value, node: ast.expr) -> Value:
        if value.kind == SHAPE:
            ndim = value.attributes["of"].ndim
            return number(MISSING if ndim is None else ndim, "int", node)
        if "loaded" in value.roles and not value.rows:
            return number(10_000 if value.split == "test" else 60_000, node=node)
        return number(MISSING, "int", node, attributes={"length of": value})

    def _iterated(self, name: str, node: ast.Call, args: list[Value]) -> Value:
        if name in ("range", "trange"):
            result = sequence(LIST, [number(dtype="int", node=node)], node)
            result.roles = frozenset({"repeats", "range"})
            sizes = [a.attributes.get("size of") for a in args]
            over = next((s for s in sizes if s is not None), None)
            if over is not None:
                result.items[0].roles |= {"flat-index"}
                result.items[0].attributes["of"] = over
            return result
        value = args[0]
        if name == "list" and value.kind in (LIST, TUPLE):
            result = sequence(LIST, value.items.values(), node)
            result.roles = value.roles
            return result
        if name == "list" and value.kind == ARRAY:
            result = sequence(LIST, self.elements(value), node)
            result.roles = frozenset({"repeats"})
            return result
        return value

    def _pairs(self, name: str, node: ast.Call, args: list[Value]) -> Value:
        columns = [self.elements(value) for value in args]
        length = max((len(c) for c in columns), default=0)
        rows = []
        for k in range(min(length, MOST_ITEMS)):
            row = [c[min(k, len(c) - 1)] if c else self.new(node) for c in columns]
            if name == "enumerate":
                row.insert(0, number(dtype="int", node=node))
            rows.append(sequence(TUPLE, row[: 2 if name == "enumerate" else len(row)], node))
        result = sequence(LIST, rows, node)
        result.roles = frozenset({"repeats"} if length == 1 else ())
        return result

    def elements(self, value: Value) -> list[Value]:
        """What a loop over ``value`` meets, each once."""
        if value.kind == DICT:
            keys = list(value.items)[:MOST_ITEMS]
            return [text(k if isinstance(k, str) else MISSING) for k in keys] or [text()]
        if value.kind in (LIST, TUPLE):
            return list(value.items.values())[:MOST_ITEMS]
        if value.kind == ARRAY:
            row = value.like(ndim=value.ndim - 1 if value.ndim else None, base=value, items={})
            row.rows = (*value.rows, None)
            row.kind = NUMBER if row.ndim == 0 else ARRAY if row.ndim else UNKNOWN
            row.const = MISSING
            return [row]
        if value.kind == TEXT:
            return [text()]
        if value.kind == UNKNOWN:
            if None not in value.items:
                fresh = self.new()
                fresh.held = True
                fresh.roles = value.roles & {"gradient", "scaled"}
                fresh.sign = value.sign
                value.items[None] = fresh
            return [value.items[None]]
        return [self.new()]

    def library_call(
        self, full: str, node: ast.Call, args: list[Value], keywords: dict[str, Value]
    ) -> Value:
        """The result of a function of the book or of any other library, by its name."""
        last = known.last_part(full)
        first = args[0] if args else None
        ours = full.startswith("mitbadak.")
        if last in known.LOADERS:
            return self._mnist(node, args, keywords, ours)
        if full.endswith("mnist.load_data"):
            return self._loaded(node, raw=True, one_hot=False, ndim=3)
        if last == "train_test_split" and args:
            return _split(node, args)
        if last == "softmax" and first is not None:
            self.trace.add(SoftmaxOf(node, first, None, None))
            result = array("float", first.ndim, node, [first], roles=frozenset({"softmax"}))
            result.attributes["argument"] = first
            return result
        if last in known.ACTIVATIONS and first is not None:
            role = frozenset({"sigmoid"} if last == "sigmoid" else ())
            kind = ARRAY if first.kind == ARRAY else UNKNOWN
            return Value(
                kind, "float", first.ndim, node=node, roles=role, sources=first.all_sources
            )
        for value in [*args, *keywords.values()]:
            if value.kind == FUNCTION:
                given = [a for a in args if a.kind != FUNCTION][:1]
                self.call_value(node, value, self._fitting(value, given), {})
        if known.is_gradient_call(full):
            like = args[1] if len(args) > 1 and args[1].kind == ARRAY else None
            ndim = like.ndim if like and "numerical" in last else None
            return Value(
                UNKNOWN if like is None else ARRAY, "float" if like else "", ndim, node=node,
                roles=frozenset({"gradient"}), sign=1, loops=self.loop_ids,
                sources=unknown(None, args).sources,
            )  # fmt: skip
        if last[:1].isupper() and not last.isupper():
            return Value(UNKNOWN, name=f"object {full}", node=node, loops=self.loop_ids)
        return unknown(node, args, loops=self.loop_ids, name=f"call {full}")

    def _fitting(self, function: Value, given: list[Value]) -> list[Value]:
        args = function.definition.args
        count = len(args.posonlyargs) + len(args.args)
        return [*given, *(self.new() for _ in range(count))][:count]

    def _mnist(
        self, node: ast.Call, args: list[Value], keywords: dict[str, Value], ours: bool
    ) -> Value:
        given = dict(zip(("normalize", "flatten", "one_hot_label"), args, strict=False)) | keywords
        settings = {"normalize": True, "flatten": True, "one_hot_label": False}
        for name, value in given.items():
            if name in settings:
                settings[name] = bool(value.const) if isinstance(value.const, (bool, int)) else True
        raw = not settings["normalize"] and not ours
        ndim = 2 if settings["flatten"] else 4
        return self._loaded(node, raw, settings["one_hot_label"], ndim, settings["normalize"])

    def _loaded(
        self, node: ast.Call, raw: bool, one_hot: bool, ndim: int, normalized: bool = False
    ) -> Value:
        parts = []
        form_of_pixels = {"normalized"} if normalized else set[str]()
        for split in ("train", "test"):
            roles = {"inputs", "loaded", *({"raw"} if raw else form_of_pixels)}
            x = array("" if raw else "float", ndim, node, (), roles=frozenset(roles), split=split)
            form = "one-hot" if one_hot else "classes"
            roles = frozenset({"labels", "loaded", form})
            t = array("int", 2 if one_hot else 1, node, (), roles=roles, split=split)
            parts.append(sequence(TUPLE, [x, t], node))
        return sequence(TUPLE, parts, node)


def _split(node: ast.Call, args: list[Value]) -> Value:
    parts = []
    for value in args:
        for split in ("train", "test"):
            rows = (*value.rows, ("split", node, split))
            part = value.like(value.node, base=None, rows=rows, split=split)
            parts.append(part)
    return sequence(TUPLE, parts, node)


def _converted(name: str, value: Value, node: ast.expr) -> Value:
    const = value.const
    if name == "abs":
        return value.like(node, base=None)
    if isinstance(const, (int, float)) and abs(const) < 1e15:
        converted = {"int": int, "round": round, "float": float}[name](const)
        kept = value.roles & {"quotient"} if name == "float" else frozenset()
        return number(converted, node=value.node if kept else node, roles=kept)
    if name == "float":
        kept = value.roles & {"quotient"}
        return number(dtype="float", node=value.node if kept else node, roles=kept)
    return number(dtype="int", node=node, attributes=value.attributes)


def _extreme(name: str, args: list[Value], node: ast.expr) -> Value:
    consts = [a.const for a in args]
    known_all = all(isinstance(c, (int, float)) for c in consts)
    quotient = next((a for a in args if a.has("quotient")), None)
    const = (max if name == "max" else min)(consts) if known_all else MISSING
    dtype = "float" if any(a.dtype == "float" for a in args) else "int"
    if quotient is None:
        return number(const, dtype if not known_all else "", node)
    kept = frozenset({"quotient"})
    return number(const, "float", quotient.node, roles=kept, sources=quotient.sources)
