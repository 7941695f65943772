"""Nets as layers in a row, ended by a head, with parameters under the book's names."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from itertools import islice, pairwise

import numpy as np
from numpy.typing import DTypeLike

from mitbadak._typing import Array, Float
from mitbadak.differentiable import Pullback
from mitbadak.errors import DtypeError, ShapeError, StateError
from mitbadak.graph import Variable
from mitbadak.labels import predicted_and_true
from mitbadak.nn.layers import Affine, Layer, float_dtype
from mitbadak.nn.losses import HEADS, Head, head
from mitbadak.nn.moves import Follower, can_follow, engine_for_moves
from mitbadak.nn.params import Params
from mitbadak.numerical import STEP, central_differences
from mitbadak.progress import Progress


class Sequential:
    """Layers in a row, ended by a head that turns their scores into a loss.

    ``predict`` gives what the last layer gives. Parameters are numbered layer by layer as in the
    book: W1, b1, W2, b2.

    Args:
        layers: in order; a row without parameters is fine.
        loss: a head or its name: ``softmax_cross_entropy`` (default), ``mean_squared_error``,
            ``sum_squared_error``.

    Attributes:
        params: live mapping of the parameters by name.
        dtype: of the parameters.
        n_in, n_out: widths of input and scores, None where no layer fixes them.

    Raises:
        ShapeError: two layers do not fit together.
        DtypeError: parameters of different dtypes.

    Example:
        The notes' ``simpleNet``:

        >>> net = Sequential(Affine(2, 3, bias=False, init="zeros"))
        >>> net.predict([0.6, 0.9])
        array([0., 0., 0.], dtype=float32)
        >>> round(net.loss([0.6, 0.9], [0, 0, 1]), 4)
        1.0986
    """

    def __init__(self, *layers: Layer, loss: str | Head = "softmax_cross_entropy"):
        self.layers = tuple(layers)
        self.head = head(loss) if isinstance(loss, str) else loss
        self.params = Params(self.layers)
        dtypes = {array.dtype for array in self.params.values()} or {np.dtype(np.float32)}
        if len(dtypes) > 1:
            raise DtypeError(f"{self!r} expects parameters of one dtype; got {sorted(dtypes)}.")
        self.dtype = dtypes.pop()
        _check_widths(self.layers)
        affine = [layer for layer in self.layers if isinstance(layer, Affine)]
        self.n_in = affine[0].n_in if affine else None
        self.n_out = affine[-1].n_out if affine else None

    def scores(self, x) -> Float[Array, "*batch n_out"]:
        """What the last layer gives, before any softmax.

        Args:
            x: shape (batch, n_in), or (n_in,) for one example; cast to the net's dtype.

        Raises:
            ShapeError: x has another shape.
            DtypeError: x is not of real numbers, or of raw bytes.
        """
        y = self._input(x)
        for layer in self.layers:
            y = layer.predict(y)
        return y

    def predict(self, x) -> Float[Array, "*batch n_out"]:
        """The answer for x, shape (batch, n_in) or (n_in,); here the scores themselves."""
        return self.answer(self.scores(x))

    def answer(self, scores: np.ndarray) -> np.ndarray:
        """What ``predict`` makes of scores."""
        return scores

    def loss(self, x, t) -> float:
        """The head's loss of x against t.

        Args:
            x: shape (batch, n_in) or (n_in,).
            t: class indices, one-hot rows or distributions; for squared errors also targets.
        """
        return self.head.loss(self.scores(x), t)

    def accuracy(self, x, t) -> float:
        """The share of x whose largest score is at the labelled class, in [0, 1].

        Args:
            x: shape (batch, n_in) or (n_in,).
            t: class indices or one-hot rows.

        Raises:
            ShapeError: the net has a single output, or there is no example.
        """
        return self.share_right(self.scores(x), t)

    def share_right(self, scores: np.ndarray, t) -> float:
        """``accuracy`` from scores that are there already."""
        if scores.shape[-1] < 2 or scores.size == 0:
            raise ShapeError(
                f"accuracy expects scores of at least two classes and at least one example; "
                f"got {scores.shape}."
            )
        predicted, true = predicted_and_true("accuracy", scores, t)
        return float(np.mean(predicted == true))

    def gradient(self, x, t) -> dict[str, Float[Array, ...]]:
        """Gradient of the loss by backpropagation: one array per parameter, of its shape."""
        return self.loss_and_gradient(x, t)[1]

    def loss_and_gradient(self, x, t) -> tuple[float, dict[str, Float[Array, ...]]]:
        """The loss and its gradient from one forward and one backward pass.

        The gradient with respect to x is not computed: for the first layer it would cost as much
        as the whole forward pass.
        """
        y = self._input(x)
        pullbacks: list[Sequence[Pullback]] = []
        for layer in self.layers:
            y, layer_pullbacks = layer.vjp(y)
            pullbacks.append(layer_pullbacks)
        loss, dscores = self.head.vjp(y, t)
        dy = dscores(1.0)
        by_layer: list[list[np.ndarray]] = []
        to_go = sum(bool(layer.params) for layer in self.layers)
        for layer, layer_pullbacks in zip(reversed(self.layers), reversed(pullbacks), strict=True):
            by_layer.append([pullback(dy) for pullback in layer_pullbacks[1:]])
            to_go -= bool(layer.params)
            if to_go == 0:
                break
            dy = layer_pullbacks[0](dy)
        in_order = [gradient for of_layer in reversed(by_layer) for gradient in of_layer]
        return loss, dict(zip(self.params, in_order, strict=True))

    def graph(self, x, t=None) -> Variable:
        """The net's computation as a graph: its loss, or without labels its scores.

        ``backward`` on it gives every parameter's variable (named W1, b1, ...) and x their
        gradients; the nodes are the layers' own operations.

        Args:
            x, t: as for ``loss``.

        Example:
            >>> Sequential(Affine(2, 3, rng=0)).graph(np.zeros((1, 2)), [1])
            Variable(1.09861) by softmax_cross_entropy
        """
        variables = {name: Variable(a, name) for name, a in self.params.items()}
        left = iter(variables.values())
        y = Variable(self._input(x), "x")
        for layer in self.layers:
            y = layer.operation(y, *islice(left, len(layer.params)))
        return y if t is None else self.head.operation(y, self.head.targets(y.value, t))

    def numerical_gradient(
        self,
        x,
        t,
        *,
        h: float = STEP,
        structured: bool = True,
        engine: str = "auto",
        progress: Progress | bool | None = None,
    ) -> dict[str, Float[Array, ...]]:
        """Gradient of the loss by central differences, on a float64 copy of the net.

        An independent witness of ``gradient``: it uses no derivative. Where every layer is affine
        or works entry by entry, only what a moved weight changes is computed again, which gives
        the same numbers in a fraction of a second. Otherwise the whole net runs twice for every
        single parameter: for 784-50-10 that is 79,520 evaluations, tens of seconds.

        Args:
            x, t: as for ``loss``.
            h: step of the central difference.
            structured: False runs the definition in full.
            engine: what computes the structured form; ``auto`` is NumPy, unless that is forecast
                to take longer than loading the kernels does.
            progress: see ``mitbadak.numerical_gradient``.

        Returns:
            One float64 array per parameter, of its shape.
        """
        twin = self.astype(np.float64)
        x = twin._input(x)
        if structured and can_follow(self.layers, self.head):
            rows, labels = (x, t) if x.ndim == 2 else (x[None], np.asarray(t)[None])
            report = progress if callable(progress) else None
            chosen = engine_for_moves(engine, self.layers, rows)
            found = Follower(twin.layers, twin.head, rows, labels, h, chosen).gradients(report)
            return dict(zip(self.params, found, strict=True))
        difference = central_differences(
            lambda _: twin.loss(x, t), list(twin.params.values()), h=h, progress=progress
        )
        return dict(zip(self.params, difference.gradients, strict=True))

    def astype(self, dtype: DTypeLike) -> Sequential:
        """A copy of the net with its parameters in ``dtype`` (float32 or float64)."""
        twin = copy.deepcopy(self)
        twin.dtype = float_dtype(type(self).__name__, dtype)
        for layer in twin.layers:
            layer.params = {name: a.astype(twin.dtype) for name, a in layer.params.items()}
        return twin

    def config(self) -> dict:
        """What ``from_config`` needs to make this net again, without its parameters."""
        return {
            "net": type(self).__name__,
            "layers": [layer.config() for layer in self.layers],
            "loss": self._name_of_head(),
            "dtype": self.dtype.name,
        }

    def _name_of_head(self) -> str:
        for name, make in HEADS.items():
            if type(self.head) is make:
                return name
        raise StateError(
            f"{self.head!r} is no head of Mitbadak's ({', '.join(HEADS)}), so a file could not say "
            "how to make it again. Save the parameters yourself: dict(net.params)."
        )

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
        x = np.asarray(x)
        self.check_input(x)
        return x.astype(self.dtype, copy=False)

    def check_width(self, x: np.ndarray) -> None:
        """Refuse x of any shape but (batch, n_in) or (n_in,).

        Raises:
            ShapeError: with the remedy where there is one.
        """
        n_in = self.n_in
        if n_in is not None and (x.ndim not in (1, 2) or x.shape[-1] != n_in):
            name = next(iter(self.params))
            remedy = (
                " Flatten the images: load_mnist(flatten=True) or x.reshape(len(x), -1)."
                if x.ndim > 1 and int(np.prod(x.shape[1:])) == n_in
                else ""
            )
            raise ShapeError(
                f"Affine {name!r} expects x of shape (batch, {n_in}) or ({n_in},); "
                f"got {x.shape}.{remedy}"
            )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.layers))})"


def _check_widths(layers: Sequence[Layer]) -> None:
    affine = [layer for layer in layers if isinstance(layer, Affine)]
    for before, after in pairwise(affine):
        if before.n_out != after.n_in:
            raise ShapeError(
                f"Sequential: {before!r} gives {before.n_out} numbers, {after!r} expects "
                f"{after.n_in}. Make them equal."
            )
