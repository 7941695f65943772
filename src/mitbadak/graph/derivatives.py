"""Derivatives of functions: gradient, Jacobian, Hessian, and products with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mitbadak.core.errors import DtypeError, MitbadakError, ShapeError
from mitbadak.core.typing import Array, Float
from mitbadak.functions.differentiable import value_of
from mitbadak.graph.flow import grad
from mitbadak.graph.variable import Variable

Function = Callable[[Any], Any]


def gradient_of(f: Function) -> Callable[[Any], np.ndarray]:
    """The gradient of a function of one array that returns a scalar, as a function.

    Example:
        >>> gradient_of(lambda x: x[0] ** 2 + x[1] ** 2)([3.0, 4.0])
        array([6., 8.])
    """

    def gradient(x: Any) -> np.ndarray:
        at = Variable(x)
        return np.asarray(grad(_scalar(f, at), at))

    return gradient


def jacobian(f: Function, x: Any) -> Float[Array, ...]:
    """All first derivatives of f at x, row by row.

    Args:
        f: a function of one array.
        x: where, any shape.

    Returns:
        Shape (shape of f(x), shape of x).

    Example:
        >>> jacobian(lambda x: x * x, [1.0, 2.0])
        array([[2., 0.],
               [0., 4.]])
    """
    at = Variable(x)
    y = _recorded(f, at)
    rows = []
    for i in range(y.size):
        one = np.zeros(y.shape)
        one.flat[i] = 1.0
        rows.append(grad(y, at, dy=one))
    return np.reshape(rows, (*y.shape, *at.shape))


def hessian(f: Function, x: Any) -> Float[Array, ...]:
    """All second derivatives of a scalar f at x; shape (shape of x, shape of x).

    Example:
        >>> hessian(lambda x: x[0] ** 2 * x[1], [1.0, 2.0])
        array([[4., 2.],
               [2., 0.]])
    """
    return jacobian(lambda at: grad(_scalar(f, at), at, create_graph=True), x)


def hessian_vector_product(f: Function, x: Any, v: Any) -> Float[Array, ...]:
    """The Hessian of a scalar f at x times v, of the shape of x, without the Hessian itself.

    It costs about as much as two gradients: the gradient of <v, gradient>.

    Example:
        >>> hessian_vector_product(lambda x: x[0] ** 2 * x[1], [1.0, 2.0], [1.0, 0.0])
        array([4., 2.])
    """
    at = Variable(x)
    v = np.asarray(v)
    if v.shape != at.shape:
        raise ShapeError(f"hessian_vector_product expects v of the shape of x, {at.shape}; "
                         f"got {v.shape}.")  # fmt: skip
    slope = grad(_scalar(f, at), at, create_graph=True)
    return np.asarray(grad(np.sum(slope * v), at))


def _recorded(f: Function, at: Variable) -> Variable:
    try:
        y = f(at)
    except (TypeError, ValueError) as error:
        if isinstance(error, MitbadakError) or not _takes_arrays(f, at.value):
            raise
        raise DtypeError(
            f"f takes arrays, but not variables: {error} Does it write variables into an array "
            "(y[0] = x[0]), or hand one to a function of plain numbers? Collect results in a list "
            "and join them with np.stack, and use NumPy's functions."
        ) from error
    return y if isinstance(y, Variable) else Variable(y)  # a constant


def _takes_arrays(f: Function, x: np.ndarray) -> bool:
    try:
        with np.errstate(all="ignore"):
            f(x.copy())
    except Exception:
        return False
    return True


def _scalar(f: Function, at: Variable) -> Variable:
    y = _recorded(f, at)
    if y.size != 1:
        raise ShapeError(f"f must return one number here; got shape {np.shape(value_of(y))}.")
    return y
