"""What happens at every step of a descent, in the words of a short list."""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from mitbadak.descent import DescentResult, Surface
from mitbadak.descent.verdict import CONVERGED_SHARE

CRAWL_SHARE = 2e-3  # of the way that is left; at this pace a thousand steps bring little
FAR = 20.0  # windows away from its middle


class Event(IntEnum):
    """What a step did. A page has a sentence for each, by its name in small letters."""

    FALLS = 0
    OVERSHOOTS = 1  # past the bottom along its own direction, to a lower place
    GROWS = 2  # past the bottom, to a higher place than before
    CLIMBS = 3  # higher without having passed the bottom, as momentum does
    CRAWLS = 4
    ARRIVED = 5
    FROZEN = 6  # x + step rounds to x, or the numerical gradient is lost to rounding
    GONE = 7  # far outside the window


def events_of(f: Surface, result: DescentResult) -> np.ndarray:
    """What each step of a descent did, as numbers of ``Event``.

    Args:
        f: the surface.
        result: a descent with ``trace=True``.

    Returns:
        One entry per step, uint8.

    Example:
        >>> from mitbadak.descent import ellipse, gradient_descent
        >>> result = gradient_descent(ellipse, [0.0, 2.0], lr=0.9, step_num=2, trace=True)
        >>> [Event(code).name for code in events_of(ellipse, result)]
        ['OVERSHOOTS', 'OVERSHOOTS']
    """
    path = result.path
    with np.errstate(all="ignore"):
        heights = [float(f(x)) for x in path]
        slopes = [point.gradient for point in result.trace]
        if len(slopes) < len(path):
            slopes.append(np.asarray(f.gradient(path[-1])))
        rests = len(path) > 1 and bool((path[-1] == path[-2]).all())
        stuck = rests and _steepness(np.asarray(f.gradient(path[-1]))) > _flat(slopes)
        events = []
        for k in range(len(path) - 1):
            if stuck and (path[k + 1] == path[k]).all():
                events.append(Event.FROZEN)
            elif _is_far(f, path[k + 1]):
                events.append(Event.GONE)
            elif _steepness(slopes[k + 1]) <= _flat(slopes):
                events.append(Event.ARRIVED)
            else:
                rise = heights[k + 1] - heights[k]
                events.append(_event(f, path[k], path[k + 1], slopes[k], slopes[k + 1], rise))
    return np.array(events, np.uint8)


def _event(
    f: Surface,
    before: np.ndarray,
    after: np.ndarray,
    slope: np.ndarray,
    next_slope: np.ndarray,
    rise: float,
) -> Event:
    """What a step did that neither left the map nor came to rest."""
    step = after - before
    if slope @ step < 0 < next_slope @ step:
        return Event.GROWS if rise > 0 else Event.OVERSHOOTS
    if rise > 0:
        return Event.CLIMBS
    minimum = f.nearest_minimum(after)
    (left, right), (bottom, top) = f.window
    way = np.array([right - left, top - bottom]) if minimum is None else minimum - before
    slow = np.linalg.norm(step) < CRAWL_SHARE * np.linalg.norm(way)
    return Event.CRAWLS if slow else Event.FALLS


def _steepness(gradient: np.ndarray) -> float:
    return float(np.abs(gradient).max())


def _flat(slopes: list[np.ndarray]) -> float:
    """The steepness at which a descent counts as arrived, as in its verdict."""
    return CONVERGED_SHARE * _steepness(slopes[0])


def _is_far(f: Surface, x: np.ndarray) -> bool:
    low, high = np.array(f.window).T
    away = np.abs(x - (low + high) / 2) / (high - low)
    return bool(not np.isfinite(x).all() or away.max() > FAR)
