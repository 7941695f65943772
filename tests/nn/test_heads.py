"""Heads define accuracy and which labels are valid."""

from __future__ import annotations

import numpy as np
import pytest

import mitbadak as mb
from mitbadak.core.errors import DtypeError, LabelError, NonFiniteError, ShapeError
from mitbadak.nn import MLP, Huber, SigmoidCrossEntropy, heads
from mitbadak.training import evaluate


def test_a_single_output_is_a_yes_or_no():
    net = MLP([2, 1], loss="sigmoid_cross_entropy", rng=0, dtype="float64")
    net.params["W1"], net.params["b1"] = [[1.0], [0.0]], [0.0]
    x, t = np.array([[3.0, 0], [-2, 0], [0, 0], [-1, 0]]), [1, 1, 1, 0]
    assert net.accuracy(x, t) == 0.75  # a score of 0 is a probability of 0.5: yes
    assert net.accuracy(x, np.array(t)[:, None]) == 0.75
    assert net.loss(x, t) == net.loss(x, np.array(t)[:, None])
    np.testing.assert_allclose(net.predict(x)[:, 0], 1 / (1 + np.exp(-x[:, 0])))
    by_hand = -np.mean(np.log([net.predict(x)[i, 0] if y else 1 - net.predict(x)[i, 0]
                               for i, y in enumerate(t)]))  # fmt: skip
    assert net.loss(x, t) == pytest.approx(by_hand, rel=1e-14)
    assert net.accuracy(x[0], [1]) == 1.0


def test_several_labels_are_counted_one_by_one_also_in_batches():
    net = MLP([3, 3], loss="sigmoid_cross_entropy", rng=0, dtype="float64")
    net.params["W1"], net.params["b1"] = np.eye(3), np.zeros(3)
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(7, 3)), rng.integers(0, 2, (7, 3))
    right = np.mean((x >= 0) == t)
    assert net.accuracy(x, t) == right
    assert evaluate(net, (x, t), batch_size=2)["accuracy"] == pytest.approx(right, abs=1e-15)
    assert net.accuracy(np.full((1, 3), np.nan), [[0, 0, 0]]) == 0.0


@pytest.mark.parametrize("name", heads.HEADS)
def test_two_classes_need_one_output_where_it_is_a_yes_or_no(name):
    outputs = [heads.HEADS[name].outputs_for(classes) for classes in (2, 3)]
    assert outputs == [1 if name == "sigmoid_cross_entropy" else 2, 3]


def test_labels_other_than_yes_and_no_are_refused():
    head = SigmoidCrossEntropy()
    with pytest.raises(LabelError, match=r"expects t in \[0, 1\]: 0, 1, or a soft label.*got 2"):
        head.check_labels(np.array([0, 1, 2]), 1)
    with pytest.raises(LabelError, match=r"got -0\.5"):
        head.loss(np.zeros((2, 1)), [0.5, -0.5])
    with pytest.raises(NonFiniteError, match="t holds NaN"):
        head.check_labels(np.array([[0.0], [np.nan]]), 1)
    with pytest.raises(ShapeError, match=r"expects t of shape \(n, 3\) for SigmoidCrossEntropy"):
        head.check_labels(np.array([0, 1]), 3)
    with pytest.raises(DtypeError, match="expects t as numbers"):
        head.check_labels(np.array(["yes", "no"]), 1)
    with pytest.raises(ShapeError, match="at least one entry"):
        head.loss(np.zeros((0, 1)), np.zeros(0))


def test_nets_train_with_sigmoid_cross_entropy_and_huber():
    x = np.random.default_rng(1).normal(size=(200, 2))
    net = MLP([2, 8, 1], "tanh", loss="sigmoid_cross_entropy", rng=0)
    t = (x.sum(axis=1) > 0).astype(int)
    history = mb.fit(net, (x, t), optimizer=mb.SGD(1.0), epochs=20, rng=0, callbacks=[])
    assert history[-1]["train_accuracy"] > 0.95
    line = MLP([2, 1], loss="huber", rng=0)
    y = x @ [[2.0], [-1.0]] + 3
    y[:20] += 100  # outliers that squared errors would follow
    mb.fit(line, (x, y), optimizer=mb.SGD(0.5), epochs=60, rng=0, callbacks=[])
    np.testing.assert_allclose(line.params["W1"], [[2], [-1]], atol=0.25)
    assert "accuracy" not in evaluate(line, (x, y))


def test_huber_by_hand():
    """Errors 0.5 and 3 with delta 2: 0.125 and 2 (3 - 1) = 4; the mean is 2.0625."""
    loss = Huber(delta=2.0).loss(np.array([[0.5, 3.0]]), np.zeros((1, 2)))
    assert loss == pytest.approx((0.125 + 4) / 2)
