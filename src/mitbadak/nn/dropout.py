"""Dropout."""

from __future__ import annotations

import numpy as np

from mitbadak import functions
from mitbadak.core.errors import StateError, share
from mitbadak.core.randomness import generator
from mitbadak.core.typing import Seed
from mitbadak.functions.differentiable import value_of
from mitbadak.nn.layer import Call, Layer


class Dropout(Layer, operation=functions.dropout):
    """Inverted dropout: in training each entry is set to 0 with probability ``rate``.

    The remaining entries are divided by ``1 - rate``, which preserves the mean. In evaluation the
    layer is the identity. The noise is drawn in float32 whatever the net's dtype, so a seed drops
    the same entries in float32 and float64.

    Args:
        rate: the share of entries to drop, in [0, 1).

    Raises:
        RangeError: a rate outside [0, 1).

    References:
        Srivastava and others, Dropout, JMLR 15, 2014.

    Example:
        >>> layer = Dropout(0.5)
        >>> layer.predict(np.ones(4))
        array([1., 1., 1., 1.])
        >>> layer.forward(np.ones(4), training=True, rng=0)
        array([2., 2., 2., 0.])
        >>> layer.backward(np.ones(4))
        array([2., 2., 2., 0.])
    """

    rate: float = 0.5
    differs_in_training = draws = True

    def __post_init__(self) -> None:
        self.rate = share("Dropout", "rate", self.rate)

    def call(self, x: np.ndarray, *, training: bool | None = False, rng: Seed = None) -> Call:
        if not training:
            return Call(functions.identity)
        if rng is None:
            raise StateError(f"{self!r} draws noise in training: pass rng=, a seed or a generator.")
        kept = generator(rng).random(np.shape(x), np.float32) >= self.rate
        dtype = np.result_type(np.asarray(value_of(x)).dtype, np.float16)
        return Call(functions.dropout, (kept.astype(dtype) / dtype.type(1 - self.rate),))
