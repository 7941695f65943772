"""Loss and accuracy curves of a training run."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mitbadak.plots.style import BLUE, GRAY, SET_COLORS, finish, lettering, new_figure, set_title
from mitbadak.training.history import History

MARKED = 40  # epochs; more markers would run together
LEAST_HEIGHT = 0.01  # of the axis of accuracies


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
    with lettering(lang) as say:
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
        ax.set(xlabel=say("updates"), ylabel=say("loss"), ylim=(0, None), xlim=(0, None))
        return finish(ax)


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
    with lettering(lang) as say:
        for name, color in SET_COLORS.items():
            if f"{name}_accuracy" in history.names:
                style = "--" if name == "test" else "-"
                values = column(history, f"{name}_accuracy")
                label = f"{say(name)}, {_result(history, f'{name}_accuracy', say)}"
                marker = "." if len(values) <= MARKED else ""
                ax.plot(history["epoch"], values, style, color=color, marker=marker, label=label)
        _mark_kept(history, "epoch", ax, say)
        ax.set(xlabel=say("epoch"), ylabel=say("accuracy"))
        _fit_height(history, ax, say)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        return finish(ax, "lower right")


def _fit_height(history: History, ax: Axes, say: Callable[[str], str]) -> None:
    """Limits around the accuracies, without those of epoch 0 where they are far below."""
    columns = [column(history, name) for name in history.names if name.endswith("_accuracy")]
    shown = np.array(columns, float).reshape(len(columns), -1)
    start, later = shown[:, :1], shown[:, 1:]
    if not np.isfinite(later).any():
        ax.set_ylim(0, 1.02)
        return
    low, high = np.nanmin(later), np.nanmax(later)
    known = start[np.isfinite(start)]
    if len(known) and low - known.max() > (high - low) / 2:
        told = ", ".join(f"{value:.4f}" for value in known)
        ax.annotate(f"{say('epoch')} 0: {told}", (0.15, 0.03), xycoords="axes fraction",
                    fontsize=9, color=GRAY)  # fmt: skip
    elif len(known):
        low = min(low, known.min())
    margin = max(0.05 * (high - low), LEAST_HEIGHT / 2)
    ax.set_ylim(max(low - margin, -0.02), min(high + margin, 1.02))


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
