"""NumPy calls on variables: values and gradients of orders 1 to 3 against JAX, in float64.

Needs the ``bench`` extra. The tests that do not need JAX are in ``test_numpy_calls``.
"""

from __future__ import annotations

import pytest

from numpy_surface import DIFFERENTIABLE, METHODS
from numpy_surface.calls import Call, compare, known_here

pytest.importorskip("jax")

CALLS = [
    pytest.param(call, id=f"{kind}{name}-{i}")
    for kind, table in (("", DIFFERENTIABLE), ("x.", METHODS))
    for name, calls in table.items()
    for i, call in enumerate(calls)
    if known_here(call)
]


@pytest.mark.parametrize("call", CALLS)
def test_values_and_gradients_are_those_of_jax(call: Call):
    compare(call)
