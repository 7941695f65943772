"""Loss and accuracy curves of a training run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mitbadak.plots.axes import finish, plain_ticks, whole_ticks
from mitbadak.plots.style import BLUE, GRAY, SET_COLORS, lettering, new_figure, set_title
from mitbadak.training.history import History

MARKED = 40  # epochs; more markers would run together
LEAST_HEIGHT = 0.01  # of the axis of accuracies
UNEVEN = 1e4  # times the lowest loss


def training_figure(history: History, title: str = "", *, lang: str = "en") -> Figure:
    """Loss per step and, if it was measured, accuracy per epoch, side by side."""
    has_classes = any(name.endswith("_accuracy") for name in history.names)
    with lettering(lang, [title]):
        figure = new_figure() if has_classes else new_figure(6.0)
        panels = figure.subplots(1, 1 + has_classes, squeeze=False)[0]
        loss_curve(history, panels[0], lang=lang)
        if has_classes:
            accuracy_curve(history, panels[1], lang=lang)
        set_title(figure, title)
        return figure


def loss_curve(history: History, ax: Axes, *, lang: str = "en") -> Axes:
    """The loss of every batch and its mean per epoch, with test and validation loss if measured.

    Args:
        history: history of the run.
        ax: axes to draw on.
        lang: language of the labels, ``en`` or ``ko``.

    Returns:
        ``ax``.
    """
    with lettering(lang, on=ax) as say:
        steps = np.arange(1, len(history.losses) + 1)
        ax.plot(
            steps, history.losses, color=BLUE, alpha=0.25, linewidth=0.6, label=say("each batch")
        )
        for name, label in (("train_loss", "train, mean of the epoch"), ("test_loss", "test"),
                            ("validation_loss", "validation")):  # fmt: skip
            if name in history.names:
                color = SET_COLORS[name.removesuffix("_loss")]
                at = column(history, "step")
                if name == "train_loss":  # a mean over the epoch belongs at its middle
                    at[1:] = (at[1:] + at[:-1]) / 2
                ax.plot(at, column(history, name), color=color, label=say(label))
        _mark_kept(history, "step", ax, say)
        ax.set(xlabel=say("updates"), ylabel=say("loss"), xlim=(0, None))
        loss_axis(ax)
        whole_ticks(ax.xaxis)
        if len(history.losses) < 2:
            ax.set_xlim(0, 2)
        return finish(ax)


def loss_axis(ax: Axes) -> None:
    """Heights of losses from 0 on, with room above; logarithmic if they differ very much."""
    heights = np.concatenate([[], *(np.asarray(line.get_ydata(), float) for line in ax.get_lines()
                                    if line.get_transform() == ax.transData)])  # fmt: skip
    heights = heights[np.isfinite(heights)]
    if len(heights) and heights.min() > 0 and heights.max() > UNEVEN * heights.min():
        ax.set_yscale("log")
        plain_ticks(ax.yaxis)
    else:
        low, high = (heights.min(), heights.max()) if len(heights) else (0.0, 0.0)
        margin = 0.05 * (max(high, 0.0) - min(low, 0.0))
        ax.set_ylim(low - margin if low < 0 else 0, high + margin if margin else None)


def accuracy_curve(history: History, ax: Axes, *, lang: str = "en") -> Axes:
    """Accuracy after each epoch; epoch 0 is before the first update.

    The axis has the height of the curves. Where epoch 0 lies far below all others, it is left out
    and told in words.

    Args:
        history: history of the run.
        ax: axes to draw on.
        lang: language of the labels, ``en`` or ``ko``.

    Returns:
        ``ax``.
    """
    with lettering(lang, on=ax) as say:
        for name, color in SET_COLORS.items():
            if f"{name}_accuracy" in history.names:
                style = "--" if name == "test" else "-"
                values = column(history, f"{name}_accuracy")
                label = f"{say(name)}, {_result(history, f'{name}_accuracy', say)}"
                marker = "." if len(values) <= MARKED else ""
                ax.plot(history["epoch"], values, style, color=color, marker=marker, label=label)
        _mark_kept(history, "epoch", ax, say)
        ax.set(xlabel=say("epoch"), ylabel=say("accuracy"))
        names = [name for name in history.names if name.endswith("_accuracy")]
        accuracy_axis(ax, [column(history, name) for name in names], say)
        whole_ticks(ax.xaxis)
        return finish(ax, "lower right")


def accuracy_axis(ax: Axes, curves: Sequence[np.ndarray], say: Callable[[str], str]) -> None:
    """Heights around accuracies; those of epoch 0, far below, are told in the legend instead.

    Args:
        ax: axes with the curves.
        curves: the accuracies of each, from epoch 0 on.
        say: puts words into the language of the picture.
    """
    curves = [np.asarray(curve, float) for curve in curves if len(curve)]
    start, later = (np.concatenate([[], *(curve[part] for curve in curves)])
                    for part in (slice(1), slice(1, None)))  # fmt: skip
    start, later = start[np.isfinite(start)], later[np.isfinite(later)]
    if not len(later):
        ax.set_ylim(0, 1.02)
        return
    low, high = later.min(), later.max()
    if len(start) and low - start.max() > (high - low) / 2:
        known = [f"{value:.4f}" for value in (start if len(start) < 4 else np.sort(start)[[0, -1]])]
        told = ", ".join(known) if len(start) < 4 else "–".join(known)
        ax.plot([], [], " ", label=f"{say('epoch')} 0: {told}")  # a line of the legend
    elif len(start):
        low, high = min(low, start.min()), max(high, start.max())
    margin = max(0.05 * (high - low), LEAST_HEIGHT / 2)
    low, high = max(low - margin, -0.02), min(high + margin, 1.02)
    ax.set_ylim(low, high)
    ticks = np.array(ax.get_yticks())  # no share is below 0 or above 1
    ax.set_yticks(ticks[(ticks >= max(low, 0.0)) & (ticks <= min(high, 1 + 1e-9))])


def _result(history: History, name: str, say: Callable[[str], str]) -> str:
    """The measure of the net as it is at the end, in words."""
    value = history.result.get(name)
    word = say("last" if history.kept is None else "kept")
    return f"{word} {np.nan if value is None else value:.4f}"


def _mark_kept(history: History, name: str, ax: Axes, say: Callable[[str], str]) -> None:
    """A line at the epoch whose weights the net holds, where they were put back at the end."""
    if history.kept is not None and name in history.result:
        label = f"{say('kept')}: {say('epoch')} {history.kept}"
        ax.axvline(history.result[name], color=GRAY, linestyle=":", linewidth=1.2, label=label)


def column(history: History, name: str) -> np.ndarray:
    """One measure over the epochs, NaN where it is missing."""
    return np.array([np.nan if row.get(name) is None else row[name] for row in history], float)
