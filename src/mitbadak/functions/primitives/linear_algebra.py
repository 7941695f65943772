"""Linear algebra on (stacks of) matrices: inverses, determinants, Cholesky and QR factors.

Where NumPy reads only one triangle of a matrix (eigh, cholesky), the gradient in the other one is
0, since the result does not depend on it.

References:
    Giles, An extended collection of matrix derivative results for forward and reverse mode
    algorithmic differentiation, Oxford, 2008, section 2. Townsend, Differentiating the singular
    value decomposition, 2016. Golub and Pereyra, The differentiation of pseudo-inverses and
    nonlinear least squares problems whose variables separate, SIAM J. Numer. Anal. 10, 1973.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak.functions.differentiable import (
    differentiable,
    is_traced,
    no_derivative,
    register_form,
    value_of,
)
from mitbadak.functions.primitives.products import transposed
from mitbadak.functions.primitives.reductions import products_of_the_others
from mitbadak.functions.primitives.shaping import gathered, places_of, sum_to
from mitbadak.functions.primitives.spectra import svdvals
from mitbadak.functions.primitives.triangles import identity, lower_half, of_one_triangle

MOST_BY_MINORS = 6  # rows: the gradient of a larger determinant uses the inverse


@differentiable
def inv(a):
    y = np.linalg.inv(a)
    return y, (lambda dy: -np.matmul(np.matmul(transposed(y), dy), transposed(y)),)


@differentiable
def solve(a, b):
    """The solution x of ``a x = b``, where b is a vector (one axis) or a (stack of) matrices."""
    y = np.linalg.solve(a, b)
    vector = len(np.shape(b)) == 1

    def db(dy):
        return sum_to(
            np.linalg.solve(transposed(a), dy) if not vector else _columns(a, dy), np.shape(b)
        )

    def da(dy):
        pulled = (
            np.expand_dims(_columns(a, dy), -1) if vector else np.linalg.solve(transposed(a), dy)
        )
        x = np.expand_dims(y, -1) if vector else y
        return sum_to(-np.matmul(pulled, transposed(x)), np.shape(a))

    return y, (da, db)


def _columns(a, dy):
    """The solution of the transposed system for vectors, one per matrix of a stack."""
    return np.linalg.solve(transposed(a), np.expand_dims(dy, -1))[..., 0]


@differentiable
def det(a):
    """Determinant; its gradient is the cofactors, by minors for small matrices.

    For larger ones they come from the inverse. Where that fails, the singular value decomposition
    gives them; but it has no derivatives at zeros, so those of the cofactors come from minors.
    """
    y = np.linalg.det(a)

    def da(dy):
        n = np.shape(a)[-1]
        whole = np.expand_dims(dy, (-1, -2))
        if n > MOST_BY_MINORS and np.all(value_of(y) != 0):
            return whole * np.expand_dims(y, (-1, -2)) * transposed(np.linalg.inv(a))
        if n > MOST_BY_MINORS and not is_traced(a):
            return whole * _cofactors_by_svd(a)
        return whole * _cofactors(a, n)

    return y, (da,)


def _cofactors_by_svd(a):
    """``det(U) det(V) U diag(p) V^T``, where p holds the products of the other singular values."""
    finite = np.all(np.isfinite(a), axis=(-1, -2), keepdims=True)
    U, s, Vt = np.linalg.svd(np.where(finite, a, 0.0))
    sign = np.sign(np.linalg.det(U) * np.linalg.det(Vt))[..., None, None]
    cofactors = np.matmul(U * products_of_the_others(s)[..., None, :], Vt)
    return np.where(finite, sign * cofactors, np.nan)


def _cofactors(a, n):
    if n < 2:
        return np.ones(np.shape(a), value_of(a).dtype)
    places = places_of(a)
    rest = [np.delete(np.arange(n), i) for i in range(n)]
    minors = np.stack(
        [
            np.stack([places[..., rest[i][:, None], rest[j]] for j in range(n)], -3)
            for i in range(n)
        ],
        -4,
    )
    signs = (-1.0) ** np.add.outer(np.arange(n), np.arange(n))
    return np.linalg.det(gathered(a, minors)) * signs.astype(value_of(a).dtype)


@differentiable
def log_abs_det(a):
    """The logarithm of the absolute determinant; for a singular matrix the gradient is NaN."""
    sign, y = np.linalg.slogdet(value_of(a))
    regular = _nan_where(sign == 0, a)
    return y, (lambda dy: np.expand_dims(dy, (-1, -2)) * transposed(np.linalg.inv(regular)),)


def _nan_where(singular, a):
    """The matrices, with NaN in place of the singular ones."""
    return np.where(np.expand_dims(singular, (-1, -2)), np.nan, a) if np.any(singular) else a


@differentiable
def cholesky(a):
    """The lower triangular L with ``a = L L^T``; only the lower triangle of a is read."""
    L = np.linalg.cholesky(a)

    def da(dy):
        inside = np.matmul(transposed(L), dy) * lower_half(a)
        left = np.linalg.solve(transposed(L), inside)
        return of_one_triangle(
            transposed(np.linalg.solve(transposed(L), transposed(left))), upper=False
        )

    return L, (da,)


@differentiable
def pinv(a, *, rtol):
    """Pseudo-inverse; it has a derivative where the rank is locally constant."""
    y = pinv(a, rtol=rtol) if is_traced(a) else np.linalg.pinv(a, rtol)

    def da(dy):
        rows, columns = np.shape(a)[-2:]
        off_range = identity(a, rows) - np.matmul(a, y)
        off_rows = identity(a, columns) - np.matmul(y, a)
        first = np.matmul(np.matmul(transposed(y), dy), transposed(y))
        second = np.matmul(np.matmul(off_range, transposed(dy)), np.matmul(y, transposed(y)))
        third = np.matmul(np.matmul(transposed(y), y), np.matmul(transposed(dy), off_rows))
        return second + third - first

    return y, (da,)


@differentiable
def orthogonal(a: Any):
    """Reduced QR decomposition of a matrix that is not wide: Q, and R below it.

    Where columns are linearly dependent, the derivative does not exist and is NaN.
    """
    rows, columns = np.shape(a)[-2:]
    y = orthogonal(a) if is_traced(a) else np.concatenate(np.linalg.qr(a), axis=-2)
    Q, R = y[..., :rows, :], y[..., rows:, :]

    def da(dy):
        dQ, dR = dy[..., :rows, :], np.triu(dy[..., rows:, :])
        M = np.matmul(R, transposed(dR)) - np.matmul(transposed(dQ), Q)
        lower = np.tri(columns, k=-1, dtype=value_of(a).dtype)
        symmetric = M * (lower + identity(a, columns)) + transposed(M * lower)
        pulled = dQ + np.matmul(Q, symmetric)
        deficient = np.any(np.diagonal(value_of(R), axis1=-2, axis2=-1) == 0, axis=-1)
        return transposed(np.linalg.solve(_nan_where(deficient, R), transposed(pulled)))

    return y, (da,)


# NumPy's functions in terms of the operations above.


def _qr(a, mode="reduced"):
    rows, columns = np.shape(a)[-2:]
    if mode not in ("reduced", "r") or rows < columns:
        raise no_derivative(
            "np.linalg.qr", "only the reduced form of a matrix with rows >= columns has one"
        )
    y = orthogonal(a)
    parts = y[..., :rows, :], y[..., rows:, :]
    return parts[1] if mode == "r" else type(np.linalg.qr(np.eye(1)))(*parts)


def _tensorsolve(a, b, axes=None):
    if axes is not None:
        a = np.moveaxis(a, axes, range(-len(np.atleast_1d(axes)), 0))
    shape = np.shape(a)[np.ndim(b) :]
    n = int(np.prod(shape))
    return np.reshape(np.linalg.solve(np.reshape(a, (n, n)), np.ravel(b)), shape)


def _tensorinv(a, ind=2):
    before, after = np.shape(a)[:ind], np.shape(a)[ind:]
    n = int(np.prod(after))
    return np.reshape(np.linalg.inv(np.reshape(a, (n, n))), (*after, *before))


def _lstsq(a, b, rcond=None):
    """By the pseudo-inverse, which has a derivative where the rank is locally constant."""
    _, _, rank, s = np.linalg.lstsq(value_of(a), value_of(b), rcond)
    exact = np.finfo(s.dtype).eps * np.max(np.shape(a))
    valid = rcond is not None and 0 < rcond < 1  # otherwise LAPACK uses machine precision
    default = exact if rcond is None else np.finfo(s.dtype).eps
    x = np.matmul(np.linalg.pinv(a, rcond if valid else default), b)
    rest = np.matmul(a, x) - b
    over = int(rank) == np.shape(a)[1] < np.shape(a)[0]
    residuals = np.atleast_1d(np.sum(rest * rest, axis=0)) if over else np.empty(0, s.dtype)
    return x, residuals, rank, svdvals(a)


def _slogdet(a):
    kind = np.linalg.slogdet(value_of(a))
    return type(kind)(kind[0], log_abs_det(a))


def _cholesky(a, /, *, upper=False):
    return transposed(cholesky(transposed(a))) if upper else cholesky(a)


def _pinv(a, rcond=None, hermitian=False, *, rtol=None):
    if hermitian:
        raise no_derivative("np.linalg.pinv", "use it without hermitian=True")
    return pinv(a, rtol=rcond if rtol is None else rtol)


def _matrix_power(a, n):
    if n < 0:
        a, n = np.linalg.inv(a), -n
    result = None
    while n:  # by repeated squaring
        if n % 2:
            result = a if result is None else np.matmul(result, a)
        a, n = np.matmul(a, a) if n > 1 else a, n // 2
    return np.broadcast_to(identity(a, np.shape(a)[-1]), np.shape(a)) if result is None else result


def _multi_dot(arrays, *, out=None):
    product = arrays[0]
    for a in arrays[1:]:
        product = np.matmul(product, a)
    return product


for _function, _form in (
    (np.linalg.inv, inv),
    (np.linalg.solve, solve),
    (np.linalg.det, det),
    (np.linalg.slogdet, _slogdet),
    (np.linalg.cholesky, _cholesky),
    (np.linalg.pinv, _pinv),
    (np.linalg.matrix_power, _matrix_power),
    (np.linalg.multi_dot, _multi_dot),
    (np.linalg.qr, _qr),
    (np.linalg.tensorsolve, _tensorsolve),
    (np.linalg.tensorinv, _tensorinv),
    (np.linalg.lstsq, _lstsq),
):
    register_form(_function, _form)
