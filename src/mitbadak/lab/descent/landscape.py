"""What is fixed once a surface is chosen: its heights in the window, and its curvature."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from mitbadak.descent import Surface, curvatures, stability_limit

SIDE = 97  # points along the longer side of the map
LEVELS = 14
SPREAD = 50.0  # the share of the highest height that heights near the bottom are told apart by


class Landscape(NamedTuple):
    """Heights of a surface in its window, as a map shows them.

    Attributes:
        shape: rows (from the bottom) and columns.
        heights: of shape ``shape``, brought onto a scale on which contours can be told apart.
        levels: heights of the contours, on that scale.
    """

    shape: tuple[int, int]
    heights: np.ndarray
    levels: np.ndarray


def landscape(f: Surface) -> Landscape:
    """The map of a surface.

    Heights above a known minimum are shown by their logarithm, so that a valley floor has contours
    too; a surface without a lower bound is shown as it is.

    Example:
        >>> from mitbadak.descent import ellipse
        >>> landscape(ellipse).shape
        (55, 97)
    """
    (left, right), (bottom, top) = f.window
    longer = max(right - left, top - bottom)
    columns = round((SIDE - 1) * (right - left) / longer) + 1
    rows = round((SIDE - 1) * (top - bottom) / longer) + 1
    grid = np.stack(np.meshgrid(np.linspace(left, right, columns), np.linspace(bottom, top, rows)))
    heights = np.asarray(f.formula(grid), float)
    if heights.shape != grid.shape[1:]:  # a formula that sums over all that it is given
        heights = np.array([float(f(x)) for x in grid.reshape(2, -1).T]).reshape(rows, columns)
    if len(f.minima):
        lowest = min(float(f(x)) for x in f.minima)
        above = np.maximum(heights - lowest, 0.0)
        heights = np.log1p(SPREAD * above / np.median(above))
    levels = np.linspace(heights.min(), heights.max(), LEVELS + 2)[1:-1]
    return Landscape((rows, columns), heights, levels)


class Stability(NamedTuple):
    """What the curvature at a minimum demands of a learning rate.

    Attributes:
        at: the minimum.
        curvatures: along two directions, from the smallest.
        limit: plain descent cannot settle there with a larger rate.
        exact: whether the curvature is the same everywhere, so that the limit holds from any start.
    """

    at: np.ndarray
    curvatures: np.ndarray
    limit: float
    exact: bool


def stability(f: Surface, start: np.ndarray) -> Stability | None:
    """The stability limit at the minimum nearest to a start; None on a surface without one.

    Example:
        >>> from mitbadak.descent import ellipse, saddle
        >>> found = stability(ellipse, ellipse.start)
        >>> found.limit, found.exact, stability(saddle, saddle.start)
        (1.0, True, None)
    """
    at = f.nearest_minimum(start)
    if at is None:
        return None
    return Stability(at, curvatures(f, at), stability_limit(f, at), is_quadratic(f))


def is_quadratic(f: Surface) -> bool:
    """Whether the second derivatives are the same at every point that is tried."""
    (left, right), (bottom, top) = f.window
    points = [(left, bottom), (right, top), ((left + 2 * right) / 3, (2 * bottom + top) / 3)]
    first, *others = (np.asarray(f.hessian(np.array(point, float))) for point in points)
    return all(np.allclose(first, other, rtol=1e-9, atol=1e-9) for other in others)


def surface_content(f: Surface, lands: Landscape) -> dict[str, Any]:
    """A surface, for its page: what stands beside the heights."""
    return {
        "surface": f.name,
        "formula": FORMULAS.get(f.name, ""),
        "window": [list(side) for side in f.window],
        "minima": f.minima.tolist(),
        "usual": f.start.tolist(),
        "shape": list(lands.shape),
        "levels": lands.levels.tolist(),
    }


FORMULAS = {
    "sphere": "x₀² + x₁²",
    "ellipse": "x₀²/20 + x₁²",
    "rosenbrock": "(1 − x₀)² + 100 (x₁ − x₀²)²",
    "himmelblau": "(x₀² + x₁ − 11)² + (x₀ + x₁² − 7)²",
    "beale": "(1.5 − x₀(1 − x₁))² + (2.25 − x₀(1 − x₁²))² + (2.625 − x₀(1 − x₁³))²",
    "saddle": "x₀² − x₁²",
}
