"""The engine is chosen in one place, with a reason that is shown."""

from __future__ import annotations

import re

import pytest

from mitbadak.core.engines import Engine, choose_engine
from mitbadak.core.errors import StateError, UnknownNameError
from mitbadak.native import library

NONE = "this installation has no kernels"


@pytest.fixture(params=["with kernels", "without kernels"])
def installation(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both kinds of installation, whichever this one is."""
    found = (object(), "") if request.param == "with kernels" else (None, NONE)
    monkeypatch.setattr(library, "_load", lambda: found)
    return request.param


def test_numpy_is_always_available(installation: str) -> None:
    assert choose_engine("numpy") == Engine("numpy", "requested")


def test_auto_takes_kernels_if_they_are_installed(installation: str) -> None:
    wanted = {
        "with kernels": Engine("compiled", "this installation has kernels"),
        "without kernels": Engine("numpy", "this installation has no kernels"),
    }
    assert choose_engine("auto") == choose_engine() == wanted[installation]


def test_compiled_is_never_replaced_silently(installation: str) -> None:
    if installation == "with kernels":
        assert choose_engine("compiled") == Engine("compiled", "requested")
    else:
        with pytest.raises(StateError, match=f"cannot run this: {NONE}. Use engine='numpy'"):
            choose_engine("compiled")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("numpi", "unknown engine 'numpi'; did you mean 'numpy'? Known: auto, numpy, compiled."),
        ("cuda", "unknown engine 'cuda'. Known: auto, numpy, compiled."),
    ],
)
def test_an_unknown_engine_is_refused_with_the_known_ones(name: str, message: str) -> None:
    with pytest.raises(UnknownNameError, match=re.escape(message)):
        choose_engine(name)
