"""The lab's server: who may talk to it, what it answers, and what becomes of those who leave."""

# pyright: reportMissingImports=false
from __future__ import annotations

import contextlib
import gc
import http.client
import json
import random
import re
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")
pytest.importorskip("websockets")

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from lab.lab_server import PATIENCE, TOKEN, Running, running, unpacked
from mitbadak.core.errors import RangeError
from mitbadak.lab.guards import HEADERS, MOST_BYTES, PROTOCOL, Guard, RateLimit, new_token
from mitbadak.lab.playground.session import PlaygroundView
from mitbadak.lab.server import BROKEN, MOST_VIEWS, bound
from mitbadak.lab.view import View
from mitbadak.lab.wire import Frame, packed


class Broken(PlaygroundView):
    """A view with a fault in what it sends, or in what it receives."""

    fails_at = ""

    def frames(self) -> list[Frame]:
        if self.fails_at == "frames":
            raise ZeroDivisionError
        return super().frames()

    def receive(self, message: Any) -> None:
        if self.fails_at == "receive":
            raise ZeroDivisionError
        super().receive(message)


FORGED_HOSTS = ("evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}", "")
FORGED_ORIGINS = (
    "http://evil.example", "https://127.0.0.1:{port}", "http://127.0.0.1:1", "null",
    "http://127.0.0.1:{port}.evil.example", "http://127.0.0.1:{port}/",
)  # fmt: skip


@pytest.fixture(scope="module")
def served() -> Iterator[Running]:
    with running() as lab:
        yield lab


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


def receive(socket: Any, kind: str) -> tuple[dict[str, Any], list[bytes]]:
    """The next frame of a kind."""
    while True:
        content, buffers = unpacked(socket.recv(timeout=PATIENCE))
        if content["type"] == kind:
            return content, buffers


def greeted_until_the_end(socket: Any) -> None:
    """Say hello, and read on."""
    socket.send('{"type": "hello"}')
    receive(socket, "nothing of this type")


def get(served: Running, path: str = "/", **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE)
    connection.putrequest("GET", path, skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


def test_the_page_is_served_with_its_headers(served: Running) -> None:
    for path in ("/", "/nothing", "/../../etc/passwd", "/%2e%2e/secret"):
        response = get(served, path)
        assert response.status == (200 if path == "/" else 404)
        for name in HEADERS:
            assert response.headers[name], name
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert f"ws://127.0.0.1:{served.port}" in policy
        assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("host", FORGED_HOSTS)
def test_a_forged_host_gets_nothing(served: Running, host: str) -> None:
    assert get(served, Host=host.format(port=served.port)).status in (400, 403)


@pytest.mark.parametrize("origin", FORGED_ORIGINS)
def test_a_forged_origin_gets_nothing(served: Running, origin: str) -> None:
    forged = origin.format(port=served.port)
    assert get(served, Origin=forged).status == 403
    with pytest.raises((InvalidStatus, InvalidHandshake), match="403"):
        served.connect(origin=forged)


@pytest.mark.parametrize("changes", [
    {"origin": None}, {"subprotocols": None}, {"subprotocols": [PROTOCOL]},
    {"subprotocols": [PROTOCOL, "wrong"]}, {"subprotocols": [TOKEN]},
    {"subprotocols": [TOKEN, PROTOCOL]}, {"subprotocols": [PROTOCOL, TOKEN, "more"]},
    {"subprotocols": [PROTOCOL, TOKEN + "x"]}, {"name": "nothing"}, {"name": "playground/../x"},
])  # fmt: skip
def test_a_socket_without_origin_token_or_view_is_refused(
    served: Running, changes: dict[str, Any]
) -> None:
    with pytest.raises((InvalidStatus, InvalidHandshake)):
        served.connect(**changes)
    assert not served.lab.open


def test_a_view_answers_hello_with_everything(served: Running) -> None:
    with served.connect() as socket:
        assert socket.subprotocol == PROTOCOL
        socket.send('{"type": "hello"}')
        settings, _ = receive(socket, "settings")
        assert settings["settings"] == settings["defaults"]
        points, (x, t, is_test) = receive(socket, "points")
        assert len(x) == 8 * len(is_test) == 2 * len(t)
        assert points["classes"] == 2
        frame, (field, *_) = receive(socket, "frame")
        assert len(field) == np.prod(frame["field"]) * frame["field"][0]
        socket.send('{"type": "epoch"}')
        while frame["row"][0] < 1:
            frame, _ = receive(socket, "frame")


def test_trainers_stop_when_their_page_leaves(served: Running) -> None:
    before = threading.active_count()
    with contextlib.ExitStack() as opened:
        for _ in range(3):
            socket = opened.enter_context(served.connect())
            socket.send('{"type": "hello"}')
            socket.send('{"type": "set", "settings": {"speed": "full"}}')
            socket.send('{"type": "play"}')
        views = served.lab.open
        until(lambda: len(views) == 3 and all(view.worker.playing for view in views))
        workers = [view.worker.thread for view in views]
    until(lambda: not served.lab.open)
    for worker in workers:
        worker.join(PATIENCE)
        assert not worker.is_alive()
    until(lambda: threading.active_count() <= before + 8)  # asyncio's pool keeps a few


def test_a_slow_reader_gets_fewer_frames_and_costs_no_memory(served: Running) -> None:
    with served.connect(max_queue=1) as socket:
        socket.send('{"type": "hello"}')
        socket.send('{"type": "set", "settings": {"speed": "full"}}')
        socket.send('{"type": "play"}')
        until(lambda: bool(served.lab.open) and next(iter(served.lab.open)).run is not None)
        (view,) = served.lab.open
        until(lambda: view.run.recording.rows[-1][0] > 50)
        assert len(view.outbox) <= 32
        first, _ = receive(socket, "frame")
        socket.send('{"type": "pause"}')
        assert first["row"][0] >= 0


def test_too_large_a_message_ends_its_connection_alone(served: Running) -> None:
    with served.connect() as socket, served.connect() as other:
        with contextlib.suppress(ConnectionClosed):
            socket.send("x" * (MOST_BYTES + 1))
            while True:
                socket.recv(timeout=PATIENCE)
        assert socket.close_code == 1009
        other.send('{"type": "hello"}')
        receive(other, "settings")


@pytest.mark.parametrize("message", [
    "", "{", "[]", "null", "NaN", '{"type": 1}', '{"type": "exec"}', '{"type": "hello", "x": 1}',
    '{"type": "set"}', '{"type": "set", "settings": []}', '{"type": "look", "epoch": "0"}',
    '{"type": "set", "settings": {"lr": NaN}}', '{"type": "set", "settings": {"lr": 1e999}}',
    '{"type": "set", "settings": {"__class__": 1}}', "[" * 100_000, b"\\x00\\x01",
])  # fmt: skip
def test_what_is_malformed_is_refused_by_name(served: Running, message: Any) -> None:
    with served.connect() as socket:
        socket.send(message)
        answer, _ = receive(socket, "refused")
        english, korean = answer["text"]
        assert english.endswith(".")
        assert re.search("[가-힣]", korean), korean
        socket.send('{"type": "hello"}')
        receive(socket, "settings")


@pytest.mark.slow
def test_ten_thousand_random_messages_leave_the_server_alive_and_its_memory_flat(
    served: Running, rng: np.random.Generator
) -> None:
    draw = random.Random(int(rng.integers(2**32)))
    kinds = ["hello", "set", "play", "pause", "step", "look", "branch", "weight", "x", "paste"]

    def anything(depth: int = 0) -> Any:
        values = [None, True, -1, 1e300, "x" * draw.randrange(50), draw.random()]
        if depth < 3 and draw.random() < 0.3:
            return [anything(depth + 1) for _ in range(draw.randrange(4))]
        if depth < 3 and draw.random() < 0.3:
            return {draw.choice(["lr", "type", "epoch"]): anything(depth + 1)}
        return draw.choice(values)

    def message() -> str | bytes:
        if draw.random() < 0.2:
            return draw.randbytes(draw.randrange(200))
        content = {"type": draw.choice(kinds), draw.choice(["settings", "epoch", "a"]): anything()}
        return json.dumps(content)[: draw.choice([10**6, 10, 30])]

    def flood(count: int) -> None:
        with served.connect() as socket:
            reader = threading.Thread(target=_drain, args=(socket,))
            reader.start()
            for _ in range(count):
                socket.send(message())
            socket.close()
            reader.join(PATIENCE)
        until(lambda: not served.lab.open)

    flood(500)
    gc.collect()
    tracemalloc.start()
    flood(10_000)
    gc.collect()
    grown, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 4e6
    assert peak < 60e6
    assert get(served).status == 200


def _drain(socket: Any) -> None:
    with contextlib.suppress(ConnectionClosed):
        while True:
            socket.recv()


def test_more_views_than_allowed_are_told_so() -> None:
    with running() as lab, contextlib.ExitStack() as opened:
        for _ in range(MOST_VIEWS):
            opened.enter_context(lab.connect())
        until(lambda: len(lab.lab.open) == MOST_VIEWS)
        with lab.connect() as more, contextlib.suppress(ConnectionClosed):
            more.recv(timeout=PATIENCE)
        assert more.close_code == 1013


def test_the_server_ends_with_views_open() -> None:
    with contextlib.ExitStack() as opened:
        with running() as lab:
            socket = opened.enter_context(lab.connect())
            socket.send('{"type": "hello"}')
            receive(socket, "frame")
            (view,) = lab.lab.open
        assert not lab.lab.open
    assert not view.worker.thread.is_alive()


def test_a_taken_port_is_refused_and_without_a_wish_the_next_is_taken() -> None:
    first = bound(0)
    port = first.getsockname()[1]
    first.listen()
    with pytest.raises(RangeError, match=rf"^lab: port {port} is taken\. Choose another one"):
        bound(port)
    first.close()
    free = bound(None)
    assert free.getsockname()[0] == "127.0.0.1"
    free.close()


def test_tokens_differ_and_are_compared_whole() -> None:
    assert len({new_token() for _ in range(50)}) == 50
    guard = Guard(8765, "secret")
    wrong = ("secre", "Secret", "비밀", "")
    for protocols in (*([PROTOCOL, token] for token in wrong), ["secret"], []):
        assert not guard.knows_token(protocols)


def test_a_rate_limit_fills_again() -> None:
    now = [0.0]
    limit = RateLimit(2.0, 3, clock=lambda: now[0])
    assert [limit.allows() for _ in range(5)] == [True] * 3 + [False] * 2
    now[0] = 1.0
    assert [limit.allows() for _ in range(3)] == [True, True, False]


def test_frames_come_back_from_bytes() -> None:
    frame = Frame({"type": "t", "loss": float("nan"), "한": [1]}, (b"abc", b"", b"12345678"))
    content, buffers = unpacked(packed(frame))
    assert content == {"type": "t", "loss": None, "한": [1]}
    assert buffers == [b"abc", b"", b"12345678"]


@pytest.mark.parametrize("where", ["frames", "receive"])
def test_a_view_that_fails_ends_with_a_code_and_leaves_the_lab_alive(
    where: str, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken() -> View:
        view = Broken()
        view.fails_at = where
        return view

    with running(views={"broken": broken, "playground": PlaygroundView}) as lab:
        with lab.connect("broken") as socket, pytest.raises(ConnectionClosed) as closed:
            greeted_until_the_end(socket)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == BROKEN
        with lab.connect() as socket:
            socket.send('{"type": "hello"}')
            receive(socket, "settings")
        until(lambda: not lab.lab.open)
    assert "ZeroDivisionError" in capfd.readouterr().err
