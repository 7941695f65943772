"""What NumPy's functions and the methods of arrays return."""

from __future__ import annotations

import ast
from typing import Any

from mitbadak.doctor.code import names as known
from mitbadak.doctor.code.expressions import Expressions
from mitbadak.doctor.code.trace import ArgMax
from mitbadak.doctor.code.values import (
    ARRAY,
    DICT,
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
    number,
    unknown,
)

METHODS = {
    "copy", "astype", "flatten", "dot", "item", "tolist", "fill", "clip", "round", "argsort",
    "repeat", "cumsum", *known.SAME_MEMORY, *known.REDUCTIONS,
}  # fmt: skip
DTYPES = {  # of reductions that do not keep the array's
    "argmax": "int", "argmin": "int", "count_nonzero": "int", "mean": "float", "std": "float",
    "var": "float", "average": "float",
}  # fmt: skip


class Arrays(Expressions):
    """NumPy, as far as rules ask for it.

    Attributes:
        seeded: the seed that NumPy's generator was given since its last shuffle.
    """

    seeded: tuple[Any, ...] = ()

    def numpy_call(
        self, name: str, node: ast.Call, args: list[Value], keywords: dict[str, Value]
    ) -> Value | None:
        """The result of ``numpy.name(...)``; None where nothing is known of it."""
        last = known.last_part(name)
        if name.startswith("random."):
            return self._random(last, node, args, keywords)
        if last in known.ARITHMETIC and len(args) >= 2:
            kind = known.ARITHMETIC[last]
            return self.binary(node, kind, args[0], args[1])
        if last in METHODS and args and (args[0].kind in (ARRAY, UNKNOWN) or last != "copy"):
            return self.array_method(last, node, args[0], args[1:], keywords)
        if last in known.BUILDS_ARRAY and args:
            return self._built(last, node, args, keywords)
        if last in known.FILLED | {"full"}:
            return self._filled(last, node, args, keywords)
        if last in known.FILLED_LIKE and args:
            given = keywords.get("dtype")
            dtype = dtype_of(given) if given else args[0].dtype
            zeros = frozenset({"zeros"} if last == "zeros_like" else ())
            origin = node if given else args[0].node or node
            return array(dtype, args[0].ndim, origin, (), roles=zeros, loops=self.loop_ids)
        if last in ("eye", "identity"):
            return array("float", 2, node, (), roles=frozenset({"identity-matrix"}))
        if last in ("arange", "linspace"):
            dtypes = {a.dtype for a in args}
            dtype = "float" if last == "linspace" or "float" in dtypes else ""
            dtype = "int" if dtypes == {"int"} and last == "arange" else dtype
            dtype = dtype_of(keywords["dtype"]) if "dtype" in keywords else dtype
            return array(dtype, 1, node, (), loops=self.loop_ids)
        if last in known.ELEMENTWISE and args:
            return self._elementwise(last, node, args)
        return None

    def _built(
        self, name: str, node: ast.Call, args: list[Value], keywords: dict[str, Value]
    ) -> Value:
        value = args[0]
        given = keywords.get("dtype") or (args[1] if len(args) > 1 else None)
        if value.kind in (ARRAY, UNKNOWN):
            dtype = dtype_of(given) if given is not None else value.dtype
            same = name != "array" and dtype in ("", value.dtype)
            kept = keywords.get("copy")
            same = same or (kept is not None and kept.const is False)
            kind = ARRAY if value.kind == ARRAY or value.kind == UNKNOWN else value.kind
            return value.like(
                None if value.kind == ARRAY else node, kind=kind, dtype=dtype, items={},
                base=value if same else None, copy_of=None if same else value,
                attributes={}, loops=self.loop_ids,
            )  # fmt: skip
        dtype = dtype_of(given) if given is not None else _dtype_of_items(value)
        return array(dtype, _depth(value), node, _leaves(value), loops=self.loop_ids)

    def _filled(
        self, name: str, node: ast.Call, args: list[Value], keywords: dict[str, Value]
    ) -> Value:
        position = 2 if name == "full" else 1
        given = keywords.get("dtype") or (args[position] if len(args) > position else None)
        dtype = dtype_of(given) if given is not None else "float"
        if name == "full" and given is None and len(args) > 1:
            dtype = args[1].dtype
        shape = keywords.get("shape") or (args[0] if args else unknown())
        ndim = None
        if shape.kind in (TUPLE, LIST):
            ndim = len(shape.items)
        elif shape.kind == NUMBER:
            ndim = 1
        elif shape.kind == SHAPE:
            ndim = shape.attributes["of"].ndim
        roles = frozenset({"zeros"} if name == "zeros" else ())
        return array(dtype, ndim, node, (), roles=roles, loops=self.loop_ids)

    def _random(
        self, name: str, node: ast.Call, args: list[Value], keywords: dict[str, Value]
    ) -> Value:
        loops = self.loop_ids
        if name in ("default_rng", "RandomState", "Generator"):
            return Value(OUTSIDE, name="numpy.random", node=node)
        if name in known.RANDOM_INTS:
            first = args[0] if args else unknown()
            if name in ("choice", "permutation") and first.kind == ARRAY:
                return first.like(node, base=None, rows=(*first.rows, ("mask", node)), copy_of=None)
            single = name != "permutation" and len(args) < 2 and "size" not in keywords
            if single:
                return number(dtype="int", node=node)
            return array("int", 1, node, (), roles=frozenset({"random-index"}), loops=loops)
        if name == "seed":
            self.seeded = tuple(a.const for a in args)
        if name == "shuffle" and args:
            self._shuffle(node, args[0])
        size = keywords.get("size") or (args[-1] if len(args) > 2 else None)
        ndim: int | None = len(args) if name in ("randn", "rand") else None
        if name in ("random", "standard_normal", "random_sample") and args:
            size = args[0]
        if size is not None:
            ndim = len(size.items) if size.kind in (TUPLE, LIST) else 1
        if ndim == 0 or (ndim is None and name not in ("shuffle", "seed")):
            return number(dtype="float", node=node)
        if name not in known.RANDOM_FLOATS:
            return self.nothing(node)
        return array("float", ndim, node, (), loops=loops)

    def _shuffle(self, node: ast.Call, value: Value) -> None:
        """Rows in another order, in place; in the same one if the same seed was set just before."""
        again = self.seeded and MISSING not in self.seeded
        value.rows = (*value.rows, ("mask", ("seed", *self.seeded) if again else node))
        value.attributes["taken"] = Value(node=node, base=value.attributes.get("taken"))
        self.seeded = ()

    def _elementwise(self, name: str, node: ast.Call, args: list[Value]) -> Value:
        if name == "where" and len(args) == 1:
            return array("int", None, node, args)
        main = max(args, key=lambda a: (a.kind == ARRAY, a.ndim or 0))
        kind = ARRAY if main.kind == ARRAY else NUMBER if main.kind == NUMBER else UNKNOWN
        exact = name in (
            "maximum",
            "minimum",
            "clip",
            "abs",
            "absolute",
            "square",
            "negative",
            "where",
        )
        dtype = main.dtype if exact else "" if name in known.WHOLE else "float"
        result = Value(kind, dtype, main.ndim, node=node, loops=self.loop_ids)
        result.sources = unknown(None, args).sources
        if name in ("maximum", "clip", "minimum"):
            result.roles = main.roles & {"softmax", "sigmoid", "gradient", "scaled", "quotient"}
            result.sign, result.node = main.sign, main.node if main.has("quotient") else node
            result.plus, result.minus = main.plus, main.minus
        if name == "exp":
            result.roles = frozenset({"exp"}) | (main.roles & {"transposed"})
            result.attributes["argument"] = main
        if name.startswith("log") and name != "logaddexp":
            result.roles = frozenset({"label-log" if main.has("picked") else "log"})
            result.roles |= main.roles & {"picked"}
        return result

    def array_method(
        self, name: str, node: ast.Call, value: Value, args: list[Value], keywords: dict[str, Value]
    ) -> Value | None:
        """The result of ``value.name(...)``, which most of NumPy's functions share."""
        if name == "copy":
            return copied(value, node)
        if name in known.PRODUCTS and args:
            return self.binary(node, "MatMult", value, args[0])
        if name in known.REDUCTIONS:
            return self._reduced(name, node, value, args, keywords)
        if name == "astype" and args:
            dtype = dtype_of(args[0])
            return value.like(
                value.node, dtype=dtype, kind=ARRAY, base=None, copy_of=value, attributes={}
            )
        if name == "flatten":
            return value.like(node, ndim=1, base=None, copy_of=None, rows=())
        if name in known.SAME_MEMORY:
            return self._reshaped(name, node, value, args)
        if name in ("clip", "round"):
            return self._elementwise(name, node, [value, *args])
        if name in ("item", "tolist", "fill", "argsort"):
            return array("int", value.ndim, node, [value]) if name == "argsort" else self.new(node)
        return array(value.dtype, None, node, [value])

    def _reshaped(self, name: str, node: ast.Call, value: Value, args: list[Value]) -> Value:
        ndim: int | None = None
        if name == "reshape" and args:
            sizes = args[0].items.values() if args[0].kind in (TUPLE, LIST) else args
            ndim = len(list(sizes))
        elif name == "ravel":
            ndim = 1
        elif name in ("transpose", "swapaxes", "view"):
            ndim = value.ndim
        roles = value.roles ^ {"transposed"} if name == "transpose" else value.roles
        kept = value.rows if name in ("reshape", "view") else ()
        return value.like(value.node or node, ndim=ndim, base=value, roles=roles, rows=kept)

    def _reduced(
        self, name: str, node: ast.Call, value: Value, args: list[Value], keywords: dict[str, Value]
    ) -> Value:
        given = keywords.get("axis") or (args[0] if args else None)
        axis = None if given is None or given.kind == NONE else given.const
        if axis is MISSING:
            axis = "?"
        if name == "argmax":
            guarded = any(w in g for g in self.guards for w in ("ndim", "shape", "size", "len("))
            self.trace.add(ArgMax(node, value, axis, guarded))
        kept = keywords.get("keepdims")
        keeps = kept is not None and kept.const is True
        ndim = 0 if axis is None else value.ndim
        if ndim and not keeps:
            ndim -= len(given.items) if given is not None and given.kind == TUPLE else 1
        dtype = DTYPES.get(name, value.dtype)
        kind = NUMBER if axis is None else ARRAY if value.kind == ARRAY else UNKNOWN
        result = Value(kind, dtype, ndim, node=node, loops=self.loop_ids)
        result.sources = unknown(None, [value]).sources
        result.plus, result.minus, result.sign = value.plus, value.minus, value.sign
        result.roles = _roles_of_reduced(name, axis, value)
        result.attributes["axis"] = number(axis if isinstance(axis, int) else MISSING)
        if name == "argmax" and axis is not None:
            result.rows, result.split = value.rows, value.split
            result.roles |= value.roles & {"labels", "loaded"}
        return result


def _roles_of_reduced(name: str, axis: Any, value: Value) -> frozenset[str]:
    roles: set[str] = set()
    if name in ("sum", "mean", "average"):
        roles |= value.roles & {"gradient", "scaled"}
    if name == "sum" and value.has("exp"):
        roles |= {"sum-of-exp"} | (value.roles & {"transposed"})
        roles |= {"all-axes"} if axis is None else set()
    if name == "sum" and value.has("label-log"):
        if axis is not None:
            roles |= {"label-log", "per-example"}
        elif value.ndim == 2 or value.roles & {"per-example", "picked"}:
            roles.add("summed-loss")
    if name in ("max", "amax") and value.has("quotient"):
        roles.add("quotient")
    return frozenset(roles)


def copied(value: Value, node: ast.AST, deep: bool = False) -> Value:
    """A copy; a dict or list copied flat holds the same arrays."""
    result = value.like(value.node or node, base=None, copy_of=value)
    result.attributes = {} if value.kind in (ARRAY, UNKNOWN) else dict(value.attributes)
    if value.kind in (DICT, LIST, UNKNOWN) and deep:
        result.items = {key: copied(item, node, True) for key, item in value.items.items()}
        result.roles |= {"deep-copy"}
        for item in result.items.values():
            item.held = True
            item.attributes["home"] = result
    if value.kind == UNKNOWN and not deep:
        result.items = dict(value.items)
    return result


def dtype_of(value: Value | None) -> str:
    """``int`` or ``float`` for what was given as a dtype; "" if it is neither or not known."""
    if value is None:
        return ""
    if value.kind == TEXT:
        name = value.const if isinstance(value.const, str) else ""
    else:
        name = value.name
    if known.last_part(name) in ("uint8", "int8", "uint16", "int16", "u1", "B"):
        return ""  # pictures and signs, which are rounded on purpose
    if known.INT_TYPES.fullmatch(name) or name in ("i", "i4", "i8"):
        return "int"
    if known.FLOAT_TYPES.fullmatch(name) or name in ("f", "d", "f4", "f8"):
        return "float"
    return ""


def _leaves(value: Value, depth: int = 0) -> list[Value]:
    if value.kind not in (LIST, TUPLE) or depth > 4:
        return [value]
    return [leaf for item in value.items.values() for leaf in _leaves(item, depth + 1)]


def _dtype_of_items(value: Value) -> str:
    leaves = _leaves(value)
    dtypes = {leaf.dtype for leaf in leaves}
    if not leaves:
        return "float"
    if "float" in dtypes:
        return "float"
    return "int" if dtypes == {"int"} else ""


def _depth(value: Value) -> int | None:
    depth = 0
    while value.kind in (LIST, TUPLE) and depth < 5:
        depth += 1
        if not value.items:
            return depth
        value = value.items[0] if 0 in value.items else next(iter(value.items.values()))
    if value.kind == ARRAY and value.ndim is not None:
        return depth + value.ndim
    return depth if value.kind == NUMBER else None
