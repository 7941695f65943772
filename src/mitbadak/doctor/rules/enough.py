"""Rules on how much there is: of units, of updates, of examples, of penalty."""

from __future__ import annotations

import numpy as np

from mitbadak.doctor.case import Case
from mitbadak.doctor.findings import FAULT, NOTE, WARNING, Finding

BEHIND = 0.2  # of skill: the net is so much worse than the nearest neighbours
FAR_BEHIND = 0.35
NARROW = 3  # units of a hidden layer: a bottleneck
FEW_ROWS = 4  # of a batch
PER_CLASS = 20  # examples; fewer are few
IN_ALL = 50  # examples with numbers as targets
GAP = 0.2  # of skill between training and unseen examples
SHRUNK = 0.5  # of their size: what a penalty has left of all weight matrices
STEEP = 10.0  # times the size of usual weights: a first gradient as large explodes
DECAY = 1e-4  # of a parameter by each step


def no_nonlinearity(case: Case) -> Finding | None:
    """Several layers with nothing between them, which are worth one."""
    if case.built is None or case.built.activation != "identity":
        return None
    severity = FAULT if case.fails else WARNING
    evidence = {"layers": len(case.matrices)}
    return Finding("no-nonlinearity", severity, 0.95, evidence, since=1)


def too_little_capacity(case: Case) -> Finding | None:
    """A net that has come to rest far below what the nearest neighbours tell."""
    behind = _behind(case)
    if behind is None or not case.learns or case.still_falls or case.batch_size <= FEW_ROWS:
        return None
    widths = [case.shapes[name][1] for name in case.matrices[:-1]]
    narrow = not widths or min(widths) <= NARROW
    if behind < (BEHIND if narrow else FAR_BEHIND):
        return None
    evidence = {"skill": case.skill or 0.0, "reach": case.neighbours.skill if case.neighbours
                else 0.0, "width": min(widths, default=0)}  # fmt: skip
    return Finding("too-little-capacity", WARNING if narrow else NOTE, 0.7, evidence)


def too_little_training(case: Case) -> Finding | None:
    """A loss that still falls when training ends, with much left to learn."""
    behind = _behind(case)
    if not case.still_falls or behind is None or behind < BEHIND:
        return None
    evidence = {"steps": len(case.losses), "skill": case.skill or 0.0}
    return Finding("too-little-training", NOTE, 0.75, evidence)


def _behind(case: Case) -> float | None:
    """By how much skill the net falls behind the nearest neighbours."""
    if case.neighbours is None or case.skill is None:
        return None
    return case.neighbours.skill - max(case.skill, 0.0)


def too_little_data(case: Case) -> Finding | None:
    """All examples together are too few to tell what is common from what is particular."""
    n, classes = len(case.examples), case.n_out if case.form != "numbers" else 0
    enough = PER_CLASS * classes if classes > 1 else IN_ALL
    if not case.examples.exhausted or n >= enough:
        return None
    gap = _gap(case)
    evidence = {"n": n, "enough": enough}
    if gap is not None and gap < GAP / 2:
        return None
    severity = WARNING if gap is not None and gap > GAP else NOTE
    return Finding("too-little-data", severity, 0.8, evidence, where="x")


def learned_by_heart(case: Case) -> Finding | None:
    """Unseen examples are answered much worse than those of the training."""
    gap = _gap(case)
    if gap is None or gap < GAP or not case.learns:
        return None
    unseen = case.unseen.answers.skill if case.unseen and case.unseen.answers else 0.0
    evidence = {"kind": "gap", "train": case.skill, "unseen": unseen}
    return Finding("overfitting", NOTE, 0.7, evidence)


def _gap(case: Case) -> float | None:
    answers = case.unseen.answers if case.unseen is not None else None
    if answers is None or answers.skill is None or case.skill is None:
        return None
    return case.skill - max(answers.skill, 0.0)


def batch_too_small(case: Case) -> Finding | None:
    """Batches of a few examples, whose gradients point anywhere, with a rate for larger ones."""
    if not 0 < case.batch_size <= FEW_ROWS:
        return None
    behind = _behind(case)
    worse = behind is not None and behind > BEHIND
    if not (case.broke or case.fails or worse):
        return None
    late = case.finite[len(case.finite) // 2 :]
    noise = float(late.std() / abs(late.mean())) if len(late) and late.mean() else 0.0
    if not case.broke and noise < 0.3:
        return None
    return Finding("batch-too-small", WARNING, 0.86, {"n": case.batch_size, "noise": noise}, since=1)


def too_much_regularisation(case: Case) -> Finding | None:
    """Weights that shrink all over while the net learns little: a penalty pulls harder than data."""
    decays = [s.rule.other for s in case.signals if s.rule is not None and s.rule.rule == "decay"]
    known = len(decays) > 2 and float(np.median(decays)) < -DECAY
    behind = _behind(case)
    poor = case.fails or (behind is not None and behind > BEHIND)
    if case.shrunk > SHRUNK or not poor or case.broke:
        return None
    evidence = {"left": case.shrunk}
    return Finding("too-much-regularisation", FAULT, 0.9 if known else 0.86, evidence)


def exploding_gradient(case: Case) -> Finding | None:
    """A first gradient that is many times as large as the weights themselves."""
    if not case.signals or not case.batches or len(case.matrices) < 3 or not (case.fails):
        return None
    start, batch = case.signals[0], case.batches[0]
    if max(-batch.low, batch.high) > 20 or max(abs(batch.t_mean), batch.t_std) > 10:
        return None
    sizes = {n: start.sizes[n].gradient / np.sqrt(case.shapes[n][1]) for n in case.matrices
             if n in start.sizes}  # fmt: skip
    where = max(sizes, key=sizes.__getitem__, default="")
    if not where or not sizes[where] > STEEP:
        return None
    evidence = {"name": where, "times": float(sizes[where]), "layers": len(case.matrices)}
    return Finding("exploding-gradient", FAULT, 0.87, evidence, where=where, since=1)
