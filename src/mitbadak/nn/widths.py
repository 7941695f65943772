"""Which input shapes fit a sequence of layers, and the messages when one does not."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from mitbadak.core.errors import RangeError, ShapeError, brief, whole
from mitbadak.core.memory import check_memory
from mitbadak.nn.affine import Affine, Flatten, Reshape
from mitbadak.nn.convolution import ImageLayer
from mitbadak.nn.initializers import DRAWN_ITEMSIZE
from mitbadak.nn.layer import SMALLER, Layer
from mitbadak.nn.norms import BatchNorm, LayerNorm
from mitbadak.nn.shapes import shapes_after

Wide = Affine | BatchNorm | LayerNorm
Sized = Affine | BatchNorm | LayerNorm | Reshape | ImageLayer
MOST_LAYERS = 1024  # far more than can be trained without skip connections


def check_sizes(owner: str, sizes: Sequence[object], dtype: np.dtype) -> list[int]:
    """The widths of a fully connected net, checked.

    Raises:
        ShapeError: fewer than two widths.
        RangeError: too many layers, a width that is not a whole number of at least 1, or weights
            that do not fit into memory.
    """
    net = f"{owner}({brief(sizes)})"
    if len(sizes) < 2:
        raise ShapeError(f"{owner} expects sizes from input to output, at least two; got {sizes}.")
    if 2 * len(sizes) > MOST_LAYERS:  # an affine layer and an activation for each
        raise RangeError(
            f"{net} asks for {len(sizes) - 1:,} affine layers; at most {MOST_LAYERS // 2 - 1:,} "
            "are possible. Choose fewer hidden layers."
        )
    widths = [whole(owner, "a width", size) for size in sizes]
    weights = [n_in * n_out for n_in, n_out in pairwise(widths)]
    check_memory(net, sum(weights) * dtype.itemsize + max(weights) * DRAWN_ITEMSIZE, SMALLER)
    return widths


class Widths:
    """The shapes of examples from layer to layer.

    Attributes:
        n_in, n_out: widths of input and scores, None where no layer fixes them.
        image: channels, height and width of the images a net begins with; None for rows. Height
            and width are 0 where a convolution comes first, which takes images of any size.
        flattens: whether examples may have any shape, since a Flatten or Reshape comes first.
        shapes: the shape of an example after each layer, None where it is unknown.

    Raises:
        ShapeError: two layers do not fit together.
        RangeError: too many layers.
    """

    def __init__(self, layers: Sequence[Layer]):
        if len(layers) > MOST_LAYERS:
            raise RangeError(
                f"Sequential: {len(layers):,} layers; at most {MOST_LAYERS:,} are possible. Use "
                "fewer."
            )
        self.shapes = shapes_after(layers)
        wide = [layer for layer in layers if isinstance(layer, Sized)]
        self.first = wide[0] if wide else None
        self.n_in, self.image = _input_of(self.first)
        last = self.shapes[-1] if self.shapes else None
        rows = [layer.n_out for layer in wide if isinstance(layer, Wide)]
        self.n_out = last[0] if last is not None and len(last) == 1 else None
        if self.n_out is None and rows and (last is None or len(last) != 3):
            self.n_out = rows[-1]
        before = layers[: layers.index(wide[0]) + 1] if wide else ()
        self.flattens = any(isinstance(layer, (Flatten, Reshape)) for layer in before)

    def is_one(self, x: np.ndarray) -> bool:
        """Whether x is a single example of a net of images."""
        if self.image is None:
            return False
        if self.n_in is None:
            return x.ndim == 3
        return x.shape in ((self.n_in,), self._given)

    @property
    def _given(self) -> tuple[int, ...]:
        """The shape of images as they are given, which Reshape may change."""
        image = self.image or ()
        return (*image[1:], *image[:1]) if getattr(self.first, "channels_last", False) else image

    def check(self, x: np.ndarray, params: Mapping[str, np.ndarray]) -> None:
        """Refuse x unless its shape is (batch, n_in) or (n_in,), or is brought to that.

        Raises:
            ShapeError: with the remedy where there is one.
        """
        n_in = self.n_in
        if n_in is None:
            if self.image is not None:
                _check_images(x, self.image[0])
            return
        if x.shape == (n_in,) or (self.image is not None and self.is_one(x)):
            return
        numbers = math.prod(x.shape[1:])
        if numbers == n_in and (x.ndim == 2 or (self.flattens and x.ndim > 2)):
            return
        raise ShapeError(self._refusal(x, n_in, numbers, params))

    def _refusal(
        self, x: np.ndarray, n_in: int, numbers: int, params: Mapping[str, np.ndarray]
    ) -> str:
        if isinstance(self.first, Reshape):
            return (
                f"{self.first!r} expects x of shape (batch, {n_in}) or (batch, "
                f"{', '.join(map(str, self._given))}); got {x.shape}."
            )
        own = next(iter(self.first.params.values())) if self.first is not None else None
        name = next(name for name, array in params.items() if array is own)
        shape = (
            f"(batch, ...) with {n_in} numbers per example"
            if self.flattens
            else (f"(batch, {n_in}) or ({n_in},)")
        )
        remedy = (
            " Flatten the images: load_mnist(flatten=True) or x.reshape(len(x), -1)."
            if x.ndim > 1 and numbers == n_in
            else ""
        )
        return (
            f"{type(self.first).__name__} {name!r} expects x of shape {shape}; got {x.shape}."
            f"{remedy}"
        )


def _input_of(first: Any) -> tuple[int | None, tuple[int, ...] | None]:
    """The width of a net's input, and the shape of its images; None where there is none."""
    if isinstance(first, Reshape):
        return math.prod(first.shape), tuple(first.shape)
    if isinstance(first, ImageLayer):
        return None, (getattr(first, "channels", 0), 0, 0)
    return (None if first is None else first.n_in), None


def _check_images(x: np.ndarray, channels: int) -> None:
    """Refuse x unless it holds images of so many channels; of any number, if that is 0."""
    shape = f"(batch, {channels or 'channels'}, height, width)"
    if x.ndim in (3, 4) and channels in (0, x.shape[-3]):
        return
    remedy = ""
    if x.ndim in (1, 2) or (x.ndim == 3 and channels == 1):
        remedy = (
            " Begin the net with the shape of its images, such as mb.Reshape((1, 28, 28)), which "
            "takes rows too; or give x that shape: load_mnist(flatten=False)."
        )
    raise ShapeError(
        f"The net begins with images and expects x of shape {shape}; got {x.shape}.{remedy}"
    )
