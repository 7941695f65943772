"""How the command line shows long work and tables: a live bar on a terminal, lines in a pipe."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from mitbadak.core.printing import visible
from mitbadak.training.callbacks import PrintProgress, epoch_line
from mitbadak.training.history_file import Row
from mitbadak.training.trainer import Callback, Trainer, without_arrays

if TYPE_CHECKING:
    from rich.table import Table

REDRAW_SECONDS = 0.1
WIDE = 200  # letters of a line where no terminal cuts it


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
            console=console(stream),
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


def console(stream: TextIO | None = None) -> Console:
    """Rich on a stream, by default stdout: as wide as a terminal, or uncut in a pipe.

    What it prints is taken letter by letter: no markup, no emoji by name.
    """
    stream = sys.stdout if stream is None else stream
    width = None if stream is not None and stream.isatty() else WIDE
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


def cell(content: object, style: str = "") -> Text:
    """A cell of a table, whose content may come from anywhere."""
    return Text(visible(content), style=style)


def print_table(table: Table) -> None:
    """Print a table on stdout; its cells and its title are made by ``cell``."""
    console().print(table)
