"""What arrays refuse in an operator, variables refuse by an error of NumPy's class and our own."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mitbadak.core.errors import MitbadakError
from mitbadak.graph import Variable

ARITHMETIC = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod,
    operator.pow, operator.matmul, divmod,
]  # fmt: skip
COMPARISONS = [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne]
OTHERS = {"another shape": np.ones(5), "None": None, "text": "a", "an object": object()}
OTHER_CALLS: dict[str, Callable[[Any], Any]] = {
    "an index beyond the end": lambda x: x[7],
    "too many indices": lambda x: x[0, 1],
    "a name as an index": lambda x: x["a"],
    "pow with a modulus": lambda x: pow(x, 2, 3),
    "bool of several": bool,
    "int of several": int,
    "len of a number": lambda x: len(x[0]),
    "entries of a number": lambda x: list(x[0]),
    "item beyond the end": lambda x: x.item(7),
    "in": lambda x: np.ones(5) in x,
    "the methods": lambda x: x.reshape(7),
}


def compare(call: Callable[[Any], Any]) -> None:
    x = np.array([0.5, 1.0, 2.0])
    try:
        call(x)
    except Exception as error:
        refusal: type[Exception] = type(error)
    else:
        return
    known = next(kind for kind in refusal.__mro__ if kind.__module__ == "builtins")
    with pytest.raises(MitbadakError) as own:
        call(Variable(x))
    assert isinstance(own.value, known)


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("operation", [*ARITHMETIC, *COMPARISONS], ids=lambda f: f.__name__)
def test_operands_that_do_not_fit_raise_an_error_of_both_classes(operation, other):
    compare(lambda x: operation(x, OTHERS[other]))
    compare(lambda x: operation(OTHERS[other], x))


@pytest.mark.parametrize("call", OTHER_CALLS)
def test_other_operators_raise_an_error_of_both_classes(call):
    compare(OTHER_CALLS[call])


def test_the_error_names_numpys_function_and_its_reason():
    with pytest.raises(MitbadakError, match=r"np\.subtract: operands could not be broadcast"):
        _ = Variable([1.0, 2.0]) - np.ones(5)
