"""The session of the drawing pad: strokes in, what the net sees in them out."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from mitbadak.core.errors import MitbadakError
from mitbadak.lab.both import both
from mitbadak.lab.drawing.ink import digit_of
from mitbadak.lab.drawing.nets import OWN, Reader, reader_of, runs_of_digits
from mitbadak.lab.drawing.reading import Reading, looks_for, read, with_noise
from mitbadak.lab.schema import Fields, Number, Rows, Text, Whole
from mitbadak.lab.view import View
from mitbadak.lab.wire import Frame
from mitbadak.nn import Sequential

MOST_POINTS, MOST_CUT = 1500, 256


class DrawingView(View):
    """A pad, a net that reads it, and what one can break in the net.

    Attributes:
        reader: the net that reads now; None while the lab's own is being prepared.
    """

    name = "drawing"
    prompt = True
    SETTINGS: ClassVar[Fields] = {
        "strokes": Rows(3, MOST_POINTS, 280.0),
        "pen": Whole(6, 60, 24),
        "run": Text(200),  # "" for the lab's own net
        "cut": Rows(2, MOST_CUT, 1e6),
        "noise": Number(0.0, 3.0, 0.0),
        "noise_seed": Whole(0, 1_000_000, 0),
        "asked": Whole(-1, 999, -1),
        "unit": Rows(2, 1, 1e6),  # the one that is looked at
    }
    MESSAGES: ClassVar[Mapping[str, Fields]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.reader: Reader | None = None
        self.net: Sequential | None = None
        self.broken: tuple[Any, ...] = ()  # what self.net was made from
        self.chosen: str | None = None
        self.digit: np.ndarray | None = None
        self.inked: tuple[Any, ...] = ()
        self.told: dict[str, Any] = {}
        self.version = 0
        self.closed = False

    def on_hello(self) -> None:
        """A page is there: it gets everything, and the lab's own net is trained if need be."""
        self.told = {}
        self.answer("runs", runs=runs_of_digits())

    def changed(self, names: set[str]) -> None:
        """Show the digit again."""
        self.version += 1

    def close(self) -> None:
        """Nobody waits for the lab's own net here any more."""
        self.closed = True
        OWN.leave(self)

    def frames(self) -> list[Frame]:
        """Answers, the progress of training, and the newest reading."""
        frames = super().frames()
        try:
            frames += self._news(dict(self.settings), self.version)
        except MitbadakError as problem:
            self.settings["run"] = ""
            self.tell_settings()
            self.complain(problem)
        return frames

    def _news(self, settings: dict[str, Any], version: int) -> list[Frame]:
        frames = []
        self._choose(settings["run"])
        progress = (OWN.done, OWN.total, OWN.accuracy, OWN.problem)
        if not settings["run"] and self.told.get("progress") != progress:
            self.told["progress"] = progress
            content = dict(zip(("done", "total", "accuracy"), progress[:-1], strict=True))
            problem = both(OWN.problem) if OWN.problem else None
            frames.append(Frame({"type": "training", **content, "problem": problem}))
        state = (version, self.reader)
        if self.reader is not None and self.told.get("state") != state:
            self.told["state"] = state
            frames.append(self._reading(self.reader, settings))
        return frames

    def _choose(self, run: str) -> None:
        """The net of a run, or the newest copy of the lab's own."""
        if run:
            if self.chosen != run:
                self.reader = reader_of(run)
                OWN.leave(self)
        else:
            if not self.closed:
                OWN.ask(self)
            self.reader = OWN.reader
        self.chosen = run

    def _reading(self, reader: Reader, settings: dict[str, Any]) -> Frame:
        began = time.perf_counter()
        net = self._broken(reader, settings)
        if self.inked != (settings["strokes"], settings["pen"]):
            self.inked = (settings["strokes"], settings["pen"])
            self.digit = digit_of(settings["strokes"], settings["pen"])
        digit = np.zeros((28, 28)) if self.digit is None else self.digit
        cut = [(int(layer), int(unit)) for layer, unit in settings["cut"]]
        reading = read(reader, net, digit, cut=cut, asked=settings["asked"])
        whole = read(reader, reader.net, digit)
        frame = reading_frame(reading, reader, digit, settings, net)
        frame.content.update(
            empty=self.digit is None,
            unbroken=whole.probabilities.tolist(),
            milliseconds=1000 * (time.perf_counter() - began),
        )
        return frame

    def _broken(self, reader: Reader, settings: dict[str, Any]) -> Sequential:
        """The reader's net with noise, made again only when that has changed."""
        key = (reader, settings["noise"], settings["noise_seed"])
        if self.net is None or self.broken != key:
            self.broken = key
            self.net = with_noise(reader.net, settings["noise"], settings["noise_seed"])
        return self.net


def reading_frame(
    reading: Reading,
    reader: Reader,
    digit: np.ndarray,
    settings: Mapping[str, Any],
    net: Sequential,
) -> Frame:
    """A reading for the page: numbers in the content, pictures beside it."""
    unit = settings["unit"]
    weights = looks_for(net, int(unit[0][0]), int(unit[0][1])) if unit else None
    content = {
        "type": "reading",
        "classes": list(reader.classes),
        "probabilities": reading.probabilities.tolist(),
        "asked": reading.asked,
        "layers": [
            {"number": seen.number, "kind": seen.kind, "shape": list(seen.values.shape)}
            for seen in reading.layers
        ],
        "weights": weights is not None,
    }
    pictures = [digit, reading.gradient, reading.gradient * reading.row]
    pictures += [seen.values for seen in reading.layers]
    pictures += [] if weights is None else [weights]
    return Frame(content, tuple(np.asarray(p, "<f4").tobytes() for p in pictures))
