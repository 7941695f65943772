"""What follows from what before a training, besides what does in one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mitbadak.doctor.causes import doubted, explained
from mitbadak.doctor.checkup.items import Item

_NOTHING_LEARNED = {"one-batch-not-learned", "inputs-ignored", "no-rate-learns"}
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
    codes = explained([f for item in items for f in item.findings], EXPLAINS_BEFORE)
    return tuple(replace(item, findings=tuple(doubted(item.findings, codes))) for item in items)
