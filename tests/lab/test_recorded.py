"""A view as one HTML file: everything is in it, and it asks nobody for anything."""

from __future__ import annotations

import base64
import gzip
import hashlib
import itertools
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from lab.lab_server import unpacked
from mitbadak.core.errors import FormatError
from mitbadak.lab.assets import Asset, MissingAssetsError
from mitbadak.lab.recorded import MOST_BYTES, MOST_MOMENTS, Film, Recorded, html_of, spread
from mitbadak.lab.schema import RefusedError
from mitbadak.lab.view import View
from mitbadak.lab.views import VIEWS
from mitbadak.lab.wire import Frame

PATIENCE = 60.0
FILES = {"lab.js": Asset(b"let a = '</script>';", ""), "lab.css": Asset(b".lab { color: red }", "")}
LASTING = [name for name, make in VIEWS.items() if getattr(make, "lasting", False)]


class Read(NamedTuple):
    """What is in a file."""

    content: dict[str, Any]
    opening: list[tuple[dict[str, Any], list[bytes]]]
    moments: list[tuple[float, list[tuple[dict[str, Any], list[bytes]]]]]


def read(html: bytes) -> Read:
    found = re.search(rb'id="recording">([^<]*)<', html)
    assert found
    content, buffers = unpacked(gzip.decompress(base64.b64decode(found[1])))
    frames = [unpacked(buffer) for buffer in buffers]
    opening, at, moments = frames[: content["opening"]], content["opening"], []
    for epoch, count in content["moments"]:
        moments.append((epoch, frames[at : at + count]))
        at += count
    assert at == len(frames)
    return Read(content, opening, moments)


@pytest.fixture(autouse=True)
def built(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files in the place of the built ones, which this is not about."""
    monkeypatch.setattr("mitbadak.lab.recorded.recording_files", lambda: FILES)


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., View]]:
    """Opens views as a page does, with settings."""
    monkeypatch.chdir(tmp_path)
    views: list[View] = []

    def open_view(name: str, **settings: Any) -> View:
        view = VIEWS[name]()
        views.append(view)
        view.receive({"type": "set", "settings": settings})
        view.receive({"type": "hello"})
        return view

    yield open_view
    for view in views:
        view.close()


def seen(view: View, kind: str, enough: Callable[[Frame], bool] = lambda _: True) -> Frame:
    """The first frame of a kind that is enough."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for frame in view.news():
            if frame.content["type"] == kind and enough(frame):
                return frame
        time.sleep(0.01)
    raise AssertionError(f"there was no {kind}")


def saved(view: View, lang: str = "en") -> tuple[str, bytes]:
    view.receive({"type": "save", "lang": lang})
    frame = seen(view, "file")
    return frame.content["name"], frame.buffers[0]


def test_a_file_runs_its_own_script_and_asks_nobody() -> None:
    html = html_of(Recorded("graph", [Frame({"type": "settings"})]), "ko", FILES).decode()
    assert '<html lang="ko">' in html
    assert not re.search(r"(src|href|url)\s*[=(]", html)
    assert "'</script>'" not in html
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy
    assert "default-src 'none'" in policy[1]
    assert "unsafe" not in policy[1]
    for tag in ("script", "style"):
        text = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)[-1]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy[1]


@pytest.mark.parametrize("name", [name for name in LASTING if name not in ("playground", "mnist")])
def test_a_view_is_saved_as_a_new_page_would_see_it(name: str, opened: Any) -> None:
    view, shown = opened(name), {"descent": "race", "drawing": "reading"}.get(name, name)
    if name != "descent":  # whose race follows an answer
        seen(view, shown)
    told, html = saved(view)
    content, opening, moments = read(html)
    assert told == f"{name}.html"
    assert (content["view"], content["lang"], moments) == (name, "en", [])
    kinds = [frame["type"] for frame, _ in opening]
    assert kinds[0] == "settings"
    assert shown in kinds


def test_a_race_is_saved_without_its_question(opened: Any) -> None:
    _, opening, _ = read(saved(opened("descent", ask=True))[1])
    assert opening[0][0]["settings"]["ask"] is False
    assert opening[-1][0]["guess"] == ""


def test_a_run_of_the_playground_is_saved_with_its_moments(opened: Any) -> None:
    view = opened("playground", data="xor")
    for epochs in range(1, 6):
        view.receive({"type": "epoch"})
        seen(view, "frame", lambda frame, n=epochs: frame.content["row"][0] >= n)
    content, opening, moments = read(saved(view, "ko")[1])
    assert content["lang"] == "ko"
    assert [frame["type"] for frame, _ in opening] == ["settings", "points", "branches", "rows"]
    assert [at for at, _ in moments] == [0, 1, 2, 3, 4, 5]
    assert [frames[0][0]["row"][0] for _, frames in moments] == [0, 1, 2, 3, 4, 5]
    weights = {frames[0][1][3] for _, frames in moments}
    assert len(weights) == 6
    assert "epochs=5" in content["code"]


def test_what_the_page_has_not_seen_is_not_lost_to_a_file(opened: Any) -> None:
    view = opened("graph", formula="x + y")
    seen(view, "graph")
    view.recorded()
    assert "graph" in [frame.content["type"] for frame in view.news()]


def test_the_clinic_is_not_saved(opened: Any) -> None:
    with pytest.raises(RefusedError, match=r"^clinic cannot be saved as a file\.$"):
        opened("clinic").receive({"type": "save"})


def test_a_page_that_was_not_built_is_told_so(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Any:
        raise MissingAssetsError("the lab's page has not been built.")

    monkeypatch.setattr("mitbadak.lab.recorded.recording_files", missing)
    view = opened("graph")
    view.receive({"type": "save"})
    assert seen(view, "problem").content["text"][0] == "the lab's page has not been built."


@pytest.mark.parametrize("nbytes", [1, 10_000, 1 << 20, 1 << 30])
@pytest.mark.parametrize("count", [0, 1, 2, 9, 10, 11, 119, 120, 121, 5000])
def test_moments_are_spread_evenly_over_what_there_is(count: int, nbytes: int) -> None:
    chosen = spread(count, nbytes)
    assert chosen == sorted(set(chosen))
    assert len(chosen) <= MOST_MOMENTS
    assert chosen[:1] == [0][:count]
    assert chosen[-1:] == [count - 1][:count]
    steps = [b - a for a, b in itertools.pairwise(chosen)]
    assert not steps or max(steps) - min(steps) <= 1
    assert len(chosen) * nbytes <= MOST_BYTES or len(chosen) <= 10


def test_a_film_keeps_the_newest_moment_of_the_same_place() -> None:
    film = Film()
    for at, kind in ((0.0, "a"), (0.5, "b"), (0.5, "c")):
        film.add(at, [Frame({"type": kind})])
    assert [frames[0].content["type"] for _, frames in film.moments] == ["a", "c"]


def test_a_widget_is_saved_from_the_notebook(tmp_path: Path, monkeypatch: Any) -> None:
    pytest.importorskip("anywidget")
    from mitbadak.lab import Clinic, Graph

    (tmp_path / "lab.js").write_text("export default {}")
    monkeypatch.setattr("mitbadak.lab.notebook.widget_file", lambda _: tmp_path / "lab.js")
    widget = Graph(formula="x * x", lang="ko")
    path = widget.save(tmp_path / "graph.html")
    content, opening, _ = read(path.read_bytes())
    assert content["lang"] == "ko"
    assert opening[0][0]["settings"]["formula"] == "x * x"
    with pytest.raises(FormatError, match=r"^save: .* ends in \.html; got 'a.png'"):
        widget.save(tmp_path / "a.png")
    widget.close()
    clinic = Clinic()
    with pytest.raises(RefusedError, match=r"^save: clinic cannot be saved as a file\.$"):
        clinic.save(tmp_path / "clinic.html")
    clinic.close()
