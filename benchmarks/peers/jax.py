"""JAX: a jitted step called from Python; an epoch in one jitted scan; all epochs in one program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from cases import SIDE, WEIGHT_DECAY, Case, Material, orders_of, steps_of

from peers import Course, Net

Layers = list[dict[str, Any]]
NEW, EPS = 0.1, 1e-5  # of batch norm: the weight of a new batch, and what the variance gets added


def make(case: Case, m: Material, *, loop: str) -> Net:
    train, test = _placed(case, m, m.x, m.t), _placed(case, m, m.x_test, m.t_test, training=False)
    # The training set is measured as it is, the steps may see it in another form.
    plain = _placed(case, m, m.x, m.t, training=False) if case.shift else train
    step = _step_of(case, case.epochs * steps_of(case, len(m.x)))
    first = _first_state(case, m.params)
    state = {"carried": first}

    def epoch(carried, examples, order):
        """All full batches in a scan, then the shorter last one."""
        full = len(order) // case.batch * case.batch
        batches = order[:full].reshape(-1, case.batch)
        carried, losses = jax.lax.scan(
            lambda carried, i: step(carried, _taken(examples, i)), carried, batches
        )
        if full < len(order):
            carried, loss = step(carried, _taken(examples, order[full:]))
            losses = jnp.append(losses, loss)
        return carried, losses

    def measures(carried, examples, others):
        sets = [others] if case.regression else [examples, others]
        return jnp.stack([_measure(case, carried, *of_set) for of_set in sets])

    def whole(carried, examples, unmoved, others, orders):
        def one(carried, order):
            carried, losses = epoch(carried, examples, order)
            return carried, (losses, measures(carried, unmoved, others))

        return jax.lax.scan(one, carried, orders)[1]

    jitted = {f: jax.jit(f) for f in (epoch, measures, whole)}
    one_step = jax.jit(lambda carried, examples, i: step(carried, _taken(examples, i)))

    @jax.jit
    def answer(carried, x):
        y, _ = _forward(case, carried["layers"], carried["running"], x)
        return y if case.regression else jax.nn.softmax(y)

    def reset() -> None:
        state["carried"] = first

    def run(order: np.ndarray) -> np.ndarray:
        if loop == "scan":
            state["carried"], losses = jitted[epoch](state["carried"], train, jnp.asarray(order))
            return np.asarray(losses)
        losses = []
        for start in range(0, len(order), case.batch):
            picked = order[start : start + case.batch]
            state["carried"], loss = one_step(state["carried"], train, picked)
            losses.append(loss)
        return np.array([float(loss) for loss in losses])

    def measure() -> list[float]:
        return np.asarray(jitted[measures](state["carried"], plain, test)).tolist()

    def course(measuring: bool) -> Course:
        orders = np.stack(list(orders_of(case, len(m.x))))
        losses, of_epochs = jitted[whole](state["carried"], train, plain, test, orders)
        return Course(np.asarray(losses).ravel(), np.asarray(of_epochs), 0.0)

    own = course if loop == "whole" else None

    def weights() -> list[np.ndarray]:
        return [np.asarray(p) for p in jax.tree.leaves(state["carried"]["layers"])]

    def predict(x: np.ndarray) -> np.ndarray:
        return np.asarray(answer(state["carried"], x))

    return Net(reset, run, predict, measure, course=own, weights=weights)


def _placed(case: Case, m: Material, x: np.ndarray, t: np.ndarray, *, training: bool = True):
    """Arrays where JAX wants them; for random shifts with a frame of zeros around each image."""
    x = jnp.asarray(x)
    if m.divisor is not None and not training:
        x = x.astype(jnp.float32) / m.divisor
    if case.shift and training:
        most = case.shift
        x = jnp.pad(x.reshape(-1, SIDE, SIDE), ((0, 0), (most, most), (most, most)))
    return x, jnp.asarray(t)


def _taken(examples, i):
    """A batch as floats."""
    x, t = examples[0][i], examples[1][i]
    return (x.astype(jnp.float32) / 255 if x.dtype == jnp.uint8 else x), t


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
    y = _forward(case, carried["layers"], carried["running"], x)[0]
    if case.regression:
        return jnp.mean((y - t) ** 2)
    return jnp.mean(jnp.argmax(y, 1) == t)


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
