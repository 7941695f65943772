"""Checks of a gradient against f itself: some entries by the definition, all along a direction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

EPS = float(np.finfo(np.float64).eps)
# Rounding of one evaluation, in units of the largest number on the way: sums over a batch and over
# inputs add up errors of single roundings, which stay well below this.
ROUNDINGS = 64
STEPS = (1e-5, 1e-6, 1e-7)  # along a direction; a kink between the two points falls out of the next
DIRECTION_SHARE = 1e-3  # of the gradient's length; what is missing from a gradient is no such share


@dataclass(frozen=True)
class Check:
    """A comparison with f.

    Attributes:
        entries: how many were computed by the definition.
        difference: the largest difference among them.
        failure: the difference that was too large; 0 if none was.
    """

    entries: int
    difference: float
    failure: float = 0.0


def check_entries(
    f: Callable[[Any], Any], x: np.ndarray, gradient: np.ndarray, h: float, at: np.ndarray,
    size: float,
) -> Check:  # fmt: skip
    """Compare entries with their central differences by the definition.

    Args:
        f, x, gradient, h: what was differentiated, and how.
        at: places of the entries in the flat array.
        size: the largest number among the values that f computes on the way.
    """
    largest = 0.0
    with restored(x):
        for i in at:
            place = np.unravel_index(i, x.shape)
            value = x[place]
            x[place] = value + h
            above = _number(f(x))
            x[place] = value - h
            below = _number(f(x))
            x[place] = value
            difference = abs((above - below) / (2 * h) - float(gradient[place]))
            scale = max(size, abs(above), abs(below))
            # x + h itself is rounded, which changes h by a share of eps |x| / h.
            allowed = ROUNDINGS * EPS * scale / (2 * h) + abs(gradient[place]) * (
                8 * EPS * (abs(value) + 1) / h
            )
            if not difference <= allowed:
                return Check(len(at), difference, difference)
            largest = max(largest, difference)
    return Check(len(at), largest)


def check_direction(
    f: Callable[[Any], Any], x: np.ndarray, gradient: np.ndarray, rng: np.random.Generator,
    size: float,
) -> Check:  # fmt: skip
    """Compare the slope along a direction that changes every entry with the gradient's.

    Whatever part of f's dependence on x the gradient lacks shows in this one number.

    Args:
        f, x, gradient, size: as for ``check_entries``.
        rng: draws the direction.
    """
    length = float(np.linalg.norm(gradient))
    before = x.copy()
    difference = 0.0
    for step in STEPS:
        direction = rng.integers(0, 2, x.shape, np.int8) * 2.0 - 1.0
        with restored(x):
            x[...] = before + step * direction
            above = _number(f(x))
            x[...] = before - step * direction
            below = _number(f(x))
        slope = (above - below) / (2 * step)
        difference = abs(slope - float(np.vdot(direction, gradient)))
        scale = max(size, abs(above), abs(below))
        if difference <= DIRECTION_SHARE * length + ROUNDINGS * EPS * scale / step:
            return Check(0, difference)
    return Check(0, difference, difference)


@contextmanager
def restored(x: np.ndarray) -> Iterator[None]:
    """Give x its entries back, bit for bit, whatever happens."""
    before = x.copy()
    try:
        yield
    finally:
        x[...] = before


def _number(value: Any) -> float:
    return float(np.asarray(value).reshape(()))


def chosen(gradient: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Places of entries to check: the two largest, and random ones, mostly where it is not 0."""
    flat = np.abs(gradient).ravel()
    largest = np.argpartition(flat, -min(2, flat.size))[-min(2, flat.size) :]
    active = np.flatnonzero(flat)
    drawn = rng.choice(active if active.size else flat.size, max(1, count - len(largest)))
    anywhere = rng.integers(0, flat.size, 1)
    return np.unique(np.concatenate([largest, drawn, anywhere]))[: count + 1]
