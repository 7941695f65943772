"""Layers that differ in training: the mode is explicit, and state changes only on request."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import mitbadak as mb
from kernels import ENGINES
from mitbadak import nn
from mitbadak.core.errors import FormatError, RangeError, ShapeError, StateError
from mitbadak.gradcheck import check_gradients
from mitbadak.nn import (
    Affine,
    BatchNorm,
    Convolution,
    Dropout,
    Flatten,
    LayerNorm,
    LayerResult,
    ReLU,
    Sequential,
    Tanh,
)
from mitbadak.runs import model_file as weights

X = np.random.default_rng(0).normal(size=(6, 4))
T = [0, 1, 2, 0, 1, 2]


def both() -> nn.MLP:
    """A net with noise and with running statistics that are not those it starts with."""
    net = nn.MLP([4, 5, 3], "tanh", init=0.7, dropout=0.4, batch_norm=True, rng=1, dtype="float64")
    net.buffers["running_mean1"] = np.linspace(-1, 1, 5)
    net.buffers["running_var1"] = np.linspace(0.5, 2, 5)
    return net


def test_training_must_be_given_where_it_matters():
    net = both()
    message = r"MLP contains BatchNorm\(5\), which computes something else.*pass training=True or "
    for call in (net.gradient, net.loss_and_gradient, net.compute):
        with pytest.raises(StateError, match=message):
            call(X, T)
    with pytest.raises(
        StateError, match=r"^Dropout\(rate=0.4\) computes.*training=False, with rng="
    ):
        Dropout(0.4).forward(X)
    with pytest.raises(StateError, match=r"^BatchNorm\(4\) computes.*training=False\.$"):
        BatchNorm(4).vjp(X)
    with pytest.raises(StateError, match=r"Dropout\(rate=0.4\) draws noise in training: pass rng="):
        net.gradient(X, T, training=True)
    assert set(net.gradient(X, T, training=False)) == set(net.params)


def test_answers_are_in_evaluation_mode_by_default():
    net = both()
    scores = net.scores(X)
    np.testing.assert_array_equal(scores, net.scores(X, training=False))
    np.testing.assert_array_equal(net.predict(X), mb.softmax(scores))
    assert net.loss(X, T) == net.loss_and_gradient(X, T, training=False)[0]
    np.testing.assert_allclose(net.scores(X[0]), scores[0], rtol=1e-13)
    noisy = net.scores(X, training=True, rng=3)
    assert not np.allclose(noisy, scores)
    np.testing.assert_array_equal(noisy, net.scores(X, training=True, rng=3))
    assert net.loss(X, T, training=True, rng=3) == net.compute(X, T, training=True, rng=3).loss


def test_nets_without_such_layers_need_no_training_argument():
    net = nn.MLP([4, 5, 3], rng=0, dtype="float64")
    assert net.mode_dependent == ()
    assert dict(net.buffers) == {}
    for name, g in net.gradient(X, T).items():
        np.testing.assert_array_equal(g, net.gradient(X, T, training=True, rng=0)[name])


def test_the_earlier_name_of_mode_dependent_layers_warns_and_is_read_from_pickles():
    net = nn.MLP([4, 5, 3], rng=0, dropout=0.5)
    with pytest.warns(DeprecationWarning, match=r"net\.modal is now net\.mode_dependent"):
        assert net.modal == net.mode_dependent
    earlier = pickle.dumps(net, 0).replace(b"mode_dependent", b"modal")
    assert repr(pickle.loads(earlier).mode_dependent) == repr(net.mode_dependent)
    assert "modal" not in vars(pickle.loads(earlier))


def test_running_statistics_by_hand():
    """Momentum 0.1 is the weight of the new batch; the variance is divided by one less."""
    layer = BatchNorm(1, dtype=np.float64)
    batch = np.array([[1.0], [2.0], [6.0]])  # mean 3, squares 4 + 1 + 9 = 14, variance 14 / 2 = 7
    np.testing.assert_allclose(
        layer.forward(batch, training=True), (batch - 3) / np.sqrt(14 / 3 + 1e-5)
    )
    np.testing.assert_allclose(layer.buffers["running_mean"], [0.1 * 3])
    np.testing.assert_allclose(layer.buffers["running_var"], [0.9 * 1 + 0.1 * 7])
    np.testing.assert_allclose(layer.predict(np.array([[0.3]])), [[0.0]], atol=1e-15)


def test_compute_changes_nothing_and_gradient_updates_the_buffers_once():
    net = both()
    before = {name: a.copy() for name, a in net.buffers.items()}
    result = net.compute(X, T, training=True, rng=0)
    for name, a in net.buffers.items():
        np.testing.assert_array_equal(a, before[name])
    assert set(result.buffers) == {"running_mean1", "running_var1"}
    gradient = net.gradient(X, T, training=True, rng=0)
    for name, a in net.buffers.items():
        np.testing.assert_array_equal(a, result.buffers[name])
    for name, g in gradient.items():
        np.testing.assert_array_equal(g, result.gradient[name])
    net.gradient(X, T, training=False)
    net.loss(X, T, training=True, rng=0)
    for name, a in net.buffers.items():
        np.testing.assert_array_equal(a, result.buffers[name])


def test_dropout_drops_its_share_and_preserves_the_mean():
    x = np.ones((300, 400))
    y = Dropout(0.3).predict(x, training=True, rng=0)
    assert set(np.unique(y)) == {0.0, 1 / 0.7}
    assert np.mean(y == 0) == pytest.approx(0.3, abs=4 * np.sqrt(0.3 * 0.7 / x.size))
    np.testing.assert_array_equal(Dropout(0.3).predict(x), x)
    np.testing.assert_array_equal(Dropout(0.0).predict(x, training=True, rng=0), x)


def test_a_seed_drops_the_same_units_in_both_dtypes_and_others_in_each_layer():
    single = Dropout(0.5).predict(np.ones((4, 9), np.float32), training=True, rng=7)
    double = Dropout(0.5).predict(np.ones((4, 9)), training=True, rng=7)
    np.testing.assert_array_equal(single, double)
    twice = Sequential(Dropout(0.5), Dropout(0.5)).scores(np.ones((4, 90)), training=True, rng=7)
    assert 0.15 < np.mean(twice > 0) < 0.35  # a quarter; half if both drew the same


@pytest.mark.parametrize("training", [True, False])
def test_the_gradient_agrees_with_the_definition_in_either_mode(training):
    net = both()
    gradient = net.gradient(X, T, training=training, rng=5)
    by_definition = net.numerical_gradient(X, T, training=training, rng=5, progress=False)
    generator = np.random.default_rng(5)
    again = net.numerical_gradient(X, T, training=training, rng=generator, progress=False)
    assert generator.random() == np.random.default_rng(5).random()
    for name, g in gradient.items():
        np.testing.assert_allclose(g, by_definition[name], rtol=1e-6, atol=1e-8)
        np.testing.assert_array_equal(again[name], by_definition[name])


@pytest.mark.parametrize("training", [True, False])
def test_gradients_can_be_checked_in_either_mode(training):
    report = check_gradients(both().astype(np.float32), X, T, training=training)
    assert report.ok, str(report)
    assert any("training" in note for note in report.notes)


def test_a_check_detects_a_wrong_gradient_in_training(monkeypatch):
    right = BatchNorm.compute

    def wrong(self, x, **mode):
        y, pullbacks, buffers = right(self, x, **mode)
        return LayerResult(y, (lambda dy: pullbacks[0](dy) * 1.001, *pullbacks[1:]), buffers)

    monkeypatch.setattr(BatchNorm, "compute", wrong)
    report = check_gradients(both(), X, T, training=True)
    assert "W1" in report.verdict


@pytest.mark.parametrize("training", [True, False])
def test_the_graph_gives_the_same_gradient(training):
    net = both()
    loss = net.graph(X, T, training=training, rng=5)
    expected = net.compute(X, T, training=training, rng=5)
    assert float(loss.value) == pytest.approx(expected.loss, rel=1e-14)
    wanted = {v.name: v for v in mb.graph.in_order([loss]) if v.name in net.params}
    gradients = mb.grad(loss, list(wanted.values()))
    for name, g in zip(wanted, gradients, strict=True):
        np.testing.assert_allclose(g, expected.gradient[name], rtol=1e-12, atol=1e-15)


def test_a_net_in_a_net_is_replaced_by_its_layers():
    inner = Sequential(Affine(4, 5, rng=0), BatchNorm(5), Tanh(), loss="huber")
    net = Sequential(inner, Sequential(Affine(5, 5, rng=1), LayerNorm(5)), Affine(5, 3, rng=2))
    assert list(net.params) == [
        "W1", "b1", "gamma1", "beta1", "W2", "b2", "gamma2", "beta2", "W3", "b3",
    ]  # fmt: skip
    assert list(net.buffers) == ["running_mean1", "running_var1"]
    assert net.params["W1"] is inner.params["W1"]
    assert repr(net.head) == "SoftmaxCrossEntropy()"
    with pytest.raises(ShapeError, match=r"BatchNorm\(5\) gives 5 numbers, Affine\(4, 3\) expects"):
        Sequential(inner, Affine(4, 3))


def test_two_parameters_of_the_same_name_are_refused():
    class Other(Affine):
        """An affine layer that is numbered apart."""

        family = "other"

    with pytest.raises(StateError, match="two layers have a parameter 'W1'"):
        Sequential(Affine(4, 4), Other(4, 3))


def test_layers_derived_from_affine_are_numbered_with_it():
    class Own(Affine):
        """An affine layer of another class."""

    net = Sequential(Convolution(1, 2, 2), Flatten(), Affine(8, 4), Own(4, 3))
    assert list(net.params) == ["W1", "b1", "W2", "b2", "W3", "b3"]


def test_images_are_flattened_by_the_net():
    net = Sequential(Flatten(), Affine(784, 5, rng=0), ReLU(), Affine(5, 10, rng=1))
    images = np.random.default_rng(0).uniform(size=(3, 1, 28, 28))
    flat = net.predict(images.reshape(3, 784))
    np.testing.assert_array_equal(net.predict(images), flat)
    np.testing.assert_array_equal(net.predict(images[:, 0]), flat)
    np.testing.assert_allclose(net.predict(images[0].ravel()), flat[0], rtol=1e-5, atol=1e-6)
    message = r"Affine 'W1' expects x of shape \(batch, \.\.\.\) with 784 numbers per example; got "
    for wrong in (images[:, :, 1:], images[0, 0], np.zeros(783)):
        with pytest.raises(ShapeError, match=message):
            net.predict(wrong)
    small = Sequential(Flatten(), Affine(4, 3, rng=0, dtype="float64"), Flatten(), Dropout(0.5))
    structured = small.numerical_gradient(X.reshape(6, 2, 2), T)
    full = small.numerical_gradient(X.reshape(6, 2, 2), T, structured=False, progress=False)
    for name, g in structured.items():
        np.testing.assert_allclose(g, full[name], atol=1e-9)


def test_the_input_width_is_that_of_the_first_layer_with_one():
    with pytest.raises(ShapeError, match=r"BatchNorm 'gamma1' expects x of shape \(batch, 4\)"):
        Sequential(BatchNorm(4), Affine(4, 2, rng=0)).predict(X[:, :3])
    with pytest.raises(ShapeError, match="at least two examples in training"):
        both().gradient(X[:1], T[:1], training=True, rng=0)


def test_mlp_puts_normalization_before_and_dropout_after_the_activation():
    net = nn.MLP([4, 6, 5, 3], "gelu", dropout=0.25, batch_norm=True, rng=0)
    kinds = [type(layer).__name__ for layer in net.layers]
    assert kinds == [*["Affine", "BatchNorm", "GELU", "Dropout"] * 2, "Affine"]
    assert repr(net) == "MLP([4, 6, 5, 3], activation='gelu', dropout=0.25, batch_norm=True)"
    assert repr(nn.from_config(net.config())) == repr(net)
    plain = nn.MLP([4, 6, 5, 3], "gelu", rng=0)
    for name, p in plain.params.items():
        np.testing.assert_array_equal(p, net.params[name])
    with pytest.raises(RangeError, match=r"MLP: dropout must lie in \[0, 1\); got 1"):
        nn.MLP([4, 2], dropout=1)


def test_a_copy_in_another_dtype_converts_the_buffers_too():
    single = both().astype(np.float32)
    assert {a.dtype for a in single.buffers.values()} == {np.dtype(np.float32)}
    np.testing.assert_allclose(single.predict(X), both().predict(X), rtol=1e-5)
    assert single.predict(X).dtype == np.float32


def test_buffers_are_live_and_never_parameters():
    net = both()
    assert list(net.buffers) == ["running_mean1", "running_var1"]
    assert not set(net.buffers) & set(net.params)
    net.buffers["running_mean1"][:] = 9
    assert net.layers[1].buffers["running_mean"][0] == 9
    with pytest.raises(ShapeError, match=r"buffers\['running_var1'\] expects shape \(5,\)"):
        net.buffers["running_var1"] = np.zeros(4)


def test_a_file_without_the_statistics_is_refused_and_an_old_one_loads(tmp_path):
    net, path = both(), tmp_path / "net.safetensors"
    weights.save(net, path)
    assert set(weights.read(path).arrays) == {*net.params, *net.buffers}
    weights.write(path, weights.Stored(dict(net.params), {"net": net.config()}))
    with pytest.raises(FormatError, match=r"'running_mean1' should be float64 .* absent"):
        weights.load_net(path)
    # As it was written before there were buffers, options of heads, and dropout.
    row = [{"layer": "Affine", "n_in": 2, "n_out": 1, "bias": True}, {"layer": "ReLU"}]
    config = {"net": "Sequential", "layers": row, "loss": "mean_squared_error", "dtype": "float32"}
    arrays = {"W1": np.full((2, 1), 0.5, np.float32), "b1": np.ones(1, np.float32)}
    weights.write(path, weights.Stored(arrays, {"net": config}))
    assert weights.load_net(path).predict([1.0, 2.0]).tolist() == [2.5]


@pytest.mark.parametrize("engine", ENGINES)
def test_predictors_of_such_nets_evaluate_with_their_running_statistics(engine):
    binary = nn.MLP([4, 1], loss="sigmoid_cross_entropy", rng=0)
    for net in (both().astype(np.float32), binary):
        predictor = mb.Predictor(net, engine=engine)
        np.testing.assert_allclose(predictor.predict(X), net.predict(X), rtol=1e-5)
        np.testing.assert_allclose(predictor.predict(X[0]), net.predict(X[0]), rtol=1e-5)


def test_impossible_settings_are_refused():
    with pytest.raises(RangeError, match=r"Dropout: rate must lie in \[0, 1\); got 1"):
        Dropout(1)
    with pytest.raises(RangeError, match=r"BatchNorm: momentum must lie in \(0, 1\]; got 1.5"):
        BatchNorm(3, momentum=1.5)
    with pytest.raises(RangeError, match="LayerNorm: eps must be a finite number above 0"):
        LayerNorm(3, eps=0)
    with pytest.raises(RangeError, match="BatchNorm: n must be a whole number"):
        BatchNorm(0)
    with pytest.raises(RangeError, match=r"LeakyReLU: slope must lie in \[0, 1\)"):
        nn.LeakyReLU(slope=-1)
    with pytest.raises(RangeError, match="ELU: alpha must be a finite number above 0"):
        nn.ELU(alpha=0)
    with pytest.raises(RangeError, match="Huber: delta must be a finite number above 0"):
        nn.Huber(delta=-1)
