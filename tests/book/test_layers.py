"""The layers of the second book: made from arrays, with lists that are filled in place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from mitbadak.book.surface.convnets import SimpleConvNet
from mitbadak.book.surface.functions import (
    cross_entropy_error,
    relu_grad,
    softmax,
    sum_squares_error,
)
from mitbadak.book.surface.gradient import numerical_gradient
from mitbadak.book.surface.layers import (
    Affine,
    BatchNormalization,
    Dropout,
    MatMul,
    Relu,
    Sigmoid,
    SoftmaxWithLoss,
)
from mitbadak.book.surface.loaders import load_data, load_mnist
from mitbadak.book.surface.nets import MultiLayerNet, MultiLayerNetExtend
from mitbadak.book.surface.optimizer import SGD, AdaGrad, Adam, Momentum, Nesterov, RMSprop
from mitbadak.book.surface.trainer import Trainer
from mitbadak.book.surface.two_layer_net import TwoLayerNet, TwoLayerNetOfLayers
from mitbadak.book.surface.windows import Convolution, Pooling
from mitbadak.core.errors import DtypeError, NumericalWarning, ShapeError, StateError


def own_affine(x: np.ndarray, W: np.ndarray, b: np.ndarray, dout: np.ndarray) -> list[np.ndarray]:
    """What the notes' Affine returns and leaves in its gradients."""
    return [x @ W + b, dout @ W.T, x.T @ dout, dout.sum(axis=0)]


@given(
    n=st.integers(1, 6), n_in=st.integers(1, 5), n_out=st.integers(1, 5), seed=st.integers(0, 99)
)
def test_affine_and_matmul_compute_what_the_notes_print(
    n: int, n_in: int, n_out: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    x, W, b = rng.normal(size=(n, n_in)), rng.normal(size=(n_in, n_out)), rng.normal(size=n_out)
    dout = rng.normal(size=(n, n_out))
    layer, plain = Affine(W, b), MatMul(W)
    found = [layer.forward(x), layer.backward(dout), *layer.grads]
    for ours, notes in zip(found, own_affine(x, W, b, dout), strict=True):
        np.testing.assert_allclose(ours, notes, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(plain.forward(x) + b, found[0], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(plain.backward(dout), found[1], rtol=1e-12)


def test_the_second_books_net_trains_by_lists_of_the_same_arrays() -> None:
    rng = np.random.default_rng(0)
    x, t = load_data()
    W1, W2 = 0.01 * rng.normal(size=(2, 10)), 0.01 * rng.normal(size=(10, 3))
    layers: list[Any] = [Affine(W1, np.zeros(10)), Sigmoid(), Affine(W2, np.zeros(3))]
    loss_layer, optimizer = SoftmaxWithLoss(), SGD(lr=1.0)
    params, grads = [], []
    for layer in layers:
        params += layer.params
        grads += layer.grads
    assert params[0] is W1
    identities = [id(array) for array in params + grads]
    losses = []
    for epoch in range(300):
        order = np.random.default_rng(epoch).permutation(len(x))
        total = 0.0
        for rows in np.split(order, 10):
            y = x[rows]
            for layer in layers:
                y = layer.forward(y)
            total += float(loss_layer.forward(y, t[rows]))
            dout = loss_layer.backward()
            for layer in reversed(layers):
                dout = layer.backward(dout)
            optimizer.update(params, grads)
        losses.append(total / 10)
    assert [id(array) for array in params + grads] == identities
    assert losses[0] == pytest.approx(1.13, abs=0.05)
    assert losses[-1] < 0.2  # the book ends at 0.11


@pytest.mark.parametrize("one_hot", [True, False])
def test_softmax_with_loss_is_the_books_loss_and_the_exact_gradient(one_hot: bool) -> None:
    rng = np.random.default_rng(1)
    x, labels = rng.normal(size=(6, 4)), np.array([0, 1, 2, 3, 0, 1])
    t = np.eye(4, dtype=int)[labels] if one_hot else labels
    layer = SoftmaxWithLoss()
    assert float(layer.forward(x, t)) == float(cross_entropy_error(softmax(x), t))
    expected = (softmax(x) - np.eye(4)[labels]) / 6
    np.testing.assert_allclose(layer.backward(), expected, atol=1e-15)
    np.testing.assert_allclose(layer.backward(2.0), 2 * expected, atol=1e-15)


@pytest.mark.parametrize("layer", [Sigmoid(), Relu()])
def test_layers_without_parameters_have_empty_lists(layer: Any) -> None:
    assert (layer.params, layer.grads) == ([], [])
    x, dout = np.array([[-1.0, 2.0]]), np.array([[3.0, 4.0]])
    layer.forward(x)
    layer.backward(dout)
    np.testing.assert_array_equal(dout, [[3.0, 4.0]])  # the first book overwrites it


@pytest.mark.parametrize(("make", "kind", "said"), [
    (lambda: MatMul([[784.0]]), DtypeError, "np.array"),  # type: ignore[arg-type]
    (lambda: MatMul(np.ones((2, 3))).backward(np.ones((1, 3))), StateError, "forward first"),
    (lambda: SoftmaxWithLoss().backward(), StateError, "forward first"),
])  # fmt: skip
def test_what_the_notes_get_wrong_silently_is_refused(make: Any, kind: type, said: str) -> None:
    with pytest.raises(kind, match=said):
        make()


def test_a_gradient_of_another_shape_is_refused() -> None:
    layer = MatMul(np.ones((2, 3)))
    layer.forward(np.ones((4, 2)))
    with pytest.raises(ShapeError, match=r"\(4, 3\)"):
        layer.backward(np.ones((1, 3)))


def test_functions_have_the_names_of_both_editions() -> None:
    t = np.array([0, 0, 1, 0, 0, 0, 0, 0, 0, 0])
    y = np.array([0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0])
    assert float(sum_squares_error(y, t)) == 0.09750000000000003
    np.testing.assert_array_equal(relu_grad(np.array([-1.0, 0.0, 1.0])), [0, 1, 1])
    slope = numerical_gradient(lambda x: x[0] ** 2 + x[1] ** 2, np.array([3.0, 4.0]))
    np.testing.assert_allclose(slope, [6, 8])


def test_the_notes_loaders() -> None:
    x, t = load_data()
    assert x.shape, t.shape == ((300, 2), (300, 3))
    assert x.sum() == pytest.approx(-13.916731190759947, rel=1e-14)
    (x_train, t_train), _ = load_mnist(normalize=True, one_hot_label=True)
    assert x_train.shape, t_train.shape == ((60000, 784), (60000, 10))


@given(
    filters=st.integers(1, 3), channels=st.integers(1, 2), size=st.integers(1, 3),
    stride=st.integers(1, 2), pad=st.integers(0, 1), seed=st.integers(0, 99),
)  # fmt: skip
def test_convolution_and_pooling_have_the_gradients_of_the_definition(
    filters: int, channels: int, size: int, stride: int, pad: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, channels, 5, 4))
    W, b = rng.normal(size=(filters, channels, size, size)), rng.normal(size=filters)
    layer = Convolution(W, b, stride=stride, pad=pad)
    pool = Pooling(2, 2, stride=stride)
    weights = rng.normal(size=layer.forward(x).shape)
    pool_weights = rng.normal(size=pool.forward(x).shape)
    dx, pool_dx = layer.backward(weights), pool.backward(pool_weights)
    for array, grad in ((x, dx), (W, layer.dW.copy()), (b, layer.db.copy())):
        slope = numerical_gradient(lambda _: np.sum(layer.forward(x) * weights), array)
        np.testing.assert_allclose(grad, slope, atol=1e-6)
    slope = numerical_gradient(lambda _: np.sum(pool.forward(x) * pool_weights), x)
    np.testing.assert_allclose(pool_dx, slope, atol=1e-6)


def test_a_convolution_takes_one_number_as_bias() -> None:
    W = np.ones((2, 1, 2, 2))
    layer, plain = Convolution(W, 3), Convolution(W, np.zeros(2))
    x = np.ones((1, 1, 3, 3))
    np.testing.assert_array_equal(layer.forward(x), plain.forward(x) + 3)
    layer.backward(np.ones((1, 2, 2, 2)))
    assert layer.db == 8


NETS = {
    "chapter 4": lambda: TwoLayerNet(5, 4, 3),
    "chapter 5": lambda: TwoLayerNetOfLayers(5, 4, 3),
    "deep": lambda: MultiLayerNet(5, [4, 3], 3, activation="sigmoid", weight_init_std="xavier"),
    "decay": lambda: MultiLayerNet(5, [4], 3, weight_decay_lambda=0.1),
    "normalized": lambda: MultiLayerNetExtend(5, [4], 3, activation="sigmoid", use_batchnorm=True),
    "convolutional": lambda: SimpleConvNet(
        (1, 6, 6), {"filter_num": 2, "filter_size": 3, "pad": 0, "stride": 1}, 4, 3, 0.5
    ),
}


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("one_hot", [True, False])
def test_nets_of_the_books_have_the_gradient_of_the_definition(name: str, one_hot: bool) -> None:
    net: Any = NETS[name]()
    rng = np.random.default_rng(2)
    for array in net.params.values():  # away from kinks
        array += rng.normal(size=array.shape) * 0.3
    x = rng.normal(size=(6, 1, 6, 6) if name == "convolutional" else (6, 5))
    labels = np.array([0, 1, 2, 0, 1, 2])
    t = np.eye(3)[labels] if one_hot else labels
    numerical, backprop = net.numerical_gradient(x, t), net.gradient(x, t)
    assert list(numerical) == list(backprop) == list(net.params)
    for key in numerical:
        np.testing.assert_allclose(backprop[key], numerical[key], rtol=2e-4, atol=2e-5)
    assert 0 <= net.accuracy(x, t) <= 1
    assert net.accuracy(x, t) == net.accuracy(x, labels) == net.accuracy(x, t, 4)


def test_the_net_of_chapter_4_takes_new_arrays_as_its_parameters() -> None:
    net = TwoLayerNet(2, 3, 2)
    net.params["b2"] = np.array([0.0, 50.0])
    assert net.predict(np.zeros((1, 2))).argmax() == 1


def test_dropout_and_batch_norm_tell_training_from_evaluation() -> None:
    x = np.ones((4, 6))
    layer = Dropout(0.25)
    assert set(np.unique(layer.forward(x))) <= {0.0, 1.0}
    np.testing.assert_array_equal(layer.backward(x), layer.mask)
    np.testing.assert_array_equal(layer.forward(x, train_flg=False), 0.75 * x)
    norm = BatchNormalization(np.ones(6), np.zeros(6), momentum=0.5)
    norm.forward(3 * x)
    np.testing.assert_array_equal(norm.running_mean, np.full(6, 1.5))


@pytest.mark.parametrize("kind", [SGD, Momentum, Nesterov, AdaGrad, RMSprop, Adam])
def test_rules_take_dicts_lists_and_floats(kind: Any) -> None:
    lists, dicts = [np.ones(2)], {"a": np.ones(2)}
    floats: Any = {"a": 1.0}
    rules = [kind(), kind(), kind()]
    for _ in range(3):
        rules[0].update(lists, [np.full(2, 0.5)])
        rules[1].update(dicts, {"a": np.full(2, 0.5)})
        rules[2].update(floats, {"a": 0.5})
    np.testing.assert_array_equal(lists[0], dicts["a"])
    assert floats["a"] == pytest.approx(lists[0][0])


def test_rules_go_on_with_nan_and_say_so_once() -> None:
    params, rule = {"W": np.ones(2)}, SGD()
    with pytest.warns(NumericalWarning, match="goes on"):
        rule.update(params, {"W": np.array([np.nan, 1.0])})
    rule.update(params, {"W": np.array([np.nan, 1.0])})
    assert np.isnan(params["W"][0])


def test_the_trainer_reports_every_epoch_also_of_odd_lengths(capsys: Any) -> None:
    x, t = np.random.rand(10, 4), np.arange(10) % 3
    trainer = Trainer(MultiLayerNet(4, [3], 3), x, t, x, t, epochs=4, mini_batch_size=4)
    trainer.train()
    assert len(trainer.train_loss_list) == 10
    assert len(trainer.train_acc_list) == 4
    out = capsys.readouterr().out
    assert "=== epoch:4, train acc:" in out
    assert out.splitlines()[-2] == "=============== Final Test Accuracy ==============="


def test_a_trainer_of_other_arguments_is_refused() -> None:
    with pytest.raises(DtypeError, match=r"\(model, optimizer\)"):
        Trainer(1, 2, 3)
