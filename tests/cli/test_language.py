"""A reader chooses a language once, and every command speaks it; JSON never changes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from command_line import Capture, names_of_commands
from mitbadak.cli.app import main
from mitbadak.core.errors import UnknownNameError
from mitbadak.core.languages import language_of

pytestmark = pytest.mark.once  # every command, in both languages

HANGUL = re.compile("[가-힣]")
# What stays English in any language: names of this package, of settings, of columns, and the like.
ENGLISH_SENTENCE = re.compile(r"(?<![\w.'/-])(?:[a-z]{2,} ){3,}[a-z]{2,}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run on points and one on a table."""
    folder = tmp_path_factory.mktemp("language")
    kinds = ("고양이", "개", "고양이")
    rows = "".join(f"{k % 7},{'가나'[k % 2]},{k % 5}.5,{kinds[k % 3]}\n" for k in range(60))
    (folder / "t.csv").write_text(f"a,b,c,kind\n{rows}", encoding="utf-8")
    (folder / "faulty.py").write_text("params -= lr + grads\n", encoding="utf-8")
    for data, name in (("spiral", "run"), (str(folder / "t.csv"), "table")):
        args = ["--epochs", "3", "--quiet", "--engine", "numpy", "--out", str(folder / name)]
        assert main(["train", data, *args, "--lang", "en"]) == 0
    return folder


@pytest.fixture(autouse=True)
def _in_the_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


GOOD = {
    "train": "train moons --epochs 3 --out DIR/new",
    "checkup": "train moons --checkup",
    "doctor": "train moons --epochs 8 --lr 1e-9 --doctor --out DIR/slow",
    "own": "train t.csv --epochs 3 --out DIR/own",
    "evaluate": "evaluate run",
    "predict": "predict table t.csv",
    "runs": "runs .",
    "descend": "descend sphere --lr 1.5",
    "race": "descend rosenbrock --race --steps 20",
    "gradcheck": "gradcheck run",
    "diagnose": "diagnose run faulty.py",
    "export": "export run DIR.c",
    "book": "book --help",
    "lab": "lab --help",
    "tune": "tune --help",
    "data": "data",
    "help": "train --help",
    "all": "--help",
}
BAD = (
    "train --nonsense", "train nowhere", "train spiral --optimizer sdg", "train spiral --lr -1",
    "train spiral --epochs many", "train spiral --early-stopping 3", "train spiral --size 20",
    "train t.csv --label nothing", "train t.csv --targets numbers", "train --resume nowhere",
    "train spiral --batch-size 1000", "train spiral --hidden x", "train spiral --out run",
    "evaluate nowhere", "evaluate t.csv", "predict run t.csv", "predict table nowhere.csv",
    "runs nowhere", "runs . --sort size", "descend nothing", "descend sphere --start x",
    "descend sphere --race --trace", "gradcheck nowhere", "diagnose nowhere", "nonsense",
    "evaluate", "predict run", "evaluate run one two", "train one two", "train --epochs",
    "descend beale --start 1", "export run net.c --name 1-x", "export run net.onnx --opset 3",
    "train t.csv --drop nothing", "train t.csv --drop a,b,c", "train spiral --init lecunn",
    "train spiral --orientation x", "train spiral --best-by x", "train spiral --delimiter x",
)  # fmt: skip


def spoken(capfd: Capture, line: str, *args: str) -> tuple[str, str]:
    capfd.readouterr()
    main([*line.replace("DIR", "out").split(), *args])
    return capfd.readouterr()


@pytest.mark.parametrize("name", GOOD)
def test_a_command_speaks_korean(name: str, capfd: Capture, tmp_path: Path) -> None:
    line = GOOD[name].replace("DIR", str(tmp_path))
    out, _ = spoken(capfd, line, "--lang", "ko")
    assert HANGUL.search(out)
    english = [text for text in out.splitlines() if ENGLISH_SENTENCE.search(text)]
    assert not english, english


@pytest.mark.parametrize("line", BAD)
def test_a_command_refuses_in_korean(line: str, capfd: Capture) -> None:
    _, err = spoken(capfd, line, "--lang", "ko")
    assert re.fullmatch("mitbadak: [^\n]+\n", err), err
    assert HANGUL.search(err), err
    assert not ENGLISH_SENTENCE.search(err), err


def test_every_command_is_tried() -> None:
    assert {line.split()[0] for line in GOOD.values()} >= set(names_of_commands())


@pytest.mark.parametrize("line", [GOOD["train"], GOOD["runs"], GOOD["gradcheck"], *BAD[:4]])
def test_english_has_no_hangul(line: str, capfd: Capture, tmp_path: Path) -> None:
    out, err = spoken(capfd, line.replace("DIR", str(tmp_path)))
    assert not HANGUL.search(re.sub("고양이|개|가|나", "", out + err))


@pytest.mark.parametrize("name", ["evaluate", "predict", "runs", "descend", "gradcheck", "data"])
def test_json_is_the_same_in_every_language(name: str, capfd: Capture) -> None:
    english, korean = (
        json.loads(spoken(capfd, GOOD[name], "--json", "--lang", lang)[0]) for lang in ("en", "ko")
    )
    for result in (english, korean):
        result.pop("seconds", None)
    assert english == korean


SURROUNDINGS = {
    "nothing": ({}, "en"),
    "Korean locale": ({"LANG": "ko_KR.UTF-8"}, "ko"),
    "another": ({"LANG": "de_DE.UTF-8"}, "en"),
    "C": ({"LC_ALL": "C", "LANG": "ko_KR.UTF-8"}, "en"),
    "messages": ({"LC_MESSAGES": "ko_KR", "LANG": "en_US.UTF-8"}, "ko"),
    "chosen English": ({"MITBADAK_LANG": "en", "LANG": "ko_KR.UTF-8"}, "en"),
    "chosen Korean": ({"MITBADAK_LANG": "ko", "LC_ALL": "C"}, "ko"),
    "Kosovo is not Korea": ({"LANG": "kok_IN"}, "en"),
}


@pytest.mark.parametrize(("variables", "lang"), SURROUNDINGS.values(), ids=list(SURROUNDINGS))
def test_the_surroundings_choose(
    variables: dict[str, str], lang: str, capfd: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert language_of(variables) == lang
    monkeypatch.delenv("MITBADAK_LANG", raising=False)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    out, _ = spoken(capfd, "evaluate run")
    assert bool(HANGUL.search(out)) == (lang == "ko")


def test_a_locale_does_not_choose_what_the_output_cannot_show() -> None:
    assert language_of({"LANG": "ko_KR"}, readable=False) == "en"
    assert language_of({"MITBADAK_LANG": "ko"}, readable=False) == "ko"


def test_the_flag_wins_wherever_it_stands(capfd: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MITBADAK_LANG", "ko")
    for line in ("--lang en evaluate run", "evaluate run --lang en", "evaluate --lang=en run"):
        assert not HANGUL.search(spoken(capfd, line)[0])
    assert HANGUL.search(spoken(capfd, "evaluate run")[0])


def test_an_unknown_language_is_refused(capfd: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "unknown language 'kr'; did you mean 'ko'?" in spoken(capfd, "runs . --lang kr")[1]
    monkeypatch.setenv("MITBADAK_LANG", "klingon")
    assert "MITBADAK_LANG 'klingon'" in spoken(capfd, "runs .")[1]
    assert HANGUL.search(spoken(capfd, "runs . --lang ko")[0])
    with pytest.raises(UnknownNameError, match="MITBADAK_LANG"):
        language_of({"MITBADAK_LANG": "klingon"})


def test_the_help_names_no_option_in_english_only(capfd: Capture) -> None:
    """Each command's help, with the options of all of them."""
    for name in names_of_commands():
        out, _ = spoken(capfd, f"{name} --help", "--lang", "ko")
        assert not ENGLISH_SENTENCE.search(out), out
        assert "required" not in out
        assert "…" not in out
