"""The contract of every operation, functions and primitives alike: one table, the same checks.

An operation that is public and missing here fails the last test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from mitbadak import functions
from mitbadak.functions import normalization, primitives, special, windows
from mitbadak.functions.numerical import numerical_gradient
from mitbadak.graph import Variable, grad, in_order

B, I, O, K = 5, 4, 3, 6  # noqa: E741
Draw = Callable[[np.random.Generator], tuple[Any, ...]]


def normal(*shape: int) -> Callable[[np.random.Generator], np.ndarray]:
    return lambda rng: rng.normal(size=shape)


def off_zero(*shape: int) -> Callable[[np.random.Generator], np.ndarray]:
    """Away from 0, where some functions have a kink that a central difference must not cross."""
    return lambda rng: rng.choice([-1.0, 1.0], shape) * rng.uniform(0.1, 2.0, shape)


def apart(*shape: int, by: float) -> Callable[[np.random.Generator], np.ndarray]:
    """Integers plus ``by``, so that two such draws are never equal or nearly equal."""
    return lambda rng: rng.integers(-3, 4, shape) + by


def positive(*shape: int) -> Callable[[np.random.Generator], np.ndarray]:
    return lambda rng: rng.uniform(0.2, 2.0, shape)


def shuffled(*shape: int) -> Callable[[np.random.Generator], np.ndarray]:
    """Numbers that all differ by much more than h."""
    return lambda rng: rng.permutation(np.prod(shape)).reshape(shape) / 7 - 1.0


def rows(*shape: int) -> Callable[[np.random.Generator], np.ndarray]:
    """Distributions over the last axis, none of whose entries is near 0, where 1/y explodes."""

    def draw(rng: np.random.Generator) -> np.ndarray:
        weights = rng.uniform(0.5, 1.5, shape)
        return weights / weights.sum(axis=-1, keepdims=True)

    return draw


def shares(*shape: int) -> Callable[[np.random.Generator], np.ndarray]:
    """Labels between 0 and 1."""
    return lambda rng: rng.uniform(0.0, 1.0, shape)


def indices(batch: int, classes: int) -> Callable[[np.random.Generator], np.ndarray]:
    return lambda rng: rng.integers(0, classes, batch)


def within(*shape: int, low: float = -0.9, high: float = 0.9) -> Callable[..., np.ndarray]:
    return lambda rng: rng.uniform(low, high, shape)


def with_zeros(rows: int, n: int) -> Callable[[np.random.Generator], np.ndarray]:
    """Rows with no, one and two zeros, where a division would fail."""

    def draw(rng: np.random.Generator) -> np.ndarray:
        x = rng.uniform(0.5, 1.5, (rows, n))
        x[1, 2] = x[2, 0] = x[2, 3] = 0.0
        return x

    return draw


def regular(stack: int, n: int) -> Callable[[np.random.Generator], np.ndarray]:
    """Matrices that are far from singular."""
    return lambda rng: rng.normal(size=(stack, n, n)) / n + 2.0 * np.eye(n)


def definite(stack: int, n: int) -> Callable[[np.random.Generator], np.ndarray]:
    """Symmetric positive definite matrices whose eigenvalues lie apart."""

    def draw(rng: np.random.Generator) -> np.ndarray:
        q = np.linalg.qr(rng.normal(size=(stack, n, n)))[0]
        return q @ (np.arange(1.0, n + 1) * np.eye(n)) @ np.swapaxes(q, -1, -2)

    return draw


@dataclass(frozen=True)
class Case:
    operation: Any
    draw: tuple[Callable[[np.random.Generator], Any], ...]
    options: dict[str, Any] = field(default_factory=dict)
    by_example: bool = False  # y for a batch = the stacked y of its examples
    keeps_dtype: bool = True
    fixed: tuple[int, ...] = ()  # arguments that are not moved here: not differentiable there

    def args(self, rng: np.random.Generator) -> list[Any]:
        return [draw(rng) for draw in self.draw]


f, p = functions, primitives
CASES = {
    "identity": Case(f.identity, (normal(B, I),), by_example=True),
    "step": Case(f.step, (off_zero(B, I),), by_example=True),
    "sigmoid": Case(f.sigmoid, (normal(B, I),), by_example=True),
    "relu": Case(f.relu, (off_zero(B, I),), by_example=True),
    "tanh": Case(f.tanh, (normal(B, I),), by_example=True),
    "softmax": Case(f.softmax, (normal(B, K),), by_example=True),
    "softmax, rank 3": Case(f.softmax, (normal(2, B, K),), by_example=True),
    "log_softmax": Case(f.log_softmax, (normal(B, K),), by_example=True),
    "affine": Case(f.affine, (normal(B, I), normal(I, O), normal(O))),
    "affine, one example": Case(f.affine, (normal(I), normal(I, O), normal(O))),
    "affine, rank 3": Case(f.affine, (normal(2, B, I), normal(I, O), normal(O))),
    "linear": Case(f.linear, (normal(B, I), normal(I, O))),
    "linear, one example": Case(f.linear, (normal(I), normal(I, O))),
    "sum_squared_error": Case(f.sum_squared_error, (normal(B, O), normal(B, O))),
    "mean_squared_error": Case(f.mean_squared_error, (normal(B, O), normal(B, O))),
    "cross_entropy_error": Case(f.cross_entropy_error, (rows(B, K), indices(B, K))),
    "cross_entropy_error, rows": Case(f.cross_entropy_error, (rows(B, K), rows(B, K))),
    "cross_entropy_error, one": Case(f.cross_entropy_error, (rows(K), rows(K))),
    "softmax_cross_entropy": Case(f.softmax_cross_entropy, (normal(B, K), indices(B, K))),
    "softmax_cross_entropy, rows": Case(f.softmax_cross_entropy, (normal(B, K), rows(B, K))),
    "softmax_cross_entropy, one": Case(f.softmax_cross_entropy, (normal(K), rows(K))),
    "batch_norm": Case(normalization.batch_norm, (normal(B, I), normal(I), normal(I))),
    "batch_norm, eps": Case(
        normalization.batch_norm, (normal(B, I), normal(I), normal(I)), {"eps": 0.5}
    ),
    "fixed_batch_norm": Case(
        normalization.fixed_batch_norm,
        (normal(B, I), normal(I), normal(I), normal(I), positive(I)),
    ),
    "fixed_batch_norm, one": Case(
        normalization.fixed_batch_norm,
        (normal(I), normal(I), normal(I), normal(I), positive(I)),
        {"eps": 0.1},
    ),
    "layer_norm": Case(normalization.layer_norm, (normal(B, K), normal(K), normal(K))),
    "layer_norm, rank 3": Case(
        normalization.layer_norm, (normal(2, B, K), normal(K), normal(K)), {"eps": 0.1}
    ),
    "layer_norm, one": Case(normalization.layer_norm, (normal(K), normal(K), normal(K))),
    "leaky_relu": Case(f.leaky_relu, (off_zero(B, I),), {"slope": 0.2}, by_example=True),
    "elu": Case(f.elu, (off_zero(B, I),), {"alpha": 0.7}, by_example=True),
    "gelu": Case(f.gelu, (normal(B, I),), by_example=True),
    "silu": Case(f.silu, (normal(B, I),), by_example=True),
    "softplus": Case(f.softplus, (off_zero(B, I),), by_example=True),
    "flatten": Case(f.flatten, (normal(B, 2, O),)),
    "flatten, one": Case(f.flatten, (normal(I),)),
    "unflatten": Case(f.unflatten, (normal(B, 2 * O),), {"shape": (2, O)}),
    "unflatten, one": Case(f.unflatten, (normal(2 * O),), {"shape": (2, O)}),
    "windows": Case(windows.windows, (normal(2, 5, 6),), {"size": (2, 3), "stride": 2, "pad": 1}),
    "from_windows": Case(
        windows.from_windows,
        (normal(2, 2, 3, 3, 3),),
        {"image": (5, 6), "stride": 2, "pad": 1},
    ),
    "im2col": Case(f.im2col, (normal(2, 3, 5, 4),), {"size": 2, "stride": (2, 1), "pad": (0, 1)}),
    "im2col, one image": Case(f.im2col, (normal(3, 5, 4),), {"size": (3, 2)}),
    "col2im": Case(f.col2im, (normal(24, 8),), {"shape": (2, 2, 4, 5), "size": 2}),
    "col2im, one image": Case(
        f.col2im, (normal(9, 8),), {"shape": (2, 4, 5), "size": 2, "stride": 2, "pad": 1}
    ),
    "convolution": Case(f.convolution, (normal(2, 3, 5, 4), normal(O, 3, 2, 3), normal(O))),
    "convolution, strided": Case(
        f.convolution,
        (normal(2, 2, 6, 5), normal(O, 2, 3, 2), normal(O)),
        {"stride": (2, 1), "pad": (1, 2)},
    ),
    "convolution, one image": Case(f.convolution, (normal(2, 4, 4), normal(O, 2, 2, 2), normal(O))),
    "convolution, no bias": Case(f.convolution, (normal(2, 1, 4, 4), normal(O, 1, 2, 2))),
    "max_pooling": Case(f.max_pooling, (shuffled(2, 2, 5, 4),), {"size": 2}),
    "max_pooling, overlapping": Case(
        f.max_pooling, (shuffled(2, 1, 5, 6),), {"size": (3, 2), "stride": (1, 2), "pad": (1, 0)}
    ),
    "max_pooling, one image": Case(f.max_pooling, (shuffled(2, 4, 4),), {"size": 2}),
    "average_pooling": Case(f.average_pooling, (normal(2, 2, 5, 4),), {"size": 2}),
    "average_pooling, overlapping": Case(
        f.average_pooling, (normal(1, 2, 4, 5),), {"size": 3, "stride": 1, "pad": 1}
    ),
    "batch_norm, images": Case(
        normalization.batch_norm, (normal(3, 2, 2, 3), normal(2), normal(2)), {"eps": 0.1}
    ),
    "fixed_batch_norm, images": Case(
        normalization.fixed_batch_norm,
        (normal(2, 2, 2, 3), normal(2), normal(2), normal(2), positive(2)),
    ),
    "dropout": Case(f.dropout, (normal(B, I), lambda rng: 2.0 * (rng.random((B, I)) < 0.5))),
    "sigmoid_cross_entropy": Case(f.sigmoid_cross_entropy, (normal(B, K), shares(B, K))),
    "sigmoid_cross_entropy, one output": Case(
        f.sigmoid_cross_entropy, (normal(B, 1), indices(B, 2))
    ),
    "huber": Case(f.huber, (apart(B, O, by=0.0), apart(B, O, by=0.3))),
    "huber, delta": Case(f.huber, (apart(B, O, by=0.0), apart(B, O, by=0.3)), {"delta": 0.5}),
    "erf": Case(special.erf, (normal(B, I),), by_example=True),
    "erfc": Case(special.erfc, (normal(B, I),), by_example=True),
    "expm1": Case(p.expm1, (normal(B, I),), by_example=True),
    "log1p": Case(p.log1p, (positive(B, I),), by_example=True),
    "add": Case(p.add, (normal(B, I), normal(I))),
    "subtract": Case(p.subtract, (normal(B, 1), normal(B, I))),
    "multiply": Case(p.multiply, (normal(B, I), normal(1, I))),
    "divide": Case(p.divide, (normal(B, I), positive(I))),
    "negative": Case(p.negative, (normal(B, I),)),
    "exp": Case(p.exp, (normal(B, I),)),
    "log": Case(p.log, (positive(B, I),)),
    "absolute": Case(p.absolute, (off_zero(B, I),)),
    "maximum": Case(p.maximum, (apart(B, I, by=0.0), apart(I, by=0.5))),
    "where": Case(p.where, (lambda rng: rng.random((B, I)) < 0.5, normal(B, I), normal(I))),
    "matmul": Case(p.matmul, (normal(B, I), normal(I, O))),
    "matmul, stacked": Case(p.matmul, (normal(2, B, I), normal(I, O))),
    "matmul, both stacked": Case(p.matmul, (normal(2, 1, B, I), normal(3, I, O))),
    "matmul, row": Case(p.matmul, (normal(I), normal(I, O))),
    "matmul, column": Case(p.matmul, (normal(B, I), normal(I))),
    "matmul, row and column": Case(p.matmul, (normal(I), normal(I))),
    "transpose": Case(p.transpose, (normal(B, I),)),
    "transpose, axes": Case(p.transpose, (normal(2, B, I),), {"axes": (1, 2, 0)}),
    "minimum": Case(p.minimum, (apart(B, I, by=0.0), apart(I, by=0.5))),
    "clip": Case(p.clip, (apart(B, I, by=0.25), lambda rng: -1.0, lambda rng: 2.0)),
    "power": Case(p.power, (positive(B, I), normal(I))),
    "power, of a number": Case(p.power, (off_zero(B, I), lambda rng: np.array(3.0)), fixed=(1,)),
    "square": Case(p.square, (normal(B, I),)),
    "sqrt": Case(p.sqrt, (positive(B, I),)),
    "sin": Case(p.sin, (normal(B, I),)),
    "cos": Case(p.cos, (normal(B, I),)),
    "mean": Case(p.mean, (normal(B, I),), {"axis": 0}),
    "mean, all": Case(p.mean, (normal(B, I),)),
    "max": Case(p.max, (shuffled(B, I),), {"axis": 1}),
    "max, all": Case(p.max, (shuffled(B, I),)),
    "min, kept": Case(p.min, (shuffled(B, I),), {"axis": 0, "keepdims": True}),
    "concatenate": Case(p.concatenate, (normal(B, I), normal(2, I))),
    "concatenate, last axis": Case(p.concatenate, (normal(B, 1), normal(B, I)), {"axis": -1}),
    "repeat": Case(p.repeat, (normal(B, I),), {"times": 3, "axis": 0}),
    "sum": Case(p.sum, (normal(B, I),), {"axis": 0}),
    "sum, last axis kept": Case(p.sum, (normal(B, I),), {"axis": -1, "keepdims": True}),
    "sum, all": Case(p.sum, (normal(B, I),)),
    "broadcast_to": Case(p.broadcast_to, (normal(I), lambda rng: (B, I))),
    "reshape": Case(p.reshape, (normal(B, I), lambda rng: (I, B))),
    "index": Case(p.index, (normal(B, I),), {"at": ([0, 2, 2], slice(1, 3))}),
    "scatter": Case(p.scatter, (normal(3, I),), {"at": [0, 2, 2], "shape": (B, I)}),
    "clip, bounds that broadcast": Case(
        p.clip,
        (apart(B, I, by=0.25), lambda rng: np.array([-1.0, -2.0, 0.0, -1.5]), apart(B, 1, by=3.1)),
    ),
    "clip, one bound": Case(p.clip, (apart(B, I, by=0.25), lambda rng: None, lambda rng: 1.0)),
    "positive": Case(p.positive, (normal(B, I),)),
    "reciprocal": Case(p.reciprocal, (off_zero(B, I),)),
    "cbrt": Case(p.cbrt, (off_zero(B, I),)),
    "cast": Case(p.cast, (normal(B, I),), {"dtype": np.float64}, keeps_dtype=False),
    "remainder": Case(
        p.remainder, (apart(B, I, by=0.3), lambda rng: np.array([1.5, 2.5, -1.5, 2.0]))
    ),
    "fmod": Case(p.fmod, (apart(B, I, by=0.3), lambda rng: np.array([1.5, 2.5, -1.5, 2.0]))),
    "floor": Case(p.floor, (apart(B, I, by=0.3),)),
    "ceil": Case(p.ceil, (apart(B, I, by=0.3),)),
    "trunc": Case(p.trunc, (apart(B, I, by=0.3),)),
    "rint": Case(p.rint, (apart(B, I, by=0.3),)),
    "rounded": Case(p.rounded, (apart(B, I, by=0.33),), {"decimals": 1}),
    "sign": Case(p.sign, (off_zero(B, I),)),
    "floor_divide": Case(
        p.floor_divide, (apart(B, I, by=0.3), lambda rng: np.array([1.5, 2.5, -1.5, 2.0]))
    ),
    "heaviside": Case(p.heaviside, (off_zero(B, I), normal(I))),
    "heaviside, at 0": Case(p.heaviside, (lambda rng: np.zeros((B, I)), normal(I)), fixed=(0,)),
    "ldexp": Case(p.ldexp, (normal(B, I),), {"exponent": np.array([3, -2, 0, 1])}),
    "ldexp, broadcast": Case(p.ldexp, (normal(I),), {"exponent": np.array([[3], [-2]])}),
    "one_minus_square": Case(p.one_minus_square, (normal(B, I),), by_example=True),
    "exp2": Case(p.exp2, (normal(B, I),)),
    "log2": Case(p.log2, (positive(B, I),)),
    "log10": Case(p.log10, (positive(B, I),)),
    "logaddexp": Case(p.logaddexp, (normal(B, I), normal(I))),
    "logaddexp2": Case(p.logaddexp2, (normal(B, 1), normal(B, I))),
    "tan": Case(p.tan, (within(B, I, low=-1.2, high=1.2),)),
    "arcsin": Case(p.arcsin, (within(B, I),)),
    "arccos": Case(p.arccos, (within(B, I),)),
    "arctan": Case(p.arctan, (normal(B, I),)),
    "arctan2": Case(p.arctan2, (normal(B, I), off_zero(I))),
    "hypot": Case(p.hypot, (normal(B, I), off_zero(B, 1))),
    "sinh": Case(p.sinh, (normal(B, I),)),
    "cosh": Case(p.cosh, (normal(B, I),)),
    "sech_squared": Case(p.sech_squared, (normal(B, I),)),
    "arcsinh": Case(p.arcsinh, (normal(B, I),)),
    "arccosh": Case(p.arccosh, (within(B, I, low=1.2, high=4.0),)),
    "arctanh": Case(p.arctanh, (within(B, I),)),
    "deg2rad": Case(p.deg2rad, (normal(B, I),)),
    "rad2deg": Case(p.rad2deg, (normal(B, I),)),
    "sine_ratio": Case(p.sine_ratio, (normal(B, I),)),
    "sine_ratio, third": Case(p.sine_ratio, (within(B, I, low=-12.0, high=12.0),), {"order": 3}),
    "fmax": Case(p.fmax, (apart(B, I, by=0.0), apart(I, by=0.5))),
    "fmin": Case(p.fmin, (apart(B, I, by=0.0), apart(I, by=0.5))),
    "copysign": Case(p.copysign, (off_zero(B, I), off_zero(I))),
    "var": Case(p.var, (normal(B, I),), {"axis": 0, "ddof": 1.0}),
    "var, all kept": Case(p.var, (normal(B, I),), {"keepdims": True}),
    "std": Case(p.std, (normal(B, I),), {"axis": -1}),
    "prod": Case(p.prod, (normal(B, I),), {"axis": 1}),
    "prod, with zeros": Case(p.prod, (with_zeros(3, B),), {"axis": 1}),
    "prod, two axes kept": Case(p.prod, (normal(2, O, 2),), {"axis": (0, -1), "keepdims": True}),
    "cumsum": Case(p.cumsum, (normal(B, I),), {"axis": 0}),
    "cumprod": Case(p.cumprod, (normal(B, I),), {"axis": -1}),
    "cumprod, with zeros": Case(p.cumprod, (with_zeros(3, B),), {"axis": 1}),
    "transpose, negative axes": Case(p.transpose, (normal(2, B, I),), {"axes": (-1, 0, -2)}),
    "gather": Case(p.gather, (normal(B, I),), {"places": np.array([[0, 7, 7], [-1, 19, 2]])}),
    "spread": Case(
        p.spread, (normal(2, 3),), {"places": np.array([[0, 7, 7], [-1, 19, 2]]), "shape": (B, I)}
    ),
    "contract": Case(
        p.contract, (normal(B, I), normal(I, O)), {"inputs": ("ab", "bc"), "output": "ca"}
    ),
    "contract, three": Case(
        p.contract,
        (normal(B, I), normal(I), normal(O, B)),
        {"inputs": ("ab", "b", "ca"), "output": "a"},
    ),
    "contract, one": Case(p.contract, (normal(2, B, I),), {"inputs": ("abc",), "output": "b"}),
    "convolution of sequences": Case(p.convolution, (normal(B), normal(O))),
    "inv": Case(p.inv, (regular(2, O),)),
    "solve": Case(p.solve, (regular(2, O), normal(2, O, I))),
    "solve, vector": Case(p.solve, (regular(2, O), normal(O))),
    "solve, one matrix for all": Case(p.solve, (regular(1, O), normal(2, O, I))),
    "det": Case(p.det, (regular(2, O),)),
    "det, singular": Case(p.det, (lambda rng: np.outer(rng.normal(size=O), rng.normal(size=O)),)),
    "det, large and singular": Case(p.det, (lambda rng: rng.normal(size=(8, 7)) @ np.eye(7, 8),)),
    "det, large": Case(p.det, (regular(1, 8),)),
    "log_abs_det": Case(p.log_abs_det, (regular(2, O),)),
    "eigenvalues": Case(p.eigenvalues, (definite(2, O),)),
    "eigenvalues, upper": Case(p.eigenvalues, (definite(1, O),), {"upper": True}),
    "from_eigenvalues": Case(p.from_eigenvalues, (definite(2, O), normal(2, O))),
    "in_eigenbasis": Case(p.in_eigenbasis, (definite(2, O), normal(2, O, O))),
    "eigenvectors": Case(p.eigenvectors, (definite(2, O),)),
    "eigenvectors, upper": Case(p.eigenvectors, (definite(1, O),), {"upper": True}),
    "cholesky": Case(p.cholesky, (definite(2, O),)),
    "singular_values": Case(p.singular_values, (normal(2, B, O),)),
    "singular_values, wide": Case(p.singular_values, (normal(O, B),)),
    "from_singular_values": Case(p.from_singular_values, (normal(2, B, O), normal(2, O))),
    "from_singular_values, wide": Case(p.from_singular_values, (normal(O, B), normal(O))),
    "in_singular_basis": Case(p.in_singular_basis, (normal(2, B, O), normal(2, B, O))),
    "in_singular_basis, wide": Case(p.in_singular_basis, (normal(O, B), normal(O, B))),
    "singular_vectors": Case(p.singular_vectors, (normal(2, B, O),)),
    "singular_vectors, wide": Case(p.singular_vectors, (normal(O, B),)),
    "singular_vectors, square": Case(p.singular_vectors, (normal(O, O),)),
    "with_unknown_slope": Case(p.with_unknown_slope, (normal(B, I),), {"at": np.array(False)}),
    "zero_times": Case(p.zero_times, (normal(B, I), normal(B, I))),
    "pinv": Case(p.pinv, (normal(2, B, O),), {"rtol": 1e-10}),
    "orthogonal": Case(p.orthogonal, (normal(2, B, O),)),
    "spacing": Case(p.spacing, (off_zero(B, I),)),
    "pinv, wide": Case(p.pinv, (normal(O, B),), {"rtol": 1e-10}),
}
every = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())


def freeze(args: list[Any]) -> list[Any]:
    for a in args:
        if isinstance(a, np.ndarray):
            a.flags.writeable = False
    return args


def float_positions(case: Case, pullbacks) -> list[int]:
    """The arguments that have a derivative."""
    return [i for i, pull in enumerate(pullbacks) if pull is not None and i not in case.fixed]


def with_argument(args: list[Any], i: int, value: Any) -> list[Any]:
    return [value if k == i else a for k, a in enumerate(args)]


@every
def test_each_pullback_is_the_numerical_gradient(case: Case, rng: np.random.Generator):
    args = case.args(rng)
    y, pullbacks = case.operation.vjp(*args, **case.options)[:2]
    dy = rng.normal(size=np.shape(y))
    assert len(pullbacks) == len(args)
    for i in float_positions(case, pullbacks):

        def loss(a, i=i):
            return np.sum(dy * case.operation(*with_argument(args, i, a), **case.options))

        expected = numerical_gradient(loss, np.array(args[i]), h=1e-5)
        result = pullbacks[i](dy)
        assert np.shape(result) == np.shape(args[i])
        np.testing.assert_allclose(result, expected, rtol=1e-6, atol=1e-7)


@every
def test_inputs_and_dy_are_left_alone_and_pullbacks_can_be_repeated(case: Case, rng):
    args = freeze(case.args(rng))
    y, pullbacks = case.operation.vjp(*args, **case.options)[:2]
    dy = np.array(rng.normal(size=np.shape(y)))
    dy.flags.writeable = False
    for i in float_positions(case, pullbacks):
        np.testing.assert_array_equal(pullbacks[i](dy), pullbacks[i](dy))


@every
def test_float32_stays_float32(case: Case, rng):
    if not case.keeps_dtype:
        return
    single = [
        a.astype(np.float32) if isinstance(a, np.ndarray) and a.dtype.kind == "f" else a
        for a in case.args(rng)
    ]
    y, pullbacks = case.operation.vjp(*single, **case.options)[:2]
    assert np.asarray(y).dtype == np.float32
    dy = np.ones(np.shape(y), np.float32)
    for i in float_positions(case, pullbacks):
        assert pullbacks[i](dy).dtype == np.float32


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.by_example])
def test_a_batch_is_its_stacked_examples(name: str, rng):
    case = CASES[name]
    (x,) = case.args(rng)
    together = case.operation(x)
    one_by_one = np.stack([case.operation(example) for example in x])
    np.testing.assert_allclose(together, one_by_one, rtol=1e-15)


@every
def test_on_traced_values_one_node_is_recorded_with_the_same_bits(case: Case, rng):
    args = case.args(rng)
    y, pullbacks = case.operation.vjp(*args, **case.options)[:2]
    for i in float_positions(case, pullbacks):
        x = Variable(args[i])
        recorded = case.operation(*with_argument(args, i, x), **case.options)
        assert [v.operation for v in in_order([recorded])] == [None, case.operation]
        np.testing.assert_array_equal(recorded.value, y)
        dy = rng.normal(size=np.shape(y))
        np.testing.assert_array_equal(recorded.pullbacks()[i](dy), pullbacks[i](dy))


@every
def test_the_second_derivative_comes_from_the_same_definition(case: Case, rng):
    """The derivative of <v, dL/dx> for L = sum(c y^2 / 2), against central differences of dL/dx."""
    args = case.args(rng)
    y, pullbacks = case.operation.vjp(*args, **case.options)[:2]
    c = rng.normal(size=np.shape(y))
    for i in float_positions(case, pullbacks):
        v = rng.normal(size=np.shape(args[i]))

        def slope(a, i=i, v=v):
            value, pulls = case.operation.vjp(*with_argument(args, i, a), **case.options)[:2]
            return np.sum(v * pulls[i](c * value))

        x = Variable(args[i])
        traced = case.operation(*with_argument(args, i, x), **case.options)
        first = grad(np.sum(traced * traced * (c / 2)), x, create_graph=True)
        second = grad(np.sum(first * v), x)
        expected = numerical_gradient(slope, np.array(args[i]), h=1e-5)
        np.testing.assert_allclose(second, expected, rtol=1e-5, atol=1e-6)


def test_every_public_operation_is_in_the_table():
    public = {
        operation
        for module in (functions, normalization, primitives, special, windows)
        for name, operation in vars(module).items()
        if hasattr(operation, "vjp") and not name.startswith("_")
    }
    missing = {o.__name__ for o in public - {case.operation for case in CASES.values()}}
    assert not missing
