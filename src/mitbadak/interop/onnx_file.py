"""ONNX files: nodes and tensors of a net's graph, to bytes and back.

A writer and a reader of our own, so that exporting needs no further library; the tests hold files
to ``onnx.checker`` and onnxruntime.

References:
    ONNX, onnx.proto, github.com/onnx/onnx, for the numbers of the fields.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mitbadak.core.errors import FormatError
from mitbadak.interop.onnx_tensors import DTYPES, FLOAT, TENSOR, tensor_of
from mitbadak.interop.protobuf import bytes_of, fields_of, message, signed, text_of, whole_numbers

IR_VERSION = 10  # the newest that onnxruntime 1.18 reads
OPSETS = (17, 18, 19, 20, 21)
INT64 = 7
MOST_NODES = 4096  # nets here have at most 1,024 layers
A_FLOAT, AN_INT, A_STRING, A_TENSOR, FLOATS, INTS = 1, 2, 3, 4, 6, 7  # AttributeProto.AttributeType
# Numbers of the fields that are read and written here.
MODEL = {"ir_version": 1, "producer": 2, "graph": 7, "opset": 8, "metadata": 14}
GRAPH = {"node": 1, "name": 2, "initializer": 5, "input": 11, "output": 12}
NODE = {"input": 1, "output": 2, "name": 3, "op_type": 4, "attribute": 5, "domain": 7}
ATTRIBUTE = {"name": 1, "f": 2, "i": 3, "s": 4, "t": 5, "floats": 7, "ints": 8, "type": 20}
Attribute = int | float | str | list[int] | list[float] | np.ndarray


@dataclass
class Node:
    """One operation: its inputs and outputs by name, its attributes, and a name for messages."""

    op: str
    inputs: list[str]
    outputs: list[str]
    attributes: dict[str, Attribute] = field(default_factory=dict)
    name: str = field(default="", repr=False, compare=False)


@dataclass
class Graph:
    """The graph of a net.

    Attributes:
        nodes: in the order in which they are computed.
        tensors: constants by name.
        inputs, outputs: names and shapes, in which a batch of any size is None; an empty shape is
            left out.
        metadata: texts by name.
        opset: version of the operations.
    """

    nodes: list[Node] = field(default_factory=list)
    tensors: dict[str, np.ndarray] = field(default_factory=dict)
    inputs: dict[str, Sequence[int | None]] = field(default_factory=dict)
    outputs: dict[str, Sequence[int | None]] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    opset: int = OPSETS[0]


def to_bytes(graph: Graph) -> bytes:
    """A graph as an ONNX file.

    Example:
        >>> graph = Graph([Node("Relu", ["x"], ["y"])], {}, {"x": [None, 2]}, {"y": [None, 2]})
        >>> from_bytes(to_bytes(graph)).nodes
        [Node(op='Relu', inputs=['x'], outputs=['y'], attributes={})]
    """
    content = [(GRAPH["node"], _node(node, i)) for i, node in enumerate(graph.nodes)]
    content += [(GRAPH["name"], "mitbadak")]
    content += [(GRAPH["initializer"], _tensor(name, a)) for name, a in graph.tensors.items()]
    content += [(GRAPH["input"], _value(*item)) for item in graph.inputs.items()]
    content += [(GRAPH["output"], _value(*item)) for item in graph.outputs.items()]
    return message([
        (MODEL["ir_version"], IR_VERSION), (MODEL["producer"], "mitbadak"),
        (MODEL["graph"], message(content)), (MODEL["opset"], message([(2, graph.opset)])),
        *((MODEL["metadata"], message([(1, k), (2, v)])) for k, v in graph.metadata.items()),
    ])  # fmt: skip


def from_bytes(content: bytes) -> Graph:
    """The graph of an ONNX file.

    Raises:
        FormatError: it is none, is damaged, or keeps its tensors in other files.
    """
    try:
        return _read_graph(content)
    except FormatError:
        raise
    except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, struct.error):
        raise FormatError("a message is damaged") from None


def _read_graph(content: bytes) -> Graph:
    model = fields_of(content)
    graphs = model.get(MODEL["graph"], [])
    if len(graphs) != 1 or not isinstance(graphs[0], bytes):
        raise FormatError("it holds no graph, as an ONNX file does")
    fields = fields_of(graphs[0])
    opsets = [fields_of(bytes_of(o)) for o in model.get(MODEL["opset"], [])]
    versions = [o[2][-1] for o in opsets if o.get(1, [b""])[-1] in (b"", b"ai.onnx") and 2 in o]
    metadata = [fields_of(bytes_of(m)) for m in model.get(MODEL["metadata"], [])]
    nodes = fields.get(GRAPH["node"], [])
    if len(nodes) > MOST_NODES:
        raise FormatError(
            f"it has {len(nodes):,} operations; at most {MOST_NODES:,} are read. Nets here are "
            "small"
        )
    return Graph(
        [_read_node(n) for n in nodes],
        dict(map(tensor_of, fields.get(GRAPH["initializer"], []))),
        dict(map(_read_value, fields.get(GRAPH["input"], []))),
        dict(map(_read_value, fields.get(GRAPH["output"], []))),
        {text_of(m, 1): text_of(m, 2) for m in metadata},
        int(versions[-1]) if versions else 0,
    )


def _node(node: Node, number: int) -> bytes:
    return message([
        *((NODE["input"], name) for name in node.inputs),
        *((NODE["output"], name) for name in node.outputs),
        (NODE["name"], f"{node.op}{number}"), (NODE["op_type"], node.op),
        *((NODE["attribute"], _attribute(*item)) for item in node.attributes.items()),
    ])  # fmt: skip


def _attribute(name: str, value: Attribute) -> bytes:
    fields: list[tuple[int, Any]] = [(ATTRIBUTE["name"], name)]
    if isinstance(value, float):
        fields += [(ATTRIBUTE["f"], value), (ATTRIBUTE["type"], A_FLOAT)]
    elif isinstance(value, int):
        fields += [(ATTRIBUTE["i"], value), (ATTRIBUTE["type"], AN_INT)]
    elif isinstance(value, str):
        fields += [(ATTRIBUTE["s"], value), (ATTRIBUTE["type"], A_STRING)]
    else:
        fields += [(ATTRIBUTE["ints"], int(i)) for i in value]
        fields += [(ATTRIBUTE["type"], INTS)]
    return message(fields)


def _tensor(name: str, array: np.ndarray) -> bytes:
    kind = INT64 if array.dtype.kind in "iu" else FLOAT
    return message([
        *((TENSOR["dims"], int(n)) for n in array.shape), (TENSOR["data_type"], kind),
        (TENSOR["name"], name), (TENSOR["raw_data"], array.astype(DTYPES[kind]).tobytes()),
    ])  # fmt: skip


def _value(name: str, shape: Sequence[int | None]) -> bytes:
    """A ValueInfoProto: a name, and a tensor of floats of a shape."""
    axes = b"".join(message([(1, message([(2, "batch") if n is None else (1, n)]))]) for n in shape)
    tensor = message([(1, FLOAT), *([(2, axes)] if shape else [])])
    return message([(1, name), (2, message([(1, tensor)]))])


def _read_node(content: Any) -> Node:
    fields = fields_of(bytes_of(content))
    domain = text_of(fields, NODE["domain"])
    op = text_of(fields, NODE["op_type"])
    return Node(
        op if domain in ("", "ai.onnx") else f"{domain}.{op}",
        [bytes_of(name).decode() for name in fields.get(NODE["input"], [])],
        [bytes_of(name).decode() for name in fields.get(NODE["output"], [])],
        dict(map(_read_attribute, fields.get(NODE["attribute"], []))),
        text_of(fields, NODE["name"]),
    )


def _read_attribute(content: Any) -> tuple[str, Attribute]:
    fields = fields_of(bytes_of(content))
    name, kind = text_of(fields, ATTRIBUTE["name"]), fields.get(ATTRIBUTE["type"], [0])[-1]
    if kind == A_FLOAT:
        number = bytes_of(fields.get(ATTRIBUTE["f"], [bytes(4)])[-1])
        if len(number) != 4:
            raise FormatError(f"the attribute {name!r} is cut off")
        return name, struct.unpack("<f", number)[0]
    if kind == AN_INT:
        return name, signed(fields.get(ATTRIBUTE["i"], [0])[-1])
    if kind == A_STRING:
        return name, text_of(fields, ATTRIBUTE["s"])
    if kind == A_TENSOR:
        return name, tensor_of(fields.get(ATTRIBUTE["t"], [b""])[-1])[1]
    if kind == INTS:
        return name, whole_numbers(fields.get(ATTRIBUTE["ints"], []))
    if kind == FLOATS:
        packed = b"".join(map(bytes_of, fields.get(ATTRIBUTE["floats"], [])))
        return name, np.frombuffer(packed, "<f4").tolist()
    raise FormatError(f"the attribute {name!r} is of a kind that nets do not have")


def _read_value(content: Any) -> tuple[str, list[int | None]]:
    fields = fields_of(bytes_of(content))
    shape: list[int | None] = []
    for kind in fields.get(2, []):
        for tensor in fields_of(bytes_of(kind)).get(1, []):
            for axes in fields_of(bytes_of(tensor)).get(2, []):
                for axis in fields_of(bytes_of(axes)).get(1, []):
                    sizes = fields_of(bytes_of(axis)).get(1, [])
                    shape.append(int(sizes[-1]) if sizes and sizes[-1] else None)
    return text_of(fields, 1), shape
