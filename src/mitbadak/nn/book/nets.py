"""``two_layer_net``: the net of the notes, in float64 and with labels as they give them."""

from __future__ import annotations

import numpy as np

from mitbadak import nn
from mitbadak.core.typing import Seed
from mitbadak.nn.initializers import Initializer

__all__ = ["TwoLayerNet"]


class TwoLayerNet(nn.TwoLayerNet):
    """``mitbadak.TwoLayerNet`` in float64, as in the notes.

    Args:
        input_size, hidden_size, output_size, weight_init_std, init, rng: as there.

    Example:
        >>> net = TwoLayerNet(784, 100, 10)
        >>> net.params["W1"].shape, net.params["W1"].dtype
        ((784, 100), dtype('float64'))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        output_size: int,
        weight_init_std: float = 0.01,
        *,
        init: str | float | Initializer | None = None,
        rng: Seed = None,
    ):
        super().__init__(
            input_size, hidden_size, output_size, weight_init_std,
            init=init, rng=rng, dtype=np.float64,
        )  # fmt: skip
