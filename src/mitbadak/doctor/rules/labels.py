"""Rules on labels: whether they belong to the inputs, and what form they have."""

from __future__ import annotations

from mitbadak.doctor.case import Case
from mitbadak.doctor.findings import FAULT, NOTE, WARNING, Finding

LEAST = 100  # examples, before their neighbors are judged
OTHERS = 20  # examples that are not of the most frequent class; fewer hardly have neighbors
CHANCE = 3.0  # standard errors: labels of neighbors agree no more than by chance
STRUCTURE = 5.0  # standard errors: they surely do
PURE = 0.1  # of the examples: in clean data more have neighbors of one class only
NOISE = 0.2  # of the labels that differ from three quarters of the neighbors
APART = 0.5  # of the examples that came again: so many with another label is no accident


def labels_shuffled(case: Case) -> Finding | None:
    """Labels that have nothing to do with the inputs, as after shuffling one without the other."""
    near, examples = case.neighbors, case.examples
    if near is None or near.n < LEAST or near.z > CHANCE or near.others < OTHERS:
        return None
    if case.unseen is not None and case.unseen.answers is not None:
        skill = case.unseen.answers.skill
        if skill is not None and skill > 0.2:
            return None  # what is right on unseen examples was not learned by heart
    evidence = {"n": near.n, "z": near.z}
    if examples.again > LEAST / 2 and examples.contradicted > APART * examples.again:
        share = examples.contradicted / examples.again
        return Finding("labels-shuffled", FAULT, 0.95, {**evidence, "kind": "apart",
                       "share": share}, where="t", since=1)  # fmt: skip
    severity = FAULT if case.fails else WARNING
    return Finding("labels-shuffled", severity, 0.87, evidence, where="t", since=1)


def label_noise(case: Case) -> Finding | None:
    """Labels that differ from those of their neighbors everywhere, not only between classes."""
    near = case.neighbors
    if near is None or near.n < LEAST or near.z < STRUCTURE or not case.batches[-1].counts:
        return None
    if near.pure > PURE or near.wrong < NOISE:
        return None
    evidence = {"share": near.wrong, "pure": near.pure}
    return Finding("label-noise", NOTE, 0.7, evidence, where="t", since=1)


def label_form(case: Case) -> Finding | None:
    """Labels that are neither class numbers nor rows that sum to 1."""
    answers, batches = case.answers, case.batches
    if not answers or not batches or answers[-1].columns < 2 or case.form != "numbers":
        return None
    if batches[-1].fractions > 0.5:
        evidence = {"kind": "fractions", "high": batches[-1].t_high, "outputs": case.n_out}
        return Finding("label-form", FAULT, 0.95, evidence, where="t", since=1)
    if not batches[-1].sums and all(a.rows_sum_to_1 for a in answers):
        kind = "several" if batches[-1].t_low == 0 and batches[-1].t_high == 1 else "rows"
        evidence = {"kind": kind, "high": batches[-1].t_high}
        code, sure = ("head-does-not-fit", 0.8) if kind == "several" else ("label-form", 0.9)
        return Finding(code, WARNING, sure, evidence, where="t", since=1)
    return None
