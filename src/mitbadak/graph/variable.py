"""Variables: arrays that remember how they were computed."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from mitbadak.core.arguments import explained
from mitbadak.core.arrays import as_array
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

    def __repr__(self) -> str:
        name = f"{self.name!r}, " if self.name else ""
        source = f" by {self.operation.__name__}" if self.operation is not None else ""
        value = f"{self.value:.6g}" if self.ndim == 0 else f"shape {self.shape}"
        return f"Variable({name}{value}){source}"
