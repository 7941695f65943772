"""Directions mode: slopes along random directions, measured and from the analytic gradient."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from mitbadak.gradcheck.claims import Claims
from mitbadak.gradcheck.judge import Judge
from mitbadak.gradcheck.judgment import OWN_VALUE
from mitbadak.gradcheck.lines import Line
from mitbadak.gradcheck.report import KINK, NOT_TESTED, RIGHT, WRONG, Finding
from mitbadak.gradcheck.subjects import Subject, sizes_of


def compare_directions(
    subject: Subject, claims: Claims, judge: Judge, count: int, rng: np.random.Generator
) -> list[Finding]:
    """A finding for each array, from ``count`` directions in it."""
    return [_along(subject, claims, judge, name, count, rng) for name in subject.arrays]


def _along(
    subject: Subject, claims: Claims, judge: Judge, name: str, count: int, rng: np.random.Generator
) -> Finding:
    array = subject.arrays[name]
    problem = claims.problem(name)
    if problem:
        return Finding(name, array.shape, WRONG, count, error=np.nan, why=problem)
    a = claims.of(name)
    movable = np.isfinite(array)
    infinite = np.isinf(a) & movable
    if (infinite | ~movable).all():
        each = _each(subject, a, judge, name, np.flatnonzero(infinite))
        if each:
            return _summary(each, len(each))
        why = (f"{array.size:,} {OWN_VALUE}",) * bool(array.size)
        return Finding(name, array.shape, NOT_TESTED, array.size, not_tested=array.size,
                       reasons=why)  # fmt: skip
    findings = []
    for _ in range(count):
        direction = rng.normal(size=array.shape)
        direction *= sizes_of(array) / np.linalg.norm(direction)
        direction[infinite] = 0.0
        line = Line(subject, name, direction)
        finite = np.where(infinite | ~movable, 0.0, a)
        largest = float(np.abs(finite).max()) or 1.0  # its square may overflow
        typical = largest * float(np.linalg.norm(finite / largest)) / np.sqrt(array.size)
        findings.append(_judged(judge, line, line.claimed(a), typical))
    if infinite.any():
        findings += _each(subject, a, judge, name, np.flatnonzero(infinite))
    return _summary(findings, count)


def _each(subject: Subject, a: np.ndarray, judge: Judge, name: str, entries: Any) -> list[Finding]:
    """Infinite entries, one by one: in a random direction they would mask all others."""
    return [_judged(judge, Line(subject, name, int(i)), float(a.flat[i]), 0.0) for i in entries]


def _judged(judge: Judge, line: Line, claimed: float, typical: float) -> Finding:
    judged = judge.compare(line, claimed, typical)
    value, size = judged.slope.value, max(abs(claimed), abs(judged.slope.value), typical)
    no_effect = claimed == 0 and (value == 0 or not np.isfinite(judged.slope.uncertainty))
    reason = (
        "without effect on the loss: both sides are exactly 0"
        if claimed == value == 0
        else judged.reason
    )
    verdict = NOT_TESTED if no_effect and judged.verdict != WRONG else judged.verdict
    size = size if np.isfinite(size) and size > 0 else 1.0
    off = 0.0 if claimed == value else abs(claimed - value)  # inf - inf would be NaN
    return Finding(
        line.name, line.array.shape, verdict, 1, error=off / size,
        analytic=claimed, numerical=value, tolerance=judged.allowed / size, size=size,
        why=judged.reason if verdict == WRONG else "random directions",
        reasons=(reason,) * (verdict == NOT_TESTED),
    )  # fmt: skip


def _summary(findings: list[Finding], count: int) -> Finding:
    verdicts = [f.verdict for f in findings]
    verdict = next(v for v in (WRONG, KINK, RIGHT, NOT_TESTED) if v in verdicts)
    worst = max((f for f in findings if f.verdict == verdict), key=lambda f: f.error)
    counts: dict[str, int] = {}
    for reason in (r for f in findings if f.verdict == NOT_TESTED for r in f.reasons):
        counts[reason] = counts.get(reason, 0) + 1
    return replace(
        worst, entries=count, not_tested=verdicts.count(NOT_TESTED), kinks=verdicts.count(KINK),
        reasons=tuple(f"{n} direction{'s' * (n > 1)} {reason}" for reason, n in counts.items()),
    )  # fmt: skip
