"""Normalization layers: over the batch, and over each example."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, InitVar

import numpy as np
from numpy.typing import DTypeLike

from mitbadak.core.errors import RangeError, ShapeError, brief, positive, whole
from mitbadak.core.memory import check_memory
from mitbadak.core.typing import Seed
from mitbadak.functions import normalization
from mitbadak.functions.normalization import EPSILON
from mitbadak.nn.declared import option
from mitbadak.nn.layer import SMALLER, Call, Layer, float_dtype


class _Norm(Layer, abstract=True):
    """A normalization of n columns, which are then scaled by gamma and shifted by beta."""

    family = "norm"  # all have a gamma and a beta, which are numbered together

    def _make_params(self, n: object, arrays: int, dtype: DTypeLike) -> np.dtype:
        """Fill ``params`` for n columns; ``arrays`` is how many the layer holds of that length."""
        kind = type(self).__name__
        self.n_in = self.n_out = whole(kind, "n", n)
        dtype = float_dtype(kind, dtype)
        check_memory(f"{kind}({brief(n)})", arrays * self.n_in * dtype.itemsize, SMALLER)
        self.params = {"gamma": np.ones(self.n_in, dtype), "beta": np.zeros(self.n_in, dtype)}
        return dtype


class BatchNorm(_Norm, operation=normalization.batch_norm):
    """Batch normalization of columns, scaled by gamma and shifted by beta.

    In training each batch is normalized by its own mean and variance (the sum of squares divided
    by the batch size). Running statistics are updated for evaluation, with PyTorch's conventions:
    ``running = (1 - momentum) running + momentum batch``, so that momentum is the weight of the new
    batch, and the variance that enters is the unbiased one, divided by the batch size less 1. (The
    book's momentum of 0.9 is the weight of the old value, and its variance is the biased one.)

    After a convolution its columns are the channels, and the pixels of a batch are their entries.

    Args:
        n: number of columns: units, or channels of images.
        momentum: the weight of a new batch, in (0, 1].
        eps: added to the variance.
        dtype: dtype of parameters and buffers.

    Raises:
        RangeError, DtypeError: an invalid argument.

    References:
        Ioffe and Szegedy, Batch normalization, ICML 2015, algorithms 1 and 2.

    Example:
        >>> layer = BatchNorm(1)
        >>> layer.forward(np.array([[1.0], [3.0]]), training=True).round(3)
        array([[-1.],
               [ 1.]])
        >>> {name: a.round(3).tolist() for name, a in layer.buffers.items()}
        {'running_mean': [0.20000000298023224], 'running_var': [1.100000023841858]}
    """

    n: int
    momentum: float = 0.1
    eps: float = option(default=EPSILON)
    _: KW_ONLY
    dtype: InitVar[DTypeLike] = np.float32

    differs_in_training = True

    def __post_init__(self, dtype: DTypeLike) -> None:
        self.eps = positive("BatchNorm", "eps", self.eps)
        self.n = whole("BatchNorm", "n", self.n)
        self.momentum = positive("BatchNorm", "momentum", self.momentum)
        if self.momentum > 1:
            raise RangeError(f"BatchNorm: momentum must lie in (0, 1]; got {self.momentum!r}.")
        dtype = self._make_params(self.n, 4, dtype)
        self.buffers["running_mean"] = np.zeros(self.n, dtype)
        self.buffers["running_var"] = np.ones(self.n, dtype)

    def call(self, x: np.ndarray, *, training: bool | None = False, rng: Seed = None) -> Call:
        if not training:
            statistics = (self.buffers["running_mean"], self.buffers["running_var"])
            return Call(normalization.fixed_batch_norm, statistics, self.options)
        if np.ndim(x) not in (2, 4) or len(x) < 2:
            raise ShapeError(
                f"{self!r} expects a batch of at least two examples in training, since a single "
                f"one has no variance; got x of shape {np.shape(x)}. Choose another batch size, or "
                "training=False."
            )
        return Call(normalization.batch_norm, (), self.options)

    def updated_buffers(self, observed: Sequence[np.ndarray], batch: int) -> dict[str, np.ndarray]:
        mean, variance, entries = observed
        unbiased = float(entries / (entries - 1))
        new = {"running_mean": mean, "running_var": variance * unbiased}
        return {
            name: ((1 - self.momentum) * old + self.momentum * new[name]).astype(old.dtype)
            for name, old in self.buffers.items()
        }


class LayerNorm(_Norm, operation=normalization.layer_norm):
    """Layer normalization: each example to mean 0 and variance 1, then scaled and shifted.

    It is the same in training and in evaluation.

    Args:
        n: number of entries of an example.
        eps: added to the variance.
        dtype: dtype of gamma and beta.

    Raises:
        RangeError, DtypeError: an invalid argument.

    References:
        Ba, Kiros and Hinton, Layer normalization, 2016.

    Example:
        >>> LayerNorm(2, dtype=np.float64).predict(np.array([[1.0, 3.0]])).round(3)
        array([[-1.,  1.]])
    """

    n: int
    eps: float = option(default=EPSILON)
    _: KW_ONLY
    dtype: InitVar[DTypeLike] = np.float32

    def __post_init__(self, dtype: DTypeLike) -> None:
        self.eps = positive("LayerNorm", "eps", self.eps)
        self.n = whole("LayerNorm", "n", self.n)
        self._make_params(self.n, 2, dtype)
