"""Derivatives of any order: of variables, and of functions of one array."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mitbadak.core.arguments import explained
from mitbadak.core.arrays import real_array
from mitbadak.core.errors import DtypeError, MitbadakError, ShapeError
from mitbadak.core.typing import Array, Float
from mitbadak.functions.differentiable import Pullbacks, value_of
from mitbadak.graph.sweep import in_order, reverse_sweep
from mitbadak.graph.variable import Variable

Function = Callable[[Any], Any]
NEARBY = (1e-6, 1e-4, 1e-3)  # relative moves that show whether a plain result depends on x


@explained
def grad(y: Any, xs: Any, *, dy: Any = None, create_graph: bool = False) -> Any:
    """Gradient of y with respect to the variables xs; frees nothing and sets no ``grad``.

    Args:
        y: a scalar variable, or any variable with dy given; the gradients of several are summed.
        xs: one variable or a list.
        dy: gradient of the final result with respect to y (a list if y is one); 1 by default.
        create_graph: return variables, which can be differentiated again.

    Returns:
        One gradient, or a list if xs is one: arrays of the shapes of xs (variables with
        ``create_graph``), 0 where y does not depend on x.

    Raises:
        DtypeError: y or xs is not a variable.
        ShapeError: dy has a different shape from y, or is missing where y is not a scalar; or it
            is not a list of one per y where y is a list.
        StateError: ``backward`` has freed the graph.

    Example:
        >>> x = Variable(2.0)
        >>> slope = grad(x**3, x, create_graph=True)
        >>> slope.item(), float(grad(slope, x))
        (12.0, 12.0)
    """
    outputs = list(y) if isinstance(y, (list, tuple)) else [y]
    inputs = list(xs) if isinstance(xs, (list, tuple)) else [xs]
    for v in (*outputs, *inputs):
        if not isinstance(v, Variable):
            raise DtypeError(f"grad expects variables; got {type(v).__name__}.")
    dys = [dy] if isinstance(y, Variable) else _one_dy_each(dy, len(outputs))
    needed = set(map(id, inputs))
    order = []  # only what lies between the inputs and the outputs
    for v in in_order(outputs):
        if id(v) in needed or any(id(a) in needed for a in v.args):
            needed.add(id(v))
            order.append(v)
    pullbacks_of = _recorded_pullbacks if create_graph else Variable.pullbacks
    sweep = reverse_sweep(order, zip(outputs, dys, strict=True), pullbacks_of)
    wanted = set(map(id, inputs))
    gradient_of = {id(v): gradient for v, gradient in sweep if id(v) in wanted}
    gradients = []
    for x in inputs:
        gradient = gradient_of.get(id(x))
        gradient = np.zeros(x.shape, x.dtype) if gradient is None else gradient
        constant = create_graph and not isinstance(gradient, Variable)
        gradients.append(Variable(gradient) if constant else gradient)
    return gradients if isinstance(xs, (list, tuple)) else gradients[0]


def _one_dy_each(dy: Any, count: int) -> list[Any]:
    if dy is None:
        return [None] * count
    if not isinstance(dy, (list, tuple)) or len(dy) != count:
        got = f"a list of {len(dy)}" if isinstance(dy, (list, tuple)) else type(dy).__name__
        raise ShapeError(f"grad of a list of {count} expects dy as a list of {count}, one array or "
                         f"None for each; got {got}.")  # fmt: skip
    return list(dy)


def _recorded_pullbacks(v: Variable) -> Pullbacks:
    """Pullbacks that record themselves: the operation's body runs again, on the variables."""
    return v.operation.vjp(*v.args, **v.options)[1] if v.operation is not None else ()


@explained
def gradient_of(f: Function) -> Callable[[Any], np.ndarray]:
    """The gradient of a scalar function of one array, as a function.

    Raises:
        DtypeError: f returns a plain number that depends on x, so its derivative is lost; or the
            point is a variable. The same holds for the other functions of an f.
        ShapeError: f does not return one number.

    Example:
        >>> gradient_of(lambda x: x[0] ** 2 + x[1] ** 2)([3.0, 4.0])
        array([6., 8.])
    """

    def gradient(x: Any) -> np.ndarray:
        at = _point("gradient_of(f)", x)
        return np.asarray(grad(_scalar(f, at), at))

    return gradient


@explained
def jacobian(f: Function, x: Any) -> Float[Array, ...]:
    """All first derivatives of f at x, one reverse sweep per entry of f(x).

    Args:
        f: a function of one array.
        x: the point, of any shape.

    Returns:
        Shape (shape of f(x), shape of x).

    Example:
        >>> jacobian(lambda x: x * x, [1.0, 2.0])
        array([[2., 0.],
               [0., 4.]])
    """
    at = _point("jacobian", x)
    y = _recorded(f, at)
    rows = []
    for i in range(y.size):
        unit = np.zeros(y.shape)
        unit.flat[i] = 1.0
        rows.append(grad(y, at, dy=unit))
    return np.reshape(rows, (*y.shape, *at.shape))


@explained
def hessian(f: Function, x: Any) -> Float[Array, ...]:
    """All second derivatives of a scalar f at x; shape (shape of x, shape of x).

    Example:
        >>> hessian(lambda x: x[0] ** 2 * x[1], [1.0, 2.0])
        array([[4., 2.],
               [2., 0.]])
    """
    at = _point("hessian", x)
    return jacobian(lambda at: grad(_scalar(f, at), at, create_graph=True), at.value)


@explained
def hessian_vector_product(f: Function, x: Any, v: Any) -> Float[Array, ...]:
    """The Hessian of a scalar f at x times v, of the shape of x, without forming the Hessian.

    It is the gradient of <v, gradient of f> and costs about as much as two gradients.

    Example:
        >>> hessian_vector_product(lambda x: x[0] ** 2 * x[1], [1.0, 2.0], [1.0, 0.0])
        array([4., 2.])
    """
    at = _point("hessian_vector_product", x)
    v = real_array("hessian_vector_product", "v", v)
    if v.shape != at.shape:
        raise ShapeError(f"hessian_vector_product expects v of the shape of x, {at.shape}; "
                         f"got {v.shape}.")  # fmt: skip
    slope = grad(_scalar(f, at), at, create_graph=True)
    return np.asarray(grad(np.sum(slope * v), at))


def _recorded(f: Function, at: Variable) -> Variable:
    try:
        y = f(at)
    except (TypeError, ValueError) as error:
        if isinstance(error, MitbadakError) or not _takes_arrays(f, at.value):
            raise
        raise DtypeError(
            f"f takes arrays, but not variables: {error} Does it write variables into an array "
            "(y[0] = x[0]), or pass one to a function of plain numbers? Collect results in a list "
            "and join them with np.stack, and use NumPy's functions."
        ) from error
    if isinstance(y, Variable):
        return y
    constant = Variable(y)
    if _depends(f, at.value, constant.value):
        raise DtypeError(
            "f returned a plain number that changes with its argument, so its derivative is lost. "
            "Compute it from the variable itself, with operators and NumPy's functions, without "
            "item(), tolist() and value."
        )
    return constant


def _depends(f: Function, x: np.ndarray, y: np.ndarray) -> bool:
    """Whether a plain result of f is another one next to x: f is not constant there.

    The moves are small, since a branch of f may well be constant.
    """
    rng = np.random.default_rng(0)
    for share in NEARBY:
        near = x + share * rng.normal(size=x.shape) * np.maximum(1.0, np.abs(x))
        try:
            with np.errstate(all="ignore"):
                other = f(Variable(near.astype(x.dtype)))
        except Exception:  # outside the domain of f
            continue
        if isinstance(other, Variable):
            continue
        if not np.array_equal(np.asarray(other), y, equal_nan=y.dtype.kind == "f"):
            return True
    return False


def _point(owner: str, x: Any) -> Variable:
    """The point at which a derivative is taken, as a new variable.

    Raises:
        DtypeError: it is a variable, as where one derivative is taken inside another.
    """
    if isinstance(x, Variable):
        raise DtypeError(
            f"{owner} expects the point as an array; got {x!r}, whose history would be lost. Pass "
            "x.value. For derivatives of derivatives use hessian, or grad with create_graph=True."
        )
    return Variable(x)


def _takes_arrays(f: Function, x: np.ndarray) -> bool:
    try:
        with np.errstate(all="ignore"):
            f(x.copy())
    except Exception:
        return False
    return True


def _scalar(f: Function, at: Variable) -> Variable:
    y = _recorded(f, at)
    if y.size != 1:
        raise ShapeError(f"f must return one number here; got shape {np.shape(value_of(y))}.")
    return y
