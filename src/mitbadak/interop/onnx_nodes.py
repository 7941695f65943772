"""The attributes and inputs of ONNX nodes, each understood or refused by name."""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak.core.errors import FormatError, MitbadakError, brief, listed
from mitbadak.interop.onnx_file import Graph, Node

WINDOWS = ("auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "strides")
# What each operation may say. Each is honoured, or has no effect on an answer, as a seed.
ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "Gemm": ("alpha", "beta", "transA", "transB"),
    "Conv": (*WINDOWS[:1], *WINDOWS[2:], "group"),
    "MaxPool": (*WINDOWS, "storage_order"),
    "AveragePool": (*WINDOWS, "count_include_pad"),
    "BatchNormalization": ("epsilon", "momentum", "training_mode"),
    "LayerNormalization": ("axis", "epsilon", "stash_type"),
    "Flatten": ("axis",), "Reshape": ("allowzero",), "Transpose": ("perm",),
    "Softmax": ("axis",), "LogSoftmax": ("axis",),
    "Dropout": ("ratio", "seed"), "Cast": ("to", "saturate"), "Gelu": ("approximate",),
    "LeakyRelu": ("alpha",), "Elu": ("alpha",),
    "Constant": ("value", "value_float", "value_int", "value_floats", "value_ints"),
    "Activation": ("name",),
}  # fmt: skip
MOST_WINDOW = 1 << 12  # rows or columns of a window, a step or padding


def label(graph: Graph, node: Node) -> str:
    """A node as messages name it: its number in the file, its operation and its name."""
    number = next((i for i, other in enumerate(graph.nodes, 1) if other is node), 0)
    name = f" {node.name!r}" if node.name else ""
    return f"node {number}, {node.op}{name}" if number else f"{node.op}{name}"


class Place:
    """Within it, an error names the node."""

    def __init__(self, graph: Graph, node: Node):
        self.graph, self.node = graph, node

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: object
    ) -> None:
        if isinstance(error, MitbadakError):
            text = str(error).rstrip(".")
            place = f"at {label(self.graph, self.node)}: "
            raise FormatError(text if text.startswith("at ") else place + text) from error


def check_attributes(node: Node) -> None:
    """Refuse attributes that nothing here understands.

    Raises:
        FormatError: with the attribute's name.
    """
    for name, value in node.attributes.items():
        if name not in ATTRIBUTES.get(node.op, ()):
            understood = listed(ATTRIBUTES.get(node.op, ()))
            raise FormatError(
                f"its attribute {name!r} ({brief(value)}) is not understood; expected "
                f"{understood}. Export the model without it"
            )


def whole(node: Node, name: str, default: int) -> int:
    """An attribute that is a whole number."""
    value = node.attributes.get(name, default)
    if not isinstance(value, int):
        raise FormatError(f"{name} should be a whole number; got {brief(value)}")
    return value


def number(node: Node, name: str, default: float) -> float:
    """A float attribute, stored in float32, with the digits that were meant."""
    value = node.attributes.get(name, default)
    if not isinstance(value, float | int) or not np.isfinite(np.float32(value)):
        raise FormatError(f"{name} should be a finite number; got {brief(value)}")
    return float(np.format_float_positional(np.float32(value)))


def lengths(node: Node, name: str, count: int, default: list[int] | None, least: int) -> list[int]:
    """An attribute that is a list of so many lengths."""
    value: Any = node.attributes.get(name, default)
    if value is None:
        raise FormatError(f"it lacks {name}; expected {count} whole numbers, for images")
    fits = isinstance(value, list) and len(value) == count
    if not fits or not all(isinstance(v, int) and least <= v <= MOST_WINDOW for v in value):
        raise FormatError(
            f"{name} should be {count} whole numbers from {least} to {MOST_WINDOW:,}, as for "
            f"images (batch, channels, height, width); got {brief(value)}"
        )
    return value


def given(node: Node, place: int) -> str:
    """The name of an optional input, "" where it is left out."""
    return node.inputs[place] if place < len(node.inputs) else ""


def windows(node: Node) -> dict[str, Any]:
    """Stride and padding of a node, where a layer here has them too."""
    a = node.attributes
    pads = lengths(node, "pads", 4, [0, 0, 0, 0], 0)
    if a.get("auto_pad", "NOTSET") not in ("NOTSET", "VALID"):
        raise FormatError(
            f"it pads by auto_pad={a['auto_pad']!r}, and layers here by numbers. Export it with "
            "pads"
        )
    if a.get("auto_pad") == "VALID":
        pads = [0, 0, 0, 0]
    if pads[:2] != pads[2:]:
        raise FormatError(f"{node.op} pads one edge more than the other: pads={pads}")
    dilations = lengths(node, "dilations", 2, [1, 1], 1)
    odd = {"group": whole(node, "group", 1) != 1, "dilations": dilations != [1, 1],
           "ceil_mode": whole(node, "ceil_mode", 0) != 0}  # fmt: skip
    for name in (name for name, other in odd.items() if other):
        raise FormatError(
            f"{node.op} with groups, dilations or ceil_mode has no layer here; got "
            f"{name}={brief(a[name])}"
        )
    if whole(node, "storage_order", 0):
        raise FormatError("storage_order should be 0, rows first")
    strides = lengths(node, "strides", 2, [1, 1], 1)
    return {"stride": tuple(strides), "pad": tuple(pads[:2])}


def constant_of(node: Node) -> np.ndarray:
    """The value of a node Constant."""
    check_attributes(node)
    if len(node.attributes) != 1:
        raise FormatError(
            f"a Constant should have one value; got {listed(node.attributes)}. Export the model "
            "again"
        )
    return np.asarray(next(iter(node.attributes.values())))
