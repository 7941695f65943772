"""Last layers and losses as learners get them wrong, in place of a net's head."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Slope = Callable[[np.ndarray, np.ndarray], tuple[float, np.ndarray]]


@dataclass(frozen=True)
class Altered:
    """A head in the place of ``net.head``.

    Attributes:
        answer: of scores.
        measured: the loss of scores against targets, and its slope.
    """

    answer: Callable[[np.ndarray], np.ndarray]
    measured: Slope

    def loss(self, scores: np.ndarray, t: np.ndarray) -> float:
        return self.measured(scores, t)[0]

    def vjp(self, scores: np.ndarray, t: np.ndarray) -> tuple[float, Callable]:
        loss, slope = self.measured(scores, t)
        return loss, lambda dy: dy * slope


def softmax(a: np.ndarray) -> np.ndarray:
    e = np.exp(a - a.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def sigmoid(a: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-a))


def entropy(scores: np.ndarray, t: np.ndarray) -> tuple[float, np.ndarray]:
    """Softmax with cross entropy, and its slope."""
    y, rows = softmax(scores), np.arange(len(t))
    dy = y.copy()
    dy[rows, t] -= 1
    return float(-np.mean(np.log(y[rows, t] + 1e-7))), dy / len(t)


def _twice(scores: np.ndarray, t: np.ndarray) -> tuple[float, np.ndarray]:
    y = softmax(scores)
    loss, dy = entropy(y, t)
    return loss, y * (dy - np.sum(dy * y, axis=1, keepdims=True))


def _relu(scores: np.ndarray, t: np.ndarray) -> tuple[float, np.ndarray]:
    loss, dy = entropy(np.maximum(scores, 0), t)
    return loss, dy * (scores > 0)


def _squared(y: np.ndarray, t: np.ndarray) -> tuple[float, np.ndarray]:
    return float(np.mean((y - t) ** 2)), 2 * (y - t) / y.size


def _sigmoid(scores: np.ndarray, t: np.ndarray) -> tuple[float, np.ndarray]:
    y = sigmoid(scores)
    loss, dy = _squared(y, t)
    return loss, dy * y * (1 - y)


def _relu_numbers(scores: np.ndarray, t: np.ndarray) -> tuple[float, np.ndarray]:
    loss, dy = _squared(np.maximum(scores, 0), t)
    return loss, dy * (scores > 0)


def _one(scores: np.ndarray, t: np.ndarray) -> tuple[float, np.ndarray]:
    y = np.ones_like(scores)
    return float(np.mean((y - t) ** 2)), np.zeros_like(scores)


def _binary(scores: np.ndarray, t: np.ndarray) -> tuple[float, np.ndarray]:
    loss = np.mean(np.logaddexp(0, scores) - t * scores)
    return float(loss), (sigmoid(scores) - t) / scores.size


def _square_of_errors(scores: np.ndarray, t: np.ndarray) -> tuple[float, np.ndarray]:
    off = scores - t  # (n, 1) - (n,)
    return float(np.mean(off**2)), 2 * off.mean(axis=1, keepdims=True) / len(t)


def _cut_off(scores: np.ndarray, t: np.ndarray) -> tuple[float, np.ndarray]:
    return entropy(scores, t.astype(int))


def _indices_as_rows(scores: np.ndarray, t: np.ndarray) -> tuple[float, np.ndarray]:
    y = softmax(scores)  # t (n,) * log y (n, n)
    return float(-np.sum(t * np.log(y + 1e-7)) / len(t)), (t.sum() * y - t) / len(t)


def _same(a: np.ndarray) -> np.ndarray:
    return a


HEADS = {
    "softmax twice": Altered(softmax, _twice),
    "relu": Altered(lambda a: softmax(np.maximum(a, 0)), _relu),
    "sigmoid of numbers": Altered(sigmoid, _sigmoid),
    "relu of numbers": Altered(lambda a: np.maximum(a, 0), _relu_numbers),
    "softmax on one unit": Altered(np.ones_like, _one),
    "binary cross entropy of numbers": Altered(sigmoid, _binary),
    "square of errors": Altered(_same, _square_of_errors),
    "labels cut off": Altered(softmax, _cut_off),
    "indices as rows": Altered(softmax, _indices_as_rows),
}
