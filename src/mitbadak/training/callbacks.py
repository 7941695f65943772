"""What watches a training run: progress, early stopping, stopping on NaN."""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import numpy as np

from mitbadak.core.errors import MitbadakWarning, RangeError, StateError, unknown_name, whole
from mitbadak.core.printing import print_line
from mitbadak.core.progress import duration
from mitbadak.training.history import Row

if TYPE_CHECKING:
    from mitbadak.training.trainer import Trainer


Hook = TypeVar("Hook", bound=Callable[..., None])


def without_arrays(hook: Hook) -> Hook:
    """Mark an ``on_step_end`` that looks at no parameter and at no optimizer state.

    The compiled engine is then spared the trouble of bringing them up to date after every step;
    ``trainer.publish()`` does so where the hook needs them after all.
    """
    hook.watches_arrays = False  # type: ignore[attr-defined]
    return hook


class Callback:
    """Hooks of a training run, each doing nothing until overridden.

    ``trainer.request_stop(reason)`` ends the run after the current step. What a callback must
    remember across an interruption it gives in ``state`` and takes back in ``load_state``.

    A hook finds parameters and optimizer state up to date, and what it assigns or writes to them
    counts from the next step on. It may also replace ``trainer.optimizer``, ``net.head``,
    ``trainer.callbacks``, the validation and the test set; and, from the next epoch on,
    ``trainer.train`` and ``trainer.batch_size``.
    """

    def on_train_begin(self, trainer: Trainer) -> None:
        """Before the first measurement, or where a resumed run goes on."""

    def before_update(self, trainer: Trainer, loss: float, grads: Mapping[str, np.ndarray]) -> None:
        """After a batch's loss and gradient; a stop requested here keeps the update away."""

    def on_step_end(self, trainer: Trainer) -> None:
        """After an update."""

    def on_epoch_end(self, trainer: Trainer, row: Row) -> None:
        """After an epoch has been measured; also before the first update, as epoch 0."""

    def on_train_end(self, trainer: Trainer) -> None:
        """Always, also after an interruption or an error."""

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """What to keep in a checkpoint: JSON values, and arrays."""
        return {}, {}

    def load_state(self, values: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
        """Take back what ``state`` gave."""


class StopOnNonFinite(Callback):
    """Stop before the update as soon as a batch's loss is NaN or infinite."""

    def before_update(self, trainer: Trainer, loss: float, grads: Mapping[str, np.ndarray]) -> None:
        if math.isfinite(loss):
            return
        before = trainer.history.losses[-1:] or ["none"]
        trainer.request_stop(
            f"the loss became {loss} at step {trainer.step + 1} (epoch {trainer.epoch + 1}); the "
            f"one before was {before[0]}. Try a smaller lr than {trainer.optimizer.lr:g}, and "
            "check the scale of the inputs",
            failed=True,
        )

    def on_epoch_end(self, trainer: Trainer, row: Row) -> None:
        lost = [k for k, v in row.items() if isinstance(v, float) and not math.isfinite(v)]
        if lost:
            trainer.request_stop(
                f"{', '.join(lost)} became {row[lost[0]]} after epoch {row['epoch']}. Try a "
                f"smaller lr than {trainer.optimizer.lr:g}, and check the scale of the inputs",
                failed=True,
            )


class EarlyStopping(Callback):
    """Stop when a measure has not improved for some epochs, and put the best weights back.

    Args:
        patience: epochs without a better value before stopping.
        monitor: a column of the history; those with "loss" in their name are better when
            smaller, others when larger. Watching the test set, as the notes do, is possible and
            warned of: its accuracy is then no longer that of unseen data.
        min_delta: by how much a value must be better.

    Warns:
        MitbadakWarning: when the test set is watched.
    """

    def __init__(
        self, patience: int = 5, monitor: str = "validation_accuracy", min_delta: float = 0.0
    ):
        self.patience = whole("EarlyStopping", "patience", patience)
        self.monitor = monitor
        if not min_delta >= 0:
            raise RangeError(f"EarlyStopping: min_delta must be at least 0; got {min_delta!r}.")
        self.min_delta = min_delta
        self.best: float | None = None
        self.best_epoch = 0
        self.best_params: dict[str, np.ndarray] = {}
        if monitor.startswith("test_"):
            warnings.warn(
                "EarlyStopping watches the test set: its accuracy is then no longer that of "
                "unseen data. Hold out a validation share instead.",
                MitbadakWarning,
                stacklevel=2,
            )

    def on_train_begin(self, trainer: Trainer) -> None:
        arrays = _arrays(trainer)
        for name, best in self.best_params.items():  # may come from a checkpoint
            if name not in arrays or arrays[name].shape != best.shape:
                raise StateError(f"EarlyStopping kept {name!r} {best.shape}, not of this net.")

    def on_epoch_end(self, trainer: Trainer, row: Row) -> None:
        value = row.get(self.monitor)
        if value is None:
            raise unknown_name("measure to watch", self.monitor, list(row))
        if self._better(value):
            self.best, self.best_epoch = value, row["epoch"]
            self.best_params = {name: a.copy() for name, a in _arrays(trainer).items()}
        elif row["epoch"] - self.best_epoch >= self.patience:
            way = "fallen below" if "loss" in self.monitor else "risen above"
            best = "any finite value" if self.best is None else f"{self.best:.4f}"
            trainer.request_stop(
                f"{self.monitor} has not {way} {best} since epoch {self.best_epoch}"
            )

    def on_train_end(self, trainer: Trainer) -> None:
        if self.best_params and not trainer.interrupted:
            arrays = _arrays(trainer)
            for name, best in self.best_params.items():
                arrays[name][...] = best

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        return {"best": self.best, "best_epoch": self.best_epoch}, self.best_params

    def load_state(self, values: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
        best = values["best"]
        self.best = None if best is None else float(best)
        self.best_epoch = whole("EarlyStopping", "best_epoch", values["best_epoch"], least=0)
        self.best_params = dict(arrays)

    def _better(self, value: float) -> bool:
        if not math.isfinite(value):
            return False
        if self.best is None:
            return True
        gain = self.best - value if "loss" in self.monitor else value - self.best
        return gain > self.min_delta


def _arrays(trainer: Trainer) -> dict[str, np.ndarray]:
    """All that a net's answers depend on: its parameters, and what its layers observed."""
    return {**trainer.net.params, **trainer.net.buffers}


class PrintProgress(Callback):
    """One line per epoch, and a sign of life within long ones.

    Args:
        stream: where to; default ``sys.stdout``.
    """

    EVERY_SECONDS = 10.0

    def __init__(self, stream: TextIO | None = None):
        self.stream = stream
        self.said_at = 0.0

    def on_epoch_end(self, trainer: Trainer, row: Row) -> None:
        self.say(epoch_line(row, trainer.epochs))
        self.said_at = trainer.seconds

    @without_arrays
    def on_step_end(self, trainer: Trainer) -> None:
        if trainer.seconds - self.said_at >= self.EVERY_SECONDS:
            self.said_at = trainer.seconds
            self.say(
                f"  step {trainer.batches_done}/{trainer.steps_per_epoch} of epoch "
                f"{trainer.epoch + 1}, loss {trainer.history.losses[-1]:.4f}"
            )

    def say(self, line: str) -> None:
        print_line(line, self.stream or sys.stdout, flush=True)


def epoch_line(row: Row, epochs: int) -> str:
    """One epoch as a line for people.

    Example:
        >>> row = {"epoch": 3, "train_loss": 0.41, "train_accuracy": 0.9, "test_accuracy": 0.91,
        ...        "seconds": 1.2}
        >>> epoch_line(row, 17)
        'epoch  3/17  loss 0.4100  train 0.9000  test 0.9100   1 s'
    """
    width = len(str(epochs))
    parts = [f"epoch {row['epoch']:{width}}/{epochs}", f"loss {row['train_loss']:.4f}"]
    for part in ("train", "validation", "test"):
        if f"{part}_accuracy" in row:
            parts.append(f"{part} {row[f'{part}_accuracy']:.4f}")
        elif f"{part}_loss" in row and part != "train":
            parts.append(f"{part} loss {row[f'{part}_loss']:.4f}")
    return "  ".join([*parts, f"{duration(row['seconds']):>4}"])
