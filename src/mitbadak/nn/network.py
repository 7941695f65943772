"""Nets as a sequence of layers with a head, their parameters under the book's names."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike

from mitbadak.core.arguments import explained
from mitbadak.core.arrays import as_array
from mitbadak.core.errors import DtypeError, listed
from mitbadak.core.mapped import in_memory
from mitbadak.core.notebook import Shown
from mitbadak.core.printing import print_line
from mitbadak.core.progress import Progress
from mitbadak.core.randomness import generator
from mitbadak.core.typing import Array, Float, Seed, Shaped
from mitbadak.functions.numerical import H
from mitbadak.graph import Variable
from mitbadak.nn.declared import is_built_in
from mitbadak.nn.differences import NumericalGradient
from mitbadak.nn.earlier import NET_METHODS, EarlierNames, accept_mode
from mitbadak.nn.heads import Head, head
from mitbadak.nn.layer import Layer, float_dtype, refuse_to_guess
from mitbadak.nn.named_classes import Classes, classified, labels_for
from mitbadak.nn.overriding import refuse_graph
from mitbadak.nn.params import Buffers, Params
from mitbadak.nn.passes import NetResult, graph_of, there_and_back
from mitbadak.nn.refusals import Refusals
from mitbadak.nn.stacking import stacked
from mitbadak.nn.summary import summary_lines
from mitbadak.nn.widths import Widths


@explained
class Sequential(Shown, Refusals, EarlierNames):
    """A sequence of layers, and a head that turns their scores into a loss.

    ``scores`` returns the output of the last layer; ``predict`` what the head makes of it, as in
    the notes: probabilities for cross entropies, and the scores themselves for squared errors;
    ``classify`` the likeliest class. ``net(x)`` is ``net.predict(x)``. Parameters are numbered
    layer by layer as in the book: W1, b1, W2, b2.

    ``predict``, ``loss`` and ``accuracy`` run in evaluation mode by default. Where a layer differs
    in training (Dropout, BatchNorm), ``gradient`` requires ``training=``.

    Args:
        layers: in order, or one list of them. An activation may be given by name; a net among them
            is replaced by its layers, and its head is not used.
        loss: a head or its name: ``softmax_cross_entropy`` (default), ``mean_squared_error``,
            ``sum_squared_error``, ``sigmoid_cross_entropy``, ``huber``.

    Attributes:
        params: live mapping of the parameters by name.
        buffers: live mapping of state that is not learned, such as running_mean1, by name.
        mode_dependent: the layers that differ in training.
        dtype: dtype of parameters and buffers.
        n_in, n_out: widths of input and scores, None where no layer fixes them.
        classes: names of the classes, if the net was trained on labels that are text, or on whole
            numbers that are no indices, such as 10, 20 and 30.

    Raises:
        ShapeError: two layers do not fit together.
        DtypeError: parameters of different dtypes, or something that is no layer.
        UnknownNameError: an unknown loss or activation.

    Example:
        The notes' ``simpleNet``:

        >>> from mitbadak.nn import Affine
        >>> net = Sequential(Affine(2, 3, bias=False, init="zeros"))
        >>> net.scores([0.6, 0.9])
        array([0., 0., 0.], dtype=float32)
        >>> round(net.loss([0.6, 0.9], [0, 0, 1]), 4)
        1.0986
    """

    registry: ClassVar[dict[str, type[Sequential]]] = {}  # by name, for files

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        accept_mode(cls, NET_METHODS)
        if "__init__" in vars(cls):
            cls.__init__ = explained(cls.__init__)
        if not is_built_in(cls.registry.get(cls.__name__)):
            cls.registry[cls.__name__] = cls

    def __init__(
        self,
        *layers: Layer | Sequential | str | Sequence[Layer | Sequential | str],
        loss: str | dict[str, Any] | Head = "softmax_cross_entropy",
    ):
        self.layers = stacked(type(self).__name__, layers)
        self.head = head(loss)
        self.classes: Classes = ()
        self.params = Params(self.layers)
        self.buffers = Buffers(self.layers)
        self.mode_dependent = tuple(layer for layer in self.layers if layer.differs_in_training)
        arrays = [*self.params.values(), *self.buffers.values()]
        dtypes = {array.dtype for array in arrays} or {np.dtype(np.float32)}
        if len(dtypes) > 1:
            found = listed(sorted(map(str, dtypes)))
            raise DtypeError(
                f"{self!r} expects parameters of one dtype; got {found}. Make them in one, such as "
                "np.ones(8, dtype=np.float32) and mb.Affine(4, 8), or with np.float64 in all."
            )
        self.dtype = dtypes.pop()
        self._widths = Widths(self.layers)
        self.n_in, self.n_out = self._widths.n_in, self._widths.n_out

    @property
    def shapes(self) -> list[tuple[int, ...] | None]:
        """The shape of an example after each layer; 0 and None are what the input decides."""
        return self._widths.shapes

    def is_one_image(self, x: np.ndarray) -> bool:
        """Whether x is one example of a net of images, which becomes a batch of one."""
        return self._widths.is_one(x)

    @property
    def image(self) -> tuple[int, ...] | None:
        """Channels, height and width of the images that the net begins with; None for rows.

        Height and width are 0 where a convolution comes first, which takes images of any size.
        """
        return self._widths.image

    def scores(
        self, x: Any, *, training: bool = False, rng: Seed = None
    ) -> Float[Array, "*batch n_out"]:
        """The output of the last layer, before any softmax.

        Args:
            x: shape (batch, n_in), or (n_in,) for one example; cast to the net's dtype. After a
                Flatten or Reshape also (batch, ...), for a Convolution (batch, *image) or image.
            training: whether to run in training mode; buffers do not change either way.
            rng: seed or generator for noise, which the layers draw from one after the other.

        Raises:
            ShapeError: x has another shape.
            DtypeError: x does not hold real numbers, or holds raw bytes.
            StateError: a layer draws noise and there is no ``rng``.
        """
        y, rng = self.checked_input(x), _generator(rng)
        one = self.is_one_image(y)
        y = y[None] if one else y
        for layer in self.layers:
            y = layer.predict(y, training=training, rng=rng)
        return y[0] if one else y

    def predict(
        self, x: Any, *, training: bool = False, rng: Seed = None
    ) -> Float[Array, "*batch n_out"]:
        """The net's answer for x: probabilities for cross entropies, otherwise the scores.

        Args:
            x, training, rng: as for ``scores``.
        """
        return self.answer(self.scores(x, training=training, rng=rng))

    def __call__(
        self, x: Any, *, training: bool = False, rng: Seed = None
    ) -> Float[Array, "*batch n_out"]:
        """``predict``."""
        return self.predict(x, training=training, rng=rng)

    def answer(self, scores: np.ndarray) -> np.ndarray:
        """The answer that ``predict`` returns for these scores."""
        return self.head.answer(scores)

    def classify(self, x: Any) -> Shaped[Array, "*batch"] | np.intp | np.str_:
        """The likeliest class of each example: its index, or its name where there are names.

        Args:
            x: shape (batch, n_in) or (n_in,).

        Raises:
            StateError: the net predicts numbers.

        Example:
            >>> from mitbadak.nn import MLP
            >>> MLP([2, 3, 4], init="zeros").classify([[0.5, 1.0]])
            array([0])
        """
        return classified(self, self.scores(x))

    def summary(self) -> None:
        """Print a table of the layers, with the shapes and numbers of their parameters.

        Example:
            >>> from mitbadak.nn import MLP
            >>> MLP([2, 3, 4]).summary()
            layer         output  parameters  names
            Affine(2, 3)       3           9  W1 (2, 3), b1 (3,)
            Sigmoid()          3           0
            Affine(3, 4)       4          16  W2 (3, 4), b2 (4,)
            25 parameters, float32 (100 bytes); loss softmax_cross_entropy
        """
        for line in summary_lines(self):
            print_line(line)

    def loss(self, x: Any, t: Any, *, training: bool = False, rng: Seed = None) -> float:
        """The head's loss of x against t.

        Args:
            x, training, rng: as for ``scores``.
            t: class indices, one-hot rows, distributions, or names of ``classes``; for squared
                errors also real targets.
        """
        return self.head.loss(self.scores(x, training=training, rng=rng), self.targets(t))

    def targets(self, t: Any) -> Any:
        """Labels as the head takes them: class indices for names, 1 and 0 for yes and no.

        Raises:
            LabelError: there is no such class.
        """
        return labels_for(self, t)

    def accuracy(self, x: Any, t: Any) -> float:
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

    def accuracy_of(self, scores: np.ndarray, t: Any) -> float:
        """``accuracy`` from scores that were computed before."""
        return self.head.accuracy(scores, self.targets(t))

    def gradient(
        self, x: Any, t: Any, *, training: bool | None = None, rng: Seed = None
    ) -> dict[str, Float[Array, ...]]:
        """Gradient of the loss by backpropagation: one array per parameter, of its shape.

        Args:
            x, t, training, rng: as for ``loss_and_gradient``.
        """
        return self.loss_and_gradient(x, t, training=training, rng=rng)[1]

    def loss_and_gradient(
        self, x: Any, t: Any, *, training: bool | None = None, rng: Seed = None
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

    def compute(
        self, x: Any, t: Any, *, training: bool | None = None, rng: Seed = None
    ) -> NetResult:
        """Loss, gradient and updated buffers, as ``loss_and_gradient``; changes nothing."""
        if training is None and self.mode_dependent:
            refuse_to_guess(self.mode_dependent[0], type(self).__name__)
        return there_and_back(
            self, self.checked_input(x), self.targets(t), training, _generator(rng)
        )

    def graph(self, x: Any, t: Any = None, *, training: bool = False, rng: Seed = None) -> Variable:
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
        refuse_graph(self)
        targets = t if t is None else self.targets(t)
        return graph_of(self, self.checked_input(x), targets, training, _generator(rng))

    def numerical_gradient(
        self,
        x: Any,
        t: Any,
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
            UnknownNameError, StateError: an unknown engine, or one that has no kernels for this.

        Warns:
            NumericalWarning: parameters so large that adding h is lost to rounding.
        """
        differences = NumericalGradient(self, h, structured, engine, progress)
        return differences.of(x, t, training=training, rng=rng)

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
            **({"classes": list(self.classes)} if self.classes else {}),
        }

    def check_input(self, x: np.ndarray) -> None:
        """Refuse inputs that the first layer cannot take.

        Raises:
            DtypeError: x does not hold real numbers, or holds raw bytes.
            ShapeError: x has another shape.
        """
        if x.dtype.kind not in "biuf":
            raise DtypeError(f"{type(self).__name__} expects x as numbers; got {x.dtype}.")
        if x.dtype == np.uint8 and x.size and x.max() > 1:
            raise DtypeError(
                f"{type(self).__name__} expects x scaled to about 0..1; got bytes up to "
                f"{x.max()}. Use load_mnist(normalize=True) or x / 255; unscaled pixels "
                "saturate the first layer and cost accuracy."
            )
        self.check_width(x)

    def checked_input(self, x: Any) -> np.ndarray:
        """Inputs as a checked array in the dtype of the net."""
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


def _generator(rng: Seed) -> np.random.Generator | None:
    """One generator for all layers; None stays None, which layers that draw refuse."""
    return None if rng is None else generator(rng)
