"""The layers of the second book: made from arrays, with lists that are filled in place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import mitbadak as mb
from mitbadak.core.errors import DtypeError, ShapeError, StateError
from mitbadak.nn.book.data import load_data, load_mnist
from mitbadak.nn.book.functions import (
    cross_entropy_error,
    numerical_gradient,
    relu_grad,
    softmax,
    sum_squares_error,
)
from mitbadak.nn.book.layers import SGD, Affine, MatMul, Relu, Sigmoid, SoftmaxWithLoss
from mitbadak.nn.book.nets import TwoLayerNet


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
    (lambda: Affine(np.ones((2, 3), int), np.zeros(3)), DtypeError, "round to whole numbers"),
    (lambda: MatMul(784), DtypeError, "mb.Affine"),  # type: ignore[arg-type]
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


def test_the_notes_net_is_saved_and_loaded(tmp_path: Path) -> None:
    net = TwoLayerNet(4, 3, 2, rng=0)
    mb.save(net, tmp_path / "a.safetensors")
    again = mb.load(tmp_path / "a.safetensors")
    np.testing.assert_array_equal(again.params["W1"], net.params["W1"])


@pytest.mark.parametrize("init", [None, "he", 0.5])
def test_the_notes_net_is_in_float64_and_takes_an_initializer(init: Any) -> None:
    net = TwoLayerNet(784, 50, 10, init=init, rng=0)
    assert net.params["W1"].dtype == np.float64
    std = {None: 0.01, "he": np.sqrt(2 / 784), 0.5: 0.5}[init]
    assert net.params["W1"].std() == pytest.approx(std, rel=0.02)
