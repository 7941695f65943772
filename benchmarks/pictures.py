"""The results as pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from rows import OURS, Row, spread
from sections import growth

from mitbadak.plots import style

SAID = {"one": "one core", "all": "all cores"}
COLORS = {
    "mitbadak": style.ORANGE,
    "jax_scan": style.BLUE,
    "torch": style.GREEN,
    "sklearn": "#CC79A7",
    "book": style.GRAY,
}
AXES = {
    "width": "units of the hidden layer",
    "batch": "images in a batch",
    "depth": "hidden layers of 50",
    "images": "images to draw from",
}


def steps_picture(cases: list[list[Row]], label: str, path: Path) -> None:
    """Bars: how many times longer a step takes than Mitbadak's, case by case."""
    cases = [[row for row in rows if row.ratios and row.counts] for rows in cases]
    columns = 2 if len(cases) > 3 else 1
    lines, most = -(-len(cases) // columns), max(len(rows) for rows in cases)
    figure = style.new_figure(4 + 4 * columns, 0.6 + lines * (0.5 + 0.2 * most))
    panels = figure.subplots(lines, columns, sharex=True, squeeze=False)
    for ax in panels.ravel()[len(cases) :]:
        ax.set_visible(False)
    for ax, rows in zip(panels.ravel(), cases, strict=False):
        rows = sorted(rows, key=lambda row: spread(row.ratios)[1])[::-1]
        middle = [spread(row.ratios) for row in rows]
        colors = [style.ORANGE if row.peer in OURS else style.BLUE for row in rows]
        ax.barh([_named(row) for row in rows], [m for _, m, _ in middle], color=colors, height=0.7)
        for y, (low, m, high) in enumerate(middle):
            ax.plot([low, high], [y, y], color="black", linewidth=1)
            ax.text(max(m, high), y, f"  {m:.2f}", va="center", fontsize=8)
        ax.set_title(f"{rows[0].case}, {SAID[label]}", fontsize=9, loc="left")
        ax.axvline(1, color=style.GRAY, linewidth=0.6, zorder=0)
        ax.spines[["top", "right"]].set_visible(False)
        ax.tick_params(labelsize=8)
    furthest = max(spread(row.ratios)[2] for rows in cases for row in rows)
    panels[0, 0].set_xlim(0, 1.12 * furthest)  # room for the last number
    x_label = "time per training step, in Mitbadak's (line: 10-90% of the rounds)"
    figure.supxlabel(x_label, fontsize=9)
    style.save_figure(figure, path)


def _named(row: Row) -> str:
    """The peer, and on all cores the number of threads that was best for it."""
    if row.cores == "one" or row.peer in OURS:
        return row.peer
    return f"{row.peer}, {row.threads} thread{'s' * (row.threads != 1)}"


def growth_picture(by_panel: dict[str, list[Row]], path: Path) -> None:
    """Time per step against size, both on logarithmic axes, a line per peer."""
    figure = style.new_figure(10, 7.5)
    panels = figure.subplots(2, 2).ravel()
    for ax, (name, rows) in zip(panels, by_panel.items(), strict=False):
        for peer in sorted({row.peer for row in rows}, key=growth.PEERS.index, reverse=True):
            _line(ax, [row for row in rows if row.peer == peer and row.values], peer)
        ax.set(xscale="log", yscale="log", xlabel=AXES[name])
        ax.set_ylabel("microseconds per step of 100 images" if name == "images"
                      else "microseconds per step")  # fmt: skip
        sizes = sorted({growth.size_of(row) for row in rows})
        ax.set_xticks(sizes, [f"{n:,}" for n in sizes])
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        ax.yaxis.set_minor_formatter(NullFormatter())
        ax.xaxis.minorticks_off()
        ax.tick_params(labelsize=8)
        ax.grid(which="major", color="#dddddd", linewidth=0.6)
        ax.spines[["top", "right"]].set_visible(False)
    for ax in panels[len(by_panel) :]:
        ax.set_visible(False)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles[::-1], labels[::-1], loc="outside upper center", ncols=len(labels),
                  frameon=False)  # fmt: skip
    style.save_figure(figure, path)


def _line(ax, rows: list[Row], peer: str) -> None:
    """A peer's times in memory as a line, those from disk as a dashed one."""
    ours, color = peer == OURS[0], COLORS[peer]
    look = {"color": color, "linewidth": 2.4 if ours else 1.4, "zorder": 3 if ours else 2}
    disk = [row for row in rows if "disk" in row.note]
    sizes, times = _curve([row for row in rows if row not in disk])
    ax.plot(sizes, times, marker="o", markersize=4, label=peer, **look)
    if disk:
        sizes, times = _curve(disk)
        ax.plot(sizes, times, linestyle="--", marker="o", markerfacecolor="white", **look)
        ax.annotate("read from disk", (sizes[-1], times[-1]), xytext=(0, -14),
                    textcoords="offset points", ha="right", fontsize=8, color=color)  # fmt: skip


def _curve(rows: list[Row]) -> tuple[list[int], list[float]]:
    """Sizes and median times."""
    return [growth.size_of(row) for row in rows], [float(np.median(r.values)) for r in rows]
