"""One pencil-and-paper example per chapter, with the working in comments."""

from __future__ import annotations

import math

import numpy as np
import pytest

import mitbadak as mb
from mitbadak.nn import Affine, Sequential, Sigmoid


def test_chapter_3_a_forward_pass():
    # x = [1, 0.5], W1 = [[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]], b1 = [0.1, 0.2, 0.3]
    # a1 = x W1 + b1 = [0.1 + 0.1 + 0.1, 0.3 + 0.2 + 0.2, 0.5 + 0.3 + 0.3] = [0.3, 0.7, 1.1]
    # z1 = sigmoid(a1) = [1/(1+e^-0.3), ...] = [0.574442517, 0.668187772, 0.750260106]
    W1, b1 = np.array([[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]]), np.array([0.1, 0.2, 0.3])
    a1 = mb.affine(np.array([1.0, 0.5]), W1, b1)
    np.testing.assert_allclose(a1, [0.3, 0.7, 1.1], rtol=1e-15)
    np.testing.assert_allclose(mb.sigmoid(a1), [0.574442517, 0.668187772, 0.750260106], rtol=1e-9)


def test_chapter_4_one_step_down():
    # f = x0^2 + x1^2 at (3, 4): gradient (6, 8). One step with lr 0.1: (3 - 0.6, 4 - 0.8).
    result = mb.gradient_descent(lambda x: x[0] ** 2 + x[1] ** 2, [3.0, 4.0], 0.1, 1)
    x, x_history = result
    np.testing.assert_allclose(x_history, [[3, 4]], rtol=1e-10)
    np.testing.assert_allclose(result.path, [[3, 4], [2.4, 3.2]], rtol=1e-10)
    np.testing.assert_allclose(x, [2.4, 3.2], rtol=1e-10)


def test_chapter_5_backpropagation_by_hand():
    # One input, one hidden sigmoid unit, two classes; x = 1, t = class 0.
    # W1 = 0, b1 = 0:           a = 0,            z = 1/2
    # W2 = [2, 0], b2 = [0, 0]: scores = [1, 0]
    # softmax: y0 = e / (e + 1), y1 = 1 / (e + 1); loss = -ln y0 = ln(1 + e^-1)
    # d scores = y - t = [y0 - 1, y1] = [-y1, y1]
    # dW2 = z d scores = [-y1/2, y1/2];  db2 = [-y1, y1]
    # dz = d scores . W2 = -2 y1;        da = dz z (1 - z) = -y1/2
    # dW1 = x da = -y1/2;                db1 = -y1/2
    net = Sequential(Affine(1, 1, dtype=np.float64), Sigmoid(), Affine(1, 2, dtype=np.float64))
    net.params["W1"], net.params["W2"] = [[0.0]], [[2.0, 0.0]]
    y1 = 1 / (math.e + 1)
    loss, grads = net.loss_and_gradient([[1.0]], [0])
    assert loss == pytest.approx(math.log(1 + 1 / math.e), rel=1e-15)
    np.testing.assert_allclose(grads["W2"], [[-y1 / 2, y1 / 2]], rtol=1e-14)
    np.testing.assert_allclose(grads["b2"], [-y1, y1], rtol=1e-14)
    np.testing.assert_allclose(grads["W1"], [[-y1 / 2]], rtol=1e-14)
    np.testing.assert_allclose(grads["b1"], [-y1 / 2], rtol=1e-14)


def test_chapter_5_the_line_marked_with_question_marks():
    # dy = (y - t) / batch_num: the loss is the MEAN over the batch, so each of the two examples
    # pulls with half its own y - t. Scores [0, 0] twice: y = [1/2, 1/2]; t = classes 0 and 1.
    _, (pullback, no_pullback) = mb.softmax_cross_entropy.vjp(np.zeros((2, 2)), [0, 1])
    np.testing.assert_allclose(pullback(1.0), [[-0.25, 0.25], [0.25, -0.25]], rtol=1e-15)
    assert no_pullback is None


def test_chapter_6_xavier_and_he_by_hand():
    # 8 inputs, 2 outputs: Xavier std = sqrt(2/10), He std = sqrt(2/8) = 1/2.
    from mitbadak.nn import he, xavier

    draws = np.random.default_rng(0).standard_normal((8, 2))
    np.testing.assert_allclose(he(np.random.default_rng(0), (8, 2)), draws / 2)
    np.testing.assert_allclose(xavier(np.random.default_rng(0), (8, 2)), draws * math.sqrt(0.2))
