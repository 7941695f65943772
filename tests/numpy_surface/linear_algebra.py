"""Linear algebra; factors that are unique only up to a sign are compared by their squares."""

from __future__ import annotations

import numpy as np

from numpy_surface.calls import Table, call, draw

N = 3
SQUARE, STACK = draw(N, N) + 2 * np.eye(N), draw(2, N, N) + 2 * np.eye(N)
RIGHT, VECTOR, TALL = draw(N, 2), draw(N), draw(4, 3)
WIDE, OTHER, CUBE = draw(3, 4), draw(4, 2), draw(2, 3, 4)
PIVOTED = np.array([[0.0, 2.0, 1.0], [1.0, 0.0, 0.5], [0.3, -1.0, 0.0]])


def definite(np, a):
    """A symmetric positive definite matrix, so that either triangle may be read."""
    return a @ np.swapaxes(a, -1, -2) + np.eye(a.shape[-1])


def symmetric(np, a):
    return a + np.swapaxes(a, -1, -2)


LINEAR_ALGEBRA: Table = {
    "linalg.norm": [
        call(
            lambda np, a, u, t: [
                np.linalg.norm(a),
                np.linalg.norm(u),
                np.linalg.norm(u, 1),
                np.linalg.norm(u, 2),
                np.linalg.norm(u, 3),
                np.linalg.norm(u, np.inf),
                np.linalg.norm(u, -np.inf),
                np.linalg.norm(u, ord=2.5),
                np.linalg.norm(a, axis=0),
                np.linalg.norm(a, 2, -1),
                np.linalg.norm(a, axis=1, keepdims=True),
                np.linalg.norm(a, "fro"),
                np.linalg.norm(t, axis=(0, -1)),
                np.linalg.norm(t),
                np.linalg.norm(t, "fro", axis=(2, 1), keepdims=True),
                np.linalg.norm(t, 1, axis=1),
            ],
            WIDE,
            VECTOR,
            CUBE,
        ),
        call(
            lambda np, a: [
                np.linalg.norm(a, 1),
                np.linalg.norm(a, np.inf),
                np.linalg.norm(a, -1),
                np.linalg.norm(a, -np.inf),
            ],
            WIDE,
        ),
        call(
            lambda np, a: [np.linalg.norm(a, "nuc"), np.linalg.norm(a, 2), np.linalg.norm(a, -2)],
            WIDE,
            tolerance=1e-7,
        ),
        call(
            lambda np, t: [
                np.linalg.norm(t, "nuc", axis=(1, 2)),
                np.linalg.norm(t, "nuc", axis=(2, 0), keepdims=True),
            ],
            CUBE,
            tolerance=1e-7,
        ),
        call(lambda np, u: np.linalg.norm(u, 0), VECTOR, orders=1),
        call(
            lambda np, u: np.linalg.norm(u, 1),
            [0.5, 0.0, -2.0],
            orders=2,
            theirs=lambda np, u: np.sum(np.where(u == 0, 0.0 * u, np.abs(u))),
            why="|x| has slope 0 at 0; JAX takes the right-hand slope",
        ),
        call(lambda np, u: np.linalg.norm(u), [0.0, 2.0], orders=3),
        call(lambda np, u: np.linalg.norm(u, 0.5), [0.0, 1.0, -2.0], orders=1),
        call(lambda np, u: np.linalg.norm(u, 2.5), [0.0, 1.0, -2.0], orders=2),
        call(lambda np, a: np.linalg.norm(a, 2), np.ones((4, 2)), orders=1),
    ],
    "linalg.vector_norm": [
        call(
            lambda np, a: [np.linalg.vector_norm(a), np.linalg.vector_norm(a, axis=0, ord=1)], WIDE
        )
    ],
    "linalg.matrix_norm": [
        call(lambda np, a: [np.linalg.matrix_norm(a), np.linalg.matrix_norm(a, ord=1)], WIDE)
    ],
    "linalg.solve": [
        call(
            lambda np, a, b, u, t: [
                np.linalg.solve(a, b),
                np.linalg.solve(a, u),
                np.linalg.solve(t, b),
                np.linalg.solve(t, t @ b),
                np.linalg.solve(a, t),
            ],
            SQUARE,
            RIGHT,
            VECTOR,
            STACK,
            orders=2,
        ),
        call(lambda np, a, u: np.linalg.solve(a, u), SQUARE, VECTOR),
        call(lambda np, a, b: np.linalg.solve(a, b), STACK, draw(1, N, 2)),
    ],
    "linalg.inv": [call(lambda np, a, t: [np.linalg.inv(a), np.linalg.inv(t)], SQUARE, STACK)],
    "linalg.pinv": [
        call(lambda np, a: np.linalg.pinv(a), a, tolerance=1e-7) for a in (SQUARE, TALL, WIDE)
    ],
    "linalg.det": [
        call(lambda np, a, t: [np.linalg.det(a), np.linalg.det(t)], SQUARE, STACK),
        call(lambda np, a: np.linalg.det(a), PIVOTED),
        call(lambda np, a: np.linalg.det(a), [[0.7]]),
    ],
    "linalg.slogdet": [
        call(lambda np, a, t: [np.linalg.slogdet(a)[1], np.linalg.slogdet(t)[1]], SQUARE, STACK),
        call(lambda np, a: np.linalg.slogdet(a), SQUARE),
        call(lambda np, a: np.linalg.slogdet(-a).logabsdet, SQUARE),
    ],
    "linalg.cholesky": [
        call(lambda np, a: np.linalg.cholesky(definite(np, a)), SQUARE),
        call(lambda np, t: np.linalg.cholesky(definite(np, t)), STACK, orders=2),
    ],
    "linalg.eigh": [
        call(lambda np, a: np.linalg.eigh(symmetric(np, a))[0], SQUARE, tolerance=1e-7),
        call(
            lambda np, a: np.linalg.eigh(symmetric(np, a)).eigenvectors ** 2, SQUARE, tolerance=1e-7
        ),
        call(
            lambda np, t: [
                np.linalg.eigh(symmetric(np, t), "U")[0],
                np.linalg.eigh(symmetric(np, t), UPLO="U")[1] ** 2,
            ],
            STACK,
            orders=2,
            tolerance=1e-7,
            theirs=lambda np, t: [
                np.linalg.eigh(symmetric(np, t))[0],
                np.linalg.eigh(symmetric(np, t))[1] ** 2,
            ],
        ),
    ],
    "linalg.eigvalsh": [
        call(lambda np, a: np.linalg.eigvalsh(symmetric(np, a)), SQUARE, tolerance=1e-7)
    ],
    "linalg.svd": [
        call(lambda np, a: np.linalg.svd(a, compute_uv=False), WIDE, tolerance=1e-7),
        call(
            lambda np, a: [
                np.linalg.svd(a, full_matrices=False)[0] ** 2,
                np.linalg.svd(a, full_matrices=False)[1],
                np.linalg.svd(a, full_matrices=False)[2] ** 2,
            ],
            TALL,
            orders=2,
            tolerance=1e-7,
        ),
    ],
    "linalg.svdvals": [call(lambda np, a: np.linalg.svdvals(a), WIDE, tolerance=1e-7)],
    "linalg.matrix_power": [
        *(call(lambda np, a, n=n: np.linalg.matrix_power(a, n), SQUARE) for n in (0, 1, 2, 3, 5)),
        call(lambda np, a: np.linalg.matrix_power(a, -2), SQUARE, orders=2),
        call(lambda np, t: np.linalg.matrix_power(t, 3), STACK),
    ],
    "linalg.multi_dot": [
        call(lambda np, a, b, c: np.linalg.multi_dot([a, b, c]), TALL, WIDE, OTHER),
        call(lambda np, u, a, c: np.linalg.multi_dot([u, a, c]), VECTOR, WIDE, OTHER),
    ],
    "linalg.matrix_transpose": [call(lambda np, t: np.linalg.matrix_transpose(t), CUBE)],
    "linalg.vecdot": [call(lambda np, a, b: np.linalg.vecdot(a, b), WIDE, draw(3, 4))],
    "linalg.cross": [call(lambda np, a, b: np.linalg.cross(a, b), draw(4, 3), draw(4, 3))],
    "linalg.diagonal": [
        call(lambda np, t: [np.linalg.diagonal(t), np.linalg.diagonal(t, offset=1)], CUBE)
    ],
    "linalg.trace": [call(lambda np, t: [np.linalg.trace(t), np.linalg.trace(t, offset=-1)], CUBE)],
    "linalg.matmul": [call(lambda np, a, b: np.linalg.matmul(a, b), WIDE, OTHER)],
    "linalg.outer": [call(lambda np, u, v: np.linalg.outer(u, v), VECTOR, draw(2))],
    "linalg.tensordot": [call(lambda np, a, b: np.linalg.tensordot(a, b, axes=1), WIDE, OTHER)],
    "linalg.qr": [
        call(
            lambda np, a: [np.linalg.qr(a)[0] ** 2, np.linalg.qr(a)[1] ** 2],
            TALL,
            orders=2,
            tolerance=1e-7,
        )
    ],
    "linalg.tensorsolve": [
        call(lambda np, a, b: np.linalg.tensorsolve(a, b), draw(2, 3, 6), draw(2, 3), orders=2)
    ],
    "linalg.tensorinv": [call(lambda np, a: np.linalg.tensorinv(a, 1), draw(6, 2, 3), orders=2)],
    "linalg.lstsq": [
        call(lambda np, a, b: np.linalg.lstsq(a, b)[0], TALL, draw(4), orders=2, tolerance=1e-7)
    ],
    "linalg.cond": [call(lambda np, a: np.linalg.cond(a), SQUARE, orders=2, tolerance=1e-7)],
}
