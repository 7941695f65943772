"""A minimal tape: just enough of a graph variable to prove that one definition serves every order.

It holds no derivative of its own. Everything it knows comes from ``Traced.record`` and from the
operations that NumPy's names lead to.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak import primitives
from mitbadak.differentiable import Traced, value_of


class Variable(Traced):
    """A value and the one operation that made it."""

    __slots__ = ("args", "operation", "options", "pullbacks", "value")

    def __init__(self, value, operation=None, args=(), options=None, pullbacks=()):
        self.value = np.asarray(value)
        self.operation, self.args, self.options = operation, args, options or {}
        self.pullbacks = pullbacks

    @classmethod
    def record(cls, operation, args, options, value, pullbacks) -> Variable:
        return cls(value, operation, args, options, pullbacks)

    shape = property(lambda self: self.value.shape)
    dtype = property(lambda self: self.value.dtype)

    def __getitem__(self, at) -> Any:
        return primitives.index(self, at=at)

    def __neg__(self) -> Any:
        return np.negative(self)


for _name, _ufunc in {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "truediv": np.divide,
    "matmul": np.matmul,
}.items():
    setattr(Variable, f"__{_name}__", lambda a, b, u=_ufunc: u(a, b))
    setattr(Variable, f"__r{_name}__", lambda a, b, u=_ufunc: u(b, a))


def nodes(y: Variable) -> list[Variable]:
    """Every recorded operation that y depends on, y first."""
    order: list[Variable] = []
    seen: set[int] = set()

    def visit(v: Variable) -> None:
        if id(v) in seen or v.operation is None:
            return
        seen.add(id(v))
        for a in v.args:
            if isinstance(a, Variable):
                visit(a)
        order.append(v)

    visit(y)
    return order[::-1]


def grad(y: Variable, x: Variable, *, again: bool = False) -> Any:
    """dy/dx of a scalar y; with ``again`` as a Variable that can be differentiated once more."""
    flowing: dict[int, Any] = {id(y): Variable(np.ones(())) if again else np.ones(())}
    for v in nodes(y):
        dy = flowing.get(id(v))
        if dy is None:
            continue
        # For the next order the SAME body runs again, on the variables themselves.
        pullbacks = v.pullbacks
        if again and v.operation is not None:
            pullbacks = v.operation.vjp(*v.args, **v.options)[1]
        for a, pullback in zip(v.args, pullbacks, strict=True):
            if isinstance(a, Variable) and pullback is not None:
                arriving = pullback(dy)
                flowing[id(a)] = arriving if id(a) not in flowing else flowing[id(a)] + arriving
    found = flowing.get(id(x), np.zeros(x.shape))
    return found if again else value_of(found)
