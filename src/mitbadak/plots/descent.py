"""The path of a descent in the plane."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from mitbadak.core.errors import ShapeError
from mitbadak.descent import DescentResult, Status, Surface
from mitbadak.plots.axes import finish
from mitbadak.plots.style import GRAY, ORANGE, lettering

Window = tuple[tuple[float, float], tuple[float, float]]

NOTES_WINDOW: Window = ((-3.5, 3.5), (-4.5, 4.5))
MOST_UNEQUAL = 4.0  # times the shorter side of a picture with a true aspect
LEVELS, GRID, FINE_GRID = 12, 121, 301
MARKER = 6.0  # points
BETWEEN = 1.4  # times the size of a marker, from one to the next
FARTHEST = 1e6  # markers from the corner of a window
UNEVEN = 4.0  # times the median height; above that, evenly spaced lines crowd on the slopes


def descent_path(
    result: DescentResult,
    ax: Axes,
    f: Callable[[np.ndarray], Any] | None = None,
    *,
    lang: str = "en",
) -> Axes:
    """The points of a descent in the plane, drawn as in the notes.

    Args:
        result: result of a function of two numbers.
        ax: axes to draw on.
        f: the function, if its level lines should be drawn.
        lang: language of the labels, ``en`` or ``ko``.

    Returns:
        ``ax``, with the notes' axes (dashed blue, labeled X0 and X1). The window is that of the
        notes, 3.5 by 4.5 each way, or that of the surface, and grows if the path leaves it.
    """
    with lettering(lang, on=ax) as say:
        in_the_plane(result)
        x0, x1 = result.history.T if len(result.history) else result.path.T
        window = f.window if isinstance(f, Surface) else NOTES_WINDOW
        shown, end = result.path, f"{say('end')}: {say(result.status)}"
        if result.status is Status.EVER_STEEPER:
            shown, end = result.path[:1], f"{end}, {say('leaves the picture')}"
        wide, high = (_widened(side, line) for side, line in zip(window, shown.T, strict=True))
        axes_style = {"color": "blue", "linestyle": "--", "linewidth": 1.2}
        ax.axhline(0, **axes_style)
        ax.axvline(0, **axes_style)
        if f is not None:
            level_lines(f, ax, (wide, high))
        ax.plot(*result.path.T, "-", color=ORANGE, linewidth=0.8, alpha=0.7)
        ax.set(xlabel="X0", ylabel="X1", xlim=wide, ylim=high)
        sides = wide[1] - wide[0], high[1] - high[0]
        if max(sides) <= MOST_UNEQUAL * min(sides):  # a path that ran away needs both its axes
            ax.set_aspect("equal", adjustable="box")
        before = np.stack([x0, x1], axis=1)
        clear = apart(before, (wide, high), marker_share(ax, MARKER))
        which = "" if len(clear) == len(before) else ", unless they overlap"
        label = f"before each step{which}"
        ax.plot(*before[clear].T, "o", markersize=MARKER, color=ORANGE, label=say(label))
        ax.plot(*result.x, "*", color="black", markersize=11, label=end)
        return finish(ax, "lower right")


def apart(points: np.ndarray, window: Window, share: float | tuple[float, float]) -> np.ndarray:
    """The points whose markers do not cover each other: indices, the earlier point before later.

    Args:
        points: shape (n, 2).
        window: what the picture shows.
        share: of the window's sides that a marker takes; for both, or for each.

    Returns:
        Indices of ``points``, in order; of points that are too close, and of those that are not
        finite, none but the first.

    Example:
        >>> path = np.array([[0.0, 0.0], [0.01, 0.0], [0.5, 0.5], [0.0, 0.0]])
        >>> apart(path, ((0, 1), (0, 1)), 0.1)
        array([0, 2])
    """
    (left, right), (bottom, top) = window
    sides = np.array([right - left, top - bottom]) * share
    with np.errstate(all="ignore"):
        places = (points - np.array([left, bottom])) / sides
    taken: dict[tuple[int, int], list[np.ndarray]] = {}
    chosen = []
    for k, place in enumerate(places):
        if not (np.abs(place) < FARTHEST).all():
            continue
        i, j = np.floor(place).astype(int).tolist()
        near = [
            p for a in (i - 1, i, i + 1) for b in (j - 1, j, j + 1) for p in taken.get((a, b), ())
        ]
        if all(np.hypot(*(place - other)) >= 1 for other in near):
            taken.setdefault((i, j), []).append(place)
            chosen.append(k)
    return np.array(chosen, int)


def in_the_plane(result: DescentResult) -> None:
    """Refuse a descent that is not in the plane.

    Raises:
        ShapeError: x does not have exactly two entries.
    """
    if result.x.shape != (2,):
        raise ShapeError(
            f"descents are drawn for functions of two numbers; this x has shape {result.x.shape}."
        )


def marker_share(ax: Axes, size: float) -> tuple[float, float]:
    """How much of the sides of axes a marker takes, with room around it.

    Args:
        ax: the axes, with their limits and their aspect.
        size: of the marker, in points.
    """
    ax.apply_aspect()
    width, height = ax.bbox.width, ax.bbox.height
    pixels = BETWEEN * size * ax.get_figure(root=True).dpi / 72  # type: ignore[union-attr]
    return pixels / max(width, 1.0), pixels / max(height, 1.0)


def level_lines(f: Callable[[np.ndarray], Any], ax: Axes, window: Window) -> None:
    """Lines of equal height in a window, spaced geometrically if heights differ very much."""
    line0, line1, heights = _heights(f, window)
    finite = heights[np.isfinite(heights)]
    if not finite.size or finite.max() == finite.min():
        return
    levels: Any = LEVELS
    if finite.min() >= 0 and finite.max() > UNEVEN * np.median(finite):
        lowest = max(np.quantile(finite, 0.02), finite.max() * 1e-6)
        levels = np.geomspace(lowest, finite.max(), LEVELS + 2)[:-1]
    ax.contour(line0, line1, heights, levels=levels, colors=GRAY, linewidths=0.5, alpha=0.6)


def _heights(
    f: Callable[[np.ndarray], Any], window: Window
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """f on a grid: a fine one if the formula takes it at once, else a coarser one by points."""
    (left, right), (bottom, top) = window
    if isinstance(f, Surface):
        line0, line1 = np.linspace(left, right, FINE_GRID), np.linspace(bottom, top, FINE_GRID)
        heights = f.formula(np.stack(np.meshgrid(line0, line1)))
        if np.shape(heights) == (FINE_GRID, FINE_GRID):
            return line0, line1, heights
    line0, line1 = np.linspace(left, right, GRID), np.linspace(bottom, top, GRID)
    return line0, line1, np.array([[_height(f, np.array([a, b])) for a in line0] for b in line1])


def _widened(side: tuple[float, float], line: np.ndarray) -> tuple[float, float]:
    """One side of the window, widened equally at both ends if the path leaves it."""
    low, high = side
    middle, half = (low + high) / 2, (high - low) / 2
    reach = float(np.abs(line - middle).max())
    half = half if reach <= half else 1.15 * reach
    return middle - half, middle + half


def _height(f: Callable[[np.ndarray], Any], x: np.ndarray) -> float:
    """f(x), or NaN, which is not drawn, where f is not defined."""
    try:
        with np.errstate(all="ignore"):
            height = float(f(x))
    except Exception:  # whatever f raises outside its domain
        return np.nan
    return height if np.isfinite(height) else np.nan
