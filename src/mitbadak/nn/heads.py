"""Heads: the end of a net, which turns its scores into an answer and, with labels, into a loss."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from mitbadak import functions
from mitbadak.core.arguments import refuse_a_class
from mitbadak.core.arrays import as_array, real_array
from mitbadak.core.errors import (
    DtypeError,
    LabelError,
    NonFiniteError,
    ShapeError,
    brief,
    positive,
)
from mitbadak.functions.differentiable import Differentiable, Pullback, upstream_gradient
from mitbadak.functions.labels import (
    as_distribution,
    as_soft_labels,
    class_indices,
    one_hot,
    predicted_and_true,
    rows_are_distributions,
)
from mitbadak.functions.losses import binary_cross_entropies
from mitbadak.nn.declared import Declared, option


class Head(Declared, abstract=True):
    """A loss on the net's last scores, with the activation that turns scores into the answer.

    Your own head is a subclass with a differentiable operation that takes scores and targets, and
    with fields for its settings. A net that ends in it can be saved, and loaded wherever the file
    that defines it has been imported.

    Class attributes:
        mean_over: what the loss is the mean over: ``"examples"``, ``"entries"``, or ``""`` where it
            is a sum over the batch.
        one_half: for a squared error, whether it has the factor one half; None for other losses.
        for_regression: whether the targets are real numbers rather than classes.
        gives_probabilities: whether ``answer`` turns scores into probabilities.

    Example:
        >>> from mitbadak.functions.differentiable import differentiable
        >>> @differentiable
        ... def absolute_error(scores, t, *, weight):
        ...     sign = weight * np.sign(scores - t) / scores.size
        ...     return weight * np.mean(np.abs(scores - t)), (lambda dy: dy * sign, None)
        >>> class AbsoluteError(Head, operation=absolute_error):
        ...     weight: float = option(default=1.0)  # passed on to the operation
        ...     for_regression = True
        >>> AbsoluteError(weight=2.0).loss(np.array([[0.5], [3.0]]), np.zeros((2, 1)))
        3.5
    """

    registry: ClassVar[dict[str, Any]] = {}
    key, noun = "head", "loss"
    mean_over: ClassVar[str] = "examples"
    one_half: ClassVar[bool | None] = None
    for_regression: ClassVar[bool] = False
    gives_probabilities: ClassVar[bool] = False

    def __init__(self, operation: Differentiable | None = None, **options: Any) -> None:
        super().__init__(operation, **options)

    @property
    def averages(self) -> bool:
        """Whether the loss is a mean over the batch rather than a sum."""
        return bool(self.mean_over)

    def term_weight(self, shape: tuple[int, ...]) -> float:
        """The weight of one example or entry in the loss of scores of this shape.

        Example:
            >>> [head(name).term_weight((4, 5)) for name in ("softmax_cross_entropy", "huber")]
            [0.25, 0.05]
        """
        if not self.mean_over:
            return 1.0
        return 1 / (shape[0] if self.mean_over == "examples" else np.prod(shape).item())

    def example_losses(self, scores: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """The loss of each example, shape (batch,); times ``term_weight`` they add up to the loss.

        A class that defines this gets the structured numerical gradient. It is not inherited, as a
        subclass may compute another loss.

        Args:
            scores: shape (batch, n_out).
            targets: as returned by ``target_rows``, shape (batch, n_out).
        """
        raise NotImplementedError

    def target_rows(self, scores: np.ndarray, t: Any) -> np.ndarray:
        """``t`` as one row per example, of the shape of the scores."""
        return self.targets(scores, t)

    @property
    def has_example_losses(self) -> bool:
        """Whether the class itself defines ``example_losses``."""
        return "example_losses" in vars(type(self))

    @classmethod
    def outputs_for(cls, classes: int) -> int:
        """How many scores a net has for so many classes."""
        return classes

    def check_labels(self, t: np.ndarray, n_out: int) -> None:
        """Refuse labels of a whole set on which training would go wrong.

        Raises:
            LabelError, ShapeError, DtypeError: with the first label that is wrong.
        """

    def measures_accuracy(self, t: np.ndarray, n_out: int) -> bool:
        """Whether t are classes, so that there is an accuracy."""
        return n_out > 1

    def accuracy(self, scores: np.ndarray, t: Any) -> float:
        """The share of rows of scores whose largest is at the labeled class.

        Raises:
            ShapeError: there are fewer than two classes, or no examples.
        """
        if scores.shape[-1] < 2 or scores.size == 0:
            raise ShapeError(
                f"accuracy expects scores of at least two classes and at least one example; "
                f"got {scores.shape}."
            )
        predicted, true = predicted_and_true("accuracy", scores, t)
        return float(np.mean(predicted == true))

    def answers_per_example(self, n_out: int) -> int:
        """How many answers ``accuracy`` counts per example."""
        return 1

    def targets(self, scores: np.ndarray, t: Any) -> np.ndarray:
        """``t`` in the form that the operation takes."""
        return as_array(repr(self), "t", t)

    def answer(self, scores: np.ndarray) -> np.ndarray:
        """The net's answer, of the same shape as the scores."""
        return scores

    def predicted_classes(self, scores: np.ndarray) -> np.ndarray:
        """The class of the largest score; with a single score per example, 1 for yes and 0 for no.

        Args:
            scores: shape (batch, n_out).

        Returns:
            Class indices, shape (batch,).

        Example:
            >>> SigmoidCrossEntropy().predicted_classes(np.array([[-0.5], [0.0]]))
            array([0, 1])
        """
        return scores.argmax(axis=-1) if scores.shape[-1] > 1 else _is_yes(scores)[:, 0].astype(int)

    def by_class(self, answers: np.ndarray) -> np.ndarray | None:
        """Answers as one probability per class, or None where there are no exclusive classes.

        Example:
            >>> SigmoidCrossEntropy().by_class(np.array([[0.25]]))
            array([[0.75, 0.25]])
        """
        return None

    def loss(self, scores: np.ndarray, t: Any) -> float:
        """The loss of scores against t."""
        return float(self.operation(scores, self.targets(scores, t), **self.options))

    def vjp(self, scores: np.ndarray, t: Any) -> tuple[float, Pullback]:
        """The loss, and its pullback to the scores."""
        loss, pullbacks = self.operation.vjp(scores, self.targets(scores, t), **self.options)

        def pullback(dy: Any) -> Any:
            if type(dy) is not float:  # a Python number leaves float32 scores in float32
                dy = upstream_gradient(repr(self), dy, (), np.float64).item()
            return pullbacks[0](dy)

        return float(loss), pullback

    def config(self) -> str | dict[str, Any]:  # type: ignore[override]
        """The name of the loss, with the fields where any differs from its default."""
        config = super().config()
        return self._name if repr(self) == f"{type(self).__name__}()" else config


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
        return float(np.mean((_is_yes(scores) == true) & ~np.isnan(scores)))

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


def _is_yes(scores: np.ndarray) -> np.ndarray:
    """Whether each score means yes: its sigmoid is 0.5 or above."""
    return scores >= 0


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
