"""The affine layer, and Flatten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, InitVar
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike

from mitbadak import functions
from mitbadak.core.errors import RangeError, ShapeError, brief, whole
from mitbadak.core.memory import check_memory
from mitbadak.core.randomness import generator
from mitbadak.core.typing import Seed
from mitbadak.nn.initializers import DRAWN_ITEMSIZE, Initializer, initializer
from mitbadak.nn.layer import SMALLER, Call, Layer, float_dtype

WITH_BIAS, WITHOUT_BIAS = Call(functions.affine), Call(functions.linear)


class Affine(Layer):
    """Affine layer ``y = x W + b``, or ``y = x W`` without bias.

    Args:
        n_in: number of inputs.
        n_out: number of outputs.
        bias: whether there is a bias b, which starts at zero.
        init: name of an initializer, a standard deviation, or a function of (rng, shape).
        rng: seed or generator for W.
        dtype: dtype of the parameters.

    Raises:
        RangeError, DtypeError: an invalid width, deviation or dtype.
        ShapeError: the initializer returned another shape.

    Example:
        >>> layer = Affine(2, 3, rng=0)
        >>> {name: p.shape for name, p in layer.params.items()}
        {'W': (2, 3), 'b': (3,)}
        >>> layer.forward(np.ones((4, 2), np.float32)).shape
        (4, 3)
        >>> layer.backward(np.ones((4, 3), np.float32)).shape, layer.grads["b"]
        ((4, 2), array([4., 4., 4.], dtype=float32))
    """

    n_in: int
    n_out: int
    _: KW_ONLY
    bias: bool = True
    init: InitVar[str | float | Initializer] = "xavier"
    rng: InitVar[Seed] = None
    dtype: InitVar[DTypeLike] = np.float32

    blank: ClassVar[Mapping[str, Any]] = {"init": "zeros"}

    def __post_init__(self, init: str | float | Initializer, rng: Seed, dtype: DTypeLike) -> None:
        name = f"Affine({brief(self.n_in)}, {brief(self.n_out)})"
        self.n_in = whole("Affine", "n_in", self.n_in)
        self.n_out = whole("Affine", "n_out", self.n_out)
        self.bias = bool(self.bias)
        dtype = float_dtype("Affine", dtype)
        drawn = 0 if isinstance(init, str) and init == "zeros" else DRAWN_ITEMSIZE
        check_memory(name, self.n_in * self.n_out * (dtype.itemsize + drawn), SMALLER)
        W = initializer(init)(generator(rng), (self.n_in, self.n_out))
        if W.shape != (self.n_in, self.n_out):
            raise ShapeError(
                f"Affine expects its initializer to return {(self.n_in, self.n_out)}; "
                f"got {W.shape}."
            )
        with np.errstate(over="ignore"):
            self.params["W"] = W.astype(dtype)
        if not np.isfinite(self.params["W"]).all():
            raise RangeError(
                f"Affine: init {init!r} draws weights that {dtype} cannot hold. Use a smaller "
                "standard deviation."
            )
        if self.bias:
            self.params["b"] = np.zeros(self.n_out, dtype)

    def call(self, x: np.ndarray, *, training: bool | None = False, rng: Seed = None) -> Call:
        return WITH_BIAS if self.bias else WITHOUT_BIAS


class Flatten(Layer, operation=functions.flatten):
    """Flattens each example to a row, as for images: (batch, 1, 28, 28) to (batch, 784).

    Example:
        >>> Flatten().predict(np.zeros((5, 1, 28, 28))).shape
        (5, 784)
    """
