"""Eigenvalues of symmetric matrices and singular values of any, with their vectors.

Values and vectors are operations of their own, because they differ where values are equal. A
function of the values alone has a gradient there, ``V diag(d) V^T``, where d is the gradient with
respect to the values. A derivative of that contains the divided differences ``(d_j - d_i) /
(l_j - l_i)``, for equal values 0 / 0. The limit is a derivative of d, which a pullback does not
know: it is NaN here, and adds nothing in a direction that does not mix the two vectors. A vector of
one of several equal values has no derivative, and a function of all their vectors has one that is
a limit of the same kind: NaN too.

References:
    Daleckii and Krein, Integration and differentiation of functions of Hermitian operators, AMS
    Translations 47, 1965. Giles, An extended collection of matrix derivative results, Oxford, 2008,
    section 3. Townsend, Differentiating the singular value decomposition, 2016.
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
from mitbadak.functions.primitives.triangles import identity, of_one_triangle


@differentiable
def zero_times(a, b):
    """``a b`` for arrays of one shape, where 0 times NaN or infinity is 0."""
    pullbacks = (lambda dy: zero_times(dy, b), lambda dy: zero_times(a, dy))
    if is_traced(a) or is_traced(b):
        return zero_times(a, b), pullbacks
    return np.where((a == 0) | (b == 0), np.zeros((), np.result_type(a, b)), a * b), pullbacks


@differentiable
def with_unknown_slope(a, *, at):
    """a itself, whose derivative is NaN ``at`` some entries, where rounding errors would decide."""
    y = with_unknown_slope(a, at=at) if is_traced(a) else np.asarray(a)
    return y, (lambda dy: np.where(at & (value_of(dy) != 0), np.nan, dy),)


def quotients(x, y, gap, largest, *, constant=False):
    """``(y - x) / gap``, the divided differences of x and y at values that are ``gap`` apart.

    NaN where the gap is 0, or so near to 0 that rounding errors are divided; how large they are in
    x and y is not known, so no size of ``y - x`` is above them. Where x and y are constants and
    equal, or both 0 at a gap that is not 0 (as for values and vectors that a function does not
    use), it is 0 all the same. A derivative of it is NaN wherever the gap is near 0.

    Args:
        x, y, gap: arrays of shape (..., n, n), or (..., 1, n).
        largest: of the values, shape (..., 1, 1).
        constant: whether x and y do not depend on the values.
    """
    low, high, width = value_of(x), value_of(y), np.absolute(value_of(gap))
    near = _negligible(width, largest)
    unknown = low != high if constant else (low != 0) | (high != 0) | (width == 0)
    lost = near & unknown
    divisor = np.where(lost, np.nan, np.where(width == 0, 1.0, gap))
    return with_unknown_slope((y - x) / divisor, at=near & (width != 0))


def _negligible(values, largest):
    """Whether absolute values are rounding errors beside the largest one."""
    return values <= 4 * np.shape(values)[-1] * np.finfo(values.dtype).eps * largest


def _gaps(values, *, sums=False):
    """``l_j - l_i``, or the sums, with 1 more on the diagonal, where the dividend is 0."""
    across, down = np.expand_dims(values, -2), np.expand_dims(values, -1)
    n = np.shape(values)[-1]
    return (across + down if sums else across - down) + identity(values, n)


def _largest(values):
    return np.max(np.absolute(value_of(values)), axis=-1, initial=0.0)[..., None, None]


def _scaled(matrix, d, other):
    """``matrix diag(d) other``."""
    return np.matmul(matrix * np.expand_dims(d, -2), other)


def _diagonal(matrix):
    return np.diagonal(matrix, 0, -2, -1)


# Symmetric matrices


def _eigen_of(a, upper, factors):
    """Eigenvalues and vectors; on a traced matrix, traced."""
    if not is_traced(a):
        return np.linalg.eigh(a, "U" if upper else "L") if factors is None else factors
    options = {"upper": upper, "factors": factors}
    return eigenvalues(a, **options), eigenvectors(a, **options)


@differentiable
def eigenvalues(a, *, upper=False, factors=None):
    """Eigenvalues of symmetric matrices, ascending; one triangle is read.

    Args:
        a: shape (..., n, n).
        upper: read the upper triangle, not the lower one.
        factors: eigenvalues and eigenvectors as NumPy gives them, if they are known already.

    Returns:
        Shape (..., n).
    """
    options = {"upper": upper, "factors": factors}
    if is_traced(a):
        y = eigenvalues(a, **options)
    else:
        options["factors"] = factors = _eigen_of(a, upper, factors)
        y = factors[0]

    def da(dy):
        full = from_eigenvalues(a, dy, constant=not is_traced(dy), **options)
        return of_one_triangle(full, upper)

    return y, (da,)


@differentiable
def from_eigenvalues(a, d, *, upper=False, factors=None, constant=False):
    """``V diag(d) V^T`` with the eigenvectors V of a; ``constant``: d does not depend on a."""
    options = {"upper": upper, "factors": factors}
    if is_traced(a) or is_traced(d):
        y = from_eigenvalues(a, d, constant=constant, **options)
    else:
        vectors = _eigen_of(a, upper, factors)[1]
        y = _scaled(vectors, d, transposed(vectors))
    return y, (
        lambda dy: _turned(a, d, dy, constant=constant, **options),
        lambda dy: in_eigenbasis(a, dy, **options),
    )


@differentiable
def in_eigenbasis(a, b, *, upper=False, factors=None):
    """The diagonal of ``V^T b V`` with the eigenvectors V of a."""
    options = {"upper": upper, "factors": factors}
    if is_traced(a) or is_traced(b):
        y = in_eigenbasis(a, b, **options)
    else:
        vectors = _eigen_of(a, upper, factors)[1]
        y = np.sum(vectors * np.matmul(b, vectors), axis=-2)
    return y, (
        lambda dy: _turned(a, dy, b, **options),
        lambda dy: from_eigenvalues(a, dy, **options),
    )


def _turned(a, d, b, *, upper, factors, constant=False):
    """The gradient of the inner product of b and ``V diag(d) V^T`` with respect to a, by V."""
    values, vectors = _eigen_of(a, upper, factors)
    inner = np.matmul(np.matmul(transposed(vectors), b), vectors)
    d = np.broadcast_to(np.expand_dims(d, -2), np.shape(inner))
    slopes = quotients(transposed(d), d, _gaps(values), _largest(values), constant=constant)
    full = np.matmul(np.matmul(vectors, zero_times(inner, slopes)), transposed(vectors))
    return of_one_triangle(full, upper)


@differentiable
def eigenvectors(a, *, upper=False, factors=None):
    """Eigenvectors of symmetric matrices as columns; where eigenvalues are equal, no derivative."""
    options = {"upper": upper, "factors": factors}
    if is_traced(a):
        y = eigenvectors(a, **options)
    else:
        options["factors"] = factors = _eigen_of(a, upper, factors)
        y = factors[1]

    def da(dy):
        values = _eigen_of(a, **options)[0]
        inner = np.matmul(transposed(y), dy)
        turns = quotients(transposed(inner), inner, _gaps(values), _largest(values)) * 0.5
        return of_one_triangle(np.matmul(np.matmul(y, turns), transposed(y)), upper)

    return y, (da,)


# Matrices of any shape: U, s and V^T, the thin form


def _singular_of(a, factors):
    """U, s and V^T; on a traced matrix, traced."""
    if not is_traced(a):
        return np.linalg.svd(a, full_matrices=False) if factors is None else factors
    U, Vt = _unpacked(singular_vectors(a, factors=factors), *np.shape(a)[-2:])
    return U, singular_values(a, factors=factors), Vt


@differentiable
def singular_values(a, *, factors=None):
    """Singular values, descending, shape (..., k) with k the smaller side of the matrix.

    Args:
        a: shape (..., rows, columns).
        factors: U, s and V^T of the thin form as NumPy gives them, if they are known already.
    """
    if is_traced(a):
        y = singular_values(a, factors=factors)
    else:
        factors = _singular_of(a, factors)
        y = factors[1]
    return y, (lambda dy: from_singular_values(a, dy, factors=factors, constant=not is_traced(dy)),)


@differentiable
def from_singular_values(a, d, *, factors=None, constant=False):
    """``U diag(d) V^T`` with the singular vectors of a; ``constant``: d does not depend on a."""
    if is_traced(a) or is_traced(d):
        y = from_singular_values(a, d, factors=factors, constant=constant)
    else:
        U, _, Vt = _singular_of(a, factors)
        y = _scaled(U, d, Vt)
    return y, (
        lambda dy: _turned_singular(a, d, dy, factors, constant),
        lambda dy: in_singular_basis(a, dy, factors=factors),
    )


@differentiable
def in_singular_basis(a, b, *, factors=None):
    """The diagonal of ``U^T b V`` with the singular vectors of a."""
    if is_traced(a) or is_traced(b):
        y = in_singular_basis(a, b, factors=factors)
    else:
        U, _, Vt = _singular_of(a, factors)
        y = np.sum(U * np.matmul(b, transposed(Vt)), axis=-2)
    return y, (
        lambda dy: _turned_singular(a, dy, b, factors, constant=False),
        lambda dy: from_singular_values(a, dy, factors=factors),
    )


def _turned_singular(a, d, b, factors, constant):
    """The gradient of the inner product of b and ``U diag(d) V^T`` with respect to a, by U and V.

    These are the divided differences of the symmetric matrix ``[[0, a], [a^T, 0]]``, whose
    eigenvalues are s, -s and, for a matrix that is not square, 0.
    """
    U, s, Vt = _singular_of(a, factors)
    rows, columns = np.shape(a)[-2:]
    k = min(rows, columns)
    if rows != columns:  # the null space of one side may hold any of these vectors
        null = _negligible(value_of(s), _largest(s)[..., 0])
        U = with_unknown_slope(U, at=null[..., None, :])
        Vt = with_unknown_slope(Vt, at=null[..., None])
    inner = np.matmul(np.matmul(transposed(U), b), transposed(Vt))
    across, settings = np.broadcast_to(np.expand_dims(d, -2), np.shape(inner)), (_largest(s),)
    down = transposed(across)
    apart = quotients(down, across, _gaps(s), *settings, constant=constant)
    total = quotients(-down, across, _gaps(s, sums=True), *settings, constant=constant)
    inside = zero_times((inner + transposed(inner)) * 0.5, apart)
    inside = inside + zero_times((inner - transposed(inner)) * 0.5, total)
    full = np.matmul(np.matmul(U, inside), Vt)
    if rows == columns:
        return full
    line = np.expand_dims(d, -2)
    share = quotients(
        0.0 * value_of(line), line, np.expand_dims(s, -2), *settings, constant=constant
    )
    if rows > k:
        outside = np.matmul(b, transposed(Vt))
        outside = outside - np.matmul(U, np.matmul(transposed(U), outside))
        return full + np.matmul(zero_times(outside, _like(share, outside)), Vt)
    outside = np.matmul(transposed(b), U)
    outside = outside - np.matmul(transposed(Vt), np.matmul(Vt, outside))
    return full + np.matmul(U, transposed(zero_times(outside, _like(share, outside))))


def _like(line, matrix):
    return np.broadcast_to(line, np.shape(matrix))


@differentiable
def singular_vectors(a, *, factors=None):
    """U and then V^T, flat along the last axis; where singular values are equal, no derivative."""
    rows, columns = np.shape(a)[-2:]
    if is_traced(a):
        y = singular_vectors(a, factors=factors)
    else:
        factors = _singular_of(a, factors)
        stack = np.shape(a)[:-2]
        parts = [np.reshape(part, (*stack, -1)) for part in (factors[0], factors[2])]
        y = np.concatenate(parts, axis=-1)

    def da(dy):
        U, s, Vt = _singular_of(a, factors)
        dU, dVt = _unpacked(dy, rows, columns)
        of_u, of_v = np.matmul(transposed(U), dU), np.matmul(Vt, transposed(dVt))
        both, difference = of_u + of_v, of_u - of_v
        inside = quotients(transposed(both), both, _gaps(s), _largest(s))
        inside = inside + quotients(
            transposed(difference), difference, _gaps(s, sums=True), _largest(s)
        )
        full = np.matmul(np.matmul(U, inside * 0.5), Vt)
        nonzero = np.expand_dims(np.where(value_of(s) == 0, np.nan, s), -2)
        if rows > columns:
            full = full + np.matmul((dU - np.matmul(U, of_u)) / nonzero, Vt)
        if columns > rows:
            full = full + np.matmul(U / nonzero, dVt - np.matmul(transposed(of_v), Vt))
        return full

    return y, (da,)


def _unpacked(packed, rows, columns):
    stack, k = np.shape(packed)[:-1], min(rows, columns)
    return (
        np.reshape(packed[..., : rows * k], (*stack, rows, k)),
        np.reshape(packed[..., rows * k :], (*stack, k, columns)),
    )


# NumPy's functions in terms of the operations above.


def _eigh(a, UPLO: Any = "L"):
    factors = np.linalg.eigh(value_of(a), UPLO)
    return type(factors)(*_eigen_of(a, UPLO.upper() == "U", factors))


def _eigvalsh(a, UPLO: Any = "L"):
    factors = np.linalg.eigh(value_of(a), UPLO)
    return eigenvalues(a, upper=UPLO.upper() == "U", factors=factors)


def _svd(a, full_matrices=True, compute_uv=True, hermitian=False) -> Any:
    rows, columns = np.shape(a)[-2:]
    if hermitian or (compute_uv and full_matrices and rows != columns):
        raise no_derivative("np.linalg.svd", "use full_matrices=False and no hermitian=True")
    factors = np.linalg.svd(value_of(a), full_matrices=False)
    if not compute_uv:
        return singular_values(a, factors=factors)
    return type(factors)(*_singular_of(a, factors))


def svdvals(x, /):
    """Singular values alone."""
    return _svd(x, compute_uv=False)


for _function, _form in (
    (np.linalg.eigh, _eigh),
    (np.linalg.eigvalsh, _eigvalsh),
    (np.linalg.svd, _svd),
    (np.linalg.svdvals, svdvals),
):
    register_form(_function, _form)
