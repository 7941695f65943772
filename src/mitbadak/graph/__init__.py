"""Computational graphs: variables that record what is done to them, and the way back."""

from mitbadak.core import moved as _moved
from mitbadak.graph.derivatives import gradient_of, hessian, hessian_vector_product, jacobian
from mitbadak.graph.flow import grad
from mitbadak.graph.nodes import Add, Branch, MatMul, Multiply, Node, Repeat, Sum
from mitbadak.graph.variable import Variable, in_order

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

__getattr__ = _moved.moved_names("graph")
