"""The contract of every optimizer, and each held to its paper's update with pencil and paper."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mitbadak import optim
from mitbadak.errors import (
    DtypeError,
    RangeError,
    ShapeError,
    UnknownNameError,
)
from mitbadak.nn import MLP
from mitbadak.optim import Cosine

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

# Rates that suit the two surfaces. What moves by a fixed length, or decays the parameters, needs a
# rate that goes to 0, or comes no closer than that length.
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
    """Of (1 - x0)^2 + 100 (x1 - x0^2)^2: a bent valley with its minimum at (1, 1)."""
    across = x[1] - x[0] ** 2
    return np.array([-2 * (1 - x[0]) - 400 * x[0] * across, 200 * across])


@each
def test_it_reaches_the_minimum_of_a_bowl(name, settings):
    rule = optim.optimizer(name, **{**settings, "lr": BOWL[name]})
    params = {"x": np.array([-3.0, 4.0])}
    for _ in range(500):
        rule.update(params, {"x": bowl_gradient(params["x"])})
    np.testing.assert_allclose(params["x"], 0, atol=1e-3)


@each
def test_it_reaches_the_end_of_rosenbrocks_valley(name, settings):
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
    with pytest.raises(ShapeError, match=r"parameter 'b' has shape \(2,\), its gradient \(1,\)"):
        rule.update({"a": x, "b": x}, {"a": np.ones(2), "b": np.ones(1)})
    with pytest.raises(UnknownNameError, match="parameter 'b' has no gradient"):
        rule.update({"a": x, "b": x}, {"a": np.ones(2)})
    with pytest.raises(DtypeError, match="cut every update off"):
        rule.update({"a": np.array([1, 2])}, {"a": np.ones(2)})
    np.testing.assert_array_equal(x, [1.0, 2.0])
    assert rule.steps == 0


@each
def test_config_makes_the_same_rule_again(name, settings):
    rule = optim.optimizer(name, **settings)
    assert rule.config() == optim.optimizer(**rule.config()).config()
    assert rule.config()["name"] == name
    assert name in optim.OPTIMIZERS


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
