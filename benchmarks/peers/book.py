"""The book's way: float64, a fresh array for everything."""

from __future__ import annotations

import numpy as np
from cases import Case, Material

from peers import Net, refuse

LACKS = ("filters", "schedule", "clip", "dropout", "batch_norm", "shift")


def softmax(a: np.ndarray) -> np.ndarray:
    y = np.exp(a - a.max(axis=1, keepdims=True))
    return y / y.sum(axis=1, keepdims=True)


def cross_entropy(y: np.ndarray, t: np.ndarray, delta: float = 1e-7) -> float:
    return -np.mean(np.log(y[np.arange(len(t)), t] + delta))


def activation(case: Case, a: np.ndarray) -> np.ndarray:
    return np.maximum(a, 0) if case.activation == "relu" else 1 / (1 + np.exp(-a))


def forward(case: Case, params: list[np.ndarray], x: np.ndarray) -> list[np.ndarray]:
    """The input, what each hidden layer gives, and the scores."""
    z = [x]
    for i in range(0, len(params), 2):
        a = np.dot(z[-1], params[i]) + params[i + 1]
        z.append(activation(case, a) if i + 2 < len(params) else a)
    return z


def backward(
    case: Case, params: list[np.ndarray], z: list[np.ndarray], dy: np.ndarray
) -> list[np.ndarray]:
    grads = [np.empty(0)] * len(params)
    for i in range(len(params) - 2, -1, -2):
        grads[i], grads[i + 1] = np.dot(z[i // 2].T, dy), dy.sum(axis=0)
        if i:
            h = z[i // 2]
            dy = np.dot(dy, params[i].T) * ((h > 0) if case.activation == "relu" else h * (1 - h))
    return grads


def update(case: Case, params, grads, moments, k: int) -> None:
    for p, g, (first, second) in zip(params, grads, moments, strict=True):
        if case.optimizer == "sgd":
            p -= case.lr * g
        else:
            first += 0.1 * (g - first)
            second += 0.001 * (g * g - second)
            p -= case.lr * (first / (1 - 0.9**k)) / (np.sqrt(second / (1 - 0.999**k)) + 1e-8)


def make(case: Case, m: Material) -> Net:
    refuse("the book", case, *LACKS)
    x_train, state = m.x.astype(np.float64), {}

    def reset() -> None:
        state["params"] = [p.astype(np.float64) for p in m.params]
        state["moments"] = [(np.zeros_like(p), np.zeros_like(p)) for p in state["params"]]
        state["done"] = 0

    def run(order: np.ndarray) -> np.ndarray:
        losses, params = [], state["params"]
        for start in range(0, len(order), case.batch):
            picked = order[start : start + case.batch]
            z, t = forward(case, params, x_train[picked]), m.t[picked]
            y = softmax(z[-1])
            losses.append(cross_entropy(y, t))
            dy = y.copy()
            dy[np.arange(len(t)), t] -= 1
            state["done"] += 1
            grads = backward(case, params, z, dy / len(t))
            update(case, params, grads, state["moments"], state["done"])
        return np.array(losses)

    reset()
    return Net(reset, run, lambda x: softmax(forward(case, state["params"], x)[-1]))
