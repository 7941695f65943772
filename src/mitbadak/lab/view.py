"""A view's Python side: settings and messages in, frames out (see frontend/README.md)."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, ClassVar

from mitbadak.core.errors import MitbadakError
from mitbadak.core.languages import LANGUAGES
from mitbadak.lab.both import reason
from mitbadak.lab.recorded import Recorded, html_of
from mitbadak.lab.schema import Choice, Fields, RefusedError, checked, defaults
from mitbadak.lab.wire import Frame

WAITING = 32  # answers that wait for a slow reader; older ones are dropped
COMMON: Mapping[str, Fields] = {"hello": {}, "save": {"lang": Choice(LANGUAGES, "en")}}
"""Messages that every view takes, beside ``set``."""


class View:
    """One open view. The host calls ``receive`` with what the page sends, ``news`` about 25
    times a second, and ``close`` when the page leaves.

    A subclass has its two tables, a method ``on_NAME`` for each message (``on_hello``: a page is
    there and knows nothing yet), ``changed`` for settings, and ``frames``. Nothing is ever pushed:
    a view that trains keeps its newest state for the next call of ``frames``, so a slow reader
    gets fewer frames rather than a queue of old ones.

    Attributes:
        name: as in the address.
        SETTINGS: the fields of ``settings``, which the page shows as controls.
        MESSAGES: the fields of each kind of message.
        prompt: whether a message is answered at once, rather than with the next frame.
        lasting: whether what is shown can be kept as a file; ``recorded`` then says how.
        settings: the current values.
    """

    name: ClassVar[str]
    prompt: ClassVar[bool] = False
    lasting: ClassVar[bool] = True
    SETTINGS: ClassVar[Fields] = {}
    MESSAGES: ClassVar[Mapping[str, Fields]] = {}

    def __init__(self) -> None:
        self.settings: dict[str, Any] = defaults(self.SETTINGS)
        self.outbox: deque[Frame] = deque(maxlen=WAITING)
        self.wanted_file = ""  # the language of a file that the page waits for

    def receive(self, message: Any) -> None:
        """Handle one message of the page.

        Args:
            message: what JSON made of it: ``{"type": "set", "settings": {...}}`` for settings, or
                ``{"type": NAME, ...}`` with the fields of ``MESSAGES[NAME]``. Fields that are left
                out have their defaults.

        Raises:
            RefusedError: it is none of these. Nothing has changed then.
        """
        kind = message.get("type") if isinstance(message, dict) else None
        if kind == "set" and set(message) == {"type", "settings"}:
            settings = checked("settings", self.SETTINGS, message["settings"])
            self.change(settings)
            return
        messages = {**COMMON, **self.MESSAGES}
        if not isinstance(kind, str) or kind not in messages:
            known = ", ".join(["set", *messages])
            raise RefusedError(f"{self.name} takes no such message. Known types: {known}.")
        fields = messages[kind]
        values = checked(kind, fields, {k: v for k, v in message.items() if k != "type"})
        if kind == "hello":
            self.tell_settings()
        getattr(self, f"on_{kind}")(**{**defaults(fields), **values})

    def change(self, settings: dict[str, Any]) -> None:
        """Take settings, which are checked already."""
        names = {name for name, value in settings.items() if value != self.settings[name]}
        self.settings.update(settings)
        if names:
            self.changed(names)

    def changed(self, names: set[str]) -> None:
        """Called after some settings have changed."""

    def on_hello(self) -> None:
        """A page is there, perhaps another one than before: tell it everything from now on."""

    def on_save(self, lang: str) -> None:
        """The page wants a file that shows what there is to be seen."""
        if not self.lasting:
            raise RefusedError(f"{self.name} cannot be saved as a file.")
        self.wanted_file = lang

    def recorded(self) -> Recorded:
        """What a file shows: here, everything that a page gets which has just been opened.

        Called where ``frames`` is.
        """
        self.receive({"type": "hello"})
        opening = self.frames()
        self.receive({"type": "hello"})  # what was told just now has not been seen by the page
        return Recorded(self.name, opening)

    def tell_settings(self) -> None:
        """Tell the page the settings, which Python has changed by itself or knows better."""
        self.outbox.append(self.settings_frame())

    def settings_frame(self) -> Frame:
        """The settings and their defaults."""
        content = {"settings": dict(self.settings), "defaults": defaults(self.SETTINGS)}
        return Frame({"type": "settings", **content})

    def complain(self, problem: Exception) -> None:
        """Tell the page what it may not have, or what went wrong."""
        kind = "refused" if isinstance(problem, RefusedError) else "problem"
        self.answer(kind, text=reason(problem))

    def answer(self, kind: str, *buffers: bytes, **content: Any) -> None:
        """Put a frame that must not be lost before the next ones."""
        self.outbox.append(Frame({"type": kind, **content}, buffers))

    def frames(self) -> list[Frame]:
        """What has become new since the last call; called from one thread at a time."""
        answers = []
        while self.outbox:
            answers.append(self.outbox.popleft())
        return answers

    def news(self) -> list[Frame]:
        """``frames``, and the file that the page has asked for."""
        frames, lang = self.frames(), self.wanted_file
        if lang:
            self.wanted_file = ""
            try:
                html = html_of(self.recorded(), lang)
                frames.append(Frame({"type": "file", "name": f"{self.name}.html"}, (html,)))
            except MitbadakError as problem:
                self.complain(problem)
        return frames

    def close(self) -> None:
        """The page has left: stop whatever runs."""
