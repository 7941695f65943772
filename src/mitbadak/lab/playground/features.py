"""What a net may be given of a point: its coordinates, and functions of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

FEATURES: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "x1": lambda a, b: a,
    "x2": lambda a, b: b,
    "x1^2": lambda a, b: a * a,
    "x2^2": lambda a, b: b * b,
    "x1 x2": lambda a, b: a * b,
    "sin x1": lambda a, b: np.sin(a),
    "sin x2": lambda a, b: np.sin(b),
}


def features(x: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Inputs of the net.

    Args:
        x: points, shape (n, 2).
        names: of ``FEATURES``.

    Returns:
        Array of shape (n, len(names)).

    Example:
        >>> features(np.array([[2.0, 3.0]]), ["x1", "x2^2", "x1 x2"])
        array([[2., 9., 6.]])
    """
    return np.stack([FEATURES[name](x[:, 0], x[:, 1]) for name in names], axis=-1)
