"""Convolution and pooling against their definitions, and what is special about them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from mitbadak import functions as f
from mitbadak.core.errors import RangeError, ShapeError
from mitbadak.functions.windows import from_windows, grid, windows


@st.composite
def grids(draw):
    """Images, and windows with any size, stride and padding."""
    size = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    pad = draw(st.integers(0, size[0] - 1)), draw(st.integers(0, size[1] - 1))
    shape = tuple(draw(st.integers(k, 6)) for k in size)
    stride = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    channels, batch = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    options = {"stride": stride, "pad": pad}
    return rng.normal(size=(batch, channels, *shape)), size, options, rng


def each_window(x: np.ndarray, size, stride, pad, empty: float = 0.0):
    """Every window of a batch of images with its row and column, by plain loops."""
    lengths = [n + 2 * p for n, p in zip(x.shape[2:], pad, strict=True)]
    frame = np.full((*x.shape[:2], *lengths), empty)
    frame[:, :, pad[0] : pad[0] + x.shape[2], pad[1] : pad[1] + x.shape[3]] = x
    rows = range(0, lengths[0] - size[0] + 1, stride[0])
    columns = range(0, lengths[1] - size[1] + 1, stride[1])
    for (i, top), (j, left) in itertools.product(enumerate(rows), enumerate(columns)):
        yield i, j, frame[:, :, top : top + size[0], left : left + size[1]]


@given(grids())
@settings(max_examples=60)
def test_a_convolution_is_a_sum_over_each_window(case):
    x, size, options, rng = case
    W, b = rng.normal(size=(4, x.shape[1], *size)), rng.normal(size=4)
    y = f.convolution(x, W, b, **options)
    count = 0
    for i, j, window in each_window(x, size, **options):
        expected = np.einsum("nchw,fchw->nf", window, W) + b
        np.testing.assert_allclose(y[:, :, i, j], expected, atol=1e-12)
        count += 1
    assert count == y.shape[2] * y.shape[3]
    np.testing.assert_allclose(f.convolution(x, W, **options), y - b[:, None, None], atol=1e-12)


@given(grids())
@settings(max_examples=60)
def test_pooling_takes_the_largest_and_the_mean_of_each_window(case):
    x, size, options, _ = case
    largest = f.max_pooling(x, size=size, **options)
    for i, j, window in each_window(x, size, empty=-np.inf, **options):
        np.testing.assert_array_equal(largest[:, :, i, j], window.max(axis=(2, 3)))
    mean = f.average_pooling(x, size=size, **options)
    for i, j, window in each_window(x, size, **options):
        np.testing.assert_allclose(mean[:, :, i, j], window.mean(axis=(2, 3)), atol=1e-14)


@given(grids())
@settings(max_examples=60)
def test_the_columns_are_the_windows_and_their_adjoint_adds_them(case):
    x, size, options, rng = case
    columns = f.im2col(x, size=size, **options)
    rows = [window for *_, window in each_window(x, size, **options)]
    expected = np.stack(rows, axis=1).reshape(columns.shape)
    np.testing.assert_array_equal(columns, expected)
    other = rng.normal(size=columns.shape)
    back = f.col2im(other, shape=x.shape, size=size, **options)
    assert np.sum(columns * other) == pytest.approx(np.sum(x * back), abs=1e-9)
    y = rng.normal(size=windows(x, size=size, **options).shape)
    adjoint = from_windows(y, image=x.shape[2:], **options)
    assert np.sum(windows(x, size=size, **options) * y) == pytest.approx(
        np.sum(x * adjoint), abs=1e-9
    )


def test_the_books_shapes():
    x = np.random.default_rng(0).random((10, 3, 7, 7))
    assert f.im2col(x[:1], size=5).shape == (9, 75)
    assert f.im2col(x, size=5).shape == (90, 75)


def test_of_equal_entries_the_first_gets_the_gradient():
    y, (pullback,) = f.max_pooling.vjp(np.ones((1, 2, 2)), size=2)
    assert y.tolist() == [[[1.0]]]
    assert pullback(np.ones((1, 1, 1))).tolist() == [[[1.0, 0.0], [0.0, 0.0]]]
    # Entries of -inf come before the padding beside them.
    low = np.full((1, 2, 2), -np.inf)
    y, (pullback,) = f.max_pooling.vjp(low, size=2, stride=1, pad=1)
    assert (y == -np.inf).all()
    assert pullback(np.ones(y.shape)).sum() == y.size


def test_padding_never_wins():
    x = -np.ones((1, 1, 3, 3))
    assert f.max_pooling(x, size=3, stride=1, pad=1).max() == -1


@pytest.mark.parametrize("place", [(0, 0), (0, 1), (1, 1)])
def test_a_window_with_nan_is_nan(place):
    x = np.zeros((1, 2, 4))
    x[(0, *place)] = np.nan
    y = f.max_pooling(x, size=2)
    assert np.isnan(y[0, 0, 0])
    assert y[0, 0, 1] == 0


def test_integers_are_computed_as_floats():
    x = np.arange(16, dtype=np.uint8).reshape(1, 1, 4, 4) * 16
    W = np.ones((1, 1, 2, 2), np.uint8)
    assert f.convolution(x, W.astype(float))[0, 0, 1, 1] == x[0, 0, 1:3, 1:3].astype(float).sum()
    assert f.average_pooling(x, size=2)[0, 0, 1, 1] == x[0, 0, 2:, 2:].astype(float).mean()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: f.convolution(np.ones((2, 784)), np.ones((1, 1, 2, 2))),
         r"convolution expects x of shape \(batch, channels.*got \(2, 784\).*mb.Reshape\(\(1, 28"),
        (lambda: f.max_pooling(np.ones(784), size=2), r"max_pooling expects x.*mb.Reshape"),
        (lambda: f.im2col(np.ones((1, 1, 1, 4, 4)), size=2), r"im2col expects x.*got \(1, 1, 1, 4"),
        (lambda: f.convolution(np.ones((2, 3, 4, 4)), np.ones((1, 1, 2, 2))),
         r"got x \(2, 3, 4, 4\), W \(1, 1, 2, 2\)"),
        (lambda: f.convolution(np.ones((2, 1, 4, 4)), np.ones((2, 1, 2, 2)), np.ones(3)),
         r"b of shape \(filters,\); got .*b \(3,\)"),
        (lambda: f.convolution(np.ones((2, 1, 4, 4)), np.ones((2, 1, 5, 5))),
         "windows of 5x5 do not fit into images of 4x4. Use smaller windows, or pad more"),
        (lambda: f.col2im(np.ones((4, 3)), shape=(1, 1, 3, 3), size=2),
         r"col2im expects columns of shape \(4, 4\) for images of shape \(1, 1, 3, 3\)"),
        (lambda: f.col2im(np.ones((4, 4)), shape=(3, 3), size=2), "col2im expects shape as"),
        (lambda: from_windows(np.ones((2, 2, 3, 3)), image=(3, 3)), "have .2, 2. windows"),
        (lambda: f.unflatten(np.ones((2, 5)), shape=(2, 2)), "4 numbers per example; got .2, 5"),
    ],
)  # fmt: skip
def test_shapes_that_do_not_fit_are_refused_with_the_remedy(call, message):
    with pytest.raises(ShapeError, match=message):
        call()


def test_a_pair_has_two_numbers_and_windows_hold_more_than_padding():
    with pytest.raises(RangeError, match=r"stride must be a whole number, or two of them"):
        f.im2col(np.ones((1, 1, 4, 4)), size=2, stride=(1, 2, 3))
    with pytest.raises(RangeError, match="pad must be smaller than the windows of 2x2"):
        f.max_pooling(np.ones((1, 4, 4)), size=2, pad=2)
    assert grid("im2col", (5, 7), (2, 3), (2, 1), (0, 1)).places == (2, 7)


def test_an_empty_batch_stays_empty():
    x = np.ones((0, 2, 4, 4))
    y, pullbacks = f.convolution.vjp(x, np.ones((3, 2, 2, 2)), np.ones(3))
    assert y.shape == (0, 3, 3, 3)
    assert [p(y).shape for p in pullbacks] == [(0, 2, 4, 4), (3, 2, 2, 2), (3,)]
    assert f.max_pooling(x, size=2).shape == f.average_pooling(x, size=2).shape == (0, 2, 2, 2)
