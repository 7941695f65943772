"""Computational graphs: variables that record what is done to them, and the way back."""

from mitbadak.graph.derivatives import gradient_of, hessian, hessian_vector_product, jacobian
from mitbadak.graph.flow import grad
from mitbadak.graph.variable import Variable, in_order

__all__ = [
    "Variable",
    "grad",
    "gradient_of",
    "hessian",
    "hessian_vector_product",
    "in_order",
    "jacobian",
]
