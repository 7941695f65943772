"""NumPy as its users call it: a table of calls, by theme, for each function that dispatches.

An entry is written with the library as its parameter ``np``, so that NumPy on variables and
``jax.numpy`` on arrays compute the same thing. ``DIFFERENTIABLE`` holds what has a derivative,
``CONSTANT`` piecewise constant functions and predicates, ``REFUSED`` what variables refuse, each
under NumPy's name; ``test_numpy_calls`` fails for a function that is in none of them.
"""

from numpy_surface.calls import Call, Table
from numpy_surface.constants import CONSTANT
from numpy_surface.elementwise import BINARY, UNARY
from numpy_surface.indexing import INDEXING
from numpy_surface.joining import JOINING
from numpy_surface.linear_algebra import LINEAR_ALGEBRA
from numpy_surface.methods import METHODS
from numpy_surface.products import PRODUCTS
from numpy_surface.reductions import REDUCTIONS
from numpy_surface.refusals import MISTAKES, REFUSED, REFUSED_FORMS
from numpy_surface.shapes import SHAPES

DIFFERENTIABLE: Table = {
    **UNARY,
    **BINARY,
    **REDUCTIONS,
    **PRODUCTS,
    **LINEAR_ALGEBRA,
    **SHAPES,
    **JOINING,
    **INDEXING,
}

__all__ = [
    "BINARY",
    "CONSTANT",
    "DIFFERENTIABLE",
    "METHODS",
    "MISTAKES",
    "REFUSED",
    "REFUSED_FORMS",
    "UNARY",
    "Call",
    "Table",
]
