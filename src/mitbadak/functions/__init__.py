"""Functions with their derivatives beside them: maps, activations and losses.

Conventions on which books differ are stated where they apply: mean or sum over the batch, the one
half in the squared error, relu'(0) = 0, and the place of epsilon in the logarithm.
"""

from __future__ import annotations

from mitbadak.functions.activations import (
    elu,
    gelu,
    identity,
    leaky_relu,
    log_softmax,
    relu,
    sigmoid,
    sigmoid_grad,
    silu,
    softmax,
    softplus,
    step,
    tanh,
)
from mitbadak.functions.losses import (
    LOG_EPSILON,
    cross_entropy_error,
    huber,
    mean_squared_error,
    sigmoid_cross_entropy,
    softmax_cross_entropy,
    sum_squared_error,
)
from mitbadak.functions.maps import affine, dropout, flatten, linear

__all__ = [
    "LOG_EPSILON",
    "affine",
    "cross_entropy_error",
    "dropout",
    "elu",
    "flatten",
    "gelu",
    "huber",
    "identity",
    "leaky_relu",
    "linear",
    "log_softmax",
    "mean_squared_error",
    "relu",
    "sigmoid",
    "sigmoid_cross_entropy",
    "sigmoid_grad",
    "silu",
    "softmax",
    "softmax_cross_entropy",
    "softplus",
    "step",
    "sum_squared_error",
    "tanh",
]
