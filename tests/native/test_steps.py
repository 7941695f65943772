"""The compiled engine equals NumPy step by step."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import mitbadak as mb
from mitbadak.core.engines import Engine, choose_engine
from mitbadak.core.errors import StateError
from mitbadak.data.batches import Dataset
from mitbadak.nn import MLP, Affine, ReLU, Sequential, Sigmoid
from mitbadak.optim import Exponential, Optimizer, WarmUp, optimizer
from mitbadak.training import Callback, PrintProgress
from mitbadak.training.updates import NumpyUpdater
from strategies import WIDTHS, sizes

pytest.importorskip("numba")
from mitbadak.compiled.packing import compressed, skipping_zeros_pays
from mitbadak.compiled.plan import padded
from mitbadak.compiled.steps import CompiledUpdater, why_not

RATES = {"sgd": 0.5, "momentum": 0.1, "adam": 0.01}


@st.composite
def cases(draw):
    """The settings of a training run, which ``training`` creates."""
    widths = [*draw(sizes(deepest=4))]
    widths[0] *= draw(st.sampled_from([1, 30]))  # some wider than one compressed block
    widths[1:-1] = [w * draw(st.sampled_from([1, 7, 40])) for w in widths[1:-1]]
    return {
        "widths": widths,
        "n": draw(st.integers(2, 12)),
        "density": draw(st.sampled_from([0.0, 0.1, 0.9])),
        "pixels": draw(st.booleans()),
        "labels": draw(st.sampled_from(["indices", "one-hot", "distributions"])),
        "activation": draw(st.sampled_from(["sigmoid", "tanh", "relu", "identity"])),
        "loss": draw(
            st.sampled_from(["softmax_cross_entropy", "mean_squared_error", "sum_squared_error"])
        ),
        "rule": draw(st.sampled_from(sorted(RATES))),
        "share": draw(st.floats(0, 1)),
        "threads": draw(st.integers(1, 3)),
        "on_disk": draw(st.booleans()),
        "seed": draw(st.integers(0, 2**32 - 1)),
    }


def training(case: dict) -> tuple[Sequential, Dataset, str, int]:
    """A net, data of some density, an optimizer's name and a batch size."""
    rng = np.random.default_rng(case["seed"])
    n, n_in, classes = case["n"], case["widths"][0], case["widths"][-1]
    kept = rng.random((n, n_in)) < case["density"]
    if case["pixels"]:
        x = (rng.integers(1, 256, (n, n_in)) * kept).astype(np.uint8)
    else:
        x = (rng.normal(size=(n, n_in)) * kept).astype(np.float32)
    t = rng.integers(0, classes, n)
    if case["labels"] == "one-hot":
        t = np.eye(classes, dtype=np.int64)[t]
    elif case["labels"] == "distributions":
        t = rng.dirichlet(np.ones(classes), n)
    net = MLP(case["widths"], case["activation"], init="xavier", loss=case["loss"], rng=rng)
    data = Dataset(x, t, divisor=255 if case["pixels"] else None, on_disk=case["on_disk"])
    return net, data, case["rule"], 1 + round(case["share"] * (n - 1))


def numpy_updater(net: Sequential, rule: Optimizer, data: Dataset) -> NumpyUpdater:
    return NumpyUpdater(net, rule, data, len(data))


@given(cases())
@settings(max_examples=150)
def test_every_step_equals_the_reference_to_float32_rounding(case):
    """Each step starts from the same numbers, so that rounding does not accumulate."""
    net, data, name, batch = training(case)
    rule, reference_rule = optimizer(name, lr=RATES[name]), optimizer(name, lr=RATES[name])
    reference = net.astype(np.float32)
    compiled = CompiledUpdater(net, rule, data, batch, case["threads"])
    expected = numpy_updater(reference, reference_rule, data)
    rng = np.random.default_rng(0)
    for size in (batch, max(1, batch - 1), batch):  # a short batch among them
        picked = rng.permutation(len(data))[:size]
        loss = expected.forward(picked, picked[:0])
        assert compiled.forward(picked) == pytest.approx(loss, rel=2e-5, abs=2e-5)
        before = {key: p.copy() for key, p in reference.params.items()}
        expected.update()
        compiled.update()
        compiled.publish()
        for key in net.params:
            moved = np.abs(reference.params[key] - before[key]).max()
            scale = 1 + np.abs(reference.params[key]).max() + 2 * moved  # rounding of the update
            if name == "adam":  # divides by the root of a gradient that may be mere rounding
                gradient = np.abs(expected.grads[key])
                settled = gradient > 1e-4 * max(1e-3, gradient.max(initial=0))
            else:
                settled = np.ones(net.params[key].shape, bool)
            np.testing.assert_allclose(
                net.params[key][settled], reference.params[key][settled], atol=5e-5 * scale
            )
            net.params[key][...] = reference.params[key]
            for slot in rule.slots:
                rule.state[slot][key][...] = reference_rule.state[slot][key]
        compiled.absorb()
        if max(np.abs(p).max() for p in reference.params.values()) > 100:
            break  # training diverges and overflows at the next step
    compiled.close()


@given(cases())
@settings(max_examples=60)
def test_the_same_steps_give_the_same_bits_on_any_number_of_threads(case):
    net, data, name, batch = training(case)
    results = []
    for threads in (case["threads"], case["threads"], 1, 2):
        twin = net.astype(np.float32)
        steps = CompiledUpdater(twin, optimizer(name, lr=RATES[name]), data, batch, threads)
        measured = []
        for start in range(0, len(data) - batch + 1, batch):
            measured.append(steps.forward(np.arange(start, start + batch)))
            steps.update()
        measured.append(steps.evaluate(data))
        steps.close()
        results.append((repr(measured), {key: p.tobytes() for key, p in twin.params.items()}))
    assert results.count(results[0]) == 4


@given(st.integers(1, 300), WIDTHS, st.integers(0, 2**32 - 1))
@settings(max_examples=40)
def test_padding_does_not_change_layers_of_any_width(width, n_in, seed):
    rng = np.random.default_rng(seed)
    net = Sequential(Affine(n_in, width, rng=rng), Sigmoid(), Affine(width, 3, bias=False, rng=rng))
    data = Dataset(rng.normal(size=(4, n_in)).astype(np.float32), np.array([0, 1, 2, 0]))
    reference = net.astype(np.float32)
    steps = CompiledUpdater(net, mb.SGD(0.1), data, 4)
    expected = numpy_updater(reference, mb.SGD(0.1), data)
    assert steps.forward(np.arange(4)) == pytest.approx(
        expected.forward(np.arange(4), np.arange(0)), rel=1e-5
    )
    steps.update()
    expected.update()
    padding = steps.layout.plan
    steps.close()
    assert padded(width) % 16 == 0
    assert len(padding) == 2
    for key in net.params:
        np.testing.assert_allclose(net.params[key], reference.params[key], atol=2e-6)


def test_arrays_referenced_before_training_are_the_ones_that_are_trained():
    x, t = mb.load_spiral()
    net = mb.TwoLayerNet(2, 10, 3, rng=0)
    W, before = net.params["W1"], net.params["W1"].copy()
    rule = mb.Momentum(0.1)
    mb.fit(net, (x, t), epochs=2, optimizer=rule, callbacks=[], engine="compiled", rng=0)
    assert net.params["W1"] is W
    assert W.flags.c_contiguous
    assert not np.array_equal(W, before)
    assert rule.state["velocity"]["W1"].base is None


@pytest.mark.parametrize("rule", sorted(RATES))
@pytest.mark.parametrize("sampling", ["shuffle", "replacement"])
def test_training_gives_the_same_losses_on_both_engines(rule, sampling):
    x, t = mb.load_spiral()
    losses = []
    for engine in ("numpy", "compiled"):
        history = mb.fit(
            mb.TwoLayerNet(2, 10, 3, rng=0),
            (x, t),
            epochs=5,
            batch_size=32,
            optimizer=optimizer(rule, lr=RATES[rule]),
            sampling=sampling,
            callbacks=[],
            engine=engine,
            rng=0,
        )
        assert history.engine == engine
        losses.append(history.losses)
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-3)


@pytest.mark.parametrize("rule", sorted(RATES))
def test_a_schedule_gives_every_update_its_learning_rate_on_both_engines(rule):
    x, t = mb.load_spiral()
    paths, last = [], []
    for engine in ("numpy", "compiled"):
        net = mb.TwoLayerNet(2, 10, 3, rng=0)
        # The rate falls by a third per update, so that an off-by-one would show.
        made = optimizer(rule, lr=WarmUp(Exponential(RATES[rule], 2 / 3), 3))
        mb.fit(net, (x, t), epochs=1, batch_size=30, optimizer=made, callbacks=[], engine=engine,
               rng=0)  # fmt: skip
        paths.append(net.params)
        last.append((made.steps, made.lr))
    assert last[0] == last[1]
    for name, p in paths[0].items():
        np.testing.assert_allclose(p, paths[1][name], rtol=1e-4, atol=2e-6)


def test_a_split_set_trains_on_its_own_rows():
    x, t = mb.load_spiral()
    losses = [
        mb.fit(mb.TwoLayerNet(2, 10, 3, rng=0), (x, t), validation=0.3, epochs=2, batch_size=30,
               callbacks=[], engine=engine, rng=0).losses
        for engine in ("numpy", "compiled")
    ]  # fmt: skip
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-4)


def test_nan_reaches_the_loss():
    net = mb.TwoLayerNet(2, 10, 3, rng=0)
    for activation in (Sigmoid, ReLU):
        twin = Sequential(net.layers[0], activation(), net.layers[2])
        twin.params["W1"][0, 0] = np.nan
        data = Dataset(np.ones((4, 2), np.float32), np.arange(4) % 3)
        steps = CompiledUpdater(twin, mb.SGD(0.1), data, 4)
        assert np.isnan(steps.forward(np.arange(4)))
        steps.close()


@pytest.mark.parametrize("width", [1, 40, 64, 200, 784])
@pytest.mark.parametrize("density", [0.0, 0.2, 1.0])
def test_compressed_rows_hold_every_pixel(width, density, rng):
    kept = rng.random((9, width)) < density
    x = (rng.integers(1, 256, (9, width)) * kept).astype(np.uint8)
    pixels = compressed(x)
    again = np.zeros_like(x)
    for i, (a, b) in enumerate(zip(pixels.starts, pixels.starts[1:], strict=False)):
        again[i, pixels.columns[a:b]] = pixels.values[a:b]
    np.testing.assert_array_equal(again, x)


def test_zeros_are_skipped_if_there_are_many():
    assert skipping_zeros_pays(np.zeros((5, 5), np.uint8))
    assert not skipping_zeros_pays(np.ones((5, 5), np.uint8))


class Watching(Callback):
    def before_update(self, trainer, loss, grads) -> None:
        assert grads


def test_without_a_kernel_auto_falls_back_visibly_and_compiled_is_refused(monkeypatch):
    monkeypatch.setattr("mitbadak.core.engines.WORTH_SECONDS", 0.5)
    data = Dataset(np.ones((200, 50), np.float32), np.arange(200) % 2)
    net, double = MLP([50, 2], rng=0), MLP([50, 2], rng=0, dtype=np.float64)

    def chosen(requested, net, *, seconds=100.0, only_numpy=""):
        rule = mb.SGD(0.1)
        return choose_engine(
            requested, "steps", net, rule, data, seconds=seconds, only_numpy=only_numpy
        )

    assert chosen("auto", net).name == "compiled"
    assert chosen("auto", net, seconds=0.1).reason.startswith("the run is too short")
    assert chosen("auto", double) == Engine("numpy", "kernels are for float32, the net is float64")
    assert why_not(Sequential(Sigmoid(), Affine(50, 2, rng=0)), mb.SGD(0.1), data)
    with pytest.raises(StateError, match="cannot run this: kernels are for float32"):
        chosen("compiled", double)
    with pytest.raises(StateError, match="a callback wants to see gradients"):
        mb.fit(net, data, epochs=1, callbacks=[Watching()], engine="compiled")
    history = mb.fit(net, data, epochs=1, callbacks=[Watching(), PrintProgress()])
    assert history.engine == "numpy"
