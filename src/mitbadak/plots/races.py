"""Several optimizers on one surface: their paths, and f along them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from mitbadak.core.errors import RangeError
from mitbadak.descent import DescentResult, Surface, limit_of
from mitbadak.plots.axes import finish, plain_ticks
from mitbadak.plots.descent import Window, apart, in_the_plane, level_lines
from mitbadak.plots.style import GRAY, LINE_COLORS, YELLOW, lettering, new_figure, set_title, shown

Results = Mapping[str, DescentResult]
Function = Callable[[np.ndarray], Any]

COLORS = (*LINE_COLORS, "#882255", "#332288")  # and dark red, dark blue
MARKERS = "os^Dv<XPd"
MARKS = 12  # markers along a line of heights
ROOM = 0.07  # of the window, from one marker on a path to the next
GROWTH = 1.5  # how much a window may grow for paths that leave it and return
FAR = 2.0  # half-widths of the window from its middle
DEEPEST = 1e-12  # of the first height; what lies below is rounding and would flatten the rest


@dataclass(frozen=True)
class Runner:
    """One descent of a race, as drawn."""

    name: str
    result: DescentResult
    color: str
    marker: str
    heights: np.ndarray
    path: np.ndarray  # cut where it goes far out of the picture
    leaves: bool
    marks: tuple[int, ...] = ()  # points of the path whose markers do not cover each other

    def title(self) -> str:
        """Name and learning rate, the label of its lines and its legend entry."""
        rate = self.result.lr
        name = shown(self.name, 24)
        return name if rate is None else f"{name} {rate:g}"


def descent_race(results: Results, f: Function, ax: Axes, *, lang: str = "en") -> Axes:
    """The paths of several descents over the level lines of f.

    Args:
        results: by optimizer name; all from one function of two numbers.
        f: the function.
        ax: axes to draw on.
        lang: language of the labels, ``en`` or ``ko``.

    Returns:
        ``ax``, with one line per descent (a ring at the start, filled marks at the ends, stars at
        minima) and a legend below that gives the last height and status of each. A path that
        leaves the window is cut, and the legend says so.

    Raises:
        ShapeError: a descent is not in the plane.
        RangeError: there are no results.
    """
    with lettering(lang, results, on=ax) as say:
        runners, window = runners_of(results, f)
        draw_background(runners, f, ax, window, say)
        for runner in runners:
            draw_path(runner, path_line(runner, ax), len(runner.path))
            _end_mark(runner, ax)
        _legend_below(ax, runners, say)
        return ax


def race_heights(results: Results, f: Function, ax: Axes, *, lang: str = "en") -> Axes:
    """f at every step of several descents, on a logarithmic axis if f is positive.

    Arguments, result and errors are those of ``descent_race``. The title compares the learning
    rate of plain descent (``sgd``), if it takes part, with the stability limit 2 / lambda.
    """
    with lettering(lang, results, on=ax) as say:
        runners, _ = runners_of(results, f)
        for runner in runners:
            height_line(runner, ax).set_data(np.arange(len(runner.heights)), runner.heights)
        height_axes(runners, ax, say)
        ax.set_title(limit_text(results, f, say), fontsize=9, color=GRAY)
        return finish(ax)


def race_figure(results: Results, f: Function, title: str = "", *, lang: str = "en") -> Figure:
    """Paths and heights side by side, with one legend below."""
    with lettering(lang, [*results, title]) as say:
        figure = new_figure(10.0, 5.4)
        left, right = figure.subplots(1, 2)
        descent_race(results, f, left, lang=lang)
        if (below := left.get_legend()) is not None:
            below.remove()
        runners, _ = runners_of(results, f)
        texts = {runner.title(): _legend_text(runner, say) for runner in runners}
        shared_legend(figure, left, texts, fontsize=8.5)
        race_heights(results, f, right, lang=lang)
        set_title(figure, title or name_of(f) or say("descent"), fontsize=12)
        return figure


def runners_of(results: Results, f: Function) -> tuple[list[Runner], Window]:
    """The descents as drawn, and the window that shows them.

    Raises:
        ShapeError: a descent is not in the plane.
        RangeError: there are no results.
    """
    if not results:
        raise RangeError("a race needs at least one result; got none.")
    for result in results.values():
        in_the_plane(result)
    window = _window(results, f)
    runners = []
    for k, (name, result) in enumerate(results.items()):
        path, leaves = _cut(result.path, window)
        heights = np.array([_height(f, x) for x in result.path])
        color, marker = COLORS[k % len(COLORS)], MARKERS[k % len(MARKERS)]
        marks = tuple(apart(path, window, ROOM).tolist())
        runners.append(Runner(name, result, color, marker, heights, path, leaves, marks))
    return runners, window


def _window(results: Results, f: Function) -> Window:
    """The surface's window, or the area that the descents reach, grown a little if needed.

    Descents that diverge or fall without end are ignored.
    """
    first = next(iter(results.values())).path[0]
    sound = [result.path for result in results.values() if not result.status.ran_away]
    if isinstance(f, Surface):
        low, high = np.array(f.window).T
        low, high = np.minimum(low, first), np.maximum(high, first)
    else:
        points = np.concatenate([np.atleast_2d(first), *sound])
        low, high = points.min(axis=0), points.max(axis=0)
        flat = high - low < 1e-3 * max(1e-9, float((high - low).max()))
        room = np.where(flat, max(1.0, float((high - low).max())), 0.15 * (high - low))
        low, high = low - room, high + room
    middle, half = (low + high) / 2, (high - low) / 2
    for path in sound:
        inside = path[(np.abs(path - middle) <= GROWTH * half).all(axis=1)]
        if len(inside):
            edge = 0.03 * half
            low = np.minimum(low, inside.min(axis=0) - edge * (inside.min(axis=0) < low))
            high = np.maximum(high, inside.max(axis=0) + edge * (inside.max(axis=0) > high))
    return (float(low[0]), float(high[0])), (float(low[1]), float(high[1]))


def _cut(path: np.ndarray, window: Window) -> tuple[np.ndarray, bool]:
    """The path as far as it can be drawn, and whether it leaves the window.

    It is cut at its first point far outside, which is moved closer: a path that swings ever wider
    would cover everything else.
    """
    low, high = np.array(window).T
    middle, half = (low + high) / 2, (high - low) / 2
    with np.errstate(over="ignore"):
        away = (np.abs(path - middle) / half).max(axis=1)
    leaves = bool((away > 1).any())
    far = np.flatnonzero(away > FAR)
    if not len(far) or far[0] == 0:
        return path, leaves
    end = int(far[0])
    return np.vstack([path[:end], middle + FAR / float(away[end]) * (path[end] - middle)]), leaves


def draw_background(
    runners: list[Runner], f: Function, ax: Axes, window: Window, say: Any
) -> list[Line2D]:
    """Draw level lines, the start, and minima that are known; the lines of the last two."""
    level_lines(f, ax, window)
    start = runners[0].result.path[0]
    points = ax.plot(*start, "o", markersize=11, markerfacecolor="none", markeredgecolor="black",
                     markeredgewidth=1.6, zorder=4, linestyle="", label=say("start"))  # fmt: skip
    if isinstance(f, Surface) and len(f.minima):
        points += ax.plot(*f.minima.T, "*", color=YELLOW, markeredgecolor="black", markersize=13,
                          zorder=7, linestyle="", label=say("minimum"))  # fmt: skip
    ax.set(xlabel="x0", ylabel="x1", xlim=window[0], ylim=window[1])
    ax.spines[["top", "right"]].set_visible(False)
    return points


def path_line(runner: Runner, ax: Axes) -> Line2D:
    """An empty line for a path."""
    return ax.plot([], [], "-", color=runner.color, linewidth=1.3, marker=runner.marker,
                   markersize=3.5, markevery=[], zorder=5, label=runner.title())[0]  # fmt: skip


def draw_path(runner: Runner, line: Line2D, points: int) -> None:
    """Put the first points of a path on its line, with the markers that have room."""
    line.set_data(*runner.path[:points].T)
    line.set_markevery([k for k in runner.marks if k < points])


def _end_mark(runner: Runner, ax: Axes) -> None:
    if not runner.leaves:
        ax.plot(*runner.path[-1], runner.marker, color=runner.color, markersize=8, zorder=6,
                markeredgecolor="white", markeredgewidth=0.7, label="_end")  # fmt: skip


def height_line(runner: Runner, ax: Axes) -> Line2D:
    """An empty line for the heights along a path."""
    return ax.plot([], [], "-", color=runner.color, linewidth=1.3, marker=runner.marker,
                   markersize=3.5, markevery=max(1, len(runner.heights) // MARKS),
                   label="_" + runner.title())[0]  # fmt: skip


def height_axes(runners: list[Runner], ax: Axes, say: Any) -> None:
    """Scale the axes to the heights that matter, leaving out rounding and divergence."""
    first = runners[0].heights[0]
    finite = np.concatenate([r.heights[np.isfinite(r.heights)] for r in runners])
    last = max(len(r.heights) for r in runners) - 1
    ax.set(xlabel=say("step"), ylabel=say("height f"), xlim=(0, max(1, last)))
    if -10 * abs(first) <= finite.min() < 0:
        low, top = finite.min(), min(finite.max(), first + 3 * (first - finite.min()))
        ax.set_ylim(low - 0.05 * (top - low), top + 0.05 * (top - low) or 1.0)
        return
    if finite.min() < 0:
        ax.set_yscale("symlog", linthresh=_power_above(abs(first)), linscale=0.5)
        ax.set_ylim(max(finite.min(), -1e6 * max(1.0, abs(first))), None)
        top = min(finite.max(), 1e3 * max(1.0, abs(first)))
    else:
        positive = finite[finite > 0]
        lowest = positive.min() if len(positive) else 1e-12
        scale = first if first > 0 else 1.0
        ax.set_yscale("log")
        ax.set_ylim(max(lowest / 2, DEEPEST * scale), None)
        top = min(finite.max(), 1e3 * scale)
    ax.set_ylim(None, 2 * top if top > 0 else 1.0)
    plain_ticks(ax.yaxis)


def _power_above(height: float) -> float:
    return 10.0 ** math.ceil(math.log10(max(height, 1e-3)))


def _legend_below(ax: Axes, runners: list[Runner], say: Any) -> None:
    lines, labels = _legend_entries(ax)
    texts = {runner.title(): _legend_text(runner, say) for runner in runners}
    ax.legend(lines, [texts.get(label, label) for label in labels], loc="upper center",
              bbox_to_anchor=(0.5, -0.14), ncols=2, frameon=False, fontsize=8)  # fmt: skip


def _legend_entries(ax: Axes) -> tuple[list[Any], list[str]]:
    lines, labels = ax.get_legend_handles_labels()
    return lines, [str(label) for label in labels]


def shared_legend(figure: Figure, ax: Axes, texts: dict[str, str], fontsize: float) -> None:
    """Draw one legend below all panels, in as many columns as its longest entry allows."""
    lines, names = _legend_entries(ax)
    labels = [texts.get(name, name) for name in names]
    em = fontsize / 72
    widest = max(sum(1.0 if ord(letter) > 0x1100 else 0.51 for letter in label)
                 for label in labels) * em + 4 * em  # fmt: skip
    columns = max(1, min(4, int((figure.get_figwidth() - 4 * em) / widest)))
    figure.legend(lines, labels, loc="outside lower center", ncols=columns, frameon=False,
                  fontsize=fontsize)  # fmt: skip
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.set(wspace=0.06)  # type: ignore[call-arg]


def _legend_text(runner: Runner, say: Any) -> str:
    end = f"{runner.title()}: f = {runner.heights[-1]:.3g}, {say(runner.result.status)}"
    return with_exit_note(runner, end, say)


def with_exit_note(runner: Runner, text: str, say: Any) -> str:
    """The text, with a note if the path leaves the window."""
    return f"{text}, {say('leaves the picture')}" if runner.leaves else text


def limit_text(results: Results, f: Function, say: Any) -> str:
    """Plain descent's learning rate beside its stability limit; the limit alone without it."""
    plain = results.get("sgd")
    limit_and_point = limit_of(f, plain or next(iter(results.values())))
    if limit_and_point is None:
        return ""
    limit, x = limit_and_point
    point = ", ".join(f"{value:.3g}" for value in x)
    text = f"2/λ = {limit:.3g} ({say('stability limit')}, x = ({point}))"
    if plain is None or plain.lr is None:
        return f"sgd: {text}"
    return f"sgd: lr {plain.lr:g} {'<' if plain.lr < limit else '≥'} {text}"


def _height(f: Function, x: np.ndarray) -> float:
    with np.errstate(all="ignore"):
        return float(f(x))


def name_of(f: Function) -> str:
    """The name of a function, or "" if it has none."""
    return str(getattr(f, "__name__", ""))
