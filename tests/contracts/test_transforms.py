"""The contract of the transforms of gradients: penalties and clipping."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from mitbadak import optim
from mitbadak.core.errors import RangeError, UnknownNameError
from mitbadak.functions.numerical import numerical_gradient
from mitbadak.optim import (
    L1,
    L2,
    SGD,
    TRANSFORMS,
    Chain,
    ClipNorm,
    ClipValue,
    Penalty,
    Transform,
    global_norm,
)

TABLE: dict[str, Transform] = {
    "l2": L2(0.3),
    "l1": L1(0.3, names="*"),
    "clipvalue": ClipValue(0.5),
    "clipnorm": ClipNorm(0.5),
}
PENALTIES = {"l2": L2(0.3, names="*"), "l1": L1(0.3, names="*")}
each = pytest.mark.parametrize("made", TABLE.values(), ids=TABLE)
each_penalty = pytest.mark.parametrize("made", PENALTIES.values(), ids=PENALTIES)


def params_and_gradients(rng, dtype=np.float64):
    shapes = {"W1": (3, 4), "b1": (4,), "W2": (4, 2)}
    params = {name: rng.normal(size=shape).astype(dtype) for name, shape in shapes.items()}
    grads = {name: rng.normal(size=shape).astype(dtype) for name, shape in shapes.items()}
    for array in (*params.values(), *grads.values()):
        array.flags.writeable = False
    return params, grads


@each
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_transform_changes_only_gradients_and_keeps_their_dtype(made, dtype, rng):
    params, grads = params_and_gradients(rng, dtype)  # which must not be written to
    result = made(params, grads)
    assert list(result) == list(grads)
    assert any(not np.array_equal(result[key], grads[key]) for key in grads)
    for key in grads:
        assert result[key].dtype == dtype
        assert result[key].shape == grads[key].shape
    for key, again in made(params, grads).items():
        np.testing.assert_array_equal(again, result[key])


@each
def test_a_transform_takes_floats_as_well_as_arrays(made):
    result = made({"W1": 2.0}, {"W1": 3.0})
    as_array = made({"W1": np.array([2.0])}, {"W1": np.array([3.0])})
    assert float(result["W1"]) == as_array["W1"][0]


@each
def test_a_chain_is_rebuilt_from_its_config_as_json(made):
    chain = Chain(made, SGD(0.1))
    config = json.loads(json.dumps(chain.config()))
    assert config == chain.config()
    again = optim.optimizer(**config)
    assert isinstance(again, Chain)
    assert again.transforms == (made,)
    assert again.config() == config
    assert repr(again) == repr(chain)


@each
def test_invalid_numbers_are_refused(made):
    setting = "strength" if isinstance(made, Penalty) else "limit"
    for bad in (0.0, -1.0, math.nan, math.inf, True):
        with pytest.raises(RangeError, match=f"{setting} must be a finite number above 0"):
            type(made)(bad)


def test_every_transform_is_in_the_table_and_has_a_name():
    kinds = {k for k in vars(optim).values() if isinstance(k, type) and issubclass(k, Transform)}
    assert kinds - {Transform, Penalty} == set(TRANSFORMS.values())
    assert {k for k in TRANSFORMS.values() if issubclass(k, Penalty)} == {
        type(made) for made in PENALTIES.values()
    }
    assert set(TABLE) == set(TRANSFORMS)
    for name, made in TABLE.items():
        assert type(made) is TRANSFORMS[name]


@each_penalty
def test_a_penalty_adds_the_numerical_gradient_of_its_value(made, rng):
    params, grads = params_and_gradients(rng)
    result = made(params, grads)
    for key in params:
        x = params[key].copy()
        slope = numerical_gradient(lambda x, key=key: made.value({**params, key: x}), x)
        np.testing.assert_allclose(result[key] - grads[key], slope, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("kind", [L1, L2])
def test_a_penalty_applies_to_weights_and_spares_biases(kind, rng):
    params, grads = params_and_gradients(rng)
    result = kind(0.3)(params, grads)
    np.testing.assert_array_equal(result["b1"], grads["b1"])
    assert not np.array_equal(result["W1"], grads["W1"])
    assert kind(0.3).value(params) == kind(0.3).value({k: params[k] for k in ("W1", "W2")})
    only = kind(0.3, names="W2")(params, grads)
    np.testing.assert_array_equal(only["W1"], grads["W1"])


@pytest.mark.parametrize("kind", [L1, L2])
def test_a_penalty_on_no_parameter_is_refused_with_the_names(kind):
    arrays = {"kernel": np.ones(2), "bias": np.ones(2)}
    with pytest.raises(UnknownNameError, match=r"'W\*' matches no parameter; .*'kernel', 'bias'"):
        kind(0.1)(arrays, arrays)
    with pytest.raises(UnknownNameError, match="matches no parameter"):
        kind(0.1).value(arrays)
    with pytest.raises(UnknownNameError, match=r"parameters in a list have no names.*pattern '\*'"):
        Chain(kind(0.1), SGD(0.1)).update([np.ones(2)], [np.ones(2)])
    x = [np.ones(2)]
    Chain(kind(0.1, names="*"), SGD(0.1)).update(x, [np.zeros(2)])
    np.testing.assert_allclose(x[0], 0.99)


def test_penalties_by_hand():
    # w = (2, -4), strength 0.5. L2: 0.5 / 2 * (4 + 16) = 5, slope 0.5 w = (1, -2).
    # L1: 0.5 * 6 = 3, slope 0.5 sign(w) = (0.5, -0.5).
    params, none = {"W": np.array([2.0, -4.0])}, {"W": np.zeros(2)}
    assert L2(0.5).value(params) == 5.0
    np.testing.assert_array_equal(L2(0.5)(params, none)["W"], [1, -2])
    assert L1(0.5).value(params) == 3.0
    np.testing.assert_array_equal(L1(0.5)(params, none)["W"], [0.5, -0.5])


def test_clipping_takes_the_norm_over_all_parameters_and_keeps_the_direction(rng):
    params, grads = params_and_gradients(rng)
    norm = math.sqrt(sum(float(np.sum(g * g)) for g in grads.values()))
    assert global_norm(grads) == pytest.approx(norm, rel=1e-14)
    result = ClipNorm(0.5)(params, grads)
    assert global_norm(result) == pytest.approx(0.5, rel=1e-12)
    for key in grads:
        np.testing.assert_allclose(result[key], grads[key] * 0.5 / norm, rtol=1e-12)
    untouched = ClipNorm(norm * 1.01)(params, grads)
    for key in grads:
        np.testing.assert_array_equal(untouched[key], grads[key])


def test_the_norm_does_not_overflow_in_float32():
    huge = {"W": np.full(4, 1e30, np.float32)}  # its square is infinite in float32
    assert global_norm(huge) == pytest.approx(2e30, rel=1e-6)
    np.testing.assert_allclose(ClipNorm(1.0)({}, huge)["W"], 0.5, rtol=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_non_finite_gradients_are_passed_on_unchanged(bad):
    grads = {"W": np.array([1.0, bad])}
    np.testing.assert_array_equal(ClipNorm(0.5)({}, grads)["W"], grads["W"])


def test_clipping_values_by_hand():
    result = ClipValue(1.0)({}, {"W": np.array([-3.0, 0.5, 1.0, 7.0])})["W"]
    np.testing.assert_array_equal(result, [-1, 0.5, 1, 1])


def test_a_penalty_of_the_earlier_form_works_and_warns():
    with pytest.warns(DeprecationWarning, match=r"Cubes\.size\(p\) should now be penalty_of\(p\)"):

        class Cubes(Penalty):
            name = "cubes"

            def slope(self, p):
                return 3 * self.strength * p * p

            def size(self, p):
                return self.strength * float(np.sum(p**3))

    assert Cubes(2.0).value({"W1": np.array([1.0, 2.0])}) == 18.0
