"""The bar of a training on a terminal: the epoch that it names is the one that is trained."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from rich.cells import cell_len
from rich.console import Console

from command_line import Screen
from mitbadak.cli import terminal
from mitbadak.nn import MLP
from mitbadak.training import Trainer
from mitbadak.training.history_file import Row
from mitbadak.training.hooks import Callback

EPOCHS, STEPS = 300, 4
X, T = np.zeros((40, 2)), np.arange(40) % 2


class Terminal(Screen):
    """A terminal, as far as Rich asks."""

    def isatty(self) -> bool:
        return True


class Reader(Callback):
    """Reads the bar after each update and each epoch, as it would be drawn."""

    def __init__(self, bar: terminal.TrainingBar) -> None:
        self.bar, self.seen = bar, []

    def on_step_end(self, trainer: Trainer) -> None:
        self.seen.append((trainer.step, self.line()))

    def on_epoch_end(self, trainer: Trainer, row: Row) -> None:
        self.seen.append((trainer.step, self.line()))

    def line(self) -> str:
        drawn = io.StringIO()  # beside the screen, where Rich would draw the bar once more
        console = Console(file=drawn, width=self.bar.bar.console.width)
        console.print(self.bar.bar.get_renderable())
        return drawn.getvalue()


def read(lang: str, width: int, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(terminal, "REDRAW_SECONDS", 0.0)
    bar = terminal.TrainingBar(Terminal(), every=1000, lang=lang)
    reader = Reader(bar)
    Trainer(
        MLP([2, 2], rng=0), (X, T), epochs=3, batch_size=len(X) // STEPS, rng=0,
        engine="numpy", callbacks=[bar, reader],
    ).run()  # fmt: skip
    return reader.seen


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_bar_names_the_epoch_of_the_next_update_in_one_line(
    lang: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = read(lang, width, monkeypatch)
    assert len(seen) >= 3 * STEPS
    for step, text in seen:
        (line,) = text.rstrip("\n").split("\n")
        assert cell_len(line) <= width
        assert "…" not in line
        match = re.search(r"(\d+)/3 ", line)
        assert match is not None, line
        assert int(match[1]) == min(step // STEPS + 1, 3), (step, line)
        assert f"{step}/{3 * STEPS}" in line
