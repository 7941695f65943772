"""Heads that scikit-learn's estimators need and the core has not: weights, and counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak.functions.differentiable import differentiable
from mitbadak.nn.declared import option
from mitbadak.nn.heads import Head, head


@differentiable
def weighted_loss(scores: Any, t: Any, *, of: str | dict[str, Any]) -> Any:
    """A head's loss with a weight for each example, ``sum_i w_i l_i / sum_i w_i``.

    An example of weight 2 counts as the same example twice.

    Args:
        scores: shape (batch, n_out).
        t: targets, and in the last column the weights, shape (batch, n_out + 1).
        of: the head, by its configuration.

    Example:
        >>> scores, t = np.array([[0.0], [2.0]]), np.array([[1.0, 3.0], [1.0, 1.0]])
        >>> weighted_loss(scores, t, of="mean_squared_error")
        1.0
    """
    inner, targets, weights = head(of), t[:, :-1], t[:, -1:]
    share = weights / np.sum(weights)
    _, pullback = inner.vjp(scores, targets)
    each = inner.example_losses(scores, targets) * inner.term_weight(scores.shape) * len(scores)
    loss = float(np.sum(share[:, 0] * each))
    return loss, (lambda dy: pullback(1.0) * share * (len(scores) * dy), None)


class Weighted(Head, operation=weighted_loss):
    """Another head's loss, with the weights of the examples in a last column of the targets.

    Args:
        of: the name or configuration of the other head, whose loss is a mean.
    """

    of: str | dict[str, Any] = option(default="softmax_cross_entropy")

    def targets(self, scores: np.ndarray, t: Any) -> np.ndarray:
        return np.asarray(t, scores.dtype)

    def answer(self, scores: np.ndarray) -> np.ndarray:
        return head(self.of).answer(scores)

    def measures_accuracy(self, t: np.ndarray, n_out: int) -> bool:
        return False


@differentiable
def poisson_loss(scores: Any, t: Any) -> Any:
    """Mean of ``exp(s) - t s + t log t - t``: half the deviance of counts t of mean ``exp(s)``.

    Example:
        >>> float(poisson_loss(np.zeros((2, 1)), np.array([[1.0], [0.0]])))
        0.5
    """
    y = np.exp(scores)
    return np.mean(y - t * scores + of_counts(t)), (lambda dy: dy * (y - t) / y.size, None)


def of_counts(t: np.ndarray) -> np.ndarray:
    """``t log t - t``, which is 0 for t = 0."""
    return t * np.log(np.where(t > 0, t, 1)) - t


class Poisson(Head, operation=poisson_loss, name="poisson"):
    """Poisson loss with a logarithmic link, for counts; the mean over all entries."""

    mean_over = "entries"
    for_regression = True

    def targets(self, scores: np.ndarray, t: Any) -> np.ndarray:
        return np.asarray(t, scores.dtype).reshape(scores.shape)

    def example_losses(self, scores: np.ndarray, targets: np.ndarray) -> np.ndarray:
        return (np.exp(scores) - targets * scores + of_counts(targets)).sum(axis=1)

    def answer(self, scores: np.ndarray) -> np.ndarray:
        return np.exp(scores)

    def measures_accuracy(self, t: np.ndarray, n_out: int) -> bool:
        return False


def answering(of: Head) -> Head:
    """The head whose answers a head gives: of weighted examples, that which is weighted.

    Example:
        >>> answering(Weighted("huber")), answering(head("huber"))
        (Huber(), Huber())
    """
    return head(of.of) if isinstance(of, Weighted) else of
