"""Surfaces have the gradients and minima of their sources, and the right stability limits."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from mitbadak import numerical_gradient
from mitbadak.core.errors import (
    DtypeError,
    NonFiniteError,
    NumericalWarning,
    RangeError,
    ShapeError,
)
from mitbadak.descent import (
    SURFACES,
    DescentResult,
    Status,
    Surface,
    beale,
    curvatures,
    descend,
    ellipse,
    gradient_descent,
    himmelblau,
    limit_of,
    race,
    rosenbrock,
    saddle,
    sphere,
    stability_limit,
)
from mitbadak.optim import OPTIMIZERS, Adam, Momentum

EACH = pytest.mark.parametrize("f", SURFACES.values(), ids=SURFACES)


@EACH
def test_surfaces_return_a_scalar_and_have_the_numerical_gradient(
    f: Surface, rng: np.random.Generator
) -> None:
    for x in rng.uniform(-2, 2, size=(5, 2)):
        assert np.shape(f(x)) == ()
        assert f.gradient(x) == pytest.approx(numerical_gradient(f, x), rel=1e-6, abs=1e-5)


@EACH
def test_minima_are_flat_and_convex_with_height_zero(f: Surface) -> None:
    for minimum in f.minima:
        assert abs(float(f(minimum))) < 1e-20
        assert f.gradient(minimum) == pytest.approx([0, 0], abs=1e-9)
        assert curvatures(f, minimum)[0] > 0
    assert len(f.minima) == {"himmelblau": 4, "saddle": 0}.get(f.name, 1)


@EACH
def test_start_and_minima_are_inside_the_window(f: Surface) -> None:
    low, high = np.array(f.window).T
    for point in [f.start, *f.minima]:
        assert ((low < point) & (point < high)).all()


@pytest.mark.parametrize(
    ("f", "x", "height"),
    [
        (rosenbrock, [-1.2, 1.0], 24.2),  # Rosenbrock's own start
        (beale, [1.0, 1.0], 14.203125),  # all three terms are their constants
        (himmelblau, [-1.0, 1.0], 130.0),  # (1 + 1 - 11)^2 + (-1 + 1 - 7)^2 = 81 + 49
        (saddle, [1.0, 3.0], -8.0),
    ],
)
def test_heights_match_calculations_by_hand(f: Surface, x: list[float], height: float) -> None:
    assert float(f(np.array(x))) == pytest.approx(height)


def test_the_nearest_minimum_is_the_one_that_descent_finds() -> None:
    for start in ([4.0, 4.0], [-4.0, 4.0], [-4.0, -4.0], [4.0, -4.0]):
        result = descend(himmelblau, start, OPTIMIZERS["sgd"](lr=0.01), 300)
        minimum = himmelblau.nearest_minimum(result.x)
        assert minimum is not None
        assert result.x == pytest.approx(minimum, abs=1e-5)
    assert saddle.nearest_minimum([1.0, 1.0]) is None


def test_curvatures_are_exact_on_surfaces_and_close_on_other_functions() -> None:
    # f = x0^2 / 20 + x1^2: second derivatives 1/10 and 2.
    assert curvatures(ellipse, [-7.0, 2.0]) == pytest.approx([0.1, 2.0], rel=1e-14)
    # At (1, 1) the Hessian of Rosenbrock's is [[802, -400], [-400, 200]].
    exact = np.linalg.eigvalsh([[802.0, -400.0], [-400.0, 200.0]])
    assert curvatures(rosenbrock, [1.0, 1.0]) == pytest.approx(exact, rel=1e-12)
    assert curvatures(rosenbrock.formula, [1.0, 1.0]) == pytest.approx(exact, abs=2e-3)
    assert curvatures(lambda x: float(3 * x**2), 5.0) == pytest.approx([6.0], rel=1e-6)


def test_no_limit_without_upward_curvature_and_an_error_if_f_is_not_finite() -> None:
    assert stability_limit(lambda x: -float(x @ x), [1.0, 2.0]) == math.inf
    with pytest.raises(NonFiniteError, match="expects f to be finite around x"):
        curvatures(lambda x: math.inf, [1.0])


@pytest.mark.parametrize(
    ("f", "minimum", "limit"),
    [(ellipse, [0.0, 0.0], 1.0), (rosenbrock, [1.0, 1.0], 2 / 1001.6006), (sphere, [0, 0], 1.0)],
)
def test_descent_converges_below_the_limit_and_not_above_it(
    f: Surface, minimum: list[float], limit: float
) -> None:
    assert stability_limit(f, minimum) == pytest.approx(limit, rel=1e-6)
    # Away from the minimum in the direction of the largest curvature, which sets the limit.
    steep = np.linalg.eigh(f.hessian(minimum))[1][:, -1]
    start = np.array(minimum) + 1e-4 * steep
    below = gradient_descent(f, start, 0.98 * limit, 150, gradient=f.gradient)
    assert np.abs(below.x - minimum).max() < 1e-6
    above = gradient_descent(f, start, 1.02 * limit, 40, gradient=f.gradient)
    assert float(f(above.x)) > float(f(start))
    assert above.status is not Status.CONVERGED


def test_the_limit_of_a_descent_is_that_of_the_nearest_minimum() -> None:
    near = limit_of(rosenbrock, gradient_descent(rosenbrock, [0.5, 0.5], 0.001, 3))
    assert near is not None
    assert near[1].tolist() == [1, 1]
    assert limit_of(saddle, gradient_descent(saddle, [1.0, 0.1])) is None

    def bowl(x: np.ndarray) -> float:
        return float(np.sum((x - 3) ** 2))

    limit = limit_of(bowl, gradient_descent(bowl, [0.0, 0.0], 0.1, 200))
    assert limit is not None
    assert limit[0] == pytest.approx(1.0, rel=1e-6)
    assert limit_of(bowl, gradient_descent(bowl, [0.0, 0.0], 1.1)) is None  # it diverged


def test_there_is_no_limit_where_f_raises() -> None:
    def f(x: np.ndarray) -> float:
        if x[0] < 1:
            raise ArithmeticError
        return float(x[0])

    assert limit_of(f, gradient_descent(f, [1.001], 1e-5, 0)) is None


@EACH
@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("lr", [0.01, 10.0])
def test_every_optimizer_on_every_surface_ends_finite_with_the_right_status(
    f: Surface, name: str, lr: float
) -> None:
    result = descend(f, f.start, OPTIMIZERS[name](lr=lr), 60, gradient=f.gradient)
    assert np.isfinite(result.path).all()
    assert result.lr == lr
    with np.errstate(all="ignore"):
        before, after = float(f(f.start)), float(f(result.x))
        slope = np.abs(f.gradient(result.x)).max()
    if result.status is Status.CONVERGED:
        assert slope <= 1e-6 * np.abs(f.gradient(f.start)).max()
    if result.status is Status.STEP_LIMIT:
        assert after <= before * (1 + 1e-6)
    if result.status is Status.EVER_STEEPER:
        assert f is saddle
    if f is saddle:
        assert result.status is not Status.CONVERGED


def test_sgd_gives_the_path_of_gradient_descent_bit_for_bit() -> None:
    plain = gradient_descent(ellipse, [-7.0, 2.0], 0.3, 50)
    by_rule = descend(ellipse, [-7.0, 2.0], OPTIMIZERS["sgd"](lr=0.3), 50)
    assert np.array_equal(plain.path, by_rule.path)
    assert (plain.status, plain.explanation) == (by_rule.status, by_rule.explanation)


def test_a_custom_rule_needs_only_an_update_method() -> None:
    class Halve:
        def update(self, params: list, grads: list, /) -> None:
            params[0] *= 0.5

    result = descend(sphere, [8.0], Halve(), 3)
    assert result.path.reshape(-1).tolist() == [8, 4, 2, 1]
    assert result.lr is None


def test_an_optimizer_that_modifies_its_gradient_does_not_change_the_trace() -> None:
    class Careless:
        def update(self, params: list, grads: list, /) -> None:
            params[0] -= 0.1 * grads[0]
            grads[0][...] = np.nan

    result = descend(sphere, [1.0, 2.0], Careless(), 2, gradient=lambda x: 2 * x, trace=True)
    assert result.trace[1].gradient.tolist() == pytest.approx([1.6, 3.2])


def test_an_endless_fall_is_distinguished_from_divergence() -> None:
    for result in (
        gradient_descent(saddle, saddle.start, 0.1, 100),
        descend(saddle, saddle.start, Adam(lr=0.1), 200),
        gradient_descent(saddle, saddle.start, 10.0, 400, gradient=saddle.gradient),  # overflows
    ):
        assert result.status is Status.EVER_STEEPER
        assert re.match(r"f fell from 3\.9999 to -.*f may have no lower bound", result.explanation)
    lost = gradient_descent(saddle, saddle.start, 0.1, 400)
    assert lost.status is Status.LOST_TO_ROUNDING
    assert lost.explanation.endswith("f may have no lower bound.")


def test_a_descent_from_a_hill_into_a_valley_is_not_an_endless_fall() -> None:
    # The slope of -cos grows while x leaves the top, and shrinks again towards the minimum.
    result = gradient_descent(lambda x: float(-np.cos(x[0])), [3.0], 0.5, 60)
    assert result.status is Status.CONVERGED


def test_running_past_a_flat_point_with_momentum_is_not_convergence() -> None:
    # f = x^2 for the rule p <- -p / 2 + ...: x runs 1, 0.4, 0 and on; at 0 it only passes by.
    class Runner:
        points = iter([0.4, 0.0])

        def update(self, params: list, grads: list, /) -> None:
            params[0][...] = next(self.points)

    result = descend(sphere, [1.0], Runner(), 2)
    assert result.x.tolist() == [0]
    assert result.status is Status.STEP_LIMIT
    assert gradient_descent(sphere, [1.0], 0.5, 1).status is Status.CONVERGED


def test_endless_oscillation_around_a_minimum_asks_for_a_smaller_rate() -> None:
    class Signs:
        def update(self, params: list, grads: list, /) -> None:
            params[0] -= 0.3 * np.sign(grads[0])

    result = descend(ellipse, ellipse.start, Signs(), 100)
    assert result.status is Status.STEP_LIMIT
    assert result.explanation.endswith("Try a smaller lr.")
    falling = descend(sphere, [1.0, 1.0], Momentum(lr=0.01), 100)  # swings, each time lower
    assert falling.explanation.endswith("Try more steps.")


def worst_late(f: Surface, result: DescentResult) -> float:
    heights = [float(f(x)) for x in result.path]
    return max(heights[-max(1, len(heights) // 4) :])


def test_a_race_gives_each_optimizer_its_best_rate() -> None:
    results = race(ellipse, OPTIMIZERS, step_num=40, rates=[0.01, 0.1, 0.9])
    assert list(results) == list(OPTIMIZERS)
    for name, result in results.items():
        assert result.path[0].tolist() == [-7, 2]
        for lr in (0.01, 0.1, 0.9):
            other = descend(ellipse, [-7, 2], OPTIMIZERS[name](lr=lr), 40)
            with_other = worst_late(ellipse, other)
            climbed = max(float(ellipse(x)) for x in other.path) > 6.45 + 1e-9
            assert climbed or worst_late(ellipse, result) <= with_other * (1 + 1e-6)


def test_a_race_prefers_any_rate_to_one_that_diverges() -> None:
    results = race(rosenbrock, {"sgd": OPTIMIZERS["sgd"]}, step_num=20, rates=[1.0, 1e-4])
    assert results["sgd"].lr == 1e-4


def test_a_race_reports_its_progress_and_takes_any_function() -> None:
    reports: list[tuple[int, int]] = []
    results = race(
        lambda x: float(np.sum((x - 3) ** 2)),
        {"adam": Adam},
        [0.0, 0.0, 0.0],
        30,
        rates=[0.1, 0.3],
        progress=lambda done, total, message, /: reports.append((done, total)),
    )
    assert reports == [(1, 2), (2, 2)]
    assert results["adam"].x.shape == (3,)


def test_a_race_without_start_rates_or_optimizers_is_refused() -> None:
    with pytest.raises(RangeError, match="needs init_x for a function that is not a Surface"):
        race(lambda x: 0.0, OPTIMIZERS)
    with pytest.raises(RangeError, match="at least one optimizer and one rate"):
        race(sphere, {})
    with pytest.raises(RangeError, match="at least one optimizer and one rate"):
        race(sphere, OPTIMIZERS, rates=())


def test_a_race_without_a_minimum_uses_one_rate() -> None:
    assert {result.lr for result in race(saddle, OPTIMIZERS, step_num=5).values()} == {0.1}


def on_top_of(constant: float):
    return lambda x: float(np.sum(x * x)) + constant


@pytest.mark.parametrize("x", [[0.0, 0.0], [1.0, 1.0]])
@pytest.mark.parametrize("constant", [1e8, 1e10, 1e12, 1e16])
def test_curvatures_hidden_by_rounding_warn(constant: float, x: list[float]) -> None:
    for function in (curvatures, stability_limit):
        with pytest.warns(NumericalWarning, match="contain visible rounding errors"):
            function(on_top_of(constant), x)


@pytest.mark.parametrize(
    ("f", "limit"),
    [(on_top_of(0.0), 1.0), (on_top_of(1e4), 1.0), (lambda x: float(np.sum(x)), math.inf),
     (lambda x: float(np.sum(x)) + 1e6, math.inf), (lambda x: 5.0, math.inf)],
    ids=["sphere", "on 1e4", "straight", "straight on 1e6", "constant"],
)  # fmt: skip
def test_curvatures_clear_of_rounding_do_not_warn(f, limit: float) -> None:
    for x in ([0.0, 0.0], [1.0, 1.0], [-1e3, 1e3]):
        assert stability_limit(f, x) == pytest.approx(limit, rel=1e-3)


def test_a_limit_made_of_rounding_errors_is_none() -> None:
    f = on_top_of(1e10)
    assert limit_of(f, gradient_descent(f, [0.0, 0.0], 0.1, 3)) is None


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [(np.ma.masked_array([1.0], [True]), DtypeError, "x is a masked array"),
     ([1j], DtypeError, "real numbers; got complex128"), ([], ShapeError, "at least one entry")],
    ids=["masked", "complex", "empty"],
)  # fmt: skip
def test_curvatures_at_an_invalid_point_are_refused(x, error, message) -> None:
    with pytest.raises(error, match=message):
        stability_limit(on_top_of(0.0), x)


def test_masked_starts_and_complex_gradients_are_refused() -> None:
    with pytest.raises(DtypeError, match="descend: the start is a masked array"):
        descend(sphere, np.ma.masked_array([1.0], [True]), Momentum())
    with pytest.raises(DtypeError, match=r"gradient_descent expects gradient\(x\) as real numbers"):
        gradient_descent(sphere, [1.0], gradient=lambda x: x * 1j)
