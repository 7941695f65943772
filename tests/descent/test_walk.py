"""Gradient descent follows the notes and reports correctly why it ended."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import mitbadak as mb
from mitbadak import descend, gradient_descent
from mitbadak.core.errors import (
    DtypeError,
    MitbadakError,
    NonFiniteError,
    RangeError,
    ShapeError,
    UnknownNameError,
)
from mitbadak.descent import SURFACES, DescentResult, Status, ellipse, sphere, surface

START = np.array([-3.0, 4.0])


def exact(x: np.ndarray) -> np.ndarray:
    """The gradient of the sphere."""
    return 2 * x


@pytest.mark.parametrize(
    ("lr", "end", "status"),
    [
        (0.1, [-6.11110793e-10, 8.14814391e-10], Status.CONVERGED),
        (0.01, [-0.39785867, 0.53047822], Status.STEP_LIMIT),
        (1e-10, [-2.99999994, 3.99999992], Status.RATE_TOO_SMALL),
        (10.0, [-2.58983747e13, -1.29524862e12], Status.LOST_TO_ROUNDING),
    ],
)
def test_the_four_rates_in_the_notes_end_at_the_same_points(
    lr: float, end: list[float], status: Status
) -> None:
    result = gradient_descent(sphere, START, lr=lr, step_num=100)
    assert result.x == pytest.approx(end, rel=1e-7)
    assert result.status is status


def test_the_exact_gradient_does_not_freeze_like_the_numerical_one() -> None:
    # The notes' end at lr = 10 is an artifact: near 1e13 the step h is lost in x.
    result = gradient_descent(sphere, START, lr=10.0, gradient=exact)
    assert result.x == pytest.approx([-2.25154873e128, 3.00206497e128], rel=1e-8)
    assert result.status is Status.DIVERGED


def test_a_frozen_descent_is_not_reported_as_a_minimum() -> None:
    result = gradient_descent(sphere, START, lr=10.0)
    assert np.array_equal(result.path[-1], result.path[-50])
    assert re.search(
        r"\|x\| reached 2.59e\+13, where x \+ 0.0001 rounds to x.* this is not a minimum "
        r"\(f went from 25 to 6.72403e\+26 in 100 steps\)",
        result.explanation,
    )


def test_finite_growth_is_divergence() -> None:
    result = gradient_descent(sphere, START, lr=1.1, step_num=10)
    assert result.status is Status.DIVERGED
    assert result.explanation == "f went from 25 to 958.44 in 10 steps. Try a smaller lr."


def test_overflow_is_divergence_and_keeps_the_last_finite_point() -> None:
    # Each step multiplies x by -19, and 4 * 19^k leaves the range of floats after k = 240.
    result = gradient_descent(sphere, START, lr=10.0, step_num=500, gradient=exact)
    assert result.status is Status.DIVERGED
    assert result.path.shape == (241, 2)
    assert np.isfinite(result.path).all()
    assert "in 240 steps, and the next point overflows" in result.explanation
    traced = gradient_descent(sphere, START, lr=10.0, step_num=500, gradient=exact, trace=True)
    assert len(traced.trace) == len(traced.history) == 240


def test_leaving_the_domain_of_f_is_divergence() -> None:
    def f(x: np.ndarray) -> float:
        with np.errstate(invalid="ignore"):  # the logarithm of a negative number is NaN
            return float(np.log(x[0]) ** 2)

    result = gradient_descent(f, [3.0], lr=5.0)  # one step leads to -0.66
    assert result.status is Status.DIVERGED
    assert result.path.shape == (2, 1)
    assert gradient_descent(f, [3.0], lr=0.5).status is Status.CONVERGED


def test_a_rate_that_is_too_small_is_explained_with_values() -> None:
    result = gradient_descent(sphere, START, lr=1e-10)
    assert result.explanation == (
        "in 100 steps f only went from 25 to 24.999999, and the gradient did not change. "
        "Try a larger lr."
    )


def test_oscillation_between_two_points_is_not_a_small_rate() -> None:
    # With lr = 1 each step of the sphere is x <- -x: f stands still, yet the gradient turns over.
    result = gradient_descent(sphere, START, lr=1.0, gradient=exact)
    assert np.array_equal(result.path[1::2], np.tile(-START, (50, 1)))
    assert result.status is Status.STEP_LIMIT
    assert result.explanation.endswith("(it started at 8). Try a smaller lr.")


def test_an_unfinished_descent_asks_for_more_steps() -> None:
    result = gradient_descent(ellipse, [-7.0, 2.0], lr=0.9, step_num=50)
    assert result.status is Status.STEP_LIMIT
    assert result.explanation.endswith("Try more steps.")
    assert gradient_descent(ellipse, [-7.0, 2.0], lr=0.9, step_num=300).status is Status.CONVERGED


def test_starting_at_the_minimum_converges_without_moving() -> None:
    result = gradient_descent(sphere, [0.0, 0.0])
    assert result.status is Status.CONVERGED
    assert not result.path.any()


@pytest.mark.parametrize("offset", [1e6, -1e7])
def test_a_large_constant_in_f_does_not_hide_convergence(offset: float) -> None:
    # Rounding of f gives the numerical gradient a noise floor, here far above 1e-6 of the first
    # gradient: a stricter test would call every such descent unfinished.
    result = gradient_descent(lambda x: sphere(x) + offset, [1e-3, -2e-3], lr=0.1, step_num=30)
    assert result.status is Status.CONVERGED
    assert np.abs(result.x).max() < 1e-4


def test_the_path_starts_at_the_start_and_the_history_stops_before_the_end() -> None:
    result = gradient_descent(sphere, START, lr=0.1, step_num=20)
    assert (result.path.shape, result.history.shape) == ((21, 2), (20, 2))
    assert np.array_equal(result.path[0], START)
    assert np.array_equal(result.path[-1], result.x)
    # The last point in the notes' figure, (-3, 4) * 0.8^19.
    assert result.history[-1] == pytest.approx([-0.04323456, 0.05764607], abs=1e-8)
    ratios = result.path[1:] / result.path[:-1]
    assert ratios == pytest.approx(np.full((20, 2), 0.8), rel=1e-8)


def test_the_result_unpacks_as_in_the_notes() -> None:
    result = gradient_descent(sphere, START, lr=0.1, step_num=3)
    x, x_history = result
    assert x is result.x
    assert len(x_history) == 3
    np.testing.assert_array_equal(x_history, result.path[:-1])


@pytest.mark.parametrize(("lang", "first"), [
    ("en", "x: [-3.  4.] / gradient: [-6.  8.]"), ("ko", "좌표 : [-3.  4.] / 기울기 : [-6.  8.]"),
])  # fmt: skip
def test_every_step_is_printed_as_in_the_notes(
    lang: str, first: str, capsys: pytest.CaptureFixture[str]
) -> None:
    start = np.array([-3.0, 4.0])
    gradient_descent(sphere, start, 0.1, 4, gradient=sphere.gradient, verbose=True, lang=lang)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert lines[0] == first


def test_zero_steps_return_the_start() -> None:
    result = gradient_descent(sphere, START, step_num=0)
    assert np.array_equal(result.x, START)
    assert (result.path.shape, result.history.shape) == ((1, 2), (0, 2))
    assert result.status is Status.STEP_LIMIT


def test_a_trace_holds_point_and_gradient_of_every_step() -> None:
    result = gradient_descent(sphere, START, lr=0.1, step_num=5, trace=True)
    assert np.array_equal([point.x for point in result.trace], result.history)
    for point, after in zip(result.trace, result.path[1:], strict=True):
        assert np.array_equal(after, point.x - 0.1 * point.gradient)
    assert gradient_descent(sphere, START, lr=0.1, step_num=5).trace == []


@pytest.mark.parametrize("writeable", [True, False])
def test_the_callers_array_is_unchanged(writeable: bool) -> None:
    start = START.copy()
    start.flags.writeable = writeable
    result = gradient_descent(sphere, start, lr=0.1)
    assert start.tolist() == [-3, 4]
    assert not np.shares_memory(result.path, start)


def test_functions_that_modify_their_argument_do_not_affect_the_descent() -> None:
    def f(x: np.ndarray) -> float:
        value = sphere(x)
        x[...] = np.nan
        return value

    def gradient(x: np.ndarray) -> np.ndarray:
        slope = exact(x)
        x[...] = np.nan
        return slope

    careless = gradient_descent(f, START, 0.1, 5, gradient=gradient)
    careful = gradient_descent(sphere, START, 0.1, 5, gradient=exact)
    assert np.array_equal(careless.path, careful.path)


@pytest.mark.parametrize(
    "start", [[-3, 4], np.array([-3, 4], np.int8), np.array([-3, 4], np.float32)]
)
def test_integer_and_float32_starts_are_converted_to_float64(start: object) -> None:
    # In the notes an integer start was truncated at every step and had the gradient [25000 35000].
    result = gradient_descent(sphere, start, lr=0.1)
    assert result.path.dtype == np.float64
    assert np.array_equal(result.path, gradient_descent(sphere, START, lr=0.1).path)


@pytest.mark.parametrize("shape", [(1,), (5,), (2, 3)])
def test_points_of_any_shape_descend_alike(shape: tuple[int, ...]) -> None:
    start = np.arange(1.0, 1 + np.prod(shape)).reshape(shape)
    result = gradient_descent(sphere, start, lr=0.1)
    assert result.status is Status.CONVERGED
    assert result.path.shape == (101, *shape)
    assert result.x == pytest.approx(start * 0.8**100, rel=1e-3)


def run(**changed: object) -> DescentResult:
    options = {"f": sphere, "init_x": START, "lr": 0.1, "step_num": 3, **changed}
    return gradient_descent(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"lr": 0}, RangeError, "gradient_descent: lr must be a finite number above 0; got 0"),
        ({"lr": -0.1}, RangeError, "lr must be a finite number above 0; got -0.1"),
        ({"lr": float("nan")}, RangeError, "lr must be a finite number above 0; got nan"),
        ({"step_num": -1}, RangeError, "step_num must be a whole number of at least 0; got -1"),
        ({"h": 0}, RangeError, "h must be a finite number above 0; got 0"),
        ({"init_x": [np.nan, 1]}, NonFiniteError, "expects a finite start; got x = [nan  1.]"),
        ({"init_x": [np.inf, 1]}, NonFiniteError, "expects a finite start; got x = [inf  1.]"),
        ({"f": lambda x: float("nan")}, NonFiniteError, "got x = [-3.  4.] with f(x) = nan"),
        ({"init_x": [True, False]}, DtypeError, "expects a start of real numbers; got bool"),
        ({"init_x": [1j]}, DtypeError, "expects a start of real numbers; got complex128"),
        ({"f": lambda x: x}, ShapeError, "expects f to return one real number; got float64"),
        ({"gradient": lambda x: x[:1]}, ShapeError, "gradient(x) of shape (2,); got (1,)"),
        ({"gradient": np.sum}, ShapeError, "gradient(x) of shape (2,); got ()"),
    ],
)  # fmt: skip
def test_invalid_arguments_are_refused_with_the_reason(
    changed: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=re.escape(message)):
        run(**changed)


@pytest.mark.parametrize(
    ("f", "gradient"),
    [
        (sphere, exact),
        (ellipse, lambda x: np.array([x[0] / 10, 2 * x[1]])),
    ],
)
def test_numerical_and_exact_gradients_give_the_same_path(f: Callable, gradient: Callable) -> None:
    numerical = gradient_descent(f, [-7.0, 2.0], lr=0.3, step_num=30)
    analytic = gradient_descent(f, [-7.0, 2.0], lr=0.3, step_num=30, gradient=gradient)
    assert np.allclose(numerical.path, analytic.path, atol=1e-8)


def test_a_misspelt_surface_name_gets_a_hint() -> None:
    assert (surface("sphere"), surface("ellipse")) == (sphere, ellipse)
    assert [surface(name).name for name in SURFACES] == list(SURFACES)
    wanted = "unknown surface 'elipse'; did you mean 'ellipse'? Known: sphere, ellipse, rosenbrock"
    with pytest.raises(UnknownNameError, match=re.escape(wanted)):
        surface("elipse")


@pytest.mark.parametrize("steps", [99, 100])
def test_oscillation_between_two_points_is_not_divergence(steps: int) -> None:
    """At lr = 1 a descent on the sphere jumps from x to -x, and only rounding changes f."""
    result = gradient_descent(sphere, START, lr=1.0, step_num=steps)
    assert result.status is Status.STEP_LIMIT
    assert result.explanation.endswith("Try a smaller lr.")


def test_a_huge_constant_in_f_spoils_the_numerical_gradient_only() -> None:
    def offset(x: np.ndarray) -> float:
        return float(sphere(x) + 1e12)

    numerical = gradient_descent(offset, [3.0, 4.0], lr=1e-3)
    assert numerical.status is Status.LOST_TO_ROUNDING
    assert "Subtract a constant from f" in numerical.explanation
    assert gradient_descent(offset, [3.0, 4.0], 1e-3, gradient=exact).status is not (
        Status.CONVERGED
    )


def test_a_scalar_can_be_the_start() -> None:
    result = gradient_descent(lambda x: float(x**2), 3.0, lr=0.1)
    assert result.x.shape == ()
    assert abs(float(result.x)) < 1e-8
    assert result.path.shape == (101,)


def test_a_missing_return_is_suggested() -> None:
    with pytest.raises(ShapeError, match="Is a return missing"):
        gradient_descent(lambda x: None, [1.0])  # type: ignore[arg-type, return-value]


def test_one_nan_in_the_start_is_refused_even_if_f_ignores_it() -> None:
    def f(x: np.ndarray) -> float:
        return float(x[0] ** 2)

    def gradient(x: np.ndarray) -> np.ndarray:
        return np.array([2 * x[0], 0.0])

    with pytest.raises(NonFiniteError, match=r"got x = \[ 3\. nan\] with f\(x\) = 9\.0"):
        gradient_descent(f, np.array([3.0, np.nan]), gradient=gradient)


def bowl(x: np.ndarray) -> float:
    return float((x**2).sum())


def test_an_optimizer_by_name_descends_as_the_object_does() -> None:
    by_name = descend(bowl, [-3.0, 4.0], "adam", 20, lr=0.1)
    assert (by_name.x == descend(bowl, [-3.0, 4.0], mb.Adam(0.1), 20).x).all()


@pytest.mark.parametrize(
    ("optimizer", "options", "message"),
    [
        ("adm", {}, "did you mean 'adam'"),
        (mb.SGD, {}, "descend expects an optimizer or its name"),
        (mb.SGD(0.1), {"lr": 0.2}, "has its own learning rate"),
    ],
)
def test_what_is_no_optimizer_is_answered_with_one(
    optimizer: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(MitbadakError, match=message):
        descend(bowl, [-3.0, 4.0], optimizer, **options)
