"""Dense and small convolutional nets from ONNX files, to look at, check and train on."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from mitbadak.core.arguments import explained
from mitbadak.core.errors import FormatError, MitbadakError, ShapeError
from mitbadak.interop.heads import Poisson
from mitbadak.interop.onnx_file import Graph, Node, from_bytes
from mitbadak.interop.onnx_layers import LET_ONE_THROUGH, LET_THROUGH, READERS, TAKE_UP
from mitbadak.interop.onnx_nodes import Place, check_attributes, constant_of, label
from mitbadak.interop.onnx_scales import CHANNELS, FOLDED, ROWS, Scale, scale_of
from mitbadak.interop.onnx_spelled import spelled_activation, takes
from mitbadak.interop.onnx_verify import verify
from mitbadak.nn.affine import Affine, Reshape
from mitbadak.nn.convolution import Convolution
from mitbadak.nn.heads import Head, SigmoidCrossEntropy, SoftmaxCrossEntropy, head
from mitbadak.nn.layer import Layer
from mitbadak.nn.network import Sequential
from mitbadak.nn.shapes import shapes_after
from mitbadak.nn.widths import MOST_LAYERS

MOST_BYTES = 1 << 30
MOST_DIAGONAL = 4096  # columns that a constant may scale in a layer of its own
ENDS: dict[str, type[Head]] = {
    "Softmax": SoftmaxCrossEntropy, "LogSoftmax": SoftmaxCrossEntropy,
    "Sigmoid": SigmoidCrossEntropy, "Exp": Poisson,
}  # fmt: skip


@explained
def from_onnx(
    path: str | os.PathLike[str], *, loss: str | Head | None = None, dtype: DTypeLike = np.float32
) -> Sequential:
    """A net from an ONNX file: dense and convolutional layers, one after the other.

    Softmax or sigmoid at the end becomes the head; activations that are spelled out, as GELU often
    is, are recognized by their values. A constant that shifts or scales columns becomes part of the
    layer beside it where that is exact, and otherwise a layer of its own. What was read is compared
    with the file's own operations, computed one by one on random numbers.

    Args:
        path: the file, with its tensors in it.
        loss: the head, where the file does not end in softmax or sigmoid; by default
            ``mean_squared_error``. A file that ends in LogSoftmax is read with
            ``softmax_cross_entropy``, whose answers are probabilities.
        dtype: dtype of the parameters.

    Raises:
        FormatError: the file is damaged, or holds something that has no layer here; the message
            names the operation.

    Example:
        >>> import tempfile
        >>> from mitbadak.interop import export_onnx
        >>> from mitbadak.nn import MLP
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     export_onnx(MLP([4, 8, 3], activation="gelu", rng=0), f"{folder}/net.onnx")
        ...     from_onnx(f"{folder}/net.onnx")
        Sequential(Affine(4, 8), GELU(), Affine(8, 3))
    """
    path, chosen = Path(path), None if loss is None else head(loss)
    if path.stat().st_size > MOST_BYTES:
        raise FormatError(f"{path}: larger than {MOST_BYTES >> 30} GiB, which is no small net.")
    try:
        return _net_of(from_bytes(path.read_bytes()), chosen, dtype)
    except FormatError as error:
        raise FormatError(f"{path}: {str(error).rstrip('.')}.") from error
    except MitbadakError as error:
        raise FormatError(f"{path}: its layers do not fit together: {error}") from error


def _net_of(graph: Graph, chosen: Head | None, dtype: DTypeLike) -> Sequential:
    reader = Reader(graph, dtype, chosen)
    ending = reader.read()
    if not reader.made:
        raise FormatError("it has no layers")
    net = Sequential(
        *reader.made, loss=chosen or (ENDS[ending.op]() if ending else "mean_squared_error")
    )
    verify(graph, reader.constants, net, reader.points, ending)
    classes = _classes(graph.metadata)
    if len(classes) == net.n_out or (len(classes), net.n_out) == (2, 1):
        net.classes = classes
    return net


def _classes(metadata: dict[str, str]) -> tuple[str, ...]:
    """Names of classes: one on each line, or as JSON where names have several lines."""
    try:
        names = json.loads(metadata.get("classes_json", "null"))
    except (ValueError, RecursionError):
        names = None
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        return tuple(names)
    return tuple(metadata.get("classes", "").split("\n"))


class Reader:
    """Follows the values from the input of a graph to its output.

    Attributes:
        made: the layers so far.
        waiting: scale and shift between the last layer and the value that was reached; None if
            there are none.
        points: values that the first layers, so many, compute exactly.
    """

    def __init__(self, graph: Graph, dtype: DTypeLike, chosen: Head | None):
        self.graph, self.dtype, self.chosen = graph, np.dtype(dtype), chosen
        self.constants = dict(graph.tensors)
        self.readers: dict[str, list[Node]] = {}
        self.made: list[Layer] = []
        self.waiting: Scale | None = None
        self.points: list[tuple[str, int]] = []
        self._shape: tuple[int, tuple[int, ...] | None] = (-1, None)
        computed = {*self.constants, *graph.inputs, ""}
        for node in graph.nodes:
            with Place(self.graph, node):
                self._enter(node, computed)

    def _enter(self, node: Node, computed: set[str]) -> None:
        """Take up a node of the file, after those before it."""
        early = [name for name in node.inputs if name not in computed]
        twice = [name for name in node.outputs if name and name in computed]
        if early:
            raise FormatError(f"it reads {early[0]!r}, which no operation before it computes")
        if twice or not node.outputs or not node.outputs[0]:
            raise FormatError(
                f"it computes {twice[0]!r} a second time" if twice else "it computes nothing"
            )
        computed.update(node.outputs)
        if node.op == "Constant":
            self.constants[node.outputs[0]] = constant_of(node)
        elif node.op == "Identity" and node.inputs and node.inputs[0] in self.constants:
            self.constants[node.outputs[0]] = self.constants[node.inputs[0]]
        else:
            for name in dict.fromkeys(node.inputs):
                self.readers.setdefault(name, []).append(node)

    def read(self) -> Node | None:
        """Make the layers; returns the softmax or sigmoid that becomes the head."""
        inputs = [name for name in self.graph.inputs if name not in self.constants]
        if len(inputs) != 1 or len(self.graph.outputs) != 1:
            raise FormatError(
                f"it has {len(inputs)} inputs and {len(self.graph.outputs)} outputs; nets here "
                "have one of each"
            )
        value, end = inputs[0], next(iter(self.graph.outputs))
        self.declared = self.graph.inputs[value]
        self.points.append((value, 0))
        while value != end:
            node = self._next(value)
            with Place(self.graph, node):
                if node.op in ENDS and self._leads_to(node.outputs[0], end) and self._is_head(node):
                    self._settled(value)
                    return node
                self._read(node, value)
            value = node.outputs[0]
            if self.waiting is None:
                self._reached(value)
        self._settled(value)
        return None

    def _reached(self, value: str) -> None:
        if self.points[-1][1] == len(self.made) and len(self.points) > 1:
            self.points.pop()
        self.points.append((value, len(self.made)))

    def _settled(self, value: str) -> None:
        self.settle()
        self._reached(value)

    def _next(self, value: str) -> Node:
        """The node that reads a value, or an activation that is spelled out in several."""
        readers = self.readers.get(value, [])
        if not readers:
            raise FormatError(f"nothing leads from {value!r} to the output")
        only = readers[0] if len(readers) == 1 else None
        if only is not None and (self._is_folded(only) or only.op in READERS or not takes(only)):
            return only
        node = spelled_activation(value, self.readers, self.constants)
        if node is None and only is not None:
            return only
        if node is None:
            ops = ", ".join(label(self.graph, reader) for reader in readers[:3])
            raise FormatError(
                f"it branches into operations that are no activation here ({ops}). Nets whose "
                "layers follow one another can be read"
            )
        return node

    def _is_folded(self, node: Node) -> bool:
        stored = [name in self.constants for name in node.inputs]
        return node.op in FOLDED and len(stored) == 2 and sum(stored) == 1

    def _leads_to(self, value: str, end: str) -> bool:
        """Whether only nodes without effect lie between a value and the end."""
        while value != end:
            readers = self.readers.get(value, [])
            if len(readers) != 1 or readers[0].op not in LET_THROUGH:
                return False
            with Place(self.graph, readers[0]):
                self._read(readers[0], value)
            value = readers[0].outputs[0]
        return True

    def _is_head(self, node: Node) -> bool:
        """Whether a softmax or sigmoid at the end is the head's, rather than a layer."""
        check_attributes(node)
        if node.op in ("Sigmoid", "Exp"):
            self.settle()
            scores = bool(self.made) and isinstance(self.made[-1], Affine)
            return scores and (self.chosen is None or type(self.chosen) is ENDS[node.op])
        axis = node.attributes.get("axis", -1)
        if axis not in (-1, 1):
            raise FormatError(f"{node.op} over axis {axis}, not over the classes")
        if self.chosen is not None and type(self.chosen) is not SoftmaxCrossEntropy:
            raise FormatError(
                f"the file ends in {node.op}, which {self.chosen!r} would leave out. Use "
                "loss='softmax_cross_entropy'"
            )
        if node.op == "LogSoftmax" and self.chosen is None:
            raise FormatError(
                "the file ends in LogSoftmax, and nets here answer with probabilities rather than "
                "their logarithms. Read it with loss='softmax_cross_entropy' if that is meant"
            )
        return True

    def _read(self, node: Node, value: str) -> None:
        if len(self.made) > MOST_LAYERS:
            raise FormatError(f"more than {MOST_LAYERS:,} layers; nets here have fewer")
        if self._is_folded(node):
            check_attributes(node)
            self._fold(node, value)
            return
        if node.op not in READERS:
            raise FormatError(
                f"its operation {node.op} has no layer here. Nets of dense and convolutional "
                "layers can be read"
            )
        if node.inputs[:1] != [value]:
            raise FormatError(f"it expects {value!r} as its first input; got {node.inputs}")
        check_attributes(node)
        passes = node.op in (*TAKE_UP, *LET_THROUGH) or (
            node.op in LET_ONE_THROUGH and self.waiting is not None and not self.waiting.along
        )
        if not passes:
            self.settle()
        READERS[node.op](self, node)

    def _fold(self, node: Node, value: str) -> None:
        """Scale and shift: part of the layer before, or waiting for the next."""
        first = node.inputs[0] == value
        constant = self.constants[node.inputs[1 if first else 0]]
        new = scale_of(node.op, constant, first=first, shape=self.shape())
        before = self.made[-1] if self.made else None
        if self.waiting is not None or not isinstance(before, Affine | Convolution):
            self.waiting = new if self.waiting is None else self.waiting.then(new)
            return
        W, b = before.params["W"].astype(np.float64), before.params.get("b", np.zeros(()))
        if isinstance(before, Affine):
            scale, shift = new.over(before.n_out, ROWS)
            self.made.pop()
            self.add_affine(W * scale, b * scale + shift if before.bias or shift.any() else None)
            return
        scale, shift = new.over(before.filters, CHANNELS)
        b = b * scale + shift if before.bias or shift.any() else None
        self.made.pop()
        self.add_convolution(
            W * scale[:, None, None, None], b, stride=before.stride, pad=before.pad
        )

    def settle(self) -> None:
        """Make what waits a layer of its own."""
        if self.waiting is None:
            return
        scale, shape = self.waiting, self.shape()
        if not shape or len(shape) not in (1, 3) or not shape[0]:
            raise FormatError(
                "a constant scales values whose shape is unknown, with no layer beside it that "
                "could take it up. Export the model with fixed sizes"
            )
        if shape[0] > MOST_DIAGONAL:
            raise FormatError(
                f"a constant scales {shape[0]:,} columns with no affine layer beside it; at most "
                f"{MOST_DIAGONAL:,} become a layer of their own"
            )
        s, t = scale.over(shape[0], ROWS if len(shape) == 1 else CHANNELS)
        self.waiting = None
        if len(shape) == 1:
            self.add_affine(np.diag(s), t)
        else:
            self.add_convolution(np.diag(s)[:, :, None, None], t)

    def add_affine(self, W: np.ndarray, b: np.ndarray | None) -> None:
        """Append ``y = x W + b``, with the scale and shift that wait for it."""
        if W.ndim != 2 or 0 in W.shape:
            raise FormatError(f"a product with an array of shape {W.shape}; expected (n_in, n_out)")
        W = W.astype(np.float64)
        if self.waiting is not None:
            scale, shift = self.waiting.over(len(W), ROWS)
            if shift.any():
                b = (0 if b is None else b) + shift @ W
            W, self.waiting = W * scale[:, None], None
        layer = Affine(*W.shape, bias=b is not None, init="zeros", dtype=self.dtype)
        self._add(layer, W, b)

    def add_convolution(
        self, W: np.ndarray, b: np.ndarray | None, *, stride: Any = 1, pad: Any = 0
    ) -> None:
        """Append a convolution, with the scale and shift that wait for it.

        The zeros of padding are not shifted, so before padding a shift is a layer of its own.
        """
        W = W.astype(np.float64)
        if self.waiting is not None and self.waiting.shift.any() and np.any(pad):
            self.settle()
        if self.waiting is not None:
            scale, shift = self.waiting.over(W.shape[1], CHANNELS)
            if shift.any():
                b = (0 if b is None else b) + W.sum(axis=(2, 3)) @ shift
            W, self.waiting = W * scale[None, :, None, None], None
        layer = Convolution(
            W.shape[1], W.shape[0], W.shape[2:], stride, pad,  # type: ignore[arg-type]
            bias=b is not None, init="zeros", dtype=self.dtype,
        )  # fmt: skip
        self._add(layer, W, b)

    def _add(self, layer: Layer, W: np.ndarray, b: np.ndarray | None) -> None:
        with np.errstate(over="ignore"):
            layer.params["W"][...] = W
            if b is not None:
                layer.params["b"][...] = b
        if not all(np.isfinite(array).all() for array in layer.params.values()):
            raise FormatError(f"its numbers are too large for {self.dtype}")
        self.made.append(layer)

    def shape(self) -> tuple[int, ...] | None:
        """The shape of an example where the last layer ends, 0 for an unknown length."""
        if self._shape[0] != len(self.made):
            known = tuple(n or 0 for n in self.declared[1:])
            if not self.made:
                shape = known or None
            else:
                begins = [Reshape(known)] if known and 0 not in known else []
                try:
                    shape = shapes_after([*begins, *self.made])[-1] or None
                except ShapeError as error:
                    raise FormatError(f"it does not fit the layers before it: {error}") from None
            self._shape = len(self.made), shape
        return self._shape[1]

    def forget_shape(self) -> None:
        """Find out the shape again, since the last layer is another one."""
        self._shape = -1, None

    def tensor(self, node: Node, place: int, name: str) -> np.ndarray:
        """A constant input of a node.

        Args:
            node: the node.
            place: of the input, from 0.
            name: what it is, for messages.
        """
        given = node.inputs[place] if place < len(node.inputs) else ""
        if not given:
            raise FormatError(f"it lacks its input {place + 1}, {name}")
        if given not in self.constants:
            raise FormatError(f"it computes {given!r}, where nets have a constant {name}")
        array = self.constants[given]
        if array.dtype.kind not in "biuf":
            raise FormatError(f"{name} should be numbers; got {array.dtype}")
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise FormatError(f"{name} ({given!r}) holds NaN or infinite numbers")
        return array
