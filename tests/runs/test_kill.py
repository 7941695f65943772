"""Runs that are killed without warning and resumed end on the bits of an unbroken run."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from mitbadak.runs import RunFolder
from mitbadak.runs.model_file import read

# Momentum and a validation share, so that optimizer state and split must be restored too. A run
# takes a few seconds and writes a checkpoint each second, so kills fall before and after them.
SETTINGS = ("mnist", "--epochs", "6", "--optimizer", "momentum", "--lr", "0.02",
            "--validation", "0.1", "--seed", "7")  # fmt: skip
KILLS, AT_LEAST_INTO_A_RUN = 10, 7


def begin(out: Path) -> subprocess.Popen[bytes]:
    """Start or resume the run in ``out``, as a user would type it."""
    there = (out / "config.json").exists()
    how = ("--resume", str(out)) if there else (*SETTINGS, "--out", str(out))
    command = [sys.executable, "-m", "mitbadak", "train", *how]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def finish(out: Path) -> None:
    _, output = begin(out).communicate()
    assert output == b""


def results(out: Path) -> tuple[dict[str, bytes], list[float], list[dict]]:
    """Parameters, losses and rows (all but the seconds) of a finished run."""
    run = RunFolder(out)
    history = run.read_history()
    arrays = {name: array.tobytes() for name, array in read(run.model).arrays.items()}
    rows = [{k: v for k, v in row.items() if k != "seconds"} for row in history]
    return arrays, history.losses, rows


@pytest.mark.slow
def test_ten_kills_at_random_moments_change_no_bit(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    began = time.monotonic()
    finish(tmp_path / "whole")
    length = time.monotonic() - began
    expected = results(tmp_path / "whole")
    assert len(expected[1]) == 6 * 540
    assert len(expected[2]) == 7

    kills, into_a_run, out = 0, 0, tmp_path / "killed0"
    while kills < KILLS or into_a_run < AT_LEAST_INTO_A_RUN:
        process, moment = begin(out), rng.uniform(0.05, length)
        try:
            process.communicate(timeout=moment)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            kills += 1
            into_a_run += (out / "checkpoint.safetensors").exists()
            print(f"{out.name}: kill {kills} after {moment:.2f} s of {length:.2f} s")
        else:  # it ended first: compare it, and kill another
            assert process.returncode == 0
            assert results(out) == expected
            out = out.with_name(f"killed{int(out.name[6:]) + 1}")
    finish(out)
    assert results(out) == expected
