"""Fixtures for all tests. A test that draws prints its seed when it fails."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import settings

settings.register_profile("house", deadline=None, max_examples=60, print_blob=True)
settings.load_profile("house")


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator with a fresh seed, which is printed so that a failure can be repeated."""
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    return np.random.default_rng(seed)


@pytest.fixture(autouse=True)
def _no_global_state() -> Iterator[None]:
    """Nothing in the house touches the global generator or NumPy's error handling."""
    before, errors = np.random.get_state()[1].copy(), np.geterr()  # type: ignore[union-attr, index]
    yield
    assert np.array_equal(np.random.get_state()[1], before), "the global generator was used"  # type: ignore[index]
    assert np.geterr() == errors, "np.seterr was left changed"
