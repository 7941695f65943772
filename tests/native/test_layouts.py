"""Both engines compute the same results for any memory layout of their arrays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import mitbadak as mb
from kernels import needs_kernels
from layouts import LAYOUTS
from mitbadak import nn
from mitbadak.core.errors import StateError
from mitbadak.data.dataset import Dataset
from mitbadak.native import structs, support
from mitbadak.native.steps import NativeUpdater
from mitbadak.nn import MLP
from mitbadak.optim import optimizer
from mitbadak.training import evaluate

pytestmark = needs_kernels

layouts = st.sampled_from(sorted(LAYOUTS))
X_DTYPES = (np.uint8, np.int8, np.int32, np.uint16, np.float16, np.float32, np.float64, np.bool_)


@st.composite
def cases(draw):
    """The settings of a net and a data set, which ``build`` creates."""
    return {
        "n": draw(st.integers(2, 12)),
        "widths": [draw(st.integers(1, 70)), 5, draw(st.integers(2, 4))],
        "dtype": draw(st.sampled_from(X_DTYPES)),
        "ink": draw(st.sampled_from([0.1, 0.6, 1.0])),  # zeros skipped, or dense
        "repeated": draw(st.booleans()),
        "labels": draw(st.sampled_from([np.uint8, np.int64, np.int16])),
        "one-hot": draw(st.sampled_from([None, np.float32, np.float64, np.uint8])),
        "part": draw(st.booleans()),
        "activation": draw(st.sampled_from(["sigmoid", "relu"])),
        "divisor": draw(st.sampled_from([255, 100.0])),
        "layouts": {name: draw(layouts) for name in ("x", "t", "rows", "W1", "b1", "W2", "b2")},
        "rule": draw(st.sampled_from(["sgd", "momentum", "adam"])),
        "seed": draw(st.integers(0, 2**32 - 1)),
    }


def build(case: dict) -> tuple[mb.Sequential, Dataset, Dataset]:
    """A net, a data set of plain arrays, and the same one with the drawn layout of each array."""
    rng, dtype, layout = np.random.default_rng(case["seed"]), case["dtype"], case["layouts"]
    n, (n_in, _, classes) = case["n"], case["widths"]
    most = {np.bool_: 1, np.int8: 127, np.float16: 99}.get(dtype, 255)
    x = rng.integers(0, most + 1, (n, n_in)) * (rng.random((n, n_in)) < case["ink"])
    x = x.astype(dtype)
    if case["repeated"]:
        x = np.broadcast_to(x[:1], x.shape)
    t = rng.integers(0, classes, n).astype(case["labels"])
    if case["one-hot"] is not None:
        t = np.eye(classes, dtype=case["one-hot"])[t]
    rows = rng.integers(0, n, rng.integers(1, n + 1)) if case["part"] else None
    net = MLP(case["widths"], case["activation"], init=0.5, rng=rng)
    plain = Dataset(x.copy(), t.copy(), case["divisor"], rows)
    drawn = Dataset(
        x if case["repeated"] else LAYOUTS[layout["x"]](x),
        LAYOUTS[layout["t"]](t),
        case["divisor"],
        None if rows is None else LAYOUTS[layout["rows"]](rows),
    )
    return net, plain, drawn


def laid_out(net: mb.Sequential, case: dict) -> mb.Sequential:
    """The net with its parameters in the drawn layouts, except those that cannot be trained."""
    twin = net.astype(np.float32)
    for name in twin.params:
        layout = case["layouts"][name]
        if layout not in ("read-only", "foreign byte order"):
            twin.params[name] = LAYOUTS[layout](twin.params[name])
    return twin


@given(cases())
@settings(max_examples=120)
def test_training_and_evaluation_do_not_depend_on_the_layout(case):
    net, plain, drawn = build(case)
    reference, twin = net.astype(np.float32), laid_out(net, case)
    size = min(3, len(plain))
    histories = [
        mb.fit(trained, data, test=data, epochs=2, batch_size=size, rng=1, engine=engine,
               optimizer=optimizer(case["rule"], lr=0.01), callbacks=[])
        for trained, data, engine in ((reference, plain, "numpy"), (twin, drawn, "compiled"))
    ]  # fmt: skip
    assert histories[1].engine == "compiled"
    if case["rule"] != "adam":  # whose updates divide by gradients that may be rounding alone
        np.testing.assert_allclose(histories[1].losses, histories[0].losses, rtol=1e-3, atol=1e-4)
        for expected, measured in zip(histories[0].rows, histories[1].rows, strict=True):
            assert measured["test_loss"] == pytest.approx(expected["test_loss"], rel=1e-3, abs=1e-4)
    assert histories[1][-1]["test_loss"] == pytest.approx(evaluate(twin, plain)["loss"], rel=1e-4)
    measured = evaluate(twin, drawn)
    assert measured["loss"] == pytest.approx(evaluate(twin, plain)["loss"], rel=1e-6)


@given(cases())
@settings(max_examples=60)
def test_a_frozen_net_does_not_depend_on_the_layout(case):
    net, plain, drawn = build(case)
    if drawn.x.dtype == np.uint8:
        return  # raw bytes are refused
    twin = laid_out(net, case)
    with np.errstate(all="ignore"):
        expected = net.predict(np.array(plain.x, plain.x.dtype.newbyteorder("=")))
        for engine in ("numpy", "compiled"):
            predictor = mb.Predictor(twin, engine=engine)
            np.testing.assert_allclose(predictor.predict(drawn.x), expected, rtol=2e-4, atol=2e-5)
            one = predictor.predict(drawn.x[-1])
            np.testing.assert_allclose(one, expected[-1], rtol=2e-4, atol=2e-5)


@given(cases())
@settings(max_examples=40)
def test_the_numerical_gradient_does_not_depend_on_the_layout(case):
    net, plain, drawn = build(case)
    twin = laid_out(net, case)
    x, labels = plain.batch(slice(None), np.float64)
    expected = net.numerical_gradient(x, labels, engine="numpy")
    x, t = LAYOUTS[case["layouts"]["x"]](x), drawn.batch(slice(None))[1]
    for engine in ("numpy", "compiled"):
        result = twin.numerical_gradient(x, t, engine=engine)
        for name, gradient in expected.items():
            np.testing.assert_allclose(result[name], gradient, atol=1e-6)


@pytest.mark.parametrize("layout", sorted(set(LAYOUTS) - {"contiguous", "read-only"}))
def test_an_array_that_kernels_would_misread_has_no_address(layout):
    array = LAYOUTS[layout](np.arange(12, dtype=np.float32).reshape(3, 4))
    with pytest.raises(StateError, match=r"read contiguous, .* with strides .*structs\.laid_out"):
        structs.address(array)
    copy = structs.laid_out(array, np.float32)
    assert structs.address(copy) % 4 == 0
    np.testing.assert_array_equal(copy, array)


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda W: W.setflags(write=False), "SGD: parameter 'W1' is read-only. Train a copy"),
        (None, "entries of parameter 'W1' share memory"),
    ],
)
def test_both_engines_refuse_a_parameter_that_cannot_be_trained(engine, change, message):
    net, W = mb.TwoLayerNet(2, 4, 3, rng=0), np.ones((2, 4), np.float32)
    if change is None:
        W = np.lib.stride_tricks.as_strided(W, (2, 4), (0, 4))
    else:
        change(W)
    net.params["W1"] = W
    with pytest.raises(StateError, match=message):
        mb.fit(net, mb.load_spiral(), epochs=1, engine=engine, callbacks=[])


def test_only_numpy_trains_parameters_that_share_memory():
    net = MLP([3, 3, 3], rng=0)
    net.params["W2"] = net.params["W1"]
    data = Dataset(np.ones((4, 3), np.float32), np.array([0, 1, 2, 0]))
    assert mb.fit(net, data, epochs=1, batch_size=2, callbacks=[], engine="numpy").losses
    with pytest.raises(StateError, match="W1 and W2 share memory"):
        mb.fit(net, data, epochs=1, batch_size=2, callbacks=[], engine="compiled")


class Doubled(MLP):
    def loss_and_gradient(self, x, t, **mode):
        loss, gradient = super().loss_and_gradient(x, t, **mode)
        return loss, {name: 2 * g for name, g in gradient.items()}


class Odd(mb.Affine):
    def vjp(self, x, *, training=None, rng=None):
        return super().vjp(-x, training=training, rng=rng)


@pytest.mark.parametrize(
    ("net", "message"),
    [
        (Doubled([2, 4, 3], rng=0), "Doubled overrides loss_and_gradient"),
        (mb.Sequential(Odd(2, 3, rng=0)), r"no kernel for Odd\(2, 3\)"),
    ],
)
def test_kernels_are_not_used_for_overridden_methods(net, message):
    with pytest.raises(StateError, match=message):
        mb.fit(net, mb.load_spiral(), epochs=1, engine="compiled", callbacks=[])


def test_kernels_check_a_set_that_only_they_receive():
    net, data = mb.TwoLayerNet(2, 4, 3, rng=0), Dataset(*mb.load_spiral())
    steps = NativeUpdater(net, mb.SGD(0.1), data, 10)
    for other, error in (
        (Dataset(np.ones((3, 5), np.float32), np.zeros(3, int)), r"expects x of shape \(batch, 2"),
        (Dataset(np.ones((3, 2), np.float32), np.array([0, 1, 99])), "got 99"),
    ):
        with pytest.raises(ValueError, match=error):
            steps.evaluate(other)
    with pytest.raises(IndexError):
        steps.forward(np.array([0, 300]))
    steps.close()


def test_a_kind_of_layer_that_no_case_places_is_refused(monkeypatch):
    monkeypatch.setitem(support.LAYER_CODES, nn.ReLU, 99)
    with pytest.raises(NotImplementedError, match=r"_fill_in has no case for the kind of ReLU\(\)"):
        mb.Predictor(MLP([2, 3, 2], "relu", rng=0), engine="compiled")
