"""NumPy's own arithmetic as differentiable operations: the words that every body is written in.

Each is registered for its NumPy name, so that a body run on traced values records itself, and
with it every pullback: that is what makes gradients of gradients possible from one definition.
"""

from __future__ import annotations

import numpy as np

from mitbadak.differentiable import Traced, differentiable, leads_to, value_of
from mitbadak.errors import ShapeError


def sum_to(dy, shape):
    """The adjoint of broadcasting: sum ``dy`` over the axes along which ``shape`` was repeated.

    Example:
        >>> sum_to(np.ones((3, 2)), (2,))
        array([3., 3.])
    """
    if np.shape(dy) == shape:
        return dy
    extra = len(np.shape(dy)) - len(shape)
    if extra > 0:
        dy = np.sum(dy, axis=tuple(range(extra)))
    repeated = tuple(i for i, n in enumerate(shape) if n == 1 and np.shape(dy)[i] != 1)
    return np.sum(dy, axis=repeated, keepdims=True) if repeated else dy


@differentiable(numpy=np.add)
def add(a, b):
    return np.add(a, b), (
        lambda dy: sum_to(dy, np.shape(a)),
        lambda dy: sum_to(dy, np.shape(b)),
    )


@differentiable(numpy=np.subtract)
def subtract(a, b):
    return np.subtract(a, b), (
        lambda dy: sum_to(dy, np.shape(a)),
        lambda dy: sum_to(-dy, np.shape(b)),
    )


@differentiable(numpy=np.multiply)
def multiply(a, b):
    return np.multiply(a, b), (
        lambda dy: sum_to(dy * b, np.shape(a)),
        lambda dy: sum_to(dy * a, np.shape(b)),
    )


@differentiable(numpy=np.divide)
def divide(a, b):
    return np.divide(a, b), (
        lambda dy: sum_to(dy / b, np.shape(a)),
        lambda dy: sum_to(-dy * a / (b * b), np.shape(b)),
    )


@differentiable(numpy=np.negative)
def negative(a):
    return np.negative(a), (lambda dy: -dy,)


@differentiable(numpy=np.exp)
def exp(a):
    y = np.exp(a)
    return y, (lambda dy: dy * y,)


@differentiable(numpy=np.log)
def log(a):
    return np.log(a), (lambda dy: dy / a,)


@differentiable(numpy=np.absolute)
def absolute(a):
    return np.absolute(a), (lambda dy: dy * np.sign(value_of(a)),)


@differentiable(numpy=np.maximum)
def maximum(a, b):
    """The larger of two; at a tie the second argument takes the gradient, so relu'(0) = 0."""
    first = value_of(a) > value_of(b)
    return np.maximum(a, b), (
        lambda dy: sum_to(np.where(first, dy, 0.0), np.shape(a)),
        lambda dy: sum_to(np.where(first, 0.0, dy), np.shape(b)),
    )


@differentiable(numpy=np.where)
def where(condition, a, b):
    chosen = value_of(condition)
    return np.where(chosen, a, b), (
        None,
        lambda dy: sum_to(np.where(chosen, dy, 0.0), np.shape(a)),
        lambda dy: sum_to(np.where(chosen, 0.0, dy), np.shape(b)),
    )


@differentiable(numpy=np.minimum)
def minimum(a, b):
    """The smaller of two; at a tie the second argument takes the gradient."""
    first = value_of(a) < value_of(b)
    return np.minimum(a, b), (
        lambda dy: sum_to(np.where(first, dy, 0.0), np.shape(a)),
        lambda dy: sum_to(np.where(first, 0.0, dy), np.shape(b)),
    )


@differentiable(numpy=np.clip)
def clip(a, low, high):
    """``a`` held between two bounds, which are constants; no gradient beyond or at them."""
    low, high = value_of(low), value_of(high)
    inside = (value_of(a) > low) & (value_of(a) < high)
    return np.clip(a, low, high), (lambda dy: np.where(inside, dy, 0.0), None, None)


@differentiable(numpy=np.power)
def power(a, b):
    """``a ** b``; the derivative with respect to b needs a > 0, and is 0 where a is 0."""
    y = np.power(a, b)

    def db(dy):
        positive = value_of(a) > 0
        return sum_to(dy * np.where(positive, y * np.log(np.where(positive, a, 1.0)), 0.0),
                      np.shape(b))  # fmt: skip

    return y, (lambda dy: sum_to(dy * (b * np.power(a, b - 1)), np.shape(a)), db)


@differentiable(numpy=np.square)
def square(a):
    return np.square(a), (lambda dy: dy * (2 * a),)


@differentiable(numpy=np.sqrt)
def sqrt(a):
    y = np.sqrt(a)
    return y, (lambda dy: dy / (2 * y),)


@differentiable(numpy=np.sin)
def sin(a):
    return np.sin(a), (lambda dy: dy * np.cos(a),)


@differentiable(numpy=np.cos)
def cos(a):
    return np.cos(a), (lambda dy: dy * -np.sin(a),)


@differentiable(numpy=np.matmul)
def matmul(a, b):
    """Matrix product; leading axes broadcast, and vectors are rows or columns, as in NumPy."""
    rows = a if len(np.shape(a)) > 1 else np.reshape(a, (1, -1))
    columns = b if len(np.shape(b)) > 1 else np.reshape(b, (-1, 1))
    y = np.matmul(rows, columns)
    full = np.shape(y)
    shape = full if rows is a and columns is b else np.shape(np.matmul(value_of(a), value_of(b)))

    def da(dy):
        dy = dy if np.shape(dy) == full else np.reshape(dy, full)
        return _like(np.matmul(dy, _swapped(columns)), rows, a)

    def db(dy):
        dy = dy if np.shape(dy) == full else np.reshape(dy, full)
        return _like(np.matmul(_swapped(rows), dy), columns, b)

    return y if shape == full else np.reshape(y, shape), (da, db)


def _swapped(a):
    """The last two axes exchanged."""
    n = len(np.shape(a))
    return np.transpose(a) if n == 2 else np.transpose(a, (*range(n - 2), n - 1, n - 2))


def _like(gradient, matrix, a):
    """A gradient of ``matrix``, which ``a`` was made into, as one of ``a``."""
    gradient = sum_to(gradient, np.shape(matrix))
    return gradient if matrix is a else np.reshape(gradient, np.shape(a))


@differentiable
def transpose(a, *, axes=None):
    """Axes in another order; without ``axes`` the reverse one."""
    back = None if axes is None else tuple(int(i) for i in np.argsort(axes))
    return np.transpose(a, axes), (lambda dy: np.transpose(dy, back),)


@differentiable(numpy=np.sum)
def sum(a, *, axis=None, keepdims=False):
    shape = np.shape(a)
    kept = _kept(shape, axis)
    return np.sum(a, axis=axis, keepdims=keepdims), (
        lambda dy: np.broadcast_to(np.reshape(dy, kept), shape),
    )


def _kept(shape, axis):
    """The shape of a reduction along some axes that keeps them."""
    every = range(len(shape))
    gone = every if axis is None else {every[i] for i in np.atleast_1d(axis)}
    return tuple(1 if i in gone else n for i, n in enumerate(shape))


@differentiable(numpy=np.mean)
def mean(a, *, axis=None, keepdims=False):
    """The mean over all entries or some axes."""
    shape, kept = np.shape(a), _kept(np.shape(a), axis)
    share = np.prod(kept) / np.prod(shape)
    return np.sum(a, axis=axis, keepdims=keepdims) * float(share), (
        lambda dy: np.broadcast_to(np.reshape(dy * float(share), kept), shape),
    )


@differentiable(numpy=np.max)
def max(a, *, axis=None, keepdims=False):
    """The largest entry, or the largest along some axes; equals share the gradient equally."""
    return _extreme(np.max, a, axis, keepdims)


@differentiable(numpy=np.min)
def min(a, *, axis=None, keepdims=False):
    """The smallest entry, or the smallest along some axes; equals share the gradient equally."""
    return _extreme(np.min, a, axis, keepdims)


def _extreme(function, a, axis, keepdims):
    value = value_of(a)
    kept = function(value, axis=axis, keepdims=True)
    here = value == kept
    share = here / np.sum(here, axis=axis, keepdims=True, dtype=value.dtype)
    return function(a, axis=axis, keepdims=keepdims), (
        lambda dy: np.reshape(dy, kept.shape) * share,
    )


@differentiable(numpy=np.broadcast_to)
def broadcast_to(a, shape):
    before = np.shape(a)
    return np.broadcast_to(a, shape), (lambda dy: sum_to(dy, before), None)


@differentiable(numpy=np.reshape)
def reshape(a, shape):
    before = np.shape(a)
    return np.reshape(a, shape), (lambda dy: np.reshape(dy, before), None)


@differentiable
def concatenate(*arrays, axis=0):
    """Arrays one after the other along an axis; each gets its part of the gradient back."""
    sizes = [np.shape(a)[axis] for a in arrays]
    ends = [int(end) for end in np.cumsum(sizes)]
    before = (slice(None),) * (axis % len(np.shape(arrays[0])))

    def part(start, stop):
        return lambda dy: index(dy, at=(*before, slice(start, stop)))

    parts = [part(end - size, end) for size, end in zip(sizes, ends, strict=True)]
    return np.concatenate(arrays, axis=axis), parts


@differentiable
def repeat(a, *, times, axis):
    """Every entry ``times`` times along an axis, as ``np.repeat`` does."""
    shape = np.shape(a)
    axis = axis % len(shape)
    split = (*shape[: axis + 1], times, *shape[axis + 1 :])
    return np.repeat(a, times, axis=axis), (
        lambda dy: np.sum(np.reshape(dy, split), axis=axis + 1),
    )


@differentiable
def index(a, *, at):
    """``a[at]``, for any NumPy index; its adjoint is ``scatter``."""
    shape = np.shape(a)
    return a[at], (lambda dy: scatter(dy, at=at, shape=shape),)


@differentiable
def scatter(a, *, at, shape):
    """Zeros of ``shape`` with ``a`` added at ``at``; the adjoint of ``index``."""
    if isinstance(a, Traced):
        return scatter(a, at=at, shape=shape), (lambda dy: index(dy, at=at),)
    y = np.zeros(shape, np.asarray(a).dtype)
    np.add.at(y, at, a)
    return y, (lambda dy: index(dy, at=at),)


# NumPy functions whose arguments come in another form than the operation takes them.
leads_to(np.transpose, lambda a, axes=None: transpose(a, axes=axes))
leads_to(np.swapaxes, lambda a, i, j: transpose(a, axes=_exchanged(len(np.shape(a)), i, j)))
leads_to(np.concatenate, lambda arrays, axis=0: concatenate(*arrays, axis=axis))
leads_to(np.stack, lambda arrays, axis=0: concatenate(
    *(np.expand_dims(a, axis) for a in arrays), axis=axis))  # fmt: skip
leads_to(np.repeat, lambda a, repeats, axis=None: repeat(a, times=repeats, axis=axis))
leads_to(np.expand_dims, lambda a, axis: np.reshape(a, np.expand_dims(value_of(a), axis).shape))
leads_to(np.squeeze, lambda a, axis=None: np.reshape(a, np.squeeze(value_of(a), axis).shape))
leads_to(np.ravel, lambda a: np.reshape(a, (-1,)))
leads_to(np.dot, lambda a, b: _dot(a, b))


def _exchanged(n, i, j):
    axes = list(range(n))
    axes[i], axes[j] = axes[j], axes[i]
    return axes


def _dot(a, b):
    if len(np.shape(a)) == 0 or len(np.shape(b)) == 0:
        return a * b
    if len(np.shape(b)) > 2:
        raise ShapeError(f"np.dot of {np.shape(a)} and {np.shape(b)}: use np.matmul, where the "
                         "leading axes go together.")  # fmt: skip
    return np.matmul(a, b)
