"""Test surfaces for descent: a formula each, with its gradient, minima and window."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mitbadak.core.errors import ShapeError, unknown_name
from mitbadak.graph.derivatives import gradient_of, hessian

Point = tuple[float, float]


class Surface:
    """A function of two numbers, called as ``f(x)``, with its known properties.

    Its derivatives are computed from the formula itself, through a graph.

    Attributes:
        name: name of the formula.
        formula: takes an array of two numbers (or a graph variable) and returns one.
        minima: all points at which f is smallest; none if f has no lower bound.
        start: the usual start of a descent.
        window: ``((left, right), (bottom, top))``, the area for pictures.

    Example:
        >>> himmelblau.gradient([3.0, 2.0]), len(himmelblau.minima)
        (array([0., 0.]), 4)
    """

    def __init__(
        self,
        formula: Callable[[Any], Any],
        *,
        minima: Sequence[Point],
        start: Point,
        window: tuple[Point, Point],
    ):
        functools.update_wrapper(self, formula)
        self.name = str(formula.__name__)  # type: ignore[attr-defined]
        self.formula = formula
        self.minima = np.array(minima, float).reshape(-1, 2)
        self.start = np.array(start, float)
        self.window = window

    def __call__(self, x: Any) -> Any:
        shape = x.shape if hasattr(x, "shape") else np.shape(x)
        if shape and not self.takes(shape[0]):
            raise ShapeError(f"{self.name} is a function of two numbers; got {shape[0]}.")
        return self.formula(x)

    def takes(self, numbers: int) -> bool:
        """Whether x may have so many entries.

        Example:
            >>> beale.takes(1), sphere.takes(3)
            (False, True)
        """
        return numbers == 2 or self.name in OF_ANY_NUMBER

    def __repr__(self) -> str:
        return f"<surface {self.name}>"

    def gradient(self, x: Any) -> np.ndarray:
        """The gradient at x, exact."""
        return gradient_of(self.formula)(x)

    def hessian(self, x: Any) -> np.ndarray:
        """The second derivatives at x, exact, shape (2, 2)."""
        return hessian(self.formula, x)

    def nearest_minimum(self, x: Any) -> np.ndarray | None:
        """The minimum nearest to x; None if f has none."""
        if not len(self.minima):
            return None
        with np.errstate(over="ignore"):
            distances = np.abs(self.minima - np.asarray(x)).max(axis=1)
        return self.minima[int(np.argmin(distances))]


OF_ANY_NUMBER = ("sphere",)  # all others take two numbers
SURFACES: dict[str, Surface] = {}


def surface(name: str) -> Surface:
    """The surface called ``name`` in ``SURFACES``.

    Raises:
        UnknownNameError: there is none of that name; the message suggests the closest.
    """
    if name not in SURFACES:
        raise unknown_name("surface", name, SURFACES)
    return SURFACES[name]


def _surface(**properties: Any) -> Callable[[Callable[[Any], Any]], Surface]:
    """Make a surface of a formula and list it in ``SURFACES``."""

    def register(formula: Callable[[Any], Any]) -> Surface:
        f = Surface(formula, **properties)
        SURFACES[f.name] = f
        return f

    return register


@_surface(minima=[(0, 0)], start=(-3, 4), window=((-3.5, 3.5), (-4.5, 4.5)))
def sphere(x: Any):
    """``x0^2 + x1^2 + ...``, the notes' first function; minimum 0 at the origin.

    Example:
        >>> float(sphere(np.array([3.0, 4.0])))
        25.0
    """
    return np.sum(x**2)


@_surface(minima=[(0, 0)], start=(-7, 2), window=((-8, 8), (-4.5, 4.5)))
def ellipse(x: Any):
    """``x0^2 / 20 + x1^2``, the book's elongated bowl; minimum 0 at the origin.

    Example:
        >>> float(ellipse(np.array([-7.0, 2.0])))
        6.45
    """
    return x[0] ** 2 / 20.0 + x[1] ** 2


@_surface(minima=[(1, 1)], start=(-1.2, 1), window=((-2, 2), (-1, 3)))
def rosenbrock(x: Any):
    """``(1 - x0)^2 + 100 (x1 - x0^2)^2``, a long bent valley; minimum 0 at (1, 1).

    References:
        Rosenbrock, An automatic method for finding the greatest or least value of a function,
        The Computer Journal 3, 1960; the start (-1.2, 1) is his.

    Example:
        >>> float(rosenbrock(np.array([-1.0, 1.0]))), rosenbrock.gradient([0.0, 0.0])
        (4.0, array([-2.,  0.]))
    """
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


@_surface(
    minima=[
        (3, 2),
        (-2.805118086952745, 3.131312518250573),
        (-3.779310253377747, -3.283185991286170),
        (3.584428340330492, -1.848126526964404),
    ],
    start=(0, 0),
    window=((-5, 5), (-5, 5)),
)
def himmelblau(x: Any):
    """``(x0^2 + x1 - 11)^2 + (x0 + x1^2 - 7)^2``: four minima, all 0.

    References:
        Himmelblau, Applied Nonlinear Programming, McGraw-Hill, 1972.

    Example:
        >>> float(himmelblau(np.array([0.0, 0.0])))
        170.0
    """
    return (x[0] ** 2 + x[1] - 11) ** 2 + (x[0] + x[1] ** 2 - 7) ** 2


@_surface(minima=[(3, 0.5)], start=(1, 1), window=((-0.5, 4.5), (-1.5, 1.5)))
def beale(x: Any):
    """``sum_k (c_k - x0 (1 - x1^k))^2`` for k = 1, 2, 3 and c = 1.5, 2.25, 2.625.

    Minimum 0 at (3, 0.5), on a nearly flat floor between steep walls.

    References:
        Beale, On an iterative method for finding a local minimum of a function of more than one
        variable, Princeton technical report 25, 1958; number 5 of More, Garbow and Hillstrom,
        Testing unconstrained optimization software, ACM TOMS 7, 1981, whose start is (1, 1).

    Example:
        >>> float(beale(np.array([0.0, 0.0])))
        14.203125
    """
    first = 1.5 - x[0] * (1 - x[1])
    second = 2.25 - x[0] * (1 - x[1] ** 2)
    third = 2.625 - x[0] * (1 - x[1] ** 3)
    return first**2 + second**2 + third**2


@_surface(minima=[], start=(-2, 0.01), window=((-3, 3), (-3, 3)))
def saddle(x: Any):
    """``x0^2 - x1^2``: up along x0, down along x1, with no lower bound.

    Example:
        >>> float(saddle(np.array([2.0, 1.0])))
        3.0
    """
    return x[0] ** 2 - x[1] ** 2
