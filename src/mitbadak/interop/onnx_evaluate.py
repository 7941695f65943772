"""ONNX's operations in NumPy, one by one, as the standard defines them.

A second way to the same numbers: ``onnx_verify`` holds the layers that were read to it.

References:
    ONNX, Operators.md, github.com/onnx/onnx.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from mitbadak import functions
from mitbadak.core.errors import FormatError
from mitbadak.interop.onnx_file import Node
from mitbadak.interop.onnx_spelled import ELEMENTWISE, takes

Values = dict[str, np.ndarray]


def evaluate(
    nodes: Sequence[Node], constants: Mapping[str, np.ndarray], name: str, x: np.ndarray, end: str
) -> Iterator[tuple[Node, np.ndarray]]:
    """The values that lead from an input to the end, in the order of the nodes.

    Args:
        nodes: in the order in which they are computed.
        constants: arrays by name.
        name, x: the input.
        end: name of the last value.

    Raises:
        FormatError: an operation is unknown here.
    """
    needed, useful = {end}, []
    for node in reversed(nodes):
        if node.op != "Constant" and node.outputs[0] in needed:
            useful.append(node)
            needed.update(node.inputs)
    values: Values = {name: x}
    for node in reversed(useful):
        inputs = [None if n == "" else values[n] if n in values else _float(constants[n])
                  for n in node.inputs]  # fmt: skip
        with np.errstate(all="ignore"):
            y = _value(node, inputs)
        values[node.outputs[0]] = y
        yield node, y


def _float(a: np.ndarray) -> np.ndarray:
    return a.astype(np.float64) if a.dtype.kind == "f" else a


def _value(node: Node, inputs: list[Any]) -> np.ndarray:
    if node.op in OPERATIONS:
        return OPERATIONS[node.op](node.attributes, *inputs)
    if takes(node):
        return np.asarray(ELEMENTWISE[node.op](*inputs))
    raise FormatError(f"its operation {node.op} has no layer here")


def _gemm(a: Mapping[str, Any], x: Any, W: Any, b: Any = None) -> np.ndarray:
    y = (x.T if a.get("transA", 0) else x) @ (W.T if a.get("transB", 0) else W)
    return a.get("alpha", 1.0) * y + (0 if b is None else a.get("beta", 1.0) * b)


def _places(a: Mapping[str, Any], x: np.ndarray, size: Sequence[int], fill: float) -> Iterator[Any]:
    """For each entry of a window: its row, its column, and the entries of x that lie there."""
    top, left, bottom, right = a.get("pads", [0, 0, 0, 0])
    down, across = a.get("strides", [1, 1])
    x = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)), constant_values=fill)
    rows, columns = (x.shape[2] - size[0]) // down + 1, (x.shape[3] - size[1]) // across + 1
    for i in range(size[0]):
        for j in range(size[1]):
            yield (
                i,
                j,
                x[:, :, i : i + down * rows : down, j : j + across * columns : across][
                    :, :, :rows, :columns
                ],
            )


def _conv(a: Mapping[str, Any], x: Any, W: Any, b: Any = None) -> np.ndarray:
    y = sum(
        np.einsum("bchw,fc->bfhw", part, W[:, :, i, j], optimize=True)
        for i, j, part in _places(a, x, W.shape[2:], 0.0)
    )
    return np.asarray(y) + (0 if b is None else b[:, None, None])


def _max_pool(a: Mapping[str, Any], x: Any) -> np.ndarray:
    parts = (part for _, _, part in _places(a, x, a["kernel_shape"], -np.inf))
    y = next(parts)
    for part in parts:
        y = np.maximum(y, part)
    return y


def _average_pool(a: Mapping[str, Any], x: Any) -> np.ndarray:
    """The mean of each window, of the numbers in it or with its padding."""
    size = a["kernel_shape"]
    total = sum(part for _, _, part in _places(a, x, size, 0.0))
    if a.get("count_include_pad", 0):
        return np.asarray(total) / math.prod(size)
    return np.asarray(total) / sum(part for *_, part in _places(a, np.ones_like(x), size, 0.0))


def _batch_norm(a: Mapping[str, Any], x: Any, *arrays: Any) -> np.ndarray:
    gamma, beta, mean, var = (v.reshape(-1, *[1] * (x.ndim - 2)) for v in arrays)
    return (x - mean) / np.sqrt(var + a.get("epsilon", 1e-5)) * gamma + beta


def _layer_norm(a: Mapping[str, Any], x: Any, gamma: Any, beta: Any = None) -> np.ndarray:
    axes = tuple(range(a.get("axis", -1) % x.ndim, x.ndim))
    centered = x - x.mean(axes, keepdims=True)
    spread = np.sqrt((centered**2).mean(axes, keepdims=True) + a.get("epsilon", 1e-5))
    return centered / spread * gamma + (0 if beta is None else beta)


def _flatten(a: Mapping[str, Any], x: Any) -> np.ndarray:
    axis = a.get("axis", 1)
    axis = axis + x.ndim if axis < 0 else axis
    return x.reshape(math.prod(x.shape[:axis]), -1)


def _reshape(a: Mapping[str, Any], x: Any, shape: Any) -> np.ndarray:
    lengths = [int(n) for n in shape]
    if not a.get("allowzero", 0):
        lengths = [x.shape[i] if n == 0 else n for i, n in enumerate(lengths)]
    return x.reshape(lengths)


def _softmax(a: Mapping[str, Any], x: Any) -> np.ndarray:
    y = np.exp(x - x.max(axis=a.get("axis", -1), keepdims=True))
    return y / y.sum(axis=a.get("axis", -1), keepdims=True)


OPERATIONS: dict[str, Callable[..., np.ndarray]] = {
    "Gemm": _gemm, "MatMul": lambda a, x, W: x @ W, "Conv": _conv, "MaxPool": _max_pool,
    "AveragePool": _average_pool, "BatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm, "Flatten": _flatten, "Reshape": _reshape,
    "Transpose": lambda a, x: np.transpose(x, a.get("perm")),
    "Softmax": _softmax, "LogSoftmax": lambda a, x: np.log(_softmax(a, x)),
    "Dropout": lambda a, x, *_: x, "Cast": lambda a, x: x, "Gelu": lambda a, x: functions.gelu(x),
    "LeakyRelu": lambda a, x: np.where(x > 0, x, a.get("alpha", 0.01) * x),
    "Elu": lambda a, x: np.where(x > 0, x, a.get("alpha", 1.0) * np.expm1(np.minimum(x, 0))),
}  # fmt: skip
