"""A run of the Playground: trained in bursts, changed between them, recorded all along.

Everything here happens in one thread, the worker's.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from mitbadak.lab.playground.building import (
    build_net,
    build_rule,
    build_sets,
    carry_memory,
    carry_weights,
)
from mitbadak.lab.playground.recording import COLUMNS, Moment, Recording, moment_of, row_of
from mitbadak.lab.playground.settings import DATA, NET, UPDATES
from mitbadak.lab.schema import RefusedError
from mitbadak.training import Callback, Trainer
from mitbadak.training.evaluation import evaluate
from mitbadak.training.hooks import StopOnNonFinite, now_and_then, without_arrays

BURST = 0.03  # seconds of training between two looks at what the page wants
LONGEST = 0.25  # seconds until a burst ends in the middle of an epoch
MOST_ROWS, MOST_LOSSES = 2000, 100_000  # of a trainer's own history, before a new one takes over
PAUSED = "pause"
BRANCHES = 5  # that are kept beside the run


class Bursts(Trainer):
    """A trainer whose ``run`` is called again and again, each time for a few epochs.

    It keeps its updater from one burst to the next, since making one takes as long as some epochs.
    """

    kept: Any = None  # what the updater was made for

    def _make_updater(self, training_set: Any, batch_size: int) -> None:
        wanted = training_set, batch_size, tuple(map(type, self.callbacks))
        if self.kept is not None and self.kept[:2] == wanted[:2]:
            if self.kept == wanted:
                self.updater.absorb()  # weights that were set by hand
                return
            self.updater.close()
        super()._make_updater(training_set, batch_size)
        self.kept = wanted

    def _close_updater(self) -> None:
        if self.kept is None:
            super()._close_updater()
        else:
            self.updater.publish()

    def end(self) -> None:
        """Let go of the updater."""
        self.kept = None
        self._close_updater()


class Brake(Callback):
    """Ends a burst when its time is over, even in the middle of an epoch."""

    def __init__(self) -> None:
        self.end = 0.0

    @now_and_then
    def on_step_end(self, trainer: Any) -> None:
        """Ask for a stop when time is up."""
        if time.perf_counter() > self.end:
            trainer.request_stop(PAUSED)


class SingleStep(Callback):
    """Ends a burst after one update."""

    @without_arrays
    def on_step_end(self, trainer: Any) -> None:
        """Ask for a stop."""
        trainer.request_stop(PAUSED)


class Run:
    """The net, its trainer and the recording.

    Args:
        settings: of the Playground, complete.

    Attributes:
        sets, net, optimizer: what is trained.
        recording: its curves and moments.
        branches: recordings that were left by going back, newest last.
        problem: why training ended by itself, or "".
    """

    def __init__(self, settings: Mapping[str, Any]):
        self.settings = copy.deepcopy(dict(settings))
        self.recording, self.branches = Recording(), list[Recording]()
        self.brake, self.at_once = Brake(), 1
        self.sets = build_sets(self.settings)
        self.restart()

    def restart(self, *, compare: bool = False) -> None:
        """New weights by the seed, and epoch 0.

        Args:
            compare: keep the run so far as a branch; otherwise all branches go too.
        """
        self.branches = [*self.branches[1 - BRANCHES :], self.recording] if compare else []
        self.net = build_net(self.settings, self.sets.points.classes)
        self.rng = np.random.default_rng((self.settings["weight_seed"], 2))
        self.recording, self.problem = Recording(), ""
        self.epochs_before = self.steps_before = 0
        self._divide()
        self.optimizer = build_rule(self.settings, self._steps_per_epoch())
        self._new_trainer(carried=False)
        self._record(self._measured_row())

    def apply(self, settings: Mapping[str, Any]) -> None:
        """Go on with other settings: only what they change is made anew."""
        before, old_net = self.settings, self.net
        names = {name for name, value in settings.items() if before.get(name) != value}
        self.settings = copy.deepcopy(dict(settings))
        classes = self.sets.points.classes
        if names & DATA:
            self.sets = build_sets(self.settings)
        rebuilt = bool(names & NET) or self.sets.points.classes != classes
        if rebuilt:
            self.net = build_net(self.settings, self.sets.points.classes)
            if not names & {"init", "weight_seed"}:
                same = [_index(before["features"], f) for f in self.settings["features"]]
                carry_weights(old_net, self.net, same)
        if names & DATA or "features" in names:
            self._divide()
        if rebuilt or names & (UPDATES | DATA | {"batch_size"}):
            old, self.optimizer = self.optimizer, build_rule(self.settings, self._steps_per_epoch())
            if not rebuilt:
                carry_memory(old, self.optimizer)
            self.problem = ""
            self._new_trainer()
            self._record(self._measured_row())

    def burst(self, epochs: int | None = None) -> None:
        """Train for some epochs, or for about ``BURST`` seconds."""
        self._rotate()
        trainer = self.trainer
        left = self.most_epochs - trainer.epoch
        wanted = self.at_once if epochs is None else epochs
        trainer.epochs = trainer.epoch + min(left, wanted)
        began = time.perf_counter()
        self.brake.end = began + LONGEST
        self._train([self.brake])
        if epochs is None:
            self._pace(time.perf_counter() - began)

    def step(self) -> None:
        """Make one update."""
        self._rotate()
        self.trainer.epochs = self.trainer.epoch + 1
        self._train([SingleStep()])

    def edit(self, name: str, row: int, column: int, value: float) -> None:
        """Set one weight or bias by hand.

        Raises:
            RefusedError: there is none of that name and place.
        """
        array = self.net.params[name] if name in self.net.params else np.zeros((0, 0))
        place = (row, column) if array.ndim == 2 else (column,)
        if any(at >= size for at, size in zip(place, array.shape, strict=True)):
            raise RefusedError(f"the net has no {name}[{row}, {column}].")
        array[place] = value
        self._record(self._measured_row())

    def close(self) -> None:
        """Let go of what training holds."""
        self.trainer.end()

    def look(self, number: int | None) -> Moment:
        """A recorded moment, or the newest."""
        return self.recording.moments[-1 if number is None else number]

    def branch(self, number: int) -> None:
        """Go back to a moment; what came after it stays as a branch."""
        moment = self.recording.moments[number]
        self.branches = [*self.branches[1 - BRANCHES :], self.recording]
        self.recording = self.recording.until(number)
        self.settings = copy.deepcopy(dict(moment.settings))
        self.sets = build_sets(self.settings)
        self.net = build_net(self.settings, self.sets.points.classes)
        self.optimizer = build_rule(self.settings, self._steps_per_epoch())
        for name, value in moment.params.items():
            self.net.params[name] = value.copy()
        self.optimizer.state, self.optimizer.steps = copy.deepcopy(moment.optimizer)
        self.rng = np.random.default_rng()
        self.rng.bit_generator.state = copy.deepcopy(moment.rng_state)
        self.problem = ""
        self._divide()
        self.epochs_before, self.steps_before = int(moment.row[0]), int(moment.row[1])
        self._new_trainer(carried=False)

    def _train(self, callbacks: list[Callback]) -> None:
        trainer, rows = self.trainer, len(self.trainer.history.rows)
        trainer.callbacks = [StopOnNonFinite(), *callbacks]
        trainer.history.stopped = ""
        trainer.run()
        for row in trainer.history.rows[max(1, rows) :]:
            self.recording.add_row(self._total(row))
        if trainer.history.stopped and trainer.history.stopped != PAUSED:
            self.problem = trainer.history.stopped
        row = self._total(trainer.history.rows[-1])
        if trainer.step + self.steps_before != row[1]:  # in the middle of an epoch
            row = self._measured_row()
            self.recording.add_row(row)
        self.recording.add_moment(self._moment(row))

    def _record(self, row: tuple[float, ...]) -> None:
        self.recording.add_row(row)
        self.recording.add_moment(self._moment(row))

    def _moment(self, row: tuple[float, ...]) -> Moment:
        return moment_of(self.net, self.optimizer, self.rng, self.settings, row)

    def _total(self, row: Any) -> tuple[float, ...]:
        return row_of(row, self.epochs_before, self.steps_before, self.optimizer.lr)

    def _measured_row(self) -> tuple[float, ...]:
        """The row of this very moment."""
        trainer = self.trainer
        epoch = self.epochs_before + trainer.epoch + trainer.batches_done / self._steps_per_epoch()
        with np.errstate(all="ignore"):
            train, test = evaluate(self.net, self.train), evaluate(self.net, self.test)
        nan = float("nan")
        values = {
            "epoch": epoch, "step": float(self.steps_before + trainer.step),
            "train_loss": train["loss"], "test_loss": test["loss"],
            "train_accuracy": train.get("accuracy", nan),
            "test_accuracy": test.get("accuracy", nan), "lr": self.optimizer.lr,
        }  # fmt: skip
        return tuple(float(values[name]) for name in COLUMNS)

    def _divide(self) -> None:
        self.train = self.sets.dataset(self.settings["features"], test=False)
        self.test = self.sets.dataset(self.settings["features"], test=True)

    def _steps_per_epoch(self) -> int:
        return -(-len(self.train) // min(self.settings["batch_size"], len(self.train)))

    def _rotate(self) -> None:
        """A trainer keeps every loss; after many, a new one takes over at the end of an epoch."""
        if self.trainer.epoch >= self.most_epochs:
            self._new_trainer()

    def _new_trainer(self, *, carried: bool = True) -> None:
        if hasattr(self, "trainer"):
            self.trainer.end()
        if carried and hasattr(self, "trainer"):
            self.epochs_before += self.trainer.epoch
            self.steps_before += self.trainer.step
        self.trainer = Bursts(
            self.net, self.train, test=self.test, optimizer=self.optimizer, rng=self.rng,
            batch_size=min(self.settings["batch_size"], len(self.train)), callbacks=[], epochs=0,
        )  # fmt: skip
        steps = self._steps_per_epoch()
        self.most_epochs = max(1, min(MOST_ROWS, MOST_LOSSES // steps))
        self.trainer.run()  # the row of its epoch 0

    def _pace(self, seconds: float) -> None:
        """Choose how many epochs the next burst has, by the time that this one took."""
        factor = min(2.0, max(0.5, BURST / max(seconds, 1e-6)))
        self.at_once = min(MOST_ROWS, max(1, round(factor * self.at_once)))


def _index(names: list[str], name: str) -> int | None:
    return names.index(name) if name in names else None
