"""A derivative is right or refused: nothing that would cut a variable's history is silent."""

from __future__ import annotations

import numpy as np
import pytest

import mitbadak as mb
from mitbadak.core.errors import DtypeError, MitbadakError, ShapeError
from mitbadak.graph import Variable, grad

DERIVATIVES = {
    "gradient_of": lambda f, x: mb.gradient_of(f)(x),
    "jacobian": mb.jacobian,
    "hessian": mb.hessian,
    "hessian_vector_product": lambda f, x: mb.hessian_vector_product(f, x, np.ones(np.shape(x))),
}
CUTTING = {
    "item": lambda x: x[0].item() ** 2,
    "tolist": lambda x: x.tolist()[0] ** 2,
    "value": lambda x: (x.value * x.value).sum(),
    "an array of items": lambda x: np.array([x[0].item()]),
    "copy": lambda x: mb.Variable(x)[0] * 2,
    "copy of an intermediate result": lambda x: np.sum(mb.Variable(x * x)),
    "gradient inside": lambda x: np.sum(mb.gradient_of(lambda u: np.sum(u**3))(x)),
    "hessian inside": lambda x: np.sum(mb.hessian(lambda u: np.sum(u**3), x)),
}  # fmt: skip


@pytest.mark.parametrize("x", [[1.0], [0.0], [1e10], [-0.3, 2.0]])
@pytest.mark.parametrize("derivative", DERIVATIVES)
@pytest.mark.parametrize("cutting", CUTTING)
def test_a_function_that_drops_its_derivative_is_refused(cutting, derivative, x):
    with pytest.raises(DtypeError):
        DERIVATIVES[derivative](CUTTING[cutting], x)
    with pytest.raises(DtypeError):
        mb.check_gradients(CUTTING[cutting], np.array(x))


@pytest.mark.parametrize("derivative", DERIVATIVES)
@pytest.mark.parametrize("f", [
    lambda x: 3.0,
    lambda x: np.float32(2.0),
    lambda x: x[0] if x[0].item() > 0 else 0.0,  # one branch is constant
    lambda x: float(np.sign(x.value).sum()),
])  # fmt: skip
def test_a_constant_has_derivatives_of_0(f, derivative):
    assert not np.any(DERIVATIVES[derivative](f, [-1.0, 2.0]))


def test_the_message_names_what_cut_the_history():
    with pytest.raises(DtypeError, match=r"without item\(\), tolist\(\) and value"):
        mb.gradient_of(lambda x: x.item() ** 2)(1.0)
    with pytest.raises(DtypeError, match=r"Variable\(Variable\(3\)\) would be a copy .* itself"):
        mb.gradient_of(lambda x: mb.Variable(x) * 2)(3.0)
    with pytest.raises(DtypeError, match=r"hessian expects the point as an array.*create_graph"):
        mb.hessian(lambda x: x * x, Variable(1.0))


V = Variable([1.0, 2.0, 3.0])
REFUSED = {
    "too few dy": (lambda: grad([V, V], V, dy=[np.ones(3)]), ShapeError, "dy as a list of 2"),
    "an array for two": (lambda: grad([V, V], V, dy=np.ones((2, 3))), ShapeError, "got ndarray"),
    "no dy in a list": (lambda: grad([V, V], V, dy=[]), ShapeError, "got a list of 0"),
    "a number for two": (lambda: grad([V, V], V, dy=3.0), ShapeError, "got float"),
    "text as dy": (lambda: grad(V, V, dy=["a"] * 3), DtypeError, "real numbers"),
    "text as v": (
        lambda: mb.hessian_vector_product(lambda x: np.sum(x * x), [1.0, 2.0], ["a", "b"]),
        DtypeError, "expects v as real numbers"),
    "ragged v": (
        lambda: mb.hessian_vector_product(lambda x: np.sum(x * x), [1.0, 2.0], [[1], [2, 3]]),
        ShapeError, "different lengths"),
    "ragged lists": (lambda: Variable([[1, 2], [3]]), ShapeError, "Variable .* different lengths"),
    "ragged tuples": (lambda: Variable(((1, 2), (3,))), ShapeError, "different lengths"),
    "a ragged operand": (lambda: V * [[1, 2], [3]], ShapeError, "different lengths"),
    "a ragged point": (lambda: mb.gradient_of(np.sum)([[1, 2], [3]]), ShapeError, "lengths"),
    "text as a point": (lambda: mb.jacobian(np.sin, ["a"]), DtypeError, "real numbers"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_arguments_that_fit_no_derivative_are_refused_in_the_words_of_the_house(name):
    call, error, message = REFUSED[name]
    with pytest.raises(error, match=message) as refusal:
        call()
    assert isinstance(refusal.value, MitbadakError)


def test_several_results_take_one_dy_each():
    x = Variable([1.0, 2.0])
    np.testing.assert_array_equal(grad([x * x, x], x, dy=[[1.0, 0.0], [0.0, 5.0]]), [2.0, 5.0])
    np.testing.assert_array_equal(grad([np.sum(x), x], x, dy=(None, [1.0, 2.0])), [2.0, 3.0])
