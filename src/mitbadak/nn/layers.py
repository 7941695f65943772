"""Layers: parameters plus one call each; the derivative is the function's own."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import DTypeLike

from mitbadak import functions
from mitbadak._typing import Seed
from mitbadak.differentiable import Differentiable, Pullback
from mitbadak.errors import DtypeError, ShapeError, StateError, unknown_name, whole
from mitbadak.nn.initializers import Initializer, initializer


class Layer:
    """One operation with its parameters.

    ``forward`` keeps the pullbacks and ``backward`` uses them once; ``predict`` is the same
    forward that keeps nothing.

    Args:
        operation: what the layer computes, taking x and then the parameters.

    Attributes:
        params: the layer's own arrays by name, in the order of the operation's arguments.
        grads: after ``backward``, one gradient per parameter, of the same shape.
    """

    def __init__(self, operation: Differentiable) -> None:
        self.operation = operation
        self.params: dict[str, np.ndarray] = {}
        self.grads: dict[str, np.ndarray] = {}
        self._kept: tuple[Sequence[Pullback], list[np.ndarray], list[int]] | None = None

    def vjp(self, x: np.ndarray) -> tuple[np.ndarray, Sequence[Pullback]]:
        """Value and pullbacks, one for x and one for each parameter; keeps nothing."""
        return self.operation.vjp(x, *self.params.values())

    def predict(self, x: np.ndarray) -> np.ndarray:
        """The layer's output for x, shape (batch, n_in) or (n_in,)."""
        return self.operation(x, *self.params.values())

    def forward(self, x: np.ndarray) -> np.ndarray:
        """The layer's output for x, remembering what ``backward`` needs."""
        y, pullbacks = self.vjp(x)
        captured = [np.asarray(x), *self.params.values()]
        self._kept = (pullbacks, captured, [_fingerprint(a) for a in captured])
        return y

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Gradient with respect to x, given dy; leaves the parameters' gradients in ``grads``.

        Raises:
            StateError: no ``forward`` came before, its pullbacks are spent, or x or a parameter
                changed in between.
        """
        if self._kept is None:
            raise StateError(
                f"{self!r}: backward needs a forward first, and each forward serves one backward."
            )
        pullbacks, captured, prints = self._kept
        self._kept = None
        for name, array, print_before in zip(["x", *self.params], captured, prints, strict=True):
            if _fingerprint(array) != print_before:
                raise StateError(
                    f"{self!r}: {name!r} changed between forward and backward, so the gradient "
                    "would mix old and new values. Update parameters after backward."
                )
        self.grads = {
            name: pullback(dy) for name, pullback in zip(self.params, pullbacks[1:], strict=True)
        }
        return pullbacks[0](dy)

    def config(self) -> dict:
        """What ``from_config`` needs to make this layer again, without its parameters."""
        return {"layer": type(self).__name__}

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


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
        W = initializer(init)(np.random.default_rng(rng), (self.n_in, self.n_out))
        if W.shape != (self.n_in, self.n_out):
            raise ShapeError(
                f"Affine expects its initializer to return {(self.n_in, self.n_out)}; "
                f"got {W.shape}."
            )
        self.params["W"] = W.astype(dtype)
        if bias:
            self.params["b"] = np.zeros(self.n_out, dtype)

    def config(self) -> dict:
        return {
            "layer": "Affine",
            "n_in": self.n_in,
            "n_out": self.n_out,
            "bias": "b" in self.params,
        }

    def __repr__(self) -> str:
        bias = "" if "b" in self.params else ", bias=False"
        return f"Affine({self.n_in}, {self.n_out}{bias})"


class Identity(Layer):
    """``y = x``."""

    def __init__(self) -> None:
        super().__init__(functions.identity)


class Sigmoid(Layer):
    """``y = 1 / (1 + exp(-x))``."""

    def __init__(self) -> None:
        super().__init__(functions.sigmoid)


class ReLU(Layer):
    """``y = max(x, 0)``, with relu'(0) = 0."""

    def __init__(self) -> None:
        super().__init__(functions.relu)


class Tanh(Layer):
    """``y = tanh(x)``."""

    def __init__(self) -> None:
        super().__init__(functions.tanh)


ELEMENTWISE = (Identity, Sigmoid, ReLU, Tanh)
"""Layers that take each entry on its own."""

ACTIVATIONS: dict[str, Callable[[], Layer]] = {
    "sigmoid": Sigmoid,
    "relu": ReLU,
    "tanh": Tanh,
    "identity": Identity,
}


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
    kinds: dict[str, Callable[..., Layer]] = {
        kind.__name__: kind for kind in (Affine, Identity, Sigmoid, ReLU, Tanh)
    }
    options = dict(config)
    name = options.pop("layer", None)
    if name not in kinds:
        raise unknown_name("layer", name, kinds)
    if name == "Affine":
        return Affine(**options, init="zeros", dtype=dtype)
    return kinds[name]()


def float_dtype(owner: str, dtype: DTypeLike) -> np.dtype:
    """``dtype`` as a float dtype of at least 32 bits, which training needs."""
    try:
        found = np.dtype(dtype)
    except TypeError:
        raise DtypeError(f"{owner} expects dtype float32 or float64; got {dtype!r}.") from None
    if found not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise DtypeError(f"{owner} expects dtype float32 or float64; got {found}.")
    return found


def _fingerprint(array: np.ndarray) -> int:
    return zlib.crc32(np.ascontiguousarray(array).view(np.uint8).reshape(-1).data)
