"""Nets as learners write them, in plain NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def stable_sigmoid(x):
    return np.exp(-np.logaddexp(0, -x))


def piecewise_sigmoid(x):
    return np.where(
        x >= 0, 1 / (1 + np.exp(-np.abs(x))), np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x)))
    )


def relu(x):
    return np.maximum(0, x)


def relu_by_mask(x):
    mask = x <= 0
    out = x.copy()
    out[mask] = 0
    return out


def leaky(x):
    return np.where(x > 0, x, 0.1 * x)


def softplus(x):
    return np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0)


def swish_of_a_kind(x):
    return x / (1 + np.abs(x))  # the house has none of this name


def softmax(x):
    """Both ranks, through a transpose."""
    if x.ndim == 2:
        x = x.T
        x = x - np.max(x, axis=0)
        y = np.exp(x) / np.sum(np.exp(x), axis=0)
        return y.T
    x = x - np.max(x)
    return np.exp(x) / np.sum(np.exp(x))


def softmax_over_rows(x):
    x = x - x.max(axis=-1, keepdims=True)
    e = np.exp(x)
    return e / e.sum(axis=-1, keepdims=True)


def cross_entropy_error(y, t):
    """Class indices or one-hot rows; one example or many."""
    if y.ndim == 1:
        t = t.reshape(1, t.size)
        y = y.reshape(1, y.size)
    if t.size == y.size:
        t = t.argmax(axis=1)
    batch_size = y.shape[0]
    return -np.sum(np.log(y[np.arange(batch_size), t] + 1e-7)) / batch_size


def cross_entropy_of_rows(y, t):
    if y.ndim == 1:
        return -np.sum(t * np.log(y + 1e-7))
    return -np.sum(t * np.log(y + 1e-7)) / y.shape[0]


def cross_entropy_mean(y, t):
    return np.mean(-np.log(np.clip(y[t.astype(bool)], 1e-12, 1.0)))


def squared_error(y, t):
    return 0.5 * np.sum((y - t) ** 2)


def binary_cross_entropy(y, t):
    y = 1 / (1 + np.exp(-y))
    return -np.mean(t * np.log(y) + (1 - t) * np.log(1 - y))


def huber(y, t):
    e = np.abs(y - t)
    return np.mean(np.where(e < 1, 0.5 * e**2, e - 0.5))


def own_loss(y, t):
    return np.sqrt(np.mean(np.sum(np.log(np.cosh(y - t)), axis=1)))


def numerical_gradient(f, x):
    """The notes' definition, for any shape."""
    h = 1e-4
    grad = np.zeros_like(x)
    it = np.nditer(x, flags=["multi_index"], op_flags=[["readwrite"]])
    while not it.finished:
        idx = it.multi_index
        tmp_val = x[idx]
        x[idx] = float(tmp_val) + h
        fxh1 = f(x)
        x[idx] = tmp_val - h
        fxh2 = f(x)
        grad[idx] = (fxh1 - fxh2) / (2 * h)
        x[idx] = tmp_val
        it.iternext()
    return grad


class TwoLayerNet:
    """The notes' class."""

    def __init__(self, input_size, hidden_size, output_size, weight_init_std=0.01, *, rng):
        self.params: dict[str, Any] = {}
        self.params["W1"] = weight_init_std * rng.standard_normal((input_size, hidden_size))
        self.params["b1"] = np.zeros(hidden_size)
        self.params["W2"] = weight_init_std * rng.standard_normal((hidden_size, output_size))
        self.params["b2"] = np.zeros(output_size)

    def predict(self, x):
        W1, W2 = self.params["W1"], self.params["W2"]
        b1, b2 = self.params["b1"], self.params["b2"]
        a1 = np.dot(x, W1) + b1
        z1 = sigmoid(a1)
        a2 = np.dot(z1, W2) + b2
        return softmax(a2)

    def loss(self, x, t):
        y = self.predict(x)
        return cross_entropy_error(y, t)

    def gradient_with(self, numerical_gradient, x, t):
        loss_W = lambda W: self.loss(x, t)  # noqa: E731  (as the notes write it)
        return {
            key: numerical_gradient(loss_W, self.params[key]) for key in ("W1", "b1", "W2", "b2")
        }


class SimpleNet:
    """One matrix, no batch or a batch."""

    def __init__(self, n_in, n_out, *, rng):
        self.W = rng.standard_normal((n_in, n_out))

    def predict(self, x):
        return x @ self.W

    def loss(self, x, t):
        return cross_entropy_error(softmax(self.predict(x)), t)


class Affine:
    def __init__(self, W, b):
        self.W, self.b, self.x = W, b, None

    def forward(self, x):
        self.x = x
        return np.dot(self.x, self.W) + self.b


class Relu:
    def __init__(self):
        self.mask = None

    def forward(self, x):
        self.mask = x <= 0
        out = x.copy()
        out[self.mask] = 0
        return out


class SoftmaxWithLoss:
    def __init__(self):
        self.loss = self.y = self.t = None

    def forward(self, x, t):
        self.t = t
        self.y = softmax_over_rows(x)
        self.loss = cross_entropy_error(self.y, self.t)
        return self.loss


class MultiLayerNet:
    """Layers as objects, which keep what they saw; weight decay in the loss."""

    def __init__(self, sizes, weight_decay_lambda=0.0, shift=0.0, *, rng):
        self.weight_decay_lambda = weight_decay_lambda
        self.depth = len(sizes) - 1
        self.params, self.layers = {}, {}
        for i in range(1, self.depth + 1):
            n_in, n_out = sizes[i - 1 : i + 1]
            self.params[f"W{i}"] = rng.standard_normal((n_in, n_out)) * np.sqrt(2.0 / n_in)
            self.params[f"b{i}"] = np.zeros(n_out) + shift
            self.layers[f"Affine{i}"] = Affine(self.params[f"W{i}"], self.params[f"b{i}"])
            if i < self.depth:
                self.layers[f"Relu{i}"] = Relu()
        self.last_layer = SoftmaxWithLoss()

    def predict(self, x):
        for layer in self.layers.values():
            x = layer.forward(x)
        return x

    def loss(self, x, t):
        y = self.predict(x)
        weight_decay = 0
        for i in range(1, self.depth + 1):
            W = self.params[f"W{i}"]
            weight_decay += 0.5 * self.weight_decay_lambda * np.sum(W**2)
        return self.last_layer.forward(y, t) + weight_decay


def batch(rng, n, n_in, classes, *, zeros=0.5):
    """Inputs of which many are 0, as pixels are, and one-hot labels."""
    x = rng.random((n, n_in))
    x[rng.random((n, n_in)) < zeros] = 0.0
    return x, np.eye(classes)[rng.integers(0, classes, n)]
