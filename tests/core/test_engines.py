"""The engine is chosen in one place, with a reason that is shown."""

from __future__ import annotations

import re

import pytest

from mitbadak.core import engines
from mitbadak.core.engines import Engine, choose_engine
from mitbadak.core.errors import StateError, UnknownNameError


@pytest.fixture(params=["with kernels", "without kernels"])
def installation(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both kinds of installation, whichever this one is."""
    compiler = "json" if request.param == "with kernels" else "no_such_module"
    monkeypatch.setattr(engines, "COMPILER", compiler)
    return request.param


def test_numpy_is_always_available(installation: str) -> None:
    assert choose_engine("numpy") == Engine("numpy", "asked for")


def test_auto_takes_kernels_if_they_are_installed(installation: str) -> None:
    wanted = {
        "with kernels": Engine("compiled", "Numba is installed"),
        "without kernels": Engine(
            "numpy", "Numba is not installed; pip install mitbadak[fast] makes it faster"
        ),
    }
    assert choose_engine("auto") == choose_engine() == wanted[installation]


def test_compiled_is_never_replaced_silently(installation: str) -> None:
    if installation == "with kernels":
        assert choose_engine("compiled") == Engine("compiled", "asked for")
    else:
        with pytest.raises(
            StateError, match=r"needs Numba.*mitbadak\[fast\]; or use engine='numpy'"
        ):
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
