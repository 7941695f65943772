"""Activation and loss functions, each with its derivative beside it.

Conventions that books differ on are stated where they apply: mean or sum over the batch, the one
half in the squared error, relu'(0) = 0, and where the epsilon of the logarithm sits.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak import primitives as _primitives  # noqa: F401  (registers NumPy's arithmetic)
from mitbadak.differentiable import Traced, differentiable, value_of
from mitbadak.errors import ShapeError
from mitbadak.labels import as_distribution

LOG_EPSILON = 1e-7  # inside the logarithm, as in the book; caps that loss at -log(1e-7) = 16.118


def _array(x) -> Any:
    return x if isinstance(x, Traced) else np.asarray(x)


@differentiable
def identity(x):
    """Identity ``y = x``, the output activation of regression.

    Example:
        >>> identity(np.array([1.5, -2.0]))
        array([ 1.5, -2. ])
    """
    return _array(x), (lambda dy: dy,)


@differentiable
def step(x):
    """Step ``y = 1 if x > 0 else 0``, the perceptron's activation.

    Args:
        x: any shape.

    Returns:
        0 or 1 in the shape and dtype of x. The derivative is 0 wherever it exists, which is why
        a net of steps cannot learn by gradients.

    Example:
        >>> step(np.array([-1.0, 0.0, 2.0]))
        array([0., 0., 1.])
    """
    x = _array(x)
    above = value_of(x) > 0
    return above.astype(value_of(x).dtype), (lambda dy: dy * 0.0,)


@differentiable
def sigmoid(x):
    """Logistic sigmoid ``y = 1 / (1 + exp(-x))``.

    Args:
        x: any shape.

    Returns:
        Values in [0, 1], same shape and dtype. The exponential is always taken of ``-|x|``, so no
        finite input overflows; dy/dx = y (1 - y).

    Example:
        >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
        array([0. , 0.5, 1. ])
    """
    x = _array(x)
    e = np.exp(-np.absolute(x))
    y = np.where(value_of(x) >= 0, 1.0, e) / (1.0 + e)
    return y, (lambda dy: dy * y * (1.0 - y),)


def sigmoid_grad(x):
    """Derivative of the sigmoid at ``x``: ``y (1 - y)`` with ``y = sigmoid(x)``.

    As in the book it takes the input of the sigmoid, not its output.

    Example:
        >>> sigmoid_grad(np.array([0.0, 2.0])).round(4)
        array([0.25 , 0.105])
    """
    y, (pullback,) = sigmoid.vjp(x)
    return pullback(np.ones_like(y))


@differentiable
def relu(x):
    """Rectifier ``y = max(x, 0)``, with relu'(0) = 0. NaN stays NaN.

    Example:
        >>> relu(np.array([-2.0, 0.0, 3.0]))
        array([0., 0., 3.])
    """
    x = _array(x)
    above = value_of(x) > 0
    return np.maximum(x, 0.0), (lambda dy: np.where(above, dy, 0.0),)


@differentiable(numpy=np.tanh)
def tanh(x):
    """Hyperbolic tangent, dy/dx = 1 - y^2.

    Example:
        >>> tanh(np.array([0.0, 1.0])).round(4)
        array([0.    , 0.7616])
    """
    y = np.tanh(_array(x))
    return y, (lambda dy: dy * (1.0 - y * y),)


@differentiable
def softmax(x):
    """Softmax over the last axis, ``y_k = exp(x_k) / sum_j exp(x_j)``.

    Args:
        x: logits, shape (..., classes).

    Returns:
        Probabilities, same shape and dtype; each row sums to 1. The row maximum is subtracted
        first, so no finite input overflows.

    Raises:
        ShapeError: x is a scalar or has no classes.

    Example:
        >>> softmax(np.array([0.3, 2.9, 4.0])).round(4)
        array([0.0182, 0.2452, 0.7366])
    """
    x = _shifted("softmax", x)
    e = np.exp(x)
    y = e / np.sum(e, axis=-1, keepdims=True)
    return y, (lambda dy: y * (dy - np.sum(dy * y, axis=-1, keepdims=True)),)


@differentiable
def log_softmax(x):
    """Logarithm of the softmax over the last axis, ``x_k - log sum_j exp(x_j)``.

    Exact where ``log(softmax(x))`` would be -inf.

    Args:
        x: logits, shape (..., classes).

    Returns:
        Log-probabilities, same shape and dtype.

    Raises:
        ShapeError: x is a scalar or has no classes.

    Example:
        >>> log_softmax(np.array([0.0, 1000.0]))
        array([-1000.,     0.])
    """
    x = _shifted("log_softmax", x)
    y = x - np.log(np.sum(np.exp(x), axis=-1, keepdims=True))
    return y, (lambda dy: dy - np.exp(y) * np.sum(dy, axis=-1, keepdims=True),)


@differentiable
def affine(x, W, b):
    """Affine map ``y = x W + b``.

    Args:
        x: input, shape (batch, n_in); also (n_in,) for one example, or more leading axes.
        W: weights, shape (n_in, n_out).
        b: bias, shape (n_out,).

    Returns:
        Shape (batch, n_out), or with the leading axes of x.

    Raises:
        ShapeError: the shapes do not fit, or b would broadcast.

    Example:
        >>> affine(np.array([1.0, 0.5]), np.array([[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]]),
        ...        np.array([0.1, 0.2, 0.3]))
        array([0.3, 0.7, 1.1])
    """
    x, W, b = _array(x), _array(W), _array(b)
    if b.shape != W.shape[1:]:
        raise ShapeError(
            f"affine expects b of shape (n_out,) = {W.shape[1:]} for W {W.shape}; got {b.shape}."
        )
    y, (dx, dW) = linear.vjp(x, W)
    return y + b, (dx, dW, lambda dy: np.sum(_as_rows(dy), axis=0))


@differentiable
def linear(x, W):
    """Linear map ``y = x W``: ``affine`` without its bias.

    Args:
        x: input, shape (batch, n_in); also (n_in,) for one example, or more leading axes.
        W: weights, shape (n_in, n_out).

    Returns:
        Shape (batch, n_out), or with the leading axes of x.

    Raises:
        ShapeError: the shapes do not fit.

    Example:
        >>> linear(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]))
        array([[11.]])
    """
    x, W = _array(x), _array(W)
    if len(W.shape) != 2 or len(x.shape) < 1 or x.shape[-1] != W.shape[0]:
        raise ShapeError(
            f"affine expects x of shape (batch, n_in) and W of shape (n_in, n_out); "
            f"got x {x.shape} and W {W.shape}."
        )
    rows = _as_rows(x)
    y = np.matmul(rows, W)
    if len(x.shape) != 2:
        y = np.reshape(y, (*x.shape[:-1], W.shape[1]))

    def dx(dy):
        gradient = np.matmul(_as_rows(dy), np.transpose(W))
        return gradient if len(x.shape) == 2 else np.reshape(gradient, x.shape)

    return y, (dx, lambda dy: np.matmul(np.transpose(rows), _as_rows(dy)))


@differentiable
def sum_squared_error(y, t):
    """Half the sum of squares, ``1/2 sum_k (y_k - t_k)^2``, over every entry.

    The one half makes the derivative y - t. There is no mean: for a batch this is the sum over
    its examples. (The Korean edition of the book calls this ``mean_squared_error``.)

    Args:
        y: output, any shape.
        t: target, the same shape.

    Raises:
        ShapeError: the shapes differ, so that one would broadcast.

    Example:
        >>> y = np.array([0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0])
        >>> float(sum_squared_error(y, np.eye(10)[2]))
        0.09750000000000003
    """
    difference = _difference("sum_squared_error", y, t)
    value = 0.5 * np.sum(difference * difference)
    return value, (lambda dy: difference * dy, lambda dy: -difference * dy)


@differentiable
def mean_squared_error(y, t):
    """Mean of squares over every entry, ``mean((y - t)^2)``, without a one half.

    Args:
        y: output, any shape but empty.
        t: target, the same shape.

    Raises:
        ShapeError: the shapes differ, so that one would broadcast, or there is no entry.

    Example:
        >>> float(mean_squared_error(np.array([1.0, 3.0]), np.array([0.0, 1.0])))
        2.5
    """
    difference = _difference("mean_squared_error", y, t)
    n = value_of(difference).size
    if n == 0:
        raise ShapeError("mean_squared_error expects at least one entry; got an empty array.")
    value = np.sum(difference * difference) / n
    return value, (
        lambda dy: difference * (2.0 / n) * dy,
        lambda dy: difference * (-2.0 / n) * dy,
    )


@differentiable
def cross_entropy_error(y, t):
    """Cross entropy of probabilities as in the book, ``-sum_k t_k log(y_k + 1e-7) / batch``.

    The 1e-7 keeps log(0) finite; it also caps the loss at 16.118 per example and shifts every
    gradient by a little. For training use ``softmax_cross_entropy``, which needs no epsilon.

    Args:
        y: probabilities, shape (batch, classes) or (classes,).
        t: class indices (batch,), or one-hot rows or distributions of the shape of y. No
            derivative is taken with respect to t.

    Returns:
        The mean over the batch, a scalar.

    Raises:
        ShapeError, LabelError, DtypeError: t does not fit y.

    Example:
        >>> y = np.array([0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0])
        >>> float(cross_entropy_error(y, 2))
        0.510825457099338
    """
    y = _array(y)
    target, batch = _target("cross_entropy_error", y, t)
    value = -np.sum(target * np.log(y + LOG_EPSILON)) / batch
    return value, (lambda dy: (dy / -batch) * target / (y + LOG_EPSILON), None)


@differentiable
def softmax_cross_entropy(logits, t):
    """Cross entropy of ``softmax(logits)`` against t, ``-sum_k t_k log_softmax_k / batch``.

    Softmax and logarithm are taken together, so nothing overflows, nothing is rounded to log(0)
    and no epsilon is needed. The gradient is ``(softmax(logits) - t) / batch``: each row's
    pull from what was said towards what is true. (For rows of t that sum to s instead of 1 it
    is ``(s softmax(logits) - t) / batch``.)

    Args:
        logits: scores before the softmax, shape (batch, classes) or (classes,).
        t: class indices (batch,), or one-hot rows or distributions of the shape of logits. No
            derivative is taken with respect to t.

    Returns:
        The mean over the batch, a scalar.

    Raises:
        ShapeError, LabelError, DtypeError: t does not fit the logits.

    Example:
        >>> float(softmax_cross_entropy(np.array([[0.0, 1000.0]]), [0]))
        1000.0
    """
    logits = _array(logits)
    target, batch = _target("softmax_cross_entropy", logits, t)
    log_y = log_softmax(logits)
    value = -np.sum(target * log_y) / batch
    total = target.sum(axis=-1, keepdims=True)
    return value, (lambda dy: (np.exp(log_y) * total - target) * (dy / batch), None)


def _shifted(owner: str, x) -> Any:
    """Logits less their row maximum, which changes no softmax and lets none overflow."""
    x = _array(x)
    if len(x.shape) == 0 or x.shape[-1] == 0:
        raise ShapeError(f"{owner} expects logits of shape (..., classes); got {x.shape}.")
    return x - np.max(value_of(x), axis=-1, keepdims=True)


def _as_rows(x):
    return x if len(x.shape) == 2 else np.reshape(x, (-1, x.shape[-1]))


def _difference(owner: str, y, t) -> Any:
    y, t = _array(y), _array(t)
    if y.shape != t.shape:
        raise ShapeError(
            f"{owner} expects y and t of one shape; got y {y.shape} and t {t.shape}. "
            "They would broadcast to a wrong loss: reshape one of them."
        )
    return y - t


def _target(owner: str, scores, t) -> tuple[np.ndarray, int]:
    """Labels as distributions in the dtype of the scores, and the number of examples."""
    dtype = np.result_type(value_of(scores).dtype, np.float16)
    target = as_distribution(owner, value_of(t), scores.shape, dtype)
    if target.size == 0:
        raise ShapeError(f"{owner} expects at least one example; got scores {scores.shape}.")
    return target, target.size // target.shape[-1]
