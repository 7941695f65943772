"""Losses that look like a net, and what a learner may do in one.

Each function takes a ``Case`` and returns f.
"""

from __future__ import annotations

import copy
import functools
import math
from collections import deque, namedtuple
from types import SimpleNamespace

import numpy as np

from book.recognition import learners
from book.recognition.learners import TwoLayerNet, batch, sigmoid, softmax

N, N_IN, HIDDEN, CLASSES = 7, 12, 9, 8
cross_entropy = learners.cross_entropy_error
GLOBAL = {}
Pair = namedtuple("Pair", "W b")


class Case:
    """A net with what the losses below need; each of them is a method that returns f."""

    def __init__(self, rng):
        self.rng = rng
        self.net = TwoLayerNet(N_IN, HIDDEN, CLASSES, 1.0, rng=rng)
        self.p = self.net.params
        self.W1, self.W2 = self.p["W1"], self.p["W2"]
        self.x, self.t = batch(rng, N, N_IN, CLASSES)
        self.calls = 0

    def scores(self, x=None):
        z = sigmoid(np.dot(self.x if x is None else x, self.p["W1"]) + self.p["b1"])
        return np.dot(z, self.p["W2"]) + self.p["b2"]

    def loss(self):
        return cross_entropy(softmax(self.scores()), self.t)


def penalty_of_the_same_weights(c):
    return lambda W: c.loss() + 0.1 * np.sum(c.p["W1"] ** 2)


def product_of_loss_and_penalty(c):
    return lambda W: c.loss() * (1 + np.sum(c.p["W1"] ** 2))


def root_of_the_loss(c):
    return lambda W: np.sqrt(c.loss())


def one_entry_elsewhere(c):
    return lambda W: c.loss() + c.p["W1"][3, 4] ** 2


def one_row_elsewhere(c):
    return lambda W: c.loss() + np.sum(c.p["W1"][2] * np.arange(HIDDEN))


def shared_weights(c):
    W = c.W1
    return lambda _: np.mean((np.tanh(np.tanh(c.x @ W) @ W.T) - c.x) ** 2)


def tied_by_a_stored_view(c):
    c.tied = c.W1.T
    return lambda _: np.mean((np.tanh(c.x @ c.W1) @ c.tied - c.x) ** 2)


def read_through_a_flat_view(c):
    flat = c.W1.reshape(-1)
    return lambda _: c.loss() + np.sum(flat[:5] ** 2)


def two_nets_of_one_array(c):
    other = c.rng.random((N, N_IN))
    return lambda W: c.loss() + cross_entropy(softmax(c.scores(other)), c.t)


def two_paths_that_meet(c):
    other = c.rng.random((N, N_IN))
    return lambda W: np.mean((sigmoid(c.x @ c.W1) - sigmoid(other @ c.W1)) ** 2)


def residual(c):
    S = c.p["S"] = c.rng.standard_normal((N_IN, N_IN))
    return lambda W: np.mean((c.x + np.tanh(c.x @ S)) ** 2)


def gated(c):
    def f(W):
        z = c.x @ c.W1
        return np.mean((z * sigmoid(z) @ c.W2 - c.t) ** 2)

    return f


def counter_in_the_loss(c):
    def f(W):
        c.calls += 1
        return c.loss() + 1e-9 * c.calls

    return f


def counter_beside_the_loss(c):
    def f(W):
        c.calls += 1
        return c.loss()

    return f


def changes_after_many_calls(c):
    def f(W):
        c.calls += 1
        return c.loss() if c.calls < 10 else 2 * c.loss()

    return f


def dropout(c):
    def f(W):
        z = sigmoid(c.x @ c.p["W1"]) * (np.random.rand(N, HIDDEN) > 0.5)
        return cross_entropy(softmax(z @ c.p["W2"]), c.t)

    return f


def dropout_by_a_generator(c):
    draw = np.random.default_rng(0)

    def f(W):
        z = sigmoid(c.x @ c.p["W1"]) * (draw.random((N, HIDDEN)) > 0.5)
        return cross_entropy(softmax(z @ c.p["W2"]), c.t)

    return f


def dropout_with_a_fixed_seed(c):
    def f(W):
        mask = np.random.default_rng(0).random((N, HIDDEN)) > 0.5
        z = sigmoid(c.x @ c.p["W1"]) * mask
        return cross_entropy(softmax(z @ c.p["W2"]), c.t)

    return f


def a_batch_of_its_own(c):
    return lambda W: c.loss() + 0.0 * np.random.default_rng().random()


def branch_on_a_value(c):
    def f(W):
        loss = c.loss()
        return loss if loss > 1 else 2 * loss

    return f


def branch_on_the_sign_of_one_unit(c):
    def f(W):
        z = c.x @ c.p["W1"]
        if z[0, 0] > 0:
            z = z * 2
        return np.mean(z**2)

    return f


def maximum_of_two_losses(c):
    return lambda W: max(c.loss(), 0.1)


def float_on_the_way(c):
    return lambda W: c.loss() / float(np.sum(c.p["W1"] ** 2))


def float_twice(c):
    return lambda W: float(c.loss()) + float(np.sum(c.p["W1"] ** 2))


def functions_of_math(c):
    return lambda W: math.sqrt(c.loss())


def plain_copies(c):
    return lambda W: c.loss() * np.linalg.norm(np.asarray(c.p["W1"]))


def list_of_rows(c):
    return lambda W: sum(np.sum(row**2) for row in c.p["W1"])


def deep_copies(c):
    def f(W):
        params = copy.deepcopy(c.p)
        return np.mean((c.x @ params["W1"]) ** 2)

    return f


def batch_norm(c):
    def f(W):
        z = c.x @ c.p["W1"]
        z = (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + 1e-5)
        return cross_entropy(softmax(sigmoid(z) @ c.p["W2"]), c.t)

    return f


def layer_norm(c):
    def f(W):
        z = c.x @ c.p["W1"]
        z = (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)
        return cross_entropy(softmax(sigmoid(z) @ c.p["W2"]), c.t)

    return f


def normalised_over_the_whole_batch(c):
    return lambda W: np.mean((c.x @ c.p["W1"] / np.max(c.x @ c.p["W1"])) ** 2)


def softmax_along_the_batch(c):
    def f(W):
        e = np.exp(c.x @ c.p["W1"])
        return np.mean((e / e.sum(axis=0)) ** 2)

    return f


def loss_of_pairs_of_examples(c):
    def f(W):
        z = c.x @ c.p["W1"]
        return np.sum((z[1:] - z[:-1]) ** 2)

    return f


def square_batch(c):
    x = c.rng.random((HIDDEN, N_IN))  # as many examples as units: shapes do not tell them apart
    return lambda W: np.mean((sigmoid(x @ c.p["W1"]) - np.arange(HIDDEN)) ** 2)


def sums_that_broadcast_wrongly(c):
    x = c.rng.random((HIDDEN, N_IN))

    def f(W):
        z = np.exp(x @ c.p["W1"])
        return np.mean((z / z.sum(axis=1)) ** 2)  # without keepdims: divides columns by row sums

    return f


def weights_normalised(c):
    return lambda W: np.mean((c.x @ (c.p["W1"] / np.sqrt(np.sum(c.p["W1"] ** 2)))) ** 2)


def weights_scaled(c):
    return lambda W: np.mean((c.x @ (2 * c.p["W1"])) ** 2)


def weights_masked(c):
    mask = c.rng.random((N_IN, HIDDEN)) > 0.5
    return lambda W: np.mean(np.tanh(c.x @ (c.p["W1"] * mask)) ** 2)


def f_of_the_argument_and_of_the_net(c):
    return lambda W: c.loss() + np.sum(W**3)


def f_of_a_copy_of_the_argument(c):
    def f(W):
        V = W.copy()
        V[V < 0] = 0
        return np.mean((c.x @ V) ** 2)

    return f


def writes_into_its_argument(c):
    def f(W):
        W *= 1.0
        return c.loss()

    return f


def in_place_in_predict(c):
    def f(W):
        z = np.dot(c.x, c.p["W1"])
        z += c.p["b1"]
        z[z < 0] = 0
        np.maximum(z, 0.1, out=z)
        return np.mean(np.dot(z, c.p["W2"]) ** 2)

    return f


def in_place_through_a_view(c):
    def f(W):
        z = np.dot(c.x, c.p["W1"])
        first = z[0]
        first *= 2
        return np.mean(z**2)

    return f


def a_buffer_is_reused(c):
    buffer = np.empty((N, HIDDEN))

    def f(W):
        np.dot(c.x, c.p["W1"], out=buffer)
        return np.mean(buffer**2)

    return f


def a_constant_changes_later(c):
    scale = np.ones(HIDDEN)

    def f(W):
        scale[:] = 1.0
        z = (c.x @ c.p["W1"]) * scale
        scale[:] = 5.0
        return np.mean(z**2)

    return f


def a_cache_of_the_first_layer(c):
    cache = {}

    def f(W):
        if "z" not in cache:
            cache["z"] = c.x @ c.p["W1"]
        return np.mean(cache["z"] ** 2)

    return f


def a_cache_by_the_bytes(c):
    cache = {}

    def f(W):
        key = c.p["W1"].tobytes()
        if key not in cache:
            cache[key] = float(np.mean((c.x @ c.p["W1"]) ** 2))
        return cache[key]

    return f


def a_history_of_losses(c):
    c.history = []

    def f(W):
        loss = c.loss()
        c.history.append(loss)
        return loss

    return f


def prints(c):
    def f(W):
        loss = c.loss()
        print(loss)
        return loss

    return f


def raises_when_traced(c):
    def f(W):
        if type(c.p["W1"]) is not np.ndarray:
            raise TypeError("no array")
        return c.loss()

    return f


def ignores_what_is_traced(c):
    real = c.p["W1"]

    def f(W):
        W1 = c.p["W1"] if type(c.p["W1"]) is np.ndarray else c.p["W1"] * 2
        return np.mean((c.x @ W1) ** 2) + 0 * real[0, 0]

    return f


def swallows_errors(c):
    def f(W):
        try:
            return np.mean((c.x @ np.asarray(c.p["W1"])) ** 2)
        except Exception:
            return np.mean(c.x @ c.p["W1"])

    return f


def in_a_tuple(c):
    params = (c.p["W1"], c.p["W2"])
    return lambda W: np.mean((sigmoid(c.x @ params[0]) @ params[1]) ** 2)


def in_a_named_tuple(c):
    layer = Pair(c.p["W1"], c.p["b1"])
    return lambda W: np.mean(sigmoid(c.x @ layer.W + layer.b) ** 2)


def in_nested_tuples(c):
    layers = [((c.p["W1"], c.p["b1"]), (c.p["W2"], c.p["b2"]))]
    again = (layers[0][0], layers[0][1])

    def f(W):
        (W1, b1), (W2, b2) = layers[0]
        return np.mean((sigmoid(c.x @ W1 + b1) @ W2 + b2) ** 2) + np.sum(again[0][0] ** 2)

    return f


def in_a_set(c):
    held = frozenset([functools.partial(np.dot, c.x, c.p["W1"])])
    return lambda W: np.mean(next(iter(held))() ** 2)


def a_history_in_a_deque(c):
    history = c.history = deque(maxlen=5)

    def f(W):
        loss = c.loss()
        history.append(loss)
        return loss

    return f


def in_a_namespace(c):
    layer = SimpleNamespace(W=c.p["W1"], inner=SimpleNamespace(list=[c.p["W1"], c.p["W2"]]))
    return lambda W: np.mean((sigmoid(c.x @ layer.inner.list[0]) @ layer.inner.list[1]) ** 2)


def in_an_array_of_objects(c):
    params = np.empty(2, object)
    params[0], params[1] = c.p["W1"], c.p["W2"]
    return lambda W: np.mean((sigmoid(c.x @ params[0]) @ params[1]) ** 2)


def in_a_generator(c):
    def weights():
        W = c.p["W1"]
        while True:
            yield W

    source = weights()
    next(source)
    return lambda W: np.mean((c.x @ next(source)) ** 2)


def in_a_partial(c):
    def loss(W, V, x):
        return np.mean((sigmoid(x @ V) @ c.W2) ** 2)

    return functools.partial(loss, V=c.p["W1"], x=c.x)


def in_defaults(c):
    def f(W, V=c.p["W1"], *, U=c.p["W2"]):
        return np.mean((sigmoid(c.x @ V) @ U) ** 2)

    return f


def in_globals(c):
    GLOBAL["W1"], GLOBAL["W2"] = c.p["W1"], c.p["W2"]
    return lambda W: np.mean((sigmoid(c.x @ GLOBAL["W1"]) @ GLOBAL["W2"]) ** 2)


def in_slots(c):
    class Layer:
        __slots__ = ("W",)

        def __init__(self, W):
            self.W = W

        def __call__(self, x):
            return np.tanh(x @ self.W)

    first, second = Layer(c.p["W1"]), Layer(c.p["W2"])
    return lambda W: np.mean((second(first(c.x)) - c.t) ** 2)


def in_a_class_attribute(c):
    class Net:
        W = c.p["W1"]

        @classmethod
        def loss(cls, x):
            return np.mean(np.tanh(x @ cls.W) ** 2)

    return lambda W: Net.loss(c.x)


def through_a_property(c):
    class Net:
        def __init__(self):
            self._W = c.p["W1"]

        @property
        def W(self):
            return self._W

        def __call__(self, W):
            return np.mean(np.tanh(c.x @ self.W) ** 2)

    return Net()


def in_float32(c):
    return lambda W: np.mean((c.x.astype(np.float32) @ c.p["W1"].astype(np.float32)) ** 2)


def inputs_in_float32(c):
    x = c.x.astype(np.float32)
    return lambda W: cross_entropy(softmax(sigmoid(x @ c.p["W1"]) @ c.p["W2"]), c.t)


def rounded(c):
    return lambda W: np.mean(np.round(c.x @ c.p["W1"], 3) ** 2)


def steps(c):
    return lambda W: np.mean(((c.x @ c.p["W1"] > 0) * 1.0) @ c.p["W2"] ** 2)


def accuracy_beside(c):
    def f(W):
        y = softmax(c.scores())
        c.accuracy = np.mean(np.argmax(y, axis=1) == c.t.argmax(axis=1))
        return cross_entropy(y, c.t)

    return f


def one_by_one(c):
    def f(W):
        total = 0.0
        for x, t in zip(c.x, c.t, strict=True):
            total = total + cross_entropy(softmax(sigmoid(x @ c.p["W1"]) @ c.p["W2"]), t)
        return total / N

    return f


def a_loop_over_examples(c):
    def f(W):
        y = softmax(c.scores())
        return sum(-np.log(y[i, c.t[i].argmax()]) for i in range(N)) / N

    return f


def labels_as_rows_that_do_not_sum_to_one(c):
    t = c.rng.random((N, CLASSES))
    return lambda W: -np.sum(t * np.log(softmax(c.scores()) + 1e-7)) / N


def an_epsilon_of_its_own(c):
    return lambda W: -np.sum(c.t * np.log(softmax(c.scores()) + 0.01)) / N


def almost_a_sigmoid(c):
    def f(W):
        z = c.x @ c.p["W1"]
        return cross_entropy(softmax(1.0000001 / (1 + np.exp(-z)) @ c.p["W2"]), c.t)

    return f


def clipped_inside_its_range(c):
    z = c.x @ c.p["W1"]
    edge = float(np.sort(np.abs(z).ravel())[z.size // 2])
    return lambda W: np.mean((sigmoid(np.clip(c.x @ c.p["W1"], -edge, edge)) @ c.p["W2"]) ** 2)


def a_kink_at_every_value(c):
    z = (c.x @ c.p["W1"]).copy()
    return lambda W: np.mean(np.abs(c.x @ c.p["W1"] - z + 1.0) + np.abs(c.x @ c.p["W1"] - z))


def overflowing(c):
    return lambda W: np.mean(1 / (1 + np.exp(-(c.x @ c.p["W1"]) * 1e4)))


def saturated(c):
    return lambda W: cross_entropy(softmax(1e3 * c.scores()), c.t)


def ensemble(c):
    other = TwoLayerNet(N_IN, HIDDEN, CLASSES, 1.0, rng=c.rng)
    return lambda W: cross_entropy((softmax(c.scores()) + other.predict(c.x)) / 2, c.t)


def hinge(c):
    def f(W):
        z = c.scores()
        right = z[np.arange(N), c.t.argmax(axis=1)][:, None]
        return np.mean(np.maximum(0, z - right + 1).sum(axis=1))

    return f


def maxout(c):
    return lambda W: np.mean((c.x @ c.p["W1"]).reshape(N, 3, 3).max(axis=2) ** 2)


def a_bias_trick(c):
    ones = np.ones((N, 1))
    return lambda W: np.mean(np.hstack([sigmoid(c.x @ c.p["W1"]), ones]) ** 2)


def not_a_number(c):
    return lambda W: (c.x @ c.p["W1"]).mean(axis=0)
