"""``simple_convnet`` and ``deep_convnet``: the nets of chapters 7 and 8."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import numpy as np

from mitbadak.book import draws
from mitbadak.book.surface.layers import Affine, Dropout, Relu
from mitbadak.book.surface.nets import BookNet
from mitbadak.book.surface.windows import Convolution, Pooling, conv_output_size

__all__ = ["DeepConvNet", "SimpleConvNet"]

ONE_FILTER = {"filter_num": 30, "filter_size": 5, "pad": 0, "stride": 1}
DEEP_FILTERS = tuple(
    {"filter_num": number, "filter_size": 3, "pad": pad, "stride": 1}
    for number, pad in ((16, 1), (16, 1), (32, 1), (32, 2), (64, 1), (64, 1))
)


class SimpleConvNet(BookNet):
    """Convolution, ReLU, pooling, affine, ReLU, affine.

    Args:
        input_dim: channels, height and width of an image.
        conv_param: ``filter_num``, ``filter_size``, ``pad`` and ``stride``.
        hidden_size, output_size: widths of the affine layers.
        weight_init_std: standard deviation of the initial weights.

    Example:
        >>> net = SimpleConvNet()
        >>> net.predict(np.zeros((2, 1, 28, 28))).shape, net.params["W1"].shape
        ((2, 10), (30, 1, 5, 5))
    """

    def __init__(
        self, input_dim: tuple[int, int, int] = (1, 28, 28),
        conv_param: Mapping[str, int] = ONE_FILTER, hidden_size: int = 100, output_size: int = 10,
        weight_init_std: float = 0.01,
    ):  # fmt: skip
        filters, size = conv_param["filter_num"], conv_param["filter_size"]
        pad, stride = conv_param["pad"], conv_param["stride"]
        side = conv_output_size(input_dim[1], size, stride, pad)
        pooled = int(filters * (side / 2) * (side / 2))
        params = {
            "W1": draws.normal(weight_init_std, filters, input_dim[0], size, size),
            "b1": np.zeros(filters),
            "W2": draws.normal(weight_init_std, pooled, hidden_size),
            "b2": np.zeros(hidden_size),
            "W3": draws.normal(weight_init_std, hidden_size, output_size),
            "b3": np.zeros(output_size),
        }
        layers = OrderedDict(
            Conv1=Convolution(params["W1"], params["b1"], stride, pad),
            Relu1=Relu(),
            Pool1=Pooling(pool_h=2, pool_w=2, stride=2),
            Affine1=Affine(params["W2"], params["b2"]),
            Relu2=Relu(),
            Affine2=Affine(params["W3"], params["b3"]),
        )
        super().__init__(layers, params)

    def accuracy(self, x: Any, t: Any, batch_size: int = 100) -> Any:
        """The share of right answers, among the rows of the last batch too."""
        return super().accuracy(x, t, batch_size)


class DeepConvNet(BookNet):
    """Six convolutions, three poolings and two affine layers with dropout.

    Args:
        input_dim: channels, height and width of an image.
        conv_param_1 to conv_param_6: as for ``SimpleConvNet``.
        hidden_size, output_size: widths of the affine layers.

    Example:
        >>> net = DeepConvNet()
        >>> net.predict(np.zeros((1, 1, 28, 28))).shape, len(net.layers), len(net.params)
        ((1, 10), 20, 16)
    """

    def __init__(
        self, input_dim: tuple[int, int, int] = (1, 28, 28),
        conv_param_1: Mapping[str, int] = DEEP_FILTERS[0],
        conv_param_2: Mapping[str, int] = DEEP_FILTERS[1],
        conv_param_3: Mapping[str, int] = DEEP_FILTERS[2],
        conv_param_4: Mapping[str, int] = DEEP_FILTERS[3],
        conv_param_5: Mapping[str, int] = DEEP_FILTERS[4],
        conv_param_6: Mapping[str, int] = DEEP_FILTERS[5],
        hidden_size: int = 50, output_size: int = 10,
    ):  # fmt: skip
        convolutions = (
            conv_param_1, conv_param_2, conv_param_3, conv_param_4, conv_param_5, conv_param_6
        )  # fmt: skip
        params: dict[str, Any] = {}
        layers: list[Any] = []
        channels, height, width = input_dim
        for number, conv in enumerate(convolutions, 1):
            filters, size = conv["filter_num"], conv["filter_size"]
            scale = np.sqrt(2.0 / (channels * size * size))  # He, for the ReLU that follows
            params[f"W{number}"] = draws.normal(scale, filters, channels, size, size)
            params[f"b{number}"] = np.zeros(filters)
            arrays = params[f"W{number}"], params[f"b{number}"]
            layers += [Convolution(*arrays, conv["stride"], conv["pad"]), Relu()]
            height = int(conv_output_size(height, size, conv["stride"], conv["pad"]))
            width = int(conv_output_size(width, size, conv["stride"], conv["pad"]))
            channels = filters
            if number % 2 == 0:
                layers.append(Pooling(pool_h=2, pool_w=2, stride=2))
                height, width = height // 2, width // 2
        pixels = channels * height * width
        for number, (n_in, n_out) in enumerate([(pixels, hidden_size), (hidden_size, output_size)],
                                               7):  # fmt: skip
            params[f"W{number}"] = draws.normal(np.sqrt(2.0 / n_in), n_in, n_out)
            params[f"b{number}"] = np.zeros(n_out)
        layers += [Affine(params["W7"], params["b7"]), Relu(), Dropout(0.5)]
        layers += [Affine(params["W8"], params["b8"]), Dropout(0.5)]
        super().__init__(layers, params)

    def accuracy(self, x: Any, t: Any, batch_size: int = 100) -> Any:
        """The share of right answers, among the rows of the last batch too."""
        return super().accuracy(x, t, batch_size)
