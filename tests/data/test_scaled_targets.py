"""Real targets are learned in standard units and answered in their own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, strategies as st

from mitbadak.core.errors import FormatError, ShapeError
from mitbadak.data import Dataset, open_source
from mitbadak.data.preparation import Preparation
from mitbadak.data.scaled_targets import has_numbers, with_scaled_targets
from mitbadak.data.source import Source


def source(t: np.ndarray) -> Source:
    """A source whose last third is the test set."""
    x = np.zeros((len(t), 2), np.float32)
    cut = 2 * len(t) // 3
    return Source(
        Dataset(x[:cut], t[:cut], name="train"),
        Dataset(x[cut:], t[cut:], name="test"),
        Preparation("points"),
        "made",
    )


@given(
    st.floats(-1e9, 1e9),
    st.sampled_from([1e-6, 1.0, 1e4, 1e9]),
    st.integers(1, 3),
    st.integers(0, 99),
)
def test_scaled_targets_lead_back_to_their_own_units(
    mean: float, spread: float, outputs: int, seed: int
) -> None:
    t = mean + spread * np.random.default_rng(seed).standard_normal((30, outputs))
    scaled = with_scaled_targets(source(t))
    assert scaled.train.t.shape == (20, outputs)
    digits = 1e-14 * (1 + abs(mean) / spread)  # of the mean that the spread does not drown
    np.testing.assert_allclose(scaled.train.t.mean(axis=0), 0, atol=digits)
    back = [scaled.preparation.in_own_units(part.t) for part in (scaled.train, scaled.test)]
    np.testing.assert_allclose(np.concatenate(back), t, rtol=1e-12, atol=1e-9 * spread)
    np.testing.assert_allclose(scaled.preparation.targets(t[20:]), scaled.test.t, rtol=1e-12)


def test_the_scale_is_that_of_the_training_set_alone() -> None:
    t = np.array([[0.0], [2.0], [0.0], [2.0], [100.0], [300.0]])
    scaled = with_scaled_targets(source(t))
    assert (scaled.preparation.target_mean, scaled.preparation.target_std) == ((1.0,), (1.0,))
    assert scaled.test.t.tolist() == [[99.0], [299.0]]


def test_targets_that_never_vary_become_zeros() -> None:
    scaled = with_scaled_targets(source(np.full((6, 1), 7.5)))
    assert not scaled.train.t.any()
    assert scaled.preparation.in_own_units(scaled.train.t)[0] == 7.5


def test_single_precision_keeps_the_digits_of_large_targets() -> None:
    """float32 has 7 digits; a spread of 10 around 1e9 survives, since answers are float64."""
    t = 1e9 + np.arange(30.0)[:, None]
    scaled = with_scaled_targets(source(t))
    answers = scaled.preparation.in_own_units(scaled.train.t.astype(np.float32))
    np.testing.assert_allclose(answers, t[:20], atol=1e-4, rtol=0)


def test_targets_too_large_to_be_standardized_are_refused() -> None:
    t = np.array([[0.0], [1.0], [0.0], [1.0], [1e300], [0.0]])
    with pytest.raises(FormatError, match="test: the targets hold numbers too large"):
        with_scaled_targets(source(t))


def test_other_numbers_of_targets_than_in_training_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"expected targets of 1 numbers, .* got \(2, 3\)"):
        Preparation("table", target_mean=(1.0,), target_std=(1.0,)).targets(np.zeros((2, 3)))


@pytest.mark.parametrize(("name", "numbers"), [("moons", False), ("regression", True)])
def test_classes_are_no_numbers(name: str, numbers: bool) -> None:
    assert has_numbers(open_source(name)) is numbers


def test_a_subset_of_the_rows_is_scaled_by_its_own_mean() -> None:
    whole = source(np.arange(12.0)[:, None])
    part = replace(whole, train=whole.train.part(np.array([0, 2])))
    assert with_scaled_targets(part).preparation.target_mean == (1.0,)
