"""Generators from seeds; without one, NumPy's global state decides, as in the notes."""

from __future__ import annotations

import numpy as np

from mitbadak.core.typing import Seed

WORDS = 4  # of 32 bits, drawn from the global state


def generator(rng: Seed) -> np.random.Generator:
    """A generator from a seed, or the given generator itself.

    Without either it follows NumPy's global state: after a script has seeded that, it draws the
    same numbers in every run, and otherwise other ones.

    Args:
        rng: a seed, a generator, or None.

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
    return np.random.default_rng(rng)
