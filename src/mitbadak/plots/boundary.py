"""The predictions of a net with one or two inputs, over a line or the plane."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes

from mitbadak.core.errors import ShapeError, whole
from mitbadak.core.memory import check_memory
from mitbadak.data.dataset import Dataset
from mitbadak.data.preparation import Preparation
from mitbadak.nn.network import Sequential
from mitbadak.plots.axes import class_style, finish
from mitbadak.plots.own_units import NAME, OwnUnits
from mitbadak.plots.style import GRAY, lettering, shown

AREA = 0.3  # opacity of the colors of areas
FADED = 0.8  # of white where the net guesses
MOST_UNEQUAL = 8.0  # sides of a set; else axes of equal scales would be too narrow


def decision_boundary(
    net: Sequential,
    data: Dataset,
    ax: Axes,
    *,
    test: Dataset | None = None,
    preparation: Preparation | None = None,
    points: int = 400,
    lang: str = "en",
) -> Axes:
    """The class that a net predicts at each point of the plane, with the examples on top.

    Where the net has probabilities, its colors fade to white as they near those of guessing.

    Args:
        net: with two inputs, and one output per class or a single one for yes or no.
        data: x of shape (n, 2); t class indices or one-hot rows.
        ax: axes to draw on.
        test: examples that were not trained on, drawn hollow.
        preparation: of the data, which are then drawn in their own units, with the names of
            columns and classes.
        points: grid points along each axis.
        lang: language of the labels, ``en`` or ``ko``.

    Returns:
        ``ax``.

    Raises:
        ShapeError: not two inputs, or no exclusive classes.
    """
    own = OwnUnits.of(net, preparation)
    with lettering(lang, own.names(), on=ax) as say:
        points = whole("decision_boundary", "points", points, least=2)
        check_plane("decision_boundary", net, data)
        _check_grid("decision_boundary", points * points * 2, net)
        x, t = data.batch(slice(None))
        across, up = (line_over(x[:, side], points) for side in (0, 1))
        predicted, sure = over_the_plane(net, across, up)
        count = int(max(predicted.max(), classes_of(t).max())) + 1
        across, up = own.line(across, 0), own.line(up, 1)
        present = np.unique(predicted)
        for k in present:  # each by itself: levels of all would run through the classes in between
            here = (predicted == k).astype(float)
            color = class_style(int(k))[0]
            ax.contourf(across, up, here, levels=[0.5, 1.5], colors=[color], alpha=AREA, zorder=0.5)
        if sure is not None:  # lay white over the plane, the denser the less sure the net is
            white = np.ones((len(up), len(across), 4))
            white[..., 3] = FADED * (1 - sure)
            ax.imshow(white, extent=(across[0], across[-1], up[0], up[-1]), origin="lower",
                      interpolation="bilinear", zorder=0.6, aspect="auto")  # fmt: skip
        for k in present[:-1]:
            here = (predicted == k).astype(float)
            ax.contour(across, up, here, levels=[0.5], colors=GRAY, linewidths=0.8)
        draw_examples(data, test, count, ax, say, own)
        return legend_on_areas(finish(ax, "upper right"))


def legend_on_areas(ax: Axes) -> Axes:
    """Put light paper behind the legend, so that lines between areas do not cross its words."""
    legend = ax.get_legend()
    if legend is not None:
        legend.set_frame_on(True)
        legend.get_frame().set(facecolor="white", edgecolor="none", alpha=0.7)
    return ax


def check_plane(owner: str, net: Sequential, data: Dataset) -> None:
    """Refuse what has no class at each point of the plane.

    Raises:
        ShapeError: not two inputs, or no exclusive classes.
    """
    if data.x.shape[1:] != (2,):
        raise ShapeError(
            f"{owner} shows the plane of two inputs; x has shape {data.x.shape}. Choose two."
        )
    if net.head.answers_per_example(net.n_out or 1) > 1:
        raise ShapeError(
            f"{owner} shows one class at each point; {net.head!r} answers {net.n_out} questions "
            "that are not mutually exclusive."
        )


def over_the_plane(
    net: Sequential, across: np.ndarray, up: np.ndarray
) -> tuple[np.ndarray, np.ndarray | None]:
    """What a net with two inputs predicts on a grid.

    Returns:
        The classes, shape (up, across), and how sure the net is of them, from 0 where it guesses
        to 1; None without probabilities.
    """
    shape = len(up), len(across)
    scores = net.scores(np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2))
    predicted = net.head.predicted_classes(scores).reshape(shape)
    probabilities = net.head.by_class(net.head.answer(scores))
    if probabilities is None:
        return predicted, None
    guess = 1 / max(2, probabilities.shape[-1])
    sure = (probabilities.max(axis=-1) - guess) / (1 - guess)
    return predicted, np.clip(np.nan_to_num(sure, nan=0.0), 0, 1).reshape(shape)


def classes_of(t: np.ndarray) -> np.ndarray:
    """Class indices, from these or from one row per example."""
    return t.argmax(axis=1) if t.ndim == 2 else t


def draw_examples(
    data: Dataset,
    test: Dataset | None,
    count: int,
    ax: Axes,
    say: Callable[[str], str],
    own: OwnUnits,
) -> None:
    """The examples by class, those of a test set hollow, on axes of equal scales if they fit."""
    x, t = data.batch(slice(None))
    x, classes = own.rows(x), classes_of(t)
    for k in range(count):
        color, marker = class_style(k)
        label = own.class_label(k, say)
        ax.scatter(*x[classes == k].T, s=18, color=color, marker=marker, label=label)
    if test is not None:
        _hollow(test, say("test, hollow"), ax, own)
    own.label_axes(ax)
    sides = [float(np.ptp(line_over(side, 2))) for side in x.T]
    if own.are_alike and max(sides) <= MOST_UNEQUAL * min(sides):
        ax.set_aspect("equal")


def _hollow(test: Dataset, label: str, ax: Axes, own: OwnUnits) -> None:
    """Test examples as outlines in the colors and with the markers of their classes."""
    x, t = test.batch(slice(None))
    x, classes = own.rows(x), classes_of(t)
    for k in np.unique(classes).tolist():
        color, marker = class_style(k)
        ax.scatter(
            *x[classes == k].T, s=18, facecolors="none", linewidths=0.7, edgecolors=color,
            marker=marker, label=label if k == classes.min() else None,
        )  # fmt: skip


def fitted_curve(
    net: Sequential,
    data: Dataset,
    ax: Axes,
    *,
    preparation: Preparation | None = None,
    points: int = 400,
    lang: str = "en",
) -> Axes:
    """The predictions of a net along a line, with the targets as dots.

    Args:
        net: with one input.
        data: x of shape (n, 1), real targets t of shape (n,) or (n, outputs).
        ax: axes to draw on.
        preparation: preparation of the data, which are then drawn in their own units.
        points: along the line.
        lang: language of the labels, ``en`` or ``ko``.

    Returns:
        ``ax``.
    """
    own = preparation or Preparation("points")
    names = (own.columns or ("x0",))[0], own.label or "t"
    with lettering(lang, names, on=ax) as say:
        points = whole("fitted_curve", "points", points, least=2)
        _check_grid("fitted_curve", points, net)
        x, t = data.batch(slice(None))
        line = line_over(x[:, 0], points)
        targets = own.in_own_units(t.reshape(len(x), -1))
        predicted = own.in_own_units(net.predict(line[:, None]))
        x, line = (own.columns_of(rows.reshape(-1, 1))[:, 0] for rows in (x, line))
        several = targets.shape[1] > 1
        for k in range(targets.shape[1]):
            color, marker = class_style(k)
            label = say("target") + (f" {k}" if several else "")
            ax.scatter(x, targets[:, k], s=12, color=color, marker=marker, alpha=0.6, label=label)
            ax.plot(line, predicted[:, k], color=color if several else "black", linewidth=1.5,
                    label=None if k else say("prediction"))  # fmt: skip
        ax.set(xlabel=shown(names[0], NAME), ylabel=shown(names[1], NAME))
        OwnUnits.of(net, own).write_dates(ax.xaxis, 0)
        return finish(ax)


def _check_grid(owner: str, numbers: int, net: Sequential) -> None:
    needed = numbers * (np.dtype(np.float64).itemsize + net.dtype.itemsize)
    check_memory(owner, needed, "Choose fewer points.")


def line_over(values: np.ndarray, points: int) -> np.ndarray:
    """Evenly spaced points over the range of the values and a tenth beyond at each end."""
    low, high = float(values.min()), float(values.max())
    margin = 0.1 * (high - low) or 1.0
    return np.linspace(low - margin, high + margin, points)
