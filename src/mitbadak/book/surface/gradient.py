"""``common.gradient``: the numerical gradient, under the names of the books."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mitbadak.book.fast import recognized
from mitbadak.functions import numerical

__all__ = ["np", "numerical_diff", "numerical_gradient", "numerical_gradient_2d"]

numerical_diff = numerical.numerical_diff


def numerical_gradient(f: Callable[[Any], Any], x: Any) -> np.ndarray:
    """The gradient of f at x by central differences, for an array of any shape.

    In book mode the structure of a net is recognized, which makes it thousands of times as fast.

    Args:
        f: returns one number.
        x: an array of floats, which is changed entry by entry and restored.

    Example:
        >>> numerical_gradient(lambda x: np.sum(x**2), np.array([3.0, 4.0])).round(6)
        array([6., 8.])
    """
    fast = recognized(f, x)
    return numerical.numerical_gradient(f, x) if fast is None else fast


def numerical_gradient_2d(f: Callable[[Any], Any], X: Any) -> np.ndarray:
    """The gradient at each row of X, for a function of one row.

    Example:
        >>> numerical_gradient_2d(lambda x: np.sum(x**2), np.array([[3.0, 4.0], [0.0, 1.0]]))
        array([[6., 8.], [0., 2.]])
    """
    if np.ndim(X) == 1:
        return numerical_gradient(f, X)
    return np.array([numerical_gradient(f, row) for row in X])


_numerical_gradient_1d = numerical_gradient
