"""Rules about updates that are lost: of a copy, or of a name alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mitbadak.doctor.code.corrections import replaced, segment
from mitbadak.doctor.code.hits import Hit
from mitbadak.doctor.code.rules.updates import gradient_sign, has_rate, is_gradient_term
from mitbadak.doctor.code.trace import Trace, Update
from mitbadak.doctor.code.values import Value
from mitbadak.doctor.findings import NOTE


def update_of_a_copy(trace: Trace) -> Iterator[Hit]:
    """Updates that never reach the parameters."""
    yield from _of_names(trace)
    yield from _of_copies(trace)


def _of_names(trace: Trace) -> Iterator[Hit]:
    """``W = params["W"]; W = W - step``: the name has a new array, the dict the old one."""
    groups: dict[ast.AST, list[Update]] = {}
    for update in trace.all(Update):
        if isinstance(update.target, ast.Name) and isinstance(
            update.node, (ast.Assign, ast.AugAssign)
        ):
            groups.setdefault(update.node, []).append(update)
    for node, updates in groups.items():
        if any(u.after is u.before or u.after.read or u.after.held for u in updates):
            continue
        lost = [u for u in updates if _belongs_elsewhere(u) and _is_step(u)]
        if lost and len(lost) == len(updates):
            yield Hit(node, _in_place(trace, lost[0]), facts={"name": ast.unparse(lost[0].target)})


def _belongs_elsewhere(update: Update) -> bool:
    before = update.before
    return before.held or before.serial in update.arguments


def _is_step(update: Update) -> bool:
    return any(
        is_gradient_term(update, t) or gradient_sign(update, t)
        or t[2].has("scaled")
        or has_rate(t[1], t[2]) for t in update.terms
    )  # fmt: skip


def _in_place(trace: Trace, update: Update) -> str:
    source = trace.source
    target = segment(source, update.target)
    if isinstance(update.node, ast.Assign):
        target = segment(source, update.node.targets[0])
    step = " + ".join(segment(source, node) for _, node, _ in update.terms)
    if len(update.terms) > 1:
        step = f"({step})"
    operator = "-=" if next(iter(update.terms))[0] < 0 else "+="
    return f"{target} {operator} {step}"


def _of_copies(trace: Trace) -> Iterator[Hit]:
    """``params = deepcopy(net.params)``, and only the copy is updated."""
    by_copy: dict[int, list[Update]] = {}
    copies: dict[int, Value] = {}
    for update in trace.all(Update):
        copy = _copy_updated(update)
        if copy is not None and _is_step(update):
            copies[copy.serial] = copy
            by_copy.setdefault(copy.serial, []).append(update)
    for serial, updates in by_copy.items():
        copy = copies[serial]
        if copy.read or any(u.in_place and (u.after.read or u.before.read) for u in updates):
            continue
        node = _copying(trace, copy)
        update = updates[0]
        facts = {"name": ast.unparse(update.target).partition("[")[0]}
        if node is not None:
            original = _uncopied(trace, node)
            yield Hit(node, replaced(trace.source, node, original), facts=facts)
            if isinstance(update.target, ast.Subscript):
                new = _in_place(trace, update).replace(facts["name"], original)
                yield Hit(update.node, new, facts=facts, severity=NOTE)
        else:
            yield Hit(update.node, _in_place(trace, update), facts=facts)


def _copy_updated(update: Update) -> Value | None:
    """The copied dict or array that an update changes."""
    before = update.before
    home = before.attributes.get("home")
    if home is not None and home.copy_of is not None:
        return home
    copy = update.container
    if not update.in_place and copy is not None and copy.copy_of is not None and copy.copy_of.held:
        return copy
    original = before.root.copy_of
    if update.in_place and original is not None and (original.held or original.copy_of is None):
        return before.root if original.held else None
    return None


def _copying(trace: Trace, copy: Value) -> ast.expr | None:
    """The expression that copied."""
    name_nodes = [n for n in ast.walk(trace.source.tree) if isinstance(n, ast.Assign)]
    for node in name_nodes:
        value = node.value
        if isinstance(value, (ast.DictComp, ast.ListComp)) and value is copy.node:
            return value
        if isinstance(value, ast.Call) and _is_copy(value) and trace.values.get(value) is copy:
            return value
    return None


def _is_copy(node: ast.Call) -> bool:
    name = ast.unparse(node.func).rpartition(".")[2]
    return name in ("copy", "deepcopy", "array", "dict", "astype")


def _uncopied(trace: Trace, node: ast.expr) -> str:
    if isinstance(node, (ast.DictComp, ast.ListComp)):
        inner = node.generators[0].iter
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute):
            inner = inner.func.value
        return segment(trace.source, inner)
    if isinstance(node, ast.Call) and node.args:
        return segment(trace.source, node.args[0])
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return segment(trace.source, node.func.value)
    return segment(trace.source, node)
