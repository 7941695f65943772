"""Which engines this installation has, for tests of what both compute."""

from __future__ import annotations

import pytest

from mitbadak.native import library

WHY_NOT = library.why_not()
needs_kernels = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "has kernels")
AVAILABLE = ["numpy", "compiled"][: 1 if WHY_NOT else 2]
ENGINES = ["numpy", pytest.param("compiled", marks=needs_kernels)]
