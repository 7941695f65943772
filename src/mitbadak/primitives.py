"""NumPy's own arithmetic as differentiable operations: the words that every body is written in.

Each is registered for its NumPy name, so that a body run on traced values records itself, and
with it every pullback: that is what makes gradients of gradients possible from one definition.
"""

from __future__ import annotations

import numpy as np

from mitbadak.differentiable import Traced, differentiable, value_of


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


@differentiable(numpy=np.matmul)
def matmul(a, b):
    """Matrix product of two 2-D arrays."""
    return np.matmul(a, b), (
        lambda dy: np.matmul(dy, np.transpose(b)),
        lambda dy: np.matmul(np.transpose(a), dy),
    )


@differentiable(numpy=np.transpose)
def transpose(a):
    return np.transpose(a), (lambda dy: np.transpose(dy),)


@differentiable(numpy=np.sum)
def sum(a, *, axis=None, keepdims=False):
    shape = np.shape(a)
    every = range(len(shape))
    gone = every if axis is None else {every[i] for i in np.atleast_1d(axis)}
    kept = tuple(1 if i in gone else n for i, n in enumerate(shape))
    return np.sum(a, axis=axis, keepdims=keepdims), (
        lambda dy: np.broadcast_to(np.reshape(dy, kept), shape),
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
