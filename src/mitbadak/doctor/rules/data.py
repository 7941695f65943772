"""Rules on the examples: their range, their labels, their number."""

from __future__ import annotations

import numpy as np

from mitbadak.doctor.case import Case
from mitbadak.doctor.findings import FAULT, NOTE, WARNING, Finding

# A sigmoid or ReLU net starts well where inputs are around 1 (LeCun et al. 1998, "Efficient
# BackProp"). Learners' nets get along with 5; at 20 and more book nets lose accuracy.
LARGE = 20.0
APART = 100.0  # the spread of one column over that of another
OFFSET = 10.0  # the mean of all inputs over their spread
TINY = 0.02  # the largest of all inputs: divided twice
PIXELS = 128.0  # larger ones are a warning even where the loss falls
LARGE_TARGET = 10.0
IMBALANCE = 10.0  # examples of one class over those of another (SageMaker Debugger's rule)
DIFFERENT = 10  # examples of each class would be expected among different ones
ENOUGH = 30  # examples of each class would be expected before one is called missing


def non_finite_data(case: Case) -> Finding | None:
    """NaN or infinity in the examples, or from the start in the parameters or the loss."""
    for signals in case.signals:
        sources = [name for name in ("x", "t") if name in signals.not_finite]
        if sources:
            evidence = {"names": " and ".join(sources), "step": signals.number}
            return Finding("non-finite-data", FAULT, 0.99, evidence, since=signals.number)
    if not case.signals or np.isfinite(case.losses[:1]).all():
        return None
    names = [name for name in case.shapes if name in case.signals[0].not_finite]
    if names:
        evidence = {"kind": "start", "names": ", ".join(names)}
        return Finding("non-finite-data", FAULT, 0.8, evidence, where=names[0], since=1)
    if len(case.finite):
        return None
    return Finding("non-finite-data", FAULT, 0.7, {"kind": "loss"}, where="loss", since=1)


def inputs_not_normalised(case: Case) -> Finding | None:
    """Inputs far from 1: too large, of very different spreads, or far from zero."""
    batches = case.batches
    if not batches:
        return None
    largest = float(np.median([max(-b.low, b.high) for b in batches]))
    wide, narrow = np.median([b.spreads for b in batches], axis=0)
    mean, std = np.median([(b.mean, b.std) for b in batches], axis=0)
    ratio = float(wide / narrow) if narrow else 1.0
    offset = float(abs(mean) / std) if std else 0.0
    # Pixels that are nearly always black have tiny spreads; only large columns do harm.
    tiny = 0 < largest < TINY
    if not (tiny or largest > LARGE or (ratio > APART and wide > LARGE / 4)
            or (offset > OFFSET and largest > LARGE / 4)):  # fmt: skip
        return None
    evidence = {"largest": largest, "mean": float(mean), "std": float(std), "ratio": ratio}
    if not case.fails:
        severity = WARNING if largest > PIXELS else NOTE
        return Finding("inputs-not-normalised", severity, 0.5, evidence, where="x", since=1)
    return Finding("inputs-not-normalised", FAULT, 0.85, evidence, where="x", since=1)


def inputs_constant(case: Case) -> Finding | None:
    """Inputs that are the same in every example."""
    batches = [b for b in case.batches if b.n > 1]
    if not batches or min(b.constant for b in batches) < 1:
        return None
    return Finding("inputs-constant", FAULT, 0.98, {"value": batches[0].mean}, where="x", since=1)


def targets_not_normalised(case: Case) -> Finding | None:
    """Real targets whose size makes the first losses huge."""
    batches = [b for b in case.batches if b.form == "numbers"]
    if not batches or not case.fails:
        return None
    mean, std = np.median([(abs(b.t_mean), b.t_std) for b in batches], axis=0)
    if max(mean, std) <= LARGE_TARGET:
        return None
    evidence = {"mean": float(mean), "std": float(std)}
    far = max(mean, std) > 10 * LARGE_TARGET
    if not far and case.learns and case.still_falls:
        return Finding("targets-not-normalised", NOTE, 0.5, evidence, where="t", since=1)
    sure = 0.93 if far else 0.65
    return Finding("targets-not-normalised", FAULT, sure, evidence, where="t", since=1)


def label_out_of_range(case: Case) -> Finding | None:
    """Class indices for which the net has no output."""
    n_out = case.n_out
    highest = max((len(b.counts) - 1 for b in case.batches if b.form == "indices"), default=-1)
    if n_out < 2 or highest < n_out:
        return None
    evidence = {"highest": highest, "outputs": n_out}
    return Finding("label-out-of-range", FAULT, 0.97, evidence, where="t", since=1)


def label_form(case: Case) -> Finding | None:
    """Class indices where the loss was written for one-hot rows, so that they broadcast.

    Indices t of shape (n,) times log(y) of shape (n, classes) broadcast only where n equals the
    number of classes; the loss is then -sum t_j log y_ij / n, which grows with the indices.
    """
    for signals in case.signals:
        batch, answers = signals.batch, signals.answers
        if batch is None or answers is None or batch.form != "indices":
            continue
        if (
            answers.columns == batch.n
            and answers.columns > 2
            and signals.loss > 3 * np.log(batch.n)
        ):
            evidence = {"n": batch.n, "classes": answers.columns, "loss": signals.loss}
            return Finding("silent-broadcast", FAULT, 0.8, evidence, where="t",
                           since=signals.number)  # fmt: skip
    return None


def class_missing(case: Case) -> Finding | None:
    """Classes without examples, and classes with few."""
    counts = [b.counts for b in case.batches if b.counts]
    n_out = max(case.n_out, max(map(len, counts), default=0))
    if not counts or n_out < 2:
        return None
    if 0 < len(case.examples) < DIFFERENT * n_out:
        return None
    total = np.sum([np.pad(c, (0, n_out - len(c))) for c in counts], axis=0)
    if total.sum() < ENOUGH * n_out:
        return None
    missing = np.flatnonzero(total == 0)
    if len(missing):
        evidence = {"classes": ", ".join(map(str, missing)), "examples": int(total.sum()),
                    "names": {"classes": case.names.classes_of(missing)}}  # fmt: skip
        return Finding("class-missing", WARNING, 0.8, evidence, where="t", since=1)
    if total.max() > IMBALANCE * total.min():
        most, least = int(total.argmax()), int(total.argmin())
        called = {"most": case.names.class_of(most), "least": case.names.class_of(least)}
        evidence = {"most": most, "least": least, "ratio": float(total.max() / total.min()),
                    "names": called}  # fmt: skip
        return Finding("class-imbalance", NOTE, 0.8, evidence, where="t", since=1)
    return None
