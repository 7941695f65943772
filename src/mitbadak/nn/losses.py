"""Heads: what ends a net, turning its scores into an answer and, with labels, into a loss."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mitbadak import functions
from mitbadak.differentiable import Differentiable, Pullback
from mitbadak.errors import LabelError, NonFiniteError, ShapeError, unknown_name
from mitbadak.labels import class_indices, distributions, one_hot


class Head:
    """A loss on the net's last scores, with the activation that turns scores into the answer.

    Args:
        operation: the loss, taking scores and targets.

    Attributes:
        averages: whether the loss is a mean over the batch rather than a sum.
    """

    averages = True

    def __init__(self, operation: Differentiable) -> None:
        self.operation = operation

    def check_labels(self, t: np.ndarray, n_out: int) -> None:
        """Refuse labels of a whole set on which training would go wrong.

        Raises:
            LabelError, ShapeError, DtypeError: with the first thing that is wrong.
        """

    def measures_accuracy(self, t: np.ndarray, n_out: int) -> bool:
        """Whether t are classes, so that accuracy has a meaning."""
        return n_out > 1

    def targets(self, scores: np.ndarray, t) -> np.ndarray:
        """``t`` in the form that the operation takes."""
        return np.asarray(t)

    def answer(self, scores: np.ndarray) -> np.ndarray:
        """Scores as the net says them: the same shape."""
        return scores

    def loss(self, scores: np.ndarray, t) -> float:
        """The loss of scores against t, a number."""
        return float(self.operation(scores, self.targets(scores, t)))

    def vjp(self, scores: np.ndarray, t) -> tuple[float, Pullback]:
        """The loss and the pullback for the scores."""
        loss, pullbacks = self.operation.vjp(scores, self.targets(scores, t))
        return float(loss), pullbacks[0]

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class SoftmaxCrossEntropy(Head):
    """Softmax and cross entropy taken together; the mean over the batch.

    Example:
        >>> head = SoftmaxCrossEntropy()
        >>> round(head.loss(np.zeros((1, 10)), [3]), 4)  # ln 10: no idea yet
        2.3026
    """

    def __init__(self) -> None:
        super().__init__(functions.softmax_cross_entropy)

    def answer(self, scores: np.ndarray) -> np.ndarray:
        return functions.softmax(scores)

    def check_labels(self, t: np.ndarray, n_out: int) -> None:
        if t.ndim == 1:
            class_indices("training", t, n_out)
            return
        good = distributions("training", t, n_out)
        if not good.all():
            wrong = int(np.argmin(good))
            raise LabelError(
                "training expects each row of t to be a distribution, not negative and summing "
                f"to 1; row {wrong} is {t[wrong]} (sum {t[wrong].sum():.4g})."
            )


class _SquaredError(Head):
    """Squared error; integer class labels are compared as one-hot rows."""

    def targets(self, scores: np.ndarray, t) -> np.ndarray:
        t = np.asarray(t)
        if t.dtype.kind in "iu" and t.shape == scores.shape[:-1] and scores.shape[-1] > 1:
            return one_hot(t, scores.shape[-1], dtype=scores.dtype, owner=repr(self))
        return t.astype(scores.dtype, copy=False)

    def check_labels(self, t: np.ndarray, n_out: int) -> None:
        if t.ndim == 1 and self.measures_accuracy(t, n_out):
            class_indices("training", t, n_out)
        elif t.shape[1:] != (n_out,):
            raise ShapeError(
                f"training expects t of shape (n, {n_out}) for {self!r}, or class indices "
                f"(n,) as integers; got {t.dtype} of shape {t.shape}."
            )
        elif t.dtype.kind == "f" and not np.isfinite(t).all():
            raise NonFiniteError("training: t holds NaN or infinity.")

    def measures_accuracy(self, t: np.ndarray, n_out: int) -> bool:
        return n_out > 1 and t.dtype.kind in "biu"  # real targets are floats


class SumSquaredError(_SquaredError):
    """Half the sum of squares over every entry of the batch, no mean."""

    averages = False

    def __init__(self) -> None:
        super().__init__(functions.sum_squared_error)


class MeanSquaredError(_SquaredError):
    """The mean of squares over every entry of the batch, without a one half."""

    def __init__(self) -> None:
        super().__init__(functions.mean_squared_error)


HEADS: dict[str, Callable[[], Head]] = {
    "softmax_cross_entropy": SoftmaxCrossEntropy,
    "mean_squared_error": MeanSquaredError,
    "sum_squared_error": SumSquaredError,
}


def head(name: str) -> Head:
    """A head by the name of its loss.

    Raises:
        UnknownNameError: with the nearest right name.
    """
    if name not in HEADS:
        raise unknown_name("loss", name, HEADS)
    return HEADS[name]()
