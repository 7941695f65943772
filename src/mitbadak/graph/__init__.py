"""Computational graphs: variables that record what is done to them, and the way back."""

from mitbadak.graph.derivatives import gradient_of, hessian, hessian_vector_product, jacobian
from mitbadak.graph.drawing import Drawing, draw
from mitbadak.graph.flow import grad
from mitbadak.graph.nodes import Add, Branch, MatMul, Multiply, Node, Repeat, Sum
from mitbadak.graph.stepwise import Stepwise, stepwise
from mitbadak.graph.variable import Variable, in_order

__all__ = [
    "Add",
    "Branch",
    "Drawing",
    "MatMul",
    "Multiply",
    "Node",
    "Repeat",
    "Stepwise",
    "Sum",
    "Variable",
    "draw",
    "grad",
    "gradient_of",
    "hessian",
    "hessian_vector_product",
    "in_order",
    "jacobian",
    "stepwise",
]
