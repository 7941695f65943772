"""The mechanism of one definition: an operation and its derivative, written once, side by side.

A ``@differentiable`` body returns its value and one pullback per positional argument. On arrays
it runs as it is. On traced values (graph variables) it runs once on their arrays and records one
node. For gradients of gradients the same body runs again on the traced values themselves, whose
NumPy names lead back to operations that are differentiable too. So a derivative is written down
once and serves layers, graphs and every order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Protocol, cast, runtime_checkable

import numpy as np

from mitbadak.arrays import as_array
from mitbadak.errors import DtypeError

Pullback = Callable[[Any], Any]
Pullbacks = Sequence[Pullback | None]


@runtime_checkable
class Differentiable(Protocol):
    """An operation with its derivative.

    Calling it gives the value. ``vjp`` gives the value and one pullback per positional argument
    (``None`` where the argument has no derivative, such as labels); ``pullback(dy)`` is the
    gradient of a scalar loss with respect to that argument, given ``dy``, its gradient with
    respect to the value.
    """

    __name__: str

    def __call__(self, *args: Any, **options: Any) -> Any: ...
    def vjp(self, *args: Any, **options: Any) -> Any: ...


class Traced:
    """Base of values that remember how they were computed.

    A subclass holds an array in ``value`` and defines ``record``, which makes the node for one
    recorded operation. NumPy's functions on it are led to the differentiable operation that was
    registered for them, and refused with the remedy when there is none.
    """

    __slots__ = ()
    value: np.ndarray

    @classmethod
    def record(
        cls,
        operation: Differentiable,
        args: tuple[Any, ...],
        options: dict[str, Any],
        value: Any,
        pullbacks: Pullbacks,
    ) -> Any:
        raise NotImplementedError

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *args: Any, **options: Any) -> Any:
        if method != "__call__":
            raise _no_derivative(f"np.{ufunc.__name__}.{method}")
        if ufunc in _WITHOUT_DERIVATIVE:
            return ufunc(*map(value_of, args), **options)
        return _operation_for(ufunc)(*args, **options)

    def __array_function__(
        self, function: Callable, types: Any, args: tuple[Any, ...], options: dict[str, Any]
    ) -> Any:
        if function in _WITHOUT_DERIVATIVE:
            return function(*map(value_of, args), **options)
        return _operation_for(function)(*args, **options)


_OPERATIONS: dict[Callable, Callable[..., Any]] = {}

# Piecewise constant in their arguments, or questions about the shape alone.
_WITHOUT_DERIVATIVE = {
    np.shape, np.ndim, np.size, np.argmax, np.argmin, np.zeros_like, np.ones_like, np.sign,
    np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal, np.isfinite,
}  # fmt: skip


def _operation_for(function: Callable) -> Callable[..., Any]:
    try:
        return _OPERATIONS[function]
    except KeyError:
        raise _no_derivative(f"np.{function.__name__}") from None


def _no_derivative(name: str) -> DtypeError:
    known = ", ".join(sorted(f.__name__ for f in _OPERATIONS))
    return DtypeError(
        f"{name} has no derivative here. Write the expression with operations that have one "
        f"({known}), or define it with @differentiable."
    )


def leads_to(numpy: Callable, form: Callable[..., Any]) -> None:
    """Lead a NumPy function on traced values to ``form``, which takes the same arguments."""
    _OPERATIONS[numpy] = form


def value_of(x: Any) -> Any:
    """The array in a traced value, or ``x`` itself; for what is only observed, not derived."""
    return x.value if isinstance(x, Traced) else x


def operand(x: Any) -> Any:
    """``x`` as an array; a traced value as it is."""
    return x if isinstance(x, Traced) else as_array("this operation", "an argument", x)


def differentiable(body: Callable[..., Any] | None = None, *, numpy: Callable | None = None) -> Any:
    """Make an operation of a body that returns its value and one pullback per argument.

    Positional arguments are differentiable or have the pullback ``None``; options are
    keyword-only. Pullbacks are pure: they edit neither ``dy`` nor the inputs. A body may return
    a third item, observed along the way and not differentiated (such as a batch's mean).

    Args:
        body: ``body(*args, **options) -> (value, pullbacks)``, written in NumPy names.
        numpy: the NumPy function that this operation stands for on traced values.

    Returns:
        The operation: called, it gives the value alone; its ``vjp`` is the body.

    Example:
        >>> @differentiable
        ... def square(x):
        ...     return x * x, (lambda dy: 2 * x * dy,)
        >>> square(np.array([1.0, 3.0]))
        array([1., 9.])
        >>> y, (pullback,) = square.vjp(np.array([1.0, 3.0]))
        >>> pullback(np.ones(2))
        array([2., 6.])
    """
    if body is None:
        return lambda later: differentiable(later, numpy=numpy)

    @wraps(body)
    def operation(*args: Any, **options: Any) -> Any:
        for a in args:
            if isinstance(a, Traced):
                value, pullbacks = body(*map(value_of, args), **options)[:2]
                return type(a).record(
                    cast(Differentiable, operation), args, options, value, pullbacks
                )
        return body(*args, **options)[0]

    operation.vjp = body  # type: ignore[attr-defined]
    if numpy is not None:
        leads_to(numpy, operation)
    return operation
