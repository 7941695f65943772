"""Sizes from layer to layer: of the answers, the gradients, and the first update."""

from __future__ import annotations

import numpy as np

from mitbadak.doctor.checkup.items import Item
from mitbadak.doctor.checkup.subject import Subject
from mitbadak.doctor.findings import FAULT, NOTE, WARNING, Finding
from mitbadak.doctor.nets import layers_of

DEAD, SATURATED = 0.5, 0.5  # of the units, of the answers
VANISHED = 1e-3  # the gradient of the first matrix over that of the last, per entry
EXPLODED = 1e3  # the same, the other way round
SHOWN = 12  # layers


def sizes_by_layer(subject: Subject, *, healthy: bool) -> Item:
    """Measure the untrained net and one update of a copy.

    Args:
        subject: the training.
        healthy: whether the net learns all the same; what is seen is then a note.
    """
    layers = layers_of(subject.net, subject.measured[0])
    matrices = _matrices(subject)
    measures = {
        "layers": [{"name": f"{layer.name} {k}", "std": layer.std, "dead": layer.dead,
                    "saturated": layer.saturated} for k, layer in enumerate(layers, 1)],
        "matrices": matrices,
        "count": len(layers), "least": min((layer.std for layer in layers), default=0.0),
        "most": max((layer.std for layer in layers), default=0.0),
        "largest": max((m["ratio"] for m in matrices), default=0.0),
    }  # fmt: skip
    if not matrices:
        return Item("sizes", {**measures, "kind": "none"}, judged=False)
    findings = [*_alike(subject), *_units(measures, healthy), *_gradients(matrices, healthy)]
    if len(matrices) > 1 and subject.linear:
        evidence = {"kind": "checkup", "layers": len(matrices)}
        findings.append(Finding("no-nonlinearity", NOTE, 0.9, evidence))
    return Item("sizes", measures, tuple(findings))


def _matrices(subject: Subject) -> list[dict]:
    """The gradient of each weight matrix per entry, and how much the first update changes it."""
    (x, t), rows = subject.seen, subject.batches(0, 1)[0]
    net, rule = subject.twins()
    before = {name: array.copy() for name, array in net.params.items()}
    clean = subject.quiet_twin()
    training = True if clean.mode_dependent else None
    grads = clean.compute(x[rows], t[rows], training=training, rng=0).gradient
    subject.update(net, rule, x[rows], t[rows], 0)
    sizes = []
    for name, array in before.items():
        if array.ndim == 2:
            norm = float(np.linalg.norm(array))
            change = float(np.linalg.norm(net.params[name] - array))
            gradient = float(np.sqrt(np.mean(np.square(grads[name], dtype=np.float64))))
            sizes.append({"name": name, "gradient": gradient, "weights": norm,
                          "ratio": change / norm if norm else 0.0})  # fmt: skip
    return sizes


def _alike(subject: Subject) -> list[Finding]:
    """Hidden layers whose units all have the same weights; zeros before the last one included."""
    matrices = [(name, a) for name, a in subject.net.params.items() if a.ndim == 2]
    return [
        Finding("symmetric-weights", FAULT, 0.97, {"units": array.shape[1], "name": name},
                where=name)
        for name, array in matrices[:-1]
        if array.shape[1] > 1 and np.ptp(array, axis=1).max() == 0
    ]  # fmt: skip


def _units(measures: dict, healthy: bool) -> list[Finding]:
    severity, findings = NOTE if healthy else WARNING, []
    for layer in measures["layers"]:
        for code, share, limit in (("dead-relu", layer["dead"], DEAD),
                                   ("saturated", layer["saturated"], SATURATED)):  # fmt: skip
            if share > limit:
                evidence = {"share": share, "layer": layer["name"]}
                findings.append(Finding(code, severity, 0.7, evidence, where=layer["name"]))
    return findings


def _gradients(matrices: list[dict], healthy: bool) -> list[Finding]:
    first, last = matrices[0], matrices[-1]
    if len(matrices) < 2 or not last["gradient"] > 0:
        return []
    ratio = first["gradient"] / last["gradient"]
    evidence = {"first": first["name"], "last": last["name"], "ratio": ratio,
                "layers": len(matrices)}  # fmt: skip
    severity = NOTE if healthy else WARNING
    if ratio < VANISHED and not healthy:
        return [Finding("vanishing-gradient", severity, 0.7, evidence, where=first["name"])]
    if ratio > EXPLODED:
        evidence["kind"] = "checkup"
        return [Finding("exploding-gradient", severity, 0.6, evidence, where=first["name"])]
    return []
