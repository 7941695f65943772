"""Fast gradients are the definition's, for nets in every manner of writing."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

import mitbadak
from book.recognition import learners
from book.recognition.learners import MultiLayerNet, SimpleNet, TwoLayerNet, batch
from kernels import WHY_NOT
from mitbadak.book.recognition import Recognizer

ATOL = 2e-10  # rounding of the definition itself: 1e-16 of a loss of a few units, over 2e-4

ACTIVATIONS = {
    "sigmoid": learners.sigmoid, "stable": learners.stable_sigmoid,
    "piecewise": learners.piecewise_sigmoid, "relu": learners.relu,
    "mask": learners.relu_by_mask, "leaky": learners.leaky, "tanh": np.tanh,
    "softplus": learners.softplus, "swish": learners.swish_of_a_kind, "none": lambda x: x,
}  # fmt: skip
LOSSES = {
    "indices": lambda z, t: learners.cross_entropy_error(learners.softmax(z), t),
    "labels": lambda z, t: learners.cross_entropy_error(learners.softmax(z), t.argmax(axis=1)),
    "rows": lambda z, t: learners.cross_entropy_of_rows(learners.softmax_over_rows(z), t),
    "mean": lambda z, t: learners.cross_entropy_mean(learners.softmax(z), t),
    "squares": learners.squared_error, "binary": learners.binary_cross_entropy,
    "huber": learners.huber, "own": learners.own_loss,
    "squares of sigmoids": lambda z, t: learners.squared_error(learners.sigmoid(z), t),
}  # fmt: skip
ON_KERNELS = {
    ("sigmoid", "indices"), ("stable", "labels"), ("relu", "rows"), ("mask", "indices"),
    ("tanh", "squares"), ("leaky", "indices"), ("softplus", "rows"), ("none", "squares"),
    ("sigmoid", "mean"), ("sigmoid", "squares of sigmoids"),
}  # fmt: skip


def silent():
    return Recognizer(say=lambda line: None)


def assert_same(recognizer, f, x, atol=ATOL, known=None):
    before = x.copy()
    fast = recognizer.gradient(f, x)
    assert fast is not None, recognizer.why
    assert x.tobytes() == before.tobytes()
    slow = learners.numerical_gradient(f, x)
    atol *= max(1.0, abs(float(f(x))))
    np.testing.assert_allclose(fast, slow, rtol=0, atol=atol)
    assert np.abs(slow).max() > 1e3 * atol
    assert not known or recognizer.last.net, "kernels should know this net"
    return recognizer


@pytest.mark.parametrize(("activation", "loss"), [*itertools.product(ACTIVATIONS, LOSSES)])
def test_every_activation_with_every_loss(activation, loss, rng):
    act, of = ACTIVATIONS[activation], LOSSES[loss]
    x, t = batch(rng, 7, 12, 4)
    params = {
        "W1": 0.5 * rng.standard_normal((12, 9)), "b1": rng.standard_normal(9),
        "W2": 0.5 * rng.standard_normal((9, 8)),
        "b2": rng.standard_normal(8),
        "W3": 0.5 * rng.standard_normal((8, 4)), "b3": rng.standard_normal(4),
    }  # fmt: skip

    def f(_):
        z = act(np.dot(x, params["W1"]) + params["b1"])
        z = act(z @ params["W2"] + params["b2"])
        return of(z @ params["W3"] + params["b3"], t)

    recognizer = silent()
    for value in params.values():
        if value.size >= 8:
            known = not WHY_NOT and (activation, loss) in ON_KERNELS
            assert_same(recognizer, f, value, known=known)


def test_the_notes_net_step_by_step(rng):
    net, recognizer = TwoLayerNet(20, 9, 8, weight_init_std=1.0, rng=rng), silent()
    for step in range(6):
        x, t = batch(rng, 11, 20, 8)
        if step % 2:
            t = t.argmax(axis=1)
        fast = net.gradient_with(recognizer.gradient, x, t)
        slow = net.gradient_with(learners.numerical_gradient, x, t)
        for key, value in fast.items():
            assert value is not None, recognizer.why
            np.testing.assert_allclose(value, slow[key], rtol=0, atol=ATOL)
            net.params[key] -= 0.1 * value


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_layers_that_keep_what_they_saw_and_weight_decay(decay, rng):
    net, recognizer = MultiLayerNet([15, 10, 9, 8], decay, shift=0.1, rng=rng), silent()
    x, t = batch(rng, 6, 15, 8)
    for value in net.params.values():
        assert_same(recognizer, lambda W: net.loss(x, t), value)
    loss = net.loss(x, t)
    kept = [net.last_layer.loss, net.last_layer.y, *(vars(a).get("x") for a in net.layers.values())]
    assert all(v is None or type(v) in (np.ndarray, np.float64) for v in kept)
    assert net.loss(x, t) == loss


def test_one_example_without_a_batch(rng):
    net, recognizer = SimpleNet(10, 8, rng=rng), silent()
    x, t = rng.random((10,)), np.eye(8)[3]
    assert_same(recognizer, lambda W: net.loss(x, t), net.W)
    deep = TwoLayerNet(12, 10, 8, weight_init_std=1.0, rng=rng)
    x = rng.random((12,))
    for value in deep.params.values():
        assert_same(recognizer, lambda W: deep.loss(x, t), value)


def test_examples_as_columns_and_transposed_weights(rng):
    x, t = batch(rng, 6, 10, 8)
    W, b, V = rng.standard_normal((9, 10)), rng.standard_normal((9, 1)), rng.standard_normal((8, 9))

    def columns(_):
        z = np.tanh(W @ x.T + b)
        return learners.cross_entropy_error(learners.softmax((V @ z).T), t)

    def transposed(_):
        z = np.tanh(x @ W.T + b.ravel())
        return learners.cross_entropy_error(learners.softmax(z @ V.T), t)

    recognizer = silent()
    for f in (columns, transposed):
        for value in (W, V, b):
            assert_same(recognizer, f, value)


def test_an_f_that_uses_its_argument(rng):
    x, t = batch(rng, 9, 12, 8)
    W = rng.standard_normal((12, 8))
    assert_same(silent(), lambda V: learners.cross_entropy_error(learners.softmax(x @ V), t), W)
    w = rng.standard_normal((70,))  # a vector: one unit
    x, y = rng.random((9, 70)), rng.random((9,))
    assert_same(silent(), lambda v: np.mean((x @ v - y) ** 2), w, atol=1e-8)
    assert_same(
        silent(), lambda v: np.mean((x @ v - y) ** 2) + 0.1 * np.sum(np.abs(v)), w, atol=1e-8
    )


def test_all_parameters_in_one_vector(rng):
    x, t = batch(rng, 9, 6, 5)
    flat = rng.standard_normal(6 * 8 + 8)

    def f(p):
        W, b = p[:48].reshape(6, 8), p[48:]
        return learners.squared_error(np.tanh(x @ W + b)[:, :5], t)

    recognizer = silent()
    fast = recognizer.gradient(f, flat)
    assert fast is None or np.allclose(fast, learners.numerical_gradient(f, flat), atol=ATOL)


@pytest.mark.parametrize("order", ["C", "F", "strided", "view"])
def test_any_layout_of_the_array(order, rng):
    x, t = batch(rng, 6, 12, 8)
    W = rng.standard_normal((12, 8))
    if order == "F":
        W = np.asfortranarray(W)
    elif order == "strided":
        W = rng.standard_normal((24, 16))[::2, ::2]
    elif order == "view":
        W = rng.standard_normal((200,))[10:106].reshape(12, 8)
    net = {"W": W}
    assert_same(
        silent(), lambda _: learners.cross_entropy_error(learners.softmax(x @ net["W"]), t), W
    )


def test_a_plain_float_is_returned(rng):
    x, t = batch(rng, 6, 12, 8)
    net = {"W": rng.standard_normal((12, 8))}
    for convert in (float, lambda loss: loss.item(), np.float64):
        f = lambda _: convert(learners.squared_error(x @ net["W"], t))  # noqa: B023, E731
        recognizer = silent()
        fast = recognizer.gradient(f, net["W"])
        if fast is not None:
            np.testing.assert_allclose(fast, learners.numerical_gradient(f, net["W"]), atol=1e-8)
        else:
            assert convert is np.float64, recognizer.why


def test_functions_of_the_house(rng, monkeypatch):
    monkeypatch.setattr(random, "getstate", lambda: 0)  # their type checks draw from it
    net, (x, t) = TwoLayerNet(12, 9, 8, 1.0, rng=rng), batch(rng, 7, 12, 8)
    p = net.params
    losses = [
        lambda z: mitbadak.cross_entropy_error(mitbadak.softmax(z), t),
        lambda z: mitbadak.softmax_cross_entropy(z, t.argmax(axis=1)),
        lambda z: mitbadak.sum_squared_error(mitbadak.sigmoid(z), t),
        lambda z: mitbadak.huber(mitbadak.tanh(z), t),
    ]
    recognizer = silent()
    for activation in (mitbadak.sigmoid, mitbadak.relu, mitbadak.gelu):
        for loss in losses:
            f = lambda _: loss(activation(x @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"])  # noqa: B023, E731
            for value in p.values():
                assert_same(recognizer, f, value)
