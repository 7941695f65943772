"""``pytest --peers``: comparisons with other libraries run there, or the run fails."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PEERS = {"jax", "mpi4py", "onnxruntime", "psycopg", "sklearn", "torch"}
COMPARISONS = (
    """\
import pytest

jax = pytest.importorskip("jax")

def test_jax():
    pass
""",
    """\
import pytest

def test_alone():
    raise AssertionError("is no comparison")

def test_mpi4py():
    pytest.importorskip("mpi4py")

def test_onnxruntime():
    pytest.importorskip("onnxruntime")

def test_psycopg():
    pytest.importorskip("psycopg")

def test_sklearn():
    pytest.importorskip("sklearn.metrics")

@pytest.mark.parametrize("n", [1, 2])
def test_torch(n):
    torch = pytest.importorskip("torch")
    assert n < 3
""",
)


def outcome(folder: Path, libraries: set[str], tests: tuple[str, ...]) -> tuple[int, str]:
    """The exit status and the output of ``pytest --peers`` where only these libraries are."""
    (folder / "there").mkdir()
    for name in libraries:
        (folder / "there" / name).mkdir()
        (folder / "there" / name / "__init__.py").touch()
        (folder / "there" / name / "metrics.py").touch()
    for number, text in enumerate(tests):
        (folder / f"test_{number}.py").write_text(text)
    settings = "[pytest]\nmarkers = peers\naddopts = --strict-markers\npythonpath = there\n"
    (folder / "pytest.ini").write_text(settings)
    shutil.copy(ROOT / "conftest.py", folder)
    hidden = dict.fromkeys(PEERS - libraries)  # what is installed here does not count
    program = (
        f"import sys; sys.modules |= {hidden}\n"
        "import pytest; sys.exit(pytest.main(['-q', '--peers']))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True
    )
    return run.returncode, run.stdout


def test_every_comparison_runs_and_nothing_else(tmp_path: Path) -> None:
    code, out = outcome(tmp_path, PEERS, COMPARISONS)
    counts = "jax 1, mpi4py 1, onnxruntime 1, psycopg 1, sklearn 1, torch 2"
    assert f"comparisons that passed: {counts}" in out
    assert "7 passed, 1 deselected" in out
    assert code == 0


@pytest.mark.parametrize(
    ("missing", "skipped"), [("jax", "test_0.py"), ("sklearn", "test_1.py::test_sklearn")]
)
def test_a_library_that_is_missing_is_a_failure(missing: str, skipped: str, tmp_path: Path) -> None:
    code, out = outcome(tmp_path, PEERS - {missing}, COMPARISONS)
    assert code not in (0, 5)
    assert re.search(rf"{skipped} was skipped under --peers: .*could not import '{missing}", out)


def test_a_library_that_no_test_compares_with_is_a_failure(tmp_path: Path) -> None:
    code, out = outcome(tmp_path, PEERS, COMPARISONS[1:])
    assert "jax 0, mpi4py 1, onnxruntime 1, psycopg 1, sklearn 1, torch 2" in out
    assert code == 1


def test_a_file_that_needs_something_else_is_no_comparison(tmp_path: Path) -> None:
    other = 'import pytest\n\nno_peer = pytest.importorskip("mitbadak_no_such_library")\n'
    code, out = outcome(tmp_path, PEERS, (*COMPARISONS, other))
    assert (code, "was skipped" in out) == (0, False), out
