"""What operators make of values: dtypes and axes, constants, and the sign of gradients."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any, Final

from mitbadak.doctor.code.machine import Machine
from mitbadak.doctor.code.trace import Operation, SoftmaxOf
from mitbadak.doctor.code.values import (
    ARRAY,
    LIST,
    MISSING,
    NUMBER,
    TEXT,
    TUPLE,
    UNKNOWN,
    Value,
    number,
    sequence,
    sources_of,
    text,
)

FOLDED: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "Add": operator.add, "Sub": operator.sub, "Mult": operator.mul, "Div": operator.truediv,
    "FloorDiv": operator.floordiv, "Mod": operator.mod, "Pow": operator.pow,
}  # fmt: skip
LARGEST = 1e12  # of constants that are computed
KEPT_BY_SCALING = frozenset({"inputs", "labels"})
SMALLEST_RATE, LARGEST_RATE = 1e-4, 1.0  # of a learning rate written as a literal


class Operations(Machine):
    """Binary and unary operators."""

    def binary(
        self, node: ast.expr, kind: str, left: Value, right: Value,
        nodes: tuple[ast.expr, ast.expr] | None = None,
    ) -> Value:  # fmt: skip
        """The result of an operation."""
        if left.kind in (LIST, TUPLE) or right.kind in (LIST, TUPLE):
            return self._of_sequences(node, kind, left, right)
        if left.kind == TEXT or right.kind == TEXT:
            both = left.const, right.const
            joined = kind == "Add" and all(isinstance(c, str) and len(c) < 1000 for c in both)
            return text("".join(both) if joined else MISSING, node)
        result = Value(
            _kind(left, right), _dtype(kind, left, right), _ndim(kind, left, right),
            const=_folded(kind, left, right), node=node, sources=sources_of((left, right)),
            loops=self.loop_ids,
        )  # fmt: skip
        if kind == "MatMult" and result.ndim == 0:
            result.kind = NUMBER
        pair = nodes or _operands(node)
        self._roles(node, kind, left, right, result)
        _gradient(node, kind, (left, right), pair, result)
        self.trace.add(Operation(node, kind, left, right, result))
        return result

    def _of_sequences(self, node: ast.expr, kind: str, left: Value, right: Value) -> Value:
        if kind == "Add" and left.kind == right.kind:
            return sequence(left.kind, [*left.items.values(), *right.items.values()], node)
        if kind == "Mult":
            listed, times = (left, right) if left.kind in (LIST, TUPLE) else (right, left)
            if times.kind == NUMBER:
                return sequence(listed.kind, listed.items.values(), node)
        other = right if left.kind in (LIST, TUPLE) else left
        known = other.kind in (ARRAY, NUMBER)
        return Value(ARRAY if known else UNKNOWN, node=node, sources=other.all_sources)

    def _roles(self, node: ast.expr, kind: str, left: Value, right: Value, result: Value) -> None:
        roles: set[str] = set()
        if kind in ("Div", "Mult", "Sub", "Add"):
            whole = left if left.ndim or left.kind == ARRAY else right
            if whole.roles & KEPT_BY_SCALING and (kind != "Sub" or whole is left):
                roles |= whole.roles & {"inputs"}
                result.rows, result.split = whole.rows, whole.split
        if kind == "Div":
            self._quotient(node, left, right, result, roles)
        if kind == "Mult" and "log" in left.roles ^ right.roles:
            roles.add("label-log")
        if kind == "Mult" and {left.const, right.const} & {-1, -1.0}:
            roles |= (left.roles | right.roles) & {"label-log", "summed-loss"}
        if kind == "Sub" and left.has("softmax") and left.serial in right.sources:
            roles.add("softmax")  # less its largest
            result.attributes["probabilities"] = left
        if kind == "Sub" and left.const == 1 and left.kind == NUMBER:
            roles.add("complement")
        if kind in ("Add", "Sub") and "summed-loss" in left.roles | right.roles:
            roles.add("summed-loss")
        if kind == "Add":
            kept = {"log", "softmax", "exp"} if NUMBER in (left.kind, right.kind) else set[str]()
            roles |= (left.roles | right.roles) & (kept - {"exp"})
        result.roles |= roles

    def _quotient(
        self, node: ast.expr, left: Value, right: Value, result: Value, roles: set[str]
    ) -> None:
        if result.kind != ARRAY:
            roles.add("quotient")
        if left.has("exp") and right.has("sum-of-exp"):
            roles.add("softmax")
            result.attributes["argument"] = left.attributes.get("argument", left)
            argument = result.attributes["argument"]
            self.trace.add(SoftmaxOf(node, argument, left, right))
        if left.has("inputs") and isinstance(right.const, (int, float)) and right.const > 100:
            roles.add("divided")


def unary(node: ast.UnaryOp, value: Value) -> Value:
    """The result of ``-x``, ``+x``, ``~x`` and ``not x``."""
    if isinstance(node.op, ast.Not):
        const = value.const
        return number(
            not const if isinstance(const, (bool, int, float, str)) else MISSING, "bool", node
        )
    if isinstance(node.op, ast.UAdd):
        return value
    const = value.const
    known = isinstance(const, (int, float)) and isinstance(node.op, ast.USub)
    kept = {
        "gradient",
        "scaled",
        "slope",
        "label-log",
        "summed-loss",
        "log",
        "rate-added",
        "quotient",
    }
    roles = value.roles & kept
    if not value.has("gradient") and isinstance(node.op, ast.USub):
        roles |= {"negated"} - value.roles
    return value.like(
        node, const=-const if known else MISSING, roles=roles, sign=-value.sign,
        plus=value.minus, minus=value.plus, base=None, copy_of=None, rows=(),
    )  # fmt: skip


def is_gradient(value: Value) -> bool:
    """Whether the flow of values says that this is a gradient."""
    return "gradient" in value.roles


def _operands(node: ast.AST) -> tuple[ast.expr, ast.expr] | None:
    if isinstance(node, ast.BinOp):
        return node.left, node.right
    if isinstance(node, ast.Call) and len(node.args) >= 2:
        return node.args[0], node.args[1]
    return None


def _kind(left: Value, right: Value) -> str:
    kinds = {left.kind, right.kind}
    return ARRAY if ARRAY in kinds else NUMBER if kinds == {NUMBER} else UNKNOWN


def _dtype(kind: str, left: Value, right: Value) -> str:
    dtypes = {left.dtype, right.dtype}
    if kind == "Div" or "float" in dtypes:
        return "float"
    return "int" if dtypes <= {"int", "bool"} else ""


def _ndim(kind: str, left: Value, right: Value) -> int | None:
    first, second = left.ndim, right.ndim
    if kind == "MatMult":
        if first is None or second is None:
            return None
        return max(0, first + second - 2) if 0 not in (first, second) else max(first, second)
    if first is None or second is None:
        return 2 if 2 in (first, second) else None
    return max(first, second)


def _folded(kind: str, left: Value, right: Value) -> Any:
    a, b = left.const, right.const
    if NUMBER not in (left.kind, right.kind) or kind not in FOLDED:
        return MISSING
    if not all(isinstance(c, (int, float)) and abs(c) < LARGEST for c in (a, b)):
        return MISSING
    if kind == "Pow" and abs(b) > 8:
        return MISSING
    try:
        result = FOLDED[kind](a, b)
    except ArithmeticError:
        return MISSING
    return result if isinstance(result, (int, float)) else MISSING


def _gradient(
    node: ast.expr, kind: str, values: tuple[Value, Value],
    nodes: tuple[ast.expr, ast.expr] | None, result: Value,
) -> None:  # fmt: skip
    """Whether the result is a gradient, of which sign, and scaled by what."""
    left, right = values
    if kind == "Sub":
        same = left.name and left.name == right.name and left.name.startswith("call ")
        if same:
            result.roles |= {"difference"}
        if NUMBER not in (left.kind, right.kind) and not {"gradient"} & (left.roles | right.roles):
            result.plus, result.minus = left.all_sources, right.all_sources
    if kind in ("Mult", "Div", "MatMult"):
        result.plus, result.minus = left.plus | right.plus, left.minus | right.minus
        if {"negated"} & (left.roles ^ right.roles) and not (
            is_gradient(left) or is_gradient(right)
        ):
            result.roles |= {"negated"}
            result.plus, result.minus = result.minus, result.plus
        if kind == "Mult" and (left.plus or right.plus) and not result.roles & {"gradient"}:
            rate = right if left.plus else left
            if rate.kind == NUMBER and not rate.has("quotient") and could_be_rate(rate, None):
                result.roles |= {"scaled"}
        if kind == "Div" and "difference" in left.roles:
            result.roles |= {"gradient", "slope"}
            result.sign = 1
        elif is_gradient(left) != is_gradient(right):
            _product(node, kind, values, nodes, result)
    elif kind in ("Add", "Sub") and (is_gradient(left) or is_gradient(right)):
        _sum(node, kind, values, nodes, result)


def _product(
    node: ast.expr, kind: str, values: tuple[Value, Value],
    nodes: tuple[ast.expr, ast.expr] | None, result: Value,
) -> None:  # fmt: skip
    gradient, other = values if is_gradient(values[0]) else values[::-1]
    if kind == "Div" and gradient is values[1]:
        return
    result.roles |= {"gradient", *(gradient.roles & {"scaled", "rate-added", "slope"})}
    result.sign = gradient.sign
    negative = isinstance(other.const, (int, float)) and other.const < 0
    if negative or (other.const is MISSING and other.has("negated")):
        result.sign = -result.sign
        result.plus, result.minus = result.minus, result.plus
    if "rate-added" in result.roles:
        result.attributes["mistake"] = gradient.attributes.get("mistake", gradient)
    if other.kind == ARRAY or "complement" in other.roles:
        return
    if kind == "Mult":
        result.roles |= {"scaled"}
        return
    named = nodes is not None and isinstance(nodes[1], (ast.Name, ast.Attribute))
    if named and isinstance(other.const, float) and 0 < other.const < 1:
        result.roles |= {"over-rate"}
        result.attributes["mistake"] = result


def _sum(
    node: ast.expr, kind: str, values: tuple[Value, Value],
    nodes: tuple[ast.expr, ast.expr] | None, result: Value,
) -> None:  # fmt: skip
    left, right = values
    flip = -1 if kind == "Sub" else 1
    scaled = (left.roles | right.roles) & {"scaled"}
    if is_gradient(left) and is_gradient(right):
        result.roles |= {"gradient", *scaled}
        second = right.sign * flip
        result.sign = left.sign if left.sign == second else 0
        return
    gradient, other = (left, right) if is_gradient(left) else (right, left)
    sign = gradient.sign if gradient is left else gradient.sign * flip
    if other.kind == NUMBER or (other.kind == UNKNOWN and other.dtype == "float"):
        result.roles |= {"gradient", *scaled}
        result.sign = sign
        spot = (nodes[1] if gradient is left else nodes[0]) if nodes else None
        if not scaled and could_be_rate(other, spot):
            result.roles |= {"rate-added"}
            result.attributes["mistake"] = result
        return
    if not scaled:
        if kind == "Add" or gradient is left:  # weight decay adds a multiple of the weights
            result.roles |= {"gradient"}
            result.sign = sign
        return
    factor = nodes[0] if nodes and gradient is right else nodes[1] if nodes else None
    if isinstance(factor, ast.BinOp) and isinstance(factor.op, ast.Mult):
        result.roles |= {"gradient", "scaled"}  # momentum
        result.sign = sign


def could_be_rate(value: Value, node: ast.AST | None) -> bool:
    """Whether a number may be a learning rate: small, above 0, and not an epsilon."""
    if value.dtype == "int" or "complement" in value.roles:
        return False
    if not isinstance(value.const, (int, float)):
        return value.kind in (NUMBER, UNKNOWN) and not isinstance(node, ast.Constant)
    smallest = SMALLEST_RATE if isinstance(node, ast.Constant) else 1e-12
    return smallest <= value.const <= LARGEST_RATE
