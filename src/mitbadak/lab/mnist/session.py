"""The view of MNIST live: the page's messages, and what the page is shown."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from mitbadak.lab.both import both
from mitbadak.lab.mnist.building import build_net, build_rule
from mitbadak.lab.mnist.curves import Curve
from mitbadak.lab.mnist.gauges import Reading, images, misreadings, read_test_set, weight_pictures
from mitbadak.lab.mnist.run import Live, Snapshot
from mitbadak.lab.mnist.settings import SETTINGS
from mitbadak.lab.recorded import Film, Recorded
from mitbadak.lab.schema import Fields, Whole
from mitbadak.lab.view import View
from mitbadak.lab.ward import Ward, in_words
from mitbadak.lab.wire import Frame

SHARES = {"full": 0.03}  # of the time that each gauge may take while the net trains
AT_EASE = 0.4  # the same where training itself takes little time
LEAST = 0.25  # seconds between two measurements
FEWEST_STEPS = 20  # before the doctor says anything
ANY = -1


class MnistView(View):
    """See ``View``."""

    name = "mnist"
    SETTINGS = SETTINGS
    MESSAGES: ClassVar[Mapping[str, Fields]] = {
        "play": {}, "pause": {}, "step": {}, "restart": {},
        "pick": {"digit": Whole(ANY, 9, ANY), "answer": Whole(ANY, 9, ANY)},
    }  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.live: Live | None = None
        self.picked = (ANY, ANY)
        self.told: dict[str, Any] = {}
        self.reading: Reading | None = None
        self.next_look = self.next_visit = 0.0
        self.ward: Ward | None = None
        self.losses: Curve | None = None
        self.film, self.opinion = Film(), Frame({"type": "doctor", "report": None})

    # ---- the page's messages

    def on_hello(self) -> None:
        """A page is there: it gets everything, whatever was sent before."""
        self.told = {}
        self.next_look = self.next_visit = 0.0
        if self.live is None:
            self.live = Live(self.settings, self._failed)

    def on_play(self) -> None:
        """Train until paused."""
        if self.live is not None:
            self.live.play(True)

    def on_pause(self) -> None:
        """Stop after the update that is being made."""
        if self.live is not None:
            self.live.play(False)

    def on_step(self) -> None:
        """One update."""
        if self.live is not None:
            self.live.step()

    def on_restart(self) -> None:
        """Back to epoch 0, with the same seed."""
        if self.live is not None:
            self.live.restart()

    def on_pick(self, digit: int, answer: int) -> None:
        """Show the images of one cell of the confusion matrix, or the worst misreadings again."""
        self.picked = (digit, answer)
        self.told.pop("picked", None)

    def changed(self, names: set[str]) -> None:
        """Apply settings between two updates, without a reset."""
        self.next_look = self.next_visit = 0.0
        if self.live is not None:
            self.live.apply(self.settings)

    def recorded(self) -> Recorded:
        """The training so far, as it was read now and then, with the doctor's last word."""
        opening, live = [self.settings_frame()], self.live
        if live is not None:
            for name, curve in (("losses", live.losses), ("measured", live.measured)):
                opening.append(Frame({"type": name, "from": 0}, (curve.since(0)[0].tobytes(),)))
        moments = list(self.film.moments)
        if moments:
            at, frames = moments[-1]
            moments[-1] = at, [*frames[:-1], self.opinion]
        return Recorded(self.name, opening, moments)

    def close(self) -> None:
        """Stop training."""
        if self.live is not None:
            self.live.close()

    def _failed(self, problem: Exception) -> None:
        self.complain(problem)

    # ---- frames

    def frames(self) -> list[Frame]:
        """Answers, the newest moment, rows of the curves, and now and then how the net reads."""
        frames, live = super().frames(), self.live
        if live is None or live.newest is None:
            return frames
        snapshot = live.newest
        if live.losses is not self.losses:  # begun anew
            self.losses = live.losses
            self.told, self.next_look, self.next_visit = {}, 0.0, 0.0
            self.film = Film()
        frames += self._moment(live, snapshot)
        if self._may_look(live, snapshot, "read", self.next_look):
            began = time.perf_counter()
            frames += self._look(live, snapshot)
            self.next_look = _next(began, live)
        elif self._may_look(live, snapshot, "visited", self.next_visit):
            began = time.perf_counter()
            frames += self._visit(live, snapshot)
            self.next_visit = _next(began, live)
        for name, curve in (("losses", live.losses), ("measured", live.measured)):
            frames += self._rows(name, curve)
        if self.reading is not None and self.told.get("picked") != (self.picked, self.reading.row):
            self.told["picked"] = (self.picked, self.reading.row)
            frames.append(picture_frame(self.reading, *self.picked))
        return frames

    def _moment(self, live: Live, snapshot: Snapshot) -> list[Frame]:
        state = (id(snapshot), live.playing, live.problem, live.finished)
        if self.told.get("state") == state:
            return []
        self.told.update(state=state, snapshot=snapshot)  # kept, so that its id stays its own
        return [moment_frame(live, snapshot)]

    def _may_look(self, live: Live, snapshot: Snapshot, what: str, due: float) -> bool:
        """Whether a moment is new to a gauge whose turn it is; one at rest is looked at at once."""
        if self.told.get(what) == (snapshot.run, snapshot.step):
            return False
        return time.perf_counter() >= due or not live.playing

    def _look(self, live: Live, snapshot: Snapshot) -> list[Frame]:
        self.told["read"] = (snapshot.run, snapshot.step)
        settings = live.settings
        reading = read_test_set(snapshot, settings["activation"], settings["examples"])
        self.reading = reading
        live.measured.add(*reading.row)
        confusion = reading.confusion.astype("<i4").tobytes()
        frame = Frame({"type": "reading", "row": list(reading.row)}, (confusion,))
        shown = [moment_frame(live, snapshot), frame, picture_frame(reading, ANY, ANY)]
        self.film.add(snapshot.epoch, [*shown, self.opinion])
        return [frame]

    def _visit(self, live: Live, snapshot: Snapshot) -> list[Frame]:
        """Ask the doctor; a new trainer is a new patient."""
        self.told["visited"] = (snapshot.run, snapshot.step)
        trainer, origin = live.trainer, live.origin
        if trainer is None:
            return []
        if self.told.get("patient") != snapshot.run:
            net = build_net({**live.settings, "hidden": origin["b1"].size})
            for name, value in origin.items():
                net.params[name] = value
            self.ward = Ward(net, trainer, build_rule(live.settings))
            self.told["patient"] = snapshot.run
        if self.ward is None or len(trainer.history.losses) < FEWEST_STEPS:
            report = None
        else:
            history = trainer.history
            report = in_words(self.ward.report(snapshot.params, history, live.settings["lr"]))
        self.opinion = Frame({"type": "doctor", "report": report})
        return [self.opinion]

    def _rows(self, name: str, curve: Curve) -> list[Frame]:
        version, sent = self.told.get(name, (None, 0))
        start = max(0, sent - 1) if version == curve.version else 0  # the last one may have changed
        rows, version = curve.since(start)
        key = (version, start + len(rows), rows[-1:].tobytes())
        if self.told.get(f"{name} sent") == key:
            return []
        self.told[name], self.told[f"{name} sent"] = (version, start + len(rows)), key
        return [Frame({"type": name, "from": start}, (rows.tobytes(),))]


def moment_frame(live: Live, snapshot: Snapshot) -> Frame:
    """A moment's hidden units as pictures, and how far the training is."""
    pictures = weight_pictures(snapshot.params["W1"])
    outgoing = np.nan_to_num(snapshot.params["W2"].astype("<f4"))
    content = {
        "type": "moment", "epoch": snapshot.epoch, "step": snapshot.step,
        "units": len(pictures), "playing": live.playing, "finished": live.finished,
        "problem": both(live.problem) if live.problem else None,
    }  # fmt: skip
    return Frame(content, (pictures.tobytes(), outgoing.tobytes()))


def picture_frame(reading: Reading, digit: int, answer: int) -> Frame:
    """Images of the test set with what the net took them for."""
    found = misreadings(reading.answers, digit, answer)
    content = {"type": "pictures", "digit": digit, "answer": answer, "found": found}
    return Frame(content, (images([entry["image"] for entry in found]),))


def _next(began: float, live: Live) -> float:
    """When the same may be done again, so that it takes its share of the time at most."""
    now, share = time.perf_counter(), SHARES.get(live.settings["speed"], AT_EASE)
    return now + max(LEAST, (now - began) / share)
