"""Chains and groups do exactly what their parts do, in whole updates only."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import numpy as np
import pytest

import mitbadak as mb
from compositions import COMPOSITIONS as MADE
from kernels import ENGINES
from mitbadak.core.errors import (
    DtypeError,
    MitbadakWarning,
    RangeError,
    ShapeError,
    StateError,
    UnknownNameError,
)
from mitbadak.nn import MLP
from mitbadak.optim import (
    COMPOSITIONS,
    L2,
    SGD,
    Adam,
    Chain,
    ClipNorm,
    Constant,
    Cosine,
    Groups,
    StepDecay,
    optimizer,
)

each = pytest.mark.parametrize("make", MADE.values(), ids=MADE)


def start() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    shapes = {"W1": (3, 4), "b1": (4,), "W2": (4, 2), "b2": (2,)}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


def slopes(number: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(number + 1)
    return {name: rng.normal(size=p.shape) for name, p in start().items()}


def test_every_composition_is_in_the_table():
    assert {type(make()) for make in MADE.values()} == set(COMPOSITIONS.values())


@each
def test_a_composition_is_rebuilt_from_its_config_as_json(make):
    rule = make()
    config = json.loads(json.dumps(rule.config()))
    assert config == rule.config()
    again = optimizer(**config)
    assert repr(again) == repr(rule)
    one, other = start(), start()
    for number in range(5):
        rule.update(one, slopes(number))
        again.update(other, slopes(number))
    for name in one:
        assert one[name].tobytes() == other[name].tobytes()


@each
def test_it_trains_a_net_and_counts(make):
    net, rule = MLP([3, 4, 2], rng=0), make()
    x, t = np.eye(3), [0, 1, 1]
    arrays, before = dict(net.params), net.loss(x, t)
    assert (rule.steps, rule.lr) == (0, make().lr)
    for number in range(20):
        assert rule.steps == number
        assert type(rule.lr) is float
        rule.update(net.params, net.gradient(x, t))
    assert net.loss(x, t) < before
    assert all(net.params[name] is array for name, array in arrays.items())
    assert set(rule.state) == set(rule.slots)


@each
def test_floats_are_updated_like_arrays(make):
    rule, twin = make(), make()
    floats = dict.fromkeys(start(), 1.5)
    arrays = {name: np.array([1.5]) for name in floats}
    for slope in (0.1, -0.2, 0.7):
        rule.update(floats, dict.fromkeys(floats, slope))
        twin.update(arrays, {name: np.array([slope]) for name in floats})
    assert {k: float(v) for k, v in floats.items()} == {k: v[0] for k, v in arrays.items()}


@each
@pytest.mark.parametrize(
    ("bad", "error"),
    [(np.ones(3), ShapeError), (np.ones(2) * 1j, DtypeError), (None, UnknownNameError)],
)
def test_a_refused_update_changes_nothing(make, bad, error):
    rule, params = make(), start()
    rule.update(params, slopes(0))
    before = copy.deepcopy((params, rule.state, rule.steps))
    grads: dict[str, Any] = {**slopes(1), "b2": bad}  # the last one
    if bad is None:
        del grads["b2"]
    with pytest.raises(error, match="'b2'"):
        rule.update(params, grads)
    np.testing.assert_equal((params, rule.state, rule.steps), before)


@each
def test_copies_continue_identically_and_independently(make):
    rule, params = make(), start()
    rule.update(params, slopes(0))
    for twin in (copy.deepcopy(rule), pickle.loads(pickle.dumps(rule))):
        here, there = copy.deepcopy(params), copy.deepcopy(params)
        original = copy.deepcopy(rule)
        before = copy.deepcopy(rule.state)
        original.update(here, slopes(1))
        twin.update(there, slopes(1))
        np.testing.assert_equal(here, there)
        np.testing.assert_equal(rule.state, before)


def test_a_chain_by_hand_in_both_orders():
    # w = 2, g = 2, L2 0.5 adds 1: (3, 4) has norm 5, clipped to 1: (0.6, 0.8); SGD 0.1.
    params = {"W1": np.array([2.0]), "b1": np.array([2.0])}
    grads = {"W1": np.array([2.0]), "b1": np.array([4.0])}
    Chain(L2(0.5), ClipNorm(1.0), SGD(0.1)).update(params, grads)
    assert params["W1"][0] == pytest.approx(1.94, rel=1e-14)
    assert params["b1"][0] == pytest.approx(1.92, rel=1e-14)
    assert (grads["W1"][0], grads["b1"][0]) == (2.0, 4.0)
    # In the other order: (2, 4) / sqrt(20), then 0.5 w added.
    params = {"W1": np.array([2.0]), "b1": np.array([2.0])}
    Chain(ClipNorm(1.0), L2(0.5), SGD(0.1)).update(params, grads)
    assert params["W1"][0] == pytest.approx(2 - 0.1 * (2 / 20**0.5 + 1), rel=1e-14)


def test_a_chain_within_groups_sees_only_its_own_parameters():
    # The gradients of W have norm 5, clipped to 1: (0.6, 0.8). That of b stays as it is.
    params = {"W1": np.array([1.0]), "W2": np.array([1.0]), "b1": np.array([1.0])}
    grads = {"W1": np.array([3.0]), "W2": np.array([4.0]), "b1": np.array([100.0])}
    Groups({"W*": Chain(ClipNorm(1.0), SGD(0.5)), "*": SGD(0.01)}).update(params, grads)
    updated = {name: float(p[0]) for name, p in params.items()}
    assert updated == pytest.approx({"W1": 0.7, "W2": 0.6, "b1": 0.0}, abs=1e-12)


def test_an_update_refused_by_the_last_group_leaves_the_first_unchanged():
    params = start()
    rule = Groups({"W*": Adam(), "*": Chain(L2(0.1), SGD())})  # L2 penalizes W*, but gets biases
    with pytest.raises(UnknownNameError, match=r"L2: the pattern 'W\*' matches no parameter"):
        rule.update(params, slopes(0))
    np.testing.assert_equal(params, start())
    assert (rule.steps, rule.state["m"]) == (0, {})


def test_a_chain_takes_lists_if_it_needs_no_names():
    x = [np.array([3.0]), 4.0]
    Chain(ClipNorm(1.0), SGD(0.5)).update(x, [np.array([3.0]), 4.0])
    np.testing.assert_allclose(np.hstack(x), [2.7, 3.6])


def test_a_chain_has_the_rate_of_its_rule():
    rule = Chain(L2(0.1), SGD(StepDecay(0.4, every=1, factor=0.5)))
    params = {"W": np.ones(1)}
    rule.update(params, {"W": np.ones(1)})
    assert rule.lr == 0.2
    rule.lr = 0.7
    assert rule.lr == rule.rule.lr == 0.7
    rule.lr = Cosine(0.3, 10)
    assert rule.rule.schedule == Cosine(0.3, 10)
    with pytest.raises(RangeError, match="SGD: lr must be a finite number above 0; got -1"):
        rule.lr = -1.0


@pytest.mark.parametrize("parts", [(), (L2(0.1),), (SGD(), L2(0.1)), (SGD(), SGD())])
def test_a_chain_that_is_not_transforms_and_one_rule_is_refused(parts):
    with pytest.raises(DtypeError, match="expects transforms of gradients, then one optimizer"):
        Chain(*parts)


def test_a_parameter_belongs_to_the_first_pattern_that_matches():
    params = {name: np.array([1.0]) for name in ("W1", "b1", "W2", "b2")}
    rule = Groups({"b2": SGD(0.4), "b*": SGD(0.2), "W[1-9]": SGD(0.1)})
    rule.update(params, {name: np.array([1.0]) for name in params})
    updated = {name: float(p[0]) for name, p in params.items()}
    assert updated == pytest.approx({"W1": 0.9, "b1": 0.8, "W2": 0.9, "b2": 0.6})
    assert rule.steps == 1


def test_patterns_and_parameters_left_over_are_refused_with_their_names():
    def refused(patterns, message):
        params, rule = start(), Groups({pattern: SGD() for pattern in patterns})
        with pytest.raises(UnknownNameError, match=message):
            rule.update(params, slopes(0))
        np.testing.assert_equal(params, start())

    refused(
        ["b*"],
        r"no pattern matches the parameter 'W1'; the patterns are 'b\*'. Add '\*'",
    )
    refused(
        ["*", "b*"], r"left for the pattern 'b\*'; the parameters are 'W1', 'b1', 'W2', 'b2', and"
    )
    refused(["w*", "*"], r"no parameter is left for the pattern 'w\*'")
    with pytest.raises(UnknownNameError, match=r"a list have no names to match. Give a dict"):
        Groups({"*": SGD()}).update([np.ones(2)], [np.ones(2)])
    with pytest.raises(RangeError, match="Groups needs a rule; got none"):
        Groups({})
    shared = Adam()
    for rules in ({"b*": shared, "*": shared}, {"b*": Chain(L2(0.1), shared), "*": shared}):
        with pytest.raises(StateError, match="is used for two groups and would count its updates"):
            Groups(rules)


def test_setting_the_rate_of_groups_keeps_the_ratios():
    rule = Groups({"b*": SGD(0.1), "*": Adam(0.04)})
    assert rule.lr == 0.1
    rule.lr *= 0.5
    assert [r.lr for r in rule.rules] == [0.05, 0.02]
    assert rule.rules[1].schedule == Constant(0.02)
    with pytest.raises(RangeError, match=r"lr must be a number here.*Give each rule its own"):
        rule.lr = Cosine(0.1, 10)
    with pytest.raises(RangeError, match="Groups: lr must be a finite number above 0"):
        rule.lr = 0.0
    assert [r.lr for r in rule.rules] == [0.05, 0.02]


def test_a_used_rule_keeps_its_state_within_a_composition():
    adam, params = Adam(0.1), start()
    adam.update(params, slopes(0))
    m = adam.state["m"]["W1"].copy()
    for made in (Chain(ClipNorm(1.0), adam), Groups({"*": adam})):
        np.testing.assert_array_equal(made.state["m"]["W1"], m)
        assert made.steps == 1


def test_any_composition_warns_when_it_is_used_with_another_net():
    net, other = MLP([3, 4, 2], rng=0), MLP([3, 4, 2], rng=1)
    grads = net.gradient(np.eye(3), [0, 1, 1])
    for plain in (Chain(L2(0.1), SGD(0.1)), Groups({"b*": SGD(0.1), "*": SGD(0.2)})):
        for one in (net, other):
            plain.update(one.params, grads)  # no warning: plain descent has no state
    for rule in (Chain(L2(0.1), Adam()), Groups({"b*": SGD(), "*": SGD(Cosine(0.1, 9))})):
        rule.update(net.params, grads)
        with pytest.warns(MitbadakWarning, match="is used with another net after 1 updates"):
            rule.update(other.params, grads)


@pytest.mark.parametrize("engine", ENGINES)
def test_fit_warns_about_an_optimizer_used_with_another_net(engine):
    rule, nets = mb.Momentum(0.1), [mb.TwoLayerNet(2, 10, 3, rng=0) for _ in range(2)]
    short = {"epochs": 1, "optimizer": rule, "rng": 0, "callbacks": [], "engine": engine}
    mb.fit(nets[0], mb.load_spiral(), **short)
    mb.fit(nets[0], mb.load_spiral(), **short)  # no warning for the same net
    with pytest.warns(MitbadakWarning, match="Use a new optimizer for each net"):
        mb.fit(nets[1], mb.load_spiral(), **short)
