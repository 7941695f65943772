"""Markers of a path stay apart in every picture of descents, so that single steps can be seen."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from mitbadak.descent import SURFACES, DescentResult, Surface, descend, gradient_descent, usual_rate
from mitbadak.optim import OPTIMIZERS
from mitbadak.plots import descent_path, film, new_figure, race_figure
from mitbadak.plots.descent import apart
from mitbadak.plots.notebook import figure_of

EACH = pytest.mark.parametrize("f", SURFACES.values(), ids=SURFACES)
STEPS = 100
WINDOW = ((-1.0, 1.0), (-1.0, 1.0))


def marked(line: Line2D) -> np.ndarray:
    """The places of the markers of a line, in pixels."""
    points = np.asarray(line.get_xydata(), float)
    every: Any = line.get_markevery()
    chosen = points if every is None else points[every]
    return line.get_transform().transform(chosen)


def merged(figure: Figure) -> list[str]:
    """The lines of paths in a figure whose markers cover each other."""
    figure.canvas.draw()
    plane = figure.axes[0]
    found = []
    for line in plane.get_lines():
        if line.get_marker() in ("None", "", None) or line.get_label() == "minimum":
            continue
        size = line.get_markersize() * figure.dpi / 72
        low, high = plane.bbox.get_points()
        places = marked(line)
        shown = places[((places >= low) & (places <= high)).all(axis=1)]
        if any(np.hypot(*(a - b)) < size for a, b in combinations(shown, 2)):
            found.append(str(line.get_label()))
    return found


def down(f: Surface) -> DescentResult:
    return gradient_descent(f, f.start, usual_rate(f, f.start), STEPS)


@EACH
def test_the_steps_of_a_descent_can_be_told_apart(f: Surface) -> None:
    figure = new_figure(5.5, 5.5)
    descent_path(down(f), figure.subplots(), f)
    assert merged(figure) == []


@EACH
def test_and_in_what_a_notebook_shows(f: Surface) -> None:
    assert merged(figure_of(down(f))) == []


@pytest.mark.once
@EACH
def test_and_in_a_race_and_its_film(f: Surface) -> None:
    results = {name: descend(f, f.start, make(lr=0.01), 60) for name, make in OPTIMIZERS.items()}
    assert merged(race_figure(results, f)) == []
    shown = film._Film(results, f, "", "en", str)
    for step in (0, 7, 60):
        shown.frame(step)
        assert merged(shown.figure) == []


def test_what_is_left_out_is_said() -> None:
    f = SURFACES["sphere"]
    for steps, left_out in ((3, False), (100, True)):
        ax = new_figure(5.5, 5.5).subplots()
        descent_path(gradient_descent(f, f.start, 0.1, steps), ax, f)
        legend = ax.get_legend()
        assert legend is not None
        assert ("unless they overlap" in legend.get_texts()[0].get_text()) == left_out


@given(arrays(float, st.tuples(st.integers(1, 30), st.just(2)), elements=st.floats(-2, 2)))
def test_points_that_are_chosen_are_apart_and_the_others_are_near_one(points: np.ndarray) -> None:
    chosen = apart(points, WINDOW, 0.1).tolist()
    assert chosen == sorted(set(chosen))
    for a, b in combinations(chosen, 2):
        assert np.hypot(*(points[a] - points[b])) >= 0.2 - 1e-9  # a tenth of both sides
    for k in set(range(len(points))) - set(chosen):
        assert min(np.hypot(*(points[k] - points[c])) for c in chosen if c < k) < 0.2 + 1e-9


def test_points_that_are_not_finite_have_no_markers() -> None:
    points = np.array([[0.0, 0.0], [np.nan, 0.0], [np.inf, 1.0], [1e300, -1e300], [0.5, 0.5]])
    assert apart(points, WINDOW, 0.1).tolist() == [0, 4]
