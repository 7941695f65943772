"""Rules about the environment: names of libraries, paths, and notebooks."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator

from mitbadak.doctor.code.corrections import replaced, segment
from mitbadak.doctor.code.hits import Hit
from mitbadak.doctor.code.names import BACK_AGAIN, REMOVED, of_numpy
from mitbadak.doctor.code.trace import Call, Operation, OutsideName, Trace
from mitbadak.doctor.code.values import LIST, TEXT, TUPLE, Value

ADDS_PATH = {"sys.path.append", "sys.path.insert", "sys.path.extend"}


def removed_numpy_name(trace: Trace) -> Iterator[Hit]:
    """``np.int`` and the like."""
    source = trace.source
    given_back = {
        target.attr
        for node in ast.walk(source.tree) if isinstance(node, ast.Assign)
        for target in node.targets if isinstance(target, ast.Attribute)
    }  # fmt: skip
    for event in trace.all(OutsideName):
        name = of_numpy(event.name)
        if name in given_back or name not in REMOVED | BACK_AGAIN:
            continue
        new, version = (REMOVED | BACK_AGAIN)[name]
        facts = {"name": f"np.{name}", "version": version, "new": new}
        severity = "note" if name in BACK_AGAIN else ""
        if isinstance(event.node, ast.ImportFrom):
            line = f"{name} = {new}" if new != name else f"# {name} is Python's own"
            yield Hit(event.node, line, facts=facts, severity=severity)
        elif isinstance(event.node, ast.Attribute):
            alias = segment(source, event.node.value)
            right = new.replace("np.", f"{alias}.")
            yield Hit(event.node, replaced(source, event.node, right), version, facts, severity)
        elif isinstance(event.node, ast.Name) and event.node.id == name:
            right = new.removeprefix("np.")
            yield Hit(event.node, replaced(source, event.node, right), version, facts, severity)


def path_of_parent(trace: Trace) -> Iterator[Hit]:
    """``sys.path.append(os.pardir)``."""
    for event in trace.all(Call):
        if event.full_name not in ADDS_PATH:
            continue
        for value, node in _paths(event):
            if _is_relative(value):
                yield Hit(event.node, _absolute(trace, node, value), facts={"name": value.const})
    for event in trace.all(Operation):
        if event.kind == "Add" and event.left.name == "sys.path":
            for value in event.right.items.values():
                if _is_relative(value) and isinstance(value.node, ast.expr):
                    yield Hit(event.node, _absolute(trace, value.node, value),
                              facts={"name": value.const})  # fmt: skip


def _paths(event: Call) -> Iterator[tuple[Value, ast.expr]]:
    for value, node in zip(event.arguments, event.node.args, strict=False):
        if value.kind in (LIST, TUPLE):
            for part in value.items.values():
                yield part, part.node if isinstance(part.node, ast.expr) else node
        else:
            yield value, node


def _is_relative(value: Value) -> bool:
    if value.kind != TEXT or not isinstance(value.const, str):
        return False
    parts = value.const.replace("\\", "/").split("/")
    return parts[0] in ("..", ".")


def _absolute(trace: Trace, node: ast.expr, value: Value) -> str:
    text = segment(trace.source, node)
    os = "" if _imports_os(trace) else "import os; "
    if trace.source.is_notebook:
        return os + replaced(trace.source, node, f"os.path.abspath({text})")
    folder = "os.path.dirname(os.path.abspath(__file__))"
    return os + replaced(trace.source, node, f"os.path.join({folder}, {text})")


def _imports_os(trace: Trace) -> bool:
    return any(
        alias.name.split(".")[0] == "os" and alias.asname is None
        for node in ast.walk(trace.source.tree) if isinstance(node, ast.Import)
        for alias in node.names
    )  # fmt: skip


def cells_out_of_order(trace: Trace) -> Iterator[Hit]:
    """A notebook whose cells were run in another order than they stand in."""
    counts = trace.source.counts
    for (before, _), (count, line) in itertools.pairwise(counts):
        if count < before:
            place = ast.Pass(lineno=line, col_offset=0, end_lineno=line, end_col_offset=0)
            yield Hit(place, trace.source.lines[line - 1].strip(), count,
                      {"count": count, "before": before})  # fmt: skip
            return
