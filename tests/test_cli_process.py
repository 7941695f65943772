"""The command as people call it: in a pipe, on a terminal, and stopped by Ctrl-C."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mitbadak.training import RunFolder
from mitbadak.training.weights import read

COMMAND = (sys.executable, "-m", "mitbadak.cli")
SHORT = ("train", "spiral", "--epochs", "2")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def called(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *args], capture_output=True, text=True, timeout=60)


def test_a_pipe_gets_plain_lines() -> None:
    process = called(*SHORT)
    assert (process.returncode, process.stderr) == (0, "")
    assert len(process.stdout.splitlines()) == 8
    assert not re.search(r"[\x1b\r\b]", process.stdout)


def test_json_is_one_object_on_stdout_and_lines_go_to_stderr() -> None:
    process = called(*SHORT, "--out", "run", "--json")
    assert process.returncode == 0
    assert process.stdout.count("\n") == 1
    found = json.loads(process.stdout)
    assert (found["run"], found["epochs"], found["steps"]) == ("run", 2, 20)
    assert 0 <= found["test_accuracy"] <= 1
    assert 0 <= found["train_accuracy"] <= 1
    assert "epoch 2/2" in process.stderr


def test_bad_input_shows_no_traceback() -> None:
    process = called("train", "spirl")
    assert (process.returncode, process.stdout) == (2, "")
    assert process.stderr.startswith("mitbadak: unknown data 'spirl'; did you mean 'spiral'")
    assert process.stderr.count("\n") == 1


def default_ctrl_c() -> None:
    """Ctrl-C as a terminal's program finds it, also where these tests run with it ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_a_run_stopped_by_ctrl_c_goes_on() -> None:
    args = [*COMMAND, "train", "spiral", "--epochs", "1000000", "--out", "run"]
    process = subprocess.Popen(
        args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=default_ctrl_c
    )
    assert process.stdout is not None
    while not process.stdout.readline().startswith("epoch"):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert re.fullmatch(r"mitbadak: interrupted at step \d+ \(epoch \d+\); nothing is lost\. "
                        r"Go on with: mitbadak train --resume run\n", said)  # fmt: skip
    done = read("run/checkpoint.safetensors").values["epoch"]
    assert called("train", "--resume", "run", "--epochs", str(done + 1)).returncode == 0
    assert len(RunFolder("run").read_history()) == done + 2


def everything_shown(args: list[str]) -> tuple[int, str]:
    """Exit code and all that a command writes to a terminal of 100 columns."""
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "30"}
    process = subprocess.Popen(args, stdin=slave, stdout=slave, stderr=slave, env=env)
    os.close(slave)
    shown = b""
    with open(master, "rb", buffering=0) as screen:
        while True:
            try:
                piece = screen.read(65536)
            except OSError:  # Linux says so when the other side has closed
                break
            if not piece:
                break
            shown += piece
    return process.wait(timeout=60), shown.decode()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
def test_a_terminal_gets_a_bar() -> None:
    code, shown = everything_shown([*COMMAND, *SHORT, "--out", "run"])
    assert code == 0
    assert "━" in shown
    assert "\x1b[" in shown
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown)
    for line in ("epoch 0/2  loss", "epoch 2/2  loss", "evaluate: mitbadak evaluate run"):
        assert line in plain
