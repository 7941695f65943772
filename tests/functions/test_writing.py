"""Functions that write into their argument are refused where that would change the derivative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mitbadak.core.errors import MitbadakError, StateError
from mitbadak.descent import descend, gradient_descent
from mitbadak.functions.numerical import numerical_diff, numerical_gradient
from mitbadak.graph import gradient_of, hessian, jacobian
from mitbadak.optim import SGD


def _doubled(x: np.ndarray) -> Any:
    x *= 2
    return x


def _cleared(x: np.ndarray) -> Any:
    y = x * 2
    x[...] = 0.0
    return y


def _sorted(x: np.ndarray) -> Any:
    x.sort()
    return x * 2


def _by_out(x: np.ndarray) -> Any:
    return np.multiply(x, 2.0, out=x)


def _one_entry(x: np.ndarray) -> Any:
    x[-1] = x[0]
    return x * 2


WRITING = [_doubled, _cleared, _sorted, _by_out, _one_entry]
AT = np.array([3.0, 1e-5, 1.0])
BY_DEFINITION: dict[str, Callable[[Callable, Any], Any]] = {
    "numerical_gradient": numerical_gradient,
    "gradient_descent": lambda f, x: gradient_descent(f, x, 0.1, 2),
    "descend": lambda f, x: descend(f, x, SGD(0.1), 2),
}


@pytest.mark.parametrize("f", WRITING)
@pytest.mark.parametrize("name", BY_DEFINITION)
def test_by_definition_a_function_that_writes_is_refused(f, name):
    x = AT.copy()
    with pytest.raises(StateError, match=rf"{name}: f writes into its argument.*x = x \* 2"):
        BY_DEFINITION[name](lambda x: float(np.sum(f(x))), x)
    assert x.tobytes() == AT.tobytes()


@pytest.mark.parametrize("f", WRITING)
def test_entry_by_entry_a_function_that_writes_is_refused(f):
    with pytest.raises(StateError, match="numerical_diff: f writes into its argument"):
        numerical_diff(f, AT)


@pytest.mark.parametrize("f", WRITING)
@pytest.mark.parametrize("differentiate", [jacobian, hessian, lambda f, x: gradient_of(f)(x)])
def test_by_the_graph_a_function_that_writes_is_right_or_refused(f, differentiate):
    """``x *= 2`` makes a new variable: nothing is written, and the derivative is right."""
    if differentiate is not jacobian:
        f_of = f
        f = lambda x: np.sum(f_of(x))  # noqa: E731
    try:
        derivative = differentiate(f, AT)
    except MitbadakError:
        return
    expected = differentiate(lambda x: x * 2 if differentiate is jacobian else np.sum(x * 2), AT)
    np.testing.assert_array_equal(derivative, expected)


def test_a_write_in_the_middle_of_a_large_array_is_noticed():
    calls = iter(range(10**6))

    def f(x: np.ndarray) -> float:
        if next(calls) == 1501:
            x[0] += 1.0
        return float(x[0])

    x = np.zeros(2000)
    with pytest.raises(StateError, match="f writes into its argument"):
        numerical_gradient(f, x, progress=False)
    assert not x.any()


def test_an_argument_with_nan_in_it_is_not_taken_for_written():
    assert np.isnan(numerical_gradient(lambda x: float(x[0]), np.array([np.nan, 1.0]))[0])
