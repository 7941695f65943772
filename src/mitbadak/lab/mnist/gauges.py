"""What a moment of the net looks like: its hidden units, and how it reads the test set."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np

from mitbadak.functions.blas import few_blas_threads
from mitbadak.lab.mnist.building import CLASSES, build_net, digits, training_set
from mitbadak.lab.mnist.run import Snapshot
from mitbadak.runs.quality import confusion_matrix

SAMPLE = 2000  # training examples that stand for all
SHOWN = 12  # misreadings
BRIGHTEST = 0.998  # quantile of the sizes that is shown in full color
BYTE = 255


class Reading(NamedTuple):
    """How the net reads the test set.

    Attributes:
        row: epoch, loss on a sample of the training set and on the test set, accuracy on both.
        answers: the probabilities for every test image, shape (10000, 10).
        confusion: rows are digits, columns answers.
    """

    row: tuple[float, float, float, float, float]
    answers: np.ndarray
    confusion: np.ndarray


def weight_pictures(weights: np.ndarray) -> np.ndarray:
    """The weights of hidden units as bytes: 127.5 is 0, 0 and 255 nearly the largest of all.

    Not the very largest: a few that stand out would leave the others pale.

    Args:
        weights: shape (784, units).

    Returns:
        Bytes of shape (units, 784).

    Example:
        >>> weight_pictures(np.array([[0.5, -0.5], [0.0, 0.25]])).tolist()
        [[255, 127], [0, 191]]
    """
    sizes = np.abs(weights[np.isfinite(weights)])
    largest = max(1e-12, float(np.quantile(sizes, BRIGHTEST))) if sizes.size else 1.0
    scaled = weights.T * (BYTE / 2 / largest) + BYTE / 2
    return np.nan_to_num(np.clip(scaled, 0, BYTE)).astype(np.uint8)


def read_test_set(snapshot: Snapshot, activation: str, examples: int) -> Reading:
    """Answers of the net at a moment.

    Args:
        snapshot: the moment.
        activation: of the hidden units.
        examples: size of the training set.
    """
    hidden = snapshot.params["b1"].size
    net = build_net({"hidden": hidden, "activation": activation, "weight_seed": 0})
    for name, value in snapshot.params.items():
        net.params[name] = value
    (x, t), (x_seen, t_seen) = _test(), _sample(examples)
    with few_blas_threads(), np.errstate(all="ignore"):
        answers, seen = net.predict(x), net.predict(x_seen)
    readings = [_loss_and_accuracy(*pair) for pair in ((seen, t_seen), (answers, t))]
    (seen_loss, seen_right), (loss, right) = readings
    confusion = confusion_matrix(t, _best(answers), CLASSES)
    return Reading((snapshot.epoch, seen_loss, loss, seen_right, right), answers, confusion)


def misreadings(answers: np.ndarray, digit: int = -1, answer: int = -1) -> list[dict]:
    """Where the net was surest of a wrong answer, or of the given answer to a digit.

    Args:
        answers: probabilities for the test set.
        digit, answer: only these; -1 for any misreading.

    Returns:
        Up to 12 of them, the surest first: the number of the image, digit, answer, probability.
    """
    _, t = _test()
    best = _best(answers)
    chosen = best != t if digit < 0 or answer < 0 else (t == digit) & (best == answer)
    rows = np.flatnonzero(chosen)
    sure = np.nan_to_num(answers[rows, best[rows]])
    order = rows[np.argsort(-sure, kind="stable")][:SHOWN]
    return [
        {"image": int(i), "digit": int(t[i]), "answer": int(best[i]),
         "probability": float(np.nan_to_num(answers[i, best[i]]))}
        for i in order
    ]  # fmt: skip


def images(rows: list[int]) -> bytes:
    """Pixels of test images, one after another."""
    x = np.asarray(digits()[1].x)
    return x[rows].astype(np.uint8).tobytes()


def _best(answers: np.ndarray) -> np.ndarray:
    return np.nan_to_num(answers, nan=-1.0).argmax(axis=1)


def _loss_and_accuracy(answers: np.ndarray, t: np.ndarray) -> tuple[float, float]:
    own = answers[np.arange(len(t)), t]
    with np.errstate(all="ignore"):
        loss = float(-np.log(np.maximum(own, np.finfo(answers.dtype).tiny)).mean())
    return loss, float((_best(answers) == t).mean())


@functools.cache
def _test() -> tuple[np.ndarray, np.ndarray]:
    test = digits()[1]
    x, t = test.batch(np.arange(len(test)))
    return x, np.asarray(t, np.intp)


@functools.lru_cache(maxsize=4)
def _sample(examples: int) -> tuple[np.ndarray, np.ndarray]:
    train = training_set(examples)
    rows = np.linspace(0, len(train) - 1, min(SAMPLE, len(train))).astype(int)
    x, t = train.batch(rows)
    return x, np.asarray(t, np.intp)
