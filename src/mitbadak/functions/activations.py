"""Activations, each with its derivative beside it.

All are elementwise, except ``softmax`` and ``log_softmax``, which work along the last axis.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mitbadak.core.arguments import explained
from mitbadak.core.errors import ShapeError, positive, share
from mitbadak.functions.differentiable import (
    Traced,
    differentiable,
    float_operand,
    operand,
    value_of,
)
from mitbadak.functions.primitives import sech_squared, tanh
from mitbadak.functions.special import erfc

__all__ = [
    "elu", "gelu", "identity", "leaky_relu", "log_softmax", "relu", "sigmoid", "sigmoid_grad",
    "silu", "softmax", "softplus", "step", "tanh",
]  # fmt: skip


@differentiable
def identity(x):
    """Identity ``y = x``, the output activation of regression.

    Example:
        >>> identity(np.array([1.5, -2.0]))
        array([ 1.5, -2. ])
    """
    return operand(x), (lambda dy: dy,)


@differentiable
def step(x):
    """Step ``y = 1 if x > 0 else 0``, the perceptron's activation.

    Args:
        x: any shape.

    Returns:
        0 or 1 in the shape and dtype of x. The derivative is 0 wherever it exists, so a net of
        step functions cannot learn by gradient descent.

    Example:
        >>> step(np.array([-1.0, 0.0, 2.0]))
        array([0., 0., 1.])
    """
    x = operand(x)
    above = value_of(x) > 0
    return above.astype(value_of(x).dtype), (lambda dy: dy * 0.0,)


@differentiable
def sigmoid(x):
    """Logistic sigmoid ``y = 1 / (1 + exp(-x))``.

    Args:
        x: any shape.

    Returns:
        Values in [0, 1], same shape and dtype. Only ``exp(-|x|)`` is computed, so no finite input
        overflows; dy/dx = y (1 - y) is ``sigmoid_grad(x)``.

    Example:
        >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
        array([0. , 0.5, 1. ])
    """
    x = float_operand("sigmoid", "x", x)
    pullback = (lambda dy: dy * sigmoid_grad(x),)
    if isinstance(x, Traced):  # never differentiate through |x|: the sigmoid is smooth at 0
        return sigmoid(x), pullback
    e = np.exp(-np.absolute(x))
    return np.where(x >= 0, 1.0, e) / (1.0 + e), pullback


@explained
def sigmoid_grad(x: Any):
    """Derivative of the sigmoid at ``x``: ``y (1 - y)`` with ``y = sigmoid(x)``.

    As in the book, it takes the input of the sigmoid, not its output. It is computed as
    ``1 / (4 cosh(x / 2)^2)``, since y rounds to 1 from x = 37 on, where the slope is not yet 0.

    Example:
        >>> sigmoid_grad(np.array([0.0, 2.0, 40.0]))
        array([2.50000000e-01, 1.04993585e-01, 4.24835426e-18])
    """
    return sech_squared(operand(x) * 0.5) * 0.25


@differentiable
def relu(x):
    """Rectifier ``y = max(x, 0)``, with relu'(0) = 0. NaN stays NaN.

    Example:
        >>> relu(np.array([-2.0, 0.0, 3.0]))
        array([0., 0., 3.])
    """
    x = operand(x)
    above = value_of(x) > 0
    return np.maximum(x, 0.0), (lambda dy: np.where(above, dy, 0.0),)


@differentiable
def leaky_relu(x, *, slope: float = 0.01):
    """Leaky rectifier, ``y = x`` for x > 0 and ``slope x`` otherwise; at 0 its slope is ``slope``.

    References:
        Maas, Hannun and Ng, Rectifier nonlinearities improve neural network acoustic models,
        ICML 2013, section 2, with slope 0.01.

    Example:
        >>> leaky_relu(np.array([-2.0, 0.0, 3.0]))
        array([-0.02,  0.  ,  3.  ])
    """
    slope = share("leaky_relu", "slope", slope)
    x = operand(x)
    above = value_of(x) > 0
    return np.where(above, x, x * slope), (lambda dy: np.where(above, dy, dy * slope),)


@differentiable
def elu(x, *, alpha: float = 1.0):
    """Exponential linear unit, ``y = x`` for x > 0 and ``alpha (exp(x) - 1)`` otherwise.

    At 0 the derivative is ``alpha``, the one from the left.

    References:
        Clevert, Unterthiner and Hochreiter, Fast and accurate deep network learning by exponential
        linear units, ICLR 2016, equation 15.

    Example:
        >>> elu(np.array([-1000.0, -1.0, 3.0])).round(4)
        array([-1.    , -0.6321,  3.    ])
    """
    alpha = positive("elu", "alpha", alpha)
    x = operand(x)
    above = value_of(x) > 0
    below = np.where(above, 0.0, x)  # so that a large x does not overflow in the unused branch
    y = np.where(above, x, np.expm1(below) * alpha)
    return y, (lambda dy: np.where(above, dy, dy * (np.exp(below) * alpha)),)


@differentiable
def gelu(x):
    """Gaussian error linear unit ``y = x Phi(x)``, where Phi is the normal distribution function.

    This is the exact form, not the tanh approximation, and accurate far below 0 as well.
    dy/dx = Phi(x) + x phi(x), with the density ``phi(x) = exp(-x^2 / 2) / sqrt(2 pi)``.

    References:
        Hendrycks and Gimpel, Gaussian error linear units, 2016, section 2.

    Example:
        >>> gelu(np.array([-1.0, 0.0, 2.0])).round(4)
        array([-0.1587,  0.    ,  1.9545])
    """
    x = operand(x)
    below = erfc(x * -math.sqrt(0.5)) * 0.5

    def dx(dy: Any):
        near = np.clip(x, -40.0, 40.0)  # outside, the density is 0 and the square could overflow
        density = np.exp(near * near * -0.5) / math.sqrt(2 * math.pi)
        return dy * (below + x * density)

    return x * below, (dx,)


@differentiable
def silu(x):
    """Sigmoid linear unit ``y = x sigmoid(x)``, also called swish.

    dy/dx = s (1 + x (1 - s)) with s = sigmoid(x).

    References:
        Hendrycks and Gimpel, Gaussian error linear units, 2016, section 2.

    Example:
        >>> silu(np.array([-1000.0, 0.0, 2.0])).round(4)
        array([-0.    ,  0.    ,  1.7616])
    """
    x = operand(x)
    s = sigmoid(x)
    return x * s, (lambda dy: dy * (s * (1.0 + x * (1.0 - s))),)


@differentiable
def softplus(x):
    """Softplus ``y = log(1 + exp(x))``, a smooth rectifier whose derivative is the sigmoid.

    Computed as ``max(x, 0) + log(1 + exp(-|x|))``, so that no finite input overflows.

    References:
        Dugas, Bengio, Belisle, Nadeau and Garcia, Incorporating second-order functional knowledge
        for better option pricing, NIPS 2000, section 2.

    Example:
        >>> softplus(np.array([-1000.0, 0.0, 100.0])).round(4)
        array([  0.    ,   0.6931, 100.    ])
    """
    x = float_operand("softplus", "x", x)
    y = np.maximum(x, 0.0) + np.log1p(np.exp(-np.absolute(x)))
    return y, (lambda dy: dy * sigmoid(x),)


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

    It is accurate where ``log(softmax(x))`` would be -inf.

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


def _shifted(owner: str, x: Any) -> Any:
    """Logits minus their row maximum, which leaves the softmax unchanged and avoids overflow."""
    x = float_operand(owner, "logits", x)
    if len(x.shape) == 0 or x.shape[-1] == 0:
        raise ShapeError(f"{owner} expects logits of shape (..., classes); got {x.shape}.")
    return x - np.max(value_of(x), axis=-1, keepdims=True)
