"""The base of heads: the end of a net, which turns its scores into an answer and into a loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from mitbadak.core.arguments import explained
from mitbadak.core.arrays import as_array
from mitbadak.core.errors import MissingAttributeError, ShapeError
from mitbadak.functions.differentiable import Differentiable, Pullback, upstream_gradient
from mitbadak.functions.labels import predicted_and_true
from mitbadak.nn.declared import Declared, is_built_in
from mitbadak.nn.values import as_number, check_targets, of_shape


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
        >>> from mitbadak.nn import option
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

    @explained
    def __init__(self, operation: Differentiable | None = None, **options: Any) -> None:
        super().__init__(operation, **options)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name == "operation":
                raise MissingAttributeError(
                    f"{self!r} has no operation. Give its class one, "
                    f"class {type(self).__name__}(Head, operation=...)."
                )
            raise MissingAttributeError(f"{type(self).__name__} has no attribute {name!r}.")

    @property
    def averages(self) -> bool:
        """Whether the loss is a mean over the batch rather than a sum."""
        return bool(self.mean_over)

    def term_weight(self, shape: tuple[int, ...]) -> float:
        """The weight of one example or entry in the loss of scores of this shape.

        Example:
            >>> from mitbadak.nn.heads import head
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
        own = "example_losses" in vars(type(self)) and type(self) is not Head
        return own and "operation" not in vars(self)

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
        return n_out > 1 and (not self.for_regression or t.dtype.kind in "biu")

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

    def checked_targets(self, scores: np.ndarray, t: Any) -> np.ndarray:
        """``targets``, refused where they would broadcast against the scores.

        Raises:
            ShapeError, DtypeError: they have another shape; see ``check_shapes``.
        """
        targets = self.targets(scores, t)
        if "operation" in vars(self) or not is_built_in(type(self)):  # ours check themselves
            self.check_shapes(scores, targets)
        return targets

    def check_shapes(self, scores: np.ndarray, targets: np.ndarray) -> None:
        """Refuse targets of another shape than the scores, unless they are class indices.

        A head whose operation takes others overrides this.

        Raises:
            ShapeError: targets of another shape.
            DtypeError: one target for each example that is no index.
        """
        check_targets(repr(self), np.shape(scores), targets, indices=not self.for_regression)

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
            >>> from mitbadak.nn import SigmoidCrossEntropy
            >>> SigmoidCrossEntropy().predicted_classes(np.array([[-0.5], [0.0]]))
            array([0, 1])
        """
        return scores.argmax(axis=-1) if scores.shape[-1] > 1 else is_yes(scores)[:, 0].astype(int)

    def by_class(self, answers: np.ndarray) -> np.ndarray | None:
        """Answers as one probability per class, or None where there are no exclusive classes.

        Example:
            >>> from mitbadak.nn import SigmoidCrossEntropy
            >>> SigmoidCrossEntropy().by_class(np.array([[0.25]]))
            array([[0.75, 0.25]])
        """
        return None

    def loss(self, scores: np.ndarray, t: Any) -> float:
        """The loss of scores against t."""
        targets = self.checked_targets(scores, t)
        return as_number(repr(self), self.operation(scores, targets, **self.options))

    def vjp(self, scores: np.ndarray, t: Any) -> tuple[float, Pullback]:
        """The loss, and its pullback to the scores."""
        targets = self.checked_targets(scores, t)
        loss, pullbacks = self.operation.vjp(scores, targets, **self.options)

        def pullback(dy: Any) -> Any:
            if type(dy) is not float:  # a Python number leaves float32 scores in float32
                dy = upstream_gradient(repr(self), dy, (), np.float64).item()
            return of_shape(repr(self), "the scores", pullbacks[0](dy), np.shape(scores))

        return as_number(repr(self), loss), pullback

    def config(self) -> str | dict[str, Any]:  # type: ignore[override]
        """The name of the loss, with the fields where any differs from its default."""
        config = super().config()
        return self._name if repr(self) == f"{type(self).__name__}()" else config


def is_yes(scores: np.ndarray) -> np.ndarray:
    """Whether each score means yes: its sigmoid is 0.5 or above."""
    return scores >= 0
