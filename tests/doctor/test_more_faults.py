"""Faults of labels, heads, amounts and test sets, each planted once beside healthy loops."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mitbadak.core.errors import DtypeError, ShapeError
from mitbadak.doctor.case import Case
from mitbadak.doctor.doctor import Doctor
from mitbadak.doctor.examples import Examples, neighbors_of
from mitbadak.doctor.losses import losses_of
from mitbadak.doctor.rebuilt import rebuild
from mitbadak.doctor.report import Report

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
from doctor.loops import draw, fitted, run
from doctor.planted import MORE

pytestmark = pytest.mark.once

SEEDS = {"numbers": 1, "table": 4, "spiral": 3}


def diagnosed(name: str, data: str, *, by: Any = run, steps: int = 100) -> Report:
    """The report of a short run with a fault; a healthy one without a name."""
    loop, doctor = draw(SEEDS[data], sets=(data,), depths=(2,)), Doctor()
    loop.steps, loop.batch_size = steps, 20
    if name:
        MORE[name].plant(loop)
    by(loop, doctor)
    return doctor.report()


@pytest.mark.parametrize(("name", "data"), [
    ("labels shuffled", "table"), ("rows of x and t apart", "spiral"), ("label noise", "spiral"),
    ("labels divided by 255", "table"), ("indices for one-hot rows", "table"),
    ("(n, 1) minus (n,)", "numbers"), ("softmax twice", "spiral"), ("ReLU before softmax", "table"),
    ("sigmoid before numbers", "numbers"), ("cross entropy of numbers", "numbers"),
    ("no activation", "table"), ("one hidden unit", "spiral"), ("a handful of examples", "table"),
    ("test rows trained on", "table"), ("test set not scaled", "numbers"),
    ("noise in evaluation", "numbers"), ("weight decay too large", "spiral"),
    ("a class is rare", "spiral"), ("whole numbers as parameters", "numbers"),
    ("gradient of the batch before", "table"),
])  # fmt: skip
def test_a_planted_fault_is_named_first(name: str, data: str) -> None:
    report = diagnosed(name, data)
    assert report.findings, "nothing was found"
    assert report.findings[0].code in MORE[name].codes, str(report)
    for lang in ("en", "ko"):
        assert "{" not in report.text(lang)


@pytest.mark.parametrize(("name", "data"), [
    ("labels shuffled", "table"), ("no activation", "spiral"), ("test rows trained on", "numbers"),
    ("test set not scaled", "table"), ("batches of one", "spiral"),
])  # fmt: skip
def test_a_planted_fault_is_named_in_our_trainer(name: str, data: str) -> None:
    report = diagnosed(name, data, by=fitted, steps=200)
    assert [f.code for f in report.findings[:1]] == list(MORE[name].codes), str(report)


@pytest.mark.parametrize("by", [run, fitted])
@pytest.mark.parametrize("data", sorted(SEEDS))
def test_a_healthy_loop_has_notes_at_most(data: str, by: Any) -> None:
    report = diagnosed("", data, by=by, steps=200)
    assert report.first is None, str(report)


def test_a_test_set_of_the_same_kind_raises_nothing() -> None:
    loop, doctor = draw(4, sets=("table",), depths=(1,)), Doctor()
    loop.test, loop.x, loop.t = (loop.x[100:], loop.t[100:]), loop.x[:100], loop.t[:100]
    run(loop, doctor)
    codes = {f.code for f in doctor.report().findings}
    assert not codes & {"train-test-overlap", "train-test-differ", "labels-shuffled"}


@pytest.mark.parametrize(("given", "error", "message"), [
    ({"test": np.ones(3)}, DtypeError, r"test as \(x, t\); got ndarray"),
    ({"test": (np.ones((3, 2)), np.ones(4))}, ShapeError, "x has 3, t has 4"),
    ({"test": (np.ones((3, 2)), np.ones(3)), "test_outputs": np.ones((2, 1))}, ShapeError,
     "test_outputs has 2"),
])  # fmt: skip
def test_a_test_set_that_does_not_fit_is_refused(given: dict, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        Doctor().observe(params=np.ones(2), grads=np.ones(2), loss=1.0, **given)


@pytest.mark.parametrize("activation", ["identity", "sigmoid", "tanh", "relu", "leaky_relu"])
def test_a_net_is_rebuilt_from_its_parameters(activation: str) -> None:
    from doctor.loops import made

    net, x = made([3, 6, 5, 4], activation, False, 0), np.random.default_rng(0).normal(size=(20, 3))
    params = {name: np.array(net.params[name]) for name in net.params}
    found = rebuild(params, x, net.predict(x))
    assert found is not None
    assert (found.activation, found.head, len(found.layers)) == (activation, "softmax", 2)
    assert rebuild(params, x, net.predict(x) ** 2) is None
    assert rebuild({"W": np.ones((9, 2))}, x, net.predict(x)) is None


def test_neighbors_tell_labels_from_noise() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 2))
    t = (x[:, 0] > 0).astype(int)
    kept, mixed = (neighbors_of(x, labels, classes=True) for labels in (t, rng.permutation(t)))
    assert kept is not None
    assert mixed is not None
    assert kept.z > 8 > 3 > mixed.z
    assert neighbors_of(x[:10], t[:10], classes=True) is None
    assert neighbors_of(x, np.ones(200), classes=False) is None


def test_examples_are_known_again() -> None:
    examples, rng = Examples(), np.random.default_rng(0)
    x, t = rng.normal(size=(50, 3)), rng.integers(0, 2, 50)
    for _ in range(5):
        examples.add(x, t)
    assert (len(examples), examples.again, examples.contradicted) == (50, 200, 0)
    assert examples.exhausted
    assert examples.share_of(np.concatenate([x[:5], x[:5] + 1])) == 0.5


def test_losses_are_told_apart() -> None:
    y, t = np.array([[2.0], [0.0]]), np.array([2.0, 1.0])
    found = losses_of(y, t, "numbers")
    assert (found["mean_squared_error"], found["broadcast"]) == (0.5, 1.5)
    one_hot = losses_of(np.array([[0.0, 0.0]]), np.array([1]), "indices")
    assert one_hot["softmax_cross_entropy"] == pytest.approx(np.log(2))
    assert losses_of(np.zeros((1, 2)), np.array([5]), "indices") == {}


def test_an_empty_case_has_no_findings() -> None:
    from mitbadak.doctor.rules import findings_of

    assert findings_of(Case((), ())) == []
