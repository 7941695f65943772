"""Methods and operators of a variable, spelled as on a NumPy array."""

from __future__ import annotations

import itertools

import numpy as np

from numpy_surface.calls import Table, call, draw, positive

X, Y, V = draw(3, 4), draw(2, 3, 4), draw(5)
SQUARE, ONE, POSITIVE = draw(3, 3), draw(1, 3, 1), positive(3, 4)
LIST = [1.0, 2.0, 3.0, 4.0]
OTHER = np.linspace(-1.5, 2.0, 12).reshape(3, 4)

METHODS: Table = {
    "sum": [
        call(
            lambda np, x, y: [
                x.sum(),
                x.sum(0),
                x.sum(axis=-1),
                x.sum(1, keepdims=True),
                y.sum((0, 2)),
                y.sum(axis=(-1, 0), keepdims=True),
            ],
            X,
            Y,
        )
    ],
    "mean": [
        call(
            lambda np, x, y: [x.mean(), x.mean(1), x.mean(axis=0, keepdims=True), y.mean((0, -1))],
            X,
            Y,
        )
    ],
    "max": [call(lambda np, x: [x.max(), x.max(0), x.max(axis=-1, keepdims=True)], X)],
    "min": [call(lambda np, x: [x.min(), x.min(0), x.min(axis=-1, keepdims=True)], X)],
    "prod": [call(lambda np, x: [x.prod(), x.prod(0), x.prod(axis=1)], X)],
    "std": [call(lambda np, x: [x.std(), x.std(0), x.std(axis=1, ddof=1)], X)],
    "var": [call(lambda np, x: [x.var(), x.var(0), x.var(axis=1, ddof=1, keepdims=True)], X)],
    "cumsum": [call(lambda np, x: [x.cumsum(), x.cumsum(0), x.cumsum(axis=-1)], X)],
    "cumprod": [call(lambda np, x: [x.cumprod(), x.cumprod(0)], X)],
    "ravel": [call(lambda np, x: [x.ravel(), x.flatten()], X)],
    "squeeze": [call(lambda np, x: [x.squeeze(), x.squeeze(0), x.squeeze(axis=-1)], ONE)],
    "dot": [call(lambda np, x, y: [x.dot(y), x.dot(y[:, 0]), y.T.dot(y)], X, draw(4, 2))],
    "clip": [
        call(lambda np, x: [x.clip(0.0, 1.0), x.clip(-0.5, None), x.clip(min=-0.1, max=0.4)], X)
    ],
    "transpose": [
        call(
            lambda np, x, y: [
                x.T,
                y.T,
                x.transpose(),
                x.transpose((0, 1)),
                x.transpose(1, 0),
                y.transpose(0, -1, 1),
                y.transpose([2, 0, 1]),
                y.mT,
            ],
            X,
            Y,
        )
    ],
    "reshape": [
        call(
            lambda np, x: [
                x.reshape(2, -1),
                x.reshape((2, 6)),
                x.reshape([4, 3]),
                x.reshape(-1),
                x.reshape(4, 3, order="F"),
            ],
            X,
        )
    ],
    "repeat": [call(lambda np, x: [x.repeat(2), x.repeat(2, 0), x.repeat(2, axis=-1)], X)],
    "swapaxes": [call(lambda np, y: [y.swapaxes(0, 1), y.swapaxes(-1, 0)], Y)],
    "trace": [call(lambda np, s: [s.trace(), s.trace(1)], SQUARE)],
    "diagonal": [call(lambda np, s: [s.diagonal(), s.diagonal(-1)], SQUARE)],
    "take": [call(lambda np, v: v.take(np.array([0, 2])), V)],
    "copy": [call(lambda np, x: [x.copy(), x.astype(float), x.astype("float64")], X)],
    "round": [call(lambda np, x: [x * x.round(), x * x.round(1)], X)],
    "+": [
        call(
            lambda np, x, y: [x + y, x + OTHER, OTHER + x, x + 2, 2 + x, x + LIST, +x],
            X,
            Y,
            theirs=lambda np, x, y: [
                x + y,
                x + OTHER,
                OTHER + x,
                x + 2,
                2 + x,
                x + np.array([1.0, 2, 3, 4]),
                x,
            ],
        )
    ],
    "-": [call(lambda np, x, y: [x - y, x - OTHER, OTHER - x, x - 2, 2 - x, -x], X, Y)],
    "*": [call(lambda np, x, y: [x * y, x * OTHER, OTHER * x, x * 2, 2 * x, True * x], X, Y)],
    "/": [call(lambda np, x, y: [y / x, x / (OTHER + 3), OTHER / x, x / 2, 2 / x], POSITIVE, Y)],
    "**": [
        call(
            lambda np, x: [x**2, x**0.5, x**OTHER, 2**x, 1.5**x, x**x, x**-1],
            POSITIVE,
            theirs=lambda np, x: [x**2, x**0.5, x**OTHER, 2.0**x, 1.5**x, x**x, 1 / x],
        )
    ],
    "//": [call(lambda np, x: [x * (x // 2), x * (2 // x), x * (x // OTHER), x * (OTHER // x)], X)],
    "%": [call(lambda np, x: [x % 2, x % 0.3, 2 % x, x % (OTHER + 3), OTHER % x], POSITIVE)],
    "divmod": [call(lambda np, x: divmod(x, 0.7)[1], POSITIVE, theirs=lambda np, x: x % 0.7)],
    "@": [
        call(lambda np, x, v, y: [x @ v, x @ x.T, y @ v, OTHER.T @ x, x @ OTHER.T], X, draw(4), Y)
    ],
    "abs()": [call(lambda np, x: abs(x), X)],
    "+=": [call(lambda np, x: _in_place(x), POSITIVE)],
    "iteration": [
        call(lambda np, x: [row[1] for row in x], X),
        call(lambda np, v: sum(a * b for a, b in itertools.pairwise(v)), V),
    ],
    "sum()": [
        call(
            lambda np, v: [sum(v), max(v), min(v)],
            V,
            theirs=lambda np, v: [np.sum(v), np.max(v), np.min(v)],
        )
    ],
}


def _in_place(x):
    """The statement rebinds a name; the variable itself stays as it was."""
    y = x * 1.0  # on an array the statement would change x itself
    y += 1.0
    y *= x
    y -= 0.5
    y /= x
    y **= 2
    return y
