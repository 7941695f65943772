"""Nets by their widths: fully connected, and the notes' two layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from mitbadak.core.errors import share, unknown_name
from mitbadak.core.typing import Seed
from mitbadak.nn import layers as _layers
from mitbadak.nn.initializers import Initializer, normal
from mitbadak.nn.layers import Affine, Layer
from mitbadak.nn.losses import Head
from mitbadak.nn.modes import Dropout
from mitbadak.nn.network import Sequential
from mitbadak.nn.norms import BatchNorm
from mitbadak.nn.widths import check_sizes

# Halves of what comes in are silenced or shrunk by them; their authors draw after He.
RECTIFIERS = ("relu", "leaky_relu", "elu", "gelu", "silu")


class MLP(Sequential):
    """Multilayer perceptron: affine layers with one activation between them.

    ``predict`` gives the answer as in the notes: probabilities under the default loss.
    (``scores`` gives what comes before the softmax.)

    Args:
        sizes: widths from input to output, such as [784, 50, 10].
        activation: by name, after each hidden layer: ``sigmoid``, ``relu``, ``tanh``,
            ``identity``, ``leaky_relu``, ``elu``, ``gelu``, ``silu`` or ``softplus``.
        init: initializer of the weights. ``"auto"`` is He for ReLU and its kin (leaky_relu, elu,
            gelu, silu); otherwise N(0, 0.01^2) as in the notes up to one hidden layer and Xavier
            beyond, where 0.01 lets gradients vanish.
        loss: a head or its name.
        dropout: the share of each hidden layer's units that falls silent in training.
        batch_norm: whether each hidden layer is normalised over the batch, before its activation
            as in Ioffe and Szegedy (2015).
        rng: seed or generator for the weights.
        dtype: of the parameters, float32 or float64.

    Raises:
        ShapeError: fewer than two sizes.
        RangeError, UnknownNameError, DtypeError: an argument that makes no sense, or a net that
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
        sizes = check_sizes("MLP", list(sizes), _layers.float_dtype("MLP", dtype))
        if isinstance(init, str) and init == "auto":
            init = _fitting_initializer(activation, hidden=len(sizes) - 2)
        dropout = share("MLP", "dropout", dropout)
        rng = np.random.default_rng(rng)
        row: list[Layer] = []
        for n_in, n_out in pairwise(sizes):
            row.append(Affine(n_in, n_out, init=init, rng=rng, dtype=dtype))
            row += [BatchNorm(n_out, dtype=dtype)] if batch_norm else []
            row.append(_layers.activation(activation))
            row += [Dropout(dropout)] if dropout else []
        while not isinstance(row[-1], Affine):  # the last layer gives the scores as they are
            row.pop()
        super().__init__(*row, loss=loss)

    def answer(self, scores: np.ndarray) -> np.ndarray:
        """Probabilities under the softmax, outputs under squared errors."""
        return self.head.answer(scores)

    def __repr__(self) -> str:
        affine = [a for a in self.layers if isinstance(a, Affine)]
        sizes = [a.n_in for a in affine] + [affine[-1].n_out]
        rates = {a.rate for a in self.layers if isinstance(a, Dropout)}
        normal = any(isinstance(a, BatchNorm) for a in self.layers)
        names: dict[Any, str] = {kind: name for name, kind in _layers.ACTIVATIONS.items()}
        between = {names[type(a)] for a in self.layers if type(a) in names}
        said = f", activation={between.pop()!r}" if len(between) == 1 else ""
        said += f", dropout={rates.pop():g}" if len(rates) == 1 else ""
        said += ", batch_norm=True" if normal else ""
        return f"{type(self).__name__}({sizes}{said})"


class TwoLayerNet(MLP):
    """The notes' net: affine, sigmoid, affine, softmax.

    Args:
        input_size, hidden_size, output_size: widths.
        weight_init_std: standard deviation of the initial weights; biases start at zero.
        rng: seed or generator for the weights.
        dtype: of the parameters, float32 or float64.

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


def from_config(config: Mapping) -> Sequential:
    """A net as ``config`` describes it, its parameters still to be set.

    Raises:
        UnknownNameError: a kind of net, layer or loss that is not known.

    Example:
        >>> from_config(MLP([2, 10, 3], "tanh").config())
        MLP([2, 10, 3], activation='tanh')
    """
    kinds = {kind.__name__: kind for kind in (Sequential, MLP, TwoLayerNet)}
    if config["net"] not in kinds:
        raise unknown_name("net", config["net"], kinds)
    row = [_layers.from_config(c, dtype=config["dtype"]) for c in config["layers"]]
    net = object.__new__(kinds[config["net"]])
    Sequential.__init__(net, *row, loss=config["loss"])
    return net


def _fitting_initializer(activation: str, hidden: int) -> str | float:
    if activation in RECTIFIERS:
        return "he"
    return 0.01 if hidden <= 1 else "xavier"
