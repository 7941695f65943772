"""The book's way, for measurements: the functions and the net of its chapter 4, in its own style.

Written anew after the book's text, with everything that costs time in it: float64 weights over
float32 pixels, a loss that runs the net once more, and whole sets at a time for accuracies.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def sigmoid(x: Any) -> Any:
    """The formula as printed, which overflows far below 0."""
    return 1 / (1 + np.exp(-x))


def sigmoid_grad(x: Any) -> Any:
    """From the input, so the sigmoid is computed twice."""
    return (1.0 - sigmoid(x)) * sigmoid(x)


def softmax(x: Any) -> Any:
    """Over rows, through the transposed array."""
    if x.ndim == 2:
        x = x.T
        x = x - np.max(x, axis=0)
        y = np.exp(x) / np.sum(np.exp(x), axis=0)
        return y.T
    x = x - np.max(x)
    return np.exp(x) / np.sum(np.exp(x))


def cross_entropy_error(y: Any, t: Any) -> Any:
    """With 1e-7 in the logarithm."""
    if y.ndim == 1:
        t = t.reshape(1, t.size)
        y = y.reshape(1, y.size)
    if t.size == y.size:
        t = t.argmax(axis=1)
    batch_size = y.shape[0]
    return -np.sum(np.log(y[np.arange(batch_size), t] + 1e-7)) / batch_size


class TwoLayerNet:
    """The net of chapter 4."""

    def __init__(
        self, input_size: int, hidden_size: int, output_size: int, weight_init_std: float = 0.01
    ):
        self.params = {
            "W1": weight_init_std * np.random.randn(input_size, hidden_size),  # noqa: NPY002
            "b1": np.zeros(hidden_size),
            "W2": weight_init_std * np.random.randn(hidden_size, output_size),  # noqa: NPY002
            "b2": np.zeros(output_size),
        }

    def predict(self, x: Any) -> Any:
        """Probabilities."""
        W1, W2 = self.params["W1"], self.params["W2"]
        b1, b2 = self.params["b1"], self.params["b2"]
        z1 = sigmoid(np.dot(x, W1) + b1)
        return softmax(np.dot(z1, W2) + b2)

    def loss(self, x: Any, t: Any) -> Any:
        """The cross entropy."""
        return cross_entropy_error(self.predict(x), t)

    def accuracy(self, x: Any, t: Any) -> Any:
        """The share of right answers, of the whole set at once."""
        y = np.argmax(self.predict(x), axis=1)
        return np.sum(y == np.argmax(t, axis=1)) / float(x.shape[0])

    def gradient(self, x: Any, t: Any) -> dict[str, Any]:
        """By backpropagation, written out."""
        W1, W2 = self.params["W1"], self.params["W2"]
        b1, b2 = self.params["b1"], self.params["b2"]
        batch_num = x.shape[0]
        a1 = np.dot(x, W1) + b1
        z1 = sigmoid(a1)
        y = softmax(np.dot(z1, W2) + b2)
        dy = (y - t) / batch_num
        grads = {"W2": np.dot(z1.T, dy), "b2": np.sum(dy, axis=0)}
        dz1 = sigmoid_grad(a1) * np.dot(dy, W2.T)
        grads["W1"] = np.dot(x.T, dz1)
        grads["b1"] = np.sum(dz1, axis=0)
        return grads
