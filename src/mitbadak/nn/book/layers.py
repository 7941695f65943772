"""``common.layers`` and ``common.optimizer``: layers made from arrays, with lists of gradients.

A layer keeps the arrays that it was made from: ``params += layer.params`` collects the arrays of
many layers, an optimizer changes them in place, and ``backward`` writes the gradients into
``grads``, whose arrays stay the same objects, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from mitbadak import functions, optim
from mitbadak.core.arrays import real_array
from mitbadak.core.errors import DtypeError, ShapeError, StateError
from mitbadak.functions.differentiable import Differentiable, Pullback

__all__ = ["SGD", "Affine", "MatMul", "Relu", "Sigmoid", "Softmax", "SoftmaxWithLoss"]


class BookLayer:
    """One operation of the core, in the protocol of the books.

    Class attributes:
        operation: takes x, and then the parameters.

    Attributes:
        params: the arrays that the layer was made from, not copies of them.
        grads: after ``backward`` the gradient of each, in arrays that are filled in place.
        x, out: input and output of the last ``forward``.
    """

    operation: ClassVar[Differentiable]

    def __init__(self, *params: Any):
        self.params: list[np.ndarray] = [_parameter(type(self).__name__, p) for p in params]
        self.grads: list[np.ndarray] = [np.zeros_like(p) for p in self.params]
        self.x: Any = None
        self.out: Any = None
        self._pullbacks: Sequence[Pullback] = ()

    def forward(self, x: Any) -> np.ndarray:
        """The output for x; keeps what ``backward`` needs."""
        self.x = np.asarray(x)
        self.out, self._pullbacks = type(self).operation.vjp(self.x, *self.params)[:2]
        return self.out

    def backward(self, dout: Any) -> np.ndarray:
        """The gradient with respect to x; those of the parameters go into ``grads``.

        Raises:
            StateError: there was no ``forward``.
            ShapeError: dout does not have the shape of the output.
        """
        if not self._pullbacks:
            raise StateError(f"{type(self).__name__}: backward needs a forward first.")
        dout = np.asarray(dout)
        if dout.shape != self.out.shape:
            raise ShapeError(
                f"{type(self).__name__}.backward expects dout of shape {self.out.shape}; got "
                f"{dout.shape}."
            )
        to_x, *to_params = self._pullbacks
        for grad, pullback in zip(self.grads, to_params, strict=True):
            grad[...] = pullback(dout)
        return to_x(dout)


class MatMul(BookLayer):
    """``x @ W``.

    Example:
        >>> W = np.array([[1.0, 2.0], [3.0, 4.0]])
        >>> layer = MatMul(W)
        >>> layer.forward(np.array([[1.0, 1.0]]))
        array([[4., 6.]])
        >>> layer.backward(np.array([[1.0, 0.0]])), layer.grads[0].tolist()
        (array([[1., 3.]]), [[1.0, 0.0], [1.0, 0.0]])
        >>> layer.params[0] is W
        True
    """

    operation = functions.linear

    def __init__(self, W: Any):
        super().__init__(W)


class Affine(BookLayer):
    """``x @ W + b``.

    Example:
        >>> layer = Affine(np.eye(2), np.ones(2))
        >>> layer.forward(np.array([[1.0, 2.0]]))
        array([[2., 3.]])
        >>> layer.backward(np.array([[1.0, 1.0]])), layer.db
        (array([[1., 1.]]), array([1., 1.]))
    """

    operation = functions.affine

    def __init__(self, W: Any, b: Any):
        super().__init__(W, b)

    @property
    def W(self) -> np.ndarray:
        return self.params[0]

    @property
    def b(self) -> np.ndarray:
        return self.params[1]

    @property
    def dW(self) -> np.ndarray:
        return self.grads[0]

    @property
    def db(self) -> np.ndarray:
        return self.grads[1]


class Sigmoid(BookLayer):
    """``1 / (1 + exp(-x))``, which does not overflow."""

    operation = functions.sigmoid


class Relu(BookLayer):
    """``max(x, 0)``; unlike in the first book, ``backward`` leaves dout as it was."""

    operation = functions.relu


class Softmax(BookLayer):
    """Softmax over the last axis."""

    operation = functions.softmax


class SoftmaxWithLoss:
    """Softmax and cross entropy, with labels as class indices or one-hot rows.

    ``forward`` returns the loss with the books' 1e-7, and ``backward`` the exact gradient
    ``(y - t) / batch`` times dout, which the books ignore.

    Attributes:
        params, grads: empty.
        y, t, loss: probabilities, labels and loss of the last ``forward``.

    Example:
        >>> layer = SoftmaxWithLoss()
        >>> round(float(layer.forward(np.zeros((1, 2)), np.array([[0, 1]]))), 4)
        0.6931
        >>> layer.backward()
        array([[ 0.5, -0.5]])
    """

    def __init__(self) -> None:
        self.params: list[np.ndarray] = []
        self.grads: list[np.ndarray] = []
        self.y: Any = None
        self.t: Any = None
        self.loss: Any = None
        self._pullback: Pullback | None = None

    def forward(self, x: Any, t: Any) -> Any:
        """The loss of scores x against labels t."""
        self.t, self.y = t, functions.softmax(x)
        self.loss = functions.cross_entropy_error(self.y, t)
        self._pullback = functions.softmax_cross_entropy.vjp(np.asarray(x), t)[1][0]
        return self.loss

    def backward(self, dout: Any = 1) -> np.ndarray:
        """The gradient with respect to the scores.

        Raises:
            StateError: there was no ``forward``.
        """
        if self._pullback is None:
            raise StateError("SoftmaxWithLoss: backward needs a forward first.")
        return self._pullback(float(dout))


class SGD(optim.SGD):
    """``p <- p - lr g`` with the books' default rate, over lists or dicts.

    Example:
        >>> W = np.array([1.0])
        >>> SGD(lr=0.1).update([W], [np.array([5.0])])
        >>> W
        array([0.5])
    """

    def __init__(self, lr: optim.Rate = 0.01):
        super().__init__(lr)


def _parameter(owner: str, value: Any) -> np.ndarray:
    """A parameter as it is, refused unless it is an array of floats.

    Raises:
        DtypeError: it is a list, or holds integers, which updates would truncate.
    """
    if not isinstance(value, np.ndarray):
        raise DtypeError(
            f"{owner} expects its parameters as arrays, which it keeps; got "
            f"{type(value).__name__}. For new random weights there is mb.Affine(n_in, n_out)."
        )
    real_array(owner, "a parameter", value)
    if value.dtype.kind != "f":
        raise DtypeError(
            f"{owner} expects floats; got {value.dtype}, which updates would round to whole "
            "numbers. Use W.astype(float)."
        )
    return value
