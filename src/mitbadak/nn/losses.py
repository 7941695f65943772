"""Heads: what ends a net, turning its scores into an answer and, with labels, into a loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mitbadak import functions
from mitbadak.core.arrays import as_array, real_array
from mitbadak.core.errors import (
    LabelError,
    NonFiniteError,
    ShapeError,
    StateError,
    positive,
    unknown_name,
)
from mitbadak.functions.differentiable import Differentiable, Pullback, upstream_gradient
from mitbadak.functions.labels import (
    as_shares,
    class_indices,
    distributions,
    one_hot,
    predicted_and_true,
)


class Head:
    """A loss on the net's last scores, with the activation that turns scores into the answer.

    Args:
        operation: the loss, taking scores and targets.
        options: of the operation, fixed for this head.

    Attributes:
        averages: whether the loss is a mean over the batch rather than a sum.
    """

    averages = True

    def __init__(self, operation: Differentiable, **options: Any) -> None:
        self.operation, self.options = operation, options

    def check_labels(self, t: np.ndarray, n_out: int) -> None:
        """Refuse labels of a whole set on which training would go wrong.

        Raises:
            LabelError, ShapeError, DtypeError: with the first thing that is wrong.
        """

    def measures_accuracy(self, t: np.ndarray, n_out: int) -> bool:
        """Whether t are classes, so that accuracy has a meaning."""
        return n_out > 1

    def share_right(self, scores: np.ndarray, t) -> float:
        """The share of rows of scores whose largest is at the labelled class.

        Raises:
            ShapeError: there are not two classes, or there is no example.
        """
        if scores.shape[-1] < 2 or scores.size == 0:
            raise ShapeError(
                f"accuracy expects scores of at least two classes and at least one example; "
                f"got {scores.shape}."
            )
        predicted, true = predicted_and_true("accuracy", scores, t)
        return float(np.mean(predicted == true))

    def questions(self, n_out: int) -> int:
        """How many answers ``share_right`` counts for an example."""
        return 1

    def targets(self, scores: np.ndarray, t) -> np.ndarray:
        """``t`` in the form that the operation takes."""
        return as_array(repr(self), "t", t)

    def answer(self, scores: np.ndarray) -> np.ndarray:
        """Scores as the net says them: the same shape."""
        return scores

    def by_class(self, answers: np.ndarray) -> np.ndarray | None:
        """Answers as one probability for each class, or None where they are nothing of the kind.

        Example:
            >>> SigmoidCrossEntropy().by_class(np.array([[0.25]]))
            array([[0.75, 0.25]])
        """
        return None

    def loss(self, scores: np.ndarray, t) -> float:
        """The loss of scores against t, a number."""
        return float(self.operation(scores, self.targets(scores, t), **self.options))

    def vjp(self, scores: np.ndarray, t) -> tuple[float, Pullback]:
        """The loss and the pullback for the scores."""
        loss, pullbacks = self.operation.vjp(scores, self.targets(scores, t), **self.options)
        # A Python number as dy, so that float32 scores keep their dtype.
        return float(loss), lambda dy: pullbacks[0](
            upstream_gradient(repr(self), dy, (), np.float64).item()
        )

    def config(self) -> str | dict:
        """What ``head`` needs to make this head again.

        Raises:
            StateError: it is none of Mitbadak's.
        """
        for name, make in HEADS.items():
            if type(self) is make:
                return name
        raise StateError(
            f"{self!r} is no head of Mitbadak's ({', '.join(HEADS)}), so a file could not say "
            "how to make it again. Save the parameters yourself: dict(net.params)."
        )

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

    def by_class(self, answers: np.ndarray) -> np.ndarray | None:
        return answers

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
        t = real_array(repr(self), "t", t)
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


class Huber(_SquaredError):  # noqa: N818  (a loss, no exception)
    """Huber's loss, the mean over every entry: squares up to ``delta``, straight beyond.

    Args:
        delta: where squares end; above 0.

    Example:
        >>> Huber().loss(np.array([[0.5], [3.0]]), np.zeros((2, 1)))
        1.3125
    """

    def __init__(self, delta: float = 1.0) -> None:
        super().__init__(functions.huber, delta=positive("Huber", "delta", delta))

    def config(self) -> str | dict:
        return "huber" if self.options["delta"] == 1 else {"head": "huber", **self.options}

    def __repr__(self) -> str:
        delta = self.options["delta"]
        return "Huber()" if delta == 1 else f"Huber(delta={delta:g})"


class SigmoidCrossEntropy(Head):
    """Sigmoid and binary cross entropy taken together; the mean over examples and labels.

    For one yes-or-no question, or several labels that may be right together. The answer is the
    sigmoid of the scores; from 0.5 it counts as yes. Accuracy is the share of labels that are
    right, over all examples and labels: an example with one of four labels wrong counts as 3/4.

    Example:
        >>> head = SigmoidCrossEntropy()
        >>> head.share_right(np.array([[2.0, -1.0], [-3.0, 0.5]]), [[1, 0], [0, 0]])
        0.75
        >>> round(head.loss(np.zeros((1, 1)), [1]), 4)  # ln 2: no idea yet
        0.6931
    """

    def __init__(self) -> None:
        super().__init__(functions.sigmoid_cross_entropy)

    def answer(self, scores: np.ndarray) -> np.ndarray:
        return functions.sigmoid(scores)

    def by_class(self, answers: np.ndarray) -> np.ndarray | None:
        """No and yes of a single question; several questions exclude one another not."""
        one_question = answers.shape[-1] == 1
        return np.concatenate([1 - answers, answers], axis=-1) if one_question else None

    def check_labels(self, t: np.ndarray, n_out: int) -> None:
        if t.ndim == 1 and n_out > 1:
            raise ShapeError(
                f"training expects t of shape (n, {n_out}) for {self!r}, yes or no (1 or 0) for "
                f"each of {n_out} labels; got {t.shape}. Classes of which one is right are for "
                "softmax_cross_entropy."
            )
        as_shares("training", t, (len(t), n_out))

    def measures_accuracy(self, t: np.ndarray, n_out: int) -> bool:
        return True

    def share_right(self, scores: np.ndarray, t) -> float:
        """The share of labels that are right, an answer or a label of 0.5 counting as yes."""
        if scores.size == 0:
            raise ShapeError(f"accuracy expects at least one example; got {scores.shape}.")
        true = as_shares("accuracy", t, scores.shape) >= 0.5
        return float(np.mean(((scores >= 0) == true) & ~np.isnan(scores)))

    def questions(self, n_out: int) -> int:
        return n_out


HEADS: dict[str, Callable[..., Head]] = {
    "softmax_cross_entropy": SoftmaxCrossEntropy,
    "mean_squared_error": MeanSquaredError,
    "sum_squared_error": SumSquaredError,
    "sigmoid_cross_entropy": SigmoidCrossEntropy,
    "huber": Huber,
}


def head(which: str | dict) -> Head:
    """A head by the name of its loss, or as its ``config`` describes it.

    Raises:
        UnknownNameError: with the nearest right name.

    Example:
        >>> head("huber"), head({"head": "huber", "delta": 2.0})
        (Huber(), Huber(delta=2))
    """
    options = dict(which) if isinstance(which, dict) else {"head": which}
    name = options.pop("head", None)
    if name not in HEADS:
        raise unknown_name("loss", name, HEADS)
    return HEADS[name](**options)
