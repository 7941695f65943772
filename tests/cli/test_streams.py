"""Closed and full streams, every locale, and users' modules that interfere with the process."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from command_line import Capture, names_of_commands, printed, refused
from mitbadak.cli import exits
from mitbadak.cli.app import main

COMMAND = f"'{sys.executable}' -m mitbadak"
LINES = {  # with a word that each prints; RUN is the folder of a run
    "--version": "mitbadak",
    "--help": "Usage",
    "data": "mnist",
    "descend sphere": "converged",
    "descend sphere --race --steps 3 --lr 0.1": "momentum",
    "train xor --epochs 1 --engine numpy --hidden 2 --out run": "curves",
    "runs .": "no runs",
    "tune xor --try lr=0.1,1 --trials 1 --epochs 1 --engine numpy --hidden 2": "best run",
    "gradcheck RUN": "right",
    "evaluate RUN": "test_accuracy",
    "predict RUN RUN/new.csv": "row 1",
    "diagnose RUN/sound.py": "nothing found",
    "export RUN net.onnx": "2 inputs",
    "book RUN/sound.py": "1",
    "lab --help": "Usage",
}
OURS = [line for line in LINES if not line.startswith("book")]  # there the streams are a script's
ASCII = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
needs_a_shell = pytest.mark.skipif(os.name == "nt", reason="closes streams by a POSIX shell")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A run folder, which holds points for its net too."""
    run = tmp_path_factory.mktemp("trained") / "run"
    settings = ("--epochs", "1", "--engine", "numpy", "--hidden", "2")
    assert main(["train", "xor", *settings, "--out", str(run)]) == 0
    (run / "new.csv").write_text("x0,x1\n1,2\n")
    (run / "sound.py").write_text("print(1)\n")
    return str(run)


def test_every_command_is_tried() -> None:
    tried = {line.split()[0] for line in LINES}
    assert set(names_of_commands()) <= tried


def run_line(
    line: str, folder: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        f"{COMMAND} {line}", shell=True, capture_output=True, cwd=folder, encoding="utf-8",
        timeout=300, env={**os.environ, **(env or {})},
    )  # fmt: skip


@needs_a_shell
@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_command_works_with_closed_streams(
    line: str, closed: str, trained: str, tmp_path: Path
) -> None:
    result = run_line(f"{line.replace('RUN', trained)} {closed}", tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert (LINES[line] in result.stdout) == (closed == "2>&-")
    if line.startswith("train"):
        assert (tmp_path / "run" / "curves.png").stat().st_size > 1000


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no full device")
@pytest.mark.parametrize("line", OURS)
def test_a_full_disk_behind_stdout_is_reported_in_one_line(
    line: str, trained: str, tmp_path: Path
) -> None:
    command = line.replace("RUN", trained)
    result = run_line(f"{command} >/dev/full", tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith("mitbadak: ")
    assert "No space left" in result.stderr
    assert result.stderr.count("\n") == 1
    assert run_line(f"{command} >/dev/full 2>/dev/full", tmp_path).returncode in (1, 2)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no full device")
def test_a_full_disk_behind_stderr_does_not_stop_a_run(tmp_path: Path) -> None:
    line = "train xor --epochs 1 --engine numpy --hidden 2 --out run --json 2>/dev/full"
    result = run_line(line, tmp_path)
    assert (result.returncode, json.loads(result.stdout)["epochs"]) == (0, 1)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have UTF-8 in every locale")
def test_korean_file_names_work_under_every_locale(tmp_path: Path) -> None:
    for k, name in enumerate(("가", "나")):
        folder = tmp_path / "자료" / name
        folder.mkdir(parents=True)
        for n in range(8):
            Image.new("L", (4, 4), 20 * n + k).save(folder / f"{n}.png")
    more = "--epochs 1 --batch-size 2 --hidden 2 --engine numpy --lang ko"
    for out, env in (("실행1", ASCII), ("실행2", {})):
        assert run_line(f"train 자료 --out {out} {more}", tmp_path, env).returncode == 0
    first, second = (json.loads((tmp_path / out / "config.json").read_text("utf-8"))
                     for out in ("실행1", "실행2"))  # fmt: skip
    assert first == second
    for line, env in (
        ("evaluate 실행1 --json", {}),
        ("evaluate 실행2 --json", ASCII),
        ("predict 실행2 자료/나/1.png --picture 그림.png", ASCII),
        ("train --resume 실행2 --epochs 2", ASCII),
        ("runs . --lang ko --plot 곡선.png", ASCII),
    ):
        result = run_line(line, tmp_path, env)
        assert result.returncode == 0, result.stderr
        if line.startswith("evaluate"):
            classes = json.loads(result.stdout)["classes"]
            assert [one["class"] for one in classes] == ["가", "나"]


MODULES = {
    "exits": ("raise SystemExit(3)", "cannot import 'exits': SystemExit: 3"),
    "interrupts": ("raise KeyboardInterrupt", "cannot import 'interrupts': KeyboardInterrupt"),
    "exits_later": ("def f(x): raise SystemExit(3)", "exits_later:f raised SystemExit: 3"),
    "interrupts_later": ("def f(x): raise KeyboardInterrupt", "f raised KeyboardInterrupt"),
    "speechless": (
        "class E(Exception):\n    def __str__(self): raise ValueError\ndef f(x): raise E",
        "speechless:f failed.*: E",
    ),
    "deep": ("def f(x): return f(x)", "deep:f failed.*: RecursionError"),
    "hungry": ("def f(x): return [0] * 10**15", "hungry:f failed.*: out of memory"),
    "text": ("def f(x): return 'a'", "one real number"),
}


@pytest.mark.parametrize("name", MODULES)
def test_whatever_a_users_module_raises_is_reported_as_bad_input(
    name: str, capfd: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, message = MODULES[name]
    Path(f"{name}.py").write_text(code)
    assert re.search(message, refused(capfd, "descend", f"{name}:f"))
    refused(capfd, "gradcheck", f"{name}:f", "--at=1,2")


def test_what_a_users_module_changes_is_restored(
    capfd: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    Path("restless.py").write_text(
        "import os, sys, warnings, numpy as np\n"
        "os.chdir('elsewhere'); sys.path.clear(); sys.argv.clear()\n"
        "sys.stdout = sys.stderr = None\n"
        "warnings.simplefilter('error'); np.seterr(all='raise'); sys.setrecursionlimit(200)\n"
        "def f(x):\n    os.chdir('/')\n    return x[0] ** 2 + x[1] ** 2\n"
    )
    before = list(sys.path), list(sys.argv), sys.getrecursionlimit()
    out = printed(capfd, "descend", "restless:f", "--picture", "path.png")
    assert "converged" in out
    assert (tmp_path / "path.png").exists()
    assert before == (list(sys.path), list(sys.argv), sys.getrecursionlimit())
    assert Path.cwd() == tmp_path


def test_what_a_users_module_prints_goes_to_stderr_with_json(
    capfd: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("talks.py").write_text(
        "print('hello')\ndef f(x):\n    print('call')\n    return x[0] * x[0]\n"
    )
    for args in (("descend", "talks:f", "--start=1,2"), ("gradcheck", "talks:f", "--at=1,2")):
        capfd.readouterr()
        assert main([*args, "--json"]) == 0
        captured = capfd.readouterr()
        assert isinstance(json.loads(captured.out), dict)
        assert "call" in captured.err


def test_an_unexpected_error_is_one_line_with_a_traceback_on_request(
    capfd: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ArithmeticError("a\x1b[31m")

    monkeypatch.setattr("mitbadak.data.spiral_datasets", broken)
    assert main(["data"]) == 1
    message = capfd.readouterr().err
    assert message.startswith(r"mitbadak: unexpected ArithmeticError: a\x1b[31m. This is a bug in")
    assert message.count("\n") == 1
    monkeypatch.setenv(exits.TRACEBACK, "1")
    assert main(["data"]) == 1
    message = capfd.readouterr().err
    assert message.startswith("Traceback (most recent call last):\n")
    assert "in broken" in message
    assert "\x1b" not in message


@pytest.mark.parametrize("problem", [MemoryError("too much"), MemoryError()])
def test_running_out_of_memory_is_reported_in_one_line(
    problem: MemoryError, capfd: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hungry() -> None:
        raise problem

    monkeypatch.setattr("mitbadak.data.spiral_datasets", hungry)
    assert main(["data"]) == 1
    assert capfd.readouterr().err.startswith("mitbadak: out of memory")


@needs_a_shell
@pytest.mark.parametrize("line", OURS)
def test_a_pipe_that_nobody_reads_is_said_in_one_line(
    line: str, trained: str, tmp_path: Path
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    run = subprocess.run(
        f"{COMMAND} {line.replace('RUN', trained)}", shell=True, stdout=writing,
        stderr=subprocess.PIPE, cwd=tmp_path, encoding="utf-8", timeout=300,
    )  # fmt: skip
    os.close(writing)
    assert run.returncode == 141
    assert len(re.findall("^mitbadak: the output was closed", run.stderr, re.MULTILINE)) == 1


@needs_a_shell
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no full device")
def test_a_script_of_the_books_meets_full_disks_as_python_lets_it(
    trained: str, tmp_path: Path
) -> None:
    line = f"{trained}/sound.py >/dev/full"
    ours = run_line(f"book {line}", tmp_path)
    python = subprocess.run(f"'{sys.executable}' {line}", shell=True, capture_output=True,
                            encoding="utf-8", timeout=300)  # fmt: skip
    assert (ours.returncode, ours.stderr) == (python.returncode, python.stderr)


UNWRITABLE = {  # no user can make files in /proc
    "train xor --epochs 1 --engine numpy --hidden 2 --out /proc/run": "--out",
    "train xor --checkup --out /proc/page.html": "/proc/page.html",
    "evaluate RUN --weights /proc/w.png": "/proc/w.png",
    "predict RUN RUN/new.csv --out /proc/a.csv": "/proc/a.csv",
    "runs RUN --plot /proc/a.png": "/proc/a.png",
    "descend sphere --steps 2 --picture /proc/a.png": "/proc/a.png",
    "descend sphere --steps 2 --gif /proc/a.gif": "/proc/a.gif",
    "export RUN /proc/net.onnx": "/proc/net.onnx",
    "export RUN /proc/net.c": "/proc/net.c",
    "export RUN /proc/net.safetensors": "/proc/net.safetensors",
}


@pytest.mark.skipif(sys.platform != "linux", reason="has no /proc")
@pytest.mark.parametrize("line", UNWRITABLE)
def test_a_folder_that_cannot_be_written_is_named_in_one_line(
    line: str, trained: str, tmp_path: Path, capfd: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(line.replace("RUN", trained).split()) in (1, 2)
    message = capfd.readouterr().err
    complaints = re.findall("^mitbadak: (?!warning).+$", message, re.MULTILINE)
    assert len(complaints) == 1, message
    assert UNWRITABLE[line] in complaints[0]
    assert "bug" not in message
