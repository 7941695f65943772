"""Widgets in notebooks: settings and messages go in, frames come out, and closing ends it all."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("anywidget")

from mitbadak.lab import Playground
from mitbadak.lab.schema import RefusedError

PATIENCE = 60.0


@pytest.fixture(autouse=True)
def built(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files in the place of the built ones, which this is not about."""
    for name in ("lab.js", "lab.css"):
        (tmp_path / name).write_text("export default { render() {} }")
    monkeypatch.setattr("mitbadak.lab.notebook.widget_file", lambda name: tmp_path / name)


@pytest.fixture
def widget() -> Iterator[Any]:
    made = Playground(data="xor", lang="ko")
    yield made
    made.close()


@pytest.fixture
def sent(widget: Any, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    collected: list[dict[str, Any]] = []
    monkeypatch.setattr(widget, "send", lambda content, buffers: collected.append(content))
    return collected


def until(condition: Any) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def of(sent: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [content for content in sent if content["type"] == kind]


def test_it_takes_settings_and_a_language(widget: Any) -> None:
    assert widget.settings["data"] == "xor"
    assert widget.lang == "ko"
    with pytest.raises(RefusedError, match=r"^settings\.lr must be a number"):
        Playground(lr="fast")


def test_it_answers_like_the_page_of_the_server(widget: Any, sent: list[dict[str, Any]]) -> None:
    widget._handle_custom_msg({"type": "hello"}, [])
    until(lambda: of(sent, "frame"))
    assert widget.defaults["data"] == "spiral"
    widget.settings = {**widget.settings, "lr": 0.5}
    assert widget.view.settings["lr"] == 0.5
    widget._handle_custom_msg({"type": "epoch"}, [])
    until(lambda: of(sent, "frame")[-1]["row"][0] == 1)
    widget._handle_custom_msg({"type": "exec", "code": "1"}, [])
    until(lambda: of(sent, "refused"))


def test_it_can_be_watched_from_the_cell_itself(widget: Any, sent: list[dict[str, Any]]) -> None:
    widget._handle_custom_msg({"type": "hello"}, [])
    until(lambda: of(sent, "frame"))
    widget.watch(1.0)
    assert not widget.view.worker.playing


def test_closing_ends_its_threads(widget: Any) -> None:
    widget._handle_custom_msg({"type": "hello"}, [])
    worker = widget.view.worker.thread
    widget.close()
    worker.join(PATIENCE)
    assert not worker.is_alive()
    until(lambda: not any(t.name == "lab-widget" for t in threading.enumerate()))
