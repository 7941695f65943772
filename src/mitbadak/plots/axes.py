"""What the axes of all pictures share: frame, ticks, and a legend where nothing else is drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import PathCollection
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from mitbadak.plots.style import CLASS_COLORS, CLASS_MARKERS, missing_letters_as_boxes, renderer_of

LEGEND_ROWS = 8  # in a corner; longer legends stand beside the axes
CORNERS = ("upper right", "upper left", "lower left", "lower right")


def frame(ax: Axes) -> None:
    """Give axes the grid and frame of all pictures."""
    ax.grid(alpha=0.25)
    ax.spines[["top", "right"]].set_visible(False)


def plain_ticks(axis: Axis) -> None:
    """Numbers beside a logarithmic axis without superscripts, for which fonts would mix."""
    low, high = axis.get_view_interval()
    axis.set_major_formatter(lambda value, _: f"{value:g}")
    is_short = 0 < high < 10 * low  # or the powers of ten are enough
    axis.set_minor_formatter(lambda value, _: f"{value:g}" if is_short else "")


def whole_ticks(axis: Axis, most: int = 9) -> None:
    """Ticks at whole numbers only."""
    axis.set_major_locator(MaxNLocator(most, integer=True, min_n_ticks=1))


def class_style(k: int) -> tuple[str, str]:
    """Color and marker of a class; those of 64 classes can be told apart.

    Example:
        >>> class_style(1), class_style(9)
        (('#D55E00', '^'), ('#D55E00', 'X'))
    """
    markers = len(CLASS_MARKERS)
    return CLASS_COLORS[k % len(CLASS_COLORS)], CLASS_MARKERS[(k + k // markers) % markers]


def finish(ax: Axes, place: str = "upper right") -> Axes:
    """Give axes the grid, frame and legend of all pictures.

    Args:
        ax: the axes, with everything drawn.
        place: the corner for the legend. If something is drawn there, it takes another; if
            something is in each, the axes grow upwards, or it stands beside axes of fixed shape.
    """
    frame(ax)
    handles = ax.get_legend_handles_labels()[0]
    if not handles:
        return ax
    if len(handles) > LEGEND_ROWS:
        legend_beside(ax)
    else:
        _legend_inside(ax, place)
    legend = ax.get_legend()
    for handle in legend.legend_handles if legend is not None else ():
        if isinstance(handle, Line2D):
            handle.set_alpha(1.0)
    return ax


def legend_beside(ax: Axes, fontsize: float = 9) -> None:
    """A legend on the right of axes, in as many columns as their height asks for."""
    entries = len(ax.get_legend_handles_labels()[0])
    height = ax.bbox.height / ax.get_figure(root=True).dpi * 72  # type: ignore[union-attr]
    rows = max(LEGEND_ROWS, int(height / (1.6 * fontsize)))
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.0, columnspacing=1.0,
              ncols=-(-entries // rows), frameon=False, fontsize=fontsize)  # fmt: skip


def _legend_inside(ax: Axes, place: str) -> None:
    """A legend in a corner where it covers nothing."""
    drawn = _drawn_places(ax)
    with missing_letters_as_boxes():
        box = _legend(ax, place).get_window_extent(renderer_of(ax))
    wide, high = box.width / ax.bbox.width, box.height / ax.bbox.height
    covered = {}
    for corner in (place, *CORNERS):
        across = drawn[:, 0] > 1 - wide if "right" in corner else drawn[:, 0] < wide
        up = drawn[:, 1] > 1 - high if "upper" in corner else drawn[:, 1] < high
        covered[corner] = int((across & up).sum())
    best = min(covered, key=lambda corner: covered[corner])
    if not covered[best]:
        _legend(ax, best)
    elif ax.get_aspect() != "auto":
        legend_beside(ax)
    else:
        _grow_upwards(ax, min(high, 0.5))
        _legend(ax, place.replace("lower", "upper"))


def _legend(ax: Axes, place: Any) -> Legend:
    return ax.legend(loc=place, frameon=False, fontsize=9)


def _grow_upwards(ax: Axes, share: float) -> None:
    """Leave this share of axes free at the top."""
    scale = ax.yaxis.get_transform()
    low, high = scale.transform(np.array(ax.get_ylim()))
    top = scale.inverted().transform(np.array([high + (high - low) * share / (1 - share)]))[0]
    if np.isfinite(top):
        ax.set_ylim(top=float(top))


def _drawn_places(ax: Axes) -> np.ndarray:
    """Places that lines, points and bars cover, as shares of the axes."""
    _ = ax.get_xlim(), ax.get_ylim()  # which brings the scales up to date
    places = [np.empty((0, 2))]
    for line in ax.get_lines():
        if line.get_transform().contains_branch(ax.transData):
            places.append(_along(line.get_transform().transform(line.get_xydata()), line))
    for collection in ax.collections:
        if isinstance(collection, PathCollection):
            offsets = np.ma.filled(np.ma.asarray(collection.get_offsets(), float), np.nan)
            places.append(ax.transData.transform(offsets.reshape(-1, 2)))
    for patch in ax.patches:
        corners = patch.get_window_extent().get_points()
        across, up = (np.linspace(low, high, 8) for low, high in corners.T)
        if np.ptp(up) > 0:
            places.append(np.stack(np.meshgrid(across, up), -1).reshape(-1, 2))
    shares = ax.transAxes.inverted().transform(np.concatenate(places))
    return shares[np.isfinite(shares).all(axis=1) & (np.abs(shares - 0.5) <= 0.5).all(axis=1)]


def _along(points: np.ndarray, line: Line2D) -> np.ndarray:
    """Points and, if the line is drawn between them, places in between."""
    if len(points) < 2 or line.get_linestyle() in ("None", "", " "):
        return points
    between = max(2, 400 // len(points))
    steps = np.linspace(0, 1, between)[:, None, None]
    return (points[:-1] + steps * (points[1:] - points[:-1])).reshape(-1, 2)
