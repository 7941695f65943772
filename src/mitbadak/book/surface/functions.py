"""``common.functions``: functions under the names of the books.

``from common.functions import *`` also brings ``np``, on which scripts of the books rely.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak import functions
from mitbadak.functions import (
    identity,
    relu,
    sigmoid,
    sigmoid_grad,
    softmax,
    step,
    sum_squared_error,
)

__all__ = [
    "cross_entropy_error", "identity_function", "mean_squared_error", "np", "relu", "relu_grad",
    "sigmoid", "sigmoid_grad", "softmax", "softmax_loss", "step_function", "sum_squared_error",
    "sum_squares_error",
]  # fmt: skip

identity_function = identity
sum_squares_error = sum_squared_error
mean_squared_error = sum_squared_error
"""Half the sum of squares, which the Korean edition calls so; it is no mean."""


def cross_entropy_error(y: Any, t: Any) -> Any:
    """The mean over the batch of ``-log(y_t + 1e-7)``, for class indices or one-hot rows.

    A single example may have its label as (1, 1), as in the book's check of a convolutional net.

    Example:
        >>> round(float(cross_entropy_error(np.array([[0.25, 0.75]]), np.array([[1]]))), 4)
        0.2877
    """
    return functions.cross_entropy_error(y, labels_of(y, t))


def labels_of(y: Any, t: Any) -> Any:
    """Labels t, with the one of a single example as (1,) where it is given as (1, 1)."""
    one = np.shape(t) == (1, 1) and np.shape(y)[-1:] != (1,)
    return np.reshape(t, 1) if one else t


def step_function(x: Any) -> np.ndarray:
    """1 where x is above 0, and 0 elsewhere, as integers.

    Example:
        >>> step_function(np.array([-1.0, 0.0, 2.0]))
        array([0, 0, 1])
    """
    return np.asarray(step(np.asarray(x))).astype(int)


def relu_grad(x: Any) -> np.ndarray:
    """The derivative of ReLU: 1 from 0 on, as the books have it, and 0 below.

    Example:
        >>> relu_grad(np.array([-1.0, 0.0, 2.0]))
        array([0., 1., 1.])
    """
    x = np.asarray(x)
    return (x >= 0).astype(x.dtype if x.dtype.kind == "f" else np.float64)


def softmax_loss(X: Any, t: Any) -> Any:
    """``cross_entropy_error(softmax(X), t)``.

    Example:
        >>> round(float(softmax_loss(np.zeros((1, 10)), np.array([3]))), 4)
        2.3026
    """
    return cross_entropy_error(softmax(X), t)
