"""Nets by their widths: fully connected, and the notes' two layers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from mitbadak.core.errors import known, share
from mitbadak.core.typing import Seed
from mitbadak.nn.activations import ACTIVATIONS, activation as activation_layer
from mitbadak.nn.affine import Affine
from mitbadak.nn.dropout import Dropout
from mitbadak.nn.heads import Head
from mitbadak.nn.initializers import Initializer, normal
from mitbadak.nn.layer import Layer, float_dtype
from mitbadak.nn.network import Sequential
from mitbadak.nn.norms import BatchNorm
from mitbadak.nn.widths import check_sizes


class MLP(Sequential):
    """Multilayer perceptron: affine layers with one activation between them.

    ``predict`` returns the answer as in the notes: probabilities with the default loss.
    (``scores`` returns what comes before the softmax.)

    Args:
        sizes: widths from input to output, such as [784, 50, 10].
        activation: the activation after each hidden layer, by name: ``sigmoid``, ``relu``,
            ``tanh``, ``identity``, ``leaky_relu``, ``elu``, ``gelu``, ``silu`` or ``softplus``.
        init: initializer of the weights. ``"auto"`` is He for ReLU and its relatives (leaky_relu,
            elu, gelu, silu); otherwise N(0, 0.01^2) as in the notes for up to one hidden layer, and
            Xavier for more, where gradients would vanish with 0.01.
        loss: a head or its name.
        dropout: the share of each hidden layer's units to drop in training.
        batch_norm: whether to normalize each hidden layer over the batch, before its activation
            as in Ioffe and Szegedy (2015).
        rng: seed or generator for the weights.
        dtype: dtype of the parameters, float32 or float64.

    Raises:
        ShapeError: fewer than two sizes.
        RangeError, UnknownNameError, DtypeError: an invalid argument, or a net that
            does not fit into memory.

    Example:
        >>> net = MLP([784, 50, 100, 10], rng=0)
        >>> net.predict(np.zeros((2, 784))).sum(axis=1).round(6)
        array([1., 1.], dtype=float32)
        >>> list(net.params)
        ['W1', 'b1', 'W2', 'b2', 'W3', 'b3']
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str = "sigmoid",
        *,
        init: str | float | Initializer = "auto",
        loss: str | Head = "softmax_cross_entropy",
        dropout: float = 0.0,
        batch_norm: bool = False,
        rng: Seed = None,
        dtype: DTypeLike = np.float32,
    ):
        sizes = check_sizes("MLP", list(sizes), float_dtype("MLP", dtype))
        if isinstance(init, str) and init == "auto":
            init = _fitting_initializer(activation, hidden=len(sizes) - 2)
        dropout = share("MLP", "dropout", dropout)
        rng = np.random.default_rng(rng)
        layers: list[Layer] = []
        for n_in, n_out in pairwise(sizes):
            layers.append(Affine(n_in, n_out, init=init, rng=rng, dtype=dtype))
            layers += [BatchNorm(n_out, dtype=dtype)] if batch_norm else []
            layers.append(activation_layer(activation))
            layers += [Dropout(dropout)] if dropout else []
        while not isinstance(
            layers[-1], Affine
        ):  # the scores come straight from the last affine layer
            layers.pop()
        super().__init__(*layers, loss=loss)

    def answer(self, scores: np.ndarray) -> np.ndarray:
        """Probabilities for cross entropies, the scores themselves for squared errors."""
        return self.head.answer(scores)

    def __repr__(self) -> str:
        affine = [a for a in self.layers if isinstance(a, Affine)]
        sizes = [a.n_in for a in affine] + [affine[-1].n_out]
        rates = {a.rate for a in self.layers if isinstance(a, Dropout)}
        names: dict[Any, str] = {kind: name for name, kind in ACTIVATIONS.items()}
        between = {names[type(a)] for a in self.layers if type(a) in names}
        arguments = [str(sizes)]
        arguments += [f"activation={between.pop()!r}"] if len(between) == 1 else []
        arguments += [f"dropout={rates.pop():g}"] if len(rates) == 1 else []
        arguments += (
            ["batch_norm=True"] if any(isinstance(a, BatchNorm) for a in self.layers) else []
        )
        return f"{type(self).__name__}({', '.join(arguments)})"


class TwoLayerNet(MLP):
    """The notes' net: affine, sigmoid, affine, softmax.

    Args:
        input_size, hidden_size, output_size: widths.
        weight_init_std: standard deviation of the initial weights; biases start at zero.
        rng: seed or generator for the weights.
        dtype: dtype of the parameters, float32 or float64.

    Example:
        >>> net = TwoLayerNet(input_size=784, hidden_size=100, output_size=10, rng=0)
        >>> [p.shape for p in net.params.values()]
        [(784, 100), (100,), (100, 10), (10,)]
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        output_size: int,
        weight_init_std: float = 0.01,
        *,
        rng: Seed = None,
        dtype: DTypeLike = np.float32,
    ):
        sizes = [input_size, hidden_size, output_size]
        super().__init__(sizes, init=normal(weight_init_std), rng=rng, dtype=dtype)


def _fitting_initializer(activation: str, hidden: int) -> str | float:
    kind = known("activation", activation, ACTIVATIONS)
    if kind.rectifies:
        return "he"
    return 0.01 if hidden <= 1 else "xavier"
