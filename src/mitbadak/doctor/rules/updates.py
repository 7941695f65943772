"""Rules on updates: invariants, which are true or false at every step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mitbadak.doctor.case import Case, Probe
from mitbadak.doctor.findings import FAULT, WARNING, Finding
from mitbadak.doctor.update_rule import Fit, common_rule

LEAST = 2  # steps, before anything is said of all of them
EARLY = 4  # steps that tell the rule
SAME = 0.01  # of a learning rate: closer ones are the same
NEARLY = 0.1  # of a learning rate, beside rounding errors of the gradient
UPHILL = 0.3  # cosine between change and gradient; noise of momentum stays below
CLIPPED = 2.0  # times the loss of a constant answer: some examples may be answered by exactly 0
FLAT = 1e-4  # the probability of a class: beside it, 1e-7 is no more than a thousandth
UNCLIPPED = 100.0  # the loss of an example answered by 1e-43
HALF, TINY = 0.5, 1e-3  # of the slopes that are off; of the largest one
FAR = 3.0  # times the learning rate, or a third of it: no schedule or weight explains such steps
FEW = 0.5  # of the entries: more must be too small a step to say that rounding swallows it


def integer_parameters(case: Case) -> Finding | None:
    """Parameters that hold whole numbers, in which small steps are cut off."""
    if not case.integers:
        return None
    names = ", ".join(case.integers)
    return Finding("integer-parameters", FAULT, 0.99, {"names": names}, where=names, since=1)


def lost_to_rounding(case: Case) -> Finding | None:
    """Steps smaller than half the last digit of what they should change."""
    lost = [
        (name, sizes)
        for name in case.shapes
        for sizes in case.changes(name)[-1:]
        if sizes.below_rounding > FEW and sizes.gradient > 0 and not sizes.change
    ]
    frozen = _frozen_by_size(case)
    if frozen:
        return Finding("lost-to-rounding", FAULT, 0.9, {"share": 1.0, "size": frozen[1]},
                       where=frozen[0])  # fmt: skip
    if not lost or len(lost) < len(case.shapes) / 2:
        return None
    name, sizes = lost[0]
    evidence = {"share": sizes.below_rounding, "size": sizes.value / np.sqrt(sizes.entries)}
    return Finding("lost-to-rounding", FAULT, 0.97, evidence, where=name)


def _frozen_by_size(case: Case) -> tuple[str, float] | None:
    """A parameter so huge that differences of the loss are rounded to a gradient of exactly 0."""
    last = case.last
    if last is None or case.broke:
        return None
    for name, sizes in last.sizes.items():
        size = sizes.value / np.sqrt(max(sizes.entries, 1))
        if sizes.gradient == 0 and size > 1e8 and all(s.gradient == 0 for s in last.sizes.values()):
            return name, float(size)
    return None


def never_updated(case: Case) -> Finding | None:
    """Parameters that stay as they are although their gradient is not zero."""
    still = []
    for name in case.shapes:
        sizes = case.changes(name)
        moved = [s for s in sizes if s.change]
        pulled = [s for s in sizes if s.gradient > 0 and s.below_rounding <= FEW]
        if len(pulled) >= LEAST and not moved:
            still.append(name)
    if not still:
        return None
    steps = len(case.changes(still[0]))
    evidence = {"names": ", ".join(still), "steps": steps}
    if len(still) == sum(bool(case.changes(name)) for name in case.shapes):
        return Finding("update-of-a-copy", FAULT, 0.97, evidence, since=1)
    return Finding("parameter-never-updated", FAULT, 0.97, evidence, where=still[0], since=1)


def wrong_update_rule(case: Case) -> Finding | None:
    """Updates that are no step of gradient descent."""
    fits = [s.rule for s in case.signals if s.rule is not None]
    if len(fits) < LEAST:
        return None
    rule = common_rule(fits[:EARLY])  # later ones may be those of a loss that overflows
    mine = [f for f in fits[:EARLY] if f.rule == rule]
    factor = float(np.median([f.factor for f in mine])) if mine else 0.0
    other = float(np.median([f.other for f in mine])) if mine else 0.0
    rates = [s.lr for s in case.signals if s.lr is not None and s.rule is not None]
    lr = float(np.median(rates)) if rates else None
    kind = ""
    if rule == "constant" and factor < 0 and _is_the_rate(-other, lr):
        kind = "plus"
    elif rule in ("gradient", "momentum") and all(f.factor > 0 for f in mine):
        kind = "sign"
    elif rule == "stale":
        kind = "stale"
    elif rule == "gradient" and lr and _is_steady(fits, factor):
        kind = "twice" if abs(factor / lr + 2) < 2 * SAME else ""
        kind = "rate" if abs(factor / lr + 1) > SAME and not kind else kind
    elif rule == "" and _goes_uphill(case):
        kind = "sign"
    if not kind:
        return None
    constant = -other if kind == "plus" else other
    evidence = {"kind": kind, "factor": factor, "constant": constant, "lr": lr or -factor}
    first = next(s.number for s in case.signals if s.rule is not None)
    severity, sure = (FAULT, 0.99) if kind != "rate" else (WARNING, 0.7)
    if kind == "rate" and lr and not 1 / FAR < abs(factor / lr) < FAR:
        severity, sure = FAULT, 0.9
    return Finding("wrong-update-rule", severity, sure, evidence, since=first)


def _is_the_rate(constant: float, lr: float | None) -> bool:
    """Whether a constant may be the learning rate; rounding of huge updates leaves others."""
    return constant > 0 and (lr is None or abs(constant / lr - 1) < NEARLY)


def _is_steady(fits: Sequence[Fit], factor: float) -> bool:
    """Whether all steps have the same factor; with momentum, it grows while the gradient stays."""
    return all(f.rule == "gradient" and abs(f.factor / factor - 1) < SAME for f in fits)


def _goes_uphill(case: Case) -> bool:
    cosines = [s.agreement for s in case.signals if s.agreement is not None]
    return len(cosines) >= 3 and min(cosines) > UPHILL


def gradient_wrong(case: Case) -> Finding | None:
    """Claimed partial derivatives against central differences of the loss itself."""
    n = case.batches[-1].n if case.batches else 0
    share, ratios, _ = _compared(case.probes)
    if share >= HALF and n > 1:
        ratio = float(np.nanmedian(ratios)) if np.isfinite(ratios).any() else np.nan
        with np.errstate(all="ignore"):
            steady = bool(np.nanmax(np.abs(ratios - ratio)) < 0.05 * abs(ratio))  # False for NaN
        if steady and abs(ratio / n - 1) < 0.05:
            return Finding("missing-batch-mean", FAULT, 0.97, {"n": n, "ratio": ratio}, since=1)
    probes = [p for p in case.probes if not _may_be_clipped(case, p)]
    share, _, first = _compared(probes)
    if share < HALF:
        return None
    evidence = {"share": share, "claimed": first[0], "measured": first[1]}
    return Finding("gradient-wrong", FAULT, 0.95, evidence, since=probes[0].number)


def _compared(probes: Sequence[Probe]) -> tuple[float, np.ndarray, tuple[float, float]]:
    """Claimed slopes beside measured ones, but for those that are tiny beside the others.

    Returns:
        The share that is off, the ratios of claimed to measured, and the first pair.
    """
    slopes = np.array([pair for probe in probes for pair in probe.slopes]).reshape(-1, 2)
    slopes = slopes[np.isfinite(slopes).all(axis=1)]
    size = np.abs(slopes).max(axis=1, initial=0)
    slopes, size = (
        slopes[size > TINY * size.max(initial=0)],
        size[size > TINY * size.max(initial=0)],
    )
    if not len(slopes):
        return 0.0, np.empty(0), (0.0, 0.0)
    claimed, measured = slopes.T
    off = np.abs(claimed - measured) > 0.02 * size
    ratios = claimed / np.where(measured == 0, np.nan, measured)
    return float(np.mean(off)), ratios, (float(claimed[0]), float(measured[0]))


def _may_be_clipped(case: Case, probe: Probe) -> bool:
    """Whether the loss may hardly depend on some examples any more.

    The books' loss is log(y + 1e-7), which is flat where y is 0; the slope y - t, right as it is,
    differs from that of the loss there. Such a loss is never large, whatever the step.
    """
    if case.form == "numbers":
        return False
    if any(loss > UNCLIPPED for p in case.probes for loss in p.along.values()):
        return False
    known = [s.answers.least for s in case.signals if s.number == probe.number and s.answers]
    if known and known[0] is not None:
        return known[0] < FLAT
    highest = np.max(case.losses[: probe.number], initial=0.0)
    return bool(highest > CLIPPED * case.constant_loss)
