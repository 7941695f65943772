"""Products of matrices and tensors, and einsum, all in terms of ``matmul`` or ``contract``."""

from __future__ import annotations

import operator
import string
from typing import Any

import numpy as np

from mitbadak.core.errors import ShapeError
from mitbadak.functions.differentiable import (
    differentiable,
    is_traced,
    no_derivative,
    operand,
    register_form,
    value_of,
)
from mitbadak.functions.primitives.axes import normal_axes, other_axes
from mitbadak.functions.primitives.shaping import gathered, places_of, sum_to


@differentiable
def matmul(a, b):
    """Matrix product; as in NumPy, leading axes broadcast, and vectors are rows or columns."""
    rows = a if len(np.shape(a)) > 1 else np.reshape(a, (1, -1))
    columns = b if len(np.shape(b)) > 1 else np.reshape(b, (-1, 1))
    y = np.matmul(rows, columns)
    full = np.shape(y)
    shape = full if rows is a and columns is b else np.shape(np.matmul(value_of(a), value_of(b)))

    def da(dy):
        dy = dy if np.shape(dy) == full else np.reshape(dy, full)
        return _like(np.matmul(dy, transposed(columns)), rows, a)

    def db(dy):
        dy = dy if np.shape(dy) == full else np.reshape(dy, full)
        return _like(np.matmul(transposed(rows), dy), columns, b)

    return y if shape == full else np.reshape(y, shape), (da, db)


def transposed(a):
    """The last two axes exchanged."""
    n = len(np.shape(a))
    return np.transpose(a) if n == 2 else np.transpose(a, (*range(n - 2), n - 1, n - 2))


def _like(gradient, matrix, a):
    """The gradient with respect to a from that of ``matrix``, the matrix made from it."""
    gradient = sum_to(gradient, np.shape(matrix))
    return gradient if matrix is a else np.reshape(gradient, np.shape(a))


@differentiable
def contract(*operands, inputs, output, optimize=False):
    """Einstein sum of operands with one letter per axis, and no letter twice in one operand.

    The gradient of an operand is the same sum with its letters and those of the output exchanged;
    along letters that occur in this operand alone, the gradient is constant.

    Args:
        operands: arrays.
        inputs: their letters, one string each.
        output: the letters of the result.
        optimize: as in ``np.einsum``.
    """
    if any(is_traced(a) for a in operands):
        y = contract(*operands, inputs=inputs, output=output, optimize=optimize)
    else:
        y = np.einsum(f"{','.join(inputs)}->{output}", *operands, optimize=optimize)

    def pullback(i):
        own, shape = inputs[i], np.shape(operands[i])
        others = [a for k, a in enumerate(operands) if k != i]
        letters = [*(s for k, s in enumerate(inputs) if k != i), output]
        known = "".join(c for c in own if any(c in s for s in letters))

        def da(dy):
            product = contract(*others, dy, inputs=letters, output=known, optimize=optimize)
            width = [np.shape(product)[known.index(c)] if c in known else 1 for c in own]
            lengths = tuple(max(n, w) for n, w in zip(shape, width, strict=True))
            return sum_to(np.broadcast_to(np.reshape(product, tuple(width)), lengths), shape)

        return da

    return y, tuple(map(pullback, range(len(operands))))


def _einsum(*operands, out=None, optimize=False):
    if not isinstance(operands[0], str):  # operands and lists of axis numbers alternate
        arrays = list(operands[: len(operands) // 2 * 2 : 2])
        lists = operands[1::2]
        subscripts = ",".join(map(_lettered, lists))
        if len(operands) % 2:
            subscripts += "->" + _lettered(operands[-1])
    else:
        subscripts, arrays = operands[0].replace(" ", ""), list(operands[1:])
    np.einsum(subscripts, *map(value_of, arrays))  # lets NumPy refuse what does not match
    inputs, output = _letters(subscripts, [np.ndim(a) for a in arrays])
    for i, letters in enumerate(inputs):
        if len(set(letters)) < len(letters):  # a repeated letter: take the diagonal first
            once = "".join(dict.fromkeys(letters))
            places = np.einsum(f"{letters}->{once}", places_of(arrays[i]))
            arrays[i], inputs[i] = gathered(arrays[i], places), once
    return contract(*arrays, inputs=tuple(inputs), output=output, optimize=optimize)


def _lettered(axes):
    """The subscripts for a list of axis numbers."""
    return "".join("..." if n is Ellipsis else string.ascii_letters[n] for n in axes)


def _letters(subscripts, ndims):
    """The letters of each operand and of the output, with unused letters for ``...``."""
    left, arrow, output = subscripts.partition("->")
    inputs = left.split(",")
    free = [c for c in string.ascii_letters if c not in subscripts]
    hidden = [
        n - len(s.replace("...", "")) if "..." in s else 0
        for s, n in zip(inputs, ndims, strict=True)
    ]
    longest = max(hidden, default=0)
    dots = "".join(free[:longest])
    inputs = [s.replace("...", dots[longest - n :]) for s, n in zip(inputs, hidden, strict=True)]
    if not arrow:  # NumPy's rule: letters that occur once, in alphabetical order
        joined = left.replace(",", "")
        output = "..." * bool(longest) + "".join(
            sorted(c for c in set(joined) - set("...") if joined.count(c) == 1)
        )
    return inputs, output.replace("...", dots)


def _dot(a, b, out=None):
    a, b = operand(a), operand(b)  # np.dot treats a Python number as an array, dtype included
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return np.multiply(a, b)
    return np.matmul(a, b) if np.ndim(b) <= 2 else _tensordot(a, b, (-1, -2))


def _tensordot(a, b, axes: Any = 2):
    n, m = np.ndim(a), np.ndim(b)
    if np.ndim(axes) == 0:
        axes = operator.index(axes)
        axes = (range(n - axes, n), range(axes))
    gone_a, gone_b = list(normal_axes(axes[0], n)), list(normal_axes(axes[1], m))
    if [np.shape(a)[i] for i in gone_a] != [np.shape(b)[i] for i in gone_b]:
        raise ShapeError(
            f"np.tensordot of {np.shape(a)} and {np.shape(b)}: the summed axes {gone_a} and "
            f"{gone_b} must have the same lengths."
        )
    rest_a, rest_b = other_axes(gone_a, n), other_axes(gone_b, m)
    summed = int(np.prod([np.shape(a)[i] for i in gone_a]))
    left, right = [np.shape(a)[i] for i in rest_a], [np.shape(b)[i] for i in rest_b]
    rows = np.reshape(np.transpose(a, (*rest_a, *gone_a)), (int(np.prod(left)), summed))
    columns = np.reshape(np.transpose(b, (*gone_b, *rest_b)), (summed, int(np.prod(right))))
    return np.reshape(np.matmul(rows, columns), (*left, *right))


def _inner(a, b, /):
    a, b = operand(a), operand(b)
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return np.multiply(a, b)
    return _tensordot(a, b, (-1, -1))


def _outer(a, b, out=None):
    return np.reshape(a, (-1, 1)) * np.reshape(b, (1, -1))


def _linalg_outer(x1, x2, /):
    return _outer(x1, x2)


def _vdot(a, b, /):
    return np.matmul(np.ravel(a), np.ravel(b))


def _vecdot(x1, x2, /):
    return np.sum(np.multiply(x1, x2), axis=-1)


def _matvec(x1, x2, /):
    return np.matmul(x1, np.expand_dims(x2, -1))[..., 0]


def _vecmat(x1, x2, /):
    return np.matmul(np.expand_dims(x1, -2), x2)[..., 0, :]


def _with_axes(operation):
    """A product along the last axes, extended to others by ``axes=`` or ``axis=``."""

    def form(x1, x2, /, *, axes=None, axis=None, keepdims=False):
        if axis is not None:  # the one axis of a dot product
            axes = [axis, axis]
        if axes is not None:
            x1, x2 = _axes_last(x1, axes[0]), _axes_last(x2, axes[1])
        y = operation(x1, x2)
        if keepdims:
            return np.expand_dims(y, -1 if axes is None else axes[0])
        if axes is None or len(axes) < 3:
            return y
        at = np.atleast_1d(axes[2])
        return np.moveaxis(y, range(-len(at), 0), at)

    return form


def _axes_last(a, axes):
    axes = np.atleast_1d(axes)
    return np.moveaxis(a, axes, range(-len(axes), 0))


def _kron(a, b):
    n = max(np.ndim(a), np.ndim(b))
    left = (1,) * (n - np.ndim(a)) + np.shape(a)
    right = (1,) * (n - np.ndim(b)) + np.shape(b)
    blocks = np.reshape(a, tuple(k for size in left for k in (size, 1))) * np.reshape(
        b, tuple(k for size in right for k in (1, size))
    )
    return np.reshape(blocks, tuple(p * q for p, q in zip(left, right, strict=True)))


def _trace(a, offset=0, axis1=0, axis2=1, dtype=None, out=None):
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1, dtype=dtype)


def _linalg_trace(x, /, *, offset=0, dtype=None):
    return _trace(x, offset, -2, -1, dtype)


def _cross(a, b, axisa=-1, axisb=-1, axisc=-1, axis=None):
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = np.moveaxis(a, axisa, -1), np.moveaxis(b, axisb, -1)
    if np.shape(a)[-1] != 3 or np.shape(b)[-1] != 3:
        raise no_derivative(
            "np.cross",
            f"it needs vectors of 3 entries; got {np.shape(a)[-1]} and {np.shape(b)[-1]}",
        )
    following, preceding = [1, 2, 0], [2, 0, 1]
    y = a[..., following] * b[..., preceding] - a[..., preceding] * b[..., following]
    return np.moveaxis(y, -1, axisc)


def _linalg_cross(x1, x2, /, *, axis=-1):
    return _cross(x1, x2, axis=axis)


@differentiable
def convolution(a: Any, v: Any):
    """The full discrete convolution of two vectors; each gradient is a correlation."""
    n, m = np.size(a), np.size(v)
    y = convolution(a, v) if is_traced(a) or is_traced(v) else np.convolve(a, v)
    return y, (
        lambda dy: convolution(dy, np.flip(v))[m - 1 : m - 1 + n],
        lambda dy: convolution(dy, np.flip(a))[n - 1 : n - 1 + m],
    )


def _convolve(a: Any, v: Any, mode="full"):
    a, v = np.atleast_1d(a), np.atleast_1d(v)
    n, m = max(np.size(a), np.size(v)), min(np.size(a), np.size(v))
    first, length = {
        "full": (0, n + m - 1),
        "same": ((m - 1) // 2, n),
        "valid": (m - 1, n - m + 1),
    }[mode]
    return convolution(a, v)[first : first + length]


def _correlate(a: Any, v: Any, mode="valid"):
    a, v = np.atleast_1d(a), np.atleast_1d(v)
    if np.size(a) >= np.size(v):
        return _convolve(a, np.flip(v), mode)
    return np.flip(_convolve(v, np.flip(a), mode))  # NumPy swaps them and flips the result


register_form(np.dot, _dot, checks_first=False)
register_form(np.tensordot, _tensordot, checks_first=False)
register_form(np.inner, _inner, checks_first=False)
register_form(np.outer, _outer)
register_form(np.vdot, _vdot)
register_form(np.kron, _kron)
register_form(np.trace, _trace)
register_form(np.cross, _cross)
register_form(np.einsum, _einsum, checks_first=False)
register_form(np.convolve, _convolve)
register_form(np.correlate, _correlate)
register_form(np.matmul, _with_axes(matmul), checks_first=False)
register_form(np.vecdot, _with_axes(_vecdot))
for _name, _form in (("matvec", _matvec), ("vecmat", _vecmat)):  # from NumPy 2.2
    if hasattr(np, _name):
        register_form(getattr(np, _name), _with_axes(_form))
register_form(np.linalg.matmul, matmul)
register_form(np.linalg.outer, _linalg_outer)
register_form(np.linalg.cross, _linalg_cross)
register_form(np.linalg.trace, _linalg_trace)
register_form(np.linalg.vecdot, _with_axes(_vecdot))
register_form(np.linalg.tensordot, lambda x1, x2, /, *, axes=2: _tensordot(x1, x2, axes))


def _outer_of_ufunc(operation):
    """``ufunc.outer``: all pairs of an entry of a and an entry of b."""

    def form(a, b, /):
        return operation(np.reshape(a, (*np.shape(a), *(1,) * np.ndim(b))), b)

    return form


for _ufunc in (np.add, np.subtract, np.multiply, np.divide, np.power, np.maximum, np.minimum):
    register_form(_ufunc, _outer_of_ufunc(_ufunc), method="outer")
