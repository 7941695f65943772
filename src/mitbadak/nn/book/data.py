"""``dataset``: the notes' loaders, with the labels in the form that they return."""

from __future__ import annotations

import numpy as np

from mitbadak.data import load_mnist, load_spiral

__all__ = ["load_data", "load_mnist"]


def load_data(seed: int = 1984) -> tuple[np.ndarray, np.ndarray]:
    """The second book's spiral: x of shape (300, 2), and one-hot t of shape (300, 3).

    Example:
        >>> x, t = load_data()
        >>> x.shape, t.shape, t.sum()
        ((300, 2), (300, 3), np.int64(300))
    """
    return load_spiral(seed, one_hot=True)
