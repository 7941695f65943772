"""A few examples learned by heart by a copy of the net, and the same with inputs of zero."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mitbadak.doctor.checkup.initial_loss import expected_loss
from mitbadak.doctor.checkup.items import Item
from mitbadak.doctor.checkup.subject import SEED, Subject, update
from mitbadak.doctor.findings import FAULT, NOTE, WARNING, Finding
from mitbadak.nn.heads import HEADS, Head, SigmoidCrossEntropy, SoftmaxCrossEntropy
from mitbadak.nn.network import Sequential
from mitbadak.optim import Adam

EXAMPLES = (2, 16)  # at least and at most (CS231n takes about 20)
PER_WEIGHT = 4  # weights for each number that is to be learned, at least
RATES = (0.01, 0.1, 0.001)  # of Adam, one after the other until one of them succeeds
STEPS, STEP_WORK = (60, 400), 1.2e7  # updates at each rate; parameters times updates
LEARNED = 0.1  # of the loss of an answer that knows nothing is left
SOME = 0.5  # of it: something was learned, but not all
DIFFERS = 0.05  # of the loss: zeroed inputs must do that much worse
LARGE_TARGET = 10.0  # larger targets are standardized here, and judged with the data


@dataclass(frozen=True)
class Learned:
    """What became of a copy that learned a few examples.

    Attributes:
        net: the copy.
        x, t: the examples.
        reference: the loss of an answer that knows nothing.
        floor: the least loss that is possible.
        loss: what was reached.
        updates: how many it took, or were tried.
        rate: the learning rate that did best.
    """

    net: Sequential
    x: np.ndarray
    t: np.ndarray
    reference: float
    floor: float
    loss: float
    updates: int
    rate: float

    @property
    def left(self) -> float:
        """The share of the loss that is left; NaN where nothing can be learned."""
        if not self.reference > self.floor:
            return math.nan
        return (self.loss - self.floor) / (self.reference - self.floor)


def one_batch(subject: Subject) -> tuple[Item, Learned]:
    """Let copies of the net learn a few examples by heart."""
    learned = _learn(subject)
    evidence = {
        "examples": len(learned.x), "first": learned.reference, "last": learned.loss,
        "updates": learned.updates, "rate": learned.rate, "left": learned.left,
    }  # fmt: skip
    if math.isnan(learned.left) and math.isfinite(learned.loss):
        return Item("one-batch", {"kind": "alike", **evidence}, judged=False), learned
    built_in = type(subject.net.head) in HEADS.values()
    if learned.left <= LEARNED or (not built_in and learned.left < 1 - LEARNED):
        return Item("one-batch", evidence), learned
    if subject.linear:
        finding = Finding("one-batch-not-learned", NOTE, 0.6, {"kind": "linear", **evidence})
    else:
        severity = WARNING if learned.left <= SOME else FAULT
        finding = Finding("one-batch-not-learned", severity, 0.8, evidence)
    return Item("one-batch", evidence, (finding,)), learned


def zeroed_inputs(subject: Subject, learned: Learned) -> Item:
    """Compare what was learned on the real inputs and on zeros."""
    zeroed = learned.net.loss(np.zeros_like(learned.x), learned.t)
    real = learned.net.loss(learned.x, learned.t)
    measures = {"real": real, "zeroed": zeroed}
    if math.isnan(learned.left) or not learned.x.any():
        return Item("zeroed-inputs", {"kind": "alike", **measures}, judged=False)
    apart = abs(zeroed - real) > DIFFERS * max(abs(zeroed), abs(real))
    if not apart or (learned.left <= LEARNED and not zeroed > real):
        finding = Finding("inputs-ignored", FAULT, 0.85, measures, where="x")
        return Item("zeroed-inputs", measures, (finding,))
    return Item("zeroed-inputs", measures)


def _learn(subject: Subject) -> Learned:
    x, t = _examples(subject)
    head, n_out = subject.net.head, subject.n_out
    reference, floor = expected_loss(subject.net, t, n_out), _floor(head, t)
    goal = floor + LEARNED / 2 * (reference - floor)
    least, most = STEPS
    steps = int(min(max(STEP_WORK / max(1, subject.parameters), least), most))
    best, made = None, 0
    for rate in RATES:
        net, rule, taken = subject.quiet_twin(), Adam(rate), steps
        for step in range(steps):
            loss = update(net, rule, x, t, step)
            if not math.isfinite(loss) or loss <= goal:
                taken = step
                break
        made += taken
        # BatchNorm fits the batch by the batch's own spread, so the loss is that of training.
        last = update(net, Adam(rate), x, t, steps) if net.mode_dependent else net.loss(x, t)
        if best is None or not last > best.loss or math.isnan(best.loss):
            best = Learned(net, x, t, reference, floor, last, made, rate)
        if best.left <= LEARNED or not reference > floor:
            break
    assert_found = best
    if assert_found is None:  # RATES is not empty
        raise RuntimeError
    return assert_found


def _examples(subject: Subject) -> tuple[np.ndarray, np.ndarray]:
    """A few examples whose inputs differ, of as many classes as there are."""
    x, t = subject.seen
    least, most = EXAMPLES
    count = min(most, max(least, subject.parameters // (PER_WEIGHT * subject.n_out)))
    if subject.linear:  # any n_in + 1 points can be fitted
        count = min(count, x[0].size + 1)
    order = np.random.default_rng(SEED).permutation(len(x))
    flat = x[order].reshape(len(x), -1)
    keys = flat.astype(np.float64) @ np.random.default_rng(SEED).normal(size=flat.shape[1])
    order = order[np.sort(np.unique(keys, return_index=True)[1])]
    if subject.has_classes:
        classes = subject.classes_of(t[order])
        rank = np.zeros(len(order), np.intp)  # the how-manieth of its class each example is
        for one in np.unique(classes):
            rank[classes == one] = np.arange(np.count_nonzero(classes == one))
        order = order[np.argsort(rank, kind="stable")]
    x, t = x[order[:count]], t[order[:count]]
    if t.dtype.kind == "f" and subject.net.head.for_regression:
        offset, spread = t.mean(axis=0), t.std(axis=0)
        if max(np.abs(offset).max(), spread.max()) > LARGE_TARGET:
            t = (t - offset) / np.where(spread > 0, spread, 1)
    return x, t


def _floor(head: Head, t: np.ndarray) -> float:
    """The entropy of the labels, below which no cross entropy can fall; otherwise 0."""
    p = np.asarray(t, np.float64)
    if p.ndim < 2 or not isinstance(head, (SoftmaxCrossEntropy, SigmoidCrossEntropy)):
        return 0.0
    parts = [p] if isinstance(head, SoftmaxCrossEntropy) else [p, 1 - p]
    total = -sum(float(np.sum(q * np.log(np.where(q > 0, q, 1)))) for q in parts)
    return total / (len(p) if isinstance(head, SoftmaxCrossEntropy) else p.size)
