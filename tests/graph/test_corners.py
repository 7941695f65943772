"""Derivatives at zeros, poles and the ends of the number range, and what large arrays cost."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mitbadak.functions.differentiable import kind_of, numpy_name
from mitbadak.functions.numerical import numerical_gradient
from mitbadak.functions.primitives.catalog import dispatching
from mitbadak.graph import Variable, grad, gradient_of, hessian
from numpy_surface.calls import quiet


def orders(f: Callable[..., Any], *at: Any, highest: int) -> list[list[np.ndarray]]:
    """Gradients of every order with respect to all arguments, each of the sum of those before."""
    xs = [Variable(a) for a in at]
    total, result = np.sum(f(*xs)), []
    for _ in range(highest):
        gradients = grad(total, xs, create_graph=True)
        result.append([g.value for g in gradients])
        total = sum((np.sum(g) for g in gradients[1:]), start=np.sum(gradients[0]))
    return result


# Powers with an exponent of 0

POWERS: dict[str, Callable[[Any, Any], Any]] = {
    "**": lambda a, b: a**b,
    "np.power": np.power,
    "np.float_power": np.float_power,
    "np.power.outer": lambda a, b: np.diagonal(np.power.outer(a, b)),
    "np.logspace": lambda a, b: np.stack(
        [np.logspace(b[i], 1.0, 3, base=a[i])[0] for i in range(len(a))]
    ),
}


@pytest.mark.parametrize("form", POWERS)
def test_an_exponent_of_0_keeps_its_derivatives_of_every_order(form):
    a, b = np.array([2.0, 0.5, 3.0]), np.array([0.0, -0.0, 1.5])
    own = orders(POWERS[form], a, b, highest=4)
    expected = orders(lambda a, b: np.exp(b * np.log(a)), a, b, highest=4)
    np.testing.assert_allclose(own, expected, rtol=1e-12)


def test_the_mixed_derivative_of_a_power_at_0():
    # d/da a^b = b a^(b-1), and its derivative with respect to b is 1 / a at b = 0.
    own = hessian(lambda p: p[0] ** p[1], [2.0, 0.0])
    np.testing.assert_allclose(own, [[0, 0.5], [0.5, np.log(2) ** 2]])


# Steps

OF_TWO_FLOATS = [
    f
    for f in dispatching()
    if isinstance(f, np.ufunc) and "dd->d" in f.types and f.signature is None
]


@pytest.mark.parametrize("ufunc", OF_TWO_FLOATS, ids=numpy_name)
def test_the_second_argument_of_a_ufunc_has_its_slope_where_the_first_is_0(ufunc):
    """Also of a step, whose second argument may be a value and not a place."""
    first, second = np.array([0.0, 0.0, 1.5, -1.5]), np.array([0.7, 0.3, 0.7, 0.7])
    if ufunc in (np.power, np.float_power):
        first = np.abs(first)
    if kind_of(ufunc)[0] == "refused":
        return

    def f(b):
        return np.sum(ufunc(first, b))

    slope = gradient_of(f)(second)
    np.testing.assert_allclose(slope, numerical_gradient(f, second, h=1e-5), atol=1e-8)


def test_heaviside_at_0_is_its_second_argument():
    slopes = gradient_of(lambda h: np.sum(np.heaviside([0.0, -0.0, 1.0, -1.0], h)))
    np.testing.assert_array_equal(slopes(np.full(4, 0.3)), [1, 1, 0, 0])


# The ends of the number range


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_powers_of_2_do_not_overflow_before_their_product(dtype):
    info = np.finfo(dtype)
    for exponent in (info.maxexp + 6, info.minexp - 6, 3, 0, -3):
        for x in (info.smallest_subnormal, info.tiny, 1.0, info.max, 0.0, -np.inf):
            a = np.array([x], dtype)
            with quiet():
                own = [np.ldexp(Variable(a), [exponent]), *np.frexp(Variable(a))]
                expected = [np.ldexp(a, [exponent]), *np.frexp(a)]
            for y, e in zip(own, expected, strict=True):
                np.testing.assert_array_equal(getattr(y, "value", y), e)


# Name, the end of its domain, and the direction into it.
POLES = {
    "sqrt": (0.0, 1), "cbrt": (0.0, 1), "log": (0.0, 1), "log2": (0.0, 1), "log10": (0.0, 1),
    "log1p": (-1.0, 1), "reciprocal": (0.0, 1), "arcsin": (1.0, -1), "arccos": (1.0, -1),
    "arccosh": (1.0, 1), "arctanh": (1.0, -1),
}  # fmt: skip


@pytest.mark.parametrize("name", POLES)
def test_derivatives_at_a_pole_are_infinite_with_the_sign_of_their_limit(name):
    end, inward = POLES[name]
    with quiet():
        at_end = orders(getattr(np, name), [end], highest=3)
        inside = orders(getattr(np, name), [end + inward * 1e-6], highest=3)
    np.testing.assert_array_equal(at_end, np.sign(inside) * np.inf)


def test_a_norm_of_a_broken_order_has_the_slope_on_the_right_of_0():
    x = np.array([0.0, 1.0, -2.0])
    with quiet():
        np.testing.assert_allclose(
            gradient_of(lambda x: np.linalg.norm(x, 0.5))(x), [np.inf, 1 + 2**0.5, -1 - 2**-0.5]
        )
        third = orders(lambda x: np.linalg.norm(x, 2.5), x, highest=3)[2][0]
    assert third[0] == np.inf
    assert np.isfinite(third[1:]).all()


# Cost


def singular_matrix(n: int) -> np.ndarray:
    a = np.random.default_rng(3).normal(size=(n, n))
    a[0] = 0.0
    return a


COSTS: dict[str, tuple[Callable[[Any], Any], np.ndarray]] = {
    "np.gradient": (lambda x: np.sum(np.gradient(x) ** 2), np.linspace(0, 1, 20_000)),
    "np.gradient, coordinates": (
        lambda x: np.sum(np.gradient(x, np.linspace(0, 2, 20_000) ** 2)),
        np.linspace(0, 1, 20_000),
    ),
    "np.cumprod": (lambda x: np.sum(np.cumprod(x)), np.linspace(0.9, 1.1, 5_000)),
    "np.nancumprod": (lambda x: np.sum(np.nancumprod(x)), np.linspace(0.9, 1.1, 5_000)),
    "np.prod": (np.prod, np.linspace(0.9, 1.1, 20_000)),
    "det, singular": (np.linalg.det, singular_matrix(60)),
    "det, underflowed": (np.linalg.det, np.eye(60) * 1e-30),
}


@pytest.mark.parametrize("name", COSTS)
def test_a_gradient_of_a_large_array_needs_little_memory(name):
    f, x = COSTS[name]
    tracemalloc.start()
    try:
        gradient_of(f)(x)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 300 * x.nbytes  # a matrix for every entry would take thousands of times x


@pytest.mark.parametrize("zeros", [[], [0], [4], [2, 5], [0, 1, 6]])
def test_running_products_with_zeros_have_derivatives_of_every_order(zeros):
    x, c = np.random.default_rng(0).uniform(0.5, 2.0, (2, 7))
    x[zeros] = 0.0
    own = orders(lambda x: np.sum(c * np.cumprod(x)), x, highest=3)
    expected = orders(
        lambda x: np.sum(c * np.stack([np.prod(x[: k + 1]) for k in range(7)])), x, highest=3
    )
    np.testing.assert_allclose(own, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("rank", [8, 7, 6])
def test_a_large_determinant_has_its_cofactors_as_gradient(rank):
    rng = np.random.default_rng(rank)
    a = rng.normal(size=(8, rank)) @ rng.normal(size=(rank, 8))
    a[0] = a[0] if rank == 8 else 0.0
    slopes = gradient_of(np.linalg.det)(a)
    for i, j in ((0, 0), (0, 5), (3, 4), (7, 2)):
        minor = np.delete(np.delete(a, i, 0), j, 1)
        assert slopes[i, j] == pytest.approx((-1) ** (i + j) * np.linalg.det(minor), abs=1e-8)


def test_a_determinant_in_a_stack_with_nan_leaves_the_others_alone():
    a = singular_matrix(8)
    both = np.stack([a, np.full((8, 8), np.nan)])
    with quiet():
        slopes = gradient_of(lambda x: np.sum(np.linalg.det(x)))(both)
    np.testing.assert_allclose(slopes[0], gradient_of(np.linalg.det)(a), rtol=1e-10, atol=1e-12)
    assert np.isnan(slopes[1]).all()
