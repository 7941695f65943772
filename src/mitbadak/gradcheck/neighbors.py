"""The analytic slope at points next to the one under examination."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from mitbadak.core.errors import MitbadakError
from mitbadak.gradcheck.lines import Line
from mitbadak.gradcheck.subjects import Subject, sizes_of

SAMPLES = 8  # pairs of gradients around a kink, at each distance
NEARBY = (1e-6, 1e-10, 1e-14)  # the distances: smaller steps resolve a kink that is further away


@contextmanager
def moved(subject: Subject, moves: Mapping[str, Any]) -> Iterator[None]:
    """Arrays of a subject moved by the given amounts, for a while."""
    before = {name: subject.arrays[name].copy() for name in moves}
    try:
        for name, move in moves.items():
            subject.arrays[name] += move
        yield
    finally:
        for name, value in before.items():
            subject.arrays[name][...] = value


def claimed(line: Line) -> float:
    """The analytic slope along a line; NaN where it cannot be computed."""
    try:
        return line.claimed(line.subject.analytic()[line.name])
    except (ArithmeticError, ValueError, KeyError, MitbadakError):
        return np.nan


def claimed_at(line: Line, s: float) -> float:
    """The analytic slope along a line at a distance s from the point."""
    with moved(line.subject, {line.name: s * line.unit}):
        return claimed(line)


def claimed_around(line: Line) -> list[float]:
    """The analytic slope at random points nearby, in pairs on opposite sides."""
    rng, slopes = np.random.default_rng(0), []
    for distance in NEARBY * SAMPLES:
        moves = {
            name: distance * rng.normal(size=a.shape) * sizes_of(a)
            for name, a in line.subject.arrays.items()
        }
        for side in (1.0, -1.0):
            with moved(line.subject, {name: side * move for name, move in moves.items()}):
                slope = claimed(line)
            slopes += [slope] if np.isfinite(slope) else []
    return slopes
