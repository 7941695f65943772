"""Layers: parameters plus one call each; the derivative is the function's own."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import DTypeLike

from mitbadak import functions
from mitbadak.core.arrays import fingerprint
from mitbadak.core.errors import (
    DtypeError,
    RangeError,
    ShapeError,
    StateError,
    brief,
    positive,
    share,
    unknown_name,
    whole,
)
from mitbadak.core.memory import check_memory
from mitbadak.core.typing import Seed
from mitbadak.functions.differentiable import Differentiable, Pullback, upstream_gradient
from mitbadak.nn.initializers import DRAWN_ITEMSIZE, Initializer, initializer

SMALLER = "Choose smaller widths."  # what to do about a layer that is too large


@dataclass(frozen=True)
class Call:
    """What a layer computes this time.

    Attributes:
        operation: takes x, the parameters, and then ``constants``.
        constants: arguments that are not learned, such as a mask.
        options: keyword arguments of the operation.
    """

    operation: Differentiable
    constants: tuple[np.ndarray, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Kept:
    """What ``backward`` needs of the ``forward`` before it.

    Attributes:
        pullbacks: for x and each parameter.
        captured, prints: the arrays that the pullbacks read, and their fingerprints.
        shape, dtype: of the output.
    """

    pullbacks: Sequence[Pullback]
    captured: dict[str, np.ndarray]
    prints: list[int]
    shape: tuple[int, ...]
    dtype: np.dtype


KINDS: dict[str, Any] = {}
Kind = TypeVar("Kind", bound=type)


def kind(layer: Kind) -> Kind:
    """Enter a class of layers among those that ``from_config`` can make; the first of a name."""
    KINDS.setdefault(layer.__name__, layer)  # a file that is run twice changes nothing
    return layer


class Layer:
    """One operation with its parameters.

    ``forward`` keeps the pullbacks and ``backward`` uses them once; ``predict`` is the same
    forward that keeps nothing.

    Args:
        operation: what the layer computes, taking x and then the parameters.
        options: of the operation, fixed for this layer.

    Attributes:
        params: the layer's own arrays by name, in the order of the operation's arguments.
        grads: after ``backward``, one gradient per parameter, of the same shape.
        buffers: arrays that belong to the layer and are observed, not learned, by name.
        family: what its parameters are numbered among; by default its class.
    """

    family = ""

    def __init__(self, operation: Differentiable, **options: Any) -> None:
        self.operation, self.options = operation, options
        self.params: dict[str, np.ndarray] = {}
        self.grads: dict[str, np.ndarray] = {}
        self.buffers: dict[str, np.ndarray] = {}
        self._kept: _Kept | None = None

    def call(self, x: np.ndarray) -> Call:
        """What the layer computes for x."""
        return Call(self.operation, (), self.options)

    def vjp(self, x: np.ndarray) -> tuple[np.ndarray, Sequence[Pullback]]:
        """Value and pullbacks, one for x and one for each parameter; keeps nothing."""
        return self.operation.vjp(x, *self.params.values(), **self.options)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """The layer's output for x, shape (batch, n_in) or (n_in,)."""
        return self.operation(x, *self.params.values(), **self.options)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """The layer's output for x, remembering what ``backward`` needs."""
        y, pullbacks = self.vjp(x)
        return self._keep(pullbacks, {"x": np.asarray(x), **self.params}, y)

    def _keep(
        self, pullbacks: Sequence[Pullback], captured: dict[str, np.ndarray], y: np.ndarray
    ) -> np.ndarray:
        """Remember what ``backward`` needs; y as an array that no pullback looks at.

        Sigmoid's pullback reads y itself, so a caller that changed it in place would change the
        gradient.
        """
        prints = [fingerprint(a) for a in captured.values()]
        self._kept = _Kept(pullbacks, captured, prints, y.shape, y.dtype)
        return y.copy()

    def backward(self, dy: Any) -> np.ndarray:
        """Gradient with respect to x, given dy; leaves the parameters' gradients in ``grads``.

        Args:
            dy: gradient of the loss with respect to the layer's output, of its shape.

        Raises:
            StateError: no ``forward`` came before, its pullbacks are spent, or x or a parameter
                changed in between.
            ShapeError: dy has another shape than the output, and would broadcast.
            DtypeError: dy is not of real numbers.
        """
        if self._kept is None:
            raise StateError(
                f"{self!r}: backward needs a forward first, and each forward serves one backward."
            )
        kept = self._kept
        dy = upstream_gradient(repr(self), dy, kept.shape, kept.dtype)
        self._kept = None
        for (name, array), print_before in zip(kept.captured.items(), kept.prints, strict=True):
            if fingerprint(array) != print_before:
                raise StateError(
                    f"{self!r}: {name!r} changed between forward and backward, so the gradient "
                    "would mix old and new values. Update parameters after backward."
                )
        self.grads = {
            name: pullback(dy)
            for name, pullback in zip(self.params, kept.pullbacks[1:], strict=True)
        }
        return kept.pullbacks[0](dy)

    def config(self) -> dict:
        """What ``from_config`` needs to make this layer again, without its parameters."""
        return {"layer": type(self).__name__, **self.options}

    @classmethod
    def from_options(cls, options: dict, dtype: DTypeLike) -> Layer:
        """A layer of this class with the options of its ``config``."""
        return cls(**options)

    def __repr__(self) -> str:
        usual = {
            name: parameter.default
            for name, parameter in inspect.signature(type(self)).parameters.items()
        }
        said = [
            f"{name}={value!r}" for name, value in self.options.items() if usual.get(name) != value
        ]
        return f"{type(self).__name__}({', '.join(said)})"


@kind
class Affine(Layer):
    """Affine layer ``y = x W + b``, or ``y = x W`` without bias.

    Args:
        n_in: inputs.
        n_out: outputs.
        bias: with ``b``, which starts at zero.
        init: name of an initializer, a standard deviation, or a function of (rng, shape).
        rng: seed or generator for W.
        dtype: of the parameters.

    Example:
        >>> layer = Affine(2, 3, rng=0)
        >>> {name: p.shape for name, p in layer.params.items()}
        {'W': (2, 3), 'b': (3,)}
        >>> layer.forward(np.ones((4, 2), np.float32)).shape
        (4, 3)
        >>> layer.backward(np.ones((4, 3), np.float32)).shape, layer.grads["b"]
        ((4, 2), array([4., 4., 4.], dtype=float32))
    """

    def __init__(
        self,
        n_in: int,
        n_out: int,
        *,
        bias: bool = True,
        init: str | float | Initializer = "xavier",
        rng: Seed = None,
        dtype: DTypeLike = np.float32,
    ):
        super().__init__(functions.affine if bias else functions.linear)
        self.n_in = whole("Affine", "n_in", n_in)
        self.n_out = whole("Affine", "n_out", n_out)
        dtype = float_dtype("Affine", dtype)
        drawn = 0 if isinstance(init, str) and init == "zeros" else DRAWN_ITEMSIZE
        needed = self.n_in * self.n_out * (dtype.itemsize + drawn)
        check_memory(f"Affine({brief(n_in)}, {brief(n_out)})", needed, SMALLER)
        W = initializer(init)(np.random.default_rng(rng), (self.n_in, self.n_out))
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
        if bias:
            self.params["b"] = np.zeros(self.n_out, dtype)

    def config(self) -> dict:
        return {
            "layer": "Affine",
            "n_in": self.n_in,
            "n_out": self.n_out,
            "bias": "b" in self.params,
        }

    @classmethod
    def from_options(cls, options: dict, dtype: DTypeLike) -> Affine:
        return cls(**options, init="zeros", dtype=dtype)

    def __repr__(self) -> str:
        bias = "" if "b" in self.params else ", bias=False"
        return f"Affine({self.n_in}, {self.n_out}{bias})"


@kind
class Flatten(Layer):
    """Each example as one row, so that a net can take images: (batch, 1, 28, 28) to (batch, 784).

    Example:
        >>> Flatten().predict(np.zeros((5, 1, 28, 28))).shape
        (5, 784)
    """

    def __init__(self) -> None:
        super().__init__(functions.flatten)


@kind
class Identity(Layer):
    """``y = x``."""

    def __init__(self) -> None:
        super().__init__(functions.identity)


@kind
class Sigmoid(Layer):
    """``y = 1 / (1 + exp(-x))``."""

    def __init__(self) -> None:
        super().__init__(functions.sigmoid)


@kind
class ReLU(Layer):
    """``y = max(x, 0)``, with relu'(0) = 0."""

    def __init__(self) -> None:
        super().__init__(functions.relu)


@kind
class Tanh(Layer):
    """``y = tanh(x)``."""

    def __init__(self) -> None:
        super().__init__(functions.tanh)


@kind
class LeakyReLU(Layer):
    """``y = x`` above 0 and ``slope x`` up to 0, with slope in [0, 1).

    Example:
        >>> LeakyReLU(slope=0.2).predict(np.array([-1.0, 2.0]))
        array([-0.2,  2. ])
    """

    def __init__(self, slope: float = 0.01) -> None:
        super().__init__(functions.leaky_relu, slope=share("LeakyReLU", "slope", slope))


@kind
class ELU(Layer):
    """``y = x`` above 0 and ``alpha (exp(x) - 1)`` up to 0, with alpha above 0."""

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__(functions.elu, alpha=positive("ELU", "alpha", alpha))


@kind
class GELU(Layer):
    """``y = x Phi(x)``, exact: Phi is the normal distribution function."""

    def __init__(self) -> None:
        super().__init__(functions.gelu)


@kind
class SiLU(Layer):
    """``y = x sigmoid(x)``, also called swish."""

    def __init__(self) -> None:
        super().__init__(functions.silu)


@kind
class Softplus(Layer):
    """``y = log(1 + exp(x))``."""

    def __init__(self) -> None:
        super().__init__(functions.softplus)


ACTIVATIONS: dict[str, Callable[[], Layer]] = {
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
ELEMENTWISE = tuple(ACTIVATIONS.values())
"""Layers that take each entry on its own."""


def activation(name: str) -> Layer:
    """A new activation layer by name.

    Raises:
        UnknownNameError: with the nearest right name.

    Example:
        >>> activation("relu")
        ReLU()
    """
    if name not in ACTIVATIONS:
        raise unknown_name("activation", name, ACTIVATIONS)
    return ACTIVATIONS[name]()


def from_config(config: dict, dtype: DTypeLike = np.float32) -> Layer:
    """A layer as ``config`` describes it, its parameters still to be set.

    Raises:
        UnknownNameError: a layer of a kind that is not known.

    Example:
        >>> from_config({"layer": "Affine", "n_in": 2, "n_out": 3, "bias": False})
        Affine(2, 3, bias=False)
    """
    options = dict(config)
    name = options.pop("layer", None)
    if name not in KINDS:
        raise unknown_name("layer", name, KINDS)
    return KINDS[name].from_options(options, dtype)


def float_dtype(owner: str, dtype: DTypeLike) -> np.dtype:
    """``dtype`` as a float dtype of at least 32 bits, which training needs."""
    try:
        found = np.dtype(dtype)
    except TypeError:
        raise DtypeError(f"{owner} expects dtype float32 or float64; got {dtype!r}.") from None
    if found not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise DtypeError(f"{owner} expects dtype float32 or float64; got {found}.")
    return found
