"""Generators from seeds; without one, NumPy's global state decides, as in the notes."""

from __future__ import annotations

import numpy as np

from mitbadak.core.errors import RangeError, brief
from mitbadak.core.typing import Seed

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
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError):
        raise RangeError(
            f"rng expects a whole number from 0 on, such as 0, or a numpy.random.Generator; got "
            f"{brief(rng)}."
        ) from None
