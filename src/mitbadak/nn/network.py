"""Nets as a sequence of layers with a head, their parameters under the book's names."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from mitbadak.core.arrays import as_array
from mitbadak.core.errors import DtypeError
from mitbadak.core.mapped import in_memory
from mitbadak.core.progress import Progress
from mitbadak.core.typing import Array, Float, Seed
from mitbadak.functions.numerical import (
    H,
    central_differences,
    central_points,
    warn_of_lost_digits,
)
from mitbadak.graph import Variable
from mitbadak.nn.declared import is_built_in
from mitbadak.nn.earlier import NET_METHODS, EarlierNames, accept_mode
from mitbadak.nn.heads import Head, head
from mitbadak.nn.layer import Layer, LayerResult, float_dtype, refuse_to_guess
from mitbadak.nn.params import Buffers, Params
from mitbadak.nn.structured_gradient import (
    StructuredGradient,
    engine_of_gradient,
    has_structure,
)
from mitbadak.nn.widths import Widths


class NetResult(NamedTuple):
    """The result of one forward and one backward pass.

    Attributes:
        loss, gradient: loss and gradient of the batch.
        buffers: the updated buffers by name; empty where nothing is to be updated.
    """

    loss: float
    gradient: dict[str, np.ndarray]
    buffers: dict[str, np.ndarray]


class Sequential(EarlierNames):
    """A sequence of layers, and a head that turns their scores into a loss.

    ``predict`` returns the output of the last layer. Parameters are numbered layer by layer as in
    the book: W1, b1, W2, b2.

    ``predict``, ``loss`` and ``accuracy`` run in evaluation mode by default. Where a layer differs
    in training (Dropout, BatchNorm), ``gradient`` requires ``training=``.

    Args:
        layers: in order. A net among them is replaced by its layers; its head is not used.
        loss: a head or its name: ``softmax_cross_entropy`` (default), ``mean_squared_error``,
            ``sum_squared_error``, ``sigmoid_cross_entropy``, ``huber``.

    Attributes:
        params: live mapping of the parameters by name.
        buffers: live mapping of state that is not learned, such as running_mean1, by name.
        mode_dependent: the layers that differ in training.
        dtype: dtype of parameters and buffers.
        n_in, n_out: widths of input and scores, None where no layer fixes them.

    Raises:
        ShapeError: two layers do not fit together.
        DtypeError: parameters of different dtypes.

    Example:
        The notes' ``simpleNet``:

        >>> from mitbadak.nn import Affine
        >>> net = Sequential(Affine(2, 3, bias=False, init="zeros"))
        >>> net.predict([0.6, 0.9])
        array([0., 0., 0.], dtype=float32)
        >>> round(net.loss([0.6, 0.9], [0, 0, 1]), 4)
        1.0986
    """

    registry: ClassVar[dict[str, type[Sequential]]] = {}  # by name, for files

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        accept_mode(cls, NET_METHODS)
        if not is_built_in(cls.registry.get(cls.__name__)):
            cls.registry[cls.__name__] = cls

    def __init__(
        self, *layers: Layer | Sequential, loss: str | dict | Head = "softmax_cross_entropy"
    ):
        self.layers = tuple(_spliced(layers))
        self.head = loss if isinstance(loss, Head) else head(loss)
        self.params = Params(self.layers)
        self.buffers = Buffers(self.layers)
        self.mode_dependent = tuple(layer for layer in self.layers if layer.differs_in_training)
        arrays = [*self.params.values(), *self.buffers.values()]
        dtypes = {array.dtype for array in arrays} or {np.dtype(np.float32)}
        if len(dtypes) > 1:
            raise DtypeError(f"{self!r} expects parameters of one dtype; got {sorted(dtypes)}.")
        self.dtype = dtypes.pop()
        self._widths = Widths(self.layers)
        self.n_in, self.n_out = self._widths.n_in, self._widths.n_out

    def scores(
        self, x, *, training: bool = False, rng: Seed = None
    ) -> Float[Array, "*batch n_out"]:
        """The output of the last layer, before any softmax.

        Args:
            x: shape (batch, n_in), or (n_in,) for one example; cast to the net's dtype. If a
                Flatten comes first, also (batch, ...).
            training: whether to run in training mode; buffers do not change either way.
            rng: seed or generator for noise, which the layers draw from one after the other.

        Raises:
            ShapeError: x has another shape.
            DtypeError: x does not hold real numbers, or holds raw bytes.
            StateError: a layer draws noise and there is no ``rng``.
        """
        y, rng = self._input(x), _generator(rng)
        for layer in self.layers:
            y = layer.predict(y, training=training, rng=rng)
        return y

    def predict(
        self, x, *, training: bool = False, rng: Seed = None
    ) -> Float[Array, "*batch n_out"]:
        """The net's answer for x, shape (batch, n_in) or (n_in,); here the scores themselves.

        Args:
            x, training, rng: as for ``scores``.
        """
        return self.answer(self.scores(x, training=training, rng=rng))

    def answer(self, scores: np.ndarray) -> np.ndarray:
        """The answer that ``predict`` returns for these scores."""
        return scores

    def loss(self, x, t, *, training: bool = False, rng: Seed = None) -> float:
        """The head's loss of x against t.

        Args:
            x, training, rng: as for ``scores``.
            t: class indices, one-hot rows or distributions; for squared errors also real targets.
        """
        return self.head.loss(self.scores(x, training=training, rng=rng), t)

    def accuracy(self, x, t) -> float:
        """The share of correct answers for x, in [0, 1], as the head counts them.

        With softmax and squared errors an answer is correct if the largest score is at the labeled
        class; ``sigmoid_cross_entropy`` counts every label, and 0.5 and above as yes.

        Args:
            x: shape (batch, n_in) or (n_in,).
            t: class indices or one-hot rows; for ``sigmoid_cross_entropy`` 0 and 1.

        Raises:
            ShapeError: the net has a single output and the head needs classes, or x is empty.
        """
        return self.accuracy_of(self.scores(x), t)

    def accuracy_of(self, scores: np.ndarray, t) -> float:
        """``accuracy`` from scores that were computed before."""
        return self.head.accuracy(scores, t)

    def gradient(
        self, x, t, *, training: bool | None = None, rng: Seed = None
    ) -> dict[str, Float[Array, ...]]:
        """Gradient of the loss by backpropagation: one array per parameter, of its shape.

        Args:
            x, t, training, rng: as for ``loss_and_gradient``.
        """
        return self.loss_and_gradient(x, t, training=training, rng=rng)[1]

    def loss_and_gradient(
        self, x, t, *, training: bool | None = None, rng: Seed = None
    ) -> tuple[float, dict[str, Float[Array, ...]]]:
        """The loss and its gradient from one forward and one backward pass.

        The gradient with respect to x is not computed: at the first layer it would cost as much
        as the whole forward pass.

        Args:
            x, t: as for ``loss``.
            training: required where a layer differs in training. True also updates the running
                statistics of BatchNorm, once per call.
            rng: seed or generator for Dropout's noise in training.

        Raises:
            StateError: ``training`` matters and was not given, or ``rng`` is missing.
        """
        loss, gradient, buffers = self.compute(x, t, training=training, rng=rng)
        self.buffers.update(buffers)
        return loss, gradient

    def compute(self, x, t, *, training: bool | None = None, rng: Seed = None) -> NetResult:
        """Loss, gradient and updated buffers, as ``loss_and_gradient``; changes nothing."""
        if training is None and self.mode_dependent:
            refuse_to_guess(self.mode_dependent[0], type(self).__name__)
        y, rng = self._input(x), _generator(rng)
        results: list[LayerResult] = []
        for layer in self.layers:
            results.append(layer.compute(y, training=training, rng=rng))
            y = results[-1].y
        loss, pullback = self.head.vjp(y, t)
        gradient = self._backward(results, pullback(1.0))
        return NetResult(loss, gradient, self._updated_buffers(results) if training else {})

    def _backward(self, results: list[LayerResult], dy: np.ndarray) -> dict[str, np.ndarray]:
        """The parameters' gradients; no input gradient is computed below the first of them."""
        count = len(self.layers)
        first = next((i for i in range(count) if self.layers[i].params), count)
        by_layer: list[list[np.ndarray]] = []
        for i in reversed(range(first, count)):
            to_x, *to_params = results[i].pullbacks
            by_layer.append([pullback(dy) for pullback in to_params])
            if i > first:
                dy = to_x(dy)
        in_order = [gradient for gradients in reversed(by_layer) for gradient in gradients]
        return dict(zip(self.params, in_order, strict=True))

    def _updated_buffers(self, results: list[LayerResult]) -> dict[str, np.ndarray]:
        """The layers' updated buffers under their names in the net."""
        updated = [
            result.buffers.get(name)
            for layer, result in zip(self.layers, results, strict=True)
            for name in layer.buffers
        ]
        named = zip(self.buffers, updated, strict=True)
        return {name: array for name, array in named if array is not None}

    def graph(self, x, t=None, *, training: bool = False, rng: Seed = None) -> Variable:
        """The net's computation as a graph: its loss, or its scores where t is None.

        Its nodes are the layers' operations. ``backward`` on it computes the gradients of x and of
        the parameters, which are variables named W1, b1, ...

        Args:
            x, t, training, rng: as for ``loss``.

        Example:
            >>> from mitbadak.nn import Affine
            >>> Sequential(Affine(2, 3, rng=0)).graph(np.zeros((1, 2)), [1])
            Variable(1.09861) by softmax_cross_entropy
        """
        variables = {name: Variable(a, name) for name, a in self.params.items()}
        parameters = iter(variables.values())
        y, rng = Variable(self._input(x), "x"), _generator(rng)
        for layer in self.layers:
            operation, constants, options = layer.call(y.value, training=training, rng=rng)
            y = operation(y, *islice(parameters, len(layer.params)), *constants, **options)
        if t is None:
            return y
        return self.head.operation(y, self.head.targets(y.value, t), **self.head.options)

    def numerical_gradient(
        self,
        x,
        t,
        *,
        h: float | str = H,
        structured: bool = True,
        engine: str = "auto",
        progress: Progress | bool | None = None,
        training: bool = False,
        rng: Seed = None,
    ) -> dict[str, Float[Array, ...]]:
        """Gradient of the loss by central differences, on a float64 copy of the net.

        An independent check of ``gradient``, since it uses no derivative. Where every layer is
        affine or elementwise, only what a perturbed weight changes is recomputed, which
        gives the same numbers in a fraction of a second. Otherwise the whole net is evaluated twice
        for every parameter: for 784-50-10 that is 79,520 evaluations, tens of seconds.

        Args:
            x, t: as for ``loss``.
            h: half the distance of a central difference; ``"auto"`` as for
                ``mitbadak.numerical_gradient``, which follows the definition in full.
            structured: False follows the definition in full.
            engine: what computes the structured form; ``auto`` takes kernels if there are any.
            progress: see ``mitbadak.numerical_gradient``.
            training: as for ``loss``. In training mode the whole net is evaluated for every
                parameter, each time with the same noise.
            rng: a seed, or a generator, which is left as it is.

        Returns:
            One float64 array per parameter, of its shape.

        Raises:
            UnknownNameError: an unknown engine.
            StateError: ``compiled`` was requested, but there are no kernels, or none for this.

        Warns:
            NumericalWarning: parameters so large that adding h is lost to rounding.
        """
        twin = self.astype(np.float64)
        x = twin._input(x)
        points = [central_points(p, h) for p in twin.params.values()]
        warn_of_lost_digits(f"{type(self).__name__}.numerical_gradient", points, h)
        training = training and bool(self.mode_dependent)
        structured = structured and not training and has_structure(self.layers, self.head)
        step = None if isinstance(h, str) or not structured else h  # of the structured form
        if step is None:
            engine_of_gradient(engine)  # refuses what the definition cannot run on
        else:
            t = as_array("numerical_gradient", "t", t)
            rows, labels = (x, t) if x.ndim > 1 else (x[None], t[None])
            gradient = StructuredGradient(twin.layers, twin.head, rows, labels, step, engine)
            arrays = gradient.gradients(progress if callable(progress) else None)
            return dict(zip(self.params, arrays, strict=True))
        difference = central_differences(
            lambda _: twin.loss(x, t, training=training, rng=copy.deepcopy(rng)),
            list(twin.params.values()),
            h=h,
            progress=progress,
        )
        return dict(zip(self.params, difference.gradients, strict=True))

    def astype(self, dtype: DTypeLike) -> Sequential:
        """A copy of the net with parameters and buffers in ``dtype`` (float32 or float64)."""
        twin = copy.deepcopy(self)
        twin.dtype = float_dtype(type(self).__name__, dtype)
        for layer in twin.layers:
            layer.params = {name: a.astype(twin.dtype) for name, a in layer.params.items()}
            layer.buffers = {name: a.astype(twin.dtype) for name, a in layer.buffers.items()}
        return twin

    def config(self) -> dict:
        """The net's description, from which ``from_config`` rebuilds it without parameters."""
        return {
            "net": type(self).__name__,
            "layers": [layer.config() for layer in self.layers],
            "loss": self.head.config(),
            "dtype": self.dtype.name,
        }

    def check_input(self, x: np.ndarray) -> None:
        """Refuse inputs that the first layer cannot take.

        Raises:
            DtypeError: x does not hold real numbers, or holds raw bytes.
            ShapeError: x has another shape.
        """
        kind = x.dtype.kind
        if kind not in "biuf":
            raise DtypeError(f"{type(self).__name__} expects x as numbers; got {x.dtype}.")
        if kind == "u" and x.dtype == np.uint8 and x.size and x.max() > 1:
            raise DtypeError(
                f"{type(self).__name__} expects x scaled to about 0..1; got bytes up to "
                f"{x.max()}. Use load_mnist(normalize=True) or x / 255; unscaled pixels "
                "saturate the first layer and cost accuracy."
            )
        self.check_width(x)

    def _input(self, x) -> np.ndarray:
        x = in_memory(as_array(type(self).__name__, "x", x))
        self.check_input(x)
        return x.astype(self.dtype, copy=False)

    def check_width(self, x: np.ndarray) -> None:
        """Refuse x unless its shape is (batch, n_in) or (n_in,), or is flattened to that.

        Raises:
            ShapeError: with the remedy where there is one.
        """
        self._widths.check(x, self.params)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.layers))})"


def _spliced(layers: Sequence[Layer | Sequential]) -> Iterator[Layer]:
    for layer in layers:
        yield from layer.layers if isinstance(layer, Sequential) else (layer,)


def _generator(rng: Seed) -> np.random.Generator | None:
    """One generator for all layers; None stays None, which layers that draw refuse."""
    return None if rng is None else np.random.default_rng(rng)
