"""Computational graphs: variables that record operations, and derivatives of what they record.

To read in this order: ``arithmetic`` (what variables share with arrays), ``sweep`` (the order of
a graph and the way back through it), ``variable``, ``derivatives``, ``nodes``.
"""

from mitbadak.core import moved as _moved
from mitbadak.graph.derivatives import (
    grad,
    gradient_of,
    hessian,
    hessian_vector_product,
    jacobian,
)
from mitbadak.graph.nodes import Add, Branch, MatMul, Multiply, Node, Repeat, Sum
from mitbadak.graph.sweep import in_order
from mitbadak.graph.variable import Variable

__all__ = [
    "Add",
    "Branch",
    "MatMul",
    "Multiply",
    "Node",
    "Repeat",
    "Sum",
    "Variable",
    "grad",
    "gradient_of",
    "hessian",
    "hessian_vector_product",
    "in_order",
    "jacobian",
]

__getattr__ = _moved.moved_names("graph", lambda: __all__)
