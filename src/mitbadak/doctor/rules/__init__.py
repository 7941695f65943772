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
EXPLAINS = {
    "integer-parameters": {"update-of-a-copy", "parameter-never-updated", "lost-to-rounding",
                           "lr-too-small"},
    "non-finite-data": {"lr-too-large", "one-class-answered", "gradient-wrong"},
    "wrong-update-rule": {"lr-too-large", "lr-too-small", "one-class-answered", "dead-relu",
                          "saturated", "gradient-wrong", "inputs-not-normalised"},
    "update-of-a-copy": {"lr-too-small", "one-class-answered", "lost-to-rounding"},
    "parameter-never-updated": {"lr-too-small"},
    "gradient-wrong": {"lr-too-large", "lr-too-small", "one-class-answered"},
    "missing-batch-mean": {"lr-too-large", "one-class-answered", "dead-relu"},
    "lost-to-rounding": {"lr-too-small", "update-of-a-copy", "parameter-never-updated"},
    "inputs-constant": {"lr-too-small", "one-class-answered"},
    "softmax-on-one-unit": {"lr-too-small", "one-class-answered", "update-of-a-copy"},
    "init-too-large": {"lr-too-large", "saturated", "dead-relu", "one-class-answered"},
    "init-too-small": {"vanishing-gradient", "one-class-answered", "lr-too-small", "dead-relu"},
    "lr-too-large": {"one-class-answered", "dead-relu", "saturated"},
    "lr-too-small": {"one-class-answered"},
    "inputs-not-normalised": {"one-class-answered", "dead-relu", "saturated", "init-too-large",
                              "lr-too-large"},
    "targets-not-normalised": {"lr-too-large", "lr-too-small", "dead-relu"},
    "dead-relu": {"one-class-answered", "lr-too-small", "vanishing-gradient"},
    "vanishing-gradient": {"one-class-answered", "lr-too-small"},
}  # fmt: skip
_SLOW = {"lr-too-small", "one-class-answered", "too-little-training", "too-little-capacity"}
_WILD = {"lr-too-large", "one-class-answered", "dead-relu", "saturated"}
for _code, _more in {
    "softmax-twice": _SLOW | {"loss-does-not-fit"},
    "silent-broadcast": _SLOW | _WILD | {"gradient-wrong"},
    "head-does-not-fit": _SLOW | _WILD | {"vanishing-gradient"},
    "loss-does-not-fit": _SLOW | _WILD | {"head-does-not-fit", "targets-not-normalised"},
    "no-nonlinearity": _SLOW,
    "label-form": _SLOW | _WILD | {"loss-does-not-fit", "class-missing", "label-out-of-range"},
    "labels-shuffled": _SLOW | _WILD | {"label-noise", "batch-too-small", "overfitting"},
    "exploding-gradient": _WILD,
    "too-much-regularisation": _SLOW | {"dead-relu", "vanishing-gradient"},
    "batch-too-small": _SLOW | _WILD,
    "too-little-data": {"overfitting", "class-imbalance"},
    "train-test-differ": {"overfitting", "too-little-data"},
    "missing-batch-mean": {"exploding-gradient", "saturated"},
    "init-too-large": {"exploding-gradient"},
    "gradient-wrong": _WILD | {"exploding-gradient"},
    "wrong-update-rule": {"too-much-regularisation", "batch-too-small"},
    "symmetric-weights": _SLOW,
    "lr-too-small": {"too-little-training", "too-little-capacity", "vanishing-gradient"},
    "class-missing": {"class-imbalance"},
}.items():  # fmt: skip
    EXPLAINS[_code] = EXPLAINS.get(_code, set()) | _more
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
    return by_confidence(judged)
