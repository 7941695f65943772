"""Whether a training has learned anything, in words that say what to do."""

from __future__ import annotations

import numpy as np

from mitbadak.core.typing import Array, Float64
from mitbadak.nn.heads import HEADS, Head, SigmoidCrossEntropy, SoftmaxCrossEntropy
from mitbadak.training.trainer import Trainer

WORSE = 2.0
"""A loss so many times the first one has grown: batches and Dropout move it by some per cent, and
learning only lowers it."""
CHANCE = 0.98
"""A net that knows only how frequent each label is has the loss of one answer for all examples; the
mean over an epoch scatters around that by a per cent or so."""
FIRST_EPOCHS = 5
"""Fewer are a first look, not a training."""
MOST_LABELS = 10_000  # from which the loss of one answer for all is estimated


def warning_about(trainer: Trainer) -> str:
    """What went wrong in a run that ended without an error, with a remedy; "" if nothing did.

    A run has gone wrong if the training loss ended at more than ``WORSE`` times the first one, or
    if in no epoch it came below ``CHANCE`` times the loss of the best single answer for all
    examples.

    Args:
        trainer: after its run.

    Example:
        >>> from mitbadak.data import load_spiral
        >>> from mitbadak.nn import MLP
        >>> from mitbadak.optim import SGD
        >>> trainer = Trainer(MLP([2, 10, 3], rng=0), load_spiral(), optimizer=SGD(1000.0),
        ...                   epochs=5, batch_size=30, rng=0)
        >>> _ = trainer.run()
        >>> warning_about(trainer)[:40]
        'the training loss has grown from 1.099 t'
    """
    rows, lr = trainer.history.rows, trainer.optimizer.lr
    losses = [float(loss) for row in rows if (loss := row.get("train_loss")) is not None]
    if trainer.failed or len(rows) < 2 or len(losses) < len(rows):
        return ""
    first, *later = losses
    if later[-1] > WORSE * first > 0:
        return (
            f"the training loss has grown from {first:.4g} to {later[-1]:.4g}: the steps are too "
            f"large. Try a much smaller lr than {lr:g}, a tenth or a hundredth of it."
        )
    if len(later) < FIRST_EPOCHS:
        return ""
    train = trainer.train
    t = train.t if train.rows is None else train.t[train.rows]
    chance = loss_of_one_answer(trainer.net.head, t, trainer.net.n_out or 0)
    if chance is not None and min(later) > CHANCE * chance:
        return (
            "nothing has been learned: in no epoch was the training loss clearly below "
            f"{chance:.4g}, that of one answer for all examples. Try ten times the lr of {lr:g} "
            "or a tenth, more epochs, or other inputs: these may say nothing about the labels."
        )
    return ""


def loss_of_one_answer(head: Head, t: np.ndarray, n_out: int) -> float | None:
    """The least loss with the same scores for every example; None where that is not known.

    Of a softmax it is the entropy of the labels, of a squared error their variance.

    Args:
        head: one that is a mean over examples or entries.
        t: labels or targets, as in training.
        n_out: width of the scores.

    Example:
        >>> from mitbadak.nn.heads import head
        >>> round(loss_of_one_answer(head("softmax_cross_entropy"), np.array([0, 0, 1, 2]), 3), 4)
        1.0397
        >>> loss_of_one_answer(head("mean_squared_error"), np.array([[0.0], [4.0]]), 1)
        4.0
    """
    if not head.averages or type(head) not in HEADS.values():
        return None
    t = t[:: max(1, len(t) // MOST_LABELS)]
    scores = np.zeros((len(t), n_out))
    mean = np.asarray(head.target_rows(scores, t), np.float64).mean(axis=0)
    return head.loss(scores + _scores_of(head, mean), t)


def _scores_of(head: Head, mean: np.ndarray) -> Float64[Array, " n_out"]:
    """The scores whose answer is the mean of the targets."""
    tiny = np.finfo(np.float64).tiny
    if isinstance(head, SoftmaxCrossEntropy):
        return np.log(np.maximum(mean, tiny))
    if isinstance(head, SigmoidCrossEntropy):
        return np.log(np.maximum(mean, tiny)) - np.log(np.maximum(1 - mean, tiny))
    return mean
