"""The Playground's session: messages of its page in, frames out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from mitbadak.lab.playground.code import as_python, pasted_settings
from mitbadak.lab.playground.gauges import FIELD, gauges_of, net_shape, unit_side
from mitbadak.lab.playground.recording import COLUMNS, Recording
from mitbadak.lab.playground.run import Run
from mitbadak.lab.playground.settings import SETTINGS
from mitbadak.lab.playground.touch import touch
from mitbadak.lab.playground.worker import Worker
from mitbadak.lab.recorded import Recorded, nbytes_of, spread
from mitbadak.lab.schema import Fields, Flag, Number, Text, Whole, defaults
from mitbadak.lab.view import View
from mitbadak.lab.wire import Frame

NEWEST = -1.0


class PlaygroundView(View):
    """A net that learns points in the plane."""

    name = "playground"
    SETTINGS = SETTINGS
    MESSAGES: ClassVar[Mapping[str, Fields]] = {
        "play": {}, "pause": {}, "step": {}, "epoch": {}, "restart": {"compare": Flag(True)},
        "look": {"epoch": Number(NEWEST, 1e9, NEWEST)},
        "branch": {"epoch": Number(0, 1e9, 0)},
        "touch": {"layer": Whole(0, 20, 0), "unit": Whole(0, 1000, 0),
                  "x1": Number(-100, 100, 0), "x2": Number(-100, 100, 0)},
        "weight": {"name": Text(8), "row": Whole(0, 1000, 0), "column": Whole(0, 1000, 0),
                   "value": Number(-1e6, 1e6, 0)},
        "python": {}, "paste": {"text": Text(100_000)},
    }  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.run: Run | None = None
        self.looked_at: int | None = None
        self.touched: tuple[int, int, tuple[float, float]] | None = None
        self.told: dict[str, Any] = {}
        self.worker = Worker(self._advance, self._failed)

    # ---- the page's messages

    def on_hello(self) -> None:
        """A page is there: it gets everything, whatever was sent before."""
        self.told = {}
        self.worker.ask(self._start)

    def on_play(self) -> None:
        """Train until paused; from a look back, the newest moment is shown again."""
        self.looked_at = None
        self.worker.pace = self.settings["speed"]
        self.worker.play(True)

    def on_pause(self) -> None:
        """Stop after the burst that runs."""
        self.worker.play(False)

    def on_step(self) -> None:
        """One update."""
        self._once(lambda run: run.step())

    def on_epoch(self) -> None:
        """One epoch."""
        self._once(lambda run: run.burst(1))

    def on_restart(self, compare: bool) -> None:
        """Back to epoch 0, with the same seed; the run so far stays as a branch to compare with."""
        self._once(lambda run: run.restart(compare=compare))

    def on_look(self, epoch: float) -> None:
        """Show the moment nearest to an epoch; training goes on or rests as it did."""
        run = self.run
        self.looked_at = None if run is None or epoch < 0 else run.recording.nearest(epoch)

    def on_branch(self, epoch: float) -> None:
        """Go on from the moment nearest to an epoch."""
        self._once(lambda run: run.branch(run.recording.nearest(epoch)))

    def on_touch(self, layer: int, unit: int, x1: float, x2: float) -> None:
        """Tell the numbers of a unit from now on; layer 0 for none."""
        self.touched = (layer, unit, (x1, x2)) if layer else None
        self.told["state"] = None

    def on_weight(self, name: str, row: int, column: int, value: float) -> None:
        """Set one weight or bias by hand."""
        self.worker.ask(lambda: self.run and self.run.edit(name, row, column, value))

    def on_python(self) -> None:
        """The experiment as a script, for as many epochs as were trained."""
        self.answer("python", text=as_python(self.settings, self._epochs()))

    def _epochs(self) -> int:
        return max(1, int(self.run.recording.rows[-1][0]) if self.run else 0)

    def on_paste(self, text: str) -> None:
        """Settings out of a pasted script; those that it leaves out get their defaults."""
        self.change({**defaults(SETTINGS), **pasted_settings(text)})
        self.tell_settings()

    def changed(self, names: set[str]) -> None:
        """Apply settings between two bursts, without a reset."""
        self.worker.pace = self.settings["speed"]
        settings = dict(self.settings)
        self.worker.ask(lambda: self.run and self.run.apply(settings))

    def close(self) -> None:
        """Stop training."""
        self.worker.close()
        if self.run is not None:
            self.run.close()

    def recorded(self) -> Recorded:
        """The whole run, with as many of its moments as a file may hold."""
        run = self.run
        if run is None or not run.recording.moments:
            return Recorded(self.name, [self.settings_frame()])
        moments, rows = list(run.recording.moments), list(run.recording.rows)
        opening = [self.settings_frame(), points_frame(run.sets)]
        opening += [branches_frame(run.branches), rows_frame(rows)]
        chosen = spread(len(moments), nbytes_of([self._gauges(run, moments[-1], None)]))
        told = [(moments[k].row[0], [self._gauges(run, moments[k], k)]) for k in chosen]
        return Recorded(self.name, opening, told, as_python(self.settings, self._epochs()))

    # ---- in the worker's thread

    def _start(self) -> None:
        if self.run is None:
            self.run = Run(self.settings)

    def _once(self, action: Any) -> None:
        self.worker.play(False)
        self.looked_at = None
        self.worker.ask(lambda: self.run and action(self.run))

    def _advance(self, epochs: int | None) -> bool:
        if self.run is None or self.run.problem:
            return False
        self.run.burst(epochs)
        return not self.run.problem

    def _failed(self, problem: Exception) -> None:
        self.complain(problem)

    # ---- frames

    def frames(self) -> list[Frame]:
        """Answers, the points if they changed, new rows of the curves, and the gauges."""
        frames, run = super().frames(), self.run
        if run is None or not run.recording.moments:
            return frames
        sets, recording, branches = run.sets, run.recording, run.branches
        if self.told.get("sets") is not sets:
            self.told["sets"] = sets
            frames.append(points_frame(sets))
        frames += self._rows(recording, branches)
        moments, number = recording.moments, self.looked_at
        if number is not None and number >= len(moments):
            number = None
        moment = moments[-1 if number is None else number]
        state = (id(moment), self.worker.playing, run.problem, number is None)
        if self.told.get("state") != state:
            self.told["state"] = state
            self.told["moment"] = moment  # kept, so that its id is not given to another one
            frames.append(self._gauges(run, moment, number))
            if self.touched is not None:
                numbers = touch(moment, sets, *self.touched)
                frames.append(Frame({"type": "touch", "numbers": numbers}))
        return frames

    def _rows(self, recording: Recording, branches: list[Recording]) -> list[Frame]:
        rows, version = recording.rows, (id(recording), recording.version)
        sent = self.told.get("rows", 0) if self.told.get("version") == version else 0
        found = []
        if self.told.get("branches") is not branches:
            self.told["branches"] = branches
            found.append(branches_frame(branches))
        last = rows[-1] if rows else None
        if self.told.get("version") != version or self.told.get("last") != last:
            start = max(0, min(sent, len(rows)) - 1)  # the last one may have been replaced
            self.told.update(version=version, rows=len(rows), last=last, recording=recording)
            found.append(rows_frame(rows, start))
        return found

    def _gauges(self, run: Run, moment: Any, number: int | None) -> Frame:
        classes = moment.params[f"b{len(moment.settings['layers']) + 1}"].size
        classes = run.sets.points.classes and classes
        gauges = gauges_of(moment, classes)
        params = b"".join(p.astype("<f4").tobytes() for p in moment.params.values())
        return Frame(
            {
                "type": "frame",
                "net": net_shape(moment.settings, classes),
                "field": [FIELD, gauges.field.shape[2]],
                "side": unit_side(len(gauges.units)),
                "params": [[name, *p.shape] for name, p in moment.params.items()],
                "row": list(moment.row),
                "playing": self.worker.playing,
                "newest": number is None,
                "problem": run.problem,
            },
            (gauges.field.tobytes(), gauges.units.tobytes(), gauges.scales.tobytes(), params),
        )


def _columns(rows: list[tuple[float, ...]]) -> bytes:
    with np.errstate(over="ignore"):  # a loss that a float32 cannot hold is infinite there
        return np.asarray(rows, np.float64).reshape(-1, len(COLUMNS)).astype("<f4").tobytes()


def rows_frame(rows: list[tuple[float, ...]], start: int = 0) -> Frame:
    """The curves of a run, from one row on."""
    return Frame({"type": "rows", "from": start}, (_columns(rows[start:]),))


def branches_frame(branches: list[Recording]) -> Frame:
    """The curves of what a run has left behind."""
    return Frame({"type": "branches"}, tuple(_columns(branch.rows) for branch in branches))


def points_frame(sets: Any) -> Frame:
    """The points of a run, for its page."""
    x, t = sets.points.x.astype("<f4"), sets.points.t.astype("<f4").reshape(-1)
    content = {"type": "points", "classes": sets.points.classes}
    buffers = (x.tobytes(), t.tobytes(), sets.is_test.astype(np.uint8).tobytes())
    return Frame(content, buffers)
