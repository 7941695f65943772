"""The first weights of a layer: drawn by its initializer, and checked."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mitbadak.core.errors import DtypeError, RangeError, ShapeError, brief
from mitbadak.core.memory import check_memory
from mitbadak.core.randomness import generator
from mitbadak.core.typing import Seed
from mitbadak.nn.initializers import DRAWN_ITEMSIZE, initializer
from mitbadak.nn.layer import SMALLER


def drawn_weights(
    owner: str, init: Any, rng: Seed, shape: tuple[int, ...], dtype: np.dtype, *, name: str
) -> np.ndarray:
    """Weights of a shape from an initializer, which may be a function of the user's.

    Args:
        owner: the kind of layer, for messages.
        init: name of an initializer, a standard deviation, or a function of (rng, shape).
        rng: seed or generator.
        shape, dtype: of the weights.
        name: the layer with its sizes, for the message where it does not fit into memory.

    Raises:
        DtypeError: the function does not take (rng, shape).
        RangeError: the weights do not fit into memory, or the dtype cannot hold them.
        ShapeError: the function returns something else than an array of the shape.

    Example:
        >>> drawn_weights("Affine", "zeros", 0, (2, 1), np.dtype(np.float32), name="Affine(2, 1)")
        array([[0.],
               [0.]], dtype=float32)
    """
    drawn = 0 if isinstance(init, str) and init == "zeros" else DRAWN_ITEMSIZE
    check_memory(name, math.prod(shape) * (dtype.itemsize + drawn), SMALLER)
    try:
        W = initializer(init)(generator(rng), shape)
    except TypeError as problem:
        if not callable(init):
            raise
        raise DtypeError(
            f"{owner}: init expects a function of (rng, shape), such as lambda rng, shape: "
            f"rng.normal(0, 0.1, shape); with these it fails: {problem}"
        ) from problem
    if np.shape(W) != shape:
        got = np.shape(W) if isinstance(W, np.ndarray) else brief(W)
        raise ShapeError(f"{owner} expects its initializer to return {shape}; got {got}.")
    with np.errstate(over="ignore"):
        weights = np.asarray(W).astype(dtype)
    if not np.isfinite(weights).all():
        raise RangeError(
            f"{owner}: init {init!r} draws weights that {dtype} cannot hold. Use a smaller "
            "standard deviation."
        )
    return weights
