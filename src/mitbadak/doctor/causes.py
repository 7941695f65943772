"""What follows from what: causes stand before their consequences, which are less sure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mitbadak.doctor.findings import NOTE, Finding, by_confidence

Explains = Mapping[str, set[str]]  # by the code of a cause, those of its consequences

_SLOW = {"lr-too-small", "one-class-answered", "too-little-training"}
_WILD = {"lr-too-large", "one-class-answered", "dead-relu", "saturated"}
EXPLAINS: dict[str, set[str]] = {
    "integer-parameters": {
        "lost-to-rounding",
        "lr-too-small",
        "parameter-never-updated",
        "update-of-a-copy",
    },
    "non-finite-data": {"gradient-wrong", "lr-too-large", "one-class-answered"},
    "wrong-update-rule": _WILD
    | {
        "batch-too-small",
        "gradient-wrong",
        "init-too-large",
        "inputs-not-normalised",
        "lr-too-small",
        "too-much-regularisation",
    },
    "update-of-a-copy": {"lost-to-rounding", "lr-too-small", "one-class-answered"},
    "parameter-never-updated": {"lr-too-small"},
    "gradient-wrong": _WILD | {"exploding-gradient", "lr-too-small"},
    "missing-batch-mean": _WILD | {"exploding-gradient"},
    "lost-to-rounding": {"lr-too-small", "parameter-never-updated", "update-of-a-copy"},
    "inputs-constant": {"lr-too-small", "one-class-answered"},
    "softmax-on-one-unit": {"lr-too-small", "one-class-answered", "update-of-a-copy"},
    "init-too-large": _WILD | {"batch-too-small", "exploding-gradient"},
    "init-too-small": {"dead-relu", "lr-too-small", "one-class-answered", "vanishing-gradient"},
    "lr-too-large": {"dead-relu", "one-class-answered", "too-little-training"},
    "lr-too-small": {
        "one-class-answered",
        "too-little-training",
        "vanishing-gradient",
    },
    "inputs-not-normalised": _WILD | {"init-too-large"},
    "targets-not-normalised": {"dead-relu", "lr-too-large"},
    "dead-relu": _SLOW | {"head-does-not-fit", "vanishing-gradient"},
    "vanishing-gradient": {"lr-too-small", "one-class-answered"},
    "softmax-twice": _SLOW | {"loss-does-not-fit", "too-little-capacity"},
    "silent-broadcast": _SLOW
    | _WILD
    | {"batch-too-small", "gradient-wrong", "too-little-capacity"},
    "head-does-not-fit": _SLOW | _WILD | {"too-little-capacity", "vanishing-gradient"},
    "loss-does-not-fit": _SLOW
    | _WILD
    | {"head-does-not-fit", "targets-not-normalised", "too-little-capacity"},
    "no-nonlinearity": _SLOW | {"too-little-capacity"},
    "label-form": _SLOW
    | _WILD
    | {"class-missing", "label-out-of-range", "loss-does-not-fit", "too-little-capacity"},
    "labels-shuffled": _SLOW
    | _WILD
    | {"batch-too-small", "label-noise", "overfitting", "too-little-capacity"},
    "exploding-gradient": _WILD,
    "too-much-regularisation": _SLOW | {"dead-relu", "too-little-capacity", "vanishing-gradient"},
    "batch-too-small": _SLOW | _WILD | {"too-little-capacity"},
    "too-little-data": {"class-imbalance", "overfitting"},
    "train-test-differ": {"overfitting", "too-little-data"},
    "symmetric-weights": _SLOW | {"too-little-capacity"},
    "class-missing": {"class-imbalance"},
    "too-little-capacity": _SLOW | _WILD | {"head-does-not-fit", "vanishing-gradient"},
    "saturated": _SLOW | {"lost-to-rounding", "vanishing-gradient"},
}
CONSEQUENCE = 0.3  # the most confidence in what another finding explains


def explained(findings: Sequence[Finding], besides: Explains | None = None) -> set[str]:
    """The codes that other findings, if they are more than notes, explain.

    Args:
        findings: of one training.
        besides: what explains what, beyond ``EXPLAINS``.
    """
    causes = [finding.code for finding in findings if finding.severity != NOTE]
    tables = (EXPLAINS, besides or {})
    return {code for cause in causes for table in tables for code in table.get(cause, ())}


def doubted(findings: Sequence[Finding], codes: set[str] | None = None) -> list[Finding]:
    """The findings, with little confidence in consequences.

    Args:
        findings: of one training.
        codes: of the consequences; by default those that the findings explain.
    """
    codes = explained(findings) if codes is None else codes
    return [
        replace(f, confidence=min(f.confidence, CONSEQUENCE)) if f.code in codes else f
        for f in findings
    ]


def in_order(findings: Sequence[Finding], besides: Explains | None = None) -> list[Finding]:
    """Causes first, then consequences, then notes; the gravest and surest of each first."""
    codes = explained(findings, besides)
    grave = [f for f in findings if f.severity != NOTE]
    parts = (
        [f for f in grave if f.code not in codes],
        [f for f in grave if f.code in codes],
        [f for f in findings if f.severity == NOTE],
    )
    return [finding for part in parts for finding in by_confidence(part)]
