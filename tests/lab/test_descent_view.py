"""The session of the Descent view, without a browser."""

from __future__ import annotations

import numpy as np
import pytest

from mitbadak.descent import SURFACES, Status, descend, gradient_descent, surface
from mitbadak.lab.descent.landscape import is_quadratic, landscape, stability
from mitbadak.lab.descent.running import outcome_of
from mitbadak.lab.descent.session import DescentView
from mitbadak.lab.descent.watching import Event, events_of
from mitbadak.lab.schema import RefusedError
from mitbadak.lab.wire import packed


def opened(**settings) -> DescentView:
    view = DescentView()
    view.receive({"type": "hello"})
    if settings:
        view.receive({"type": "set", "settings": settings})
    return view


def kinds(view: DescentView) -> list[str]:
    frames = view.frames()
    for frame in frames:
        packed(frame)  # everything can be sent, whatever overflowed
    return [frame.content["type"] for frame in frames]


def lanes(*pairs: tuple[str, float]) -> list[dict]:
    return [{"optimizer": name, "lr": lr} for name, lr in pairs]


def test_no_path_is_told_before_the_prediction():
    view = opened()
    assert kinds(view) == ["settings", "surface", "setup"]
    assert kinds(view) == []
    view.receive({"type": "predict", "answer": "arrives"})
    assert kinds(view) == ["race"]
    assert kinds(view) == []


@pytest.mark.parametrize(
    "settings",
    [
        {"lanes": lanes(("sgd", 0.5))}, {"steps": 7}, {"start": [[1.0, 1.0]]},
        {"gradient": "exact"}, {"surface": "sphere"},
    ],
)  # fmt: skip
def test_a_change_that_decides_the_race_asks_again(settings):
    view = opened()
    view.receive({"type": "predict", "answer": "arrives"})
    view.frames()
    view.receive({"type": "set", "settings": settings})
    assert "race" not in kinds(view)


def test_without_questions_every_change_is_run_at_once():
    view = opened(ask=False)
    assert kinds(view)[-1] == "race"
    view.receive({"type": "set", "settings": {"start": [[2.0, 2.0]]}})
    assert kinds(view) == ["setup", "race"]


@pytest.mark.parametrize("name", sorted(SURFACES))
@pytest.mark.parametrize("gradient", ["numerical", "exact"])
def test_paths_are_those_of_the_library(name, gradient):
    f = surface(name)
    view = opened(surface=name, gradient=gradient, steps=8, ask=False,
                  lanes=lanes(("sgd", 1e-3), ("adam", 0.1)))  # fmt: skip
    frame = view.frames()[-1]
    exact = f.gradient if gradient == "exact" else None
    results = [
        gradient_descent(f, f.start, 1e-3, 8, gradient=exact),
        descend(f, f.start, "adam", 8, lr=0.1, gradient=exact),
    ]
    for number, result in enumerate(results):
        path = np.frombuffer(frame.buffers[3 * number], "<f4").reshape(-1, 2)
        np.testing.assert_allclose(path, result.path, rtol=1e-6)
        described = frame.content["lanes"][number]
        assert described["outcome"] == outcome_of(result)
        assert described["text"][0] == result.explanation
        assert described["text"][1] != result.explanation  # in Korean


def test_every_status_is_an_outcome_and_has_korean_words():
    from mitbadak.descent.words import KOREAN

    assert all(str(status) in KOREAN for status in Status)
    assert {str(s) for s in Status if s.ran_away} == {
        "diverged", "ever steeper downhill", "gradient lost to rounding"
    }  # fmt: skip


@pytest.mark.parametrize("lr", [1e-5, 0.4, 0.97, 1.03, 3.0, 10.0, 20.0])
def test_a_quadratic_converges_exactly_below_its_limit(lr):
    f = surface("ellipse")
    found = stability(f, f.start)
    assert found is not None
    assert found.exact
    result = gradient_descent(f, f.start, lr, 50, trace=True)
    assert (outcome_of(result) == "runs-away") == (lr > found.limit)
    events = events_of(f, result)
    assert len(events) == len(result.path) - 1
    steep = abs(1 - lr * found.curvatures[1])
    if lr > 1 / found.curvatures[1] and lr < found.limit:
        assert events[0] == Event.OVERSHOOTS
        assert steep < 1
    if lr > found.limit:
        assert events[0] == Event.GROWS


def test_a_frozen_descent_is_told_from_one_that_arrived():
    f = surface("ellipse")
    frozen = gradient_descent(f, f.start, 10.0, 50, trace=True)
    assert frozen.status is Status.LOST_TO_ROUNDING
    assert events_of(f, frozen)[-1] == Event.FROZEN
    arrived = gradient_descent(f, [0.0, 2.0], 0.5, 50, trace=True)
    assert events_of(f, arrived)[-1] == Event.ARRIVED
    crawling = gradient_descent(f, f.start, 1e-5, 5, trace=True)
    assert set(events_of(f, crawling)) == {Event.CRAWLS}


@pytest.mark.parametrize("name", sorted(SURFACES))
def test_the_map_shows_the_surface(name):
    f = surface(name)
    lands = landscape(f)
    assert lands.heights.shape == lands.shape
    assert np.isfinite(lands.heights).all()
    assert lands.heights.min() < lands.levels[0] < lands.levels[-1] < lands.heights.max()
    (left, right), (bottom, top) = f.window
    rng = np.random.default_rng(0)
    cells = [tuple(int(rng.integers(side)) for side in lands.shape) for _ in range(30)]
    points = [
        (left + (right - left) * column / (lands.shape[1] - 1),
         bottom + (top - bottom) * row / (lands.shape[0] - 1))
        for row, column in cells
    ]  # fmt: skip
    shown = [lands.heights[cell] for cell in cells]
    truth = [float(f(np.array(point))) for point in points]
    assert list(np.argsort(shown)) == list(np.argsort(truth))
    assert is_quadratic(f) == (name in ("sphere", "ellipse", "saddle"))


def test_the_best_rates_never_end_above_the_start():
    view = opened(lanes=lanes(("sgd", 9.0), ("momentum", 9.0)), steps=20)
    view.receive({"type": "best"})
    told = [frame for frame in view.frames() if frame.content["type"] == "settings"][-1]
    found = told.content["settings"]["lanes"]
    assert [lane["optimizer"] for lane in found] == ["sgd", "momentum"]
    assert all(lane["lr"] < 9 for lane in found)


@pytest.mark.parametrize(
    ("message", "match"),
    [
        ({"type": "predict", "answer": "maybe"}, "predict.answer must be one of arrives"),
        ({"type": "set", "settings": {"surface": "../x"}}, "settings.surface must be one of"),
        ({"type": "set", "settings": {"lanes": []}}, "list of 1 to 5 objects"),
        ({"type": "set", "settings": {"lanes": lanes(("sgd", 0))}}, "number from 1e-05 to 20"),
        ({"type": "set", "settings": {"start": [[1, 2], [3, 4]]}}, "at most 1 rows of 2 numbers"),
        ({"type": "set", "settings": {"steps": 301}}, "whole number from 1 to 300"),
        ({"type": "run"}, "Known types: set, hello, save, predict, best"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_name(message, match):
    view = opened()
    before = dict(view.settings)
    with pytest.raises(RefusedError, match=match):
        view.receive(message)
    assert view.settings == before
