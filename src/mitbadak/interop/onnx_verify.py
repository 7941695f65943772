"""Layers that were read from an ONNX file, held to the file's own operations on random numbers."""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mitbadak.core.errors import FormatError, MitbadakError, ShapeError
from mitbadak.interop.onnx_evaluate import evaluate
from mitbadak.interop.onnx_file import Graph, Node
from mitbadak.interop.onnx_nodes import label
from mitbadak.nn.affine import Affine, Reshape
from mitbadak.nn.convolution import Convolution
from mitbadak.nn.layer import Layer
from mitbadak.nn.network import Sequential
from mitbadak.nn.norms import BatchNorm
from mitbadak.nn.shapes import shapes_after

BATCHES = (2, 3)  # two of them, so that no length in the file equals both
TOLERANCE = 1e-4  # of the terms that are added; layers are in float32
MOST_NUMBERS = 1 << 25  # of one batch, in all layers together
MOST_PRODUCTS = 1 << 34  # for one batch
SQUARES, SIDES, MOST_TRIES = 256, 40, 200_000
Shape = tuple[int, ...]


def verify(
    graph: Graph, constants: Mapping[str, np.ndarray], net: Sequential,
    points: Sequence[tuple[str, int]], ending: Node | None,
) -> None:  # fmt: skip
    """Refuse a net that answers otherwise than the operations it was read from.

    Each layer gets the numbers that the file's own operations give it, so that errors do not add
    up and the first operation that differs is named.

    Args:
        graph: the file's.
        constants: arrays by name, those of Constant nodes too.
        net: what was read.
        points: values, and how many of the layers compute each.
        ending: the softmax or sigmoid that became the head.

    Raises:
        FormatError: with the node where they part.
    """
    name = points[0][0]
    declared = list(graph.inputs[name])
    layers = list(net.layers)
    shape = _example_shape(net, declared)
    if shape is None:
        for node in graph.nodes:
            if node.op == "Reshape":
                raise FormatError(
                    f"at {label(graph, node)}: what it does depends on the size of the images, "
                    "which the file leaves open. Export the model with a fixed size"
                )
        return
    fixed = declared[0] if declared else None
    for batch in [fixed] if fixed else BATCHES:
        _check_size(shape, layers, int(batch))
        x = np.random.default_rng(0).normal(size=(batch, *shape))
        _compare(graph, constants, net, points, ending, x)


def _compare(
    graph: Graph, constants: Mapping[str, np.ndarray], net: Sequential,
    points: Sequence[tuple[str, int]], ending: Node | None, x: np.ndarray,
) -> None:  # fmt: skip
    at, end = dict(points), ending.outputs[0] if ending is not None else points[-1][0]
    done, before, node = 0, x, None
    computed = evaluate(graph.nodes, constants, points[0][0], x, end)
    while True:
        try:
            node, y = next(computed)
        except StopIteration:
            return
        except FormatError:
            raise
        except (ValueError, IndexError, TypeError, LookupError) as error:
            raise FormatError(
                f"its operations do not fit its input of shape {x.shape}: {error}"
            ) from None
        value = node.outputs[0]
        if value in at:
            _same(graph, node, list(net.layers)[done : at[value]], before, y)
            done, before = at[value], y
        elif ending is not None and value == end and ending.op != "LogSoftmax":
            _differ(graph, node, net.head.answer(before), y, 1.0)


def _same(graph: Graph, node: Node, layers: Sequence[Layer], x: np.ndarray, y: np.ndarray) -> None:
    """Compare what layers make of x with what the nodes up to one make of it."""
    terms, mine = 0.0, x
    for layer in layers:
        twin = _in_float64(layer)
        try:
            mine = twin.predict(mine)
        except MitbadakError as error:
            raise FormatError(f"at {label(graph, node)}: {error}") from None
        terms = max(terms, float(np.abs(mine).max(initial=0.0)), _terms(twin, x))
    _differ(graph, node, mine, y, terms)


def _differ(graph: Graph, node: Node, mine: np.ndarray, y: np.ndarray, terms: float) -> None:
    if mine.shape != y.shape:
        raise FormatError(
            f"at {label(graph, node)}: it gives an array of shape {y.shape}, and the layer here "
            f"one of shape {mine.shape}, in which each example stays by itself"
        )
    if not np.isfinite(y).all():
        raise FormatError(f"at {label(graph, node)}: it computes NaN or infinite numbers")
    if not np.abs(mine - y).max(initial=0.0) <= TOLERANCE * max(
        terms, float(np.abs(y).max(initial=0.0))
    ):
        raise FormatError(
            f"at {label(graph, node)}: no layer here computes what the operations up to it do"
        )


def _terms(layer: Layer, x: np.ndarray) -> float:
    """The size of what is added up in a layer, in which rounding is measured."""
    if not isinstance(layer, Affine | Convolution):
        return float(np.abs(x).max(initial=0.0))
    twin = copy.copy(layer)
    twin.params = {name: np.abs(a) for name, a in layer.params.items()}
    n = x.shape[-1] if isinstance(layer, Affine) else layer.channels
    top = np.full((1, n) if isinstance(layer, Affine) else (1, n, *x.shape[2:]), np.abs(x).max())
    try:
        return float(twin.predict(top).max(initial=0.0))
    except MitbadakError:  # the layer is not the first of several
        return 0.0


def _in_float64(layer: Layer) -> Layer:
    twin = copy.copy(layer)
    twin.params = {name: a.astype(np.float64) for name, a in layer.params.items()}
    twin.buffers = {name: a.astype(np.float64) for name, a in layer.buffers.items()}
    return twin


def _check_size(shape: Shape, layers: Sequence[Layer], batch: int) -> None:
    """Refuse what would take too long or too much memory."""
    try:
        shapes = [shape, *shapes_after([Reshape(shape), *layers])[1:]]
    except ShapeError as error:
        raise FormatError(
            f"its input of shape (batch, {', '.join(map(str, shape))}) does not fit: {error}"
        ) from None
    products = 0
    for layer, after in zip(layers, shapes[1:], strict=True):
        W = layer.params.get("W")
        places = math.prod(after[1:]) if after and isinstance(layer, Convolution) else 1
        products += 0 if W is None else W.size * places
    numbers = batch * sum(math.prod(s) for s in shapes if s)
    if numbers > MOST_NUMBERS or products * batch > MOST_PRODUCTS:
        raise FormatError(
            f"a batch of {batch:,} takes {numbers:,} numbers and {products * batch:,} products, "
            "which is no small net. Export it with a smaller batch or smaller images"
        )


def _example_shape(net: Sequential, declared: Sequence[int | None]) -> Shape | None:
    """The shape of an example, as declared or as the layers need it; None if nothing says."""
    known = tuple(declared[1:])
    if known and all(known):
        return tuple(int(n) for n in known if n)
    if net.n_in is not None and len(known) in (0, 1):
        return (net.n_in,)
    if len(known) not in (0, 3):
        raise FormatError(
            f"its input has the shape {tuple(declared)}; expected (batch, columns) or (batch, "
            "channels, height, width). Export the model with a fixed size"
        )
    channels = known[0] if known else None
    if channels is None:
        counts = [a.channels if isinstance(a, Convolution) else a.n for a in net.layers
                  if isinstance(a, Convolution | BatchNorm)]  # fmt: skip
        channels = counts[0] if counts else 1
    sides: Any = itertools.chain(
        ((n, n) for n in range(1, SQUARES + 1)), itertools.product(range(1, SIDES), repeat=2)
    )
    for tried in itertools.islice(sides, max(1, MOST_TRIES // len(net.layers))):
        fixed = [
            given or side for given, side in zip(known[1:] or (None, None), tried, strict=True)
        ]
        try:
            after = shapes_after([Reshape((channels, *fixed)), *net.layers])
        except ShapeError:
            continue
        if all(after):
            return (channels, *fixed)
    return None
