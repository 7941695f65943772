"""The affine layer, and layers that only change the shape of examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, InitVar
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike

from mitbadak import functions
from mitbadak.core.errors import ShapeError, brief, whole
from mitbadak.core.typing import Seed
from mitbadak.nn.declared import option
from mitbadak.nn.drawn import drawn_weights
from mitbadak.nn.initializers import Initializer
from mitbadak.nn.layer import Call, Layer, float_dtype

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

    family = "affine"  # W and b of convolutions are numbered together with these
    blank: ClassVar[Mapping[str, Any]] = {"init": "zeros"}

    def __post_init__(self, init: str | float | Initializer, rng: Seed, dtype: DTypeLike) -> None:
        name = f"Affine({brief(self.n_in)}, {brief(self.n_out)})"
        self.n_in = whole("Affine", "n_in", self.n_in)
        self.n_out = whole("Affine", "n_out", self.n_out)
        self.bias = bool(self.bias)
        dtype = float_dtype("Affine", dtype)
        shape = (self.n_in, self.n_out)
        self.params["W"] = drawn_weights("Affine", init, rng, shape, dtype, name=name)
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


class Reshape(Layer, operation=functions.unflatten):
    """Gives each example a shape, as for images in rows: (batch, 784) to (batch, 1, 28, 28).

    A net that begins with it knows the size of its images, and takes them in either form: the
    rows of ``load_mnist()``, and the images of ``load_mnist(flatten=False)``.

    Args:
        shape: of an example, such as (1, 28, 28): channels, height and width.
        channels_last: whether the colors of a pixel lie beside one another in the rows, as in those
            of pictures from files. The layer puts the channels first.

    Raises:
        RangeError: a length that is not a whole number of at least 1.

    Example:
        >>> Reshape((1, 28, 28)).predict(np.zeros((5, 784))).shape
        (5, 1, 28, 28)
    """

    shape: Sequence[int] = option()
    channels_last: bool = option(default=False)

    def __post_init__(self) -> None:
        self.channels_last = bool(self.channels_last)
        if not isinstance(self.shape, (tuple, list)):
            self.shape = (self.shape,)  # type: ignore[assignment]
        self.shape = tuple(whole("Reshape", "a length", n) for n in self.shape)
        if not self.shape:
            raise ShapeError(
                "Reshape expects the shape of an example, such as (1, 28, 28); got ()."
            )
