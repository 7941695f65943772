"""Layers for images: convolution and pooling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, InitVar
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike

from mitbadak import functions
from mitbadak.core.errors import ShapeError, brief, whole
from mitbadak.core.typing import Seed
from mitbadak.functions.convolution import pools
from mitbadak.functions.windows import Pair, grid, pair
from mitbadak.nn.declared import option
from mitbadak.nn.drawn import drawn_weights
from mitbadak.nn.initializers import Initializer
from mitbadak.nn.layer import Layer, float_dtype

Image = tuple[int, int, int]


class ImageLayer(Layer, abstract=True):
    """A layer from images (channels, height, width) to images."""

    def image_after(self, image: Image) -> Image:
        """The shape of what the layer makes of an image.

        Args:
            image: channels, height and width.

        Raises:
            ShapeError: the layer does not take such images.
        """
        raise NotImplementedError


class Convolution(ImageLayer, operation=functions.convolution):
    """Convolution with filters, ``y[f] = sum over a window of x W[f] + b[f]``.

    Images (batch, channels, height, width) become (batch, filters, rows, columns). Its W and b are
    numbered together with those of affine layers.

    Args:
        channels: of the input: 1 for gray images, 3 for colors, the filters of the layer before.
        filters: how many patterns it looks for.
        size: height and width of a filter; one number for a square.
        stride: steps from window to window; a number or (down, across).
        pad: rows and columns of zeros at each edge; a number or (down, across). Half of an odd
            size, rounded down, keeps the size of the images.
        bias: whether there is a bias b, which starts at zero.
        init: name of an initializer, a standard deviation, or a function of (rng, shape).
        rng: seed or generator for W.
        dtype: dtype of the parameters.

    Raises:
        RangeError, DtypeError: an invalid number, deviation or dtype.
        ShapeError: the initializer returned another shape.

    Example:
        >>> layer = Convolution(1, 30, 5, rng=0)
        >>> {name: p.shape for name, p in layer.params.items()}
        {'W': (30, 1, 5, 5), 'b': (30,)}
        >>> layer.predict(np.zeros((2, 1, 28, 28), np.float32)).shape
        (2, 30, 24, 24)
    """

    channels: int
    filters: int
    size: Pair
    stride: Pair = option(default=1)
    pad: Pair = option(default=0)
    _: KW_ONLY
    bias: bool = True
    init: InitVar[str | float | Initializer] = "xavier"
    rng: InitVar[Seed] = None
    dtype: InitVar[DTypeLike] = np.float32

    family = "affine"
    blank: ClassVar[Mapping[str, Any]] = {"init": "zeros"}

    def __post_init__(self, init: str | float | Initializer, rng: Seed, dtype: DTypeLike) -> None:
        self.channels = whole("Convolution", "channels", self.channels)
        self.filters = whole("Convolution", "filters", self.filters)
        self.size = _plain(pair("Convolution", "size", self.size))
        self.stride = _plain(pair("Convolution", "stride", self.stride))
        self.pad = _plain(pair("Convolution", "pad", self.pad, least=0))
        self.bias = bool(self.bias)
        dtype = float_dtype("Convolution", dtype)
        shape = (self.filters, self.channels, *pair("Convolution", "size", self.size))
        name = f"Convolution({brief(self.channels)}, {brief(self.filters)}, {brief(self.size)})"
        self.params["W"] = drawn_weights("Convolution", init, rng, shape, dtype, name=name)
        if self.bias:
            self.params["b"] = np.zeros(self.filters, dtype)

    def image_after(self, image: Image) -> Image:
        channels, *size = image
        if channels != self.channels:
            raise ShapeError(
                f"{self!r} expects images of {self.channels} channels; got {channels}, of shape "
                f"{image}."
            )
        return self.filters, *grid(repr(self), size, self.size, self.stride, self.pad).places


class _Pooling(ImageLayer, abstract=True):
    """One number for each window of each channel."""

    size: Pair
    stride: Pair | None
    pad: Pair

    def __post_init__(self) -> None:
        kind = type(self).__name__
        self.size = _plain(pair(kind, "size", self.size))
        if self.stride is not None:
            self.stride = _plain(pair(kind, "stride", self.stride))
        self.pad = _plain(pair(kind, "pad", self.pad, least=0))
        largest = max(pair(kind, "pad", self.pad, least=0))
        roomy = tuple(n + largest for n in pair(kind, "size", self.size))
        pools(kind, roomy, self.size, self.stride, self.pad)

    def image_after(self, image: Image) -> Image:
        channels, *size = image
        return channels, *pools(repr(self), size, self.size, self.stride, self.pad).places


class MaxPooling(_Pooling, operation=functions.max_pooling):
    """The largest entry of each window; of equal ones the first gets the gradient.

    Args:
        size: height and width of a window; one number for a square.
        stride: steps from window to window; None for ``size``, so that windows do not overlap.
        pad: rows and columns more at each edge, which never win; fewer than ``size``.

    Raises:
        RangeError: an invalid size, stride or pad.

    Example:
        >>> MaxPooling(2).predict(np.arange(16.0).reshape(1, 1, 4, 4)).tolist()
        [[[[5.0, 7.0], [13.0, 15.0]]]]
    """

    size: Pair = option(default=2)
    stride: Pair | None = option(default=None)
    pad: Pair = option(default=0)


class AveragePooling(_Pooling, operation=functions.average_pooling):
    """The mean of each window, with padding as zeros.

    Args:
        size, stride, pad: as for ``MaxPooling``.

    Raises:
        RangeError: an invalid size, stride or pad.

    Example:
        >>> AveragePooling(2).predict(np.arange(16.0).reshape(1, 1, 4, 4)).tolist()
        [[[[2.5, 4.5], [10.5, 12.5]]]]
    """

    size: Pair = option(default=2)
    stride: Pair | None = option(default=None)
    pad: Pair = option(default=0)


def _plain(numbers: tuple[int, int]) -> Pair:
    """One number where both are equal, as users write it."""
    return numbers[0] if numbers[0] == numbers[1] else numbers
