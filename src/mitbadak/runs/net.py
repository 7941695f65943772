"""The net of a run: what its settings describe, for the data at hand."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from mitbadak.core.errors import RangeError, RunFolderError
from mitbadak.data import Source
from mitbadak.nn.conv_net import ConvNet
from mitbadak.nn.heads import HEADS
from mitbadak.nn.mlp import MLP
from mitbadak.nn.network import Sequential
from mitbadak.runs import model_file as weights
from mitbadak.runs.config import TrainConfig


def build_net(config: TrainConfig, source: Source, rng: np.random.Generator) -> Sequential:
    """The net that the settings describe, for these data.

    Args:
        config: the settings.
        source: the data.
        rng: for the weights.

    Raises:
        RangeError: the settings ask for convolutions, and the data are no images.
        ShapeError: the images are too small for them.
    """
    widths, image = widths_of(config, source), image_of(config, source)
    names = ("activation", "init", "loss", "dropout", "batch_norm", "dtype")
    alike: dict[str, Any] = {name: getattr(config, name) for name in names} | {"rng": rng}
    if config.conv:
        return ConvNet(
            (*image[2:], *image[:2]),
            config.conv,
            widths[1:],
            kernel=config.kernel,
            pool=config.pool,
            channels_last=len(image) == 3,
            **alike,
        )
    return MLP(widths, **alike)


def widths_of(config: TrainConfig, source: Source) -> list[int]:
    """Widths of the net, from its inputs to its outputs: one for each class or target value."""
    t, classes = source.train.t, len(source.preparation.classes)
    if t.ndim == 2:
        outputs = t.shape[1]
    else:
        outputs = HEADS[config.loss].outputs_for(classes) if classes else int(t.max()) + 1
    return [source.train.x[0].size, *config.recipe.hidden, outputs]


def image_of(config: TrainConfig, source: Source) -> tuple[int, ...]:
    """The shape of an image, for convolutions; () without any.

    Raises:
        RangeError: the settings ask for convolutions, and the data are no images.
    """
    if not config.conv:
        return ()
    preparation = source.preparation
    if preparation.kind != "images" or len(preparation.shape) not in (2, 3):
        raise RangeError(
            f"train: conv is for images; {config.data} holds {preparation.describe()}. Leave "
            "conv=... out."
        )
    return preparation.shape


def weight_shapes(config: TrainConfig, source: Source) -> list[tuple[int, ...]]:
    """The shapes of W1, W2, ... of the net that the settings describe."""
    sizes, image = widths_of(config, source), image_of(config, source)
    if not config.conv:
        return list(pairwise(sizes))
    shapes: list[tuple[int, ...]] = []
    channels, *sides = (*image[2:], 1)[0], *image[:2]
    for count in config.conv:
        shapes.append((count, channels, config.kernel, config.kernel))
        channels, sides = count, [(n - config.kernel + 1) // config.pool for n in sides]
    return [*shapes, *pairwise([channels * sides[0] * sides[1], *sizes[1:]])]


def check_widths(shapes: list[tuple[int, ...]], stored: weights.Stored) -> None:
    """Refuse settings of another net than the checkpoint's, before that net is made."""
    for number, shape in enumerate(shapes, 1):
        array = stored.arrays.get(f"params.W{number}")
        if array is None or array.shape != shape:
            raise RunFolderError("the checkpoint holds another net than config.json describes.")
