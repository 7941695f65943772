"""Rules on the test set, and on how the net is evaluated."""

from __future__ import annotations

from mitbadak.doctor.case import Case
from mitbadak.doctor.findings import WARNING, Finding

SHARED = 0.05  # of the test set: more was trained on by a mistake
SHIFTED = 1.0  # spreads of a typical column
SPREAD = 3.0  # times as wide, or as narrow
MOVED = 0.3  # of the labels
LEAST = 20  # rows


def train_test_overlap(case: Case) -> Finding | None:
    """Rows of the test set among those of the training."""
    test, examples = case.unseen, case.examples
    if test is None or test.n < LEAST or test.overlap < SHARED:
        return None
    evidence = {"share": test.overlap, "n": test.n, "seen": len(examples)}
    return Finding("train-test-overlap", WARNING, 0.9, evidence, where="x")


def train_test_differ(case: Case) -> Finding | None:
    """A test set that was prepared in another way, or drawn from elsewhere."""
    test = case.unseen
    if test is None or test.n < LEAST:
        return None
    if test.shift > SHIFTED or not 1 / SPREAD < test.ratio < SPREAD:
        evidence = {"kind": "inputs", "shift": test.shift, "ratio": test.ratio}
        return Finding("train-test-differ", WARNING, 0.92, evidence, where="x")
    if test.moved > MOVED:
        evidence = {"kind": "labels", "moved": test.moved}
        return Finding("train-test-differ", WARNING, 0.85, evidence, where="t")
    return None


def dropout_in_evaluation(case: Case) -> Finding | None:
    """A loss that is another one each time it is asked for."""
    if len(case.probes) < 2 or any(p.repeats for p in case.probes):
        return None
    return Finding("dropout-in-evaluation", WARNING, 0.88, {"steps": len(case.probes)}, since=1)
