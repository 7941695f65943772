"""Fixtures for all tests. A test with random numbers prints its seed when it fails."""

from __future__ import annotations

import contextlib
import sys
import warnings
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

FEW = 15  # examples of a property, where another run has drawn all

settings.register_profile("house", deadline=None, max_examples=60, print_blob=True)
settings.register_profile("same numbers", settings.get_profile("house"), derandomize=True)


def pytest_configure(config: pytest.Config) -> None:
    profile = "same numbers" if config.getoption("--seed") is None else "house"
    if config.getoption("--few-examples"):
        settings.register_profile("few", settings.get_profile(profile), max_examples=FEW)
        profile = "few"
    settings.load_profile(profile)


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """A generator of the test's own: the same numbers in each run, others for each ``--seed``."""
    seed = [request.config.getoption("--seed") or 0, zlib.crc32(request.node.nodeid.encode())]
    print(f"seed {seed}")
    return np.random.default_rng(seed)


@pytest.fixture(autouse=True)
def _no_global_state(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test that uses the global generator or changes NumPy's error handling.

    What ``generator(None)`` draws from it comes from another one here, the same in each test.
    """
    monkeypatch.setattr(np.random, "randint", np.random.RandomState(0).randint)
    before, errors = np.random.get_state()[1].copy(), np.geterr()  # type: ignore[union-attr, index]
    yield
    assert np.array_equal(np.random.get_state()[1], before), "the global generator was used"  # type: ignore[index]
    assert np.geterr() == errors, "np.seterr was left changed"


@pytest.fixture(autouse=True, scope="session")
def _english_unless_a_test_says_otherwise() -> Iterator[None]:
    """Commands speak English here, whatever the locale of the machine."""
    with pytest.MonkeyPatch.context() as changed:
        changed.setenv("MITBADAK_LANG", "en")
        yield


@pytest.fixture(autouse=True)
def _fonts_are_looked_up_anew() -> Iterator[None]:
    """Look for fonts again in each test, so that the hint about a missing one always comes."""
    yield
    if style := sys.modules.get("mitbadak.plots.style"):
        style.korean_font.cache_clear()


class KoreanPictures:
    """What to expect of pictures in Korean, with a Korean font or without."""

    HINT = "no Korean font was found, so pictures have English labels"
    HINT_IN_KOREAN = "한글 글꼴을 찾지 못해 그림의 글이 영어입니다"

    def __init__(self, has_font: bool) -> None:
        self.has_font = has_font

    def word(self, korean: str, english: str) -> str:
        """The word that is drawn."""
        return korean if self.has_font else english

    def hint(self) -> contextlib.AbstractContextManager[Any]:
        """Around the first picture: without a font, a warning says what to install."""
        from mitbadak.core.errors import (
            MitbadakWarning,
        )  # after the type checks

        if self.has_font:
            return contextlib.nullcontext()
        return pytest.warns(MitbadakWarning, match=self.HINT)


@pytest.fixture(params=[True, False], ids=["with a Korean font", "without a Korean font"])
def korean(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[KoreanPictures]:
    """Run a test of pictures in Korean twice, with a Korean font and without.

    On a machine that has no such font, Matplotlib's own stands in for one. The words are tested
    all the same, and Matplotlib's warnings about missing glyphs are ignored.
    """
    from mitbadak.plots import style

    style.korean_font.cache_clear()
    with warnings.catch_warnings(action="ignore"):
        is_installed = style.korean_font() is not None
    if not request.param:
        monkeypatch.setattr(style, "KOREAN_FONTS", ())
    elif not is_installed:
        monkeypatch.setattr(style, "KOREAN_FONTS", ("DejaVu Sans",))
    style.korean_font.cache_clear()
    with warnings.catch_warnings():
        if not (request.param and is_installed):
            warnings.filterwarnings("ignore", "Glyph .* missing from")
        yield KoreanPictures(request.param)
    style.korean_font.cache_clear()
