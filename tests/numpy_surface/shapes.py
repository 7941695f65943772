"""Functions that only move entries: shapes, axes, order."""

from __future__ import annotations

import numpy as np

from numpy_surface.calls import Table, call, draw

X, Y, V, S = draw(3, 4), draw(2, 3, 4), draw(5), draw()
SQUARE = draw(3, 3)
ONE = draw(1, 3, 1)
THRICE, SEVEN = np.array([0, 2, 2]), np.array([0, 0, 1, 2, 3, 3, 3])
TIES = np.array([[1.0, 2.0, 2.0], [0.0, 0.0, -1.0], [2.0, 1.0, 2.0]])

SHAPES: Table = {
    "reshape": [
        call(
            lambda np, x: [
                np.reshape(x, (2, 6)),
                np.reshape(x, -1),
                np.reshape(x, [4, 3]),
                np.reshape(x, (2, -1)),
                np.reshape(x, (4, 3), order="F"),
                np.reshape(x, (4, 3), "F"),
                np.reshape(x, shape=(12,)),
            ],
            X,
        ),
        call(lambda np, x: np.reshape(x, (0, 2)), np.zeros((3, 0))),
        call(lambda np, x: np.reshape(x, (1, 1)), 2.0),
    ],
    "ravel": [
        call(
            lambda np, x, s: [np.ravel(x), np.ravel(x, "F"), np.ravel(x, order="C"), np.ravel(s)],
            X,
            S,
        )
    ],
    "transpose": [
        call(
            lambda np, x, y, v: [
                np.transpose(x),
                np.transpose(y),
                np.transpose(y, (0, 2, 1)),
                np.transpose(v),
                np.transpose(y, (1, 2, 0)),
                np.transpose(y, [2, 0, 1]),
                np.transpose(y, (0, -1, 1)),
                np.transpose(y, (-1, -3, -2)),
                np.transpose(y, axes=(-2, 2, 0)),
                np.transpose(x, None),
            ],
            X,
            Y,
            V,
        ),
    ],
    "permute_dims": [
        call(
            lambda np, y: np.permute_dims(y, (-1, 0, 1)),
            Y,
            theirs=lambda np, y: np.permute_dims(y, (2, 0, 1)),
        )
    ],
    "matrix_transpose": [call(lambda np, y: np.matrix_transpose(y), Y)],
    "swapaxes": [
        call(
            lambda np, y: [
                np.swapaxes(y, 0, 1),
                np.swapaxes(y, -1, 0),
                np.swapaxes(y, axis1=1, axis2=-1),
            ],
            Y,
        )
    ],
    "moveaxis": [
        call(
            lambda np, y: [
                np.moveaxis(y, 0, -1),
                np.moveaxis(y, -1, 0),
                np.moveaxis(y, [0, 1], [-1, -2]),
                np.moveaxis(y, source=2, destination=1),
            ],
            Y,
        )
    ],
    "rollaxis": [
        call(
            lambda np, y: [
                np.rollaxis(y, 2),
                np.rollaxis(y, 1, 3),
                np.rollaxis(y, -1),
                np.rollaxis(y, 0, start=2),
            ],
            Y,
        )
    ],
    "expand_dims": [
        call(
            lambda np, x: [
                np.expand_dims(x, 0),
                np.expand_dims(x, -1),
                np.expand_dims(x, axis=1),
                np.expand_dims(x, (0, 3)),
            ],
            X,
        )
    ],
    "squeeze": [
        call(
            lambda np, x: [
                np.squeeze(x),
                np.squeeze(x, 0),
                np.squeeze(x, axis=-1),
                np.squeeze(x, axis=(0, 2)),
            ],
            ONE,
        )
    ],
    "broadcast_to": [
        call(
            lambda np, x, s, v: [
                np.broadcast_to(x, (2, 3, 3)),
                np.broadcast_to(s, (2, 3)),
                np.broadcast_to(s, ()),
                np.broadcast_to(v, (3, 5)),
                np.broadcast_to(v, 5),
                np.broadcast_to(v, shape=[2, 5]),
            ],
            draw(3, 1),
            S,
            V,
        )
    ],
    "broadcast_arrays": [call(lambda np, a, b: np.broadcast_arrays(a, b), draw(3, 1), draw(4))],
    "atleast_1d": [
        call(lambda np, s, x: [np.atleast_1d(s), np.atleast_1d(x), *np.atleast_1d(s, x)], S, X)
    ],
    "atleast_2d": [
        call(
            lambda np, s, v, x: [
                np.atleast_2d(s),
                np.atleast_2d(v),
                np.atleast_2d(x),
                *np.atleast_2d(s, v),
            ],
            S,
            V,
            X,
        )
    ],
    "atleast_3d": [
        call(
            lambda np, s, v, x, y: [
                np.atleast_3d(s),
                np.atleast_3d(v),
                np.atleast_3d(x),
                np.atleast_3d(y),
                *np.atleast_3d(s, x),
            ],
            S,
            V,
            X,
            Y,
        )
    ],
    "flip": [
        call(
            lambda np, y: [
                np.flip(y),
                np.flip(y, 0),
                np.flip(y, axis=-1),
                np.flip(y, (0, -1)),
                np.flip(y, axis=(2, 1)),
            ],
            Y,
        )
    ],
    "fliplr": [call(lambda np, x: np.fliplr(x), X)],
    "flipud": [call(lambda np, x: np.flipud(x), X)],
    "roll": [
        call(
            lambda np, x: [
                np.roll(x, 1),
                np.roll(x, -2, 0),
                np.roll(x, 3, axis=-1),
                np.roll(x, (1, 2), axis=(0, 1)),
                np.roll(x, 5, axis=(1, 0)),
                np.roll(x, (1, 1), axis=(1, 1)),
                np.roll(x, 0),
            ],
            X,
        )
    ],
    "rot90": [
        call(
            lambda np, x, y: [
                np.rot90(x),
                np.rot90(x, 2),
                np.rot90(x, k=3),
                np.rot90(x, -1),
                np.rot90(x, 4),
                np.rot90(y, 1, (1, 2)),
                np.rot90(y, axes=(-1, 0)),
            ],
            X,
            Y,
        )
    ],
    "tile": [
        call(
            lambda np, x, s: [
                np.tile(x, 2),
                np.tile(x, (2, 1)),
                np.tile(x, (2, 1, 3)),
                np.tile(x, [1, 2]),
                np.tile(s, 3),
                np.tile(x, ()),
                np.tile(x, reps=(2, 2)),
            ],
            X,
            S,
        )
    ],
    "repeat": [
        call(
            lambda np, x, s: [
                np.repeat(x, 2),
                np.repeat(x, 2, 0),
                np.repeat(x, 3, axis=-1),
                np.repeat(x, repeats=2, axis=1),
                np.repeat(s, 3),
                np.repeat(x, 0, axis=0),
            ],
            X,
            S,
        ),
        call(
            lambda np, x: [
                np.repeat(x, [1, 0, 2], axis=0),
                np.repeat(x, np.array([2, 1, 1, 3]), 1),
                np.repeat(x, [2], axis=1),
            ],
            X,
            theirs=lambda np, x: [x[THRICE], x[:, SEVEN], np.repeat(x, 2, axis=1)],
        ),
    ],
    "resize": [call(lambda np, x: np.resize(x, (2, 7)), X)],
    "pad": [
        call(
            lambda np, x: [
                np.pad(x, 1),
                np.pad(x, (1, 2)),
                np.pad(x, ((1, 0), (2, 3))),
                np.pad(x, 1, "constant"),
                np.pad(x, ((0, 0), (1, 1)), mode="constant", constant_values=2.0),
                np.pad(x, 1, mode="constant", constant_values=((1, 2), (3, 4))),
            ],
            X,
        ),
        *(
            call(lambda np, x, m=m: [np.pad(x, ((2, 1), (1, 3)), m), np.pad(x, 1, mode=m)], X)
            for m in ("edge", "reflect", "symmetric", "wrap")
        ),
    ],
    "tril": [call(lambda np, x, y: [np.tril(x), np.tril(x, 1), np.tril(y, k=-1)], X, Y)],
    "triu": [call(lambda np, x, y: [np.triu(x), np.triu(x, 1), np.triu(y, k=-1)], X, Y)],
    "diag": [
        call(
            lambda np, x, s, v: [
                np.diag(x),
                np.diag(s, 1),
                np.diag(x, k=-1),
                np.diag(v),
                np.diag(v, 1),
                np.diag(v, k=-2),
            ],
            X,
            SQUARE,
            V,
        )
    ],
    "diagflat": [call(lambda np, x, v: [np.diagflat(v), np.diagflat(x), np.diagflat(v, 1)], X, V)],
    "diagonal": [
        call(
            lambda np, x, y: [
                np.diagonal(x),
                np.diagonal(x, 1),
                np.diagonal(x, offset=-1),
                np.diagonal(y, 0, 1, 2),
                np.diagonal(y, axis1=-1, axis2=0),
                np.diagonal(y, 1, -3, -2),
            ],
            X,
            Y,
        )
    ],
    "fft.fftshift": [
        call(
            lambda np, x, v: [
                np.fft.fftshift(x),
                np.fft.fftshift(v, 0),
                np.fft.fftshift(x, axes=-1),
            ],
            X,
            V,
        ),
    ],
    "fft.ifftshift": [
        call(
            lambda np, x, v: [
                np.fft.ifftshift(x),
                np.fft.ifftshift(v),
                np.fft.ifftshift(x, axes=(0, 1)),
            ],
            X,
            V,
        ),
    ],
    "copy": [call(lambda np, x: np.copy(x), X)],
    "astype": [call(lambda np, x: np.astype(x, float), X)],
    "sort": [
        call(
            lambda np, x, y: [
                np.sort(x),
                np.sort(x, 0),
                np.sort(x, axis=None),
                np.sort(y, axis=-2),
            ],
            X,
            Y,
        ),
        call(
            lambda np, x: [np.sort(x, axis=0, kind="stable"), np.sort(x, axis=1, stable=True)],
            TIES,
            theirs=lambda np, x: [np.sort(x, axis=0), np.sort(x, axis=1)],
        ),
        call(lambda np, x: np.sort(x), TIES),
    ],
    "partition": [
        call(
            lambda np, x: [
                np.partition(x, 1)[..., 1],
                np.partition(x, 1, axis=0)[1],
                np.partition(x, kth=2, axis=-1)[:, 2],
            ],
            X,
        )
    ],
}
