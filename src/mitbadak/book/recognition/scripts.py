"""Definitions of ``numerical_gradient`` in a script, found in its syntax tree."""

from __future__ import annotations

import ast
import re

NAME = re.compile(r"_?numerical_gradient(_\w+)?")


def with_wrapped_definitions(tree: ast.Module, wrapper: str) -> ast.Module:
    """The tree of a script in which each function ``numerical_gradient(f, x)`` is wrapped.

    The tree is changed in place. Lines keep their numbers, and methods, which have another
    meaning, are left alone. What a function does is found out when it is called: see ``wrap``.

    Args:
        tree: a parsed script.
        wrapper: the name under which the script's globals hold a function that wraps another.

    Example:
        >>> tree = ast.parse("def numerical_gradient(f, x):\\n    return 0 * x")
        >>> print(ast.unparse(with_wrapped_definitions(tree, "_fast")))
        @_fast
        def numerical_gradient(f, x):
            return 0 * x
    """
    for node in _outside_classes(tree):
        if (
            isinstance(node, ast.FunctionDef)
            and NAME.fullmatch(node.name)
            and (len(node.args.posonlyargs) + len(node.args.args) >= 2)
        ):
            decorator = ast.Name(wrapper, ast.Load(), lineno=node.lineno, col_offset=0)
            decorator.end_lineno, decorator.end_col_offset = node.lineno, 0
            node.decorator_list.append(decorator)
    return tree


def _outside_classes(node: ast.AST) -> list[ast.AST]:
    found: list[ast.AST] = []
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.ClassDef):
            found += [child, *_outside_classes(child)]
    return found
