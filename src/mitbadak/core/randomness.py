"""Generators from seeds; without one, NumPy's global state decides, as in the notes."""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak.core.errors import RangeError, brief
from mitbadak.core.typing import Seed

GENERATORS = (
    np.random.Generator, np.random.BitGenerator, np.random.SeedSequence, np.random.RandomState,
)  # fmt: skip
WORDS = 4  # of 32 bits, drawn from the global state


def generator(rng: Seed) -> np.random.Generator:
    """A generator from a seed, or the given generator itself.

    Without either it follows NumPy's global state: after a script has seeded that, it draws the
    same numbers in every run, and otherwise other ones.

    Args:
        rng: a seed, a generator, or None.

    Raises:
        RangeError: it is something else.

    Example:
        >>> state = np.random.get_state()
        >>> first = generator(None).normal()
        >>> np.random.set_state(state)
        >>> first == generator(None).normal()
        True
    """
    if rng is None:
        words = np.random.randint(0, 2**32, WORDS, np.uint32)  # noqa: NPY002  (its global state)
        return np.random.default_rng(words.tolist())
    if isinstance(rng, GENERATORS) or _is_seed(rng):
        return np.random.default_rng(rng)
    raise RangeError(
        f"rng expects a whole number from 0 on, such as 0, or a numpy.random.Generator; got "
        f"{brief(rng)}."
    )


def _is_seed(rng: Any) -> bool:
    """Whether a value is a whole number from 0 on, or several; a bool is a setting misplaced."""
    several = isinstance(rng, (list, tuple)) or (type(rng) is np.ndarray and rng.ndim == 1)
    parts: list[Any] = list(rng) if several else [rng]
    whole = all(isinstance(part, int | np.integer) for part in parts)
    return bool(parts) and whole and all(
        part >= 0 and not isinstance(part, bool) for part in parts
    )  # fmt: skip
