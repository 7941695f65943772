"""Healthy nets raise nothing above a note, and a checkup changes no bit of what it is given."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
import pytest

import mitbadak as mb
from mitbadak.doctor.checkup.result import Checkup
from mitbadak.nn.activations import ACTIVATIONS

pytestmark = pytest.mark.once

Pair = tuple[np.ndarray, np.ndarray]


def digits(n: int = 1500, start: int = 0) -> Pair:
    train, _ = mb.mnist_datasets()
    return train.batch(np.arange(start, start + n))


def table(n: int = 200, seed: int = 0) -> Pair:
    """Five standardized columns of measurements and three classes that overlap a little."""
    rng = np.random.default_rng((1, seed))
    centers = np.random.default_rng(1).normal(size=(3, 5)) * 1.5
    t = rng.integers(0, 3, n)
    return centers[t] + rng.normal(size=(n, 5)), t


def numbers(n: int = 200, seed: int = 0) -> Pair:
    rng = np.random.default_rng((2, seed))
    x = rng.normal(size=(n, 4))
    return x, (np.sin(x[:, :1]) + 0.5 * x[:, 1:2] + 0.1 * rng.normal(size=(n, 1)))


SETS: dict[str, tuple[Any, list[int], int, dict[str, Any]]] = {
    "mnist": (digits, [784], 10, {"optimizer": mb.SGD(0.1)}),
    "spiral": (lambda n=0, start=0: mb.load_spiral(), [2], 3,
               {"optimizer": mb.SGD(0.3), "batch_size": 30, "epochs": 300}),
    "table": (table, [5], 3, {"optimizer": mb.Adam(0.01), "batch_size": 20}),
    "numbers": (numbers, [4], 1, {"optimizer": mb.Adam(0.01), "batch_size": 20}),
}  # fmt: skip


def checked(name: str, activation: str, depth: int) -> Checkup:
    make, first, last, settings = SETS[name]
    loss = "mean_squared_error" if name == "numbers" else "softmax_cross_entropy"
    width = 50 if name == "mnist" else 10
    net = mb.MLP([*first, *[width] * depth, last], activation, loss=loss, rng=depth)
    return mb.checkup(net, make(), **settings)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("name", SETS)
def test_healthy_nets_raise_nothing_above_a_note(name: str, activation: str) -> None:
    """Each at one of three depths; benchmarks/doctor/checkup.py has them all."""
    depth = 1 + (list(ACTIVATIONS).index(activation) + list(SETS).index(name)) % 3
    result = checked(name, activation, depth)
    assert result.ok, str(result)
    assert not [item.name for item in result if item.findings and item.status != "note"]


@pytest.mark.parametrize("optimizer", [
    mb.SGD(0.1), mb.Momentum(0.01), mb.Nesterov(0.01), mb.AdaGrad(0.02), mb.RMSProp(0.002),
    mb.Adam(0.003), mb.AdamW(0.003), mb.Lion(0.0003),
    mb.Chain(mb.L2(1e-4), mb.ClipNorm(1.0), mb.SGD(0.1)),
    mb.SGD(mb.WarmUp(mb.Cosine(0.1, 500), 50)),
], ids=lambda rule: repr(rule)[:30])  # fmt: skip
def test_every_optimizer_is_taken(optimizer: mb.SGD) -> None:
    result = mb.checkup(mb.MLP([5, 20, 3], "relu", rng=0), table(), test=table(100, 1),
                        optimizer=optimizer, batch_size=20)  # fmt: skip
    assert result.ok, str(result)


@pytest.mark.parametrize("options", [{"dropout": 0.3}, {"batch_norm": True},
                                     {"batch_norm": True, "dropout": 0.2}])  # fmt: skip
def test_nets_with_modes_are_sound(options: dict[str, Any]) -> None:
    net = mb.MLP([5, 20, 20, 3], "relu", rng=0, **options)
    result = mb.checkup(net, table(), optimizer=mb.Adam(0.01), batch_size=20)
    assert result.ok, str(result)


@pytest.mark.parametrize("loss", ["sigmoid_cross_entropy", "mean_squared_error", "huber",
                                  "sum_squared_error"])  # fmt: skip
def test_every_loss_is_taken_with_one_hot_labels(loss: str) -> None:
    x, t = table()
    lr = 0.001 if loss == "sum_squared_error" else 0.1
    result = mb.checkup(mb.MLP([5, 20, 3], "relu", loss=loss, rng=0), (x, np.eye(3)[t]),
                        lr=lr, batch_size=20)  # fmt: skip
    assert result.ok, str(result)


def test_indices_and_one_hot_rows_give_the_same_checkup() -> None:
    x, t = table()
    results = [
        mb.checkup(mb.MLP([5, 20, 3], "relu", rng=0), (x, labels), batch_size=20)
        for labels in (t, np.eye(3)[t])
    ]
    for one, other in zip(*results, strict=True):
        if one.name != "forecast":
            assert one.status == other.status
            assert one.sentence() == other.sentence()


def test_nothing_that_is_passed_changes_and_nothing_global() -> None:
    x, t = table()
    net = mb.MLP([5, 20, 3], "relu", dropout=0.2, batch_norm=True, rng=0)
    optimizer, rng = mb.Adam(0.01), np.random.default_rng(5)
    optimizer.update(net.params, {name: np.ones_like(a) for name, a in net.params.items()})
    before = copy.deepcopy((dict(net.params), dict(net.buffers), optimizer.state, x, t))
    random, legacy = copy.deepcopy(rng.bit_generator.state), np.random.get_state()
    mb.checkup(net, (x, t), test=table(50, 1), optimizer=optimizer, lr=0.5, rng=rng,
               validation=0.2, batch_size=20)  # fmt: skip
    after = (dict(net.params), dict(net.buffers), optimizer.state, x, t)
    for old, new in zip(_arrays(before), _arrays(after), strict=True):
        np.testing.assert_array_equal(old, new)
    assert (optimizer.lr, optimizer.steps) == (0.01, 1)
    assert rng.bit_generator.state == random
    for old, new in zip(legacy, np.random.get_state(), strict=True):
        np.testing.assert_array_equal(old, new)


def _arrays(values: Any) -> list[np.ndarray]:
    if isinstance(values, np.ndarray):
        return [values]
    return [a for v in (values.values() if isinstance(values, dict) else values)
            for a in _arrays(v)]  # fmt: skip


def test_training_after_a_checkup_gives_the_same_bits() -> None:
    nets = []
    for first in (False, True):
        net, optimizer, rng = mb.MLP([5, 20, 3], rng=0), mb.Momentum(0.1), np.random.default_rng(1)
        if first:
            mb.checkup(net, table(), optimizer=optimizer, rng=rng, batch_size=20)
        mb.fit(net, table(), optimizer=optimizer, rng=rng, epochs=3, batch_size=20, callbacks=[])
        nets.append(net)
    for name, array in nets[0].params.items():
        np.testing.assert_array_equal(array, nets[1].params[name])


def test_the_same_checkup_twice_is_the_same() -> None:
    def once() -> list[Any]:
        result = mb.checkup(mb.MLP([5, 20, 3], "relu", dropout=0.2, rng=0), table(),
                            test=table(100, 1), batch_size=20)  # fmt: skip
        return [item.to_dict() for item in result if item.name != "forecast"]

    assert json.dumps(once()) == json.dumps(once())


def test_a_loaded_model_is_checked_on_its_own_data(tmp_path: Any) -> None:
    from mitbadak.runs import Session, TrainConfig

    Session.start(TrainConfig.for_data("moons", epochs=3), tmp_path / "run").train()
    result = mb.checkup(mb.load(tmp_path / "run"), mb.load_moons(), lr=0.1, batch_size=20)
    assert result.ok, str(result)
