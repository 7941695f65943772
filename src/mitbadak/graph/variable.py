"""Variables: arrays that remember how they were computed."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Iterable
from typing import Any

import numpy as np

from mitbadak.core import notebook
from mitbadak.core.errors import DtypeError, StateError
from mitbadak.functions import primitives
from mitbadak.functions.differentiable import (
    Differentiable,
    Pullbacks,
    own,
    upstream_gradient,
    value_of,
)
from mitbadak.graph.arithmetic import ArrayLike

_COUNT = itertools.count()
_NUMBER = operator.attrgetter("_number")


class Variable(ArrayLike):
    """A node of a computational graph: a value, and the one operation that made it.

    Operators, NumPy's functions and Mitbadak's own work on variables as on arrays and record what
    they did, each by the derivative that stands beside its definition. ``backward`` on a scalar
    then gives every variable it came from its gradient.

    Args:
        value: a number or array of floats; a list or integers become float64.
        name: for pictures and messages.

    Attributes:
        value: the array, a read-only copy: a changed value would make the recorded derivatives
            wrong.
        name: as given, or "".
        grad: after ``backward``, the gradient of its result with respect to this variable, an
            array of the same shape; None where there is none.
        operation, args, options: what made it; None, () and {} for one that was given.

    Raises:
        DtypeError: the value is not of real numbers.

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

    __slots__ = ("_number", "_pullbacks", "args", "grad", "name", "operation", "options", "value")

    def __init__(self, value: Any, name: str = ""):
        array = np.asarray(own(value_of(value)))
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
        self._number = next(_COUNT)

    @classmethod
    def record(
        cls,
        operation: Differentiable,
        args: tuple[Any, ...],
        options: dict[str, Any],
        value: Any,
        pullbacks: Pullbacks,
    ) -> Variable:
        made = cls.__new__(cls)
        made.value = value if type(value) is np.ndarray else np.asarray(value)
        if made.value.dtype.kind != "f":
            raise DtypeError(
                f"{operation.__name__} gives {made.value.dtype} here, and variables hold real "
                "numbers. Use .value where no gradient is wanted."
            )
        made.value.flags.writeable = False
        made.name, made.grad = "", None
        made.operation, made.args, made.options = operation, args, options
        made._pullbacks, made._number = pullbacks, next(_COUNT)
        return made

    def pullbacks(self) -> Pullbacks:
        """One per argument: the gradient with respect to it, given this variable's.

        Raises:
            StateError: ``backward`` has used and freed them.
        """
        if self._pullbacks is None:
            raise StateError(
                f"{self!r}: backward has been here and freed what it used. Compute the value "
                "again, or keep the graph with backward(keep=True); grad() keeps it too."
            )
        return self._pullbacks

    def free(self) -> None:
        """Forget what is only needed to go backward."""
        if self.operation is not None:
            self._pullbacks = None

    def backward(self, dy: Any = None, *, keep: bool = False) -> None:
        """Gradients of this variable with respect to everything it was computed from.

        Each variable's ``grad`` is set, not added to: a gradient of before is replaced. The graph
        is freed on the way, so that a second call says so instead of doubling anything.

        Args:
            dy: gradient of the result with respect to this variable; default 1, for scalars.
            keep: do not free the graph.

        Raises:
            ShapeError: this variable is no scalar and dy is missing, or dy has another shape.
            StateError: the graph has been used up by an earlier call.
        """
        flowing: dict[int, Any] = {id(self): beginning(self, dy)}
        for v in reversed(in_order([self])):
            arrived = v.grad = flowing.pop(id(v), None)
            if arrived is None or v.operation is None:
                continue
            for a, pullback in zip(v.args, v.pullbacks(), strict=True):
                if pullback is not None and isinstance(a, Variable):
                    arrive(flowing, a, pullback(arrived))
            if not keep:
                v.free()

    def __repr__(self) -> str:
        name = f"{self.name!r}, " if self.name else ""
        made = f" by {self.operation.__name__}" if self.operation is not None else ""
        value = f"{self.value:.6g}" if self.ndim == 0 else f"shape {self.shape}"
        return f"Variable({name}{value}){made}"

    def _repr_html_(self) -> str | None:
        """In notebooks the graph as a picture; for one that was given its text says as much."""
        return notebook.picture_of(self) if notebook.picture_of else None


def in_order(outputs: Iterable[Variable]) -> list[Variable]:
    """Every variable that some outputs were computed from, each before those made of it.

    That is the order in which they were made.

    Example:
        >>> x = Variable(3.0)
        >>> y = x * x
        >>> [v is u for v, u in zip(in_order([y + x]), (x, y))]
        [True, True]
    """
    found = {id(y): y for y in outputs}
    stack = list(found.values())
    while stack:
        for a in stack.pop().args:
            if isinstance(a, Variable) and id(a) not in found:
                found[id(a)] = a
                stack.append(a)
    return sorted(found.values(), key=_NUMBER)


def arrive(flowing: dict[int, Any], v: Variable, arriving: Any) -> None:
    """Where a variable is used several times, the gradients of all its uses add up.

    Each has the dtype of the variable, whatever it met on its way.
    """
    if arriving.dtype != v.value.dtype:
        arriving = primitives.cast(arriving, dtype=v.value.dtype)
    before = flowing.get(id(v))
    flowing[id(v)] = arriving if before is None else before + arriving


def beginning(y: Variable, dy: Any) -> np.ndarray:
    """The gradient that the way back begins with: dy, or 1 for a scalar."""
    return upstream_gradient(repr(y), dy, y.shape, y.dtype).astype(y.dtype, copy=False)
