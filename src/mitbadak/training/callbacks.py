"""Built-in callbacks: early stopping, and a line per epoch."""

from __future__ import annotations

import math
import sys
from typing import Any, TextIO

import numpy as np

from mitbadak.core.errors import DtypeError, RangeError, StateError, brief, unknown_name, whole
from mitbadak.core.languages import known_language
from mitbadak.core.printing import padded, print_line
from mitbadak.core.progress import duration
from mitbadak.core.warned import warn
from mitbadak.training.history_file import Row
from mitbadak.training.hooks import Callback, now_and_then, without_arrays
from mitbadak.training.trainer import Trainer
from mitbadak.training.words import TRANSLATIONS

MODES = ("auto", "min", "max")


class EarlyStopping(Callback):
    """Stop when a measure has not improved for some epochs, and put the best weights back.

    They are put back also where the epochs end first, but not after an interruption, so that
    training can continue. ``history.kept`` is their epoch.

    Args:
        patience: epochs without improvement before stopping.
        monitor: a column of the history. Watching the test set, as the notes do, is possible with
            a warning: its accuracy then no longer measures unseen data.
        min_delta: the least change that counts as an improvement.
        mode: ``min`` or ``max``, whether the least or the greatest value is the best; ``auto``
            means ``min`` for columns with "loss" in their names and ``max`` for all others.

    Raises:
        RangeError, UnknownNameError: an invalid number or mode.

    Warns:
        MitbadakWarning: the test set is watched.
    """

    mode = "auto"  # of instances that earlier versions have pickled
    restored = False  # whether its state was loaded for the next training

    def __init__(
        self,
        patience: int = 5,
        monitor: str = "validation_accuracy",
        min_delta: float = 0.0,
        *,
        mode: str = "auto",
    ):
        self.patience = whole("EarlyStopping", "patience", patience)
        self.monitor = monitor
        if not min_delta >= 0:
            raise RangeError(f"EarlyStopping: min_delta must be at least 0; got {min_delta!r}.")
        self.min_delta = min_delta
        if mode not in MODES:
            raise unknown_name("mode", mode, MODES)
        self.mode = mode
        self.best: float | None = None
        self.best_epoch = 0
        self.best_params: dict[str, np.ndarray] = {}
        if monitor.startswith("test_"):
            warn(
                "EarlyStopping watches the test set, whose accuracy then no longer measures unseen "
                "data. Hold out a validation share instead."
            )

    def before_training(self, trainer: Trainer) -> None:
        """Forget an earlier training, whose best weights are not those of this one."""
        if not self.restored:
            self.best, self.best_epoch, self.best_params = None, 0, {}
        self.restored = False

    def on_train_begin(self, trainer: Trainer) -> None:
        arrays = _arrays(trainer)
        for name, best in self.best_params.items():  # may come from a checkpoint
            if name not in arrays or arrays[name].shape != best.shape:
                self.best_params = {}  # nothing is put back at the end
                raise StateError(
                    f"EarlyStopping: the best weights are of another net: {name!r} has shape "
                    f"{best.shape}."
                )

    def on_epoch_end(self, trainer: Trainer, row: Row) -> None:
        value = row.get(self.monitor)
        if value is None and self.monitor in ("validation_loss", "validation_accuracy"):
            raise StateError(
                f"EarlyStopping watches {self.monitor}, and there is no validation set. Give fit "
                "one, such as validation=0.1, or watch another measure: "
                f"EarlyStopping(monitor={list(row)[-2]!r})."
            )
        if value is None:
            raise unknown_name("measure to monitor", self.monitor, list(row))
        if self._better(value):
            self.best, self.best_epoch = value, row["epoch"]
            self.best_params = {name: a.copy() for name, a in _arrays(trainer).items()}
        elif row["epoch"] - self.best_epoch >= self.patience:
            change = "fallen below" if self.falls else "risen above"
            improved = "been finite" if self.best is None else f"{change} {self.best:.4f}"
            trainer.request_stop(f"{self.monitor} has not {improved} since epoch {self.best_epoch}")

    def on_train_end(self, trainer: Trainer) -> None:
        if self.best_params and not trainer.interrupted:
            arrays = _arrays(trainer)
            for name, best in self.best_params.items():
                arrays[name][...] = best
            trainer.history.kept = self.best_epoch

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        return {"best": self.best, "best_epoch": self.best_epoch}, self.best_params

    def load_state(self, values: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
        best = values["best"]
        self.best = None if best is None else float(best)
        self.best_epoch = whole("EarlyStopping", "best_epoch", values["best_epoch"], least=0)
        self.best_params, self.restored = dict(arrays), True

    @property
    def falls(self) -> bool:
        """Whether lower values are better."""
        return "loss" in self.monitor if self.mode == "auto" else self.mode == "min"

    def _better(self, value: float) -> bool:
        if not math.isfinite(value):
            return False
        if self.best is None:
            return True
        gain = self.best - value if self.falls else value - self.best
        return gain > self.min_delta


def _arrays(trainer: Trainer) -> dict[str, np.ndarray]:
    """All that the predictions of a net depend on: its parameters and buffers."""
    return {**trainer.net.params, **trainer.net.buffers}


MOST_LINES, LINES = 30, 20  # of epochs
CLOCK = 6  # cells of a time such as 0.1 s, 120 s or 10 min


class PrintProgress(Callback):
    """Print one line per epoch, and within long epochs one every ten seconds.

    Of more than 30 epochs about 20 are printed, among them the first and the last, and in any case
    one every ten seconds.

    Args:
        stream: default ``sys.stdout``.
        every: print each so-many-th epoch instead.
        lang: ``en`` or ``ko``.

    Raises:
        RangeError: ``every`` is no whole number of at least 1.
        UnknownNameError: an unknown language.

    Example:
        >>> from mitbadak.data import load_spiral
        >>> from mitbadak.nn import MLP
        >>> from mitbadak.training import fit
        >>> history = fit(MLP([2, 10, 3], init="zeros"), load_spiral(), epochs=4, lr=1e-9, rng=0,
        ...               callbacks=[PrintProgress(every=2)])  # doctest: +ELLIPSIS
        epoch 0/4  loss 1.0986  train 0.3333 ... s
        epoch 2/4  loss 1.0986  train 0.3333 ... s
        epoch 4/4  loss 1.0986  train 0.3333 ... s
    """

    EVERY_SECONDS = 10.0

    lang = "en"  # of instances that earlier versions have pickled

    def __init__(self, stream: TextIO | None = None, *, every: int | None = None, lang: str = "en"):
        if stream is not None and not hasattr(stream, "write"):
            raise DtypeError(
                f"PrintProgress: stream expects an open file, such as sys.stdout; got "
                f"{brief(stream)}. For a line every so many epochs: PrintProgress(every=10)."
            )
        self.stream = stream
        self.lang = known_language(lang)
        self.every = None if every is None else whole("PrintProgress", "every", every)
        self.printed_at = 0.0
        self.waiting: Row | None = None  # the last row, where it was not printed

    def before_training(self, trainer: Trainer) -> None:
        self.printed_at, self.waiting = 0.0, None

    @without_arrays
    def on_epoch_end(self, trainer: Trainer, row: Row) -> None:
        is_late = trainer.seconds - self.printed_at >= self.EVERY_SECONDS
        if not (is_shown(row["epoch"], trainer.epochs, self.every) or is_late):
            self.waiting = row
            return
        self.print(epoch_line(row, trainer.epochs, self.lang))
        self.printed_at, self.waiting = trainer.seconds, None

    def on_train_end(self, trainer: Trainer) -> None:
        """Print the last epoch of a training that was stopped."""
        if self.waiting is not None:
            self.print(epoch_line(self.waiting, trainer.epochs, self.lang))
            self.waiting = None

    @now_and_then
    def on_step_end(self, trainer: Trainer) -> None:
        if trainer.seconds - self.printed_at >= self.EVERY_SECONDS:
            self.printed_at = trainer.seconds
            say = TRANSLATIONS.to(self.lang)
            self.print(
                say(
                    f"  step {trainer.batches_done}/{trainer.steps_per_epoch} of epoch "
                    f"{trainer.epoch + 1}, loss {trainer.history.losses[-1]:.4f}"
                )
            )

    def print(self, line: str) -> None:
        print_line(line, self.stream or sys.stdout, flush=True)


def is_shown(epoch: int, epochs: int, every: int | None = None) -> bool:
    """Whether an epoch has a line: each, or about ``LINES`` of more than ``MOST_LINES``.

    Example:
        >>> sum(is_shown(epoch, 300) for epoch in range(301)), is_shown(299, 300, every=1)
        (21, True)
    """
    step = every or (1 if epochs <= MOST_LINES else -(-epochs // LINES))
    return epoch % step == 0 or epoch == epochs


def epoch_line(row: Row, epochs: int, lang: str = "en") -> str:
    """One epoch as a line of text; the lines of a training line up.

    Example:
        >>> row = {"epoch": 3, "train_loss": 0.41, "train_accuracy": 0.9, "test_accuracy": 0.91,
        ...        "seconds": 1.2}
        >>> epoch_line(row, 17)
        'epoch  3/17  loss 0.4100  train 0.9000  test 0.9100     1 s'
        >>> epoch_line(row, 17, "ko")
        '에폭  3/17  손실 0.4100  훈련 0.9000  시험 0.9100     1초'
    """
    say = TRANSLATIONS.to(lang)
    width = len(str(epochs))
    parts = [say(f"epoch {row['epoch']:{width}}/{epochs}"), say(f"loss {row['train_loss']:.4f}")]
    for part in ("train", "validation", "test"):
        if f"{part}_accuracy" in row:
            parts.append(f"{say(part)} {row[f'{part}_accuracy']:.4f}")
        elif f"{part}_loss" in row and part != "train":
            parts.append(f"{say(f'{part} loss')} {row[f'{part}_loss']:.4f}")
    return "  ".join([*parts, padded(say(duration(row["seconds"])), CLOCK, right=True)])
