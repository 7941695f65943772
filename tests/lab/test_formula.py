"""Formulas: what they may say, that they are right, and that nothing else is ever evaluated."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given, strategies as st

from mitbadak.lab.formula import FUNCTIONS, evaluate_formula
from mitbadak.lab.schema import RefusedError

X = {"x1": np.array([-1.5, 0.5, 2.0]), "x2": np.array([3.0, -0.25, 1.0])}
ALLOWED = (
    "1", "x1", "-x1 + 2*x2", "x1**2 / (1 + x2**2)", "x1 % 2", "sin(x1) * cos(x2)",
    "hypot(x1, x2)", "max(x1, min(x2, 1))", "pi * e", "tanh(x1 - x2) + abs(x2)",
)  # fmt: skip
COMPARED = ("x1 > x2", "0 < x1 < 1", "x1 > 0 and not x2 > 0", "hypot(x1, x2) <= 1 or x1 >= 2")
REFUSED = (
    "__import__('os').system('true')", "x1.__class__", "x1[0]", "(lambda: 1)()", "[1, 2]", "'a'",
    "open('f')", "eval('1')", "x3", "x1 == x2", "sin(x1, x2)", "sin(x=1)", "f'{x1}'",
    "x1 if x2 else 1",
    "", "x1 +", "x1; x2", "x1 = 1", "9" * 20, "True", "None", "1j", "sin", "(" * 400,
    "x1 & x2", "~1",
    "x1 @ x2", "sum(i for i in [1])", "*x1", "print", "x1 in x2", "globals()",
    "+".join(["x1"] * 90),
)  # fmt: skip


@pytest.mark.parametrize("text", ALLOWED)
def test_the_value_is_pythons_own(text: str) -> None:
    names = {name: function for name, (function, _) in FUNCTIONS.items()}
    expected = eval(text, {"__builtins__": {}}, {**names, **X, "pi": np.pi, "e": np.e})
    np.testing.assert_allclose(evaluate_formula(text, X), np.broadcast_to(expected, 3), rtol=1e-12)


@pytest.mark.parametrize("text", COMPARED)
def test_comparisons_are_true_or_false(text: str) -> None:
    value = evaluate_formula(text, X)
    names = {name: function for name, (function, _) in FUNCTIONS.items()}
    for i in range(3):
        one = {name: array[i] for name, array in X.items()}
        assert value[i] == bool(eval(text, {"__builtins__": {}}, {**names, **one}))


@pytest.mark.parametrize("text", REFUSED)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match=r"formula|takes"):
        evaluate_formula(text, X)


def test_powers_of_powers_end_at_once() -> None:
    assert np.isinf(evaluate_formula("9**9**9**9", X)).all()


@given(st.text(st.sampled_from("x12+-*/^%<>=()., sincoexpandort"), max_size=40))
def test_any_text_gives_an_array_or_a_refusal(text: str) -> None:
    with contextlib.suppress(RefusedError):
        assert evaluate_formula(text, X).shape == (3,)
