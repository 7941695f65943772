"""Activations that an ONNX file spells out in several operations, told apart by their values."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from mitbadak import functions
from mitbadak.interop.onnx_file import Node
from mitbadak.nn.activations import ACTIVATIONS

ELEMENTWISE: dict[str, Callable[..., Any]] = {
    "Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Div": np.divide, "Pow": np.power,
    "Neg": np.negative, "Exp": np.exp, "Log": np.log, "Sqrt": np.sqrt, "Abs": np.abs,
    "Erf": np.vectorize(math.erf, otypes=[float]), "Sigmoid": functions.sigmoid, "Tanh": np.tanh,
    "Softplus": functions.softplus, "Relu": functions.relu, "Identity": lambda x: x,
    "Max": np.maximum, "Min": np.minimum, "Gelu": functions.gelu,
    "HardSwish": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "Greater": np.greater, "Less": np.less, "GreaterOrEqual": np.greater_equal,
    "LessOrEqual": np.less_equal, "Where": np.where,
}  # fmt: skip
BINARY = {"Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Greater", "Less", "GreaterOrEqual",
          "LessOrEqual"}  # fmt: skip
FAR = np.array([7.0, 8.5, 12.0, 16.0, 19.5, 20.5, 30.0, 60.0, 80.0])
# Where activations are told apart: near 0, and far out, where a clipped one shows itself. At the
# two ends a formula's exp may overflow, which the activations here do not.
GRID = np.concatenate([np.linspace(-6.0, 6.0, 97), FAR, -FAR, [1e4, -1e4]])
ENDS = 2
TOLERANCE = 1e-5  # of 1, or of the value
MOST_PARTS = 32  # operations of one activation


def takes(node: Node) -> bool:
    """Whether a node is one of the elementwise operations, with as many inputs as that has."""
    count = 3 if node.op == "Where" else 2 if node.op in BINARY else 1
    return node.op in ELEMENTWISE and len(node.inputs) == count and len(node.outputs) == 1


def spelled_activation(
    value: str, readers: Mapping[str, Sequence[Node]], constants: Mapping[str, np.ndarray]
) -> Node | None:
    """What several elementwise operations on a value compute, as one node; None if nothing known.

    Args:
        value: name of the value that they begin with.
        readers: the nodes that read each value.
        constants: arrays by name.
    """
    known: dict[str, np.ndarray] = {value: GRID}
    waiting = list(readers.get(value, []))
    while waiting and len(known) < MOST_PARTS:
        node = next((n for n in waiting if _is_ready(n, known, constants)), None)
        if node is None:
            return None
        waiting = [n for n in waiting if n is not node]
        arguments = [known[n] if n in known else constants[n].reshape(()) for n in node.inputs]
        with np.errstate(all="ignore"):
            y = np.asarray(ELEMENTWISE[node.op](*arguments))
        known[node.outputs[0]] = y
        after = readers.get(node.outputs[0], [])
        if not waiting and (name := _named(y)):  # all that was computed leads to y
            return Node("Activation", [value], node.outputs, {"name": name}, node.name)
        waiting += [n for n in after if all(n is not other for other in waiting)]
    return None


def _is_ready(node: Node, known: Mapping[str, Any], constants: Mapping[str, np.ndarray]) -> bool:
    return (
        takes(node)
        and not node.attributes
        and all(n in known or (n in constants and constants[n].size == 1) for n in node.inputs)
    )


def _named(y: np.ndarray) -> str:
    """The activation with these values on the grid; "" for none."""
    if y.dtype == bool or not np.isfinite(y[:-ENDS]).all():
        return ""
    certain = np.isfinite(y)
    for name, kind in ACTIVATIONS.items():
        meant = kind().predict(GRID)
        error = np.abs(meant - y)[certain] / np.maximum(1, np.abs(meant[certain]))
        if name != "identity" and error.max() < TOLERANCE:
            return name
    return ""
