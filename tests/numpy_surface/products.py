"""Products of arrays; every combination of dimensions that NumPy allows."""

from __future__ import annotations

from numpy_surface.calls import Table, call, draw, positive

A, B, C = draw(3, 4), draw(4, 2), draw(3, 4)
U, V, W = draw(4), draw(4), draw(3)
BATCH, OTHER = draw(2, 3, 4), draw(2, 4, 3)
SQUARE = draw(3, 3)

PRODUCTS: Table = {
    "matmul": [
        call(
            lambda np, a, b, u, w, t, o: [
                np.matmul(a, b),
                a @ u,
                w @ a,
                u @ u,
                t @ o,
                t @ b,
                a @ o,
                t @ u,
                w @ t,
                np.matmul(t[:1], o),
                t[:, None] @ o[None],
            ],
            A,
            B,
            U,
            W,
            BATCH,
            OTHER,
        ),
    ],
    "dot": [
        call(
            lambda np, a, b, u, w, t, o: [
                np.dot(a, b),
                np.dot(a, u),
                np.dot(w, a),
                np.dot(u, u),
                np.dot(2.0, a),
                np.dot(a, w[0]),
                np.dot(t, b),
                np.dot(t, u),
                np.dot(u, o),
                np.dot(a, o),
                np.dot(t, o),
            ],
            A,
            B,
            U,
            W,
            BATCH,
            OTHER,
        ),
    ],
    "vdot": [call(lambda np, a, c, u, v: [np.vdot(a, c), np.vdot(u, v)], A, C, U, V)],
    "inner": [
        call(
            lambda np, a, c, u, t: [
                np.inner(a, c),
                np.inner(u, u),
                np.inner(a, u),
                np.inner(u, a),
                np.inner(t, a),
                np.inner(2.0, a),
            ],
            A,
            C,
            U,
            BATCH,
        )
    ],
    "outer": [
        call(lambda np, a, u, w: [np.outer(u, w), np.outer(a, w), np.outer(w[0], u)], A, U, W)
    ],
    "kron": [
        call(
            lambda np, a, b, u, s: [
                np.kron(a, b),
                np.kron(u, u),
                np.kron(u, a),
                np.kron(a, s),
                np.kron(b, u),
            ],
            A,
            B,
            U,
            0.7,
        )
    ],
    "tensordot": [
        call(
            lambda np, a, b, c, t, o: [
                np.tensordot(a, b, 1),
                np.tensordot(a, c),
                np.tensordot(a, c, axes=2),
                np.tensordot(a, b, axes=0),
                np.tensordot(t, o, axes=([1, 2], [2, 1])),
                np.tensordot(t, o, axes=((0, -1), (0, -2))),
                np.tensordot(a, c, axes=(0, 0)),
                np.tensordot(t, a, axes=[[-2], [0]]),
                np.tensordot(t, o, ([2, 0], [1, 0])),
            ],
            A,
            B,
            C,
            BATCH,
            OTHER,
        ),
    ],
    "einsum": [
        call(
            lambda np, a, b, c, u, w, t, o, s: [
                np.einsum("ij,jk->ik", a, b),
                np.einsum("ij,jk", a, b),
                np.einsum("ij->ji", a),
                np.einsum("ij->", a),
                np.einsum("ij->j", a),
                np.einsum("ij,ij->i", a, c),
                np.einsum("i,j->ij", u, w),
                np.einsum("ii->i", s),
                np.einsum("ii", s),
                np.einsum("i,ij,j->", w, a, u),
                np.einsum("...ij,...jk->...ik", t, o),
                np.einsum("ba, cb", a, s),
                np.einsum("i...->...", t),
                np.einsum("ij,kj,lj->ikl", a, c, a),
                np.einsum("bij,bji->b", t, o),
                np.einsum("...j,j", a, u),
            ],
            A,
            B,
            C,
            U,
            W,
            BATCH,
            OTHER,
            SQUARE,
        ),
        call(lambda np, a, b: np.einsum(a, [0, 1], b, [1, 2], [0, 2]), A, B),
        call(lambda np, a, b: np.einsum("ij,jk->ik", a, b, optimize=True), A, B),
    ],
    "cross": [
        call(
            lambda np, a, b, m, n: [
                np.cross(a, b),
                np.cross(m, n),
                np.cross(m, a),
                np.cross(a, n),
                np.cross(m.T, n.T, axis=0),
                np.cross(m.T, n, axisa=0, axisb=1),
            ],
            draw(3),
            draw(3),
            draw(4, 3),
            draw(4, 3),
        ),
    ],
    "vecdot": [
        call(lambda np, a, c, u: [np.vecdot(a, c), np.vecdot(a, u)], A, C, U),
        call(lambda np, a, c: np.vecdot(a, c, axis=0), A, C),
    ],
    "matvec": [call(lambda np, a, u: np.matvec(a, u), A, U)],
    "vecmat": [call(lambda np, w, a: np.vecmat(w, a), W, A)],
    "trace": [
        call(
            lambda np, s, a, t: [
                np.trace(s),
                np.trace(a, 1),
                np.trace(a, offset=-1),
                np.trace(t, axis1=0, axis2=2),
                np.trace(t, 0, -1, -2),
            ],
            SQUARE,
            A,
            BATCH,
        )
    ],
    "polyval": [
        call(lambda np, p, x: np.polyval(p, x), draw(4), draw(3)),
        call(
            lambda np, x: np.polyval([2.0, 0.0, 1.0], x),
            [0.0, 0.5],
            theirs=lambda np, x: np.polyval(np.array([2.0, 0.0, 1.0]), x),
        ),
    ],
    "polymul": [call(lambda np, p, q: np.polymul(p, q), draw(3), draw(2))],
    "polyadd": [
        call(lambda np, p: np.polyadd(p, np.array([1.0, 2.0])), draw(3)),
        call(lambda np, p, q: np.polyadd(p, q), draw(3), draw(2)),
    ],
    "polysub": [call(lambda np, p, q: np.polysub(p, q), draw(3), draw(2))],
    "polyder": [call(lambda np, p: np.polyder(p), draw(4))],
    "polyint": [call(lambda np, p: np.polyint(p), draw(4))],
    "vander": [
        call(
            lambda np, x: [np.vander(x), np.vander(x, 2), np.vander(x, 4, increasing=True)],
            positive(3),
        )
    ],
}
