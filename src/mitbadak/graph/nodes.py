"""The nodes of the notes under their names, each with ``forward`` and ``backward``.

They show what one node does, outside of any graph; their derivatives are those of the operations.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak import primitives
from mitbadak.differentiable import Differentiable, Pullbacks
from mitbadak.errors import ShapeError, StateError, whole


class Node:
    """One operation as a node: values in, value out; and back, a gradient for each value.

    Args:
        operation: what the node computes.
        options: keyword arguments of the operation.

    Example:
        The book's two apples at 100:

        >>> node = Multiply()
        >>> node.forward(100.0, 2.0)
        np.float64(200.0)
        >>> [float(g) for g in node.backward(1.1)]
        [2.2, 110.00000000000001]
    """

    def __init__(self, operation: Differentiable, **options: Any) -> None:
        self.operation, self.options = operation, options
        self._pullbacks: Pullbacks | None = None

    def forward(self, *args: Any) -> Any:
        """The node's value; what ``backward`` needs is kept."""
        arrays = [np.asarray(a, float) if np.asarray(a).dtype.kind in "biu" else np.asarray(a)
                  for a in args]  # fmt: skip
        value, self._pullbacks = self.operation.vjp(*arrays, **self.options)[:2]
        return value

    def backward(self, dy: Any = 1.0) -> Any:
        """The gradient with respect to the value that came in; a tuple for several.

        Raises:
            StateError: no ``forward`` came before; each serves one ``backward``.
        """
        if self._pullbacks is None:
            raise StateError(f"{self!r}: backward needs a forward first.")
        pullbacks, self._pullbacks = self._pullbacks, None
        dy = np.asarray(dy)
        gradients = tuple(pullback(dy) for pullback in pullbacks if pullback is not None)
        return gradients[0] if len(gradients) == 1 else gradients

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Add(Node):
    """Sum of two values; backward passes the gradient on to both."""

    def __init__(self) -> None:
        super().__init__(primitives.add)


class Multiply(Node):
    """Product of two values; backward multiplies by the other one."""

    def __init__(self) -> None:
        super().__init__(primitives.multiply)


class MatMul(Node):
    """Matrix product ``x W``; backward gives ``dy W^T`` and ``x^T dy``.

    Example:
        >>> node = MatMul()
        >>> node.forward(np.ones((2, 3)), np.ones((3, 4))).shape
        (2, 4)
        >>> dx, dW = node.backward(np.ones((2, 4)))
        >>> dx.shape, dW.shape
        ((2, 3), (3, 4))
    """

    def __init__(self) -> None:
        super().__init__(primitives.matmul)


class Sum(Node):
    """Sum over an axis, which is kept; backward repeats the gradient along it.

    Example:
        >>> node = Sum()
        >>> node.forward(np.ones((7, 8))).shape, node.backward(np.ones((1, 8))).shape
        ((1, 8), (7, 8))
    """

    def __init__(self, axis: int = 0) -> None:
        super().__init__(primitives.sum, axis=axis, keepdims=True)


class Repeat(Node):
    """The same row ``times`` times; backward sums what comes back.

    Example:
        >>> node = Repeat(7)
        >>> node.forward(np.ones((1, 8))).shape, node.backward(np.ones((7, 8)))
        ((7, 8), array([[7., 7., 7., 7., 7., 7., 7., 7.]]))
    """

    def __init__(self, times: int, axis: int = 0) -> None:
        times = whole("Repeat", "times", times)
        super().__init__(primitives.repeat, times=times, axis=axis)


class Branch:
    """One value used several times; backward adds up what comes back.

    Example:
        >>> node = Branch(2)
        >>> a, b = node.forward(np.array([1.0, 2.0]))
        >>> node.backward(np.array([1.0, 1.0]), np.array([0.5, 2.0]))
        array([1.5, 3. ])
    """

    def __init__(self, ways: int = 2) -> None:
        self.ways = whole("Branch", "ways", ways)

    def forward(self, x: Any) -> tuple[np.ndarray, ...]:
        """The value, once for each way."""
        return (np.asarray(x),) * self.ways

    def backward(self, *dys: Any) -> np.ndarray:
        """The sum of the gradients, one for each way.

        Raises:
            ShapeError: another number of gradients, or of different shapes.
        """
        if len(dys) != self.ways or len({np.shape(dy) for dy in dys}) != 1:
            raise ShapeError(
                f"Branch({self.ways}) expects {self.ways} gradients of one shape; got shapes "
                f"{[np.shape(dy) for dy in dys]}."
            )
        return np.sum([np.asarray(dy) for dy in dys], axis=0)

    def __repr__(self) -> str:
        return f"Branch({self.ways})"
