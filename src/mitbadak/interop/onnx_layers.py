"""ONNX's operations as layers: one function for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

import numpy as np

from mitbadak.core.errors import FormatError
from mitbadak.interop.onnx_file import Node
from mitbadak.interop.onnx_nodes import given, lengths, number, whole, windows
from mitbadak.interop.onnx_tensors import DOUBLE, FLOAT
from mitbadak.nn import activations, convolution, norms
from mitbadak.nn.activations import ACTIVATIONS
from mitbadak.nn.affine import Flatten, Reshape
from mitbadak.nn.dropout import Dropout
from mitbadak.nn.layer import Layer


@runtime_checkable
class Reader(Protocol):
    """What reads a graph, as the operations see it."""

    dtype: np.dtype
    made: list[Layer]

    def tensor(self, node: Node, place: int, name: str) -> np.ndarray:
        """A constant input of a node."""
        ...

    def add_affine(self, W: np.ndarray, b: np.ndarray | None) -> None:
        """Append ``y = x W + b``."""
        ...

    def add_convolution(
        self, W: np.ndarray, b: np.ndarray | None, *, stride: Any = 1, pad: Any = 0
    ) -> None:
        """Append a convolution."""
        ...

    def forget_shape(self) -> None:
        """Find out the shape again, since the last layer is another one."""
        ...


def _gemm(r: Reader, node: Node) -> None:
    if whole(node, "transA", 0):
        raise FormatError("a Gemm with transA, which turns the batch around, has no layer here")
    W = r.tensor(node, 1, "W") * number(node, "alpha", 1.0)
    W = W.T if whole(node, "transB", 0) else W
    b = None
    if given(node, 2):
        b = r.tensor(node, 2, "b") * number(node, "beta", 1.0)
        if W.ndim != 2 or b.shape not in ((), (1,), (1, 1), W.shape[1:], (1, *W.shape[1:])):
            raise FormatError(f"its bias has the shape {b.shape}, beside W of shape {W.shape}")
        b = np.broadcast_to(b.reshape(-1), W.shape[1:])
    r.add_affine(W, b)


def _matmul(r: Reader, node: Node) -> None:
    r.add_affine(r.tensor(node, 1, "W"), None)


def _conv(r: Reader, node: Node) -> None:
    W, more = r.tensor(node, 1, "W"), windows(node)
    if W.ndim != 4 or 0 in W.shape:
        raise FormatError(
            f"its W has the shape {W.shape}; expected (filters, channels, height, width), as for "
            "images"
        )
    if lengths(node, "kernel_shape", 2, list(W.shape[2:]), 1) != list(W.shape[2:]):
        raise FormatError(
            f"kernel_shape is {node.attributes['kernel_shape']}, and W has the shape {W.shape}"
        )
    b = r.tensor(node, 2, "b") if given(node, 2) else None
    if b is not None and b.shape != W.shape[:1]:
        raise FormatError(f"its bias has the shape {b.shape}, beside W of shape {W.shape}")
    r.add_convolution(W, b, **more)


def _plain(kind: Callable[[], Layer]) -> Callable[[Reader, Node], None]:
    return lambda r, node: r.made.append(kind())


def _activation(r: Reader, node: Node) -> None:
    r.made.append(ACTIVATIONS[str(node.attributes["name"])]())


def _gelu(r: Reader, node: Node) -> None:
    if node.attributes.get("approximate", "none") != "none":
        raise FormatError("a GELU that is approximated by tanh; here it is exact")
    r.made.append(activations.GELU())


def _leaky(r: Reader, node: Node) -> None:
    r.made.append(activations.LeakyReLU(number(node, "alpha", 0.01)))


def _elu(r: Reader, node: Node) -> None:
    r.made.append(activations.ELU(number(node, "alpha", 1.0)))


def _batch_norm(r: Reader, node: Node) -> None:
    if whole(node, "training_mode", 0):
        raise FormatError("it is in training mode. Call model.eval() before exporting")
    names = ("gamma", "beta", "running mean", "running variance")
    arrays = [r.tensor(node, i, name) for i, name in enumerate(names, 1)]
    if len({array.shape for array in arrays}) != 1 or arrays[0].ndim != 1:
        raise FormatError(f"its four arrays have the shapes {[a.shape for a in arrays]}")
    layer = norms.BatchNorm(len(arrays[0]), eps=number(node, "epsilon", 1e-5), dtype=r.dtype)
    places = (layer.params["gamma"], layer.params["beta"], *layer.buffers.values())
    for place, array in zip(places, arrays, strict=True):
        place[...] = array
    r.made.append(layer)


def _layer_norm(r: Reader, node: Node) -> None:
    gamma = r.tensor(node, 1, "gamma")
    if gamma.ndim != 1 or whole(node, "axis", -1) not in (-1, 1):
        raise FormatError(
            f"it normalizes from axis {node.attributes.get('axis', -1)} on, with gamma of shape "
            f"{gamma.shape}; here LayerNorm is over the columns of rows"
        )
    layer = norms.LayerNorm(len(gamma), eps=number(node, "epsilon", 1e-5), dtype=r.dtype)
    layer.params["gamma"][...] = gamma
    if given(node, 2):
        beta = r.tensor(node, 2, "beta")
        if beta.shape != gamma.shape:
            raise FormatError(f"beta has the shape {beta.shape}, gamma {gamma.shape}")
        layer.params["beta"][...] = beta
    r.made.append(layer)


def _flatten(r: Reader, node: Node) -> None:
    axis = whole(node, "axis", 1)
    if axis != 1:
        raise FormatError(
            f"it flattens from axis {axis} on; expected 1, which makes a row of each example"
        )
    r.made.append(Flatten())


def _reshape(r: Reader, node: Node) -> None:
    wanted = r.tensor(node, 1, "shape")
    if wanted.ndim != 1 or wanted.dtype.kind not in "iu":
        raise FormatError("the shape should be a list of whole numbers")
    shape = [int(n) for n in wanted]
    if whole(node, "allowzero", 0) and 0 in shape:
        raise FormatError(f"it brings arrays to the shape {shape}, which is empty")
    if len(shape) == 2:
        r.made.append(Flatten())
    elif len(shape) == 4 and min(shape[1:]) > 0:
        r.made.append(Reshape(tuple(shape[1:])))
    else:
        raise FormatError(
            f"it brings arrays to the shape {shape}; expected (batch, columns) or (batch, "
            "channels, height, width)"
        )


def _transpose(r: Reader, node: Node) -> None:
    """After a Reshape: the colors of a pixel lie beside one another in the rows."""
    before = r.made[-1] if r.made else None
    if not isinstance(before, Reshape) or before.channels_last or len(before.shape) != 3:
        raise FormatError("it turns axes around, which only a Reshape from rows to images may do")
    if node.attributes.get("perm") != [0, 3, 1, 2]:
        raise FormatError(
            f"perm is {node.attributes.get('perm')}; expected [0, 3, 1, 2], which puts the "
            "channels first"
        )
    height, width, channels = before.shape
    r.made[-1] = Reshape((channels, height, width), channels_last=True)
    r.forget_shape()


def _dropout(r: Reader, node: Node) -> None:
    if given(node, 2) and np.any(r.tensor(node, 2, "training_mode")):
        raise FormatError("it is in training mode. Call model.eval() before exporting")
    ratio = number(node, "ratio", 0.5)
    if given(node, 1):
        stored = r.tensor(node, 1, "ratio")
        if stored.size != 1:
            raise FormatError(f"its ratio has the shape {stored.shape}; expected one number")
        ratio = float(np.format_float_positional(np.float32(stored.reshape(())[()])))
    r.made.append(Dropout(ratio))


def _pool(node: Node) -> tuple[Any, dict[str, Any]]:
    """Size of a window, its stride (None where windows lie side by side) and padding."""
    size = tuple(lengths(node, "kernel_shape", 2, None, 1))
    more = windows(node)
    return size, {**more, "stride": None if more["stride"] == size else more["stride"]}


def _max_pool(r: Reader, node: Node) -> None:
    size, more = _pool(node)
    r.made.append(convolution.MaxPooling(size, **more))


def _average_pool(r: Reader, node: Node) -> None:
    size, more = _pool(node)
    if any(more["pad"]) and not whole(node, "count_include_pad", 0):
        raise FormatError("an AveragePool that leaves its padding out of the means")
    r.made.append(convolution.AveragePooling(size, **more))


def _cast(r: Reader, node: Node) -> None:
    kind = whole(node, "to", FLOAT)
    if kind not in (FLOAT, DOUBLE):
        raise FormatError(
            f"it rounds numbers to the ONNX data type {kind}; expected float32 ({FLOAT}) or "
            f"float64 ({DOUBLE}). Export the model in float32"
        )


READERS: dict[str, Callable[[Reader, Node], None]] = {
    "Gemm": _gemm, "MatMul": _matmul, "Conv": _conv, "MaxPool": _max_pool,
    "AveragePool": _average_pool, "BatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm, "Flatten": _flatten, "Reshape": _reshape,
    "Transpose": _transpose,
    "Dropout": _dropout, "Relu": _plain(activations.ReLU), "Tanh": _plain(activations.Tanh),
    "Sigmoid": _plain(activations.Sigmoid), "Softplus": _plain(activations.Softplus),
    "Gelu": _gelu, "LeakyRelu": _leaky, "Elu": _elu, "Activation": _activation, "Cast": _cast,
    "Identity": lambda r, node: None,
}  # fmt: skip
# Before these a constant may wait on: they take it up, or one number for all passes through them.
TAKE_UP, LET_THROUGH = ("Gemm", "MatMul", "Conv"), ("Identity", "Cast")
LET_ONE_THROUGH = ("Flatten", "Reshape")
