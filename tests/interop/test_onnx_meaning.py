"""ONNX graphs drawn at random and chosen ones: read with the same answers, or refused by name."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from mitbadak import nn
from mitbadak.core.errors import FormatError
from mitbadak.interop import from_onnx
from mitbadak.interop.onnx_export import graph_of
from mitbadak.interop.onnx_file import Graph, Node, from_bytes, to_bytes
from mitbadak.interop.protobuf import message

C4 = np.array([0.5, -2.0, 3.0, 0.25], np.float32)
TENSORS = {
    "c": C4, "one": np.array(0.3, np.float32), "zero": np.zeros(4, np.float32),
    "c5": np.arange(1, 6, dtype=np.float32), "row": C4[None], "each": C4[:2, None],
    "W": np.random.default_rng(0).normal(size=(4, 4)).astype(np.float32),
    "W1": np.ones((4, 1), np.float32), "b": np.array([1, 2, 3, 4], np.float32),
    "gamma": C4, "var": np.array([1, 2, 0.5, 1], np.float32),
    "pairs": np.array([-1, 2]), "rows": np.array([0, -1]), "nan": np.array([1, np.nan, 1, 1], "f4"),
    "K": np.random.default_rng(1).normal(size=(2, 2, 2, 2)).astype(np.float32),
    "channel": np.array([0.5, -3], np.float32)[:, None, None],
}  # fmt: skip
ROWS: list[tuple[str, list[str], dict[str, Any]]] = [
    *((op, ["x", c], {}) for op in ("Add", "Sub", "Mul", "Div") for c in ("c", "one", "row")),
    *((op, ["c", "x"], {}) for op in ("Add", "Sub", "Mul")),
    ("MatMul", ["x", "W"], {}), ("Gemm", ["x", "W", "b"], {"alpha": 0.5, "beta": 2.0, "transB": 1}),
    ("Relu", ["x"], {}), ("Tanh", ["x"], {}), ("Sigmoid", ["x"], {}), ("Identity", ["x"], {}),
    ("BatchNormalization", ["x", "gamma", "b", "c", "var"], {}),
    ("LayerNormalization", ["x", "gamma", "b"], {}), ("Flatten", ["x"], {"axis": 1}),
    ("Reshape", ["x", "rows"], {}), ("Reshape", ["x", "pairs"], {}),
    ("Flatten", ["x"], {"axis": 0}),
    ("Add", ["x", "each"], {}), ("Cast", ["x"], {"to": 7}), ("Cast", ["x"], {"to": 1}),
    ("Softmax", ["x"], {"axis": 0}), ("LeakyRelu", ["x"], {"alpha": 0.2}), ("Neg", ["x"], {}),
]  # fmt: skip
IMAGES: list[tuple[str, list[str], dict[str, Any]]] = [
    *((op, ["x", c], {}) for op in ("Add", "Sub", "Mul") for c in ("channel", "one")),
    ("Conv", ["x", "K"], {"pads": [1, 1, 1, 1]}), ("Conv", ["x", "K"], {}), ("Relu", ["x"], {}),
    ("MaxPool", ["x"], {"kernel_shape": [2, 2]}), ("MaxPool", ["x"], {"kernel_shape": [2, 2],
     "pads": [1, 1, 1, 1]}),
    ("AveragePool", ["x"], {"kernel_shape": [2, 2], "pads": [1, 1, 1, 1], "count_include_pad": 1}),
    ("AveragePool", ["x"], {"kernel_shape": [2, 2], "pads": [1, 1, 1, 1]}),
]  # fmt: skip


def chain(steps: list[tuple[str, list[str], dict[str, Any]]], shape: list[int | None]) -> Graph:
    """The operations one after the other; ``x`` among their inputs is the value before."""
    nodes, value = [], "in"
    for i, (op, inputs, attributes) in enumerate(steps):
        inputs = [value if name == "x" else name for name in inputs]
        value = f"v{i}"
        nodes.append(Node(op, inputs, [value], dict(attributes)))
    nodes.append(Node("Identity", [value], ["out"]))
    return Graph(nodes, TENSORS, {"in": shape}, {"out": []})


def read(graph: Graph, folder: Path, **more: Any) -> nn.Sequential:
    (folder / "net.onnx").write_bytes(to_bytes(graph))
    return from_onnx(folder / "net.onnx", **more)


def answers(graph: Graph, x: np.ndarray) -> Any:
    runtime = pytest.importorskip("onnxruntime")
    options = runtime.SessionOptions()
    options.log_severity_level = 4
    session = runtime.InferenceSession(to_bytes(graph), options, providers=["CPUExecutionProvider"])
    return session.run(None, {"in": x})[0]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(ROWS), min_size=1, max_size=5))
def test_operations_on_rows_are_read_rightly_or_refused(tmp_path_factory, steps):
    graph = chain(steps, [None, 4])
    try:
        net = read(graph, tmp_path_factory.mktemp("net"))
    except FormatError:
        return
    x = np.random.default_rng(5).normal(size=(6, 4)).astype(np.float32)
    expected = answers(graph, x)
    given = x
    for layer in net.layers:
        given = layer.predict(given)
    assert given.shape == expected.shape
    np.testing.assert_allclose(
        net.answer(given), expected, rtol=1e-3, atol=1e-3 * (1 + abs(expected).max())
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(IMAGES), min_size=1, max_size=4))
def test_operations_on_images_are_read_rightly_or_refused(tmp_path_factory, steps):
    graph = chain(steps, [None, 2, 6, 5])
    try:
        net = read(graph, tmp_path_factory.mktemp("net"))
    except FormatError as error:
        assert "leaves its padding" in str(error)  # noqa: PT017
        return
    x = np.random.default_rng(5).normal(size=(3, 2, 6, 5)).astype(np.float32)
    expected = answers(graph, x)
    np.testing.assert_allclose(
        net.scores(x), expected, rtol=1e-3, atol=1e-3 * (1 + abs(expected).max())
    )


M, R, T = ("MatMul", ["x", "W"], {}), ("Relu", ["x"], {}), ("Tanh", ["x"], {})
SUB, MUL, ADD = ("Sub", ["x", "c"], {}), ("Mul", ["x", "one"], {}), ("Add", ["x", "c"], {})
BN = ("BatchNormalization", ["x", "gamma", "b", "c", "var"], {})


@pytest.mark.parametrize(
    "steps", [[SUB, R, M], [M, R, ADD, T, M], [SUB, BN, M], [M, T, MUL], [MUL, R, M], [SUB, MUL, M]]
)
def test_a_constant_stays_where_it_is(steps, tmp_path):
    graph = chain(steps, [None, 4])
    x = np.random.default_rng(5).normal(size=(6, 4)).astype(np.float32)
    net = read(graph, tmp_path)
    np.testing.assert_allclose(net.predict(x), answers(graph, x), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([("Reshape", ["x", "pairs"], {}), R], r"node 1, Reshape.*shape \(4, 2\)"),
        ([("Flatten", ["x"], {"axis": 0})], "node 1, Flatten.*flattens from axis 0"),
        ([("Flatten", ["x"], {"axis": 2})], "flattens from axis 2"),
        ([M, ("Cast", ["x"], {"to": 7})], r"node 2, Cast.*data type 7"),
        ([M, ("LogSoftmax", ["x"], {"axis": 1})], "ends in LogSoftmax"),
        ([("MatMul", ["x", "W1"], {}), ("Mul", ["x", "c5"], {})], r"Mul.*shape \(5,\)"),
        ([M, ("Div", ["x", "zero"], {})], "node 2, Div.*divides by 0"),
        ([M, ("Add", ["x", "nan"], {})], "NaN"),
        ([M, ("Add", ["x", "each"], {})], r"Add.*shape \(2, 1\)"),
        ([("Relu", ["x"], {"slope": 0.5})], "Relu.*'slope'.*not understood"),
        ([("Gemm", ["x", "W", "b"], {"transA": 1})], "node 1, Gemm.*transA"),
        ([("Gemm", ["x"], {})], "lacks its input 2, W"),
        ([("MaxPool", ["x"], {})], "MaxPool.*lacks kernel_shape"),
        ([("Conv", ["x", "K"], {"strides": [1]})], "strides should be 2 whole numbers"),
        ([("Dropout", ["x", "one", "c"], {})], "training mode"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(steps, message, tmp_path):
    with pytest.raises(FormatError, match=message):
        read(chain(steps, [None, 4]), tmp_path)


@pytest.mark.parametrize("ending", ["Softmax", "LogSoftmax", "Sigmoid"])
@pytest.mark.parametrize("loss", [None, "mean_squared_error", "softmax_cross_entropy"])
def test_no_ending_is_left_out(ending, loss, tmp_path):
    graph = chain([M, (ending, ["x"], {"axis": -1} if ending != "Sigmoid" else {})], [None, 4])
    x = np.random.default_rng(5).normal(size=(6, 4)).astype(np.float32)
    if ending == "Softmax" and loss == "mean_squared_error":
        with pytest.raises(FormatError, match="would leave out"):
            read(graph, tmp_path, loss=loss)
    elif ending == "LogSoftmax" and loss != "softmax_cross_entropy":
        with pytest.raises(FormatError, match="LogSoftmax"):
            read(graph, tmp_path, loss=loss)
    else:
        net = read(graph, tmp_path, loss=loss)
        given = net.scores(x) if ending == "Sigmoid" and loss else net.predict(x)
        expected = answers(graph, x)
        expected = np.exp(expected) if ending == "LogSoftmax" else expected
        np.testing.assert_allclose(given, expected, rtol=1e-4, atol=1e-5)


def test_a_bias_with_an_empty_name_is_none(tmp_path):
    assert repr(read(chain([("Gemm", ["x", "W", ""], {})], [None, 4]), tmp_path)) == (
        "Sequential(Affine(4, 4, bias=False))"
    )


@pytest.mark.parametrize("kind", [10, 16])
@pytest.mark.parametrize("raw", [True, False])
def test_half_precision_is_read(kind, raw):
    values = np.array([1.5, -2.0], np.float32)
    bits = (
        values.astype("<f2").view("<u2") if kind == 10 else (values.view("<u4") >> 16).astype("<u2")
    )
    data = [(9, bits.tobytes())] if raw else [(5, int(b)) for b in bits]
    tensor = message([(1, 2), (2, kind), (8, "w"), *data])
    graph = from_bytes(message([(7, message([(5, tensor)]))]))
    assert graph.tensors["w"].tolist() == [1.5, -2.0]


X: dict[str, Sequence[int | None]] = {"x": [None, 2]}
Y: dict[str, Sequence[int | None]] = {"y": [None, 2]}


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ([Node("Relu", ["x"], ["a"]), Node("Relu", ["a"], ["x"])], "'x' a second time"),
        ([Node("Identity", ["b"], ["a"]), Node("Identity", ["a"], ["b"])], "reads 'b'"),
        ([Node("Constant", [], ["c"]), Node("Add", ["x", "c"], ["y"])], "should have one value"),
        ([Node("Relu", ["x"], [])], "computes nothing"),
        ([Node("Relu", [], ["y"])], "nothing leads from 'x'"),
        ([Node("Identity", ["x"], [f"v{i}"]) for i in range(5000)], "5,000 operations"),
        ([Node("MatMul", ["x", "x"], ["y"])], "computes 'x', where nets have a constant"),
    ],
)
def test_hostile_graphs_are_refused_at_once(nodes, message, tmp_path):
    with pytest.raises(FormatError, match=message):
        read(Graph(nodes, {}, X, Y), tmp_path)


def test_a_float_of_three_bytes_is_refused():
    attribute = message([(1, "alpha"), (2, b"abc"), (20, 1)])
    node = message([(1, "x"), (2, "y"), (4, "Elu"), (5, attribute)])
    with pytest.raises(FormatError, match="'alpha' is cut off"):
        from_bytes(message([(7, message([(1, node)]))]))


def damaged(content: bytes, rng: Random) -> bytes:
    """A file with some bytes, bits, lengths or pieces changed."""
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 4))):
        place = rng.randrange(len(changed))
        match rng.randrange(5):
            case 0:
                changed[place] ^= 1 << rng.randrange(8)
            case 1:
                changed[place] = rng.choice((0, 1, 127, 128, 255))
            case 2:
                del changed[place : place + rng.randint(1, 9)]
            case 3:
                changed[place:place] = changed[rng.randrange(len(changed)) :][: rng.randint(1, 40)]
            case 4:
                changed[place : place + 4] = struct.pack("<f", rng.choice((0, 1e38, float("nan"))))
        changed = changed or bytearray(b"x")
    return bytes(changed)


SEEDS = [
    lambda: to_bytes(graph_of(nn.MLP([4, 3, 2], activation="gelu", batch_norm=True, rng=0))),
    lambda: to_bytes(graph_of(nn.ConvNet((1, 6, 6), [2], [3], kernel=3, rng=0))),
    lambda: to_bytes(chain([SUB, R, M, ADD, T, ("Softmax", ["x"], {"axis": 1})], [None, 4])),
    lambda: to_bytes(chain([*IMAGES[:1], IMAGES[6], R, IMAGES[9]], [2, 2, 6, 5])),
]


@pytest.mark.parametrize("seed", range(4))
def test_damaged_files_are_read_or_refused(seed, tmp_path):
    content, rng = SEEDS[seed](), Random(seed)
    path = tmp_path / "net.onnx"
    refused = 0
    for _ in itertools.repeat(None, 250):
        path.write_bytes(damaged(content, rng))
        try:
            net = from_onnx(path)
        except FormatError as error:
            assert str(error).startswith(str(path))  # noqa: PT017
            assert "Error" not in str(error)  # noqa: PT017
            refused += 1
        else:
            assert all(np.isfinite(a).all() for a in net.params.values())
    assert refused > 50
