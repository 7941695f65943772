"""MNIST live: trained in its thread, changed while it trains, and looked at from beside it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from mitbadak.core.errors import FormatError
from mitbadak.data import Dataset
from mitbadak.lab.mnist import building, gauges
from mitbadak.lab.mnist.curves import MOST, Curve
from mitbadak.lab.mnist.gauges import misreadings, weight_pictures
from mitbadak.lab.mnist.session import MnistView
from mitbadak.lab.mnist.settings import NET, SETTINGS, WHILE_TRAINING
from mitbadak.lab.schema import RefusedError, defaults

PATIENCE = 60.0
OTHER: dict[str, Any] = {  # another value for every setting
    "hidden": 7, "activation": "tanh", "optimizer": "adam", "lr": 0.05, "batch_size": 20,
    "examples": 150, "epochs": 30, "weight_seed": 3, "speed": "normal",
}  # fmt: skip


@pytest.fixture(autouse=True)
def few_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Random pixels in the place of the digits, which take a while to read."""
    rng = np.random.default_rng(0)
    sets = tuple(
        Dataset(rng.integers(0, 256, (n, 784), np.uint8), np.arange(n) % 10, divisor=255)
        for n in (400, 100)
    )
    for cached in (gauges._test, gauges._sample):
        cached.cache_clear()
    for module in (building, gauges):
        monkeypatch.setattr(module, "digits", lambda: sets)
    monkeypatch.setattr("mitbadak.lab.mnist.run.digits", lambda: sets)


@pytest.fixture
def view() -> Iterator[MnistView]:
    made = MnistView()
    made.receive({"type": "set", "settings": {"hidden": 5, "speed": "full", "epochs": 100}})
    made.receive({"type": "hello"})
    yield made
    made.close()


def collect(view: MnistView, enough: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    """The newest frame of each kind, once ``enough`` is true of them."""
    seen: dict[str, Any] = {}
    end = time.monotonic() + PATIENCE
    while not enough(seen):
        assert time.monotonic() < end, seen
        for frame in view.frames():
            seen[frame.content["type"]] = frame
        time.sleep(0.005)
    return seen


def moment(seen: dict[str, Any]) -> dict[str, Any]:
    return seen["moment"].content if "moment" in seen else {"step": -1, "playing": None}


def test_every_setting_has_another_value_here() -> None:
    assert OTHER.keys() == SETTINGS.keys()
    assert set(OTHER) >= NET | WHILE_TRAINING


def test_a_page_gets_everything_when_it_says_hello(view: MnistView) -> None:
    kinds = {"settings", "moment", "reading", "losses", "measured", "pictures", "doctor"}
    collect(view, lambda seen: kinds - {"losses"} <= seen.keys())
    view.receive({"type": "step"})
    collect(view, lambda seen: moment(seen)["step"] == 1)
    view.receive({"type": "hello"})
    seen = collect(view, lambda seen: kinds <= seen.keys())
    confusion = np.frombuffer(seen["reading"].buffers[0], "<i4").reshape(10, 10)
    assert confusion.sum(axis=1).tolist() == [10] * 10
    assert len(seen["moment"].buffers[0]) == 5 * 784
    assert len(seen["moment"].buffers[1]) == 5 * 10 * 4
    found = seen["pictures"].content["found"]
    assert len(seen["pictures"].buffers[0]) == 784 * len(found)


def test_one_step_is_one_update_and_a_pause_is_a_pause(view: MnistView) -> None:
    for number in (1, 2, 3):
        view.receive({"type": "step"})
        seen = collect(view, lambda seen, n=number: moment(seen)["step"] == n)
        assert not moment(seen)["playing"]
    view.receive({"type": "play"})
    collect(view, lambda seen: moment(seen)["step"] > 10)
    view.receive({"type": "pause"})
    seen = collect(view, lambda seen: moment(seen)["playing"] is False)
    time.sleep(0.2)
    assert [f for f in view.frames() if f.content["type"] == "losses"] == []
    assert view.live is not None
    assert view.live.newest is not None
    assert view.live.newest.step == moment(seen)["step"]


@pytest.mark.parametrize("name", OTHER)
def test_any_setting_changes_while_it_trains(view: MnistView, name: str) -> None:
    live = view.live
    assert live is not None
    if name != "speed":  # or it might have made all its epochs before it is changed
        view.receive({"type": "set", "settings": {"speed": "normal"}})
    view.receive({"type": "play"})
    collect(view, lambda seen: moment(seen)["step"] > 5)
    before = live.newest
    assert before is not None
    view.receive({"type": "set", "settings": {name: OTHER[name]}})
    same_run = name in WHILE_TRAINING

    def is_done(_: Any) -> bool:
        current = live.newest and live.newest.run == before.run
        return live.settings[name] == OTHER[name] and current == same_run

    collect(view, is_done)
    now = live.newest
    assert now is not None
    assert live.trainer is not None
    if name != "weight_seed":
        assert now.step >= before.step
        W = now.params["W1"]
        assert W.shape == (784, live.settings["hidden"])
        assert np.abs(W[:, :5] - before.params["W1"]).max() < 0.5
    if name == "lr":
        assert live.trainer.optimizer.lr == 0.05


def test_it_ends_after_its_epochs_and_begins_anew_when_asked(view: MnistView) -> None:
    view.receive({"type": "set", "settings": {"epochs": 2}})
    view.receive({"type": "play"})
    seen = collect(view, lambda seen: moment(seen).get("finished"))
    assert moment(seen)["epoch"] == 2
    assert moment(seen)["step"] == 8
    view.receive({"type": "play"})
    collect(view, lambda seen: 0 < moment(seen)["step"] < 8 or moment(seen).get("finished"))


def test_numbers_that_are_not_finite_end_it_in_words(view: MnistView) -> None:
    view.receive({"type": "set", "settings": {"lr": 1000.0, "optimizer": "momentum"}})
    view.receive({"type": "play"})
    seen = collect(view, lambda seen: moment(seen).get("problem") or moment(seen).get("finished"))
    if moment(seen).get("problem"):
        english, korean = moment(seen)["problem"]
        assert english != korean


def test_the_doctor_names_a_rate_that_is_far_too_small(view: MnistView) -> None:
    view.receive({"type": "set", "settings": {"lr": 1e-6, "epochs": 30}})
    view.receive({"type": "play"})

    def named(seen: dict[str, Any]) -> bool:
        report = seen["doctor"].content["report"] if "doctor" in seen else None
        return bool(report) and report["findings"][:1] != []

    seen = collect(view, named)
    codes = [f["code"] for f in seen["doctor"].content["report"]["findings"]]
    assert codes
    english, korean = seen["doctor"].content["report"]["findings"][0]["seen"]
    assert english
    assert korean
    assert english != korean


def test_a_client_that_leaves_stops_its_trainer() -> None:
    view = MnistView()
    view.receive({"type": "set", "settings": {"hidden": 5, "speed": "full"}})
    view.receive({"type": "hello"})
    view.receive({"type": "play"})
    collect(view, lambda seen: moment(seen)["step"] > 3)
    assert view.live is not None
    thread = view.live.thread
    view.close()
    assert not thread.is_alive()
    assert thread not in threading.enumerate()


def test_missing_data_is_told_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Any:
        raise FormatError("t10k-labels is damaged. Reinstall it.")

    good = building.digits
    for place in ("building", "run", "gauges"):
        monkeypatch.setattr(f"mitbadak.lab.mnist.{place}.digits", missing)
    view = MnistView()
    view.receive({"type": "hello"})
    try:
        seen: dict[str, Any] = {}
        end = time.monotonic() + PATIENCE
        while "problem" not in seen:
            assert time.monotonic() < end
            seen |= {f.content["type"]: f for f in view.frames()}
            time.sleep(0.01)
        assert "Reinstall" in seen["problem"].content["text"][0]
        for place in ("building", "run", "gauges"):
            monkeypatch.setattr(f"mitbadak.lab.mnist.{place}.digits", good)
        view.receive({"type": "play"})
        collect(view, lambda seen: moment(seen)["step"] > 0)
    finally:
        view.close()


@pytest.mark.parametrize(
    "message",
    [
        {"type": "pick", "digit": 10},
        {"type": "set", "settings": {"lr": 0}},
        {"type": "set", "settings": {"path": "/etc/passwd"}},
        {"type": "load", "file": "x"},
        {"type": "set", "settings": {"examples": 10**9}},
    ],
)
def test_other_messages_are_refused_and_change_nothing(view: MnistView, message: Any) -> None:
    before = dict(view.settings)
    with pytest.raises(RefusedError):
        view.receive(message)
    assert view.settings == before


def test_misreadings_are_the_surest_first() -> None:
    answers = np.full((100, 10), 0.01)
    answers[np.arange(100), np.arange(100) % 10] = 0.5  # all right
    assert misreadings(answers) == []
    answers[[3, 14], [5, 5]] = 0.9, 0.8  # a 3 and a 4, both read as 5
    assert [(m["digit"], m["answer"]) for m in misreadings(answers)] == [(3, 5), (4, 5)]
    assert [m["image"] for m in misreadings(answers, 4, 5)] == [14]
    assert len(misreadings(answers, 7, 7)) == 10


@pytest.mark.parametrize("weights", [np.zeros((784, 3)), np.full((784, 2), np.nan), np.eye(784)])
def test_weights_of_any_kind_can_be_drawn(weights: np.ndarray) -> None:
    drawn = weight_pictures(weights)
    assert drawn.shape == weights.T.shape
    assert drawn.dtype == np.uint8


def test_a_curve_stays_small_and_keeps_its_order() -> None:
    curve, rng = Curve(2), np.random.default_rng(0)
    for x in range(20_000):
        curve.add(x, rng.normal())
    rows, version = curve.since(0)
    assert len(rows) <= MOST
    assert version > 0
    assert (np.diff(rows[:, 0]) > 0).all()
    assert rows[-1, 0] == 19_999
    curve.add(5, 1.0)  # too late
    assert curve.since(0)[0][-1, 0] == 19_999


def test_defaults_are_slow_motion() -> None:
    assert defaults(SETTINGS)["speed"] == "slow"


def test_a_file_shows_how_the_digits_were_read_all_along(view: MnistView) -> None:
    collect(view, lambda seen: "reading" in seen)
    view.receive({"type": "play"})
    collect(view, lambda seen: "reading" in seen and seen["reading"].content["row"][0] > 1)
    view.receive({"type": "pause"})
    collect(view, lambda _: view.live and not view.live.playing)
    opening, moments = view.recorded().opening, view.recorded().moments
    assert [frame.content["type"] for frame in opening] == ["settings", "losses", "measured"]
    assert [at for at, _ in moments] == sorted({at for at, _ in moments})
    assert len(moments) > 1
    for at, frames in moments:
        kinds = [frame.content["type"] for frame in frames]
        assert kinds == ["moment", "reading", "pictures", "doctor"]
        assert frames[0].content["epoch"] == at == frames[1].content["row"][0]
    assert moments[0][1][0].buffers != moments[-1][1][0].buffers
    view.receive({"type": "restart"})
    collect(view, lambda seen: "moment" in seen and seen["moment"].content["epoch"] == 0)
    assert [at for at, _ in view.recorded().moments] in ([], [0])
