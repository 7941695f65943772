"""``mitbadak descend``, on the named surfaces and on a user's functions."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from command_line import Capture, printed, refused
from mitbadak.cli import terminal
from mitbadak.cli.app import main
from mitbadak.optim import OPTIMIZERS


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(terminal, "QUIET_SECONDS", 600.0)  # the machine may be busy


@pytest.mark.parametrize("surface", ["sphere", "ellipse"])
def test_a_descent_ends_with_its_point_and_a_verdict(surface: str, capfd: Capture) -> None:
    lines = printed(capfd, "descend", surface, "--steps", "2000").splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("x = [")
    assert lines[1].startswith("converged: the gradient fell from")


def test_trace_prints_every_step(capfd: Capture) -> None:
    args = ("descend", "sphere", "--steps", "3", "--trace", "--start=1,-2", "--lr", "0.25")
    lines = printed(capfd, *args).splitlines()
    # x halves at every step: x - 0.25 * 2 x.
    assert [line[:26] for line in lines[:3]] == [
        "step 1: x [ 1. -2.]  gradi", "step 2: x [ 0.5 -1. ]  gra", "step 3: x [ 0.25 -0.5 ]  g",
    ]  # fmt: skip
    assert len(lines) == 5


def test_the_json_of_a_descent_has_its_path(capfd: Capture) -> None:
    report = json.loads(printed(capfd, "descend", "sphere", "--steps", "2", "--json"))
    assert set(report) == {
        "function", "optimizer", "x", "f", "lr", "status", "explanation", "stability_limit", "path",
    }  # fmt: skip
    assert (report["function"], len(report["path"])) == ("sphere", 3)
    assert (report["path"][0], report["path"][-1]) == ([-3.0, 4.0], report["x"])


def test_a_descent_is_drawn_as_png(capfd: Capture) -> None:
    out = printed(capfd, "descend", "ellipse", "--picture", "path.png")
    assert out.endswith("picture: path.png\n")
    assert Path("path.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_a_descent_with_an_optimizer_starts_at_the_default_of_its_surface(capfd: Capture) -> None:
    args = ("descend", "rosenbrock", "--optimizer", "adam", "--lr", "0.1", "--steps", "50")
    report = json.loads(printed(capfd, *args, "--json"))
    assert (report["path"][0], report["optimizer"], report["lr"]) == ([-1.2, 1.0], "adam", 0.1)
    assert report["stability_limit"] == pytest.approx(0.0019968, rel=1e-4)
    assert printed(capfd, *args).startswith("x = [")


def test_a_rate_above_the_stability_limit_is_reported(capfd: Capture) -> None:
    out = printed(capfd, "descend", "ellipse", "--lr", "1.05", "--steps", "40")
    assert "lr 1.05 is above the stability limit 2/lambda = 1 at (0, 0)" in out
    assert "stability" not in printed(capfd, "descend", "ellipse", "--lr", "0.95")


def test_a_saddle_is_reported(capfd: Capture) -> None:
    assert "this is a saddle, not a minimum" in printed(capfd, "descend", "saddle", "--start=1,0")
    assert "lower bound" in printed(capfd, "descend", "saddle")


def test_a_race_is_printed_as_a_table_with_the_lowest_first(capfd: Capture) -> None:
    out = printed(capfd, "descend", "ellipse", "--race", "--steps", "10")
    assert "ellipse from (-7, 2), 10 steps" in out
    rows = [line.split() for line in out.splitlines() if line.startswith(tuple(OPTIMIZERS))]
    assert {row[0] for row in rows} == set(OPTIMIZERS)
    heights = [float(row[3]) for row in rows]
    assert heights == sorted(heights)
    assert "stability limit of sgd, 2/lambda: 1 at (0, 0)" in out


def test_the_json_of_a_race_has_every_optimizer(capfd: Capture) -> None:
    args = ("descend", "beale", "--race", "--steps", "10", "--lr", "0.01", "--json")
    report = json.loads(printed(capfd, *args))
    assert (report["function"], report["start"], report["steps"]) == ("beale", [1, 1], 10)
    assert set(report["optimizers"]) == set(OPTIMIZERS)
    for result in report["optimizers"].values():
        assert set(result) == {"x", "f", "lr", "status", "explanation"}
        assert result["lr"] == 0.01


def test_nonfinite_numbers_are_null_in_json(capfd: Capture) -> None:
    out = printed(capfd, "descend", "rosenbrock", "--race", "--lr", "1e60", "--json")
    report = json.loads(out, parse_constant=pytest.fail)
    assert report["optimizers"]["sgd"]["f"] is None


def test_a_race_is_drawn_and_animated(capfd: Capture) -> None:
    out = printed(
        capfd, "descend", "himmelblau", "--race", "--steps", "5", "--lr", "0.01",
        "--picture", "r.png", "--gif", "r.gif",
    )  # fmt: skip
    assert out.endswith("picture: r.png\npicture: r.gif\n")
    assert Path("r.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert Path("r.gif").read_bytes().startswith(b"GIF89a")


@pytest.mark.filterwarnings("default::mitbadak.core.errors.MitbadakWarning")
@pytest.mark.parametrize(
    "args",
    ["--race --steps 5 --lr 0.01 --picture a.png --gif a.gif", "--steps 3 --picture a.png"],
)
def test_descents_are_drawn_in_korean(args: str, capfd: Capture, korean) -> None:
    """Without a Korean font, a warning says what to install, and the words are English."""
    hint = "" if korean.has_font else korean.HINT_IN_KOREAN
    out = printed(capfd, "descend", "sphere", *args.split(), "--lang", "ko", warning=hint)
    assert out.count("그림: ") == args.count("a.")


def test_long_work_reports_its_progress(monkeypatch: pytest.MonkeyPatch, capfd: Capture) -> None:
    monkeypatch.setattr(terminal, "QUIET_SECONDS", -1.0)
    assert main(["descend", "sphere", "--race", "--steps", "2", "--lr", "0.1"]) == 0
    assert "race: sgd, lr 0.1 (1 of " in capfd.readouterr().err


def test_a_single_descent_is_animated_too(capfd: Capture) -> None:
    printed(capfd, "descend", "sphere", "--steps", "3", "--gif", "s.gif")
    assert Path("s.gif").read_bytes().startswith(b"GIF89a")


MODULE = r"""
def bowl(x): return ((x - 3) ** 2).sum()
def broken(x): raise ZeroDivisionError("of\nmine")
def vector(x): return x
number = 3
"""


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user's module in the current folder."""
    Path("my_surfaces.py").write_text(MODULE)
    Path("failing.py").write_text("raise RuntimeError('at import')")
    monkeypatch.delitem(sys.modules, "my_surfaces", raising=False)


@pytest.mark.usefixtures("module")
def test_a_users_function_is_minimized(capfd: Capture) -> None:
    before = list(sys.path)
    out = printed(capfd, "descend", "my_surfaces:bowl", "--start=0,0,0", "--json")
    assert json.loads(out)["x"] == pytest.approx([3, 3, 3], abs=1e-6)
    assert sys.path == before


@pytest.mark.usefixtures("module")
@pytest.mark.parametrize(
    ("args", "message"),
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
        (["sphere", "--start=nan,1"], "expects numbers such as -3,4; got 'nan,1'"),
        (["ellipse", "--start=1"], "--start: ellipse is a function of two numbers; got 1"),
        (["sphere", "--lr", "0"], "lr must be a finite number above 0"),
        (["sphere", "--steps", "-1"], "--steps must be .*at least 0"),
        (["sphere", "--start=1", "--picture", "p.png"], "needs a function of two variables"),
        (["sphere", "--start=1", "--gif", "p.gif"], "--gif needs a function of two variables"),
        (["sphere", "--gif", "nowhere/p.gif"], "--gif nowhere/p.gif: there is no folder nowhere"),
        (["sphere", "--lang", "kr"], "unknown language 'kr'; did you mean 'ko'"),
        (["sphere", "--optimizer", "adm"], "unknown optimizer 'adm'; did you mean 'adam'"),
        (["sphere", "--race", "--optimizer", "adam"], "leave out --optimizer and --trace"),
        (["sphere", "--race", "--trace"], "leave out --optimizer and --trace"),
        (["sphere", "--race", "--steps", "-1"], "--steps must be .*at least 0"),
        (["sphere", "--race", "--lr", "-1"], "lr must be a finite number above 0"),
        (["my_surfaces:broken", "--race"], "failed at --start=-3,4: ZeroDivisionError"),
    ],
)
def test_bad_input_is_refused_in_one_line(args: list[str], message: str, capfd: Capture) -> None:
    assert re.search(message, refused(capfd, "descend", *args))
    assert not Path("p.png").exists()
