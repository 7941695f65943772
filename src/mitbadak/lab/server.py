"""The small server of ``mitbadak lab``: the page, and a WebSocket for each open view."""

# pyright: reportMissingImports=false
from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import threading
import traceback
import webbrowser
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mitbadak.core.ending import Ended
from mitbadak.core.errors import MitbadakError, RangeError
from mitbadak.core.signals import handled
from mitbadak.core.startup import ALL
from mitbadak.lab.assets import PAGE, Asset, page_files
from mitbadak.lab.guards import MOST_BYTES, PROTOCOL, Guard, RateLimit, new_token
from mitbadak.lab.schema import RefusedError
from mitbadak.lab.wire import packed

try:
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import HTTPConnection, Request
    from starlette.responses import PlainTextResponse, Response
    from starlette.routing import Route, WebSocketRoute
    from starlette.websockets import WebSocket, WebSocketDisconnect
except ImportError as error:
    raise ImportError(
        "mitbadak.lab needs Starlette, uvicorn and websockets: pip install 'mitbadak[lab]'."
    ) from error

if TYPE_CHECKING:
    from mitbadak.lab.view import View

ADDRESS = "127.0.0.1"
PORT, PORTS = 8765, 20  # the first that is tried, and how many
PERIOD = 0.04  # seconds between frames: 25 a second
MOST_VIEWS = 32
FORBIDDEN = 403  # an HTTP status
BUSY, TOO_MUCH, BROKEN = 1013, 1009, 1011  # close codes of WebSockets
PING = 20.0  # seconds between pings, and until one counts as unanswered


class Lab:
    """The application: its open views, and what it answers.

    Args:
        guard: who may talk to it.
        files: the page's files by address.
        views: the views by name, instead of all.
    """

    def __init__(
        self,
        guard: Guard,
        files: dict[str, Asset],
        views: dict[str, Callable[[], View]] | None = None,
    ):
        self.guard, self.files, self.given = guard, files, views
        self.open: set[View] = set()
        self.app = Starlette(
            routes=[
                WebSocketRoute("/view/{name}", self.view),
                Route("/", self.file, methods=["GET"]),
                Route("/{path:path}", self.file, methods=["GET"]),
            ]
        )

    def views(self) -> dict[str, Callable[[], View]]:
        """The views by name; importing them takes as long as a browser to load the page."""
        if self.given is not None:
            return self.given
        from mitbadak.lab.views import VIEWS

        return VIEWS

    async def file(self, request: Request) -> Response:
        """One file of the page."""
        if not self.guard.knows_host(_header(request, "host")):
            return PlainTextResponse("unknown host", FORBIDDEN, headers=self.guard.headers)
        origins = _header(request, "origin")
        if origins and not self.guard.knows_origin(origins):
            return PlainTextResponse("unknown origin", FORBIDDEN, headers=self.guard.headers)
        name = request.path_params.get("path") or PAGE
        asset = self.files.get(name)
        if asset is None:
            return PlainTextResponse("no such file", 404, headers=self.guard.headers)
        lasting = "no-store" if name == PAGE else "private, max-age=31536000, immutable"
        headers = {**self.guard.headers, "Cache-Control": lasting}
        return Response(asset.content, headers=headers, media_type=asset.media_type)

    async def view(self, websocket: WebSocket) -> None:
        """One open view, until the page leaves."""
        known = (
            self.guard.knows_host(_header(websocket, "host"))
            and self.guard.knows_origin(_header(websocket, "origin"))
            and self.guard.knows_token(websocket.scope["subprotocols"])
        )
        views = await asyncio.to_thread(self.views) if known else {}
        make = views.get(websocket.path_params["name"])
        if make is None:
            await websocket.close()  # before it is accepted: HTTP status 403
            return
        await websocket.accept(PROTOCOL)
        if len(self.open) >= MOST_VIEWS:
            await websocket.close(BUSY, f"more than {MOST_VIEWS} views are open")
            return
        view = make()
        self.open.add(view)
        asked = asyncio.Event()
        sender = asyncio.create_task(self._send(websocket, view, asked))
        try:
            await self._receive(websocket, view, asked)
        except Exception:  # a fault of the view: the page opens another one, with its settings
            await self._give_up(websocket)
        finally:
            sender.cancel()
            with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
                await sender
            self.open.discard(view)
            await asyncio.to_thread(view.close)

    async def _receive(self, websocket: WebSocket, view: View, asked: asyncio.Event) -> None:
        """Hand the page's messages to the view; what is not allowed is answered by its name."""
        limit, refusals = RateLimit(), RateLimit(5.0, 20)
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                event = await websocket.receive()
                if event["type"] == "websocket.disconnect":
                    return
                if not limit.allows():
                    continue
                try:
                    view.receive(_parsed(event))
                    if view.prompt:
                        asked.set()
                except MitbadakError as problem:
                    if refusals.allows():
                        view.complain(problem)

    async def _send(self, websocket: WebSocket, view: View, asked: asyncio.Event) -> None:
        """Send what is new, at most 25 times a second, or at once after a message to a prompt
        view; a slow reader gets fewer frames."""
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                frames = [packed(frame) for frame in await asyncio.to_thread(view.news)]
            except Exception:  # a page that waits for frames that never come looks alive
                await self._give_up(websocket)
                return
            for frame in frames:
                await websocket.send_bytes(frame)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asked.wait(), max(0.001, PERIOD - (loop.time() - began)))
            asked.clear()

    async def _give_up(self, websocket: WebSocket) -> None:
        """Say on the terminal what failed, and end the view where it was."""
        traceback.print_exc()
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await websocket.close(BROKEN, "the view failed; see the terminal")

    async def close(self) -> None:
        """Stop every view."""
        for view in list(self.open):
            await asyncio.to_thread(view.close)


def _header(connection: HTTPConnection, name: str) -> list[str]:
    return connection.headers.getlist(name)


def _parsed(event: Any) -> Any:
    """A message as JSON; binary ones and those that are too large are refused."""
    text = event.get("text")
    if text is None or len(text) > MOST_BYTES:
        raise RefusedError("a message must be a JSON text of at most 1 MiB.")
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise RefusedError("a message must be JSON.") from None


def _no_number(text: str) -> Any:
    raise ValueError(text)


def bound(port: int | None) -> socket.socket:
    """A socket that listens on this machine alone.

    Args:
        port: of the lab; None for the first free one from 8765 on, 0 for any.

    Raises:
        RangeError: the port is taken.
    """
    tried = range(PORT, PORT + PORTS) if port is None else (port,)
    for number in tried:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((ADDRESS, number))
        except OSError:
            listener.close()
            continue
        return listener
    raise RangeError(f"lab: port {tried[0]} is taken. Choose another one: port={tried[0] + 1}.")


def serve(
    port: int | None = None,
    *,
    browser: bool = True,
    said: Callable[[str], Any] | None = None,
) -> None:
    """Run the lab until Ctrl-C.

    Args:
        port: where it listens; None for the first free one from 8765 on.
        browser: whether to open the page in the browser.
        said: called with the address, which holds the token, once the page can be opened.

    Raises:
        MissingAssetsError: the page has not been built.
        RangeError: the port is taken.
    """
    files = page_files()
    listener = bound(port)
    number = listener.getsockname()[1]
    guard = Guard(number, new_token())
    lab = Lab(guard, files)
    address = f"http://{ADDRESS}:{number}/#token={guard.token}"

    def started() -> None:
        if said is not None:
            said(address)
        if browser:
            webbrowser.open(address)
        threading.Thread(target=lab.views, name="views").start()  # while the page is loaded

    server, arrived = Server(lab, started), list[int]()

    def stop(signal_number: int, _: Any) -> None:
        arrived.append(signal_number)
        server.should_exit = True

    with handled(ALL, stop):
        server.run_until_stopped(listener)
    if arrived and arrived[0] != signal.SIGINT:
        raise Ended(arrived[0])


class Server(uvicorn.Server):
    """Uvicorn with the lab's bounds, and without its own handling of signals.

    Args:
        lab: the application.
        started: called once the page can be opened.
    """

    def __init__(self, lab: Lab, started: Callable[[], Any]):
        self.lab, self.when_started = lab, started
        super().__init__(_config(lab))

    def run_until_stopped(self, listener: socket.socket) -> None:
        """Serve until ``should_exit`` is set, then stop every view."""
        asyncio.run(self._serve_and_close(listener))

    async def _serve_and_close(self, listener: socket.socket) -> None:
        try:
            await self.serve(sockets=[listener])
        finally:
            await self.lab.close()

    def capture_signals(self) -> Any:
        """Leave signals to the command line."""
        return contextlib.nullcontext()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say so."""
        await super().startup(sockets=sockets)
        self.when_started()


def _config(lab: Lab) -> uvicorn.Config:
    return uvicorn.Config(
        lab.app, ws="websockets-sansio", ws_max_size=MOST_BYTES, ws_max_queue=16,
        ws_ping_interval=PING, ws_ping_timeout=PING, ws_per_message_deflate=False,
        lifespan="off", log_config=None, access_log=False, server_header=False,
        proxy_headers=False, timeout_graceful_shutdown=2, limit_concurrency=256,
    )  # fmt: skip
