"""The verdict on one analytic slope, given the measured one: right, wrong, kink or not tested."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mitbadak.core.errors import MitbadakError
from mitbadak.gradcheck.lines import EPS, Line, loss_or_nan, rounding_along
from mitbadak.gradcheck.report import KINK, NOT_TESTED, RIGHT, WRONG
from mitbadak.gradcheck.slopes import JUMP, SMOOTH, Ladder, Slope
from mitbadak.gradcheck.subjects import Subject

# Relative to the size of the slope:
TESTABLE = 3e-4  # a coarser measurement could miss an error of 0.1%
SETTLED = 1e-7  # less uncertainty than this needs no further values of h
AGREES = 1e-5  # closer agreement with the smallest h cannot be chance
# In multiples of h:
BESIDE = (40.0, -40.0, 7.0, -7.0, 300.0, -300.0)  # distances at which to look beside a kink
FLAT_STEP = 1 / 16  # a loss that is constant up to here is coarser than its last digit
# Factors:
NOISY = 30  # times rounding / h: less uncertainty than this comes from rounding
GROSS = 10  # times the allowed difference: an error that shows even in an unsettled measurement
FLAT = 16  # times the last digit of the terms of the loss: smaller changes do not show
REACH = 0.5  # times the distance to a kink: how large h may be beside it
MARGIN = 0.05  # times the difference between left and right slope, which are not known better
SAME = 0.05  # times the spread: gradients around a kink that are closer belong to the same side
UNDERFLOW = 1e-290  # smaller slopes, and the terms they are computed from, lose digits
SAMPLES = 8  # pairs of gradients around a kink
NEARBY = 1e-6  # how far from it, relative; a kink further away is resolved by a smaller h

ROUNDING = "smaller than the rounding of the loss can show"
UNSETTLED = "where the slope does not settle, however small h is"
EDGE = "where the loss is not finite on either side"
INFINITE = "where the slope is infinite"
JUMPS = "where the loss jumps"
NO_SIDE = "at a kink with no smooth place beside it"


@dataclass(frozen=True)
class Judgement:
    """The conclusion on one entry or direction.

    Attributes:
        verdict: as in ``Finding``.
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
        h: half the distance of the usual central difference.
        rtol: the relative error that an analytic slope may have.
        at_rest: the loss at the point.
    """

    def __init__(self, subject: Subject, h: float, rtol: float, at_rest: float):
        self.subject, self.h, self.rtol, self.at_rest = subject, h, rtol, at_rest
        self._rounding: dict[str, float] = {}

    def rounding(self, name: str) -> float:
        """The rounding error of an evaluation while this array changes, measured once."""
        if name not in self._rounding:
            array = self.subject.arrays[name]
            direction = np.random.default_rng(0).normal(size=array.shape)
            direction *= np.maximum(1.0, np.abs(array)) / max(np.sqrt(array.size), 1.0)
            line = Line(self.subject, name, direction)
            self._rounding[name] = rounding_along(line, self.step(line), self.at_rest)
        return self._rounding[name]

    @property
    def largest_rounding(self) -> float:
        """The largest rounding error that was measured; 0 if none was."""
        return max(self._rounding.values(), default=0.0)

    @cached_property
    def made_of(self) -> float:
        """The size of the terms in the loss, taken from losses where all arrays change a lot.

        A loss of 0 can be the difference of large numbers; changes below their last digit do not
        show in it.
        """
        rng, sizes = np.random.default_rng(0), [abs(self.at_rest)]
        for _ in range(SAMPLES):
            moves = {n: a * rng.normal(size=a.shape) for n, a in self.subject.arrays.items()}
            with self._moved(moves):
                sizes.append(abs(np.nan_to_num(loss_or_nan(self.subject))))
        return float(max(sizes))

    def step(self, line: Line) -> float:
        """The usual h on a line; for a large number, relative to its size."""
        return self.h * max(1.0, line.size)

    def compare(self, line: Line, analytic: float, scale: float) -> Judgement:
        """Judge an analytic slope.

        Args:
            line: the line along which it is the slope.
            analytic: the analytic slope.
            scale: the least size that differences are compared to.
        """
        ladder = self._ladder(line)
        slope = ladder.measure(SETTLED, scale)
        if not np.isfinite(analytic):
            fits = slope.diverges == np.sign(analytic)
            return Judgement(NOT_TESTED if fits else WRONG, slope, 0.0, INFINITE)
        judged = self._judged(line, analytic, scale, slope)
        if judged.verdict in (RIGHT, KINK):
            return judged
        if ladder.flat > FLAT_STEP * self.step(line) and (
            abs(analytic) * ladder.flat <= FLAT * EPS * self.made_of
        ):
            return Judgement(NOT_TESTED, slope, judged.allowed, ROUNDING)
        # Oscillations within the usual h look like rounding. If the smallest h agrees with the
        # analytic slope nevertheless, that is no accident.
        second = ladder.settled_by_smallest()
        size = np.fmax(max(abs(analytic), scale), abs(second.value))
        allowed = 3 * second.doubt + self.rtol * size
        if analytic and abs(analytic - second.value) <= allowed <= TESTABLE * size:
            if allowed <= AGREES * size:
                return Judgement(RIGHT, second, allowed)
            return Judgement(NOT_TESTED, second, allowed, UNSETTLED)
        return judged

    def _ladder(self, line: Line, reach: float = np.inf) -> Ladder:
        return Ladder(line, self.step(line), self.at_rest, self.rounding(line.name), reach)

    def _judged(self, line: Line, analytic: float, scale: float, slope: Slope) -> Judgement:
        size = np.fmax(max(abs(analytic), scale), abs(slope.value))
        off, allowed = abs(analytic - slope.value), 3 * slope.doubt + self.rtol * size
        if size < UNDERFLOW:
            return Judgement(NOT_TESTED, slope, allowed, ROUNDING)
        if off <= self.rtol * size:
            return Judgement(RIGHT, slope, min(allowed, TESTABLE * size))
        if off <= allowed <= TESTABLE * size:
            return Judgement(RIGHT, slope, allowed)
        measured = np.isfinite(slope.doubt)
        if slope.kind != SMOOTH:
            return self._at_a_kink(line, analytic, slope, allowed if measured else 0.0)
        if off > allowed * (1 if allowed <= TESTABLE * size else GROSS):
            return Judgement(WRONG, slope, allowed)
        if not measured and not slope.seen:
            return Judgement(NOT_TESTED, slope, 0.0, EDGE)
        noisy = measured and slope.doubt <= NOISY * slope.rounding / self.step(line)
        return Judgement(NOT_TESTED, slope, allowed, ROUNDING if noisy else UNSETTLED)

    def _at_a_kink(self, line: Line, analytic: float, slope: Slope, allowed: float) -> Judgement:
        """Accept a difference that a kink explains, if the gradient is right on either side."""
        jumps = slope.kind == JUMP
        if not jumps and not self._between(line, analytic, slope, allowed):
            return Judgement(WRONG, slope, allowed)
        sides = np.nan_to_num(np.abs([slope.left, slope.right]))
        verdicts = self._verdicts_beside(line, float(sides.max()))
        if WRONG in verdicts:
            return Judgement(WRONG, slope, allowed)
        if RIGHT not in verdicts:
            return Judgement(NOT_TESTED, slope, allowed, NO_SIDE)
        if jumps:
            return Judgement(NOT_TESTED, slope, allowed, JUMPS)
        return Judgement(KINK, slope, allowed)

    def _between(self, line: Line, analytic: float, slope: Slope, allowed: float) -> bool:
        """Whether a slope is possible at a kink, given the pieces that meet there.

        At a single kink it must lie between the left and the right slope. Where several kinks
        coincide, as in a layer that starts at zero, each has its own convention, and their sum can
        lie outside.
        """
        low, high = sorted((slope.left, slope.right))
        margin = MARGIN * (high - low) + allowed
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
        for _ in range(SAMPLES):
            moves = {
                name: NEARBY * rng.normal(size=a.shape) * np.maximum(1.0, np.abs(a))
                for name, a in self.subject.arrays.items()
            }
            for side in (1.0, -1.0):
                with self._moved({name: side * move for name, move in moves.items()}):
                    claimed = self._claimed(line)
                slopes += [claimed] if np.isfinite(claimed) else []
        return slopes

    def _verdicts_beside(self, line: Line, scale: float) -> set[str]:
        """The verdicts on the analytic gradient on the two sides of a kink.

        Args:
            line: a line across the kink.
            scale: of the slopes along it.
        """
        verdicts, settled = set(), set()
        for distance in BESIDE:
            side = np.sign(distance)
            if side in settled:
                continue
            way = distance * self.step(line) * _unit(line)
            with self._moved({line.name: way}):
                beside = Judge(self.subject, self.h, self.rtol, loss_or_nan(self.subject))
                beside._rounding = {line.name: self.rounding(line.name)}
                analytic = self._claimed(line)
                if not np.isfinite(analytic) or not np.isfinite(beside.at_rest):
                    continue
                ladder = beside._ladder(line, reach=REACH * abs(distance) * self.step(line))
                slope = ladder.measure(SETTLED, max(abs(analytic), scale))
            size = max(abs(analytic), abs(slope.value))
            # If there is another kink nearby, the next distance decides.
            if slope.kind == SMOOTH and np.isfinite(slope.doubt):
                allowed = 3 * slope.doubt + max(self.rtol, 1e-6) * size
                verdicts.add(RIGHT if abs(analytic - slope.value) <= allowed else WRONG)
                settled.add(side)
        return verdicts

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


def _unit(line: Line) -> np.ndarray:
    """The direction of a line as an array."""
    if not isinstance(line.direction, int):
        return line.direction
    one = np.zeros(line.array.size)
    one[line.direction] = 1.0
    return one.reshape(line.array.shape)
