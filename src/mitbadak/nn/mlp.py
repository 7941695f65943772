"""Nets by their widths: fully connected, and the notes' two layers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from mitbadak.core.arguments import explained
from mitbadak.core.errors import ShapeError, brief, share
from mitbadak.core.randomness import generator
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

WIDTHS = "such as mb.MLP([4, 8, 3])"


class MLP(Sequential):
    """Multilayer perceptron: affine layers with one activation between them.

    Args:
        sizes: widths from input to output, such as [784, 50, 10].
        activation: the activation after each hidden layer, by name: ``sigmoid``, ``relu``,
            ``tanh``, ``identity``, ``leaky_relu``, ``elu``, ``gelu``, ``silu`` or ``softplus``; or
            a layer, such as ``LeakyReLU(0.2)``, of which each hidden layer gets a copy.
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

    @partial(explained, remedy=f"Widths go in one list, {WIDTHS}.")
    def __init__(
        self,
        sizes: Sequence[int],
        activation: str | Layer = "sigmoid",
        *,
        init: str | float | Initializer = "auto",
        loss: str | Head = "softmax_cross_entropy",
        dropout: float = 0.0,
        batch_norm: bool = False,
        rng: Seed = None,
        dtype: DTypeLike = np.float32,
    ):
        if not isinstance(sizes, Iterable):
            raise ShapeError(f"MLP expects its widths in one list, {WIDTHS}; got {brief(sizes)}.")
        sizes = check_sizes("MLP", list(sizes), float_dtype("MLP", dtype))
        between = activation_layer(activation)
        if isinstance(init, str) and init == "auto":
            init = _fitting_initializer(between, hidden=len(sizes) - 2)
        dropout = share("MLP", "dropout", dropout)
        rng = generator(rng)
        layers: list[Layer] = []
        for n_in, n_out in pairwise(sizes):
            layers.append(Affine(n_in, n_out, init=init, rng=rng, dtype=dtype))
            layers += [BatchNorm(n_out, dtype=dtype)] if batch_norm else []
            layers.append(activation_layer(between))
            layers += [Dropout(dropout)] if dropout else []
        while not isinstance(
            layers[-1], Affine
        ):  # the scores come straight from the last affine layer
            layers.pop()
        super().__init__(*layers, loss=loss)

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
        init: an initializer instead, such as ``"he"``.
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
        init: str | float | Initializer | None = None,
        rng: Seed = None,
        dtype: DTypeLike = np.float32,
    ):
        sizes = [input_size, hidden_size, output_size]
        init = normal(weight_init_std) if init is None else init
        super().__init__(sizes, init=init, rng=rng, dtype=dtype)


def _fitting_initializer(activation: Layer, hidden: int) -> str | float:
    if getattr(activation, "rectifies", False):
        return "he"
    return 0.01 if hidden <= 1 else "xavier"
