"""All rules of the static reader. One more rule is one more row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mitbadak.doctor.code.hits import Hit
from mitbadak.doctor.code.rules import copies, data, environment, numbers, updates
from mitbadak.doctor.code.trace import Trace
from mitbadak.doctor.findings import FAULT, NOTE, WARNING


@dataclass(frozen=True)
class Rule:
    """A rule: the code of its findings, how grave they are, and how sure."""

    code: str
    severity: str
    confidence: float
    look: Callable[[Trace], Iterator[Hit]]


RULES = (
    Rule("lr-plus-gradient", FAULT, 0.97, updates.lr_plus_gradient),
    Rule("lr-divides-gradient", FAULT, 0.9, updates.lr_divides_gradient),
    Rule("wrong-sign-update", FAULT, 0.9, updates.wrong_sign_update),
    Rule("step-instead-of-update", FAULT, 0.9, updates.step_instead_of_update),
    Rule("start-changed-in-place", FAULT, 0.9, updates.start_changed_in_place),
    Rule("update-of-a-copy", FAULT, 0.85, copies.update_of_a_copy),
    Rule("integer-parameters", FAULT, 0.95, numbers.integer_parameters),
    Rule("float-epoch-modulo", FAULT, 0.9, numbers.float_epoch_modulo),
    Rule("softmax-twice", FAULT, 0.95, numbers.softmax_twice),
    Rule("softmax-over-the-batch", FAULT, 0.9, numbers.softmax_over_the_batch),
    Rule("loss-without-batch-mean", FAULT, 0.7, numbers.loss_without_batch_mean),
    Rule("flat-index-on-matrix", FAULT, 0.9, numbers.flat_index_on_matrix),
    Rule("labels-not-one-hot", FAULT, 0.95, data.labels_not_one_hot),
    Rule("unnormalised-pixels", FAULT, 0.85, data.unnormalised_pixels),
    Rule("pixels-divided-twice", FAULT, 0.9, data.divided_twice),
    Rule("rows-apart", FAULT, 0.9, data.rows_apart),
    Rule("training-set-called-test", FAULT, 0.85, data.training_set_called_test),
    Rule("removed-numpy-name", WARNING, 1.0, environment.removed_numpy_name),
    Rule("path-of-parent", WARNING, 0.9, environment.path_of_parent),
    Rule("cells-out-of-order", NOTE, 0.6, environment.cells_out_of_order),
)
