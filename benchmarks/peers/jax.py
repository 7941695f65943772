"""JAX: a jitted step called from Python, or all steps of a turn in one jitted scan."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from cases import Case, Material

from peers import Net


def make(case: Case, m: Material, *, scan: bool) -> Net:
    params = [jnp.asarray(p) for p in m.params]
    zeros = [jnp.zeros_like(p) for p in params] if case.optimizer == "adam" else []
    state = {"carried": (params, zeros, zeros, jnp.float32(0))}
    x_train, t_train = jnp.asarray(m.x), jnp.asarray(m.t)
    step = _step_of(case)
    several = jax.jit(
        lambda carried, x, t, order: jax.lax.scan(
            lambda carried, i: step(carried, x[i], t[i]), carried, order
        )
    )
    one = jax.jit(lambda carried, x, t, i: step(carried, x[i], t[i]))
    answer = jax.jit(lambda params, x: jax.nn.softmax(_scores(case, params, x)))

    def run(order: np.ndarray) -> np.ndarray:
        if scan:
            state["carried"], losses = several(
                state["carried"], x_train, t_train, jnp.asarray(order)
            )
            return np.asarray(losses)
        losses = []
        for i in order:
            state["carried"], loss = one(state["carried"], x_train, t_train, i)
            losses.append(loss)
        return np.array([float(loss) for loss in losses])

    return Net(run, lambda x: np.asarray(answer(state["carried"][0], x)))


def _scores(case: Case, params, x):
    f = jax.nn.relu if case.activation == "relu" else jax.nn.sigmoid
    for i in range(0, len(params), 2):
        x = x @ params[i] + params[i + 1]
        x = f(x) if i + 2 < len(params) else x
    return x


def _step_of(case: Case):
    def loss_of(params, x, t):
        log_y = jax.nn.log_softmax(_scores(case, params, x))
        return -jnp.mean(log_y[jnp.arange(case.batch), t])

    def step(carried, x, t):
        params, first, second, k = carried
        loss, grads = jax.value_and_grad(loss_of)(params, x, t)
        k = k + 1
        if case.optimizer == "sgd":
            params = [p - case.lr * g for p, g in zip(params, grads, strict=True)]
        else:
            first = [0.9 * a + 0.1 * g for a, g in zip(first, grads, strict=True)]
            second = [0.999 * a + 0.001 * g * g for a, g in zip(second, grads, strict=True)]
            params = [
                p - case.lr * (a / (1 - 0.9**k)) / (jnp.sqrt(b / (1 - 0.999**k)) + 1e-8)
                for p, a, b in zip(params, first, second, strict=True)
            ]
        return (params, first, second, k), loss

    return step
