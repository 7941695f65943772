"""The rule of an update is found exactly, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from mitbadak.doctor.steps import Step
from mitbadak.doctor.update_rule import Fit, agreement, common_rule, fit

Arrays = dict[str, np.ndarray]
SHAPES = {"W1": (5, 4), "b1": (4,), "W2": (4, 3)}


def arrays(seed: int, scale: float = 1.0, dtype: type = np.float64) -> Arrays:
    rng = np.random.default_rng(seed)
    return {k: (scale * rng.normal(size=s)).astype(dtype) for k, s in SHAPES.items()}


def steps(change: Callable[[Arrays, Arrays, Arrays], Arrays], dtype: type = np.float64,
          grads: tuple[Arrays, Arrays] | None = None) -> tuple[Step, Step]:  # fmt: skip
    """Two steps by a rule that gets the gradient, the one before, and the change before."""
    start = arrays(0, dtype=dtype)
    first, second = grads or (arrays(1, dtype=dtype), arrays(2, dtype=dtype))
    one = change(first, first, dict.fromkeys(SHAPES, np.zeros(1)))
    middle = {k: (start[k] + one[k]).astype(dtype) for k in SHAPES}
    two = change(second, first, one)
    end = {k: (middle[k] + two[k]).astype(dtype) for k in SHAPES}
    return Step(1, start, middle, first, 1.0), Step(2, middle, end, second, 0.9)


def apply(rule: Callable[..., np.ndarray]) -> Callable[[Arrays, Arrays, Arrays], Arrays]:
    return lambda g, before, last: {k: rule(g[k], before[k], last[k]) for k in SHAPES}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (lambda g, before, last: -0.1 * g, Fit("gradient", -0.1)),
        (lambda g, before, last: 0.1 * g, Fit("gradient", 0.1)),
        (lambda g, before, last: -(0.1 + g), Fit("constant", -1.0, -0.1)),
        (lambda g, before, last: 0.9 * last - 0.1 * g, Fit("momentum", -0.1, 0.9)),
        (lambda g, before, last: -0.1 * before, Fit("stale", -0.1)),
    ],
)
def test_each_rule_is_told_apart(rule, expected: Fit, dtype: type) -> None:
    first, second = steps(apply(rule), dtype)
    found = fit(second, first)
    assert found is not None
    assert found.rule == expected.rule
    assert found.factor == pytest.approx(expected.factor, rel=1e-3)
    assert found.other == pytest.approx(expected.other, rel=1e-3)


def test_a_constant_is_found_beside_a_gradient_a_thousand_times_as_large() -> None:
    large = arrays(1, 20.0), arrays(2, 20.0)
    _, second = steps(apply(lambda g, before, last: -(0.003 + g)), grads=large)
    found = fit(second)
    assert found is not None
    assert (found.rule, found.other) == ("constant", pytest.approx(-0.003))
    _, sound = steps(apply(lambda g, before, last: -0.1 * g), np.float32, grads=large)
    found = fit(sound)
    assert found is not None
    assert found.rule == "gradient"


def test_weight_decay_is_a_rule_and_adam_is_none() -> None:
    decayed, _ = steps(apply(lambda g, before, last: -0.1 * g))
    end = {k: decayed.after[k] - 0.01 * decayed.before[k] for k in SHAPES}
    found = fit(Step(1, decayed.before, end, decayed.grads, 1.0))
    assert found is not None
    assert (found.rule, found.other) == ("decay", pytest.approx(-0.01))
    _, adam = steps(apply(lambda g, before, last: -0.1 * np.sign(g)))
    assert fit(adam) == Fit("")


def test_nothing_is_said_of_what_cannot_be_seen() -> None:
    still, _ = steps(apply(lambda g, before, last: 0 * g))
    assert fit(still) is None
    assert agreement(still) is None
    first, second = steps(apply(lambda g, before, last: -1e-12 * g), np.float32)
    assert fit(second, first) is None  # lost in the last digit
    broken = dict(first.grads) | {"W1": np.full(SHAPES["W1"], np.nan)}
    assert fit(Step(1, first.before, first.after, broken, 1.0)) is None


@pytest.mark.parametrize(("sign", "expected"), [(-1, -1.0), (1, 1.0)])
def test_agreement_is_the_cosine(sign: int, expected: float) -> None:
    first, _ = steps(apply(lambda g, before, last: sign * 0.1 * g))
    assert agreement(first) == pytest.approx(expected)


def test_the_common_rule_is_that_of_most() -> None:
    fits = [Fit("constant"), None, Fit("constant"), Fit("gradient")]
    assert common_rule(fits) == "constant"
    assert common_rule([Fit("constant"), *[Fit("gradient")] * 3]) == "constant"
    assert common_rule([Fit("constant"), Fit(""), Fit("")]) == ""
    assert common_rule([Fit("gradient"), Fit("stale")]) == ""
    assert common_rule([]) == ""
