"""Nets of every layer and head with data of every kind, for tests that compare the engines."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from mitbadak.core.errors import RangeError
from mitbadak.data import Dataset, RandomShift
from mitbadak.native.support import ACTIVATION_CODES
from mitbadak.nn import (
    Affine,
    AveragePooling,
    BatchNorm,
    Convolution,
    Dropout,
    Flatten,
    LayerNorm,
    MaxPooling,
    Reshape,
    Sequential,
    heads,
)
from mitbadak.nn.activations import ACTIVATIONS
from mitbadak.nn.initializers import fans

HEADS = tuple(heads.HEADS)  # all of them have kernels
WITH_KERNELS = tuple(name for name, kind in ACTIVATIONS.items() if kind in ACTIVATION_CODES)
NUMBERS = (0.0, 0.01, 0.3, 0.5, 1.0, 2.5)  # tried as settings of activations and heads
INPUTS = ("bytes", "k/255", "floats", "doubles", "floats with a divisor")
DENSITIES = (0.1, 0.5, 1.0)  # of entries that are not 0; kernels skip zeros from 3/4 of them on
# Widths around those of a vector (16 floats) and of a block of four.
LAYER_WIDTHS = st.sampled_from([1, 2, 5, 15, 16, 17, 31, 33, 64, 70])


@dataclass
class Case:
    """A net in float64 with data, and how it is trained."""

    net: Sequential
    data: Dataset
    batches: list[np.ndarray]
    augment: RandomShift | None
    threads: int
    description: str

    def __repr__(self) -> str:
        return self.description


@st.composite
def cases(draw, *, modal: bool = True):
    """Cases with any layers, head, labels and inputs; without ``modal``, none that draw noise."""
    shape = draw(st.sampled_from([(1, 1), (2, 3), (4, 5), (7, 9), (5, 30)]))
    widths = [shape[0] * shape[1], *draw(st.lists(LAYER_WIDTHS, max_size=3))]
    head = draw(st.sampled_from(HEADS))
    classes = draw(st.integers(1 if head != "softmax_cross_entropy" else 2, 20))
    kinds = st.sampled_from([*WITH_KERNELS, *(["dropout", "batch_norm"] if modal else ["identity"]),
                             "layer_norm"])  # fmt: skip
    plan = [draw(st.lists(kinds, max_size=1))]
    plan += [draw(st.lists(kinds, max_size=3)) for _ in widths[1:]] + [[]]
    plan[-1] = draw(st.lists(kinds, max_size=1))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    images, width = draw(of_images(shape, modal)) if draw(st.booleans()) else ([], widths[0])
    net = build_net([width, *widths[1:], classes], plan, head, draw, rng, images)
    n = draw(st.integers(2, 14))
    norms = any(isinstance(layer, BatchNorm) for layer in net.layers)
    size = draw(st.integers(2 if norms else 1, n))
    last = draw(st.integers(2 if norms else 1, size))  # a short batch, as where they are drawn
    inputs, density = draw(st.sampled_from(INPUTS)), draw(st.sampled_from(DENSITIES))
    labels = draw(st.sampled_from(["classes", "rows", "floats"]))
    on_disk = draw(st.booleans())
    x, divisor = inputs_of(inputs, density, (n, widths[0]), rng)
    t = targets_of(head, labels, n, classes, rng)
    most = draw(st.integers(0, min(2, min(shape) - 1)))
    threads = draw(st.integers(1, 3))
    return Case(
        net,
        Dataset(x, t, divisor, on_disk=on_disk),
        [rng.permutation(n)[:k] for k in (size, last, size)],
        RandomShift(shape, most) if most else None,
        threads,
        f"{net!r}, {head}, {n} examples of {inputs} of density {density}, {labels}, batches of "
        f"{size} and {last}, shifts {most}, on disk {on_disk}, {threads} threads",
    )


@st.composite
def of_images(draw, shape: tuple[int, int], modal: bool):
    """Layers of images for rows that are images, and the width of the rows that they leave."""
    height, width = shape
    image: Any = draw(st.sampled_from([(1, height, width), (height, 1, width), (height, width, 1)]))
    layers: list[Any] = [Reshape(image)]
    extras = ["dropout", "batch_norm"] if modal else ["identity"]
    kinds = st.sampled_from(["convolution"] * 4 + ["max", "max", "average", "relu", *WITH_KERNELS,
                             *extras])  # fmt: skip
    for kind in draw(st.lists(kinds, min_size=1, max_size=5)):
        if kind in ("convolution", "max", "average"):
            layer = with_windows(draw, kind, image)
            image = layer.image_after(image)
        elif kind == "dropout":
            layer = Dropout(draw(st.sampled_from([0.0, 0.3])))
        elif kind == "batch_norm":
            layer = BatchNorm(image[0], eps=1e-2, dtype=np.float64)
        else:
            layer = with_drawn_settings(ACTIVATIONS[kind], draw)
        layers.append(layer)
    return [*layers, Flatten()], int(np.prod(image))


def with_windows(draw: Any, kind: str, image: tuple[int, int, int]) -> Any:
    """A convolution or pooling that fits images of a shape."""
    size = tuple(draw(st.integers(1, min(n, 3))) for n in image[1:])
    stride = draw(st.sampled_from([1, 2, (1, 2), (3, 1)]))
    pad = tuple(draw(st.integers(0, k - 1)) for k in size)
    if kind == "convolution":
        filters = draw(st.sampled_from([1, 3, 15, 16, 17, 33, 50]))
        return Convolution(image[0], filters, size, stride, pad, bias=draw(st.booleans()),
                           dtype=np.float64, rng=0)  # fmt: skip
    own = draw(st.booleans())  # windows side by side
    make = MaxPooling if kind == "max" else AveragePooling
    return make(size) if own else make(size, stride, pad)


def build_net(
    widths: list[int], plan: list[list[str]], head: str, draw: Any, rng: Any, images: Any = ()
):
    """A float64 net with the planned layers around its affine ones, and with drawn parameters."""
    layers: list[Any] = list(images)
    for number, kinds in enumerate(plan):
        if number > 0:
            layers.append(Affine(*widths[number - 1 : number + 1], bias=draw(st.booleans()),
                                 dtype=np.float64, rng=0))  # fmt: skip
        for kind in kinds:
            if kind == "dropout":
                layers.append(Dropout(draw(st.sampled_from([0.0, 0.2, 0.5]))))
            elif kind == "batch_norm":
                momentum, eps = draw(st.sampled_from([(0.1, 1e-5), (1.0, 1e-2)]))
                layers.append(BatchNorm(widths[number], momentum=momentum, eps=eps,
                                        dtype=np.float64))  # fmt: skip
            elif kind == "layer_norm":
                layers.append(LayerNorm(widths[number], eps=1e-3, dtype=np.float64))
            else:
                layers.append(with_drawn_settings(ACTIVATIONS[kind], draw))
    net = Sequential(*layers, loss=with_drawn_settings(heads.HEADS[head], draw))
    for name, p in net.params.items():
        size = 1.2 / np.sqrt(fans(p.shape)[0]) if p.ndim > 1 else 0.3
        p[...] = (name[0] == "g") + size * rng.normal(size=p.shape)
    for name, b in net.buffers.items():
        b[...] = rng.uniform(0.5, 2, b.shape) if "var" in name else rng.normal(size=b.shape)
    for arrays in (net.params, net.buffers):  # numbers that float32 has too
        for a in arrays.values():
            a[...] = a.astype(np.float32)
    return net


def with_drawn_settings(kind: Any, draw: Any) -> Any:
    """A layer or head, each of its settings drawn from the numbers that it accepts."""

    def accepts(name: str, number: float) -> bool:
        try:
            kind(**{name: number})
        except RangeError:
            return False
        return True

    names = [field.name for field in dataclasses.fields(kind)]
    return kind(**{
        name: draw(st.sampled_from([n for n in NUMBERS if accepts(name, n)])) for name in names
    })  # fmt: skip


def inputs_of(kind: str, density: float, shape: tuple[int, int], rng: Any):
    """Inputs, and the divisor of their set."""
    kept = rng.random(shape) < density
    whole = (rng.integers(1, 256, shape) * kept).astype(np.uint8)
    real = (rng.normal(size=shape) * kept).astype(np.float32)
    return {
        "bytes": (whole, 255),
        "k/255": ((whole / np.float32(255)).astype(np.float32), None),
        "floats": (real, None),
        "doubles": (real.astype(np.float64), None),
        "floats with a divisor": (real * np.float32(3), 3.0),
    }[kind]


def targets_of(head: str, form: str, n: int, classes: int, rng: Any) -> np.ndarray:
    """Labels in a form that the head takes."""
    if head == "softmax_cross_entropy":
        t = rng.integers(0, classes, n)
        if form == "rows":
            return np.eye(classes, dtype=np.int64)[t]
        return t if form == "classes" else rng.dirichlet(np.ones(classes), n)
    if head == "sigmoid_cross_entropy":
        t = rng.integers(0, 2, (n, classes))
        if form == "floats":
            return rng.uniform(0, 1, (n, classes))
        return t[:, 0] if classes == 1 and form == "classes" else t
    if form == "classes" and classes > 1:
        return rng.integers(0, classes, n)
    t = 2 * rng.normal(size=(n, classes))
    return t if form == "floats" else t.astype(np.float32)
