"""The same two-layer net written three ways: by hand, as layers, as a graph."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

import mitbadak as mb
from mitbadak.graph import Variable, in_order
from strategies import WIDTHS


def by_hand(x, t, W1, b1, W2, b2):
    """The notes' two-layer net with every derivative written out."""
    z = mb.sigmoid(x @ W1 + b1)
    y = mb.softmax(z @ W2 + b2)
    loss = -np.mean(np.log(y[np.arange(len(t)), t]))
    dy = (y - np.eye(W2.shape[1])[t]) / len(t)  # marked "????" in the notes
    da = (dy @ W2.T) * z * (1 - z)
    return loss, [x.T @ da, da.sum(axis=0), z.T @ dy, dy.sum(axis=0)]


@given(st.tuples(WIDTHS, WIDTHS, st.integers(2, 5)), WIDTHS, st.integers(0, 2**32 - 1))
def test_all_three_ways_give_one_gradient(sizes, batch, seed):
    rng = np.random.default_rng(seed)
    n_in, n_hidden, n_out = sizes
    x, t = rng.normal(size=(batch, n_in)), rng.integers(0, n_out, batch)
    net = mb.TwoLayerNet(n_in, n_hidden, n_out, weight_init_std=1.0, rng=rng, dtype=np.float64)
    arrays = list(net.params.values())
    loss, gradients = by_hand(x, t, *arrays)

    by_layers = net.loss_and_gradient(x, t)
    assert by_layers[0] == pytest.approx(loss, rel=1e-12)

    variables = [Variable(a) for a in arrays]
    W1, b1, W2, b2 = variables
    graph_loss = mb.softmax_cross_entropy(mb.affine(mb.sigmoid(mb.affine(x, W1, b1)), W2, b2), t)
    graph_loss.backward()
    assert graph_loss.item() == by_layers[0]  # the same definitions: the same bits
    for v, of_layers, expected in zip(variables, by_layers[1].values(), gradients, strict=True):
        np.testing.assert_array_equal(v.grad, of_layers)
        np.testing.assert_allclose(v.grad, expected, rtol=1e-9, atol=1e-14)

    W1, b1, W2, b2 = variables = [Variable(a) for a in arrays]
    spelled_out = mb.softmax_cross_entropy(mb.sigmoid(x @ W1 + b1) @ W2 + b2, t)
    spelled_out.backward()
    for v, expected in zip(variables, gradients, strict=True):
        np.testing.assert_allclose(v.grad, expected, rtol=1e-9, atol=1e-14)


@given(st.integers(0, 2**32 - 1))
def test_softmax_with_loss_has_the_gradient_in_the_notes(seed):
    rng = np.random.default_rng(seed)
    scores, t = Variable(rng.normal(size=(4, 3))), rng.integers(0, 3, 4)
    e = np.exp(scores)
    y = e / np.sum(e, axis=1, keepdims=True)
    loss = -np.mean(np.sum(np.log(y) * np.eye(3)[t], axis=1))
    loss.backward()
    np.testing.assert_allclose(scores.grad, (y.value - np.eye(3)[t]) / 4, atol=1e-15)


def test_the_graph_of_a_net_gives_its_loss_and_gradient():
    net = mb.MLP([3, 4, 2], "relu", rng=0, dtype=np.float64)
    x, t = np.random.default_rng(0).normal(size=(5, 3)), np.arange(5) % 2
    loss = net.graph(x, t)
    assert loss.item() == net.loss(x, t)
    variables = in_order([loss])
    operations = [v.operation.__name__ for v in variables if v.operation is not None]
    assert operations == ["affine", "relu", "affine", "softmax_cross_entropy"]
    loss.backward()
    expected = net.gradient(x, t)
    gradients = {v.name: v.grad for v in variables if v.name and v.name != "x"}
    assert gradients.keys() == expected.keys()
    for name, gradient in expected.items():
        np.testing.assert_array_equal(gradients[name], gradient)
    np.testing.assert_array_equal(net.graph(x).value, net.scores(x))
