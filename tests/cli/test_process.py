"""The command as a process: in a pipe, on a terminal, stopped by signals."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from mitbadak.runs import RunFolder
from mitbadak.runs.model_file import read

COMMAND = (sys.executable, "-m", "mitbadak")
SHORT = ("train", "spiral", "--epochs", "2")
# On NumPy, since compiling the kernels first would print a line on stderr.
ENDLESS = ("train", "spiral", "--epochs", "1000000", "--engine", "numpy")


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run_command(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *args], capture_output=True, text=True, timeout=60)


def assert_the_run_can_continue() -> None:
    """Resume the run in ``run`` for one more epoch."""
    done = read("run/checkpoint.safetensors").values["epoch"]
    assert run_command("train", "--resume", "run", "--epochs", str(done + 1)).returncode == 0
    assert len(RunFolder("run").read_history()) == done + 2  # with the row before training


def test_a_pipe_gets_plain_lines() -> None:
    process = run_command(*SHORT)
    assert (process.returncode, process.stderr) == (0, "")
    assert len(process.stdout.splitlines()) == 10
    assert not re.search(r"[\x1b\r\b]", process.stdout)


def test_json_is_one_object_on_stdout_and_lines_go_to_stderr() -> None:
    process = run_command(*SHORT, "--out", "run", "--json")
    assert process.returncode == 0
    assert process.stdout.count("\n") == 1
    report = json.loads(process.stdout)
    assert (report["run"], report["epochs"], report["steps"]) == ("run", 2, 20)
    assert 0 <= report["test_accuracy"] <= 1
    assert 0 <= report["train_accuracy"] <= 1
    assert "epoch 2/2" in process.stderr


def test_bad_input_shows_no_traceback() -> None:
    process = run_command("train", "spirl")
    assert (process.returncode, process.stdout) == (2, "")
    assert process.stderr.startswith("mitbadak: unknown data 'spirl'; did you mean 'spiral'")
    assert process.stderr.count("\n") == 1


def default_ctrl_c() -> None:
    """Restore Ctrl-C, which may be ignored in the process that runs these tests."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_a_run_stopped_by_ctrl_c_can_be_resumed() -> None:
    args = [*COMMAND, *ENDLESS, "--out", "run"]
    process = subprocess.Popen(
        args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=default_ctrl_c
    )
    assert process.stdout is not None
    while not process.stdout.readline().startswith("epoch"):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, message = process.communicate(timeout=60)
    assert process.returncode == 130
    assert re.fullmatch(
        r"mitbadak: interrupted at step \d+ \(epoch \d+\); nothing is lost\. "
        r"Continue with: mitbadak train --resume run\n",
        message,
    )
    assert_the_run_can_continue()


def terminal_output(args: list[str], sizes: Sequence[tuple[int, int]] = ()) -> tuple[int, str]:
    """Exit code and output of a command on a terminal of 100 columns.

    After each piece of output the terminal takes the next of ``sizes``, (lines, columns).
    """
    pty, termios = pytest.importorskip("pty"), pytest.importorskip("termios")
    master, slave = pty.openpty()
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "30"}
    process = subprocess.Popen(args, stdin=slave, stdout=slave, stderr=slave, env=env)
    os.close(slave)
    shown, left = b"", list(sizes)
    with open(master, "rb", buffering=0) as screen:
        while True:
            try:
                piece = screen.read(65536)
            except OSError:  # on Linux: the other side has closed
                break
            if not piece:
                break
            shown += piece
            if left:
                termios.tcsetwinsize(master, left.pop(0))
                process.send_signal(signal.SIGWINCH)
    return process.wait(timeout=60), shown.decode()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
def test_a_terminal_gets_a_bar() -> None:
    code, shown = terminal_output([*COMMAND, *SHORT, "--out", "run"])
    assert code == 0
    assert "━" in shown
    assert "\x1b[" in shown
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown)
    for line in ("epoch 0/2  loss", "epoch 2/2  loss", "evaluate: mitbadak evaluate run"):
        assert line in plain


def started_training(*args: str, **options: Any) -> subprocess.Popen[str]:
    """An endless training run that has printed its first epoch."""
    command = [*COMMAND, *ENDLESS, "--out", "run", *args]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )
    assert process.stdout is not None
    while not process.stdout.readline().startswith("epoch"):
        assert process.poll() is None
    return process


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_run_ended_by_a_signal_can_be_resumed(name: str) -> None:
    number = getattr(signal, name)
    process = started_training(preexec_fn=lambda: signal.signal(number, signal.SIG_DFL))
    process.send_signal(number)
    _, message = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert re.fullmatch(
        rf"mitbadak: terminated by {name} at step \d+ \(epoch \d+\); nothing is lost\. "
        r"Continue with: mitbadak train --resume run\n",
        message,
    )
    steps = read("run/checkpoint.safetensors").values["step"]
    assert f"at step {steps} " in message
    assert_the_run_can_continue()


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
def test_a_users_program_ends_by_the_signal_once_its_training_has_stopped_cleanly() -> None:
    program = (
        "import mitbadak as mb, os, signal\n"
        "class End(mb.Callback):\n"
        "    def on_step_end(self, trainer): os.kill(os.getpid(), signal.SIGTERM)\n"
        "    def on_train_end(self, trainer): print(trainer.history.stopped, flush=True)\n"
        "net = mb.TwoLayerNet(2, 10, 3, rng=0)\n"
        "mb.fit(net, mb.load_spiral(), batch_size=30, rng=0, callbacks=[End()])\n"
        "print('not reached')\n"
    )
    process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert process.returncode == -signal.SIGTERM
    assert process.stdout == "terminated by SIGTERM at step 1 (epoch 1)\n"


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize(
    "where", ["mitbadak.runs.session.load_data", "mitbadak.cli.run_pictures._draw"]
)
def test_a_signal_outside_training_is_reported_too(name: str, where: str) -> None:
    number = getattr(signal, name)
    module, function = where.rsplit(".", 1)
    program = (
        f"import os, sys, signal, {module}\n"
        f"signal.signal(signal.{name}, signal.default_int_handler)\n"
        f"def interrupt(*_): os.kill(os.getpid(), signal.{name})\n"
        f"{module}.{function} = interrupt\n"
        "from mitbadak.cli.app import main\n"
        "sys.exit(main(['train', 'spiral', '--epochs', '1', '--out', 'run']))\n"
    )
    process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    message = {"SIGINT": "interrupted", "SIGTERM": "terminated by SIGTERM"}[name]
    assert (process.returncode, process.stderr) == (128 + number, f"mitbadak: {message}\n")


def test_a_closed_pipe_stops_the_run_cleanly() -> None:
    process = started_training()
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    message = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == 141
    assert message == ("mitbadak: the output was closed; nothing is lost. Continue with: "
                    "mitbadak train --resume run\n")  # fmt: skip
    assert_the_run_can_continue()


def test_a_run_in_progress_cannot_be_resumed_by_another_process() -> None:
    process = started_training()
    other = run_command("train", "--resume", "run")
    assert (other.returncode, other.stdout) == (2, "")
    assert f"run is being written by process {process.pid}" in other.stderr
    process.kill()
    process.communicate()
    assert_the_run_can_continue()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
def test_long_work_shows_a_bar_on_a_terminal_and_removes_it() -> None:
    program = (
        "import sys\n"
        "from mitbadak.cli import main, terminal\n"
        "terminal.QUIET_SECONDS = -1.0\n"
        "sys.exit(main(['descend', 'sphere', '--race', '--steps', '2', '--lr', '0.1']))\n"
    )
    code, shown = terminal_output([sys.executable, "-c", program])
    assert code == 0
    assert "race: " in shown
    assert "━" in shown
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")  # the cursor is back


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
def test_the_bar_shows_how_far_a_numerical_gradient_is() -> None:
    args = ("train", "spiral", "--epochs", "1", "--gradient", "numerical", "--engine", "numpy")
    code, shown = terminal_output([*COMMAND, *args, "--hidden", "200,200", "--out", "run"])
    assert code == 0
    assert "% of this step" in shown
    assert "numerical gradient: " not in shown


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
def test_a_terminal_may_change_its_size_during_a_run() -> None:
    code, shown = terminal_output([*COMMAND, *SHORT, "--out", "run"], sizes=[(10, 30), (50, 200)])
    assert code == 0
    assert "epoch 2/2  loss" in re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown)


def test_a_jumping_wall_clock_changes_nothing() -> None:
    program = (
        "import sys, time, itertools\n"
        "jumps = itertools.cycle([0.0, 4e9, -1e5, 1.7e9])\n"
        "time.time = lambda: next(jumps)\n"
        "from mitbadak.cli.app import main\n"
        "sys.exit(main(['train', 'spiral', '--epochs', '3', '--out', 'run', '--json']))\n"
    )
    process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (process.returncode, json.loads(process.stdout)["epochs"]) == (0, 3)
    assert 0 < json.loads(process.stdout)["seconds"] < 60
