"""The states of random generators, to see whether f draws from them, and to put them back.

Python's own generator is compared right around f, by the caller: type checks draw from it, too.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np


class Generators:
    """The generators that f may use: those given and NumPy's global one.

    Args:
        found: objects of ``np.random`` or of ``random``.

    Example:
        >>> draw = np.random.default_rng(0)
        >>> generators = Generators([draw])
        >>> before = generators.states()
        >>> first = draw.random()
        >>> generators.have_moved(before)
        True
        >>> generators.restore()
        >>> draw.random() == first
        True
    """

    def __init__(self, found: Sequence[Any]):
        self.found = found
        self.before = self.states()
        self.python = random.getstate()

    def states(self) -> list[Any]:
        """The states of all, as they are now."""
        state = np.random.get_state(legacy=False)  # noqa: NPY002  (the notes draw from it)
        return [state, *map(_state, self.found)]

    def have_moved(self, before: Sequence[Any]) -> bool:
        """Whether any generator has another state than before."""
        return any(_differ(a, b) for a, b in zip(before, self.states(), strict=True))

    def restore(self) -> None:
        """Give all generators, Python's too, the states that they had at first."""
        numpy, *others = self.before
        np.random.set_state(numpy)  # noqa: NPY002
        random.setstate(self.python)
        for generator, state in zip(self.found, others, strict=True):
            if isinstance(generator, random.Random):
                generator.setstate(state)
            elif isinstance(generator, np.random.RandomState):
                generator.set_state(state)
            else:
                generator.bit_generator.state = state


def _state(generator: Any) -> Any:
    if isinstance(generator, random.Random):
        return generator.getstate()
    if isinstance(generator, np.random.RandomState):
        return generator.get_state(legacy=False)
    return generator.bit_generator.state


def _differ(a: Any, b: Any) -> bool:
    if isinstance(a, dict):
        return a.keys() != b.keys() or any(_differ(v, b[k]) for k, v in a.items())
    if isinstance(a, np.ndarray):
        return not np.array_equal(a, b)
    return bool(a != b)
