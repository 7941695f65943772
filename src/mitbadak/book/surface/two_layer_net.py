"""``two_layer_net``: the nets of chapters 4 and 5, and of chapter 1 of the second book."""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak.book.surface.functions import cross_entropy_error, softmax
from mitbadak.book.surface.nets import BookNet, drawn_layers

__all__ = ["TwoLayerNet", "TwoLayerNetOfLayers", "TwoLayerNetOfLists"]


class _TwoLayers(BookNet):
    activation = "sigmoid"

    def __init__(
        self, input_size: int, hidden_size: int, output_size: int, weight_init_std: float = 0.01
    ):
        sizes = [input_size, hidden_size, output_size]
        super().__init__(*drawn_layers(sizes, weight_init_std, self.activation))


class TwoLayerNet(_TwoLayers):
    """The net of chapter 4: affine, sigmoid, affine, softmax; it reads ``params`` at each call.

    Example:
        >>> net = TwoLayerNet(input_size=784, hidden_size=100, output_size=10)
        >>> net.params["W1"].shape, net.params["W1"].dtype
        ((784, 100), dtype('float64'))
        >>> net.predict(np.zeros((1, 784))).sum().round(6)
        np.float64(1.0)
    """

    def predict(self, x: Any, train_flg: bool = False) -> Any:
        """The probabilities of the classes."""
        return softmax(self._scores(x))

    def loss(self, x: Any, t: Any, train_flg: bool = False) -> Any:
        """The cross entropy."""
        return cross_entropy_error(self.predict(x), t)

    def run_forward(self, x: Any, t: Any) -> None:
        """A forward, after which the layers are ready for a backward."""
        self.last_layer.keep(self._scores(x), t)

    def layer_list(self) -> list[Any]:
        """The layers, with the arrays that are in ``params`` now."""
        layers = super().layer_list()
        for layer, names in self.layers_with_params(layers):
            for attribute, name in names.items():
                if getattr(layer, attribute) is not self.params[name]:
                    setattr(layer, attribute, self.params[name])
        return layers

    def _scores(self, x: Any) -> Any:
        return super().predict(x)


class TwoLayerNetOfLayers(_TwoLayers):
    """The net of chapter 5: affine, ReLU, affine; ``predict`` returns scores.

    Example:
        >>> net = TwoLayerNetOfLayers(784, 50, 10)
        >>> list(net.layers), net.lastLayer is net.last_layer
        (['Affine1', 'Relu1', 'Affine2'], True)
    """

    activation = "relu"

    def __init__(
        self, input_size: int, hidden_size: int, output_size: int, weight_init_std: float = 0.01
    ):
        super().__init__(input_size, hidden_size, output_size, weight_init_std)
        self.layers["Relu1"] = self.layers.pop("Activation_function1")
        self.layers.move_to_end("Affine2")
        self.lastLayer = self.last_layer


class TwoLayerNetOfLists(_TwoLayers):
    """The net of chapter 1 of the second book: ``forward``, ``backward``, lists of arrays.

    Attributes:
        params, grads: arrays by position, the same objects throughout.

    Example:
        >>> net = TwoLayerNetOfLists(input_size=2, hidden_size=10, output_size=3)
        >>> loss = net.forward(np.zeros((4, 2)), np.array([0, 1, 2, 0]))
        >>> net.backward().shape, [grad.shape for grad in net.grads]
        ((4, 2), [(2, 10), (10,), (10, 3), (3,)])
    """

    def __init__(self, input_size: int, hidden_size: int, output_size: int):
        super().__init__(input_size, hidden_size, output_size)
        self.layers = self.layer_list()
        for layer in self.layers:
            layer.keeps_grads = True
        self.loss_layer = self.last_layer
        self.params: Any = [p for layer in self.layers for p in layer.params]
        self.grads = [grad for layer in self.layers for grad in layer.grads]

    def _as_floats(self, x: Any) -> Any:
        return np.asarray(x)

    def forward(self, x: Any, t: Any) -> Any:
        """The loss of x with labels t."""
        return self.loss_layer.forward(self.predict(x), t)

    def backward(self, dout: Any = 1) -> Any:
        """Fill ``grads``; the gradient with respect to x."""
        dout = self.loss_layer.backward(dout)
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout
