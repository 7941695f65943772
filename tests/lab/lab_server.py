"""A lab that runs in a thread of the test's own process, and clients that talk to it."""

# pyright: reportMissingImports=false
from __future__ import annotations

import contextlib
import json
import struct
import threading
from collections.abc import Iterator
from typing import Any, NamedTuple

from mitbadak.lab.assets import Asset
from mitbadak.lab.guards import PROTOCOL, Guard

PAGE = {"index.html": Asset(b"<!doctype html>", "text/html; charset=utf-8")}
TOKEN = "a-token-of-this-test"
PATIENCE = 60.0  # seconds until something has certainly gone wrong


class Running(NamedTuple):
    """A lab and its port."""

    lab: Any
    port: int

    def connect(self, name: str = "playground", **changes: Any) -> Any:
        """A WebSocket of a view, with everything in order but for ``changes``."""
        from websockets.sync.client import connect

        host = f"127.0.0.1:{self.port}"
        options: dict[str, Any] = {
            "origin": f"http://{host}",
            "subprotocols": [PROTOCOL, TOKEN],
            "open_timeout": PATIENCE,
            "close_timeout": 5,
            "max_size": None,
            **changes,
        }
        return connect(f"ws://{host}/view/{name}", **options)


def unpacked(message: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """A frame from its bytes: the content, and the arrays beside it."""
    (length,) = struct.unpack_from("<I", message)
    content = json.loads(message[4 : 4 + length])
    buffers, at = [], 4 + length + -(4 + length) % 8
    for size in content.pop("buffers"):
        buffers.append(message[at : at + size])
        at += size + -size % 8
    return content, buffers


@contextlib.contextmanager
def running(**options: Any) -> Iterator[Running]:
    """Serve while entered."""
    from mitbadak.lab.server import Lab, Server, bound

    listener = bound(0)
    port = listener.getsockname()[1]
    lab, ready = Lab(Guard(port, TOKEN), PAGE, **options), threading.Event()
    server = Server(lab, ready.set)
    thread = threading.Thread(target=server.run_until_stopped, args=(listener,))
    thread.start()
    try:
        assert ready.wait(PATIENCE)
        yield Running(lab, port)
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        assert not thread.is_alive()
