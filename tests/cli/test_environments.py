"""The command in the environments that people start it in: each trains, draws and exits with 0."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mitbadak.plots.backend import forget_unusable, is_usable

COMMAND = [sys.executable, "-m", "mitbadak", "train"]
ENVIRONMENTS: dict[str, dict[str, str | None]] = {
    "as it is": {},
    "a notebook whose backend is not here": {"MPLBACKEND": "module://no_such_package.backend"},
    "a backend that there never was": {"MPLBACKEND": "nonsense"},
    "a backend that needs a display": {"MPLBACKEND": "tkagg", "DISPLAY": None},
    "Windows-1252": {"PYTHONIOENCODING": "cp1252"},
    "Korean Windows": {"PYTHONIOENCODING": "cp949"},
    "ASCII": {"PYTHONIOENCODING": "ascii"},
    "the C locale": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "a dumb terminal": {"TERM": "dumb", "COLUMNS": "20"},
    "no home": {"HOME": None, "MPLCONFIGDIR": None},
    "warnings are errors": {"PYTHONWARNINGS": "error"},
    "no docstrings": {"PYTHONOPTIMIZE": "2"},
}


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table whose name, column and classes are not ASCII."""
    path = tmp_path_factory.mktemp("표") / "자료😀.csv"
    rows = [f"{k}.5,{k * k % 7},{('chaté', '강아지')[k % 2]}" for k in range(40)]
    path.write_text("\n".join(["x,y,종류", *rows]), encoding="utf-8")
    return path


def run(
    arguments: list[str], change: dict[str, str | None], folder: Path
) -> subprocess.CompletedProcess:
    environment = {**os.environ, **{k: v for k, v in change.items() if v is not None}}
    for name in (name for name, value in change.items() if value is None):
        environment.pop(name, None)
    return subprocess.run(
        [*COMMAND, *arguments], env=environment, cwd=folder, capture_output=True, check=False
    )


@pytest.mark.once
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_a_training_in_an_environment(name: str, table: Path, tmp_path: Path) -> None:
    arguments = [str(table), "--label", "종류", "--epochs", "2", "--out", "run", "--lang", "ko"]
    done = run(arguments, ENVIRONMENTS[name], tmp_path)
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    assert (tmp_path / "run" / "curves.png").stat().st_size > 10_000
    assert b"epoch" in done.stdout


@pytest.mark.parametrize(("backend", "usable"), [
    ("agg", True), ("TkAgg", True), ("", True), ("module://json", True), ("nonsense", False),
    ("module://", False), ("module://no.such.module", False), ("module://..", False),
])  # fmt: skip
def test_a_backend_that_matplotlib_would_refuse_is_forgotten(
    backend: str, usable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_usable(backend) == usable
    monkeypatch.setenv("MPLBACKEND", backend)
    forget_unusable()
    assert os.environ.get("MPLBACKEND") == (backend if usable else None)
    monkeypatch.delenv("MPLBACKEND", raising=False)
    forget_unusable()
    assert "MPLBACKEND" not in os.environ
