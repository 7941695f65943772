"""An upstream gradient matches or is refused, alike by nodes, layers and heads."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mitbadak import functions, graph, nn
from mitbadak.core.errors import DtypeError, MitbadakError, ShapeError, StateError
from mitbadak.functions.differentiable import upstream_gradient
from mitbadak.graph import nodes
from mitbadak.nn.activations import ACTIVATIONS
from mitbadak.nn.convolution import ImageLayer
from mitbadak.nn.declared import is_built_in

B, I, O = 5, 4, 3  # noqa: E741
X = np.arange(B * I, dtype=float).reshape(B, I) / 7 - 1.2

# Inputs with which the output has more than one entry.
NODES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "Node": (graph.Node(functions.tanh), (X,)),
    "Add": (graph.Add(), (X, X[0])),
    "Multiply": (graph.Multiply(), (X, X)),
    "MatMul": (graph.MatMul(), (X, X.T)),
    "Sum": (graph.Sum(), (X,)),
    "Repeat": (graph.Repeat(3), (X[:1],)),
}
LAYERS: dict[str, Callable[[], nn.Layer]] = {
    "Affine": lambda: nn.Affine(I, O, rng=0),
    "Affine without bias": lambda: nn.Affine(I, O, bias=False, rng=0),
    "LayerNorm": lambda: nn.LayerNorm(I),
    "BatchNorm": lambda: nn.BatchNorm(I),
    "Dropout": nn.Dropout,
    "Flatten": nn.Flatten,
    "Reshape": lambda: nn.Reshape((2, 1, I // 2)),
    "Convolution": lambda: nn.Convolution(1, O, 2, rng=0),
    "MaxPooling": nn.MaxPooling,
    "AveragePooling": nn.AveragePooling,
    **{type(make()).__name__: make for make in ACTIVATIONS.values()},
}


def forward_of(name: str) -> tuple[Any, np.ndarray]:
    """A node or layer after its forward pass, and the result."""
    if name in NODES:
        subject, args = NODES[name]
        return subject, subject.forward(*args)
    layer = LAYERS[name]()
    mode = {"training": True, "rng": 0} if layer.differs_in_training else {}
    x = X[:, None, None] if isinstance(layer, ImageLayer) else X
    x = np.repeat(x, 3, axis=2) if x.ndim > 2 else x
    return layer, layer.forward(x.astype(np.float32), **mode)


each = pytest.mark.parametrize("name", [*NODES, *LAYERS])

WRONG_SHAPES: dict[str, Callable[[np.ndarray], Any]] = {
    "a number": lambda dy: 1.0,
    "transposed": lambda dy: dy.T,
    "one row": lambda dy: dy[:1] if len(dy) > 1 else dy[0],
    "one column": lambda dy: dy[:, :1],
    "without the batch": lambda dy: dy[0],
    "an axis more": lambda dy: dy[None],
    "flat": lambda dy: dy.ravel(),
    "a row too many": lambda dy: np.vstack([dy, dy[:1]]),
    "empty": lambda dy: dy[:0],
    "missing": lambda dy: None,
}
WRONG_KINDS: dict[str, Callable[[np.ndarray], Any]] = {
    "complex": lambda dy: dy * 1j,
    "text": lambda dy: dy.astype(str),
    "objects": lambda dy: dy.astype(object),
    "masked": lambda dy: np.ma.masked_array(dy, dy > 0),
}


@each
@pytest.mark.parametrize("case", WRONG_SHAPES)
def test_a_dy_of_another_shape_is_refused_and_the_right_one_still_works(name, case):
    subject, y = forward_of(name)
    wrong = WRONG_SHAPES[case](np.ones_like(y))
    if np.shape(wrong) == y.shape:  # a square transposed, a single row
        return
    message = "needs dy, of shape" if wrong is None else "dy must have the shape of y"
    match = f"^{re.escape(repr(subject))}: .*{message}.*{re.escape(str(y.shape))}"
    with pytest.raises(ShapeError, match=match):
        subject.backward(wrong)
    assert all(np.isfinite(g).all() for g in _several(subject.backward(np.ones_like(y))))


@each
@pytest.mark.parametrize("case", WRONG_KINDS)
def test_a_dy_without_real_numbers_is_refused(name, case):
    subject, y = forward_of(name)
    with pytest.raises(DtypeError, match=r"dy is a masked array|expects dy as real numbers"):
        subject.backward(WRONG_KINDS[case](np.ones_like(y)))
    subject.backward(np.ones_like(y))


@each
def test_integers_become_floats_of_the_outputs_dtype(name):
    subject, y = forward_of(name)
    as_floats = subject.backward(np.full(y.shape, 2, y.dtype))
    for integers in (np.full(y.shape, 2, np.uint8), np.full(y.shape, 2).tolist()):
        subject, _ = forward_of(name)
        result = subject.backward(integers)
        for a, b in zip(_several(result), _several(as_floats), strict=True):
            np.testing.assert_array_equal(a, b)
            assert a.dtype == b.dtype


def _several(result: Any) -> tuple[np.ndarray, ...]:
    return result if isinstance(result, tuple) else (result,)


@each
def test_changing_arrays_between_forward_and_backward_changes_no_gradient(name):
    """The output may be changed; a node has copies of its inputs, and a layer refuses changes."""
    expected = forward_of(name)[0]
    y = forward_of(name)[1]
    expected = _several(expected.backward(np.ones_like(y)))
    subject, y = forward_of(name)
    y *= 0.0
    for a, b in zip(_several(subject.backward(np.ones_like(y))), expected, strict=True):
        np.testing.assert_array_equal(a, b)
    if name in NODES:
        args = [np.array(a) for a in NODES[name][1]]
        y = subject.forward(*args)
        for a in args:
            a *= 0.0
        for a, b in zip(_several(subject.backward(np.ones_like(y))), expected, strict=True):
            np.testing.assert_array_equal(a, b)


def test_a_scalar_needs_no_dy_and_takes_any_number():
    node = graph.Multiply()
    for dy in (1.1, 1, np.float32(1.1), np.array(1.1)):
        node.forward(100.0, 2.0)
        assert [float(g) for g in node.backward(dy)] == pytest.approx([2 * dy, 100 * dy])
    node.forward(np.array([[3.0]]), np.array([[2.0]]))
    assert [g.tolist() for g in node.backward()] == [[[2.0]], [[3.0]]]
    node.forward(100.0, 2.0)
    with pytest.raises(ShapeError, match=r"shape of y, \(\); got \(1,\)"):
        node.backward([1.0])


@pytest.mark.parametrize("head", [nn.SoftmaxCrossEntropy(), nn.MeanSquaredError(), nn.Huber()])
def test_the_pullback_of_a_head_takes_one_number_and_keeps_float32(head):
    scores = np.zeros((B, O), np.float32)
    _, pullback = head.vjp(scores, np.zeros(B, int))
    for dy in (1, 1.0, np.float64(1.0), np.array(1.0)):
        assert pullback(dy).dtype == np.float32
        np.testing.assert_array_equal(pullback(dy), pullback(1.0))
    for wrong in (np.ones(O), np.ones((B, 1)), [1.0]):
        with pytest.raises(ShapeError, match=r"dy must have the shape of y, \(\)"):
            pullback(wrong)


def test_a_branch_only_adds_gradients_of_its_values_shape():
    node = graph.Branch(2)
    with pytest.raises(StateError, match=r"Branch\(2\): backward needs a forward first"):
        node.backward(1.0, 1.0)
    node.forward(np.zeros((2, 3)))
    for wrong in ((np.ones(3), np.ones(3)), (np.ones((2, 3)), 1.0), (1.0, 1.0)):
        with pytest.raises(ShapeError, match=r"shape of y, \(2, 3\)"):
            node.backward(*wrong)
    with pytest.raises(DtypeError, match="expects dy as real numbers"):
        node.backward(np.ones((2, 3)), np.ones((2, 3)) * 1j)
    total = node.backward(np.full((2, 3), 200, np.uint8), np.full((2, 3), 100, np.uint8))
    np.testing.assert_array_equal(total, np.full((2, 3), 300.0))  # and no byte wraps around


def test_nodes_refuse_values_other_than_real_numbers():
    for wrong in (1j, "a", None, np.ma.masked_array([1.0], [True])):
        for node in (graph.Add(), graph.Branch(2)):
            with pytest.raises(MitbadakError, match=r"real numbers|masked"):
                node.forward(*[wrong] * (2 if isinstance(node, graph.Add) else 1))


def test_the_tables_contain_every_node_and_layer():
    kinds = {k for k in vars(nodes).values() if isinstance(k, type) and issubclass(k, nodes.Node)}
    assert {k.__name__ for k in kinds} == set(NODES)
    assert {name.split(" ")[0] for name in LAYERS} == {
        name for name, kind in nn.Layer.registry.items() if is_built_in(kind)
    }


def test_the_dtype_of_a_float_dy_is_preserved():
    for dtype in (np.float16, np.float32, np.float64):
        result = upstream_gradient("y", np.ones(2, dtype), (2,), np.float32)
        assert result.dtype == dtype
    assert upstream_gradient("y", None, (1, 1), np.int64).dtype == np.float64
