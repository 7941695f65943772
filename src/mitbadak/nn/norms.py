"""Layers that normalise: over the batch, and over each example."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike

from mitbadak.core.errors import RangeError, ShapeError, brief, positive, whole
from mitbadak.core.memory import check_memory
from mitbadak.core.typing import Seed
from mitbadak.functions import normalization
from mitbadak.functions.normalization import EPSILON
from mitbadak.nn.layers import SMALLER, Call, Layer, float_dtype, kind
from mitbadak.nn.modes import ModalLayer

FAMILY = "norm"  # both kinds have a gamma and a beta: their layers are numbered together


@kind
class BatchNorm(ModalLayer):
    """Batch normalisation of columns, scaled by gamma and shifted by beta.

    In training a batch's own mean and variance normalise it, the variance divided by the batch
    size. Running statistics are gathered meanwhile, for use afterwards, as PyTorch does:
    ``running = (1 - momentum) running + momentum batch``, where momentum is the weight of what is
    new, and the running variance is gathered unbiased, divided by the batch size less 1. (The
    book's momentum of 0.9 is the weight of what is old, and it keeps the biased variance.)

    Args:
        n: columns.
        momentum: the weight of a new batch, in (0, 1].
        eps: added to the variance.
        dtype: of parameters and buffers.

    Raises:
        RangeError, DtypeError: an argument that makes no sense.

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

    family = FAMILY

    def __init__(
        self,
        n: int,
        momentum: float = 0.1,
        eps: float = EPSILON,
        *,
        dtype: DTypeLike = np.float32,
    ):
        super().__init__(normalization.batch_norm, eps=positive("BatchNorm", "eps", eps))
        self.n_in = self.n_out = whole("BatchNorm", "n", n)
        self.momentum = positive("BatchNorm", "momentum", momentum)
        if self.momentum > 1:
            raise RangeError(f"BatchNorm: momentum must lie in (0, 1]; got {momentum!r}.")
        dtype = float_dtype("BatchNorm", dtype)
        check_memory(f"BatchNorm({brief(n)})", 4 * self.n_in * dtype.itemsize, SMALLER)
        self.params = {"gamma": np.ones(n, dtype), "beta": np.zeros(n, dtype)}
        self.buffers = {"running_mean": np.zeros(n, dtype), "running_var": np.ones(n, dtype)}

    def call(self, x: np.ndarray, *, training: bool = False, rng: Seed = None) -> Call:
        if not training:
            given = (self.buffers["running_mean"], self.buffers["running_var"])
            return Call(normalization.fixed_batch_norm, given, self.options)
        if np.ndim(x) != 2 or len(x) < 2:
            raise ShapeError(
                f"{self!r} expects a batch of at least two examples in training, since one has no "
                f"variance; got x {np.shape(x)}. Choose another batch size, or training=False."
            )
        return Call(self.operation, (), self.options)

    def news(self, observed: Sequence[np.ndarray], batch: int) -> dict[str, np.ndarray]:
        mean, variance = observed
        found = {"running_mean": mean, "running_var": variance * (batch / (batch - 1))}
        return {
            name: ((1 - self.momentum) * old + self.momentum * found[name]).astype(old.dtype)
            for name, old in self.buffers.items()
        }

    def config(self) -> dict:
        return {**super().config(), "n": self.n_in, "momentum": self.momentum}

    @classmethod
    def from_options(cls, options: dict, dtype: DTypeLike) -> BatchNorm:
        return cls(**options, dtype=dtype)

    def __repr__(self) -> str:
        return f"BatchNorm({self.n_in})"


@kind
class LayerNorm(Layer):
    """Layer normalisation: each example to mean 0 and variance 1, then scaled and shifted.

    The same in training and afterwards.

    Args:
        n: entries of an example.
        eps: added to the variance.
        dtype: of gamma and beta.

    Raises:
        RangeError, DtypeError: an argument that makes no sense.

    References:
        Ba, Kiros and Hinton, Layer normalization, 2016.

    Example:
        >>> LayerNorm(2, dtype=np.float64).predict(np.array([[1.0, 3.0]])).round(3)
        array([[-1.,  1.]])
    """

    family = FAMILY

    def __init__(self, n: int, eps: float = EPSILON, *, dtype: DTypeLike = np.float32):
        super().__init__(normalization.layer_norm, eps=positive("LayerNorm", "eps", eps))
        self.n_in = self.n_out = whole("LayerNorm", "n", n)
        dtype = float_dtype("LayerNorm", dtype)
        check_memory(f"LayerNorm({brief(n)})", 2 * self.n_in * dtype.itemsize, SMALLER)
        self.params = {"gamma": np.ones(n, dtype), "beta": np.zeros(n, dtype)}

    def config(self) -> dict:
        return {**super().config(), "n": self.n_in}

    @classmethod
    def from_options(cls, options: dict, dtype: DTypeLike) -> LayerNorm:
        return cls(**options, dtype=dtype)

    def __repr__(self) -> str:
        return f"LayerNorm({self.n_in})"
