"""Variables have NumPy's values and the gradients of the numerical derivative."""

from __future__ import annotations

import gc
import math
import operator
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp

import mitbadak as mb
from mitbadak import functions as f
from mitbadak.core.errors import DtypeError, MitbadakError, ShapeError, StateError
from mitbadak.functions.numerical import numerical_gradient
from mitbadak.graph import Variable, grad, in_order
from strategies import floats

SHAPES = hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3)
OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]


@given(SHAPES, st.sampled_from(OPERATORS), st.data())
def test_operators_and_their_gradients_broadcast(shapes, operation, data):
    x, y = (data.draw(floats(shape, 0.5, 2.0)) for shape in shapes.input_shapes)
    a, b = Variable(x), Variable(y)
    z = operation(a, b)
    np.testing.assert_array_equal(z.value, operation(x, y))
    z.sum().backward()
    for v, moved in ((a, lambda c: operation(c, y)), (b, lambda c: operation(x, c))):
        expected = numerical_gradient(lambda c, moved=moved: np.sum(moved(c)), np.array(v.value))
        assert np.shape(v.grad) == v.shape
        np.testing.assert_allclose(v.grad, expected, rtol=1e-5, atol=1e-6)
    for mixed in (operation(a, y), operation(x, b)):  # an array on either side is a constant
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
def test_gradient_of_an_expression_matches_the_numerical_derivative(name):
    expression = EXPRESSIONS[name]
    x = np.random.default_rng(3).permutation(12).reshape(3, 4) / 11.0
    v = Variable(x)
    y = expression(v)
    assert y.item() == pytest.approx(expression(x).item(), rel=1e-14)
    expected = numerical_gradient(lambda a: expression(a).item(), x.copy(), h=1e-5)
    y.backward(keep=True)
    np.testing.assert_allclose(v.grad, expected, rtol=1e-6, atol=1e-8)
    np.testing.assert_array_equal(grad(y, v), v.grad)


def test_a_second_backward_neither_doubles_gradients_nor_fails_silently():
    x = Variable(3.0)
    y = x * x
    y.backward(keep=True)
    assert x.grad == 6.0
    y.backward()
    assert x.grad == 6.0
    with pytest.raises(StateError, match=r"backward freed this part.*backward\(keep=True\)"):
        y.backward()
    with pytest.raises(StateError, match="backward freed this part of the graph"):
        grad(y, x)


def test_gradients_of_several_outputs_are_summed_and_unrelated_ones_are_zero():
    x, other = Variable([1.0, 2.0]), Variable([5.0])
    outputs = [np.sum(x * x), x[0] * 10]
    both, none = grad(outputs, [x, other])
    np.testing.assert_array_equal(both, [12.0, 4.0])
    np.testing.assert_array_equal(none, [0.0])
    weighted = grad(outputs, x, dy=[np.array(1.0), np.array(0.5)])
    np.testing.assert_array_equal(weighted, [7.0, 4.0])
    np.testing.assert_array_equal(grad(x * 2, x, dy=np.array([1.0, 3.0])), [2.0, 6.0])


def test_backward_sets_the_gradient_of_every_variable_in_the_graph_only():
    x, unused = Variable(2.0, "x"), Variable(1.0)
    unused.grad = np.array(7.0)
    inner = x * 3.0
    (inner * inner).backward()
    assert (inner.grad, x.grad, unused.grad) == (12.0, 36.0, 7.0)


def test_a_very_long_chain_does_not_exhaust_the_stack():
    x = Variable(1.0)
    y = x
    for _ in range(20_000):
        y = y + 1.0
    y.backward()
    assert x.grad == 1.0
    del y
    gc.collect()


def test_backward_frees_the_graph():
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


def test_variables_are_listed_once_in_the_order_of_computation():
    x = Variable(1.0)
    a = x + 1
    b = a * x
    c = b + a
    assert [id(v) for v in in_order([c])] == [id(v) for v in (x, a, b, c)]


@given(st.integers(1, 30), st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_every_argument_precedes_its_result_in_random_graphs(n, seed):
    rng = np.random.default_rng(seed)
    variables = [Variable(1.0)]
    for _ in range(n):
        i, j = rng.integers(0, len(variables), 2)
        variables.append(variables[i] * 0.5 + variables[j])
    order = {id(v): k for k, v in enumerate(in_order([variables[-1]]))}
    for v in in_order([variables[-1]]):
        assert all(order[id(a)] < order[id(v)] for a in v.args if isinstance(a, Variable))


def test_silent_mistakes_are_refused():
    x = Variable([1.0, 2.0], "x")
    with pytest.raises(DtypeError, match="would become an array without a history"):
        np.asarray(x)
    with pytest.raises(StateError, match="cannot be assigned"):
        x[0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        x.value[0] = 1.0
    with pytest.raises(ShapeError, match=r"is not a scalar needs dy, of shape \(2,\)"):
        (x * 2).backward()
    with pytest.raises(ShapeError, match=r"dy must have the shape of y, \(2,\); got \(3,\)"):
        (x * 2).backward(np.ones(3))
    with pytest.raises(DtypeError, match=r"np\.i0 has no derivative here: .*Bessel.*define an op"):
        np.i0(x)
    with pytest.raises(DtypeError, match=r"np\.add\.reduceat has no derivative"):
        np.add.reduceat(x, [0])
    with pytest.raises(
        DtypeError, match=r"np\.quantile .*takes \(a, q, .*does not fit: .*'weights'"
    ):
        np.quantile(x, 0.5, method="inverted_cdf", weights=np.ones(2))
    with pytest.raises(DtypeError, match="expects real numbers; got <U1"):
        Variable("a")
    with pytest.raises(DtypeError, match="grad expects variables; got ndarray"):
        grad(x.sum(), np.ones(2))


def test_the_callers_array_stays_writable_and_is_not_shared():
    x = np.ones(3)
    v = Variable(x)
    x[0] = 5.0
    assert x.flags.writeable
    assert not v.value.flags.writeable


def test_variables_compare_by_value_and_hash_by_identity():
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


def test_one_newton_step_finds_the_minimum_of_the_notes_function():
    def f(x):
        return x[0] ** 2 + x[1] ** 2

    x = np.array([-3.0, 4.0])
    x = x - np.linalg.solve(mb.hessian(f, x), mb.gradient_of(f)(x))
    np.testing.assert_array_equal(x, [0.0, 0.0])


def test_third_derivative_of_a_scalar_function():
    x = Variable(0.7)
    y = np.sin(x)
    for expected in (np.cos(0.7), -np.sin(0.7), -np.cos(0.7)):
        y = grad(y, x, create_graph=True)
        assert y.item() == pytest.approx(expected, rel=1e-14)


def test_later_changes_to_arrays_do_not_change_recorded_gradients():
    """Leaves, constants, labels, index arrays and masks are all captured when recorded."""
    rng = np.random.default_rng(0)
    x, c, W = rng.normal(size=(3, 3)), rng.normal(size=3), rng.normal(size=(3, 3))
    mask, picked, t = x > 0, np.array([2, 0, 0]), np.array([0, 2, 1])
    view = x[:]
    view.flags.writeable = False  # the view is read-only, the array behind it is not

    def value(x):
        y = np.where(mask, x * c, x @ W) / (2.0 + np.square(c)) + x[picked] * x
        y = y + np.sum(x[mask] ** 2) + np.power(1.5 + np.square(x), c)
        return np.sum(y) + f.softmax_cross_entropy(y, t)

    for leaf in (x, view):
        v = Variable(leaf)
        expected = grad(value(v), v)
        first = value(v)
        slope = grad(first, v, create_graph=True)
        second = grad(np.sum(slope * slope), v)
        again = Variable(leaf)
        y = value(again)
        slope_again = grad(y, again, create_graph=True)
        for array in (x, c, W):
            array += 7.0
        picked[:], t[:] = 1, 0
        np.logical_not(mask, out=mask)
        np.testing.assert_array_equal(grad(np.sum(slope_again * slope_again), again), second)
        y.backward()
        np.testing.assert_array_equal(again.grad, expected)
        for array in (x, c, W):
            array -= 7.0
        picked[:], t[:] = [2, 0, 0], [0, 2, 1]
        np.logical_not(mask, out=mask)


def test_values_of_all_variables_are_read_only():
    x = Variable([1.0, 2.0])
    values: list[Any] = [x, x * x, np.exp(x), x[::-1], np.sum(x), x.reshape(2, 1), f.identity(x)]
    for v in values:
        with pytest.raises(ValueError, match="read-only"):
            v.value[...] = 0.0


@pytest.mark.parametrize(
    "convert",
    [float, math.sin, math.exp, math.sqrt, complex, math.hypot, lambda v: math.pow(v, 2.0),
     lambda v: v * math.cos(v), lambda v: np.sin(float(v)), lambda v: np.float64(v) ** 2,
     lambda v: v + np.array([math.tanh(v)])[0], np.asarray, lambda v: np.array([v, v])],
)  # fmt: skip
def test_functions_that_would_drop_the_history_are_refused_everywhere(convert):
    for differentiate in (
        lambda: grad(convert(Variable(0.5)), Variable(0.5)),
        lambda: mb.gradient_of(convert)(0.5),
        lambda: mb.jacobian(convert, 0.5),
        lambda: mb.hessian(convert, 0.5),
        lambda: mb.hessian_vector_product(convert, 0.5, 1.0),
        lambda: mb.check_gradients(convert, np.array(0.5)),
    ):
        with pytest.raises(DtypeError):
            differentiate()


def test_scalars_can_be_read_formatted_and_rounded():
    x = Variable(2.345)
    assert (x.item(), f"{x:.2f}", f"{x:8.1e}") == (2.345, f"{2.345:.2f}", f"{2.345:8.1e}")
    assert (int(x), math.floor(x), math.ceil(x), math.trunc(x)) == (2, 2, 3, 2)
    assert Variable([[1.0], [2.0]]).tolist() == [[1.0], [2.0]]
    with pytest.raises(DtypeError, match=r"the format '\.2f' is for a single number"):
        f"{Variable([1.0, 2.0]):.2f}"


def test_array_methods_that_variables_lack_are_refused_by_name():
    x = Variable([3.0, 1.0])
    for name in ("sort", "fill", "put", "view", "flat", "itemset", "tobytes", "resize"):
        if hasattr(np.ndarray, name):
            with pytest.raises(DtypeError, match=f"no (method|attribute) '{name}'"):
                getattr(x, name)
            assert not hasattr(x, name)
    with pytest.raises(AttributeError, match="no attribute 'sun'"):
        x.sun  # noqa: B018


@pytest.mark.parametrize("at", [0.0, -0.0])
@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda x: x**0, (0, 0, 0, 0)),
        (lambda x: x**1, (1, 0, 0, 0)),
        (lambda x: x**2, (0, 2, 0, 0)),
        (lambda x: x**3.0, (0, 0, 6, 0)),
        (lambda x: np.sum(np.array([5.0, 2.0, 3.0, 4.0]) * x ** np.arange(4)), (2, 6, 24, 0)),
        (lambda x: np.float_power(x, [1, 2]).sum(), (1, 2, 0, 0)),
        (lambda x: np.exp(-(x**2)), (0, -2, 0, 12)),
        (lambda x: np.square(x) * x, (0, 0, 6, 0)),
        (lambda x: np.prod(np.stack([x, x, x + 1.0])), (0, 2, 6, 0)),
        (lambda x: np.cumprod(np.stack([x, x, x]))[-1], (0, 0, 6, 0)),
        (lambda x: np.linalg.det(np.reshape(np.stack([x, x, x * 2, x]), (2, 2))), (0, -2, 0, 0)),
        (f.sigmoid, (0.25, 0, -0.125, 0)),
        (f.softplus, (0.5, 0.25, 0, -0.125)),
        (f.silu, (0.5, 0.5, 0, -0.5)),
        (f.elu, (1, 1, 1, 1)),
        (np.tanh, (1, 0, -2, 0)),
        (f.gelu, (0.5, 2 / math.sqrt(2 * math.pi), 0, -4 / math.sqrt(2 * math.pi))),
        (lambda x: f.sigmoid_cross_entropy(np.reshape(x, 1), [0]), (0.5, 0.25, 0, -0.125)),
        (np.sinc, (0, -math.pi**2 / 3, 0, math.pi**4 / 5)),
        (np.cosh, (0, 1, 0, 1)),
        (np.arctan, (1, 0, -2, 0)),
    ],
)  # fmt: skip
def test_derivatives_at_zero_up_to_the_fourth(function, expected, at):
    """Where 0 * inf would give NaN, or a body written in |x| would lose its odd terms."""
    x = Variable(at)
    y = function(x)
    for order, right in enumerate(expected, 1):
        y = grad(y, x, create_graph=True)
        assert y.item() == pytest.approx(right, abs=1e-12), f"order {order}"


@pytest.mark.parametrize(
    ("function", "at", "slope"),
    [
        (f.sigmoid, 40.0, 4.248354255291589e-18),
        (f.sigmoid, -700.0, 9.859676543759770e-305),
        (np.tanh, 20.0, 1.6993417021166355e-17),
        (np.tanh, -300.0, 1.06006e-260),
        (f.softplus, -700.0, 9.859676543759770e-305),
        (lambda x: 1e-200 / x, 1e-200, -1e200),
        (lambda x: 1e200 / x, 1e200, -1e-200),
        (np.arctan, 1e200, 0.0),
        (lambda x: np.hypot(x, 1e200), 1e200, math.sqrt(0.5)),
        (lambda x: np.logaddexp(x, 800.0), 800.0, 0.5),
        (np.arccosh, 1e200, 1e-200),
    ],
)
def test_slopes_at_extreme_arguments_keep_their_digits(function, at, slope):
    assert mb.gradient_of(function)(at) == pytest.approx(slope, rel=1e-4, abs=0.0)


@pytest.mark.parametrize("index", [lambda i: i, lambda i: (i, 0), lambda i: [0, i]])
def test_an_index_that_is_a_variable_is_refused(index):
    with pytest.raises(MitbadakError, match="an index is an integer or a mask"):
        Variable([[1.0, 2.0], [3.0, 4.0]])[index(Variable(1.0))]


def test_a_variable_formats_as_its_text_without_a_specification():
    for x in (Variable(2.5), Variable([1.0, 2.0], "x")):
        assert f"{x}" == str(x)
