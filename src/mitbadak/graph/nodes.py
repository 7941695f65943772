"""The nodes of the notes under their names, each with ``forward`` and ``backward``.

They show what one node does, outside of any graph; their derivatives are those of the operations.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak.core.arrays import real_array
from mitbadak.core.errors import ShapeError, StateError, whole
from mitbadak.functions import primitives
from mitbadak.functions.differentiable import Differentiable, Pullbacks, upstream_gradient


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
        self._kept: tuple[Pullbacks, tuple[int, ...], np.dtype] | None = None

    def forward(self, *args: Any) -> Any:
        """The node's value; what ``backward`` needs is kept."""
        # Copies, so that an array that the caller changes before backward changes no gradient.
        arrays = [_copied(repr(self), a) for a in args]
        value, pullbacks = self.operation.vjp(*arrays, **self.options)[:2]
        self._kept = pullbacks, np.shape(value), np.asarray(value).dtype
        return np.array(value)[()]

    def backward(self, dy: Any = None) -> Any:
        """The gradient with respect to the value that came in; a tuple for several.

        Args:
            dy: the gradient with respect to the node's value, of its shape; default 1, for a
                single number.

        Raises:
            StateError: no ``forward`` came before; each serves one ``backward``.
            ShapeError: dy has another shape, or is missing where the value is no single number.
            DtypeError: dy is not of real numbers.
        """
        if self._kept is None:
            raise StateError(f"{self!r}: backward needs a forward first.")
        pullbacks, shape, dtype = self._kept
        dy = upstream_gradient(repr(self), dy, shape, dtype)
        self._kept = None
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
        self._kept: tuple[tuple[int, ...], np.dtype] | None = None

    def forward(self, x: Any) -> tuple[np.ndarray, ...]:
        """The value, once for each way."""
        array = real_array(repr(self), "x", x)
        self._kept = array.shape, np.result_type(array.dtype, np.float16)
        return (array,) * self.ways

    def backward(self, *dys: Any) -> np.ndarray:
        """The sum of the gradients, one for each way.

        Raises:
            StateError: no ``forward`` came before; each serves one ``backward``.
            ShapeError: another number of gradients, or of other shapes than the value's.
            DtypeError: gradients that are not of real numbers.
        """
        if len(dys) != self.ways:
            raise ShapeError(
                f"Branch({self.ways}) expects {self.ways} gradients of one shape; got shapes "
                f"{[np.shape(dy) for dy in dys]}."
            )
        if self._kept is None:
            raise StateError(f"{self!r}: backward needs a forward first.")
        arrays = [upstream_gradient(repr(self), dy, *self._kept) for dy in dys]
        self._kept = None
        return np.sum(arrays, axis=0)

    def __repr__(self) -> str:
        return f"Branch({self.ways})"


def _copied(owner: str, value: Any) -> np.ndarray:
    array = real_array(owner, "its value", value)
    return np.array(array, array.dtype if array.dtype.kind == "f" else np.float64)
