"""Weights as pictures: what each hidden unit looks for, or the matrices themselves."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mitbadak.core.errors import ShapeError
from mitbadak.data.preparation import Preparation
from mitbadak.nn.affine import Affine
from mitbadak.nn.convolution import Convolution
from mitbadak.nn.network import Sequential
from mitbadak.plots.axes import whole_ticks
from mitbadak.plots.own_units import OwnUnits, label_matrix
from mitbadak.plots.style import lettering, new_figure, set_title

UNITS, ACROSS = 50, 10  # pictures of hidden units at most, and in a row
DIVERGING = "RdBu_r"  # red is positive, blue negative, white 0
TILE, NARROWEST = 0.85, 4.0  # inches
MATRICES_ACROSS = 4
MOST_NAMES = 20  # rows or columns of a matrix; more have numbers


def weights_figure(
    net: Sequential,
    shape: tuple[int, ...] = (),
    title: str = "",
    *,
    preparation: Preparation | None = None,
    lang: str = "en",
) -> Figure:
    """The weights of the first layer as images, one per unit; without images every matrix.

    Red weights are positive and blue ones negative; the colors of one figure have one scale. Units
    come in order of the length of their weights, the longest first; the filters of a convolution by
    number, and those of several channels as their mean.

    Args:
        net: the net.
        shape: of an input image, such as (28, 28), or with colors (3, 32, 32); () if inputs are no
            images.
        title: drawn above.
        preparation: of the data, whose columns and classes then name the rows of the first matrix
            and the columns of the last.
        lang: language of the labels, ``en`` or ``ko``.

    Raises:
        ShapeError: the net has no layer with weights, or its inputs are no images of this shape.

    Example:
        >>> from mitbadak.nn import MLP
        >>> len(weights_figure(MLP([784, 20, 10], rng=0), (28, 28)).axes)
        20
    """
    layers = [layer for layer in net.layers if isinstance(layer, (Affine, Convolution))]
    if not layers:
        raise ShapeError(
            f"weights_figure expects a net with an affine layer or a convolution; got {net!r}."
        )
    W = layers[0].params["W"]
    if isinstance(layers[0], Convolution):
        return _pictures(dict(enumerate(W[:UNITS])), "filter", len(W), title, lang)
    if not shape:
        return _matrices(net, title, lang, OwnUnits.of(net, preparation))
    if math.prod(shape) != len(W):
        raise ShapeError(
            f"weights_figure expects images of {len(W)} numbers; got the shape {shape}."
        )
    order = np.argsort(-np.linalg.norm(W, axis=0), kind="stable")[:UNITS]
    images = {i: W[:, i].reshape(shape) for i in order.tolist()}
    return _pictures(images, "unit", W.shape[1], title, lang)


def _pictures(images: dict[int, np.ndarray], noun: str, of: int, title: str, lang: str) -> Figure:
    """Images by the number of their unit or filter, in one scale of colors; channels averaged."""
    rows, across = -(-len(images) // ACROSS), min(ACROSS, len(images))
    with lettering(lang, [title]) as say:
        figure = new_figure(max(NARROWEST, TILE * across + 0.2), TILE * 1.2 * rows + 0.7)
        figure.get_layout_engine().set(w_pad=0.03, h_pad=0.03)  # type: ignore[union-attr]
        size = max(float(np.abs(image).max()) for image in images.values()) or 1.0
        for place, (number, image) in enumerate(images.items(), 1):
            ax = figure.add_subplot(rows, across, place)
            image = image.mean(axis=0) if image.ndim == 3 else image
            ax.imshow(image, cmap=DIVERGING, vmin=-size, vmax=size, interpolation="nearest")
            ax.set_axis_off()
            ax.set_title(f"{say(noun)} {number}", fontsize=7, pad=2)
        below = [f"{say('red positive, blue negative')}, ±{size:.2g}"]
        if len(images) < of:
            which = say("units with the largest weights" if noun == "unit" else noun)
            below.insert(0, f"{which}: {len(images)} / {of:,}")
        figure.supxlabel(" · ".join(below), fontsize=8)
        set_title(figure, title, fontsize=10)
        return figure


def _matrices(net: Sequential, title: str, lang: str, own: OwnUnits) -> Figure:
    names = [name for name in net.params if net.params[name].ndim == 2]
    with lettering(lang, [title, *own.names()]):
        across = min(len(names), MATRICES_ACROSS)
        rows = -(-len(names) // across)
        figure = new_figure(max(NARROWEST, 3.2 * across), 3.0 * rows + 0.4)
        panels = figure.subplots(rows, across, squeeze=False).ravel()
        for ax in panels[len(names) :]:
            ax.set_axis_off()
        for ax, name in zip(panels, names, strict=False):
            _matrix(ax, name, net.params[name])
        for ax, name in zip(panels, names, strict=False):
            rows, columns = net.params[name].shape
            label_matrix(
                ax,
                own.columns if name == names[0] and len(own.columns) == rows else (),
                own.classes if name == names[-1] and len(own.classes) == columns else (),
                MOST_NAMES,
            )
        set_title(figure, title, fontsize=10)
        return figure


def _matrix(ax: Axes, name: str, W: np.ndarray) -> None:
    size = float(np.abs(W).max()) or 1.0
    image = ax.imshow(W, cmap=DIVERGING, vmin=-size, vmax=size, aspect="auto",
                      interpolation="nearest")  # fmt: skip
    ax.set_title(f"{name} {W.shape}", fontsize=9)
    for axis in (ax.xaxis, ax.yaxis):
        whole_ticks(axis, 6)
    ax.figure.colorbar(image, ax=ax)
