"""``mpiexec -n N mitbadak train``: the same losses as one process, one that dies, and refusals."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mitbadak.training.history import History

pytest.importorskip("mpi4py")
pytestmark = pytest.mark.slow

BESIDE = Path(sys.executable).parent / "mpiexec"
MPIEXEC = str(BESIDE) if BESIDE.exists() else shutil.which("mpiexec")
needs_mpiexec = pytest.mark.skipif(MPIEXEC is None, reason="there is no mpiexec")
TRAIN = [sys.executable, "-m", "mitbadak", "train"]


def start(ranks: int, *line: str) -> subprocess.Popen[str]:
    together = [str(MPIEXEC), "-n", str(ranks)] if ranks else []
    return subprocess.Popen(
        [*together, *TRAIN, *line], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def run(ranks: int, *line: str) -> tuple[int, str, str]:
    process = start(ranks, *line)
    out, err = process.communicate(timeout=600)
    return process.returncode, out, err


def history(folder: Path) -> History:
    return History.read(folder / "history.jsonl")


def assert_equal(a: History, b: History, most: float = 1e-6) -> None:
    np.testing.assert_allclose(a.losses, b.losses, rtol=0, atol=most)
    for mine, other in zip(a.rows, b.rows, strict=True):
        for name in ("train_loss", "test_loss", "train_accuracy", "test_accuracy"):
            if mine[name] is not None:
                assert mine[name] == pytest.approx(other[name], abs=most), name


@needs_mpiexec
def test_ranks_have_the_losses_of_one_process_on_mnist(tmp_path: Path) -> None:
    """Batches of 100, which 3 does not divide. Kernels round a single process's plain SGD in
    another way, by about 5e-6; the next test compares with that in float64."""
    for ranks in (1, 2, 3, 4):
        code, _, err = run(ranks, "mnist", "--epochs", "3", "--out", str(tmp_path / f"{ranks}"),
                           "--quiet")  # fmt: skip
        assert code == 0, err
        assert_equal(history(tmp_path / f"{ranks}"), history(tmp_path / "1"))


@needs_mpiexec
@pytest.mark.parametrize("engine", ["numpy", "auto"])
def test_batches_and_sets_that_ranks_do_not_divide(engine: str, tmp_path: Path) -> None:
    """The spiral has 300 rows: batches of 7 leave one of 6, and 4 ranks two of it."""
    line = ["spiral", "--epochs", "4", "--batch-size", "7", "--optimizer", "adam", "--lr", "0.01",
            "--engine", engine, "--l2", "0.01", "--clip-norm", "1", "--dtype", "float64",
            "--validation", "0.1", "--early-stopping", "9", "--quiet"]  # fmt: skip
    for ranks in (0, 1, 3, 4):  # 0: without mpiexec
        code, out, err = run(ranks, *line, "--out", str(tmp_path / f"{ranks}"), "--json")
        assert code == 0, err
        assert json.loads(out)["epochs"] == 4  # one object, printed once
        assert_equal(history(tmp_path / f"{ranks}"), history(tmp_path / "0"), 1e-12)


@needs_mpiexec
def test_a_killed_rank_ends_the_job_and_fewer_go_on(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    process = start(3, "mnist", "--epochs", "6", "--out", str(folder))
    _wait(lambda: "1/6" in (process.stdout.readline() if process.stdout else ""))
    pids = _ranks_of(process.pid)
    assert len(pids) == 3
    os.kill(pids[-1], signal.SIGKILL)
    _, err = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "a process was lost, so all have ended" in err
    assert f"Continue with: mitbadak train --resume {folder}\n" in err
    before = history(folder)
    code, _, err = run(2, "--resume", str(folder), "--epochs", "7", "--quiet")
    assert code == 0, err
    after = history(folder)
    assert len(after.losses) == 7 * 600
    kept = min(len(before.losses), 600)
    np.testing.assert_allclose(after.losses[:kept], before.losses[:kept], rtol=0, atol=1e-6)
    code, _, err = run(1, "mnist", "--epochs", "7", "--out", str(tmp_path / "alone"), "--quiet")
    assert_equal(after, history(tmp_path / "alone"), 5e-6)


@needs_mpiexec
def test_ctrl_c_ends_all_ranks_at_one_step(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    process = start(2, "mnist", "--epochs", "50", "--out", str(folder))
    _wait(lambda: "1/50" in (process.stdout.readline() if process.stdout else ""))
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert "nothing is lost" in err
    assert f"mitbadak train --resume {folder}" in err
    done = len(history(folder).losses)
    assert 0 < done < 50 * 600


@needs_mpiexec
@pytest.mark.parametrize(
    ("line", "message"),
    [
        (["xor", "--batch-norm"], "BatchNorm.* needs it whole"),
        (["xor", "--dropout", "0.1"], "Dropout.* needs it whole"),
        (["mnist", "--shift", "1", "--epochs", "1"], "RandomShift.* draws for it whole"),
        (["xor", "--batch-size", "1"], "a batch of 1 cannot be shared by 2 processes"),
        (["xor", "--lr", "-1"], "lr must be a finite number above 0"),
        (["nothing"], "unknown data"),
    ],
)
def test_what_cannot_be_shared_is_refused_once(
    line: list[str], message: str, tmp_path: Path
) -> None:
    code, _, err = run(2, *line, "--out", str(tmp_path / "run"))
    assert code == 2
    assert len(re.findall(message, err)) == 1, err
    assert len(re.findall("^mitbadak: ", err, re.MULTILINE)) == 1, err
    assert not (tmp_path / "run").exists()


def _wait(condition: Any) -> None:
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.01)
    raise TimeoutError


def _ranks_of(parent: int) -> list[int]:
    """The processes of a job that are Mitbadak's, in the order in which they were started."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes().split(b"\0")
                inside = str(parent) in _ancestors(int(folder.name))
                if inside and words[1:3] == [b"-m", b"mitbadak"]:
                    found.append(int(folder.name))
    return sorted(found)


def _ancestors(pid: int) -> list[str]:
    found = []
    while pid > 1:
        stat = Path(f"/proc/{pid}/stat").read_text()
        pid = int(stat.rpartition(")")[2].split()[1])
        found.append(str(pid))
    return found
