"""The rules, each of which reads a ``Case`` and returns a finding, or None.

Which findings explain others is in ``causes.py``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mitbadak.doctor.case import Case
from mitbadak.doctor.causes import doubted, in_order
from mitbadak.doctor.findings import Finding
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


def findings_of(case: Case) -> list[Finding]:
    """All findings in a training, causes before consequences."""
    found = [finding for rule in RULES if (finding := rule(case)) is not None]
    return in_order(doubted([finding for finding in found if _known(finding)]))


def _known(finding: Finding) -> bool:
    """Whether its evidence is numbers: NaN, as nets that overflow leave it, shows nothing."""
    numbers = [v for v in finding.evidence.values() if isinstance(v, float | np.floating)]
    return not any(map(np.isnan, numbers))
