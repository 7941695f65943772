"""The view of the clinic: the page's messages, and what the page is shown."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, ClassVar

import numpy as np

from mitbadak.functions.blas import few_blas_threads
from mitbadak.lab.clinic.cases import CASES, CAUSES, HEALTHY
from mitbadak.lab.clinic.ward_round import Observation
from mitbadak.lab.playground.worker import Worker
from mitbadak.lab.schema import Choice, Fields, Whole
from mitbadak.lab.view import View
from mitbadak.lab.ward import in_words, leave
from mitbadak.lab.wire import Frame

MOST_SEEDS = 10  # each case has so many patients
BURST = 0.03  # seconds between two looks at what the page wants

# Points for an answer.
RIGHT, WRONG = 2, -1
FALSE_ALARM = -2  # a fault named in a healthy training

SETTINGS: Fields = {
    "case": Whole(1, len(CASES), 1),
    "seed": Whole(0, MOST_SEEDS - 1, 0),
}


def points(answer: str, truth: str) -> int:
    """What an answer is worth.

    Example:
        >>> points("dead-relu", "dead-relu"), points("dead-relu", "healthy")
        (2, -2)
    """
    if answer == truth:
        return RIGHT
    return FALSE_ALARM if truth == HEALTHY else WRONG


class ClinicView(View):
    """See ``View``."""

    name = "clinic"
    lasting = False  # its answers would be in the file
    SETTINGS = SETTINGS
    MESSAGES: ClassVar[Mapping[str, Fields]] = {
        "play": {}, "pause": {}, "finish": {},
        "answer": {"cause": Choice(CAUSES, HEALTHY)},
    }  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.observation: Observation | None = None
        self.answered: str | None = None
        self.report: dict[str, Any] | None = None
        self.told: dict[str, Any] = {}
        self.worker = Worker(self._advance, self._failed)

    # ---- the page's messages

    def on_hello(self) -> None:
        """A page is there: it gets everything, whatever was sent before."""
        self.told = {}
        if self.observation is None:
            self._admit_by(self.settings)

    def on_play(self) -> None:
        """Go on with the training."""
        self.worker.pace = "normal"
        self.worker.play(True)

    def on_pause(self) -> None:
        """Stop after the update that is being made."""
        self.worker.play(False)

    def on_finish(self) -> None:
        """Train to the end without a pause."""
        self.worker.pace = "full"
        self.worker.play(True)

    def on_answer(self, cause: str) -> None:
        """Name the cause. The first answer counts; then the training ends and the doctor speaks."""
        observation = self.observation
        if observation is None or self.answered is not None:
            return
        self.answered = cause
        self.told.pop("verdict", None)
        self.worker.ask(self._on_one_thread(lambda: self._examine(observation)))

    def changed(self, names: set[str]) -> None:
        """Another patient."""
        self._admit_by(self.settings)

    def close(self) -> None:
        """Stop training."""
        leave(self.worker)

    # ---- in the worker's thread

    def _admit_by(self, settings: Mapping[str, Any]) -> None:
        case, seed = CASES[settings["case"] - 1], settings["seed"]
        self.worker.play(False)
        self.worker.wishes.clear()
        self.worker.pace = "normal"
        self.worker.ask(self._on_one_thread(lambda: self._admit(case.admit, seed)))

    def _admit(self, admit: Callable[[int], Any], seed: int) -> None:
        self.answered = self.report = None
        self.observation = Observation(admit(seed))
        self.worker.play(True)

    def _examine(self, observation: Observation) -> None:
        while not observation.finished:
            if self.worker.closed or observation is not self.observation:
                return
            observation.advance()
        report = in_words(observation.report())
        if observation is self.observation:
            self.report = report
            self.worker.play(False)

    def _advance(self, updates: int | None) -> bool:
        observation = self.observation
        if observation is None:
            return False
        end = time.perf_counter() + BURST
        with few_blas_threads():
            while not observation.finished and updates != 0 and time.perf_counter() < end:
                observation.advance()
                updates = None if updates is None else updates - 1
        return not observation.finished

    def _on_one_thread(self, action: Callable[[], Any]) -> Callable[[], Any]:
        def act() -> None:
            with few_blas_threads():  # a second one makes nets of this size many times slower
                action()

        return act

    def _failed(self, problem: Exception) -> None:
        self.complain(problem)

    # ---- frames

    def frames(self) -> list[Frame]:
        """Answers, the patient if it is another one, new rows and looks, verdict and report."""
        frames, observation = super().frames(), self.observation
        if observation is None:
            return frames
        if self.told.get("patient") is not observation:
            self.told = {"patient": observation}
            frames.append(self._chart(observation))
        rows, looks = list(observation.rows), list(observation.looks)
        done, seen = self.told.get("rows", 0), self.told.get("looks", 0)
        if len(rows) > done:
            self.told["rows"] = len(rows)
            fresh = np.asarray(rows[done:], "<f4")
            frames.append(Frame({"type": "rows", "from": done}, (fresh.tobytes(),)))
        if len(looks) > seen:
            self.told["looks"] = len(looks)
            fresh = [{"step": step, "layers": [asdict(h) for h in layers]}
                     for step, layers in looks[seen:]]  # fmt: skip
            frames.append(Frame({"type": "looks", "from": seen, "looks": fresh}))
        state = (self.worker.playing, observation.finished)
        if self.told.get("state") != state:
            self.told["state"] = state
            frames.append(Frame({"type": "state", "playing": state[0], "finished": state[1]}))
        return frames + self._verdict()

    def _chart(self, observation: Observation) -> Frame:
        pixels, labels = observation.samples()
        content = {
            "type": "patient", "case": self.settings["case"], "cases": len(CASES),
            "chart": observation.chart(), "columns": observation.columns(), "labels": labels,
            "causes": list(CAUSES), "seeds": MOST_SEEDS,
        }  # fmt: skip
        return Frame(content, (pixels,))

    def _verdict(self) -> list[Frame]:
        answer, report = self.answered, self.report
        key = (answer, report is not None)
        if answer is None or self.told.get("verdict") == key:
            return []
        self.told["verdict"] = key
        case = CASES[self.settings["case"] - 1]
        content = {
            "type": "verdict", "case": self.settings["case"], "answer": answer,
            "truth": case.cause, "points": points(answer, case.cause), "good": case.good,
            "report": report,
        }  # fmt: skip
        return [Frame(content)]
