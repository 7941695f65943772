"""Expressions of a page, recorded as a graph by the house's variables; nothing is executed."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mitbadak import functions
from mitbadak.core.errors import brief
from mitbadak.graph import Variable
from mitbadak.lab.formula import CONSTANTS, FUNCTIONS as OF_FORMULAS, OPERATORS, Language
from mitbadak.lab.schema import RefusedError

MOST_NAMES, LONGEST_NAME = 8, 16
LOGIC = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.And, ast.Or, ast.Not)
ARITHMETIC = {kind: operation for kind, operation in OPERATORS.items() if kind not in LOGIC}
FUNCTIONS: dict[str, tuple[Callable[..., Any], int]] = {
    **OF_FORMULAS,
    "sigmoid": (functions.sigmoid, 1), "relu": (functions.relu, 1),
    "softplus": (functions.softplus, 1), "square": (np.square, 1),
}  # fmt: skip
EXPRESSIONS = Language(FUNCTIONS, ARITHMETIC, lambda x: x)


def names_in(tree: ast.expr) -> list[str]:
    """The variables of an expression, in the order in which they first appear.

    Raises:
        RefusedError: there is none, there are too many, or a name is too long.

    Example:
        >>> from mitbadak.lab.formula import parsed_formula
        >>> names_in(parsed_formula("sin(b) * a + pi * b"))
        ['b', 'a']
    """
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    found = [
        node for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called
    ]
    found.sort(key=lambda node: (node.lineno, node.col_offset))
    names = list(dict.fromkeys(node.id for node in found if node.id not in CONSTANTS))
    if not 1 <= len(names) <= MOST_NAMES:
        raise RefusedError(f"an expression has 1 to {MOST_NAMES} variables; got {len(names)}.")
    for name in names:
        if len(name) > LONGEST_NAME:
            raise RefusedError(f"{brief(name, 20)}: names have at most {LONGEST_NAME} characters.")
        if name in FUNCTIONS:
            raise RefusedError(f"{name} is a function: write {name}(...).")
    return names


def record(tree: ast.expr, values: Mapping[str, float]) -> tuple[Variable, dict[str, Variable]]:
    """An expression computed from variables, so that its graph is there.

    Args:
        tree: of ``parsed_formula``.
        values: by the name of each variable.

    Returns:
        The result, and the variables by name.

    Raises:
        RefusedError: the expression says anything but arithmetic and the functions of
            ``FUNCTIONS``, or its result does not depend on its variables.

    Example:
        >>> from mitbadak.lab.formula import parsed_formula
        >>> y, given = record(parsed_formula("x^2"), {"x": 3.0})
        >>> y.backward()
        >>> float(y.value), float(given["x"].grad)
        (9.0, 6.0)
    """
    variables = {name: Variable(np.float64(value), name) for name, value in values.items()}
    y = EXPRESSIONS.value(tree, variables)
    if not isinstance(y, Variable) or y.operation is None:
        raise RefusedError("an expression needs at least one operation on a variable.")
    return y, variables


def value_at(tree: ast.expr, values: Mapping[str, float]) -> float:
    """The expression as a number, without a graph."""
    return float(
        EXPRESSIONS.value(tree, {name: np.float64(value) for name, value in values.items()})
    )
