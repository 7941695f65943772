"""Initializers: functions of a generator and a shape, each with its formula.

Shapes are (n_in, n_out), or those of filters, (filters, channels, height, width). Of filters n_in
is the number of inputs of a unit, channels x height x width, and n_out the number of units that an
input reaches, filters x height x width.

Numbers are drawn in float64 and then rounded, so float32 and float64 nets with the same seed start
from the same numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from mitbadak.core.errors import not_negative, unknown_name
from mitbadak.core.typing import Array, Float

DRAWN_ITEMSIZE = 8  # bytes per number while drawing
Initializer = Callable[[np.random.Generator, tuple[int, ...]], Float[Array, "..."]]


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """How many inputs a unit has, and how many units an input reaches.

    Example:
        >>> fans((784, 50)), fans((30, 1, 5, 5))
        ((784, 50), (25, 750))
    """
    if len(shape) == 2:
        return shape[0], shape[1]
    filters, channels, *size = shape
    return channels * math.prod(size), filters * math.prod(size)


def normal(std: float = 0.01) -> Initializer:
    """Normal ``N(0, std^2)``, independent of the widths; the notes use std = 0.01.

    Example:
        >>> normal(0.01)(np.random.default_rng(0), (2, 3)).shape
        (2, 3)
    """
    std = not_negative("normal", "std", std)

    def draw(rng: np.random.Generator, shape: tuple[int, ...]) -> Float[Array, ...]:
        return std * rng.standard_normal(shape)

    draw.__name__ = f"normal({std:g})"
    return draw


def xavier(rng: np.random.Generator, shape: tuple[int, ...]) -> Float[Array, ...]:
    """Xavier or Glorot: ``N(0, 2 / (n_in + n_out))``, for sigmoid and tanh.

    A compromise that preserves the variance of activations in the forward pass and of gradients in
    the backward pass. (The book's simpler form is N(0, 1 / n_in).)

    References:
        Glorot and Bengio, Understanding the difficulty of training deep feedforward neural
        networks, AISTATS 2010, equation 12.
    """
    n_in, n_out = fans(shape)
    return math.sqrt(2.0 / (n_in + n_out)) * rng.standard_normal(shape)


def he(rng: np.random.Generator, shape: tuple[int, ...]) -> Float[Array, ...]:
    """He: ``N(0, 2 / n_in)``, for ReLU, which sets half of its inputs to zero.

    References:
        He, Zhang, Ren and Sun, Delving deep into rectifiers, ICCV 2015, equation 10.
    """
    n_in, _ = fans(shape)
    return math.sqrt(2.0 / n_in) * rng.standard_normal(shape)


def lecun(rng: np.random.Generator, shape: tuple[int, ...]) -> Float[Array, ...]:
    """LeCun: ``N(0, 1 / n_in)``, which preserves the variance in the forward pass.

    References:
        LeCun, Bottou, Orr and Mueller, Efficient BackProp, in Neural networks: tricks of the
        trade, 1998, equation 16.
    """
    n_in, _ = fans(shape)
    return math.sqrt(1.0 / n_in) * rng.standard_normal(shape)


def orthogonal(rng: np.random.Generator, shape: tuple[int, ...]) -> Float[Array, ...]:
    """Orthonormal rows or columns, whichever are fewer.

    The orthogonal factor of the QR decomposition of a normal matrix, with signs from the diagonal
    of the other factor: otherwise the distribution would not be uniform over all such matrices.

    References:
        Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning in deep
        linear neural networks, ICLR 2014; Mezzadri, How to generate random matrices from the
        classical compact groups, Notices of the AMS 54, 2007, for the signs.
    """
    if len(shape) != 2:  # each filter is a row
        return orthogonal(rng, (shape[0], math.prod(shape[1:]))).reshape(shape)
    n_in, n_out = shape
    tall = rng.standard_normal((max(shape), min(shape)))
    q, r = np.linalg.qr(tall)
    q *= np.where(np.diag(r) < 0, -1.0, 1.0)
    return q if n_in >= n_out else q.T


def zeros(rng: np.random.Generator, shape: tuple[int, ...]) -> Float[Array, ...]:
    """All zeros: for biases. With zero weights all units of a layer would stay the same."""
    return np.zeros(shape)


INITIALIZERS: dict[str, Initializer] = {
    "xavier": xavier,
    "he": he,
    "lecun": lecun,
    "orthogonal": orthogonal,
    "zeros": zeros,
}


def initializer(which: str | float | Initializer) -> Initializer:
    """An initializer by name, from a standard deviation, or as given.

    Args:
        which: ``"xavier"``, ``"he"``, ``"lecun"``, ``"orthogonal"``, ``"zeros"``, a number (the
            std of ``normal``), or a function of (rng, shape).

    Raises:
        UnknownNameError: with the closest known name.
        RangeError: a negative standard deviation.
    """
    if callable(which):
        return which
    if isinstance(which, str) and which in INITIALIZERS:
        return INITIALIZERS[which]
    try:
        std = float(which)  # also "0.01", as from a command line or a file
    except (TypeError, ValueError, OverflowError):
        names = ["auto", *INITIALIZERS, "or a standard deviation such as 0.01"]
        raise unknown_name("initializer", which, names) from None
    return normal(which if isinstance(which, bool) else std)
