"""Traced arrays: they stand in for an array while f runs, and write what f computes on a tape.

They answer to operators, NumPy's functions and the methods of arrays, and to the house's functions.
What would take entries out of the record, such as ``float(x)``, ``if x > 0`` or ``np.asarray(x)``,
is refused; a number that f returns (``return float(loss)``) is known to the tape by its value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from inspect import Signature, signature
from typing import Any

import numpy as np

from mitbadak import functions
from mitbadak.book.recognition.tape import Node, Tape, name_of
from mitbadak.functions.differentiable import Differentiable, Pullbacks, Traced

# Operations of the house that keep every entry to itself, or every row (the last axis).
ELEMENTWISE_OPERATIONS = {
    functions.identity, functions.step, functions.sigmoid, functions.relu, functions.leaky_relu,
    functions.elu, functions.gelu, functions.silu, functions.softplus, functions.tanh,
}  # fmt: skip
ROWWISE_OPERATIONS = {functions.softmax, functions.log_softmax}
# Operations whose bodies are arithmetic alone: the body runs on the traced arrays.
WRITTEN_OUT = {
    functions.cross_entropy_error, functions.sum_squared_error, functions.mean_squared_error,
    functions.huber, functions.softmax_cross_entropy, functions.affine, functions.linear,
}  # fmt: skip

ELEMENTWISE_FUNCTIONS = {np.where, np.clip, np.copy, np.nan_to_num, np.round, np.around, np.real}
REDUCTIONS = {
    np.sum, np.mean, np.max, np.min, np.prod, np.any, np.all, np.argmax, np.argmin, np.var, np.std,
    np.count_nonzero,
}  # fmt: skip
REDUCING = {
    np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min,
    np.logical_and: np.all, np.logical_or: np.any,
}  # fmt: skip
RESHAPING = {np.reshape, np.ravel, np.squeeze, np.expand_dims, np.atleast_1d, np.atleast_2d}
TRANSPOSING = {np.transpose, np.swapaxes, np.moveaxis, np.matrix_transpose}
MATMULS = {np.dot, np.matmul}
KINDS: dict[str, set[Any]] = {
    "elementwise": ELEMENTWISE_FUNCTIONS, "reduce": REDUCTIONS, "matmul": MATMULS,
    "reshape": RESHAPING, "transpose": TRANSPOSING,
}  # fmt: skip
FROM_SHAPES = {
    np.zeros_like, np.ones_like, np.empty_like, np.full_like, np.shape, np.ndim, np.size,
    np.result_type, np.can_cast, np.iscomplexobj, np.isrealobj,
}  # fmt: skip
DEFAULTS: tuple[Any, ...] = (None, False, getattr(np, "_NoValue"))  # noqa: B009  (private)
PLAIN_OPTIONS = {"casting": "same_kind", "order": "K", "subok": True, "where": True, "dtype": None}


class TracedArray(Traced):
    """An array of f while f is traced; see the module."""

    __slots__ = ("_node", "_shares", "_tape")

    def __init__(self, tape: Tape, node: Node, *, shares: bool = False):
        self._tape, self._node, self._shares = tape, node, shares

    @classmethod
    def record(
        cls,
        operation: Differentiable,
        args: tuple[Any, ...],
        options: dict[str, Any],
        value: Any,
        pullbacks: Pullbacks,
    ) -> Any:
        """Record an operation of the house."""
        tape = next(a._tape for a in args if isinstance(a, TracedArray))
        if operation in WRITTEN_OUT:
            return operation.vjp(*args, **options)[0]
        for kind, operations in (
            ("elementwise", ELEMENTWISE_OPERATIONS),
            ("rowwise", ROWWISE_OPERATIONS),
        ):
            if operation in operations:
                return cls(tape, tape.record(kind, operation, _nodes(args), options))
        return tape.refuse("operation", operation.__name__)

    @property
    def value(self) -> np.ndarray:  # pyright: ignore[reportIncompatibleVariableOverride]
        return self._node.value

    shape = property(lambda self: self.value.shape)
    ndim = property(lambda self: self.value.ndim)
    size = property(lambda self: self.value.size)
    dtype = property(lambda self: self.value.dtype)
    itemsize = property(lambda self: self.value.itemsize)
    nbytes = property(lambda self: self.value.nbytes)
    T = property(lambda self: np.transpose(self))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *args: Any, **options: Any) -> Any:
        tape = self._tape
        name = name_of(ufunc)
        outs = options.pop("out", (None,))
        options = {k: v for k, v in options.items() if not _is_default(k, v)}
        if method == "reduce" and ufunc in REDUCING and outs[0] is None:
            options.setdefault("axis", 0)
            return REDUCING[ufunc](*args, **options)
        if method != "__call__" or ufunc.nout != 1 or options.keys() - {"dtype"}:
            tape.refuse("operation", name if method == "__call__" else f"{name}.{method}")
        if ufunc is np.matmul and not options:
            result = self._recorded("matmul", np.matmul, args, {})
        elif ufunc.signature is not None:
            tape.refuse("operation", name)
        else:
            result = self._recorded("elementwise", ufunc, args, options)
        if outs[0] is None:
            return result
        if len(outs) != 1 or type(outs[0]) is not TracedArray:
            tape.refuse("in place", f"{name}(out=)")
        return outs[0]._become(result, name)

    def __array_function__(
        self, function: Callable, types: Any, args: tuple[Any, ...], options: dict[str, Any]
    ) -> Any:
        if function in FROM_SHAPES:
            return function(*map(_stand_in, args), **options)
        if function is np.linalg.norm and len(args) == 1 and not options:
            return np.sqrt(np.sum(args[0] ** 2))
        kind, bound = self._kind_of(function, args, options)
        if kind == "elementwise":
            return self._recorded(kind, function, args, options)
        operand, *rest = bound.values()
        if kind == "matmul":
            return self._recorded(kind, function, (operand, *rest), {})
        named = dict(zip(list(bound)[1:], rest, strict=True))
        if not isinstance(operand, Traced) or any(isinstance(v, Traced) for v in rest):
            self._tape.refuse("operation", name_of(function))
        shares = kind in ("reshape", "transpose")
        return self._recorded(kind, function, (operand,), named, shares=shares)

    def _kind_of(
        self, function: Callable, args: tuple[Any, ...], options: dict[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        """The kind of a call of NumPy, and its arguments by name without those not given."""
        kind = next((kind for kind, known in KINDS.items() if function in known), "")
        if not kind:
            self._tape.refuse("operation", name_of(function))
        if kind == "elementwise":
            if options.get("out") is not None or (function is np.where and len(args) != 3):
                self._tape.refuse("operation", name_of(function))
            return kind, {}
        if function is np.dot:
            bound: dict[str, Any] = dict(zip("abc", (*args, *options.values()), strict=False))
        else:
            bound = _signature(function).bind(*args, **options).arguments
        given = {k: v for k, v in bound.items() if not any(v is d for d in DEFAULTS)}
        if {"out", "where", "initial", "mean", "correction", "c"} & given.keys():
            self._tape.refuse("operation", name_of(function))
        if given.get("order", "C") != "C" or given.get("dtype", float) not in (float, np.float64):
            self._tape.refuse("operation", name_of(function))
        return kind, given

    def _recorded(
        self, kind: str, function: Any, args: Any, options: Any, *, shares: bool = False
    ) -> TracedArray:
        for value in options.values():
            if isinstance(value, Traced):
                self._tape.refuse("operation", name_of(function))
        node = self._tape.record(kind, function, _nodes(args), dict(options))
        if shares:
            self._shares = True
        return TracedArray(self._tape, node, shares=shares)

    def _become(self, other: Any, what: str) -> TracedArray:
        """Change in place: this array goes on with another value."""
        if self._node.kind == "input":
            self._tape.refuse("writes")
        if self._shares:
            self._tape.refuse("in place", what)
        if (
            type(other) is not TracedArray
            or other.shape != self.shape
            or (other.dtype != self.dtype)
        ):
            self._tape.refuse("in place", what)
        self._node = other._node
        return self

    def __getitem__(self, at: Any) -> TracedArray:
        parts = at if isinstance(at, tuple) else (at,)
        if any(isinstance(part, Traced) for part in parts):
            self._tape.refuse("branch")
        kept = tuple(np.array(p) if isinstance(p, (np.ndarray, list, range)) else p for p in parts)
        return self._recorded("index", _pick, (self,), {"at": kept}, shares=True)

    def __setitem__(self, at: Any, value: Any) -> None:
        if (
            (isinstance(at, tuple) and not at)
            or at is Ellipsis
            or (isinstance(at, slice) and at == slice(None))
        ):
            self._become(np.where(np.ones(self.shape, bool), value, self), "x[...] = ...")
            return
        mask: Any = at
        is_mask = (
            isinstance(at, (np.ndarray, Traced)) and mask.dtype == bool and mask.shape == self.shape
        )
        if not is_mask or np.ndim(value) != 0:
            self._tape.refuse("in place", "x[...] = ...")
        self._become(np.where(mask, value, self), "x[mask] = ...")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self._tape.refuse("attribute", name)

    def __array__(self, *_: Any, **__: Any) -> np.ndarray:
        self._tape.refuse("plain", "np.array")

    def __bool__(self) -> bool:
        self._tape.refuse("branch")

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __contains__(self, entry: Any) -> bool:
        return self.__bool__()

    def __repr__(self) -> str:
        return repr(self.value)

    def __str__(self) -> str:
        return str(self.value)

    def __format__(self, spec: str) -> str:
        return format(self.value[()] if self.value.ndim == 0 else self.value, spec)

    def __float__(self) -> float:
        self._tape.numbers.append(self._node)
        return float(self.value)

    def item(self, *at: Any) -> Any:
        """The value as a plain number; only as what f returns does the tape still know it."""
        if at or self.size != 1:
            self._tape.refuse("plain", "item")
        return self.__float__()

    def __int__(self) -> int:
        self._tape.refuse("plain", "int")

    __index__ = __int__
    __hash__ = object.__hash__

    def astype(self, dtype: Any, *_: Any, **__: Any) -> Any:
        return self._recorded("elementwise", np.ndarray.astype, (self, np.dtype(dtype)), {})

    def copy(self, order: str = "C") -> Any:
        return np.copy(self)

    def __copy__(self) -> Any:
        return np.copy(self)

    def __deepcopy__(self, memo: Any) -> Any:
        return np.copy(self)

    def __reduce_ex__(self, protocol: Any) -> Any:
        self._tape.refuse("plain", "pickle")

    def reshape(self, *shape: Any, order: str = "C") -> Any:
        whole = len(shape) == 1 and not isinstance(shape[0], (int, np.integer))
        return np.reshape(self, shape[0] if whole else shape, order=order)  # type: ignore[call-overload]

    def transpose(self, *axes: Any) -> Any:
        one = len(axes) == 1 and not isinstance(axes[0], (int, np.integer))
        return np.transpose(self, (axes[0] if one else axes) or None)

    def flatten(self, order: str = "C") -> Any:
        return np.copy(np.ravel(self, order=order))  # type: ignore[call-overload]


@lru_cache(maxsize=64)
def _signature(function: Callable) -> Signature:
    return signature(function)


def _is_default(name: str, value: Any) -> bool:
    return name in PLAIN_OPTIONS and (
        value is PLAIN_OPTIONS[name] or (isinstance(value, str) and value == PLAIN_OPTIONS[name])
    )


def _pick(x: np.ndarray, at: tuple[Any, ...]) -> Any:
    return x[at]


def _nodes(args: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(a._node if isinstance(a, TracedArray) else a for a in args)


def _stand_in(arg: Any) -> Any:
    return np.empty(arg.shape, arg.dtype) if isinstance(arg, TracedArray) else arg


def _operators(ufunc: np.ufunc) -> tuple[Any, Any, Any]:
    """The methods of an operator: from the left, from the right, in place."""

    def in_place(self: TracedArray, other: Any) -> TracedArray:
        return self._become(ufunc(self, other), f"{name_of(ufunc)} in place")

    return (
        (lambda self, other: ufunc(self, other)),
        (lambda self, other: ufunc(other, self)),
        in_place,
    )


for _name, _ufunc in {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.divide,
    "floordiv": np.floor_divide, "mod": np.remainder, "pow": np.power, "matmul": np.matmul,
    "and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor,
}.items():  # fmt: skip
    for _prefix, _operator in zip(("", "r", "i"), _operators(_ufunc), strict=True):
        setattr(TracedArray, f"__{_prefix}{_name}__", _operator)
for _name, _ufunc in {
    "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal,
    "eq": np.equal, "ne": np.not_equal,
}.items():  # fmt: skip
    setattr(TracedArray, f"__{_name}__", _operators(_ufunc)[0])
for _name, _ufunc in {
    "neg": np.negative, "pos": np.positive, "abs": np.absolute, "invert": np.invert,
}.items():  # fmt: skip
    setattr(TracedArray, f"__{_name}__", lambda self, ufunc=_ufunc: ufunc(self))
for _function in (
    np.sum, np.mean, np.max, np.min, np.prod, np.any, np.all, np.argmax, np.argmin, np.var, np.std,
    np.dot, np.clip, np.squeeze, np.swapaxes, np.ravel, np.round,
):  # fmt: skip
    setattr(
        TracedArray, _function.__name__,
        lambda self, *args, function=_function, **options: function(self, *args, **options),
    )  # fmt: skip
