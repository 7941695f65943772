"""Every rule and composition refuses a bad set of gradients as a whole, with the same message."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import mitbadak as mb
from compositions import COMPOSITIONS
from mitbadak import optim
from mitbadak.core.errors import DtypeError, NonFiniteError, ShapeError, UnknownNameError

RULES = {**optim.OPTIMIZERS, **COMPOSITIONS}
NAMES = ("W1", "b1", "W2", "b2")


def start() -> dict[str, np.ndarray]:
    return {name: np.array([1.0, -2.0]) for name in NAMES}


def slopes() -> dict[str, np.ndarray]:
    return {name: np.array([0.5, 0.25]) for name in NAMES}


def without(name: str) -> dict[str, np.ndarray]:
    return {key: g for key, g in slopes().items() if key != name}


CASES = {
    "a surplus gradient": (
        slopes() | {"W9": np.ones(2)}, UnknownNameError, "a gradient for 'W9' but no such param"),
    "a misspelt gradient": (
        without("W1") | {"w1": np.ones(2)}, UnknownNameError, "for 'w1' but no such parameter"),
    "a missing gradient": (without("b2"), UnknownNameError, "parameter 'b2' has no gradient"),
    "no gradient at all": ({}, UnknownNameError, "parameter 'W1' has no gradient"),
    "a list for a dict": (list(slopes().values()), DtypeError, "dict of the same names, like"),
    "NaN": (slopes() | {"b2": np.array([np.nan, 1])}, NonFiniteError, "'b2' holds NaN or infinity"),
    "inf": (slopes() | {"b2": np.array([1, np.inf])}, NonFiniteError, "nothing was updated"),
    "both": (slopes() | {"b2": np.array([np.inf, -np.inf])}, NonFiniteError, "Try a smaller lr"),
    "a column": (slopes() | {"b2": np.ones((2, 1))}, ShapeError, r"shape \(2,\), but its"),
    "a number": (slopes() | {"b2": 1.0}, ShapeError, r"but its gradient \(\)"),
    "complex": (slopes() | {"b2": np.ones(2) * 1j}, DtypeError, "of 'b2' has dtype complex"),
    "objects": (slopes() | {"b2": np.ones(2, object)}, DtypeError, "of 'b2' has dtype object"),
    "masked": (
        slopes() | {"b2": np.ma.masked_array(np.ones(2), [False, True])},
        DtypeError, "'b2' is a masked"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("make", RULES.values(), ids=RULES)
def test_bad_gradients_are_refused_and_nothing_changes(make, case):
    grads, error, message = CASES[case]
    params, rule = start(), make()
    rule.update(params, slopes())
    before = copy.deepcopy((params, rule.state, rule.steps))
    with pytest.raises(error, match=message):
        rule.update(params, grads)
    np.testing.assert_equal((params, rule.state, rule.steps), before)
    rule.update(params, slopes())  # still usable
    assert rule.steps == 2


@pytest.mark.parametrize("name", optim.OPTIMIZERS)
def test_lists_of_another_length_are_refused(name):
    x = [np.ones(2), np.ones(2)]
    for grads, message in (
        ([np.ones(2)] * 3, "there is a gradient for 2 but no such parameter; known: 0, 1"),
        ([np.ones(2)], "parameter 1 has no gradient"),
    ):
        with pytest.raises(UnknownNameError, match=message):
            optim.optimizer(name).update(x, grads)
    np.testing.assert_array_equal(x, np.ones((2, 2)))


def test_a_masked_parameter_is_refused():
    params = {"W": np.ma.masked_array(np.ones(2), [False, True])}
    with pytest.raises(DtypeError, match="SGD: parameter 'W' is a masked array"):
        optim.SGD().update(params, {"W": np.ones(2)})


class Poisoned(mb.MLP):
    """Its gradient is wrong from the fourth call on, while the loss stays finite."""

    calls = 0

    def loss_and_gradient(self, x, t, **mode):
        loss, gradient = super().loss_and_gradient(x, t, **mode)
        self.calls += 1
        return loss, self.spoil(gradient) if self.calls == 4 else gradient

    def spoil(self, gradient):
        return gradient | {"W2": np.full_like(gradient["W2"], np.nan)}


class Surplus(Poisoned):
    def spoil(self, gradient):
        return gradient | {"W3": np.ones(2)}


@pytest.mark.parametrize("rule", [optim.SGD(0.1), optim.Chain(optim.ClipNorm(1.0), optim.Adam())])
def test_training_stops_before_an_update_with_nan_and_keeps_the_parameters(rule):
    net = Poisoned([2, 5, 3], rng=0)
    history = mb.fit(net, mb.load_spiral(), optimizer=rule, epochs=2, batch_size=30, rng=0,
                     callbacks=[], engine="numpy")  # fmt: skip
    assert history.stopped.startswith("the update of step 4 (epoch 1) was refused: ")
    assert "the gradient of 'W2' holds NaN or infinity" in history.stopped
    assert (len(history.losses), rule.steps) == (3, 3)
    assert all(np.isfinite(p).all() for p in net.params.values())


def test_training_refuses_a_gradient_without_its_parameter():
    with pytest.raises(UnknownNameError, match="a gradient for 'W3' but no such parameter"):
        mb.fit(Surplus([2, 5, 3], rng=0), mb.load_spiral(), epochs=1, batch_size=30, rng=0,
               callbacks=[], engine="numpy")  # fmt: skip


REPLACED = {  # what -= would replace, so that the user's arrays stay as they were
    "a list of arrays": lambda: [np.array([1.0, -2.0]), np.array([1.0])],
    "a list of numbers": lambda: [1.0, -2.0],
    "a tuple": lambda: (1.0, -2.0),
    "a dict": lambda: {"W": np.array([1.0, -2.0])},
    "a variable": lambda: mb.Variable(np.array([1.0, -2.0])),
    "text": lambda: "1.0",
    "nothing": lambda: None,
    "true": lambda: True,
}


@pytest.mark.parametrize("case", REPLACED)
@pytest.mark.parametrize("make", RULES.values(), ids=RULES)
def test_a_parameter_that_cannot_be_updated_in_place_is_refused(make, case):
    for params in (start(), list(start().values())):
        key: Any = "b1" if isinstance(params, dict) else 1
        params[key] = REPLACED[case]()
        grads = slopes() if isinstance(params, dict) else list(slopes().values())
        before = repr(params)
        with pytest.raises((DtypeError, ShapeError), match=f"parameter {key!r}"):
            make().update(params, grads)
        assert repr(params) == before


def test_arrays_in_a_list_in_a_list_are_told_how_to_be_given():
    W, b = np.ones((2, 2)), np.ones(2)
    with pytest.raises(DtypeError, match=r"must be an array.*in one list or dict: \[W1, b1"):
        mb.SGD(0.1).update([[W, b]], [[W, b]])


@pytest.mark.parametrize("make", RULES.values(), ids=RULES)
def test_every_rule_updates_the_arrays_themselves(make):
    for params in (start(), list(start().values())):
        arrays = list(params.values()) if isinstance(params, dict) else list(params)
        grads = slopes() if isinstance(params, dict) else list(slopes().values())
        rule = make()
        if isinstance(params, list) and isinstance(rule, optim.Chain | optim.Groups):
            rule = optim.Chain(optim.ClipNorm(1.0), mb.SGD(0.1))  # others match names
        rule.update(params, grads)
        now = params.values() if isinstance(params, dict) else params
        assert all(a is b for a, b in zip(now, arrays, strict=True))
        assert all(not np.array_equal(array, [1.0, -2.0]) for array in arrays)
