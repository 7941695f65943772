"""Which input shapes fit a sequence of layers, and the messages when one does not."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from mitbadak.core.errors import RangeError, ShapeError, brief, whole
from mitbadak.core.memory import check_memory
from mitbadak.nn.affine import Affine, Flatten
from mitbadak.nn.initializers import DRAWN_ITEMSIZE
from mitbadak.nn.layer import SMALLER, Layer
from mitbadak.nn.norms import BatchNorm, LayerNorm

Wide = Affine | BatchNorm | LayerNorm
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
    """The widths of a net's input and output.

    Attributes:
        n_in, n_out: widths of input and scores, None where no layer fixes them.
        flattens: whether examples may have any shape, since a Flatten comes first.

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
        wide = [layer for layer in layers if isinstance(layer, Wide)]
        for before, after in pairwise(wide):
            if before.n_out != after.n_in:
                raise ShapeError(
                    f"Sequential: {before!r} gives {before.n_out} numbers, {after!r} expects "
                    f"{after.n_in}. Make them equal."
                )
        self.first = wide[0] if wide else None
        self.n_in = wide[0].n_in if wide else None
        self.n_out = wide[-1].n_out if wide else None
        before = layers[: layers.index(wide[0])] if wide else ()
        self.flattens = any(isinstance(layer, Flatten) for layer in before)

    def check(self, x: np.ndarray, params: Mapping[str, np.ndarray]) -> None:
        """Refuse x unless its shape is (batch, n_in) or (n_in,), or is flattened to that.

        Raises:
            ShapeError: with the remedy where there is one.
        """
        n_in = self.n_in
        if n_in is None or x.shape == (n_in,):
            return
        numbers = math.prod(x.shape[1:])
        if numbers == n_in and (x.ndim == 2 or (self.flattens and x.ndim > 2)):
            return
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
        raise ShapeError(
            f"{type(self.first).__name__} {name!r} expects x of shape {shape}; got {x.shape}."
            f"{remedy}"
        )
