"""Nets of images: shapes from layer to layer, flat rows and pictures, single examples, files."""

from __future__ import annotations

import re

import numpy as np
import pytest

import mitbadak as mb
from mitbadak import nn
from mitbadak.core.errors import DtypeError, RangeError, ShapeError
from mitbadak.gradcheck import check_gradients
from mitbadak.nn.initializers import INITIALIZERS, fans
from mitbadak.runs.model_file import load_net, save

RNG = np.random.default_rng(0)
X, T = RNG.normal(size=(6, 1, 8, 8)), np.arange(6) % 3


def small(**settings):
    return mb.ConvNet((1, 8, 8), [3], [5, 3], kernel=3, rng=0, dtype=np.float64, **settings)


def unsized():
    """Without Reshape, a net takes images of any size up to where it flattens them."""
    return mb.Sequential(
        mb.Convolution(1, 3, 3, pad=1, rng=0, dtype=np.float64), "tanh", mb.AveragePooling(2),
        mb.Flatten(), mb.Affine(48, 3, rng=0, dtype=np.float64),
    )  # fmt: skip


def test_rows_and_images_give_the_same():
    net = small()
    scores = net.scores(X)
    np.testing.assert_array_equal(net.scores(X.reshape(6, 64)), scores)
    np.testing.assert_array_equal(net.scores(X[:, 0]), scores)
    assert net.loss(X.reshape(6, -1), T) == net.loss(X, T)


@pytest.mark.parametrize("make", [small, unsized])
def test_one_image_is_a_batch_of_one(make):
    net = make()
    forms = [X[0]] if make is unsized else [X[0], X[0].ravel()]
    for one in forms:
        np.testing.assert_allclose(net.scores(one), net.scores(X)[0], rtol=1e-12)
        assert net.loss(one, T[0]) == pytest.approx(net.loss(X[:1], T[:1]))
        assert net.graph(one, T[0]).item() == pytest.approx(net.loss(one, T[0]))
        assert np.shape(net.graph(one)) == (3,)
        assert net.classify(one) == net.classify(X[:1])[0]
        for t in (T[0], np.eye(3)[T[0]]):
            own, expected = net.gradient(one, t), net.gradient(X[:1], T[:1])
            for name, g in own.items():
                np.testing.assert_allclose(g, expected[name], rtol=1e-12)


@pytest.mark.parametrize("settings", [
    {}, {"activation": "tanh", "batch_norm": True}, {"pool": 1}, {"pad": 1}, {"dropout": 0.3},
    {"loss": "mean_squared_error"},
])  # fmt: skip
def test_gradients_are_right_and_equal_those_of_the_graph(settings):
    net = small(**settings)
    for name, p in net.params.items():
        p += 0.1 * np.random.default_rng(len(name)).normal(size=p.shape)
    check_gradients(net, X, T).raise_if_failed()
    loss = net.graph(X, T)
    variables = [v for v in _leaves(loss) if v.name in net.params]
    by_graph = dict(zip([v.name for v in variables], mb.grad(loss, variables), strict=True))
    for name, g in net.gradient(X, T, training=False).items():
        np.testing.assert_allclose(by_graph[name], g, rtol=1e-10, atol=1e-14)


def _leaves(loss):
    from mitbadak.graph import in_order

    return [v for v in in_order([loss]) if v.operation is None]


def test_saving_and_loading_preserves_a_net_of_images_to_the_bit(tmp_path):
    for net in (small(batch_norm=True, dropout=0.2, pad=1), unsized()):
        save(net, tmp_path / "net.safetensors")
        again = load_net(tmp_path / "net.safetensors")
        assert repr(again) == repr(net)
        assert again.shapes == net.shapes
        np.testing.assert_array_equal(again.predict(X), net.predict(X))


def test_parameters_are_numbered_through_as_in_the_book():
    assert list(small().params) == ["W1", "b1", "W2", "b2", "W3", "b3"]
    assert small().params["W1"].shape == (3, 1, 3, 3)


@pytest.mark.parametrize(("layers", "message"), [
    ([nn.Convolution(1, 4, 3), nn.Affine(4, 2)], r"gives images, Affine\(4, 2\).* mb.Flatten\(\)"),
    ([nn.Reshape((1, 8, 8)), nn.Affine(64, 2)], r"examples of shape \(1, 8, 8\), .*mb.Flatten"),
    ([nn.Affine(4, 3), nn.Convolution(1, 4, 3)], r"gives rows, .*mb.Reshape\(\(1, 28, 28\)\)"),
    ([nn.Convolution(1, 4, 3), nn.Flatten(), nn.MaxPooling(2)], "gives rows, MaxPooling"),
    ([nn.Reshape((64,)), nn.MaxPooling(2)], "gives rows"),
    ([nn.Reshape((8, 8)), nn.Convolution(1, 2, 3)], r"examples of shape \(8, 8\), Convolution"),
    ([nn.Reshape((1, 8, 8)), nn.Convolution(1, 4, 3), nn.Flatten(), nn.Affine(100, 2)],
     r"gives 144 numbers, Affine\(100, 2\) expects 100. Make them equal"),
    ([nn.Reshape((1, 8, 8)), nn.Convolution(3, 4, 3)], "expects images of 3 channels; got 1"),
    ([nn.Convolution(1, 4, 3), "relu", nn.Convolution(3, 4, 3)], "gives 4 channels, .* expects 3"),
    ([nn.Reshape((1, 4, 4)), nn.Convolution(1, 4, 5)], "5x5 do not fit into images of 4x4"),
    ([nn.Reshape((1, 8, 8)), nn.Convolution(1, 4, 3), nn.BatchNorm(3)], "4 channels, .* expects 3"),
    ([nn.Reshape((1, 8, 8)), nn.Convolution(1, 4, 3), nn.LayerNorm(6)], "use mb.BatchNorm"),
    ([nn.Affine(5, 6), nn.Reshape((1, 2, 2))], "gives 6 numbers, Reshape.* expects 4"),
])  # fmt: skip
def test_layers_that_do_not_fit_are_refused_with_the_remedy(layers, message):
    with pytest.raises(ShapeError, match=message):
        mb.Sequential(*layers)


@pytest.mark.parametrize(("net", "x", "message"), [
    (small(), np.zeros((2, 63)), r"Reshape\(\(1, 8, 8\)\) expects x of shape \(batch, 64\) or "),
    (small(), np.zeros((2, 1, 8, 7)), r"got \(2, 1, 8, 7\)"),
    (unsized(), np.zeros((2, 64)), r"\(batch, 1, height, width\); got \(2, 64\).*mb.Reshape"),
    (unsized(), np.zeros((2, 8, 8)), r"got \(2, 8, 8\).*load_mnist\(flatten=False\)"),
    (unsized(), np.zeros((2, 3, 8, 8)), r"got \(2, 3, 8, 8\)"),
])  # fmt: skip
def test_inputs_that_do_not_fit_are_refused_with_the_remedy(net, x, message):
    with pytest.raises(ShapeError, match=message):
        net.predict(x)


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda: mb.ConvNet((1, 28, 28), [30], []), ShapeError, "ConvNet expects sizes in a list"),
    (lambda: mb.ConvNet((8, 8), [3, 3], [10]), ShapeError, "5x5 do not fit into images of 2x2"),
    (lambda: mb.ConvNet((8, 8), [0], [10]), RangeError, "filters must be a whole number"),
    (lambda: mb.ConvNet((8, 8), [3], [10], pool=0), RangeError, "pool must be a whole number"),
    (lambda: mb.ConvNet((8, 8), [3], [10], dtype=int), DtypeError, "float32 or float64"),
    (lambda: mb.Convolution(1, 2, 3, init=1e50), RangeError, "float32 cannot hold"),
    (lambda: mb.Convolution(1, 2, 3, init=lambda rng, shape: np.zeros(3)), ShapeError,
     r"return \(2, 1, 3, 3\); got \(3,\)"),
    (lambda: mb.Convolution(10**6, 10**6, 30), RangeError, "Choose smaller widths"),
])  # fmt: skip
def test_settings_that_cannot_be_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("name", INITIALIZERS)
def test_initializers_know_the_fans_of_filters(name):
    shape = (40, 20, 5, 5)
    W = INITIALIZERS[name](np.random.default_rng(0), shape)
    n_in, n_out = fans(shape)
    assert (n_in, n_out) == (500, 1000)
    expected = {"he": 2 / n_in, "lecun": 1 / n_in, "xavier": 2 / (n_in + n_out),
                "orthogonal": 1 / n_in, "zeros": 0}[name]  # fmt: skip
    assert W.shape == shape
    assert W.var() == pytest.approx(expected, rel=0.05)


def test_batch_norm_of_images_keeps_statistics_of_each_channel():
    layer, x = mb.BatchNorm(2, dtype=np.float64), RNG.normal(3, 2, size=(4, 2, 3, 3))
    layer.momentum = 1.0
    layer.forward(x, training=True)
    np.testing.assert_allclose(layer.buffers["running_mean"], x.mean(axis=(0, 2, 3)))
    np.testing.assert_allclose(layer.buffers["running_var"], x.var(axis=(0, 2, 3), ddof=1))
    as_rows = np.moveaxis(x, 1, -1).reshape(-1, 2)
    np.testing.assert_allclose(
        np.moveaxis(layer.predict(x), 1, -1).reshape(-1, 2), layer.predict(as_rows)
    )


def test_a_summary_shows_the_shapes(capsys):
    small().summary()
    assert re.search(r"Convolution\(1, 3, 3\) +3 x 6 x 6 +30 ", capsys.readouterr().out)
    unsized().summary()
    assert "3 x ? x ?" in capsys.readouterr().out


def test_the_layers_of_a_net_and_training_learn():
    rng = np.random.default_rng(3)
    t = rng.integers(0, 2, 200)
    x = rng.normal(size=(200, 1, 6, 6)) * 0.3
    for example, label in zip(x, t, strict=True):  # a bar across or down, anywhere
        place = rng.integers(0, 6)
        example[0][(place, slice(None)) if label else (slice(None), place)] += 2
    net = mb.ConvNet((1, 6, 6), [4], [2], kernel=3, rng=0)
    mb.fit(net, (x, t), optimizer=mb.Adam(0.01), epochs=15, batch_size=20, rng=0, callbacks=[],
           engine="numpy")  # fmt: skip
    assert net.accuracy(x, t) > 0.95
