"""The nearest examples: rows that the training and the test set share, and labels of neighbors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from mitbadak.data.dataset import Dataset
from mitbadak.doctor.checkup.columns import PICTURE
from mitbadak.doctor.checkup.items import Item
from mitbadak.doctor.checkup.subject import SEED, Subject
from mitbadak.doctor.examples import row_keys
from mitbadak.doctor.findings import NOTE, WARNING, Finding
from mitbadak.doctor.rules.unseen import SHIFTED, SPREAD

QUERIES = 200  # examples whose nearest neighbor is looked for
ENTRIES = 1 << 24  # numbers of the training set among which it is looked for, at most
EXACT = 1 << 26  # numbers of a set in memory among which equal rows are looked for, at most
BLOCK = 4096  # rows that are compared at once
NEAR = 0.1  # of the usual distance between neighbors: nearly the same
WIDE = 8  # columns from which on closeness is no accident
BITS = 40  # in which two rows can differ: equal ones are then no accident
CONTINUOUS = 0.9  # of the values of a column differ from one another
MANY, FEW = 0.02, 3  # of the test rows; and rows, at least
AGREE = 3.0  # standard deviations above chance
DIFFERS = 0.25  # total variation of the class shares


@dataclass(frozen=True)
class Nearest:
    """The nearest other training examples of some examples.

    Attributes:
        distances: Euclidean.
        rows: their places among the training examples that were looked at.
    """

    distances: np.ndarray
    rows: np.ndarray


def overlap(subject: Subject) -> Item:
    """Compare the test set with the training set: rows in both, and what is different."""
    test = subject.trainer.test
    if test is None:
        return Item("train-test", {"kind": "none"}, judged=False)
    (x, _), (other, t) = _sample(subject.trainer.train), _sample(test)
    equal, seen = _shared(subject.trainer.train, test)
    scale = _scale(x)
    alike, others = x / scale, other / scale
    asked = others[np.random.default_rng(SEED).permutation(len(other))[:QUERIES]]
    own = _nearest(alike[:QUERIES], alike, itself=True)
    usual = float(np.median(own.distances))
    near = _nearest(asked, alike).distances <= NEAR * usual if usual > 0 else np.zeros(1, bool)
    by_chance = float(np.mean(own.distances <= NEAR * usual)) if usual > 0 else 1.0
    measures = {
        "train": seen, "test": len(equal), "equal": int(equal.sum()),
        "share": float(equal.mean()), "near": float(near.mean()), "by_chance": by_chance,
        "asked": len(asked),
    }  # fmt: skip
    rich = _rich(x)
    crowded = x.shape[1] < WIDE  # so that neighbors come close by chance
    clear = near.mean() > by_chance + 3 * math.sqrt((by_chance + 0.01) / len(near))
    count, share = int(equal.sum()), float(equal.mean())
    findings = []
    if rich and clear and not crowded and near.mean() > max(2 * share, MANY) and near.sum() >= FEW:
        findings.append(Finding("train-test-overlap", WARNING, 0.8, {**measures, "kind": "near"}))
    elif count:
        severity = WARNING if rich and share >= MANY and count >= FEW else NOTE
        findings.append(
            Finding("train-test-overlap", severity, 0.9, {**measures, "kind": "checkup"})
        )
    findings += _differences(subject, x, other, t)
    return Item("train-test", measures, tuple(findings))


def neighbors_labels(subject: Subject) -> Item:
    """Whether examples that are alike have the same label more often than by chance."""
    if not subject.has_classes or len(subject.rows) < 50:
        return Item("neighbors", {"kind": "none"}, judged=False)
    x, t = subject.seen
    x, classes = x.reshape(len(x), -1), subject.classes_of(t)
    x = x / _scale(x)
    rows = np.random.default_rng(SEED).permutation(len(x))[:QUERIES]
    nearest = _nearest(x[rows], x, without=rows)
    agree = float(np.mean(classes[nearest.rows] == classes[rows]))
    shares = np.bincount(classes) / len(classes)
    chance = float(np.sum(shares**2))
    noise = math.sqrt(chance * (1 - chance) / len(rows))
    equal = nearest.distances == 0
    measures = {"agree": agree, "chance": chance, "asked": len(rows)}
    findings = []
    if chance < 1 and agree <= chance + AGREE * noise:
        severity = WARNING if x.shape[1] >= PICTURE else NOTE
        evidence = {**measures, "kind": "checkup"}
        findings.append(Finding("labels-shuffled", severity, 0.6, evidence, where="t"))
    unlike = equal & (classes[nearest.rows] != classes[rows])
    if unlike.sum() >= FEW:
        evidence = {"kind": "twins", "share": float(unlike.mean()), "asked": len(rows)}
        findings.append(Finding("label-noise", NOTE, 0.8, evidence, where="t"))
    return Item("neighbors", measures, tuple(findings))


def _sample(data: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Examples of a set as float32 rows, with their labels; all of them unless there are many."""
    x, t = data.batch(_rows(data, ENTRIES))
    return x.reshape(len(x), -1), t


def _rows(data: Dataset, entries: int) -> np.ndarray:
    """The rows of a set, or as many as hold about so many numbers."""
    most = max(QUERIES, entries // max(1, math.prod(data.x.shape[1:])))
    if len(data) <= most:
        return np.arange(len(data))
    return np.sort(np.random.default_rng(SEED).choice(len(data), most, replace=False))


def _shared(train: Dataset, test: Dataset) -> tuple[np.ndarray, int]:
    """Which test examples have inputs that a training example has too, bit for bit.

    Returns:
        One truth value per test example, and how many training examples were looked at.
    """
    as_stored = (train.x.dtype, train.divisor) == (test.x.dtype, test.divisor)
    entries = ENTRIES if train.on_disk else EXACT
    seen = _rows(train, entries)
    known: set[int] = set()
    for start in range(0, len(seen), BLOCK):
        known.update(_keys(train, seen[start : start + BLOCK], as_stored))
    asked = _rows(test, ENTRIES)
    found = [
        key in known
        for start in range(0, len(asked), BLOCK)
        for key in _keys(test, asked[start : start + BLOCK], as_stored)
    ]
    return np.array(found), len(seen)


def _keys(data: Dataset, rows: np.ndarray, as_stored: bool) -> list[int]:
    """A number for each example, equal where its inputs are."""
    return row_keys(data.stored(rows) if as_stored else data.batch(rows)[0])


def _nearest(
    asked: np.ndarray, x: np.ndarray, *, itself: bool = False, without: Any = None
) -> Nearest:
    """The nearest rows of x, without the row itself where ``asked`` is its beginning."""
    center = x[:BLOCK].mean(axis=0)
    asked = asked - center
    squares, best = np.einsum("ij,ij->i", asked, asked), np.full(len(asked), np.inf)
    places = np.zeros(len(asked), np.intp)
    without = np.arange(len(asked)) if itself else without
    for start in range(0, len(x), BLOCK):
        block = x[start : start + BLOCK] - center
        found = squares[:, None] - 2 * asked @ block.T + np.einsum("ij,ij->i", block, block)
        if without is not None:
            inside = np.flatnonzero((without >= start) & (without < start + len(block)))
            found[inside, without[inside] - start] = np.inf
        closest = found.argmin(axis=1)
        distances = found[np.arange(len(asked)), closest]
        places = np.where(distances < best, start + closest, places)
        best = np.minimum(best, distances)
    # The squares cancel: a distance of a thousandth of the size is rounding in float32.
    exact = np.sqrt(np.sum(np.square(asked - (x[places] - center), dtype=np.float64), axis=1))
    return Nearest(exact, places)


def _scale(x: np.ndarray) -> np.ndarray:
    """What columns are divided by, so that none decides alone which examples are close."""
    if x.shape[1] >= PICTURE:
        return np.ones(1, x.dtype)
    spread = x.std(axis=0)
    return np.where(spread > 0, spread, 1).astype(x.dtype)


def _rich(x: np.ndarray) -> bool:
    """Whether rows have so many possible values that equal ones are no accident."""
    seen = x[:1000]
    distinct = [len(np.unique(column)) for column in seen.T]
    return max(distinct) >= CONTINUOUS * len(seen) or float(np.sum(np.log2(distinct))) >= BITS


def _differences(
    subject: Subject, x: np.ndarray, other: np.ndarray, t: np.ndarray
) -> list[Finding]:
    """Class shares and sizes of inputs that differ between the two sets."""
    findings = []
    if len(other) < 30:
        return findings
    center, spread = float(x.mean()), float(x.std())
    stretch = float(other.std()) / spread if spread else 1.0
    shift = abs(float(other.mean()) - center) / spread if spread else 0.0
    if not 1 / SPREAD < stretch < SPREAD or shift > SHIFTED:
        evidence = {"kind": "checkup", "mean": center, "std": spread,
                    "test_mean": float(other.mean()), "test_std": float(other.std())}  # fmt: skip
        findings.append(Finding("train-test-differ", WARNING, 0.85, evidence, where="x"))
    if subject.has_classes:
        ours = np.bincount(subject.classes_of(subject.labels), minlength=subject.n_out)
        theirs = np.bincount(subject.classes_of(t), minlength=subject.n_out)
        p, q = ours / ours.sum(), theirs / theirs.sum()
        apart = float(np.abs(p - q).sum() / 2)
        noise = float(np.sqrt(p * (1 - p) / theirs.sum()).sum() / 2)
        if apart > max(DIFFERS, 3 * noise):
            worst = int(np.abs(p - q).argmax())
            evidence = {"class": worst, "train_share": float(p[worst]),
                        "test_share": float(q[worst]),
                        "names": {"class": subject.names.class_of(worst)}}  # fmt: skip
            findings.append(Finding("train-test-differ", WARNING, 0.85, evidence, where="t"))
    return findings
