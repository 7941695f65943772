"""The base of the books' nets, and ``common.multi_layer_net``: layers by name over one dict.

Weights are drawn from NumPy's global generator in the order of the books. Layers keep the arrays
in ``params``, so an update in place trains the net, and assigning another array to ``params[key]``
does not, as there.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from mitbadak.book import draws
from mitbadak.book.pickles import load_arrays, save_arrays
from mitbadak.book.surface.answers import answers
from mitbadak.book.surface.gradient import numerical_gradient
from mitbadak.book.surface.layers import (
    Affine,
    BatchNormalization,
    Dropout,
    Relu,
    Sigmoid,
    SoftmaxWithLoss,
)
from mitbadak.core.errors import known

__all__ = ["BookNet", "MultiLayerNet", "MultiLayerNetExtend"]
ROWS = 1000  # evaluated at a time, which keeps them in cache
ACTIVATIONS = {"sigmoid": Sigmoid, "relu": Relu}


class BookNet:
    """A net of the books: ``params``, ``predict``, ``loss``, ``accuracy``, ``gradient``.

    Args:
        layers: by name, from the input to the scores; those with parameters share their arrays
            with ``params``.
        params: the arrays by name.
        weight_decay_lambda: of the penalty ``1/2 lambda sum W^2`` on weights.

    Attributes:
        layers, params: as given.
        last_layer: softmax and cross entropy.
    """

    def __init__(
        self, layers: Any, params: dict[str, Any], weight_decay_lambda: float = 0.0
    ) -> None:
        self.params = params
        self.layers = layers
        self.last_layer = SoftmaxWithLoss()
        self.weight_decay_lambda = weight_decay_lambda
        for layer in self.layer_list():
            layer.keeps_grads = False  # ``gradient`` returns new arrays each time

    def layer_list(self) -> list[Any]:
        """The layers in their order."""
        return list(self.layers.values()) if isinstance(self.layers, dict) else list(self.layers)

    def predict(self, x: Any, train_flg: bool = False) -> Any:
        """The scores of x."""
        x = self._as_floats(x)
        for layer in self.layer_list():
            if isinstance(layer, (Dropout, BatchNormalization)):
                x = layer.forward(x, train_flg)
            else:
                x = layer.forward(x)
        return x

    def loss(self, x: Any, t: Any, train_flg: bool = False) -> Any:
        """The loss, with the penalty."""
        loss = self.last_layer.forward(self._predicted(x, train_flg), t)
        if not self.weight_decay_lambda:
            return loss
        squares = sum(np.sum(self.params[key] ** 2) for key in self._weights())
        return loss + 0.5 * self.weight_decay_lambda * squares

    def accuracy(self, x: Any, t: Any, batch_size: int = ROWS) -> Any:
        """The share of right answers among all rows; labels are class indices or one-hot."""
        t = np.asarray(t)
        t = t.argmax(axis=1) if t.ndim != 1 else t
        right = 0
        for start in range(0, len(x), batch_size):
            rows = slice(start, start + batch_size)
            right += np.sum(answers(self, x[rows]) == t[rows])
        return right / float(len(x))

    def numerical_gradient(self, x: Any, t: Any) -> dict[str, Any]:
        """The gradient of every parameter by central differences."""
        in_training = self._differs_in_training()

        def loss(_: Any) -> Any:  # which reads the parameters itself
            return self.loss(x, t, train_flg=True) if in_training else self.loss(x, t)

        return {name: numerical_gradient(loss, array) for name, array in self.params.items()}

    def gradient(self, x: Any, t: Any) -> dict[str, Any]:
        """The gradient of every parameter by backpropagation."""
        self.run_forward(x, t)
        self.back_from(self.last_layer.backward(1))
        grads = dict(self._grads_of_layers())
        for key in self._weights() if self.weight_decay_lambda else ():
            grads[key] = grads[key] + self.weight_decay_lambda * self.params[key]
        return {name: grads[name] for name in self.params}

    def run_forward(self, x: Any, t: Any) -> None:
        """A forward in training, after which the layers are ready for a backward."""
        self.last_layer.keep(self._predicted(x, True), t)

    def back_from(self, dout: Any) -> Any:
        """Backward through all layers; the gradient of x itself is not needed."""
        first, *others = self.layer_list()
        for layer in reversed(others):
            dout = layer.backward(dout)
        return first.fill_grads(dout) if hasattr(first, "fill_grads") else first.backward(dout)

    def save_params(self, file_name: str = "params.pkl") -> None:
        """Write the arrays by name, as a pickle."""
        save_arrays(file_name, self.params)

    def load_params(self, file_name: str = "params.pkl") -> None:
        """Read arrays by name; the layers take them too. Nothing in the file is executed.

        Raises:
            FormatError: the file holds something else.
        """
        for name, array in load_arrays(file_name).items():
            self.params[name] = array
        for layer, names in self.layers_with_params():
            for attribute, name in names.items():
                setattr(layer, attribute, self.params[name])

    def _predicted(self, x: Any, train_flg: bool) -> Any:
        """``predict``, which a learner's class may have defined with or without the flag."""
        return self.predict(x, train_flg) if self._differs_in_training() else self.predict(x)

    def _as_floats(self, x: Any) -> Any:
        """x in the dtype of the parameters: one conversion, instead of one in each product."""
        kind = next(iter(self.params.values())).dtype
        x = np.asarray(x)
        return x.astype(kind) if x.dtype.kind != "f" or x.dtype.itemsize < kind.itemsize else x

    def layers_with_params(
        self, layers: Sequence[Any] | None = None
    ) -> Iterable[tuple[Any, dict[str, str]]]:
        """Layers that have parameters, with the name of each attribute's array."""
        numbers = {"W": 0, "gamma": 0}
        for layer in self.layer_list() if layers is None else layers:
            names = ("gamma", "beta") if isinstance(layer, BatchNormalization) else ("W", "b")
            if hasattr(layer, names[0]):
                numbers[names[0]] += 1
                yield layer, {name: f"{name}{numbers[names[0]]}" for name in names}

    def _grads_of_layers(self) -> Iterable[tuple[str, Any]]:
        for layer, names in self.layers_with_params():
            yield from zip(names.values(), layer.grads, strict=True)

    def _weights(self) -> list[str]:
        return [name for name in self.params if name.startswith("W")]

    def _differs_in_training(self) -> bool:
        return any(isinstance(layer, (Dropout, BatchNormalization)) for layer in self.layer_list())


def drawn_layers(
    sizes: Sequence[int], weight_init_std: Any, activation: str, *, batch_norm: bool = False,
    dropout: float | None = None,
) -> tuple[OrderedDict[str, Any], dict[str, Any]]:  # fmt: skip
    """Layers by name and their arrays, drawn in the order of the books.

    Args:
        sizes: widths from the input to the scores.
        weight_init_std: a number, ``"relu"`` or ``"he"`` for sqrt(2/n), ``"sigmoid"`` or
            ``"xavier"`` for sqrt(1/n).
        activation: ``"relu"`` or ``"sigmoid"``.
        batch_norm: whether each hidden layer is normalized before its activation.
        dropout: the share that each hidden layer drops; None for no dropout.
    """
    make = known("activation", str(activation).lower(), ACTIVATIONS)
    params: dict[str, Any] = {}
    for number, (n_in, n_out) in enumerate(pairwise(sizes), 1):
        params[f"W{number}"] = draws.normal(_scale(weight_init_std, n_in), n_in, n_out)
        params[f"b{number}"] = np.zeros(n_out)
    layers: OrderedDict[str, Any] = OrderedDict()
    last = len(sizes) - 1
    for number in range(1, last):
        layers[f"Affine{number}"] = Affine(params[f"W{number}"], params[f"b{number}"])
        if batch_norm:
            params[f"gamma{number}"] = np.ones(sizes[number])
            params[f"beta{number}"] = np.zeros(sizes[number])
            arrays = params[f"gamma{number}"], params[f"beta{number}"]
            layers[f"BatchNorm{number}"] = BatchNormalization(*arrays)
        layers[f"Activation_function{number}"] = make()
        if dropout is not None:
            layers[f"Dropout{number}"] = Dropout(dropout)
    layers[f"Affine{last}"] = Affine(params[f"W{last}"], params[f"b{last}"])
    return layers, params


def _scale(weight_init_std: Any, n_in: int) -> Any:
    word = str(weight_init_std).lower()
    if word in ("relu", "he"):
        return np.sqrt(2.0 / n_in)
    return np.sqrt(1.0 / n_in) if word in ("sigmoid", "xavier") else weight_init_std


class MultiLayerNet(BookNet):
    """Affine layers with one activation between them.

    Args:
        input_size, hidden_size_list, output_size: widths.
        activation: ``"relu"`` or ``"sigmoid"``.
        weight_init_std: a number, or ``"relu"``, ``"he"``, ``"sigmoid"`` or ``"xavier"``.
        weight_decay_lambda: of the penalty on weights.

    Example:
        >>> net = MultiLayerNet(784, [100, 50], 10)
        >>> list(net.params), list(net.layers)[:2]
        (['W1', 'b1', 'W2', 'b2', 'W3', 'b3'], ['Affine1', 'Activation_function1'])
    """

    def __init__(
        self, input_size: int, hidden_size_list: Sequence[int], output_size: int,
        activation: str = "relu", weight_init_std: Any = "relu", weight_decay_lambda: float = 0,
    ):  # fmt: skip
        self.input_size, self.output_size = input_size, output_size
        self.hidden_size_list = list(hidden_size_list)
        self.hidden_layer_num = len(self.hidden_size_list)
        sizes = [input_size, *self.hidden_size_list, output_size]
        super().__init__(*drawn_layers(sizes, weight_init_std, activation), weight_decay_lambda)


class MultiLayerNetExtend(BookNet):
    """``MultiLayerNet`` with batch normalization and dropout.

    Args:
        input_size, hidden_size_list, output_size, activation, weight_init_std,
        weight_decay_lambda: as for ``MultiLayerNet``.
        use_dropout: whether hidden layers drop a share of their units in training.
        dropout_ration: that share, by the name that it has in the book.
        use_batchnorm: whether hidden layers are normalized.

    Example:
        >>> net = MultiLayerNetExtend(784, [100], 10, use_batchnorm=True, use_dropout=True)
        >>> list(net.layers)
        ['Affine1', 'BatchNorm1', 'Activation_function1', 'Dropout1', 'Affine2']
    """

    def __init__(
        self, input_size: int, hidden_size_list: Sequence[int], output_size: int,
        activation: str = "relu", weight_init_std: Any = "relu", weight_decay_lambda: float = 0,
        use_dropout: bool = False, dropout_ration: float = 0.5, use_batchnorm: bool = False,
    ):  # fmt: skip
        self.input_size, self.output_size = input_size, output_size
        self.hidden_size_list = list(hidden_size_list)
        self.hidden_layer_num = len(self.hidden_size_list)
        self.use_dropout, self.use_batchnorm = use_dropout, use_batchnorm
        sizes = [input_size, *self.hidden_size_list, output_size]
        layers, params = drawn_layers(
            sizes, weight_init_std, activation, batch_norm=use_batchnorm,
            dropout=dropout_ration if use_dropout else None,
        )  # fmt: skip
        super().__init__(layers, params, weight_decay_lambda)
