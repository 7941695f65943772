"""Which of the usual losses explains the numbers that a loop reports.

The formulas stand here without the checks of ``mitbadak.functions``, because they are also asked
about targets that a loss of ours refuses.
"""

from __future__ import annotations

import numpy as np

from mitbadak.functions.activations import log_softmax
from mitbadak.functions.losses import LOG_EPSILON

MOST_PAIRS = 300  # examples whose pairs are looked at


def losses_of(outputs: np.ndarray, t: np.ndarray, form: str) -> dict[str, float]:
    """The usual losses of these answers, by name.

    ``broadcast`` is the squared error of every answer against every target, which an answer of
    shape (n, 1) minus a target of shape (n,) gives.

    Args:
        outputs: shape (n, columns).
        t: targets, n of them.
        form: of the targets, as ``signals.form_of`` names it.

    Example:
        >>> losses_of(np.array([[1.0], [0.0]]), np.array([1.0, 0.0]), "numbers")["broadcast"]
        0.5
    """
    y = outputs.reshape(len(outputs), -1).astype(np.float64)
    rows = t.reshape(len(t), -1).astype(np.float64)
    with np.errstate(all="ignore"):
        if form == "numbers":
            return _of_numbers(y, rows) if rows.shape == y.shape else {}
        if y.shape[1] < 2:
            return {}
        if form == "indices":
            if rows.max() >= y.shape[1]:
                return {}
            rows = np.eye(y.shape[1])[rows[:, 0].astype(np.intp)]
        return _of_classes(y, rows) if rows.shape == y.shape else {}


def _of_numbers(y: np.ndarray, t: np.ndarray) -> dict[str, float]:
    error = float(np.mean((y - t) ** 2))
    found = {"mean_squared_error": error, "half_squared_error": error / 2}
    if y.shape[1] == 1 and len(y) <= MOST_PAIRS:
        found["broadcast"] = float(np.mean((y - t[:, 0]) ** 2))
        found["half_broadcast"] = found["broadcast"] / 2
    if y.min() >= 0 and y.max() <= 1:
        inside = np.clip(y, LOG_EPSILON, 1 - LOG_EPSILON)
        found["cross_entropy"] = float(-np.mean(t * np.log(inside) + (1 - t) * np.log(1 - inside)))
    found["sigmoid_cross_entropy"] = float(np.mean(np.logaddexp(0, y) - t * y))
    return found


def _of_classes(y: np.ndarray, t: np.ndarray) -> dict[str, float]:
    error = float(np.mean((y - t) ** 2))
    found = {
        "mean_squared_error": error,
        "half_squared_error": error * y.shape[1] / 2,
        "softmax_cross_entropy": float(-np.mean(np.sum(t * log_softmax(y), axis=1))),
    }
    if y.min() >= 0:
        found["cross_entropy"] = float(-np.mean(np.sum(t * np.log(y + LOG_EPSILON), axis=1)))
    return found
