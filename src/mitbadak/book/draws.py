"""Draws from NumPy's global generator, in the order of the books' own code.

So a script that calls ``np.random.seed`` gets the weights, batches and masks that it got there.
Nothing else in the house draws from this generator.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np


def seed_and_skip(seed: int, normals: int) -> None:
    """Seed the generator, and draw some normal numbers that are not needed."""
    np.random.seed(seed)  # noqa: NPY002
    np.random.randn(normals)  # noqa: NPY002


def normal(scale: Any, *shape: int) -> np.ndarray:
    """``scale * np.random.randn(*shape)``: initial weights."""
    return scale * np.random.randn(*shape)  # noqa: NPY002


def uniform(*shape: int) -> np.ndarray:
    """``np.random.rand(*shape)``: what a mask of Dropout is made of."""
    return np.random.rand(*shape)  # noqa: NPY002


def rows(n: int, batch: int) -> np.ndarray:
    """``np.random.choice(n, batch)``: the rows of a mini-batch, with replacement."""
    return np.random.choice(n, batch)  # noqa: NPY002


def order(n: int) -> np.ndarray:
    """``np.random.permutation(n)``: all rows in a random order."""
    return np.random.permutation(n)  # noqa: NPY002


@contextlib.contextmanager
def apart(seed: int) -> Iterator[None]:
    """While entered, draws come from this seed; afterwards a script's own go on undisturbed."""
    before = np.random.get_state()  # noqa: NPY002
    np.random.seed(seed)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002
