"""Rules on how much there is: of units, of updates, of examples, of penalty."""

from __future__ import annotations

import numpy as np

from mitbadak.doctor.case import Case
from mitbadak.doctor.findings import FAULT, NOTE, WARNING, Finding

BEHIND = 0.2  # of skill: the net is so much worse than the nearest neighbors
FAR_BEHIND = 0.35
NARROW = 2  # units of a hidden layer: a bottleneck between more inputs and outputs
MANY_STEPS = 2000  # with fewer, more of them help before more units do
PATIENCE = 20  # steps, before anything is called too little
HALFWAY = 0.5  # of the loss of a constant answer
NOISY = 0.3  # of the loss: that of single examples varies as much
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
    first, last = case.ends
    wild = case.broke or not last <= first  # no fault of the activation
    severity = NOTE if wild else FAULT if case.fails else WARNING
    evidence = {"layers": len(case.matrices)}
    return Finding("no-nonlinearity", severity, 0.95, evidence, since=1)


def too_little_capacity(case: Case) -> Finding | None:
    """A bottleneck, or a net that has come to rest far below what the nearest neighbors tell."""
    behind, widths = _behind(case), [case.shapes[name][1] for name in case.matrices[:-1]]
    poor = case.fails or (behind is not None and behind > BEHIND)
    if not widths or not poor or len(case.losses) < PATIENCE:
        return None
    ends = case.shapes[case.matrices[0]][0], case.n_out if case.form != "numbers" else NARROW + 1
    evidence = {"skill": case.skill or 0.0, "width": min(widths),
                "reach": case.neighbors.skill if case.neighbors else 0.0}  # fmt: skip
    if min(widths) <= NARROW and min(widths) < min(ends):
        return Finding("too-little-capacity", FAULT, 0.88, evidence, since=1)
    at_rest = case.learns and not case.still_falls and len(case.losses) >= MANY_STEPS
    if not at_rest or behind is None or behind < FAR_BEHIND:
        return None
    return Finding("too-little-capacity", NOTE, 0.6, evidence)


def too_little_training(case: Case) -> Finding | None:
    """Training that ends with much left to learn, and the loss still falling or few updates."""
    behind = _behind(case)
    few = len(case.losses) < MANY_STEPS
    falls = case.still_falls or (few and case.learns)
    if behind is None or behind < BEHIND or case.broke or not falls:
        return None
    evidence = {"steps": len(case.losses), "skill": max(case.skill or 0.0, 0.0)}
    if case.still_falls:
        return Finding("too-little-training", NOTE, 0.75, evidence)
    return Finding("too-little-training", NOTE, 0.6, {**evidence, "kind": "few"})


def _behind(case: Case) -> float | None:
    """By how much skill the net falls behind the nearest neighbors."""
    if case.neighbors is None or case.skill is None:
        return None
    return case.neighbors.skill - max(case.skill, 0.0)


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
    rows = case.step_rows or case.batch_size
    late = case.finite[2 * len(case.finite) // 3 :]
    if (
        not 0 < rows <= FEW_ROWS
        or FEW_ROWS * rows > len(case.examples)
        or len(late) < PATIENCE // 4
    ):
        return None
    guess = case.constant_loss
    if not case.broke and (late.mean() < HALFWAY * guess or late.std() < NOISY * late.mean()):
        return None
    evidence = {"n": rows, "noise": float(late.std() / late.mean())}
    severity = FAULT if case.fails else WARNING
    return Finding("batch-too-small", severity, 0.9, evidence, since=1)


def too_much_regularisation(case: Case) -> Finding | None:
    """Weights that shrink all over while the net learns little: a penalty outdoes the data."""
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
    if not case.signals or not case.batches or len(case.matrices) < 3:
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
    severity, sure = (FAULT, 0.87) if case.fails else (NOTE, 0.6)
    return Finding("exploding-gradient", severity, sure, evidence, where=where, since=1)
