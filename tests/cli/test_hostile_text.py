"""Text from outside, whatever its source, is printed as visible characters only."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from PIL import Image

from command_line import Capture, names_of_commands
from mitbadak.cli.app import main
from mitbadak.core.printing import visible
from mitbadak.runs.model_file import Stored, read, write

pytestmark = [
    pytest.mark.once,
    pytest.mark.filterwarnings("ignore::mitbadak.core.errors.MitbadakWarning"),
    pytest.mark.skipif(os.name == "nt", reason="Windows refuses such names of files"),
]
# Whatever controls a terminal or hides characters; line ends are the program's own.
UNWANTED = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
PIECES = (
    "\x1b[31m", "\x1b]0;title\x07", "\x9b2J", "\x7f", "\x00", "\r", "\n", "\t", "\x08", "\u202e",
    "\u2066", "\u2028", "\ud800", "\udc9b", "[red]", "[/]", "[/nope]", "[link=http://x]", ":smile:",
    "$\\frac{$", "$", "_", "{}", "%s", "a", "한글", "é", " ",
)  # fmt: skip
HOSTILE = st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join)
# A file name has no zero byte and no slash, and surrogates only as Python decodes bytes.
NAMES = HOSTILE.map(lambda t: re.sub("[\x00/\ud800]", "", t) + "x")
FEW = settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run of one epoch, and a table that its net can predict."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "t.csv").write_text("a,b\n" + "1,x\n2,y\n" * 8)
    args = ["--epochs", "1", "--hidden", "2", "--engine", "numpy", "--out", str(folder / "run")]
    assert main(["train", str(folder / "t.csv"), *args]) == 0
    return folder


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def check_output(capfd: Capture, *args: str, codes: tuple[int, ...] = (0, 1, 2)) -> str:
    """Both streams of a command, after checking that they are visible text and errors one line."""
    capfd.readouterr()
    code = main(list(args))
    out, err = capfd.readouterr()
    assert code in codes, (args, code, err)
    assert not UNWANTED.search(out + err), (args, out, err)
    complaints = re.findall("^mitbadak: (?!warning: )", err, re.MULTILINE)
    assert len(complaints) == (1 if code else 0), (args, err)
    assert "a bug in Mitbadak" not in err, err
    return out + err


ARGUMENTS = (
    "T", "train T", "train --T", "train T/a.csv", "train xor --label T", "train xor --optimizer T",
    "train xor --hidden T", "train xor --epochs T", "train xor --init T", "train --resume T",
    "evaluate T", "predict T T", "predict RUN T.csv", "runs T", "runs --sort T RUN", "data T",
    "runs RUN --plot T/x.png", "runs RUN --lang T", "gradcheck T", "gradcheck T:T --at 1",
    "gradcheck sphere:x --at T", "descend T", "descend T:T", "descend math:T",
    "descend sphere --start T", "descend sphere --optimizer T", "descend sphere --picture T/a.png",
    "lab --port T", "lab --lang T", "train RUN/T.npz", "diagnose T", "diagnose T.py",
    "diagnose --lang T RUN/run",
    "export T net.onnx", "export RUN/run T", "export RUN/run T/net.c",
    "export RUN/run net.c --name T", "book T", "book --lang T RUN/none.py",
    "tune T", "tune xor --try T", "tune --resume T",
)  # fmt: skip


def test_every_command_gets_hostile_arguments() -> None:
    assert {line.split()[0] for line in ARGUMENTS} - {"T"} == set(names_of_commands())


@pytest.mark.parametrize("line", ARGUMENTS)
@given(text=HOSTILE)
@settings(FEW, max_examples=8)
def test_arguments(line: str, text: str, run: Path, capfd: Capture) -> None:
    words = [w.replace("RUN", str(run / "run")).replace("T", text) for w in line.split()]
    check_output(capfd, *words)


@pytest.mark.parametrize("as_json", [(), ("--json",)])
@given(names=st.lists(HOSTILE, min_size=4, max_size=4, unique_by=lambda t: t.strip()))
@FEW
def test_columns_and_classes_of_a_table(
    names: list[str], as_json: tuple[str, ...], run: Path, capfd: Capture
) -> None:
    a, b, yes, no = (name.encode("utf-8", "replace").decode() for name in names)
    with open("t.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerows([[a, b], *([k, (yes, no)[k % 2]] for k in range(16))])
    shutil.rmtree("run", ignore_errors=True)
    out = ("--out", "run", "--engine", "numpy", "--hidden", "2")
    check_output(capfd, "train", "t.csv", "--epochs", "1", *out, *as_json)
    check_output(capfd, "train", "t.csv", "--epochs", "1", "--label", a, "--out", "run2")
    if Path("run/model.safetensors").exists():
        check_output(capfd, "evaluate", "run", *as_json)
        check_output(capfd, "predict", "run", "t.csv", *as_json)
    check_output(capfd, "predict", str(run / "run"), "t.csv", *as_json)


@given(names=st.lists(NAMES, min_size=5, max_size=5, unique=True))
@FEW
def test_names_of_folders_and_pictures(names: list[str], run: Path, capfd: Capture) -> None:
    data, one, two, out, module = names
    for entry in Path().iterdir():  # left by the example before
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    for k, name in enumerate((one, two)):
        (Path(data) / name).mkdir(parents=True, exist_ok=True)
        for n in range(6):
            Image.fromarray(np.full((4, 4), 40 * n + k, np.uint8)).save(
                Path(data, name, f"{n}.png")
            )
    more = ("--batch-size", "2", "--epochs", "1", "--engine", "numpy", "--hidden", "2")
    check_output(capfd, "train", "--out", out, *more, "--", data, codes=(0,))
    check_output(capfd, "evaluate", "--", out, codes=(0,))
    check_output(capfd, "predict", "--picture", "p.png", "--out", "p.csv", "--", out,
                 str(Path(data, one, "0.png")), codes=(0,))  # fmt: skip
    check_output(capfd, "runs", "--plot", "all.png", "--", out, codes=(0,))
    check_output(capfd, "gradcheck", "--", out)
    (Path(data) / one / "broken.png").write_bytes(b"no picture")
    check_output(capfd, "train", *more, "--", data, codes=(2,))
    Path(f"{module}.py").write_text("raise RuntimeError(__name__)")
    check_output(capfd, "descend", "--", f"{module}:f", codes=(2,))


@given(text=HOSTILE)
@FEW
def test_contents_of_a_strangers_run(text: str, run: Path, capfd: Capture) -> None:
    shutil.copytree(run / "run", "theirs", dirs_exist_ok=True)
    content = json.loads(Path("theirs/config.json").read_text())
    stored = read("theirs/checkpoint.safetensors")
    other = dict.fromkeys(stored.values["made_with"], text)
    same_data = {**other, "data": stored.values["made_with"]["data"]}
    for name, values in (
        ("data", stored.values),
        ("label", stored.values),
        ("optimizer", stored.values),
        ("", {**stored.values, "stopped": text, "epoch": 0}),
        ("", {**stored.values, "engine": text}),
        ("", {**stored.values, "made_with": other}),
        ("", {**stored.values, "made_with": same_data}),
    ):
        write("theirs/checkpoint.safetensors", Stored(stored.arrays, values))
        edited = {**content["settings"], **({name: text} if name else {}), "epochs": 2}
        Path("theirs/config.json").write_text(json.dumps({**content, "settings": edited}))
        check_output(capfd, "runs", "theirs")
        check_output(capfd, "runs", "theirs", "--json")
        check_output(capfd, "train", "--resume", "theirs", "--epochs", "1")
        check_output(capfd, "evaluate", "theirs")


@given(text=HOSTILE)
@settings(FEW, max_examples=20)
def test_exceptions_of_a_users_function(text: str, capfd: Capture) -> None:
    Path("raising_text.py").write_text(f"def f(x): raise RuntimeError({text!r} + str(x))\n")
    check_output(capfd, "descend", "raising_text:f", "--race", codes=(2,))
    check_output(capfd, "gradcheck", "raising_text:f", "--at", "1,2", codes=(2,))


@given(st.text())
def test_the_filter_keeps_exactly_the_printable_text(text: str) -> None:
    shown = visible(text)
    assert not UNWANTED.search(shown)
    assert "\n" not in shown
    if text.isprintable():
        assert shown == text


@pytest.fixture(autouse=True)
def _users_modules_are_forgotten() -> Iterator[None]:
    import sys

    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith("raising_"):
            del sys.modules[name]
