"""The training loop."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from itertools import chain, islice, pairwise
from typing import Any

import numpy as np

from mitbadak.core.copying import Uncopied
from mitbadak.core.engines import Engine
from mitbadak.core.errors import NonFiniteError
from mitbadak.core.progress import Progress
from mitbadak.core.randomness import generator
from mitbadak.core.typing import Seed
from mitbadak.data.batches import draw_checked, drawn_batches, sampler, steps_per_epoch
from mitbadak.data.dataset import Dataset
from mitbadak.functions.blas import few_blas_threads
from mitbadak.nn.network import Sequential
from mitbadak.nn.prepared import PreparedNet, check_net, inner_net
from mitbadak.optim import Optimizer, Rate, as_optimizer
from mitbadak.training.alone import alone
from mitbadak.training.changes import (
    Changes,
    check_batches,
    check_method,
    check_params,
    set_property,
    whole_property,
)
from mitbadak.training.engine import make_updater, training_engine
from mitbadak.training.epochs import draw_epochs
from mitbadak.training.evaluation import sets_to_evaluate
from mitbadak.training.history import History
from mitbadak.training.history_file import Row
from mitbadak.training.hooks import Callback, StopOnNonFinite, Watched, as_callbacks, is_callback
from mitbadak.training.interrupts import Interrupts
from mitbadak.training.parallel import Team
from mitbadak.training.sets import Examples, sets_of, unlearns_names
from mitbadak.training.updates import NO_ROWS, Augment, Updater

BATCH_SIZE = 100  # as in the notes; of fewer examples all


class Trainer(Uncopied):
    """A training run: what ``fit`` starts, and what callbacks see.

    Args:
        net, train, t, test, validation, optimizer, lr, epochs, batch_size: as for ``fit``.
        rng, engine, sampling, gradient, augment, progress: as for ``fit``.
        callbacks: in the order in which they are called; ``on_train_end`` in reverse order. Unless
            it is among them, ``StopOnNonFinite`` comes first.

    Attributes:
        net, optimizer, history: what is trained, how, and the course so far.
        sets: ``train``, ``validation`` and ``test``, each a ``Dataset`` or None.
        epoch, step: epochs and updates completed.
        batches_done: batches of the current epoch that are completed.
        noise_seed: with the step's number, the seed for Dropout and augmentation.
        epoch_rng_state: state of ``rng`` at the start of the current epoch, for its batches.
        seconds: training time so far, including the time before an interruption.
        interrupted, failed: whether Ctrl-C or non-finite numbers ended the run.
    """

    instead = "Copy trainer.net, trainer.optimizer or trainer.history."
    epochs = whole_property("epochs", "When training ends; a callback may change it.", least=0)
    updater: Updater  # from the start of ``run``
    team: Team | None = None  # those that share the batches; see ``join``

    train = set_property("train", "The training set; a new one counts from the next epoch on.")
    validation = set_property("validation", "Evaluated after every epoch; early stopping uses it.")
    test = set_property("test", "Evaluated after every epoch; nothing depends on it.")

    @unlearns_names
    def __init__(
        self,
        net: Sequential | PreparedNet,
        train: Any,
        t: Any = None,
        *,
        test: Examples | None = None,
        validation: float | Examples | None = 0.0,
        optimizer: Optimizer | str | None = None,
        lr: Rate | None = None,
        epochs: int = 17,
        batch_size: int | None = None,
        rng: Seed = None,
        callbacks: Sequence[Callback] | None = None,
        engine: str = "auto",
        sampling: str = "shuffle",
        gradient: str = "backprop",
        augment: Augment | None = None,
        progress: Progress | bool | None = None,
    ):
        self.optimizer, self.augment = as_optimizer("fit", optimizer, lr), augment
        self.progress, self.rng = progress, generator(rng)
        check_net(net)
        train = train if t is None else (train, t)
        self.sets = sets_of(net, train, validation, test, self.rng)
        self.net = net = inner_net(net)
        self.epochs, self.gradient = epochs, gradient
        self.draw_batches = sampler(sampling, self.sets["train"])
        check_method(net, gradient)
        self.callbacks = as_callbacks(callbacks or ())
        if not any(isinstance(c, StopOnNonFinite) for c in self.callbacks):
            self.callbacks.insert(0, StopOnNonFinite())
        self.changes = Changes(net)
        few = min(BATCH_SIZE, len(self.sets["train"]))
        self.batch_size = few if batch_size is None else batch_size
        self._check_epoch()
        self.requested, self.engine = engine, self._choose_engine(engine)
        self.history = History()
        self.history.engine = self.engine.name
        self.epoch = self.step = self.batches_done = 0
        # Nets without noise leave the generator untouched, so that their batches stay the same.
        noisy = augment is not None or any(layer.draws for layer in net.mode_dependent)
        self.noise_seed = int(self.rng.integers(2**53)) if noisy else 0
        self.epoch_rng_state = self.rng.bit_generator.state
        self.began: float | None = None
        self.seconds_before, self.interrupted, self.failed = 0.0, False, False
        self._call_all("before_training")

    def __repr__(self) -> str:
        return f"Trainer({self.net!r}, epoch {self.epoch} of {self.epochs}, step {self.step})"

    @property
    def seconds(self) -> float:
        now = 0.0 if self.began is None else time.perf_counter() - self.began
        return self.seconds_before + now

    def request_stop(self, reason: str, *, failed: bool = False) -> None:
        """End the run after the current step, for ``reason``; ``failed`` if it went wrong."""
        self.history.stopped = self.history.stopped or reason
        self.failed = self.failed or failed

    def publish(self) -> None:
        """Bring the arrays of net and optimizer up to date, for a hook that reads them."""
        if self.began is not None:
            self.updater.publish()

    def run(self) -> History:
        """Train from the current state to the last epoch, or until a stop is requested."""
        with alone(self.net, self.optimizer, self.callbacks):
            self._run()
        return self.history

    def _run(self) -> None:
        self.began = time.perf_counter()
        self._noticed_changes()  # replacements before the start do not count
        check_params(self.net, self.optimizer)
        self._make_updater(self.train, self.batch_size)
        # StopOnNonFinite reports overflow, once and in words.
        quiet = np.errstate(over="ignore", invalid="ignore", divide="ignore")
        with Interrupts(self.team) as interrupts, self._few_threads(), quiet:
            try:
                self._notify("on_train_begin")
                self._finish_epoch(interrupts)
                while self.epoch < self.epochs and not self.history.stopped:
                    if self._train_epochs(interrupts):
                        continue
                    self._train_epoch(interrupts)
                    self._finish_epoch(interrupts)
            except KeyboardInterrupt as stop:
                self.interrupted = True
                interrupts.waiting = None
                cause = str(stop) or "interrupted"
                self.request_stop(f"{cause} at step {self.step} (epoch {self.epoch + 1})")
            finally:
                self.seconds_before, self.began = self.seconds, None
                # Every callback is notified of the end, even if another one fails; the last one
                # first, so that a run is recorded as it was before the best weights are put back.
                with interrupts.held(to_the_end=True), ExitStack() as ending:
                    for callback in filter(is_callback, self.callbacks):
                        ending.callback(callback.on_train_end, self)
                    ending.callback(self._close_updater)

    def _few_threads(self) -> AbstractContextManager:
        """What NumPy's products need; kernels have threads of their own."""
        return few_blas_threads() if self.engine.name == "numpy" else nullcontext()

    def _train_epochs(self, interrupts: Interrupts) -> bool:
        """Train for several epochs in one call of a kernel; False if that is not possible.

        Their seconds are divided evenly. Hooks are called afterwards, epoch by epoch. If one of
        them requests a stop, the epochs after it are undone: all of them are, and those up to it
        repeated, which gives the same bits.
        """
        self._apply_changes()
        self._check_epoch()
        updater, count = self.updater, self._epochs_at_once()
        if count < 2:
            return False
        sets = self.evaluated_sets(after_steps=True)
        self.rng.bit_generator.state = self.epoch_rng_state
        drawn = draw_epochs(self.draw_batches, self.train, self.batch_size, count, self.rng)
        began, step = self.seconds, self.step
        with interrupts.held():
            before = updater.snapshot()
            losses, measured = updater.run_epochs(
                [drawn.rows], drawn.sizes, step, count, list(sets.values())
            )
            each, steps = (self.seconds - began) / max(1, len(measured)), drawn.steps
            left = losses.tolist()
            for number, results in enumerate(measured, start=1):
                done = left[(number - 1) * steps : number * steps]
                row = (dict(zip(sets, results, strict=True)), began + number * each)
                self._count_epoch(done, drawn.rng_states[number - 1], *row)
                if self.history.stopped and number < len(measured):
                    updater.rewind(before)
                    kept = drawn.first(number)
                    updater.run_epochs([kept.rows], kept.sizes, step, number, [])
                    return True
            self._count(left[len(measured) * steps :])
        return bool(measured)

    def _epochs_at_once(self) -> int:
        """How many epochs are worth training in one call.

        0 if a callback needs to see the state in between, or if a set is read from a file block by
        block.
        """
        updater, watched = self.updater, self.watched
        looks = (
            watched.epochs, watched.each_step, watched.gradients, self.batches_done > 0,
            updater.training_set is not self.train,
            updater.batch_size != self.batch_size,
            any(data is not None and data.mapped is not None for data in self.sets.values()),
        )  # fmt: skip
        if any(looks):
            return 0
        return min(self.epochs - self.epoch, updater.epochs_at_once // self.steps_per_epoch)

    def _count_epoch(
        self, losses: list[float], rng_state: Any, measures: Mapping, seconds: float
    ) -> None:
        """Count a completed epoch and call the hooks, none of which reads arrays."""
        self._count(losses)
        self._call_all("on_step_end")
        if not self.history.stopped:
            self._end_epoch(rng_state)
            self._call_all("on_epoch_end", self._add_row(measures, seconds))

    def _end_epoch(self, rng_state: Any) -> None:
        """Count a completed epoch; the next one draws its batches from this state."""
        self.epoch += 1
        self.batches_done = 0
        self.epoch_rng_state = rng_state

    def _train_epoch(self, interrupts: Interrupts) -> None:
        """The batches of one epoch, or the rest of an interrupted one."""
        self.rng.bit_generator.state = self.epoch_rng_state
        self._check_epoch()
        used = self.updater
        if used.training_set is not self.train or used.batch_size != self.batch_size:
            self._make_updater(self.train, self.batch_size)
        used = self.updater
        batches = draw_checked(self.draw_batches, used.training_set, used.batch_size, self.rng)
        left = islice(batches, self.batches_done, None)
        if self.updater.at_once and not self.watched.gradients:
            self._run_batches(left, interrupts)
        else:
            self._watch_batches(left, interrupts)
        if self.history.stopped:
            return
        with interrupts.held():
            self._end_epoch(self.rng.bit_generator.state)

    def _watch_batches(self, batches: Iterator[np.ndarray], interrupts: Interrupts) -> None:
        """Update batch by batch; callbacks see each loss and gradient before its update."""
        for rows, following in pairwise(chain(batches, [NO_ROWS])):
            self._apply_changes()
            loss = self.updater.forward(rows, following, self.step)
            self._notify("before_update", loss, self.updater.grads)
            if self.history.stopped:
                return
            with interrupts.held():
                try:
                    self.updater.update()
                except NonFiniteError as error:
                    self._refuse_update(error)
                    return
                self._count([loss])
                self._notify("on_step_end")
            if self.history.stopped:
                return

    def _run_batches(self, batches: Iterator[np.ndarray], interrupts: Interrupts) -> None:
        """Update on kernels, many batches at once where no callback looks in between."""
        while True:
            self._apply_changes()
            if self.watched.gradients or not self.updater.at_once:
                return self._watch_batches(batches, interrupts)
            at_once = 1 if self.watched.each_step else self.updater.at_once
            some = list(islice(batches, at_once))
            if not some:
                return None
            with interrupts.held():
                losses, refused = self.updater.run(some, self.step)
                done = len(losses) - (not refused and not math.isfinite(losses[-1]))
                self._count(losses[:done].tolist())
                if done:
                    self._notify("on_step_end")
            if refused and not self.history.stopped:
                self._watch_batches(iter(some[done : done + 1]), interrupts)
                batches = chain(some[done + 1 :], batches)
            elif done < len(losses):
                self._notify("before_update", float(losses[-1]), {})
            if self.history.stopped:
                return None

    def _count(self, losses: list[float]) -> None:
        """Count completed steps, with the loss of each before its update."""
        self.step += len(losses)
        self.batches_done += len(losses)
        self.history.losses += losses

    def _refuse_update(self, error: NonFiniteError) -> None:
        where = f"step {self.step + 1} (epoch {self.epoch + 1})"
        reason = f"the update of {where} was refused: {error}".rstrip(".")
        self.request_stop(reason, failed=True)

    def _finish_epoch(self, interrupts: Interrupts) -> None:
        """Evaluate the epoch that was just completed, unless that has been done."""
        if len(self.history.rows) > self.epoch or self.batches_done > 0:
            return
        measures = self._evaluate()
        with interrupts.held():
            self._notify("on_epoch_end", self._add_row(measures, self.seconds))

    def _evaluate(self) -> dict[str, dict[str, float]]:
        self._apply_changes()
        self.changes.check_sets(self.sets, self.net)
        sets = self.evaluated_sets(after_steps=self.epoch > 0)
        return {name: self.updater.evaluate(examples) for name, examples in sets.items()}

    def evaluated_sets(self, *, after_steps: bool) -> dict[str, Dataset]:
        """The sets to evaluate before the first step, or after an epoch's steps."""
        return sets_to_evaluate(self.net, self.sets, after_steps=after_steps)

    def _add_row(self, measures: Mapping[str, Mapping[str, float]], seconds: float) -> Row:
        steps = self.steps_per_epoch if self.epoch > 0 else 0
        return self.history.add(self.epoch, self.step, measures, seconds, steps)

    def _check_epoch(self) -> None:
        """Check what an epoch consists of: the sets, and batches that can be drawn."""
        self.changes.check_sets(self.sets, self.net)
        shuffled = self.draw_batches is not drawn_batches
        self.batch_size = check_batches(self.net, self.train, self.batch_size, shuffled=shuffled)
        self.steps_per_epoch = steps_per_epoch(len(self.train), self.batch_size)

    def _choose_engine(self, requested: str) -> Engine:
        parts = (self.net, self.optimizer, self.train, self.augment)
        return training_engine(requested, *parts, gradient=self.gradient)

    def _make_updater(self, training_set: Dataset, batch_size: int) -> None:
        if hasattr(self, "updater"):
            self._close_updater()
        self.callbacks = as_callbacks(self.callbacks)
        self.watched = Watched.by(self.callbacks)
        if self.requested == "auto" and self.engine.name == "compiled":
            self.engine = self._choose_engine("auto")  # a callback may have set what has no kernel
            self.history.engine = self.engine.name
        self.updater = make_updater(
            self.engine, self.net, self.optimizer, training_set, batch_size,
            gradient=self.gradient, engine_of_gradient=self.requested, augment=self.augment,
            noise_seed=self.noise_seed, progress=self.progress, team=self.team,
        )  # fmt: skip

    def _close_updater(self) -> None:
        self.updater.close()
        self.updater.training_set.prefetch(NO_ROWS)  # no more rows will be read

    def _noticed_changes(self) -> bool:
        return self.changes.noticed(self.net, self.optimizer, (self.augment, *self.callbacks))

    def _apply_changes(self) -> None:
        """Continue with what callbacks have replaced: optimizer, head, callbacks, ``augment``."""
        if self._noticed_changes():
            self.changes.check_sets(self.sets, self.net)
            self._make_updater(self.updater.training_set, self.updater.batch_size)

    def _notify(self, event: str, *details: Any) -> None:
        """Call a hook of every callback, with net and optimizer up to date if it may see them."""
        seen = self.watched.sees_arrays(event)
        if seen:
            self.updater.publish()
        try:
            self._call_all(event, *details)
        finally:
            if seen:
                self.changes.check_names()
                self.updater.absorb()

    def _call_all(self, event: str, *details: Any) -> None:
        for callback in tuple(self.callbacks):
            getattr(callback, event)(self, *details)
