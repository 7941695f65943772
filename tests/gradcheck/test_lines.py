"""How the checker measures a loss along lines: on one side of a kink, and inside a domain."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

import mitbadak as mb
from mitbadak.gradcheck import check_gradients
from mitbadak.gradcheck.causes import _unambiguous
from mitbadak.gradcheck.judgment import EDGE
from mitbadak.gradcheck.lines import Line, _one_sided_noise, noise_of_points, rounding_along
from mitbadak.gradcheck.report import NOT_TESTED, RIGHT

H = 1e-5


class AlongALine(Line):
    """A function of s, in place of the loss along a line."""

    def __init__(self, f: Callable[[float], float]):
        self.f = f

    def loss_at(self, s: float) -> float:
        return self.f(s)


def scattered(s: float) -> float:
    """A number from 0 to 1e-3 that has nothing to do with those of nearby points."""
    return 1e-3 * ((s * 1e30) % 7) / 7


@pytest.mark.parametrize("spacing", [H, -H, 1e-12])
def test_a_kink_before_the_first_point_adds_no_noise(spacing):
    line = AlongALine(lambda s: abs(s - 0.5 * spacing))
    assert _one_sided_noise(line, spacing) < 1e-6 * abs(spacing)
    # With the point itself, on the other side of the kink, it would.
    assert noise_of_points(line, [j * spacing for j in range(10)]) > 1e-3 * abs(spacing)


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_inside_a_domain_the_quieter_side_tells_the_rounding_error(side):
    line = AlongALine(lambda s: s + (scattered(s) if s * side > 0 else 0.0))
    assert rounding_along(line, H, 0.0) < 1e-12
    both = AlongALine(lambda s: s + scattered(s))
    assert 1e-5 < rounding_along(both, H, 0.0) < 1e-2


class Constant(mb.MLP):
    """A net whose loss does not depend on its parameters."""

    def __init__(self):
        super().__init__([3, 1], rng=0, dtype=np.float64)

    def gradient(self, x, t, **mode):
        return {name: np.zeros_like(a) for name, a in self.params.items()}


def test_a_loss_that_no_parameter_changes_is_right_about_a_zero_gradient():
    report = check_gradients(Constant(), np.ones((2, 3)), np.zeros(2, int))
    assert report.ok
    assert {f.verdict for f in report.findings} <= {RIGHT, NOT_TESTED}


@pytest.mark.parametrize(("off", "named"), [(0.0, True), (1e-11, True), (3e-8, False)])
def test_a_cause_has_to_explain_the_whole_error_where_the_true_gradient_is_known(off, named):
    rng = np.random.default_rng(3)

    class Negated(mb.MLP):
        def gradient(self, x, t, **mode):
            right = super().gradient(x, t, **mode)
            return {name: -g * (1 + off * np.cos(7 * np.arange(g.size)).reshape(g.shape))
                    for name, g in right.items()}  # fmt: skip

    net = Negated([4, 5, 3], rng=rng, dtype=np.float64)
    report = check_gradients(net, rng.normal(size=(6, 4)), rng.integers(0, 3, 6))
    assert not report.ok
    assert [c.name for c in report.causes] == ["sign"] * named


def test_a_slope_that_does_not_settle_beside_an_edge_is_not_taken_for_one_outside_the_domain():
    def swinging(x):
        return float(x[0] * math.sin(1 / x[0])) if x[0] > 0 else 0.0 if x[0] == 0 else math.nan

    report = check_gradients(swinging, np.zeros(1), gradient=lambda x: np.array([0.3]))
    assert report.findings[0].verdict == NOT_TESTED, str(report)
    assert EDGE not in str(report)


def test_a_fault_that_another_one_explains_too_does_not_hide_the_only_explanation_of_the_rest():
    found = (1e-12, "in words")
    left = {"W1": {"sign": found, "mean for sum": found}, "b1": {"transpose": found}}
    assert [cause.name for cause in _unambiguous(left)] == ["transpose"]
    left["W1"] = {"sign": found}
    assert [(c.name, c.where) for c in _unambiguous(left)] == [
        ("sign", ("W1",)), ("transpose", ("b1",)),
    ]  # fmt: skip


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_finite_claim_where_the_slope_is_infinite_is_wrong_and_told_the_slope(sign):
    report = check_gradients(
        lambda x: sign * float(np.sqrt(x[0])), np.zeros(1), gradient=lambda x: np.array([1.0])
    )
    assert not report.ok
    assert report.findings[0].numerical == sign * np.inf
    assert report.findings[0].kinks == 0
