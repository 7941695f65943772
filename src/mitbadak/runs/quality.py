"""How good answers are, beyond one number: mix-ups, precision and recall, calibration, R2."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mitbadak.core.typing import Array, Float, Float64, Int
from mitbadak.core.errors import LabelError, ShapeError, whole
from mitbadak.functions.labels import class_indices
from mitbadak.core.memory import check_memory

CALIBRATION_BINS = 15  # as in Guo et al. 2017


@dataclass(frozen=True)
class Calibration:
    """How sure a net was, and how often it was right, by how sure it was.

    Attributes:
        error: the expected calibration error, in [0, 1].
        edges: of the bins, shape (bins + 1,).
        counts: answers in each bin, shape (bins,).
        confidence, accuracy: the means over each bin, NaN where it is empty.
    """

    error: float
    edges: Float64[Array, " edges"]
    counts: Int[Array, " bins"]
    confidence: Float64[Array, " bins"]
    accuracy: Float64[Array, " bins"]


def confusion_matrix(t, predicted, classes: int) -> Int[Array, "classes classes"]:
    """How often each class was read as each: rows are what it is, columns what was said.

    Args:
        t: true class indices, shape (n,).
        predicted: class indices that were answered, shape (n,).
        classes: how many there are.

    Raises:
        ShapeError: the two differ in shape.
        DtypeError, LabelError: not integers in ``0 .. classes - 1``.

    Example:
        >>> confusion_matrix([0, 1, 1, 2], [0, 1, 2, 2], 3)
        array([[1, 0, 0],
               [0, 1, 1],
               [0, 0, 1]])
    """
    classes = whole("confusion_matrix", "classes", classes)
    true, said = (class_indices("confusion_matrix", k, classes) for k in (t, predicted))
    if true.shape != said.shape or true.ndim != 1:
        raise ShapeError(
            f"confusion_matrix expects t and predicted of one shape (n,); got {true.shape} and "
            f"{said.shape}."
        )
    needed = classes * classes * np.dtype(np.intp).itemsize
    check_memory("confusion_matrix", needed, "It has a count for each pair of classes.")
    counts = np.bincount(true * classes + said, minlength=classes * classes)
    return counts.reshape(classes, classes)


def precision_recall(matrix) -> dict[str, np.ndarray]:
    """Precision, recall, F1 and support of each class, from a confusion matrix.

    Precision is the share of those said to be k that are k, recall the share of those that are k
    that were said to be, F1 their harmonic mean ``2 p r / (p + r)``, support the number of
    examples that are k. What would be 0/0 is 0.

    Args:
        matrix: shape (classes, classes), rows what it is, columns what was said.

    Raises:
        ShapeError: it is not square.

    Example:
        >>> found = precision_recall([[8, 2], [1, 9]])
        >>> found["precision"].round(4), found["recall"], found["f1"].round(4), found["support"]
        (array([0.8889, 0.8182]), array([0.8, 0.9]), array([0.8421, 0.8571]), array([10, 10]))
    """
    matrix = np.asarray(matrix)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ShapeError(f"precision_recall expects a square matrix; got shape {matrix.shape}.")
    right = np.diag(matrix)
    support, said = matrix.sum(axis=1), matrix.sum(axis=0)
    return {
        "precision": _share(right, said),
        "recall": _share(right, support),
        "f1": _share(2 * right, support + said),  # 2pr / (p + r), with the halves cancelled
        "support": support,
    }


def calibration(probabilities, t, *, bins: int = CALIBRATION_BINS) -> Calibration:
    """Whether a net is as often right as it is sure: the expected calibration error.

    Answers are sorted into bins of equal width by the probability of the answered class;
    ``ECE = sum_m (n_m / n) |accuracy_m - confidence_m|`` (C. Guo, G. Pleiss, Y. Sun and K. Q.
    Weinberger, "On Calibration of Modern Neural Networks", ICML 2017, equation 3). Bin m holds
    confidences in ((m - 1) / bins, m / bins].

    Args:
        probabilities: shape (n, classes), each row summing to 1.
        t: true class indices, shape (n,).
        bins: of equal width over [0, 1].

    Raises:
        ShapeError: n differs, or there is no example.
        LabelError: entries that are no probabilities.

    Example:
        >>> found = calibration([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]], [0, 1, 1], bins=2)
        >>> found.counts, round(found.error, 4)  # sure by 0.8 on average, right in 2 of 3
        (array([0, 3]), 0.1333)
    """
    rows = np.asarray(probabilities, np.float64)
    bins = whole("calibration", "bins", bins)
    if rows.ndim != 2 or np.shape(t) != rows.shape[:1] or rows.size == 0:
        raise ShapeError(
            f"calibration expects probabilities (n, classes) and t (n,), n at least 1; got "
            f"{rows.shape} and {np.shape(t)}."
        )
    if not (rows.min() >= 0 and rows.max() <= 1 + 1e-6):  # also refuses NaN
        raise LabelError(
            "calibration expects probabilities in [0, 1]; got entries from "
            f"{rows.min():g} to {rows.max():g}."
        )
    sure = np.minimum(rows.max(axis=1), 1.0)
    right = rows.argmax(axis=1) == class_indices("calibration", t, rows.shape[1])
    edges = np.linspace(0, 1, bins + 1)
    place = np.clip(np.searchsorted(edges, sure, side="left") - 1, 0, bins - 1)
    counts = np.bincount(place, minlength=bins)
    empty = np.where(counts, counts, np.nan)
    confidence = np.bincount(place, sure, bins) / empty
    accuracy = np.bincount(place, right, bins) / empty
    error = float(np.nansum(counts * np.abs(accuracy - confidence)) / len(rows))
    return Calibration(error, edges, counts, confidence, accuracy)


def regression_quality(t, y) -> dict[str, float]:
    """Root mean squared error and R2 of real answers.

    ``rmse`` is over all entries. ``r2`` is ``1 - sum (t - y)^2 / sum (t - mean t)^2`` for each
    output, averaged over the outputs; an output whose targets are all alike counts 1 when it is
    met exactly and 0 otherwise, as in scikit-learn.

    Args:
        t: targets, shape (n,) or (n, outputs).
        y: answers, of the same shape.

    Raises:
        ShapeError: the shapes differ, or there is no example.

    Example:
        >>> regression_quality([1.0, 2.0, 3.0], [1.0, 2.0, 4.0])
        {'rmse': 0.5773502691896257, 'r2': 0.5}
    """
    t, y = np.asarray(t, np.float64), np.asarray(y, np.float64)
    if t.shape != y.shape or t.size == 0 or t.ndim not in (1, 2):
        raise ShapeError(
            f"regression_quality expects t and y of one shape (n,) or (n, outputs), n at least 1; "
            f"got {t.shape} and {y.shape}."
        )
    t, y = t.reshape(len(t), -1), y.reshape(len(y), -1)
    left, spread = np.sum((t - y) ** 2, axis=0), np.sum((t - t.mean(axis=0)) ** 2, axis=0)
    flat = np.where(left == 0, 1.0, 0.0)
    r2 = np.where(spread > 0, 1 - left / np.where(spread > 0, spread, 1), flat)
    return {"rmse": float(np.sqrt(np.mean((t - y) ** 2))), "r2": float(r2.mean())}


def worst_misreadings(probabilities, t, most: int = 12) -> Int[Array, " wrong"]:
    """The examples that were answered wrongly with the greatest confidence, worst first.

    Args:
        probabilities: shape (n, classes).
        t: true class indices, shape (n,).
        most: how many at most.

    Returns:
        Their rows.

    Example:
        >>> worst_misreadings([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]], [1, 1, 1])
        array([0, 2])
    """
    rows = np.asarray(probabilities)
    wrong = np.flatnonzero(rows.argmax(axis=1) != np.asarray(t))
    order = np.argsort(-rows[wrong].max(axis=1, initial=0), kind="stable")
    return wrong[order[:most]]


def _share(part, whole_) -> Float[Array, " classes"]:
    part, whole_ = np.asarray(part, np.float64), np.asarray(whole_, np.float64)
    return np.divide(part, whole_, out=np.zeros_like(part), where=whole_ > 0)
