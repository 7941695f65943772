"""What follows from what: a finding that another one explains is less sure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mitbadak.doctor.checkup.items import Item
from mitbadak.doctor.findings import NOTE
from mitbadak.doctor.rules import CONSEQUENCE, EXPLAINS

_NOTHING_LEARNED = {"one-batch-not-learned", "inputs-ignored", "no-rate-learns"}
# Besides what explains what in a training.
EXPLAINS_BEFORE = {
    "inputs-not-normalised": {"initial-loss", "lr-too-large", "one-batch-not-learned"},
    "inputs-constant": _NOTHING_LEARNED,
    "targets-constant": {"class-missing", *_NOTHING_LEARNED},
    "targets-not-normalised": {"initial-loss", "lr-too-large", "no-rate-learns"},
    "head-does-not-fit": {"one-batch-not-learned", "no-rate-learns"},
    "gradient-wrong": {"lr-too-large", *_NOTHING_LEARNED},
    "symmetric-weights": {"dead-relu", *_NOTHING_LEARNED},
    "dead-relu": _NOTHING_LEARNED,
    "saturated": _NOTHING_LEARNED,
    "vanishing-gradient": _NOTHING_LEARNED,
    "softmax-on-one-unit": {"targets-constant", *_NOTHING_LEARNED},
}


def with_causes_first(items: Sequence[Item]) -> tuple[Item, ...]:
    """The items, with less confidence in findings that another one explains."""
    grave = [f.code for item in items for f in item.findings if f.severity != NOTE]
    explained = {
        code
        for cause in grave
        for code in EXPLAINS.get(cause, set()) | EXPLAINS_BEFORE.get(cause, set())
    }

    def judged(item: Item) -> Item:
        findings = [
            replace(f, confidence=min(f.confidence, CONSEQUENCE)) if f.code in explained else f
            for f in item.findings
        ]
        return replace(item, findings=tuple(findings))

    return tuple(map(judged, items))
