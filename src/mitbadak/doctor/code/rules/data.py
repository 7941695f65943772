"""Rules about data: labels, pixels, and rows that belong together."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from mitbadak.doctor.code.corrections import line_of, replaced, segment, with_keyword
from mitbadak.doctor.code.hits import Hit
from mitbadak.doctor.code.names import LOADERS, TEST_WORDS, last_part
from mitbadak.doctor.code.trace import ArgMax, Assigned, Call, Operation, Trace
from mitbadak.doctor.code.values import ARRAY, NUMBER, UNKNOWN, Value

RANDOM = "np.random"  # in corrected lines

MOST_LOOKED_AT = 5_000  # events that are compared with each other


def labels_not_one_hot(trace: Trace) -> Iterator[Hit]:
    """Labels as indices where one-hot labels are needed."""
    for event in trace.all(ArgMax):
        one_axis = event.value.ndim == 1 and event.value.kind in (ARRAY, UNKNOWN)
        fails = event.axis == 1 or (event.axis == -1 and event.value.has("classes"))
        if fails and one_axis and not event.guarded:
            yield _labels_hit(trace, event.value, event.node)
    for event in trace.all(Operation):
        sides = (event.left, event.right)
        for labels, other in (sides, sides[::-1]):
            if not labels.has("classes") or labels.ndim != 1:
                continue
            product = event.kind == "Mult" and bool(other.roles & {"log", "label-log"})
            difference = event.kind == "Sub" and other.ndim == 2 and other.kind == ARRAY
            if (product and other.ndim != 1) or difference:
                yield _labels_hit(trace, labels, event.node)
    for event in trace.all(Call):
        net = event.full_name.rpartition(".")[2]
        if net == "TwoLayerNet" and event.name in ("accuracy", "gradient", "numerical_gradient"):
            for value in event.arguments:
                if value.has("classes", "loaded"):
                    hit = _labels_hit(trace, value, event.node)
                    yield replace(hit, severity="note", confidence=0.5)


def _labels_hit(trace: Trace, labels: Value, use: ast.expr) -> Hit:
    facts = {"use": segment(trace.source, use), **trace.place(use.lineno)}
    origin = labels.node
    if isinstance(origin, ast.Call) and _loads(origin):
        new = with_keyword(trace.source, origin, "one_hot_label", "True", 2)
        return Hit(_line_of_keyword(origin, "one_hot_label"), new, facts=facts)
    if isinstance(use, ast.Call):
        argument = _argument(use)
        name = segment(trace.source, argument) if argument is not None else "t"
        return Hit(use, replaced(trace.source, use, name), facts=facts)
    return Hit(use, _with_one_hot(trace, labels, use), facts=facts)


def _with_one_hot(trace: Trace, labels: Value, use: ast.expr) -> str:
    """The line of a product or difference, with the labels turned to one-hot rows."""
    if isinstance(use, ast.BinOp):
        for node, other in ((use.left, use.right), (use.right, use.left)):
            if trace.values.get(node) is labels and isinstance(node, (ast.Name, ast.Attribute)):
                outputs = next((n for n in ast.walk(other) if isinstance(n, ast.Name)
                                and n.id not in ("np", "numpy")), other)  # fmt: skip
                rows = f"np.eye({segment(trace.source, outputs)}.shape[1])"
                new = f"{rows}[{segment(trace.source, node)}]"
                return replaced(trace.source, node, new)
    return line_of(trace.source, use)


def _argument(call: ast.Call) -> ast.expr | None:
    if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) not in ("np", "numpy"):
        return call.func.value
    return call.args[0] if call.args else None


def _loads(call: ast.Call) -> bool:
    return last_part(ast.unparse(call.func)) in LOADERS or bool(
        {"one_hot_label", "normalize", "flatten"} & {k.arg for k in call.keywords}
    )


def _line_of_keyword(call: ast.Call, name: str) -> ast.AST:
    return next((k.value for k in call.keywords if k.arg == name), call)


def unnormalised_pixels(trace: Trace) -> Iterator[Hit]:
    """Pixels from 0 to 255 that meet weights."""
    for event in trace.all(Operation):
        if event.kind == "MatMult" and event.left.has("raw"):
            yield _pixels_hit(trace, event.left, event.node)
    for event in trace.all(Call):
        first = event.arguments[0] if event.arguments else None
        works = event.name in ("gradient", "numerical_gradient", "fit", "train", "loss", "accuracy",
                               "predict", "forward", "backward", "update", "evaluate")  # fmt: skip
        if first is not None and first.has("raw") and works and not event.inlined:
            yield _pixels_hit(trace, first, event.node)
        raw = [a for a in event.arguments if a.has("raw", "inputs")]
        if raw and event.name == "Trainer":
            yield _pixels_hit(trace, raw[0], event.node)


def _pixels_hit(trace: Trace, pixels: Value, use: ast.expr) -> Hit:
    facts = {"use": segment(trace.source, use), **trace.place(use.lineno)}
    origin = pixels.node
    if isinstance(origin, ast.Call) and _loads(origin):
        new = with_keyword(trace.source, origin, "normalize", "True", 0)
        return Hit(_line_of_keyword(origin, "normalize"), new, 255, facts)
    line = line_of(trace.source, use)
    return Hit(use, f"x_train, x_test = x_train / 255.0, x_test / 255.0  # before: {line}"[:160],
               255, facts)  # fmt: skip


def divided_twice(trace: Trace) -> Iterator[Hit]:
    """Pixels that are divided by 255 although they are from 0 to 1 already."""
    for event in trace.all(Operation):
        const, node = event.right.const, event.node
        again = event.left.has("normalized") or event.left.has("divided")
        if event.kind != "Div" or not again or not event.left.has("inputs"):
            continue
        if isinstance(const, (int, float)) and const > 100 and isinstance(node, ast.BinOp):
            yield Hit(node, replaced(trace.source, node, segment(trace.source, node.left)), const)


def rows_apart(trace: Trace) -> Iterator[Hit]:
    """Inputs and labels of different rows in one call."""
    for event in trace.all(Call):
        values = [*event.arguments, *event.keywords.values()]
        inputs = [v for v in values if v.has("inputs", "loaded")]
        labels = [v for v in values if v.has("labels", "loaded")]
        if len(inputs) != 1 or len(labels) != 1 or event.name in ("zip", "print", "shape"):
            continue
        x, t = inputs[0], labels[0]
        if (x.split and t.split and x.split != t.split) or differ(x.rows, t.rows):
            facts = {"use": segment(trace.source, event.node), **trace.place(event.node.lineno)}
            both = _reordered(trace, *_parting(x, t), facts)
            node = _argument_node(event.node, values.index(t))
            yield from both or [_apart(trace, event.node, node, x, t, facts)]


def _argument_node(call: ast.Call, position: int) -> ast.expr | None:
    nodes = [*call.args, *(k.value for k in call.keywords)]
    return nodes[position] if position < len(nodes) else None


def _apart(
    trace: Trace, call: ast.Call, label: ast.expr | None, x: Value, t: Value, facts: dict[str, str]
) -> Hit:
    """The hit at the line that took the labels, or at the call."""
    source = trace.source
    first, second = _parting(x, t)
    if x.split and t.split and x.split != t.split and label is not None:
        other = name_in_set(trace, t, x.split)
        text = segment(source, label)
        new = other if isinstance(label, ast.Name) and other else text.replace(t.split, x.split)
        return Hit(call, replaced(source, label, new), facts=facts)
    if not isinstance(first, ast.Subscript):
        inputs = call.args[0] if call.args else None
        if isinstance(second, ast.Subscript) and inputs is not None and inputs is not label:
            new = f"{segment(source, inputs)}[{segment(source, second.slice)}]"
            return Hit(call, replaced(source, inputs, new), facts=facts)
        return Hit(call, line_of(source, call), facts=facts)
    if not isinstance(second, ast.Subscript):
        index = segment(source, first.slice)
        new = f"{segment(source, label)}[{index}]" if label is not None else index
        place = label or call
        return Hit(call, replaced(source, place, new), facts=facts)
    if len(x.rows) > len(t.rows) and ast.unparse(first.slice) == ast.unparse(second.slice):
        return _shuffled_alone(trace, x, second, call, facts)
    new = segment(source, first.slice)
    if any(isinstance(n, ast.Call) for n in ast.walk(first.slice)):
        statements = [trace.statement(n) for n in (first, second)]
        if all(isinstance(s, ast.Assign) for s in statements):
            names = ", ".join(
                segment(source, s.targets[0]) for s in statements if isinstance(s, ast.Assign)
            )
            taken = ", ".join(f"{segment(source, n.value)}[mask]" for n in (first, second))
            return Hit(second, f"mask = {new}; {names} = {taken}", facts=facts)
    return Hit(second, replaced(source, second.slice, new), facts=facts)


def _parting(x: Value, t: Value) -> tuple[ast.AST | None, ast.AST | None]:
    """Where rows of inputs and of labels were taken, at the first selection that differs."""
    chains = []
    for value in (x, t):
        chain, taken = [], value.attributes.get("taken")
        while taken is not None:
            chain.insert(0, taken.node)
            taken = taken.base
        chains.append(chain)
    if len(chains[0]) == len(chains[1]) == len(x.rows) == len(t.rows):
        for k, (a, b) in enumerate(zip(x.rows, t.rows, strict=True)):
            if a != b:
                return chains[0][k], chains[1][k]
    return tuple(chain[-1] if chain else None for chain in chains)  # type: ignore[return-value]


def _reordered(
    trace: Trace, first: ast.AST | None, second: ast.AST | None, facts: dict[str, str]
) -> list[Hit]:
    """Two arrays that were put into another order one after the other, each in place of itself."""
    hits = []
    for node in (first, second):
        if isinstance(node, ast.Call):  # shuffle(x), in place
            name, index = segment(trace.source, node.args[0]), ""
            place: ast.AST = node
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Call):
            name, index = segment(trace.source, node.value), segment(trace.source, node.slice)
            statement = trace.statement(node)
            if not isinstance(statement, ast.Assign):
                return []
            if segment(trace.source, statement.targets[0]) != name:
                return []
            place = statement
        else:
            return []
        order = index or f"{RANDOM}.permutation(len({name}))"
        drawn = "" if hits else f"order = {order}; "
        hits.append(Hit(place, f"{drawn}{name} = {name}[order]", facts=facts))
    return hits


def _shuffled_alone(
    trace: Trace, x: Value, second: ast.Subscript, call: ast.Call, facts: dict[str, str]
) -> Hit:
    """``x_train = x_train[order]`` without the labels."""
    earlier = x.attributes["taken"].base
    statement = trace.statement(earlier.node) if earlier is not None else None
    if earlier is None or not isinstance(statement, ast.Assign):
        return Hit(call, line_of(trace.source, call), facts=facts)
    labels, index = segment(trace.source, second.value), segment(trace.source, earlier.node.slice)
    inputs, old = (segment(trace.source, n) for n in (statement.targets[0], earlier.node.value))
    new = f"{inputs}, {labels} = {old}[{index}], {labels}[{index}]"
    return Hit(statement, new, facts=facts)


def differ(first: tuple[Any, ...], second: tuple[Any, ...]) -> bool:
    """Whether two selections certainly are of different rows."""
    if any(key is None for key in (*first, *second)):
        return False
    if len(first) != len(second):
        masks = {key[0] for key in (*first, *second)}
        return "mask" in masks
    for a, b in zip(first, second, strict=True):
        if a[0] == "slice" == b[0]:
            known = "?" not in a and "?" not in b
            if known and a != b:
                return True
        elif a != b:
            return True
    return False


def training_set_called_test(trace: Trace) -> Iterator[Hit]:
    """``test_acc = accuracy(x_train, t_train)``."""
    calls = {event.node: event for event in trace.all(Call)}
    for event in trace.all(Assigned):
        node = event.node.value if isinstance(event.node, (ast.Assign, ast.Expr)) else None
        if isinstance(node, ast.Call) and isinstance(event.node, ast.Expr) and node.args:
            node = node.args[0]  # test_list.append(accuracy(...))
        call = calls.get(node) if isinstance(node, ast.Call) else None
        if call is None or not TEST_WORDS.search(event.name):
            continue
        sets = [a for a in call.arguments if a.has("loaded") and a.split]
        if len(sets) > 1 and all(a.split == "train" for a in sets):
            yield Hit(call.node, _on_test_set(trace, call), facts={"name": event.name})
    yield from _same_set_twice(trace)


def _on_test_set(trace: Trace, call: Call) -> str:
    """The line of a call with the test set in place of the training set."""
    text = segment(trace.source, call.node)
    for value, node in zip(call.arguments, call.node.args, strict=False):
        other = name_in_set(trace, value, "test")
        if other and isinstance(node, ast.Name):
            text = re.sub(rf"\b{re.escape(node.id)}\b", other, text)
    if text == segment(trace.source, call.node):
        text = text.replace("train", "test")
    return replaced(trace.source, call.node, text)


def name_in_set(trace: Trace, value: Value, split: str) -> str:
    """What the script calls the same part, inputs or labels, of the other set."""
    statement = trace.statement(value.node) if isinstance(value.node, ast.Call) else None
    if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Tuple):
        return ""
    pairs = statement.targets[0].elts
    pair = pairs[split == "test"] if len(pairs) == 2 else None
    if not isinstance(pair, ast.Tuple) or len(pair.elts) != 2:
        return ""
    part = pair.elts[value.has("labels")]
    return part.id if isinstance(part, ast.Name) else ""


def _same_set_twice(trace: Trace) -> Iterator[Hit]:
    """Two measurements of the training set in a row, while the test set is never used."""
    events = [e for e in trace.all(Call) if len(e.arguments) == 2][:MOST_LOOKED_AT]
    measured = [e for e in events if _measures(e)]
    if not measured or any(a.split == "test" for e in measured for a in e.arguments):
        return
    for first, second in itertools.pairwise(measured):
        same = first.name == second.name and first.node is not second.node
        close = 0 < second.node.lineno - first.node.lineno <= 2
        serials = [[a.serial for a in event.arguments] for event in (first, second)]
        if same and close and serials[0] == serials[1] and first.arguments[0].split == "train":
            name = segment(trace.source, second.node.func)
            new = _on_test_set(trace, second)
            yield Hit(second.node, new, facts={"name": name}, confidence=0.7)


def _measures(event: Call) -> bool:
    x, t = event.arguments
    whole = x.has("inputs", "loaded") and t.has("labels", "loaded")
    return whole and event.result.kind in (NUMBER, UNKNOWN) and not event.result.has("gradient")
