"""What a terminal shows: bars for long work, and tables. In a pipe both are plain lines."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress as Bar,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)  # fmt: skip
from rich.text import Text

from mitbadak.cli.language import say
from mitbadak.core.printing import display_width, printable, visible
from mitbadak.core.progress import Progress, StderrProgress
from mitbadak.training.callbacks import PrintProgress, epoch_line, is_shown
from mitbadak.training.history_file import Row
from mitbadak.training.hooks import Callback, now_and_then
from mitbadak.training.trainer import Trainer
from mitbadak.training.words import TRANSLATIONS

if TYPE_CHECKING:
    from rich.table import Table

BAR_WIDTH, LEAST_BAR = 32, 6
OF_THE_REST = 28  # cells beside a bar: spaces, the time that is left, the share of a long step
GAP = 2  # characters between columns of a table
QUIET_SECONDS = 2.0  # shorter work shows no progress
REDRAW_SECONDS = 0.1
PIPE_WIDTH = 200  # characters of a line where no terminal limits it


def progress_of_training(
    stream: TextIO, every: int | None = None, lang: str = "en"
) -> tuple[Callback, Progress | None]:
    """What shows the epochs on ``stream``, and what shows a long step (a numerical gradient).

    On a terminal one bar shows both. Elsewhere epochs are lines; None leaves long steps to the
    function that takes long.

    Args:
        stream: where to.
        every: show each so-many-th epoch; None shows about 20 of many.
        lang: ``en`` or ``ko``.
    """
    if _is_terminal(stream):
        bar = TrainingBar(stream, every, lang)
        return bar, bar.show_step
    return PrintProgress(stream, every=every, lang=lang), None


class TrainingBar(Callback):
    """Lines of epochs above a bar that counts updates and shows the latest loss."""

    def __init__(self, stream: TextIO, every: int | None = None, lang: str = "en"):
        self.every, self.lang, self.waiting = every, lang, ""
        self.say = TRANSLATIONS.to(lang)
        self.line = BarColumn(bar_width=BAR_WIDTH)
        self.bar = _bar(
            stream, TextColumn("{task.fields[epoch]}"), self.line, MofNCompleteColumn(),
            TextColumn("{task.fields[loss]}"), TimeRemainingColumn(),
            TextColumn("{task.description}"),
        )  # fmt: skip
        self.drawn_at = 0.0

    def on_train_begin(self, trainer: Trainer) -> None:
        total = trainer.epochs * trainer.steps_per_epoch
        epoch, loss = self._epoch(trainer), self.say("loss -")
        others = display_width(f"{epoch} {total}/{total} {self.say('loss 0.0000')}") + OF_THE_REST
        self.line.bar_width = max(LEAST_BAR, min(BAR_WIDTH, self.bar.console.width - others))
        self.task = self.bar.add_task(
            "", total=total, completed=trainer.step, epoch=epoch, loss=loss
        )
        self.bar.start()

    def _epoch(self, trainer: Trainer) -> str:
        """The epoch that the next update belongs to, or the last one."""
        number = min(trainer.step // max(1, trainer.steps_per_epoch) + 1, trainer.epochs)
        return self.say(f"epoch {number}/{trainer.epochs}")

    @now_and_then
    def on_step_end(self, trainer: Trainer) -> None:
        if self._is_due():
            loss = self.say(f"loss {trainer.history.losses[-1]:.4f}")
            self.bar.update(
                self.task, completed=trainer.step, epoch=self._epoch(trainer), loss=loss,
                description="",
            )  # fmt: skip

    def show_step(self, done: int, total: int, message: str, /) -> None:
        """Show how far the current step is, at the end of the bar."""
        if self._is_due():
            share = self.say(f"{100 * done // max(total, 1)}% of this step")
            self.bar.update(self.task, description=share)

    def on_epoch_end(self, trainer: Trainer, row: Row) -> None:
        self.waiting = epoch_line(row, trainer.epochs, self.lang)
        if is_shown(row["epoch"], trainer.epochs, self.every):
            self._print_waiting()
        self.bar.update(self.task, completed=trainer.step, epoch=self._epoch(trainer))

    def on_train_end(self, trainer: Trainer) -> None:
        self._print_waiting()
        self.bar.stop()

    def _print_waiting(self) -> None:
        if self.waiting:
            self.bar.console.print(self.waiting)
        self.waiting = ""

    def _is_due(self) -> bool:
        now = time.monotonic()
        if now - self.drawn_at < REDRAW_SECONDS:
            return False
        self.drawn_at = now
        return True


@contextlib.contextmanager
def progress_of_long_work() -> Iterator[Progress]:
    """Progress on stderr: nothing in the first seconds, then a bar on a terminal, lines elsewhere.

    A context manager, since the bar hides the cursor until the work ends or fails.
    """
    began = time.monotonic()
    shown: Progress | None = None
    with contextlib.ExitStack() as opened:

        def report(done: int, total: int, message: str, /) -> None:
            nonlocal shown
            if shown is None and done < total and time.monotonic() - began > QUIET_SECONDS:
                bar = _work_bar() if _is_terminal(sys.stderr) else None
                shown = opened.enter_context(bar) if bar is not None else StderrProgress()
            if shown is not None:
                shown(done, total, say(message))

        yield report


@contextlib.contextmanager
def _work_bar() -> Iterator[Progress]:
    message = TextColumn("{task.description}", markup=False)
    bar = _bar(sys.stderr, BarColumn(bar_width=BAR_WIDTH), TimeRemainingColumn(), message)
    with bar:
        task = bar.add_task("")

        def report(done: int, total: int, message: str, /) -> None:
            bar.update(task, completed=done, total=total, description=visible(message))

        yield report


def _bar(stream: TextIO, *columns: ProgressColumn) -> Bar:
    """A bar that is removed at the end; lines printed on the same terminal appear above it."""
    return Bar(
        *columns,
        console=console(stream),
        transient=True,
        redirect_stdout=_is_terminal(sys.stdout),
        redirect_stderr=_is_terminal(sys.stderr),
    )


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


def console(stream: TextIO | None = None) -> Console:
    """Rich on a stream, by default stdout: as wide as a terminal, or uncut in a pipe.

    It prints text as it is: no markup, no emoji by name.
    """
    stream = sys.stdout if stream is None else stream
    width = None if _is_terminal(stream) else PIPE_WIDTH
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


def cell(content: object, style: str = "") -> Text:
    """A cell of a table, whose content may come from anywhere."""
    return Text(printable(visible(content)), style=style)


def print_table(table: Table) -> None:
    """Print a table on stdout; its cells and its title are made by ``cell``."""
    with lines_cut_by_cells():
        console().print(table)


def fitting(
    columns: Mapping[str, Sequence[str]],
    width: int,
    dispensable: Sequence[str],
    folded: Mapping[str, int] | None = None,
) -> tuple[list[str], list[str]]:
    """The columns of a table that a terminal has room for, and those that are left out.

    No value is cut: a column is whole, or not there.

    Args:
        columns: cells by the English heading of the column.
        width: of the terminal, in characters.
        dispensable: headings in the order in which columns are left out.
        folded: columns that take several lines where they must, with their least widths.

    Example:
        >>> fitting({"optimizer": ["momentum"], "lr": ["0.001"], "f": ["1e-5"]}, 15, ["lr"])
        (['optimizer', 'f'], ['lr'])
    """
    shown_as = {name: (say(name), *map(visible, cells)) for name, cells in columns.items()}
    wide = {name: max(map(display_width, map(printable, each))) for name, each in shown_as.items()}
    wide |= {name: min(wide[name], least) for name, least in (folded or {}).items()}
    shown, left_out = list(columns), []
    for name in dispensable:
        if sum(wide[each] + GAP for each in shown) - GAP <= width:
            break
        if name in shown:
            shown.remove(name)
            left_out.append(name)
    return shown, left_out


@contextlib.contextmanager
def lines_cut_by_cells() -> Iterator[None]:
    """While entered, Rich breaks lines of wide letters where they end.

    Rich counts letters instead of cells where it drops the space at the end of a line. A line of
    Hangul that fills its cell exactly would lose its last letter to an ellipsis.
    """
    before = Text.rstrip_end

    def by_cells(text: Text, size: int) -> None:
        excess = text.cell_len - size
        if excess > 0:
            spaces = len(text.plain) - len(text.plain.rstrip(" "))
            text.right_crop(min(spaces, excess))

    Text.rstrip_end = by_cells  # type: ignore[method-assign]
    try:
        yield
    finally:
        Text.rstrip_end = before  # type: ignore[method-assign]
