"""The quality of predictions: confusions, calibration, and the most confident mistakes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from matplotlib.patches import Rectangle

from mitbadak.data.preparation import Preparation
from mitbadak.plots.axes import class_style, finish, frame, legend_beside, whole_ticks
from mitbadak.plots.own_units import NAME, OwnUnits, class_label
from mitbadak.plots.style import (
    BLUE,
    GRAY,
    LETTER_WIDTH,
    LETTERS,
    ORANGE,
    lettering,
    new_figure,
    set_title,
    shown,
)
from mitbadak.runs.quality import Calibration

MOST_NAMES = 30  # with more classes, ticks have no names
MATRIX_SIDE = 230.0  # points that a confusion matrix has at least
DIGIT_WIDTH = 0.64  # of the font size
SMALLEST = 5.0  # points; where counts would be smaller, cells have none
MISREADINGS = (2, 6)  # rows and columns of images
BARS = 5  # predictions beside an image
MANY_MISTAKES = 0.05  # of a class
LINES_APART = 1.5  # of the font's height; Korean letters are tall
ONE_COLUMN = 4  # predictions at most; more are drawn in two


def confusion(matrix: Any, classes: Sequence[str], ax: Axes, *, lang: str = "en") -> Axes:
    """A confusion matrix: one row per true class, one column per predicted class.

    Colors show shares of a row, so that rare classes are visible. Cells off the diagonal have a
    separate scale, because they would all look white on that of the diagonal; it ends at the
    largest of them, and not below 5%, so that a single mistake among many answers stays pale.

    Args:
        matrix: counts, shape (classes, classes).
        classes: their names.
        ax: axes to draw on.
        lang: language of the labels, ``en`` or ``ko``.

    Returns:
        ``ax``.
    """
    with lettering(lang, classes, on=ax) as say:
        matrix = np.asarray(matrix)
        share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
        right = np.eye(len(matrix), dtype=bool)
        ax.imshow(np.ma.array(share, mask=~right), cmap="Blues", vmin=0, vmax=1.6)
        worst = max(float(share[~right].max(initial=0)), MANY_MISTAKES)
        ax.imshow(np.ma.array(share, mask=right), cmap="Oranges", vmin=0, vmax=1.6 * worst)
        cell = MATRIX_SIDE / len(matrix)
        size = min(8.0, cell / (DIGIT_WIDTH * max(2, len(str(matrix.max())) + 1)))
        if size >= SMALLEST:
            for (row, column), count in np.ndenumerate(matrix):
                if count:
                    ax.text(column, row, f"{count}", ha="center", va="center", fontsize=size)
        if len(matrix) <= MOST_NAMES:
            names = [shown(name) for name in classes]
            slanted: dict = {"rotation": 60, "ha": "right", "rotation_mode": "anchor"}
            size = min(8.0, 0.8 * cell)
            style = slanted if max(map(len, names)) * LETTER_WIDTH * size > 0.8 * cell else {}
            ax.set_xticks(range(len(names)), names, fontsize=size, **style)
            ax.set_yticks(range(len(names)), names, fontsize=size)
        ax.set(xlabel=say("prediction"), ylabel=say("truth"), title=say("confusion matrix"))
        ax.spines[:].set_visible(False)
        return ax


def reliability(calibration: Calibration, ax: Axes, *, lang: str = "en") -> Axes:
    """A reliability diagram: accuracy by the probability that the net gave its prediction.

    On the diagonal the net is right as often as it claims to be. Gray bars show the share of
    predictions in each bin.

    Args:
        calibration: as computed by ``runs.quality.calibration``.
        ax: axes to draw on.
        lang: language of the labels, ``en`` or ``ko``.

    Returns:
        ``ax``.
    """
    with lettering(lang, on=ax) as say:
        edges, counts = calibration.edges, calibration.counts
        ax.bar((edges[:-1] + edges[1:]) / 2, counts / max(counts.sum(), 1), np.diff(edges),
               color=GRAY, alpha=0.25, label=say("share of predictions"))  # fmt: skip
        ax.plot([0, 1], [0, 1], "--", color=GRAY, linewidth=1, label=say("perfectly calibrated"))
        filled = counts > 0
        ax.plot(
            calibration.confidence[filled], calibration.accuracy[filled], "o-", color=BLUE,
            label=f"{say('accuracy')} (ECE {calibration.error:.4f})",
        )  # fmt: skip
        ax.set(xlabel=say("predicted probability"), ylabel=say("accuracy"), xlim=(0, 1),
               ylim=(0, 1.02), title=say("confidence and accuracy"), aspect="equal")  # fmt: skip
        return finish(ax, "upper left")


def quality_figure(
    matrix: Any,
    calibration: Calibration | None,
    classes: Sequence[str],
    title: str = "",
    *,
    below: Callable[[FigureBase], None] | None = None,
    lang: str = "en",
) -> Figure:
    """Confusion matrix and reliability diagram, with the mistakes below them.

    Args:
        matrix, classes: as for ``confusion``.
        calibration: as for ``reliability``; None if the net gives no probabilities.
        title: title of the figure.
        below: draws the mistakes on the lower part of the figure.
        lang: language of the labels, ``en`` or ``ko``.
    """
    with lettering(lang, [*classes, title]):
        figure = new_figure(10.0, 9.0 if below else 5.6)
        upper, lower = figure, None
        if below:
            upper, lower = figure.subfigures(2, 1, height_ratios=(5, 4))  # type: ignore[misc]
        axes = upper.subplots(1, 2 if calibration else 1, squeeze=False)[0]
        confusion(matrix, classes, axes[0], lang=lang)
        if calibration:
            reliability(calibration, axes[1], lang=lang)
        if below and lower is not None:
            below(lower)
        set_title(figure, title)
        return figure


def misclassified_images(
    images: Any,
    truth: Sequence[str],
    predicted: Sequence[str],
    probabilities: Sequence[float],
    figure: FigureBase,
    *,
    lang: str = "en",
) -> None:
    """The images that were misclassified with the greatest confidence.

    Args:
        images: pixels, shape (n, height, width), the worst first.
        truth, predicted: class names, one per image.
        probabilities: probabilities of the predictions.
        figure: a figure or a part of one, to draw on.
        lang: language of the labels, ``en`` or ``ko``.
    """
    with lettering(lang, [*truth, *predicted], on=figure) as say:
        rows, columns = MISREADINGS
        figure.suptitle(say("most confident mistakes"), fontsize=11)
        axes = figure.subplots(rows, columns)
        for ax in axes.flat:
            ax.set_axis_off()
        limits = gray_limits(np.asarray(images))
        whole: Any = figure
        wide = whole.bbox.width / whole.dpi * 72 / columns / (9 * LETTER_WIDTH)  # in letters
        room = max(3, min(LETTERS, int(wide) - len(f"{say('prediction')} (0.000)") - 1))
        examples = zip(images, truth, predicted, probabilities, strict=True)
        for ax, (image, name, guess, p) in zip(axes.flat, examples, strict=False):
            ax.imshow(image, cmap="gray", interpolation="nearest", **limits)
            true = f"{say('truth')} {shown(name, room)}"
            label = f"{true}\n{say('prediction')} {shown(guess, room)} ({p:.3f})"
            ax.set_title(label, fontsize=9, linespacing=LINES_APART)
        if not len(images):
            figure.text(0.5, 0.5, say("none"), fontsize=11, ha="center")


def confidence_histogram(right: Any, wrong: Any, ax: Axes, *, lang: str = "en") -> Axes:
    """Histograms of the predicted probability, for right and for wrong predictions.

    Args:
        right, wrong: probabilities of the predictions that were right, and of those that were not.
        ax: axes to draw on.
        lang: language of the labels, ``en`` or ``ko``.

    Returns:
        ``ax``.
    """
    with lettering(lang, on=ax) as say:
        bins = np.linspace(0, 1, 31).tolist()
        for values, color, label in ((right, BLUE, "right"), (wrong, ORANGE, "wrong")):
            weights = np.full(len(values), 1 / max(len(values), 1))
            text = f"{say(label)} ({len(values)})"
            ax.hist(np.asarray(values), bins, weights=weights, color=color, alpha=0.6, label=text)
        ax.set(xlabel=say("predicted probability"), ylabel=say("share of predictions"), xlim=(0, 1))
        return finish(ax, "upper left")


def misclassified_points(
    x: Any,
    t: Any,
    predicted: Any,
    classes: Sequence[str],
    ax: Axes,
    *,
    preparation: Preparation | None = None,
    lang: str = "en",
) -> Axes:
    """Points in the plane by class, with a ring in the predicted class's color if it is wrong.

    Args:
        x: shape (n, 2).
        t, predicted: class indices, shape (n,).
        classes: their names.
        ax: axes to draw on.
        preparation: of x, which is then drawn in its own units, with the names of its columns.
        lang: language of the labels, ``en`` or ``ko``.

    Returns:
        ``ax``.
    """
    own = OwnUnits.of(None, preparation)
    with lettering(lang, [*classes, *own.names()], on=ax) as say:
        x, t, predicted = own.rows(np.asarray(x)), np.asarray(t), np.asarray(predicted)
        colors = np.array([class_style(k)[0] for k in range(len(classes))])
        for k, name in enumerate(classes):
            marker = class_style(k)[1]
            label = class_label(name, say)
            ax.scatter(*x[t == k].T, s=16, color=colors[k], marker=marker, label=label)
        wrong = predicted != t
        ring = {"s": 90, "facecolors": "none", "linewidths": 1.4}
        ax.scatter(*x[wrong].T, edgecolors=colors[predicted[wrong]].tolist(), **ring)
        label = f"{say('misclassified (ringed)')} ({int(wrong.sum())})"
        ax.scatter([], [], edgecolors=GRAY, label=label, **ring)
        own.label_axes(ax)
        if own.are_alike:
            ax.set_aspect("equal", adjustable="datalim")  # the axes leave room for the legend
        frame(ax)
        legend_beside(ax, fontsize=8)
        return ax


def regression_figure(
    t: Any, y: Any, title: str = "", *, label: str = "", lang: str = "en"
) -> Figure:
    """Predictions against targets, and a histogram of their differences.

    Args:
        t, y: targets and predictions, shape (n,) or (n, outputs).
        title: title of the figure.
        label: name of the target, with its unit.
        lang: language of the labels, ``en`` or ``ko``.
    """
    with lettering(lang, [title, label]) as say:
        of = f": {shown(label, NAME)}" if label else ""
        t, y = (np.asarray(values, float).reshape(len(values), -1) for values in (t, y))
        figure = new_figure(10.0, 4.6)
        left, right = figure.subplots(1, 2)
        low, high = float(min(t.min(), y.min())), float(max(t.max(), y.max()))
        left.plot([low, high], [low, high], "--", color=GRAY, linewidth=1)
        left.plot(t, y, ".", color=BLUE, alpha=0.5)
        left.set(xlabel=say("truth") + of, ylabel=say("prediction") + of)
        right.hist((y - t).ravel(), bins=40, color=BLUE, alpha=0.7)
        right.axvline(0, color=GRAY, linestyle="--", linewidth=1)
        right.set(xlabel=say("prediction minus truth") + of, ylabel=say("examples"))
        whole_ticks(right.yaxis)
        finish(left)
        finish(right)
        set_title(figure, title)
        return figure


def prediction_figure(
    images: Any,
    names: Sequence[str],
    probabilities: Any,
    classes: Sequence[str],
    *,
    truth: Sequence[str | None] = (),
    lang: str = "en",
) -> Figure:
    """Each image as the net sees it, with the probabilities of its likeliest classes.

    Where the truth is known, each name says whether the answer is right. A wrong one has a dashed
    frame, an orange bar, and the true class beside its name.

    Args:
        images: after preparation, shape (n, height, width): whole numbers up to 255, or floats.
            Black and white are the same in all of them.
        names: names of the files.
        probabilities: shape (n, classes).
        classes: their names.
        truth: the name of the true class for each image, None where it is unknown.
        lang: language of the labels, ``en`` or ``ko``.
    """
    with lettering(lang, [*classes, *names]) as say:
        images, rows = np.asarray(images), np.asarray(probabilities, float)
        across = 1 if len(images) <= ONE_COLUMN else 2
        down = -(-len(images) // across)
        figure = new_figure(6.4 * across, 0.5 + 2.0 * down)
        grid = figure.subplots(down, 2 * across, squeeze=False, width_ratios=(1, 1.6) * across)
        axes, limits = grid.reshape(-1, 2), gray_limits(images)
        for ax in axes[len(images) :].ravel():
            ax.set_axis_off()
        axes = axes[: len(images)]
        known = list(truth) or [None] * len(images)
        for (left, right), image, name, p, true in zip(
            axes, images, names, rows, known, strict=True
        ):
            left.imshow(image, cmap="gray", interpolation="nearest", **limits)
            left.set_axis_off()
            top = np.argsort(-p, kind="stable")[: min(BARS, len(classes))]
            is_wrong = true is not None and classes[int(top[0])] != true
            title = _verdict(shown(name, 30), true, is_wrong, say)
            left.set_title(title, fontsize=9, linespacing=LINES_APART)
            if is_wrong:
                left.add_patch(
                    Rectangle((0, 0), 1, 1, transform=left.transAxes, fill=False, clip_on=False,
                              edgecolor=ORANGE, linewidth=3, linestyle="--")
                )  # fmt: skip
            colors = [ORANGE if is_wrong else BLUE, *[GRAY] * (len(top) - 1)]
            bars = right.barh(range(len(top)), p[top], color=colors, height=0.7)
            right.bar_label(bars, [f"{v:.3f}" for v in p[top]], padding=3, fontsize=8)
            right.set_yticks(range(len(top)), [shown(classes[int(k)]) for k in top], fontsize=9)
            right.set(xlim=(0, 1.15), xticks=(0, 0.5, 1))
            right.invert_yaxis()
            right.spines[["top", "right"]].set_visible(False)
        for _, right in axes[-across:]:
            right.set_xlabel(say("predicted probability"))
        return figure


def _verdict(name: str, true: str | None, is_wrong: bool, say: Callable[[str], str]) -> str:
    """The name of an image, and below it whether the answer is right, if that is known."""
    if true is None:
        return name
    if not is_wrong:
        return f"{name}\n{say('right')}"
    return f"{name}\n{say('wrong')}, {say('truth')} {shown(true)}"


def gray_limits(images: np.ndarray) -> dict[str, float]:
    """What is black and what is white: fixed, so that grays can be compared between pictures.

    Example:
        >>> gray_limits(np.full((1, 2, 2), 20, np.uint8)), gray_limits(np.full((1, 2, 2), 0.3))
        ({'vmin': 0.0, 'vmax': 255.0}, {'vmin': 0.0, 'vmax': 1.0})
    """
    low, high = float(np.min(images, initial=0)), float(np.max(images, initial=0))
    if low < 0:  # standardized numbers
        return {"vmin": low, "vmax": high}
    return {"vmin": 0.0, "vmax": 255.0 if images.dtype.kind in "iu" or high > 1 else 1.0}
