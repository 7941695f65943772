"""How good a net's answers are: mix-ups, how sure and how right, the worst misreadings."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase

from mitbadak.plots.style import (
    BLUE,
    CLASS_COLOURS,
    CLASS_MARKERS,
    GREY,
    ORANGE,
    finish,
    lettering,
    new_figure,
    set_title,
    shown,
)
from mitbadak.runs.quality import Calibration

MOST_NAMES = 30  # classes with a tick each
MOST_COUNTS = 16  # classes with a number in every cell
MISREADINGS = (2, 6)  # rows and columns of pictures
BARS = 5  # answers beside a picture


def confusion(matrix, classes: Sequence[str], ax: Axes, *, lang: str = "en") -> Axes:
    """A confusion matrix: rows what it is, columns what was said, the diagonal being right.

    Colours are shares of each row, so that a rare class is seen as well; mix-ups have a scale of
    their own, or they would all look white beside the diagonal.

    Args:
        matrix: counts, shape (classes, classes).
        classes: their names.
        ax: where to draw.
        lang: of the words, ``en`` or ``ko``.

    Returns:
        ``ax``.
    """
    with lettering(lang) as say:
        matrix = np.asarray(matrix)
        share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
        right = np.eye(len(matrix), dtype=bool)
        ax.imshow(np.ma.array(share, mask=~right), cmap="Blues", vmin=0, vmax=1.6)
        worst = max(float(share[~right].max(initial=0)), 1e-9)
        ax.imshow(np.ma.array(share, mask=right), cmap="Oranges", vmin=0, vmax=1.6 * worst)
        if len(matrix) <= MOST_COUNTS:
            for (row, column), count in np.ndenumerate(matrix):
                if count:
                    size = 8 if len(matrix) <= 10 else 6
                    ax.text(column, row, f"{count}", ha="center", va="center", fontsize=size)
        if len(matrix) <= MOST_NAMES:
            names = [shown(name) for name in classes]
            slanted: dict = {"rotation": 60, "ha": "right", "rotation_mode": "anchor"}
            style = slanted if max(map(len, names)) > 3 else {}
            ax.set_xticks(range(len(names)), names, fontsize=8, **style)
            ax.set_yticks(range(len(names)), names, fontsize=8)
        ax.set(xlabel=say("answer"), ylabel=say("truth"), title=say("what is read as what"))
        ax.spines[:].set_visible(False)
        return ax


def reliability(found: Calibration, ax: Axes, *, lang: str = "en") -> Axes:
    """A reliability diagram: how often answers were right, by how sure the net was.

    On the diagonal a net is as often right as it is sure. Below, the share of answers in each
    bin, in grey.

    Args:
        found: of ``calibration``.
        ax: where to draw.
        lang: of the words, ``en`` or ``ko``.

    Returns:
        ``ax``.
    """
    with lettering(lang) as say:
        middle, width = (found.edges[:-1] + found.edges[1:]) / 2, np.diff(found.edges)
        ax.bar(middle, found.counts / max(found.counts.sum(), 1), width, color=GREY, alpha=0.25,
               label=say("share of the answers"))  # fmt: skip
        ax.plot([0, 1], [0, 1], "--", color=GREY, linewidth=1, label=say("as sure as right"))
        filled = found.counts > 0
        ax.plot(
            found.confidence[filled], found.accuracy[filled], "o-", color=BLUE,
            label=f"{say('accuracy')} (ECE {found.error:.4f})",
        )  # fmt: skip
        ax.set(xlabel=say("probability of the answer"), ylabel=say("accuracy"), xlim=(0, 1),
               ylim=(0, 1.02), title=say("how sure, how right"), aspect="equal")  # fmt: skip
        return finish(ax, "best")


def quality_figure(
    matrix,
    found: Calibration | None,
    classes: Sequence[str],
    title: str = "",
    *,
    below: Callable[[FigureBase], None] | None = None,
    lang: str = "en",
) -> Figure:
    """Confusion matrix and reliability diagram, and below them what shows the misreadings.

    Args:
        matrix, classes: as for ``confusion``.
        found: as for ``reliability``; None where a net gives no probabilities.
        title: above all.
        below: draws on the lower part of the figure.
        lang: of the words, ``en`` or ``ko``.
    """
    with lettering(lang, [*classes, title]):
        figure = new_figure(10.0, 9.0 if below else 5.2)
        upper, lower = figure, None
        if below:
            upper, lower = figure.subfigures(2, 1, height_ratios=(5, 4))  # type: ignore[misc]
        axes = upper.subplots(1, 2 if found else 1, squeeze=False)[0]
        confusion(matrix, classes, axes[0], lang=lang)
        if found:
            reliability(found, axes[1], lang=lang)
        if below and lower is not None:
            below(lower)
        set_title(figure, title)
        return figure


def misreadings(
    images,
    truth: Sequence[str],
    answers: Sequence[str],
    sure: Sequence[float],
    figure: FigureBase,
    *,
    lang: str = "en",
) -> None:
    """The images that were misread with the greatest confidence, with what they are.

    Args:
        images: pixels, shape (n, height, width), the worst first.
        truth, answers: names of the classes, one for each image.
        sure: probabilities of the answers.
        figure: or a part of one, where to draw.
        lang: of the words, ``en`` or ``ko``.
    """
    with lettering(lang) as say:
        rows, columns = MISREADINGS
        figure.suptitle(say("surest misreadings"), fontsize=11)
        axes = figure.subplots(rows, columns)
        for ax in axes.flat:
            ax.set_axis_off()
        for ax, image, is_, said, p in zip(axes.flat, images, truth, answers, sure, strict=False):
            ax.imshow(image, cmap="gray", interpolation="nearest")
            label = f"{say('truth')} {shown(is_)}, {say('answer')} {shown(said)}\n{p:.3f}"
            ax.set_title(label, fontsize=9)
        if not len(images):
            axes.flat[0].text(0, 0.5, say("none"), fontsize=11)


def sureness(right, wrong, ax: Axes, *, lang: str = "en") -> Axes:
    """How sure a net was where it was right and where it was wrong, each as shares of its kind.

    Args:
        right, wrong: probabilities of the answers that were right, and of those that were wrong.
        ax: where to draw.
        lang: of the words, ``en`` or ``ko``.

    Returns:
        ``ax``.
    """
    with lettering(lang) as say:
        bins = np.linspace(0, 1, 31).tolist()
        for values, colour, label in ((right, BLUE, "right"), (wrong, ORANGE, "wrong")):
            weights = np.full(len(values), 1 / max(len(values), 1))
            text = f"{say(label)} ({len(values)})"
            ax.hist(np.asarray(values), bins, weights=weights, color=colour, alpha=0.6, label=text)
        ax.set(
            xlabel=say("probability of the answer"), ylabel=say("share of the answers"), xlim=(0, 1)
        )
        return finish(ax, "upper left")


def misread_points(x, t, answers, classes: Sequence[str], ax: Axes, *, lang: str = "en") -> Axes:
    """Points in the plane by class, and rings in the answer's colour around those misread.

    Args:
        x: shape (n, 2).
        t, answers: class indices, shape (n,).
        classes: their names.
        ax: where to draw.
        lang: of the words, ``en`` or ``ko``.

    Returns:
        ``ax``.
    """
    with lettering(lang) as say:
        x, t, answers = np.asarray(x), np.asarray(t), np.asarray(answers)
        colours = np.array([CLASS_COLOURS[k % len(CLASS_COLOURS)] for k in range(len(classes))])
        for k, name in enumerate(classes):
            marker = CLASS_MARKERS[k % len(CLASS_MARKERS)]
            label = f"{say('class')} {shown(name)}"
            ax.scatter(*x[t == k].T, s=16, color=colours[k], marker=marker, label=label)
        wrong = answers != t
        ring = {"s": 90, "facecolors": "none", "linewidths": 1.4}
        ax.scatter(*x[wrong].T, edgecolors=colours[answers[wrong]].tolist(), **ring)
        label = f"{say('misread, in a ring')} ({int(wrong.sum())})"
        ax.scatter([], [], edgecolors=GREY, label=label, **ring)
        ax.set(xlabel="x0", ylabel="x1")
        ax.set_aspect("equal", adjustable="datalim")  # the axes keep their room for the labels
        finish(ax)
        ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False, fontsize=8)
        return ax


def regression_figure(t, y, title: str = "", *, lang: str = "en") -> Figure:
    """Answers beside what they should be, and how far off they are.

    Args:
        t, y: targets and answers, shape (n,) or (n, outputs).
        title: above both.
        lang: of the words, ``en`` or ``ko``.
    """
    with lettering(lang) as say:
        t, y = (np.asarray(values, float).reshape(len(values), -1) for values in (t, y))
        figure = new_figure(10.0, 4.6)
        left, right = figure.subplots(1, 2)
        low, high = float(min(t.min(), y.min())), float(max(t.max(), y.max()))
        left.plot([low, high], [low, high], "--", color=GREY, linewidth=1)
        left.plot(t, y, ".", color=BLUE, alpha=0.5)
        left.set(xlabel=say("truth"), ylabel=say("answer"))
        right.hist((y - t).ravel(), bins=40, color=BLUE, alpha=0.7)
        right.axvline(0, color=GREY, linestyle="--", linewidth=1)
        right.set(xlabel=say("answer minus truth"), ylabel=say("examples"))
        finish(left)
        finish(right)
        set_title(figure, title)
        return figure


def prediction_figure(
    images, names: Sequence[str], probabilities, classes: Sequence[str], *, lang: str = "en"
) -> Figure:
    """What a net saw of each picture, beside the probabilities of its likeliest answers.

    Args:
        images: as the net saw them, shape (n, height, width).
        names: of the files.
        probabilities: shape (n, classes).
        classes: their names.
        lang: of the words, ``en`` or ``ko``.
    """
    with lettering(lang, [*classes, *names]) as say:
        images, rows = np.asarray(images), np.asarray(probabilities, float)
        figure = new_figure(6.4, 0.5 + 2.0 * len(images))
        axes = figure.subplots(len(images), 2, squeeze=False, width_ratios=(1, 1.6))
        for (left, right), image, name, p in zip(axes, images, names, rows, strict=True):
            left.imshow(image, cmap="gray", interpolation="nearest")
            left.set_title(shown(name, 30), fontsize=9)
            left.set_axis_off()
            top = np.argsort(-p, kind="stable")[: min(BARS, len(classes))]
            colours = [BLUE, *[GREY] * (len(top) - 1)]
            bars = right.barh(range(len(top)), p[top], color=colours, height=0.7)
            right.bar_label(bars, [f"{v:.3f}" for v in p[top]], padding=3, fontsize=8)
            right.set_yticks(range(len(top)), [shown(classes[int(k)]) for k in top], fontsize=9)
            right.set(xlim=(0, 1.15), xticks=(0, 0.5, 1))
            right.invert_yaxis()
            right.spines[["top", "right"]].set_visible(False)
        axes[-1, 1].set_xlabel(say("probability of the answer"))
        return figure
