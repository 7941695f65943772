"""Files that a command writes: in the format that their name says, and named at the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from command_line import Capture, printed, refused
from mitbadak.core.errors import UnknownNameError
from mitbadak.plots import new_figure, save_figure

BEGINNINGS = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("suffix", [*BEGINNINGS, ".SVG"])
def test_a_picture_has_the_format_of_its_name(suffix: str, capfd: Capture) -> None:
    path = Path(f"a{suffix}")
    assert f"picture: {path}" in printed(capfd, "descend", "sphere", "--picture", str(path))
    assert path.read_bytes().startswith(BEGINNINGS[suffix.lower()])
    first = path.read_bytes()
    printed(capfd, "descend", "sphere", "--picture", str(path))
    assert path.read_bytes() == first  # no date, and no random names in it


@pytest.mark.parametrize(("arguments", "said"), [
    (["descend", "sphere", "--picture", "a.jpg"], "should end in .png, .svg or .pdf"),
    (["descend", "sphere", "--picture", "a"], "should end in .png"),
    (["descend", "sphere", "--gif", "a.mp4"], "should end in .gif"),
    (["runs", "--plot", "a.webp"], "should end in .png"),
])  # fmt: skip
def test_another_format_is_refused_before_any_work(
    arguments: list[str], said: str, capfd: Capture
) -> None:
    assert said in refused(capfd, *arguments)
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("name", ["a.jpg", "a", "a.svgz"])
def test_python_refuses_the_same_formats(name: str) -> None:
    with pytest.raises(UnknownNameError, match="suffix of a picture"):
        save_figure(new_figure(), name)


def test_answers_in_a_file_are_not_printed_too(capfd: Capture) -> None:
    printed(capfd, "train", "xor", "--epochs", "1", "--out", "run", "--quiet")
    Path("new.csv").write_text("x0,x1\n" + "0.1,0.2\n" * 50)
    output = printed(capfd, "predict", "run", "new.csv", "--out", "answers.csv")
    assert output == "50 answers, each a row of the file\nanswers: answers.csv\n"
    assert len(Path("answers.csv").read_text().splitlines()) == 51
    assert len(printed(capfd, "predict", "run", "new.csv").splitlines()) == 50
    assert "should end in .csv" in refused(capfd, "predict", "run", "new.csv", "--out", "a.xlsx")
