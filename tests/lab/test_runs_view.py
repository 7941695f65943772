"""The runs of a directory: listed with what is wrong, compared, and never opened by a path."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mitbadak.lab.runs.listing import COLUMNS, listed
from mitbadak.lab.runs.session import SORTINGS, RunsView
from mitbadak.lab.schema import RefusedError
from mitbadak.runs import Session, TrainConfig

PATIENCE = 120.0


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs in ``runs``, one beside it, and a damaged one."""
    folder = tmp_path_factory.mktemp("lab")
    for name, rate in (("runs/good", 0.5), ("runs/crawl", 1e-6), ("beside", 0.5)):
        Session.start(TrainConfig.for_data("spiral", epochs=3, lr=rate), folder / name).train()
    (folder / "runs" / "broken").mkdir()
    (folder / "runs" / "broken" / "config.json").write_text("{")
    return folder


@pytest.fixture
def view(directory: Path) -> Iterator[RunsView]:
    made = RunsView(directory)
    made.receive({"type": "hello"})
    yield made
    made.close()
    made.worker.thread.join(PATIENCE)
    assert not made.worker.thread.is_alive()


def collect(view: RunsView, enough: Callable[[dict[Any, Any]], Any]) -> dict[Any, Any]:
    """The newest frame of each kind and run, once ``enough`` is true of them."""
    seen: dict[Any, Any] = {}
    end = time.monotonic() + PATIENCE
    while not enough(seen):
        assert time.monotonic() < end, seen
        for frame in view.frames():
            seen[frame.content["type"], frame.content.get("number")] = frame
        time.sleep(0.005)
    return seen


def table(view: RunsView) -> dict[str, dict[str, Any]]:
    """The runs by name."""
    seen = collect(view, lambda seen: seen.get(("runs", None)) is not None
                   and seen["runs", None].content["runs"])  # fmt: skip
    return {run["name"]: run for run in seen["runs", None].content["runs"]}


def test_every_run_is_listed_and_a_damaged_one_says_why(view: RunsView) -> None:
    runs = table(view)
    assert runs.keys() == {"good", "crawl", "beside", "broken"}
    assert runs["broken"]["state"] == "damaged"
    english, korean = runs["broken"]["why"]
    assert "JSON" in english
    assert english != korean
    assert runs["good"]["state"] == "finished"
    assert runs["good"]["epochs"] == 3


def test_a_run_keeps_its_number(directory: Path) -> None:
    assert listed(directory).keys() == listed(directory).keys()
    names = [run.name for run in listed(directory).values()]
    assert len(names) == len(set(names)) == 4


def test_chosen_runs_have_curves_and_the_doctors_report(view: RunsView) -> None:
    number = table(view)["crawl"]["number"]
    view.receive({"type": "set", "settings": {"chosen": [[number]]}})
    seen = collect(view, lambda seen: ("report", number) in seen and ("curves", number) in seen)
    rows = np.frombuffer(seen["curves", number].buffers[0], "<f4").reshape(-1, len(COLUMNS))
    assert rows[:, 0].tolist() == [0, 1, 2, 3]
    codes = [f["code"] for f in seen["report", number].content["report"]["findings"]]
    assert "lr-too-small" in codes


def test_a_damaged_run_that_is_chosen_says_why(view: RunsView) -> None:
    number = table(view)["broken"]["number"]
    view.receive({"type": "set", "settings": {"chosen": [[number]]}})
    seen = collect(view, lambda seen: ("report", number) in seen and ("curves", number) in seen)
    assert seen["report", number].content["problem"]
    assert seen["curves", number].content["problem"]


@pytest.mark.parametrize("chosen", [[[1.0]], [[0]], [[4_294_967_295]]])
def test_a_number_that_is_no_run_opens_nothing(view: RunsView, chosen: Any) -> None:
    table(view)
    view.receive({"type": "set", "settings": {"chosen": chosen}})
    view.receive({"type": "hello"})
    seen = collect(view, lambda seen: ("runs", None) in seen)
    time.sleep(0.1)
    assert not any(kind in ("curves", "report") for kind, _ in seen)


@pytest.mark.parametrize(
    "message",
    [
        {"type": "set", "settings": {"chosen": ["../../etc"]}},
        {"type": "set", "settings": {"chosen": [["good"]]}},
        {"type": "set", "settings": {"directory": "/"}},
        {"type": "set", "settings": {"chosen": [[n] for n in range(7)]}},
        {"type": "open", "path": "/etc/passwd"},
        {"type": "refresh", "path": "/"},
    ],
)
def test_no_path_is_taken_from_the_page(view: RunsView, message: Any) -> None:
    with pytest.raises(RefusedError):
        view.receive(message)


def test_a_new_run_appears_by_itself(tmp_path: Path) -> None:
    view = RunsView(tmp_path)
    view.receive({"type": "hello"})
    try:
        seen = collect(view, lambda seen: ("runs", None) in seen)
        assert seen["runs", None].content["runs"] == []
        config = TrainConfig.for_data("spiral", epochs=1)
        Session.start(config, tmp_path / "runs" / "new").train()
        view.receive({"type": "refresh"})
        assert "new" in table(view)
    finally:
        view.close()


def test_names_that_are_no_text_can_be_sent(tmp_path: Path) -> None:
    name = b"bad\xff".decode("utf-8", "surrogateescape")
    try:
        (tmp_path / "runs" / name).mkdir(parents=True)
    except (OSError, UnicodeError):
        pytest.skip("this file system has no such names")
    (tmp_path / "runs" / name / "config.json").write_text("{")
    view = RunsView(tmp_path)
    try:
        json.dumps(list(table(view).values()), ensure_ascii=False).encode()
    finally:
        view.close()


def test_what_sorts_is_what_the_page_shows() -> None:
    assert len(SORTINGS) == len(set(SORTINGS))
