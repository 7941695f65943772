"""The layer: parameters and one operation, whose derivative is the operation's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, NoReturn, Self

import numpy as np
from numpy.typing import DTypeLike

from mitbadak.core.arguments import explained
from mitbadak.core.arrays import fingerprint
from mitbadak.core.copying import ForgetsForward
from mitbadak.core.elsewhere import missing_attribute
from mitbadak.core.elsewhere_objects import LAYER
from mitbadak.core.errors import DtypeError, MissingAttributeError, StateError
from mitbadak.core.typing import Seed
from mitbadak.core.warned import warn
from mitbadak.functions.differentiable import Differentiable, Pullback, upstream_gradient
from mitbadak.nn.declared import Declared, is_built_in
from mitbadak.nn.earlier import LAYER_METHODS, accept_mode

SMALLER = "Choose smaller widths."  # the remedy for a layer that does not fit into memory
NO_OPTIONS: Mapping[str, Any] = MappingProxyType({})


class Call(NamedTuple):
    """The operation that a layer applies to one input.

    Attributes:
        operation: takes x, the parameters, and then ``constants``.
        constants: arrays that are not learned, such as a dropout mask.
        options: keyword arguments of the operation.
    """

    operation: Differentiable
    constants: tuple[np.ndarray, ...] = ()
    options: Mapping[str, Any] = NO_OPTIONS


class LayerResult(NamedTuple):
    """The result of ``Layer.compute``.

    Attributes:
        y: the output.
        pullbacks: one for x and one for each parameter.
        buffers: the updated buffers by name; empty where nothing is to be updated.
    """

    y: np.ndarray
    pullbacks: Sequence[Pullback]
    buffers: dict[str, np.ndarray]


@dataclass(frozen=True)
class _Kept:
    """What ``backward`` needs from ``forward``.

    Attributes:
        pullbacks: for x and each parameter.
        captured, fingerprints: the arrays that the pullbacks read, as they were.
        shape, dtype: shape and dtype of the output.
    """

    pullbacks: Sequence[Pullback]
    captured: dict[str, np.ndarray]
    fingerprints: list[int]
    shape: tuple[int, ...]
    dtype: np.dtype


class Layer(ForgetsForward, Declared, abstract=True):
    """One operation with its parameters.

    Whether the layer runs in training or in evaluation mode is an argument of every call;
    there is no mode to switch on and forget. ``predict`` evaluates by default. ``compute``, ``vjp``
    and ``forward`` require ``training`` where it makes a difference.

    Your own layer is a subclass with an operation, and with fields for its settings:

    >>> from mitbadak.functions.differentiable import differentiable
    >>> from mitbadak.nn import Call, Layer, option
    >>> @differentiable
    ... def scale(x, *, factor):
    ...     return factor * x, (lambda dy: factor * dy,)
    >>> class Scale(Layer, operation=scale):
    ...     factor: float = option(default=2.0)  # passed on to the operation
    >>> Scale(factor=3.0).predict(np.array([1.0, -1.0]))
    array([ 3., -3.])

    Where the operation depends on more than fields, override ``call``. This one adds noise in
    training only:

    >>> from mitbadak import functions
    >>> @differentiable
    ... def shift(x, noise):
    ...     return x + noise, (lambda dy: dy, None)
    >>> class Noise(Layer):
    ...     std: float = 0.1
    ...     differs_in_training = draws = True
    ...
    ...     def call(self, x, *, training=False, rng=None):
    ...         if not training:
    ...             return Call(functions.identity)
    ...         noise = np.random.default_rng(rng).normal(0, self.std, np.shape(x))
    ...         return Call(shift, (noise,))
    >>> layer = Noise(std=0.5)
    >>> layer, layer.predict(np.zeros(2)).tolist()
    (Noise(std=0.5), [0.0, 0.0])
    >>> bool(layer.predict(np.zeros(2), training=True, rng=0).any())
    True

    Parameters go into ``self.params`` in ``__post_init__``. A net with such layers can be saved,
    and loaded wherever the file that defines them has been imported.

    Class attributes:
        differs_in_training: whether the layer computes something else in training.
        draws: whether it needs random numbers in training.
        family: the group in which its parameters are numbered; by default its class.

    Attributes:
        params: the parameters by name, in the order of the operation's arguments.
        grads: after ``backward``, one gradient per parameter, of the same shape.
        buffers: arrays by name that belong to the layer's state but are not learned.
    """

    registry: ClassVar[dict[str, Any]] = {}
    key = noun = "layer"
    differs_in_training: ClassVar[bool] = False
    draws: ClassVar[bool] = False
    family: ClassVar[str] = ""
    forgotten: ClassVar[dict[str, Any]] = {"_kept": None}

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        accept_mode(cls, LAYER_METHODS, differs=cls.differs_in_training)
        if "vjp" in vars(cls) and "compute" not in vars(cls):
            cls.compute = _compute_by_vjp  # type: ignore[method-assign]

    @explained
    def __init__(self, operation: Differentiable | None = None, **options: Any) -> None:
        super().__init__(operation, **options)

    def __new__(cls, *_: Any, **__: Any) -> Self:
        layer = super().__new__(cls)
        layer._begin()
        return layer

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            raise missing_attribute(type(self).__name__, name, LAYER, dir(type(self)))

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse what other libraries' layers are set by, and would change nothing here."""
        if name in LAYER and is_built_in(type(self)) and name not in self._field_names:
            raise MissingAttributeError(
                f"{type(self).__name__} has no {name} to set. In Mitbadak: {LAYER[name]}."
            )
        super().__setattr__(name, value)

    def _begin(self) -> None:
        self.params: dict[str, np.ndarray] = {}
        self.grads: dict[str, np.ndarray] = {}
        self.buffers: dict[str, np.ndarray] = {}
        self._kept: _Kept | None = None

    def call(self, x: np.ndarray, *, training: bool | None = False, rng: Seed = None) -> Call:
        """The operation that the layer applies to x, with all arguments besides x and parameters.

        Args:
            x: the layer's input.
            training: whether the layer runs in training mode.
            rng: seed or generator, for layers that draw.

        Raises:
            StateError: the layer has no operation.
        """
        operation = getattr(self, "operation", None)
        if operation is None:
            raise StateError(
                f"{self!r} has no operation. Give its class one, "
                f"class {type(self).__name__}(Layer, operation=...), or override call."
            )
        return Call(operation, (), self.options)

    def compute(
        self, x: np.ndarray, *, training: bool | None = None, rng: Seed = None
    ) -> LayerResult:
        """Output, pullbacks and updated buffers; changes nothing.

        Args:
            x: shape (batch, n_in) or (n_in,).
            training, rng: as for ``call``; ``training`` is required where it matters.

        Raises:
            StateError: ``training`` matters and was not given, or ``rng`` is missing.
        """
        if training is None and self.differs_in_training:
            refuse_to_guess(self)
        operation, constants, options = self.call(x, training=training, rng=rng)
        y, pullbacks, *observed = operation.vjp(x, *self.params.values(), *constants, **options)
        if constants:
            pullbacks = pullbacks[: 1 + len(self.params)]
        buffers = self.updated_buffers(observed[0], len(x)) if observed and training else {}
        return LayerResult(y, pullbacks, buffers)

    def updated_buffers(self, observed: Sequence[np.ndarray], batch: int) -> dict[str, np.ndarray]:
        """The buffers after a batch in training, given what the operation observed of it."""
        return {}

    def vjp(
        self, x: np.ndarray, *, training: bool | None = None, rng: Seed = None
    ) -> tuple[np.ndarray, Sequence[Pullback]]:
        """Output and pullbacks, as from ``compute``; changes nothing."""
        return Layer.compute(self, x, training=training, rng=rng)[:2]

    @explained
    def predict(
        self, x: np.ndarray, *, training: bool | None = False, rng: Seed = None
    ) -> np.ndarray:
        """The layer's output for x, shape (batch, n_in) or (n_in,); changes nothing."""
        operation, constants, options = self.call(x, training=training, rng=rng)
        return operation(x, *self.params.values(), *constants, **options)

    def __call__(
        self, x: np.ndarray, *, training: bool | None = False, rng: Seed = None
    ) -> np.ndarray:
        """``predict``."""
        return self.predict(x, training=training, rng=rng)

    @explained
    def forward(
        self, x: np.ndarray, *, training: bool | None = None, rng: Seed = None
    ) -> np.ndarray:
        """The layer's output for x; keeps what ``backward`` needs and updates the buffers."""
        y, pullbacks, buffers = self.compute(x, training=training, rng=rng)
        self.buffers.update(buffers)
        captured = {"x": np.asarray(x), **self.params, **({} if training else self.buffers)}
        fingerprints = [fingerprint(a) for a in captured.values()]
        self._kept = _Kept(pullbacks, captured, fingerprints, y.shape, y.dtype)
        return y.copy()  # the pullback of sigmoid reads y itself, which the caller may change

    @explained
    def backward(self, dy: Any) -> np.ndarray:
        """Gradient with respect to x, given dy; leaves the parameters' gradients in ``grads``.

        Args:
            dy: gradient of the loss with respect to the layer's output, of its shape.

        Raises:
            StateError: there was no ``forward`` since the last ``backward``, or x or a parameter
                changed in between.
            ShapeError: dy does not have the shape of the output.
            DtypeError: dy does not hold real numbers.
        """
        if self._kept is None:
            raise StateError(
                f"{self!r}: backward needs a forward first, and each forward serves one backward."
            )
        kept = self._kept
        dy = upstream_gradient(repr(self), dy, kept.shape, kept.dtype)
        self._kept = None
        for (name, array), before in zip(kept.captured.items(), kept.fingerprints, strict=True):
            if fingerprint(array) != before:
                raise StateError(
                    f"{self!r}: {name!r} changed between forward and backward, so the gradient "
                    "would mix old and new values. Update parameters after backward."
                )
        to_x, *to_params = kept.pullbacks
        self.grads = {
            name: pullback(dy) for name, pullback in zip(self.params, to_params, strict=True)
        }
        return to_x(dy)


def _compute_by_vjp(
    self: Layer, x: np.ndarray, *, training: bool | None = None, rng: Seed = None
) -> LayerResult:
    """``compute`` of a class that overrides ``vjp``."""
    if training and self.buffers:
        raise StateError(
            f"{self!r} overrides vjp, which does not return updated buffers. Override compute, "
            "which returns LayerResult(y, pullbacks, buffers)."
        )
    y, pullbacks = self.vjp(x, training=training, rng=rng)
    return LayerResult(y, pullbacks[: 1 + len(self.params)], {})


def refuse_to_guess(layer: Layer, owner: str = "") -> NoReturn:
    """Raise the error for a layer that differs in training when ``training`` was not given."""
    subject = f"{owner} contains {layer!r}, which" if owner else f"{layer!r}"
    rng = ", with rng= for its noise in training" if layer.draws else ""
    raise StateError(
        f"{subject} computes something else in training than in evaluation: pass training=True or "
        f"training=False{rng}."
    )


class ModalLayer(Layer, abstract=True):
    """Earlier base of layers that differ in training; now any ``Layer`` can."""

    differs_in_training = True

    def __init_subclass__(cls, **arguments: Any) -> None:
        warn(
            f"{cls.__name__}: derive it from Layer and set differs_in_training = True. ModalLayer "
            "will be removed in the next version.",
            DeprecationWarning,
        )
        super().__init_subclass__(**arguments)


def float_dtype(owner: str, dtype: DTypeLike) -> np.dtype:
    """``dtype`` as one of the two dtypes that parameters can have, float32 and float64.

    Raises:
        DtypeError: any other dtype.
    """
    try:
        given = np.dtype(dtype)
    except TypeError:
        raise DtypeError(f"{owner} expects dtype float32 or float64; got {dtype!r}.") from None
    if given not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise DtypeError(f"{owner} expects dtype float32 or float64; got {given}.")
    return given
