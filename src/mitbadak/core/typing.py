"""Array types with named axes: plain ``ndarray`` normally, checked shapes while the tests run.

``Float[Array, "batch n_in"]`` is only a comment unless jaxtyping has been loaded, as the test run
does; this module does not import it otherwise.
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
"""A source of randomness: an int, a ``SeedSequence`` or a ``numpy.random.Generator``."""

__all__ = ["Array", "Float", "Float64", "Int", "Seed", "Shaped", "UInt8"]
