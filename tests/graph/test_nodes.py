"""The book's nodes give the numbers in the notes."""

from __future__ import annotations

import numpy as np
import pytest

from mitbadak.core.errors import ShapeError, StateError
from mitbadak.functions.normalization import batch_norm
from mitbadak.graph import Add, Branch, MatMul, Multiply, Node, Repeat, Sum

D, N = 8, 7


def test_apples_and_oranges_node_by_node():
    apples, oranges, both, taxed = Multiply(), Multiply(), Add(), Multiply()
    price = taxed.forward(both.forward(apples.forward(100, 2), oranges.forward(150, 3)), 1.1)
    assert price == pytest.approx(715)
    dall, dtax = taxed.backward(1)
    dapples, doranges = both.backward(dall)
    gradients = [*apples.backward(dapples), *oranges.backward(doranges), dtax]
    np.testing.assert_allclose(gradients, [2.2, 110, 3.3, 165, 650])


def test_repeat_and_sum_are_adjoint(rng):
    x, dy = rng.normal(size=(1, D)), rng.normal(size=(N, D))
    repeat, total = Repeat(N), Sum()
    np.testing.assert_array_equal(repeat.forward(x), np.repeat(x, N, axis=0))
    np.testing.assert_allclose(repeat.backward(dy), np.sum(dy, axis=0, keepdims=True))
    np.testing.assert_allclose(total.forward(dy), np.sum(dy, axis=0, keepdims=True))
    np.testing.assert_array_equal(total.backward(x), np.repeat(x, N, axis=0))


def test_matmul_of_the_notes(rng):
    x, W, dout = rng.normal(size=(5, 3)), rng.normal(size=(3, 4)), rng.normal(size=(5, 4))
    node = MatMul()
    np.testing.assert_array_equal(node.forward(x, W), np.matmul(x, W))
    dx, dW = node.backward(dout)
    np.testing.assert_allclose(dx, np.matmul(dout, W.T))
    np.testing.assert_allclose(dW, np.matmul(x.T, dout))


def test_branch_sums_the_gradients_of_its_uses(rng):
    node = Branch(3)
    x, dys = rng.normal(size=4), rng.normal(size=(3, 4))
    assert len(node.forward(x)) == 3
    np.testing.assert_allclose(node.backward(*dys), dys.sum(axis=0))
    with pytest.raises(ShapeError, match=r"Branch\(3\) expects 3 gradients of one shape"):
        node.backward(*dys[:2])


def test_each_backward_needs_its_own_forward():
    node = Add()
    with pytest.raises(StateError, match=r"Add\(\): backward needs a forward first"):
        node.backward()
    node.forward(1, 2)
    node.backward()
    with pytest.raises(StateError):
        node.backward()


def test_a_node_of_an_operation_that_observes_statistics(rng):
    x, dy = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
    node = Node(batch_norm)
    y = node.forward(x, np.ones(3), np.zeros(3))
    np.testing.assert_allclose(y, batch_norm(x, np.ones(3), np.zeros(3)))
    dx, dgamma, dbeta = node.backward(dy)
    assert (dx.shape, dgamma.shape, dbeta.shape) == ((5, 3), (3,), (3,))
