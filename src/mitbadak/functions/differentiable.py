"""The mechanism of one definition: an operation and its derivative, written once, side by side.

A ``@differentiable`` body returns its value and one pullback per positional argument. Called with
arrays, it simply runs. Called with traced values (graph variables), it runs once on their arrays
and records one node. For gradients of gradients, the same body runs again on the traced values
themselves: NumPy functions on them are dispatched to operations that are differentiable in turn.
So a single definition serves layers, graphs and derivatives of every order.

A body therefore gets arrays in one run and traced values in another. Three functions keep it
readable for both:

- ``operand(x)`` makes an array of whatever a caller passed (a list, a number) and leaves a traced
  value alone. A body starts with it, so that ``x.shape`` and operators work.
- ``float_operand(owner, name, x)`` also turns integers into floats and names the caller in errors.
- ``value_of(x)`` is the plain array in a traced value. A body uses it for what it only observes,
  such as a shape, a mask or a maximum, and what no derivative should pass through.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, NamedTuple, Protocol, cast, runtime_checkable

import numpy as np

from mitbadak.core.arguments import explained
from mitbadak.core.arrays import as_array, float_array, real_array
from mitbadak.core.errors import DtypeError, MitbadakError, ShapeError
from mitbadak.functions.numpy_calls import call_numpy, chosen_options, in_dtype

Pullback = Callable[[Any], Any]
Pullbacks = Sequence[Pullback | None]


@runtime_checkable
class Differentiable(Protocol):
    """An operation with its derivative.

    Calling it returns the value. ``vjp`` returns the value and one pullback per positional
    argument, ``None`` for arguments without a derivative, such as labels. ``pullback(dy)`` is the
    gradient of a scalar loss with respect to the argument, where ``dy`` is the gradient with
    respect to the value.
    """

    __name__: str

    def __call__(self, *args: Any, **options: Any) -> Any: ...
    def vjp(self, *args: Any, **options: Any) -> Any: ...


class Traced:
    """Base of values that remember how they were computed.

    A subclass holds an array in ``value`` and defines ``record``, which makes the node of one
    recorded operation. NumPy functions on it are dispatched to the differentiable operation
    registered for them, and refused with a remedy if there is none.
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
        name = numpy_name(ufunc)
        if options.get("out", (None,))[0] is not None:
            raise _writes(name)
        options = chosen_options(options)
        if method != "__call__":
            form = _METHODS.get((ufunc, method))
            if form is None:
                raise no_derivative(f"{name}.{method}", "write it with the functions that have one")
            return _called(f"{name}.{method}", getattr(ufunc, method), form, args, options)
        if ufunc in _CONSTANT:
            return call_numpy(name, ufunc, map(plain, args), options)
        form = _FORMS.get(ufunc)
        if form is None:
            raise no_derivative(name, _REFUSED.get(ufunc, ""))
        if options:
            args, options = in_dtype(ufunc, args, options)
            surplus = [k for k in options if k not in inspect.signature(form.call).parameters]
            if "where" not in options:  # with it NumPy would leave entries uninitialized
                call_numpy(name, ufunc, plain(args), plain(options))
            if surplus:
                why = f"on a variable it takes no {', '.join(surplus)}; use np.where or astype"
                raise no_derivative(name, why)
        return _called(name, ufunc, form, args, options)

    def __array_function__(
        self, function: Callable, types: Any, args: tuple[Any, ...], options: dict[str, Any]
    ) -> Any:
        name = numpy_name(function)
        if function in _CONSTANT:
            return call_numpy(name, function, plain(args), plain(options))
        form = _FORMS.get(function)
        if form is None:
            raise no_derivative(name, _REFUSED.get(function, ""))
        return _called(name, function, form, args, options)


class _Form(NamedTuple):
    """How a NumPy function is computed on traced values.

    Attributes:
        call: computes the value from traced values.
        out: the position of ``out`` among its parameters.
        piecewise_constant: whether the derivative is 0 wherever there is one.
        checks_first: whether the call is first tried on plain arrays, so that NumPy may refuse it.
    """

    call: Callable[..., Any]
    out: int | None
    piecewise_constant: bool
    checks_first: bool


_FORMS: dict[Callable, _Form] = {}
_METHODS: dict[tuple[np.ufunc, str], _Form] = {}
_CONSTANT: set[Callable] = set()
_REFUSED: dict[Callable, str] = {}


def register_form(
    numpy: Callable,
    form: Callable[..., Any],
    *,
    method: str = "",
    piecewise_constant: bool = False,
    checks_first: bool | None = None,
) -> None:
    """Dispatch a NumPy function on traced values to ``form``, which takes NumPy's parameters.

    Args:
        numpy: the function, or the ufunc whose ``method`` is meant.
        form: its parameters are in NumPy's order, so that positional arguments mean the same;
            an ``out`` among them is refused before it is called.
        method: method of a ufunc: ``reduce``, ``accumulate`` or ``outer``.
        piecewise_constant: whether the derivative is 0 wherever there is one.
        checks_first: call NumPy's function on the plain arrays before ``form``, so that whatever
            NumPy refuses is refused. Default: unless ``form`` is an operation, whose body passes
            all of its arguments to NumPy. False for a form that passes on arrays, axes and
            lengths; calls with any other option are checked first all the same.
    """
    if checks_first is None:
        checks_first = not hasattr(form, "vjp")
    positional = [
        name
        for name, parameter in inspect.signature(form).parameters.items()
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    out = positional.index("out") if "out" in positional else None
    entry = _Form(form, out, piecewise_constant, checks_first)
    if method:
        _METHODS[cast(np.ufunc, numpy), method] = entry
    else:
        _FORMS[numpy] = entry


def register_constant(*functions: Callable) -> None:
    """Register NumPy functions whose result has no derivative: predicates, counts, indices.

    On traced values they run on the arrays inside and return plain arrays.
    """
    _CONSTANT.update(functions)


def register_refused(reason: str, *functions: Callable) -> None:
    """Register NumPy functions without a derivative here, with the reason or the remedy."""
    for function in functions:
        _REFUSED.setdefault(function, reason)


def kind_of(function: Callable) -> tuple[str, str]:
    """The kind of a NumPy function on traced values, and why it is refused, if it is.

    Returns:
        ``"differentiable"``, ``"piecewise constant"`` or ``"refused"``, and a reason or "".

    Example:
        >>> from mitbadak.functions import primitives
        >>> kind_of(np.sin), kind_of(np.argmax)
        (('differentiable', ''), ('piecewise constant', ''))
    """
    form = _FORMS.get(function)
    if function in _CONSTANT or (form and form.piecewise_constant):
        return "piecewise constant", ""
    return ("differentiable", "") if form else ("refused", _REFUSED.get(function, ""))


def numpy_name(function: Callable) -> str:
    """The name of a NumPy function as users write it.

    Example:
        >>> numpy_name(np.linalg.norm), numpy_name(np.add)
        ('np.linalg.norm', 'np.add')
    """
    module = getattr(function, "__module__", None) or ""
    inside = module.removeprefix("numpy") if module in ("numpy.linalg", "numpy.fft") else ""
    return f"np{inside}.{function.__name__}"


def no_derivative(name: str, why: str = "") -> DtypeError:
    """The error for a NumPy function that traced values do not support."""
    return DtypeError(
        f"{name} has no derivative here{': ' if why else ''}{why}. Write the expression with "
        "functions that have one (docs/numpy.md lists them), define an operation with "
        "@differentiable, or use .value where no gradient is needed."
    )


def _writes(name: str) -> DtypeError:
    return no_derivative(
        name,
        "it would write a variable into a plain array, which records nothing (out=, or array += "
        "variable); use array = array + variable",
    )


_PASSED_ON = {"axis", "keepdims", "shape", "ddof", "a", "m", "A"}


def _called(
    name: str, function: Callable, form: _Form, args: tuple[Any, ...], options: dict[str, Any]
) -> Any:
    """Call ``form`` with NumPy's arguments; a call that does not fit is a Mitbadak error."""
    if options.get("out") is not None or (
        form.out is not None and len(args) > form.out and args[form.out] is not None
    ):
        raise _writes(name)
    # NumPy's wrappers pass defaults too.
    defaults = {"out": None, "casting": "same_kind"}
    options = {k: v for k, v in options.items() if k not in defaults or v is not defaults[k]}
    try:
        if not form.checks_first and _PASSED_ON.issuperset(options):
            return form.call(*args, **options)
        call_numpy(name, function, plain(args), plain(options))
        with np.errstate(all="ignore"):  # NumPy has just issued any warnings
            return form.call(*args, **options)
    except (MitbadakError, MemoryError):
        raise
    except Exception as error:
        call_numpy(name, function, plain(args), plain(options))  # refused by NumPy as well?
        signature = inspect.signature(form.call)
        bare = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
        raise no_derivative(
            name,
            f"on a variable it takes {inspect.Signature(bare)}; this call does not fit: {error}",
        ) from error


def plain(x: Any) -> Any:
    """``x`` without traced values, also in sequences and dictionaries of them."""
    if isinstance(x, Traced):
        return x.value
    if isinstance(x, tuple):
        return tuple(map(plain, x))
    if isinstance(x, dict):
        return {name: plain(part) for name, part in x.items()}
    if isinstance(x, Sequence) and not isinstance(x, (str, bytes, range)):
        return list(map(plain, x))
    return x


def is_traced(x: Any) -> bool:
    """Whether ``x`` remembers how it was computed."""
    return isinstance(x, Traced)


def value_of(x: Any) -> Any:
    """The array in a traced value, otherwise ``x`` itself."""
    return x.value if isinstance(x, Traced) else x


def result_type_operand(x: Any) -> Any:
    """``x`` as an argument of ``np.result_type``: an array, or a number, which never widens arrays.

    A list is made an array: it would be read as a dtype.
    """
    return value_of(x) if np.isscalar(value_of(x)) else np.asarray(value_of(x))


def operand(x: Any) -> Any:
    """``x`` as an array; a traced value is returned as it is."""
    return x if isinstance(x, Traced) else as_array("this operation", "an argument", x)


def float_operand(owner: str, name: str, value: Any) -> Any:
    """``x`` as an array of floats (``float_array``); a traced value is returned as it is."""
    return value if isinstance(value, Traced) else float_array(owner, name, value)


def upstream_gradient(owner: str, dy: Any, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """``dy``, the gradient of a loss with respect to y, as an array that matches y.

    Args:
        owner: name of the operation that computed y, for messages.
        dy: real numbers in the shape of y; None means 1 if y is a scalar.
        shape, dtype: shape and dtype of y. Integers in dy are converted; floats keep their dtype.

    Raises:
        ShapeError: dy has another shape, and would broadcast; or it is None and y not a scalar.
        DtypeError: dy is masked, or not of real numbers.

    Example:
        >>> upstream_gradient("Add()", 1, (), np.float64)
        array(1.)
    """
    floats = np.result_type(dtype, np.float16)
    if dy is None:
        if shape != (1,) * len(shape):
            raise ShapeError(
                f"{owner}: the gradient of a result that is not a scalar needs dy, of shape "
                f"{shape}. Or sum the result first; for all derivatives use jacobian."
            )
        return np.ones(shape, floats)
    array = real_array(owner, "dy", value_of(dy))
    if array.shape != shape:
        raise ShapeError(f"{owner}: dy must have the shape of y, {shape}; got {array.shape}.")
    return array if array.dtype.kind == "f" else array.astype(floats)


def own(x: Any) -> Any:
    """``x`` in a form that a graph can keep: an array that others could modify is copied.

    Otherwise a backward pass could combine modified numbers with values computed earlier.
    """
    if type(x) is list:
        return as_array("a graph", "a list", x)
    if not isinstance(x, np.ndarray):
        return x
    x = as_array("a graph", "an array", x)
    base: Any = x
    while isinstance(base, np.ndarray) and not base.flags.writeable:
        base = base.base
    return x if base is None else x.copy(order="K")


@explained
def differentiable(body: Callable[..., Any] | None = None, *, numpy: Any = None) -> Any:
    """Make an operation from a body that returns its value and one pullback per argument.

    Positional arguments are differentiable or have the pullback ``None``; options are
    keyword-only. Pullbacks are pure: they modify neither ``dy`` nor the inputs. A body may return
    a third item that is observed but not differentiated, such as the mean of a batch.

    Args:
        body: ``body(*args, **options) -> (value, pullbacks)``, written with NumPy's names.
        numpy: the NumPy function that this operation implements on traced values.

    Returns:
        The operation. Calling it returns the value alone; its ``vjp`` is the body.

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

    parameters = inspect.signature(body).parameters.values()
    names = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    # NumPy's functions in this form say what NumPy says of a call that does not fit.
    is_primitive = str(body.__module__).startswith(f"{__package__}.primitives")
    call = body if is_primitive else explained(body)

    @wraps(body)
    def operation(*args: Any, **options: Any) -> Any:
        for name in names[len(args) :] if options else ():  # its pullback keeps its position
            if name in options:
                args = (*args, options.pop(name))
        for a in args:
            if isinstance(a, Traced):
                kept = tuple(map(own, args))
                value, pullbacks = call(*map(value_of, kept), **options)[:2]
                recorded = cast(Differentiable, operation)
                return type(a).record(recorded, kept, options, value, pullbacks)
        return call(*args, **options)[0]

    operation.vjp = body  # type: ignore[attr-defined]
    if numpy is not None:
        register_form(numpy, operation)
    return operation
