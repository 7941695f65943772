"""Which remedies are tried, in which order, and what their trials say about the findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, product

import numpy as np

from mitbadak.doctor.causes import CONSEQUENCE, in_order
from mitbadak.doctor.findings import NOTE, Finding, Trial
from mitbadak.doctor.trials.fork import Fork
from mitbadak.doctor.trials.remedies import Remedies, new_weights, remedies_of

STEPS = 300  # of a trial; fewer where a net is large
FEWEST = 10  # a shorter trial shows nothing
WORK = 1e10  # multiplications and additions of all trials together: about two seconds on one core
MOST = 24  # trials
LEADING = 3  # findings whose remedies are tried, and combined
WINDOW = 5  # of the losses, the last fifth is averaged
BETTER = 0.95  # of the loss: what helps ends below
PROVEN = 0.5  # of the doubt in a finding is gone when its remedy helps
REFUTED = 0.6  # of the confidence is left when no remedy helps

# Faults that ruin the net by their very first update.
SPOILING = {"wrong-update-rule", "lr-too-large", "lost-to-rounding", "missing-batch-mean",
            "gradient-wrong", "exploding-gradient", "non-finite-data"}  # fmt: skip


def with_trials(findings: Sequence[Finding], fork: Fork, losses: Sequence[float]) -> list[Finding]:
    """The findings in a new order, the leading ones with what a trial of their remedies showed.

    Remedies are tried one by one, and in pairs if none of them helps alone, because faults come in
    pairs. A finding whose remedies all fail is doubted more, but not if they helped in a pair.

    Args:
        findings: of a training.
        fork: that training, from its start.
        losses: of its steps.
    """
    leading = [f for f in findings if f.severity != NOTE][:LEADING]
    remedies = {f.code: remedies_of(f, fork) for f in leading}
    count = sum(map(len, remedies.values()))
    steps = min(STEPS, int(WORK / max(1.0, fork.work * min(MOST, 2 * count))))
    if not count or steps < FEWEST:
        return list(findings)
    bench = _Bench(fork, losses, steps)
    trials: dict[str, Trial] = {}
    for finding in leading:
        is_explained = finding.confidence <= CONSEQUENCE
        if is_explained and any(trial.helped for trial in trials.values()):
            continue
        tried = [bench.trial(some, finding.code) for some in remedies[finding.code]]
        if tried:
            trials[finding.code] = _best(tried)
    if not any(trial.helped for trial in trials.values()):
        for first, second in combinations(trials, 2):
            pairs = [
                (a, b) for a, b in product(remedies[first][:3], remedies[second][:3])
                if not {r.name for r in a} & {r.name for r in b}
            ]  # fmt: skip
            tried = [bench.trial(a + b, first, second) for a, b in pairs[: bench.left]]
            if tried and _best(tried).helped:
                trials[first] = trials[second] = _best(tried)
    return in_order([_judged(f, trials.get(f.code)) for f in findings])


class _Bench:
    """Runs trials from the same start, and counts them."""

    def __init__(self, fork: Fork, losses: Sequence[float], steps: int):
        self.fork, self.steps, self.left = fork, steps, MOST
        seen = np.asarray(losses[:steps], np.float64)
        late = seen[-max(1, len(seen) // WINDOW) :]
        self.unchanged = float(late.mean()) if np.isfinite(late).all() and len(late) else np.inf

    def trial(self, remedies: Remedies, *codes: str) -> Trial:
        anew = self.fork.spoiled and bool(SPOILING & set(codes))
        fork = self.fork.with_params(new_weights(self.fork.net)) if anew else self.fork
        for remedy in remedies:
            fork = remedy.apply(fork)
        course, self.left = fork.run(self.steps), self.left - 1
        helped = course.last < BETTER * min(course.first, self.unchanged)
        named = tuple((remedy.name, dict(remedy.values)) for remedy in remedies)
        return Trial(
            named, course.steps, course.first, course.last, self.unchanged, anew, bool(helped)
        )


def _best(trials: Sequence[Trial]) -> Trial:
    """The first that helps well; of those that do not, the one that ends lowest."""
    lowest = min(trials, key=lambda trial: trial.last)
    good = [t for t in trials if t.helped and t.last <= (lowest.last + t.first) / 2]
    return good[0] if good else lowest


def _judged(finding: Finding, trial: Trial | None) -> Finding:
    if trial is None:
        return finding
    sure = finding.confidence
    sure = sure + PROVEN * (1 - sure) if trial.helped else REFUTED * sure
    return replace(finding, confidence=sure, trial=trial)
