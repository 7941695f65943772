"""Gradients of random expressions against JAX, in float64. Needs the ``bench`` extra."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mitbadak import functions as f
from mitbadak.graph import Variable, grad

jax = pytest.importorskip("jax")
jnp = pytest.importorskip("jax.numpy")

ROWS, COLUMNS = 3, 4
# Each maps the library's namespace and one or two (3, 4) matrices to another (3, 4) matrix.
Operation = Callable[..., Any]
UNARY: dict[str, Operation] = {
    "exp": lambda np, a: np.exp(np.clip(a, -3.0, 1.5)),
    "log": lambda np, a: np.log(a * a + 0.5),
    "sqrt": lambda np, a: np.sqrt(a * a + 0.3),
    "sin": lambda np, a: np.sin(a),
    "cos": lambda np, a: np.cos(a) - 0.5,
    "tanh": lambda np, a: np.tanh(a),
    "abs": lambda np, a: abs(a) - 0.2,
    "square": lambda np, a: np.square(a) / 3.0,
    "power": lambda np, a: (a * a + 0.7) ** 1.5 / 4,
    "negative": lambda np, a: -a,
    "mean": lambda np, a: a - np.mean(a, axis=0),
    "max": lambda np, a: a - np.max(a, axis=1, keepdims=True),
    "min": lambda np, a: a + np.min(a),
    "sum": lambda np, a: a / (1.0 + np.sum(a * a, axis=1, keepdims=True)),
    "turned": lambda np, a: a @ a.T @ a / 9,
    "shuffled": lambda np, a: np.concatenate([a[:, 1:], a[:, :1] * 2.0], axis=1),
    "picked": lambda np, a: a[np.array([2, 0, 0])] * 0.5,
    "reshaped": lambda np, a: np.reshape(np.transpose(a), (ROWS, COLUMNS)),
    "repeated": lambda np, a: np.repeat(a[:, :2], 2, axis=1),
    "where": lambda np, a: np.where(a > 0.1, a * 1.5, a * a),
    "clip": lambda np, a: np.clip(a, -0.9, 0.8) + 0.1 * a,
}
BINARY: dict[str, Operation] = {
    "add": lambda np, a, b: a + b,
    "subtract": lambda np, a, b: a - b[:1],
    "multiply": lambda np, a, b: a * b,
    "divide": lambda np, a, b: a / (1.5 + np.tanh(b)),
    "maximum": lambda np, a, b: np.maximum(a, b + 0.05),
    "minimum": lambda np, a, b: np.minimum(a, b * 0.9),
    "matmul": lambda np, a, b: a @ (b.T @ b) / 4,
}


def random_expression(seed: int) -> list[tuple[str, int, int]]:
    """3 to 12 operations, each with the places of its arguments, which may be used again."""
    rng = np.random.default_rng(seed)
    names = [*UNARY, *BINARY]
    return [
        (names[rng.integers(len(names))], int(rng.integers(0, k + 2)), int(rng.integers(0, k + 2)))
        for k in range(rng.integers(3, 13))
    ]


def evaluate(library: Any, expression: list[tuple[str, int, int]], x: Any, y: Any) -> Any:
    values = [x, y]
    for name, i, j in expression:
        if name in UNARY:
            values.append(UNARY[name](library, values[i]))
        else:
            values.append(BINARY[name](library, values[i], values[j]))
    return library.sum(values[-1] * values[-1]) + library.sum(values[-2])


@pytest.mark.parametrize("seed", range(200))
def test_gradients_of_random_expressions_match_jax(seed):
    expression = random_expression(seed)
    rng = np.random.default_rng(seed + 1000)
    x, y = rng.normal(size=(2, ROWS, COLUMNS))
    variables = Variable(x), Variable(y)
    result = evaluate(np, expression, *variables)
    gradients = grad(result, list(variables))
    with jax.enable_x64(True):
        value, expected = jax.value_and_grad(
            lambda pair: evaluate(jnp, expression, *pair)
        )((jnp.asarray(x), jnp.asarray(y)))  # fmt: skip
    assert result.item() == pytest.approx(float(value), rel=1e-12, abs=1e-12)
    for gradient, theirs in zip(gradients, expected, strict=True):
        scale = 1 + np.abs(theirs).max()
        np.testing.assert_allclose(gradient, theirs, atol=1e-10 * scale, rtol=1e-10)


@pytest.mark.parametrize("seed", range(20))
def test_second_derivatives_match_jax(seed):
    kinks = ("max", "min", "abs", "clip")
    smooth = [operation for operation in random_expression(seed) if operation[0] not in kinks]
    expression = [(name, min(i, k + 1), min(j, k + 1)) for k, (name, i, j) in enumerate(smooth)]
    rng = np.random.default_rng(seed + 1000)
    x, y, v = rng.normal(size=(3, ROWS, COLUMNS))
    at = Variable(x)
    result = evaluate(np, expression, at, y) + np.sum(at**3)  # so that it depends on x
    slope = grad(result, at, create_graph=True)
    product = grad(np.sum(slope * v), at)
    with jax.enable_x64(True):
        gradient = jax.grad(
            lambda a: evaluate(jnp, expression, a, jnp.asarray(y)) + jnp.sum(a**3)
        )  # fmt: skip
        expected = jax.jvp(gradient, (jnp.asarray(x),), (jnp.asarray(v),))[1]
    scale = 1 + np.abs(expected).max()
    np.testing.assert_allclose(product, expected, atol=1e-9 * scale, rtol=1e-9)


def test_the_gradient_of_a_net_matches_jax():
    rng = np.random.default_rng(0)
    x, W1, W2 = rng.normal(size=(5, 4)), rng.normal(size=(4, 6)), rng.normal(size=(6, 3))
    t = np.array([0, 2, 1, 1, 0])
    a, b = Variable(W1), Variable(W2)
    gradients = grad(f.softmax_cross_entropy(f.sigmoid(x @ a) @ b, t), [a, b])

    def loss(W1, W2):
        scores = jax.nn.sigmoid(x @ W1) @ W2
        return -jnp.mean(jax.nn.log_softmax(scores)[jnp.arange(5), t])

    with jax.enable_x64(True):
        expected = jax.grad(loss, (0, 1))(jnp.asarray(W1), jnp.asarray(W2))
    for gradient, theirs in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(gradient, theirs, rtol=1e-12, atol=1e-15)
