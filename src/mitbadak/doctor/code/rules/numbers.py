"""Rules about numbers: integers, fractions, and sums over the wrong axis."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from mitbadak.doctor.code.corrections import replaced, segment, with_keyword
from mitbadak.doctor.code.hits import Hit
from mitbadak.doctor.code.names import (
    LOSS_WITH_SIGMOID,
    LOSS_WITH_SOFTMAX,
    last_part,
)
from mitbadak.doctor.code.trace import (
    Call,
    Indexed,
    Operation,
    Returned,
    SoftmaxOf,
    Stored,
    Trace,
    Update,
)
from mitbadak.doctor.code.values import ARRAY, FUNCTION, UNKNOWN, Value
from mitbadak.doctor.findings import NOTE

DIFFERENTIATES = {"numerical_gradient", "gradient_descent", "numerical_gradient_2d"}
ORDERED = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def integer_parameters(trace: Trace) -> Iterator[Hit]:
    """Arrays of integers that are changed by fractions."""
    for update in trace.all(Update):
        value = update.before
        floats = [v for _, _, v in update.terms if v.dtype == "float" or v.has("gradient")]
        if update.in_place and _is_integer_array(value) and floats:
            yield _integers(trace, value, update.node)
    for event in trace.all(Stored):
        fraction = event.value.dtype == "float"
        whole = isinstance(event.value.const, float) and event.value.const.is_integer()
        if _is_integer_array(event.array) and fraction and not whole:
            yield _integers(trace, event.array, event.node)
    for event in trace.all(Call):
        ours = event.full_name.startswith("mitbadak.")
        if event.name in DIFFERENTIATES and not event.inlined and not ours:
            function, value, *_ = (*event.arguments, None, None)
            of_function = function is not None and function.kind in (FUNCTION, UNKNOWN)
            if of_function and value is not None and _is_integer_array(value):
                yield _integers(trace, value, event.node)


def _is_integer_array(value: Value) -> bool:
    return value.kind == ARRAY and value.dtype == "int"


def _integers(trace: Trace, value: Value, use: ast.AST) -> Hit:
    facts = {"use": segment(trace.source, use), **trace.place(
        getattr(use, "lineno", 1))}  # fmt: skip
    origin = value.node
    if not isinstance(origin, ast.Call):
        return Hit(use, segment(trace.source, use), facts=facts)
    name = last_part(ast.unparse(origin.func))
    given = next((k for k in origin.keywords if k.arg == "dtype"), None)
    position = 2 if name == "full" else 1
    if given is not None or (
        len(origin.args) > position and name in ("array", "zeros", "ones", "full")
    ):
        new = with_keyword(trace.source, origin, "dtype", "float", position)
        return Hit(_on_line(origin, given), new,
                   facts=facts)  # fmt: skip
    text = segment(trace.source, origin)
    if name in ("array", "asarray") and origin.args and not isinstance(origin.args[0], ast.Name):
        inner = segment(trace.source, origin.args[0])
        new = re.sub(r"(?<![\w.])(\d+)(?![\w.])", r"\1.0", inner)
        return Hit(origin, replaced(trace.source, origin, text.replace(inner, new, 1)), facts=facts)
    if name in ("array", "asarray", "arange", "full"):
        return Hit(origin, with_keyword(trace.source, origin, "dtype", "float", 9), facts=facts)
    return Hit(origin, replaced(trace.source, origin, f"{text}.astype(float)"), facts=facts)


def _on_line(call: ast.Call, keyword: ast.keyword | None) -> ast.AST:
    return keyword.value if keyword is not None else call


def float_epoch_modulo(trace: Trace) -> Iterator[Hit]:
    """``i % iter_per_epoch == 0``, where the number of iterations has a fraction."""
    for event in trace.all(Operation):
        value = event.right
        if event.kind != "Mod" or not value.has("quotient") or value.dtype != "float":
            continue
        above = trace.parent(event.node)
        if isinstance(above, ast.Compare) and isinstance(above.ops[0], ORDERED):
            continue
        const = value.const if isinstance(value.const, float) else None
        whole = const is not None and const.is_integer()
        division = value.node
        facts = {"use": segment(trace.source, event.node),
                 **trace.place(event.node.lineno)}  # fmt: skip
        severity = "note" if whole else ""
        if isinstance(division, ast.BinOp) and isinstance(division.op, ast.Div):
            left, right = (segment(trace.source, n) for n in (division.left, division.right))
            new = f"{left} // {right}"
            yield Hit(division, replaced(trace.source, division, new), const, facts, severity)
            if isinstance(event.node, ast.BinOp) and event.node.lineno != division.lineno:
                inner = segment(trace.source, event.node.right)
                whole_part = replaced(trace.source, event.node.right, f"int({inner})")
                yield Hit(event.node, whole_part, const, facts, NOTE)
        elif isinstance(event.node, ast.BinOp):
            inner = segment(trace.source, event.node.right)
            new = replaced(trace.source, event.node.right, f"int({inner})")
            yield Hit(event.node, new, const, facts, severity)


def softmax_twice(trace: Trace) -> Iterator[Hit]:
    """Softmax of what softmax returned, or a loss that has one fed with probabilities."""
    for event in trace.all(SoftmaxOf):
        value = event.value
        if value.has("softmax"):
            hit = _twice(trace, value, event.node)
            yield hit
            node = event.node
            if isinstance(node, ast.Call) and node.args and node is not hit.node:
                new = replaced(trace.source, node, segment(trace.source, node.args[0]))
                line = getattr(hit.node, "lineno", 1)
                facts = {"use": segment(trace.source, hit.node), **trace.place(line)}
                yield Hit(node, new, facts=facts, severity=NOTE)
    for event in trace.all(Call):
        first = event.arguments[0] if event.arguments else None
        if first is None:
            continue
        parts = {
            part.lower() for part in (event.name, *event.full_name.replace(" ", ".").split("."))
        }
        if parts & LOSS_WITH_SOFTMAX and first.has("softmax"):
            yield _twice(trace, first, event.node)
        if parts & LOSS_WITH_SIGMOID and first.has("sigmoid"):
            yield _twice(trace, first, event.node)


def _twice(trace: Trace, value: Value, use: ast.expr) -> Hit:
    facts = {"use": segment(trace.source, use), **trace.place(use.lineno)}
    node = trace.maker(value)
    if isinstance(node, ast.Call) and node.args:
        argument = segment(trace.source, node.args[0])
        return Hit(node, replaced(trace.source, node, argument), facts=facts)
    if isinstance(use, ast.Call) and use.args:
        return Hit(
            use, replaced(trace.source, use, segment(trace.source, use.args[0])), facts=facts
        )
    return Hit(use, segment(trace.source, use), facts=facts)


def softmax_over_the_batch(trace: Trace) -> Iterator[Hit]:
    """``exp(x) / sum(exp(x))`` of a batch: one sum for all examples."""
    for event in trace.all(SoftmaxOf):
        above, below = event.exponentials, event.sums
        if above is None or below is None or above.ndim != 2:
            continue
        first = below.attributes["axis"].const == 0
        flipped = above.has("transposed")
        if not below.has("all-axes") and not (first and not flipped):
            continue
        node = below.node
        if isinstance(node, ast.Call):
            axis = ast.keyword("axis", ast.Constant(-1))
            kept = ast.keyword("keepdims", ast.Constant(True))
            call = ast.Call(node.func, node.args[:1], [axis, kept])
            yield Hit(node, replaced(trace.source, node, ast.unparse(call)))


def loss_without_batch_mean(trace: Trace) -> Iterator[Hit]:
    """A cross entropy summed over the batch and never divided by its size."""
    for event in trace.all(Returned):
        if event.value.has("summed-loss") and isinstance(event.node, ast.Return):
            value = event.node.value
            if value is not None:
                text, name = segment(trace.source, value), _first_argument(event.function)
                new = f"return {text} / {name}.shape[0]"
                yield Hit(event.node, new)


def _first_argument(function: object) -> str:
    args = getattr(getattr(function, "args", None), "args", [])
    names = [a.arg for a in args if a.arg != "self"]
    return names[0] if names else "y"


def flat_index_on_matrix(trace: Trace) -> Iterator[Hit]:
    """``x[i]`` for ``i in range(x.size)``, where x has two axes."""
    for event in trace.all(Indexed):
        of = event.index.attributes.get("of")
        if of is None or not event.index.has("flat-index") or event.value.ndim != 2:
            continue
        name = segment(trace.source, event.node.value)
        new = f"{name}.flat[{segment(trace.source, event.node.slice)}]"
        yield Hit(event.node, replaced(trace.source, event.node, new), 2)
