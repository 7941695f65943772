"""The shape of an example from layer to layer, and the messages where two layers do not fit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NoReturn

from mitbadak.core.errors import ShapeError
from mitbadak.nn.activations import Activation
from mitbadak.nn.affine import Affine, Flatten, Reshape
from mitbadak.nn.convolution import ImageLayer
from mitbadak.nn.declared import is_built_in
from mitbadak.nn.dropout import Dropout
from mitbadak.nn.layer import Layer
from mitbadak.nn.norms import BatchNorm, LayerNorm

Shape = tuple[int, ...] | None
ANY: tuple[int, ...] = ()  # anything, after a layer of the user's own
BEGIN_WITH_SHAPE = (
    "Give images their shape first: mb.Reshape((channels, height, width)), such as "
    "mb.Reshape((1, 28, 28)) for MNIST."
)


def shapes_after(layers: Sequence[Layer]) -> list[Shape]:
    """The shape of an example after each layer.

    Returns:
        For each layer (n,) or (channels, height, width), where 0 is a length that depends on the
        input; () after a layer of the user's own that gets images; None for rows of any width.

    Raises:
        ShapeError: two layers do not fit together.

    Example:
        >>> from mitbadak.nn import Convolution, MaxPooling, ReLU
        >>> shapes_after([Reshape((1, 28, 28)), Convolution(1, 6, 5), MaxPooling(2), Flatten()])
        [(1, 28, 28), (6, 24, 24), (6, 12, 12), (864,)]
        >>> shapes_after([Convolution(1, 6, 5), Flatten(), Affine(864, 10)])
        [(6, 0, 0), None, (10,)]
    """
    shapes: list[Shape] = []
    shape: Shape = None
    before: Layer | None = None  # the last layer that has fixed a shape
    for layer in layers:
        shape = _after(layer, shape, before)
        shapes.append(shape)
        if isinstance(layer, (Affine, BatchNorm, LayerNorm, Flatten, Reshape, ImageLayer)):
            before = layer
    return shapes


def _after(layer: Layer, shape: Shape, before: Layer | None) -> Shape:
    """The shape after one layer, given the one before it."""
    if isinstance(layer, ImageLayer):
        return _after_images(layer, shape, before)
    if isinstance(layer, Reshape):
        if shape and 0 not in shape and math.prod(shape) != math.prod(layer.shape):
            _refuse(before, math.prod(shape), layer, math.prod(layer.shape))
        return tuple(layer.shape)
    if isinstance(layer, Flatten):
        known = shape and 0 not in shape
        return (math.prod(shape),) if shape and known else None
    if isinstance(layer, (Affine, BatchNorm, LayerNorm)):
        return _after_rows(layer, shape, before)
    elementwise = is_built_in(type(layer)) and isinstance(layer, (Activation, Dropout))
    return shape if elementwise or shape is None or len(shape) == 1 else ANY


def _after_rows(layer: Affine | BatchNorm | LayerNorm, shape: Shape, before: Layer | None) -> Shape:
    if shape is None or shape == ANY:
        return (layer.n_out,) if shape is None or isinstance(layer, Affine) else shape
    if len(shape) == 1:
        if shape[0] != layer.n_in:
            _refuse(before, shape[0], layer, layer.n_in)
        return (layer.n_out,)
    if isinstance(layer, BatchNorm) and len(shape) == 3:
        if shape[0] not in (0, layer.n):
            raise ShapeError(
                f"Sequential: {before!r} gives images of {shape[0]} channels, {layer!r} expects "
                f"{layer.n}. Make them equal."
            )
        return (layer.n, *shape[1:])
    remedy = (
        " To normalize each channel over the batch, use mb.BatchNorm(channels)."
        if isinstance(layer, LayerNorm)
        else ""
    )
    raise ShapeError(
        f"Sequential: {before!r} gives {_described(shape)}, {layer!r} expects rows. Put "
        f"mb.Flatten() between them.{remedy}"
    )


def _after_images(layer: ImageLayer, shape: Shape, before: Layer | None) -> Shape:
    channels = getattr(layer, "channels", 0)
    if shape == ANY or (shape is None and before is None):
        shape = (channels, 0, 0)
    if shape is None or len(shape) != 3:
        given = "rows" if shape is None or len(shape) == 1 else f"examples of shape {shape}"
        raise ShapeError(
            f"Sequential: {before!r} gives {given}, {layer!r} expects images (channels, height, "
            f"width). {BEGIN_WITH_SHAPE}"
        )
    count, height, width = shape
    if height and width and count:
        try:
            return layer.image_after((count, height, width))
        except ShapeError as error:
            raise ShapeError(f"Sequential: after {before!r}, {error}") from None
    if channels and count not in (0, channels):
        raise ShapeError(
            f"Sequential: {before!r} gives {count} channels, {layer!r} expects {channels}. Make "
            "them equal."
        )
    return getattr(layer, "filters", count), 0, 0


def _described(shape: tuple[int, ...]) -> str:
    return "images" if 0 in shape else f"examples of shape {shape}"


def _refuse(before: Layer | None, given: int, layer: Layer, expected: int) -> NoReturn:
    raise ShapeError(
        f"Sequential: {before!r} gives {given} numbers, {layer!r} expects {expected}. Make them "
        "equal."
    )
