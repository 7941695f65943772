"""The slope of the loss along a line, measured with many values of h, and its uncertainty."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mitbadak.gradcheck.lines import EPS, Line

STEP_RATIO = 4.0
USUAL, LARGER, SMALLER, TINY = (
    range(2, -8, -1),
    range(8, 2, -1),
    range(-8, -21, -1),
    range(-21, -39, -1),
)  # exponents of the ratio; all but the usual ones only where these do not settle the slope
SIGMAS = 3  # standard deviations of rounding to allow for in an estimate
FEWEST = 4  # values of h that an estimate needs
LEAST_ULPS = 16  # of the perturbed number: a smaller h is mostly rounding
CLEAR = 20  # times the rounding: a larger difference is not due to rounding
SMOOTH, KINK, JUMP = "smooth", "kink", "jump"


@dataclass(frozen=True)
class Slope:
    """A derivative in one direction.

    Attributes:
        value: the best estimate.
        doubt: its uncertainty, from rounding and from the disagreement between values of h;
            infinite if nothing could be measured.
        left, right: the one-sided slopes at the smallest h that can tell them apart.
        kind: ``smooth``, ``kink`` if left and right stay apart as h decreases, or ``jump`` if they
            move further apart.
        diverges: the sign of a slope that grows without bound as h decreases, or 0.
        rounding: the rounding error of one evaluation, as seen in the differences.
        seen: whether the loss was finite on at least one side.
    """

    value: float = math.nan
    doubt: float = math.inf
    left: float = math.nan
    right: float = math.nan
    kind: str = SMOOTH
    diverges: int = 0
    rounding: float = 0.0
    seen: bool = False


class Ladder:
    """Evaluations on both sides at distances that decrease by a factor of four.

    Args:
        line: where to evaluate.
        h: the distance in the middle.
        at_rest: the loss at s = 0.
        rounding: a lower bound for the rounding error of one evaluation.
        reach: the largest distance that is allowed.
    """

    def __init__(
        self, line: Line, h: float, at_rest: float, rounding: float, reach: float = math.inf
    ):
        self.line, self.h, self.at_rest, self.rounding = line, h, at_rest, rounding
        self.reach = reach
        self.rungs: dict[int, tuple[float, float, float]] = {}

    def measure(self, enough: float, scale: float) -> Slope:
        """The slope, with further distances where the usual ones leave too much uncertainty.

        Args:
            enough: the uncertainty that is small enough, relative to the slope or to ``scale``,
                whichever is larger.
            scale: the size of the slopes that matter.
        """
        slope, least = Slope(), LEAST_ULPS * EPS * self.line.size
        for exponents in (USUAL, LARGER, SMALLER, TINY):
            for k in exponents:
                step = self.h * STEP_RATIO**k
                if least < step <= self.reach and k not in self.rungs:
                    self.rungs[k] = self.line.both_sides(step)
            slope = self._slope()
            if slope.doubt <= enough * np.fmax(abs(slope.value), scale):
                break
        return slope

    @property
    def flat(self) -> float:
        """The largest distance up to which the loss did not change by a single bit, or 0."""
        flat = 0.0
        for k in sorted(self.rungs):
            if any(value != self.at_rest for value in self.rungs[k][:2]):
                break
            flat = self.h * STEP_RATIO**k
        return flat

    def settled_by_smallest(self) -> Slope:
        """The slope if the loss were rounded to its last digit only, from all distances."""
        self.measure(0.0, 0.0)
        measured, self.rounding = self.rounding, 0.0
        try:
            return self._slope()
        finally:
            self.rounding = measured

    def _telling(self) -> list[int]:
        """The exponents, without those smallest ones at which the loss does not change.

        A change of a number near 0 can be below the last digit of the number it is added to.
        """
        exponents = sorted(self.rungs, reverse=True)
        felt = [k for k in exponents if self.rungs[k][0] != self.rungs[k][1]]
        least = LEAST_ULPS * EPS * max(1.0, self.line.size)
        last = min(felt, default=exponents[-1])
        return [k for k in exponents if k >= last or self.h * STEP_RATIO**k >= least]

    def _slope(self) -> Slope:
        exponents = np.array(self._telling())
        above, below, distance = np.array([self.rungs[k] for k in exponents]).T
        steps = self.h * STEP_RATIO**exponents
        size = np.fmax(np.fmax(np.abs(above), np.abs(below)), abs(self.at_rest))
        rounding = np.fmax(EPS * np.nan_to_num(size), self.rounding)
        both = _finite_end(above + below)
        if len(steps) - both >= FEWEST:
            u = slice(both, None)
            central = (above - below)[u] / distance[u]
            better = np.full_like(central, np.nan)
            better[1:] = (16 * central[1:] - central[:-1]) / 15  # the h^2 term cancels
            moves = np.maximum(np.abs(above - self.at_rest), np.abs(below - self.at_rest))[u]
            better[~_shrinking(moves, CLEAR * rounding[u])] = np.nan
            value, doubt, noise = _best(better, steps[u], rounding[u])
            second = (above + below - 2 * self.at_rest)[u]
            left, right, kind = self._sides(above[u], below[u], second, steps[u], rounding[u])
            diverges = _divergence(central, steps[u], rounding[u])
            return Slope(value, doubt, left, right, kind, diverges, noise, True)
        best = Slope()
        for values, sign in ((above, 1.0), (below, -1.0)):
            from_here = _finite_end(values)
            if len(steps) - from_here > FEWEST:
                u = slice(from_here, None)
                raw = sign * (values[u] - self.at_rest) / steps[u]
                slope = self._one_sided(raw, steps[u], 2 * rounding[u])
                best = slope if slope.doubt < best.doubt or slope.diverges else best
        return best

    def _one_sided(self, raw: np.ndarray, steps: np.ndarray, rounding: np.ndarray) -> Slope:
        """At the edge of a domain, by eliminating the h and the h^2 term in turn."""
        first, better = np.full_like(raw, np.nan), np.full_like(raw, np.nan)
        first[1:] = (4 * raw[1:] - raw[:-1]) / 3
        better[2:] = (16 * first[2:] - first[1:-1]) / 15
        value, doubt, noise = _best(better, steps, rounding)
        diverges = _divergence(raw, steps, rounding)
        return Slope(value, doubt, diverges=diverges, rounding=noise, seen=True)

    def _sides(
        self, above: np.ndarray, below: np.ndarray, second: np.ndarray, steps: np.ndarray,
        rounding: np.ndarray,
    ) -> tuple[float, float, str]:  # fmt: skip
        """The slopes from the left and from the right, and whether they meet.

        For a smooth function they converge as h decreases.
        """
        apart = np.abs(second) / steps
        clear = np.flatnonzero(apart > CLEAR * SIGMAS * rounding / steps)
        if not len(clear):
            return math.nan, math.nan, SMOOTH
        at = int(clear[-1])  # the smallest h at which rounding cannot be the reason
        ratio = 1.0  # if there are too few values of h to see them converge
        if at >= 3:
            # A kink close to the point shows fully only with the next larger h.
            ratio = max(apart[at] / apart[at - 2], apart[at - 1] / apart[at - 3])
            at = max(at, at - 1, key=lambda k: apart[k])
        right = float((above[at] - self.at_rest) / steps[at])
        left = float((self.at_rest - below[at]) / steps[at])
        return left, right, JUMP if ratio > 3 else KINK if ratio > 0.3 else SMOOTH


def _finite_end(values: np.ndarray) -> int:
    """The index from which all values are finite."""
    bad = np.flatnonzero(~np.isfinite(values))
    return int(bad[-1]) + 1 if len(bad) else 0


def _shrinking(moves: np.ndarray, rounding: np.ndarray) -> np.ndarray:
    """For which h the loss changes less at every smaller h, in proportion and beyond rounding.

    That fails beyond a jump, and across the periods of an oscillation.
    """
    shrinking = np.ones(len(moves), bool)
    for k in range(len(moves)):
        most = 2.0 * moves[k] * 0.5 ** np.arange(1, len(moves) - k)
        shrinking[k] = bool((moves[k + 1 :] <= most + rounding[k + 1 :]).all())
    return shrinking


def _best(
    estimates: np.ndarray, steps: np.ndarray, rounding: np.ndarray
) -> tuple[float, float, float]:
    """The estimate with the least uncertainty, this uncertainty, and the rounding error seen.

    Rounding shows as a disagreement that grows as h decreases, so the disagreement of estimates
    with a smaller h, times h, bounds it. An estimate counts only if no smaller h contradicts it
    beyond that bound: large values of h can agree with one another and all be wrong, across a kink
    or across the periods of an oscillation.
    """
    if np.isfinite(estimates).sum() < 2:
        return math.nan, math.inf, float(rounding.max(initial=0.0))
    change = np.abs(np.diff(estimates))
    change = np.where(np.isnan(change), np.inf, change)
    seen = np.where(np.isfinite(change), change * steps[1:], 0.0)
    seen = np.maximum.accumulate(seen[::-1])[::-1]
    noise = np.maximum(rounding, np.append(seen, 0.0))
    uncertain = SIGMAS * noise / steps
    before, after = np.append(np.inf, change), np.append(change, np.inf)
    doubt = np.where(np.isnan(estimates), np.inf, np.maximum(before, after)) + uncertain
    for k in np.argsort(doubt):
        later = np.nan_to_num(np.abs(estimates[k + 1 :] - estimates[k]))
        if np.isfinite(doubt[k]) and (later <= 3 * (doubt[k] + uncertain[k + 1 :])).all():
            return float(estimates[k]), float(doubt[k]), float(noise[k])
    return math.nan, math.inf, float(noise.max())


def _divergence(raw: np.ndarray, steps: np.ndarray, rounding: np.ndarray) -> int:
    """The sign of slopes that keep growing over the smallest values of h, or 0."""
    last = raw[np.abs(raw) * steps > CLEAR * rounding][-6:]
    growing = len(last) == 6 and (np.abs(last[2:]) > 1.1 * np.abs(last[:-2])).all()
    return int(np.sign(last[-1])) if growing and len(set(np.sign(last))) == 1 else 0
