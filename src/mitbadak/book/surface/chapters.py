"""Small modules of single chapters: gates, naive nodes, and the gradient of points in the plane."""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak.book.surface.gradient import numerical_gradient, numerical_gradient_2d

__all__ = ["AND", "NAND", "OR", "AddLayer", "MulLayer", "function_2", "tangent_line"]


def _gate(x1: Any, x2: Any, weights: tuple[float, float], bias: float) -> int:
    return int(x1 * weights[0] + x2 * weights[1] + bias > 0)


def AND(x1: Any, x2: Any) -> int:
    """1 if both are 1.

    Example:
        >>> [AND(*pair) for pair in [(0, 0), (1, 0), (0, 1), (1, 1)]]
        [0, 0, 0, 1]
    """
    return _gate(x1, x2, (0.5, 0.5), -0.7)


def NAND(x1: Any, x2: Any) -> int:
    """0 if both are 1.

    Example:
        >>> [NAND(*pair) for pair in [(0, 0), (1, 0), (0, 1), (1, 1)]]
        [1, 1, 1, 0]
    """
    return _gate(x1, x2, (-0.5, -0.5), 0.7)


def OR(x1: Any, x2: Any) -> int:
    """1 if one of them is 1.

    Example:
        >>> [OR(*pair) for pair in [(0, 0), (1, 0), (0, 1), (1, 1)]]
        [0, 1, 1, 1]
    """
    return _gate(x1, x2, (0.5, 0.5), -0.2)


class MulLayer:
    """A node that multiplies two numbers.

    Example:
        >>> node = MulLayer()
        >>> node.forward(100, 2), node.backward(1.1)
        (200, (2.2, 110.00000000000001))
    """

    def __init__(self) -> None:
        self.x: Any = None
        self.y: Any = None

    def forward(self, x: Any, y: Any) -> Any:
        """The product."""
        self.x, self.y = x, y
        return x * y

    def backward(self, dout: Any) -> tuple[Any, Any]:
        """The gradients with respect to x and y: each factor belongs to the other one."""
        return dout * self.y, dout * self.x


class AddLayer:
    """A node that adds two numbers.

    Example:
        >>> node = AddLayer()
        >>> node.forward(200, 450), node.backward(1.1)
        (650, (1.1, 1.1))
    """

    def forward(self, x: Any, y: Any) -> Any:
        """The sum."""
        return x + y

    def backward(self, dout: Any) -> tuple[Any, Any]:
        """The gradients with respect to x and y."""
        return dout * 1, dout * 1


def function_2(x: Any) -> Any:
    """The sum of squares, of each row where there are several.

    Example:
        >>> function_2(np.array([3.0, 4.0]))
        np.float64(25.0)
    """
    return np.sum(x**2) if np.ndim(x) == 1 else np.sum(x**2, axis=1)


def tangent_line(f: Any, x: Any) -> Any:
    """The line that touches f at x, as a function.

    Example:
        >>> line = tangent_line(lambda x: x**2, np.array(3.0))
        >>> round(float(line(4.0)), 6)
        15.0
    """
    slope = numerical_gradient(f, np.asarray(x, float))
    start = f(x) - slope * x
    return lambda at: slope * at + start


GRADIENT_2D: dict[str, Any] = {
    "np": np,
    "numerical_gradient": numerical_gradient_2d,
    "_numerical_gradient_no_batch": numerical_gradient,
    "function_2": function_2,
    "tangent_line": tangent_line,
}
