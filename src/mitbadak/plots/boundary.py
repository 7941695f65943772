"""What a net of two inputs answers over the plane."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from mitbadak.data.batches import Dataset
from mitbadak.errors import whole
from mitbadak.nn.network import Sequential
from mitbadak.plots.style import CLASS_COLOURS, CLASS_MARKERS, GREY, finish, lettering


def decision_boundary(
    net: Sequential, data: Dataset, ax: Axes, *, points: int = 400, lang: str = "en"
) -> Axes:
    """Which class a net answers where in the plane, with the examples on top.

    Args:
        net: with two inputs.
        data: x of shape (n, 2); t class indices or one-hot rows.
        ax: where to draw.
        points: of the grid, along each axis.
        lang: of the words, ``en`` or ``ko``.

    Returns:
        ``ax``.
    """
    with lettering(lang) as say:
        points = whole("decision_boundary", "points", points, least=2)
        x, t = data.batch(slice(None))
        classes = t.argmax(axis=1) if t.ndim == 2 else t
        reach = float(np.abs(x).max()) * 1.1
        line = np.linspace(-reach, reach, points)
        grid = np.stack(np.meshgrid(line, line), axis=-1)
        answers = net.scores(grid.reshape(-1, 2)).argmax(axis=-1).reshape(points, points)
        count = int(max(answers.max(), classes.max())) + 1
        colours = [CLASS_COLOURS[k % len(CLASS_COLOURS)] for k in range(count)]
        ax.contourf(
            line, line, answers, levels=np.arange(count + 1) - 0.5, colors=colours, alpha=0.2
        )
        ax.contour(line, line, answers, levels=np.arange(count) + 0.5, colors=GREY, linewidths=0.8)
        for k, colour in enumerate(colours):
            marker = CLASS_MARKERS[k % len(CLASS_MARKERS)]
            ax.scatter(
                *x[classes == k].T, s=18, color=colour, marker=marker, label=f"{say('class')} {k}"
            )
        ax.set(xlabel="x0", ylabel="x1", aspect="equal")
        return finish(ax, "upper right")
