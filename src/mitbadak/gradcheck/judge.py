"""The verdict on one analytic slope, given the measured one: right, wrong, kink or not tested."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from mitbadak.core.errors import MitbadakError
from mitbadak.gradcheck.granularity import first_jump, rounding_at
from mitbadak.gradcheck.lines import EPS, Line, loss_or_nan, rounding_along
from mitbadak.gradcheck.report import KINK, NOT_TESTED, RIGHT, WRONG
from mitbadak.gradcheck.slopes import CLEAR, JUMP, SIGMAS, SMOOTH, Ladder, Slope
from mitbadak.gradcheck.subjects import Subject

TESTABLE = 3e-4  # of the size: a coarser measurement could let an error of 0.1% pass
SETTLED = 1e-7  # of the size: a slope known this well needs no further steps
AGREES = 1e-5  # of the size: smallest steps that agree so well with a claim are no coincidence
SIDE_DISTANCES = (40.0, -40.0, 7.0, -7.0, 300.0, -300.0)  # times h, from a kink to its sides
NOISY = 30  # times the rounding error over h: less uncertainty than that comes from rounding
GROSS = 10  # times what is allowed: so large an error shows even before the slope converges
FLAT = 16  # last digits of the terms of the loss: a smaller change is lost in rounding
FLAT_STEP = 1 / 16  # of the usual h: a loss that is constant this far is coarser than it looks
REACH = 0.5  # of the distance to a kink: steps up to this stay on one side of it
UNDERFLOW = 1e-290  # smaller slopes, or their factors, lose digits or underflow
SAMPLES = 8  # pairs of gradients around a kink, at each distance
NEARBY = (1e-6, 1e-10, 1e-14)  # the distances: smaller steps resolve a kink that is further away
TINY_SIZE = 1e-12  # a moved number below it also gets steps relative to its size
ABRUPT = 1 / 64  # of h: a change of the gradient over a longer distance shows in the loss
DISTANCES = (1 / 64, 1 / 8, 1.0, 8.0, 64.0)  # times h: where the rounding error is measured again
FAR = 256.0  # times the usual steps: far enough for a saturated loss to change after all
VISIBLE = 64  # last digits of the terms of the loss: no float64 loss has larger jumps
SAME = 0.05  # of the spread: gradients around a kink that differ by less are on one side

ROUNDING = "too small to show above the rounding error of the loss"
UNSETTLED = "where the slope does not converge, however small h is"
EDGE = "where the loss is not finite on either side"
COARSE = "for which the loss is too coarse: its jumps hide the slope"
HIDDEN = "where the gradient changes over too short a distance for the loss to show"
INFINITE = "where the slope is infinite"
GROWS = "where the slope still grows at the smallest step"
JUMPS = "where the loss jumps"
NO_SIDE = "at a kink with no smooth piece next to it"


@dataclass(frozen=True)
class Judgment:
    """The verdict on one entry or direction.

    Attributes:
        verdict: one of those in ``Finding``.
        slope: the measured slope.
        allowed: the largest difference that counts as right, absolute.
        reason: why it was not tested.
    """

    verdict: str
    slope: Slope
    allowed: float
    reason: str = ""


class Judge:
    """Compares slopes of one subject.

    Args:
        subject: what is examined.
        h: the usual step of the central differences.
        rtol: the relative error that an analytic slope may have.
        base_loss: the loss at the point.
    """

    def __init__(self, subject: Subject, h: float, rtol: float, base_loss: float):
        self.subject, self.h, self.rtol, self.base_loss = subject, h, rtol, base_loss
        self._rounding: dict[str, float] = {}

    def rounding(self, name: str) -> float:
        """The rounding error of one loss when this array changes, measured once."""
        if name not in self._rounding:
            line = self._random_line(name)
            self._rounding[name] = rounding_along(line, self.step(line), self.base_loss)
        return self._rounding[name]

    def _random_line(self, name: str) -> Line:
        array = self.subject.arrays[name]
        direction = np.random.default_rng(0).normal(size=array.shape)
        direction *= np.maximum(1.0, np.abs(array)) / max(np.sqrt(array.size), 1.0)
        return Line(self.subject, name, direction)

    @property
    def largest_rounding(self) -> float:
        """The largest rounding error that was measured; 0 if none was."""
        return max(self._rounding.values(), default=0.0)

    @cached_property
    def term_size(self) -> float:
        """The size of the terms in the loss, estimated by changing all arrays a lot.

        A loss of 0 can be the difference of large terms; changes below their last digit do not
        show in it.
        """
        rng, sizes = np.random.default_rng(0), [abs(self.base_loss)]
        for _ in range(SAMPLES):
            moves = {n: a * rng.normal(size=a.shape) for n, a in self.subject.arrays.items()}
            with self._moved(moves):
                sizes.append(abs(np.nan_to_num(loss_or_nan(self.subject))))
        return float(max(sizes))

    def step(self, line: Line) -> float:
        """The usual h on a line; for a large number, relative to its size."""
        return self.h * max(1.0, line.size)

    def compare(self, line: Line, analytic: float, scale: float) -> Judgment:
        """Judge an analytic slope.

        Args:
            line: the line along which the slope is taken.
            analytic: the analytic slope.
            scale: differences are relative to at least this size.
        """
        ladder, slope = self._measured(line, scale)
        if not np.isfinite(analytic):
            return _infinite(analytic, slope)
        judged = self._judged(ladder, analytic, scale, slope)
        doubtful = judged.verdict == WRONG or (judged.verdict == KINK and self._is_rough(ladder))
        if doubtful and self._add_missed_rounding(ladder, max(abs(analytic), scale)):
            slope = ladder.measure(SETTLED, scale)
            judged = self._judged(ladder, analytic, scale, slope)
        if judged.verdict in (RIGHT, KINK):
            return judged
        excuse = self._excuse(ladder, analytic, scale) if judged.verdict == WRONG else ""
        if excuse:
            return Judgment(NOT_TESTED, slope, judged.allowed, excuse)
        if slope.steepest and not slope.uncertainty <= TESTABLE * abs(slope.value):
            if analytic * slope.diverges >= abs(slope.steepest) / 2:
                return Judgment(NOT_TESTED, slope, 0.0, GROWS)
            return Judgment(WRONG, replace(slope, value=slope.diverges * np.inf), 0.0, INFINITE)
        if ladder.flat > FLAT_STEP * ladder.h and (
            abs(analytic) * ladder.flat <= FLAT * EPS * self.term_size
        ):
            return Judgment(NOT_TESTED, slope, judged.allowed, ROUNDING)
        # Oscillations within the usual h look like rounding. If the smallest h agrees with the
        # analytic slope nevertheless, that is no coincidence.
        second = ladder.slope_at_full_precision()
        size = np.fmax(max(abs(analytic), scale), abs(second.value))
        allowed = 3 * second.uncertainty + self.rtol * size
        if analytic and abs(analytic - second.value) <= allowed <= TESTABLE * size:
            if allowed <= AGREES * size:
                return Judgment(RIGHT, second, allowed)
            return Judgment(NOT_TESTED, second, allowed, UNSETTLED)
        return judged

    def _measured(self, line: Line, scale: float) -> tuple[Ladder, Slope]:
        """The slope from the usual steps, or, for a tiny number, from steps relative to its size.

        Next to 1e-30 the usual steps all cross the edge of a domain, or miss every detail of the
        function there.
        """
        if 0 < line.own_size < TINY_SIZE:
            step = self.h * line.own_size
            own = Ladder(line, step, self.base_loss, rounding_along(line, step, self.base_loss))
            slope = own.measure(SETTLED, scale)
            if 0 < slope.uncertainty <= TESTABLE * abs(slope.value):
                return own, slope
        ladder = self._ladder(line)
        return ladder, ladder.measure(SETTLED, scale)

    def _is_rough(self, ladder: Ladder) -> bool:
        """Whether a kink may be mere rounding error; a quick test, for there may be hundreds."""
        flat = ladder.flat > FLAT_STEP * ladder.h
        return flat or rounding_at(ladder.line, ladder.h) > CLEAR * ladder.rounding

    def _add_missed_rounding(self, ladder: Ladder, size: float) -> bool:
        """Add rounding error that the usual estimate misses; returns whether there is any.

        It misses jumps of the loss with wide flat pieces between them, and rounding error that
        grows with the distance from the point.
        """
        before = ladder.rounding, ladder.growing_rounding
        ladder.measure_all()
        jump = first_jump(ladder.line, ladder.losses, self.base_loss, size)
        ladder.rounding = max(ladder.rounding, jump or self.smallest_jump)
        for distance in ladder.h * np.array(DISTANCES):
            noise = rounding_at(ladder.line, distance)
            if noise > ladder.rounding:
                ladder.growing_rounding = max(ladder.growing_rounding, noise / distance)
        return (ladder.rounding, ladder.growing_rounding) != before

    @cached_property
    def smallest_jump(self) -> float:
        """The smallest first jump of the loss when a whole array moves; 0 if it never changes.

        A float32 loss that never changes may be a large constant plus terms lost in its rounding.
        """
        jumps = []
        for name, far in itertools.product(self.subject.arrays, (1.0, FAR)):
            line = self._random_line(name)
            ladder = Ladder(line, far * self.step(line), self.base_loss, self.rounding(name))
            ladder.measure_all()
            size = float(abs(np.nan_to_num(self._claimed(line))))
            jumps.append(first_jump(line, ladder.losses, self.base_loss, size))
        single = float(np.float32(self.base_loss)) == self.base_loss
        hidden = float(np.finfo(np.float32).eps) * abs(self.base_loss) if single else 0.0
        return min((jump for jump in jumps if jump > 0), default=hidden)

    def _ladder(self, line: Line, reach: float = np.inf) -> Ladder:
        return Ladder(line, self.step(line), self.base_loss, self.rounding(line.name), reach)

    def _judged(self, ladder: Ladder, analytic: float, scale: float, slope: Slope) -> Judgment:
        size = np.fmax(max(abs(analytic), scale), abs(slope.value))
        off, allowed = abs(analytic - slope.value), 3 * slope.uncertainty + self.rtol * size
        if size < UNDERFLOW:
            return Judgment(NOT_TESTED, slope, allowed, ROUNDING)
        if off <= self.rtol * size:
            return Judgment(RIGHT, slope, min(allowed, TESTABLE * size))
        if off <= allowed <= TESTABLE * size:
            return Judgment(RIGHT, slope, allowed)
        measured = np.isfinite(slope.uncertainty)
        if slope.kind != SMOOTH:
            judged = self._at_a_kink(ladder.line, analytic, slope, allowed if measured else 0.0)
            if judged.verdict != WRONG or off > judged.allowed:
                return judged
        elif off > allowed * (1 if allowed <= TESTABLE * size else GROSS):
            return Judgment(WRONG, slope, allowed)
        if not measured and not slope.seen:
            return Judgment(NOT_TESTED, slope, 0.0, EDGE)
        if ladder.rounding > VISIBLE * EPS * self.term_size:
            return Judgment(NOT_TESTED, slope, allowed, COARSE)
        noisy = measured and slope.uncertainty <= NOISY * slope.rounding / ladder.h
        return Judgment(NOT_TESTED, slope, allowed, ROUNDING if noisy else UNSETTLED)

    def _at_a_kink(self, line: Line, analytic: float, slope: Slope, allowed: float) -> Judgment:
        """Accept a slope that a kink explains, if the gradient is right on either side."""
        jumps = slope.kind == JUMP
        if not jumps and not self._between(line, analytic, slope):
            return Judgment(WRONG, slope, allowed)
        sides = np.nan_to_num(np.abs([slope.left, slope.right]))
        verdicts = self._verdicts_on_both_sides(line, float(sides.max()))
        if WRONG in verdicts:
            return Judgment(WRONG, slope, allowed)
        if RIGHT not in verdicts:
            return Judgment(NOT_TESTED, slope, allowed, NO_SIDE)
        if jumps:
            return Judgment(NOT_TESTED, slope, allowed, JUMPS)
        return Judgment(KINK, slope, allowed)

    def _between(self, line: Line, analytic: float, slope: Slope) -> bool:
        """Whether a slope is consistent with the smooth pieces that meet at a kink.

        At a single kink it must lie between the left and the right slope. Where several kinks
        coincide, as in a layer that starts at zero, each has its own convention, and their sum can
        lie outside.
        """
        sides = (slope.left, slope.left_uncertainty), (slope.right, slope.right_uncertainty)
        (low, low_uncertainty), (high, high_uncertainty) = sorted(sides)
        apart = high - low  # a side of unknown accuracy may be off by all of it
        low -= 3 * low_uncertainty if np.isfinite(low_uncertainty) else apart
        high += 3 * high_uncertainty if np.isfinite(high_uncertainty) else apart
        margin = self.rtol * max(abs(low), abs(high))
        if low - margin <= analytic <= high + margin:
            return True
        around = np.sort(self._around(line))
        if not len(around):
            return False
        spread = float(np.ptp(around))
        if np.count_nonzero(np.diff(around) > SAME * spread) <= 1:
            spread = 0.0  # only two pieces: a single kink
        low, high = min(low, around[0]), max(high, around[-1])
        margin += 2 * spread
        return bool(low - margin <= analytic <= high + margin)

    def _around(self, line: Line) -> list[float]:
        """The analytic slope at random points nearby, in pairs on opposite sides."""
        rng, slopes = np.random.default_rng(0), []
        for distance in NEARBY * SAMPLES:
            moves = {
                name: distance * rng.normal(size=a.shape) * np.maximum(1.0, np.abs(a))
                for name, a in self.subject.arrays.items()
            }
            for side in (1.0, -1.0):
                with self._moved({name: side * move for name, move in moves.items()}):
                    claimed = self._claimed(line)
                slopes += [claimed] if np.isfinite(claimed) else []
        return slopes

    def _verdicts_on_both_sides(self, line: Line, scale: float) -> set[str]:
        """The verdicts on the analytic gradient on the two sides of a kink.

        Args:
            line: a line across the kink.
            scale: the size of the slopes along it.
        """
        verdicts, settled = set(), set()
        for distance in SIDE_DISTANCES:
            side = np.sign(distance)
            if side in settled:
                continue
            move = distance * self.step(line) * line.unit
            with self._moved({line.name: move}):
                nearby = Judge(self.subject, self.h, self.rtol, loss_or_nan(self.subject))
                nearby._rounding = {line.name: self.rounding(line.name)}
                analytic = self._claimed(line)
                if not np.isfinite(analytic) or not np.isfinite(nearby.base_loss):
                    continue
                ladder = nearby._ladder(line, reach=REACH * abs(distance) * self.step(line))
                slope = ladder.measure(SETTLED, max(abs(analytic), scale))
            size = max(abs(analytic), abs(slope.value))
            # If there is another kink nearby, the next distance decides.
            if slope.kind == SMOOTH and np.isfinite(slope.uncertainty):
                allowed = 3 * slope.uncertainty + max(self.rtol, 1e-6) * size
                verdicts.add(RIGHT if abs(analytic - slope.value) <= allowed else WRONG)
                settled.add(side)
        return verdicts

    def _excuse(self, ladder: Ladder, analytic: float, scale: float) -> str:
        """Why a claim that the smallest steps contradict need not be wrong, or ""."""
        if self._hidden(ladder, analytic):
            return HIDDEN
        slope, own = ladder.measure(SETTLED, scale), ladder.line.own_size
        if 0 < own < min(ladder.losses) and not slope.uncertainty <= TESTABLE * abs(slope.value):
            return UNSETTLED  # no step is as small as the moved number
        coarse = ladder.slope_of_larger_steps()
        size = abs(analytic)
        agrees = abs(analytic - coarse.value) <= (
            min(3 * coarse.uncertainty, AGREES * size) + self.rtol * size
        )
        return ROUNDING if analytic and agrees else ""

    def measure_precisely(self, line: Line, scale: float, size: float) -> Slope:
        """The slope, with every kind of rounding error in its uncertainty.

        Args:
            line: the line along which to measure.
            scale: the size of the slopes that matter.
            size: the size of this slope.
        """
        ladder, _ = self._measured(line, scale)
        self._add_missed_rounding(ladder, size)
        return ladder.measure(SETTLED, scale)

    def _hidden(self, ladder: Ladder, analytic: float) -> bool:
        """Whether the claimed slope holds only over an interval too short for the loss to show it.

        That happens between kinks that are closer than any usable step, and next to a tiny number.
        The gradient must be right on both sides of the interval, which is more than one point.
        """
        line, visible = ladder.line, CLEAR * SIGMAS * ladder.rounding
        if self._verdicts_on_both_sides(line, abs(analytic)) != {RIGHT}:
            return False
        own = [self.h * line.own_size] if 0 < line.own_size < TINY_SIZE else []
        steps = [s for s in sorted([*own, *ladder.losses]) if s <= ABRUPT * ladder.h]
        for side in (1.0, -1.0):
            beside = self._claimed_at(line, side * ladder.h)
            away = abs(beside - analytic)
            near = [abs(self._claimed_at(line, side * s) - beside) > away / 2 for s in steps]
            length = near.index(False) if False in near else len(near)
            if not 0 < length < len(near) or away * steps[length - 1] > visible:
                return False
        return True

    def _claimed_at(self, line: Line, s: float) -> float:
        with self._moved({line.name: s * line.unit}):
            return self._claimed(line)

    def _claimed(self, line: Line) -> float:
        try:
            return line.claimed(self.subject.analytic()[line.name])
        except (ArithmeticError, ValueError, KeyError, MitbadakError):
            return np.nan

    @contextmanager
    def _moved(self, moves: Mapping[str, Any]) -> Iterator[None]:
        before = {name: self.subject.arrays[name].copy() for name in moves}
        try:
            for name, move in moves.items():
                self.subject.arrays[name] += move
            yield
        finally:
            for name, value in before.items():
                self.subject.arrays[name][...] = value


def _infinite(analytic: float, slope: Slope) -> Judgment:
    """Judge an infinite claim: right where the slope grows without bound on every side."""
    if np.sign(slope.steepest) == np.sign(analytic):
        return Judgment(RIGHT, replace(slope, value=analytic), 0.0)
    unknown = slope.seen and not np.isfinite(slope.uncertainty) and not slope.diverges
    fits = unknown or slope.diverges == np.sign(analytic)
    return Judgment(NOT_TESTED if fits else WRONG, slope, 0.0, INFINITE)
