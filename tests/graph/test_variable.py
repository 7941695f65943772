"""Variables are arrays that remember: values as NumPy's, gradients as the definition's."""

from __future__ import annotations

import gc
import operator
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp

import mitbadak as mb
from mitbadak import functions as f
from mitbadak.errors import DtypeError, ShapeError, StateError
from mitbadak.graph import Variable, grad, in_order
from mitbadak.numerical import numerical_gradient
from strategies import floats

SHAPES = hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3)
OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]


@given(SHAPES, st.sampled_from(OPERATORS), st.data())
def test_operators_broadcast_and_their_gradients_do_so_back(shapes, operation, data):
    x, y = (data.draw(floats(shape, 0.5, 2.0)) for shape in shapes.input_shapes)
    a, b = Variable(x), Variable(y)
    z = operation(a, b)
    np.testing.assert_array_equal(z.value, operation(x, y))
    z.sum().backward()
    for v, moved in ((a, lambda c: operation(c, y)), (b, lambda c: operation(x, c))):
        expected = numerical_gradient(lambda c, moved=moved: np.sum(moved(c)), np.array(v.value))
        assert np.shape(v.grad) == v.shape
        np.testing.assert_allclose(v.grad, expected, rtol=1e-5, atol=1e-6)
    for mixed in (operation(a, y), operation(x, b)):  # arrays are constants, on either side
        assert isinstance(mixed, Variable)
        np.testing.assert_array_equal(mixed.value, z.value)


EXPRESSIONS = {
    "sum": lambda x: np.sum(x, axis=0).sum(),
    "mean": lambda x: np.mean(x * x, axis=1).max(),
    "max": lambda x: x.max(axis=1).sum() - x.min(),
    "transpose": lambda x: (x.T @ x)[0, 1],
    "axes": lambda x: np.sum(np.transpose(x.reshape(2, 3, 2), (2, 0, 1))[1] ** 3),
    "swapaxes": lambda x: np.sum(np.swapaxes(x, 0, 1)[1] ** 3),
    "reshape": lambda x: np.sum(x.reshape(2, 6) ** 2 * np.arange(6)),
    "index": lambda x: np.sum(x[[0, 2, 2], 1:] ** 2),
    "mask": lambda x: np.sum(x[x > 0.3] ** 2),
    "concatenate": lambda x: np.sum(np.concatenate([x, 2 * x[:, :1]], axis=1) ** 2),
    "stack": lambda x: np.sum(np.stack([x, x * x], axis=1)[:, 1]),
    "repeat": lambda x: np.sum(np.repeat(x, 3, axis=1) ** 2 * np.arange(12)),
    "squeeze": lambda x: np.sum(np.squeeze(x[:, :1]) ** 2 + np.ravel(x)[:3]),
    "dot": lambda x: np.dot(x[0], x[1]) + np.sum(np.dot(x[0], 3.0)),
    "where": lambda x: np.sum(np.where(x > 0.3, x * x, -x)),
    "clip": lambda x: np.sum(np.clip(x, 0.1, 0.8) ** 2),
    "waves": lambda x: np.sum(np.sin(x) * np.cos(x) + np.sqrt(x + 3) - np.square(x)),
    "abs": lambda x: abs(-x).sum(),
    "iteration": lambda x: sum(float(i) * np.sum(row) for i, row in enumerate(x)),
    "softmax": lambda x: f.softmax_cross_entropy(f.sigmoid(x) @ x.T, [0, 1, 2]),
    "reuse": lambda x: np.sum(x * x + x * np.exp(x)),
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_an_expression_has_the_gradient_of_the_definition(name):
    expression = EXPRESSIONS[name]
    x = np.random.default_rng(3).permutation(12).reshape(3, 4) / 11.0
    v = Variable(x)
    y = expression(v)
    assert y.item() == pytest.approx(expression(x).item(), rel=1e-14)
    expected = numerical_gradient(lambda a: expression(a).item(), x.copy(), h=1e-5)
    y.backward(keep=True)
    np.testing.assert_allclose(v.grad, expected, rtol=1e-6, atol=1e-8)
    np.testing.assert_array_equal(grad(y, v), v.grad)


def test_a_second_backward_doubles_nothing_and_says_why_it_cannot_run():
    x = Variable(3.0)
    y = x * x
    y.backward(keep=True)
    assert x.grad == 6.0
    y.backward()
    assert x.grad == 6.0
    with pytest.raises(StateError, match=r"freed what it used.*backward\(keep=True\)"):
        y.backward()
    with pytest.raises(StateError, match="freed what it used"):
        grad(y, x)


def test_gradients_of_several_outputs_add_up_and_others_are_zero():
    x, other = Variable([1.0, 2.0]), Variable([5.0])
    outputs = [np.sum(x * x), x[0] * 10]
    both, none = grad(outputs, [x, other])
    np.testing.assert_array_equal(both, [12.0, 4.0])
    np.testing.assert_array_equal(none, [0.0])
    weighted = grad(outputs, x, dy=[np.array(1.0), np.array(0.5)])
    np.testing.assert_array_equal(weighted, [7.0, 4.0])
    np.testing.assert_array_equal(grad(x * 2, x, dy=np.array([1.0, 3.0])), [2.0, 6.0])


def test_every_variable_on_the_way_gets_its_gradient_and_no_other():
    x, unused = Variable(2.0, "x"), Variable(1.0)
    unused.grad = np.array(7.0)
    inner = x * 3.0
    (inner * inner).backward()
    assert (inner.grad, x.grad, unused.grad) == (12.0, 36.0, 7.0)


def test_a_chain_of_any_length_runs_and_is_freed():
    x = Variable(1.0)
    y = x
    for _ in range(100_000):
        y = y + 1.0
    y.backward()
    assert x.grad == 1.0
    del y
    gc.collect()


def test_backward_frees_what_it_used():
    tracemalloc.start()
    x = Variable(np.ones(200_000))
    y = x
    for _ in range(20):
        y = np.exp(y * 0.01)
    total = np.sum(y)
    before = tracemalloc.get_traced_memory()[0]
    total.backward()
    del y, total
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert after < before / 5


def test_order_is_that_of_computing_and_each_stands_once():
    x = Variable(1.0)
    a = x + 1
    b = a * x
    c = b + a
    assert [id(v) for v in in_order([c])] == [id(v) for v in (x, a, b, c)]


@given(st.integers(1, 30), st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_a_graph_of_any_form_is_walked_in_order(n, seed):
    rng = np.random.default_rng(seed)
    variables = [Variable(1.0)]
    for _ in range(n):
        i, j = rng.integers(0, len(variables), 2)
        variables.append(variables[i] * 0.5 + variables[j])
    order = {id(v): k for k, v in enumerate(in_order([variables[-1]]))}
    for v in in_order([variables[-1]]):
        assert all(order[id(a)] < order[id(v)] for a in v.args if isinstance(a, Variable))


def test_what_would_go_wrong_in_silence_is_refused():
    x = Variable([1.0, 2.0], "x")
    with pytest.raises(DtypeError, match="would turn into an array without a history"):
        np.asarray(x)
    with pytest.raises(StateError, match="cannot be assigned"):
        x[0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        x.value[0] = 1.0
    with pytest.raises(ShapeError, match=r"is no scalar needs dy, of shape \(2,\)"):
        (x * 2).backward()
    with pytest.raises(ShapeError, match=r"dy must have its shape \(2,\); got \(3,\)"):
        (x * 2).backward(np.ones(3))
    with pytest.raises(DtypeError, match=r"np.cumsum has no derivative here.*define it with"):
        np.cumsum(x)
    with pytest.raises(DtypeError, match=r"np.add.reduce has no derivative"):
        np.add.reduce(x)
    with pytest.raises(DtypeError, match="expects real numbers; got <U1"):
        Variable("a")
    with pytest.raises(DtypeError, match="grad expects variables; got ndarray"):
        grad(x.sum(), np.ones(2))
    with pytest.raises(ShapeError, match=r"np\.dot of .* use np\.matmul"):
        np.dot(np.ones((2, 2)), Variable(np.ones((2, 2, 2))))


def test_the_callers_array_stays_writable_and_its_own():
    x = np.ones(3)
    v = Variable(x)
    x[0] = 5.0
    assert x.flags.writeable
    assert not v.value.flags.writeable


def test_variables_compare_by_value_and_are_told_apart_by_themselves():
    x, y = Variable([1.0, 2.0]), Variable([1.0, 3.0])
    np.testing.assert_array_equal(x == y, [True, False])
    np.testing.assert_array_equal(x < y, [False, True])
    assert len({x, y, x}) == 2
    assert bool(Variable(0.0)) is False
    assert (x.shape, x.ndim, x.size, len(x), x.dtype) == ((2,), 1, 2, 2, np.float64)
    assert Variable(np.float32(1)).dtype == np.float32
    assert repr(Variable(2.0, "a") * 3) == "Variable(6) by multiply"


def test_derivatives_of_functions():
    def rosenbrock(x):
        return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2

    at = np.array([1.2, 0.7])
    expected = numerical_gradient(rosenbrock, at.copy())
    np.testing.assert_allclose(mb.gradient_of(rosenbrock)(at), expected, rtol=1e-6)
    H = mb.hessian(rosenbrock, at)
    np.testing.assert_allclose(
        H, [[2 - 400 * (0.7 - 3 * 1.44), -480.0], [-480.0, 200.0]], rtol=1e-12
    )
    v = np.array([0.3, -2.0])
    np.testing.assert_allclose(mb.hessian_vector_product(rosenbrock, at, v), H @ v, rtol=1e-12)
    J = mb.jacobian(mb.softmax, np.array([0.3, 2.9, 4.0]))
    y = mb.softmax(np.array([0.3, 2.9, 4.0]))
    np.testing.assert_allclose(J, np.diag(y) - np.outer(y, y), atol=1e-15)
    np.testing.assert_array_equal(mb.hessian(lambda x: np.sum(x) * 2, at), np.zeros((2, 2)))
    np.testing.assert_array_equal(mb.gradient_of(lambda x: 3.0)(at), np.zeros(2))
    with pytest.raises(ShapeError, match=r"f must return one number here; got shape \(2,\)"):
        mb.hessian(lambda x: x * 2, at)
    with pytest.raises(ShapeError, match=r"expects v of the shape of x, \(2,\); got \(3,\)"):
        mb.hessian_vector_product(rosenbrock, at, np.ones(3))


def test_newtons_method_finds_the_minimum_of_the_notes_functions_in_one_step():
    def f(x):
        return x[0] ** 2 + x[1] ** 2

    x = np.array([-3.0, 4.0])
    x = x - np.linalg.solve(mb.hessian(f, x), mb.gradient_of(f)(x))
    np.testing.assert_array_equal(x, [0.0, 0.0])


def test_third_order_of_a_function_of_one_number():
    x = Variable(0.7)
    y = np.sin(x)
    for expected in (np.cos(0.7), -np.sin(0.7), -np.cos(0.7)):
        y = grad(y, x, create_graph=True)
        assert y.item() == pytest.approx(expected, rel=1e-14)
