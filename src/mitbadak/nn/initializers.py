"""Initial weights: each a function of a generator and a shape (n_in, n_out), with its formula.

Draws are made in float64 and then rounded, so a float32 and a float64 net of one seed start from
the same numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from mitbadak.core.errors import not_negative, unknown_name
from mitbadak.core.typing import Array, Float

DRAWN_ITEMSIZE = 8  # bytes of a number while it is drawn
Initializer = Callable[[np.random.Generator, tuple[int, ...]], Float[Array, "..."]]


def normal(std: float = 0.01) -> Initializer:
    """Normal draws ``N(0, std^2)``, whatever the fan; the notes use std = 0.01.

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

    It keeps the variance of signals going forward and of gradients coming back. (The book's
    simpler form is N(0, 1 / n_in).)

    References:
        Glorot and Bengio, Understanding the difficulty of training deep feedforward neural
        networks, AISTATS 2010, equation 12.
    """
    n_in, n_out = shape
    return math.sqrt(2.0 / (n_in + n_out)) * rng.standard_normal(shape)


def he(rng: np.random.Generator, shape: tuple[int, ...]) -> Float[Array, ...]:
    """He: ``N(0, 2 / n_in)``, for ReLU, which silences half of its inputs.

    References:
        He, Zhang, Ren and Sun, Delving deep into rectifiers, ICCV 2015, equation 10.
    """
    n_in = shape[0]
    return math.sqrt(2.0 / n_in) * rng.standard_normal(shape)


def lecun(rng: np.random.Generator, shape: tuple[int, ...]) -> Float[Array, ...]:
    """LeCun: ``N(0, 1 / n_in)``, which keeps the variance of signals going forward.

    References:
        LeCun, Bottou, Orr and Mueller, Efficient BackProp, in Neural networks: tricks of the
        trade, 1998, equation 16.
    """
    n_in = shape[0]
    return math.sqrt(1.0 / n_in) * rng.standard_normal(shape)


def orthogonal(rng: np.random.Generator, shape: tuple[int, ...]) -> Float[Array, ...]:
    """Rows or columns, whichever are fewer, at right angles and of length 1.

    The orthogonal factor of a normal matrix. Its signs are set by the diagonal of the other
    factor: without that, draws would not be uniform over all such matrices.

    References:
        Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning in deep
        linear neural networks, ICLR 2014; Mezzadri, How to generate random matrices from the
        classical compact groups, Notices of the AMS 54, 2007, for the signs.
    """
    n_in, n_out = shape
    tall = rng.standard_normal((max(shape), min(shape)))
    q, r = np.linalg.qr(tall)
    q *= np.where(np.diag(r) < 0, -1.0, 1.0)
    return q if n_in >= n_out else q.T


def zeros(rng: np.random.Generator, shape: tuple[int, ...]) -> Float[Array, ...]:
    """All zeros: right for biases; for weights it leaves all units of a layer equal for ever."""
    return np.zeros(shape)


INITIALIZERS: dict[str, Initializer] = {
    "xavier": xavier,
    "he": he,
    "lecun": lecun,
    "orthogonal": orthogonal,
    "zeros": zeros,
}


def initializer(which: str | float | Initializer) -> Initializer:
    """An initializer from its name, from a standard deviation, or as given.

    Args:
        which: ``"xavier"``, ``"he"``, ``"lecun"``, ``"orthogonal"``, ``"zeros"``, a number (the
            std of ``normal``), or a function of (rng, shape).

    Raises:
        UnknownNameError: with the nearest right name.
        RangeError: a negative standard deviation.
    """
    if callable(which):
        return which
    if isinstance(which, str) and which in INITIALIZERS:
        return INITIALIZERS[which]
    try:
        std = float(which)  # also "0.01", as a command line or a file gives it
    except (TypeError, ValueError, OverflowError):
        names = ["auto", *INITIALIZERS, "or a standard deviation such as 0.01"]
        raise unknown_name("initializer", which, names) from None
    return normal(which if isinstance(which, bool) else std)
