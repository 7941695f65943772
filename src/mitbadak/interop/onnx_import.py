"""Dense and small convolutional nets from ONNX files, to look at, check and train on."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from mitbadak import functions
from mitbadak.core.errors import FormatError
from mitbadak.interop.onnx_file import Graph, Node, from_bytes
from mitbadak.nn import activations, convolution, norms
from mitbadak.nn.activations import ACTIVATIONS
from mitbadak.nn.affine import Affine, Flatten, Reshape
from mitbadak.nn.dropout import Dropout
from mitbadak.nn.heads import Head
from mitbadak.nn.layer import Layer
from mitbadak.nn.network import Sequential

MOST_BYTES = 1 << 30
ENDS = {"Softmax": "softmax_cross_entropy", "LogSoftmax": "softmax_cross_entropy",
        "Sigmoid": "sigmoid_cross_entropy"}  # fmt: skip
ELEMENTWISE: dict[str, Callable[..., Any]] = {
    "Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Div": np.divide, "Pow": np.power,
    "Neg": np.negative, "Exp": np.exp, "Log": np.log, "Sqrt": np.sqrt, "Abs": np.abs,
    "Erf": np.vectorize(math.erf), "Sigmoid": functions.sigmoid, "Tanh": np.tanh,
    "Softplus": functions.softplus, "Relu": functions.relu, "Identity": lambda x: x,
    "Max": np.maximum, "Min": np.minimum,
    "Gelu": functions.gelu, "HardSwish": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
}  # fmt: skip
GRID, TOLERANCE = np.linspace(-6.0, 6.0, 97), 1e-5  # where activations are told apart
FOLDED = ("Add", "Sub", "Mul", "Div")  # by constants: into an affine layer beside them


def from_onnx(
    path: str | os.PathLike[str], *, loss: str | Head | None = None, dtype: DTypeLike = np.float32
) -> Sequential:
    """A net from an ONNX file: dense and convolutional layers, one after the other.

    Softmax or sigmoid at the end becomes the head; activations that are spelled out, as GELU often
    is, are recognized by their values. Constants that shift or scale columns become part of the
    affine layer beside them.

    Args:
        path: the file, with its tensors in it.
        loss: the head, where the file does not end in softmax or sigmoid; by default
            ``mean_squared_error``.
        dtype: dtype of the parameters.

    Raises:
        FormatError: the file is damaged, or holds something that has no layer here.

    Example:
        >>> import tempfile
        >>> from mitbadak.interop import export_onnx
        >>> from mitbadak.nn import MLP
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     export_onnx(MLP([4, 8, 3], activation="gelu", rng=0), f"{folder}/net.onnx")
        ...     from_onnx(f"{folder}/net.onnx")
        Sequential(Affine(4, 8), GELU(), Affine(8, 3))
    """
    path = Path(path)
    if path.stat().st_size > MOST_BYTES:
        raise FormatError(f"{path}: larger than {MOST_BYTES >> 30} GiB, which is no small net.")
    try:
        reader = _Reader(from_bytes(path.read_bytes()), dtype)
        layers, ending = reader.layers()
        if not layers:
            raise FormatError("it has no layers")
        net = Sequential(*layers, loss=loss or ending or "mean_squared_error")
    except FormatError as error:
        raise FormatError(f"{path}: {str(error).rstrip('.')}.") from error
    except (ValueError, TypeError, IndexError, KeyError, ArithmeticError) as error:
        raise FormatError(f"{path}: its layers do not fit together: {error}") from error
    classes = reader.graph.metadata.get("classes", "").split("\n")
    if len(classes) == net.n_out or (len(classes), net.n_out) == (2, 1):
        net.classes = tuple(classes)
    return net


class _Reader:
    """Follows the values from the input of a graph to its output."""

    def __init__(self, graph: Graph, dtype: DTypeLike):
        self.graph, self.dtype = graph, np.dtype(dtype)
        self.constants = dict(graph.tensors)
        self.readers: dict[str, list[Node]] = {}
        for node in graph.nodes:
            if node.op == "Constant":
                self.constants[node.outputs[0]] = np.asarray(next(iter(node.attributes.values())))
                continue
            for name in dict.fromkeys(node.inputs):
                self.readers.setdefault(name, []).append(node)
        self.made: list[Layer] = []
        self.scale: Any = 1.0  # of the columns before the next affine layer
        self.shift: Any = 0.0

    def layers(self) -> tuple[list[Layer], str | None]:
        """The layers, and the name of the head that the file ends in."""
        inputs = [name for name in self.graph.inputs if name not in self.constants]
        if len(inputs) != 1 or len(self.graph.outputs) != 1:
            raise FormatError(
                f"it has {len(inputs)} inputs and {len(self.graph.outputs)} outputs; nets here "
                "have one of each"
            )
        value, end = inputs[0], next(iter(self.graph.outputs))
        while value != end:
            node = self._next(value)
            if node.op in ENDS and self._leads_to(node.outputs[0], end) and self._is_last(node):
                return self._finished(), ENDS[node.op]
            value = self._read(node, value)
        return self._finished(), None

    def _finished(self) -> list[Layer]:
        if np.any(self.scale != 1) or np.any(self.shift != 0):
            raise FormatError("it scales columns with no affine layer beside that")
        return self.made

    def _next(self, value: str) -> Node:
        """The node that reads a value, or the last one of an activation that is spelled out."""
        readers = self.readers.get(value, [])
        if not readers:
            raise FormatError(f"nothing leads from {value!r} to the output")
        if len(readers) == 1 and not (readers[0].op in ELEMENTWISE and self._spelled(readers[0])):
            return readers[0]
        return self._activation(value)

    def _spelled(self, node: Node) -> bool:
        """Whether an elementwise operation could be the first of an activation's parts."""
        return node.op in (*FOLDED, "Neg", "Exp", "Abs", "Max", "Min") and not self._is_folded(node)

    def _is_folded(self, node: Node) -> bool:
        return node.op in FOLDED and sum(name in self.constants for name in node.inputs) == 1

    def _leads_to(self, value: str, end: str) -> bool:
        """Whether only nodes without effect lie between a value and the end."""
        while value != end:
            readers = self.readers.get(value, [])
            if len(readers) != 1 or readers[0].op not in ("Identity", "Cast"):
                return False
            value = readers[0].outputs[0]
        return True

    def _is_last(self, node: Node) -> bool:
        """Whether scores come to it, rather than a hidden layer's activations."""
        if node.op == "Sigmoid":
            return bool(self.made) and isinstance(self.made[-1], Affine)
        axis = node.attributes.get("axis", -1)
        if axis not in (-1, 1):
            raise FormatError(f"{node.op} over axis {axis}, not over the classes")
        return True

    def _read(self, node: Node, value: str) -> str:
        if self._is_folded(node):
            self._fold(node, value)
        elif node.op in READERS:
            READERS[node.op](self, node)
        elif node.op not in ("Identity", "Cast"):
            raise FormatError(
                f"its operation {node.op} has no layer here. Nets of dense and convolutional "
                "layers can be read"
            )
        return node.outputs[0]

    def _fold(self, node: Node, value: str) -> None:
        """Scale and shift columns: part of the affine layer before, or of the next."""
        first = node.inputs[0] == value
        constant = np.asarray(self.constants[node.inputs[1 if first else 0]], np.float64).squeeze()
        if not first and node.op in ("Sub", "Div"):
            raise FormatError(f"it has a constant from which {node.op} takes a layer's output")
        before = self.made[-1] if self.made else None
        if isinstance(before, Affine) and np.all(self.scale == 1) and np.all(self.shift == 0):
            W, b = before.params["W"], before.params.get("b")
            if node.op in ("Mul", "Div"):
                factor = constant if node.op == "Mul" else 1 / constant
                before.params["W"] = (W * factor).astype(W.dtype)
                if b is not None:
                    before.params["b"] = (b * factor).astype(W.dtype)
                return
            shifted = (0 if b is None else b) + (constant if node.op == "Add" else -constant)
            self._replace_affine(W, np.broadcast_to(shifted, W.shape[1:]))
            return
        if node.op in ("Mul", "Div"):
            factor = constant if node.op == "Mul" else 1 / constant
            self.scale, self.shift = self.scale * factor, self.shift * factor
        else:
            self.shift = self.shift + (constant if node.op == "Add" else -constant)

    def _replace_affine(self, W: np.ndarray, b: np.ndarray) -> None:
        self.made.pop()
        self.add_affine(W, b)

    def add_affine(self, W: np.ndarray, b: np.ndarray | None) -> None:
        """Append ``y = x W + b``, with the scale and shift that wait for it."""
        if W.ndim != 2:
            raise FormatError(f"a product with an array of shape {W.shape}")
        W = W.astype(np.float64)
        if np.any(self.shift != 0):
            b = (0 if b is None else b) + np.broadcast_to(self.shift, W.shape[:1]) @ W
        W = W * (np.broadcast_to(self.scale, W.shape[:1])[:, None])
        self.scale, self.shift = 1.0, 0.0
        layer = Affine(*W.shape, bias=b is not None, init="zeros", dtype=self.dtype)
        layer.params["W"][...] = W
        if b is not None:
            layer.params["b"][...] = np.asarray(b).reshape(-1)
        self.made.append(layer)

    def tensor(self, name: str) -> np.ndarray:
        """A constant by its name."""
        if name not in self.constants:
            raise FormatError(f"it computes {name!r}, where nets have a constant")
        return self.constants[name]

    def _activation(self, value: str) -> Node:
        """What several elementwise operations on a value compute, as one node."""
        known = {value: GRID}
        for node in self.graph.nodes:
            if not any(name in known for name in node.inputs) or node.op not in ELEMENTWISE:
                continue
            scalars = {n: self.constants[n] for n in node.inputs if n in self.constants}
            if not all(n in known or (n in scalars and scalars[n].size == 1) for n in node.inputs):
                continue
            arguments = [known[n] if n in known else scalars[n].reshape(()) for n in node.inputs]
            with np.errstate(all="ignore"):
                y = np.asarray(ELEMENTWISE[node.op](*arguments), np.float64)
            known[node.outputs[0]] = y
            inside = [n for n in known if n != node.outputs[0]]
            if all(r.outputs[0] in known for n in inside for r in self.readers.get(n, [])):
                for name, kind in ACTIVATIONS.items():
                    if name != "identity" and np.abs(kind().predict(GRID) - y).max() < TOLERANCE:
                        return Node("Activation", [value], node.outputs, {"name": name})
        raise FormatError(
            "it branches into operations that are no activation here. Nets whose layers follow one "
            "another can be read"
        )


def _gemm(r: _Reader, node: Node) -> None:
    a = node.attributes
    if a.get("transA", 0) or a.get("alpha", 1.0) != 1.0 or a.get("beta", 1.0) != 1.0:
        raise FormatError("a Gemm with transA, alpha or beta")
    W = r.tensor(node.inputs[1])
    b = r.tensor(node.inputs[2]).reshape(-1) if len(node.inputs) > 2 else None
    r.add_affine(W.T if a.get("transB", 0) else W, b)


def _matmul(r: _Reader, node: Node) -> None:
    r.add_affine(r.tensor(node.inputs[1]), None)


def _plain(kind: Callable[[], Layer]) -> Callable[[_Reader, Node], None]:
    return lambda r, node: r.made.append(kind())


def _activation(r: _Reader, node: Node) -> None:
    r.made.append(ACTIVATIONS[str(node.attributes["name"])]())


def _gelu(r: _Reader, node: Node) -> None:
    if node.attributes.get("approximate", "none") != "none":
        raise FormatError("a GELU that is approximated by tanh; here it is exact")
    r.made.append(activations.GELU())


def _leaky(r: _Reader, node: Node) -> None:
    r.made.append(activations.LeakyReLU(_number(node, "alpha", 0.01)))


def _elu(r: _Reader, node: Node) -> None:
    r.made.append(activations.ELU(_number(node, "alpha", 1.0)))


def _number(node: Node, name: str, default: float) -> float:
    """An attribute that was stored in float32, with the digits that were meant."""
    return float(np.format_float_positional(np.float32(node.attributes.get(name, default))))  # type: ignore[arg-type]


def _batch_norm(r: _Reader, node: Node) -> None:
    gamma, beta, mean, var = map(r.tensor, node.inputs[1:5])
    layer = norms.BatchNorm(len(gamma), eps=_number(node, "epsilon", 1e-5), dtype=r.dtype)
    layer.params["gamma"][...], layer.params["beta"][...] = gamma, beta
    layer.buffers["running_mean"][...], layer.buffers["running_var"][...] = mean, var
    r.made.append(layer)


def _layer_norm(r: _Reader, node: Node) -> None:
    gamma = r.tensor(node.inputs[1])
    layer = norms.LayerNorm(len(gamma), eps=_number(node, "epsilon", 1e-5), dtype=r.dtype)
    layer.params["gamma"][...] = gamma
    if len(node.inputs) > 2:
        layer.params["beta"][...] = r.tensor(node.inputs[2])
    r.made.append(layer)


def _reshape(r: _Reader, node: Node) -> None:
    shape = [int(n) for n in r.tensor(node.inputs[1])]
    if len(shape) == 2:
        r.made.append(Flatten())
    elif len(shape) == 4 and -1 not in shape[1:]:
        r.made.append(Reshape(tuple(shape[1:])))
    else:
        raise FormatError(f"it brings arrays to the shape {shape}")


def _windows(node: Node) -> dict[str, Any]:
    """Stride and padding of a node, where a layer here has them too."""
    a = node.attributes
    pads: Any = a.get("pads", [0, 0, 0, 0])
    if a.get("auto_pad", "NOTSET") not in ("NOTSET", "VALID") or list(pads[:2]) != list(pads[2:]):
        raise FormatError(f"{node.op} pads one edge more than the other")
    dilations: Any = a.get("dilations", [1])
    if a.get("group", 1) != 1 or any(d != 1 for d in dilations) or a.get("ceil_mode", 0):
        raise FormatError(f"{node.op} with groups, dilations or ceil_mode")
    strides: Any = a.get("strides", [1, 1])
    return {"stride": tuple(strides), "pad": tuple(pads[:2])}


def _convolution(r: _Reader, node: Node) -> None:
    W = r.tensor(node.inputs[1])
    bias = len(node.inputs) > 2
    layer = convolution.Convolution(
        W.shape[1], W.shape[0], tuple(W.shape[2:]), **_windows(node), bias=bias, init="zeros",
        dtype=r.dtype,
    )  # fmt: skip
    layer.params["W"][...] = W
    if bias:
        layer.params["b"][...] = r.tensor(node.inputs[2])
    r.made.append(layer)


def _max_pool(r: _Reader, node: Node) -> None:
    size: Any = node.attributes["kernel_shape"]
    r.made.append(convolution.MaxPooling(tuple(size), **_windows(node)))


def _average_pool(r: _Reader, node: Node) -> None:
    size: Any = node.attributes["kernel_shape"]
    windows = _windows(node)
    if any(windows["pad"]) and not node.attributes.get("count_include_pad", 0):
        raise FormatError("an AveragePool that leaves its padding out of the means")
    r.made.append(convolution.AveragePooling(tuple(size), **windows))


READERS: dict[str, Callable[[_Reader, Node], None]] = {
    "Gemm": _gemm, "MatMul": _matmul, "Conv": _convolution, "MaxPool": _max_pool,
    "AveragePool": _average_pool, "BatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm, "Flatten": _plain(Flatten), "Reshape": _reshape,
    "Dropout": _plain(Dropout), "Relu": _plain(activations.ReLU), "Tanh": _plain(activations.Tanh),
    "Sigmoid": _plain(activations.Sigmoid), "Softplus": _plain(activations.Softplus),
    "Gelu": _gelu, "LeakyRelu": _leaky, "Elu": _elu, "Activation": _activation,
}  # fmt: skip
