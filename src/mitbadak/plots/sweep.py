"""The trials of a sweep: one by one, and by each setting that was tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mitbadak.core.errors import RangeError
from mitbadak.plots.axes import frame, plain_ticks, whole_ticks
from mitbadak.plots.style import BLUE, GRAY, ORANGE, lettering, new_figure, shown

Trial = tuple[int, Mapping[str, Any], float | None, str]
MOST_PANELS = 8
COLUMNS = 3
WIDE = 30  # times the smallest loss, beyond which small ones could not be told apart
JITTER = 0.16  # of the distance between two choices, to either side


def sweep_figure(
    trials: Sequence[Trial],
    *,
    measure: str = "accuracy",
    log: Sequence[str] = (),
    best: int | None = None,
    lang: str = "en",
) -> Figure:
    """The measure of each trial in the order of the sweep, and against each setting.

    A hollow dot is a trial that was stopped early, at the last value that it reached; the ringed
    one is the best. Trials without a value are left out.

    Args:
        trials: number, settings, value and state of each.
        measure: ``accuracy`` or ``loss``, of the validation set.
        log: settings that are drawn on a logarithmic axis.
        best: number of the best trial.
        lang: language of the labels, ``en`` or ``ko``.

    Raises:
        RangeError: no trial has a value, or more than eight settings were tried.
    """
    drawn = [t for t in trials if t[2] is not None and np.isfinite(t[2])]
    names = list(dict.fromkeys(name for t in drawn for name in t[1]))
    if not drawn or len(names) > MOST_PANELS:
        raise RangeError(
            f"a picture of a sweep needs a trial with a value, and shows up to {MOST_PANELS} "
            f"settings; got {len(drawn)} trials and {len(names)} settings."
        )
    panels = 1 + len(names)
    columns = min(COLUMNS, panels)
    rows = -(-panels // columns)
    words = [str(value) for t in drawn for value in t[1].values()]
    with lettering(lang, words) as say:
        figure = new_figure(3.6 * columns, 3.3 * rows)
        axes = list(np.atleast_1d(figure.subplots(rows, columns, sharey=True)).flat)
        values = np.array([t[2] for t in drawn], float)
        numbers = np.array([t[0] for t in drawn], float)
        whole = np.array([t[3] != "pruned" for t in drawn])
        first = axes[0]
        _dots(first, numbers, values, whole, numbers == best, say)
        if whole.any():
            better = np.maximum if measure == "accuracy" else np.minimum
            reached = better.accumulate(values[whole])
            first.step(numbers[whole], reached, where="post", color=GRAY, linewidth=1.2,
                       label=say("best so far"))  # fmt: skip
        first.set_xlabel(say("trial"))
        whole_ticks(first.xaxis, 6)
        for ax, name in zip(axes[1:], names, strict=False):
            places = _places(ax, [t[1].get(name) for t in drawn], name in log)
            _dots(ax, places, values, whole, numbers == best)
            ax.set_xlabel(shown(name, 24))
            frame(ax)
        for ax in axes[panels:]:
            ax.set_visible(False)
        for ax in axes[:panels:columns]:
            ax.set_ylabel(f"{say(measure)} ({say('validation')})")
        if measure == "loss" and values.min() > 0 and values.max() > WIDE * values.min():
            first.set_yscale("log")  # of all, which share it
            plain_ticks(first.yaxis)
        frame(first)
        figure.legend(*first.get_legend_handles_labels(), loc="outside upper center", ncols=4,
                      frameon=False, fontsize=9)  # fmt: skip
        return figure


def _dots(
    ax: Axes, x: np.ndarray, y: np.ndarray, whole: np.ndarray, best: np.ndarray, say: Any = None
) -> None:
    """The trials; with their names for a legend where ``say`` translates them."""
    looks = (
        ("finished", whole, {"color": BLUE}),
        ("pruned", ~whole, {"facecolors": "none", "edgecolors": BLUE, "linewidths": 0.9}),
        ("best", best, {"facecolors": "none", "edgecolors": ORANGE, "linewidths": 1.8, "s": 90}),
    )
    for name, which, look in looks:
        if which.any():
            label = "_" if say is None else say(name)
            ax.scatter(x[which], y[which], **{"s": 22, "zorder": 3, **look}, label=label)


def _places(ax: Axes, values: Sequence[Any], log: bool) -> np.ndarray:
    """Where trials lie on the axis of a setting, whose ticks and scale are set."""
    if all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values):
        if log:
            ax.set_xscale("log")
            ax.set_xlim(min(values) / 1.3, max(values) * 1.3)
            plain_ticks(ax.xaxis)
        elif all(isinstance(v, int) for v in values):
            whole_ticks(ax.xaxis, 6)
        return np.array(values, float)
    kinds = sorted(set(values), key=lambda v: (str(type(v)), v if v is not None else 0))
    labels = [_label(kind) for kind in kinds]
    turned = sum(map(len, labels)) > 30
    ax.set_xticks(range(len(kinds)), labels, rotation=30 if turned else 0,
                  ha="right" if turned else "center")  # fmt: skip
    ax.set_xlim(-0.5, len(kinds) - 0.5)
    spread = JITTER * np.random.default_rng(0).uniform(-1, 1, len(values))  # dots in a row overlap
    return np.array([kinds.index(v) for v in values]) + spread


def _label(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, (tuple, list)):
        return ",".join(map(str, value)) or "-"
    return shown(f"{value:.4g}" if isinstance(value, float) else value, 14)
