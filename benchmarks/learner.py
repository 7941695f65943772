"""The numerical gradient of the notes' own class, as a learner types it, in book mode.

``python benchmarks/learner.py [steps]`` trains it on MNIST by numerical gradients beside the same
net trained by backpropagation, and prints what a step takes and what the definition would take.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from mitbadak import load_mnist
from mitbadak.book.recognition import Recognizer, wrap

ENTRIES = 60  # of W1 that are computed by the definition, to time it


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    x = x - np.max(x, axis=1, keepdims=True)
    return np.exp(x) / np.sum(np.exp(x), axis=1, keepdims=True)


def cross_entropy_error(y, t):
    if t.size == y.size:
        t = t.argmax(axis=1)
    batch_size = y.shape[0]
    return -np.sum(np.log(y[np.arange(batch_size), t] + 1e-7)) / batch_size


def numerical_gradient(f, x):
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
    def __init__(self, input_size, hidden_size, output_size, weight_init_std=0.01):
        draw = np.random.default_rng(0)
        self.params = {
            "W1": weight_init_std * draw.standard_normal((input_size, hidden_size)),
            "b1": np.zeros(hidden_size),
            "W2": weight_init_std * draw.standard_normal((hidden_size, output_size)),
            "b2": np.zeros(output_size),
        }

    def predict(self, x):
        z1 = sigmoid(np.dot(x, self.params["W1"]) + self.params["b1"])
        return softmax(np.dot(z1, self.params["W2"]) + self.params["b2"])

    def loss(self, x, t):
        return cross_entropy_error(self.predict(x), t)

    def numerical_gradient(self, definition, x, t):
        loss_W = lambda W: self.loss(x, t)  # noqa: E731  (as the notes write it)
        return {key: definition(loss_W, self.params[key]) for key in self.params}

    def gradient(self, x, t):
        z1 = sigmoid(np.dot(x, self.params["W1"]) + self.params["b1"])
        dy = (softmax(np.dot(z1, self.params["W2"]) + self.params["b2"]) - t) / len(x)
        dz1 = np.dot(dy, self.params["W2"].T) * z1 * (1 - z1)
        return {
            "W1": np.dot(x.T, dz1), "b1": dz1.sum(axis=0),
            "W2": np.dot(z1.T, dy), "b2": dy.sum(axis=0),
        }  # fmt: skip


class Enough(BaseException):
    """Ends the definition after a sample of its entries."""


def seconds_by_definition(net: TwoLayerNet, x: np.ndarray, t: np.ndarray) -> float:
    """A whole gradient by the definition, from the time of its first entries."""
    calls, began = 0, time.perf_counter()

    def f(_):
        nonlocal calls
        if calls == 2 * ENTRIES:
            raise Enough
        calls += 1
        return net.loss(x, t)

    W1 = net.params["W1"]
    before = W1.copy()
    try:
        numerical_gradient(f, W1)
    except Enough:
        W1[...] = before
    each = (time.perf_counter() - began) / ENTRIES
    return each * sum(p.size for p in net.params.values())


def main(steps: int = 100) -> None:
    (x_train, t_train), _ = load_mnist(one_hot_label=True)
    draw, recognizer = np.random.default_rng(1), Recognizer()
    fast = wrap(numerical_gradient, recognizer)
    net, twin = TwoLayerNet(784, 50, 10), TwoLayerNet(784, 50, 10)
    times, slow = [], []
    for step in range(steps):
        batch = draw.choice(len(x_train), 100)
        x, t = x_train[batch], t_train[batch]
        began = time.perf_counter()
        grad = net.numerical_gradient(fast, x, t)
        times.append(time.perf_counter() - began)
        if recognizer.why:
            sys.exit(f"left to the definition: {recognizer.why}")
        if step % max(1, steps // 10) == 0:
            slow.append(seconds_by_definition(net, x, t))
        exact = twin.gradient(x, t)
        for key in grad:
            net.params[key] -= 0.1 * grad[key]
            twin.params[key] -= 0.1 * exact[key]
    low, median, high = np.quantile(times[1:], [0.1, 0.5, 0.9])
    definition = float(np.median(slow))
    x, t = x_train[:1000], t_train[:1000]
    apart = max(np.abs(net.params[k] - twin.params[k]).max() for k in net.params)
    print(
        f"{steps} steps: {1e3 * median:.0f} ms a step ({1e3 * low:.0f}-{1e3 * high:.0f}); by the "
        f"definition {definition:.0f} s ({definition / median:,.0f} times as long).\n"
        f"10,000 steps: {1e4 * median / 60:.1f} min, by the definition "
        f"{1e4 * definition / 86400:.1f} days.\n"
        f"Loss {net.loss(x, t):.6f}, by backpropagation {twin.loss(x, t):.6f}; the weights differ "
        f"by at most {apart:.1e}."
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
