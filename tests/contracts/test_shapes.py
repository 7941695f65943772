"""First and second derivatives of every operation on drawn shapes, broadcasting included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp

from mitbadak import functions as f, normalization, primitives as p, special
from mitbadak.gradcheck import check_gradients
from mitbadak.graph import Variable, grad

Draw = Callable[[st.DataObject, np.random.Generator], tuple[list[Any], dict[str, Any]]]
SIDE = st.integers(1, 4)
SHAPE = hnp.array_shapes(min_dims=0, max_dims=3, max_side=4)
FILLED = hnp.array_shapes(min_dims=1, max_dims=3, max_side=4)


def smooth(rng, shape):
    return rng.normal(size=shape)


def away(rng, shape):
    """Not near 0, where some have a kink."""
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
    return [smooth(rng, (batch, n)), smooth(rng, n), smooth(rng, n)], {}


def normalized_by_given(data, rng):
    args, options = normalized(data, rng)
    n = args[0].shape[-1]
    return [*args, smooth(rng, n), above(rng, n)], options


def normalized_along_rows(data, rng):
    leading = data.draw(hnp.array_shapes(min_dims=0, max_dims=2, max_side=3))
    n = data.draw(st.integers(2, 4))
    return [apart(rng, (*leading, n)), smooth(rng, n), smooth(rng, n)], {}


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
    special.erf: one(smooth), special.erfc: one(smooth), p.expm1: one(smooth),
    p.log1p: one(above),
    p.add: two(smooth, smooth), p.subtract: two(smooth, smooth), p.multiply: two(smooth, smooth),
    p.divide: two(smooth, away), p.negative: one(smooth), p.exp: one(smooth), p.log: one(above),
    p.absolute: one(away), p.maximum: not_equal, p.minimum: not_equal, p.power: two(above, smooth),
    p.square: one(smooth), p.sqrt: one(above), p.sin: one(smooth), p.cos: one(smooth),
    p.clip: lambda data, rng: ([np.round(smooth(rng, data.draw(SHAPE)) * 3) + 0.3, -1.0, 2.0], {}),
    p.where: chosen, p.matmul: matrices, p.transpose: turned, p.sum: along_an_axis(smooth),
    p.mean: along_an_axis(smooth), p.max: along_an_axis(apart), p.min: along_an_axis(apart),
    p.broadcast_to: broadcast, p.reshape: reshaped, p.index: indexed, p.scatter: scattered,
    p.concatenate: joined, p.repeat: repeated,
}  # fmt: skip
every = pytest.mark.parametrize("operation", DRAWS, ids=lambda o: o.__name__)


def test_every_public_operation_is_drawn():
    public = {
        operation.__name__
        for module in (f, normalization, p, special)
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
    found = grad(along, now) if isinstance(along, Variable) else [np.zeros(v.shape) for v in now]
    h = 1e-5
    for own, up, down in zip(found, slopes(h, create_graph=False)[1],
                             slopes(-h, create_graph=False)[1], strict=True):  # fmt: skip
        expected = (np.asarray(up) - np.asarray(down)) / (2 * h)
        scale = 1 + np.abs(expected).max(initial=0) + np.abs(c).max(initial=0)
        np.testing.assert_allclose(own, expected, rtol=1e-5, atol=1e-5 * scale)
