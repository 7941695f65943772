"""Nets as layers in a row, ended by a head, with parameters under the book's names."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from mitbadak.core.arrays import as_array
from mitbadak.core.errors import DtypeError
from mitbadak.core.progress import Progress
from mitbadak.core.typing import Array, Float, Seed
from mitbadak.functions.numerical import (
    H,
    central_differences,
    central_points,
    warn_of_lost_digits,
)
from mitbadak.graph import Variable
from mitbadak.nn.layers import Layer, float_dtype
from mitbadak.nn.losses import Head, head
from mitbadak.nn.modes import ModalLayer, refuse_to_guess
from mitbadak.nn.moves import Follower, can_follow, engine_for_moves
from mitbadak.nn.params import Buffers, Params
from mitbadak.nn.widths import Widths


class Found(NamedTuple):
    """What one forward and one backward pass found; nothing is changed yet.

    Attributes:
        loss, gradient: of the batch.
        buffers: the values that the net's buffers should take after it, by name.
    """

    loss: float
    gradient: dict[str, np.ndarray]
    buffers: dict[str, np.ndarray]


class Sequential:
    """Layers in a row, ended by a head that turns their scores into a loss.

    ``predict`` gives what the last layer gives. Parameters are numbered layer by layer as in the
    book: W1, b1, W2, b2.

    ``predict``, ``loss`` and ``accuracy`` are evaluation unless told otherwise. Where a layer
    differs in training (Dropout, BatchNorm), ``gradient`` wants ``training=`` to be said.

    Args:
        layers: in order; a row without parameters is fine. A net among them is taken apart: its
            layers come in its place, its head is not used.
        loss: a head or its name: ``softmax_cross_entropy`` (default), ``mean_squared_error``,
            ``sum_squared_error``, ``sigmoid_cross_entropy``, ``huber``.

    Attributes:
        params: live mapping of the parameters by name.
        buffers: live mapping of what layers observe and do not learn, such as running_mean1.
        modal: the layers that differ in training.
        dtype: of parameters and buffers.
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

    def __init__(
        self, *layers: Layer | Sequential, loss: str | dict | Head = "softmax_cross_entropy"
    ):
        self.layers = tuple(_spliced(layers))
        self.head = loss if isinstance(loss, Head) else head(loss)
        self.params = Params(self.layers)
        self.buffers = Buffers(self.layers)
        self.modal = tuple(layer for layer in self.layers if isinstance(layer, ModalLayer))
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
        """What the last layer gives, before any softmax.

        Args:
            x: shape (batch, n_in), or (n_in,) for one example; cast to the net's dtype. After a
                leading Flatten also (batch, ...).
            training: whether layers that differ in training act as there; no buffer changes.
            rng: seed or generator for their noise, which they draw one after the other.

        Raises:
            ShapeError: x has another shape.
            DtypeError: x is not of real numbers, or of raw bytes.
            StateError: noise is to be drawn without ``rng``.
        """
        y, rng = self._input(x), _generator(rng)
        for layer in self.layers:
            if isinstance(layer, ModalLayer):
                y = layer.predict(y, training=training, rng=rng)
            else:
                y = layer.predict(y)
        return y

    def predict(
        self, x, *, training: bool = False, rng: Seed = None
    ) -> Float[Array, "*batch n_out"]:
        """The answer for x, shape (batch, n_in) or (n_in,); here the scores themselves.

        Args:
            x, training, rng: as for ``scores``.
        """
        return self.answer(self.scores(x, **_mode(training, rng)))

    def answer(self, scores: np.ndarray) -> np.ndarray:
        """What ``predict`` makes of scores."""
        return scores

    def loss(self, x, t, *, training: bool = False, rng: Seed = None) -> float:
        """The head's loss of x against t.

        Args:
            x, training, rng: as for ``scores``.
            t: class indices, one-hot rows or distributions; for squared errors also targets.
        """
        return self.head.loss(self.scores(x, **_mode(training, rng)), t)

    def accuracy(self, x, t) -> float:
        """The share of x that is answered right, in [0, 1], as the head counts it.

        Under the softmax and squared errors the largest score must be at the labelled class;
        ``sigmoid_cross_entropy`` counts each label, yes from 0.5 on.

        Args:
            x: shape (batch, n_in) or (n_in,).
            t: class indices or one-hot rows; for ``sigmoid_cross_entropy`` 0 and 1.

        Raises:
            ShapeError: the net has a single output that the head cannot judge, or there is no
                example.
        """
        return self.share_right(self.scores(x), t)

    def share_right(self, scores: np.ndarray, t) -> float:
        """``accuracy`` from scores that are there already."""
        return self.head.share_right(scores, t)

    def gradient(
        self, x, t, *, training: bool | None = None, rng: Seed = None
    ) -> dict[str, Float[Array, ...]]:
        """Gradient of the loss by backpropagation: one array per parameter, of its shape.

        Args:
            x, t, training, rng: as for ``loss_and_gradient``.
        """
        return self.loss_and_gradient(x, t, **_mode(training, rng, usual=None))[1]

    def loss_and_gradient(
        self, x, t, *, training: bool | None = None, rng: Seed = None
    ) -> tuple[float, dict[str, Float[Array, ...]]]:
        """The loss and its gradient from one forward and one backward pass.

        The gradient with respect to x is not computed: for the first layer it would cost as much
        as the whole forward pass.

        Args:
            x, t: as for ``loss``.
            training: must be said where a layer differs in training. True also updates the
                running statistics of BatchNorm, once a call.
            rng: seed or generator for Dropout's noise in training.

        Raises:
            StateError: ``training`` was not said and matters, or ``rng`` is missing.
        """
        found = self.compute(x, t, training=training, rng=rng)
        self.buffers.update(found.buffers)
        return found.loss, found.gradient

    def compute(self, x, t, *, training: bool | None = None, rng: Seed = None) -> Found:
        """``loss_and_gradient`` that changes nothing: what buffers should become is returned."""
        if training is None and self.modal:
            refuse_to_guess(self.modal[0], type(self).__name__)
        y, rng = self._input(x), _generator(rng)
        pullbacks: list[Sequence[Any]] = []
        news: dict[int, dict[str, np.ndarray]] = {}
        for layer in self.layers:
            if isinstance(layer, ModalLayer):
                y, own, news[id(layer)] = layer.learn(y, training=training, rng=rng)
            else:
                y, own = layer.vjp(y)
            pullbacks.append(own)
        loss, dscores = self.head.vjp(y, t)
        owners = {name: self.buffers.owner(name) for name in self.buffers}
        buffers = {
            name: news[id(layer)][key]
            for name, (layer, key) in owners.items()
            if key in news.get(id(layer), {})
        }
        return Found(loss, self._backward(pullbacks, dscores(1.0)), buffers)

    def _backward(self, pullbacks: list[Sequence[Any]], dy: np.ndarray) -> dict[str, np.ndarray]:
        by_layer: list[list[np.ndarray]] = []
        to_go = sum(bool(layer.params) for layer in self.layers)
        for layer, own in zip(reversed(self.layers), reversed(pullbacks), strict=True):
            by_layer.append([pullback(dy) for pullback in own[1 : 1 + len(layer.params)]])
            to_go -= bool(layer.params)
            if to_go == 0:
                break
            dy = own[0](dy)
        in_order = [gradient for of_layer in reversed(by_layer) for gradient in of_layer]
        return dict(zip(self.params, in_order, strict=True))

    def graph(self, x, t=None, *, training: bool = False, rng: Seed = None) -> Variable:
        """The net's computation as a graph: its loss, or without labels its scores.

        ``backward`` on it gives every parameter's variable (named W1, b1, ...) and x their
        gradients; the nodes are the layers' own operations.

        Args:
            x, t, training, rng: as for ``loss``.

        Example:
            >>> from mitbadak.nn import Affine
            >>> Sequential(Affine(2, 3, rng=0)).graph(np.zeros((1, 2)), [1])
            Variable(1.09861) by softmax_cross_entropy
        """
        variables = {name: Variable(a, name) for name, a in self.params.items()}
        left = iter(variables.values())
        y, rng = Variable(self._input(x), "x"), _generator(rng)
        for layer in self.layers:
            if isinstance(layer, ModalLayer):
                call = layer.call(y.value, training=training, rng=rng)
            else:
                call = layer.call(y.value)
            own = islice(left, len(layer.params))
            y = call.operation(y, *own, *call.constants, **call.options)
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

        An independent witness of ``gradient``: it uses no derivative. Where every layer is affine
        or works entry by entry, only what a moved weight changes is computed again, which gives
        the same numbers in a fraction of a second. Otherwise the whole net runs twice for every
        single parameter: for 784-50-10 that is 79,520 evaluations, tens of seconds.

        Args:
            x, t: as for ``loss``.
            h: step of the central difference; ``"auto"`` as for ``mitbadak.numerical_gradient``,
                which runs the definition in full.
            structured: False runs the definition in full.
            engine: what computes the structured form; ``auto`` is NumPy, unless that is forecast
                to take longer than loading the kernels does.
            progress: see ``mitbadak.numerical_gradient``.
            training: as for ``loss``: evaluation unless told otherwise. In training the whole net
                runs for every parameter, each time with the same noise.
            rng: a seed, or a generator, whose state stays as it is.

        Returns:
            One float64 array per parameter, of its shape.

        Warns:
            NumericalWarning: parameters so large that the step is lost among their digits.
        """
        twin = self.astype(np.float64)
        x = twin._input(x)
        points = [central_points(p, h) for p in twin.params.values()]
        warn_of_lost_digits(f"{type(self).__name__}.numerical_gradient", points, h)
        training = training and bool(self.modal)
        can = structured and not training and can_follow(self.layers, self.head)
        if can and not isinstance(h, str):
            labels = as_array("numerical_gradient", "t", t)
            rows, labels = (x, labels) if x.ndim > 1 else (x[None], labels[None])
            report = progress if callable(progress) else None
            chosen = engine_for_moves(engine, self.layers, rows)
            found = Follower(twin.layers, twin.head, rows, labels, h, chosen).gradients(report)
            return dict(zip(self.params, found, strict=True))
        difference = central_differences(
            lambda _: twin.loss(x, t, **_mode(training, copy.deepcopy(rng))),
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
        """What ``from_config`` needs to make this net again, without its parameters."""
        return {
            "net": type(self).__name__,
            "layers": [layer.config() for layer in self.layers],
            "loss": self.head.config(),
            "dtype": self.dtype.name,
        }

    def check_input(self, x: np.ndarray) -> None:
        """Refuse what the first layer cannot take.

        Raises:
            DtypeError: x is not of real numbers, or of raw bytes.
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
        x = as_array(type(self).__name__, "x", x)
        self.check_input(x)
        return x.astype(self.dtype, copy=False)

    def check_width(self, x: np.ndarray) -> None:
        """Refuse x of any shape but (batch, n_in) or (n_in,), or what a Flatten makes of it.

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
    """One generator for all layers that draw; None stays None, which they refuse."""
    return None if rng is None else np.random.default_rng(rng)


def _mode(training: bool | None, rng: Seed, *, usual: bool | None = False) -> dict[str, Any]:
    """What was said of the mode: nothing where it is the usual one, as plain nets never hear it."""
    return {} if training is usual else {"training": training, "rng": rng}
