"""Initial weights have the moments of their formulas, from one seed alike in every dtype."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest

from mitbadak import MLP, Affine, TwoLayerNet
from mitbadak.core.errors import RangeError, ShapeError, UnknownNameError
from mitbadak.nn import he, lecun, normal, orthogonal, xavier, zeros
from mitbadak.nn.initializers import INITIALIZERS, Initializer, initializer

# The standard deviation as the papers and the notes have it, for n_in and n_out.
FORMULAS = {
    "normal": (normal(0.01), lambda n_in, n_out: 0.01),
    "normal(2)": (normal(2.0), lambda n_in, n_out: 2.0),
    "xavier": (xavier, lambda n_in, n_out: math.sqrt(2 / (n_in + n_out))),
    "he": (he, lambda n_in, n_out: math.sqrt(2 / n_in)),
    "lecun": (lecun, lambda n_in, n_out: math.sqrt(1 / n_in)),
}


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("shape", [(784, 50), (100, 300)])
def test_weights_have_the_mean_and_deviation_of_their_formula(
    name: str, shape: tuple[int, int]
) -> None:
    draw, formula = FORMULAS[name]
    W, std = draw(np.random.default_rng(2024), shape), formula(*shape)
    assert W.shape == shape
    assert abs(W.mean()) < 4 * std / math.sqrt(W.size)
    assert W.std() == pytest.approx(std, rel=0.02)
    # A normal distribution has 68.3% within one deviation; a uniform one of that std has 57.7%.
    assert np.mean(np.abs(W) < std) == pytest.approx(0.683, abs=0.01)


def test_he_depends_on_the_inputs_only() -> None:
    # The shapes that tell n_in from n_out: their deviations differ by sqrt(10).
    wide, tall = (he(np.random.default_rng(1), shape).std() for shape in ((10, 1000), (1000, 10)))
    assert wide / tall == pytest.approx(10, rel=0.05)


@pytest.mark.parametrize("shape", [(7, 7), (10, 4), (4, 10), (1, 5), (5, 1)])
def test_orthogonal_preserves_lengths(shape: tuple[int, int]) -> None:
    W = orthogonal(np.random.default_rng(5), shape)
    assert W.shape == shape
    small = W.T @ W if shape[0] >= shape[1] else W @ W.T
    np.testing.assert_allclose(small, np.eye(min(shape)), atol=1e-14)


def test_orthogonal_draws_favor_no_sign() -> None:
    # Without the signs of the other factor, QR as LAPACK does it favors one side.
    rng = np.random.default_rng(6)
    corners = np.array([orthogonal(rng, (3, 3))[0, 0] for _ in range(2000)])
    assert abs(corners.mean()) < 4 * math.sqrt(1 / 3) / math.sqrt(len(corners))


def test_every_public_initializer_is_tested_here() -> None:
    tested = {name.split("(")[0] for name in FORMULAS} | {"orthogonal", "zeros"}
    assert set(INITIALIZERS) | {"normal"} == tested


@pytest.mark.parametrize("draw", [zeros, normal(0), initializer("zeros"), initializer(0)])
def test_zeros_are_zeros(draw: Initializer) -> None:
    W = draw(np.random.default_rng(0), (3, 4))
    assert (W.shape, W.any()) == ((3, 4), False)


@pytest.mark.parametrize("init", ["xavier", "he", "lecun", "orthogonal", 0.01])
def test_float32_weights_are_the_rounded_float64_ones_of_the_same_seed(init: Any) -> None:
    single, double = (
        MLP([6, 5, 4], init=init, rng=7, dtype=dtype) for dtype in (np.float32, np.float64)
    )
    for name, W in double.params.items():
        assert single.params[name].dtype == np.float32
        assert np.array_equal(single.params[name], W.astype(np.float32))


def test_weights_differ_between_layers_and_between_seeds() -> None:
    net = MLP([5, 5, 5], rng=0)
    assert not np.array_equal(net.params["W1"], net.params["W2"])
    assert not np.array_equal(net.params["W1"], MLP([5, 5, 5], rng=1).params["W1"])


@pytest.mark.parametrize("name", INITIALIZERS)
def test_an_initializer_is_found_by_its_name(name: str) -> None:
    assert initializer(name) is INITIALIZERS[name]


@pytest.mark.parametrize("std", [0.01, "0.01", "1e-2"])
def test_a_number_or_its_text_is_a_standard_deviation(std: float | str) -> None:
    # A command line and a run file give text.
    W = initializer(std)(np.random.default_rng(3), (4, 5))
    assert np.array_equal(W, normal(0.01)(np.random.default_rng(3), (4, 5)))


def test_a_function_is_used_as_given() -> None:
    def ones(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        return np.ones(shape)

    assert initializer(ones) is ones
    assert (Affine(2, 3, init=ones).params["W"] == 1).all()


def test_a_function_that_returns_another_shape_is_refused() -> None:
    with pytest.raises(ShapeError, match=re.escape("initializer to return (2, 3); got (3, 2)")):
        Affine(2, 3, init=lambda rng, shape: np.ones(shape[::-1]))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("xavir", "unknown initializer 'xavir'; did you mean 'xavier'?"),
        ("He", "unknown initializer 'He'; did you mean 'he'?"),
        (
            "uniform",
            "unknown initializer 'uniform'. Known: auto, xavier, he, lecun, orthogonal, zeros, "
            "or a standard deviation such as 0.01.",
        ),
    ],
)
def test_an_unknown_name_is_refused_with_a_hint(name: str, message: str) -> None:
    with pytest.raises(UnknownNameError, match=re.escape(message)):
        initializer(name)


@pytest.mark.parametrize("std", [-0.01, float("nan"), float("inf")])
def test_an_impossible_deviation_is_refused_as_number_and_as_text(std: float) -> None:
    with pytest.raises(RangeError, match="std must be a finite number of at least 0; got"):
        normal(std)
    with pytest.raises(RangeError, match="std must be a finite number of at least 0; got"):
        initializer(str(std))


@pytest.mark.parametrize(
    ("sizes", "activation", "chosen"),
    [
        ([40, 50, 10], "sigmoid", normal(0.01)),
        ([40, 10], "sigmoid", normal(0.01)),
        ([40, 50, 10], "tanh", normal(0.01)),
        ([40, 50, 30, 10], "sigmoid", xavier),  # 0.01 lets gradients vanish in deeper nets
        ([40, 50, 30, 10], "tanh", xavier),
        ([40, 50, 10], "relu", he),
        ([40, 50, 30, 10], "relu", he),
        ([40, 50, 10], "leaky_relu", he),
        ([40, 50, 10], "elu", he),
        ([40, 50, 10], "gelu", he),
        ([40, 50, 10], "silu", he),
        ([40, 50, 30, 10], "softplus", xavier),
    ],
)
def test_auto_depends_on_the_activation_and_the_depth(
    sizes: list[int], activation: str, chosen: Initializer
) -> None:
    auto = MLP(sizes, activation, rng=5, dtype=np.float64)
    named = MLP(sizes, activation, init=chosen, rng=5, dtype=np.float64)
    for name in auto.params:
        assert np.array_equal(auto.params[name], named.params[name])


def test_biases_start_at_zero_whatever_the_initializer() -> None:
    net = MLP([4, 3, 2], init=1.0, rng=0)
    assert not net.params["b1"].any()
    assert not net.params["b2"].any()
    assert net.params["W1"].all()


def test_weights_that_overflow_the_dtype_are_refused() -> None:
    with pytest.raises(RangeError, match="draws weights that float32 cannot hold"):
        Affine(2, 3, init="1e300", rng=0)
    assert Affine(2, 3, init="1e300", rng=0, dtype=np.float64).params["W"].all()


def test_the_deviation_of_the_notes_net_may_be_positional() -> None:
    W = TwoLayerNet(784, 100, 10, 0.5, rng=1, dtype=np.float64).params["W1"]
    assert W.std() == pytest.approx(0.5, rel=0.02)
