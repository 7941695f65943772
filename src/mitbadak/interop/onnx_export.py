"""Nets as ONNX files, which onnxruntime and others compute."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mitbadak.core.arguments import explained
from mitbadak.core.errors import RangeError, StateError
from mitbadak.core.files import write_atomically
from mitbadak.interop.heads import Poisson, answering
from mitbadak.interop.onnx_file import OPSETS, Attribute, Graph, Node, to_bytes
from mitbadak.nn import activations, convolution, heads, norms
from mitbadak.nn.affine import Affine, Flatten, Reshape
from mitbadak.nn.dropout import Dropout
from mitbadak.nn.layer import Layer
from mitbadak.nn.network import Sequential
from mitbadak.nn.prepared import PreparedNet, check_net, inner_net

ELEMENTWISE: dict[type[Layer], str] = {
    activations.Sigmoid: "Sigmoid", activations.Tanh: "Tanh", activations.ReLU: "Relu",
    activations.Softplus: "Softplus",
}  # fmt: skip
ANSWERS: dict[type[heads.Head], tuple[str, dict[str, Any]] | None] = {
    heads.SoftmaxCrossEntropy: ("Softmax", {"axis": -1}),
    heads.SigmoidCrossEntropy: ("Sigmoid", {}),
    Poisson: ("Exp", {}),
    heads.MeanSquaredError: None, heads.SumSquaredError: None, heads.Huber: None,
}  # fmt: skip


@explained
def export_onnx(
    net: Sequential | PreparedNet, path: str | os.PathLike[str], *, opset: int = OPSETS[0],
    answer: bool = True, shape: Sequence[int] | None = None,
) -> None:  # fmt: skip
    """Write a net as an ONNX file.

    Its input is ``x``, its output ``y``: what ``net.predict`` returns, for a batch of any size, in
    float32. A loaded model that standardizes its columns takes them in their own units, and answers
    in those of its targets; one of images takes pixels divided as in training, to 0..1. Names of
    classes are in the metadata under ``classes``, one on each line; where names have several lines
    themselves, under ``classes_json`` too.

    Args:
        net: a net, or a loaded model.
        path: the file, which is written whole or not at all.
        opset: version of ONNX's operations, 17 to 21.
        answer: False for the scores, before any softmax.
        shape: of an example in the file's input, where the net takes several: by default rows
            where it begins with a Flatten or Reshape, and images of any size before a convolution.

    Raises:
        RangeError: another opset.
        ShapeError: the net takes no examples of that shape.
        StateError: a layer or head of your own, which ONNX has no operation for, or numbers that
            are NaN or infinite in float32.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from mitbadak.nn import MLP
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     export_onnx(MLP([4, 8, 3]), Path(folder) / "net.onnx")
        ...     (Path(folder) / "net.onnx").stat().st_size > 300
        True
    """
    write_atomically(path, to_bytes(graph_of(net, opset=opset, answer=answer, shape=shape)))


def graph_of(
    net: Sequential | PreparedNet, *, opset: int = OPSETS[0], answer: bool = True,
    shape: Sequence[int] | None = None,
) -> Graph:  # fmt: skip
    """A net's graph, as ``export_onnx`` writes it."""
    check_net(net, "export_onnx")
    if opset not in OPSETS:
        raise RangeError(f"export_onnx: opset must lie from 17 to 21; got {opset!r}.")
    inner = inner_net(net)
    writer = _Writer(Graph(opset=opset))
    preparation = getattr(net, "preparation", None) if net is not inner else None
    y = "x"
    if preparation is not None and preparation.mean:
        y = writer.scaled(y, preparation.mean, preparation.std)
    for layer in inner.layers:
        y = writer.layer(y, layer)
    y = writer.answer(y, inner.head) if answer else y
    if preparation is not None and preparation.target_mean and answer:
        y = writer.in_units(y, preparation.target_mean, preparation.target_std)
    writer.add("Identity", [y], to="y")
    graph = writer.graph
    graph.inputs["x"] = [None, *_input_shape(inner, shape)]
    graph.outputs["y"] = _output_shape(inner)
    classes = getattr(preparation, "classes", ()) or inner.classes
    if classes:
        lines = [" ".join(str(name).split("\n")) for name in classes]
        graph.metadata["classes"] = "\n".join(lines)
        if lines != [str(name) for name in classes]:
            graph.metadata["classes_json"] = json.dumps([str(name) for name in classes])
    return graph


class _Writer:
    """Appends the nodes of one layer after the other."""

    def __init__(self, graph: Graph):
        self.graph = graph

    def add(self, op: str, inputs: list[str], to: str = "", **attributes: Attribute) -> str:
        name = to or f"y{len(self.graph.nodes) + 1}"
        self.graph.nodes.append(Node(op, inputs, [name], attributes))
        return name

    def constant(self, value: Any, what: str = "c") -> str:
        array = np.asarray(value)
        name = f"{what}{len(self.graph.tensors) + 1}"
        with np.errstate(over="ignore"):
            array = array.astype(np.int64 if array.dtype.kind in "iu" else np.float32)
        if not np.isfinite(array).all():
            raise StateError(
                "export_onnx: the net holds NaN, or numbers that are infinite in float32."
            )
        self.graph.tensors[name] = array
        return name

    def layer(self, x: str, layer: Layer) -> str:
        """The nodes of a layer in evaluation."""
        kind = type(layer)
        if kind in ELEMENTWISE:
            return self.add(ELEMENTWISE[kind], [x])
        if kind in (Dropout, activations.Identity):
            return x
        if kind not in WRITERS:
            raise StateError(
                f"export_onnx: {layer!r} has no form in ONNX. Export a net of the layers that this "
                "package comes with."
            )
        return WRITERS[kind](self, x, layer)

    def answer(self, scores: str, head: heads.Head) -> str:
        head = answering(head)
        if type(head) not in ANSWERS:
            raise StateError(
                f"export_onnx: the answer of {head!r} has no form in ONNX. Use answer=False for "
                "the scores."
            )
        found = ANSWERS[type(head)]
        return scores if found is None else self.add(found[0], [scores], **found[1])

    def scaled(self, x: str, mean: Any, std: Any) -> str:
        centered = self.add("Sub", [x, self.constant(np.array(mean, float), "mean")])
        return self.add("Div", [centered, self.constant(np.array(std, float), "std")])

    def in_units(self, y: str, mean: Any, std: Any) -> str:
        spread = self.add("Mul", [y, self.constant(np.array(std, float), "std")])
        return self.add("Add", [spread, self.constant(np.array(mean, float), "mean")])


def _affine(w: _Writer, x: str, layer: Any) -> str:
    inputs = [x, w.constant(layer.params["W"], "W")]
    if not layer.bias:
        return w.add("MatMul", inputs)
    return w.add("Gemm", [*inputs, w.constant(layer.params["b"], "b")])


def _leaky_relu(w: _Writer, x: str, layer: Any) -> str:
    return w.add("LeakyRelu", [x], alpha=float(layer.slope))


def _elu(w: _Writer, x: str, layer: Any) -> str:
    return w.add("Elu", [x], alpha=float(layer.alpha))


def _gelu(w: _Writer, x: str, layer: Any) -> str:
    """``x (1 + erf(x / sqrt 2)) / 2``; an operation Gelu came with opset 20 only."""
    part = w.add("Erf", [w.add("Mul", [x, w.constant(math.sqrt(0.5))])])
    half = w.add("Mul", [x, w.constant(0.5)])
    return w.add("Mul", [half, w.add("Add", [part, w.constant(1.0)])])


def _silu(w: _Writer, x: str, layer: Any) -> str:
    return w.add("Mul", [x, w.add("Sigmoid", [x])])


def _batch_norm(w: _Writer, x: str, layer: Any) -> str:
    arrays = (layer.params["gamma"], layer.params["beta"], layer.buffers["running_mean"],
              layer.buffers["running_var"])  # fmt: skip
    return w.add("BatchNormalization", [x, *map(w.constant, arrays)], epsilon=float(layer.eps))


def _layer_norm(w: _Writer, x: str, layer: Any) -> str:
    arrays = layer.params["gamma"], layer.params["beta"]
    return w.add(
        "LayerNormalization", [x, *map(w.constant, arrays)], axis=-1, epsilon=float(layer.eps)
    )


def _flatten(w: _Writer, x: str, layer: Any) -> str:
    return w.add("Flatten", [x], axis=1)


def _reshape(w: _Writer, x: str, layer: Any) -> str:
    shape = tuple(layer.shape)
    given = (*shape[1:], shape[0]) if layer.channels_last else shape
    y = w.add("Reshape", [x, w.constant(np.array([-1, *given], np.int64), "shape")])
    if not layer.channels_last:
        return y
    return w.add("Transpose", [y], perm=[0, len(shape), *range(1, len(shape))])


def _windows(layer: Any, stride: Any) -> dict[str, Any]:
    """Strides and padding, which ONNX gives for all four edges."""
    down, across = np.broadcast_to(layer.pad, 2).tolist()
    return {
        "strides": np.broadcast_to(stride, 2).tolist(),
        "pads": [down, across, down, across],
    }


def _convolution(w: _Writer, x: str, layer: Any) -> str:
    inputs = [x, w.constant(layer.params["W"], "W")]
    inputs += [w.constant(layer.params["b"], "b")] if layer.bias else []
    shape = np.broadcast_to(layer.size, 2).tolist()
    return w.add("Conv", inputs, kernel_shape=shape, **_windows(layer, layer.stride))


def _pooling(op: str, **more: Any) -> Callable[[_Writer, str, Any], str]:
    def write(w: _Writer, x: str, layer: Any) -> str:
        stride = layer.size if layer.stride is None else layer.stride
        shape = np.broadcast_to(layer.size, 2).tolist()
        return w.add(op, [x], kernel_shape=shape, **_windows(layer, stride), **more)

    return write


WRITERS: dict[type[Layer], Callable[[_Writer, str, Any], str]] = {
    Affine: _affine,
    activations.LeakyReLU: _leaky_relu,
    activations.ELU: _elu,
    activations.GELU: _gelu,
    activations.SiLU: _silu,
    norms.BatchNorm: _batch_norm,
    norms.LayerNorm: _layer_norm,
    Flatten: _flatten,
    Reshape: _reshape,
    convolution.Convolution: _convolution,
    convolution.MaxPooling: _pooling("MaxPool"),
    convolution.AveragePooling: _pooling("AveragePool", count_include_pad=1),
}


def _input_shape(net: Sequential, shape: Sequence[int] | None) -> list[int | None]:
    """The shape of an example: as asked for, or a row, or an image of any size."""
    if shape is not None:
        example = np.zeros((1, *shape), np.float32)
        net.check_width(example)
        return list(shape)
    if net.n_in is None and net.image is not None:
        return [net.image[0] or _channels(net), None, None]
    return [net.n_in]


def _channels(net: Sequential) -> int | None:
    """The channels of images that a net begins to pool."""
    for layer in net.layers:
        if isinstance(layer, convolution.Convolution):
            return layer.channels
        if isinstance(layer, norms.BatchNorm):
            return layer.n
        if not isinstance(layer, convolution.ImageLayer | activations.Activation | Dropout):
            break
    return None


def _output_shape(net: Sequential) -> list[int | None]:
    """The shape of a batch of answers: rows, or images of a net that ends in them."""
    last = net.shapes[-1] if net.shapes else None
    if last and len(last) > 1:
        return [None, *(n or None for n in last)]
    return [None, net.n_out]
