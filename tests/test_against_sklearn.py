"""Splits, preparation, measures and whole nets against scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mitbadak import functions as f
from mitbadak.data.splits import k_fold, stratified_split
from mitbadak.data.standardized import mean_and_spread
from mitbadak.nn import MLP
from mitbadak.optim import SGD
from mitbadak.runs.quality import calibration

sk_calibration = pytest.importorskip("sklearn.calibration")
metrics = pytest.importorskip("sklearn.metrics")
model_selection = pytest.importorskip("sklearn.model_selection")
neural_network = pytest.importorskip("sklearn.neural_network")
preprocessing = pytest.importorskip("sklearn.preprocessing")


def test_columns_are_standardized_alike(rng):
    x = rng.normal(size=(200, 5)) * [1, 1e-8, 1e6, 3, 0] + [0, 5, -1e6, 1e3, 0.1]
    mean, std, constant = mean_and_spread(x)
    scaler = preprocessing.StandardScaler().fit(x)
    np.testing.assert_allclose(mean, scaler.mean_, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(std, scaler.scale_, rtol=1e-6)
    assert constant.tolist() == [False, False, False, False, True]


@pytest.mark.parametrize("share", [0.1, 0.25, 0.37])
def test_a_stratified_split_has_the_same_class_counts(share, rng):
    t = np.repeat(np.arange(4), [401, 97, 211, 53])
    rng.shuffle(t)
    learn, watch = stratified_split(t, share, 0)
    theirs = model_selection.train_test_split(
        t, test_size=round(share * len(t)), stratify=t, random_state=0
    )
    for ours, counted in zip((t[learn], t[watch]), theirs, strict=True):
        assert np.bincount(ours).tolist() == np.bincount(counted).tolist()


def test_stratified_folds_have_the_same_class_counts(rng):
    t = np.repeat(np.arange(3), [50, 20, 35])
    rng.shuffle(t)
    ours = [np.bincount(t[watch]).tolist() for _, watch in k_fold(t, 5, rng=0)]
    folds = model_selection.StratifiedKFold(5).split(np.zeros(len(t)), t)
    assert ours == [np.bincount(t[watch]).tolist() for _, watch in folds]


def test_calibration_bins_are_the_same(rng):
    rows = f.softmax(rng.normal(size=(500, 4)) * 2)
    t = rng.integers(0, 4, 500)
    ours = calibration(rows, t)
    right, sure = rows.argmax(axis=1) == t, rows.max(axis=1)
    accuracy, confidence = sk_calibration.calibration_curve(right, sure, n_bins=len(ours.counts))
    used = ours.counts > 0
    np.testing.assert_allclose(ours.accuracy[used], accuracy)
    np.testing.assert_allclose(ours.confidence[used], confidence)


def test_losses_and_accuracy_are_the_same(rng):
    y, t = rng.normal(size=(2, 40, 3))
    logits, classes = rng.normal(size=(40, 3)), rng.integers(0, 3, 40)
    p = f.softmax(logits)
    assert f.mean_squared_error(y, t) == pytest.approx(metrics.mean_squared_error(t, y))
    assert f.cross_entropy_error(p, classes) == pytest.approx(metrics.log_loss(classes, p))
    assert f.softmax_cross_entropy(logits, classes) == pytest.approx(metrics.log_loss(classes, p))
    net = MLP([3, 3], rng=0, dtype="float64")
    answers = net.predict(y).argmax(axis=1)
    assert net.accuracy(y, classes) == metrics.accuracy_score(classes, answers)


NETS: dict[str, tuple[Any, str, float]] = {
    # scikit-learn halves the squared error.
    "three classes": (neural_network.MLPClassifier, "softmax_cross_entropy", 1.0),
    "one target": (neural_network.MLPRegressor, "mean_squared_error", 0.5),
}


@pytest.mark.parametrize("case", NETS)
@pytest.mark.parametrize(("ours", "theirs"), [("sigmoid", "logistic"), ("relu", "relu")])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_ten_steps_of_gradient_descent_lead_to_the_same_net(case, ours, theirs, rng):
    kind, loss, factor = NETS[case]
    n_out = 3 if case == "three classes" else 1
    x = rng.normal(size=(30, 4))
    t = rng.permutation(np.arange(30) % 3) if n_out == 3 else rng.normal(size=(30, 1))
    net = MLP([4, 6, n_out], ours, loss=loss, rng=0, init=0.5, dtype="float64")
    there = kind(
        hidden_layer_sizes=(6,), activation=theirs, solver="sgd", alpha=0.0, batch_size=30,
        momentum=0.0, learning_rate_init=0.2, shuffle=False, random_state=0,
    )  # fmt: skip
    labels = t if n_out == 3 else t[:, 0]
    there.partial_fit(x, labels, **({"classes": [0, 1, 2]} if n_out == 3 else {}))
    there.coefs_ = [net.params["W1"].copy(), net.params["W2"].copy()]
    there.intercepts_ = [net.params["b1"].copy(), net.params["b2"].copy()]
    optimizer = SGD(0.2 * factor)
    for _ in range(10):
        loss, gradient = net.loss_and_gradient(x, t)
        optimizer.update(net.params, gradient)
        there.partial_fit(x, labels)
        assert there.loss_ == pytest.approx(factor * loss)
    for number, (W, b) in enumerate(zip(there.coefs_, there.intercepts_, strict=True), 1):
        np.testing.assert_allclose(net.params[f"W{number}"], W, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(net.params[f"b{number}"], b, rtol=1e-9, atol=1e-12)
