"""The type checks of the test run catch wrong types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import jaxtyping
import numpy as np
import pytest

import house_types
from mitbadak.core.typing import Array, Float


def test_axes_of_one_name_have_one_length():
    @house_types.decorate(typechecker=house_types.check)
    def affine(x: Float[Array, "batch n_in"], W: Float[Array, "n_in n_out"]) -> Array:
        return x @ W

    assert affine(np.ones((2, 3)), np.ones((3, 4))).shape == (2, 4)
    with pytest.raises(jaxtyping.TypeCheckError):
        affine(np.ones((2, 3)), np.ones((2, 3)))


def half(x: float) -> float:
    return x / 2


def test_arguments_that_are_not_arrays_are_checked_too():
    checked = house_types.decorate(typechecker=house_types.check)(half)
    assert checked(3) == 1.5
    with pytest.raises(Exception, match="violates type hint"):
        checked("3")


class Chainable:
    def chained(self) -> Self:
        return self


if TYPE_CHECKING:
    from decimal import Decimal


def price() -> Decimal:
    return 3  # pyright: ignore[reportReturnType]


def test_types_that_do_not_exist_at_run_time_stop_no_call():
    for function, args in ((Chainable.chained, [Chainable()]), (price, [])):
        house_types.decorate(function, typechecker=house_types.check)(*args)
