"""The rules, each of which reads a ``Case`` and returns a finding, or None.

A rule that explains others stands before them: what it names is then the cause, and the others are
its consequences.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mitbadak.doctor.case import Case
from mitbadak.doctor.findings import NOTE, Finding, by_confidence
from mitbadak.doctor.rules import data, enough, heads, labels, learning, unseen, updates

Rule = Callable[[Case], Finding | None]

RULES: tuple[Rule, ...] = (
    updates.integer_parameters,
    data.non_finite_data,
    updates.wrong_update_rule,
    updates.never_updated,
    updates.gradient_wrong,
    updates.lost_to_rounding,
    unseen.dropout_in_evaluation,
    learning.softmax_on_one_unit,
    heads.softmax_twice,
    heads.silent_broadcast,
    heads.head_does_not_fit,
    heads.loss_does_not_fit,
    enough.no_nonlinearity,
    learning.symmetric_weights,
    data.label_out_of_range,
    data.label_form,
    labels.label_form,
    labels.labels_shuffled,
    labels.label_noise,
    unseen.train_test_overlap,
    unseen.train_test_differ,
    data.inputs_constant,
    data.inputs_not_normalised,
    data.targets_not_normalised,
    learning.initial_weights,
    enough.exploding_gradient,
    enough.too_much_regularisation,
    enough.batch_too_small,
    learning.lr_too_large,
    learning.saturated,
    learning.dead_units,
    learning.vanishing_gradient,
    learning.lr_too_small,
    data.class_missing,
    learning.one_class_answered,
    enough.too_little_capacity,
    enough.too_little_training,
    enough.too_little_data,
    enough.learned_by_heart,
    learning.overfitting,
)

# What follows from what: where the first was found, the others are consequences.
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


def findings_of(case: Case) -> list[Finding]:
    """All findings in a training, causes before consequences."""
    found = [finding for rule in RULES if (finding := rule(case)) is not None]
    explained = {
        code for finding in found if finding.severity != NOTE
        for code in EXPLAINS.get(finding.code, ())
    }  # fmt: skip
    judged = [
        replace(f, confidence=min(f.confidence, CONSEQUENCE)) if f.code in explained else f
        for f in found
    ]
    causes = [f for f in judged if f.severity != NOTE and f.code not in explained]
    consequences = [f for f in judged if f.severity != NOTE and f.code in explained]
    notes = [f for f in judged if f.severity == NOTE]
    return [*by_confidence(causes), *by_confidence(consequences), *by_confidence(notes)]
