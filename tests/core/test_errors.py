"""One family of errors: each is a MitbadakError, and a built-in error that other code catches."""

from __future__ import annotations

import inspect
import pickle
import re

import numpy as np
import pytest
from hypothesis import given, strategies as st

from mitbadak.core import errors
from mitbadak.core.errors import (
    MitbadakError,
    MitbadakWarning,
    RangeError,
    UnknownNameError,
    positive,
    share,
    unknown_name,
    whole,
)

CLASSES = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, Exception)]
NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize("kind", CLASSES)
def test_every_error_and_warning_belongs_to_the_family(kind: type[Exception]) -> None:
    family = MitbadakWarning if kind.__name__.endswith("Warning") else MitbadakError
    assert issubclass(kind, family)
    assert str(pickle.loads(pickle.dumps(kind("what is wrong")))) == "what is wrong"


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (errors.ShapeError, ValueError),
        (errors.DtypeError, TypeError),
        (errors.LabelError, ValueError),
        (errors.RangeError, ValueError),
        (errors.NonFiniteError, ValueError),
        (errors.FormatError, ValueError),
        (errors.RunFolderError, errors.FormatError),
        (errors.StateError, RuntimeError),
        (errors.UnknownNameError, KeyError),
        (errors.UnknownNameError, ValueError),
        (errors.MitbadakWarning, UserWarning),
    ],
)
def test_code_that_catches_the_builtin_error_still_works(
    kind: type[Exception], builtin: type[Exception]
) -> None:
    assert issubclass(kind, builtin)


def test_the_message_of_an_unknown_name_is_not_quoted_like_a_key_error() -> None:
    assert str(UnknownNameError("no such net")) == "no such net"
    assert str(KeyError("no such net")) == "'no such net'"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("sdg", "unknown optimizer 'sdg'; did you mean 'SGD'? Known: SGD, Adam."),
        ("ADAM", "unknown optimizer 'ADAM'; did you mean 'Adam'? Known: SGD, Adam."),
        ("rmsprop", "unknown optimizer 'rmsprop'. Known: SGD, Adam."),
        ("", "unknown optimizer ''. Known: SGD, Adam."),
        (None, "unknown optimizer None. Known: SGD, Adam."),
    ],
)
def test_the_closest_known_name_is_suggested(name: object, message: str) -> None:
    assert str(unknown_name("optimizer", name, ["SGD", "Adam"])) == message
    assert str(unknown_name("optimizer", name, iter(["SGD", "Adam"]))) == message


@given(st.floats(min_value=0, exclude_min=True, allow_infinity=False))
def test_numbers_above_zero_are_positive(number: float) -> None:
    assert positive("net", "lr", number) == number
    assert positive("net", "lr", np.float64(number)) == number


def plain(value: object) -> object:
    """Messages show scalars of NumPy as Python's."""
    return value.item() if isinstance(value, np.generic) else value


@pytest.mark.parametrize("value", [0, -0.0, -1, NAN, INF, -INF, True, np.True_, None, "a", [1], 1j])
def test_a_number_that_is_not_positive_is_refused_by_name(value: object) -> None:
    wanted = f"net: lr must be a finite number above 0; got {plain(value)!r}."
    with pytest.raises(RangeError, match=re.escape(wanted)):
        positive("net", "lr", value)


@given(st.floats(0, 1, exclude_max=True))
def test_a_share_lies_between_0_and_1(number: float) -> None:
    assert share("net", "rate", number) == number


@pytest.mark.parametrize("value", [1, 1.0, -1e-9, NAN, INF, False, None, "half", [0.5]])
def test_a_number_outside_0_to_1_is_no_share_and_refused_by_name(value: object) -> None:
    with pytest.raises(
        RangeError, match=re.escape(f"net: rate must lie in [0, 1); got {value!r}.")
    ):
        share("net", "rate", value)


@pytest.mark.parametrize("value", [3, 3.0, np.int8(3), np.uint64(3), np.float32(3)])
def test_whole_numbers_of_any_kind_become_an_int(value: object) -> None:
    number = whole("net", "epochs", value)
    assert (number, type(number)) == (3, int)


@pytest.mark.parametrize("value", [0, -1, 1.5, NAN, INF, True, np.True_, None, "3", [3], 3j])
def test_a_number_that_is_not_whole_is_refused_by_name(value: object) -> None:
    wanted = f"net: epochs must be a whole number of at least 1; got {plain(value)!r}."
    with pytest.raises(RangeError, match=re.escape(wanted)):
        whole("net", "epochs", value)


def test_the_least_whole_number_can_be_set() -> None:
    assert whole("net", "steps", 0, least=0) == 0
    with pytest.raises(RangeError, match="at least 5; got 4"):
        whole("net", "steps", 4, least=5)
