"""A run is written into its folder while it trains, so that it can be resumed after a crash.

The files are written in an order that leaves a resumable run at any moment: the settings, then
checkpoint 0 before the first update, then history lines ahead of the checkpoint that counts them.
Lines beyond the last checkpoint belong to work that will be repeated, and are dropped on resuming.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Mapping

from mitbadak.core.errors import LostFolderError, RunFolderError
from mitbadak.core.files import write_atomically
from mitbadak.core.warned import warn
from mitbadak.data import Preparation
from mitbadak.runs import model_file as weights
from mitbadak.runs.checkpoints import restore, snapshot
from mitbadak.runs.config import TrainConfig
from mitbadak.runs.environment import compare
from mitbadak.runs.folder import RunFolder, new_folder
from mitbadak.runs.locks import Standing
from mitbadak.training.history import History
from mitbadak.training.history_file import Row
from mitbadak.training.hooks import Callback, now_and_then
from mitbadak.training.trainer import Trainer

CHECKPOINT_SECONDS = 1.0  # at most this much work is lost to a crash; a write costs about 5 ms


class Recorder(Callback):
    """Writes a run into its folder during training: history lines, checkpoints, weights.

    It must be the last of the callbacks: then a checkpoint includes the state that the others
    reached at its last row, and, because ``on_train_end`` is called in reverse order, the current
    weights rather than the best ones, which early stopping restores.

    A folder that vanishes during a run is made again, with all its files, and a warning. If
    another run has started in its place, or another process holds its lock, nothing more is written
    into it: the run is saved in a new folder beside it, and ends with ``LostFolderError``.

    Args:
        run: the folder, locked by this process.
        config: the settings, in case the folder has to be made again.
        made_with: from ``environment``; kept with every checkpoint.
        preparation: preparation of the data; kept with the weights.
    """

    def __init__(
        self,
        run: RunFolder,
        config: TrainConfig,
        made_with: Mapping[str, str],
        preparation: Preparation,
    ):
        self.run, self.config = run, config
        self.made_with, self.preparation = made_with, preparation
        self.rows = self.losses = self.written = 0
        self.lost = False
        self.saved_at = time.monotonic()

    def on_train_begin(self, trainer: Trainer) -> None:
        self.run.hold()
        if not self.run.checkpoint.exists():
            self.save(trainer)

    @now_and_then
    def on_step_end(self, trainer: Trainer) -> None:
        self._save_if_due(trainer)

    def on_epoch_end(self, trainer: Trainer, row: Row) -> None:
        self._in_own_folder(trainer, lambda: self._write_history(trainer.history))
        self._save_if_due(trainer)

    def on_train_end(self, trainer: Trainer) -> None:
        self.save(trainer)

    def save(self, trainer: Trainer) -> None:
        """Write the history, the checkpoint that relies on it, and the model file."""
        self._in_own_folder(trainer, lambda: self._save(trainer))

    def _save(self, trainer: Trainer) -> None:
        trainer.publish()
        self._write_config_if_missing()
        self._write_history(trainer.history, sync=True)
        stored = snapshot(trainer)
        stored.values["made_with"] = dict(self.made_with)
        check = self.run.check_own
        weights.write(self.run.checkpoint, stored, check=check)
        weights.save(trainer.net, self.run.model, self.preparation, check=check)
        self.saved_at = time.monotonic()

    def resume(self, trainer: Trainer, stored: weights.Stored) -> None:
        """Restore the trainer from a checkpoint, and drop the history beyond it."""
        made_with = stored.values.get("made_with")
        if isinstance(made_with, dict):  # older checkpoints have none
            compare(made_with, self.made_with, self.run.path)
        restore(trainer, stored, self.run)
        if trainer.epochs < trainer.epoch:
            raise RunFolderError(
                f"{self.run.path} has completed {trainer.epoch} epochs already; epochs "
                f"{trainer.epochs} would go back. Use a larger number, or start a new run."
            )
        self._rewrite_history(trainer.history)

    def _save_if_due(self, trainer: Trainer) -> None:
        if time.monotonic() - self.saved_at >= CHECKPOINT_SECONDS:
            self.save(trainer)

    def _in_own_folder(self, trainer: Trainer, write: Callable[[], None]) -> None:
        """Write into the folder, made again if need be; if it is lost, save the run beside it."""
        if self.lost:  # the run is already ending with this error
            return
        try:
            self._make_folder_again_if_gone()
            write()
        except LostFolderError as loss:
            self.lost = True
            raise LostFolderError(f"{loss} {self._save_beside(trainer)}") from None

    def _make_folder_again_if_gone(self) -> None:
        standing = self.run.standing()
        if standing is Standing.OWN:
            return
        loss = self.run.lost_folder_error(standing)
        if standing is Standing.TAKEN:
            raise loss
        try:
            self.run.make(self.config)  # refuses a folder that is not empty
        except (OSError, RunFolderError):
            raise loss from None
        warn(f"the run folder {self.run.path} vanished; it was made again and holds the whole run.")
        self.rows = self.losses = self.written = 0

    def _save_beside(self, trainer: Trainer) -> str:
        """Save the run in a new folder; a sentence about the outcome."""
        try:
            path = new_folder(self.run.path.parent, f"{self.run.path.name or 'run'}-saved")
            beside = RunFolder(path)
            beside.make(self.config)
            try:
                Recorder(beside, self.config, self.made_with, self.preparation)._save(trainer)
            finally:
                beside.release()
        except (OSError, RunFolderError) as problem:
            return f"The run could not be saved beside it either: {problem}"
        return (
            f"The run up to step {trainer.step} is saved in {path}. Continue with: mitbadak train "
            f"--resume {path}"
        )

    def _write_config_if_missing(self) -> None:
        try:
            self.run.read_config()
        except (OSError, RunFolderError):  # deleted, emptied, or something else in its place
            self.run.write_config(self.config)

    def _write_history(self, history: History, *, sync: bool = False) -> None:
        self.run.check_own()
        if not self._history_is_there():
            self._rewrite_history(history)
            return
        content = history.lines_from(self.rows, self.losses).encode()
        with open(self.run.history, "ab") as file:
            file.truncate(self.written)  # remove what a failed write left of these lines
            file.write(content)
            file.flush()
            if sync:
                os.fsync(file.fileno())
        self._note_written(history, self.written + len(content))

    def _history_is_there(self) -> bool:
        """Whether the file still holds all that was written: not cut, deleted or replaced."""
        try:
            there = self.run.history.lstat()
        except FileNotFoundError:
            return False
        return stat.S_ISREG(there.st_mode) and there.st_size >= self.written

    def _rewrite_history(self, history: History) -> None:
        content = history.lines_from(0, 0).encode()
        write_atomically(self.run.history, content, self.run.check_own)
        self._note_written(history, len(content))

    def _note_written(self, history: History, length: int) -> None:
        self.rows, self.losses = len(history.rows), len(history.losses)
        self.written = length
