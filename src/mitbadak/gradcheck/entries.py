"""Full mode: every entry of every array is compared with its central difference."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mitbadak.gradcheck.claims import Claims
from mitbadak.gradcheck.judge import TINY_SIZE, Judge
from mitbadak.gradcheck.judgment import COARSE, OWN_VALUE, ROUNDING
from mitbadak.gradcheck.lines import EPS, Line
from mitbadak.gradcheck.report import KINK, NOT_TESTED, RIGHT, WRONG, Finding
from mitbadak.gradcheck.slopes import SIGMAS
from mitbadak.gradcheck.subjects import Subject, sizes_of
from mitbadak.gradcheck.zeros import reasons_for_zeros

LOOK_AGAIN = 6  # the worst entries get many values of h even if rounding explains them
MOST_LOOKS = 400  # entries that get many values of h; each takes about 20 to 100 losses
SMALL_ENTRY = 1e-3  # relative to the largest entry: differences are relative to at least this size
ROUGH = 3e-5  # relative to the size: with more rounding error, a larger h is tried
SINGLE_SHARP = 2e-9  # relative to the size: a larger difference means float32 digits
TOO_MANY = f"undecided: only the worst {MOST_LOOKS} were measured with many values of h"


def compare_entries(
    subject: Subject, claims: Claims, judge: Judge
) -> tuple[list[Finding], dict[str, np.ndarray]]:
    """A finding for each array, and the numerical gradients."""
    fits = all(np.abs(a).max(initial=0) * EPS < 1e-9 * judge.h for a in subject.arrays.values())
    structured = subject.numerical(judge.h) if subject.numerical and fits else {}
    findings, numerical = [], {}
    for name, array in subject.arrays.items():
        problem = claims.problem(name)
        if problem:
            findings.append(Finding(name, array.shape, WRONG, array.size, error=np.nan,
                                    why=problem))  # fmt: skip
            continue
        n = structured[name] if name in structured else _differences(subject, name, judge.h)
        comparison = _Comparison(subject, claims, judge, name, np.array(n, np.float64))
        findings.append(comparison.finding())
        numerical[name] = comparison.n
    return findings, numerical


def _differences(subject: Subject, name: str, h: float) -> np.ndarray:
    """Central differences; NaN where the loss is undefined at a perturbed point."""
    return np.array([_difference(subject, name, i, h)
                     for i in range(subject.arrays[name].size)]).reshape(
        subject.arrays[name].shape
    )  # fmt: skip


def _difference(subject: Subject, name: str, i: int, h: float) -> float:
    line = Line(subject, name, i)
    above, below, distance = line.both_sides(h * max(1.0, line.size))
    if above == below and 0 < line.size < TINY_SIZE:  # an even function, and x almost 0
        above, below, distance = line.both_sides(h * line.size)
    return (above - below) / distance


@dataclass
class _Tally:
    """The verdicts on the entries so far."""

    kinks: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    verdict: str = ""
    worst: int = -1
    why: str = ""

    def skip(self, reason: str, count: int = 1) -> None:
        self.reasons[reason] = self.reasons.get(reason, 0) + count


class _Comparison:
    """One array: a central difference per entry, and many values of h for undecided entries."""

    def __init__(
        self, subject: Subject, claims: Claims, judge: Judge, name: str, numerical: np.ndarray
    ):
        self.subject, self.claims, self.judge, self.name = subject, claims, judge, name
        movable = np.isfinite(subject.arrays[name])
        self.a, self.n = (np.where(movable, g, 0.0) for g in (claims.of(name), numerical))
        self.tested = movable
        self.allowed = np.zeros(self.a.shape)
        self.tally = _Tally()
        self.zero = (self.a == 0) & (self.n == 0) & movable
        self.largest = self._largest()

    def finding(self) -> Finding:
        """The verdict on the array."""
        fixed = int(np.count_nonzero(~self.tested))
        if fixed:
            self.tally.skip(OWN_VALUE, fixed)
        self.tested = self.tested & ~self.zero
        self._look_at(self._undecided())
        if self.tally.verdict != WRONG and self.claims.single_digits(self.name):
            self._look_for_float32()
        return self._summary()

    def _largest(self) -> float:
        """The scale of the array; an outlier in only one of the two gradients does not raise it."""
        finite = [np.abs(g[np.isfinite(g)]).max(initial=0) for g in (self.a, self.n)]
        return float(min(finite))

    def _scale(self) -> np.ndarray:
        """The size of each entry; of an infinite one, the size of its finite counterpart."""
        a, n = (np.where(np.isfinite(g), np.abs(g), 0.0) for g in (self.a, self.n))
        return np.asarray(np.fmax(np.fmax(a, n), SMALL_ENTRY * self.largest))

    def _off(self) -> np.ndarray:
        off = np.where(self.a == self.n, 0.0, np.abs(self.a - self.n))  # infinities too
        return np.where(np.isfinite(off), off, np.inf)

    def _undecided(self) -> np.ndarray:
        """The entries that two differences and the rounding error of the loss leave undecided."""
        judge = self.judge
        self.allowed = np.asarray(judge.rtol * self._scale())
        unsure = np.flatnonzero(self._off() > self.allowed)
        for i in unsure:  # with 4 h the h^2 term cancels, at no cost in rounding error
            first = float(self.n.flat[i])
            better = (16 * first - _difference(self.subject, self.name, int(i), 4 * judge.h)) / 15
            if abs(self.a.flat[i] - better) < abs(self.a.flat[i] - first):
                self.n.flat[i] = better
        scale, off = self._scale(), self._off()
        self.allowed = np.asarray(judge.rtol * scale)
        open_ = off > self.allowed
        if not open_.any():
            return np.zeros(0, int)
        widths = judge.h * sizes_of(self.subject.arrays[self.name])
        floor = 3 * SIGMAS * judge.rounding(self.name) / np.where(widths > 0, widths, 1.0)
        rough = floor > ROUGH * scale
        self.allowed = np.where(open_ & ~rough, self.allowed + floor, self.allowed)
        order = np.argsort(-(off / scale), axis=None, kind="stable")
        unsettled = (open_ & (rough | (off > self.allowed))).reshape(-1)
        chosen = unsettled.copy()
        chosen[[i for i in order if open_.flat[i]][:LOOK_AGAIN]] = True
        return np.array([i for i in order if chosen[i]], int)

    def _look_at(self, entries: np.ndarray) -> None:
        """Measure entries with many values of h, the worst first, until one is wrong."""
        hidden = 0  # consecutive entries lost in rounding error
        for count, i in enumerate(map(int, entries)):
            if count >= MOST_LOOKS or hidden >= LOOK_AGAIN:
                self.tested.flat[i] = False
                self.tally.skip(TOO_MANY if count >= MOST_LOOKS else ROUNDING)
                continue
            verdict, reason = self._look_once(i)
            hidden = hidden + 1 if reason in (ROUNDING, COARSE) else 0
            if verdict == WRONG:
                return

    def _look_once(self, i: int) -> tuple[str, str]:
        analytic, tally = float(self.a.flat[i]), self.tally
        judged = self.judge.compare(Line(self.subject, self.name, i), analytic,
                                    SMALL_ENTRY * self.largest)  # fmt: skip
        self.n.flat[i], self.allowed.flat[i] = judged.slope.value, judged.allowed
        if judged.verdict == NOT_TESTED:
            self.tested.flat[i] = False
            tally.skip(judged.reason)
        if judged.verdict == KINK:
            tally.kinks += 1
            self.tested.flat[i] = False
        if judged.verdict == WRONG or (judged.verdict == KINK and not tally.verdict):
            tally.verdict, tally.worst = judged.verdict, i
            tally.why = judged.reason if judged.verdict == WRONG else "the one-sided slopes differ"
        return judged.verdict, judged.reason

    def _look_for_float32(self) -> None:
        """Measure the worst entries more precisely: do they have only float32 digits?"""
        if self.name in self.subject.single:
            return
        error = np.where(self.tested, self._off() / np.fmax(self._scale(), np.finfo(float).tiny), 0)
        for i in map(int, np.argsort(-error, axis=None)[:LOOK_AGAIN]):
            if not self.tested.flat[i]:
                return
            line, claimed = Line(self.subject, self.name, i), float(self.a.flat[i])
            least, size = SMALL_ENTRY * self.largest, float(self._scale().flat[i])
            slope = self.judge.compare(line, claimed, least).slope
            off, allowed = abs(claimed - slope.value), 3 * slope.uncertainty + SINGLE_SHARP * size
            if off > allowed:
                slope = self.judge.measure_precisely(line, least, size)
                off, allowed = (
                    abs(claimed - slope.value),
                    3 * slope.uncertainty + SINGLE_SHARP * size,
                )
            if off > allowed:
                self.n.flat[i], self.allowed.flat[i] = slope.value, allowed
                self.tally.verdict, self.tally.worst = WRONG, i
                self.tally.why = "its gradient holds float32 numbers, although the array is float64"
                return

    def _summary(self) -> Finding:
        array, tally = self.subject.arrays[self.name], self.tally
        zeros = reasons_for_zeros(self.subject, self.name, self.zero)
        reasons = (*zeros, *(f"{count:,} {reason}" for reason, count in tally.reasons.items()))
        skipped = int(self.zero.sum()) + sum(tally.reasons.values())
        shared: dict[str, Any] = {"entries": array.size, "not_tested": skipped, "reasons": reasons}
        if skipped == array.size and tally.verdict != WRONG:
            return Finding(self.name, array.shape, NOT_TESTED, **shared)
        scale = np.fmax(self._scale(), np.finfo(float).tiny)
        if tally.verdict:
            worst = tally.worst
        else:
            worst = int(np.argmax(np.where(self.tested, self._off() / scale, -1.0)))
        size = float(scale.flat[worst])
        claimed, value = float(self.a.flat[worst]), float(self.n.flat[worst])
        error = float(self._off().flat[worst]) / size
        return Finding(
            self.name, array.shape, tally.verdict or RIGHT, kinks=tally.kinks,
            why=tally.why, analytic=claimed, numerical=value,
            error=error, at=tuple(map(int, np.unravel_index(worst, array.shape))),
            tolerance=float(self.allowed.flat[worst]) / size, size=size, **shared,
        )  # fmt: skip
