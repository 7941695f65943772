"""Activation layers, and the list of them by name."""

from __future__ import annotations

import copy
from typing import ClassVar

from mitbadak import functions
from mitbadak.core.arguments import refuse_a_class
from mitbadak.core.errors import DtypeError, brief, known, positive, share
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


def activation(which: str | Layer) -> Layer:
    """A new activation layer by name, or a copy of the one given.

    Raises:
        UnknownNameError: with the closest known name.
        DtypeError: it is a class, a function or something else.

    Example:
        >>> activation("relu"), activation(LeakyReLU(slope=0.2))
        (ReLU(), LeakyReLU(slope=0.2))
    """
    if isinstance(which, Layer):
        return copy.deepcopy(which)
    if isinstance(which, str):
        return known("activation", which, ACTIVATIONS)()
    refuse_a_class("activation", which, "a name or a layer", "'relu' or mb.LeakyReLU(0.2)")
    raise DtypeError(
        f"activation expects a name or a layer, such as 'relu' or mb.LeakyReLU(0.2); got "
        f"{brief(which)}."
    )
