"""Several runs compared in one picture."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from mitbadak.core.errors import RangeError
from mitbadak.plots.axes import frame, whole_ticks
from mitbadak.plots.curves import accuracy_axis, column, loss_axis
from mitbadak.plots.style import LINE_COLORS, lettering, new_figure, shown
from mitbadak.training.history import History

RUN_STYLES = ("-", "--", ":", "-.")
MOST_RUNS = len(LINE_COLORS) * len(RUN_STYLES)


def compare_figure(runs: Mapping[str, History], *, lang: str = "en") -> Figure:
    """Loss and accuracy of several runs per epoch, distinguished by color and line style.

    The loss is the mean over the batches of an epoch. The accuracy is that on the test set; if
    it was not measured, that on the validation set, else that on the training set. A dot marks the
    epoch whose weights were kept, where that is known.

    Args:
        runs: histories by name.
        lang: language of the labels, ``en`` or ``ko``.

    Raises:
        RangeError: there are no runs, or more than can be distinguished.
    """
    if not 1 <= len(runs) <= MOST_RUNS:
        raise RangeError(
            f"a picture can show 1 to {MOST_RUNS} runs; got {len(runs)}. Name the ones to compare."
        )
    with lettering(lang, runs) as say:
        figure = new_figure(10.0, 4.2 + 0.22 * max(0, len(runs) - 12))
        left, right = figure.subplots(1, 2)
        accuracies = []
        for number, (name, history) in enumerate(runs.items()):
            color = LINE_COLORS[number % len(LINE_COLORS)]
            style = RUN_STYLES[number // len(LINE_COLORS)]
            line = {"color": color, "linestyle": style, "linewidth": 1.6}
            epochs = column(history, "epoch")
            left.plot(epochs, column(history, "train_loss"), label="_", **line)
            measure = _accuracy(history)
            accuracy = column(history, measure) if measure else np.full(len(history), np.nan)
            result = history.result.get(measure) if len(history) else None
            label = shown(name, 24) + ("" if result is None else f" {result:.4f}")
            right.plot(epochs, accuracy, label=label, **line)
            accuracies.append(accuracy)
            if history.kept is not None and result is not None:
                right.plot(history.kept, result, "o", color=color, markersize=4, label="_")
        left.set(xlabel=say("epoch"), ylabel=say("loss"))
        loss_axis(left)
        right.set(xlabel=say("epoch"), ylabel=say("accuracy"))
        accuracy_axis(right, accuracies, say)
        for ax in (left, right):
            whole_ticks(ax.xaxis)
            frame(ax)
        figure.legend(*right.get_legend_handles_labels(), loc="outside right upper",
                      frameon=False, fontsize=8)  # fmt: skip
        return figure


def _accuracy(history: History) -> str:
    """The column of the accuracy that was measured, or ""."""
    names = [f"{part}_accuracy" for part in ("test", "validation", "train")]
    return next((name for name in names if name in history.names), "")
