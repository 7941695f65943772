"""How the command line shows long work: a live bar on a terminal, plain lines in a pipe."""

from __future__ import annotations

import sys
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from mitbadak.training.callbacks import Callback, PrintProgress, epoch_line, without_arrays
from mitbadak.training.history import Row
from mitbadak.training.trainer import Trainer

REDRAW_SECONDS = 0.1


def progress_callback(stream: TextIO) -> Callback:
    """A bar when ``stream`` is a terminal, lines otherwise."""
    return BarProgress(stream) if stream.isatty() else PrintProgress(stream)


class BarProgress(Callback):
    """A line per epoch above a bar of the current epoch's updates with the latest loss."""

    def __init__(self, stream: TextIO = sys.stdout):
        self.bar = Progress(
            TextColumn("epoch {task.fields[epoch]}"),
            BarColumn(bar_width=32),
            MofNCompleteColumn(),
            TextColumn("loss {task.fields[loss]}"),
            TimeRemainingColumn(),
            console=Console(file=stream, highlight=False),
            transient=True,
            refresh_per_second=10,
        )
        self.drawn_at = 0.0

    def on_train_begin(self, trainer: Trainer) -> None:
        total = trainer.epochs * trainer.steps_per_epoch
        self.task = self.bar.add_task("", total=total, completed=trainer.step, epoch=1, loss="-")
        self.bar.start()

    @without_arrays
    def on_step_end(self, trainer: Trainer) -> None:
        if trainer.seconds - self.drawn_at >= REDRAW_SECONDS:
            self.drawn_at = trainer.seconds
            loss = f"{trainer.history.losses[-1]:.4f}"
            epoch = f"{trainer.epoch + 1}/{trainer.epochs}"
            self.bar.update(self.task, completed=trainer.step, epoch=epoch, loss=loss)

    def on_epoch_end(self, trainer: Trainer, row: Row) -> None:
        self.bar.console.print(epoch_line(row, trainer.epochs))
        self.bar.update(self.task, completed=trainer.step)

    def on_train_end(self, trainer: Trainer) -> None:
        self.bar.stop()
