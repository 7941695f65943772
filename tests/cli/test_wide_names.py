"""Names of classes in wide letters, in every table of the commands and in both languages."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.cells import cell_len

from command_line import Capture, Screen, printed
from mitbadak.cli import terminal
from mitbadak.cli.app import main
from mitbadak.optim import OPTIMIZERS

pytestmark = pytest.mark.skipif(os.name == "nt", reason="names of files in other scripts")
CLASSES = ("cat", "고양이", "犬", "ne\u0301", "😀")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs on a table and on pictures whose classes have such names."""
    folder = tmp_path_factory.mktemp("wide")
    rows = "".join(f"{k % 5},{k % 7},{CLASSES[k % 5]}\n" for k in range(100))
    (folder / "표.csv").write_text(f"가,b,kind\n{rows}", encoding="utf-8")
    rng = np.random.default_rng(0)
    for k, name in enumerate(CLASSES):
        (folder / "그림" / name).mkdir(parents=True)
        for i in range(10):
            pixels = rng.integers(0, 60, (8, 8)).astype(np.uint8)
            pixels[k : k + 3, 2:6] = 255
            Image.fromarray(pixels).save(folder / "그림" / name / f"{i}.png")
    for data, run in (("표.csv", "표"), ("그림", "사진")):
        args = ["--epochs", "3", "--engine", "numpy", "--quiet", "--out", str(folder / run)]
        assert main(["train", str(folder / data), *args]) == 0
    return folder


@pytest.fixture(autouse=True)
def _in_the_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


def edges(lines: list[str], pattern: str) -> set[tuple[int, ...]]:
    """The cells at which the groups of a pattern end, for each line."""
    found = set()
    for line in lines:
        match = re.search(pattern, line)
        assert match is not None, line
        ends = range(1, (match.lastindex or 0) + 1)
        found.add(tuple(cell_len(line[: match.end(k)]) for k in ends))
    return found


LANGUAGES = pytest.mark.parametrize("lang", ["en", "ko"])


@LANGUAGES
@pytest.mark.parametrize("run", ["표", "사진"])
def test_the_rows_of_evaluate_line_up(run: str, lang: str, capfd: Capture) -> None:
    lines = printed(capfd, "evaluate", run, "--lang", lang).splitlines()
    heading = next(
        k for k, line in enumerate(lines) if line.strip().startswith(("class", "클래스"))
    )
    table = lines[heading : heading + 1 + len(CLASSES)]
    assert len({cell_len(line) for line in table}) == 1, table
    assert len(edges(table, r"^ *(\S+) +(\S+) +(\S+) +(\S+) +(\S+)$")) == 1, table


@LANGUAGES
def test_the_answers_for_a_table_line_up(lang: str, capfd: Capture) -> None:
    lines = printed(capfd, "predict", "표", "표.csv", "--lang", lang).splitlines()
    assert len(lines) == 100
    assert len({cell_len(line) for line in lines}) == 1, lines[:5]


@LANGUAGES
def test_the_bars_for_pictures_line_up(lang: str, capfd: Capture) -> None:
    files = [str(path) for path in sorted(Path("그림").glob("*/0.png"))]
    lines = printed(capfd, "predict", "사진", *files, "--no-center", "--lang", lang).splitlines()
    *lines, _share = lines
    assert len(edges(lines, r"(\d\.\d{4})")) == 1, lines


@LANGUAGES
def test_the_runs_line_up(lang: str, capfd: Capture) -> None:
    heading, *rows = printed(capfd, "runs", ".", "--lang", lang).splitlines()
    starts = {cell_len(row[: re.search(r"finished|마침", row).start()]) for row in rows[:2]}  # type: ignore[union-attr]
    place = re.search("state|상태", heading)
    assert place is not None
    assert starts == {cell_len(heading[: place.start()])}


@LANGUAGES
def test_the_lines_of_epochs_line_up(lang: str, capfd: Capture, tmp_path: Path) -> None:
    out = printed(capfd, "train", "표.csv", "--epochs", "12", "--engine", "numpy", "--lang", lang,
                  "--out", str(tmp_path / "run"))  # fmt: skip
    lines = re.findall(r"^(?:epoch|에폭).*\d/12.*$", out, re.MULTILINE)
    assert len(lines) == 13
    assert len({cell_len(line) for line in lines}) == 1, lines


def narrow(monkeypatch: pytest.MonkeyPatch, encoding: str, *args: str) -> list[str]:
    """What a command prints on a stream of another encoding."""
    stream = Screen(encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    assert main(list(args)) == 0
    return stream.lines()


@LANGUAGES
@pytest.mark.parametrize("encoding", ["cp1252", "cp949", "ascii"])
def test_columns_line_up_where_letters_must_be_escaped(
    encoding: str, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    say = ["--lang", lang]
    evaluated = narrow(monkeypatch, encoding, "evaluate", "표", *say)
    table = [
        line for line in evaluated if re.search(r"\d\.\d{4} +\d\.\d{4} +\d\.\d{4} +\d+$", line)
    ]
    assert len(table) == len(CLASSES)
    assert len({cell_len(line) for line in table}) == 1, table
    predicted = narrow(monkeypatch, encoding, "predict", "표", "표.csv", *say)
    assert len({cell_len(line) for line in predicted}) == 1, predicted[:5]
    files = [str(path) for path in sorted(Path("그림").glob("*/0.png"))]
    bars = narrow(monkeypatch, encoding, "predict", "사진", *files, "--no-center", *say)
    assert len(edges(bars[:-1], r"(\d\.\d{4})")) == 1, bars


@LANGUAGES
@pytest.mark.parametrize("width", [30, 40, 60, 100])
def test_a_race_is_not_cut_where_a_terminal_is_narrow(
    width: int, lang: str, capfd: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal, "PIPE_WIDTH", width)  # as wide as a terminal would be
    capfd.readouterr()
    how = ("descend", "beale", "--race", "--steps", "5", "--lr", "0.01", "--lang", lang)
    assert main(list(how)) == 0
    lines = capfd.readouterr().out.splitlines()
    rows = [line.split() for line in lines if line.split()[0] in OPTIMIZERS]
    assert len(rows) == len(OPTIMIZERS)
    assert all(cell_len(line) <= width for line in lines if line.split()[0] in OPTIMIZERS)
    assert not any("…" in line for line in lines)
    numbers = [[word for word in row[1:] if re.fullmatch(r"\d[\d.e+-]*", word)] for row in rows]
    assert all(numbers), rows
