"""Variables: arrays that remember how they were computed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from mitbadak.core.arguments import explained
from mitbadak.core.arrays import as_array
from mitbadak.core.elsewhere import line_for_method, missing_attribute
from mitbadak.core.elsewhere_objects import VARIABLE
from mitbadak.core.errors import DtypeError, StateError
from mitbadak.core.notebook import Shown
from mitbadak.functions.differentiable import Differentiable, Pullbacks, own
from mitbadak.graph.arithmetic import ArrayLike
from mitbadak.graph.sweep import in_order, reverse_sweep

_COUNT = itertools.count()


class Variable(Shown, ArrayLike):
    """A node of a computational graph: a value and the operation that produced it.

    Operators, NumPy functions and Mitbadak's own functions accept variables in place of arrays
    and record each operation together with its derivative. Calling ``backward`` on a scalar then
    computes its gradient with respect to every variable it depends on.

    Args:
        value: a number or an array of floats; lists and integers become float64.
        name: shown in pictures and messages.

    Attributes:
        value: the array, read-only, because changing it would invalidate recorded derivatives.
        name: as given, or "".
        grad: the gradient set by ``backward``, of the same shape as the value; None before that,
            and where the result does not depend on this variable.
        operation, args, options: the operation and its arguments; None, () and {} for a variable
            created by the user.
        number: position in the order in which variables were created.

    Raises:
        DtypeError: the value is not real, or is a variable: its copy would have no history.
        ShapeError: the value is nested lists of different lengths.

    Example:
        The book's two apples at 100 and three oranges at 150, with 10% tax:

        >>> apple, apples = Variable(100.0, "apple"), Variable(2.0, "apples")
        >>> orange, oranges = Variable(150.0, "orange"), Variable(3.0, "oranges")
        >>> tax = Variable(1.1, "tax")
        >>> price = (apple * apples + orange * oranges) * tax
        >>> price.backward()
        >>> round(price.item()), [round(float(v.grad), 6) for v in (apple, apples, orange)]
        (715, [2.2, 110.0, 3.3])
    """

    __slots__ = ("_pullbacks", "args", "grad", "name", "number", "operation", "options", "value")

    if TYPE_CHECKING:  # what ``ArrayLike`` has without types of its own

        def __add__(self, other: Any, /) -> Variable: ...
        def __radd__(self, other: Any, /) -> Variable: ...
        def __sub__(self, other: Any, /) -> Variable: ...
        def __rsub__(self, other: Any, /) -> Variable: ...
        def __mul__(self, other: Any, /) -> Variable: ...
        def __rmul__(self, other: Any, /) -> Variable: ...
        def __truediv__(self, other: Any, /) -> Variable: ...
        def __rtruediv__(self, other: Any, /) -> Variable: ...
        def __floordiv__(self, other: Any, /) -> Variable: ...
        def __rfloordiv__(self, other: Any, /) -> Variable: ...
        def __mod__(self, other: Any, /) -> Variable: ...
        def __rmod__(self, other: Any, /) -> Variable: ...
        def __rpow__(self, other: Any, /) -> Variable: ...
        def __matmul__(self, other: Any, /) -> Variable: ...
        def __rmatmul__(self, other: Any, /) -> Variable: ...
        def __pow__(self, other: Any, modulus: Any = None) -> Variable: ...
        def __neg__(self) -> Variable: ...
        def __pos__(self) -> Variable: ...
        def __abs__(self) -> Variable: ...
        def __lt__(self, other: Any, /) -> Any: ...
        def __le__(self, other: Any, /) -> Any: ...
        def __gt__(self, other: Any, /) -> Any: ...
        def __ge__(self, other: Any, /) -> Any: ...
        def __eq__(self, other: Any, /) -> Any: ...
        def __ne__(self, other: Any, /) -> Any: ...
        def __hash__(self) -> int: ...
        def __len__(self) -> int: ...
        def __bool__(self) -> bool: ...
        def __int__(self) -> int: ...
        def __trunc__(self) -> int: ...
        def __getitem__(self, at: Any) -> Variable: ...
        def __iter__(self) -> Iterator[Variable]: ...
        def __round__(self, decimals: int | None = None) -> Variable: ...
        @property
        def T(self) -> Variable: ...
        @property
        def mT(self) -> Variable: ...
        @property
        def real(self) -> Variable: ...
        def astype(self, dtype: Any, *_: Any, **__: Any) -> Any: ...
        def clip(self, min: Any = None, max: Any = None) -> Variable: ...
        def copy(self, order: Any = "C") -> Variable: ...
        def reshape(self, *shape: Any, order: str = "C", copy: Any = None) -> Variable: ...
        def transpose(self, *axes: Any) -> Variable: ...
        def flatten(self, order: Any = "C") -> Variable: ...
        def compress(self, condition: Any, axis: Any = None) -> Variable: ...
        def conj(self, *args: Any, **options: Any) -> Variable: ...
        def conjugate(self, *args: Any, **options: Any) -> Variable: ...
        def cumprod(self, *args: Any, **options: Any) -> Variable: ...
        def cumsum(self, *args: Any, **options: Any) -> Variable: ...
        def diagonal(self, *args: Any, **options: Any) -> Variable: ...
        def dot(self, *args: Any, **options: Any) -> Variable: ...
        def max(self, *args: Any, **options: Any) -> Variable: ...
        def mean(self, *args: Any, **options: Any) -> Variable: ...
        def min(self, *args: Any, **options: Any) -> Variable: ...
        def prod(self, *args: Any, **options: Any) -> Variable: ...
        def ptp(self, *args: Any, **options: Any) -> Variable: ...
        def ravel(self, *args: Any, **options: Any) -> Variable: ...
        def repeat(self, *args: Any, **options: Any) -> Variable: ...
        def round(self, *args: Any, **options: Any) -> Variable: ...
        def squeeze(self, *args: Any, **options: Any) -> Variable: ...
        def std(self, *args: Any, **options: Any) -> Variable: ...
        def sum(self, *args: Any, **options: Any) -> Variable: ...
        def swapaxes(self, *args: Any, **options: Any) -> Variable: ...
        def take(self, *args: Any, **options: Any) -> Variable: ...
        def trace(self, *args: Any, **options: Any) -> Variable: ...
        def var(self, *args: Any, **options: Any) -> Variable: ...
        def all(self, *args: Any, **options: Any) -> Any: ...
        def any(self, *args: Any, **options: Any) -> Any: ...
        def argmax(self, *args: Any, **options: Any) -> Any: ...
        def argmin(self, *args: Any, **options: Any) -> Any: ...
        def argpartition(self, *args: Any, **options: Any) -> Any: ...
        def argsort(self, *args: Any, **options: Any) -> Any: ...
        def nonzero(self, *args: Any, **options: Any) -> Any: ...
        def searchsorted(self, *args: Any, **options: Any) -> Any: ...

    @explained
    def __init__(self, value: Any, name: str = ""):
        if isinstance(value, Variable):
            raise DtypeError(
                f"Variable({value!r}) would be a copy without a history, where derivatives stop. "
                "Use the variable itself, or Variable(x.value) where no gradient is needed."
            )
        array = own(as_array("Variable", "its value", value))
        if array.dtype.kind in "biu":
            array = array.astype(np.float64)
        if array.dtype.kind != "f":
            raise DtypeError(f"Variable expects real numbers; got {array.dtype}.")
        self.value = array
        self.value.flags.writeable = False
        self.name = name
        self.grad: Any = None
        self.operation: Differentiable | None = None
        self.args: tuple[Any, ...] = ()
        self.options: dict[str, Any] = {}
        self._pullbacks: Pullbacks | None = ()
        self.number = next(_COUNT)

    @classmethod
    def record(
        cls,
        operation: Differentiable,
        args: tuple[Any, ...],
        options: dict[str, Any],
        value: Any,
        pullbacks: Pullbacks,
    ) -> Variable:
        result = cls.__new__(cls)
        result.value = value if type(value) is np.ndarray else np.asarray(value)
        if result.value.dtype.kind != "f":
            raise DtypeError(
                f"{operation.__name__} returned {result.value.dtype}, but a variable holds real "
                "numbers. Use .value where no gradient is needed."
            )
        result.value.flags.writeable = False
        result.name, result.grad = "", None
        result.operation, result.args, result.options = operation, args, options
        result._pullbacks, result.number = pullbacks, next(_COUNT)
        return result

    def pullbacks(self) -> Pullbacks:
        """One function per argument, from the gradient of this variable to the argument's.

        Raises:
            StateError: ``backward`` has freed them.
        """
        if self._pullbacks is None:
            raise StateError(
                f"{self!r}: an earlier backward freed this part of the graph. Compute the value "
                "again, or keep the graph with backward(keep=True); grad() never frees it."
            )
        return self._pullbacks

    @explained
    def backward(self, dy: Any = None, *, keep: bool = False) -> None:
        """Compute the gradient of this variable with respect to everything it depends on.

        The result is stored in the ``grad`` of each variable and replaces any earlier gradient
        (it is not added to it). The graph is freed along the way, so a second call raises an
        error instead of silently doubling gradients.

        Args:
            dy: gradient of the final result with respect to this variable; 1 by default, for
                scalars.
            keep: keep the graph for another call.

        Raises:
            ShapeError: dy has another shape, or is missing where this variable is not a scalar.
            StateError: an earlier call freed the graph.
        """
        for v, gradient in reverse_sweep(in_order([self]), [(self, dy)], Variable.pullbacks):
            v.grad = gradient
            if gradient is not None and v.operation is not None and not keep:
                v._pullbacks = None

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name.startswith("__"):  # asked for by NumPy and Python
                raise AttributeError(name)
            if hasattr(np.ndarray, name):
                super().__getattr__(name)  # refuses it with its reason
            lines = {name: line} if (line := line_for_method(name)) else VARIABLE
            raise missing_attribute("Variable", name, lines, dir(type(self)))

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles of variables that were made by the user; others have a history."""
        if self.operation is not None:
            raise StateError(
                f"{self!r} cannot be copied or pickled: it was computed from others. Copy what it "
                "was computed from and compute it again, or take its value."
            )
        return _restored, (type(self), self.value, self.name, self.grad)

    def __repr__(self) -> str:
        name = f"{self.name!r}, " if self.name else ""
        source = f" by {self.operation.__name__}" if self.operation is not None else ""
        value = f"{self.value:.6g}" if self.ndim == 0 else f"shape {self.shape}"
        return f"Variable({name}{value}){source}"


def _restored(kind: type[Variable], value: np.ndarray, name: str, grad: Any) -> Variable:
    variable = kind(value, name)
    variable.grad = None if grad is None else np.array(grad)
    return variable
