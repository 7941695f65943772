"""The verdict on one analytic slope, given the measured one: right, wrong, kink or not tested."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import cached_property

import numpy as np

from mitbadak.gradcheck.granularity import first_jump, jump_at_the_point, rounding_at
from mitbadak.gradcheck.judgment import (
    BESIDE_A_JUMP,
    COARSE,
    EDGE,
    GRID,
    GROWS,
    HIDDEN,
    INFINITE,
    JUMPS,
    NO_SIDE,
    ROUNDING,
    SINGLE,
    UNSETTLED,
    Judgment,
    at_an_infinite_claim,
    at_an_overflow,
)
from mitbadak.gradcheck.lines import EPS, Line, loss_or_nan, rounding_along
from mitbadak.gradcheck.neighbors import claimed, claimed_around, claimed_at, moved
from mitbadak.gradcheck.report import KINK, NOT_TESTED, RIGHT, WRONG
from mitbadak.gradcheck.slopes import CLEAR, JUMP, SIGMAS, SMOOTH, Ladder, Slope
from mitbadak.gradcheck.subjects import Subject, sizes_of

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
TRIES = 8  # random changes of all arrays, to see how large the loss becomes
TINY_SIZE = 1e-12  # a moved number below it also gets steps relative to its size
ABRUPT = 1 / 64  # of h: a change of the gradient over a longer distance shows in the loss
DISTANCES = (1 / 64, 1 / 8, 1.0, 8.0, 64.0)  # times h: where the rounding error is measured again
FAR = 256.0  # times the usual steps: far enough for a saturated loss to change after all
VISIBLE = 64  # last digits of the terms of the loss: no float64 loss has larger jumps
SAME = 0.05  # of the spread: gradients around a kink that differ by less are on one side


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
        direction *= sizes_of(array) / max(np.sqrt(array.size), 1.0)
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
        for _ in range(TRIES):
            moves = {name: sizes_of(a, 0.0) * rng.normal(size=a.shape)
                     for name, a in self.subject.arrays.items()}  # fmt: skip
            with moved(self.subject, moves):
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
        if slope.diverges and np.isinf(slope.value):
            return at_an_overflow(analytic, slope)
        if not np.isfinite(analytic):
            return at_an_infinite_claim(analytic, slope)
        jump, change = jump_at_the_point(ladder.losses, self.base_loss, ladder.h)
        if jump > CLEAR * ladder.rounding and not np.isfinite(slope.uncertainty):
            # Where the loss is flat on both sides, it may be a rounded one.
            if change and WRONG in self._verdicts_on_both_sides(line, abs(analytic)):
                return Judgment(WRONG, slope, 0.0, BESIDE_A_JUMP)
            return Judgment(NOT_TESTED, slope, 0.0, JUMPS)
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
            beyond = own.overflow()
            if beyond:
                return own, replace(slope, value=beyond * np.inf, diverges=beyond)
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
        jump = jump or self.smallest_jump or self.single_rounding
        ladder.rounding = max(ladder.rounding, jump)
        for distance in ladder.h * np.array(DISTANCES):
            noise = rounding_at(ladder.line, distance)
            if noise > ladder.rounding:
                ladder.growing_rounding = max(ladder.growing_rounding, noise / distance)
        return (ladder.rounding, ladder.growing_rounding) != before

    @cached_property
    def smallest_jump(self) -> float:
        """The smallest first jump of the loss when a whole array moves; 0 if it never changes."""
        jumps = []
        for name, far in itertools.product(self.subject.arrays, (1.0, FAR)):
            line = self._random_line(name)
            ladder = Ladder(line, far * self.step(line), self.base_loss, self.rounding(name))
            ladder.measure_all()
            size = float(abs(np.nan_to_num(claimed(line))))
            jumps.append(first_jump(line, ladder.losses, self.base_loss, size))
        return min((jump for jump in jumps if jump > 0), default=0.0)

    @property
    def single_rounding(self) -> float:
        """What rounding to float32 would hide; 0 if the loss is not a float32 number.

        A float32 loss that never changes may be a large constant plus terms lost in its rounding.
        """
        single = float(np.float32(self.base_loss)) == self.base_loss
        return float(np.finfo(np.float32).eps) * abs(self.base_loss) if single else 0.0

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
            judged = self._at_a_kink(ladder, analytic, slope, allowed if measured else 0.0)
            if judged.verdict != WRONG or off > judged.allowed:
                return judged
        elif off > allowed * (1 if allowed <= TESTABLE * size else GROSS):
            return Judgment(WRONG, slope, allowed)
        if not measured and not slope.seen:
            return Judgment(NOT_TESTED, slope, 0.0, EDGE)
        noisy = bool(measured and slope.uncertainty <= NOISY * slope.rounding / ladder.h)
        return Judgment(NOT_TESTED, slope, allowed, self._lost(ladder, noisy))

    def _lost(self, ladder: Ladder, noisy: bool) -> str:
        """Why a slope could not be measured closely, given whether rounding error leaves most of
        the uncertainty."""
        if ladder.rounding > VISIBLE * EPS * self.term_size:
            line, last_digit = ladder.line, EPS * ladder.line.own_size
            near = [abs(line.loss_at(s) - self.base_loss) for s in (last_digit, -last_digit)]
            if ladder.rounding <= GROSS * max(near):
                return GRID
            never = ladder.rounding <= self.single_rounding and not self.smallest_jump
            return SINGLE if never else COARSE
        return ROUNDING if noisy else UNSETTLED

    def _at_a_kink(self, ladder: Ladder, analytic: float, slope: Slope, allowed: float) -> Judgment:
        """Accept a slope that a kink explains, if the gradient is right on either side."""
        line, jumps = ladder.line, slope.kind == JUMP
        if not jumps and not self._between(line, analytic, slope):
            return Judgment(WRONG, slope, allowed)
        sides = np.nan_to_num(np.abs([slope.left, slope.right]))
        verdicts = self._verdicts_on_both_sides(line, float(sides.max()))
        if WRONG in verdicts:
            return Judgment(WRONG, slope, allowed)
        if RIGHT not in verdicts:
            rough = NOT_TESTED in verdicts
            reason = self._lost(ladder, rough) if rough or not slope.has_sides else NO_SIDE
            return Judgment(NOT_TESTED, slope, allowed, reason)
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
        around = np.sort(claimed_around(line))
        if not len(around):
            return False
        spread = float(np.ptp(around))
        if np.count_nonzero(np.diff(around) > SAME * spread) <= 1:
            spread = 0.0  # only two pieces: a single kink
        low, high = min(low, around[0]), max(high, around[-1])
        margin += 2 * spread
        return bool(low - margin <= analytic <= high + margin)

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
            with moved(self.subject, {line.name: move}):
                nearby = Judge(self.subject, self.h, self.rtol, loss_or_nan(self.subject))
                nearby._rounding = {line.name: self.rounding(line.name)}
                analytic = claimed(line)
                if not np.isfinite(analytic) or not np.isfinite(nearby.base_loss):
                    continue
                ladder = nearby._ladder(line, reach=REACH * abs(distance) * self.step(line))
                slope = ladder.measure(SETTLED, max(abs(analytic), scale))
            size = max(abs(analytic), abs(slope.value))
            # If there is another kink nearby, the next distance decides.
            if slope.kind == SMOOTH and np.isfinite(slope.uncertainty):
                allowed = 3 * slope.uncertainty + max(self.rtol, 1e-6) * size
                right = abs(analytic - slope.value) <= allowed
                rough = right and allowed > TESTABLE * size  # it confirms nothing
                verdicts.add(NOT_TESTED if rough else RIGHT if right else WRONG)
                settled |= set() if rough else {side}
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
        sides = self._verdicts_on_both_sides(line, abs(analytic))
        if not sides or WRONG in sides:
            return False
        own = [self.h * line.own_size] if 0 < line.own_size < TINY_SIZE else []
        steps = [s for s in sorted([*own, *ladder.losses]) if s <= ABRUPT * ladder.h]
        for side in (1.0, -1.0):
            beside = claimed_at(line, side * ladder.h)
            away = abs(beside - analytic)
            near = [abs(claimed_at(line, side * s) - beside) > away / 2 for s in steps]
            length = near.index(False) if False in near else len(near)
            if not 0 < length < len(near) or away * steps[length - 1] > visible:
                return False
        return True
