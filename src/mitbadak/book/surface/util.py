"""``common.util``: what scripts of the books share."""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak.book import draws
from mitbadak.book.surface.windows import col2im, conv_output_size, im2col

__all__ = [
    "clip_grads", "col2im", "conv_output_size", "convert_one_hot", "im2col", "np",
    "shuffle_dataset", "smooth_curve", "to_cpu", "to_gpu",
]  # fmt: skip


def smooth_curve(x: Any) -> np.ndarray:
    """A curve of the same length, averaged over 11 neighbors with a Kaiser window.

    Example:
        >>> smooth_curve(np.ones(20)).round(6).tolist() == [1.0] * 20
        True
    """
    length = 11
    x = np.asarray(x)
    mirrored = np.r_[x[length - 1 : 0 : -1], x, x[-1:-length:-1]]
    window = np.kaiser(length, 2)
    smooth = np.convolve(window / window.sum(), mirrored, mode="valid")
    return smooth[length // 2 : len(smooth) - length // 2]


def shuffle_dataset(x: Any, t: Any) -> tuple[Any, Any]:
    """Rows and their labels, in one random order.

    Example:
        >>> x, t = shuffle_dataset(np.arange(6).reshape(3, 2), np.arange(3))
        >>> bool((x[:, 0] == 2 * t).all())
        True
    """
    order = draws.order(x.shape[0])
    return x[order], t[order]


def convert_one_hot(corpus: Any, vocab_size: int) -> np.ndarray:
    """Indices as one-hot rows of integers; a further axis for indices of two axes.

    Example:
        >>> convert_one_hot(np.array([1, 0]), 2)
        array([[0, 1],
               [1, 0]], dtype=int32)
    """
    return np.eye(vocab_size, dtype=np.int32)[np.asarray(corpus)]


def clip_grads(grads: Any, max_norm: float) -> None:
    """Scale gradients in place so that their common norm is at most ``max_norm``.

    Example:
        >>> grads = [np.array([3.0, 4.0])]
        >>> clip_grads(grads, 1.0)
        >>> grads[0].round(3)
        array([0.6, 0.8])
    """
    rate = max_norm / (np.sqrt(sum(np.sum(grad**2) for grad in grads)) + 1e-6)
    if rate < 1:
        for grad in grads:
            grad *= rate


def to_cpu(x: Any) -> np.ndarray:
    """x as a NumPy array, which it already is.

    Example:
        >>> to_cpu([1, 2])
        array([1, 2])
    """
    return np.asarray(x)


def to_gpu(x: Any) -> np.ndarray:
    """x as it is: everything runs on the CPU.

    Example:
        >>> to_gpu(np.ones(1))
        array([1.])
    """
    return np.asarray(x)
