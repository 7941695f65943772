"""Indexing: brackets of every kind, and the functions that do the same."""

from __future__ import annotations

import numpy as np

from numpy_surface.calls import Table, call, draw

X, Y, V = draw(3, 4), draw(2, 3, 4), draw(5)
REST = np.array([1, 3, 4])
ROWS, COLUMNS = np.array([2, 0, 0]), np.array([1, 3, 3])
BLOCK = np.ix_([0, 2], [1, 3])
ALL, NONE = np.array([True] * 5), np.zeros(5, bool)
ENDS = np.array([True, False, True])
GRID = np.array([[0, 2], [2, -1]])
MASK = np.array(
    [[True, False, True, False], [False, False, True, True], [True, True, False, False]]
)

INDEXING: Table = {
    "[]": [
        call(
            lambda np, x, y, v: [
                v[0],
                v[-1],
                v[1:3],
                v[::2],
                v[::-1],
                v[4:1:-2],
                v[...],
                v[None],
                v[:, None],
                v[2:2],
                x[1],
                x[1, 2],
                x[-1, -2],
                x[:, 1],
                x[1:, ::-1],
                x[..., 0],
                x[None, :, None],
                x[()],
                y[1, :, -1],
                y[..., ::2, 1:],
                y[:, None, 0, ..., None],
                y[0][1][2],
                y[np.int64(1)],
            ],
            X,
            Y,
            V,
        ),
        call(
            lambda np, x, y, v: [
                v[ROWS],
                v[np.array([0, 0, -1, 1])],
                v[GRID],
                x[ROWS],
                x[:, COLUMNS],
                x[ROWS, COLUMNS],
                x[BLOCK],
                y[:, ROWS, 1],
                y[1, ROWS],
                y[0, :, COLUMNS],
                y[:, ROWS, COLUMNS],
                y[ROWS % 2, 1:, COLUMNS],
                x[GRID, 1],
                x[ROWS, None],
                y[..., GRID],
            ],
            X,
            Y,
            V,
        ),
        call(
            lambda np, x, v: [x[MASK], x[MASK[:, 0]], x[:, MASK[0]], v[ALL], v[NONE], x[ENDS, 1]],
            X,
            V,
        ),
        call(
            lambda np, x, v: [v[[0, 2, 2]], x[[0, 1], [1, 1]], x[[True, False, True]], v[[]]],
            X,
            V,
            theirs=lambda np, x, v: [
                v[np.array([0, 2, 2])],
                x[np.array([0, 1]), np.array([1, 1])],
                x[np.array([0, 2])],
                v[:0],
            ],
        ),
        call(
            lambda np, x: [
                x[x > 0],
                x[np.nonzero(x > 0)],
                x[x[:, 0] < 0],
                x[np.argsort(x[:, 1])],
                x[np.arange(3), np.argmax(x, axis=1)],
            ],
            X,
            theirs=lambda np, x: [
                x[X > 0],
                x[(X > 0).nonzero()],
                x[X[:, 0] < 0],
                x[X[:, 1].argsort()],
                x[np.arange(3), X.argmax(axis=1)],
            ],
        ),
        call(lambda np, s: [s[()], s[...], s[None]], 0.7),
        call(lambda np, x: sum(row[0] * row[1] for row in x), X),
    ],
    "take": [
        call(
            lambda np, x, v: [
                np.take(v, 1),
                np.take(v, GRID),
                np.take(x, ROWS, 0),
                np.take(x, COLUMNS, axis=-1),
                np.take(x, COLUMNS),
                np.take(x, 1, 1),
                np.take(v, -1),
            ],
            X,
            V,
        ),
        call(
            lambda np, v: [np.take(v, [0, 7], mode="wrap"), np.take(v, [0, 9], mode="clip")],
            V,
            theirs=lambda np, v: [v[np.array([0, 2])], v[np.array([0, 4])]],
        ),
    ],
    "take_along_axis": [
        call(
            lambda np, x: [
                np.take_along_axis(x, np.array([[1], [0], [1]]), 1),
                np.take_along_axis(x, np.array([[0, 2, 2, 1]]), axis=0),
                np.take_along_axis(x, np.array([3, 3, -1]), None),
            ],
            X,
            theirs=lambda np, x: [
                np.take_along_axis(x, np.array([[1], [0], [1]]), 1),
                np.take_along_axis(x, np.array([[0, 2, 2, 1]]), axis=0),
                x.ravel()[np.array([3, 3, 11])],
            ],
        ),
        call(lambda np, x: np.take_along_axis(x, np.argsort(x, axis=1), axis=1), X),
    ],
    "compress": [
        call(
            lambda np, x: [
                np.compress(MASK[:, 0], x, 0),
                np.compress(MASK[0], x, axis=-1),
                np.compress([False, True], x),
            ],
            X,
            theirs=lambda np, x: [x[MASK[:, 0]], x[:, MASK[0]], x.ravel()[1:2]],
        )
    ],
    "extract": [
        call(
            lambda np, x: [np.extract(MASK, x), np.extract(x > 0, x)],
            X,
            theirs=lambda np, x: [x[MASK], x[X > 0]],
        )
    ],
    "delete": [
        call(
            lambda np, v, x: [
                np.delete(v, 1),
                np.delete(v, [0, 2]),
                np.delete(x, -1, 0),
                np.delete(x, slice(0, 2), axis=1),
                np.delete(x, 3),
            ],
            V,
            X,
            theirs=lambda np, v, x: [
                np.delete(v, 1),
                v[REST],
                np.delete(x, -1, 0),
                np.delete(x, slice(0, 2), axis=1),
                np.delete(x, 3),
            ],
        )
    ],
    "insert": [
        call(lambda np, v, x: np.insert(v, 1, x[0]), V, X),
        call(lambda np, v, x: [np.insert(x, 1, x[:2], axis=0), np.insert(v, -1, v)], V, X),
        call(
            lambda np, v, x: [
                np.insert(v, 1, 2.0),
                np.insert(x, 1, v[:4], axis=0),
                np.insert(x, 0, 3.0, axis=1),
                np.insert(v, [1, 3], v[:2]),
            ],
            V,
            X,
            theirs=lambda np, v, x: [
                np.insert(v, 1, 2.0),
                np.insert(x, 1, v[:4], axis=0),
                np.insert(x, 0, 3.0, axis=1),
                np.insert(v, np.array([1, 3]), v[:2]),
            ],
        ),
    ],
    "trim_zeros": [
        call(lambda np, v: np.trim_zeros(v), [0.0, 1.5, 0.0, 2.0, 0.0], theirs=lambda np, v: v[1:4])
    ],
}
