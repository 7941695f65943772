"""Advice names what its reader can type: flags on the command line, arguments in Python."""

from __future__ import annotations

import ast
import dataclasses
import re
import shlex
from typing import Any

import pytest
import typer
from hypothesis import given, strategies as st

from command_line import Capture
from messages import SOURCE, files_of, texts_of
from mitbadak.cli.app import main
from mitbadak.cli.commands import app
from mitbadak.cli.flags import OF_PREDICT, as_flags
from mitbadak.data.tables.options import split_names, typed
from mitbadak.runs.config import TrainConfig

SETTINGS = [setting.name for setting in dataclasses.fields(TrainConfig)]
LIBRARY = sorted({path.relative_to(SOURCE).parts[0] for path in SOURCE.glob("*/*.py")} - {"cli"})
FLAG = re.compile(r"(?<![\w-])--[a-z][a-z\d-]*")
ARGUMENT = re.compile(rf"(?<![\w.(-])({'|'.join([*SETTINGS, *OF_PREDICT])})=(?![\s=])")


def known_flags() -> set[str]:
    command = typer.main.get_command(app)
    below = getattr(command, "commands", {}).values()
    params = [param for one in (command, *below) for param in one.params]
    return {name for p in params for name in (*p.opts, *p.secondary_opts)} | {"--help"}


@pytest.mark.parametrize("room", LIBRARY)
def test_the_library_names_no_flags_but_in_whole_commands(room: str) -> None:
    """Code and messages of the library; its docstrings may tell of the command line."""
    docs = {text for path in files_of(room) for text in _docstrings(path.read_text("utf-8"))}
    texts = {t for t in texts_of(room) if t not in docs and FLAG.search(t) and " " in t}
    assert not {text for text in texts if not re.search("mitbadak (train|tune) ", text)}


def _docstrings(source: str) -> set[str]:
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    nodes: list[Any] = [node for node in ast.walk(ast.parse(source)) if isinstance(node, kinds)]
    return {ast.get_docstring(node, clean=False) or "" for node in nodes}


def test_every_flag_of_an_advice_exists() -> None:
    """Also of one that is made of an argument."""
    flags = known_flags()
    for room in (*LIBRARY, "cli"):
        # The lab's widgets take settings of their own.
        own = {t for path in files_of(room) for t in _docstrings(path.read_text("utf-8"))}
        for text in set(texts_of(room)) - (own if room == "lab" else set()):
            for flag in FLAG.findall(as_flags(text)) if ARGUMENT.search(text) else ():
                assert flag in flags, text


FAILING = (
    "train spiral --early-stopping 3", "train spiral --size 20", "train spiral --scale-targets",
    "train mnist --label x", "train mnist --engine compiled --dtype float64 --epochs 1",
    "train two.csv", "train one.csv", "train strays.csv", "train many.csv --targets classes",
    "train text.csv --targets numbers", "train headless.csv", "train mnist --shift -1",
    "train text.csv --loss softmax_cross_entropy --targets numbers", "train latin.csv",
)  # fmt: skip


@pytest.fixture
def _tables(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    many = "".join(f"{k},{k / 7}\n" for k in range(60))
    files = {
        "two.csv": "label,b,c\n" + "1,2,3\n2,3,4\n" * 9,
        "one.csv": "a\n1\n2\n",
        "strays.csv": "a,t\n" + many + "x,1.5\n",
        "many.csv": "a,t\n" + many,
        "text.csv": "a,t\n" + "1,x\n2,y\n" * 9,
        "headless.csv": "1,2,0\n3,4,1\n" * 9,
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "latin.csv").write_bytes("é한,t\n1,2\n".encode() + b"\xff\n")


@pytest.mark.usefixtures("_tables")
@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("line", FAILING)
def test_a_command_names_flags_that_it_has(line: str, lang: str, capfd: Capture) -> None:
    main([*line.split(), "--lang", lang])
    err = capfd.readouterr().err
    messages = "\n".join(m for m in err.splitlines() if m.startswith("mitbadak: "))
    assert not ARGUMENT.search(messages), messages
    assert set(FLAG.findall(messages)) <= known_flags(), messages


NAMES = st.lists(st.text("ab,\"' #한\\", min_size=1).map(str.strip).filter(bool), min_size=1)


@given(st.sampled_from(["drop", "keep", "missing", "categories"]), NAMES)
def test_an_argument_becomes_a_flag_that_means_the_same(name: str, names: list[str]) -> None:
    """Whatever the names of columns, Python and the shell read the same list."""
    argument = typed(name, names)
    value = eval(argument.partition("=")[2])
    words = shlex.split(as_flags(f"Use {argument}."))
    assert words[:2] == ["Use", f"--{name}"]
    assert words[2] == f"{value}."
    assert split_names(value) == split_names(words[2][:-1])


def test_calls_in_python_stay_as_they_are() -> None:
    for text in ("fit(net, x, t, lr=0.1)", "SGD(lr=1.0)", "a.label=3", "x_size=3"):
        assert as_flags(text) == text
