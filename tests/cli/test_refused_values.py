"""Wrong values for every option of every command: one line on stderr that names the flag."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import typer

from command_line import Capture
from mitbadak.cli.app import main
from mitbadak.cli.commands import app
from mitbadak.cli.given import OWNERS
from mitbadak.cli.train_flags import GROUPS

HANGUL = re.compile("[가-힣]")
ENGLISH_SENTENCE = re.compile(r"(?<![\w.'/-])(?:[a-z]{2,} ){3,}[a-z]{2,}")
LINES = {  # that succeed at once with values that are right
    "train": "train t.csv --epochs 0 --hidden 2 --engine numpy --quiet --out new",
    "evaluate": "evaluate run",
    "predict": "predict run t.csv",
    "runs": "runs run",
    "descend": "descend sphere --steps 1",
    "gradcheck": "gradcheck run --examples 2",
    "diagnose": "diagnose sound.py",
    "export": "export run net.onnx",
    "data": "data",
    "book": "book sound.py",
    "lab": "lab",  # all values here are refused before it opens
    "tune": "tune t.csv --try lr=0.1,0.2 --trials 1 --epochs 0 --hidden 2 --engine numpy --quiet "
    "--out new",
}
OTHER_LINES = {"gradcheck --at": "gradcheck bowls:f", "train --resume": "train"}
LAST = "--lang"  # each command has it
WRONG = ("x", "-1", "nan", "1e999", "no/such/folder/a.xyz", "")
TAKE_ANYTHING = {  # texts that can stand in a file, or places that can be made
    "train --missing", "train --out", "train --header", "export --name", "book --figures",
}  # fmt: skip
OWNER = re.compile(rf"(?<![\w'-])({'|'.join(sorted(OWNERS))}|(?!Known)[A-Z]\w+): ")


def options() -> list[tuple[str, Any]]:
    """Every option that takes a value, with the command that has it."""
    below = getattr(typer.main.get_command(app), "commands", {})
    return [
        (name, param)
        for name, command in below.items()
        for param in command.params
        if param.param_type_name == "option" and not getattr(param, "is_flag", False)
        if name != "tune" or getattr(param, "rich_help_panel", None) not in GROUPS  # as of train
    ]


OPTIONS = [pytest.param(name, param, id=f"{name} {param.opts[0]}") for name, param in options()]
ARGUMENTS = {param.name for _, param in options() if "_" in (param.name or "")}
IN_PYTHON = re.compile(
    rf"(?<![\w'\".-])({'|'.join([*sorted(ARGUMENTS), 'step_num', 'init_x'])})(?![\w'-])"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table, a run on it, and a script."""
    folder = tmp_path_factory.mktemp("refused")
    rows = "".join(f"{k % 7}.5,{k % 5},{'uv'[k % 2]}\n" for k in range(40))
    (folder / "t.csv").write_text(f"a,b,kind\n{rows}")
    (folder / "sound.py").write_text("print(1)\n")
    (folder / "bowls.py").write_text("def f(x):\n    return (x * x).sum()\n")
    how = ["--epochs", "1", "--hidden", "2", "--engine", "numpy", "--quiet"]
    assert main(["train", str(folder / "t.csv"), *how, "--out", str(folder / "run")]) == 0
    return folder


@pytest.mark.parametrize(("name", "option"), OPTIONS)
def test_a_wrong_value_is_refused_by_the_name_of_its_flag(
    name: str, option: Any, folder: Path, capfd: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    if name == "tune":
        pytest.importorskip("optuna")
    monkeypatch.setattr("mitbadak.book.process.start", lambda *_: 0)  # another process would
    flag = option.opts[0]
    line = without(flag, OTHER_LINES.get(f"{name} {flag}", LINES[name]).split())
    refused = 0
    for value in WRONG:
        for lang in ("en", "ko"):
            spoken = [] if flag == LAST else [LAST, lang]
            given = [*line[:1], *spoken, f"{flag}={value}", *line[1:]]
            shutil.rmtree("new", ignore_errors=True)
            capfd.readouterr()
            code = main(given)
            message = capfd.readouterr().err
            if code == 0:
                break  # a value that this option takes
            refused += 1
            assert code == 2, (given, message)
            assert re.fullmatch(r"mitbadak: [^\n]+\n", message), (given, message)
            said = message.removeprefix("mitbadak: ")
            assert any(o in said for o in (*option.opts, *option.secondary_opts)), (given, said)
            assert not OWNER.search(said), (given, said)
            assert not IN_PYTHON.search(said), (given, said)
            if flag != LAST:
                assert bool(HANGUL.search(said)) == (lang == "ko"), (given, said)
                assert lang == "en" or not ENGLISH_SENTENCE.search(said), (given, said)
    assert refused or f"{name} {flag}" in TAKE_ANYTHING


def without(flag: str, words: list[str]) -> list[str]:
    """A line without a flag and its value."""
    if flag not in words:
        return words
    place = words.index(flag)
    return words[:place] + words[place + 2 :]


def test_every_command_is_tried() -> None:
    assert set(LINES) == {name for name, _ in options()}


MISSING_THINGS = {  # each repeats the argument, which has no flag
    "train": "no-such-set", "evaluate": "no-such-run", "predict": "no-such-run",
    "gradcheck": "no-such-run", "diagnose": "no-such-script.py", "export": "no-such-run net.onnx",
    "tune": "no-such-set --try lr=0.1,0.2", "book": "no-such-script.py", "runs": "no-such-run",
    "descend": "no-such-surface",
}  # fmt: skip
SWITCHES = [
    pytest.param(name, param.opts[0], id=f"{name} {param.opts[0]}")
    for name, command in getattr(typer.main.get_command(app), "commands", {}).items()
    for param in command.params
    if getattr(param, "is_flag", False) and name in MISSING_THINGS and param.opts[0] != "--help"
]


@pytest.mark.parametrize(("name", "switch"), SWITCHES)
def test_a_switch_is_not_blamed_for_an_argument(
    name: str, switch: str, folder: Path, capfd: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    main([name, switch, *MISSING_THINGS[name].split()])
    before = capfd.readouterr().err
    main([name, *MISSING_THINGS[name].split(), switch])
    after = capfd.readouterr().err
    for message in (before, after):
        assert not re.search(rf"^mitbadak: {re.escape(switch)}: ", message, re.MULTILINE)


def test_an_empty_value_is_not_blamed_for_an_argument(folder: Path, capfd: Capture) -> None:
    assert main(["train", "no-such-set", "--out", ""]) == 2
    assert "mitbadak: unknown data 'no-such-set'" in capfd.readouterr().err
