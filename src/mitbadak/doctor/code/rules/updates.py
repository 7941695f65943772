"""Rules about updates: sign, learning rate, and which array is changed."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mitbadak.doctor.code.corrections import in_parentheses, replaced, segment
from mitbadak.doctor.code.hits import Hit
from mitbadak.doctor.code.names import ASCENT_WORDS, GRADIENT_WORDS, RATE_WORDS
from mitbadak.doctor.code.operations import could_be_rate
from mitbadak.doctor.code.trace import Alias, Overwritten, Returned, Trace, Update
from mitbadak.doctor.code.values import ARRAY, NUMBER, UNKNOWN, Value
from mitbadak.doctor.findings import NOTE

Term = tuple[int, ast.expr, Value]


def word_of(node: ast.AST) -> str:
    """The name by which an expression is known, such as ``grad`` of ``self.grad[key]``."""
    while isinstance(node, (ast.Subscript, ast.Call)):
        node = node.value if isinstance(node, ast.Subscript) else node.func
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def key_of(node: ast.AST) -> str:
    """The key in ``name[key]``."""
    return ast.unparse(node.slice) if isinstance(node, ast.Subscript) else ""


def is_rate(value: Value, node: ast.expr) -> bool:
    """Whether a term may be a learning rate."""
    if not isinstance(node, (ast.Name, ast.Attribute, ast.Constant, ast.Subscript)):
        return False
    if value.kind not in (NUMBER, UNKNOWN) or not could_be_rate(value, node):
        return False
    return value.kind == NUMBER or bool(RATE_WORDS.fullmatch(word_of(node)))


def gradient_sign(update: Update, term: Term) -> int:
    """1 if the term is a gradient for what is updated, -1 if a negated one, else 0."""
    _, node, value = term
    if value.sign_for(update.before):
        return value.sign_for(update.before)
    if value.has("gradient"):
        return 0
    factors = _factors(node)
    words = any(GRADIENT_WORDS.fullmatch(word_of(f)) for f in factors)
    if value.kind == UNKNOWN and (words or _fits_the_target(update, factors)):
        return -1 if value.has("negated") or isinstance(node, ast.UnaryOp) else 1
    return 0


def _fits_the_target(update: Update, factors: list[ast.expr]) -> bool:
    """``lr * other[key]`` for ``target[key]``, both given to the function."""
    args = getattr(getattr(update.function, "args", None), "args", [])
    given = {a.arg for a in args}
    key, own = key_of(update.target), word_of(update.target)
    rates = [f for f in factors if RATE_WORDS.fullmatch(word_of(f))]
    others = [f for f in factors if key and key_of(f) == key and word_of(f) in given - {own}]
    return len(factors) == 2 and bool(rates and others) and own in given


def is_gradient_term(update: Update, term: Term) -> bool:
    """Whether a term is a gradient, of whatever sign."""
    _, node, value = term
    if value.has("gradient") or value.sign_for(update.before):
        return True
    if value.kind == NUMBER and value.const != "":
        return False
    if GRADIENT_WORDS.fullmatch(word_of(node)):
        return True
    key = key_of(update.target)
    return bool(key) and key_of(node) == key


def _factors(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Div)):
        return [*_factors(node.left), *_factors(node.right)]
    return _factors(node.operand) if isinstance(node, ast.UnaryOp) else [node]


def _is_bare(node: ast.expr, value: Value) -> bool:
    """Whether no learning rate is in a gradient yet."""
    small = any(
        isinstance(f, ast.Constant) and isinstance(f.value, float) and f.value < 1
        for f in _factors(node)
    )
    rates = any(RATE_WORDS.fullmatch(word_of(f)) for f in _factors(node))
    return not (value.has("scaled") or small or rates)


def lr_plus_gradient(trace: Trace) -> Iterator[Hit]:
    """``-= lr + grad``, on one line or through a name for the step."""
    source = trace.source
    for update in trace.all(Update):
        for _, _, value in update.terms:
            mistake = value.attributes.get("mistake")
            if mistake is not None and value.has("rate-added") and len(update.terms) == 1:
                node = mistake.node
                if isinstance(node, ast.BinOp):
                    product = f"{segment(source, node.left)} * {segment(source, node.right)}"
                    yield Hit(node, replaced(source, node, product))
        if len(update.terms) != 2:
            continue
        rates = [t for t in update.terms if _rate_beside(update, t)]
        gradients = [
            t for t in update.terms if is_gradient_term(update, t) and _is_bare(t[1], t[2])
        ]
        gradients = [t for t in gradients if t not in rates]
        if len(rates) != 1 or len(gradients) != 1:
            continue
        product = f"{segment(source, rates[0][1])} * {segment(source, gradients[0][1])}"
        yield Hit(update.node, _with_step(trace, update, product))


def _rate_beside(update: Update, term: Term) -> bool:
    _, node, value = term
    if is_rate(value, node):
        return True
    plain = isinstance(node, (ast.Name, ast.Attribute)) and value.kind == UNKNOWN
    return plain and not is_gradient_term(update, term) and bool(key_of(update.target))


def _with_step(trace: Trace, update: Update, product: str) -> str:
    source, node = trace.source, update.node
    if isinstance(node, ast.AugAssign):
        return f"{segment(source, node.target)} -= {product}"
    own = segment(source, update.target)
    if isinstance(node, ast.Return) and node.value is not None:
        return replaced(source, node.value, f"{own} - {product}")
    if isinstance(node, ast.Assign):
        return replaced(source, node.value, f"{own} - {product}")
    return f"{own} -= {product}"


def lr_divides_gradient(trace: Trace) -> Iterator[Hit]:
    """``-= grad / lr``."""
    for update in trace.all(Update):
        for _, _, value in update.terms:
            mistake = value.attributes.get("mistake")
            if mistake is None or not value.has("over-rate"):
                continue
            node = mistake.node
            if isinstance(node, ast.BinOp):
                left, right = (segment(trace.source, n) for n in (node.left, node.right))
                new = f"{right} * {in_parentheses(node.left, left)}"
                yield Hit(node, replaced(trace.source, node, new))


def wrong_sign_update(trace: Trace) -> Iterator[Hit]:
    """``+= lr * grad``, ``x = x + lr * grad``, ``-= -lr * grad``."""
    decayed = {
        ast.unparse(u.target)
        for u in trace.all(Update)
        if not u.terms  # v *= momentum
    }
    for update in trace.all(Update):
        name = getattr(update.function, "name", "")
        if ASCENT_WORDS.search(name) or ASCENT_WORDS.search(ast.unparse(update.target)):
            continue
        own = ast.unparse(update.target)
        if own in decayed or update.before.has("gradient"):
            continue
        for term in update.terms:
            sign, node, value = term
            steps = value.has("scaled") or has_rate(node, value)
            text = ast.unparse(node)
            ema = (
                not isinstance(update.node, ast.Return)
                and own in text
                and "(" in text
                and (f"- {own}" in text)
            )
            foreign = value.has("slope") and not _computed_from(update.before, value)
            if not steps or ema or foreign or sign * gradient_sign(update, term) <= 0:
                continue
            sure = value.has("gradient") or value.plus
            yield Hit(update.node, _descending(trace, update, term),
                      confidence=0.0 if sure else 0.7)  # fmt: skip


def _computed_from(parameter: Value, value: Value) -> bool:
    own = {parameter.serial, parameter.root.serial}
    return bool(own & value.sources)


def has_rate(node: ast.expr, value: Value) -> bool:
    """Whether a term is a product with something like a learning rate."""
    factors = _factors(node)
    if len(factors) < 2 or value.has("squared"):
        return False
    return any(
        (isinstance(f, ast.Constant) and isinstance(f.value, (int, float)))
        or RATE_WORDS.fullmatch(word_of(f))
        for f in factors
    )


def _descending(trace: Trace, update: Update, term: Term) -> str:
    source, node = trace.source, update.node
    step = segment(source, term[1])
    if term[0] < 0 or isinstance(term[1], ast.UnaryOp):  # the minus is inside
        step = _without_minus(step)
    if isinstance(node, ast.AugAssign):
        unchanged = term[0] < 0 and "-" not in segment(source, term[1])
        operator = "+=" if unchanged else "-="
        return f"{segment(source, node.target)} {operator} {step}"
    own = next(
        (segment(source, n) for n in ast.walk(node) if isinstance(n, ast.expr)
         and ast.unparse(n) == ast.unparse(update.target) and not _is_stored(n)),
        segment(source, update.target),
    )  # fmt: skip
    value = getattr(node, "value", None)
    operator = "+" if term[0] < 0 and step == segment(source, term[1]) else "-"
    return replaced(source, value, f"{own} {operator} {step}") if value is not None else step


def _is_stored(node: ast.expr) -> bool:
    return isinstance(getattr(node, "ctx", None), ast.Store)


def _without_minus(text: str) -> str:
    stripped = text.strip()
    return stripped.replace("-", "", 1).strip() if "-" in stripped else stripped


def step_instead_of_update(trace: Trace) -> Iterator[Hit]:
    """``x =- lr * grad``, which is ``x = -(lr * grad)``."""
    for node in ast.walk(trace.source.tree):
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            continue
        if not isinstance(node.value, ast.UnaryOp) and not isinstance(node.value, ast.BinOp):
            continue
        target = node.targets[0]
        if target.end_lineno != node.lineno or node.value.lineno != node.lineno:
            continue
        line = trace.source.lines[node.lineno - 1].encode()
        after = line[target.end_col_offset :].decode(errors="replace").lstrip()
        if after.startswith(("=- ", "=+ ")):
            step = after[2:].strip()
            yield Hit(node, f"{segment(trace.source, target)} -= {step}")
    for event in trace.all(Overwritten):
        step = _without_minus(segment(trace.source, event.expression))
        yield Hit(event.node, f"{segment(trace.source, event.target)} -= {step}")


def start_changed_in_place(trace: Trace) -> Iterator[Hit]:
    """``x = init_x`` and then ``x -= step``: the caller's array changes too."""
    returned = _returned(trace)
    for update in trace.all(Update):
        root = update.before.root
        if not update.in_place or not update.terms or not isinstance(update.target, ast.Name):
            continue
        if update.before.kind not in (ARRAY, UNKNOWN) or update.before.held or root.held:
            continue
        if update.before.has("gradient"):
            continue
        if update.before.kind == UNKNOWN and not _may_step_an_array(update):
            continue
        alias = _alias_of(trace, update)
        if alias is not None:
            yield from _changed_by_alias(trace, update, alias, root, returned)
        elif root.serial in update.arguments and root.serial in returned.get(
            update.function, set()
        ):
            yield from _changed_itself(trace, update)


def _may_step_an_array(update: Update) -> bool:
    """Whether a step may be that of an array: a gradient, or a product that is no number."""
    return any(
        is_gradient_term(update, term) or (term[2].kind != NUMBER and len(_factors(term[1])) > 1)
        for term in update.terms
    )


def _changed_itself(trace: Trace, update: Update) -> Iterator[Hit]:
    """``x -= step`` of an argument that is returned too."""
    if not any(is_gradient_term(update, t) for t in update.terms):
        return
    target = segment(trace.source, update.target)
    sign, node, _ = update.terms[0]
    step = f"{target} {'-' if sign < 0 else '+'} {segment(trace.source, node)}"
    facts = _names(trace, target, target, update)
    yield Hit(update.node, f"{target} = {step}", facts=facts, confidence=0.8)


def _returned(trace: Trace) -> dict[object, set[int]]:
    result: dict[object, set[int]] = {}
    for event in trace.all(Returned):
        values = [event.value, *event.value.items.values()]
        result.setdefault(event.function, set()).update(v.root.serial for v in values)
    return result


def _alias_of(trace: Trace, update: Update) -> Alias | None:
    name = update.target.id if isinstance(update.target, ast.Name) else ""
    for alias in trace.aliases.get((update.function, name), []):
        if alias.value.root is update.before.root and alias.node.lineno <= update.node.lineno:
            return alias
    return None


def _changed_by_alias(
    trace: Trace, update: Update, alias: Alias, root: Value, returned: dict[object, set[int]]
) -> Iterator[Hit]:
    given = root.serial in update.arguments
    if given and root.serial not in returned.get(update.function, set()):
        return  # a function that changes what it is given
    later = given or _used_later(trace, alias, update)
    if update.function is not None and not later:
        return
    value = alias.node.value
    copy = f"{alias.old_name}.copy()"
    new = (
        replaced(trace.source, value, copy)
        if not isinstance(value, ast.Tuple)
        else _in_tuple(trace, value, alias.old_name)
    )
    facts = _names(trace, alias.name, alias.old_name, update)
    yield Hit(alias.node, new, facts=facts, severity="" if later else NOTE)
    sign, node, _ = update.terms[0]
    step = f"{alias.name} {'-' if sign < 0 else '+'} {segment(trace.source, node)}"
    yield Hit(update.node, f"{alias.name} = {step}", facts=facts, severity=NOTE)


def _in_tuple(trace: Trace, value: ast.Tuple, name: str) -> str:
    part = next(e for e in value.elts if isinstance(e, ast.Name) and e.id == name)
    return replaced(trace.source, part, f"{name}.copy()")


def _used_later(trace: Trace, alias: Alias, update: Update) -> bool:
    above = trace.parent(alias.node)
    while above is not None and not isinstance(above, (ast.FunctionDef, ast.Module)):
        if isinstance(above, (ast.For, ast.While)) and not any(
            isinstance(n, ast.Name) and n.id == alias.old_name and isinstance(n.ctx, ast.Store)
            for n in ast.walk(above)
        ):
            return True  # the next round begins from it
        above = trace.parent(above)
    scope = update.function if update.function is not None else trace.source.tree
    return any(
        isinstance(n, ast.Name) and n.id == alias.old_name and isinstance(n.ctx, ast.Load)
        and n.lineno > alias.node.lineno for n in ast.walk(scope)
    )  # fmt: skip


def _names(trace: Trace, name: str, old: str, update: Update) -> dict[str, str]:
    return {"name": name, "old_name": old, **trace.place(update.node.lineno)}
