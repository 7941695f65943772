"""One gradient of 784-50-10 through a graph that is built and run backward each time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from cases import Case, material, one_batch
from rows import OURS, Goal, Options, Row, Section
from turns import contest

NAME = "graph step"
CASE = Case(NAME)
CALLS = 50  # per turn
AGREE = 1e-5
HAND, HIPS = "by hand", "autograd"
PEERS = (OURS[0], HAND, HIPS, "torch", "jax")
# At most 0.75 of autograd's time, and 1.2 of the same step written by hand.
GOALS = {HIPS: [Goal(1 / 0.75, 2.0)], HAND: [Goal(1 / 1.2, 1.0)]}
Gradient = Callable[[], np.ndarray]


def cases(labels: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(NAME, "one")] if "one" in labels else []


def measure(name: str, label: str, options: Options) -> list[Row]:
    result = contest(__name__, options.chosen(PEERS), name, label, options.rounds)
    expected = result.answers[OURS[0]]
    apart = {peer: float(np.abs(y - expected).max()) for peer, y in result.answers.items()}
    wrong = {p: f"wrong: {d:.1e} apart" for p, d in apart.items() if not d <= AGREE}
    rows = result.rows(name, label, "us per gradient", 1e6 / CALLS, wrong, GOALS)
    return [replace(row, peer="mitbadak's graph") if row.peer == OURS[0] else row for row in rows]


def turn_of(peer: str, case: str) -> Callable[[], np.ndarray]:
    """For the worker: so many gradients; gives that of W1."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(1, user_api="blas")
    m = material(CASE)
    picked = one_batch(CASE, len(m.x))
    make = {OURS[0]: _mitbadak, HAND: _by_hand, HIPS: _autograd, "torch": _torch, "jax": _jax}
    gradient = make[peer](m.x[picked], m.t[picked], m.params)

    def turn() -> np.ndarray:
        for _ in range(CALLS - 1):
            gradient()
        return gradient()

    return turn


def _mitbadak(x: np.ndarray, t: np.ndarray, params: list[np.ndarray]) -> Gradient:
    import mitbadak as mb

    def gradient() -> np.ndarray:
        W1, b1, W2, b2 = map(mb.Variable, params)
        scores = mb.affine(mb.sigmoid(mb.affine(x, W1, b1)), W2, b2)
        mb.softmax_cross_entropy(scores, t).backward()
        return W1.grad

    return gradient


def _by_hand(x: np.ndarray, t: np.ndarray, params: list[np.ndarray]) -> Gradient:
    """The same arithmetic without a graph: NumPy, and every derivative written out."""
    W1, b1, W2, b2 = params
    rows = np.arange(len(t))

    def gradient() -> np.ndarray:
        a = x @ W1 + b1
        e = np.exp(-np.abs(a))
        z = np.where(a >= 0, 1, e) / (1 + e)
        scores = z @ W2 + b2
        shifted = scores - scores.max(axis=1, keepdims=True)
        y = np.exp(shifted)
        total = y.sum(axis=1, keepdims=True)
        -np.mean(shifted[rows, t] - np.log(total[:, 0]))
        y /= total
        y[rows, t] -= 1
        y /= len(t)
        z.T @ y, y.sum(axis=0)
        da = (y @ W2.T) * z * (1 - z)
        da.sum(axis=0)
        return x.T @ da

    return gradient


def _autograd(x: np.ndarray, t: np.ndarray, params: list[np.ndarray]) -> Gradient:
    import autograd.numpy as anp
    from autograd import value_and_grad

    rows = np.arange(len(t))

    def loss(params: Any) -> Any:
        W1, b1, W2, b2 = params
        z = 1 / (1 + anp.exp(-(anp.dot(x, W1) + b1)))
        scores = anp.dot(z, W2) + b2
        shifted = scores - anp.max(scores, axis=1, keepdims=True)
        return -anp.mean(shifted[rows, t] - anp.log(anp.sum(anp.exp(shifted), axis=1)))

    both = value_and_grad(loss)
    return lambda: both(params)[1][0]


def _torch(x: np.ndarray, t: np.ndarray, params: list[np.ndarray]) -> Gradient:
    import torch

    given, labels = torch.from_numpy(x), torch.tensor(t, dtype=torch.int64)
    W1, b1, W2, b2 = variables = [torch.from_numpy(p.copy()).requires_grad_() for p in params]
    loss_of = torch.nn.CrossEntropyLoss()

    def gradient() -> np.ndarray:
        for v in variables:
            v.grad = None
        loss_of(torch.sigmoid(given @ W1 + b1) @ W2 + b2, labels).backward()
        assert W1.grad is not None
        return W1.grad.numpy()

    return gradient


def _jax(x: np.ndarray, t: np.ndarray, params: list[np.ndarray]) -> Gradient:
    import jax
    import jax.numpy as jnp

    def loss(params: Any, x: Any, t: Any) -> Any:
        W1, b1, W2, b2 = params
        scores = jax.nn.sigmoid(x @ W1 + b1) @ W2 + b2
        return -jnp.mean(jax.nn.log_softmax(scores)[jnp.arange(len(t)), t])

    both = jax.jit(jax.value_and_grad(loss))
    given, labels = jnp.asarray(x), jnp.asarray(t, dtype=jnp.int32)
    placed = [jnp.asarray(p) for p in params]
    return lambda: np.asarray(both(placed, given, labels)[1][0])


SECTION = Section("graph", cases, measure)
