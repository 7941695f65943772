"""Errors of NumPy become the house's own; those that are already its own stay as they are."""

from __future__ import annotations

import numpy as np
import pytest

from mitbadak.core.errors import MitbadakError, ShapeError
from mitbadak.functions.numpy_calls import call_numpy


def test_an_error_of_the_house_passes_unchanged():
    ours = ShapeError("x must be of shape (n,); got (2, 3).")

    def refusing():
        raise ours

    with pytest.raises(ShapeError) as raised:
        call_numpy("np.anything", refusing, (), {})
    assert raised.value is ours


@pytest.mark.parametrize(
    ("function", "args", "built_in"),
    [
        (np.reshape, (np.ones(6), (4, 2)), ValueError),
        (np.ones(3).__getitem__, (7,), IndexError),
        (np.add, (np.ones(2), object), TypeError),
    ],
)
def test_an_error_of_numpy_keeps_its_kind_and_gets_the_name_of_the_function(
    function, args, built_in
):
    with pytest.raises(built_in, match=r"^np\.anything: ") as raised:
        call_numpy("np.anything", function, args, {})
    assert isinstance(raised.value, MitbadakError)
    assert type(raised.value.__cause__) is built_in
