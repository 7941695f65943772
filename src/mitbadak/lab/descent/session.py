"""The session of the Descent view: a prediction is asked for before the paths are told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from mitbadak.core.errors import MitbadakError
from mitbadak.descent import SURFACES, Surface, surface
from mitbadak.lab.descent.landscape import landscape, surface_content
from mitbadak.lab.descent.running import OUTCOMES, best_rates, race_frame, run, setup_frame
from mitbadak.lab.recorded import Recorded
from mitbadak.lab.schema import Choice, Fields, Flag, Number, Records, Rows, Whole
from mitbadak.lab.view import View
from mitbadak.lab.wire import Frame
from mitbadak.optim import OPTIMIZERS

MOST_LANES, MOST_STEPS = 5, 300
DECISIVE = ("surface", "start", "lanes", "steps", "gradient")
LANE: Fields = {"optimizer": Choice(tuple(OPTIMIZERS), "sgd"), "lr": Number(1e-5, 20.0, 0.1)}


class DescentView(View):
    """Optimizers that race on a surface.

    Nothing about the paths leaves this side before the page has answered whether the first lane
    will arrive, unless ``ask`` is off.
    """

    name = "descent"
    prompt = True
    SETTINGS: ClassVar[Fields] = {
        "surface": Choice(tuple(SURFACES), "ellipse"),
        "start": Rows(2, 1, 100.0),  # none: the usual start of the surface
        "lanes": Records(LANE, MOST_LANES, [{"optimizer": "sgd", "lr": 0.9}], 1),
        "steps": Whole(1, MOST_STEPS, 50),
        "gradient": Choice(("numerical", "exact"), "numerical"),
        "ask": Flag(True),
    }
    MESSAGES: ClassVar[Mapping[str, Fields]] = {
        "predict": {"answer": Choice(OUTCOMES, OUTCOMES[0])},
        "best": {},
    }

    def __init__(self) -> None:
        super().__init__()
        self.told_surface = ""
        self.told_setup = self.told_race = ""
        self.guess: tuple[str, str] | None = None  # with the settings that it was made for
        self.wants_best = False

    def on_hello(self) -> None:
        """A page is there: it gets everything."""
        self.told_surface = self.told_setup = self.told_race = ""

    def on_predict(self, answer: str) -> None:
        """What the page thinks will become of the first lane; the paths follow."""
        self.guess = (answer, decisive(self.settings))

    def on_best(self) -> None:
        """Give every lane the best of the usual rates."""
        self.wants_best = True

    def recorded(self) -> Recorded:
        """The race as it ran, without its question."""
        settings = {**self.settings, "ask": False}
        f, told = surface(settings["surface"]), self.settings_frame()
        frames = [Frame({**told.content, "settings": settings}), surface_frame(f)]
        frames += [setup_frame(settings), race_frame(f, run(settings), None)]
        return Recorded(self.name, frames)

    def frames(self) -> list[Frame]:
        """The surface, the setup and the paths, each when it has changed."""
        try:
            if self.wants_best:
                self.wants_best = False
                self.change({"lanes": best_rates(self.settings)})
                self.tell_settings()
            return [*super().frames(), *self._news(dict(self.settings))]
        except MitbadakError as problem:
            self.complain(problem)
            return super().frames()

    def _news(self, settings: dict[str, Any]) -> list[Frame]:
        frames, name, setup = [], settings["surface"], decisive(settings)
        f = surface(name)
        if self.told_surface != name:
            self.told_surface = name
            frames.append(surface_frame(f))
        if self.told_setup != setup:
            self.told_setup = setup
            frames.append(setup_frame(settings))
        guess = self.guess[0] if self.guess and self.guess[1] == setup else None
        race = f"{guess}: {setup}"
        if self.told_race != race and (guess or not settings["ask"]):
            self.told_race = race
            frames.append(race_frame(f, run(settings), guess))
        return frames


def surface_frame(f: Surface) -> Frame:
    """A surface with its heights."""
    lands = landscape(f)
    content = {"type": "surface", **surface_content(f, lands)}
    return Frame(content, (lands.heights.astype("<f4").tobytes(),))


def decisive(settings: Mapping[str, Any]) -> str:
    """The settings that decide how a race ends, as a text to compare.

    Example:
        >>> view = DescentView()
        >>> before = decisive(view.settings)
        >>> view.receive({"type": "set", "settings": {"ask": False}})
        >>> before == decisive(view.settings)
        True
    """
    return json.dumps([settings[name] for name in DECISIVE])
