"""Book mode draws from the global generator and changes the process, as scripts of the books do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

HERE = Path(__file__).parent
SCRIPTS, NOTES = HERE / "scripts", HERE / "notes"
collect_ignore = ["scripts", "notes"]  # which book mode runs, not pytest


@pytest.fixture(autouse=True)
def _no_global_state() -> Iterator[None]:
    """The generator's state is put back, and NumPy's error handling stays as it was."""
    state, errors = np.random.get_state(), np.geterr()
    np.random.seed(0)
    yield
    np.random.set_state(state)
    assert np.geterr() == errors, "np.seterr was left changed"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the test's own."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("MITBADAK_CACHE", str(folder))
    return folder


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run ``mitbadak book`` from an empty folder, without a display."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()

    def run(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
        environment = {
            name: value for name, value in os.environ.items()
            if name not in ("DISPLAY", "WAYLAND_DISPLAY", "MPLBACKEND")
        }  # fmt: skip
        command = [sys.executable, "-m", "mitbadak", "book", *map(str, arguments)]
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8",
            **options,
        )  # fmt: skip

    return run
