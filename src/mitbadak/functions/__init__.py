"""Functions with their derivatives beside them: maps, convolutions, activations and losses.

Conventions on which books differ are stated where they apply: mean or sum over the batch, the one
half in the squared error, relu'(0) = 0, and the place of epsilon in the logarithm.
"""

from __future__ import annotations

from mitbadak.core.elsewhere import names_of as _names_of
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
from mitbadak.functions.convolution import average_pooling, convolution, max_pooling
from mitbadak.functions.losses import (
    LOG_EPSILON,
    cross_entropy_error,
    huber,
    mean_squared_error,
    sigmoid_cross_entropy,
    softmax_cross_entropy,
    sum_squared_error,
)
from mitbadak.functions.maps import affine, dropout, flatten, linear, unflatten
from mitbadak.functions.windows import col2im, im2col

__all__ = [
    "LOG_EPSILON",
    "affine",
    "average_pooling",
    "col2im",
    "convolution",
    "cross_entropy_error",
    "dropout",
    "elu",
    "flatten",
    "gelu",
    "huber",
    "identity",
    "im2col",
    "leaky_relu",
    "linear",
    "log_softmax",
    "max_pooling",
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
    "unflatten",
]

__getattr__ = _names_of(__name__, lambda: __all__)
