"""Entries that are not tested: the reason is the true one, and never an excuse for a fault."""

from __future__ import annotations

import numpy as np
import pytest

from mitbadak.gradcheck import check_gradients
from mitbadak.gradcheck.judgment import (
    BESIDE_A_JUMP,
    GRID,
    JUMPS,
    OVERFLOW,
    ROUNDING,
    SINGLE,
    UNSETTLED,
)
from mitbadak.gradcheck.report import NOT_TESTED, RIGHT, WRONG


def only_finding(f, x, gradient, **options):
    (finding,) = check_gradients(f, np.array(x), gradient=gradient, **options).findings
    return finding


@pytest.mark.parametrize("constant", 10.0 ** np.arange(9, 17))
@pytest.mark.parametrize("share", [1.0, -1.0, 2.0, 0.5])
@pytest.mark.parametrize("x", [[0.3], [0.3, 2.0]])
def test_rounding_error_of_a_large_constant_is_no_kink(constant, share, x):
    finding = only_finding(lambda x: np.sum(np.sin(x)) + constant, x, lambda x: share * np.cos(x))
    assert finding.kinks == 0, str(finding)
    assert finding.verdict in ((RIGHT, NOT_TESTED) if share == 1 else (WRONG, NOT_TESTED))
    if finding.verdict == NOT_TESTED:
        assert all(ROUNDING in r or UNSETTLED in r for r in finding.reasons), str(finding)
    if constant <= 1e9 and share != 1:
        assert finding.verdict == WRONG


@pytest.mark.parametrize("claim", [0.0, 1.0, 7.0, -0.5])
@pytest.mark.parametrize(("f", "x"), [
    (np.floor, 1.0), (np.ceil, -2.0), (np.sign, 0.0), (lambda x: (x > 0) * 1.0, 0.0),
    (lambda x: 1e6 * np.floor(x), 3.0), (lambda x: np.remainder(x, 1.0) - x, 2.0),
])  # fmt: skip
def test_a_jump_at_the_point_is_called_one(f, x, claim):
    finding = only_finding(lambda x: np.sum(f(x)), [x], lambda x: np.full(1, claim))
    assert finding.reasons == (f"1 {JUMPS}",), str(finding)


@pytest.mark.parametrize("jump", [np.floor, np.sign])
def test_beside_a_jump_the_gradient_must_be_right(jump):
    def f(x):
        return np.sum(jump(x) + np.sin(x))

    assert only_finding(f, [0.0], np.cos).reasons == (f"1 {JUMPS}",)
    wrong = only_finding(f, [0.0], lambda x: np.cos(x) + 0.01)
    assert (wrong.verdict, wrong.why) == (WRONG, BESIDE_A_JUMP)


@pytest.mark.parametrize("claim", [1e-5, 1e-6, 1e-7, 1e-8, 1e-10])
def test_a_constant_loss_has_no_jumps(claim):
    finding = only_finding(lambda x: 3.0, [0.3, 0.5], lambda x: np.full(2, claim))
    assert finding.reasons == (f"2 {SINGLE}",)  # 3.0 may be the sum of float32 terms
    assert only_finding(lambda x: np.pi, [0.3], lambda x: np.full(1, claim)).verdict == WRONG


@pytest.mark.parametrize("mode", ["full", "directions"])
@pytest.mark.parametrize("share", [1.0, -1.0, 0.0])
@pytest.mark.parametrize(("f", "slope", "x"), [
    (np.sin, np.cos, 1e13), (np.log1p, lambda x: 1 / (1 + x), -1 + 1e-12),
])  # fmt: skip
def test_digits_that_the_argument_lacks_are_no_kink(f, slope, x, share, mode):
    finding = only_finding(lambda x: np.sum(f(x)), [x], lambda x: share * slope(x), mode=mode)
    assert finding.verdict == NOT_TESTED, str(finding)
    assert GRID in finding.reasons[0], str(finding)


def test_a_slope_beyond_the_largest_float64_is_not_held_against_an_infinite_claim():
    def f(x):
        return np.sum((x / 1e-310) ** 2)

    def verdict(claim):
        finding = only_finding(f, [1e-310], lambda x: np.full(1, claim))
        return finding.verdict, finding.reasons or finding.why

    assert verdict(np.inf) == (NOT_TESTED, (f"1 {OVERFLOW}",))
    assert verdict(-np.inf) == verdict(0.0) == verdict(1.0) == (WRONG, OVERFLOW)


@pytest.mark.parametrize("constant", [0.0, 1e5, 1e7])
@pytest.mark.parametrize("share", [0.5, 2.0, -1.0, 3.0])
def test_a_wrong_factor_of_a_sum_of_squares_is_not_taken_for_a_missing_penalty(constant, share):
    x = np.array([0.42, 0.88, 0.83, 1.1])
    report = check_gradients(lambda x: np.sum(x * x) + constant, x,
                             gradient=lambda x: share * 2 * x)  # fmt: skip
    assert not report.ok
    assert {cause.name for cause in report.causes} <= ({"sign"} if share == -1 else set())
