"""Races have one line per optimizer, in a window that no diverging path can spoil."""

from __future__ import annotations

import contextlib
import inspect
import os
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.contour import QuadContourSet
from matplotlib.figure import Figure
from PIL import Image

from mitbadak.core.errors import RangeError, ShapeError
from mitbadak.descent import (
    SURFACES,
    Status,
    Surface,
    descend,
    ellipse,
    gradient_descent,
    himmelblau,
    race,
    rosenbrock,
    saddle,
    sphere,
)
from mitbadak.optim import OPTIMIZERS
from mitbadak.plots import (
    descent_path,
    descent_race,
    film,
    gif,
    new_figure,
    race_figure,
    race_heights,
    races,
    save_figure,
    save_race_gif,
)
from mitbadak.plots.words import KOREAN

pytestmark = pytest.mark.once

EACH = pytest.mark.parametrize("f", SURFACES.values(), ids=SURFACES)


@pytest.fixture
def ax() -> Axes:
    return new_figure().subplots()


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


@EACH
def test_a_race_has_a_complete_line_for_each_optimizer(f: Surface, ax: Axes) -> None:
    results = race(f, OPTIMIZERS, step_num=20, rates=[0.001])
    assert descent_race(results, f, ax) is ax
    lines = {str(line.get_label()): line for line in ax.get_lines()}
    for name, result in results.items():
        line = lines[f"{name} 0.001"]
        assert np.asarray(line.get_xydata()) == pytest.approx(result.path)
    shown = [lines[f"{name} 0.001"] for name in results]
    assert len({(line.get_color(), line.get_marker()) for line in shown}) == len(results)
    assert np.asarray(lines["start"].get_xydata()).tolist() == [f.start.tolist()]
    if len(f.minima):
        assert np.asarray(lines["minimum"].get_xydata()).tolist() == f.minima.tolist()
    assert (ax.get_xlim(), ax.get_ylim()) == f.window


def test_the_legend_gives_rate_last_height_and_status(ax: Axes) -> None:
    results = {"sgd": gradient_descent(sphere, [-3.0, 4.0], lr=0.25, step_num=2)}
    descent_race(results, sphere, ax)
    legend = ax.get_legend()
    assert legend is not None
    entries = [text.get_text() for text in legend.get_texts()]
    assert entries == ["start", "minimum", "sgd 0.25: f = 1.56, step limit"]  # 25 / 2^4


def test_the_legend_is_below_the_paths(ax: Axes) -> None:
    descent_race(race(rosenbrock, OPTIMIZERS, step_num=5, rates=[1e-3]), rosenbrock, ax)
    figure, legend = ax.get_figure(), ax.get_legend()
    assert figure is not None
    assert legend is not None
    figure.canvas.draw()
    assert legend.get_window_extent().y1 <= ax.get_window_extent().y0


def test_a_diverging_path_is_cut_and_labeled_and_does_not_change_the_window(ax: Axes) -> None:
    results = {
        "sgd": gradient_descent(ellipse, [-7.0, 2.0], lr=0.5, step_num=30),
        "wild": gradient_descent(ellipse, [-7.0, 2.0], lr=10.0, step_num=200),
    }
    descent_race(results, ellipse, ax)
    assert (ax.get_xlim(), ax.get_ylim()) == ellipse.window
    lines = {str(line.get_label()): np.asarray(line.get_xydata()) for line in ax.get_lines()}
    assert np.abs(lines["wild 10"]).max() < 200
    assert len(lines["wild 10"]) < 10
    legend = ax.get_legend()
    assert legend is not None
    entries = [text.get_text() for text in legend.get_texts()]
    assert entries[-1].endswith("gradient lost to rounding, leaves the picture")
    assert "leaves" not in entries[-2]


def test_a_path_that_swings_ever_wider_is_cut_where_it_first_leaves(ax: Axes) -> None:
    results = {"sgd": gradient_descent(ellipse, [-7.0, 2.0], lr=1.05, step_num=60)}
    descent_race(results, ellipse, ax)
    (line,) = (line for line in ax.get_lines() if line.get_label() == "sgd 1.05")
    shown = np.asarray(line.get_xydata())
    assert len(shown) < 20  # of 61
    assert np.abs(shown[-1] / [8, 4.5]).max() == pytest.approx(2)


def test_an_endless_fall_does_not_change_the_window(ax: Axes) -> None:
    descent_path(gradient_descent(saddle, saddle.start, 0.1), ax, saddle)
    assert (ax.get_xlim(), ax.get_ylim()) == saddle.window
    legend = ax.get_legend()
    assert legend is not None
    assert legend.get_texts()[1].get_text() == "end: ever steeper downhill, leaves the picture"


def test_the_window_grows_for_a_path_that_leaves_it_briefly(ax: Axes) -> None:
    results = {"sgd": gradient_descent(sphere, [-3.0, 4.8], lr=0.4, step_num=30)}
    descent_race(results, sphere, ax)
    assert ax.get_ylim() == (-4.5, 4.8)


def test_the_window_of_a_plain_function_covers_its_paths(ax: Axes) -> None:
    def bowl(x: np.ndarray) -> float:
        return float(np.sum((x - 30) ** 2))

    results = {"sgd": gradient_descent(bowl, [0.0, 10.0], lr=0.1, step_num=60)}
    descent_race(results, bowl, ax)
    assert ax.get_xlim()[0] < 0 < 30 < ax.get_xlim()[1] < 40
    assert ax.get_ylim()[0] < 10 < 30 < ax.get_ylim()[1] < 40


def test_a_race_that_never_leaves_its_start_can_be_drawn(ax: Axes) -> None:
    results = {"sgd": gradient_descent(lambda x: 1.0, [2.0, 2.0], step_num=3)}
    descent_race(results, lambda x: 1.0, ax)
    assert ax.get_xlim()[0] < 2 < ax.get_xlim()[1]


def test_level_lines_are_spaced_geometrically_if_heights_differ_much() -> None:
    spacing = {}
    for f in (rosenbrock, saddle):
        ax = new_figure().subplots()
        descent_race({"sgd": gradient_descent(f, f.start, 1e-4, 2)}, f, ax)
        (contours,) = (c for c in ax.collections if isinstance(c, QuadContourSet))
        spacing[f.name] = np.asarray(contours.levels, float)
    ratios = spacing["rosenbrock"][1:] / spacing["rosenbrock"][:-1]
    assert ratios == pytest.approx(np.full(len(ratios), ratios[0]))
    gaps = np.diff(spacing["saddle"])
    assert gaps == pytest.approx(np.full(len(gaps), gaps[0]))


def test_heights_are_drawn_per_step_on_a_logarithmic_axis(ax: Axes) -> None:
    results = race(ellipse, OPTIMIZERS, step_num=12, rates=[0.1])
    race_heights(results, ellipse, ax)
    assert ax.get_yscale() == "log"
    for line, result in zip(ax.get_lines(), results.values(), strict=True):
        steps, heights = np.asarray(line.get_xydata()).T
        assert list(steps) == list(range(13))
        assert heights == pytest.approx([ellipse(x) for x in result.path])
    assert ax.get_title() == "sgd: lr 0.1 < 2/λ = 1 (stability limit, x = (0, 0))"


def test_a_rate_above_the_stability_limit_is_in_the_title(ax: Axes) -> None:
    results = {"sgd": gradient_descent(ellipse, [-7.0, 2.0], 1.05, 40)}
    race_heights(results, ellipse, ax)
    assert ax.get_title().startswith("sgd: lr 1.05 ≥ 2/λ = 1")


def test_negative_heights_have_a_symlog_axis_and_no_limit(ax: Axes) -> None:
    race_heights(race(saddle, OPTIMIZERS, step_num=100), saddle, ax)
    assert ax.get_yscale() == "symlog"
    assert ax.get_title() == ""
    assert ax.get_ylim()[0] >= -1e7  # plain descent is at -1e11 by then


def test_heights_with_a_negative_minimum_have_a_linear_axis(ax: Axes) -> None:
    def f(x: np.ndarray) -> float:
        return float(np.sum(x**2)) - 3

    race_heights({"sgd": gradient_descent(f, [0.5, 0.5], 0.1, 20)}, f, ax)
    assert ax.get_yscale() == "linear"
    assert ax.get_ylim()[0] < -3 < -2.5 < ax.get_ylim()[1] < 0


def test_one_diverging_descent_does_not_flatten_the_heights_of_the_others(ax: Axes) -> None:
    results = {
        "sgd": gradient_descent(sphere, [-3.0, 4.0], lr=0.4, step_num=200),
        "wild": gradient_descent(sphere, [-3.0, 4.0], lr=3.0, step_num=200),
    }
    race_heights(results, sphere, ax)
    low, high = ax.get_ylim()
    assert high <= 25 * 2e3
    assert low >= 25e-12


@EACH
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_figure_of_a_race_is_saved_in_both_languages(
    f: Surface, lang: str, tmp_path: Path, korean
) -> None:
    results = race(f, OPTIMIZERS, step_num=15, rates=[0.01])
    with korean.hint() if lang == "ko" else contextlib.nullcontext():
        figure = race_figure(results, f, lang=lang)
    save_figure(figure, tmp_path / "a.png")  # a letter that is missing warns, and fails
    entries = texts(figure)
    for name in OPTIMIZERS:
        assert any(entry.startswith(f"{name} 0.01: f = ") for entry in entries)
    assert entries[0] == ("start" if lang == "en" else korean.word("출발점", "start"))
    legend = figure.legends[0].get_window_extent()
    assert legend.x0 >= 0
    assert legend.x1 <= figure.bbox.width


def test_every_label_of_a_race_has_a_translation() -> None:
    labels = re.findall(
        r"say\(\"([^\"]+)\"\)|say\('([^']+)'\)", inspect.getsource(races) + inspect.getsource(film)
    )
    words = {double or single for double, single in labels}
    assert {"start", "minimum", "step", "height f", "stability limit"} <= words
    assert words | set(Status) <= set(KOREAN)


def frames_of(path: Path) -> list[np.ndarray]:
    with Image.open(path) as picture:
        frames = []
        for k in range(picture.n_frames):  # type: ignore[attr-defined]
            picture.seek(k)
            frames.append(np.asarray(picture.convert("RGB")))
    return frames


def test_the_animation_is_a_looping_gif_with_one_frame_per_step(tmp_path: Path) -> None:
    reports: list[tuple[int, int]] = []
    results = race(himmelblau, OPTIMIZERS, step_num=6, rates=[0.01])
    save_race_gif(
        results,
        himmelblau,
        tmp_path / "a.gif",
        progress=lambda done, total, message, /: reports.append((done, total)),
    )
    content = (tmp_path / "a.gif").read_bytes()
    assert content[:6] == b"GIF89a"
    with Image.open(tmp_path / "a.gif") as picture:
        assert picture.info["loop"] == 0
    frames = frames_of(tmp_path / "a.gif")
    assert len(frames) == 7
    assert all((a != b).any() for a, b in pairwise(frames))
    assert reports == [(k, 7) for k in range(1, 8)]
    assert [p.name for p in tmp_path.iterdir()] == ["a.gif"]


def test_a_long_race_has_few_frames_that_are_denser_at_the_start(tmp_path: Path) -> None:
    results = {"adam": descend(rosenbrock, [-1.2, 1.0], OPTIMIZERS["adam"](lr=0.05), 900)}
    save_race_gif(results, rosenbrock, tmp_path / "a.gif")
    assert len(frames_of(tmp_path / "a.gif")) <= 60
    assert (tmp_path / "a.gif").stat().st_size < 2_000_000
    steps = film._steps_shown(900, 60)
    assert (steps[0], steps[-1]) == (0, 900)
    assert steps[1] <= 2
    assert len(steps) <= 60


def test_an_animation_that_is_too_large_drops_frames_but_keeps_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = {"sgd": gradient_descent(sphere, [-3.0, 4.0], lr=0.1, step_num=12)}
    save_race_gif(results, sphere, tmp_path / "whole.gif")
    size = (tmp_path / "whole.gif").stat().st_size
    monkeypatch.setattr(gif, "GIF_BYTES", size - 1)
    save_race_gif(results, sphere, tmp_path / "small.gif")
    whole, small = frames_of(tmp_path / "whole.gif"), frames_of(tmp_path / "small.gif")
    assert (len(whole), len(small)) == (13, 7)
    assert np.array_equal(whole[-1], small[-1])


def test_a_failed_animation_keeps_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(_: int) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "a.gif").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="No space left"):
        save_race_gif({"sgd": gradient_descent(sphere, [1.0, 1.0])}, sphere, tmp_path / "a.gif")
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [b"old"]


def test_empty_races_and_races_outside_the_plane_are_refused(ax: Axes) -> None:
    with pytest.raises(RangeError, match="a race needs at least one result"):
        descent_race({}, sphere, ax)
    with pytest.raises(ShapeError, match=r"functions of two numbers; this x has shape \(3,\)"):
        descent_race({"sgd": gradient_descent(sphere, [1.0, 2.0, 3.0])}, sphere, ax)
