"""Arguments with infinite or missing entries: those are not tested, all others are judged."""

from __future__ import annotations

import numpy as np
import pytest

import mitbadak as mb
from gradcheck.delicate import AT_INFINITY
from gradcheck.nets import Regression
from mitbadak.gradcheck import check_gradients
from mitbadak.gradcheck.judgment import OWN_VALUE
from mitbadak.gradcheck.report import NOT_TESTED, RIGHT, WRONG

MODES = ("full", "directions")
CASES = [(name, value) for name, (_, _, values) in AT_INFINITY.items() for value in values]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("name", "value"), CASES)
def test_entries_that_no_step_moves_are_not_tested_and_hide_nothing(name, value, mode):
    g, slope, _ = AT_INFINITY[name]
    x = np.array([0.7, value, 1.2])

    def report(share):
        return check_gradients(lambda x: np.sum(g(x)), x, mode=mode,
                               gradient=lambda x: slope(x) * share)  # fmt: skip

    right = report(1.0)
    assert right.findings[0].verdict == RIGHT, str(right)
    assert right.notes[0].startswith("1 of 3 entries of argument 0 are infinite or NaN")
    if mode == "full":
        assert right.findings[0].reasons == (f"1 {OWN_VALUE}",)
    assert not report(np.array([1.0, 1.0, 1.001])).ok
    assert report(np.array([1.0, 7.0, 1.0])).ok
    alone = check_gradients(lambda x: np.sum(g(x)), np.array([value]), gradient=slope, mode=mode)
    assert alone.findings[0].verdict == NOT_TESTED
    assert alone.findings[0].reasons == (f"1 {OWN_VALUE}",)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("check", [
    lambda x, **o: check_gradients(mb.softmax_cross_entropy, x, np.array([0]), **o),
    lambda x, **o: check_gradients(lambda x: mb.softmax_cross_entropy(x, [0]), x, **o),
    lambda x, **o: check_gradients(mb.softmax, x, **o),
    lambda x, **o: check_gradients(lambda x: np.sum(np.exp(x)), x, **o),
])  # fmt: skip
def test_a_masked_class_leaves_the_others_to_be_checked(check, mode):
    assert check(np.array([[0.0, 1.0, -np.inf]]), mode=mode).findings[0].verdict == RIGHT


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("share", [1.0, 1.001])
def test_a_net_with_an_infinite_parameter_is_checked(share, mode):
    rng = np.random.default_rng(0)
    net = Regression("softmax", rng.normal(size=(3, 4)), np.array([0.1, -np.inf, 0.2, 0.3]))
    inner = net.gradient
    net.gradient = lambda x, t: {name: g * share for name, g in inner(x, t).items()}
    report = check_gradients(net, rng.normal(size=(5, 3)), np.array([0, 2, 3, 2, 0]), mode=mode)
    assert {f.verdict for f in report.findings} == {RIGHT if share == 1 else WRONG}, str(report)


def test_a_gradient_that_is_nan_at_an_infinite_entry_is_noted_only():
    def check(x):
        return check_gradients(lambda x: np.sum(np.exp(-x * x)), np.array(x))

    report = check([np.inf, 0.3])
    assert report.ok
    assert any("is NaN where argument 0 itself is infinite or NaN" in n for n in report.notes)
    assert not check([0.2, 0.3]).notes
