"""First and second derivatives of every operation on drawn shapes, broadcasting included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp

from mitbadak import functions as f
from mitbadak.functions import normalization, primitives as p, special, windows
from mitbadak.gradcheck import check_gradients
from mitbadak.graph import Variable, grad

Draw = Callable[[st.DataObject, np.random.Generator], tuple[list[Any], dict[str, Any]]]
SIDE = st.integers(1, 4)
SHAPE = hnp.array_shapes(min_dims=0, max_dims=3, max_side=4)
FILLED = hnp.array_shapes(min_dims=1, max_dims=3, max_side=4)


def smooth(rng, shape):
    return rng.normal(size=shape)


def away(rng, shape):
    """Not near 0, where some functions have a kink."""
    return rng.choice([-1.0, 1.0], shape) * rng.uniform(0.2, 2.0, shape)


def above(rng, shape):
    return rng.uniform(0.3, 2.0, shape)


def apart(rng, shape):
    """No two entries nearly equal."""
    return rng.permutation(int(np.prod(shape))).reshape(shape) / 7.0 - 0.51


def one(make, shapes=SHAPE, **options) -> Draw:
    return lambda data, rng: ([make(rng, data.draw(shapes))], options)


def two(first, second) -> Draw:
    """Two arrays whose shapes broadcast."""

    def draw(data, rng):
        shapes = data.draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3))
        a, b = shapes.input_shapes
        return [first(rng, a), second(rng, b)], {}

    return draw


def along_an_axis(make) -> Draw:
    def draw(data, rng):
        shape = data.draw(FILLED)
        axis = data.draw(st.none() | st.integers(-len(shape), len(shape) - 1))
        return [make(rng, shape)], {"axis": axis, "keepdims": data.draw(st.booleans())}

    return draw


def affine(data, rng, *, bias: bool):
    leading = data.draw(hnp.array_shapes(min_dims=0, max_dims=2, max_side=3))
    n_in, n_out = data.draw(SIDE), data.draw(SIDE)
    args = [smooth(rng, (*leading, n_in)), smooth(rng, (n_in, n_out)), smooth(rng, n_out)]
    return args if bias else args[:2], {}


def scores_and_labels(data, rng, *, positive: bool = False):
    batch, classes = data.draw(SIDE), data.draw(st.integers(2, 5))
    scores = above(rng, (batch, classes)) if positive else smooth(rng, (batch, classes))
    if data.draw(st.booleans()):
        return [scores, rng.integers(0, classes, batch)], {}
    weights = above(rng, (batch, classes))
    # Rows of numbers that are no labels to move: a distribution is a constant here.
    return [scores, weights / weights.sum(axis=1, keepdims=True)], {}


def same_shape(data, rng):
    shape = data.draw(FILLED)
    return [smooth(rng, shape), smooth(rng, shape)], {}


def matrices(data, rng):
    kind = data.draw(st.sampled_from(["plain", "row", "column", "both", "stacked"]))
    m, k, n, stack = (data.draw(SIDE) for _ in range(4))
    a = (k,) if kind in ("row", "both") else (stack, 1, m, k) if kind == "stacked" else (m, k)
    b = (k,) if kind in ("column", "both") else (2, k, n) if kind == "stacked" else (k, n)
    return [smooth(rng, a), smooth(rng, b)], {}


def turned(data, rng):
    shape = data.draw(FILLED)
    axes = data.draw(st.none() | st.permutations(range(len(shape))).map(tuple))
    return [smooth(rng, shape)], {"axes": axes}


def indexed(data, rng):
    shape = data.draw(FILLED)
    return [smooth(rng, shape)], {"at": data.draw(hnp.basic_indices(shape, allow_newaxis=False))}


def scattered(data, rng):
    rows, n, width = data.draw(SIDE), data.draw(SIDE), data.draw(SIDE)
    at = rng.integers(0, rows, n)
    return [smooth(rng, (n, width))], {"at": at, "shape": (rows, width)}


def joined(data, rng):
    shape = data.draw(FILLED)
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    sizes = data.draw(st.lists(SIDE, min_size=1, max_size=3))
    parts = [smooth(rng, tuple(s if i == axis % len(shape) else n for i, n in enumerate(shape)))
             for s in sizes]  # fmt: skip
    return parts, {"axis": axis}


def repeated(data, rng):
    shape = data.draw(FILLED)
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    return [smooth(rng, shape)], {"times": data.draw(SIDE), "axis": axis}


def broadcast(data, rng):
    shapes = data.draw(hnp.mutually_broadcastable_shapes(num_shapes=1, base_shape=(2, 3)))
    return [smooth(rng, shapes.input_shapes[0]), shapes.result_shape], {}


def reshaped(data, rng):
    a, b, c = (data.draw(SIDE) for _ in range(3))
    return [smooth(rng, (a, b, c)), data.draw(st.permutations([a, b, c]).map(tuple))], {}


def chosen(data, rng):
    args, _ = two(smooth, smooth)(data, rng)
    shape = np.broadcast_shapes(*(np.shape(a) for a in args))
    return [rng.random(shape) < 0.5, *args], {}


def normalized(data, rng):
    batch, n = data.draw(st.integers(2, 5)), data.draw(SIDE)
    image = data.draw(st.sampled_from([(), (1, 2), (2, 2)]))
    return [smooth(rng, (batch, n, *image)), smooth(rng, n), smooth(rng, n)], {}


def normalized_by_given(data, rng):
    args, options = normalized(data, rng)
    n = args[0].shape[1]
    return [*args, smooth(rng, n), above(rng, n)], options


def normalized_along_rows(data, rng):
    leading = data.draw(hnp.array_shapes(min_dims=0, max_dims=2, max_side=3))
    n = data.draw(st.integers(2, 4))
    return [apart(rng, (*leading, n)), smooth(rng, n), smooth(rng, n)], {}


def images(data, rng, *, apart_by_much: bool = False):
    """Images with windows of any size, stride and padding that fit."""
    lead = data.draw(st.sampled_from([(), (1,), (2,)]))
    channels, height, width = data.draw(SIDE), data.draw(st.integers(2, 5)), data.draw(SIDE)
    size = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 2))
    pad = tuple(data.draw(st.integers(0, k - 1)) for k in size)
    pad = tuple(max(p, -((n - k) // 2)) for p, k, n in zip(pad, size, (height, width), strict=True))
    pad = tuple(min(p, k - 1) for p, k in zip(pad, size, strict=True))
    height, width = max(height, size[0] - 2 * pad[0]), max(width, size[1] - 2 * pad[1])
    options = {"size": size, "stride": data.draw(st.sampled_from([1, 2, (2, 1)])), "pad": pad}
    shape = (*lead, channels, height, width)
    return [apart(rng, shape) if apart_by_much else smooth(rng, shape)], options


def pooled(data, rng):
    return images(data, rng, apart_by_much=True)


def windows_back(data, rng):
    (x,), options = images(data, rng)
    y = windows.windows(x, **options)
    options.pop("size")
    return [smooth(rng, y.shape)], {"image": x.shape[-2:], **options}


def columns_back(data, rng):
    (x,), options = images(data, rng)
    return [smooth(rng, f.im2col(x, **options).shape)], {"shape": x.shape, **options}


def filtered(data, rng):
    (x,), options = images(data, rng)
    size, filters = options.pop("size"), data.draw(SIDE)
    args = [x, smooth(rng, (filters, x.shape[-3], *size)), smooth(rng, filters)]
    return args[: data.draw(st.integers(2, 3))], options


def given_a_shape(data, rng):
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=3))
    return [smooth(rng, (data.draw(SIDE), int(np.prod(shape))))], {"shape": shape}


def masked(data, rng):
    x = smooth(rng, data.draw(SHAPE))
    return [x, 2.0 * (rng.random(x.shape) < 0.5)], {}


def questions(data, rng):
    shape = data.draw(FILLED)
    return [away(rng, shape), rng.uniform(size=shape)], {}


def with_outliers(data, rng):
    """Differences of -1.6, -0.6, 0.4 and 1.4, on either side of delta."""
    shape = data.draw(FILLED)
    return [rng.integers(-1, 2, shape) + 0.4, rng.integers(0, 2, shape) * 1.0], {"delta": 1.0}


def not_equal(data, rng):
    args, _ = two(smooth, smooth)(data, rng)
    apart_now = [np.round(args[0] * 3), np.round(args[1] * 3) + 0.4]
    return apart_now, {}


def bounded(data, rng):
    """An array and two bounds that broadcast against it, none of them at a tie."""
    shapes = data.draw(hnp.mutually_broadcastable_shapes(num_shapes=3, max_dims=3, max_side=3))
    a, low, high = shapes.input_shapes
    x = rng.integers(-3, 4, a) + 0.3
    return [x, rng.integers(-2, 0, low) * 1.0, rng.integers(1, 3, high) + 0.6], {}


def between(rng, shape):
    """Not near an integer or a half, where functions jump."""
    return rng.integers(-4, 4, shape) + rng.uniform(0.1, 0.4, shape)


def above_one(rng, shape):
    return rng.uniform(1.2, 3.0, shape)


def inside(rng, shape):
    return rng.uniform(-0.8, 0.8, shape)


def spread_out(rng, shape):
    """Never all equal, where a deviation has its kink; along single entries it always is."""
    return apart(rng, shape)


def along_one_axis(data, rng):
    shape = data.draw(FILLED)
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    return [smooth(rng, shape)], {"axis": axis}


def gathered(data, rng):
    shape = data.draw(FILLED)
    places = rng.integers(-1, int(np.prod(shape)), data.draw(SHAPE))
    return [smooth(rng, shape)], {"places": places}


def spread_back(data, rng):
    shape, taken = data.draw(FILLED), data.draw(SHAPE)
    places = rng.integers(-1, int(np.prod(shape)), taken)
    return [smooth(rng, taken)], {"places": places, "shape": shape}


def summed_by_letters(data, rng):
    """One to three operands with letters of their own and shared ones, and any of them left."""
    lengths = {letter: data.draw(SIDE) for letter in "abcd"}
    subsets = st.lists(st.sampled_from("abcd"), unique=True, max_size=3).map("".join)
    inputs = tuple(data.draw(st.lists(subsets, min_size=1, max_size=3)))
    present = sorted(set("".join(inputs)))
    output = "".join(data.draw(st.permutations(present))[: data.draw(st.integers(0, len(present)))])
    operands = [smooth(rng, tuple(lengths[c] for c in letters)) for letters in inputs]
    return operands, {"inputs": inputs, "output": output}


def vectors(data, rng):
    return [smooth(rng, data.draw(SIDE)), smooth(rng, data.draw(SIDE))], {}


def smooth_matrix(rng, stack, n):
    return rng.normal(size=(*stack, n, n))


def regular(rng, stack, n):
    return rng.normal(size=(*stack, n, n)) / (2 * n) + np.eye(n)


def definite(rng, stack, n):
    q = np.linalg.qr(rng.normal(size=(*stack, n, n)))[0]
    return q @ (np.arange(1.0, n + 1) * np.eye(n)) @ np.swapaxes(q, -1, -2)


def square(make) -> Draw:
    def draw(data, rng):
        stack = data.draw(hnp.array_shapes(min_dims=0, max_dims=2, max_side=2))
        return [make(rng, stack, data.draw(SIDE))], {}

    return draw


def with_another(draw: Draw, *, row: bool = False) -> Draw:
    """A second array of the shape of the matrices, or of their values."""

    def both(data, rng):
        a = draw(data, rng)[0][0]
        shape = (*a.shape[:-2], min(a.shape[-2:])) if row else a.shape
        return [a, smooth(rng, shape)], {}

    return both


def solved(data, rng):
    n, k, stack = data.draw(SIDE), data.draw(SIDE), data.draw(SIDE)
    a = regular(rng, data.draw(st.sampled_from([(), (1,), (stack,)])), n)
    b = data.draw(st.sampled_from([(n,), (n, k), (stack, n, k)]))
    return [a, smooth(rng, b)], {}


def _far_from_singular(rng, rows, columns):
    k = min(rows, columns)
    left = np.linalg.qr(rng.normal(size=(rows, k)))[0]
    right = np.linalg.qr(rng.normal(size=(columns, k)))[0]
    return left @ (np.arange(1.0, k + 1) * np.eye(k)) @ right.T


def tall_or_wide(data, rng):
    return [_far_from_singular(rng, data.draw(SIDE), data.draw(SIDE))], {}


def tall(data, rng):
    rows, columns = sorted([data.draw(SIDE), data.draw(SIDE)], reverse=True)
    return [_far_from_singular(rng, rows, columns)], {}


DRAWS: dict[Any, Draw] = {
    f.identity: one(smooth), f.step: one(away), f.sigmoid: one(smooth), f.relu: one(away),
    f.tanh: one(smooth), f.softmax: one(smooth, FILLED), f.log_softmax: one(smooth, FILLED),
    f.affine: lambda data, rng: affine(data, rng, bias=True),
    f.linear: lambda data, rng: affine(data, rng, bias=False),
    f.sum_squared_error: same_shape, f.mean_squared_error: same_shape,
    f.cross_entropy_error: lambda data, rng: scores_and_labels(data, rng, positive=True),
    f.softmax_cross_entropy: scores_and_labels, normalization.batch_norm: normalized,
    normalization.fixed_batch_norm: normalized_by_given,
    normalization.layer_norm: normalized_along_rows,
    f.leaky_relu: one(away, slope=0.3), f.elu: one(away, alpha=0.5), f.gelu: one(smooth),
    f.silu: one(smooth), f.softplus: one(away), f.flatten: one(smooth, FILLED), f.dropout: masked,
    f.sigmoid_cross_entropy: questions, f.huber: with_outliers,
    f.unflatten: given_a_shape, f.im2col: images, f.col2im: columns_back, f.convolution: filtered,
    f.max_pooling: pooled, f.average_pooling: images, windows.windows: images,
    windows.from_windows: windows_back,
    special.erf: one(smooth), special.erfc: one(smooth), p.expm1: one(smooth),
    p.log1p: one(above),
    p.add: two(smooth, smooth), p.subtract: two(smooth, smooth), p.multiply: two(smooth, smooth),
    p.divide: two(smooth, away), p.negative: one(smooth), p.exp: one(smooth), p.log: one(above),
    p.absolute: one(away), p.maximum: not_equal, p.minimum: not_equal, p.power: two(above, smooth),
    p.square: one(smooth), p.sqrt: one(above), p.sin: one(smooth), p.cos: one(smooth),
    p.clip: bounded,
    p.where: chosen, p.matmul: matrices, p.transpose: turned, p.sum: along_an_axis(smooth),
    p.mean: along_an_axis(smooth), p.max: along_an_axis(apart), p.min: along_an_axis(apart),
    p.broadcast_to: broadcast, p.reshape: reshaped, p.index: indexed, p.scatter: scattered,
    p.concatenate: joined, p.repeat: repeated,
    p.positive: one(smooth), p.reciprocal: one(away), p.cbrt: one(away),
    p.cast: one(smooth, dtype=np.float64), p.remainder: two(between, above_one),
    p.fmod: two(between, above_one), p.floor: one(between), p.ceil: one(between),
    p.trunc: one(between), p.rint: one(between), p.rounded: one(between, decimals=0),
    p.sign: one(away), p.floor_divide: two(between, above_one), p.heaviside: two(away, smooth),
    p.spacing: one(away), p.exp2: one(smooth), p.log2: one(above), p.log10: one(above),
    p.logaddexp: two(smooth, smooth), p.logaddexp2: two(smooth, smooth), p.tan: one(inside),
    p.arcsin: one(inside), p.arccos: one(inside), p.arctan: one(smooth),
    p.arctan2: two(smooth, away), p.hypot: two(smooth, away), p.sinh: one(smooth),
    p.cosh: one(smooth), p.sech_squared: one(smooth), p.arcsinh: one(smooth),
    p.arccosh: one(above_one), p.arctanh: one(inside), p.deg2rad: one(smooth),
    p.rad2deg: one(smooth), p.sine_ratio: one(smooth), p.fmax: not_equal, p.fmin: not_equal,
    p.copysign: two(away, away), p.var: along_an_axis(smooth), p.std: along_an_axis(spread_out),
    p.prod: along_an_axis(above), p.cumsum: along_one_axis, p.cumprod: along_one_axis,
    p.gather: gathered, p.spread: spread_back, p.contract: summed_by_letters,
    p.convolution: vectors,
    p.inv: square(regular), p.det: square(smooth_matrix), p.log_abs_det: square(regular),
    p.solve: solved, p.eigenvalues: square(definite), p.eigenvectors: square(definite),
    p.from_eigenvalues: with_another(square(definite), row=True),
    p.in_eigenbasis: with_another(square(definite)), p.zero_times: same_shape,
    p.one_minus_square: one(smooth), p.with_unknown_slope: one(smooth, at=np.array(False)),
    p.ldexp: one(smooth, exponent=3),
    p.cholesky: square(definite),
    p.singular_values: tall_or_wide, p.singular_vectors: tall_or_wide,
    p.from_singular_values: with_another(tall_or_wide, row=True),
    p.in_singular_basis: with_another(tall_or_wide),
    p.orthogonal: tall, p.pinv: lambda data, rng: (
        tall_or_wide(data, rng)[0], {"rtol": 1e-12}),
}  # fmt: skip
every = pytest.mark.parametrize("operation", DRAWS, ids=lambda o: o.__name__)


def test_every_public_operation_is_drawn():
    public = {
        operation.__name__
        for module in (f, normalization, p, special, windows)
        for name, operation in vars(module).items()
        if hasattr(operation, "vjp") and not name.startswith("_")
    }
    assert public == {operation.__name__ for operation in DRAWS}


def moved(operation, args, options) -> list[int]:
    """The arguments that have a derivative."""
    pullbacks = operation.vjp(*args, **options)[1]
    return [i for i, pullback in enumerate(pullbacks) if pullback is not None]


@every
@given(data=st.data(), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_first_derivatives(operation, data, seed):
    args, options = DRAWS[operation](data, np.random.default_rng(seed))
    where = moved(operation, args, options)

    def value(*now):
        full = [now[where.index(i)] if i in where else a for i, a in enumerate(args)]
        weights = np.random.default_rng(1).uniform(0.5, 1.5, np.shape(operation(*args, **options)))
        return np.sum(operation(*full, **options) * weights)

    report = check_gradients(value, *(args[i] for i in where))
    assert report.ok, str(report)


@every
@given(data=st.data(), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_second_derivatives(operation, data, seed):
    """The Hessian of sum(c y^2 / 2) times a random direction, against differences of gradients."""
    rng = np.random.default_rng(seed)
    args, options = DRAWS[operation](data, rng)
    where = moved(operation, args, options)
    c = rng.normal(size=np.shape(operation(*args, **options)))
    direction = [rng.normal(size=np.shape(args[i])) for i in where]

    def slopes(shift: float, *, create_graph: bool):
        now = [Variable(args[i] + shift * v) for i, v in zip(where, direction, strict=True)]
        full = [now[where.index(i)] if i in where else a for i, a in enumerate(args)]
        y = operation(*full, **options)
        return now, grad(np.sum(y * y * (c / 2)), now, create_graph=create_graph)

    now, first = slopes(0.0, create_graph=True)
    along = sum(np.sum(g * v) for g, v in zip(first, direction, strict=True))
    result = grad(along, now) if isinstance(along, Variable) else [np.zeros(v.shape) for v in now]
    differences = []
    for h in (1e-5, 5e-6):
        up, down = (slopes(shift, create_graph=False)[1] for shift in (h, -h))
        differences.append([(np.asarray(a) - np.asarray(b)) / (2 * h)
                            for a, b in zip(up, down, strict=True)])  # fmt: skip
    for own, wide, narrow in zip(result, *differences, strict=True):
        expected = (4 * narrow - wide) / 3  # without the error of second order in h
        scale = 1 + np.abs(expected).max(initial=0) + np.abs(c).max(initial=0)
        np.testing.assert_allclose(own, expected, rtol=1e-5, atol=1e-5 * scale)
