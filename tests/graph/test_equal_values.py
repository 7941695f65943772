"""Eigenvalues and singular values that are equal, equal but for rounding, or 0.

Every function is also written without a decomposition, which has derivatives everywhere. What the
decomposition gives is the same, or NaN where its formula has no answer, but never another number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mitbadak.functions.numerical import numerical_gradient
from mitbadak.graph import Variable, grad, gradient_of, hessian
from numpy_surface.calls import quiet

_RNG = np.random.default_rng(5)
C, W = _RNG.normal(size=(2, 3, 3))
Q = np.linalg.qr(_RNG.normal(size=(3, 3)))[0]
EQUAL = {
    "the identity": np.eye(3),
    "two of three": np.diag([1.0, 1.0, 2.0]),
    "but for rounding": Q @ np.diag([1.0, 1.0, 2.0]) @ Q.T,
    "two zeros": np.diag([0.0, 0.0, 2.0]),
    "two zeros but for rounding": Q @ np.diag([0.0, 0.0, 2.0]) @ Q.T,
}
APART = Q @ np.diag([0.5, 1.0, 2.0]) @ Q.T + 0.01 * W
Function = Callable[[Any], Any]


def sym(a):
    return (a + a.T) * 0.5


def by_eigen(power: int, shift: float = 0.0) -> Function:
    def f(a):
        values, vectors = np.linalg.eigh(sym(a))
        return np.sum(C * ((vectors * (values - shift) ** power) @ vectors.T))

    return f


def by_singular(power: int) -> Function:
    def f(a):
        U, s, Vt = np.linalg.svd(a, full_matrices=False)
        return np.sum(C * ((U * s**power) @ Vt))

    return f


SHIFTED = np.eye(3)
OF_VALUES: dict[str, tuple[Function, Function]] = {
    "eigvalsh, sum": (lambda a: np.sum(np.linalg.eigvalsh(sym(a))), np.trace),
    "eigvalsh, squares": (
        lambda a: np.sum(np.linalg.eigvalsh(sym(a)) ** 2),
        lambda a: np.sum(sym(a) ** 2),
    ),
    "eigvalsh, cubes": (
        lambda a: np.sum(np.linalg.eigvalsh(sym(a)) ** 3),
        lambda a: np.trace(sym(a) @ sym(a) @ sym(a)),
    ),
    "eigh, values": (
        lambda a: np.sum((np.linalg.eigh(sym(a))[0] - 1.0) ** 2),
        lambda a: np.sum((sym(a) - SHIFTED) ** 2),
    ),
    "svd, squares": (
        lambda a: np.sum(np.linalg.svd(a, compute_uv=False) ** 2),
        lambda a: np.sum(a * a),
    ),
    "svdvals, fourth powers": (
        lambda a: np.sum(np.linalg.svdvals(a) ** 4),
        lambda a: np.sum((a @ a.T) ** 2),
    ),
}
OF_VECTORS: dict[str, tuple[Function, Function]] = {
    "eigh, square": (by_eigen(2), lambda a: np.sum(C * (sym(a) @ sym(a)))),
    "eigh, the matrix": (by_eigen(1), lambda a: np.sum(C * sym(a))),
    "eigh, a root at 1": (by_eigen(1, 1.0), lambda a: np.sum(C * (sym(a) - SHIFTED))),
    "svd, third power": (by_singular(3), lambda a: np.sum(C * (a @ a.T @ a))),
    "svd, the matrix": (by_singular(1), lambda a: np.sum(C * a)),
}


def third(f: Function, x: np.ndarray) -> np.ndarray:
    """Third derivatives with one direction given."""
    return hessian(lambda at: np.sum(grad(f(at), at, create_graph=True) * W), x)


ORDERS = [lambda f, x: gradient_of(f)(x), hessian, third]


def right_or_nan(f: Function, truth: Function, x: np.ndarray) -> None:
    for derivative in ORDERS:
        with quiet():
            own, expected = derivative(f, x), derivative(truth, x)
        known = ~np.isnan(own)
        scale = 1 + np.abs(expected).max()
        np.testing.assert_allclose(own[known], expected[known], atol=1e-6 * scale)


@pytest.mark.parametrize("point", EQUAL)
@pytest.mark.parametrize("name", [*OF_VALUES, *OF_VECTORS])
def test_a_derivative_at_equal_values_is_right_or_nan(name, point):
    right_or_nan(*(OF_VALUES | OF_VECTORS)[name], EQUAL[point])


@pytest.mark.once
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("values", [(1.0, 1.0, 2.0), (1.0, 1.0, 1.0), (0.0, 0.0, 1.0), (3.0, 1, 1)])
@pytest.mark.parametrize("name", [*OF_VALUES, *OF_VECTORS])
def test_however_rounding_falls_a_derivative_is_right_or_nan(name, values, seed):
    """Which of the equal values comes out larger, and by how much, differs between processors."""
    rng = np.random.default_rng(seed)
    Q = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    right_or_nan(*(OF_VALUES | OF_VECTORS)[name], Q @ np.diag(values) @ Q.T)


@pytest.mark.parametrize("name", [*OF_VALUES, *OF_VECTORS])
def test_derivatives_at_values_that_lie_apart_are_right(name):
    f, truth = (OF_VALUES | OF_VECTORS)[name]
    for derivative in ORDERS:
        np.testing.assert_allclose(derivative(f, APART), derivative(truth, APART), atol=1e-8)


@pytest.mark.parametrize("point", EQUAL)
@pytest.mark.parametrize("name", OF_VALUES)
def test_functions_of_the_values_alone_have_gradients_everywhere(name, point):
    f, truth = OF_VALUES[name]
    np.testing.assert_allclose(
        gradient_of(f)(EQUAL[point]), gradient_of(truth)(EQUAL[point]), atol=1e-12
    )


def test_the_second_derivative_is_there_along_directions_that_mix_no_vectors():
    f, truth = OF_VALUES["eigvalsh, cubes"]
    with quiet():
        own, expected = hessian(f, np.eye(3)), hessian(truth, np.eye(3))
    for i in range(3):
        np.testing.assert_allclose(own[i, i], expected[i, i], atol=1e-12)
    assert np.isnan(own[0, 1]).any()
    np.testing.assert_array_equal(hessian(OF_VALUES["eigvalsh, sum"][0], np.eye(3)), 0.0)


DEFICIENT = {
    "ones": np.ones((4, 2)),
    "an outer product": np.outer([1.0, 2.0, 3.0], [1.0, -1.0]),
    "a column of zeros": np.array([[1.0, 0.0], [2.0, 0.0], [2.0, 0.0]]),
    "wide": np.ones((2, 4)),
}
TOP: dict[str, Function] = {
    "norm 2": lambda a: np.linalg.norm(a, 2),
    "matrix_norm 2": lambda a: np.linalg.matrix_norm(a, ord=2),
    "svdvals": lambda a: np.sum(np.linalg.svdvals(a)[:1]),
    "svd": lambda a: np.linalg.svd(a, compute_uv=False)[0],
    "lstsq": lambda a: np.linalg.lstsq(a, np.ones(a.shape[0]))[3][0],
}


@pytest.mark.parametrize("name", TOP)
@pytest.mark.parametrize("matrix", DEFICIENT)
def test_the_largest_singular_value_of_a_matrix_of_lower_rank_has_derivatives(matrix, name):
    a, f = DEFICIENT[matrix], TOP[name]
    U, _, Vt = np.linalg.svd(a, full_matrices=False)
    np.testing.assert_allclose(gradient_of(f)(a), np.outer(U[:, 0], Vt[0]), atol=1e-12)
    v = np.random.default_rng(1).normal(size=a.shape)
    expected = numerical_gradient(lambda x: np.sum(v * gradient_of(f)(x)), a, h=1e-5)
    x = Variable(a)
    with quiet():
        own = grad(np.sum(grad(f(x), x, create_graph=True) * v), x)
    np.testing.assert_allclose(own, expected, atol=1e-6)


@pytest.mark.parametrize("matrix", DEFICIENT)
def test_the_nuclear_norm_of_a_matrix_of_lower_rank_has_one_of_its_slopes(matrix):
    """Any U V^T + M with M between the null spaces and of norm at most 1 is a subgradient."""
    a = DEFICIENT[matrix]
    slope = gradient_of(lambda x: np.linalg.norm(x, "nuc"))(a)
    assert np.sum(slope * a) == pytest.approx(np.linalg.norm(a, "nuc"))
    assert np.linalg.norm(slope, 2) <= 1 + 1e-12
