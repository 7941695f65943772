"""Activation layers, and the list of them by name."""

from __future__ import annotations

from typing import ClassVar

from mitbadak import functions
from mitbadak.core.errors import known, positive, share
from mitbadak.nn.declared import option
from mitbadak.nn.layer import Layer


class Activation(Layer, abstract=True):
    """An elementwise layer.

    Class attributes:
        rectifies: whether it suppresses negative inputs, so that He initialization fits.
    """

    rectifies: ClassVar[bool] = False


class Identity(Activation, operation=functions.identity):
    """``y = x``."""


class Sigmoid(Activation, operation=functions.sigmoid):
    """``y = 1 / (1 + exp(-x))``."""


class ReLU(Activation, operation=functions.relu):
    """``y = max(x, 0)``, with relu'(0) = 0."""

    rectifies = True


class Tanh(Activation, operation=functions.tanh):
    """``y = tanh(x)``."""


class LeakyReLU(Activation, operation=functions.leaky_relu):
    """``y = x`` above 0 and ``slope x`` up to 0, with slope in [0, 1).

    Example:
        >>> import numpy as np
        >>> LeakyReLU(slope=0.2).predict(np.array([-1.0, 2.0]))
        array([-0.2,  2. ])
    """

    slope: float = option(default=0.01)
    rectifies = True

    def __post_init__(self) -> None:
        self.slope = share("LeakyReLU", "slope", self.slope)


class ELU(Activation, operation=functions.elu):
    """``y = x`` above 0 and ``alpha (exp(x) - 1)`` up to 0, with alpha above 0."""

    alpha: float = option(default=1.0)
    rectifies = True

    def __post_init__(self) -> None:
        self.alpha = positive("ELU", "alpha", self.alpha)


class GELU(Activation, operation=functions.gelu):
    """``y = x Phi(x)``, exact: Phi is the normal distribution function."""

    rectifies = True


class SiLU(Activation, operation=functions.silu):
    """``y = x sigmoid(x)``, also called swish."""

    rectifies = True


class Softplus(Activation, operation=functions.softplus):
    """``y = log(1 + exp(x))``."""


ACTIVATIONS: dict[str, type[Activation]] = {
    "sigmoid": Sigmoid,
    "relu": ReLU,
    "tanh": Tanh,
    "identity": Identity,
    "leaky_relu": LeakyReLU,
    "elu": ELU,
    "gelu": GELU,
    "silu": SiLU,
    "softplus": Softplus,
}


def activation(name: str) -> Activation:
    """A new activation layer by name.

    Raises:
        UnknownNameError: with the closest known name.

    Example:
        >>> activation("relu")
        ReLU()
    """
    return known("activation", name, ACTIVATIONS)()
