"""Activations and losses at the limits of floats, and erf against its definition."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest

from mitbadak import functions as f
from mitbadak.functions import activations, losses, special
from mitbadak.nn import MLP
from mitbadak.nn.activations import ACTIVATIONS

ENDS = {
    "float32": [-3e38, -1e4, -90.0, -1e-30, 0.0, 1e-30, 90.0, 1e4, 3e38],
    "float64": [-1e308, -1e4, -750.0, -1e-300, 0.0, 1e-300, 750.0, 1e4, 1e308],
}
ENTRYWISE = [*(kind.operation for kind in ACTIVATIONS.values()), special.erf, special.erfc]


@pytest.mark.parametrize("dtype", ENDS)
@pytest.mark.parametrize("operation", ENTRYWISE, ids=lambda o: o.__name__)
def test_no_finite_input_overflows_or_loses_its_derivative(operation: Any, dtype: str):
    x = np.array(ENDS[dtype], dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        y, (pullback,) = operation.vjp(x)
        slope = pullback(np.ones_like(x))
    assert np.isfinite(y).all()
    assert np.isfinite(slope).all()
    assert y.dtype == slope.dtype == np.dtype(dtype)


@pytest.mark.parametrize("dtype", ENDS)
def test_losses_of_extreme_scores_are_finite_and_exact(dtype: str):
    x = np.array(ENDS[dtype][1:-1], dtype)
    t = (x < 0).astype(dtype)  # every prediction is wrong
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        loss, (dx, _) = f.sigmoid_cross_entropy.vjp(x, t)
        far, (pull, _) = f.huber.vjp(x, np.zeros_like(x))
        slope, held = dx(1.0), pull(1.0)
    expected = [v + math.log1p(math.exp(-v)) for v in np.abs(x).tolist()]
    assert loss == pytest.approx(np.mean(expected), rel=1e-6)
    assert far == pytest.approx(np.mean([v - 0.5 if v > 1 else v * v / 2 for v in np.abs(x)]))
    assert np.isfinite(slope).all()
    assert np.abs(held).max() == pytest.approx(1 / len(x))


def test_erf_is_accurate_to_the_last_digits():
    x = np.concatenate([np.linspace(-30, 30, 60001), np.linspace(-0.6, 0.6, 2401), [1e300, -0.0]])
    expected = np.array([math.erf(v) for v in x])
    np.testing.assert_allclose(special.erf(x), expected, rtol=5e-16)
    rest = np.array([math.erfc(v) for v in x])
    seen = rest > 1e-300
    np.testing.assert_allclose(special.erfc(x)[seen], rest[seen], rtol=2e-15)
    assert np.isnan(special.erf(np.array([np.nan]))).all()
    assert special.erf(np.array(1)).shape == ()


def test_gelu_is_accurate_far_below_zero():
    x = np.array([-20.0, -8.0, -1e-8])
    expected = [v * 0.5 * math.erfc(-v / math.sqrt(2)) for v in x]
    np.testing.assert_allclose(f.gelu(x), expected, rtol=1e-13)


def test_functions_exports_every_activation_and_loss():
    for module in (activations, losses):
        for name, operation in vars(module).items():
            if hasattr(operation, "vjp") and operation.__module__ == module.__name__:
                assert getattr(f, name) is operation
                assert name in f.__all__


def test_the_docstring_of_mlp_lists_the_activations():
    doc = MLP.__doc__ or ""
    assert [name for name in ACTIVATIONS if f"``{name}``" not in doc] == []
    _, listed, _ = re.split(r"He for ReLU and its relatives \(([\w\s,]+)\)", doc)
    assert re.findall(r"\w+", listed) == [
        name for name, kind in ACTIVATIONS.items() if kind.rectifies and name != "relu"
    ]
