"""Weights as pictures: what each hidden unit looks for, or the matrices themselves."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mitbadak.core.errors import ShapeError
from mitbadak.nn.affine import Affine
from mitbadak.nn.network import Sequential
from mitbadak.plots.style import lettering, new_figure, set_title

UNITS, ACROSS = 50, 10  # pictures of hidden units at most, and in a row
DIVERGING = "RdBu_r"  # red is positive, blue negative, white 0
TILE = 0.85  # inches


def weights_figure(
    net: Sequential, shape: tuple[int, ...] = (), title: str = "", *, lang: str = "en"
) -> Figure:
    """The weights of the first layer as images, one per unit; without images every matrix.

    Red weights are positive and blue ones negative; the colors of one figure have one scale. Units
    come in order of the length of their weights, the longest first.

    Args:
        net: the net.
        shape: of an input image, such as (28, 28), or with colors (3, 32, 32); () if inputs are no
            images.
        title: drawn above.
        lang: language of the labels, ``en`` or ``ko``.

    Raises:
        ShapeError: the net has no affine layer, or its inputs are no images of this shape.

    Example:
        >>> from mitbadak.nn import MLP
        >>> len(weights_figure(MLP([784, 20, 10], rng=0), (28, 28)).axes)
        20
    """
    layers = [layer for layer in net.layers if isinstance(layer, Affine)]
    if not layers:
        raise ShapeError(f"weights_figure expects a net with an affine layer; got {net!r}.")
    if not shape:
        return _matrices(net, layers, title, lang)
    W = layers[0].params["W"]
    if math.prod(shape) != len(W):
        raise ShapeError(
            f"weights_figure expects images of {len(W)} numbers; got the shape {shape}."
        )
    order = np.argsort(-np.linalg.norm(W, axis=0), kind="stable")[:UNITS]
    rows = -(-len(order) // ACROSS)
    with lettering(lang, [title]) as say:
        figure = new_figure(TILE * min(ACROSS, len(order)) + 0.2, TILE * 1.15 * rows + 0.5)
        figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02)  # type: ignore[union-attr]
        size = float(np.abs(W[:, order]).max()) or 1.0
        for place, unit in enumerate(order.tolist()):
            ax = figure.add_subplot(rows, min(ACROSS, len(order)), place + 1)
            image = W[:, unit].reshape(shape)
            image = image.mean(axis=0) if image.ndim == 3 else image
            ax.imshow(image, cmap=DIVERGING, vmin=-size, vmax=size, interpolation="nearest")
            ax.set_axis_off()
            ax.set_title(f"{say('unit')} {unit}", fontsize=7, pad=2)
        set_title(figure, title, fontsize=10)
        return figure


def _matrices(net: Sequential, layers: list[Affine], title: str, lang: str) -> Figure:
    names = [name for name in net.params if net.params[name].ndim == 2]
    with lettering(lang, [title]):
        figure = new_figure(min(3.2 * len(names), 12.0), 3.4)
        panels = figure.subplots(1, len(names), squeeze=False)[0]
        for ax, name in zip(panels, names, strict=True):
            _matrix(ax, name, net.params[name])
        set_title(figure, title, fontsize=10)
        return figure


def _matrix(ax: Axes, name: str, W: np.ndarray) -> None:
    size = float(np.abs(W).max()) or 1.0
    image = ax.imshow(W, cmap=DIVERGING, vmin=-size, vmax=size, aspect="auto",
                      interpolation="nearest")  # fmt: skip
    ax.set_title(f"{name} {W.shape}", fontsize=9)
    ax.figure.colorbar(image, ax=ax)
