"""One call of the table, and its value and gradients of any order here and in JAX."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from mitbadak.graph import Variable, grad

_DRAWS = np.random.default_rng(20240607)


def draw(*shape: int) -> np.ndarray:
    """Normal numbers, the same in every run; none are equal or near 0 by chance."""
    return _DRAWS.normal(size=shape) + 1e-3


def positive(*shape: int) -> np.ndarray:
    return _DRAWS.uniform(0.3, 2.0, shape)


@dataclass(frozen=True, eq=False)
class Call:
    """A function of arrays, where it is taken, and how far it is differentiated.

    Args:
        f: ``f(np, *arrays)`` in the names of NumPy.
        at: its arrays, all differentiated.
        orders: the highest order of the gradients that are compared.
        theirs: ``f`` for JAX, where that lacks the form or has another convention.
        why: our convention, where JAX has another.
        pointwise: the function is elementwise, so entries are compared one by one, except where
            the value is NaN and has no derivative.
        tolerance: relative to an entry if pointwise, else to the largest one.
    """

    f: Callable[..., Any]
    at: tuple[np.ndarray, ...]
    orders: int = 3
    theirs: Callable[..., Any] | None = None
    why: str = ""
    pointwise: bool = False
    tolerance: float = 1e-9


Table = dict[str, list[Call]]


def known_here(call: Call) -> bool:
    """Whether this version of NumPy has the functions and forms that a call uses."""
    try:
        with quiet():
            call.f(np, *call.at)
    except (AttributeError, TypeError):
        return False
    return True


def call(f: Callable[..., Any], *at: Any, **settings: Any) -> Call:
    return Call(f, tuple(np.asarray(a, np.float64) for a in at), **settings)


@contextmanager
def quiet() -> Iterator[None]:
    """Corners overflow and divide by zero on purpose."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


def flat(result: Any) -> list[Any]:
    """The arrays of a result that may be a list, a tuple or a tuple of tuples."""
    if isinstance(result, (list, tuple)):
        return [a for part in result for a in flat(part)]
    return [result]


def is_float(a: Any) -> bool:
    return isinstance(a, Variable) or np.dtype(getattr(a, "dtype", type(a))).kind == "f"


def directions(shapes: Sequence[tuple[int, ...]], order: int) -> list[np.ndarray]:
    """The weights that reduce the gradient of an order to a number, to be differentiated."""
    rng = np.random.default_rng(order)
    return [rng.uniform(0.5, 1.5, shape) for shape in shapes]


def own_gradients(call: Call) -> tuple[list[Any], list[list[np.ndarray]]]:
    """The results on variables, and for each order the gradients with respect to all arrays."""
    xs = [Variable(a) for a in call.at]
    results = flat(call.f(np, *xs))
    ys = [y for y in results if isinstance(y, Variable)]
    floats = [y for y in results if is_float(y)]
    weights = directions([np.shape(y) for y in floats], 0)
    dys = [dy for dy, y in zip(weights, floats, strict=True) if isinstance(y, Variable)]
    orders = []
    for order in range(1, call.orders + 1):
        if not ys:  # a constant
            gradients = [Variable(np.zeros(x.shape, x.dtype)) for x in xs]
        else:
            gradients = grad(ys, xs, dy=dys, create_graph=True)
        orders.append([g.value for g in gradients])
        ys, dys = gradients, directions([x.shape for x in xs], order)
    return [np.asarray(y.value if isinstance(y, Variable) else y) for y in results], orders


def jax_gradients(call: Call) -> tuple[list[np.ndarray], list[list[np.ndarray]]]:
    """The same by JAX: the gradient by reverse mode, higher orders by forward mode over it."""
    import jax  # pyright: ignore[reportMissingImports]
    import jax.numpy as jnp  # pyright: ignore[reportMissingImports]

    f = call.theirs or call.f

    def loss(*xs: Any) -> Any:
        ys = [y for y in flat(f(jnp, *xs)) if is_float(y)]
        weights = directions([np.shape(y) for y in ys], 0)
        return sum(jnp.sum(c * y) for c, y in zip(weights, ys, strict=True))

    def through(order: int) -> Callable[..., list[Any]]:
        if order == 1:
            return lambda *xs: [jax.grad(loss, tuple(range(len(xs))))(*xs)]
        along = tuple(directions([a.shape for a in call.at], order - 1))
        before = through(order - 1)

        def gradients(*xs: Any) -> list[Any]:
            lower, slopes = jax.jvp(before, xs, along)
            return [*lower, slopes[-1]]

        return gradients

    def both(*xs: Any) -> Any:
        return flat(f(jnp, *xs)), through(call.orders)(*xs) if call.orders else []

    # Thousands of tiny programs run once each: time goes into compiling, not into running.
    cheap = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}
    with jax.enable_x64(True):
        values, orders = jax.jit(both, compiler_options=cheap)(*map(jnp.asarray, call.at))
        return [np.asarray(y) for y in values], [[np.asarray(g) for g in gs] for gs in orders]


def compare(call: Call) -> None:
    """Compare a call's value and gradients of all orders with JAX's."""
    with quiet():
        own, own_orders = own_gradients(call)
        theirs, their_orders = jax_gradients(call)
    assert len(own) == len(theirs), f"{len(own)} results; JAX has {len(theirs)}"
    for y, expected in zip(own, theirs, strict=True):
        assert_close(y, expected, call, "value")
    defined = ~np.isnan(np.asarray(own[0], float)) if call.pointwise else None
    for order, (gradients, expected) in enumerate(zip(own_orders, their_orders, strict=True), 1):
        for i, (g, e, x) in enumerate(zip(gradients, expected, call.at, strict=True)):
            assert g.shape == x.shape, f"order {order}, argument {i}: {g.shape} for {x.shape}"
            assert g.dtype == x.dtype, f"order {order}, argument {i}: {g.dtype}"
            where = f"order {order}, argument {i}"
            if defined is not None and defined.shape == g.shape:
                g, e = g[defined], e[defined]
                where += f", at {[a[defined].tolist() for a in call.at]}"
            assert_close(g, e, call, where)


def assert_close(own: Any, other: Any, call: Call, label: str) -> None:
    assert np.shape(own) == np.shape(other), f"{label}: {np.shape(own)}; JAX has {np.shape(other)}"
    finite = np.abs(np.asarray(other, float))[np.isfinite(np.asarray(other, float))]
    scale = 1e-4 if call.pointwise else max(1.0, finite.max(initial=0.0))
    np.testing.assert_allclose(
        own, other, rtol=call.tolerance, atol=call.tolerance * scale, err_msg=label
    )
