"""Several runs in one picture."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mitbadak.core.errors import RangeError
from mitbadak.plots.style import BLUE, GREEN, ORANGE, lettering, new_figure, shown
from mitbadak.training.history import History

# Without the yellow and the second black of the house's palette, which make faint or hard lines.
RUN_COLOURS = (BLUE, ORANGE, GREEN, "#CC79A7", "#E69F00", "#56B4E9", "#000000")
RUN_STYLES = ("-", "--", ":", "-.")
MOST_RUNS = len(RUN_COLOURS) * len(RUN_STYLES)


def compare_figure(runs: Mapping[str, History], *, lang: str = "en") -> Figure:
    """Loss and accuracy of several runs over their epochs, told apart by colour and line.

    The loss is the mean over each epoch's batches; the accuracy that on the test set, or where it
    was not measured on the validation set.

    Args:
        runs: histories by name.
        lang: of the words, ``en`` or ``ko``.

    Raises:
        RangeError: none, or more than can be told apart.
    """
    if not 1 <= len(runs) <= MOST_RUNS:
        raise RangeError(
            f"a picture can tell 1 to {MOST_RUNS} runs apart; got {len(runs)}. Name some of them."
        )
    with lettering(lang, runs) as say:
        figure = new_figure(10.0, 4.2 + 0.22 * max(0, len(runs) - 12))
        left, right = figure.subplots(1, 2)
        for number, (name, history) in enumerate(runs.items()):
            colour = RUN_COLOURS[number % len(RUN_COLOURS)]
            style = RUN_STYLES[number // len(RUN_COLOURS)]
            line = {"color": colour, "linestyle": style, "linewidth": 1.6}
            epochs = _column(history, "epoch")
            left.plot(epochs, _column(history, "train_loss"), label="_", **line)
            accuracy = _accuracy(history)
            measured = accuracy[np.isfinite(accuracy)]
            last = f" {measured[-1]:.4f}" if measured.size else ""
            right.plot(epochs, accuracy, label=shown(name, 24) + last, **line)
        left.set(xlabel=say("epoch"), ylabel=say("loss"), ylim=(0, None))
        right.set(xlabel=say("epoch"), ylabel=say("accuracy"), ylim=(0, 1.02))
        for ax in (left, right):
            ax.xaxis.set_major_locator(MaxNLocator(integer=True))
            ax.grid(alpha=0.25)
            ax.spines[["top", "right"]].set_visible(False)
        figure.legend(*right.get_legend_handles_labels(), loc="outside right upper",
                      frameon=False, fontsize=8)  # fmt: skip
        return figure


def _accuracy(history: History) -> np.ndarray:
    for part in ("test", "validation", "train"):
        if f"{part}_accuracy" in history.names:
            return _column(history, f"{part}_accuracy")
    return np.full(len(history), np.nan)


def _column(history: History, name: str) -> np.ndarray:
    if name not in history.names:
        return np.full(len(history), np.nan)
    return np.array([np.nan if v is None else v for v in history[name]], float)
