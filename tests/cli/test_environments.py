"""The command in the environments that people start it in: each trains, draws and exits with 0."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mitbadak.plots.backend import forget_unusable, is_usable

COMMAND = [sys.executable, "-m", "mitbadak"]
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


@pytest.fixture(scope="module")
def trained(table: Path) -> Path:
    """A run on that table."""
    out = table.parent / "실행"
    arguments = [str(table), "--label", "종류", "--epochs", "1", "--out", str(out), "--quiet"]
    done = run(arguments, {}, table.parent)
    assert done.returncode == 0, done.stderr
    return out


def run(
    arguments: list[str], change: dict[str, str | None], folder: Path, command: str = "train"
) -> subprocess.CompletedProcess:
    environment = {**os.environ, **{k: v for k, v in change.items() if v is not None}}
    for name in (name for name, value in change.items() if value is None):
        environment.pop(name, None)
    line = [*COMMAND, command, *arguments]
    return subprocess.run(line, env=environment, cwd=folder, capture_output=True, check=False)


@pytest.mark.once
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_a_training_in_an_environment(name: str, table: Path, tmp_path: Path) -> None:
    arguments = [str(table), "--label", "종류", "--epochs", "2", "--out", "run", "--lang", "ko"]
    done = run(arguments, ENVIRONMENTS[name], tmp_path)
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    assert (tmp_path / "run" / "curves.png").stat().st_size > 10_000
    assert b"mitbadak evaluate run" in done.stdout


@pytest.mark.once
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_a_net_is_exported_and_a_script_of_the_books_drawn(
    name: str, trained: Path, tmp_path: Path
) -> None:
    script = tmp_path / "그림.py"
    script.write_text(
        "import matplotlib.pyplot as plt\nfrom common.functions import sigmoid\n"
        "plt.plot([1, 2])\nplt.title('시그모이드')\nplt.show()\nprint('done')\n",
        encoding="utf-8",
    )
    for suffix in (".onnx", ".c", ".safetensors"):
        done = run([str(trained), f"망{suffix}"], ENVIRONMENTS[name], tmp_path, "export")
        assert done.returncode == 0, done.stderr
        assert (tmp_path / f"망{suffix}").stat().st_size > 100
    done = run(["그림.py"], ENVIRONMENTS[name], tmp_path, "book")
    assert done.returncode == 0, done.stderr
    assert b"done" in done.stdout
    assert b"Traceback" not in done.stderr
    assert list(tmp_path.glob("*.png"))


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


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("name", ["as it is", "Windows-1252", "Korean Windows", "the C locale"])
def test_rows_of_tables_are_lines(name: str, lang: str, trained: Path, tmp_path: Path) -> None:
    """Escapes are wider than letters; what has no room is left out, and no row is broken."""
    for run_name in ("a", "긴이름의실행" * 3):
        shutil.copytree(trained, tmp_path / run_name)
    done = run([".", "--lang", lang], ENVIRONMENTS[name], tmp_path, "runs")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) - (b"--json" in lines[-1]) == 3, done.stdout
    assert max(map(len, lines[:3])) <= 200
