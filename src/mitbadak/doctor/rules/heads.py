"""Rules on the last layer and the loss: whether they fit each other, and the targets."""

from __future__ import annotations

import numpy as np

from mitbadak.doctor.case import Case
from mitbadak.doctor.findings import FAULT, NOTE, WARNING, Finding
from mitbadak.doctor.signals import Answers, Batch

OUTSIDE = 0.1  # of the range of the targets: so much must lie outside that of the answers
SPREAD = 0.1  # of that of the targets: answers that vary less may just not have learned yet
BOUNDED = {"sigmoid": (0.0, 1.0), "softmax": (0.0, 1.0), "tanh": (-1.0, 1.0),
           "relu": (0.0, np.inf)}  # fmt: skip


def softmax_twice(case: Case) -> Finding | None:
    """Probabilities that the loss takes for scores, and applies softmax to once more."""
    twice = case.built is not None and case.built.head == "softmax twice"
    sums = bool(case.answers) and all(a.rows_sum_to_1 for a in case.answers)
    if not twice and not (sums and case.loss_is("softmax_cross_entropy", not_=["cross_entropy"])):
        return None
    classes = case.n_out
    least = float(np.log(1 + (classes - 1) / np.e))
    return Finding("softmax-twice", FAULT, 0.95, {"least": least, "classes": classes}, since=1)


def head_does_not_fit(case: Case) -> Finding | None:
    """An activation at the end whose range the targets leave, or that silences a class."""
    pairs = [(s.answers, s.batch) for s in case.signals if s.answers and s.batch]
    numbers = [(a, b) for a, b in pairs if b.form == "numbers"]
    if numbers and len(numbers) == len(pairs):
        return _leaves_the_range(case, numbers)
    head = case.built.head if case.built else ""
    if head.startswith("relu") and case.n_out > 1:
        return _found(case, "relu", {"head": "ReLU"})
    if case.n_out < 2 or not case.matrices:
        return None
    last = case.matrices[-1]
    looks = [s for s in case.signals[-5:] if last in s.sizes and s.batch is not None]
    silent = [s.sizes[last].silent for s in looks if s.batch and min(s.batch.counts, default=0)]
    if len(silent) < 3 or min(silent) == 0 or max(silent) == 1 or case.broke:
        return None
    # The slope of a cross entropy is y - t, which is nowhere exactly 0 but behind a ReLU.
    return _found(case, "relu", {"head": "ReLU"}) if case.fails else None


def _leaves_the_range(case: Case, pairs: list[tuple[Answers, Batch]]) -> Finding | None:
    low, high = min(a.low for a, _ in pairs), max(a.high for a, _ in pairs)
    t_low, t_high = min(b.t_low for _, b in pairs), max(b.t_high for _, b in pairs)
    width = t_high - t_low
    head = case.built.head if case.built else ""
    if head in BOUNDED:
        least, most = BOUNDED[head]
        if t_low < least - OUTSIDE * width or t_high > most + OUTSIDE * width:
            names = {"relu": "ReLU"}
            return _found(case, "range", {"head": names.get(head, head), "low": t_low,
                                          "high": t_high})  # fmt: skip
        return None
    varies = max(a.spread for a, _ in pairs[-5:]) > SPREAD * max(b.t_std for _, b in pairs)
    if head or not varies:
        return None
    for name, (least, most) in BOUNDED.items():
        if low < least or high > most or name == "softmax":
            continue
        touches = low < least + 0.02 or high > most - 0.02
        leaves = t_low < least - OUTSIDE * width or t_high > most + OUTSIDE * width
        if touches and leaves:
            return _found(case, "range", {"head": name, "low": t_low, "high": t_high})
    return None


def _found(case: Case, kind: str, evidence: dict) -> Finding:
    sure = 0.93 if case.built else 0.75
    return Finding("head-does-not-fit", FAULT, sure, {"kind": kind, **evidence}, since=1)


def loss_does_not_fit(case: Case) -> Finding | None:
    """A cross entropy of targets that are no shares, or squared errors of classes."""
    if case.form == "numbers" and case.batches:
        low = min(b.t_low for b in case.batches)
        high = max(b.t_high for b in case.batches)
        squared = ["mean_squared_error", "half_squared_error", "broadcast", "half_broadcast"]
        entropy = any(case.loss_is(name, not_=squared)
                      for name in ("cross_entropy", "sigmoid_cross_entropy"))  # fmt: skip
        if entropy and (low < -1e-6 or high > 1 + 1e-6):
            evidence = {"kind": "entropy", "low": low, "high": high}
            return Finding("loss-does-not-fit", FAULT, 0.95, evidence, since=1)
    if case.form in ("one-hot", "indices") and case.fails:
        entropy = ["softmax_cross_entropy", "cross_entropy"]
        if any(case.loss_is(name, not_=entropy)
               for name in ("mean_squared_error", "half_squared_error")):  # fmt: skip
            return Finding("loss-does-not-fit", NOTE, 0.6, {"kind": "squared"}, since=1)
    if len(case.finite) and case.finite.min() < -1e-6:
        evidence = {"kind": "negative", "loss": float(case.finite.min())}
        return Finding("loss-does-not-fit", WARNING, 0.8, evidence, since=1)
    return None


def silent_broadcast(case: Case) -> Finding | None:
    """Every answer against every target: shapes (n, 1) and (n,) give a square of errors."""
    for name, other in (
        ("broadcast", "mean_squared_error"),
        ("half_broadcast", "half_squared_error"),
    ):
        if case.batch_size > 1 and case.loss_is(name, not_=[other]):
            evidence = {"kind": "targets", "n": case.batch_size}
            return Finding("silent-broadcast", FAULT, 0.96, evidence, where="t", since=1)
    return None
