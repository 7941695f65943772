"""Pictures: each function draws on axes it is given and returns them; none touches pyplot.

Figures are made without a display, so they come out the same on a server, and the caller's
Matplotlib settings are left alone.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from mitbadak.data.batches import Dataset
from mitbadak.descent import DescentResult
from mitbadak.errors import ShapeError, whole
from mitbadak.files import write_atomically
from mitbadak.nn.network import Sequential
from mitbadak.training.history import History

# Okabe and Ito's palette, told apart with every kind of colour vision.
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#666666"
SET_COLOURS = {"train": BLUE, "test": ORANGE, "validation": GREEN}
CLASS_COLOURS = (BLUE, ORANGE, GREEN, "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000")
CLASS_MARKERS = "o^xsDv*P"
DOTS_PER_INCH = 120


def new_figure(width: float = 9.0, height: float = 3.8) -> Figure:
    """An empty figure of so many inches, drawn without a display."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def save_figure(figure: Figure, path: str | os.PathLike) -> None:
    """Write a figure as PNG, as a whole or not at all."""
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=DOTS_PER_INCH)
    write_atomically(path, picture.getvalue())


def training_figure(history: History, title: str = "") -> Figure:
    """Loss per step and accuracy per epoch, side by side."""
    figure = new_figure()
    left, right = figure.subplots(1, 2)
    loss_curve(history, left)
    accuracy_curve(history, right)
    figure.suptitle(title, fontsize=11)
    return figure


def loss_curve(history: History, ax: Axes) -> Axes:
    """The loss of every batch, and its mean per epoch; test and validation loss where measured.

    Args:
        history: of the run.
        ax: where to draw.

    Returns:
        ``ax``.
    """
    steps = np.arange(1, len(history.losses) + 1)
    ax.plot(steps, history.losses, color=BLUE, alpha=0.25, linewidth=0.6, label="each batch")
    for column, label in (("train_loss", "train, mean of the epoch"), ("test_loss", "test"),
                          ("validation_loss", "validation")):  # fmt: skip
        if column in history.names:
            colour = SET_COLOURS[column.removesuffix("_loss")]
            at = np.array(history["step"], float)
            if column == "train_loss":  # a mean over the epoch stands at its middle
                at[1:] = (at[1:] + at[:-1]) / 2
            ax.plot(at, _numbers(history[column]), color=colour, label=label)
    ax.set(xlabel="updates", ylabel="loss", ylim=(0, None), xlim=(0, None))
    return _finish(ax)


def accuracy_curve(history: History, ax: Axes) -> Axes:
    """Accuracy after each epoch, epoch 0 being before the first update.

    Args:
        history: of the run.
        ax: where to draw.

    Returns:
        ``ax``.
    """
    for name, colour in SET_COLOURS.items():
        column = f"{name}_accuracy"
        if column in history.names:
            style = "--" if name == "test" else "-"
            values = _numbers(history[column])
            last = f"{name}, last {values[-1]:.4f}"
            ax.plot(history["epoch"], values, style, color=colour, marker=".", label=last)
    ax.set(xlabel="epoch", ylabel="accuracy", ylim=(0, 1.02))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    return _finish(ax, "lower right")


def decision_boundary(net: Sequential, data: Dataset, ax: Axes, *, points: int = 400) -> Axes:
    """Which class a net answers where in the plane, with the examples on top.

    Args:
        net: with two inputs.
        data: x of shape (n, 2); t class indices or one-hot rows.
        ax: where to draw.
        points: of the grid, along each axis.

    Returns:
        ``ax``.
    """
    points = whole("decision_boundary", "points", points, least=2)
    x, t = data.batch(slice(None))
    classes = t.argmax(axis=1) if t.ndim == 2 else t
    reach = float(np.abs(x).max()) * 1.1
    line = np.linspace(-reach, reach, points)
    grid = np.stack(np.meshgrid(line, line), axis=-1)
    answers = net.scores(grid.reshape(-1, 2)).argmax(axis=-1).reshape(points, points)
    count = int(max(answers.max(), classes.max())) + 1
    colours = [CLASS_COLOURS[k % len(CLASS_COLOURS)] for k in range(count)]
    ax.contourf(line, line, answers, levels=np.arange(count + 1) - 0.5, colors=colours, alpha=0.2)
    ax.contour(line, line, answers, levels=np.arange(count) + 0.5, colors=GREY, linewidths=0.8)
    for k, colour in enumerate(colours):
        marker = CLASS_MARKERS[k % len(CLASS_MARKERS)]
        ax.scatter(*x[classes == k].T, s=18, color=colour, marker=marker, label=f"class {k}")
    ax.set(xlabel="x0", ylabel="x1", aspect="equal")
    return _finish(ax, "upper right")


def descent_path(
    result: DescentResult, ax: Axes, f: Callable[[np.ndarray], Any] | None = None
) -> Axes:
    """The points that a descent in the plane went through: the notes' picture.

    Args:
        result: of a function of two numbers.
        ax: where to draw.
        f: the function, to draw its level lines.

    Returns:
        ``ax``, with the notes' axes (dashed blue, labels X0 and X1) and a window that is theirs,
        3.5 by 4.5 each way, whenever the path stays inside.
    """
    if result.x.shape != (2,):
        raise ShapeError(
            f"descent_path draws functions of two numbers; the descent ran in {result.x.shape}."
        )
    x0, x1 = result.history.T if len(result.history) else result.path.T
    span = np.abs(result.path).max(axis=0)
    wide = 3.5 if span[0] <= 3.5 else 1.15 * span[0]
    high = 4.5 if span[1] <= 4.5 else 1.15 * span[1]
    axes_style = {"color": "blue", "linestyle": "--", "linewidth": 1.2}
    ax.axhline(0, **axes_style)
    ax.axvline(0, **axes_style)
    if f is not None:
        line0, line1 = np.linspace(-wide, wide, 121), np.linspace(-high, high, 121)
        heights = [[_height(f, np.array([a, b])) for a in line0] for b in line1]
        ax.contour(line0, line1, heights, levels=12, colors=GREY, linewidths=0.5, alpha=0.6)
    ax.plot(x0, x1, "-", color=ORANGE, linewidth=0.8, alpha=0.7)
    ax.plot(x0, x1, "o", color=ORANGE, label="before each step")
    ax.plot(*result.x, "*", color="black", markersize=11, label=f"end: {result.status}")
    ax.set(xlabel="X0", ylabel="X1", xlim=(-wide, wide), ylim=(-high, high))
    return _finish(ax, "lower right")


def _height(f: Callable[[np.ndarray], Any], x: np.ndarray) -> float:
    """f(x), or nothing to draw where f is not defined."""
    try:
        with np.errstate(all="ignore"):
            height = float(f(x))
    except Exception:  # whatever f raises outside its domain
        return np.nan
    return height if np.isfinite(height) else np.nan


def _numbers(column: list[Any]) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in column], float)


def _finish(ax: Axes, place: Any = "upper right") -> Axes:
    ax.grid(alpha=0.25)
    ax.spines[["top", "right"]].set_visible(False)
    if ax.get_legend_handles_labels()[0]:
        for handle in ax.legend(loc=place, frameon=False, fontsize=9).legend_handles:
            if isinstance(handle, Line2D):
                handle.set_alpha(1.0)
    return ax
