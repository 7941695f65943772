"""Plain classes with params, loss and gradient, as users write them, optionally with a fault."""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak import functions as f

Gradient = dict[str, Any]


def softmax(scores: np.ndarray) -> np.ndarray:
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def log_softmax(scores: np.ndarray) -> np.ndarray:
    shifted = scores - scores.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


FORWARD = {
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)), "tanh": np.tanh,
    "relu": lambda a: np.maximum(a, 0.0), "softplus": lambda a: np.logaddexp(0.0, a),
    "leaky": lambda a: np.where(a > 0, a, 0.1 * a),
}  # fmt: skip
SLOPES = {
    "sigmoid": lambda a, z: z * (1 - z), "tanh": lambda a, z: 1 - z**2,
    "relu": lambda a, z: (a > 0).astype(float), "softplus": lambda a, z: 1 / (1 + np.exp(-a)),
    "leaky": lambda a, z: np.where(a > 0, 1.0, 0.1),
}  # fmt: skip


class PlainNet:
    """Three affine layers with one activation under softmax cross entropy or mean squares.

    ``fault`` is the name of a mistake in the gradient, "" for none. Weight decay is part of the
    loss; ``masks`` multiply the hidden layers, as dropout does with a fixed mask.
    """

    def __init__(
        self, sizes: tuple[int, int, int, int], activation: str, loss: str,
        rng: np.random.Generator, *, fault: str = "", decay: float = 0.0, scale: float = 1.0,
        dtype: Any = np.float64, masked: bool = False,
    ):  # fmt: skip
        self.activation, self.kind, self.fault, self.decay = activation, loss, fault, decay
        self.params: dict[str, np.ndarray] = {}
        for k in (1, 2, 3):
            shape = sizes[k - 1], sizes[k]
            self.params[f"W{k}"] = (scale * rng.normal(size=shape)).astype(dtype)
            self.params[f"b{k}"] = (scale * rng.normal(size=shape[1])).astype(dtype)
        self.masks = [(rng.random(n) < 0.6) / 0.6 if masked else np.ones(n) for n in sizes[1:3]]
        self.kept: dict[int, np.ndarray] = {}

    def forward(self, x: np.ndarray) -> np.ndarray:
        p, f = self.params, FORWARD[self.activation]
        self.kept = {0: x}
        for k in (1, 2):
            self.kept[-k] = self.kept[k - 1] @ p[f"W{k}"] + p[f"b{k}"]
            self.kept[k] = f(self.kept[-k]) * self.masks[k - 1]
        return self.kept[2] @ p["W3"] + p["b3"]

    def loss(self, x: np.ndarray, t: np.ndarray) -> float:
        scores = self.forward(x)
        if self.kind == "mean squares":
            value = np.mean((scores - t) ** 2)
        else:
            value = -np.mean(log_softmax(scores)[np.arange(len(t)), t])
        squares = sum(np.sum(self.params[f"W{k}"] ** 2) for k in (1, 2, 3))
        return float(value + 0.5 * self.decay * squares)

    def gradient(self, x: np.ndarray, t: np.ndarray) -> Gradient:
        if self.fault != "stale cache" or not self.kept or len(self.kept[0]) != len(x):
            self.forward(x)
        p, kept, fault = self.params, self.kept, self.fault
        d = self._through_the_loss(kept[2] @ p["W3"] + p["b3"], t)
        g: Gradient = {}
        for k in (3, 2, 1):
            g[f"W{k}"] = kept[k - 1].T @ d + self.decay * p[f"W{k}"] * (
                fault != "missing weight decay"
            )
            g[f"b{k}"] = d.sum(axis=0)
            if k > 1:
                back = p[f"W{k}"] if fault == "transpose" and k == 2 else p[f"W{k}"].T
                d = (d @ back) * self._slope(k - 1)
        return g

    def _through_the_loss(self, scores: np.ndarray, t: np.ndarray) -> np.ndarray:
        fault = self.fault
        if self.kind == "mean squares":
            d = (1 if fault == "one half" else 2) * (scores - t)
            return d / (len(t) if fault == "sum for mean" else scores.size)
        d = softmax(scores)
        d[np.arange(len(t)), t] -= 1
        if fault == "wrong label":
            d = np.roll(d, 1, axis=1)
        return d / (1 if fault == "missing 1/batch" else len(t))

    def _slope(self, k: int) -> np.ndarray:
        fault, a = self.fault, self.kept[-k]
        z = FORWARD[self.activation](a)
        mask = 1.0 if fault == "dropout mask missing" else self.masks[k - 1]
        if fault == "missing activation derivative" and k == 2:
            return np.ones_like(a) * mask
        if fault == "wrong activation derivative":
            wrong = {"sigmoid": z * (1 + z), "tanh": 1 - z, "relu": (a > 0) * 1.0 + 0.01 * (a <= 0),
                     "softplus": z}  # fmt: skip
            return wrong[self.activation] * mask
        if fault == "derivative of the wrong layer" and self.kept[-1].shape == self.kept[-2].shape:
            a = self.kept[-(3 - k)]
            z = FORWARD[self.activation](a)
        return SLOPES[self.activation](a, z) * mask


class LayeredNet:
    """The book's second net: layers that share the arrays of ``params`` and cache their inputs."""

    def __init__(self, n_in: int, n_hidden: int, n_out: int, rng: np.random.Generator):
        self.params = {
            "W1": rng.normal(size=(n_in, n_hidden)), "b1": np.zeros(n_hidden),
            "W2": rng.normal(size=(n_hidden, n_out)), "b2": np.zeros(n_out),
        }  # fmt: skip
        self.first = self.params["W1"], self.params["b1"]
        self.second = self.params["W2"], self.params["b2"]

    def loss(self, x: np.ndarray, t: np.ndarray) -> float:
        self.x, self.z = x, np.maximum(x @ self.first[0] + self.first[1], 0)
        self.y = softmax(self.z @ self.second[0] + self.second[1])
        return float(-np.mean(np.log(self.y[np.arange(len(t)), t])))

    def gradient(self, x: np.ndarray, t: np.ndarray) -> Gradient:
        self.loss(x, t)
        d = self.y.copy()
        d[np.arange(len(t)), t] -= 1
        d /= len(t)
        d1 = (d @ self.second[0].T) * (self.z > 0)
        return {"W1": x.T @ d1, "b1": d1.sum(0), "W2": self.z.T @ d, "b2": d.sum(0)}


class Regression:
    """One affine layer: softmax, logistic, hinge, least squares or least absolute values."""

    def __init__(self, loss: str, W: np.ndarray, b: np.ndarray):
        self.kind, self.params = loss, {"W": W, "b": b}

    def _forward(self, x: np.ndarray) -> np.ndarray:
        return x @ self.params["W"] + self.params["b"]

    def loss(self, x: np.ndarray, t: np.ndarray) -> float:
        s = self._forward(x)
        if self.kind == "softmax":
            return float(-np.mean(log_softmax(s)[np.arange(len(t)), t]))
        values = {
            "logistic": lambda: np.logaddexp(0.0, s) - t * s,
            "hinge": lambda: np.maximum(0.0, 1 - (2 * t - 1) * s),
            "least squares": lambda: 0.5 * (s - t) ** 2, "absolute": lambda: np.abs(s - t),
        }  # fmt: skip
        return float(np.mean(values[self.kind]()))

    def gradient(self, x: np.ndarray, t: np.ndarray) -> Gradient:
        s = self._forward(x)
        if self.kind == "softmax":
            d = softmax(s)
            d[np.arange(len(t)), t] -= 1
            d /= len(t)
        else:
            slopes = {
                "logistic": lambda: 1 / (1 + np.exp(-s)) - t,
                "hinge": lambda: -(2 * t - 1) * ((2 * t - 1) * s < 1),
                "least squares": lambda: s - t, "absolute": lambda: np.sign(s - t),
            }  # fmt: skip
            d = slopes[self.kind]() / s.size
        return {"W": x.T @ d, "b": d.sum(axis=0)}


class BookNet:
    """A two-layer net as in the book: functions, a dict, and a gradient by hand.

    ``fault`` is the name of a common mistake to make, "" for none.
    """

    def __init__(self, n_in: int, n_hidden: int, n_out: int, fault: str, rng: np.random.Generator):
        self.fault = fault
        self.params: dict[str, np.ndarray] = {
            "W1": rng.normal(size=(n_in, n_hidden)),
            "b1": rng.normal(size=n_hidden),
            "W2": rng.normal(size=(n_hidden, n_out)),
            "b2": rng.normal(size=n_out),
        }
        self.kept: Any = None

    def forward(self, x) -> np.ndarray:
        z = f.sigmoid(x @ self.params["W1"] + self.params["b1"])
        if self.kept is None or self.fault != "stale cache":
            self.kept = z
        y = f.softmax(z @ self.params["W2"] + self.params["b2"])
        if self.fault == "stale cache":
            self.last, self.kept = self.kept, z
        return y

    def loss(self, x, t) -> float:
        y = self.forward(x)
        if self.fault == "1e-7 in the logarithm":
            return float(f.cross_entropy_error(y, t))
        return float(-np.mean(np.log(y[np.arange(len(t)), t])))

    def gradient(self, x, t) -> Gradient:
        W1, W2 = self.params["W1"], self.params["W2"]
        if self.fault == "stale cache":  # backward uses what the last loss left behind
            z = self.kept if self.kept is not None and len(self.kept) == len(x) else None
            z = f.sigmoid(x @ W1 + self.params["b1"]) if z is None else z
        else:
            z = f.sigmoid(x @ W1 + self.params["b1"])
        d = f.softmax(z @ W2 + self.params["b2"])
        d[np.arange(len(t)), t] -= 1
        d /= 1 if self.fault == "missing 1/batch" else len(t)
        d = -d if self.fault == "sign" else d
        back = d @ (W2 if self.fault == "transpose" else W2.T)
        d1 = back if self.fault == "missing derivative of the sigmoid" else back * z * (1 - z)
        axis = 1 if self.fault == "wrong axis" else 0
        b2 = d.mean(axis=0) if self.fault == "mean for sum" else d.sum(axis=axis)
        return {"W1": x.T @ d1, "b1": d1.sum(axis=axis), "W2": z.T @ d, "b2": b2}


class SquaresNet(BookNet):
    """The same net with the mean of squares over all entries."""

    def loss(self, x, t) -> float:
        scores = f.sigmoid(x @ self.params["W1"] + self.params["b1"]) @ self.params["W2"]
        return float(np.mean((scores + self.params["b2"] - t) ** 2))

    def gradient(self, x, t) -> Gradient:
        W2 = self.params["W2"]
        z = f.sigmoid(x @ self.params["W1"] + self.params["b1"])
        error = 2 * (z @ W2 + self.params["b2"] - t)
        d = error / (len(x) if self.fault == "sum for mean" else error.size)
        d1 = d @ W2.T * z * (1 - z)
        return {"W1": x.T @ d1, "b1": d1.sum(axis=0), "W2": z.T @ d, "b2": d.sum(axis=0)}
