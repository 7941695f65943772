"""Points in the plane to learn from, each set made from a seed.

Coordinates reach from -6 to 6, where squares and sines as inputs are worth having.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mitbadak.data import load_blobs, load_moons, load_spiral
from mitbadak.lab.formula import evaluate_formula
from mitbadak.lab.schema import RefusedError

EDGE = 6.0  # the plane that is drawn reaches from -EDGE to EDGE
RADIUS = 5.0  # of what is made
LEAST, MOST_CLASSES = 4, 6  # of points of one's own
Drawn = tuple[np.ndarray, np.ndarray]


class Points(NamedTuple):
    """A set that was made.

    Attributes:
        x: coordinates, shape (n, 2), float64.
        t: class indices (n,), or targets (n, 1) for a regression.
        classes: number of classes; 0 for a regression.
    """

    x: np.ndarray
    t: np.ndarray
    classes: int


@dataclass(frozen=True)
class Kind:
    """How a set is made.

    Attributes:
        make: from n, the noise from 0 to 1, and a generator.
        classes: number of classes; 0 for a regression.
    """

    make: Callable[[int, float, np.random.Generator], Drawn]
    classes: int


def made_points(kind: str, n: int = 400, noise: float = 0.0, seed: int = 0) -> Points:
    """A set by name.

    Args:
        kind: one of ``KINDS``.
        n: number of points.
        noise: from 0 to 1.
        seed: for the points.

    Returns:
        The points, dealt to the classes in turn.

    Example:
        >>> made_points("xor", 4).t.tolist()
        [0, 1, 0, 1]
        >>> made_points("plane", 3).classes
        0
    """
    maker = KINDS[kind]
    x, t = maker.make(n, noise, np.random.default_rng(seed))
    return Points(x, t, maker.classes)


def formula_points(formula: str, n: int, noise: float, seed: int) -> Points:
    """Points whose class or target a formula of x1 and x2 says.

    Args:
        formula: a comparison makes two classes; anything else a regression, its values scaled so
            that the largest is 1.
        n, noise, seed: as for ``made_points``; noise moves points before they are asked.

    Raises:
        RefusedError: the formula is not allowed, or has no finite value at some point.

    Example:
        >>> formula_points("x1 > x2", 50, 0, 0).classes, formula_points("x1 * x2", 50, 0, 0).classes
        (2, 0)
    """
    rng = np.random.default_rng(seed)
    x = rng.uniform(-EDGE, EDGE, (n, 2))
    a, b = (x + noise * rng.uniform(-2, 2, (n, 2))).T
    value = evaluate_formula(formula, {"x1": a, "x2": b, "x": a, "y": b})
    if value.dtype == bool:
        return Points(x, value.astype(np.int64), 2)
    if not np.isfinite(value).all():
        raise RefusedError("the formula has no finite value at some of the points.")
    return Points(x, (value / max(1.0, float(np.abs(value).max())))[:, None], 0)


def own_points(rows: Sequence[Sequence[float]], *, classes: bool) -> Points:
    """Points of the page itself.

    Args:
        rows: x1, x2, and a class from 0 to 5 or a target.
        classes: whether they are classes.

    Raises:
        RefusedError: fewer than four points, or a class out of range.

    Example:
        >>> own_points([[0, 0, 0], [1, 1, 1], [2, 0, 1], [3, 3, 0]], classes=True).classes
        2
    """
    if len(rows) < LEAST:
        raise RefusedError(f"at least {LEAST} points are needed; there are {len(rows)}.")
    table = np.asarray(rows, np.float64)
    x, t = table[:, :2], table[:, 2]
    if not classes:
        return Points(x, t[:, None], 0)
    if not np.isin(t, range(MOST_CLASSES)).all():
        raise RefusedError(f"classes are whole numbers from 0 to {MOST_CLASSES - 1}.")
    return Points(x, t.astype(np.int64), max(2, int(t.max()) + 1))


def _circle(n: int, noise: float, rng: np.random.Generator) -> Drawn:
    """A disk inside a ring; noise moves points before their class is decided."""
    t = np.arange(n) % 2
    inner, outer = rng.uniform(0, RADIUS * 0.5, n), rng.uniform(RADIUS * 0.7, RADIUS, n)
    x = _polar(np.where(t == 0, inner, outer), rng.uniform(0, 2 * np.pi, n))
    moved = x + noise * rng.uniform(-RADIUS, RADIUS, (n, 2))
    return x, (np.hypot(*moved.T) >= RADIUS * 0.5).astype(np.int64)


def _xor(n: int, noise: float, rng: np.random.Generator) -> Drawn:
    """Four quadrants, a gap between them."""
    t = np.arange(n) % 2
    x = rng.uniform(0.3, RADIUS, (n, 2)) * rng.choice([-1.0, 1.0], (n, 1))
    x[:, 0] *= np.where(t == 0, 1, -1)
    moved = x + noise * rng.uniform(-RADIUS, RADIUS, (n, 2))
    return x, (moved[:, 0] * moved[:, 1] < 0).astype(np.int64)


def _gauss(n: int, noise: float, rng: np.random.Generator) -> Drawn:
    """Two round clouds."""
    t = np.arange(n) % 2
    center = np.where(t[:, None] == 0, 2.0, -2.0)
    return center + (0.7 + 3.5 * noise) * rng.standard_normal((n, 2)), t


def _spiral(n: int, noise: float, rng: np.random.Generator) -> Drawn:
    """Two arms, one and three quarter turns each."""
    t = np.arange(n) % 2
    along = (np.arange(n) // 2) / max(1, (n - 1) // 2 + 1)
    angle = 1.75 * along * 2 * np.pi + np.pi * t
    x = _polar(along * RADIUS, angle)
    return x + noise * rng.uniform(-1, 1, (n, 2)), t


def _arms(n: int, noise: float, rng: np.random.Generator) -> Drawn:
    """The notes' spiral of three arms, stretched to this plane."""
    x, t = load_spiral(int(rng.integers(2**31)))
    chosen = np.arange(n) * len(x) // n if n < len(x) else np.arange(n) % len(x)
    return x[chosen] * RADIUS + noise * rng.uniform(-2, 2, (n, 2)), t[chosen]


def _moons(n: int, noise: float, rng: np.random.Generator) -> Drawn:
    """Two interleaved half circles."""
    x, t = load_moons(n, 0.02 + 0.5 * noise, rng)
    return (x - [0.5, 0.25]) * 3.0, t


def _blobs(n: int, noise: float, rng: np.random.Generator) -> Drawn:
    """Four clouds on a circle."""
    x, t = load_blobs(n, 0.18 + noise, rng, classes=4)
    return x * 3.2, t


def _plane(n: int, noise: float, rng: np.random.Generator) -> Drawn:
    """A slope: t = (x1 + x2) / 10."""
    x = rng.uniform(-EDGE, EDGE, (n, 2))
    t = x.sum(axis=1, keepdims=True) / 10 + noise * rng.uniform(-1, 1, (n, 1))
    return x, t


def _hills(n: int, noise: float, rng: np.random.Generator) -> Drawn:
    """Hills and hollows of height 1 at six places."""
    x = rng.uniform(-EDGE, EDGE, (n, 2))
    places = np.array([[-4, 2.5], [0, 2.5], [4, 2.5], [-4, -2.5], [0, -2.5], [4, -2.5]], float)
    signs = np.array([1, -1, 1, -1, 1, -1], float)
    height = np.clip(1 - np.linalg.norm(x[:, None] - places, axis=2) / 2, 0, None)
    t = (height * signs).sum(axis=1, keepdims=True)
    return x + noise * rng.uniform(-1, 1, (n, 2)), t


def _polar(radius: np.ndarray, angle: np.ndarray) -> np.ndarray:
    return np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=-1)


KINDS: dict[str, Kind] = {
    "spiral": Kind(_spiral, 2), "circle": Kind(_circle, 2), "xor": Kind(_xor, 2),
    "gauss": Kind(_gauss, 2), "moons": Kind(_moons, 2), "arms": Kind(_arms, 3),
    "blobs": Kind(_blobs, 4), "plane": Kind(_plane, 0), "hills": Kind(_hills, 0),
}  # fmt: skip
