"""Array types with named axes: plain ``ndarray`` in use, checked shapes while the tests run.

``Float[Array, "batch n_in"]`` is only a comment until jaxtyping's import hook has been loaded
(the test run does that); nothing here imports it otherwise.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

Array = np.ndarray

if TYPE_CHECKING or "jaxtyping" in sys.modules:
    from jaxtyping import Float, Float64, Int, Shaped, UInt8
else:

    class _NamedAxes:
        def __getitem__(self, array_and_axes: tuple[type, str]) -> type:
            return array_and_axes[0]

    Float = Float64 = Int = Shaped = UInt8 = _NamedAxes()

Seed = Any
"""What stands for randomness: an int, a ``SeedSequence`` or a ``numpy.random.Generator``."""

__all__ = ["Array", "Float", "Float64", "Int", "Seed", "Shaped", "UInt8"]
