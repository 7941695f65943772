"""The command diagnose."""

from __future__ import annotations

import json
from pathlib import Path

from command_line import Capture, printed, refused
from mitbadak.cli.app import main

FAULTY = "import numpy as np\nt = np.zeros(3, dtype=np.int)\n"


def test_a_faulty_script_is_shown_with_its_corrected_line(tmp_path: Path, capfd: Capture) -> None:
    file = tmp_path / "a.py"
    file.write_text(FAULTY)
    assert main(["diagnose", str(file)]) == 1
    out = capfd.readouterr().out
    assert "a.py, line 2: warning: removed-numpy-name: np.int is gone since NumPy 1.24\n" in out
    assert "  line:    t = np.zeros(3, dtype=np.int)\n" in out
    assert "  instead: t = np.zeros(3, dtype=int)\n" in out
    assert main(["diagnose", str(file), "--lang", "ko"]) == 1
    assert "고침: t = np.zeros(3, dtype=int)" in capfd.readouterr().out


def test_json_has_every_file_and_finding(tmp_path: Path, capfd: Capture) -> None:
    (tmp_path / "a.py").write_text(FAULTY)
    (tmp_path / "b.py").write_text("print(1)\n")
    assert main(["diagnose", str(tmp_path / "a.py"), str(tmp_path / "b.py"), "--json"]) == 1
    first, second = json.loads(capfd.readouterr().out)["files"]
    assert (first["file"], second["findings"]) == (str(tmp_path / "a.py"), [])
    assert first["findings"][0]["code"] == "removed-numpy-name"
    assert first["findings"][0]["evidence"]["instead"] == "t = np.zeros(3, dtype=int)"


def test_notes_alone_are_no_failure(tmp_path: Path, capfd: Capture) -> None:
    (tmp_path / "a.py").write_text("import numpy as np\nx = np.zeros(3, dtype=np.bool)\n")
    assert "note: removed-numpy-name" in printed(capfd, "diagnose", str(tmp_path / "a.py"))
    (tmp_path / "a.py").write_text("print(1)\n")
    assert "nothing found" in printed(capfd, "diagnose", str(tmp_path / "a.py"))


def test_bad_input_is_refused_in_one_line(tmp_path: Path, capfd: Capture) -> None:
    (tmp_path / "a.py").write_text("x = (\n")
    assert "a.py, line 1: this is not Python" in refused(capfd, "diagnose", str(tmp_path / "a.py"))
    folder = refused(capfd, "diagnose", str(tmp_path))
    assert "is not a run folder: it has no config.json" in folder
    assert "no such file" in refused(capfd, "diagnose", str(tmp_path / "none.py"))
    assert "language" in refused(capfd, "diagnose", str(tmp_path / "a.py"), "--lang", "fr")


def test_a_run_is_diagnosed_in_both_languages(tmp_path: Path, capfd: Capture) -> None:
    run = str(tmp_path / "run")
    printed(capfd, "train", "spiral", "--lr", "0.000001", "--epochs", "5", "--out", run)
    assert main(["diagnose", run]) == 1
    shown = capfd.readouterr().out.splitlines()
    assert "lr-too-small: the loss went from 1.099" in shown[1]
    assert "what to do: Multiply lr by" in shown[3]
    assert main(["diagnose", run, "--lang", "ko", "--json"]) == 1
    (one,) = json.loads(capfd.readouterr().out)["files"]
    assert "학습률을" in one["findings"][0]["remedy"]
    printed(capfd, "train", "spiral", "--out", run + "2")
    assert "Nothing is wrong" in printed(capfd, "diagnose", run + "2")
    printed(capfd, "train", "spiral", "--epochs", "100", "--out", run + "3")
    assert "1. note: too-little-training: " in printed(capfd, "diagnose", run + "3")
