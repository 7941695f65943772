"""What kernels know of convolution and pooling: where windows and their entries lie in memory."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mitbadak import nn
from mitbadak.functions.convolution import pools
from mitbadak.functions.windows import Grid, grid
from mitbadak.native.plan import Planned


def grid_of(planned: Planned) -> Grid:
    """Where the windows of a convolution or of pooling lie."""
    layer: Any = planned.layer
    make = grid if isinstance(layer, nn.Convolution) else pools
    return make(repr(layer), planned.before[1:], layer.size, layer.stride, layer.pad)


def corners(at: Grid, width: int) -> np.ndarray:
    """The pixel at which each window begins, in images that are ``width`` pixels wide.

    Example:
        >>> corners(grid("f", (3, 3), 2, 1, 0), 3).tolist()
        [0, 1, 3, 4]
    """
    down = np.arange(at.places[0]) * at.stride[0] * width
    return (down[:, None] + np.arange(at.places[1]) * at.stride[1]).ravel()


def offsets(at: Grid, width: int) -> np.ndarray:
    """How many pixels each entry of a window is from its first one.

    Example:
        >>> offsets(grid("f", (3, 3), 2, 1, 0), 3).tolist()
        [0, 1, 3, 4]
    """
    return (np.arange(at.size[0])[:, None] * width + np.arange(at.size[1])).ravel()


class Windows:
    """Fills in the structs of layers with windows.

    Args:
        take, keep: give the address of new floats, and of an array that is to be kept.
        parts: the most threads.
        rows: of a batch.
        learning: whether to allocate what training needs.
    """

    def __init__(self, take: Any, keep: Any, parts: int, rows: int, learning: bool):
        self.take, self.keep, self.parts = take, keep, parts
        self.rows, self.learning = rows, learning

    def fill_in_pooling(self, struct: Any, planned: Planned) -> None:
        """The entries of each window: where they lie in an image, or -1 in the padding."""
        at = grid_of(planned)
        height, width = at.image
        rows = np.arange(at.places[0]) * at.stride[0] - at.pad[0]
        columns = np.arange(at.places[1]) * at.stride[1] - at.pad[1]
        down = rows[:, None, None, None] + np.arange(at.size[0])[:, None]
        across = columns[:, None, None] + np.arange(at.size[1])
        inside = (down >= 0) & (down < height) & (across >= 0) & (across < width)
        places = np.where(inside, (down * width + across) * struct.step_in, -1)
        struct.window = math.prod(at.size)
        struct.places = self._numbers(places)
        tiled = [n * k == whole for n, k, whole in zip(at.places, at.size, at.image, strict=True)]
        struct.covers = at.stride == at.size and not any(at.pad) and all(tiled)
        if planned.kind == struct.kind and isinstance(planned.layer, nn.MaxPooling):
            struct.saved = self.take(self.rows * struct.row_out)

    def fill_in_convolution(self, struct: Any, planned: Planned) -> None:
        """Places and entries of the windows, and room for padding and for gradients."""
        at = grid_of(planned)
        channels = planned.before[0]
        height, width = (n + 2 * p for n, p in zip(at.image, at.pad, strict=True))
        planar = not (planned.reads_pixels or planned.interleaved)
        pixel = 1 if planar else channels if planned.interleaved else struct.step_in
        plane = height * width * pixel
        struct.window = channels * math.prod(at.size)
        struct.places = self._numbers(corners(at, width) * pixel)
        channel = np.arange(channels) * (plane if planar else 1)
        struct.entries = self._numbers((offsets(at, width) * pixel)[:, None] + channel)
        struct.planes = channels if planar else 1
        struct.height_in, struct.width_in = at.image
        struct.pixel_step, struct.frame_width, struct.frame_plane = pixel, width, plane
        struct.frame_size = struct.planes * plane
        struct.inside = (at.pad[0] * width + at.pad[1]) * pixel
        if any(at.pad):
            struct.frames = self.take(self.parts * struct.frame_size)
        if not self.learning:
            return
        if any(at.pad) and struct.input_gradient:
            struct.gradient_frames = self.take(self.parts * struct.frame_size)
        if struct.input_gradient:
            struct.transposed = self.take(math.prod(at.size) * struct.n_out * struct.step_in)
        struct.partial_size = (struct.window + 1) * struct.step_out
        struct.partials = self.take(struct.blocks * struct.partial_size)

    def _numbers(self, array: np.ndarray) -> int:
        return self.keep(np.ascontiguousarray(array, np.int64))


def flops_of(struct: Any) -> float:
    """Operations of a convolution for one example."""
    return 2.0 * struct.pixels_out * struct.window * struct.step_out
