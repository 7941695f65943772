"""The loss of the untrained net beside that of an answer that knows nothing."""

from __future__ import annotations

import math

import numpy as np

from mitbadak.doctor.checkup.items import Item
from mitbadak.doctor.checkup.subject import Subject
from mitbadak.doctor.findings import FAULT, NOTE, WARNING, Finding
from mitbadak.nn.heads import SoftmaxCrossEntropy
from mitbadak.nn.network import Sequential

# CS231n ("neural-networks-3"): the first loss of a classifier should be log(classes). He's initial
# weights make it somewhat larger: healthy nets drawn by seeds stay below 3 times that. Squared
# errors see the whole variance of the scores, which reaches 15 times that of the targets.
HIGH = {"classes": 2.5, "numbers": 15.0}  # times the expectation: a note
FAR = {"classes": 5.0, "numbers": 50.0}  # a warning, if it is
APART = 2.0  # above it, too
LOW = 0.5  # times the expectation: the net knows something already


def expected_loss(net: Sequential, t: np.ndarray, n_out: int) -> float:
    """The loss of an answer that knows nothing: equal scores, or the mean of real targets.

    Softmax cross entropy: log(classes). Squared error: the variance of the targets.

    Example:
        >>> from mitbadak.nn import MLP
        >>> round(expected_loss(MLP([2, 10]), np.array([3, 4]), 10), 3)
        2.303
        >>> expected_loss(MLP([2, 1], loss="mean_squared_error"), np.array([[4.0], [8.0]]), 1)
        4.0
    """
    scores = np.zeros((len(t), n_out), np.float64)
    if net.head.for_regression:
        scores += np.asarray(net.head.targets(scores, t), np.float64).mean(axis=0)
    return net.head.loss(scores, t)


def initial_loss(subject: Subject) -> Item:
    """Compare the first loss with its expectation."""
    net, (x, t) = subject.net, subject.measured
    loss, expected = net.loss(x, t), expected_loss(net, t, subject.n_out)
    zero = net.head.loss(np.zeros((len(t), subject.n_out)), t)
    kind = "classes" if isinstance(net.head, SoftmaxCrossEntropy) else (
        "numbers" if net.head.for_regression else "other")  # fmt: skip
    evidence = {"loss": loss, "expected": expected, "classes": subject.n_out}
    findings = _judge(subject, loss, max(expected, zero), expected, evidence)
    return Item("initial-loss", {"kind": kind, **evidence}, findings)


def _judge(
    subject: Subject, loss: float, ignorant: float, expected: float, evidence: dict[str, float]
) -> tuple[Finding, ...]:
    if isinstance(subject.net.head, SoftmaxCrossEntropy) and subject.n_out == 1:
        return (Finding("softmax-on-one-unit", FAULT, 0.99),)
    if not math.isfinite(loss):
        return (Finding("initial-loss", FAULT, 0.95, {"kind": "not-finite", **evidence}),)
    kind = "numbers" if subject.net.head.for_regression else "classes"
    if ignorant > 0 and loss > HIGH[kind] * ignorant:
        grave = loss > FAR[kind] * ignorant and loss > ignorant + APART
        evidence = {"kind": "high", **evidence, "times": loss / ignorant}  # type: ignore[dict-item]
        return (Finding("initial-loss", WARNING if grave else NOTE, 0.7, evidence),)
    if loss < LOW * expected:
        return (Finding("initial-loss", NOTE, 0.6, {"kind": "low", **evidence}),)
    return ()
