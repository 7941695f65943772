"""The contract of every optimizer, and each paper's update worked by hand."""

from __future__ import annotations

import copy
import json
import math
import pickle

import numpy as np
import pytest

from mitbadak import optim
from mitbadak.core.errors import (
    DtypeError,
    MitbadakWarning,
    RangeError,
    ShapeError,
    StateError,
    UnknownNameError,
)
from mitbadak.nn import MLP
from mitbadak.optim import Constant, Cosine, StepDecay, WarmUp
from mitbadak.optim.base import keys_of
from mitbadak.optim.schedules import as_schedule

TABLE = {
    "sgd": {"lr": 0.1},
    "momentum": {"lr": 0.02, "momentum": 0.9},
    "adam": {"lr": 0.1, "beta1": 0.9, "beta2": 0.999},
    "nesterov": {"lr": 0.02, "momentum": 0.9},
    "adagrad": {"lr": 0.5, "eps": 1e-9},
    "rmsprop": {"lr": 0.1, "decay": 0.9},
    "adamw": {"lr": 0.1, "weight_decay": 0.02},
    "lion": {"lr": 0.1, "beta1": 0.8, "weight_decay": 0.02},
}
each = pytest.mark.parametrize(("name", "settings"), TABLE.items(), ids=TABLE)

# Rates that suit the two surfaces. Rules that move by a fixed length, or decay the parameters, need
# a rate that goes to 0, or they come no closer than that length.
BOWL = {
    "sgd": 0.05, "momentum": 0.02, "adam": 0.05, "nesterov": 0.02, "adagrad": 1.0,
    "rmsprop": Cosine(0.05, 500), "adamw": 0.05, "lion": Cosine(0.1, 500),
}  # fmt: skip
ROSENBROCK = {
    "sgd": {"lr": 0.001}, "momentum": {"lr": 0.0005}, "adam": {"lr": 0.01},
    "nesterov": {"lr": 0.0005}, "adagrad": {"lr": 0.5}, "rmsprop": {"lr": Cosine(0.003, 20_000)},
    "adamw": {"lr": 0.01, "weight_decay": 0.0}, "lion": {"lr": Cosine(0.003, 20_000)},
}  # fmt: skip


def bowl_gradient(x):
    return 2 * np.array([1.0, 10.0], x.dtype) * x


def rosenbrock_gradient(x):
    """Gradient of (1 - x0)^2 + 100 (x1 - x0^2)^2, a curved valley with its minimum at (1, 1)."""
    across = x[1] - x[0] ** 2
    return np.array([-2 * (1 - x[0]) - 400 * x[0] * across, 200 * across])


@each
def test_a_rule_reaches_the_minimum_of_a_bowl(name, settings):
    rule = optim.optimizer(name, **{**settings, "lr": BOWL[name]})
    params = {"x": np.array([-3.0, 4.0])}
    for _ in range(500):
        rule.update(params, {"x": bowl_gradient(params["x"])})
    np.testing.assert_allclose(params["x"], 0, atol=1e-3)


@each
def test_a_rule_reaches_the_minimum_of_rosenbrocks_valley(name, settings):
    rule, params = optim.optimizer(name, **ROSENBROCK[name]), {"x": np.array([-1.2, 1.0])}
    for _ in range(20_000):
        rule.update(params, {"x": rosenbrock_gradient(params["x"])})
    np.testing.assert_allclose(params["x"], 1, atol=0.01)


@each
def test_arrays_change_in_place_and_gradients_do_not(name, settings):
    x = np.array([1.0, -2.0], np.float32)
    g = np.array([0.5, 0.25], np.float32)
    g.flags.writeable = False
    params = {"x": x}
    optim.optimizer(name, **settings).update(params, {"x": g})
    assert params["x"] is x
    assert x.dtype == np.float32
    assert not np.array_equal(x, [1.0, -2.0])


@each
def test_dicts_lists_nets_and_plain_floats_get_the_same_update(name, settings):
    start, slopes = [np.array([1.0, 2.0]), 3.0], [np.array([0.3, -0.1]), 0.7]
    as_dict = {"W": start[0].copy(), "b": start[1]}
    as_list = [start[0].copy(), start[1]]
    by_dict, by_list = optim.optimizer(name, **settings), optim.optimizer(name, **settings)
    for _ in range(3):
        by_dict.update(as_dict, {"W": slopes[0], "b": slopes[1]})
        by_list.update(as_list, slopes)
    np.testing.assert_array_equal(as_dict["W"], as_list[0])
    assert as_dict["b"] == as_list[1]

    net = MLP([2, 3], rng=0, dtype=np.float64)
    copied = {key: p.copy() for key, p in net.params.items()}
    grads = net.gradient([[0.5, 1.0]], [1])
    optim.optimizer(name, **settings).update(net.params, grads)
    optim.optimizer(name, **settings).update(copied, grads)
    for key in copied:
        np.testing.assert_array_equal(net.params[key], copied[key])


@each
def test_bad_settings_and_gradients_are_refused_before_anything_changes(name, settings):
    for lr in (0, -0.1, math.nan, math.inf, True):
        with pytest.raises(RangeError, match="lr must be a finite number above 0"):
            optim.optimizer(name, lr=lr)
    x = np.array([1.0, 2.0])
    rule = optim.optimizer(name, **settings)
    with pytest.raises(ShapeError, match=r"'b' has shape \(2,\), but its gradient \(1,\)"):
        rule.update({"a": x, "b": x}, {"a": np.ones(2), "b": np.ones(1)})
    with pytest.raises(UnknownNameError, match="parameter 'b' has no gradient"):
        rule.update({"a": x, "b": x}, {"a": np.ones(2)})
    with pytest.raises(DtypeError, match="truncate every update"):
        rule.update({"a": np.array([1, 2])}, {"a": np.ones(2)})
    np.testing.assert_array_equal(x, [1.0, 2.0])
    assert rule.steps == 0


def bad_updates():
    """Bad updates: parameters, gradients, the error, part of its message."""
    fine = np.ones(2)
    frozen = np.array([1.0, 2.0])
    frozen.flags.writeable = False
    return {
        "a read-only parameter": (frozen, fine, StateError, "parameter 'b' is read-only"),
        "a complex gradient": (
            np.ones(2),
            fine * 1j,
            DtypeError,
            "of 'b' has dtype complex",
        ),
        "a gradient of text": (
            np.ones(2),
            ["1", "2"],
            DtypeError,
            "of 'b' has dtype <U1",
        ),
        "a shape not seen before": (np.ones(3), np.ones(3), ShapeError, r"'b' of shape \(2,\)"),
    }


@each
@pytest.mark.parametrize("case", bad_updates())
def test_a_refused_update_changes_nothing(name, settings, case):
    param, gradient, error, message = bad_updates()[case]
    rule = optim.optimizer(name, **settings)
    if case == "a shape not seen before":
        if not rule.slots:
            return  # no state that could have another shape
        rule.update({"a": np.ones(2), "b": np.ones(2)}, {"a": np.ones(2), "b": np.ones(2)})
    before = copy.deepcopy((rule.steps, rule.state))
    a = np.array([1.0, 2.0])
    with pytest.raises(error, match=message):
        rule.update({"a": a, "b": param}, {"a": np.ones(2), "b": gradient})
    np.testing.assert_array_equal(a, [1, 2])
    np.testing.assert_equal((rule.steps, rule.state), before)


def test_a_tuple_of_parameters_is_refused_before_the_first_is_changed():
    with pytest.raises(DtypeError, match=r"a dict \(or a net's params\) or a list; got tuple"):
        keys_of("SGD", (np.ones(2), 1.0))


@each
def test_integer_gradients_do_not_wrap_around(name, settings):
    results = []
    for gradient in (np.array([200, 3], np.uint8), np.array([200.0, 3.0])):
        params = {"x": np.zeros(2)}
        rule = optim.optimizer(name, **settings)
        for _ in range(2):
            rule.update(params, {"x": gradient})
        results.append(params["x"])
    np.testing.assert_array_equal(*results)


@each
def test_each_update_takes_its_rate_from_the_schedule(name, settings):
    rates = [0.1, 0.01, 0.001]
    by_schedule = optim.optimizer(name, **{**settings, "lr": StepDecay(0.1, every=1)})
    by_hand = optim.optimizer(name, **settings)
    one, other = {"x": np.array([1.0, -2.0])}, {"x": np.array([1.0, -2.0])}
    for rate in rates:
        assert by_schedule.lr == pytest.approx(rate)
        by_hand.lr = by_schedule.lr
        for rule, params in ((by_schedule, one), (by_hand, other)):
            rule.update(params, {"x": bowl_gradient(params["x"])})
        np.testing.assert_array_equal(one["x"], other["x"])
    by_schedule.lr = 0.5
    assert by_schedule.lr == 0.5
    assert by_schedule.schedule == Constant(0.5)


@each
def test_a_rule_is_rebuilt_from_its_config(name, settings):
    for lr in (0.1, Cosine(0.1, 20), WarmUp(Cosine(0.1, 20), 5)):
        rule = optim.optimizer(name, **{**settings, "lr": lr})
        config = json.loads(json.dumps(rule.config()))
        assert config == rule.config()
        again = optim.optimizer(**config)
        assert again.config() == config
        assert repr(again) == repr(rule)
        assert again.schedule == as_schedule(name, lr)
        assert config["name"] == name
        assert {**settings, "lr": config["lr"]}.items() <= config.items()


@each
def test_a_copy_has_the_state_but_not_the_net(name, settings):
    net, rule = MLP([2, 3], rng=0), optim.optimizer(name, **settings)
    rule.update(net.params, net.gradient([[0.5, 1.0]], [1]))
    for twin in (copy.deepcopy(rule), pickle.loads(pickle.dumps(rule))):
        assert twin.config() == rule.config()
        assert twin.steps == 1
        np.testing.assert_equal(twin.state, rule.state)
        other = MLP([2, 3], rng=1)
        twin.update(other.params, other.gradient([[0.5, 1.0]], [1]))  # no warning


@each
def test_use_with_another_net_warns_if_there_is_state(name, settings):
    net, other = MLP([2, 3], rng=0), MLP([2, 3], rng=1)
    grads = net.gradient([[0.5, 1.0]], [1])
    for lr in (0.1, Cosine(0.1, 20)):
        rule = optim.optimizer(name, **{**settings, "lr": lr})
        rule.update(net.params, grads)
        rule.update(net.params, grads)
        if rule.slots or lr != 0.1:
            with pytest.warns(MitbadakWarning, match="is used with another net after 2 updates"):
                rule.update(other.params, grads)
        rule.update(other.params, grads)  # warned about once, and never for plain descent


def test_a_subclass_that_defines_step_warns_and_works_as_before():
    with pytest.warns(DeprecationWarning, match=r"should now be decrement\(key, gradient, lr\)"):

        class Halved(optim.Momentum):
            def step(self, key, gradient):
                return super().step(key, gradient / 2)

    with pytest.warns(DeprecationWarning, match="Negated.step"):

        class Negated(Halved):
            def step(self, key, gradient):
                assert self.rate == 0.1
                return -super().step(key, gradient)

    assert after(Halved(0.1), 2.0, 4.0) == after(optim.Momentum(0.1), 1.0, 2.0)
    assert after(Negated(0.1), 2.0) == 1 + 0.1

    with pytest.warns(DeprecationWarning, match=r"Slower.step"):

        class Slower(optim.Adam):  # where gradient and rate cannot be exchanged
            def step(self, key, gradient):
                return super().step(key, gradient) / 2

    assert after(Slower(0.1), 2.0) == pytest.approx(1 - 0.05, rel=1e-6)


def test_momentum_by_hand():
    # Sutskever et al. 2013: v <- mu v - lr g, p <- p + v, with mu = 0.9, lr = 0.1.
    # g = 1:   v = -0.1                p = 1 - 0.1   = 0.9
    # g = 2:   v = -0.09 - 0.2 = -0.29 p = 0.9 - 0.29 = 0.61
    # g = -1:  v = -0.261 + 0.1 = -0.161              p = 0.449
    p, rule = {"p": np.array([1.0])}, optim.Momentum(lr=0.1, momentum=0.9)
    for g, expected in ((1.0, 0.9), (2.0, 0.61), (-1.0, 0.449)):
        rule.update(p, {"p": np.array([g])})
        assert p["p"][0] == pytest.approx(expected, rel=1e-14)


def test_adam_by_hand():
    # Kingma and Ba 2015, algorithm 1, lr 0.1, beta1 0.9, beta2 0.999, eps 1e-8.
    # Step 1, g = 2: m = 0.2, m_hat = 2; v = 0.004, v_hat = 4: p = 1 - 0.1 * 2 / (2 + 1e-8)
    # Step 2, g = 1: m = 0.18 + 0.1 = 0.28, m_hat = 0.28 / 0.19
    #                v = 0.003996 + 0.001 = 0.004996, v_hat = 0.004996 / 0.001999
    p, rule = {"p": np.array([1.0])}, optim.Adam(lr=0.1)
    rule.update(p, {"p": np.array([2.0])})
    first = 1 - 0.1 * 2 / (2 + 1e-8)
    assert p["p"][0] == pytest.approx(first, rel=1e-14)
    rule.update(p, {"p": np.array([1.0])})
    second = first - 0.1 * (0.28 / 0.19) / (math.sqrt(0.004996 / 0.001999) + 1e-8)
    assert p["p"][0] == pytest.approx(second, rel=1e-13)


def after(rule, *gradients, start=1.0):
    """The parameter after updates with these gradients."""
    p = {"p": np.array([start])}
    for g in gradients:
        rule.update(p, {"p": np.array([g])})
    return p["p"][0]


def test_nesterov_by_hand():
    # v <- mu v - lr g, p <- p + mu v - lr g, with mu = 0.9, lr = 0.1.
    # g = 1: v = -0.1                  p = 1 - 0.09 - 0.1     = 0.81
    # g = 2: v = -0.09 - 0.2 = -0.29   p = 0.81 - 0.261 - 0.2 = 0.349
    rule = optim.Nesterov(lr=0.1, momentum=0.9)
    assert after(rule, 1.0, 2.0) == pytest.approx(0.349, rel=1e-14)
    assert rule.state["velocity"]["p"][0] == pytest.approx(-0.29, rel=1e-14)


def test_nesterov_takes_the_gradient_at_the_look_ahead_point():
    # The form of 1983: v <- mu v - lr g(q + mu v), q <- q + v. Our p is q + mu v.
    q, v, mu, lr = np.array([-3.0, 4.0]), np.zeros(2), 0.9, 0.02
    rule, params = optim.Nesterov(lr, mu), {"x": q.copy()}
    for _ in range(20):
        v = mu * v - lr * bowl_gradient(q + mu * v)
        q = q + v
        rule.update(params, {"x": bowl_gradient(params["x"])})
        np.testing.assert_allclose(params["x"], q + mu * v, rtol=1e-12, atol=1e-12)


def test_adagrad_by_hand():
    # g = 3: h = 9,  p = 1 - 0.1 * 3 / 3;  g = 4: h = 25, p = 0.9 - 0.1 * 4 / 5 = 0.82
    assert after(optim.AdaGrad(lr=0.1), 3.0, 4.0) == pytest.approx(0.82, rel=1e-9)


def test_rmsprop_by_hand():
    # decay 0.75. g = 2: v = 1,           p = 1 - 0.1 * 2 / 1 = 0.8
    #             g = 1: v = 0.75 + 0.25, p = 0.8 - 0.1 * 1 / 1 = 0.7
    assert after(optim.RMSProp(lr=0.1, decay=0.75), 2.0, 1.0) == pytest.approx(0.7, rel=1e-7)


def test_adamw_by_hand():
    # Up to epsilon, Adam's first update is lr sign(g); before it, p decays by lr * 0.5 p.
    # p = 2 - 0.1 * 0.5 * 2 - 0.1 = 1.8
    rule = optim.AdamW(lr=0.1, weight_decay=0.5)
    assert after(rule, 7.0, start=2.0) == pytest.approx(1.8, rel=1e-7)


def test_lion_by_hand():
    # beta1 0.9, beta2 0.5, lr 0.1, weight decay 0.5.
    # g = 2:    sign(0.9 * 0 + 0.1 * 2) = 1        p = 1 - 0.1 (1 + 0.5 * 1)       = 0.85
    #           m = 0.5 * 0 + 0.5 * 2 = 1
    # g = -10:  sign(0.9 * 1 - 0.1 * 10) = -1      p = 0.85 - 0.1 (-1 + 0.425)     = 0.9075
    #           m = 0.5 * 1 - 0.5 * 10 = -4.5
    # g = 1:    sign(-4.05 + 0.1) = -1             p = 0.9075 - 0.1 (-1 + 0.45375) = 0.962125
    rule = optim.Lion(lr=0.1, beta1=0.9, beta2=0.5, weight_decay=0.5)
    assert after(rule, 2.0, -10.0, 1.0) == pytest.approx(0.962125, rel=1e-14)
    assert rule.state["m"]["p"][0] == pytest.approx(0.5 * -4.5 + 0.5)


def test_sgd_by_hand():
    p = {"p": np.array([1.0])}
    optim.SGD(lr=0.25).update(p, {"p": np.array([2.0])})
    assert p["p"][0] == 0.5


def test_other_settings_out_of_range_are_refused():
    with pytest.raises(RangeError, match=r"momentum must lie in \[0, 1\); got 1"):
        optim.Momentum(momentum=1.0)
    with pytest.raises(RangeError, match="beta1"):
        optim.Adam(beta1=-0.1)
    with pytest.raises(RangeError, match="eps"):
        optim.Adam(eps=0.0)
    with pytest.raises(RangeError, match="Nesterov: momentum"):
        optim.Nesterov(momentum=-1.0)
    with pytest.raises(RangeError, match="AdaGrad: eps"):
        optim.AdaGrad(eps=-1.0)
    with pytest.raises(RangeError, match="RMSProp: decay"):
        optim.RMSProp(decay=1.0)
    with pytest.raises(RangeError, match="AdamW: weight_decay must be a finite number of at least"):
        optim.AdamW(weight_decay=-0.1)
    with pytest.raises(RangeError, match="Lion: beta2"):
        optim.Lion(beta2=2.0)


def test_every_optimizer_is_in_the_table_and_has_a_name():
    kinds = {
        kind
        for kind in vars(optim).values()
        if isinstance(kind, type) and issubclass(kind, optim.Optimizer)
    } - {optim.Optimizer, optim.Composition}
    assert kinds == {*optim.OPTIMIZERS.values(), *optim.COMPOSITIONS.values()}
    assert set(TABLE) == set(BOWL) == set(ROSENBROCK) == set(optim.OPTIMIZERS)
    with pytest.raises(UnknownNameError, match="unknown optimizer 'momentun'; did you mean"):
        optim.optimizer("momentun")
