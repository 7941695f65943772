"""Losses, each with its derivative beside it.

Conventions on which books differ are stated where they apply: mean or sum over the batch, the one
half in the squared error, and the place of epsilon in the logarithm.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak.core.errors import ShapeError, positive
from mitbadak.functions import primitives as _primitives  # noqa: F401  (registers NumPy's arithmetic)
from mitbadak.functions.activations import log_softmax, sigmoid
from mitbadak.functions.differentiable import differentiable, float_operand, value_of
from mitbadak.functions.labels import as_distribution, as_soft_labels

LOG_EPSILON = 1e-7  # inside the logarithm, as in the book; caps that loss at -log(1e-7) = 16.118


@differentiable
def sum_squared_error(y, t):
    """Half the sum of squares, ``1/2 sum_k (y_k - t_k)^2``, over every entry.

    The one half makes the derivative y - t. There is no mean: for a batch this is the sum over its
    examples. (The Korean edition of the book calls this function ``mean_squared_error``.)

    Args:
        y: output, any shape.
        t: target, the same shape.

    Raises:
        ShapeError: the shapes differ, so that one would broadcast.

    Example:
        >>> y = np.array([0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0])
        >>> float(sum_squared_error(y, np.eye(10)[2]))
        0.09750000000000003
    """
    difference = _difference("sum_squared_error", y, t)
    value = 0.5 * np.sum(difference * difference)
    return value, (lambda dy: difference * dy, lambda dy: -difference * dy)


@differentiable
def mean_squared_error(y, t):
    """Mean of squares over every entry, ``mean((y - t)^2)``, without a one half.

    Args:
        y: output, any non-empty shape.
        t: target, the same shape.

    Raises:
        ShapeError: the shapes differ, so that one would broadcast, or the arrays are empty.

    Example:
        >>> float(mean_squared_error(np.array([1.0, 3.0]), np.array([0.0, 1.0])))
        2.5
    """
    difference = _difference("mean_squared_error", y, t)
    n = value_of(difference).size
    if n == 0:
        raise ShapeError("mean_squared_error expects at least one entry; got an empty array.")
    value = np.sum(difference * difference) / n
    return value, (
        lambda dy: difference * (2.0 / n) * dy,
        lambda dy: difference * (-2.0 / n) * dy,
    )


@differentiable
def huber(y, t, *, delta: float = 1.0):
    """Huber's loss, the mean over every entry: quadratic up to ``delta``, then linear.

    ``e^2 / 2`` where ``|e| <= delta`` and ``delta (|e| - delta / 2)`` elsewhere, for ``e = y - t``,
    so that the slope of an outlier is at most ``delta``. With c, which is e clipped to
    ``[-delta, delta]``, both are ``c (e - c / 2)``, and the derivative is ``c / entries``.

    Args:
        y: output, any non-empty shape.
        t: target, the same shape.
        delta: largest error in the quadratic part, a finite number above 0. (For half the squared
            error everywhere, halve ``mean_squared_error``.)

    Raises:
        ShapeError: the shapes differ, so that one would broadcast, or the arrays are empty.
        RangeError: delta is not a finite number above 0.

    References:
        Huber, Robust estimation of a location parameter, Annals of Mathematical Statistics 35,
        1964, page 75.

    Example:
        >>> float(huber(np.array([0.5, 3.0]), np.array([0.0, 0.0])))
        1.3125
    """
    delta = positive("huber", "delta", delta)
    e = _difference("huber", y, t)
    n = value_of(e).size
    if n == 0:
        raise ShapeError("huber expects at least one entry; got an empty array.")
    c = np.clip(e, -delta, delta)
    value = np.sum(c * (e - c * 0.5)) / n
    return value, (lambda dy: c * (dy / n), lambda dy: c * (dy / -n))


@differentiable
def cross_entropy_error(y, t):
    """Cross entropy of probabilities as in the book, ``-sum_k t_k log(y_k + 1e-7) / batch``.

    The 1e-7 keeps log(0) finite, but it also caps the loss at 16.118 per example and changes every
    gradient a little. For training use ``softmax_cross_entropy``, which needs no epsilon.

    Args:
        y: probabilities, shape (batch, classes) or (classes,).
        t: class indices (batch,), or one-hot rows or distributions of the shape of y. No
            derivative is taken with respect to t.

    Returns:
        The mean over the batch, a scalar.

    Raises:
        ShapeError, LabelError, DtypeError: t does not match y.

    Example:
        >>> y = np.array([0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0])
        >>> float(cross_entropy_error(y, 2))
        0.510825457099338
    """
    y = float_operand("cross_entropy_error", "y", y)
    target, batch = _target("cross_entropy_error", y, t)
    value = -np.sum(target * np.log(y + LOG_EPSILON)) / batch
    return value, (lambda dy: (dy / -batch) * target / (y + LOG_EPSILON), None)


@differentiable
def softmax_cross_entropy(logits, t):
    """Cross entropy of ``softmax(logits)`` against t, ``-sum_k t_k log_softmax_k / batch``.

    Softmax and logarithm are computed together, so nothing overflows, nothing is rounded to
    log(0), and no epsilon is needed. The gradient is ``(softmax(logits) - t) / batch``, the
    difference between prediction and label in each row. (If rows of t sum to s instead of 1, it is
    ``(s softmax(logits) - t) / batch``.) A logit of minus infinity masks its class: if t is 0
    there, it adds nothing to the loss and has no gradient; otherwise the loss is infinite.

    Args:
        logits: scores before the softmax, shape (batch, classes) or (classes,).
        t: class indices (batch,), or one-hot rows or distributions of the shape of logits. No
            derivative is taken with respect to t.

    Returns:
        The mean over the batch, a scalar.

    Raises:
        ShapeError, LabelError, DtypeError: t does not match the logits.

    Example:
        >>> float(softmax_cross_entropy(np.array([[0.0, 1000.0]]), [0]))
        1000.0
    """
    logits = float_operand("softmax_cross_entropy", "logits", logits)
    target, batch = _target("softmax_cross_entropy", logits, t)
    log_y = log_softmax(logits)
    # 0 log 0 is 0: a class masked by a logit of minus infinity adds nothing where t is 0.
    value = -np.sum(target * np.where(target == 0, 0.0, log_y)) / batch
    total = target.sum(axis=-1, keepdims=True)
    return value, (lambda dy: (np.exp(log_y) * total - target) * (dy / batch), None)


@differentiable
def sigmoid_cross_entropy(logits, t):
    """Binary cross entropy of ``sigmoid(logits)`` against t, the mean over all entries.

    ``-(t log y + (1 - t) log(1 - y))`` with ``y = sigmoid(logits)``, for binary labels: a single
    one, or several that are not mutually exclusive. The mean is over examples and labels alike, so
    more labels do not make the loss larger. It is computed from the logits as
    ``max(x, 0) - x t + log(1 + exp(-|x|))``, which overflows for no finite input and needs no
    epsilon. The gradient is ``(sigmoid(logits) - t) / entries``. For an infinite logit the loss is
    0 if t agrees with it, and infinite otherwise.

    Args:
        logits: scores before the sigmoid, any non-empty shape.
        t: 0 or 1, or shares in [0, 1], of the shape of logits; for a single output also without
            the last axis, shape (batch,). No derivative is taken with respect to t.

    Returns:
        The mean over all entries, a scalar.

    Raises:
        ShapeError, LabelError, DtypeError, NonFiniteError: t does not match the logits.

    Example:
        >>> float(sigmoid_cross_entropy(np.array([[0.0], [1000.0]]), [1, 0]).round(4))
        500.3466
    """
    logits = float_operand("sigmoid_cross_entropy", "logits", logits)
    target = as_soft_labels(
        "sigmoid_cross_entropy", value_of(t), logits.shape, value_of(logits).dtype
    )
    n = target.size
    if n == 0:
        raise ShapeError(
            f"sigmoid_cross_entropy expects at least one entry; got logits {logits.shape}."
        )
    value = np.sum(binary_cross_entropies(logits, target)) / n
    return value, (lambda dy: (sigmoid(logits) - target) * (dy / n), None)


def binary_cross_entropies(logits: Any, target: Any) -> Any:
    """The loss of each entry; for an infinite logit 0 if t agrees with it, otherwise infinite."""
    certain = np.isinf(value_of(logits))
    if certain.any():
        wrong = np.where(value_of(logits) > 0, 1 - target, target) > 0
        known = np.where(wrong, np.inf, 0.0).astype(value_of(logits).dtype)
        inner = binary_cross_entropies(np.where(certain, np.zeros_like(known), logits), target)
        return np.where(certain, known, inner)
    apart = np.log1p(np.exp(-np.absolute(logits)))
    return np.maximum(logits, 0.0) - logits * target + apart


def _difference(owner: str, y: Any, t: Any) -> Any:
    y, t = float_operand(owner, "y", y), float_operand(owner, "t", t)
    if y.shape != t.shape:
        raise ShapeError(
            f"{owner} expects y and t of the same shape; got y {y.shape} and t {t.shape}."
            f"{_one_shape(y.shape, t.shape)}"
        )
    return y - t


def _one_shape(y: tuple[int, ...], t: tuple[int, ...]) -> str:
    """What would become of other shapes, and how they are made one."""
    try:
        would = f" They would broadcast to {np.broadcast_shapes(y, t)}, and to a wrong loss."
    except ValueError:
        would = ""
    if (*t, 1) == y:
        return f"{would} Use t[:, None]."
    if (*y, 1) == t:
        return f"{would} Use y[:, None]."
    return f"{would} Use mb.one_hot(t, {y[-1]}) for class indices." if t == y[:-1] else would


def _target(owner: str, scores: Any, t: Any) -> tuple[np.ndarray, int]:
    """Labels as distributions in the dtype of the scores, and the number of examples."""
    dtype = np.result_type(value_of(scores).dtype, np.float16)
    target = as_distribution(owner, value_of(t), scores.shape, dtype)
    if target.size == 0:
        raise ShapeError(f"{owner} expects at least one example; got scores {scores.shape}.")
    return target, target.size // target.shape[-1]
