"""Heads: the end of a net, which turns its scores into an answer and, with labels, into a loss."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mitbadak import functions
from mitbadak.core.arguments import refuse_a_class
from mitbadak.core.arrays import real_array
from mitbadak.core.errors import (
    DtypeError,
    LabelError,
    NonFiniteError,
    ShapeError,
    brief,
    positive,
)
from mitbadak.functions.labels import (
    as_distribution,
    as_soft_labels,
    class_indices,
    one_hot,
    rows_are_distributions,
)
from mitbadak.functions.losses import binary_cross_entropies
from mitbadak.nn.declared import option
from mitbadak.nn.head import Head, is_yes


class SoftmaxCrossEntropy(
    Head, operation=functions.softmax_cross_entropy, name="softmax_cross_entropy"
):
    """Softmax and cross entropy taken together; the mean over the batch.

    Example:
        >>> head = SoftmaxCrossEntropy()
        >>> round(head.loss(np.zeros((1, 10)), [3]), 4)  # ln 10, as of an untrained net
        2.3026
    """

    gives_probabilities = True

    def target_rows(self, scores: np.ndarray, t: Any) -> np.ndarray:
        return as_distribution("softmax_cross_entropy", t, scores.shape)

    def example_losses(self, scores: np.ndarray, targets: np.ndarray) -> np.ndarray:
        t, top = targets, scores.max(axis=1)
        total = np.exp(scores - top[:, None]).sum(axis=1)
        with np.errstate(invalid="ignore"):
            labeled = (t * scores).sum(axis=1)
        if np.isnan(labeled).any():  # a score of -inf masks a class, if no label points at it
            labeled = (t * np.where(t == 0, 0.0, scores)).sum(axis=1)
        return t.sum(axis=1) * (top + np.log(total)) - labeled

    def answer(self, scores: np.ndarray) -> np.ndarray:
        return functions.softmax(scores)

    def by_class(self, answers: np.ndarray) -> np.ndarray | None:
        return answers

    def check_labels(self, t: np.ndarray, n_out: int) -> None:
        if t.ndim == 1:
            class_indices("training", t, n_out)
            return
        good = rows_are_distributions("training", t, n_out)
        if not good.all():
            wrong = int(np.argmin(good))
            raise LabelError(
                "training expects each row of t to be a distribution, not negative and summing "
                f"to 1; row {wrong} is {t[wrong]} (sum {t[wrong].sum():.4g})."
            )


class _EntryError(Head, abstract=True):
    """An error of each entry against a real target; class indices are compared as one-hot rows."""

    mean_over = "entries"
    for_regression = True

    def targets(self, scores: np.ndarray, t: Any) -> np.ndarray:
        t = real_array(repr(self), "t", t)
        if t.dtype.kind in "iu" and t.shape == scores.shape[:-1] and scores.shape[-1] > 1:
            return one_hot(t, scores.shape[-1], dtype=scores.dtype, owner=repr(self))
        return t.astype(scores.dtype, copy=False)

    def check_labels(self, t: np.ndarray, n_out: int) -> None:
        if t.ndim == 1 and self.measures_accuracy(t, n_out):
            class_indices("training", t, n_out)
        elif t.ndim == n_out == 1:
            raise ShapeError(
                f"training expects t of shape (n, 1) for {self!r}, one output; got {t.dtype} of "
                f"shape {t.shape}. Use t[:, None]."
            )
        elif t.shape[1:] != (n_out,):
            raise ShapeError(
                f"training expects t of shape (n, {n_out}) for {self!r}, or class indices "
                f"(n,) as integers; got {t.dtype} of shape {t.shape}."
            )
        elif t.dtype.kind == "f" and not np.isfinite(t).all():
            raise NonFiniteError("training: t holds NaN or infinity.")

    def measures_accuracy(self, t: np.ndarray, n_out: int) -> bool:
        return n_out > 1 and t.dtype.kind in "biu"  # real targets are floats


class MeanSquaredError(
    _EntryError, operation=functions.mean_squared_error, name="mean_squared_error"
):
    """The mean of squares over all entries of the batch, without the factor one half."""

    one_half = False

    def example_losses(self, scores: np.ndarray, targets: np.ndarray) -> np.ndarray:
        return ((scores - targets) ** 2).sum(axis=1)


class SumSquaredError(_EntryError, operation=functions.sum_squared_error, name="sum_squared_error"):
    """Half the sum of squares over all entries of the batch; not a mean."""

    mean_over = ""
    one_half = True

    def example_losses(self, scores: np.ndarray, targets: np.ndarray) -> np.ndarray:
        return 0.5 * ((scores - targets) ** 2).sum(axis=1)


class SigmoidCrossEntropy(
    Head, operation=functions.sigmoid_cross_entropy, name="sigmoid_cross_entropy"
):
    """Sigmoid and binary cross entropy taken together; the mean over examples and labels.

    For one yes-or-no question, or for several labels that are not mutually exclusive. The answer is
    the sigmoid of the scores; 0.5 and above count as yes. Accuracy is the share of correct labels
    over all examples and labels: an example with one of four labels wrong counts as 3/4.

    Example:
        >>> head = SigmoidCrossEntropy()
        >>> head.accuracy(np.array([[2.0, -1.0], [-3.0, 0.5]]), [[1, 0], [0, 0]])
        0.75
        >>> round(head.loss(np.zeros((1, 1)), [1]), 4)  # ln 2, as of an untrained net
        0.6931
    """

    mean_over = "entries"
    gives_probabilities = True

    def target_rows(self, scores: np.ndarray, t: Any) -> np.ndarray:
        return as_soft_labels("sigmoid_cross_entropy", t, scores.shape, scores.dtype)

    def example_losses(self, scores: np.ndarray, targets: np.ndarray) -> np.ndarray:
        return binary_cross_entropies(scores, targets).sum(axis=1)

    def answer(self, scores: np.ndarray) -> np.ndarray:
        return functions.sigmoid(scores)

    @classmethod
    def outputs_for(cls, classes: int) -> int:
        return 1 if classes == 2 else classes  # two classes are one question

    def by_class(self, answers: np.ndarray) -> np.ndarray | None:
        """The probabilities of no and yes for a single question; several are not exclusive."""
        one_question = answers.shape[-1] == 1
        return np.concatenate([1 - answers, answers], axis=-1) if one_question else None

    def check_labels(self, t: np.ndarray, n_out: int) -> None:
        if t.ndim == 1 and n_out > 1:
            raise ShapeError(
                f"training expects t of shape (n, {n_out}) for {self!r}, yes or no (1 or 0) for "
                f"each of {n_out} labels; got {t.shape}. For mutually exclusive classes use "
                "softmax_cross_entropy."
            )
        as_soft_labels("training", t, (len(t), n_out))

    def measures_accuracy(self, t: np.ndarray, n_out: int) -> bool:
        return True

    def accuracy(self, scores: np.ndarray, t: Any) -> float:
        """The share of correct labels; answers and labels of 0.5 and above count as yes."""
        if scores.size == 0:
            raise ShapeError(f"accuracy expects at least one example; got {scores.shape}.")
        true = as_soft_labels("accuracy", t, scores.shape) >= 0.5
        return float(np.mean((is_yes(scores) == true) & ~np.isnan(scores)))

    def answers_per_example(self, n_out: int) -> int:
        return n_out


class Huber(_EntryError, operation=functions.huber, name="huber"):  # noqa: N818  (no exception)
    """Huber's loss, the mean over all entries: quadratic up to ``delta``, linear beyond.

    Args:
        delta: where the quadratic part ends; above 0.

    Example:
        >>> Huber().loss(np.array([[0.5], [3.0]]), np.zeros((2, 1)))
        1.3125
    """

    delta: float = option(default=1.0)

    def __post_init__(self) -> None:
        self.delta = positive("Huber", "delta", self.delta)

    def example_losses(self, scores: np.ndarray, targets: np.ndarray) -> np.ndarray:
        error = scores - targets
        clipped = np.clip(error, -self.delta, self.delta)
        return (clipped * (error - 0.5 * clipped)).sum(axis=1)


HEADS: dict[str, type[Head]] = dict(Head.registry)  # the built-in ones, by name


def head(which: str | Mapping[str, Any] | Head) -> Head:
    """A head by the name of its loss, from its ``config``, or as given.

    Raises:
        UnknownNameError: with the closest known name.
        DtypeError: it is a class, a function or something else.

    Example:
        >>> head("huber"), head({"head": "huber", "delta": 2.0})
        (Huber(), Huber(delta=2.0))
    """
    if isinstance(which, Head):
        return which
    if isinstance(which, Mapping):
        return Head.from_config(which)
    refuse_a_class("loss", which, "a name or an object", "'mean_squared_error' or mb.Huber(1.0)")
    if not isinstance(which, str):
        raise DtypeError(
            f"loss expects a name or an object, such as 'mean_squared_error' or mb.Huber(1.0); got "
            f"{brief(which)}."
        )
    return Head.from_config({"head": which})
