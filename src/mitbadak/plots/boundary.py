"""The predictions of a net with one or two inputs, over a line or the plane."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from mitbadak.core.errors import whole
from mitbadak.core.memory import check_memory
from mitbadak.data.dataset import Dataset
from mitbadak.data.preparation import Preparation
from mitbadak.nn.network import Sequential
from mitbadak.plots.style import CLASS_COLORS, CLASS_MARKERS, GRAY, finish, lettering, shown

FADED = 0.8  # of white where the net guesses


def decision_boundary(
    net: Sequential,
    data: Dataset,
    ax: Axes,
    *,
    test: Dataset | None = None,
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
        points: grid points along each axis.
        lang: language of the labels, ``en`` or ``ko``.

    Returns:
        ``ax``.
    """
    with lettering(lang) as say:
        points = whole("decision_boundary", "points", points, least=2)
        _check_grid("decision_boundary", points * points * 2, net)
        x, t = data.batch(slice(None))
        classes = t.argmax(axis=1) if t.ndim == 2 else t
        across, up = (_line(x[:, side], points) for side in (0, 1))
        grid = np.stack(np.meshgrid(across, up), axis=-1)
        scores = net.scores(grid.reshape(-1, 2))
        predicted = net.head.predicted_classes(scores).reshape(points, points)
        count = int(max(predicted.max(), classes.max())) + 1
        colors = [CLASS_COLORS[k % len(CLASS_COLORS)] for k in range(count)]
        ax.contourf(
            across, up, predicted, levels=np.arange(count + 1) - 0.5, colors=colors, alpha=0.3,
            zorder=0.5,
        )  # fmt: skip
        _fade(net, scores, (across, up), ax)
        levels = np.arange(count) + 0.5
        ax.contour(across, up, predicted, levels=levels, colors=GRAY, linewidths=0.8)
        for k, color in enumerate(colors):
            marker = CLASS_MARKERS[k % len(CLASS_MARKERS)]
            ax.scatter(
                *x[classes == k].T, s=18, color=color, marker=marker, label=f"{say('class')} {k}"
            )
        if test is not None:
            _hollow(test, colors, say("test, hollow"), ax)
        ax.set(xlabel="x0", ylabel="x1", aspect="equal")
        return finish(ax, "upper right")


def _fade(
    net: Sequential, scores: np.ndarray, grid: tuple[np.ndarray, np.ndarray], ax: Axes
) -> None:
    """Lay white over the plane, the denser the less sure the net is of its class."""
    probabilities = net.head.by_class(net.head.answer(scores))
    if probabilities is None:
        return
    across, up = grid
    guess = 1 / probabilities.shape[-1]
    sure = (probabilities.max(axis=-1) - guess) / (1 - guess)
    white = np.ones((len(up), len(across), 4))
    white[..., 3] = FADED * (1 - np.clip(sure, 0, 1)).reshape(len(up), len(across))
    ax.imshow(white, extent=(across[0], across[-1], up[0], up[-1]), origin="lower",
              interpolation="bilinear", zorder=0.6)  # fmt: skip


def _hollow(test: Dataset, colors: list[str], label: str, ax: Axes) -> None:
    """Test examples as outlines in the colors and with the markers of their classes."""
    x, t = test.batch(slice(None))
    classes = t.argmax(axis=1) if t.ndim == 2 else t
    for k in np.unique(classes).tolist():
        ax.scatter(
            *x[classes == k].T, s=18, facecolors="none", linewidths=0.7,
            edgecolors=colors[k % len(colors)], marker=CLASS_MARKERS[k % len(CLASS_MARKERS)],
            label=label if k == classes.min() else None,
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
    with lettering(lang) as say:
        points = whole("fitted_curve", "points", points, least=2)
        _check_grid("fitted_curve", points, net)
        x, t = data.batch(slice(None))
        line = _line(x[:, 0], points)
        own = preparation or Preparation("points")
        targets = own.in_own_units(t.reshape(len(x), -1))
        predicted = own.in_own_units(net.predict(line[:, None]))
        x, line = (own.columns_of(rows.reshape(-1, 1))[:, 0] for rows in (x, line))
        for k, color in zip(range(targets.shape[1]), CLASS_COLORS, strict=False):
            ax.scatter(x, targets[:, k], s=12, color=color, alpha=0.6, label=say("target"))
            ax.plot(line, predicted[:, k], color="black", linewidth=1.5, label=say("prediction"))
        ax.set(xlabel=shown((own.columns or ("x0",))[0]), ylabel=shown(own.label or "t"))
        return finish(ax)


def _check_grid(owner: str, numbers: int, net: Sequential) -> None:
    needed = numbers * (np.dtype(np.float64).itemsize + net.dtype.itemsize)
    check_memory(owner, needed, "Choose fewer points.")


def _line(values: np.ndarray, points: int) -> np.ndarray:
    """Evenly spaced points over the range of the values and a tenth beyond at each end."""
    low, high = float(values.min()), float(values.max())
    margin = 0.1 * (high - low) or 1.0
    return np.linspace(low - margin, high + margin, points)
