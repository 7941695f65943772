"""The book's nodes by name, each with ``forward`` and ``backward``.

They show what a single node does, outside any graph, and use the derivatives of the operations.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from mitbadak.core.arrays import real_array
from mitbadak.core.copying import ForgetsForward
from mitbadak.core.errors import ShapeError, StateError, whole
from mitbadak.functions import primitives
from mitbadak.functions.differentiable import Differentiable, Pullbacks, upstream_gradient


class Node(ForgetsForward):
    """One operation: ``forward`` maps values to a value, ``backward`` its gradient to theirs.

    Args:
        operation: computed by the node.
        options: keyword arguments of the operation.

    Example:
        The book's two apples at 100:

        >>> node = Multiply()
        >>> node.forward(100.0, 2.0)
        np.float64(200.0)
        >>> [float(g) for g in node.backward(1.1)]
        [2.2, 110.00000000000001]
    """

    forgotten: ClassVar[dict[str, Any]] = {"_kept": None}

    def __init__(self, operation: Differentiable, **options: Any) -> None:
        self.operation, self.options = operation, options
        self._kept: tuple[Pullbacks, tuple[int, ...], np.dtype] | None = None

    def forward(self, *args: Any) -> Any:
        """Compute the node's value and keep what ``backward`` needs."""
        # Copies, so that a later change to the caller's arrays does not change the gradients.
        arrays = [_copied(repr(self), a) for a in args]
        value, pullbacks = self.operation.vjp(*arrays, **self.options)[:2]
        self._kept = pullbacks, np.shape(value), np.asarray(value).dtype
        return np.array(value)[()]

    def backward(self, dy: Any = None) -> Any:
        """The gradient with respect to the input; a tuple if there are several.

        Args:
            dy: the gradient with respect to the node's value, of its shape; 1 by default, for a
                scalar.

        Raises:
            StateError: no ``forward`` since the last ``backward``.
            ShapeError: dy has another shape, or is missing where the value is not a scalar.
            DtypeError: dy is not real.
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
    """Sum of two values; backward passes the gradient to both."""

    def __init__(self) -> None:
        super().__init__(primitives.add)


class Multiply(Node):
    """Product of two values; backward multiplies the gradient by the other value."""

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
    """Sum over an axis, kept with length 1; backward repeats the gradient along it.

    Example:
        >>> node = Sum()
        >>> node.forward(np.ones((7, 8))).shape, node.backward(np.ones((1, 8))).shape
        ((1, 8), (7, 8))
    """

    def __init__(self, axis: int = 0) -> None:
        super().__init__(primitives.sum, axis=axis, keepdims=True)


class Repeat(Node):
    """One row repeated ``times`` times; backward sums the gradients of the copies.

    Example:
        >>> node = Repeat(7)
        >>> node.forward(np.ones((1, 8))).shape, node.backward(np.ones((7, 8)))
        ((7, 8), array([[7., 7., 7., 7., 7., 7., 7., 7.]]))
    """

    def __init__(self, times: int, axis: int = 0) -> None:
        times = whole("Repeat", "times", times)
        super().__init__(primitives.repeat, times=times, axis=axis)


class Branch:
    """One value used several times; backward sums the gradients of the uses.

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
        """The value, once per use."""
        array = real_array(repr(self), "x", x)
        self._kept = array.shape, np.result_type(array.dtype, np.float16)
        return (array,) * self.ways

    def backward(self, *dys: Any) -> np.ndarray:
        """The sum of the gradients, one per use.

        Raises:
            StateError: no ``forward`` since the last ``backward``.
            ShapeError: the number of gradients or one of their shapes is wrong.
            DtypeError: a gradient is not real.
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
