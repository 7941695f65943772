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
)  # exponents of the ratio; all but the usual ones are used only if those do not decide
SIGMAS = 3  # of rounding error, in one estimate
FEWEST = 4  # steps that an estimate needs
LEAST_ULPS = 16  # of the moved number: a smaller step is mostly rounding error
RESOLVED_ULPS = 4096  # of a number of size 1: it takes on at least three digits of a larger step
CLEAR = 20  # times the rounding error: a larger difference is real
DRIFT = 4  # successive changes that show that the estimates drift
STEADY = 0.7  # of the previous change: where changes shrink faster, the estimates converge
JUMPING = 0.95  # of the ratio of two steps: slopes that grow by as much show a jump
SMOOTH, KINK, JUMP = "smooth", "kink", "jump"


@dataclass(frozen=True)
class Slope:
    """A derivative in one direction.

    Attributes:
        value: the best estimate.
        uncertainty: its uncertainty, from rounding error and from the disagreement between steps;
            infinite where nothing could be measured.
        left, right: the one-sided slopes, from steps down to the smallest that can tell them apart.
        left_uncertainty, right_uncertainty: their uncertainties.
        kind: ``smooth``, ``kink`` where left and right stay apart however small the step, or
            ``jump`` where they grow apart.
        diverges: the sign of a slope that grows without bound as the step shrinks, or 0.
        steepest: where the slope diverges on every side in the domain, its value at the smallest
            step; else 0.
        rounding: the rounding error of a single evaluation, as seen in the differences.
        seen: whether the loss was finite on at least one side.
    """

    value: float = math.nan
    uncertainty: float = math.inf
    left: float = math.nan
    right: float = math.nan
    left_uncertainty: float = math.inf
    right_uncertainty: float = math.inf
    kind: str = SMOOTH
    diverges: int = 0
    steepest: float = 0.0
    rounding: float = 0.0
    seen: bool = False

    @property
    def has_sides(self) -> bool:
        """Whether the one-sided slopes were measured, and differ by more than their doubts."""
        return 3 * (self.left_uncertainty + self.right_uncertainty) < abs(self.right - self.left)


class Ladder:
    """Losses on both sides of a point, at steps h that decrease by a factor of four.

    Args:
        line: where to evaluate.
        h: the usual step.
        base_loss: the loss at s = 0.
        rounding: the rounding error of a single evaluation, at least.
        reach: the largest step allowed.

    ``growing_rounding`` is the part of the rounding error that grows with the step, divided by the
    step.
    """

    def __init__(
        self, line: Line, h: float, base_loss: float, rounding: float, reach: float = math.inf
    ):
        self.line, self.h, self.base_loss, self.rounding = line, h, base_loss, rounding
        self.reach, self.growing_rounding = reach, 0.0
        self.rungs: dict[int, tuple[float, float, float]] = {}

    def measure(self, enough: float, scale: float) -> Slope:
        """The slope, with further distances where the usual ones leave too much uncertainty.

        Args:
            enough: the uncertainty that is small enough, relative to the slope or to ``scale``,
                whichever is larger.
            scale: the size of the slopes that matter.
        """
        slope = Slope()
        for exponents in (USUAL, LARGER, SMALLER, TINY):
            self._evaluate(exponents)
            slope = self._slope()
            if (
                slope.uncertainty <= enough * np.fmax(abs(slope.value), scale)
                and not slope.diverges
            ):
                break
        return slope

    def measure_all(self) -> None:
        """Evaluate at every step there is."""
        for exponents in (USUAL, LARGER, SMALLER, TINY):
            self._evaluate(exponents)

    def _evaluate(self, exponents: range) -> None:
        least = LEAST_ULPS * EPS * self.line.size
        for k in exponents:
            step = self.h * STEP_RATIO**k
            if least < step <= self.reach and k not in self.rungs:
                self.rungs[k] = self.line.both_sides(step)

    @property
    def losses(self) -> dict[float, tuple[float, float]]:
        """The losses above and below the point by step."""
        return {self.h * STEP_RATIO**k: rung[:2] for k, rung in self.rungs.items()}

    @property
    def flat(self) -> float:
        """The largest distance up to which the loss did not change by a single bit, or 0."""
        flat = 0.0
        for k in sorted(self.rungs):
            if any(value != self.base_loss for value in self.rungs[k][:2]):
                break
            flat = self.h * STEP_RATIO**k
        return flat

    def overflow(self) -> int:
        """The sign of a slope that exceeds the largest float64 at every usual step, or 0."""
        self._evaluate(USUAL)
        rungs = [self.rungs[k] for k in USUAL if k in self.rungs]
        slopes = {(above - below) / distance for above, below, distance in rungs}
        return int(np.sign(slopes.pop())) if slopes in ({math.inf}, {-math.inf}) else 0

    def slope_at_full_precision(self) -> Slope:
        """The slope, if each loss were rounded only in its last digit."""
        self.measure_all()
        measured, self.rounding = self.rounding, 0.0
        try:
            return self._slope()
        finally:
            self.rounding = measured

    def slope_of_larger_steps(self) -> Slope:
        """The slope from steps that are large enough to change numbers of size 1.

        Smaller steps of a number near 0 can change some terms of the loss and be lost in others.
        """
        least = RESOLVED_ULPS * EPS * max(1.0, self.line.size)
        return self._slope([k for k in self._informative() if self.h * STEP_RATIO**k >= least])

    def _informative(self) -> list[int]:
        """The exponents of the steps, without the smallest ones if the loss does not change there.

        A small change of a number near 0 can be lost when a larger number is added.
        """
        exponents = sorted(self.rungs, reverse=True)
        changed = [k for k in exponents if self.rungs[k][0] != self.rungs[k][1]]
        least = LEAST_ULPS * EPS * max(1.0, self.line.size)
        last = min(changed, default=exponents[-1])
        return [k for k in exponents if k >= last or self.h * STEP_RATIO**k >= least]

    def _slope(self, exponents_used: list[int] | None = None) -> Slope:
        exponents = np.array(self._informative() if exponents_used is None else exponents_used)
        if not len(exponents):
            return Slope()
        above, below, distance = np.array([self.rungs[k] for k in exponents]).T
        steps = self.h * STEP_RATIO**exponents
        size = np.fmax(np.fmax(np.abs(above), np.abs(below)), abs(self.base_loss))
        rounding = np.fmax(EPS * np.nan_to_num(size), self.rounding + self.growing_rounding * steps)
        both = _finite_end(above + below)
        if len(steps) - both >= FEWEST:
            u = slice(both, None)
            central = (above - below)[u] / distance[u]
            better = np.full_like(central, np.nan)
            better[1:] = (16 * central[1:] - central[:-1]) / 15  # the h^2 term cancels
            moves = np.maximum(np.abs(above - self.base_loss), np.abs(below - self.base_loss))[u]
            better[~_shrinking(moves, CLEAR * rounding[u])] = np.nan
            value, uncertainty, noise, best = _best(better, steps[u], rounding[u])
            second = (above + below - 2 * self.base_loss)[u]
            kind, at = _kind(second, steps[u], rounding[u])
            if kind == SMOOTH and best >= FEWEST:
                # Kinks so close together that rounding error hides the gap count as one.
                merged, merged_at = _kind(second[: best + 1], steps[u], rounding[u])
                if merged == KINK and merged_at >= FEWEST:
                    kind, at = merged, merged_at
            right, right_uncertainty = self._side(above[u], steps[u], rounding[u], at)
            left, left_uncertainty = self._side(
                2 * self.base_loss - below[u], steps[u], rounding[u], at
            )
            diverges = _divergence(central, steps[u], rounding[u])
            raw = [(above - self.base_loss)[u] / steps[u], (self.base_loss - below)[u] / steps[u]]
            steepest = min((_steepest(r, steps[u], rounding[u]) for r in raw), key=abs)
            steepest = steepest if np.sign(steepest) == diverges else 0.0
            sides = left, right, left_uncertainty, right_uncertainty
            return Slope(value, uncertainty, *sides, kind, diverges, steepest, noise, True)
        best = Slope()
        for values, sign in ((above, 1.0), (below, -1.0)):
            first = _finite_end(values)
            if len(steps) - first > FEWEST:
                u = slice(first, None)
                raw = sign * (values[u] - self.base_loss) / steps[u]
                slope = self._one_sided(raw, steps[u], 2 * rounding[u])
                best = slope if slope.uncertainty < best.uncertainty or slope.diverges else best
        return best

    def _one_sided(self, raw: np.ndarray, steps: np.ndarray, rounding: np.ndarray) -> Slope:
        """At the edge of a domain, by eliminating the h and the h^2 term in turn."""
        first, better = np.full_like(raw, np.nan), np.full_like(raw, np.nan)
        first[1:] = (4 * raw[1:] - raw[:-1]) / 3
        better[2:] = (16 * first[2:] - first[1:-1]) / 15
        value, uncertainty, noise, _ = _best(better, steps, rounding)
        diverges, steepest = _divergence(raw, steps, rounding), _steepest(raw, steps, rounding)
        return Slope(
            value, uncertainty, diverges=diverges, steepest=steepest, rounding=noise, seen=True
        )

    def _side(
        self, values: np.ndarray, steps: np.ndarray, rounding: np.ndarray, at: int
    ) -> tuple[float, float]:
        """The slope on one side and its uncertainty, from the steps down to one of them.

        Each estimate lies between two steps, so a kink closer than both has no influence.
        """
        if at < 0:
            return math.nan, math.inf
        u = slice(None, at + 1)
        raw = np.diff(values[u]) / np.diff(steps[u])
        side = self._one_sided(raw, steps[u][1:], rounding[u][1:]) if at else Slope()
        if np.isfinite(side.uncertainty):
            return side.value, side.uncertainty
        return float((values[at] - self.base_loss) / steps[at]), math.inf


def _kind(second: np.ndarray, steps: np.ndarray, rounding: np.ndarray) -> tuple[str, int]:
    """Whether the slopes from the left and from the right meet as the step shrinks.

    For a smooth function their difference is of the order of the step.

    Returns:
        The kind, and the index of the smallest step that tells the sides apart, or -1.
    """
    n = len(second)
    apart = np.abs(second) / steps[:n]
    clear = np.flatnonzero(apart > CLEAR * SIGMAS * rounding[:n] / steps[:n])
    if not len(clear):
        return SMOOTH, -1
    at = int(clear[-1])  # the smallest step at which rounding cannot be the reason
    ratio = 1.0  # too few steps to tell whether the difference shrinks
    if at >= 3:
        # A kink slightly off the point shows fully only at the next larger step.
        ratio = max(apart[at] / apart[at - 2], apart[at - 1] / apart[at - 3])
        at = max(at, at - 1, key=lambda k: apart[k])
    return JUMP if ratio > 3 else KINK if ratio > 0.3 else SMOOTH, at


def _finite_end(values: np.ndarray) -> int:
    """The index from which all values are finite."""
    bad = np.flatnonzero(~np.isfinite(values))
    return int(bad[-1]) + 1 if len(bad) else 0


def _shrinking(moves: np.ndarray, rounding: np.ndarray) -> np.ndarray:
    """Where the change of the loss shrinks at every smaller h, up to rounding error.

    It does not beyond a jump, or across the periods of an oscillation.
    """
    shrinking = np.ones(len(moves), bool)
    for k in range(len(moves)):
        most = 2.0 * moves[k] * 0.5 ** np.arange(1, len(moves) - k)
        shrinking[k] = bool((moves[k + 1 :] <= most + rounding[k + 1 :]).all())
    return shrinking


def _best(
    estimates: np.ndarray, steps: np.ndarray, rounding: np.ndarray
) -> tuple[float, float, float, int]:
    """The least uncertain estimate, its uncertainty, the rounding seen below it, and its index.

    Rounding error shows as a disagreement that grows as h decreases, so the disagreement of
    estimates with a smaller h, times h, bounds it. An estimate counts only if no smaller h
    contradicts it beyond that bound: large values of h can agree with one another and all be wrong,
    across a kink or across the periods of an oscillation.
    """
    if np.isfinite(estimates).sum() < 2:
        return math.nan, math.inf, float(rounding.max(initial=0.0)), -1
    change = np.abs(np.diff(estimates))
    change = np.where(np.isnan(change), np.inf, change)
    seen = np.where(np.isfinite(change), change * steps[1:], 0.0)
    seen = np.maximum.accumulate(seen[::-1])[::-1]
    noise = np.maximum(rounding, np.append(seen, 0.0))
    uncertain = SIGMAS * noise / steps
    before, after = np.append(np.inf, change), np.append(change, np.inf)
    uncertainty = np.where(np.isnan(estimates), np.inf, np.maximum(before, after)) + uncertain
    for k in np.argsort(uncertainty):
        later = np.nan_to_num(np.abs(estimates[k + 1 :] - estimates[k]))
        u = slice(max(0, k - 2 * DRIFT), None)
        if _drifting(estimates[u], rounding[u] / steps[u]):
            continue
        if (
            np.isfinite(uncertainty[k])
            and (later <= 3 * (uncertainty[k] + uncertain[k + 1 :])).all()
        ):
            return float(estimates[k]), float(uncertainty[k]), float(noise[k]), int(k)
    return math.nan, math.inf, float(noise.max()), -1


def _drifting(estimates: np.ndarray, rounding: np.ndarray) -> bool:
    """Whether the estimates keep changing in one direction, by about as much at each step.

    The slope of x log x at 0 does: neighboring estimates differ little, all far from the limit.
    """
    change = np.diff(estimates)
    change = change[np.abs(change) > SIGMAS * rounding[1:]][-DRIFT:]
    if len(change) < 2 or len(set(np.sign(change))) > 1:
        return False
    ratio = np.abs(change[1:] / change[:-1])
    # With few changes, rounding error must not be taken for drift.
    most = STEP_RATIO if len(change) == DRIFT else 1 / STEADY
    return bool((ratio > STEADY).all() and (ratio < most).all())


def _divergence(raw: np.ndarray, steps: np.ndarray, rounding: np.ndarray) -> int:
    """The sign of slopes that keep growing over the smallest values of h, or 0."""
    last = raw[np.abs(raw) * steps > CLEAR * rounding][-6:]
    growing = len(last) == 6 and (np.abs(last[2:]) > 1.1 * np.abs(last[:-2])).all()
    return int(np.sign(last[-1])) if growing and len(set(np.sign(last))) == 1 else 0


def _steepest(raw: np.ndarray, steps: np.ndarray, rounding: np.ndarray) -> float:
    """The last of diverging slopes; 0 if they converge, or diverge only because of a jump."""
    last = raw[np.abs(raw) * steps > CLEAR * rounding][-6:]
    if not _divergence(raw, steps, rounding):
        return 0.0
    jump = (np.abs(last[2:]) > JUMPING * STEP_RATIO**2 * np.abs(last[:-2])).any()
    return 0.0 if jump else float(last[-1])
