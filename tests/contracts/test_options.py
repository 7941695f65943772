"""A function refuses the same options as its layer, head or rule, with a similar message."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mitbadak import functions, nn, optim
from mitbadak.core.errors import RangeError
from mitbadak.functions import normalization
from mitbadak.functions.labels import one_hot

X, ONES, ZEROS = np.ones((3, 2)), np.ones(2), np.zeros(2)
NOT_POSITIVE = (0, 0.0, -1.0, math.nan, math.inf, -math.inf, True)
NOT_A_SHARE = (1, 1.0, 1.5, -0.1, math.nan, math.inf, True)

# Every option that is a number: the function, whoever takes it for a layer, and what is refused.
Call = Callable[[Any], Any]
OPTIONS: dict[tuple[str, str], tuple[Call, Call, tuple[Any, ...]]] = {
    ("leaky_relu", "slope"): (
        lambda v: functions.leaky_relu(X, slope=v), lambda v: nn.LeakyReLU(v), NOT_A_SHARE),
    ("elu", "alpha"): (lambda v: functions.elu(X, alpha=v), lambda v: nn.ELU(v), NOT_POSITIVE),
    ("huber", "delta"): (
        lambda v: functions.huber(X, X, delta=v), lambda v: nn.Huber(v), NOT_POSITIVE),
    ("batch_norm", "eps"): (
        lambda v: normalization.batch_norm(X, ONES, ZEROS, eps=v),
        lambda v: nn.BatchNorm(2, eps=v), NOT_POSITIVE),
    ("fixed_batch_norm", "eps"): (
        lambda v: normalization.fixed_batch_norm(X, ONES, ZEROS, ZEROS, ONES, eps=v),
        lambda v: nn.BatchNorm(2, eps=v), NOT_POSITIVE),
    ("layer_norm", "eps"): (
        lambda v: normalization.layer_norm(X, ONES, ZEROS, eps=v),
        lambda v: nn.LayerNorm(2, eps=v), NOT_POSITIVE),
}  # fmt: skip
IMAGES, FILTERS = np.ones((2, 1, 5, 5)), np.ones((2, 1, 3, 3))
NOT_WHOLE = (0, -1, 1.5, math.nan, True, "2", (1, 0), (0, 2), (1, 2, 3), ())
NOT_COUNTED = (-1, 0.5, math.inf, True, None, (-1, 0), (1, 1.5), (1,))
# Every option that is a whole number, or two of them: down and across.
PAIRS: dict[tuple[str, str], tuple[Call, Call, tuple[Any, ...]]] = {
    ("convolution", "stride"): (
        lambda v: functions.convolution(IMAGES, FILTERS, stride=v),
        lambda v: nn.Convolution(1, 2, 3, stride=v), NOT_WHOLE),
    ("convolution", "pad"): (
        lambda v: functions.convolution(IMAGES, FILTERS, pad=v),
        lambda v: nn.Convolution(1, 2, 3, pad=v), NOT_COUNTED),
    **{
        (name, option): (
            lambda v, f=name, o=option: getattr(functions, f)(IMAGES, **{"size": 2, o: v}),
            lambda v, kind=kind, o=option: kind(**{"size": 2, o: v}),
            (*values, 2, (0, 2)) if option == "pad" else values,
        )
        for name, kind in (
            ("max_pooling", nn.MaxPooling), ("average_pooling", nn.AveragePooling),
        )
        for option, values in (("size", NOT_WHOLE), ("stride", NOT_WHOLE), ("pad", NOT_COUNTED))
    },
    # What a convolution lays out, without a layer of its own.
    **{
        (name, option): (
            lambda v, o=option, f=name, more=more: getattr(functions, f)(
                np.ones((4, 4)) if more else IMAGES, **{**more, "size": 2, o: v}
            ),
            lambda v, o=option: nn.MaxPooling(**{"size": 2, o: v}),
            values,
        )
        for name, more in (("im2col", {}), ("col2im", {"shape": (1, 1, 3, 3)}))
        for option, values in (("size", NOT_WHOLE), ("stride", NOT_WHOLE), ("pad", NOT_COUNTED))
    },
    ("unflatten", "shape"): (
        lambda v: functions.unflatten(X, shape=v), lambda v: nn.Reshape(v),
        ((0,), (1, -2), (True, 2))),
    ("col2im", "shape"): (
        lambda v: functions.col2im(X, shape=v, size=2), lambda v: nn.Reshape((-1,)),
        ((1, 1, -3, 3), (1.5, 3, 3))),
}  # fmt: skip
CASES = [
    pytest.param(function, layer, value, id=f"{name}-{option}-{value!r}")
    for (name, option), (function, layer, values) in (OPTIONS | PAIRS).items()
    for value in values
]


@pytest.mark.parametrize(("function", "layer", "value"), CASES)
def test_the_function_refuses_what_the_layer_refuses(function: Call, layer: Call, value: Any):
    with pytest.raises(RangeError) as of_layer:
        layer(value)
    with pytest.raises(RangeError) as of_function:
        function(value)
    expected = str(of_layer.value).split(": ")[1]
    if "a length" not in expected:  # of a shape, which the function names otherwise
        assert str(of_function.value).split(": ")[1] == expected


@pytest.mark.parametrize(("function", "layer"), [c[:2] for c in OPTIONS.values()])
def test_both_take_a_number_of_any_type(function: Call, layer: Call):
    for value in (0.5, np.float64(0.5)):
        layer(value)
        np.testing.assert_array_equal(function(value), function(0.5))


def test_every_option_of_a_public_operation_is_in_the_table():
    result = {
        (operation.__name__, parameter.name)
        for module in (functions, normalization)
        for operation in vars(module).values()
        if hasattr(operation, "vjp")
        for parameter in inspect.signature(operation).parameters.values()
        if parameter.kind is parameter.KEYWORD_ONLY
        and not isinstance(parameter.default, bool)  # a flag, of which nothing is refused
    }
    assert result == set(OPTIONS) | set(PAIRS)


@pytest.mark.parametrize("kind", [*optim.OPTIMIZERS.values()], ids=lambda kind: kind.__name__)
def test_rules_refuse_settings_that_are_no_numbers(kind):
    for name in list(inspect.signature(kind).parameters):
        for value in (-1.0, math.nan, math.inf, True):
            with pytest.raises(RangeError, match=rf"{name} must "):
                kind(**{name: value})


@pytest.mark.parametrize("entry", [-0.5, math.nan, math.inf, -math.inf])
def test_a_dropout_mask_holds_finite_numbers_of_at_least_0(entry):
    mask = np.array([2.0, 0.0, entry])
    with pytest.raises(RangeError, match="dropout expects a mask of finite numbers of at least 0"):
        functions.dropout(np.ones(3), mask)
    with pytest.raises(RangeError, match=r"Dropout: rate must lie in \[0, 1\)"):
        nn.Dropout(entry)


def test_a_given_variance_is_not_negative():
    with pytest.raises(RangeError, match=r"variances of at least 0; got -1"):
        normalization.fixed_batch_norm(X, ONES, ZEROS, ZEROS, np.array([1.0, -1.0]))


@pytest.mark.parametrize("std", [-0.1, math.nan, math.inf, True])
def test_a_standard_deviation_is_a_number_of_at_least_0(std):
    for make in (nn.normal, lambda std: nn.TwoLayerNet(2, 2, 2, std)):
        with pytest.raises(RangeError, match="normal: std must be a finite number of at least 0"):
            make(std)
    assert nn.normal(0)(np.random.default_rng(0), (2, 2)).tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize("classes", [0, -1, True])
def test_a_number_of_classes_is_a_whole_number(classes):
    with pytest.raises(RangeError, match="one_hot: classes must be a whole number of at least 1"):
        one_hot([0], classes)


@pytest.mark.parametrize("loss", [functions.huber, functions.mean_squared_error,
                                  functions.sum_squared_error])  # fmt: skip
def test_bytes_are_subtracted_as_numbers(loss):
    y, t = np.array([1, 200], np.uint8), np.array([3, 100], np.uint8)
    assert float(loss(y, t)) == float(loss(y.astype(float), t.astype(float)))


@pytest.mark.parametrize("f", [functions.sigmoid, functions.softplus, functions.softmax,
                               functions.log_softmax, functions.silu])  # fmt: skip
def test_bytes_are_negated_as_numbers(f):
    x = np.array([1, 2, 3], np.uint8)
    np.testing.assert_array_equal(f(x), f(x.astype(float)))
