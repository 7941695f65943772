"""Generated data sets: their formulas, their order, and their two draws."""

from __future__ import annotations

import numpy as np
import pytest

import mitbadak as mb
from mitbadak.core.errors import RangeError
from mitbadak.data import MADE, Dataset, MadeSet
from mitbadak.data.made import load_blobs, load_circles, load_moons, load_regression, load_xor

LOADERS = {"xor": load_xor, "moons": load_moons, "circles": load_circles, "blobs": load_blobs,
           "regression": load_regression}  # fmt: skip


def test_xor_is_the_exclusive_or_of_the_corner() -> None:
    x, t = load_xor(8, noise=0)
    assert x.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]] * 2
    assert t.tolist() == [0, 1, 1, 0] * 2


@pytest.mark.parametrize("n", [1, 2, 7, 300])
def test_moons_lie_on_two_half_circles(n: int) -> None:
    x, t = load_moons(n, noise=0)
    center = np.stack([t * 1.0, t * 0.5], axis=-1)
    assert np.hypot(*(x - center).T) == pytest.approx(np.ones(n))
    side = np.where(t == 0, 1, -1) * (x - center)[:, 1]
    assert (side > -1e-12).all()
    assert np.bincount(t, minlength=2).tolist() == [(n + 1) // 2, n // 2]
    upper = x[t == 0]
    if len(upper) > 1:  # from one end to the other
        assert upper[[0, -1]] == pytest.approx(np.array([[1, 0], [-1, 0]]), abs=1e-12)


@pytest.mark.parametrize("n", [1, 2, 7, 300])
def test_circles_lie_around_one_another_with_even_steps(n: int) -> None:
    x, t = load_circles(n, noise=0)
    assert np.hypot(*x.T) == pytest.approx(np.where(t == 0, 1.0, 0.5))
    outer = x[t == 0]
    assert outer.sum(axis=0) == pytest.approx([float(len(outer) == 1), 0], abs=1e-9)


def test_blobs_have_their_centers_on_the_unit_circle() -> None:
    x, t = load_blobs(8, noise=0, classes=4)
    wanted = [[1, 0], [0, 1], [-1, 0], [0, -1]] * 2
    assert x == pytest.approx(np.array(wanted), abs=1e-12)
    assert t.tolist() == [0, 1, 2, 3] * 2


def test_the_curve_is_a_sine(rng: np.random.Generator) -> None:
    x, t = load_regression(500, noise=0, rng=rng)
    assert t == pytest.approx(np.sin(2 * x))
    assert -3 <= x.min() < -2.7 < 2.7 < x.max() <= 3
    assert t.dtype == np.float64  # a net takes whole numbers for classes


@pytest.mark.parametrize("name", LOADERS)
def test_noise_has_the_spread_that_was_asked_for(name: str) -> None:
    x, t = LOADERS[name](4000, noise=0.2, rng=3)
    pure_x, pure_t = LOADERS[name](4000, noise=0, rng=3)
    moved = t - pure_t if name == "regression" else x - pure_x
    assert moved.std() == pytest.approx(0.2, rel=0.05)
    assert moved.mean() == pytest.approx(0, abs=0.02)


@pytest.mark.parametrize("name", LOADERS)
def test_a_seed_gives_the_same_points_and_another_gives_others(name: str) -> None:
    load = LOADERS[name]
    again = load(30, rng=5)
    assert all(np.array_equal(a, b) for a, b in zip(load(30, rng=5), again, strict=True))
    drawn = load(30, rng=np.random.default_rng(5))
    assert all(np.array_equal(a, b) for a, b in zip(drawn, again, strict=True))
    assert not np.array_equal(load(30, rng=6)[0], again[0])


@pytest.mark.parametrize("name", LOADERS)
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"n": 0}, "n must be a whole number of at least 1; got 0"),
        ({"noise": -0.1}, "noise must be a finite number of at least 0; got -0.1"),
        ({"noise": np.nan}, "noise must be a finite number of at least 0; got nan"),
        ({"noise": np.inf}, "noise must be a finite number of at least 0; got inf"),
    ],
)
def test_invalid_numbers_are_refused(name: str, given: dict, message: str) -> None:
    with pytest.raises(RangeError, match=f"load_{name}: {message}"):
        LOADERS[name](**given)


def test_blobs_need_a_class() -> None:
    with pytest.raises(RangeError, match="load_blobs: classes must be a whole number"):
        load_blobs(classes=0)


@pytest.mark.parametrize("name", MADE)
def test_a_set_has_a_training_and_a_test_draw(name: str) -> None:
    made = MADE[name]
    train, test = made()
    assert isinstance(train, Dataset)
    assert (train.name, test.name) == (f"{name} train", f"{name} test")
    assert np.array_equal(train.x, LOADERS[name](rng=0)[0])
    assert np.array_equal(test.x, LOADERS[name](rng=1)[0])
    source = made.source()
    assert np.array_equal(source.train.x, train.x)
    assert source.preparation.n_in == train.x.shape[1]
    assert len(source.preparation.classes) == (0 if name == "regression" else train.t.max() + 1)
    assert source.fingerprint != MadeSet(name, load_spare, made.classes).source().fingerprint


def load_spare(n: int = 5, noise: float = 0, rng: object = 0) -> tuple[np.ndarray, np.ndarray]:
    return np.ones((n, 2)), np.zeros(n, np.int64)


@pytest.mark.parametrize("name", ["xor", "moons", "circles"])
def test_a_hidden_layer_learns_what_no_line_can(name: str) -> None:
    train, test = MADE[name]()
    result = []
    for widths in ([2, 2], [2, 16, 2]):
        net = mb.MLP(widths, "tanh", init="xavier", rng=0)
        history = mb.fit(net, train, test=test, optimizer=mb.Adam(0.1), epochs=20, batch_size=50,
                         rng=0, callbacks=[], engine="numpy")  # fmt: skip
        result.append(history["test_accuracy"][-1])
    assert result[0] < 0.92 < 0.97 < result[1]
