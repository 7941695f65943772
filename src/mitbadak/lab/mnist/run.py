"""A training that goes on in a thread of its own, while somebody watches and changes it.

The trainer runs on its kernels from beginning to end; a callback looks in between its steps, every
hundredth of a second or so at full speed. There it keeps the losses, at most 25 times a second a
copy of the parameters, and waits where it is paused. Everything that is made from these copies is
made in another thread.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from mitbadak.lab.mnist.building import build_net, build_rule, digits, training_set
from mitbadak.lab.mnist.curves import Curve
from mitbadak.lab.mnist.settings import PACES, WHILE_TRAINING
from mitbadak.lab.playground.building import carry_memory, carry_weights
from mitbadak.nn import Sequential
from mitbadak.training import Callback, Trainer
from mitbadak.training.hooks import now_and_then, without_arrays

LOOK = 1 / 25  # seconds between two copies
STEPS_SEED = 2  # with the seed of the weights, for the batches
PAUSED = "pause"
MEASURED = 5  # columns
MEASURES = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")


class Snapshot(NamedTuple):
    """A moment of the training.

    Attributes:
        run: counts the nets: another one has other weights, and perhaps another shape.
        epoch, step: of the run, the epoch with its fraction.
        params: copies, by name.
    """

    run: int
    epoch: float
    step: int
    params: dict[str, np.ndarray]


class EachStep(Callback):
    """Looks after every update."""

    def __init__(self, live: Live):
        self.live = live

    @without_arrays
    def on_step_end(self, trainer: Any) -> None:
        """Keep what there is to keep, and wait."""
        self.live.look(trainer)

    @without_arrays
    def on_epoch_end(self, trainer: Any, row: Any) -> None:
        """Keep how both sets are read, which the trainer has measured."""
        self.live.keep_row(row)


class NowAndThen(EachStep):
    """Looks after many updates, so that kernels need not stop for it."""

    @now_and_then
    def on_step_end(self, trainer: Any) -> None:
        """Keep what there is to keep, and wait."""
        self.live.look(trainer)


class Live:
    """The net, its trainer, and the thread.

    Args:
        settings: of MNIST live, complete.
        failed: called with an error that building or training raised.

    Attributes:
        settings: what is trained now.
        playing: whether it trains.
        finished: whether all epochs are done.
        problem: why training ended by itself, or "".
        losses: curve of the losses of the batches: epoch, loss.
        measured: curve of epoch, loss on the training and the test set, accuracy on both.
        newest: the newest snapshot; None before the first.
        trainer: the current one; its history grows while it runs.
        origin: a copy of the net as it was when this trainer began.
    """

    def __init__(self, settings: Mapping[str, Any], failed: Callable[[Exception], Any]):
        self.settings, self.failed = dict(settings), failed
        self.changed = threading.Condition()
        self.wishes: deque[Callable[[], Any]] = deque(maxlen=64)
        self.playing = self.finished = self.closed = False
        self.left, self.problem = 0, ""  # single steps that are still to be made
        self.trainer: Trainer | None = None
        self.origin: dict[str, np.ndarray] = {}
        self.newest: Snapshot | None = None
        self.losses, self.measured = Curve(2), Curve(MEASURED)
        self.run = self._taken = 0
        self._before = (0.0, 0)  # epochs and steps before this trainer
        self._outdated, self._renewed = True, True
        self._looked = self._due = 0.0
        self.thread = threading.Thread(target=self._work, name="lab-mnist", daemon=True)
        self.thread.start()

    # ---- from other threads

    def play(self, playing: bool) -> None:
        """Begin or pause training."""
        self._ask(lambda: self._play(playing))

    def step(self) -> None:
        """Make one update."""
        self._ask(self._step)

    def restart(self) -> None:
        """New weights by the seed, and epoch 0."""
        self._ask(lambda: self._renew(playing=False))

    def apply(self, settings: Mapping[str, Any]) -> None:
        """Go on with other settings; what they do not touch stays."""
        self._ask(lambda: self._apply(dict(settings)))

    def close(self) -> None:
        """End the thread after the updates that are being made."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()
        self.thread.join()

    def _ask(self, wish: Callable[[], Any]) -> None:
        with self.changed:
            self.wishes.append(wish)
            self.changed.notify_all()

    # ---- in the thread

    def _work(self) -> None:
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self.closed or self.wishes or self._outdated
                                      or self._goes)  # fmt: skip
                if self.closed:
                    return
            try:
                self._grant()
                if self._outdated:
                    self._build()
                if self._goes:
                    self._train()
            except Exception as problem:  # anything else would end the thread without a word
                self.playing, self.left, self._outdated = False, 0, False
                self.trainer = None
                self.failed(problem)

    @property
    def _goes(self) -> bool:
        return (self.playing or self.left > 0) and self.trainer is not None

    def _grant(self) -> None:
        while self.wishes:
            self.wishes.popleft()()

    def _play(self, playing: bool) -> None:
        self.playing, self.left = playing, 0
        self._due = 0.0
        if playing and self.trainer is None:
            self._outdated = True  # what failed before is tried again
        if playing and (self.finished or self.problem):
            self._renew(playing=True)

    def _step(self) -> None:
        if not self.finished and not self.problem:
            self.playing, self.left = False, self.left + 1

    def _renew(self, *, playing: bool) -> None:
        self._renewed = self._outdated = True
        self.playing, self.left = playing, 0

    def _apply(self, settings: dict[str, Any]) -> None:
        names = {name for name, value in settings.items() if self.settings.get(name) != value}
        self.settings, self._due = settings, 0.0
        if names - WHILE_TRAINING or ("lr" in names and self.problem):
            self._outdated = True
        if self.trainer is not None:
            if "lr" in names:
                self.trainer.optimizer.lr = settings["lr"]
            if "epochs" in names:
                self._count_epochs()
        if "weight_seed" in names:
            self._renewed = True

    def _count_epochs(self) -> None:
        trainer = self.trainer
        if trainer is None:
            return
        left = math.ceil(self.settings["epochs"] - self._before[0] - 1e-9)
        trainer.epochs = max(trainer.epoch + (trainer.batches_done > 0), left)
        self.finished = trainer.epochs <= trainer.epoch

    def _build(self) -> None:
        """A trainer for the present settings, which takes over from the one that is there."""
        settings, old = self.settings, self.trainer
        self._outdated = False
        net, rule = build_net(settings), build_rule(settings)
        if old is None or self._renewed:
            self._before = (0.0, 0)
            self.losses, self.measured = Curve(2), Curve(MEASURED)
        else:
            self._before = (self._epoch(old), self._before[1] + old.step)
            self._carry(old, net, rule)
        self._renewed, self.problem = False, ""
        train, test = training_set(settings["examples"]), digits()[1]
        rng = np.random.default_rng((settings["weight_seed"], STEPS_SEED, self._before[1]))
        self.origin = _copied(net)
        self.trainer = Trainer(
            net, train, test=test, optimizer=rule, rng=rng, epochs=0, callbacks=[],
            batch_size=min(settings["batch_size"], len(train)),
        )  # fmt: skip
        self.run, self._taken = self.run + 1, 0
        self._count_epochs()
        self._keep(self.trainer)

    def _carry(self, old: Trainer, net: Sequential, rule: Any) -> None:
        same = {name: p.shape for name, p in old.net.params.items()} == {
            name: p.shape for name, p in net.params.items()
        }
        carry_weights(old.net, net, range(len(net.params["W1"])))
        if same:
            carry_memory(old.optimizer, rule)

    def _train(self) -> None:
        """Train until paused by a change, finished, or ended by numbers that are not finite."""
        trainer = self.trainer
        if trainer is None:
            return
        trainer.history.stopped = ""
        self._choose(trainer)
        trainer.run()
        self._take_losses(trainer)
        self._keep(trainer)
        stopped = trainer.history.stopped
        if stopped != PAUSED:
            self.playing, self.left = False, 0
            self.problem = stopped
            self.finished = not stopped

    def look(self, trainer: Trainer) -> None:
        """Between two updates: keep, wait, and do what was asked for."""
        self._take_losses(trainer)
        self.left = max(0, self.left - 1)
        now = time.perf_counter()
        if now - self._looked >= LOOK or not self._goes:
            self._keep(trainer)
        self._wait(trainer)
        if self.closed or self._outdated:
            trainer.request_stop(PAUSED)
        self._choose(trainer)

    def _wait(self, trainer: Trainer) -> None:
        """Until the next update is due; wishes are granted at once."""
        while True:
            with self.changed:
                if self._goes and not self._outdated:
                    left = self._due - time.perf_counter() if self.playing else 0.0
                    if left > 0:
                        self.changed.wait_for(lambda: self.closed or self.wishes, left)
                else:
                    self.changed.wait_for(lambda: self.closed or self.wishes or self._goes
                                          or self._outdated)  # fmt: skip
            if self.closed or self._outdated:
                return
            if self.wishes:
                self._grant()
                if not self._goes:
                    self._keep(trainer)
            elif self._goes and (not self.playing or time.perf_counter() >= self._due):
                pace = PACES.get(self.settings["speed"])
                if pace is not None:
                    self._due = max(self._due, time.perf_counter() - 1 / pace) + 1 / pace
                return

    def _choose(self, trainer: Trainer) -> None:
        kind = NowAndThen if self.playing and self.settings["speed"] == "full" else EachStep
        if not trainer.callbacks or type(trainer.callbacks[-1]) is not kind:
            callbacks: list[Callback] = [kind(self)]
            trainer.callbacks = callbacks

    def _epoch(self, trainer: Trainer) -> float:
        return self._before[0] + trainer.epoch + trainer.batches_done / trainer.steps_per_epoch

    def _take_losses(self, trainer: Trainer) -> None:
        fresh = trainer.history.losses[self._taken :]
        self._taken += len(fresh)
        if fresh:
            self.losses.add(self._epoch(trainer), sum(fresh) / len(fresh))

    def keep_row(self, row: Mapping[str, Any]) -> None:
        """Add what the trainer measured after an epoch to the curve."""
        self.measured.add(self._before[0] + row["epoch"], *(float(row[name]) for name in MEASURES))

    def _keep(self, trainer: Trainer) -> None:
        trainer.publish()
        self._looked = time.perf_counter()
        step = self._before[1] + trainer.step
        self.newest = Snapshot(self.run, self._epoch(trainer), step, _copied(trainer.net))


def _copied(net: Sequential) -> dict[str, np.ndarray]:
    return {name: np.array(value) for name, value in net.params.items()}
