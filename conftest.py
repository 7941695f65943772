"""Options and collection for all tests."""

import importlib.util

import pytest

# Doctests of the compiled engine are collected only where Numba is installed.
collect_ignore_glob = [] if importlib.util.find_spec("numba") else ["src/mitbadak/compiled/*"]

WORTH = {"auto": None, "numpy": float("inf"), "compiled": 0.0}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine",
        choices=sorted(WORTH),
        default="auto",
        help="what engine='auto' takes: what users get, NumPy, or kernels for runs however short",
    )


@pytest.fixture(autouse=True)
def _engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    worth = WORTH[request.config.getoption("--engine")]
    if worth is not None:
        monkeypatch.setattr("mitbadak.training.steps.WORTH_SECONDS", worth)
        monkeypatch.setattr("mitbadak.nn.moves.WORTH_SECONDS", worth)
