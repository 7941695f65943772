"""Elementwise functions: one vector holds random points, another the special cases."""

from __future__ import annotations

from typing import Any

import numpy as np

from numpy_surface.calls import Call, Table, call

inf, nan = np.inf, np.nan
CORNERS = (0.0, -0.0, 1e-300, -1e-300, 1e300, -1e300, inf, -inf, nan)
_RNG = np.random.default_rng(7)


def unary(
    name: str,
    low: float = -2.0,
    high: float = 2.0,
    *,
    corners: tuple[float, ...] = CORNERS,
    more: tuple[float, ...] = (),
    corner_orders: int = 2,
    theirs: Any = None,
    why: str = "",
) -> list[Call]:
    """Random points of an interval, and 0 if it is inside, to order 4; then corner cases."""

    def f(np, x):
        return getattr(np, name)(x)

    points = [*_RNG.uniform(low, high, 9), *more, *([0.0, -0.0] if low < 0 < high else [])]
    common = {"theirs": theirs, "why": why, "pointwise": True}
    return [
        call(f, points, orders=4, **common),
        call(f, corners, orders=corner_orders, **common),
    ]


def named(name: str) -> Any:
    return lambda np, *xs: getattr(np, name)(*xs)


_FLAT = "the sign of 0 is 0, and so is the slope of |x|; JAX takes the right-hand slope"
_CLOSE = "near 0 JAX divides by the square of a number that underflows"


def _magnitude(np, x):
    return np.where(x == 0, 0.0 * x, np.abs(x))


def _sinc(np, x):
    near = np.abs(x) < 1e-100
    u = (np.pi * np.where(near, x, 0.0)) ** 2
    return np.where(near, 1 - u / 6 + u * u / 120, np.sinc(np.where(near, 1.0, x)))


HALF_LINE = (0.0, 1e-300, 1e300, inf, nan)  # for functions of x >= 0
UNARY: Table = {
    "negative": unary("negative"),
    "positive": unary("positive"),
    "absolute": unary("absolute", theirs=_magnitude, why=_FLAT),
    "fabs": unary("fabs", theirs=_magnitude, why=_FLAT),
    "exp": unary("exp", more=(700.0, -700.0)),
    "exp2": unary("exp2", more=(100.0, -100.0)),
    "expm1": unary("expm1", more=(1e-10, -40.0)),
    "log": unary("log", 0.2, 3.0, more=(1e-100, 1e60)),
    "log2": unary("log2", 0.2, 3.0),
    "log10": unary("log10", 0.2, 3.0),
    "log1p": unary("log1p", -0.8, 3.0, more=(1e-10,), corners=(*CORNERS, -1.0)),
    "sqrt": unary("sqrt", 0.2, 3.0, corners=HALF_LINE, corner_orders=1),
    "cbrt": unary("cbrt", 0.2, 3.0, more=(-0.7, -2.0), corners=(0.0, 1e-300, 1e300, nan)),
    "square": unary("square", corners=(0.0, -0.0, 1e-300, 1e300, inf, -inf, nan)),
    "reciprocal": unary("reciprocal", 0.3, 2.0, more=(-0.5, -3.0), corner_orders=1),
    "sin": unary("sin", -4, 4),
    "cos": unary("cos", -4, 4),
    "tan": unary("tan", -1.3, 1.3),
    "arcsin": unary("arcsin", -0.9, 0.9, corners=(*CORNERS, 1.0, -1.0), corner_orders=1),
    "arccos": unary("arccos", -0.9, 0.9, corners=(*CORNERS, 1.0, -1.0), corner_orders=1),
    "arctan": unary("arctan", -4, 4, corner_orders=1),
    "sinh": unary("sinh"),
    "cosh": unary("cosh"),
    "tanh": unary("tanh", corners=(*CORNERS, 20.0, -20.0)),
    "arcsinh": unary("arcsinh", -3, 3, corners=(0.0, -0.0, 1e-300, nan), corner_orders=2),
    "arccosh": unary("arccosh", 1.1, 3.0, corners=(1.0, nan), corner_orders=1),
    "arctanh": unary("arctanh", -0.9, 0.9, corners=(0.0, -0.0, 1.0, -1.0, nan), corner_orders=1),
    "sinc": unary(
        "sinc", -2.2, 2.2, corners=(0.0, -0.0, 1e-300, 1.0, 3.0, nan), theirs=_sinc, why=_CLOSE
    ),
    "deg2rad": unary("deg2rad", -90, 90),
    "radians": unary("radians", -90, 90),
    "rad2deg": unary("rad2deg"),
    "degrees": unary("degrees"),
    "real": unary("real"),
    "nan_to_num": [
        *unary("nan_to_num"),
        call(
            lambda np, x: np.nan_to_num(x, nan=2.0, posinf=9.0, neginf=-9.0),
            CORNERS,
            pointwise=True,
        ),
    ],
    "modf": [call(lambda np, x: [np.modf(x)[0], x * np.modf(x)[1]], _RNG.uniform(-3, 3, 9))],
    "conjugate": unary("conjugate"),
    "real_if_close": unary("real_if_close", theirs=lambda np, x: x),
}

_A, _B = (_RNG.uniform(-2, 2, 12) for _ in "ab")
_P, _Q = (_RNG.uniform(0.3, 2.5, 12) for _ in "ab")
_GRID = tuple(
    a.ravel()
    for a in np.meshgrid(
        [0.0, -0.0, 1.5, -1.5, inf, -inf, nan, 1e-300, 1e300],
        [0.0, -0.0, 1.5, -1.5, inf, -inf, nan, 1e-300, 1e300],
        indexing="ij",
    )
)
_FINITE = tuple(a.ravel() for a in np.meshgrid([0.0, 1.5, -1.5, 2.0], [0.5, -0.7, 2.0]))


def binary(name: str, a: Any, b: Any, *corners: Call, orders: int = 4) -> list[Call]:
    return [call(named(name), a, b, orders=orders, pointwise=True), *corners]


def at_grid(name: str, grid: Any = _GRID, orders: int = 1, **settings: Any) -> Call:
    """All pairs of corners."""
    return call(named(name), *grid, orders=orders, pointwise=True, **settings)


def pick(first: str) -> Any:
    """Maximum and minimum in our convention: at a tie the second argument takes the gradient."""
    larger = first == "larger"
    return lambda np, a, b: np.where((a > b if larger else a < b) | np.isnan(a), a, b)


def pick_number(first: str) -> Any:
    larger = first == "larger"
    return lambda np, a, b: np.where((a > b if larger else a < b) | np.isnan(b), a, b)


_TIES = ([1.0, 1.0, 2.0, -1.0, 0.0, 0.0], [1.0, 3.0, 2.0, -1.0, 0.0, -2.0])
_SECOND = "at a tie the second argument takes the gradient, so that relu'(0) = 0; JAX halves it"
_SCALES = np.array([1.0, 1.0, 1e200, 1e-200])
_BASES = [0.0, -0.0, 1.5, -1.5, 2.0, -2.0, 1e-300]
_WHOLE = [0, 1, 2, 3, 4, -1, -2]

BINARY: Table = {
    "add": binary("add", _A, _B, at_grid("add")),
    "subtract": binary("subtract", _A, _B, at_grid("subtract")),
    "multiply": binary("multiply", _A, _B, at_grid("multiply")),
    "divide": binary(
        "divide",
        _A,
        _Q,
        at_grid("divide", _FINITE, 2),
        call(
            named("divide"),
            [1e200, 1e-200, 3.0],
            [1e200, 1e-200, 1e-160],
            orders=1,
            pointwise=True,
            why="JAX squares b, which over- or underflows",
            theirs=lambda np, a, b: np.exp(np.log(a) - np.log(b)),
        ),
    ),
    "true_divide": binary("true_divide", _A, _Q),
    "power": [
        *binary("power", _P, _B),
        *(
            call(lambda np, x, n=n: np.power(x, n), _BASES, orders=4, pointwise=True)
            for n in _WHOLE
        ),
        call(
            lambda np, x: np.power(x, 2.0),
            _BASES,
            orders=4,
            pointwise=True,
            theirs=lambda np, x: np.power(x, 2),
        ),
        call(
            lambda np, x: np.power(x, 0.0),
            _BASES,
            orders=4,
            pointwise=True,
            theirs=lambda np, x: np.power(x, 0),
        ),
        call(lambda np, x: x**3.0, _BASES, orders=4, pointwise=True, theirs=lambda np, x: x**3),
        call(
            lambda np, x: np.sum(np.array([0.5, -1.0, 2.0, 3.0]) * x ** np.arange(4)),
            0.0,
            orders=4,
            theirs=lambda np, x: 0.5 - x + 2 * x * x + 3 * x * x * x,
        ),
        call(lambda np, x: x ** np.array([2.5, 3.5]), [0.7, 1.2], orders=4, pointwise=True),
        call(lambda np, y: np.power(0.0, y), [0.5, 1.0, 2.0], orders=3, pointwise=True),
        call(lambda np, y: np.power(2.0, y), [0.0, 1.0, -2.0, 1e-300], orders=4, pointwise=True),
        call(lambda np, x: 2.0**x, [0.0, 1.0, -2.0], orders=4, pointwise=True),
        call(lambda np, x: np.exp(-(x**2)), [0.0, 0.5, -1.0], orders=4, pointwise=True),
        at_grid("power", _FINITE),
        call(
            named("power"),
            [2.0, 0.5, 3.0],
            [0.0, -0.0, 1.0],
            pointwise=True,
            theirs=lambda np, a, b: np.exp(b * np.log(a)),
            why="JAX cuts the derivative with respect to b at b = 0",
        ),
    ],
    "float_power": binary(
        "float_power",
        _P,
        _B,
        call(
            lambda np, x: np.float_power(x, 2),
            _BASES,
            orders=4,
            pointwise=True,
            theirs=lambda np, x: np.power(x, 2),
        ),
    ),
    "arctan2": binary("arctan2", _A, _B, at_grid("arctan2", _FINITE, 2)),
    "hypot": binary(
        "hypot",
        _A,
        _B,
        at_grid(
            "hypot",
            (_SCALES * [3.0, 0.0, 1.0, 1.0], _SCALES * [0.0, -4.0, 2.0, 1.0]),
            why="JAX squares, which over- or underflows",
            theirs=lambda np, a, b: _SCALES * np.hypot(a / _SCALES, b / _SCALES),
        ),
    ),
    "logaddexp": binary(
        "logaddexp",
        _A,
        _B,
        at_grid("logaddexp", _FINITE, 3),
        at_grid("logaddexp", ([800.0, -800.0, -inf, 0.0, 1.0], [1.0, -800.0, 0.0, -inf, 1.0])),
    ),
    "logaddexp2": binary("logaddexp2", _A, _B, at_grid("logaddexp2", _FINITE, 3)),
    "maximum": binary(
        "maximum",
        _A,
        _B,
        at_grid("maximum", _TIES, theirs=pick("larger"), why=_SECOND),
        at_grid("maximum", theirs=pick("larger"), why=_SECOND),
    ),
    "minimum": binary(
        "minimum",
        _A,
        _B,
        at_grid("minimum", _TIES, theirs=pick("smaller"), why=_SECOND),
        at_grid("minimum", theirs=pick("smaller"), why=_SECOND),
    ),
    "fmax": binary(
        "fmax",
        _A,
        _B,
        at_grid("fmax", _TIES, theirs=pick_number("larger"), why=_SECOND),
        at_grid("fmax", theirs=pick_number("larger"), why=_SECOND),
    ),
    "fmin": binary(
        "fmin",
        _A,
        _B,
        at_grid("fmin", _TIES, theirs=pick_number("smaller"), why=_SECOND),
        at_grid("fmin", theirs=pick_number("smaller"), why=_SECOND),
    ),
    "remainder": binary("remainder", _A * 3, _Q, at_grid("remainder", (_A * 3, -_Q))),
    "mod": binary("mod", _A * 3, _Q),
    "fmod": binary("fmod", _A * 3, _Q, at_grid("fmod", (_A * 3, -_Q))),
    "copysign": [
        call(lambda np, x: np.copysign(x, _B), _A, pointwise=True),
        call(lambda np, x: np.copysign(x, -1.0), _A, pointwise=True),
    ],
    "ldexp": [
        call(
            lambda np, x: np.ldexp(x, [1, -2, 3]),
            [0.5, -1.0, 0.0],
            pointwise=True,
            theirs=lambda np, x: x * np.array([2.0, 0.25, 8.0]),
            why="JAX is wrong at 0",
        )
    ],
    "divmod": [call(lambda np, a, b: [a * np.divmod(a, b)[0], np.divmod(a, b)[1]], _A * 3, _Q)],
    "heaviside": [
        call(lambda np, x: np.heaviside(x, 0.5), _A, pointwise=True),
        call(named("heaviside"), [0.0, -0.0, 1.0, -1.0], _P[:4], pointwise=True),
    ],
}
