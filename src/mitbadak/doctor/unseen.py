"""Examples that are kept for testing, beside those of the training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mitbadak.doctor.examples import FLAT, Examples
from mitbadak.doctor.signals import Answers, answers_of, form_of

LOOKED_AT = 500  # rows of a set


@dataclass(frozen=True)
class Unseen:
    """What is known of a test set.

    Attributes:
        n: rows that were looked at.
        overlap: the share of them that were trained on.
        shift: how far the mean of a typical column is from that of the training, over its spread.
        ratio: the spread of its inputs over that of the training's.
        moved: the share of labels that would have to change for the classes to be as frequent.
        answers: of the net; None where they were not given.
    """

    n: int
    overlap: float
    shift: float
    ratio: float
    moved: float
    answers: Answers | None


def spread_rows(n: int) -> np.ndarray:
    """Which of n rows are looked at: some from everywhere, since sets may be sorted."""
    return np.unique(np.linspace(0, n - 1, min(n, LOOKED_AT)).astype(np.intp))


def compared(
    examples: Examples, x: np.ndarray, t: np.ndarray, outputs: np.ndarray | None
) -> Unseen | None:
    """A test set beside the examples of a training; None where too few of them were seen.

    Args:
        examples: of the training.
        x, t: rows of the test set.
        outputs: the net's answers to them.
    """
    train, labels = examples.arrays
    rows = x.reshape(len(x), -1).astype(np.float64)
    if len(train) < 10 or train.shape[1] != rows.shape[1]:
        return None
    spread = train.std(axis=0)
    varies = spread > 0
    shift, ratio = 0.0, 1.0
    if varies.any() and np.isfinite(rows).all():
        floor = np.maximum(spread[varies], FLAT * np.median(spread[varies]))
        away = np.abs(rows.mean(axis=0) - train.mean(axis=0))[varies] / floor
        shift = float(np.median(away))
        ratio = float(np.sqrt(rows[:, varies].var(axis=0).sum() / (spread[varies] ** 2).sum()))
    answers = None if outputs is None else answers_of(outputs, t)
    return Unseen(
        len(rows), examples.share_of(x), shift, ratio, _moved(labels, t), answers
    )  # fmt: skip


def _moved(train: np.ndarray, test: np.ndarray) -> float:
    """Half the sum of the differences between the shares of the classes; 0 of numbers."""
    whole = test.dtype.kind in "biu"
    forms = form_of(train.astype(np.int64) if whole else train), form_of(test)
    counts = [np.array(form[1], np.float64) for form in forms]
    if not all(len(c) for c in counts) or min(len(train), len(test)) < 50:
        return 0.0
    size = max(map(len, counts))
    shares = [np.pad(c, (0, size - len(c))) / c.sum() for c in counts]
    return float(np.abs(shares[0] - shares[1]).sum() / 2)
