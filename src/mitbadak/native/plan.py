"""The layers that kernels run for a net: those of the net, and the changes between pixels and rows.

Kernels keep images pixel after pixel, each with all its channels; NumPy keeps them channel after
channel, as rows do. So a layer is put in where one form becomes the other. Convolutions read both.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mitbadak import nn
from mitbadak.native.structs import CONSTANTS as C
from mitbadak.native.support import LAYER_CODES, has_channels_last
from mitbadak.nn.affine import Affine, Flatten, Reshape
from mitbadak.nn.convolution import ImageLayer
from mitbadak.nn.layer import Layer
from mitbadak.nn.network import Sequential
from mitbadak.nn.stages import IDENTITIES

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Planned:
    """A layer as kernels run it.

    Attributes:
        kind: its code.
        layer: the net's layer; None for a change between pixels and rows.
        before, after: shapes of an example, (n,) or (channels, height, width).
        reads_pixels, leaves_pixels: whether examples lie pixel after pixel.
    """

    kind: int
    layer: Layer | None
    before: Shape
    after: Shape
    reads_pixels: bool = False
    leaves_pixels: bool = False
    interleaved: bool = False  # the same without padding of the channels, as colors lie in files


def plan_of(net: Sequential) -> list[Planned]:
    """The layers that kernels run, in order.

    ReLU before max pooling is run after it, on fewer numbers: the largest of what is above 0 is the
    largest, if that is above 0. Values and gradients are the same.

    Example:
        >>> net = nn.ConvNet((1, 28, 28), [30], [10])
        >>> [type(planned.layer).__name__ for planned in plan_of(net)]
        ['Convolution', 'MaxPooling', 'ReLU', 'NoneType', 'Affine']
    """
    shape: Shape = (int(net.n_in or 0),)
    plan: list[Planned] = []
    pixels = any_params = False
    for layer, after in _reordered(list(zip(net.layers, net.shapes, strict=True))):
        if isinstance(layer, Flatten) and pixels:
            rows = (math.prod(shape),)
            plan.append(Planned(C["TO_ROW"], None, shape, rows, True, False))
            shape, pixels = rows, False
        elif isinstance(layer, (Flatten, Reshape)):
            shape = after or shape
        elif type(layer) not in IDENTITIES:
            reads_rows = type(layer) is nn.Convolution and not any_params
            if len(shape) == 3 and not (pixels or reads_rows) and _needs_pixels(layer):
                plan.append(Planned(C["TO_PIXELS"], None, shape, shape, False, True))
                pixels = True
            leaves = pixels or isinstance(layer, ImageLayer)
            kept = isinstance(layer, (Affine, ImageLayer))
            interleaved = not plan and has_channels_last(net.layers[0])
            after = tuple(after) if kept and after else shape
            code = LAYER_CODES[type(layer)]
            plan.append(Planned(code, layer, shape, after, pixels, leaves, interleaved))
            shape, pixels = after, leaves
        any_params = any_params or bool(layer.params)
    return plan


def _needs_pixels(layer: Layer) -> bool:
    return isinstance(layer, (ImageLayer, nn.BatchNorm))


def _reordered(layers: Sequence[tuple[Layer, Any]]) -> list[tuple[Layer, Any]]:
    """The layers with their shapes, each ReLU after the max pooling that follows it."""
    layers = [(layer, shape) for layer, shape in layers if type(layer) is not nn.Identity]
    for i in range(len(layers) - 1):
        (first, _), (second, shape) = layers[i : i + 2]
        if type(first) is nn.ReLU and type(second) is nn.MaxPooling:
            layers[i : i + 2] = [(second, shape), (first, shape)]
    return layers
