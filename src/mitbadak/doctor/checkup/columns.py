"""The inputs and the targets of the training set: constant columns, sizes, spreads, classes."""

from __future__ import annotations

import numpy as np

from mitbadak.doctor.checkup.items import Item
from mitbadak.doctor.checkup.subject import Subject
from mitbadak.doctor.findings import FAULT, NOTE, WARNING, Finding
from mitbadak.doctor.names import Names
from mitbadak.doctor.rules.data import APART, ENOUGH, IMBALANCE, LARGE, LARGE_TARGET, OFFSET, PIXELS

PICTURE = 64  # inputs from which on they may be pixels, some of which are always black
RANGES = {"Sigmoid": (0.0, 1.0), "Tanh": (-1.0, 1.0), "ReLU": (0.0, np.inf),
          "Softplus": (0.0, np.inf)}  # fmt: skip


def inputs(subject: Subject, *, learns: bool) -> Item:
    """Look at the columns of x.

    Args:
        subject: the training.
        learns: whether the net learns with them as they are.
    """
    rows = subject.seen[0].reshape(len(subject.rows), -1).astype(np.float64)
    spreads, columns = rows.std(axis=0), rows.shape[1]
    constant = np.flatnonzero(np.ptp(rows, axis=0) == 0)
    varying = spreads[np.ptp(rows, axis=0) > 0]
    largest = float(np.abs(rows).max())
    measures = {
        "examples": len(rows), "of": len(subject.trainer.train), "columns": columns,
        "constant": len(constant), "largest": largest, "mean": float(rows.mean()),
        "std": float(rows.std()), "widest": float(varying.max(initial=0)),
        "narrowest": float(varying.min(initial=np.inf)) if len(varying) else 0.0,
    }  # fmt: skip
    findings = []
    if len(constant) == columns:
        value = {"value": measures["mean"]}
        findings.append(Finding("inputs-constant", FAULT, 0.98, value, where="x"))
    elif len(constant) and columns < PICTURE:
        called = {"columns": subject.names.columns_of(constant)}
        evidence = {"columns": Names().columns_of(constant), "count": len(constant), "of": columns,
                    "examples": len(rows), "names": called}  # fmt: skip
        findings.append(Finding("columns-constant", NOTE, 0.95, evidence, where="x"))
    findings += _normalised(measures, learns)
    return Item("inputs", measures, tuple(findings))


def _normalised(measures: dict, learns: bool) -> list[Finding]:
    largest, wide, narrow = (measures[k] for k in ("largest", "widest", "narrowest"))
    far = abs(measures["mean"]) > OFFSET * measures["std"] > 0 and largest > LARGE / 4
    apart = narrow > 0 and wide > APART * narrow and wide > LARGE / 4
    severity = FAULT if not learns else WARNING if largest > PIXELS else NOTE
    if apart and measures["columns"] < PICTURE:
        evidence = {**measures, "kind": "spreads", "ratio": wide / narrow}
        return [Finding("inputs-not-normalised", severity, 0.8, evidence, where="x")]
    if largest > LARGE or far:
        return [Finding("inputs-not-normalised", severity, 0.7, measures, where="x")]
    return []


def labels(subject: Subject, *, learns: bool) -> Item:
    """Look at t: the counts of the classes, or the sizes of real targets."""
    return _classes(subject) if subject.has_classes else _numbers(subject, learns)


def _classes(subject: Subject) -> Item:
    counts = np.bincount(subject.classes_of(subject.labels), minlength=subject.n_out)
    total, present = int(counts.sum()), np.flatnonzero(counts)
    most, least = int(counts.argmax()), int(present[counts[present].argmin()])
    kind = "classes" if counts[most] > counts[least] else "even"
    called = {"most": subject.names.class_of(most), "least": subject.names.class_of(least)}
    every = [subject.names.class_of(k) for k in range(len(counts))]
    measures = {
        "kind": kind, "examples": total, "classes": len(present), "outputs": len(counts),
        "most": most, "most_count": int(counts[most]), "share": float(counts[most] / total),
        "least": least, "least_count": int(counts[least]), "counts": counts.tolist(),
        "names": {**called, "counts": every},
    }  # fmt: skip
    findings = []
    missing = np.flatnonzero(counts == 0)
    if len(present) == 1:
        alone = {"value": most, "kind": "classes", "names": {"value": called["most"]}}
        findings.append(Finding("targets-constant", FAULT, 0.98, alone, where="t"))
    elif len(missing):
        evidence = {"classes": Names().classes_of(missing), "examples": total,
                    "names": {"classes": subject.names.classes_of(missing)}}  # fmt: skip
        severity = WARNING if total >= ENOUGH * len(counts) else NOTE
        findings.append(Finding("class-missing", severity, 0.9, evidence, where="t"))
    if counts[most] > IMBALANCE * counts[least] and len(present) > 1:
        evidence = {"most": most, "least": least, "ratio": float(counts[most] / counts[least]),
                    "names": called}  # fmt: skip
        findings.append(Finding("class-imbalance", NOTE, 0.8, evidence, where="t"))
    return Item("labels", measures, tuple(findings))


def _numbers(subject: Subject, learns: bool) -> Item:
    t = np.asarray(subject.labels, np.float64)
    measures = {
        "kind": "numbers", "examples": len(t), "mean": float(t.mean()), "std": float(t.std()),
        "low": float(t.min()), "high": float(t.max()),
    }  # fmt: skip
    findings = []
    low, high = RANGES.get(type(subject.net.layers[-1]).__name__, (-np.inf, np.inf))
    if np.ptp(t) == 0:
        value = {"value": measures["mean"]}
        findings.append(Finding("targets-constant", FAULT, 0.98, value, where="t"))
    elif subject.net.head.for_regression and not low <= t.min() <= t.max() <= high:
        evidence = {"layer": type(subject.net.layers[-1]).__name__, **measures, "kind": "checkup",
                    "least": low, "most": high}  # fmt: skip
        findings.append(Finding("head-does-not-fit", FAULT, 0.9, evidence, where="t"))
    elif max(abs(measures["mean"]), measures["std"]) > LARGE_TARGET:
        evidence = {"mean": measures["mean"], "std": measures["std"]}
        severity = NOTE if learns else FAULT
        findings.append(Finding("targets-not-normalised", severity, 0.75, evidence, where="t"))
    return Item("labels", measures, tuple(findings))
