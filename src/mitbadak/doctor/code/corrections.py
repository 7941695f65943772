"""Corrected lines: the source with an expression replaced."""

from __future__ import annotations

import ast

from mitbadak.doctor.code.source import Source


def segment(source: Source, node: ast.AST) -> str:
    """The source of an expression, on one line."""
    first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0) or 0
    if not 0 < first <= len(source.lines) or first != last:
        return ast.unparse(node)
    line = source.lines[first - 1].encode()
    part = line[node.col_offset : node.end_col_offset]  # type: ignore[attr-defined]
    return part.decode(errors="replace")


def line_of(source: Source, node: ast.AST) -> str:
    """The line on which an expression begins."""
    number = getattr(node, "lineno", 1)
    return source.lines[number - 1].strip() if 0 < number <= len(source.lines) else ""


def replaced(source: Source, node: ast.AST, new: str) -> str:
    """The line of an expression with ``new`` in its place."""
    first, last = getattr(node, "lineno", 1), getattr(node, "end_lineno", 1)
    if not 0 < first <= len(source.lines) or not 0 < (last or 1) <= len(source.lines):
        return new
    start = source.lines[first - 1].encode()[: node.col_offset]  # type: ignore[attr-defined]
    end = source.lines[(last or first) - 1].encode()[node.end_col_offset :]  # type: ignore[attr-defined]
    return f"{start.decode(errors='replace')}{new}{end.decode(errors='replace')}".strip()


def with_keyword(source: Source, call: ast.Call, name: str, value: str, position: int) -> str:
    """The line of a call with ``name=value``, however the argument was given before."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return replaced(source, keyword.value, value)
    return replaced(source, call, ast.unparse(_given(call, name, value, position)))


def _given(call: ast.Call, name: str, value: str, position: int) -> ast.Call:
    args, keywords = list(call.args), [k for k in call.keywords if k.arg != name]
    constant = ast.parse(value, mode="eval").body
    if position < len(args):
        args[position] = constant
    else:
        keywords.append(ast.keyword(name, constant))
    return ast.Call(call.func, args, keywords)


def in_parentheses(node: ast.expr, text: str) -> str:
    """``text``, safe as a factor of a product."""
    return (
        f"({text})"
        if isinstance(node, (ast.BinOp, ast.IfExp, ast.Lambda, ast.Compare))
        and (not isinstance(getattr(node, "op", None), (ast.Mult, ast.MatMult, ast.Pow)))
        else text
    )
