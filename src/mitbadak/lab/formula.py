"""Formulas of a page, read against a short list of what they may say, never executed as code."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mitbadak.core.errors import brief
from mitbadak.lab.schema import RefusedError

MOST_CHARACTERS, MOST_NODES = 300, 120
CONSTANTS = {"pi": np.pi, "e": np.e}
FUNCTIONS: dict[str, tuple[Callable[..., Any], int]] = {  # with the number of arguments
    "sin": (np.sin, 1), "cos": (np.cos, 1), "tan": (np.tan, 1), "exp": (np.exp, 1),
    "log": (np.log, 1), "sqrt": (np.sqrt, 1), "abs": (np.abs, 1), "sign": (np.sign, 1),
    "tanh": (np.tanh, 1), "floor": (np.floor, 1), "hypot": (np.hypot, 2),
    "atan2": (np.arctan2, 2), "min": (np.minimum, 2), "max": (np.maximum, 2),
}  # fmt: skip
OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide,
    ast.Pow: np.power, ast.Mod: np.mod, ast.USub: np.negative, ast.UAdd: np.positive,
    ast.Lt: np.less, ast.LtE: np.less_equal, ast.Gt: np.greater, ast.GtE: np.greater_equal,
    ast.And: np.logical_and, ast.Or: np.logical_or, ast.Not: np.logical_not,
}  # fmt: skip


def evaluate_formula(text: str, variables: Mapping[str, np.ndarray]) -> np.ndarray:
    """The value of a formula for every entry of its variables.

    Args:
        text: an expression of numbers, the variables, ``pi``, ``e``, ``+ - * / % **`` (or ``^``),
            ``< <= > >=``, ``and or not`` and the functions of ``FUNCTIONS``.
        variables: float arrays of one shape, by name.

    Returns:
        Float64, or bool where the formula compares; of the variables' shape.

    Raises:
        RefusedError: it says anything else, or is too long.

    Example:
        >>> evaluate_formula("x^2 + 1", {"x": np.array([1.0, 2.0])})
        array([2., 5.])
        >>> evaluate_formula("x > 1 and x < 3", {"x": np.array([1.0, 2.0])})
        array([False,  True])
        >>> evaluate_formula("__import__('os')", {})
        Traceback (most recent call last):
            ...
        mitbadak.lab.schema.RefusedError: a formula may not say "__import__('os')".
    """
    tree = parsed_formula(text)
    with np.errstate(all="ignore"):
        value = FORMULAS.value(tree, variables)
    shape = np.broadcast_shapes(*(array.shape for array in variables.values()))
    return np.broadcast_to(np.asarray(value), shape).copy()


def parsed_formula(text: str) -> ast.expr:
    """A formula as a tree, of which nothing has been looked at yet but its size.

    Raises:
        RefusedError: it is too long, or no formula.

    Example:
        >>> ast.unparse(parsed_formula("x^2 + 1"))
        'x ** 2 + 1'
    """
    if len(text) > MOST_CHARACTERS:
        raise RefusedError(f"a formula has at most {MOST_CHARACTERS} characters.")
    try:
        tree = ast.parse(text.replace("^", "**").strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise RefusedError(f"{brief(text, 60)} is not a formula.") from None
    if sum(1 for _ in ast.walk(tree)) > MOST_NODES:
        raise RefusedError(f"a formula has at most {MOST_NODES} parts.")
    return tree.body


@dataclass(frozen=True)
class Language:
    """What may be said, and how it is computed.

    Args:
        functions: by name, with the number of arguments.
        operators: by the kind of node; comparisons and logic only where they are among them.
        number: makes of an argument what operators and functions take.
    """

    functions: Mapping[str, tuple[Callable[..., Any], int]]
    operators: Mapping[type[ast.AST], Callable[..., Any]]
    number: Callable[[Any], Any]

    def value(self, node: ast.expr, variables: Mapping[str, Any]) -> Any:
        """The value of a tree of ``parsed_formula``.

        Raises:
            RefusedError: it says something else.
        """
        operators = self.operators
        match node:
            case ast.Constant(value=bool()):
                pass
            case ast.Constant(value=int() | float() as number) if abs(number) < 1e12:
                return np.float64(number)
            case ast.Name(id=name) if name in variables:
                return variables[name]
            case ast.Name(id=name) if name in CONSTANTS:
                return np.float64(CONSTANTS[name])
            case ast.UnaryOp(op=ast.Not() as op, operand=operand) if type(op) in operators:
                return operators[type(op)](self.value(operand, variables))
            case ast.UnaryOp(op=op, operand=operand) if type(op) in operators:
                return operators[type(op)](self._number(operand, variables))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in operators:
                a, b = self._number(left, variables), self._number(right, variables)
                return operators[type(op)](a, b)
            case ast.BoolOp(op=op, values=[first, *others]) if type(op) in operators:
                value = self.value(first, variables)
                for other in others:
                    value = operators[type(op)](value, self.value(other, variables))
                return value
            case ast.Compare(left=left, ops=ops, comparators=rights) if ast.Lt in operators:
                return self._compared(left, ops, rights, variables)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in self.functions:
                function, count = self.functions[name]
                if len(args) != count:
                    raise RefusedError(f"{name} takes {count} numbers; got {len(args)}.")
                return function(*(self._number(arg, variables) for arg in args))
        raise RefusedError(f"a formula may not say {brief(ast.unparse(node), 60)}.")

    def _number(self, node: ast.expr, variables: Mapping[str, Any]) -> Any:
        return self.number(self.value(node, variables))

    def _compared(
        self, left: ast.expr, ops: list[Any], rights: list[Any], variables: Mapping[str, Any]
    ) -> Any:
        """A chain of comparisons, 0 < x < 1 too."""
        result: Any = np.True_
        for op, right in zip(ops, rights, strict=True):
            if type(op) not in self.operators:
                raise RefusedError("a formula compares by <, <=, > and >=.")
            pair = self._number(left, variables), self._number(right, variables)
            result = np.logical_and(result, self.operators[type(op)](*pair))
            left = right
        return result


# What was compared counts 0 or 1 where a number is wanted.
FORMULAS = Language(FUNCTIONS, OPERATORS, lambda x: np.asarray(x, np.float64))
