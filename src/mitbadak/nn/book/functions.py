"""``common.functions`` and ``common.gradient``: functions under the names of the books.

``from mitbadak.nn.book.functions import *`` also brings ``np``, on which scripts of the books rely.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak.functions import (
    cross_entropy_error,
    identity,
    relu,
    sigmoid,
    sigmoid_grad,
    softmax,
    step,
    sum_squared_error,
)
from mitbadak.functions.numerical import numerical_diff, numerical_gradient

__all__ = [
    "cross_entropy_error", "identity_function", "mean_squared_error", "np", "numerical_diff",
    "numerical_gradient", "relu", "relu_grad", "sigmoid", "sigmoid_grad", "softmax",
    "softmax_loss", "step_function", "sum_squared_error", "sum_squares_error",
]  # fmt: skip

identity_function = identity
step_function = step
sum_squares_error = sum_squared_error
mean_squared_error = sum_squared_error
"""Half the sum of squares, which the Korean edition calls so; it is no mean."""


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
