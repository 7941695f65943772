"""``common.layers``: layers made from arrays, for both books.

A layer keeps the arrays that it was made from. Nets of the first book read ``W``, ``b``, ``dW`` and
``db``; those of the second collect ``params`` and ``grads``, whose arrays ``backward`` fills in
place. Where the books' code does not do what it says, these layers do: ``Relu.backward`` leaves
dout as it was, and ``SoftmaxWithLoss.backward`` multiplies by dout.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from mitbadak import functions
from mitbadak.book import draws
from mitbadak.book.surface.functions import cross_entropy_error, labels_of, softmax
from mitbadak.core.arrays import real_array
from mitbadak.core.copying import ForgetsForward
from mitbadak.core.errors import DtypeError, ShapeError, StateError
from mitbadak.functions.differentiable import Differentiable, Pullback, operand
from mitbadak.functions.normalization import batch_norm, fixed_batch_norm

__all__ = [
    "Affine", "BatchNormalization", "Dropout", "MatMul", "Relu", "Sigmoid", "Softmax",
    "SoftmaxWithLoss",
]  # fmt: skip
BOOK_EPSILON = 10e-7  # under the root of the books' batch normalization


def parameter(position: int, name: str) -> property:
    """An attribute of a layer that is one of its ``params``; another array may take its place."""

    def read(layer: Any) -> Any:
        return layer.params[position]

    def write(layer: Any, value: Any) -> None:
        layer.params[position] = value
        layer.grads[position] = _room_for(value)

    return property(read, write, doc=f"The parameter {name}.")


def gradient(position: int, name: str) -> property:
    """An attribute of a layer that is one of its ``grads``."""
    return property(lambda layer: layer.grads[position], doc=f"The gradient of {name}.")


def take_gradient(layer: Any, position: int, value: Any) -> None:
    """Put a gradient among a layer's ``grads``, in the dtype of its parameter."""
    room = layer.grads[position]
    if layer.keeps_grads or np.shape(value) != room.shape:
        room[...] = value
    else:
        layer.grads[position] = value.astype(room.dtype, copy=False)


class BookLayer(ForgetsForward):
    """One operation of the core, in the protocol of the books.

    Class attributes:
        operation: takes x, and then the parameters.

    Attributes:
        params: the arrays that the layer was made from, not copies of them.
        grads: after ``backward`` the gradient of each, in arrays that are filled in place.
        keeps_grads: whether they are; otherwise each ``backward`` puts new arrays there.
        x, out: input and output of the last ``forward``.
    """

    operation: ClassVar[Differentiable]
    forgotten: ClassVar[dict[str, Any]] = {"_pullbacks": ()}

    def __init__(self, *params: Any):
        self.params: list[Any] = [_parameter(type(self).__name__, p) for p in params]
        self.grads: list[np.ndarray] = [_room_for(p) for p in self.params]
        self.keeps_grads = True
        self.x: Any = None
        self.out: Any = None
        self._pullbacks: Sequence[Pullback] = ()

    def forward(self, x: Any) -> np.ndarray:
        """The output for x; keeps what ``backward`` needs."""
        self.x = operand(x)
        self.out, self._pullbacks = type(self).operation.vjp(self.x, *self.params)[:2]
        return self.out

    def backward(self, dout: Any) -> np.ndarray:
        """The gradient with respect to x; those of the parameters go into ``grads``.

        Raises:
            StateError: there was no ``forward``.
            ShapeError: dout does not have the shape of the output.
        """
        dout = self.fill_grads(dout)
        return self._pullbacks[0](dout)

    def fill_grads(self, dout: Any) -> np.ndarray:
        """``backward`` without the gradient with respect to x, which a first layer does not need;
        returns dout as an array."""
        if not self._pullbacks:
            raise StateError(f"{type(self).__name__}: backward needs a forward first.")
        dout = np.asarray(dout)
        if dout.shape != self.out.shape:
            raise ShapeError(
                f"{type(self).__name__}.backward expects dout of shape {self.out.shape}; got "
                f"{dout.shape}."
            )
        for position, pullback in enumerate(self._pullbacks[1:]):
            take_gradient(self, position, pullback(dout))
        return dout


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
    W, dW = parameter(0, "W"), gradient(0, "W")  # noqa: N815

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
    W, b = parameter(0, "W"), parameter(1, "b")
    dW, db = gradient(0, "W"), gradient(1, "b")  # noqa: N815

    def __init__(self, W: Any, b: Any):
        super().__init__(W, b)
        self._shape: tuple[int, ...] = ()

    def forward(self, x: Any) -> np.ndarray:
        """The output for x; images become rows."""
        x = operand(x)
        self._shape = x.shape
        return super().forward(x if x.ndim < 3 else x.reshape(len(x), -1))

    def backward(self, dout: Any) -> np.ndarray:
        """The gradient with respect to x, in its shape; those of W and b go into ``grads``."""
        return super().backward(dout).reshape(self._shape)


class Sigmoid(BookLayer):
    """``1 / (1 + exp(-x))``, which does not overflow."""

    operation = functions.sigmoid


class Relu(BookLayer):
    """``max(x, 0)``; unlike in the first book, ``backward`` leaves dout as it was."""

    operation = functions.relu


class Softmax(BookLayer):
    """Softmax over the last axis."""

    operation = functions.softmax


class SoftmaxWithLoss(ForgetsForward):
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

    forgotten: ClassVar[dict[str, Any]] = {"_scores": None}

    def __init__(self) -> None:
        self.params: list[np.ndarray] = []
        self.grads: list[np.ndarray] = []
        self.y: Any = None
        self.t: Any = None
        self.loss: Any = None
        self._scores: Any = None

    def forward(self, x: Any, t: Any) -> Any:
        """The loss of scores x against labels t."""
        self.keep(x, t)
        self.y = softmax(x)
        self.loss = cross_entropy_error(self.y, self.t)
        return self.loss

    def keep(self, x: Any, t: Any) -> None:
        """``forward`` as far as ``backward`` needs it."""
        self._scores, self.t = operand(x), labels_of(x, t)
        self.y = self.loss = None

    def backward(self, dout: Any = 1) -> np.ndarray:
        """The gradient with respect to the scores.

        Raises:
            StateError: there was no ``forward``.
        """
        if self._scores is None:
            raise StateError("SoftmaxWithLoss: backward needs a forward first.")
        pullback = functions.softmax_cross_entropy.vjp(self._scores, self.t)[1][0]
        return pullback(float(dout))


class Dropout:
    """The first book's dropout: in training a share of the entries becomes 0, and in evaluation
    all are multiplied by the share that is kept.

    Args:
        dropout_ratio: the share of entries that become 0.

    Example:
        >>> layer = Dropout(0.25)
        >>> layer.forward(np.ones((1, 2)), train_flg=False)
        array([[0.75, 0.75]])
    """

    def __init__(self, dropout_ratio: float = 0.5):
        self.dropout_ratio = dropout_ratio
        self.params: list[np.ndarray] = []
        self.grads: list[np.ndarray] = []
        self.mask: Any = None

    def forward(self, x: Any, train_flg: bool = True) -> Any:
        """x with entries dropped, or all of them scaled in evaluation."""
        if not train_flg:
            return x * (1.0 - self.dropout_ratio)
        self.mask = draws.uniform(*x.shape) > self.dropout_ratio
        return x * self.mask

    def backward(self, dout: Any) -> Any:
        """dout where an entry was kept, and 0 elsewhere.

        Raises:
            StateError: there was no ``forward`` in training.
        """
        if self.mask is None:
            raise StateError("Dropout: backward needs a forward in training first.")
        return dout * self.mask


class BatchNormalization(ForgetsForward):
    """Normalization over the batch; images are taken as rows.

    Args:
        gamma, beta: scale and shift, shape (n,), which the layer keeps.
        momentum: the share of the old running statistics in the new ones.
        running_mean, running_var: statistics for evaluation; zeros at the first ``forward``.

    Attributes:
        dgamma, dbeta: after ``backward``.

    Example:
        >>> layer = BatchNormalization(np.ones(1), np.zeros(1))
        >>> layer.forward(np.array([[1.0], [3.0]])).round(3)
        array([[-1.],
               [ 1.]])
    """

    forgotten: ClassVar[dict[str, Any]] = {"_pullbacks": ()}
    gamma, beta = parameter(0, "gamma"), parameter(1, "beta")
    dgamma, dbeta = gradient(0, "gamma"), gradient(1, "beta")

    def __init__(
        self,
        gamma: Any,
        beta: Any,
        momentum: float = 0.9,
        running_mean: Any = None,
        running_var: Any = None,
    ):
        self.keeps_grads = True
        self.params: list[Any] = [gamma, beta]
        self.grads: list[np.ndarray] = [_room_for(gamma), _room_for(beta)]
        self.momentum = momentum
        self.running_mean, self.running_var = running_mean, running_var
        self.input_shape: tuple[int, ...] = ()
        self.batch_size = 0
        self._pullbacks: Sequence[Pullback] = ()

    def forward(self, x: Any, train_flg: bool = True) -> np.ndarray:
        """x normalized by the statistics of the batch, or by the running ones in evaluation."""
        x = operand(x)
        self.input_shape = x.shape
        rows = x.reshape(len(x), -1)
        if self.running_mean is None:
            self.running_mean = np.zeros(rows.shape[1])
            self.running_var = np.zeros(rows.shape[1])
        if not train_flg:
            statistics = (self.running_mean, self.running_var)
            y = fixed_batch_norm(rows, self.gamma, self.beta, *statistics, eps=BOOK_EPSILON)
            return y.reshape(x.shape)
        self.batch_size = len(rows)
        y, self._pullbacks, (mean, variance, *_) = batch_norm.vjp(
            rows, self.gamma, self.beta, eps=BOOK_EPSILON
        )
        self.running_mean = self.momentum * self.running_mean + (1 - self.momentum) * mean
        self.running_var = self.momentum * self.running_var + (1 - self.momentum) * variance
        return y.reshape(x.shape)

    def backward(self, dout: Any) -> np.ndarray:
        """The gradient with respect to x; those of gamma and beta go into ``grads``.

        Raises:
            StateError: there was no ``forward`` in training.
        """
        if not self._pullbacks:
            raise StateError("BatchNormalization: backward needs a forward in training first.")
        rows = np.asarray(dout).reshape(self.batch_size, -1)
        to_x, *to_params = self._pullbacks
        for position, pullback in enumerate(to_params):
            take_gradient(self, position, pullback(rows))
        return to_x(rows).reshape(self.input_shape)


def _room_for(parameter: Any) -> np.ndarray:
    """An array for the gradient of a parameter; in float64 where it holds whole numbers."""
    kind = np.result_type(parameter)
    return np.zeros(np.shape(parameter), kind if kind.kind == "f" else np.float64)


def _parameter(owner: str, value: Any) -> Any:
    """A parameter as it is, refused unless it is an array of numbers or one number.

    Raises:
        DtypeError: it is a list or the like, which no update could change.
    """
    if isinstance(value, (int, float)):  # the second book's filters have the bias 0
        return value
    if not isinstance(value, np.ndarray):
        raise DtypeError(
            f"{owner} expects its parameters as arrays, which it keeps; got "
            f"{type(value).__name__}. Use np.array(...)."
        )
    return real_array(owner, "a parameter", value)
