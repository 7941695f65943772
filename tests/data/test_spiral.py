"""The spiral of the notes, equal to the bit, but without the global generator."""

from __future__ import annotations

import numpy as np
import pytest

from mitbadak.data import load_spiral, spiral_datasets


def load_data(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The notes' loop, with a separate generator and ``int`` for the removed ``np.int``."""
    rng = np.random.RandomState(seed)
    N, DIM, CLS_NUM = 100, 2, 3
    x = np.zeros((N * CLS_NUM, DIM))
    t = np.zeros((N * CLS_NUM, CLS_NUM), dtype=int)
    for j in range(CLS_NUM):
        for i in range(N):
            rate = i / N
            radius = 1.0 * rate
            theta = j * 4.0 + 4.0 * rate + rng.randn() * 0.2
            ix = N * j + i
            x[ix] = np.array([radius * np.sin(theta), radius * np.cos(theta)]).flatten()
            t[ix, j] = 1
    return x, t


@pytest.mark.parametrize("seed", [1984, 1985, 0])
def test_the_spiral_equals_the_notes_loop_to_the_bit(seed: int) -> None:
    x, t = load_spiral(seed, one_hot=True)
    x_notes, t_notes = load_data(seed)
    assert x.tobytes() == x_notes.tobytes()
    assert np.array_equal(t, t_notes)


def test_the_numbers_are_those_of_the_notes() -> None:
    # Measured on another machine, whose sine may differ in the last digit.
    x, _ = load_spiral(1984)
    assert x[1] == pytest.approx([-0.00097698643152699, 0.009952160444476976], rel=1e-14)
    assert x[-1] == pytest.approx([-0.5974310265949212, 0.7894150799558737], rel=1e-14)
    assert x.sum() == pytest.approx(-13.916731190759947, rel=1e-13)


def test_labels_are_a_hundred_per_arm_in_order() -> None:
    x, t = load_spiral()
    assert (x.shape, x.dtype, t.shape) == ((300, 2), np.float64, (300,))
    assert t.dtype.kind == "i"
    assert np.array_equal(t, np.repeat([0, 1, 2], 100))
    assert np.array_equal(load_spiral(one_hot=True)[1], np.eye(3)[t])


def test_only_the_radius_is_free_of_noise() -> None:
    x, _ = load_spiral(7)
    assert np.hypot(*x.T) == pytest.approx(np.tile(np.arange(100) / 100, 3), abs=1e-15)


def test_another_seed_gives_another_spiral() -> None:
    assert not np.array_equal(load_spiral(1984)[0], load_spiral(1985)[0])


def test_the_global_generator_is_left_alone() -> None:
    before = np.random.get_state()[1].copy()  # type: ignore[union-attr, index]
    load_spiral()
    assert np.array_equal(np.random.get_state()[1], before)  # type: ignore[index]


def test_the_data_sets_are_two_different_draws() -> None:
    train, test = spiral_datasets()
    assert np.array_equal(train.x, load_spiral(1984)[0])
    assert np.array_equal(test.x, load_spiral(1985)[0])
    assert (train.name, test.name) == ("spiral train", "spiral test")
