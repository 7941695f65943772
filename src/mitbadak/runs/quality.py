"""Quality of predictions: confusion matrix, precision and recall, calibration, R2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mitbadak.core.errors import LabelError, ShapeError, whole
from mitbadak.core.memory import check_memory
from mitbadak.core.typing import Array, Float, Float64, Int
from mitbadak.functions.labels import class_indices

CALIBRATION_BINS = 15  # as in Guo et al. 2017


@dataclass(frozen=True)
class Calibration:
    """The confidence of a net, and its accuracy at each level of confidence.

    Attributes:
        error: the expected calibration error, in [0, 1].
        edges: of the bins, shape (bins + 1,).
        counts: predictions in each bin, shape (bins,).
        confidence, accuracy: the mean over each bin, NaN if it is empty.
    """

    error: float
    edges: Float64[Array, " edges"]
    counts: Int[Array, " bins"]
    confidence: Float64[Array, " bins"]
    accuracy: Float64[Array, " bins"]


def confusion_matrix(t: Any, predicted: Any, classes: int) -> Int[Array, "classes classes"]:
    """How often each class was predicted as each: rows are true classes, columns predicted ones.

    Args:
        t: true class indices, shape (n,).
        predicted: predicted class indices, shape (n,).
        classes: the number of classes.

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
    true, answers = (class_indices("confusion_matrix", k, classes) for k in (t, predicted))
    if true.shape != answers.shape or true.ndim != 1:
        raise ShapeError(
            f"confusion_matrix expects t and predicted of one shape (n,); got {true.shape} and "
            f"{answers.shape}."
        )
    needed = classes * classes * np.dtype(np.intp).itemsize
    check_memory("confusion_matrix", needed, "It has a count for each pair of classes.")
    counts = np.bincount(true * classes + answers, minlength=classes * classes)
    return counts.reshape(classes, classes)


def precision_recall(matrix: Any) -> dict[str, np.ndarray]:
    """Precision, recall, F1 and support of each class, from a confusion matrix.

    For class k: precision is the share of the predictions of k that are right, recall the share of
    the examples of k that are predicted as k, F1 their harmonic mean ``2 p r / (p + r)``, support
    the number of examples of k. 0/0 counts as 0.

    Args:
        matrix: shape (classes, classes), rows are true classes, columns predicted ones.

    Raises:
        ShapeError: it is not square.

    Example:
        >>> k = precision_recall([[8, 2], [1, 9]])
        >>> k["precision"].round(4), k["recall"], k["f1"].round(4), k["support"]
        (array([0.8889, 0.8182]), array([0.8, 0.9]), array([0.8421, 0.8571]), array([10, 10]))
    """
    matrix = np.asarray(matrix)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ShapeError(f"precision_recall expects a square matrix; got shape {matrix.shape}.")
    right = np.diag(matrix)
    support, predicted = matrix.sum(axis=1), matrix.sum(axis=0)
    return {
        "precision": _share(right, predicted),
        "recall": _share(right, support),
        "f1": _share(2 * right, support + predicted),  # 2pr / (p + r), with the halves canceled
        "support": support,
    }


def calibration(probabilities: Any, t: Any, *, bins: int = CALIBRATION_BINS) -> Calibration:
    """Whether the confidence of a net matches its accuracy: the expected calibration error.

    Predictions are sorted into bins of equal width by the probability of the predicted class;
    ``ECE = sum_m (n_m / n) |accuracy_m - confidence_m|`` (C. Guo, G. Pleiss, Y. Sun and K. Q.
    Weinberger, "On Calibration of Modern Neural Networks", ICML 2017, equation 3). Bin m holds
    confidences in ((m - 1) / bins, m / bins].

    Args:
        probabilities: shape (n, classes), each row summing to 1.
        t: true class indices, shape (n,).
        bins: number of bins of equal width over [0, 1].

    Raises:
        ShapeError: n differs, or there is no example.
        LabelError: entries that are not probabilities.

    Example:
        >>> result = calibration([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]], [0, 1, 1], bins=2)
        >>> result.counts, round(result.error, 4)  # mean confidence 0.8, right in 2 of 3
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
    confidences = np.minimum(rows.max(axis=1), 1.0)
    right = rows.argmax(axis=1) == class_indices("calibration", t, rows.shape[1])
    edges = np.linspace(0, 1, bins + 1)
    place = np.clip(np.searchsorted(edges, confidences, side="left") - 1, 0, bins - 1)
    counts = np.bincount(place, minlength=bins)
    empty = np.where(counts, counts, np.nan)
    confidence = np.bincount(place, confidences, bins) / empty
    accuracy = np.bincount(place, right, bins) / empty
    error = float(np.nansum(counts * np.abs(accuracy - confidence)) / len(rows))
    return Calibration(error, edges, counts, confidence, accuracy)


def regression_quality(t: Any, y: Any) -> dict[str, float]:
    """Root mean squared error, mean absolute error and R2 of a regression.

    ``rmse`` and ``mae`` are over all entries, in the units of the targets. ``r2`` is
    ``1 - sum (t - y)^2 / sum (t - mean t)^2`` for each output, averaged over the outputs; an
    output with constant targets counts 1 if it is predicted exactly and 0 otherwise, as in
    scikit-learn.

    Args:
        t: targets, shape (n,) or (n, outputs).
        y: predictions, of the same shape.

    Raises:
        ShapeError: the shapes differ, or there is no example.

    Example:
        >>> regression_quality([1.0, 2.0, 3.0], [1.0, 2.0, 4.0])
        {'r2': 0.5, 'rmse': 0.5773502691896257, 'mae': 0.3333333333333333}
    """
    t, y = np.asarray(t, np.float64), np.asarray(y, np.float64)
    if t.shape != y.shape or t.size == 0 or t.ndim not in (1, 2):
        raise ShapeError(
            f"regression_quality expects t and y of one shape (n,) or (n, outputs), n at least 1; "
            f"got {t.shape} and {y.shape}."
        )
    t, y = t.reshape(len(t), -1), y.reshape(len(y), -1)
    residual, spread = np.sum((t - y) ** 2, axis=0), np.sum((t - t.mean(axis=0)) ** 2, axis=0)
    flat = np.where(residual == 0, 1.0, 0.0)
    r2 = np.where(spread > 0, 1 - residual / np.where(spread > 0, spread, 1), flat)
    return {
        "r2": float(r2.mean()),
        "rmse": float(np.sqrt(np.mean((t - y) ** 2))),
        "mae": float(np.mean(np.abs(t - y))),
    }


def worst_misreadings(probabilities: Any, t: Any, most: int = 12) -> Int[Array, " wrong"]:
    """The wrong predictions with the greatest confidence, worst first.

    Args:
        probabilities: shape (n, classes).
        t: true class indices, shape (n,).
        most: the number of examples at most.

    Returns:
        Their row numbers.

    Example:
        >>> worst_misreadings([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]], [1, 1, 1])
        array([0, 2])
    """
    rows = np.asarray(probabilities)
    wrong = np.flatnonzero(rows.argmax(axis=1) != np.asarray(t))
    order = np.argsort(-rows[wrong].max(axis=1, initial=0), kind="stable")
    return wrong[order[:most]]


def _share(part: Any, whole_: Any) -> Float[Array, " classes"]:
    part, whole_ = np.asarray(part, np.float64), np.asarray(whole_, np.float64)
    return np.divide(part, whole_, out=np.zeros_like(part), where=whole_ > 0)
