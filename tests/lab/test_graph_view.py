"""The session of the Graph view, without a browser: expressions are recorded, never executed."""

from __future__ import annotations

import ast
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from mitbadak.lab.formula import parsed_formula
from mitbadak.lab.graph.expression import ARITHMETIC, FUNCTIONS, names_in, record, value_at
from mitbadak.lab.graph.session import GraphView, graph_frame
from mitbadak.lab.schema import RefusedError, defaults
from mitbadak.lab.wire import packed

SMOOTH = sorted(set(FUNCTIONS) - {"floor", "sign", "abs", "relu", "min", "max"})


def told(formula: str, **values: float) -> dict[str, Any]:
    """What a page is told about an expression."""
    view = GraphView()
    entries = [{"name": name, "value": value} for name, value in values.items()]
    view.receive({"type": "set", "settings": {"formula": formula, "values": entries}})
    (frame,) = view.frames()
    packed(frame)
    return frame.content


def test_the_books_apples() -> None:
    content = told("(apple * apples + orange * oranges) * tax",
                   apple=100, apples=2, orange=150, oranges=3, tax=1.1)  # fmt: skip
    assert content["result"] == pytest.approx(715)
    gradients = {v["name"]: v["gradient"] for v in content["variables"]}
    assert gradients == pytest.approx(
        {"apple": 2.2, "apples": 110, "orange": 3.3, "oranges": 165, "tax": 650}
    )


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("x", [0.3, 0.9])
def test_every_function_has_the_gradient_of_its_definition(name: str, x: float) -> None:
    arguments = ", ".join(["x", "y"][: FUNCTIONS[name][1]])
    content = told(f"{name}({arguments}) * 2", x=x, y=0.7)
    for variable in content["variables"]:
        assert variable["gradient"] == pytest.approx(variable["numerical"], rel=1e-5, abs=1e-6)


@st.composite
def expressions(draw: Any) -> str:
    """Expressions of operators, functions, numbers and three variables."""
    leaves = st.sampled_from(["x", "y", "z", "2", "0.5", "pi"])
    names = st.sampled_from(["sin", "tanh", "sigmoid", "exp", "softplus"])

    def larger(parts: Any) -> Any:
        binary = st.tuples(parts, st.sampled_from("+-*"), parts)
        return st.one_of(
            binary.map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
            st.tuples(names, parts).map(lambda p: f"{p[0]}({p[1]})"),
            parts.map(lambda p: f"(-{p})"),
        )

    return draw(st.recursive(leaves, larger, max_leaves=8)) + " + x"


@given(expressions())
def test_a_recorded_expression_is_the_expression(text: str) -> None:
    tree = parsed_formula(text)
    values = {name: 0.4 + 0.3 * i for i, name in enumerate(names_in(tree))}
    y, _ = record(tree, values)
    python = eval(  # the judge; its text is made in this test
        text, {"pi": np.pi, **values, **{name: f for name, (f, _) in FUNCTIONS.items()}}
    )
    assert float(y.value) == pytest.approx(float(python), nan_ok=True)
    assert value_at(tree, values) == pytest.approx(float(python), nan_ok=True)


@pytest.mark.parametrize(
    ("formula", "match"),
    [
        ("__import__('os').system('true') + x", "may not say"),
        ("x.real + 1", r"may not say 'x.real'"),
        ("[x for x in y]", "may not say"),
        ("(lambda: x)() + x", "may not say"),
        ("x if x else 1", "may not say"),
        ("x > 1", "may not say 'x > 1'"),
        ("not x", "may not say"),
        ("x and y", "may not say"),
        ("sin(x, x)", "sin takes 1 numbers; got 2"),
        ("sin(x=1) + x", "may not say"),
        ("eval(x)", "may not say"),
        ("sin * x", "sin is a function"),
        ("1 + 2", "1 to 8 variables; got 0"),
        ("a+b+c+d+f+g+h+i+j", "1 to 8 variables; got 9"),
        ("x", "needs at least one operation"),
        ("x +", "is not a formula"),
        ("verylongnameofavariable + 1", "at most 16 characters"),
        ("x" + "+x" * 70, "at most 120 parts"),
        ("'text' * x", "may not say"),
        ("True + x", "may not say"),
        ("1e300 * x", "may not say"),
    ],
)  # fmt: skip
def test_everything_else_is_refused_in_a_sentence(formula: str, match: str) -> None:
    content = told(formula)
    assert content["type"] == "unreadable"
    english, korean = content["text"]
    assert re.search(match, english), english
    assert re.search("[가-힣]", korean), korean


def test_the_operators_are_those_of_formulas_without_logic() -> None:
    assert {ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.Mod} < set(ARITHMETIC)
    assert not {ast.And, ast.Or, ast.Not, ast.Lt, ast.Gt} & set(ARITHMETIC)


@pytest.mark.parametrize("formula", ["log(x)", "1 / x", "x ^ 0.5", "exp(exp(exp(x)))", "x % 0"])
@pytest.mark.parametrize("x", [-1.0, 0.0, 100.0])
def test_values_that_are_not_finite_are_shown_and_not_an_error(formula: str, x: float) -> None:
    assert told(f"{formula} + 1", x=x)["type"] == "graph"


def test_a_picture_has_no_style_of_its_own_and_all_its_edges_are_revealed() -> None:
    for direction in ("right", "down"):
        settings = {**defaults(GraphView.SETTINGS), "direction": direction}
        content = graph_frame(settings).content
        assert "<style" not in content["svg"]
        assert "style=" not in content["svg"]
        for stages in content["stages"].values():
            shown = {edge for stage in stages for edge in stage["values"]}
            back = {edge for stage in stages for edge in stage["gradients"]}
            edges = set(map(int, re.findall(r'data-edge="(\d+)"', content["svg"])))
            assert shown == back == edges
        english, korean = content["stages"].values()
        assert [s["nodes"] for s in english] == [s["nodes"] for s in korean]
        assert all(re.search("[가-힣]", stage["progress"]) for stage in korean)


def test_names_cannot_carry_markup() -> None:
    svg = told("가격 * x", x=2)["svg"]
    assert "가격" in svg
    assert told("a<b>c * x")["type"] == "unreadable"


def test_a_graph_is_told_once_and_again_when_it_changes() -> None:
    view = GraphView()
    view.receive({"type": "hello"})
    assert [f.content["type"] for f in view.frames()] == ["settings", "functions", "graph"]
    assert view.frames() == []
    view.receive({"type": "set", "settings": {"stage": 3}})
    assert view.frames() == []
    view.receive({"type": "set", "settings": {"values": [{"name": "x", "value": -1.0}]}})
    (frame,) = view.frames()
    assert frame.content["variables"][0]["value"] == -1
    assert frame.content["variables"][1]["value"] == 2  # y, which has no value yet
    with pytest.raises(RefusedError, match=r"settings\.values\[0\]\.value must be a number"):
        view.receive({"type": "set", "settings": {"values": [{"name": "x", "value": "1"}]}})
