"""JAX: a jitted step called from Python; an epoch in one jitted scan; all epochs in one program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from cases import POOL, SIDE, WEIGHT_DECAY, Case, Material, orders_of, steps_of

from peers import Course, Net

Layers = list[dict[str, Any]]
NEW, EPS = 0.1, 1e-5  # of batch norm: the weight of a new batch, and what the variance gets added
EVALUATED = 1000  # bytes that are measured at once; all of a set would be large as floats


def make(case: Case, m: Material, *, loop: str) -> Net:
    training = Training(case, m)
    run = training.run_in_scan if loop == "scan" else training.run_step_by_step
    course = training.course if loop == "whole" else None
    return Net(training.reset, run, training.predict, training.measure, course=course,
               weights=training.weights)  # fmt: skip


class Training:
    """A net in training, the arrays it is trained and measured on, and its compiled functions."""

    def __init__(self, case: Case, m: Material):
        self.case, self.n = case, len(m.x)
        self.unmoved, self.test = _placed(m.x, m.t), _placed(m.x_test, m.t_test)
        # The training set is measured as it is, the steps may see it in another form.
        self.train = _framed(case, self.unmoved) if case.shift else self.unmoved
        self.first = self.carried = _first_state(case, m.params)
        step = _step_of(case, case.epochs * steps_of(case, self.n))
        epoch, measures = _epoch_of(case, step), _measures_of(case)
        self.step = jax.jit(lambda carried, examples, i: step(carried, _taken(examples, i)))
        self.epoch, self.measures = jax.jit(epoch), jax.jit(measures)
        self.whole, self.answer = jax.jit(_whole_of(epoch, measures)), jax.jit(_answer_of(case))

    def reset(self) -> None:
        self.carried = self.first

    def run_in_scan(self, order: np.ndarray) -> np.ndarray:
        self.carried, losses = self.epoch(self.carried, self.train, jnp.asarray(order))
        return np.asarray(losses)

    def run_step_by_step(self, order: np.ndarray) -> np.ndarray:
        losses = []
        for start in range(0, len(order), self.case.batch):
            picked = order[start : start + self.case.batch]
            self.carried, loss = self.step(self.carried, self.train, picked)
            losses.append(loss)
        return np.array([float(loss) for loss in losses])

    def course(self, measuring: bool) -> Course:
        orders = np.stack(list(orders_of(self.case, self.n)))
        losses, of_epochs = self.whole(self.carried, self.train, self.unmoved, self.test, orders)
        return Course(np.asarray(losses).ravel(), np.asarray(of_epochs), 0.0)

    def measure(self) -> list[float]:
        return np.asarray(self.measures(self.carried, self.unmoved, self.test)).tolist()

    def predict(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(self.answer(self.carried, x))

    def weights(self) -> list[np.ndarray]:
        return [np.asarray(p) for p in jax.tree.leaves(self.carried["layers"])]


def _epoch_of(case: Case, step):
    """All full batches in a scan, then the shorter last one."""

    def epoch(carried, examples, order):
        full = len(order) // case.batch * case.batch
        batches = order[:full].reshape(-1, case.batch)
        carried, losses = jax.lax.scan(
            lambda carried, i: step(carried, _taken(examples, i)), carried, batches
        )
        if full < len(order):
            carried, loss = step(carried, _taken(examples, order[full:]))
            losses = jnp.append(losses, loss)
        return carried, losses

    return epoch


def _measures_of(case: Case):
    """Accuracies of the training and the test set, or the loss of the test set."""

    def measures(carried, examples, others):
        sets = [others] if case.regression else [examples, others]
        return jnp.stack([_measure(case, carried, *of_set) for of_set in sets])

    return measures


def _whole_of(epoch, measures):
    """All epochs with what is measured after each."""

    def whole(carried, examples, unmoved, others, orders):
        def one(carried, order):
            carried, losses = epoch(carried, examples, order)
            return carried, (losses, measures(carried, unmoved, others))

        return jax.lax.scan(one, carried, orders)[1]

    return whole


def _answer_of(case: Case):
    """Probabilities, or what a regression predicts."""

    def answer(carried, x):
        y, _ = _forward(case, carried["layers"], carried["running"], _floats(x))
        return y if case.regression else jax.nn.softmax(y)

    return answer


def _placed(x: np.ndarray, t: np.ndarray):
    """Arrays where JAX wants them, class numbers as its default integers."""
    return jnp.asarray(x), jnp.asarray(t.astype(np.int32) if t.dtype.kind in "iu" else t)


def _framed(case: Case, examples):
    """Images with as many zeros around them as they may be shifted."""
    x, t = examples
    most = case.shift
    return jnp.pad(x.reshape(-1, SIDE, SIDE), ((0, 0), (most, most), (most, most))), t


def _taken(examples, i):
    """A batch as floats."""
    return _floats(examples[0][i]), examples[1][i]


def _floats(x):
    return x.astype(jnp.float32) / 255 if x.dtype == jnp.uint8 else x


def _moved(case: Case, key, x):
    """Each framed image of a batch cut out at a place of its own."""
    corners = jax.random.randint(key, (len(x), 2), 0, 2 * case.shift + 1)
    cut = jax.vmap(lambda image, c: jax.lax.dynamic_slice(image, (c[0], c[1]), (SIDE, SIDE)))
    return cut(x, corners).reshape(len(x), -1)


def _first_state(case: Case, params: list[np.ndarray]) -> dict[str, Any]:
    layers: Layers = []
    for i, (W, b) in enumerate(zip(params[::2], params[1::2], strict=True)):
        layer = {"W": jnp.asarray(W), "b": jnp.asarray(b)}
        if case.batch_norm and i < len(params) // 2 - 1:
            layer |= {"gamma": jnp.ones_like(layer["b"]), "beta": jnp.zeros_like(layer["b"])}
        layers.append(layer)
    zeros = jax.tree.map(jnp.zeros_like, layers)
    moments = () if case.optimizer == "sgd" else (zeros, zeros)
    running = [[jnp.zeros_like(p["b"]), jnp.ones_like(p["b"])] for p in layers if "gamma" in p]
    state = {"layers": layers, "moments": moments, "running": running, "k": jnp.float32(0)}
    if case.draws:
        state["key"] = jax.random.key(0)
    return state


def _forward(case: Case, layers: Layers, running, x, *, training: bool = False, key=None):
    """Scores, and in training the new running statistics."""
    f: Callable = {"relu": jax.nn.relu, "sigmoid": jax.nn.sigmoid}[case.activation]
    statistics = []
    for p in layers[: len(case.filters)]:
        x = x.reshape(len(x), -1, SIDE, SIDE) if x.ndim == 2 else x
        x = jax.lax.conv_general_dilated(x, p["W"], (1, 1), "VALID") + p["b"][:, None, None]
        window = (1, 1, POOL, POOL)
        x = jax.lax.reduce_window(f(x), -jnp.inf, jax.lax.max, window, window, "VALID")
    layers = layers[len(case.filters) :]
    x = x.reshape(len(x), -1)
    for i, p in enumerate(layers):
        x = x @ p["W"] + p["b"]
        if i == len(layers) - 1:
            break
        if case.batch_norm:
            mean, variance = running[i]
            if training:
                mean, variance = x.mean(0), x.var(0)
                unbiased = variance * (len(x) / (len(x) - 1))
                new = (mean, unbiased)
                statistics.append(
                    [(1 - NEW) * a + NEW * b for a, b in zip(running[i], new, strict=True)]
                )
            x = p["gamma"] * (x - mean) * jax.lax.rsqrt(variance + EPS) + p["beta"]
        x = f(x)
        if case.dropout and training:
            kept = jax.random.bernoulli(jax.random.fold_in(key, i), 1 - case.dropout, x.shape)
            x = jnp.where(kept, x / (1 - case.dropout), 0)
    return x, statistics


def _measure(case: Case, carried, x, t):
    y = _scores(case, carried, x)
    if case.regression:
        return jnp.mean((y - t) ** 2)
    return jnp.mean(jnp.argmax(y, 1) == t)


def _scores(case: Case, carried, x):
    """The scores of a set: of floats in one pass, of bytes part by part."""

    def scores(x):
        return _forward(case, carried["layers"], carried["running"], x)[0]

    if x.dtype != jnp.uint8:
        return scores(x)
    return jax.lax.map(lambda one: scores(_floats(one[None]))[0], x, batch_size=EVALUATED)


def _loss(case: Case, y, t):
    if case.regression:
        return jnp.mean((y - t) ** 2)
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(y), t[:, None], 1))


def _step_of(case: Case, updates: int):
    """An update, ``step(carried, (x, t)) -> carried, loss``."""

    def loss_of(layers, running, x, t, key):
        y, statistics = _forward(case, layers, running, x, training=True, key=key)
        return _loss(case, y, t), statistics

    def step(carried, batch):
        (x, t), key = batch, None
        if case.draws:
            following, key, for_shifts = jax.random.split(carried["key"], 3)
            carried = carried | {"key": following}
            x = _moved(case, for_shifts, x) if case.shift else x
        (loss, statistics), grads = jax.value_and_grad(loss_of, has_aux=True)(
            carried["layers"], carried["running"], x, t, key
        )
        if case.clip is not None:
            norm = jnp.sqrt(sum(jnp.vdot(g, g) for g in jax.tree.leaves(grads)))
            scale = jnp.minimum(1.0, case.clip / norm)
            grads = jax.tree.map(lambda g: g * scale, grads)
        lr = case.lr
        if case.schedule == "cosine":
            lr = lr * (1 + jnp.cos(jnp.pi * carried["k"] / updates)) / 2
        carried = carried | {"k": carried["k"] + 1, "running": statistics}
        return _updated(case, carried, grads, lr), loss

    return step


def _updated(case: Case, carried, grads, lr):
    layers, k = carried["layers"], carried["k"]
    if case.optimizer == "sgd":
        return carried | {"layers": jax.tree.map(lambda p, g: p - lr * g, layers, grads)}
    m, v = carried["moments"]
    m = jax.tree.map(lambda a, g: 0.9 * a + 0.1 * g, m, grads)
    v = jax.tree.map(lambda a, g: 0.999 * a + 0.001 * g * g, v, grads)
    shrink = 1 - lr * WEIGHT_DECAY if case.optimizer == "adamw" else 1.0
    rate, spread = lr / (1 - 0.9**k), 1 / (1 - 0.999**k)
    layers = jax.tree.map(
        lambda p, a, b: shrink * p - rate * a / (jnp.sqrt(b * spread) + 1e-8), layers, m, v
    )
    return carried | {"layers": layers, "moments": (m, v)}
