"""Batches are drawn so that every example is used."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from mitbadak.data import drawn_batches, shuffled_batches
from mitbadak.data.batches import SAMPLINGS, steps_per_epoch


@given(st.integers(1, 200), st.integers(1, 250), st.integers(0, 2**32 - 1))
def test_shuffled_batches_have_every_example_once(n: int, batch_size: int, seed: int) -> None:
    batches = list(shuffled_batches(n, batch_size, np.random.default_rng(seed)))
    assert sorted(np.concatenate(batches).tolist()) == list(range(n))
    assert len(batches) == steps_per_epoch(n, batch_size)
    assert [len(batch) for batch in batches[:-1]] == [batch_size] * (len(batches) - 1)
    assert len(batches[-1]) == (n % batch_size or batch_size)


@given(st.integers(1, 200), st.integers(1, 250), st.integers(0, 2**32 - 1))
def test_drawn_batches_are_full_and_as_many_as_one_pass(n: int, batch_size: int, seed: int) -> None:
    batches = list(drawn_batches(n, batch_size, np.random.default_rng(seed)))
    assert [len(batch) for batch in batches] == [batch_size] * steps_per_epoch(n, batch_size)
    assert all(0 <= batch.min() <= batch.max() < n for batch in batches)


def test_drawn_batches_may_repeat_an_example() -> None:
    # The notes' np.random.choice(train_size, batch) draws with replacement.
    (batch,) = drawn_batches(100, 100, np.random.default_rng(0))
    assert len(set(batch.tolist())) < 100


@pytest.mark.parametrize("name", sorted(SAMPLINGS))
def test_every_epoch_has_a_new_order_and_a_seed_repeats_it(name: str) -> None:
    def two_epochs(seed: int) -> list[list[int]]:
        rng = np.random.default_rng(seed)
        return [np.concatenate(list(SAMPLINGS[name](50, 20, rng))).tolist() for _ in range(2)]

    first, second = two_epochs(1)
    assert first != second
    assert two_epochs(1) == [first, second]
    assert two_epochs(2) != [first, second]


@pytest.mark.parametrize(
    ("n", "batch_size", "steps"),
    [(60_000, 100, 600), (60_000, 128, 469), (300, 300, 1), (300, 301, 1), (1, 1, 1), (0, 10, 0)],
)
def test_steps_per_epoch_is_a_whole_number_rounded_up(n: int, batch_size: int, steps: int) -> None:
    # In the notes, i % (60000 / 128) == 0 is true only in every fourth epoch.
    assert steps_per_epoch(n, batch_size) == steps
