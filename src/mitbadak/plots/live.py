"""A training as it happens in a notebook: its curves, the last line, and a bar inside the epoch."""

from __future__ import annotations

import time
from html import escape
from typing import Any

from mitbadak.training.callbacks import epoch_line
from mitbadak.training.history_file import Row
from mitbadak.training.hooks import Callback, now_and_then, without_arrays
from mitbadak.training.trainer import Trainer

BAR_SECONDS, CURVE_SECONDS = 0.1, 0.5  # between two updates of each
WIDTH = "width:24em"


class LiveCurves(Callback):
    """Redraws one output of a notebook's cell while ``fit`` runs; the default there.

    The curves are drawn at most twice a second and the bar ten times, so that they cost little.

    Args:
        show: replaces the output by some HTML; by default IPython's display.
        lang: language of the curves, ``en`` or ``ko``.

    Example:
        >>> from mitbadak.data import load_spiral
        >>> from mitbadak.nn import MLP
        >>> from mitbadak.training import fit
        >>> shown = []
        >>> history = fit(MLP([2, 10, 3]), load_spiral(), epochs=2,
        ...               callbacks=[LiveCurves(shown.append)])
        >>> shown[-1].startswith('<img alt="" src="data:image/png;base64,')
        True
    """

    def __init__(self, show: Any = None, *, lang: str = "en"):
        self.show, self.lang = show, lang
        self.drawn_at = self.moved_at = -1e9
        self.picture = self.line = ""

    def on_train_begin(self, trainer: Trainer) -> None:
        if self.show is None:
            self.show = _output()

    @now_and_then
    def on_step_end(self, trainer: Trainer) -> None:
        now = time.monotonic()
        if now - self.moved_at >= BAR_SECONDS:
            self.moved_at = now
            done, of = trainer.batches_done, trainer.steps_per_epoch
            self.show(f"{self.picture}{self._said()}{_bar(done, of, trainer.epoch + 1)}")

    @without_arrays
    def on_epoch_end(self, trainer: Trainer, row: Row) -> None:
        self.line = epoch_line(row, trainer.epochs)
        now = time.monotonic()
        if now - self.drawn_at >= CURVE_SECONDS and trainer.history.losses:
            self._draw(trainer)
            self.drawn_at = time.monotonic()
        self.show(self.picture + self._said())

    def on_train_end(self, trainer: Trainer) -> None:
        if trainer.history.losses:
            self._draw(trainer)
        stopped = trainer.history.stopped
        self.show(f"{self.picture}{self._said()}{f'<p>{escape(stopped)}</p>' if stopped else ''}")

    def _draw(self, trainer: Trainer) -> None:
        from mitbadak.plots.curves import training_figure
        from mitbadak.plots.notebook import picture

        self.picture = picture(training_figure(trainer.history, lang=self.lang))

    def _said(self) -> str:
        return f'<pre style="margin:0">{escape(self.line)}</pre>'


def _bar(done: int, of: int, epoch: int) -> str:
    return f'<progress value="{done}" max="{of}" style="{WIDTH}"></progress> epoch {epoch}'


def _output() -> Any:
    """What replaces the output of the running cell by some HTML."""
    from IPython.display import HTML, display  # pyright: ignore[reportMissingImports]

    handle: Any = display(HTML(""), display_id=True)
    return lambda html: handle.update(HTML(html))
