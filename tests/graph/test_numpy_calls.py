"""NumPy calls on variables give the values that they give on arrays, or are refused."""

from __future__ import annotations

import decimal
import fractions
import itertools
import statistics
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from mitbadak import functions
from mitbadak.core.errors import MitbadakError
from mitbadak.graph import Variable, grad, gradient_of, jacobian
from numpy_surface import (
    BINARY,
    CONSTANT,
    DIFFERENTIABLE,
    METHODS,
    MISTAKES,
    REFUSED,
    REFUSED_FORMS,
    UNARY,
    Call,
)
from numpy_surface.calls import draw, flat, known_here, own_gradients, positive, quiet

CALLS = [
    pytest.param(call, id=f"{kind}{name}-{i}")
    for kind, table in (("", DIFFERENTIABLE), ("x.", METHODS))
    for name, calls in table.items()
    for i, call in enumerate(calls)
    if known_here(call)
]
SHAPES = [(), (1,), (4,), (3, 1), (1, 4), (3, 4), (2, 3, 4), (2, 1, 1), (0,), (3, 0)]


# np.full_like and array methods dispatch on their first argument only.
DISPATCH_ON_THE_FIRST = (DIFFERENTIABLE["full_like"][0], METHODS["dot"][0])


def values(result: Any) -> list[np.ndarray]:
    return [np.asarray(y.value if isinstance(y, Variable) else y) for y in flat(result)]


def exists(name: str) -> bool:
    """Whether the installed NumPy has a function of the table."""
    try:
        function(name)
    except AttributeError:
        return False
    return True


def function(name: str) -> Callable[..., Any]:
    """The NumPy function with a name of the table."""
    at: Any = np
    for part in name.strip().split("."):
        at = getattr(at, part)
    return at


@pytest.mark.parametrize("call", CALLS)
def test_values_are_those_of_numpy(call: Call):
    with quiet():
        own = values(call.f(np, *map(Variable, call.at)))
        expected = values(call.f(np, *(a.copy() for a in call.at)))
    assert len(own) == len(expected)
    for y, e in zip(own, expected, strict=True):
        assert y.shape == e.shape
        assert y.dtype == e.dtype
        np.testing.assert_allclose(y, e, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("call", CALLS)
def test_float32_stays_float32(call: Call):
    """Values have NumPy's dtype (or float32 where NumPy widens); gradients that of the argument."""
    with quiet():
        at = tuple(a.astype(np.float32) for a in call.at)
        own = values(call.f(np, *map(Variable, at)))
        expected = values(call.f(np, *(a.copy() for a in at)))
        gradients = own_gradients(Call(call.f, at, orders=1))[1][0]
    for y, e in zip(own, expected, strict=True):
        assert y.dtype == e.dtype or (y.dtype, e.dtype) == (np.float32, np.float64)
    assert [g.dtype for g in gradients] == [a.dtype for a in at]
    assert [g.shape for g in gradients] == [a.shape for a in at]


@pytest.mark.parametrize("call", [c for c in CALLS if len(c.values[0].at) > 1])  # type: ignore[union-attr]
def test_an_argument_has_the_same_gradient_when_the_others_are_arrays(call: Call):
    with quiet():
        together = own_gradients(Call(call.f, call.at, orders=1))[1][0]
        for i, g in enumerate(together):

            def f(np, x, i=i):
                return call.f(np, *call.at[:i], x, *call.at[i + 1 :])

            if call in DISPATCH_ON_THE_FIRST and i > 0:
                with pytest.raises(MitbadakError):
                    f(np, Variable(call.at[i]))
                continue
            alone = own_gradients(Call(f, call.at[i : i + 1], orders=1))[1][0][0]
            np.testing.assert_allclose(alone, g, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("name", UNARY)
def test_elementwise_functions_take_any_shape(name: str):
    f = UNARY[name][0].f
    for shape in SHAPES:
        x = np.resize(UNARY[name][0].at[0], shape)
        for y, e in zip(values(f(np, Variable(x))), values(f(np, x)), strict=True):
            np.testing.assert_array_equal(y, e)
        slopes = _slopes(f, x)
        assert slopes.shape == shape
        np.testing.assert_allclose(slopes, _slopes(f, x.ravel()).reshape(shape), rtol=1e-15)


def _slopes(f: Callable[..., Any], *at: np.ndarray) -> Any:
    xs = [Variable(a) for a in at]
    with quiet():
        ys = [y for y in flat(f(np, *xs)) if isinstance(y, Variable)]
        gradients = grad(ys, xs, dy=[np.ones(y.shape) for y in ys]) if ys else [0 * a for a in at]
    return gradients[0] if len(at) == 1 else gradients


@pytest.mark.parametrize("name", [n for n in BINARY if len(BINARY[n][0].at) == 2])
def test_gradients_of_broadcast_arguments_have_their_shapes(name):
    f = BINARY[name][0].f
    for a_shape, b_shape in itertools.product(SHAPES, SHAPES):
        try:
            shape = np.broadcast_shapes(a_shape, b_shape)
        except ValueError:
            continue
        a, b = positive(*a_shape), positive(*b_shape)
        da, db = _slopes(f, a, b)
        full_a, full_b = _slopes(f, *(np.array(x) for x in np.broadcast_arrays(a, b)))
        for d, full, at in ((da, full_a, a_shape), (db, full_b, b_shape)):
            assert np.shape(d) == at
            spread = (1,) * (len(shape) - len(at)) + at
            axes = tuple(i for i, n in enumerate(spread) if n == 1 and shape[i] != 1)
            expected = np.sum(full, axis=axes, keepdims=True).reshape(at)
            np.testing.assert_allclose(d, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("form", "x"),
    [
        pytest.param(*pair, id=f"{name.strip()}-{i}")
        for name, pairs in CONSTANT.items()
        for i, pair in enumerate(pairs)
    ],
)
def test_piecewise_constant_functions_give_numpys_values(form, x):
    with quiet():
        own, expected = form(np, Variable(x)), form(np, x)
    for y, e in zip(values(own), values(expected), strict=True):
        np.testing.assert_array_equal(y, e)
        assert y.dtype == e.dtype


@pytest.mark.parametrize("name", ["floor", "ceil", "trunc", "rint", "round", "fix", "sign"])
def test_a_piecewise_constant_factor_is_a_constant(name):
    x = Variable([0.4, 1.6, -2.3])
    steps = getattr(np, name)(x.value)
    slope = grad(np.sum(x * getattr(np, name)(x)), x, create_graph=True)
    np.testing.assert_array_equal(slope.value, steps)
    np.testing.assert_array_equal(grad(np.sum(slope), x), 0.0)


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_are_mitbadak_errors_that_name_the_function(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MitbadakError, match=rf"{name.rsplit('.', 1)[-1]}"):
        REFUSED[name](Variable(draw(3, 3)))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("form", REFUSED_FORMS)
def test_calls_that_would_lose_the_derivative_are_refused(form):
    with pytest.raises((MitbadakError, ValueError)) as refusal:
        REFUSED_FORMS[form](Variable(draw(3, 3)))
    # NumPy may raise its own error from ours.
    assert isinstance(refusal.value, MitbadakError) or isinstance(
        refusal.value.__cause__, MitbadakError
    )


@pytest.mark.parametrize("form", MISTAKES)
def test_mistakes_raise_as_they_do_on_arrays(form):
    x = draw(3, 3)
    with quiet(), pytest.raises(Exception) as on_array:  # noqa: PT011
        MISTAKES[form](x)
    with quiet(), pytest.raises((MitbadakError, on_array.type)):
        MISTAKES[form](Variable(x))


@pytest.mark.parametrize("option", ["out", "where"])
@pytest.mark.parametrize("name", [*UNARY, *BINARY])
def test_ufuncs_refuse_out_and_where(name, option):
    ufunc = function(name)
    if not isinstance(ufunc, np.ufunc):
        return
    x = Variable(positive(3))
    args = [x] if ufunc.nin == 1 else [x, np.array([1, 2, 1]) if name == "ldexp" else positive(3)]
    value = tuple(np.zeros(3) for _ in range(ufunc.nout)) if option == "out" else [True] * 3
    with pytest.raises(MitbadakError, match=option):
        ufunc(*args, **{option: value})


@pytest.mark.parametrize("method", ["reduce", "accumulate", "outer", "at", "reduceat"])
@pytest.mark.parametrize("name", ["add", "multiply", "maximum"])
def test_ufunc_methods_are_right_or_refused(name, method):
    x = draw(4)
    args = {"outer": [x], "at": [[0], 1.0], "reduceat": [[0, 2]]}.get(method, [])
    f = getattr(getattr(np, name), method)
    try:
        own = f(Variable(x), *args)
    except MitbadakError:
        return
    assert isinstance(own, Variable)
    np.testing.assert_allclose(own.value, f(x, *args))


def test_a_scalar_variable_formats_as_its_number():
    x = Variable(2.345)
    assert f"{x:.2f}" == "2.35" or f"{x:.2f}" == f"{2.345:.2f}"
    assert f"{Variable(1e-8):.1e}" == "1.0e-08"
    assert len(Variable([1.0, 2.0])) == 2
    assert 2.0 in list(Variable([1.0, 2.0]))
    assert Variable(3.5).item() == 3.5
    assert round(Variable(3.26), 1).item() == 3.3


def test_in_place_addition_to_an_array_keeps_the_derivative_or_is_refused():
    x = Variable([1.0, 2.0])
    total = np.zeros(2)
    try:
        total += x * x
    except MitbadakError:
        assert not total.any()  # nothing was written before it was refused
        return
    np.testing.assert_allclose(grad(np.sum(total), x), [2.0, 4.0])


@pytest.mark.parametrize(
    "f",
    [
        lambda x: functions.softmax_cross_entropy(x, t=np.array([0, 2, 1])),
        lambda x: functions.affine(x, W=np.ones((3, 2)), b=np.zeros(2)),
        lambda x: functions.affine(W=x, x=np.ones((2, 3)), b=np.zeros(3)),
        lambda x: functions.sigmoid(x=x),
        lambda x: np.broadcast_to(array=x, shape=(2, 3, 3)),
        lambda x: np.reshape(x, shape=(9, 1)),
        lambda x: np.clip(x, a_min=0.0, a_max=1.0),
        lambda x: np.linalg.solve(a=np.eye(3), b=x),
        lambda x: np.take(a=x, indices=[0, 2], axis=0),
        lambda x: np.tile(A=x, reps=2),
        lambda x: np.flip(m=x, axis=0),
        lambda x: np.roll(a=x, shift=1),
        lambda x: np.diag(v=x),
    ],
)
def test_keyword_arguments_keep_the_derivative(f):
    x = Variable(draw(3, 3))
    try:
        f(x.value)
    except TypeError:
        pytest.skip("this version of NumPy names the argument differently")
    try:
        y = f(x)
    except MitbadakError:
        return
    plain = grad(y, x, dy=np.ones(y.shape))
    recorded = grad(y, x, dy=np.ones(y.shape), create_graph=True)
    np.testing.assert_allclose(recorded.value, plain)
    assert np.any(plain)


LOSING: dict[str, Callable[[Any], Any]] = {
    "an entry of an array": lambda x: _filled(x),
    "np.fromiter": lambda x: np.fromiter(list(x), float),
    "Fraction": lambda x: float(fractions.Fraction(x[0])),
    "Decimal": lambda x: float(decimal.Decimal(x[0])),
    "statistics.mean": lambda x: statistics.mean(x),
    "statistics.pvariance": lambda x: statistics.pvariance(x),
    "statistics.fmean": lambda x: statistics.fmean(x),
}


def _filled(x):
    y = np.zeros(2)
    y[0] = x[0]
    y[1] = x[1] * 2
    return y


@pytest.mark.parametrize("form", LOSING)
@pytest.mark.parametrize("differentiate", [gradient_of, lambda f: lambda x: jacobian(f, x)])
def test_a_function_of_arrays_that_loses_the_derivative_is_refused(form, differentiate):
    with pytest.raises(MitbadakError, match=r"np\.stack|NumPy's functions"):
        differentiate(LOSING[form])([0.5, 1.5])


def test_a_mistake_in_f_stays_the_mistake_that_it_is():
    with pytest.raises(TypeError, match="NoneType") as mistake:
        jacobian(lambda x: x + None, [0.5])
    assert "np.stack" not in str(mistake.value)


def test_a_variable_has_the_size_and_the_parts_of_its_array():
    x = Variable(np.zeros((2, 3), np.float32))
    assert (x.nbytes, x.itemsize) == (24, 4)
    assert isinstance(x.real, Variable)
    np.testing.assert_array_equal(x.imag, np.zeros((2, 3)))
    with pytest.raises(
        MitbadakError, match=r"variables have no attribute 'strides'.*Use \.value\.strides"
    ):
        _ = x.strides


@pytest.mark.parametrize("order", ["C", "F", "A", "K"])
def test_the_order_in_memory_is_that_of_the_array(order):
    forms: list[Callable[[Any], Any]] = [
        lambda x: np.ravel(x, order),
        lambda x: x.flatten(order),
        lambda x: np.ravel(np.copy(x, order), "K"),
        lambda x: np.ravel(x.copy(order), "K"),
    ]
    if order != "K":
        forms.append(lambda x: np.reshape(x, (-1, 2), order=order))
    for a in (draw(2, 3), np.asfortranarray(draw(2, 3)), draw(3, 2, 4).transpose(2, 0, 1)):
        for form in forms:
            x = Variable(a)
            y = form(x)
            np.testing.assert_array_equal(y.value, form(a))
            dy = np.arange(1.0, y.size + 1).reshape(y.shape)
            assert np.sum(grad(y, x, dy=dy) * a) == pytest.approx(np.sum(dy * form(a)))


def dispatched() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every NumPy function that dispatches to ``__array_ufunc__`` or ``__array_function__``."""
    for prefix, module in (("", np), ("linalg.", np.linalg), ("fft.", np.fft)):
        for name in sorted(vars(module)):
            f = getattr(module, name)
            leads = isinstance(f, np.ufunc) or hasattr(f, "_implementation")
            if leads and not name.startswith("_"):
                yield prefix + name, f


def test_every_numpy_function_is_in_a_table_or_refused():
    known = {
        function(name)
        for table in (DIFFERENTIABLE, CONSTANT, REFUSED)
        for name in table
        if name != "[]" and exists(name)
    }
    missing = [name for name, f in dispatched() if f not in known]
    unanswered = [name for name in missing if not _refuses(function(name))]
    assert not unanswered, f"in no table of tests/numpy_surface: {unanswered}"


def _refuses(f: Callable[..., Any]) -> bool:
    """Whether a function that no table lists refuses variables in every way of calling it."""
    x = Variable(np.eye(3))
    refused = False
    for args in ((x,), (x, x), (x, 1), (x, x, x), ([x, x],)):
        try:
            f(*args)
        except MitbadakError:
            refused = True
        except TypeError as error:  # a wrong number of arguments proves nothing
            if "argument" not in str(error):
                return False
        except Exception:
            return False
        else:
            return False
    return refused


def test_a_dtype_may_be_named_beside_lists_and_numbers():
    x = Variable([1.0, 2.0])
    for other in ([3.0, 4.0], 3.0, np.array([3.0, 4.0], np.float32)):
        y = np.add(other, x, dtype=np.float64)
        assert isinstance(y, Variable)
        np.testing.assert_array_equal(y.value, np.add(other, x.value))


@pytest.mark.parametrize("ends", [(1.0, -2.0), (-1.0, 2.0), ([1.0, 1.0], [2.0, -2.0])])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_a_geometric_sequence_across_zero_has_no_derivative(ends):
    start, stop = ends
    with pytest.raises(MitbadakError, match="both ends need the same sign"):
        np.geomspace(Variable(start), stop, 5)


BESIDE_LISTS = {
    "linspace": lambda x, other: np.linspace(x, other, 4),
    "linspace to": lambda x, other: np.linspace(other, x, 4),
    "logspace": lambda x, other: np.logspace(x, other, 4),
    "geomspace": lambda x, other: np.geomspace(x, other, 4),
    "geomspace to": lambda x, other: np.geomspace(other, x, 4),
    "gradient": lambda x, other: np.gradient(x, other),
    "quantile": lambda x, other: np.quantile(x, [0.2, 0.7]),
    "interp": lambda x, other: np.interp(x, other, [1.0, 2.0, 5.0]),
    "cov": lambda x, other: np.cov(x, other),
    "average": lambda x, other: np.average(x, weights=other),
    "convolve": lambda x, other: np.convolve(x, other),
    "where": lambda x, other: np.where([True, False, True], x, other),
    "clip": lambda x, other: np.clip(x, None, other),
}


@pytest.mark.parametrize("convert", [list, tuple], ids=["list", "tuple"])
@pytest.mark.parametrize("name", BESIDE_LISTS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_other_arguments_may_be_lists(name, convert, dtype):
    values, other = np.array([1.0, 2.0, 4.0], dtype), convert([2.0, 3.0, 5.0])
    y = BESIDE_LISTS[name](Variable(values), other)
    expected = BESIDE_LISTS[name](values, other)
    np.testing.assert_allclose(y.value, expected, rtol=1e-6)
    assert y.value.dtype == expected.dtype
