"""The training loop."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from itertools import chain, islice, pairwise
from typing import Any

import numpy as np

from mitbadak.core.engines import Engine, choose_engine
from mitbadak.core.errors import NonFiniteError, StateError, known, whole
from mitbadak.core.progress import Progress
from mitbadak.core.typing import Seed
from mitbadak.data.batches import SAMPLINGS, Dataset, drawn_batches, mixed_batches, steps_per_epoch
from mitbadak.nn.network import Sequential
from mitbadak.optim import SGD, Optimizer
from mitbadak.training.callbacks import Callback, PrintProgress, StopOnNonFinite
from mitbadak.training.changes import Changes, check_batches, check_params, draw_checked, overridden
from mitbadak.training.evaluation import Examples, as_dataset, few_blas_threads
from mitbadak.training.history import History, Row
from mitbadak.training.interrupts import Interrupts
from mitbadak.training.steps import LossAndGradient, engine_for, forecast_seconds, steps_for

GRADIENTS = ("backprop", "numerical")
Augment = Callable[[np.ndarray, np.random.Generator], np.ndarray]
NO_ROWS = np.empty(0, np.int64)
AUGMENTS = 1  # sets a step's generator for augmenting apart from the one for its layers' noise


def fit(
    net: Sequential,
    train: Examples,
    *,
    test: Examples | None = None,
    validation: float | Examples = 0.0,
    optimizer: Optimizer | None = None,
    epochs: int = 17,
    batch_size: int = 100,
    rng: Seed = None,
    callbacks: Sequence[Callback] | None = None,
    engine: str = "auto",
    sampling: str = "shuffle",
    gradient: str = "backprop",
    augment: Augment | None = None,
    progress: Progress | bool | None = None,
) -> History:
    """Train a net by mini-batches; it is changed in place.

    Layers that differ in training (Dropout, BatchNorm) act as there in every update, and as
    afterwards in every measurement. Ctrl-C ends training after the current update and returns
    what there is (``history.stopped`` says so). A signal that tells the process to end, such as
    SIGTERM, ends training in the same order and is then delivered again.

    Args:
        net: what to train.
        train: ``(x, t)`` or a ``Dataset``. x: (n, n_in), floats; t: class indices, one-hot rows
            or distributions that sum to 1.
        test: measured after each epoch, never learned from.
        validation: a share in [0, 1) to split off ``train``, or a set of its own.
        optimizer: default ``SGD(0.1)``.
        epochs: passes over the training set.
        batch_size: examples per update; the last batch of an epoch may be shorter.
        rng: seed or generator for split and batches.
        callbacks: default prints a line per epoch. Stopping on a non-finite loss is always
            among them.
        engine: ``auto``, ``numpy`` or ``compiled``.
        sampling: ``shuffle`` (each example once an epoch; data on disk is shuffled within blocks,
            see ``mixed_batches``) or ``replacement`` (the notes').
        gradient: ``backprop``, or ``numerical`` for the definition.
        augment: changes each batch of inputs before it is learned from, such as
            ``RandomShift((28, 28))``; called with x and a generator of the step's own.
        progress: for the numerical gradient, see ``numerical_gradient``.

    Returns:
        A ``History`` of a row per epoch (row 0 before the first update) and a loss per step.

    Raises:
        ShapeError, DtypeError, NonFiniteError: data that is empty, does not fit, or holds NaN.
        LabelError: labels out of range, or rows that are no distribution.
        RangeError: a batch larger than the set, and other numbers that make no sense.
        UnknownNameError: an engine, sampling or gradient that is not known.

    Example:
        >>> from mitbadak.data import load_spiral
        >>> from mitbadak.nn import TwoLayerNet
        >>> history = fit(TwoLayerNet(2, 10, 3, rng=0), load_spiral(), optimizer=SGD(1.0),
        ...               epochs=2, batch_size=30, rng=0, callbacks=[])
        >>> history["epoch"], len(history.losses)
        ([0, 1, 2], 20)
    """
    rng = np.random.default_rng(rng)
    learn, watch = as_dataset(train, "train"), None
    if isinstance(validation, (Dataset, tuple)):
        watch = as_dataset(validation, "validation")
    elif validation:
        learn, watch = learn.split(validation, rng)
    return Trainer(
        net,
        learn,
        test=None if test is None else as_dataset(test, "test"),
        validation=watch,
        optimizer=optimizer or SGD(0.1),
        epochs=epochs,
        batch_size=batch_size,
        rng=rng,
        callbacks=[PrintProgress()] if callbacks is None else callbacks,
        engine=engine,
        sampling=sampling,
        gradient=gradient,
        augment=augment,
        progress=progress,
    ).run()


def _set_named(name: str, text: str) -> Any:
    """A property of the trainer for one of its sets, checked before it is next used."""
    return property(
        lambda trainer: trainer.sets[name],
        lambda trainer, examples: trainer.sets.update({name: examples}),
        doc=text,
    )


class Trainer:
    """One training run: what ``fit`` drives, and what callbacks see.

    Attributes:
        net, optimizer, history: what is trained, how, and what happened so far.
        epoch, step: epochs completed and updates made.
        batches_done: batches of the current epoch that are done.
        noise_seed: from which, with the step's number, Dropout's noise follows.
        epoch_rng_state: state of ``rng`` when the current epoch began, from which its batches
            follow.
        seconds: training time so far, over all sittings.
        interrupted, failed: whether Ctrl-C ended the run, or numbers that are not finite.
    """

    def __init__(
        self,
        net: Sequential,
        train: Dataset,
        *,
        test: Dataset | None,
        validation: Dataset | None,
        optimizer: Optimizer,
        epochs: int,
        batch_size: int,
        rng: np.random.Generator,
        callbacks: Sequence[Callback],
        engine: str,
        sampling: str,
        gradient: str,
        augment: Augment | None = None,
        progress: Progress | bool | None = None,
    ):
        self.net, self.optimizer, self.rng, self.progress = net, optimizer, rng, progress
        self.sets = {"train": train, "validation": validation, "test": test}
        self.epochs = whole("fit", "epochs", epochs, least=0)
        self.draw_batches = known("sampling", sampling, SAMPLINGS)
        if train.on_disk and sampling == "shuffle":
            self.draw_batches = mixed_batches
        self.loss_and_gradient = known(
            "gradient",
            gradient,
            dict(zip(GRADIENTS, (self._by_backpropagation(), self._by_definition), strict=True)),
        )
        self.augment = augment
        if net.modal and gradient == "numerical":
            raise StateError(
                f"fit: gradient='numerical' is of the net after training, where "
                f"{net.modal[0]!r} computes something else. Use gradient='backprop', and "
                "check it with check_gradients(net, x, t, training=True)."
            )
        self.callbacks = list(callbacks)
        if not any(isinstance(c, StopOnNonFinite) for c in self.callbacks):
            self.callbacks.insert(0, StopOnNonFinite())
        self.changes = Changes(self)
        self.batch_size = batch_size
        self._check_epoch()
        updates = self.epochs * self.steps_per_epoch
        self.by_definition = gradient == "numerical"
        self.engine = (
            choose_engine(engine)
            if self.by_definition
            else engine_for(
                engine,
                net,
                optimizer,
                train,
                seconds=forecast_seconds(net, updates, self.batch_size),
                only_numpy=self._needs_numpy(),
            )
        )
        self.history = History()
        self.history.engine = self.engine.name
        self.epoch = self.step = self.batches_done = 0
        # Nets without noise leave the generator as it is, so that their batches stay the same.
        noisy = augment is not None or any(layer.draws for layer in net.modal)
        self.noise_seed = int(rng.integers(2**53)) if noisy else 0
        self.observed: dict[str, np.ndarray] = {}
        self.epoch_rng_state = rng.bit_generator.state
        self.seconds_before = 0.0
        self.began: float | None = None
        self.interrupted = self.failed = False

    train = _set_named("train", "What is learned from; another one counts from the next epoch on.")
    validation = _set_named("validation", "What is measured after every epoch to decide by.")
    test = _set_named("test", "What is measured after every epoch and never learned from.")

    @property
    def seconds(self) -> float:
        if self.began is None:
            return self.seconds_before
        return self.seconds_before + time.perf_counter() - self.began

    def request_stop(self, reason: str, *, failed: bool = False) -> None:
        """End the run after the current step, for ``reason``; ``failed`` when it went wrong."""
        self.history.stopped = self.history.stopped or reason
        self.failed = self.failed or failed

    def run(self) -> History:
        """Train from where things stand to the last epoch, or to the first reason to stop."""
        self.began = time.perf_counter()
        self.changes.noticed()  # what was replaced before it began is no change
        check_params(self.net, self.optimizer)
        self._make_steps(self.train, self.batch_size)
        # What overflows is told by StopOnNonFinite, once and in words.
        quiet = np.errstate(over="ignore", invalid="ignore", divide="ignore")
        with Interrupts() as interrupts, few_blas_threads(), quiet:
            try:
                self._tell("on_train_begin")
                self._finish_epoch(interrupts)
                while self.epoch < self.epochs and not self.history.stopped:
                    self._learn(interrupts)
                    self._finish_epoch(interrupts)
            except KeyboardInterrupt as stop:
                self.interrupted = True
                what = str(stop) or "interrupted"
                self.request_stop(f"{what} at step {self.step} (epoch {self.epoch + 1})")
            finally:
                self.seconds_before, self.began = self.seconds, None
                # Every callback learns of the end, also where another one fails.
                with interrupts.held(to_the_end=True), ExitStack() as ending:
                    for callback in self.callbacks:
                        ending.callback(callback.on_train_end, self)
                    ending.callback(self._close_steps)
        return self.history

    def _learn(self, interrupts: Interrupts) -> None:
        """The batches of one epoch, or those that an interrupted epoch still lacks."""
        self.rng.bit_generator.state = self.epoch_rng_state
        self._check_epoch()
        if self.learning is not self.train or self.room != self.batch_size:
            self._make_steps(self.train, self.batch_size)
        batches = draw_checked(self.draw_batches, self.learning, self.room, self.rng)
        batches = pairwise(chain(batches, [NO_ROWS]))  # each with the next one
        for picked, following in islice(batches, self.batches_done, None):
            self._take_up_changes()
            loss = self.steps.forward(picked, following)
            self._tell("before_update", loss, self.steps.grads)
            if self.history.stopped:
                return
            with interrupts.held():
                try:
                    self.steps.update()
                except NonFiniteError as refused:
                    where = f"step {self.step + 1} (epoch {self.epoch + 1})"
                    reason = f"the update of {where} was refused: {refused}".rstrip(".")
                    self.request_stop(reason, failed=True)
                    return
                self.net.buffers.update(self.observed)
                self.step += 1
                self.batches_done += 1
                self.history.losses.append(loss)
                self._tell("on_step_end")
            if self.history.stopped:
                return
        with interrupts.held():
            self.epoch += 1
            self.batches_done = 0
            self.epoch_rng_state = self.rng.bit_generator.state

    def publish(self) -> None:
        """Bring net and optimizer up to date while a step's own hooks run."""
        if self.began is not None:
            self.steps.publish()

    def _make_steps(self, train: Dataset, batch_size: int) -> None:
        """The engine's steps on a set in batches of up to ``batch_size``."""
        if hasattr(self, "steps"):
            self._close_steps()
        self.learning, self.room = train, batch_size
        self.steps = steps_for(
            Engine("numpy", "") if self.by_definition else self.engine,
            self.net,
            self.optimizer,
            train,
            batch_size,
            self._augmented,
            only_numpy=self._needs_numpy(),
        )

    def _close_steps(self) -> None:
        self.steps.close()
        self.learning.announce(NO_ROWS)  # none of them is wanted any more

    def _check_epoch(self) -> None:
        """Check what an epoch is made of: the sets, and batches that can be drawn."""
        self.changes.check_sets()
        shuffled = self.draw_batches is not drawn_batches
        self.batch_size = check_batches(self.net, self.train, self.batch_size, shuffled=shuffled)
        self.steps_per_epoch = steps_per_epoch(len(self.train), self.batch_size)

    def _take_up_changes(self) -> None:
        """Go on with what callbacks have replaced: optimizer, head, callbacks, ``augment``."""
        if self.changes.noticed():
            self.changes.check_sets()
            self._make_steps(self.learning, self.room)

    def _finish_epoch(self, interrupts: Interrupts) -> None:
        """Measure the epoch just completed, unless that has been done."""
        if len(self.history.rows) > self.epoch or self.batches_done > 0:
            return
        row = self._measure()
        with interrupts.held():
            self.history.rows.append(row)
            self._tell("on_epoch_end", row)

    def _measure(self) -> Row:
        self._take_up_changes()
        self.changes.check_sets()
        row: Row = {"epoch": self.epoch, "step": self.step}
        for name, examples in self.sets.items():
            if examples is not None:
                found = self.steps.evaluate(examples)
                row |= {f"{name}_{measure}": value for measure, value in found.items()}
        if self.epoch > 0:
            row["train_loss"] = float(np.mean(self.history.losses[-self.steps_per_epoch :]))
        row["seconds"] = round(self.seconds, 3)
        return row

    def _by_backpropagation(self) -> LossAndGradient:
        return self._in_training if self.net.modal else self.net.loss_and_gradient

    def _in_training(self, x: np.ndarray, t: np.ndarray) -> tuple[float, dict[str, np.ndarray]]:
        """Loss and gradient in training mode; what was observed waits for the update.

        A step's noise follows from its number alone: a run that is resumed, or a step that is
        computed again, meets the same noise.
        """
        rng = np.random.default_rng((self.noise_seed, self.step))
        found = self.net.compute(x, t, training=True, rng=rng)
        self.observed = found.buffers
        return found.loss, found.gradient

    def _augmented(self, x: np.ndarray, t: np.ndarray) -> tuple[float, dict[str, np.ndarray]]:
        """The same on a batch that ``augment`` has changed, by noise of the step's own."""
        if self.augment is not None:
            x = self.augment(x, np.random.default_rng((self.noise_seed, self.step, AUGMENTS)))
        return self.loss_and_gradient(x, t)

    def _by_definition(self, x: np.ndarray, t: np.ndarray) -> tuple[float, dict[str, np.ndarray]]:
        gradient = self.net.numerical_gradient(
            x, t, engine=self.engine.name, progress=self.progress
        )
        return self.net.loss(x, t), gradient

    def _needs_numpy(self) -> str:
        if self.augment is not None:
            return f"{self.augment!r} changes every batch, which kernels read as it is stored"
        if any(overridden(callback, "before_update") for callback in self.callbacks):
            return "a callback wants to see gradients, which kernels do not keep"
        return ""

    def _tell(self, event: str, *about: Any) -> None:
        """Call a hook of every callback; net and optimizer are up to date where one looks."""
        shown = event in ("on_train_begin", "on_epoch_end") or (
            event == "on_step_end" and self.changes.watched
        )
        if shown:
            self.steps.publish()
        try:
            for callback in self.callbacks:
                getattr(callback, event)(self, *about)
        finally:
            if shown:
                self.changes.check_names()
                self.steps.absorb()
