"""Images are shifted by whole pixels, and otherwise unchanged."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as hnp

from mitbadak.core.errors import DtypeError, RangeError, ShapeError
from mitbadak.data import RandomShift, shifted

MOVES = st.integers(-7, 7)


@st.composite
def images(draw, dtype=np.int64):
    shape = draw(hnp.array_shapes(min_dims=2, max_dims=4, max_side=5))
    return draw(hnp.arrays(dtype, shape, elements=st.integers(0, 100)))


@given(x=images(), dy=MOVES, dx=MOVES)
def test_each_pixel_lands_where_the_formula_says(x, dy, dx):
    before = x.copy()
    y = shifted(x, dy, dx)
    height, width = x.shape[-2:]
    for i in range(height):
        for j in range(width):
            inside = 0 <= i - dy < height and 0 <= j - dx < width
            wanted = x[..., i - dy, j - dx] if inside else 0 * x[..., 0, 0]
            assert np.array_equal(y[..., i, j], wanted)
    assert np.array_equal(x, before)
    assert y.dtype == x.dtype
    assert not np.shares_memory(x, y)


@given(a=images(), dy=MOVES, dx=MOVES, seed=st.integers(0, 2**32 - 1))
def test_shifting_back_is_the_adjoint(a, dy, dx, seed):
    b = np.random.default_rng(seed).integers(0, 100, a.shape)
    assert (shifted(a, dy, dx) * b).sum() == (a * shifted(b, -dy, -dx)).sum()


@given(x=images(), dy=st.integers(-2, 2), dx=st.integers(-2, 2))
def test_no_pixel_is_lost_if_none_leaves_the_image(x, dy, dx):
    framed = np.pad(x, [(0, 0)] * (x.ndim - 2) + [(2, 2), (2, 2)])
    moved = shifted(framed, dy, dx)
    assert moved.sum() == x.sum()
    assert np.array_equal(shifted(moved, -dy, -dx), framed)


def test_each_image_may_have_its_own_shift(rng: np.random.Generator):
    x = rng.normal(size=(20, 5, 4))
    dy, dx = rng.integers(-6, 7, (2, 20))
    wanted = [shifted(image, int(i), int(j)) for image, i, j in zip(x, dy, dx, strict=True)]
    assert np.array_equal(shifted(x, dy, dx), wanted)
    assert np.array_equal(shifted(x, dy, 1), [shifted(i, d, 1) for i, d in zip(x, dy, strict=True)])
    assert shifted(x[:0], dy[:0], dx[:0]).shape == (0, 5, 4)


def test_a_shift_of_any_length_takes_no_more_memory_than_the_image():
    assert not shifted(np.ones((3, 3)), 2**40, -(2**40)).any()


@pytest.mark.parametrize(
    ("x", "dy", "error", "message"),
    [
        (np.ones(3), 1, ShapeError, "images of shape (..., height, width); got (3,)"),
        (np.ones((3, 3)), 0.5, DtypeError, "integers for dy and dx; got float64 and int64"),
        (np.ones((2, 3, 3)), [1, 2, 3], ShapeError, "got dy (3,) and dx ()"),
        (np.ones((2, 1, 3, 3)), [1, 2], ShapeError, "got dy (2,) and dx ()"),
    ],
)
def test_invalid_images_and_shifts_are_refused(x, dy, error, message):
    with pytest.raises(error, match=re.escape(message)):
        shifted(x, dy, 0)


def test_a_random_shift_moves_each_image_of_a_batch_independently():
    x = np.zeros((2000, 49), np.float32)
    x[:, 24] = 1  # the middle of 7 x 7
    x.flags.writeable = False
    y = RandomShift((7, 7), most=2)(x, np.random.default_rng(0))
    assert (y.shape, y.dtype) == (x.shape, x.dtype)
    assert (y.sum(axis=1) == 1).all()
    places = np.stack(np.divmod(y.argmax(axis=1), 7)) - 3
    assert set(map(tuple, places.T)) == {(i, j) for i in range(-2, 3) for j in range(-2, 3)}
    counts = np.unique(places.T, axis=0, return_counts=True)[1]
    assert counts.min() > 45  # 80 expected, standard deviation 9


def test_a_seed_repeats_the_shifts_and_a_generator_advances():
    x = np.random.default_rng(0).random((50, 784), np.float32)
    move, rng = RandomShift(), np.random.default_rng(3)
    first, second = move(x, rng), move(x, rng)
    assert not np.array_equal(first, second)
    assert np.array_equal(first, move(x, 3))
    shaped = move(x.reshape(50, 1, 28, 28), 3)
    assert np.array_equal(shaped.reshape(50, 784), first)
    assert move == RandomShift((28, 28), 2)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"most": 0}, "most must be a whole number of at least 1; got 0"),
        ({"shape": (3, 5), "most": 3}, "most must be less than the sides of (3, 5)"),
        ({"shape": (9,)}, "shape must be (height, width)"),
        ({"shape": (0, 9)}, "a side of shape must be a whole number"),
    ],
)
def test_invalid_random_shifts_are_refused(given: dict, message: str):
    with pytest.raises(RangeError, match=re.escape(message)):
        RandomShift(**given)


def test_images_of_another_size_are_refused():
    with pytest.raises(
        ShapeError, match=re.escape("(batch, 784), images of shape (28, 28); got (2, 9)")
    ):
        RandomShift()(np.ones((2, 9)), 0)
