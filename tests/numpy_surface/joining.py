"""Functions of several arrays, and functions that split one array."""

from __future__ import annotations

import numpy as np

from numpy_surface.calls import Table, call, draw

A, B, C = draw(2, 3), draw(2, 3), draw(2, 1)
U, V = draw(4), draw(4)
X, Y = draw(4, 6), draw(2, 4, 6)
WHICH = np.array([0, 1, 1, 0])
CONDITION = np.array([[True, False, True], [False, False, True]])

JOINING: Table = {
    "concatenate": [
        call(
            lambda np, a, b, c: [
                np.concatenate([a, b]),
                np.concatenate((a, b), 1),
                np.concatenate([a, c], axis=-1),
                np.concatenate([a, c], axis=None),
                np.concatenate([a]),
                np.concatenate([a, np.zeros((1, 3)), b], axis=0),
            ],
            A,
            B,
            C,
        ),
        call(lambda np, a: np.concatenate(a), A),
        call(lambda np, a: np.concatenate([a, np.zeros((2, 0))], axis=1), A),
    ],
    "concat": [call(lambda np, a, c: np.concat([a, c], axis=1), A, C)],
    "stack": [
        call(
            lambda np, a, b: [
                np.stack([a, b]),
                np.stack((a, b), 1),
                np.stack([a, b], axis=-1),
                np.stack([a[0, 0], b[1, 1], a[0, 1]]),
                np.stack([a, np.ones((2, 3))], axis=-2),
            ],
            A,
            B,
        ),
    ],
    "hstack": [
        call(
            lambda np, a, c, u, v: [np.hstack([a, c]), np.hstack((u, v)), np.hstack([u[0], v[1]])],
            A,
            C,
            U,
            V,
        )
    ],
    "vstack": [call(lambda np, a, b, u, v: [np.vstack([a, b]), np.vstack((u, v))], A, B, U, V)],
    "dstack": [call(lambda np, a, b, u, v: [np.dstack([a, b]), np.dstack((u, v))], A, B, U, V)],
    "column_stack": [
        call(
            lambda np, a, c, u, v: [
                np.column_stack([u, v]),
                np.column_stack([a, c]),
                np.column_stack((u, np.outer(u, v))),
            ],
            A,
            C,
            U,
            V,
        )
    ],
    "append": [
        call(
            lambda np, a, b, u: [
                np.append(a, b),
                np.append(a, b, 0),
                np.append(a, b, axis=-1),
                np.append(u, 2.0),
                np.append(u, a),
            ],
            A,
            B,
            U,
        )
    ],
    "block": [
        call(
            lambda np, a, b, c: [
                np.block([a, c]),
                np.block([[a, b], [b, a]]),
                np.block([[a, np.zeros((2, 1))], [b, c]]),
            ],
            A,
            B,
            C,
        ),
        call(lambda np, a: np.block([[a, 1.0], [2.0, 3.0]]), 0.5),
    ],
    "split": [
        call(
            lambda np, x, y: [
                np.split(x, 2),
                np.split(x, [1, 3]),
                np.split(x, 3, 1),
                np.split(x, [2, 5], axis=-1),
                np.split(y, 2, axis=-2)[1],
            ],
            X,
            Y,
        )
    ],
    "array_split": [
        call(
            lambda np, x: [
                np.array_split(x, 3),
                np.array_split(x, 4, axis=1),
                np.array_split(x, [1, 3], 0),
            ],
            X,
        )
    ],
    "hsplit": [
        call(lambda np, x, u: [np.hsplit(x, 3), np.hsplit(x, [1, 2]), np.hsplit(u, 2)], X, U)
    ],
    "vsplit": [call(lambda np, x: [np.vsplit(x, 2), np.vsplit(x, [1])], X)],
    "dsplit": [call(lambda np, y: [np.dsplit(y, 2), np.dsplit(y, [1, 4])], Y)],
    "unstack": [call(lambda np, x: [np.unstack(x), np.unstack(x, axis=1)], A)],
    "meshgrid": [
        call(
            lambda np, u, a: [
                np.meshgrid(u, a[0]),
                np.meshgrid(u, a[0], indexing="ij"),
                np.meshgrid(u, a[0], sparse=True),
            ],
            U,
            A,
        )
    ],
    "where": [
        call(
            lambda np, a, b, c: [
                np.where(CONDITION, a, b),
                np.where(CONDITION, a, 0.0),
                np.where(a > b, a, b * b),
                np.where(CONDITION, c, b),
                np.where(CONDITION[:, :1], a, c),
                np.where(True, a, b),
            ],
            A,
            B,
            C,
        ),
        call(
            lambda np, a: np.where(a > 0, np.log(np.where(a > 0, a, 1.0)), 0.0),
            [1.0, 0.0, -2.0, 0.5],
        ),
    ],
    "select": [
        call(
            lambda np, a, b: [
                np.select([a > 0.5, b > 0], [a * b, b]),
                np.select([a > 0, b > 0], [a, b * b], default=7.0),
            ],
            A,
            B,
        )
    ],
    "clip": [
        call(
            lambda np, a: [
                np.clip(a, -0.5, 0.5),
                np.clip(a, None, 0.3),
                np.clip(a, 0.1, None),
                np.clip(a, a_min=-1.0, a_max=0.2),
                np.clip(a, -0.4, a_max=0.4),
                np.clip(a, 1.0, 0.0),
                np.clip(a, min=0.1),
                np.clip(a, max=0.2),
            ],
            A,
            theirs=lambda np, a: [
                np.clip(a, -0.5, 0.5),
                np.clip(a, None, 0.3),
                np.clip(a, 0.1, None),
                np.clip(a, -1.0, 0.2),
                np.clip(a, -0.4, 0.4),
                0.0 * a,
                np.clip(a, 0.1),
                np.clip(a, None, 0.2),
            ],
        ),
        call(lambda np, a: np.clip(a, np.array([[-0.5, 0.0, -1.0]]), np.array([[0.5], [0.2]])), A),
        call(lambda np, a: np.clip(a, np.full((2, 2, 3), -0.5), np.full((2, 1, 1), 0.5)), A),
        call(
            lambda np, a: np.clip(a, 0.0, 1.0),
            [0.0, 1.0, 0.5, -0.0, 2.0, -1.0],
            theirs=lambda np, a: np.where((a > 0) & (a < 1), a, np.where(a > 0.5, 1.0, 0.0)),
            why="no gradient at a bound; JAX halves it",
            pointwise=True,
        ),
    ],
    "full_like": [
        call(lambda np, x, s: np.full_like(x, s), A, 0.7, theirs=lambda np, x, s: 0.0 * x + s)
    ],
    "linspace": [
        call(lambda np, a, b: np.linspace(a, b, 4), 0.5, 2.0),
        call(lambda np, u: np.linspace(u, 3.0, 3, endpoint=False, axis=-1), U),
    ],
    "choose": [
        call(
            lambda np, u, v: np.choose(WHICH, [u, v]),
            U,
            V,
            theirs=lambda np, u, v: np.where(WHICH == 0, u, v),
        )
    ],
    "piecewise": [
        call(lambda np, u: np.piecewise(u, [u < 0, u >= 0], [lambda x: -x, lambda x: x * x]), U)
    ],
    "geomspace": [call(lambda np, a, b: np.geomspace(a, b, 4), 0.5, 2.0)],
    "logspace": [call(lambda np, a, b: np.logspace(a, b, 4), 0.5, 1.0)],
}
