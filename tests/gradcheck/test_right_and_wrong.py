"""The checker on random gradients: right ones of every kind pass, no deliberate fault is missed."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gradcheck import delicate, faults, right
from mitbadak.gradcheck import check_gradients
from mitbadak.gradcheck.report import RIGHT, WRONG
from mitbadak.gradcheck.slopes import _shrinking

QUICK = 2  # of each kind of right gradient


@pytest.mark.parametrize("kind", range(len(right.KINDS)))
def test_right_gradients_pass(kind):
    first = len(right.KINDS) * 1000 + kind
    alarms = right.false_alarms(range(first, first + QUICK * len(right.KINDS), len(right.KINDS)))
    assert not alarms, "\n\n".join(alarms)


@pytest.mark.parametrize(("kind", "seed"), [
    (delicate.perfect_fit, 15),  # rounding error of residuals that no step reduces
    (delicate.perfect_fit, 346),  # the smallest steps change one example and not the others
    (delicate.near_the_kink, 17),  # a unit that is active between two kinks 1e-15 apart
    (delicate.near_the_kink, 45),  # two kinks on one side of the point
    (delicate.coarse_net, 17),  # jumps of one example among smooth changes of the others
    (delicate.coarse_net, 248),  # a direction in which the coarse example hardly changes
    (delicate.tiny_edge, 101),  # 1/x near 1e-39, lost in the rounding error of 1e62
    (delicate.tiny_edge, 409),  # x log x: neighboring steps agree, far from the limit
    (delicate.tiny_edge, 826),  # slopes that still grow at the smallest step
])  # fmt: skip
def test_right_gradients_at_single_delicate_points_pass(kind, seed):
    case = kind(np.random.default_rng([77, seed]))
    with np.errstate(all="ignore"):
        report = case.check()
    assert report.ok, f"{case.label}\n{report}"


@pytest.mark.parametrize("kind", range(len(faults.KINDS)))
def test_faults_are_detected_and_never_misnamed(kind):
    for variant in range(100, 101):
        planted = faults.plant(kind, variant)
        report = planted.check()
        assert not report.ok, f"{planted.label}\n{report}"
        names = {cause.name for cause in report.causes}
        assert names <= set(planted.causes), f"{planted.label}\n{report}"


def surveyed(module: str, *arguments: int) -> list[str]:
    """The lines that a survey prints, without the checks of types, which take most of the time."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    tests = Path(__file__).parents[1]
    done = subprocess.run(command, cwd=tests, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.slow
def test_hundreds_of_right_gradients_pass():
    """Any number of them: ``python -m gradcheck.right 0 2000`` in ``tests/``."""
    lines = surveyed("gradcheck.right", 1000, 1500)
    assert lines[-1] == "0 false alarms in 500", "\n".join(lines)


@pytest.mark.slow
def test_all_faults_are_detected():
    lines = surveyed("gradcheck.faults", 0, faults.VARIANTS)
    outcomes = ast.literal_eval(lines[-1])
    assert sum(outcomes.values()) >= 200
    assert not {"missed", "misnamed"} & set(outcomes), "\n".join(lines)


@pytest.mark.parametrize("mode", ["full", "directions"])
@pytest.mark.parametrize("seed", range(0, 180, 19))
def test_a_right_verdict_is_within_the_printed_tolerance(seed, mode):
    case = right.draw(seed)
    case.options["mode"] = mode
    for finding in case.check().findings:
        if finding.verdict == RIGHT:
            assert finding.error <= finding.tolerance <= 3e-4, str(finding)
            # Both are relative to a size that is printed too.
            difference = abs(finding.analytic - finding.numerical)
            assert difference == pytest.approx(finding.error * finding.size, rel=1e-6, abs=1e-300)


@pytest.mark.parametrize("scale", [1.0, 1e-9, 1e9])
@pytest.mark.parametrize("share", [1e-3, 1e-5, 1e-6])
@pytest.mark.parametrize("mode", ["full", "directions"])
def test_tolerances_are_tight(share, scale, mode):
    """An error of 1e-6 is ten times the tolerance; with a looser one it would pass."""
    x = np.array([0.3, 1.1, -0.7])
    report = check_gradients(
        lambda x: scale * np.sum(np.sin(x)), x, gradient=lambda x: scale * np.cos(x) * (1 + share),
        mode=mode,
    )  # fmt: skip
    assert not report.ok, str(report)
    assert report.findings[0].tolerance <= 2e-7


def relu_sum(x):
    return np.sum(np.maximum(x, 0.0))


@pytest.mark.parametrize("near", [0.0, 1e-15, 1e-12, 1e-10, 1e-9])
@pytest.mark.parametrize(("claim", "verdict"), [
    (0.0, "kink"), (1.0, "kink"), (0.5, "kink"), (1.2, "wrong"), (-0.2, "wrong"), (7.0, "wrong"),
])  # fmt: skip
def test_a_slope_at_a_kink_must_lie_between_the_one_sided_slopes(near, claim, verdict):
    report = check_gradients(relu_sum, np.array([near, 2.0]), gradient=lambda x: np.where(
        x == near, claim, x > 0))  # fmt: skip
    outcome = report.findings[0].verdict
    # At the kink itself central differences give the mean slope; at 1e-9 a smaller h decides.
    assert outcome == verdict or (claim in (0.5, 1.0) and outcome == RIGHT), str(report)


@pytest.mark.parametrize("near", [0.0, 1e-15])
@pytest.mark.parametrize("claim", [1.05, 1.01, 1 + 1e-5, -1e-5, -0.03])
def test_the_one_sided_slopes_at_a_kink_are_measured_closely(near, claim):
    report = check_gradients(relu_sum, np.array([near, 2.0]), gradient=lambda x: np.where(
        x == near, claim, x > 0))  # fmt: skip
    assert not report.ok, str(report)


def test_a_single_wrong_entry_behind_many_kinks_is_detected():
    x = np.append(np.zeros(40), 2.0)
    wrong = np.append(np.ones(40), 1.001)
    report = check_gradients(relu_sum, x, gradient=lambda x: (x > 0) * wrong)
    assert not report.ok
    assert report.findings[0].at == (40,)


@pytest.mark.parametrize("x", [1e-3, 1e-6, 1e-9, 1e-12])
@pytest.mark.parametrize(("f", "slope"), [
    (np.log, lambda x: 1 / x), (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
])  # fmt: skip
def test_evaluations_stay_inside_the_domain(f, slope, x):
    args = np.array([x, 1.0])
    report = check_gradients(lambda x: np.sum(f(x)), args, gradient=slope)
    assert report.findings[0].verdict == RIGHT, str(report)
    assert report.findings[0].not_tested == 0
    wrong = check_gradients(lambda x: np.sum(f(x)), args,
                            gradient=lambda x: slope(x) * np.array([1.001, 1.0]))  # fmt: skip
    assert not wrong.ok


@pytest.mark.parametrize("mode", ["full", "directions"])
@pytest.mark.parametrize("claim", [0.0, 1.0, -1.0, 1e6, -np.inf])
def test_an_infinite_slope_makes_a_finite_claim_wrong(claim, mode):
    report = check_gradients(lambda x: np.sum(np.sqrt(x)), np.array([0.0, 1.0]), mode=mode,
                             gradient=lambda x: np.array([claim, 0.5]))  # fmt: skip
    assert not report.ok, str(report)


@pytest.mark.parametrize("kind", range(len(faults.KINDS)))
def test_a_wrong_verdict_is_beyond_the_printed_tolerance(kind):
    for finding in faults.plant(kind, 7).check().findings:
        if finding.verdict == WRONG and np.isfinite(finding.error):
            assert finding.error > finding.tolerance, str(finding)


def test_a_flat_loss_is_coarse_only_if_it_has_jumps():
    x = np.array([0.3, 1.1, -0.7])
    coarse = check_gradients(lambda x: float(np.round(np.sum(np.sin(x)), 3)), x, gradient=np.cos)
    assert coarse.ok
    assert "the loss is too coarse" in coarse.findings[0].reasons[0]
    off = check_gradients(lambda x: np.sum(np.maximum(x, 0)), x,
                          gradient=lambda x: np.ones(3))  # fmt: skip
    assert not off.ok
    assert not check_gradients(lambda x: 3.0, x, gradient=np.cos).ok


def test_slopes_that_drift_as_the_step_shrinks_have_not_converged():
    x = np.array([1e-95, 2.4e-9, 6e-22])
    report = check_gradients(lambda x: np.sum(x * np.log(x)), x, gradient=lambda x: np.log(x) + 1)
    assert report.ok, str(report)
    assert "does not converge" in report.findings[0].reasons[0]
    edge = check_gradients(lambda x: np.sum(x * np.log(np.where(x > 0, x, 1.0))), np.zeros(1),
                           gradient=lambda x: np.array([-np.inf]))  # fmt: skip
    assert edge.ok, str(edge)


def test_an_infinite_slope_at_the_edge_is_reported_with_its_reason():
    slope = lambda x: 0.5 / np.sqrt(x)  # noqa: E731
    report = check_gradients(lambda x: np.sum(np.sqrt(x)), np.array([0.0, 1.0]), gradient=slope)
    assert (report.findings[0].verdict, report.findings[0].not_tested) == (RIGHT, 0)
    hidden = check_gradients(lambda x: np.sum(np.sqrt(x)), np.array([0.0, 1.0]),
                             gradient=lambda x: np.array([1e20, 0.5]))  # fmt: skip
    assert hidden.findings[0].reasons == ("1 where the slope still grows at the smallest step",)
    wrong = check_gradients(lambda x: np.sum(np.sin(x)), np.array([0.5, 1.0]),
                            gradient=lambda x: np.array([np.inf, np.cos(1.0)]))  # fmt: skip
    assert not wrong.ok


def test_a_loss_of_zero_still_has_rounding_errors():
    report = check_gradients(lambda x: np.sum(np.cos(x)), np.array([0.0, np.pi]))
    assert report.ok, str(report)
    wrong = check_gradients(lambda x: np.sum(np.cos(x)), np.array([0.0, np.pi]),
                            gradient=lambda x: np.array([0.0, 1e-9]))  # fmt: skip
    assert not wrong.ok


def test_a_float32_loss_is_reported_and_leaves_few_digits():
    x = np.array([0.3, 1.1, -0.7])
    report = check_gradients(lambda x: float(np.sum(np.sin(x.astype(np.float32)))), x,
                             gradient=np.cos)  # fmt: skip
    assert report.ok
    assert any("the loss carries only about 7 digits" in n and "digits of the gradient" in n
               for n in report.notes), str(report)  # fmt: skip
    assert not any("digits" in note for note in check_gradients(
        lambda x: float(np.sum(np.sin(x))), x, gradient=np.cos).notes)  # fmt: skip


def test_a_float32_gradient_is_a_fault_only_for_float64_arrays():
    x = np.array([0.3, 1.1, -0.7])
    rounded = lambda x: np.cos(x).astype(np.float32)  # noqa: E731
    double = check_gradients(lambda x: np.sum(np.sin(x)), x, gradient=rounded)
    assert "holds float32 numbers" in str(double)
    assert not double.ok
    single = check_gradients(lambda x: np.sum(np.sin(x)), x.astype(np.float32), gradient=rounded)
    assert single.ok
    assert any("holds float32 numbers only" in note for note in single.notes)


@pytest.mark.parametrize("share", [1e-5, 1e-6, np.nan])
def test_small_errors_and_nan_get_no_wrong_cause(share):
    for variant in range(5):
        net, args = faults.plain(np.random.default_rng(variant), loss="cross entropy")
        wrong = faults.Changed(net, lambda g, x: g["W2"].__imul__(1 + share))
        report = check_gradients(wrong, *args)
        assert not report.ok
        assert report.causes == (), str(report)


def test_an_ambiguous_factor_is_not_named():
    """With two outputs, a factor of 2 may be a missing mean over them or a missing one half."""
    rng = np.random.default_rng(0)
    net = faults.PlainNet((3, 4, 4, 2), "tanh", "mean squares", rng, fault="sum for mean")
    report = check_gradients(net, rng.normal(size=(7, 3)), rng.normal(size=(7, 2)))
    assert not report.ok
    assert report.causes == (), str(report)


def test_layers_that_share_the_arrays_of_params_are_checked_in_place():
    rng = np.random.default_rng(0)
    net = right.LayeredNet(3, 4, 2, rng)
    before = {name: (a, a.copy()) for name, a in net.params.items()}
    assert check_gradients(net, rng.normal(size=(5, 3)), np.arange(5) % 2).ok
    for name, (array, values) in before.items():
        assert net.params[name] is array
        np.testing.assert_array_equal(array, values)


def test_the_gradient_of_a_net_that_differs_in_training_is_checked():
    net = type("Faulty", (faults.FaultyMLP,), {
        "change": staticmethod(lambda g: g | {"W1": g["W1"] * 1.001})})(
        [4, 5, 3], batch_norm=True, init=1.0, rng=0)  # fmt: skip
    x, t = np.random.default_rng(0).normal(size=(6, 4)), np.arange(6) % 3
    assert check_gradients(net, x, t, training=True).verdict == "The gradient is wrong in W1."


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        ([8.0, 4.0, 2.0, 1.0], [True] * 4),  # a slope
        ([8.0, 2.0, 0.5, 0.125], [True] * 4),
        ([1.0, 1.0, 1.0], [False, True, True]),  # a jump; up to a factor of two at the next step
        ([1.0, 0.5, 0.6], [False, False, True]),
    ],
)
def test_a_change_that_does_not_shrink_with_the_step_is_noticed(moves, expected):
    assert _shrinking(np.array(moves), np.zeros(len(moves))).tolist() == expected
    assert _shrinking(np.array(moves), np.ones(len(moves))).all()
