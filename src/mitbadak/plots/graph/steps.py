"""A graph told step by step: what each node computes, and what goes back through it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mitbadak.functions.differentiable import value_of
from mitbadak.graph.variable import Variable
from mitbadak.plots.graph.model import INPUT, OUTPUT, Picture, argument_name, operands, pullbacks_of
from mitbadak.plots.graph.names import BETWEEN, clean, number, value_text

START, FORWARD, TURN, BACKWARD = "start", "forward", "turn", "backward"
TEXTS = {
    "en": {
        "start": "Start",
        "given": "The inputs are given. Each step forward computes one node.",
        "forward": "forward {i} of {n}: {name}",
        "turn": "Turn",
        "turned": "The result is known. The way back begins at it, with the gradient {gradient}.",
        "backward": "backward {i} of {n}: {name}",
        "branch": "Branch",
        "added": "the gradients of all uses add up: {sum}",
        "input": "input",
        "elsewhere": "{gradient} together with uses outside this picture",
        "nothing": "no gradient goes further",
    },
    "ko": {
        "start": "시작",
        "given": "입력값이 주어져 있습니다. 한 단계에 노드를 하나씩 계산합니다.",
        "forward": "순전파 {n}단계 중 {i}단계: {name}",
        "turn": "되돌아가기",
        "turned": "결과가 나왔습니다. 이제 결과에서 거꾸로 돌아갑니다. 처음 기울기: {gradient}",
        "backward": "역전파 {n}단계 중 {i}단계: {name}",
        "branch": "분기",
        "added": "갈라진 곳마다 돌아온 기울기를 더합니다. {sum}",
        "input": "입력",
        "elsewhere": "그림 밖에서 쓰인 몫까지 더하면 {gradient}",
        "nothing": "기울기가 더 전해지지 않습니다",
    },
}  # fmt: skip


@dataclass(slots=True)
class Step:
    """One step: which nodes it is about, what is said, and the texts at edges that it reveals."""

    phase: str
    nodes: list[int]
    name: str
    sentence: str
    values: list[int]
    gradients: list[int]
    progress: str = ""


def steps_of(picture: Picture, language: str = "en") -> list[Step]:
    """Forward through every operation, as they were computed; back if there are gradients."""
    says = TEXTS[language]
    steps = [_start(picture, says)]
    with np.errstate(all="ignore"):
        for i, v in enumerate(picture.variables):
            if v.operation is not None:
                steps.append(_forward(picture, i, v))
        if picture.gradients:
            steps.append(_turn(picture, says))
            for i in reversed(range(len(picture.variables))):
                steps += _backward(picture, i, says)
    for phase in (FORWARD, BACKWARD):
        those = [s for s in steps if s.phase == phase]
        for k, step in enumerate(those, 1):
            step.progress = says[phase].format(i=k, n=len(those), name=step.name)
    return steps


def _start(picture: Picture, says: dict[str, str]) -> Step:
    given = [i for i, node in enumerate(picture.nodes) if node.kind == INPUT]
    values = [
        e for i, v in enumerate(picture.variables) if v.operation is None
        for e in _carrying(picture, i)
    ]  # fmt: skip
    return Step(START, given, "", says["given"], values, [], says["start"])


def _carrying(picture: Picture, i: int) -> list[int]:
    """The edges that carry a variable: the one out of its node, and those out of its branch."""
    edges = picture.edges_from(picture.node_of[i])
    branch = picture.branch_of.get(i)
    return edges if branch is None else [*edges, *picture.edges_from(branch)]


def _forward(picture: Picture, i: int, v: Variable) -> Step:
    node = picture.node_of[i]
    name = picture.nodes[node].text
    texts = [value_text(a) for _, a in operands(v)]
    if is_of_numbers(v):
        said = _formula(v, name, texts)
    else:
        names = [a.name if isinstance(a, Variable) else argument_name(v, k) for k, a in operands(v)]
        entering = [f"{clean(n)} {x}".strip() for n, x in zip(names, texts, strict=True)]
        said = f"{', '.join(entering)} → {value_text(v.value)}"
    return Step(FORWARD, [node], name, f"{name} : {said}", _carrying(picture, i), [])


def is_of_numbers(v: Variable) -> bool:
    """Whether an operation takes and gives nothing but numbers, which can be told as they are."""
    return v.ndim == 0 and all(np.ndim(value_of(a)) == 0 for _, a in operands(v))


def _formula(v: Variable, name: str, texts: list[str]) -> str:
    """A call on numbers as it is written by hand."""
    made = v.operation.__name__ if v.operation is not None else ""
    inner = [f"({x})" if x.startswith("−") else x for x in texts]
    result = value_text(v.value)
    if made in BETWEEN and len(texts) == 2:
        first = inner[0] if made == "power" else texts[0]
        return f"{first} {BETWEEN[made]} {inner[1]} = {result}"
    written = {"negative": f"{texts[0]} · (−1)", "square": f"{inner[0]}²",
               "sqrt": f"√{inner[0]}", "absolute": f"|{texts[0]}|"}  # fmt: skip
    call = f"{name}({', '.join(texts)})"
    return f"{written.get(made, call)} = {result}"


def _turn(picture: Picture, says: dict[str, str]) -> Step:
    """Where the way back begins: the gradients at the ends."""
    ends = [i for i, node in enumerate(picture.nodes) if node.kind == OUTPUT]
    edges = [e for end in ends for e in picture.edges_to(end) if picture.edges[e].gradient]
    texts = list(dict.fromkeys(picture.edges[e].gradient for e in edges)) or ["1"]
    said = says["turned"].format(gradient=", ".join(texts))
    return Step(TURN, ends, says["turn"], said, [], edges, says["turn"])


def _backward(picture: Picture, i: int, says: dict[str, str]) -> list[Step]:
    """The steps back through one variable: its branch where it has one, then its operation."""
    if i not in picture.gradients:
        return []
    v, node, branch = picture.variables[i], picture.node_of[i], picture.branch_of.get(i)
    steps = []
    if branch is not None:
        arriving = [picture.edges[e].gradient for e in picture.edges_from(branch)]
        (trunk,) = picture.edges_to(branch)
        total = picture.edges[trunk].gradient
        sign = " = " if v.ndim == 0 else " → "
        added = _plus([g for g in arriving if g]) + sign + total
        said = f"{says['branch']} : {says['added'].format(sum=added)}"
        steps.append(Step(BACKWARD, [branch], says["branch"], said, [], [trunk]))
    if v.operation is not None:
        name = picture.nodes[node].text
        edges = [e for e in picture.edges_to(node) if picture.edges[e].gradient]
        tell = _local_products if is_of_numbers(v) else _shapes
        said = tell(picture, i, edges, says) if edges else says["nothing"]
        steps.append(Step(BACKWARD, [node], name, f"{name} : {said}", [], edges))
    return steps


def _plus(texts: list[str]) -> str:
    return " + ".join(f"({x})" if x.startswith("−") and k else x for k, x in enumerate(texts))


def _local_products(picture: Picture, i: int, edges: list[int], says: dict[str, str]) -> str:
    """For numbers: each gradient as the local derivative times what has arrived."""
    v, pullbacks = picture.variables[i], pullbacks_of(picture.variables[i])
    arrived = float(picture.gradients[i])
    said = []
    for e in edges:
        edge = picture.edges[e]
        at, a = operands(v)[edge.port]
        back = pullbacks[at]
        if back is None:
            continue
        local = float(np.asarray(back(np.ones(()))))
        factor = number(arrived)
        sent = number(float(np.asarray(back(np.asarray(arrived)))))
        product = f"{number(local)} · {f'({factor})' if factor.startswith('−') else factor}"
        text = f"{_gradient_name(a, edge.port, v, says)} = {product} = {sent}"
        if sent != edge.gradient:
            text += f" ({says['elsewhere'].format(gradient=edge.gradient)})"
        said.append(text)
    return ", ".join(said)


def _shapes(picture: Picture, i: int, edges: list[int], says: dict[str, str]) -> str:
    """For arrays: what arrives, and the shape of each gradient that goes on."""
    v, leaving = picture.variables[i], []
    for e in edges:
        edge = picture.edges[e]
        a = operands(v)[edge.port][1]
        leaving.append(f"{_gradient_name(a, edge.port, v, says)} {edge.gradient}")
    return f"{value_text(picture.gradients[i])} → {', '.join(leaving)}"


def _gradient_name(a: Any, port: int, v: Variable, says: dict[str, str]) -> str:
    """``dapple`` as the book writes it; or by the operation's word for it, or by its place."""
    name = clean(a.name) or argument_name(v, operands(v)[port][0])
    if name:
        return f"d{name}"
    return f"d({says['input']}{f' {port + 1}' if len(operands(v)) > 1 else ''})"
