"""Paths of a descent in the plane."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from mitbadak.descent import DescentResult
from mitbadak.errors import ShapeError
from mitbadak.plots.style import GREY, ORANGE, finish, lettering


def descent_path(
    result: DescentResult,
    ax: Axes,
    f: Callable[[np.ndarray], Any] | None = None,
    *,
    lang: str = "en",
) -> Axes:
    """The points that a descent in the plane went through: the notes' picture.

    Args:
        result: of a function of two numbers.
        ax: where to draw.
        f: the function, to draw its level lines.
        lang: of the words, ``en`` or ``ko``.

    Returns:
        ``ax``, with the notes' axes (dashed blue, labels X0 and X1) and a window that is theirs,
        3.5 by 4.5 each way, whenever the path stays inside.
    """
    with lettering(lang) as say:
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
        ax.plot(x0, x1, "o", color=ORANGE, label=say("before each step"))
        ax.plot(
            *result.x,
            "*",
            color="black",
            markersize=11,
            label=f"{say('end')}: {say(result.status)}",
        )
        ax.set(xlabel="X0", ylabel="X1", xlim=(-wide, wide), ylim=(-high, high))
        return finish(ax, "lower right")


def _height(f: Callable[[np.ndarray], Any], x: np.ndarray) -> float:
    """f(x), or nothing to draw where f is not defined."""
    try:
        with np.errstate(all="ignore"):
            height = float(f(x))
    except Exception:  # whatever f raises outside its domain
        return np.nan
    return height if np.isfinite(height) else np.nan
