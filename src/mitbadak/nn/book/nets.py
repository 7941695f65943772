"""``two_layer_net``: the net of the notes, in float64."""

from __future__ import annotations

from functools import partial

import numpy as np

from mitbadak import nn

__all__ = ["TwoLayerNet"]

TwoLayerNet = partial(nn.TwoLayerNet, dtype=np.float64)
"""``mitbadak.TwoLayerNet`` in float64, as the notes' arrays are.

Example:
    >>> net = TwoLayerNet(784, 100, 10)
    >>> net.params["W1"].shape, net.params["W1"].dtype
    ((784, 100), dtype('float64'))
"""
