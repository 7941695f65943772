"""Rules on how the loss goes: rates, initial values, units that no longer take part."""

from __future__ import annotations

import math

import numpy as np

from mitbadak.doctor.case import Case, Probe
from mitbadak.doctor.findings import FAULT, NOTE, WARNING, Finding

WORSE = 1.5  # times the first loss
LEAP = 0.1  # of a parameter's size: larger updates leave no time for the gradient to change
PATIENCE = 20  # steps, before anything is called too slow
PREDICTED = 0.02  # of the loss: what all updates together should have lowered it by
LONGER = 100.0  # times the step: if that still goes downhill, it is too short; 10 is a choice
DEAD = 0.5  # of the units of a layer
FADING = 1e-3  # of the gradient of the last matrix: that of the first one, per entry
ENTIRELY, HARDLY = 0.5, 0.1  # of a parameter's size: larger steps hide that it was small, or large
FADES = 0.005  # the product of all spreads: so little of a signal comes through the net
SMALL, HUGE = 0.05, 5.0  # of 1 / sqrt(inputs of a unit): the spread of initial weights
LEAPS = 30.0  # times the first loss: steps too short do not raise even that of one example so far
NOTHING = 1e-6  # of the loss, or of what a shorter step gains: rounding
SETTLED = 100  # steps, before which one answer for all says little
ONE_ANSWER = 0.999  # of the answers
SURE = 0.6  # of the examples of one class: then one answer is a good guess


def lr_too_large(case: Case) -> Finding | None:
    """The loss rises, overflows, or leaps along the step that lowers it at first."""
    first, last = case.ends
    probes = [p for p in case.probes if np.isfinite([p.before, p.after]).all()]
    overshoots = [p for p in probes if _overshoots(p)]
    sizes = [s for name in case.matrices for s in case.changes(name) if s.value]
    leap = max(((s.change or 0.0) / s.value for s in sizes), default=0.0)
    rises = np.isfinite(first) and last > WORSE * first + 1e-3
    leaps_up = len(case.finite) > 0 and case.finite.max() > 2 * WORSE * abs(first) + 1e-3
    rises = (rises or leaps_up) and case.fails and not case.began_trained
    rises = rises or _driven_to_the_limits(case)
    if not (case.broke or rises or (len(probes) > 2 and len(overshoots) > len(probes) / 2)):
        return None
    if not len(case.finite) or (case.broke and (not case.signals or any(
        name in s.not_finite for s in case.signals for name in ("x", "t")
    ))):  # fmt: skip
        return None
    evidence = {"first": first, "last": float("inf") if case.broke else last, "leap": float(leap),
                "step": _worst_step(case)}  # fmt: skip
    highest = np.max(case.finite) if not case.broke else np.inf
    evidence["highest"] = float(highest)
    sure = 0.85 if overshoots or leap > LEAP else 0.65
    severity = FAULT if case.fails else WARNING if rises else NOTE
    return Finding("lr-too-large", severity, sure, evidence, since=evidence["step"])


def lr_too_small(case: Case) -> Finding | None:
    """Updates so small that, by the gradient, they cannot lower the loss in sight."""
    if len(case.losses) < PATIENCE or case.learns or case.broke or case.began_trained:
        return None
    first, last = case.ends
    predicted, steps = _predicted(case)
    probes = [p for p in case.probes if p.along]
    better = [max((k for k, v in p.along.items() if v < p.before and k >= 1), default=0.0)
              for p in probes]  # fmt: skip
    longer = float(np.median(better)) if better else 0.0
    if 3 * sum(_overshoots(p) for p in probes) > len(probes) or case.finite.max() > LEAPS * first:
        return None  # some steps are too long already
    pulled = any(s.gradient > 0 for name in case.shapes for s in case.changes(name))
    if not pulled or not steps:
        return None
    slow = predicted * len(case.losses) / steps < PREDICTED * abs(first)
    if longer < LONGER and not (slow and (not probes or longer > 1)):
        return None
    evidence = {"first": first, "last": last, "steps": len(case.losses), "longer": longer or 10.0}
    return Finding("lr-too-small", FAULT, 0.9 if longer else 0.7, evidence, since=1)


def one_class_answered(case: Case) -> Finding | None:
    """A net that answers the same to everything."""
    answers = [a for a in case.answers if a.columns > 1][-5:]
    if (
        len(case.losses) < PATIENCE
        or len(answers) < 2
        or min(a.share for a in answers) < ONE_ANSWER
    ):
        return None
    if case.learns:
        return None
    most = answers[-1].most_frequent
    counts = [
        np.pad(b.counts, (0, max(0, case.n_out - len(b.counts)))) for b in case.batches if b.counts
    ]
    total = np.sum(counts, axis=0) if counts else np.zeros(case.n_out)
    share = float(total[most] / total.sum()) if total.any() and most < len(total) else 0.0
    if share > SURE:
        return None
    called = {"answer": case.names.class_of(most)}
    evidence = {"answer": most, "share": share, "names": called}
    severity = WARNING if len(case.losses) >= SETTLED else NOTE
    return Finding("one-class-answered", severity, 0.6, evidence, since=case.signals[-1].number)


def dead_units(case: Case) -> Finding | None:
    """Units that answer 0 to every example, so that nothing reaches their weights."""
    known = [layer for layer in case.activations if layer.kind == "relu" and layer.dead > DEAD]
    if known:
        worst = max(known, key=lambda layer: layer.dead)
        evidence = {"share": worst.dead, "layer": worst.name}
        return Finding("dead-relu", FAULT if not case.learns else NOTE, 0.8, evidence,
                       where=worst.name)  # fmt: skip
    if case.activations or case.learns:
        return None
    for name in case.matrices[:-1]:
        sizes = [s.sizes[name] for s in case.signals[-3:] if name in s.sizes]
        pulled = [any(z.gradient for z in s.sizes.values()) for s in case.signals[-3:]]
        dead = min((s.silent - s.unclear for s in sizes), default=0.0)
        if len(sizes) >= 2 and dead > DEAD and all(pulled):
            evidence = {"share": dead, "layer": name}
            return Finding("dead-relu", FAULT, 0.75, evidence, where=name)
    return None


def saturated(case: Case) -> Finding | None:
    """Units of sigmoid or tanh at the limits of their range, where their slope is nearly 0."""
    known = [x for x in case.activations if x.kind in ("sigmoid", "tanh") and x.saturated > DEAD]
    if not known or not case.fails:
        return None
    worst = max(known, key=lambda layer: layer.saturated)
    before = any(x.saturated > DEAD for x in case.first_activations)  # not by large steps
    evidence = {"share": worst.saturated, "layer": worst.name}
    return Finding("saturated", FAULT, 0.9 if before else 0.6, evidence, where=worst.name)


def vanishing_gradient(case: Case) -> Finding | None:
    """A gradient that fades from the last matrix to the first."""
    if len(case.matrices) < 3 or case.learns or case.broke:
        return None
    first, last = case.matrices[0], case.matrices[-1]
    ratios = [
        (s.sizes[first].gradient / np.sqrt(s.sizes[first].entries))
        / (s.sizes[last].gradient / np.sqrt(s.sizes[last].entries))
        for s in case.signals
        if s.sizes[last].gradient > 0 and s.sizes[first].silent < 1
    ]
    if not ratios or np.median(ratios) > FADING:
        return None
    evidence = {"ratio": float(np.median(ratios)), "first": first, "last": last,
                "layers": len(case.matrices)}  # fmt: skip
    return Finding("vanishing-gradient", FAULT, 0.75, evidence, where=first)


def symmetric_weights(case: Case) -> Finding | None:
    """Hidden units that all have the same weights, so that they stay the same for ever."""
    last = case.last
    alike = [
        n for n in case.matrices if last is not None and n in last.sizes and last.sizes[n].alike
    ]
    hidden = [name for name in alike if name != case.matrices[-1]]
    if not hidden:
        return None
    units = case.shapes[hidden[0]][1]
    evidence = {"name": hidden[0], "units": units}
    return Finding("symmetric-weights", FAULT, 0.97, evidence, where=hidden[0], since=1)


def initial_weights(case: Case) -> Finding | None:
    """Initial weights far from 1 / sqrt(inputs of a unit), where signals fade or grow."""
    if not case.signals or case.began_trained:
        return None
    start, spreads = case.signals[0], {}
    for name in case.matrices:
        sizes, changes = start.sizes.get(name), case.changes(name)
        if sizes is None or not sizes.entries:
            continue
        spread = sizes.value / np.sqrt(sizes.entries) * np.sqrt(case.shapes[name][0])
        if sizes.change is None and not _starts_far_off(case):  # seen after the first update only
            leaps = [z.change / z.value for z in changes[:1] if z.change and z.value]
            if leaps and leaps[0] > (HARDLY if spread > 1 else ENTIRELY):
                continue
        spreads[name] = spread
    if not spreads:
        return None
    largest, smallest = max(spreads, key=spreads.__getitem__), min(spreads, key=spreads.__getitem__)
    if spreads[largest] > HUGE and (case.fails or spreads[largest] > 2 * HUGE):
        evidence = {"name": largest, "times": float(spreads[largest])}
        severity = FAULT if case.fails else WARNING
        return Finding("init-too-large", severity, 0.88, evidence, where=largest, since=1)
    together = math.prod(min(spread, 1.0) for spread in spreads.values())
    if len(spreads) > 2 and (spreads[smallest] < SMALL or together < FADES):
        evidence = {"name": smallest, "times": float(spreads[smallest])}
        severity = FAULT if case.fails else NOTE
        return Finding("init-too-small", severity, 0.7, evidence, where=smallest, since=1)
    return None


def softmax_on_one_unit(case: Case) -> Finding | None:
    """A single answer that is 1 whatever the net is shown."""
    answers = [a for a in case.answers if a.columns == 1]
    still = [s for s in case.signals if s.sizes and all(z.gradient == 0 for z in s.sizes.values())]
    shares = all(b.t_low >= 0 and b.t_high <= 1 for b in case.batches)
    # A sigmoid begins so only before targets that it cannot reach, or inputs far too large.
    exact = bool(answers) and shares and answers[0].low == 1 == answers[0].high
    ones = len(answers) >= 2 and max(a.spread for a in answers) == 0 and (exact or len(still) >= 2)
    if not ones or any(a.share < 1 or a.most_frequent != 1 for a in answers):
        return None
    return Finding("softmax-on-one-unit", FAULT, 0.9, {}, since=1)


def overfitting(case: Case) -> Finding | None:
    """The loss of unseen data rises while that of the training data falls."""
    name = next((n for n in ("validation_loss", "test_loss") if any(n in r for r in case.rows)), "")
    rows = [r for r in case.rows if name in r and "train_loss" in r]
    if len(rows) < 5:
        return None
    unseen = np.array([r[name] for r in rows], np.float64)
    train = np.array([r["train_loss"] for r in rows], np.float64)
    if not (np.isfinite(unseen).all() and np.isfinite(train).all()):
        return None
    best = int(unseen.argmin())
    rise = float(unseen[-1] - unseen[best])
    if best >= len(rows) - 3 or rise < 0.1 * abs(unseen[best]) or train[-1] >= train[best]:
        return None
    evidence = {"epoch": int(rows[best].get("epoch", best)), "best": float(unseen[best]),
                "now": float(unseen[-1]), "set": name.split("_")[0]}  # fmt: skip
    return Finding("overfitting", NOTE, 0.8, evidence, since=evidence["epoch"])


def _driven_to_the_limits(case: Case) -> bool:
    """Whether units were not saturated at first, and are after steps that were too long."""
    first, last = (
        [x.saturated > DEAD for x in look] for look in (case.first_activations, case.activations)
    )
    return case.fails and bool(first) and any(last) and not any(first)


def _overshoots(probe: Probe) -> bool:
    """Whether a step gained nothing, up to rounding, where shorter ones gain."""
    gain = probe.before - min((loss for k, loss in probe.along.items() if k < 1), default=np.inf)
    least = NOTHING * abs(probe.before)
    return gain > least and probe.before - probe.after < NOTHING * gain


def _starts_far_off(case: Case) -> bool:
    """Whether the very first loss is far above that of guessing among the classes."""
    classes = any(b.counts for b in case.batches) and case.n_out > 1
    return classes and bool(case.losses) and bool(case.losses[0] > 10 * np.log(case.n_out))


def _worst_step(case: Case) -> int:
    losses = np.asarray(case.losses, np.float64)
    bad = np.flatnonzero(~np.isfinite(losses))
    return int(bad[0] if len(bad) else losses.argmax()) + 1 if len(losses) else 1


def _predicted(case: Case) -> tuple[float, int]:
    """By how much the measured updates should have lowered the loss, to first order."""
    total, steps = 0.0, 0
    for signals in case.signals:
        sizes = [s for s in signals.sizes.values() if s.change is not None]
        if sizes and signals.agreement is not None:
            gradient = np.sqrt(sum(s.gradient**2 for s in sizes))
            change = np.sqrt(sum(s.change**2 for s in sizes if s.change is not None))
            total += float(-signals.agreement * gradient * change)
            steps += 1
    return total, steps
