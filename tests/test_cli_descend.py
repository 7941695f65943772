"""``mitbadak descend``: on the surfaces that ship, and on functions of one's own."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from command_line import Capture, printed, refused


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("surface", ["sphere", "ellipse"])
def test_a_descent_ends_with_its_point_and_a_verdict(surface: str, capfd: Capture) -> None:
    lines = printed(capfd, "descend", surface, "--steps", "2000").splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("x = [")
    assert lines[1].startswith("converged: the gradient fell from")


def test_a_descent_prints_each_step_when_asked(capfd: Capture) -> None:
    args = ("descend", "sphere", "--steps", "3", "--trace", "--start=1,-2", "--lr", "0.25")
    lines = printed(capfd, *args).splitlines()
    # x halves at every step: x - 0.25 * 2 x.
    assert [line[:26] for line in lines[:3]] == [
        "step 1: x [ 1. -2.]  gradi", "step 2: x [ 0.5 -1. ]  gra", "step 3: x [ 0.25 -0.5 ]  g",
    ]  # fmt: skip
    assert len(lines) == 5


def test_a_descent_as_json_holds_its_path(capfd: Capture) -> None:
    found = json.loads(printed(capfd, "descend", "sphere", "--steps", "2", "--json"))
    assert set(found) == {
        "function", "optimizer", "x", "f", "lr", "status", "explanation", "stability_limit", "path",
    }  # fmt: skip
    assert (found["function"], len(found["path"])) == ("sphere", 3)
    assert (found["path"][0], found["path"][-1]) == ([-3.0, 4.0], found["x"])


def test_a_descent_is_drawn_as_png(capfd: Capture) -> None:
    out = printed(capfd, "descend", "ellipse", "--picture", "path.png")
    assert out.endswith("picture: path.png\n")
    assert Path("path.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


MODULE = r"""
def bowl(x): return ((x - 3) ** 2).sum()
def broken(x): raise ZeroDivisionError("of\nmine")
def vector(x): return x
number = 3
"""


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> None:
    """A module of the user's in the folder where the command is called."""
    Path("my_surfaces.py").write_text(MODULE)
    Path("failing.py").write_text("raise RuntimeError('at import')")
    monkeypatch.delitem(sys.modules, "my_surfaces", raising=False)


@pytest.mark.usefixtures("module")
def test_a_function_of_ones_own_descends(capfd: Capture) -> None:
    before = list(sys.path)
    out = printed(capfd, "descend", "my_surfaces:bowl", "--start=0,0,0", "--json")
    assert json.loads(out)["x"] == pytest.approx([3, 3, 3], abs=1e-6)
    assert sys.path == before


@pytest.mark.usefixtures("module")
@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["spere"], "unknown surface 'spere'; did you mean 'sphere'"),
        (["my_surfaces:bow"], "'bow'; did you mean 'bowl'. Known: bowl, broken, vector"),
        (["my_surfaces:number"], "unknown function of module 'my_surfaces' 'number'"),
        (["my_surfaces:broken"], "broken failed at --start=-3,4: ZeroDivisionError: of mine"),
        (["my_surfaces:vector"], r"expects f to return one real number; got .*shape \(2,\)"),
        (["my_surface:bowl"], "cannot import 'my_surface': ModuleNotFoundError"),
        (["failing:f"], "cannot import 'failing': RuntimeError: at import"),
        (["sphere", "--start", "3;4"], "--start expects numbers such as -3,4; got '3;4'"),
        (["sphere", "--start="], "--start expects numbers such as -3,4; got ''"),
        (["sphere", "--start=nan,1"], "expects a finite start"),
        (["ellipse", "--start=1"], "ellipse failed at --start=1: IndexError"),
        (["sphere", "--lr", "0"], "lr must be a finite number above 0"),
        (["sphere", "--steps", "-1"], "step_num must be .*at least 0"),
        (["sphere", "--start=1", "--picture", "p.png"], "needs a function of two numbers"),
    ],
)
def test_a_descent_that_cannot_be_is_refused(args: list[str], said: str, capfd: Capture) -> None:
    assert re.search(said, refused(capfd, "descend", *args))
    assert not Path("p.png").exists()
