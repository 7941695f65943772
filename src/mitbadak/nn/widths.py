"""Which shapes fit a row of layers, and the words when one does not."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from mitbadak.errors import ShapeError
from mitbadak.nn.layers import Affine, Flatten, Layer
from mitbadak.nn.norms import BatchNorm, LayerNorm

Wide = Affine | BatchNorm | LayerNorm


class Widths:
    """How many numbers go into a net and come out.

    Attributes:
        n_in, n_out: widths of input and scores, None where no layer fixes them.
        flattens: whether examples may come in any shape.

    Raises:
        ShapeError: two layers do not fit together.
    """

    def __init__(self, layers: Sequence[Layer]):
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
        """Refuse x of any shape but (batch, n_in) or (n_in,), or what is flattened to it.

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
            f"(batch, ...) with {n_in} numbers an example"
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
