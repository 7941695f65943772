"""The words of a stepwise page: what each node computes, and what it sends back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mitbadak.functions.differentiable import value_of
from mitbadak.graph import Variable
from mitbadak.plots.graph.building import pullbacks_of
from mitbadak.plots.graph.labels import clean, number, value_text
from mitbadak.plots.graph.notation import argument_name, operands
from mitbadak.plots.graph.picture import INPUT, OUTPUT, Picture

START, FORWARD, RESULT, BACKWARD = "start", "forward", "result", "backward"
BETWEEN = {"add": "+", "subtract": "−", "multiply": "·", "divide": "÷", "power": "^"}
TEXTS = {
    "en": {
        "start": "Start",
        "given": "The inputs are given. The forward pass computes one node at a time.",
        "forward": "forward {i} of {n}: {name}",
        "result": "Result",
        "turned": "The result is known. The backward pass starts from it with the gradient "
                  "{gradient}.",
        "backward": "backward {i} of {n}: {name}",
        "branch": "Branch",
        "added": "the gradients of all uses add up: {sum}",
        "input": "input",
        "elsewhere": "{gradient} including uses outside this picture",
        "nothing": "no gradient flows further back",
    },
    "ko": {
        "start": "시작",
        "given": "입력값이 주어졌습니다. 순전파에서는 노드를 하나씩 차례로 계산합니다.",
        "forward": "순전파 {n}단계 중 {i}단계: {name}",
        "result": "결과",
        "turned": "결과가 나왔습니다. 이제 입력 쪽으로 역전파합니다. 시작 기울기: {gradient}",
        "backward": "역전파 {n}단계 중 {i}단계: {name}",
        "branch": "분기",
        "added": "갈래마다 돌아온 기울기를 모두 더합니다. {sum}",
        "input": "입력",
        "elsewhere": "그림에 없는 계산에서 온 기울기까지 더하면 {gradient}",
        "nothing": "기울기가 더는 전파되지 않습니다",
    },
}  # fmt: skip


@dataclass(slots=True)
class PageStage:
    """One stage of a page.

    Attributes:
        phase: ``start``, ``forward``, ``result`` or ``backward``.
        nodes: positions of the nodes that it is about.
        name: name of its node.
        sentence: the calculation.
        values, gradients: positions of the edges whose texts it reveals.
        progress: which stage of how many.
    """

    phase: str
    nodes: list[int]
    name: str
    sentence: str
    values: list[int]
    gradients: list[int]
    progress: str = ""


def narrate(picture: Picture, lang: str = "en") -> list[PageStage]:
    """Forward through every operation in the order of computation, then back if it has gradients.

    Args:
        picture: picture of the graph.
        lang: ``en`` or ``ko``.
    """
    texts = TEXTS[lang]
    stages = [_start(picture, texts)]
    with np.errstate(all="ignore"):
        for i, v in enumerate(picture.variables):
            if v.operation is not None:
                stages.append(_forward(picture, i, v))
        if picture.gradients:
            stages.append(_result(picture, texts))
            for i in reversed(range(len(picture.variables))):
                stages += _backward(picture, i, texts)
    for phase in (FORWARD, BACKWARD):
        counted = [stage for stage in stages if stage.phase == phase]
        for k, stage in enumerate(counted, 1):
            stage.progress = texts[phase].format(i=k, n=len(counted), name=stage.name)
    return stages


def _start(picture: Picture, texts: dict[str, str]) -> PageStage:
    inputs = [i for i, node in enumerate(picture.nodes) if node.kind == INPUT]
    values = [
        e for i, v in enumerate(picture.variables) if v.operation is None
        for e in _edges_carrying(picture, i)
    ]  # fmt: skip
    return PageStage(START, inputs, "", texts["given"], values, [], texts["start"])


def _edges_carrying(picture: Picture, i: int) -> list[int]:
    """The edges that carry a variable: out of its node, and out of its branch."""
    edges = picture.edges_from(picture.node_of[i])
    branch = picture.branch_of.get(i)
    return edges if branch is None else [*edges, *picture.edges_from(branch)]


def _forward(picture: Picture, i: int, v: Variable) -> PageStage:
    node = picture.node_of[i]
    name = picture.nodes[node].text
    values = [value_text(a) for _, a in operands(v)]
    if _is_scalar(v):
        sentence = _formula(v, name, values)
    else:
        names = [a.name if isinstance(a, Variable) else argument_name(v, k) for k, a in operands(v)]
        inputs = [f"{clean(n)} {x}".strip() for n, x in zip(names, values, strict=True)]
        sentence = f"{', '.join(inputs)} → {value_text(v.value)}"
    return PageStage(FORWARD, [node], name, f"{name} : {sentence}", _edges_carrying(picture, i), [])


def _is_scalar(v: Variable) -> bool:
    """Whether an operation maps numbers to a number, so that it can be written out."""
    return v.ndim == 0 and all(np.ndim(value_of(a)) == 0 for _, a in operands(v))


def _formula(v: Variable, name: str, values: list[str]) -> str:
    """A call on numbers as written by hand."""
    operation = v.operation.__name__ if v.operation is not None else ""
    inner = [f"({x})" if x.startswith("−") else x for x in values]
    result = value_text(v.value)
    if operation in BETWEEN and len(values) == 2:
        first = inner[0] if operation == "power" else values[0]
        return f"{first} {BETWEEN[operation]} {inner[1]} = {result}"
    by_hand = {"negative": f"{values[0]} · (−1)", "square": f"{inner[0]}²",
               "sqrt": f"√{inner[0]}", "absolute": f"|{values[0]}|"}  # fmt: skip
    call = f"{name}({', '.join(values)})"
    return f"{by_hand.get(operation, call)} = {result}"


def _result(picture: Picture, texts: dict[str, str]) -> PageStage:
    """Where the backward pass starts: the gradients at the outputs."""
    ends = [i for i, node in enumerate(picture.nodes) if node.kind == OUTPUT]
    edges = [e for end in ends for e in picture.edges_to(end) if picture.edges[e].gradient]
    gradients = list(dict.fromkeys(picture.edges[e].gradient for e in edges)) or ["1"]
    sentence = texts["turned"].format(gradient=", ".join(gradients))
    return PageStage(RESULT, ends, texts["result"], sentence, [], edges, texts["result"])


def _backward(picture: Picture, i: int, texts: dict[str, str]) -> list[PageStage]:
    """The stages back through one variable: its branch if it has one, then its operation."""
    if i not in picture.gradients:
        return []
    v, node, branch = picture.variables[i], picture.node_of[i], picture.branch_of.get(i)
    stages = []
    if branch is not None:
        gradients = [picture.edges[e].gradient for e in picture.edges_from(branch)]
        (trunk,) = picture.edges_to(branch)
        sign = " = " if v.ndim == 0 else " → "
        total = _plus([g for g in gradients if g]) + sign + picture.edges[trunk].gradient
        sentence = f"{texts['branch']} : {texts['added'].format(sum=total)}"
        stages.append(PageStage(BACKWARD, [branch], texts["branch"], sentence, [], [trunk]))
    if v.operation is not None:
        name = picture.nodes[node].text
        edges = [e for e in picture.edges_to(node) if picture.edges[e].gradient]
        describe = _local_products if _is_scalar(v) else _shapes
        sentence = describe(picture, i, edges, texts) if edges else texts["nothing"]
        stages.append(PageStage(BACKWARD, [node], name, f"{name} : {sentence}", [], edges))
    return stages


def _plus(terms: list[str]) -> str:
    return " + ".join(f"({x})" if x.startswith("−") and k else x for k, x in enumerate(terms))


def _local_products(picture: Picture, i: int, edges: list[int], texts: dict[str, str]) -> str:
    """For numbers: each gradient as the local derivative times the gradient of the result."""
    v, pullbacks = picture.variables[i], pullbacks_of(picture.variables[i])
    dy = float(picture.gradients[i])
    products = []
    for e in edges:
        edge = picture.edges[e]
        argument, a = operands(v)[edge.port]
        pullback = pullbacks[argument]
        if pullback is None:
            continue
        local = float(np.asarray(pullback(np.ones(()))))
        factor = number(dy)
        sent = number(float(np.asarray(pullback(np.asarray(dy)))))
        product = f"{number(local)} · {f'({factor})' if factor.startswith('−') else factor}"
        text = f"{_gradient_name(a, edge.port, v, texts)} = {product} = {sent}"
        if sent != edge.gradient:
            text += f" ({texts['elsewhere'].format(gradient=edge.gradient)})"
        products.append(text)
    return ", ".join(products)


def _shapes(picture: Picture, i: int, edges: list[int], texts: dict[str, str]) -> str:
    """For arrays: the shape of the gradient of the result and of those sent back."""
    v, sent = picture.variables[i], []
    for e in edges:
        edge = picture.edges[e]
        a = operands(v)[edge.port][1]
        sent.append(f"{_gradient_name(a, edge.port, v, texts)} {edge.gradient}")
    return f"{value_text(picture.gradients[i])} → {', '.join(sent)}"


def _gradient_name(a: Any, port: int, v: Variable, texts: dict[str, str]) -> str:
    """``dapple`` as the book writes it; else after the parameter, or the argument's position."""
    name = clean(a.name) or argument_name(v, operands(v)[port][0])
    if name:
        return f"d{name}"
    return f"d({texts['input']}{f' {port + 1}' if len(operands(v)) > 1 else ''})"
