"""Losses that look like a net and are none: the fast gradient is right, or there is none."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from book.recognition import impostors, learners
from book.recognition.impostors import Case
from mitbadak.book.recognition import Recognizer

CASES = [
    build for build in vars(impostors).values()
    if getattr(build, "__module__", "") == impostors.__name__
    and getattr(build, "__code__", None) and build.__code__.co_varnames[:1] == ("c",)
]  # fmt: skip
MUST_BE_FAST = {
    "penalty_of_the_same_weights", "product_of_loss_and_penalty", "root_of_the_loss",
    "two_nets_of_one_array", "gated", "counter_beside_the_loss", "layer_norm", "square_batch",
    "in_place_in_predict", "in_a_namespace", "in_a_partial", "in_defaults", "in_globals",
    "in_slots", "in_a_class_attribute", "through_a_property", "inputs_in_float32",
    "accuracy_beside", "labels_as_rows_that_do_not_sum_to_one", "an_epsilon_of_its_own",
    "almost_a_sigmoid", "clipped_inside_its_range", "ensemble", "hinge", "maxout",
    "one_entry_elsewhere", "one_row_elsewhere", "dropout_with_a_fixed_seed",
    "a_constant_changes_later", "a_history_of_losses", "f_of_the_argument_and_of_the_net",
    "in_a_tuple", "in_a_named_tuple", "in_nested_tuples", "a_history_in_a_deque",
}  # fmt: skip
MUST_BE_LEFT = {
    "shared_weights", "tied_by_a_stored_view", "read_through_a_flat_view", "counter_in_the_loss",
    "dropout_by_a_generator", "branch_on_a_value", "branch_on_the_sign_of_one_unit",
    "float_on_the_way", "float_twice", "functions_of_math", "batch_norm", "prints", "in_float32",
    "softmax_along_the_batch", "loss_of_pairs_of_examples", "a_cache_of_the_first_layer",
    "writes_into_its_argument", "weights_normalised", "changes_after_many_calls", "in_a_set",
}  # fmt: skip


def state_of(c):
    """What a learner can look at: attributes, parameters, the history."""
    return {k: copy.deepcopy(v) for k, v in vars(c).items() if k != "rng"}


def assert_equal_states(a, b):
    assert a.keys() == b.keys()
    for key, value in a.items():
        if key != "net":
            np.testing.assert_equal(b[key], value)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("build", CASES, ids=lambda build: build.__name__)
def test_the_gradient_is_right_or_none(build, rng, monkeypatch, capsys):
    name = build.__name__
    if name == "dropout":
        monkeypatch.setattr(np.random, "rand", np.random.RandomState(0).rand)
    c = Case(rng)
    f = build(c)
    x = c.p["S"] if "S" in c.p else c.p["W1"]
    before, bits = state_of(c), x.tobytes()
    recognizer = Recognizer(say=lambda line: None)
    fast = recognizer.gradient(f, x)
    assert x.tobytes() == bits
    assert capsys.readouterr().out == ""
    assert (fast is None) == (recognizer.why is not None)
    if fast is None:
        assert name not in MUST_BE_FAST, recognizer.why
        assert_equal_states(before, state_of(c))
        return
    assert name not in MUST_BE_LEFT
    assert fast.dtype == x.dtype
    assert fast.shape == x.shape
    slow = learners.numerical_gradient(f, x)
    scale = max(1.0, abs(float(f(x))))
    np.testing.assert_allclose(fast, slow, rtol=1e-9, atol=2e-10 * scale)
    assert all(type(v) is not object for v in getattr(c, "history", []))
    assert all(isinstance(v, float) for v in getattr(c, "history", []))


def test_the_cases_cover_what_must_be_fast_or_left():
    names = {case.__name__ for case in CASES}
    assert names >= MUST_BE_FAST | MUST_BE_LEFT
    assert not MUST_BE_FAST & MUST_BE_LEFT


def test_other_arrays_are_left_to_the_definition(rng):
    W = rng.standard_normal((9, 9))
    f = lambda V: np.sum(V**2)  # noqa: E731
    recognizer = Recognizer(say=lambda line: None)
    frozen = W.copy()
    frozen.flags.writeable = False
    for other in (
        W.astype(np.float32), W.astype(int), W.astype(complex), W.astype(">f8"), frozen,
        W.view(type('Own', (np.ndarray,), {})),
        np.ma.masked_array(W), W.tolist(), 3.0, W * 1e9, W * np.nan, W[:2, :2],
        rng.random((3, 4, 5)), np.zeros((0, 3)), np.zeros(()),
    ):  # fmt: skip
        assert recognizer.gradient(f, other) is None
        assert recognizer.why is not None
