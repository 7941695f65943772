"""Training steps on kernels: memory, padding, compressed rows, non-finite numbers, and fit."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import mitbadak as mb
from kernels import needs_kernels
from mitbadak.core.engines import Engine, choose_engine
from mitbadak.core.errors import RangeError, ShapeError, StateError
from mitbadak.data.dataset import Dataset
from mitbadak.native import library, packing
from mitbadak.native.layout import padded, row_width
from mitbadak.native.packing import compressed, skipping_zeros_pays
from mitbadak.native.steps import NativeUpdater, why_not
from mitbadak.native.structs import CONSTANTS
from mitbadak.native.support import shared
from mitbadak.nn import MLP, Affine, BatchNorm, LayerNorm, LeakyReLU, ReLU, Sequential, Sigmoid
from mitbadak.nn.activations import ACTIVATIONS
from mitbadak.optim import Exponential, Optimizer, WarmUp, optimizer
from mitbadak.training import Callback, PrintProgress
from mitbadak.training.hooks import without_arrays
from mitbadak.training.updates import NumpyUpdater
from nets import WITH_KERNELS
from strategies import WIDTHS

pytestmark = needs_kernels
RATES = {
    "sgd": 0.5, "momentum": 0.1, "nesterov": 0.1, "adagrad": 0.1, "rmsprop": 0.01, "adam": 0.01,
    "adamw": 0.01, "lion": 0.001,
}  # fmt: skip


def numpy_updater(net: Sequential, rule: Optimizer, data: Dataset) -> NumpyUpdater:
    return NumpyUpdater(net, rule, data, len(data))


@given(st.integers(1, 300), WIDTHS, st.integers(0, 2**32 - 1))
@settings(max_examples=40)
def test_padding_does_not_change_layers_of_any_width(width, n_in, seed):
    rng = np.random.default_rng(seed)
    net = Sequential(Affine(n_in, width, rng=rng), Sigmoid(), Affine(width, 3, bias=False, rng=rng))
    data = Dataset(rng.normal(size=(4, n_in)).astype(np.float32), np.array([0, 1, 2, 0]))
    reference = net.astype(np.float32)
    steps = NativeUpdater(net, mb.SGD(0.1), data, 4)
    expected = numpy_updater(reference, mb.SGD(0.1), data)
    assert steps.forward(np.arange(4)) == pytest.approx(
        expected.forward(np.arange(4), np.arange(0)), rel=1e-5
    )
    steps.update()
    expected.update()
    rows = steps.layout.params["W2"].base
    steps.close()
    assert padded(width) % 16 == row_width(width) % 16 == 0
    assert rows is not None
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
        steps = NativeUpdater(twin, mb.SGD(0.1), data, 4)
        assert np.isnan(steps.forward(np.arange(4)))
        steps.close()


FORMS = {
    "bytes": (lambda whole: whole, "SPARSE_BYTES"),
    "k/255": (lambda whole: (whole / np.float32(255)).astype(np.float32), "SPARSE_BYTES"),
    "floats": (lambda whole: -np.float32(0.3) * whole, "SPARSE_FLOATS"),
    "above 1": (lambda whole: (whole / np.float32(255) * 2).astype(np.float32), "SPARSE_FLOATS"),
    "subnormal": (lambda whole: whole * np.float32(1e-44), "SPARSE_FLOATS"),
}


@pytest.mark.parametrize("level", library.levels())
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("width", [1, 7, 40, 64, 200, 784])
def test_compressed_rows_hold_every_entry(width, parts, form, level, rng, monkeypatch):
    """Each part writes beside the others, and no further, whichever comes last."""

    def last_first(entry, job, parts):
        for part in reversed(range(parts)):
            entry(job, part)

    monkeypatch.setattr(packing, "run_parts", last_first)
    monkeypatch.setattr(packing, "kernels", lambda: library.kernels_at(level))
    monkeypatch.setattr(packing, "processors", lambda: parts)
    monkeypatch.setattr(packing, "ROWS_WORTH_A_THREAD", 1)
    for density, empty in ((0.0, 0), (0.2, 0), (1.0, 0), (1.0, 0.4), (0.7, 0.6), (1.0, 0.4)):
        kept = (rng.random((9, width)) < density) & (rng.random((9, 1)) >= empty)
        whole = (rng.integers(1, 256, (9, width)) * kept).astype(np.uint8)
        if form == "above 1":
            whole[-1, -1] = 255
        make, expected = FORMS[form]
        x = make(whole)
        scale = (np.arange(256) / np.float32(9)).astype(np.float32)
        if x.dtype == np.float32:
            scale = np.full(256, 0.5, np.float32)  # of floats: their factor
        kind, values_of, (starts, columns, values) = compressed(x, scale)
        if whole.any() or form == "bytes":
            assert kind == CONSTANTS[expected]
        again = np.zeros((9, width), np.float32)
        for i, (a, b) in enumerate(pairwise(starts)):
            entries = values[a:b]
            again[i, columns[a:b]] = values_of[entries] if values.dtype == np.uint8 else entries
        expected_values = whole / np.float32(9) if x.dtype == np.uint8 else x * np.float32(0.5)
        np.testing.assert_allclose(again, expected_values, rtol=2e-7)
        assert ((again != 0) == (expected_values != 0)).all()


def test_zeros_are_skipped_if_there_are_many():
    assert skipping_zeros_pays(np.zeros((5, 5), np.uint8))
    assert not skipping_zeros_pays(np.ones((5, 5), np.uint8))


class Watching(Callback):
    """Keeps what it sees before each update, and after it."""

    def __init__(self) -> None:
        self.seen: list[dict[str, np.ndarray]] = []
        self.steps: list[int] = []

    def before_update(self, trainer, loss, grads) -> None:
        self.seen.append({"loss": np.array(loss), **{n: g.copy() for n, g in grads.items()}})

    def on_step_end(self, trainer) -> None:
        self.steps.append(trainer.step)


@pytest.mark.parametrize("norm", [False, True])
def test_a_callback_sees_every_gradient_on_both_engines(norm):
    seen = []
    for engine in ("numpy", "compiled"):
        watching = Watching()
        history = mb.fit(MLP([2, 8, 3], "tanh", batch_norm=norm, rng=0), mb.load_spiral(), epochs=2,
                         batch_size=50, callbacks=[watching, PrintProgress()], engine=engine,
                         rng=0)  # fmt: skip
        assert history.engine == engine
        assert watching.steps == list(range(1, 13))
        seen.append(watching.seen)
    for expected, measured in zip(*seen, strict=True):
        assert list(measured) == list(expected)
        for name, array in expected.items():
            if not (norm and name == "b1"):  # whose gradient is 0 but for rounding
                np.testing.assert_allclose(measured[name], array, rtol=1e-3, atol=2e-5)


def test_what_has_no_kernel_runs_on_numpy_visibly_and_compiled_is_refused():
    data = Dataset(np.ones((200, 50), np.float32), np.arange(200) % 2)
    net, double = MLP([50, 2], rng=0), MLP([50, 2], rng=0, dtype=np.float64)

    def chosen(requested, net):
        return choose_engine(requested, "steps", net, mb.SGD(0.1), data)

    assert chosen("auto", net) == Engine("compiled", "this installation has kernels")
    assert chosen("auto", double) == Engine(
        "numpy", "kernels support float32 only, the net is float64"
    )
    with pytest.raises(StateError, match="cannot run this: kernels support float32"):
        chosen("compiled", double)
    assert mb.fit(double, data, epochs=1, callbacks=[]).engine == "numpy"
    assert mb.fit(net, data, epochs=1, callbacks=[]).engine == "compiled"


class Mine(mb.SGD):
    """An optimizer of a user."""


class OwnLayer(mb.nn.Layer):
    """A layer of a user."""

    def __init__(self) -> None:
        super().__init__(mb.tanh)


def patched() -> Sequential:
    net = MLP([2, 4, 3], rng=0)
    vars(net.layers[0])["predict"] = net.layers[0].predict
    return net


NO_KERNEL = {
    "own optimizer": (lambda: MLP([2, 3], rng=0), Mine(0.1), "no kernel for Mine"),
    "own optimizer in a group": (
        lambda: MLP([2, 3], rng=0), mb.optim.Groups({"b*": Mine(0.1), "*": mb.SGD(0.1)}),
        "no kernel for Mine"),
    "norm of a group": (
        lambda: MLP([2, 3], rng=0),
        mb.optim.Groups({"b*": mb.optim.Chain(mb.optim.ClipNorm(1), mb.SGD(0.1)),
                         "*": mb.SGD(0.1)}),
        r"no kernel for ClipNorm\(limit=1.0\) of one group"),
    "own layer": (
        lambda: Sequential(Affine(2, 3, rng=0), OwnLayer()), mb.SGD(0.1), "no kernel for OwnLayer"),
    "patched layer": (patched, mb.SGD(0.1), "no kernel for Affine"),
    "no affine layer": (
        lambda: Sequential(mb.nn.LayerNorm(2), Sigmoid(), loss="mean_squared_error"), mb.SGD(0.1),
        "at least one affine layer"),
    "float64": (lambda: MLP([2, 3], rng=0, dtype=np.float64), mb.SGD(0.1), "support float32"),
}  # fmt: skip


@pytest.mark.parametrize("case", NO_KERNEL)
def test_why_there_is_no_kernel(case):
    make, rule, message = NO_KERNEL[case]
    x, t = mb.load_spiral()
    t = np.eye(3)[t][:, :2] if case == "no affine layer" else t
    with pytest.raises(StateError, match=message):
        mb.fit(make(), (x, t), epochs=1, optimizer=rule, engine="compiled", callbacks=[])


@pytest.mark.parametrize("hidden", [[], [4]])
def test_a_batch_of_one_is_refused_by_batch_norm_with_the_same_words(hidden):
    """And by no other layer."""
    net = MLP([3, *hidden, 5, 2], batch_norm=True, rng=0)
    data = Dataset(np.ones((4, 3), np.float32), np.arange(4) % 2)
    with pytest.raises(ShapeError) as expected:
        numpy_updater(net, mb.SGD(0.1), data).forward(np.arange(1))
    steps = NativeUpdater(net, mb.SGD(0.1), data, 4)
    for run in (lambda: steps.forward(np.arange(1)), lambda: steps.run([np.arange(1)], 0)):
        with pytest.raises(ShapeError) as error:
            run()
        assert str(error.value) == str(expected.value)
    steps.close()
    others = MLP([3, *hidden, 5, 2], dropout=0.5, rng=0)
    steps = NativeUpdater(others, mb.SGD(0.1), data, 4)
    assert np.isfinite(steps.forward(np.arange(1)))
    steps.close()


HUGE = np.float32(1e21)


@pytest.mark.parametrize("rule", ["sgd", "momentum"])
@pytest.mark.parametrize("size", [1.0, 1e18])
@pytest.mark.parametrize("watched", [False, True])
def test_an_update_that_is_not_finite_is_refused_with_the_same_words(rule, size, watched):
    """The gradient of W1 overflows (x times an error), though the loss and the error do not."""
    x = np.full((8, 2), HUGE, np.float32)
    t = np.full((8, 3), np.float32(size))
    results = []
    for engine in ("numpy", "compiled"):
        net = Sequential(Affine(2, 3, init="zeros"), loss="sum_squared_error")
        callbacks = [Watching()] if watched else []
        history = mb.fit(net, (x, t), epochs=1, batch_size=4, optimizer=optimizer(rule, lr=0.1),
                         engine=engine, callbacks=callbacks, rng=0)  # fmt: skip
        assert all(np.isfinite(p).all() for p in net.params.values())
        results.append((history.stopped, len(history.losses), net.params))
    (expected, count, params), (measured, other_count, others) = results
    assert measured == expected
    assert other_count == count
    assert ("holds NaN or infinity" in (expected or "")) == (size > 1)
    for name, p in params.items():
        np.testing.assert_allclose(others[name], p, rtol=1e-5)


def test_a_gradient_whose_squares_overflow_is_applied_with_running_statistics():
    x = np.random.default_rng(0).normal(size=(8, 2)).astype(np.float32)
    nets = []
    for engine in ("numpy", "compiled"):
        net = Sequential(mb.nn.BatchNorm(2), Affine(2, 2, init="zeros"), loss="sum_squared_error")
        net.params["gamma1"][...] = 100
        history = mb.fit(net, (x, np.float32(1e18) * x), epochs=1, batch_size=4,
                         optimizer=mb.Momentum(1e-30), engine=engine, callbacks=[],
                         rng=0)  # fmt: skip
        assert not history.stopped
        nets.append(net)
    for name, p in {**nets[0].params, **nets[0].buffers}.items():
        other = {**nets[1].params, **nets[1].buffers}[name]
        np.testing.assert_allclose(other, p, rtol=1e-4, atol=1e-6 * abs(p).max())
    assert nets[0].buffers["running_mean1"].any()
    assert nets[0].params["W1"].any()


class Stopping(Callback):
    """Asks for a stop after an epoch, without looking at arrays."""

    def __init__(self, epoch: int):
        self.epoch, self.seen = epoch, 0

    @without_arrays
    def on_epoch_end(self, trainer, row) -> None:
        self.seen = row["epoch"]
        if row["epoch"] == self.epoch:
            trainer.request_stop("enough")


@pytest.mark.parametrize("sampling", ["shuffle", "replacement"])
@pytest.mark.parametrize("epoch", [0, 1, 57, 200, 299, 300])
def test_a_stop_is_where_it_was_asked_for_however_many_epochs_are_made_at_once(epoch, sampling):
    x = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
    t = np.arange(20) % 3
    ends = []
    for callback, epochs in ((Stopping(epoch), 300), (Stopping(-1), epoch)):
        net, rule = (
            MLP([4, 6, 3], dropout=0.2, batch_norm=True, rng=0),
            mb.Adam(Exponential(0.01, 0.99)),
        )
        history = mb.fit(net, (x, t), epochs=epochs, batch_size=5, optimizer=rule, rng=0,
                         sampling=sampling, callbacks=[callback], engine="compiled")  # fmt: skip
        assert callback.seen == history[-1]["epoch"] == len(history) - 1 == epoch
        assert len(history.losses) == 4 * epoch == rule.steps
        arrays = {**net.params, **net.buffers}
        arrays |= {f"{slot} {n}": a for slot, of in rule.state.items() for n, a in of.items()}
        ends.append((history.losses, {name: a.tobytes() for name, a in arrays.items()}))
    assert ends[0] == ends[1]


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
@pytest.mark.parametrize("step", [1, 7, 300])
def test_a_stop_after_a_step_is_the_last_of_its_epoch(step, engine):
    class StoppingAfterAStep(Callback):
        @without_arrays
        def on_step_end(self, trainer) -> None:
            if trainer.step == step:
                trainer.request_stop("enough")

    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(3000, 4)).astype(np.float32), rng.integers(0, 3, 3000)
    history = mb.fit(MLP([4, 6, 3], rng=0), (x, t), epochs=2, batch_size=10, rng=0,
                     callbacks=[StoppingAfterAStep()], engine=engine)  # fmt: skip
    assert len(history.losses) == step
    assert history.stopped == "enough"


def test_a_change_between_epochs_counts_however_many_are_made_at_once():
    class Change(Callback):
        @without_arrays
        def on_epoch_end(self, trainer, row) -> None:
            if row["epoch"] == 200:
                trainer.optimizer = mb.SGD(1e-9)

    x, t = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32), np.arange(20) % 3
    histories = [
        mb.fit(MLP([4, 6, 3], rng=0), (x, t), epochs=400, batch_size=5, rng=0, callbacks=[Change()],
               engine=engine) for engine in ("numpy", "compiled")
    ]  # fmt: skip
    assert len(histories[1]) == 401
    assert histories[1][-1]["train_loss"] < histories[1][1]["train_loss"]


def test_a_closed_updater_computes_nothing():
    data = Dataset(np.ones((4, 3), np.float32), np.array([0, 1, 2, 0]))
    updater = NativeUpdater(MLP([3, 3], rng=0), mb.SGD(0.1), data, 4)
    updater.close()
    with pytest.raises(StateError, match="has been closed"):
        updater.forward(np.arange(4))


@pytest.mark.parametrize(("side", "kernels"), [(255, True), (256, False)])
def test_shifts_of_images_that_are_too_large_to_number_are_left_to_numpy(side, kernels):
    x = np.zeros((2, side * side), np.float32)
    shift = mb.RandomShift((side, side), 1)
    reason = why_not(MLP([side * side, 2], rng=0), mb.SGD(0.1), Dataset(x, np.array([0, 1])), shift)
    assert reason == (
        "" if kernels else "no kernel for shifts of images of more than 65,535 pixels"
    )


@pytest.mark.parametrize("norm", [BatchNorm, LayerNorm])
@pytest.mark.parametrize("scale", [1e-20, 1.0, 1e20, 1e25])
def test_norms_are_right_where_squares_overflow(norm, scale):
    rng = np.random.default_rng(0)
    x, t = (scale * rng.normal(size=(12, 20))).astype(np.float32), np.arange(12) % 3
    losses, answers = [], []
    for engine in ("numpy", "compiled"):
        net = Sequential(norm(20), Affine(20, 3, rng=0))
        history = mb.fit(net, (x, t), epochs=3, batch_size=6, rng=0, engine=engine)
        losses.append(history.losses)
        if norm is LayerNorm:
            answers.append(mb.Predictor(net, engine=engine).predict(x))
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-4)
    for answer in answers:
        np.testing.assert_allclose(answer, answers[0], rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("labels", ["classes", "rows", "smoothed"])
def test_a_score_of_minus_infinity_masks_its_class(labels):
    x, t = np.random.default_rng(0).normal(size=(12, 5)).astype(np.float32), np.arange(12) % 2
    rows = np.eye(3)[t]
    if labels == "smoothed":
        rows[:, :2] = 0.1 + 0.8 * rows[:, :2]
    losses = []
    for engine in ("numpy", "compiled"):
        net = MLP([5, 4, 3], rng=0)
        net.params["b2"][2] = -np.inf
        targets = t if labels == "classes" else rows
        history = mb.fit(net, (x, targets), epochs=2, batch_size=6, rng=0, engine=engine)
        losses.append(history.losses)
    assert len(losses[0]) == 4
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-5)


def test_evaluating_again_and_again_keeps_no_more_memory(tmp_path):
    """Neither for a set that stays in a file, nor for sets that are replaced."""
    rng = np.random.default_rng(0)
    images = np.lib.format.open_memmap(tmp_path / "x.npy", "w+", np.uint8, (300, 9))
    images[...] = rng.integers(0, 256, (300, 9))
    t = rng.integers(0, 3, 300)
    data = Dataset(np.load(tmp_path / "x.npy", mmap_mode="r"), t, 255, on_disk=True)
    updater = NativeUpdater(MLP([9, 5, 3], rng=0), mb.SGD(0.1), data, 30)
    sizes = set()
    for i in range(12):
        updater.evaluate(data)
        updater.evaluate(Dataset(images[i : i + 50], t[i : i + 50], 255))
        evaluation = updater.evaluation
        sizes.add((len(evaluation.jobs), len(evaluation.blocks), len(updater.packed)))
    assert max(max(counts) for counts in sizes) <= 6


def test_the_end_is_told_in_reverse_order():
    order = []

    class Named(Callback):
        def __init__(self, name):
            self.name = name

        def on_train_end(self, trainer) -> None:
            order.append(self.name)

    x, t = mb.load_spiral()
    mb.fit(MLP([2, 3, 3], rng=0), (x, t), epochs=1, callbacks=[Named("first"), Named("second")])
    assert order == ["second", "first"]


@pytest.mark.parametrize("mapped", ["train", "test", "validation"])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_any_set_may_stay_in_a_file_while_several_epochs_are_made_at_once(mapped, dtype, tmp_path):
    x = np.random.default_rng(0).integers(0, 256, (60, 4)).astype(dtype)
    np.save(tmp_path / "x.npy", x)
    t, divisor = np.arange(60) % 3, 255 if dtype == np.uint8 else None
    rows = []
    for is_mapped in (False, True):
        sets = dict.fromkeys(("train", "test", "validation"), Dataset(x, t, divisor))
        if is_mapped:
            sets[mapped] = Dataset(np.load(tmp_path / "x.npy", mmap_mode="r"), t, divisor)
        train = sets.pop("train")
        history = mb.fit(MLP([4, 8, 3], rng=0), train, **sets, batch_size=10, epochs=40, rng=0,
                         engine="compiled")  # fmt: skip
        rows.append([{**row, "seconds": 0} for row in history.rows])
    if mapped != "train":
        assert rows[0] == rows[1]
    assert rows[1][-1]["test_loss"] == rows[1][-1]["validation_loss"]


class Own(Optimizer):
    def decrement(self, key, gradient, lr):
        return lr * gradient


@pytest.mark.parametrize("event", ["on_step_end", "on_epoch_end"])
def test_auto_goes_on_with_numpy_where_a_callback_sets_what_has_no_kernel(event):
    class Change(Callback):
        pass

    def change(self, trainer, *_) -> None:
        if not isinstance(trainer.optimizer, Own):
            trainer.optimizer = Own(0.1)

    setattr(Change, event, change)
    x, t = mb.load_spiral()
    histories = []
    for engine in ("numpy", "auto"):
        history = mb.fit(MLP([2, 8, 3], rng=0), (x, t), epochs=3, batch_size=30, rng=0,
                         engine=engine, callbacks=[Change()])  # fmt: skip
        assert history.engine == "numpy"
        histories.append(history)
    np.testing.assert_allclose(histories[1].losses, histories[0].losses, rtol=1e-4)
    with pytest.raises(StateError, match="engine 'compiled' cannot continue after what a callback"):
        mb.fit(MLP([2, 8, 3], rng=0), (x, t), epochs=3, rng=0, engine="compiled",
               callbacks=[Change()])  # fmt: skip


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_a_setting_that_a_layer_refuses_is_refused_while_training(engine):
    class Change(Callback):
        def on_step_end(self, trainer) -> None:
            trainer.net.layers[1].slope = -0.9

    net = Sequential(Affine(2, 8, rng=0), LeakyReLU(), Affine(8, 3, rng=1))
    with pytest.raises(RangeError, match="slope"):
        mb.fit(net, mb.load_spiral(), epochs=1, rng=0, engine=engine, callbacks=[Change()])


@pytest.mark.parametrize("name", ["compute", "loss", "gradient", "accuracy", "checked_input"])
def test_nets_that_do_part_of_the_work_themselves_have_no_kernels(name):
    mine = type("Mine", (MLP,), {name: lambda self, *args, **options: None})
    data = Dataset(np.ones((4, 3), np.float32), np.array([0, 1, 2, 0]))
    assert why_not(mine([3, 3], rng=0), mb.SGD(0.1), data) == f"Mine overrides {name}"
    assert why_not(type("Mine", (MLP,), {})([3, 3], rng=0), mb.SGD(0.1), data) == ""


def test_views_share_memory_only_where_they_do():
    both = np.zeros(6, np.float32)
    assert shared({"b1": both[::2], "b2": both[1::2]}) == ""
    assert shared({"b1": both[::2], "b2": both[2:]}) == "b1 and b2"


def test_a_table_of_shifts_is_bounded():
    net, data = MLP([64 * 64, 2], rng=0), Dataset(np.zeros((2, 64 * 64), np.float32), np.arange(2))
    assert why_not(net, mb.SGD(0.1), data, mb.RandomShift((64, 64), 15)) == ""
    reason = why_not(net, mb.SGD(0.1), data, mb.RandomShift((64, 64), 40))
    assert "the table of shifts would be too large" in reason


@pytest.mark.parametrize("kind", WITH_KERNELS)
@pytest.mark.parametrize("level", library.levels() or [0])
def test_activations_are_right_at_extreme_inputs(kind, level):
    half = np.array([20, 88, 90, 200, 1e4, 1e38, 3e38, np.inf], np.float32)
    x = np.concatenate([-half, half])[:, None]
    net = Sequential(Affine(1, 1, rng=0), ACTIVATIONS[kind](), Affine(1, 1, rng=0), loss="huber")
    for name, value in {"W1": 1, "b1": 0, "W2": 1, "b2": 0}.items():
        net.params[name][...] = value
    predictor = mb.Predictor(net, engine="compiled")
    predictor._kernels.kernels = library.kernels_at(level)
    with np.errstate(all="ignore"):
        expected = net.predict(x)
    np.testing.assert_allclose(predictor.predict(x), expected, rtol=2e-6, atol=1e-37)


@pytest.mark.parametrize("sizes", [(300, 130, 70, 3), (20, 600, 10), (257, 65, 300, 2)])
@pytest.mark.parametrize("batch", [15, 16, 24, 25, 64])
@pytest.mark.parametrize("level", library.levels() or [0])
def test_wide_layers_equal_numpy_in_every_step(level, batch, sizes):
    """Wide enough for products over copied columns, in one panel of rows and in several."""
    rng = np.random.default_rng(0)
    data = Dataset(rng.normal(size=(batch, sizes[0])).astype(np.float32),
                   rng.integers(0, sizes[-1], batch))  # fmt: skip
    nets = [MLP(sizes, "tanh", init="xavier", rng=0) for _ in range(2)]
    updaters = [
        NativeUpdater(nets[0], mb.SGD(0.1), data, batch),
        NumpyUpdater(nets[1], mb.SGD(0.1), data, batch),
    ]
    updaters[0].kernels = updaters[0].evaluation.kernels = library.kernels_at(level)
    for _ in range(3):
        losses = [updater.forward(np.arange(batch)) for updater in updaters]
        for updater in updaters:
            updater.update()
        assert losses[0] == pytest.approx(losses[1], rel=2e-6)
    updaters[0].publish()
    for name in nets[0].params:
        np.testing.assert_allclose(
            nets[0].params[name], nets[1].params[name], rtol=2e-5, atol=2e-6, err_msg=name
        )
    updaters[0].close()


@pytest.mark.parametrize(
    ("name", "lr"),
    [("momentum", 0.05), ("nesterov", 0.05), ("rmsprop", 3.0), ("adam", 3.0), ("lion", 3.0)],
)
def test_the_state_of_dead_units_settles_at_zero(name, lr):
    """Numbers below the smallest normal one take a processor a hundred times as long."""
    x = np.ones((4, 1), np.float32)
    net = MLP([1, 3, 1], "relu", loss="mean_squared_error", rng=0)
    net.params["W1"][...], net.params["b1"][...] = 1, 0
    net.params["W2"][...] = [[1], [2], [3]]
    rule = optimizer(name, lr=lr)  # the first step drives all units below 0
    options = {"epochs": 20_000, "batch_size": 4, "callbacks": [], "engine": "compiled"}
    mb.fit(net, (x, -10 * x), optimizer=rule, **options)
    assert not (x @ net.params["W1"] + net.params["b1"] > 0).any()
    for kind in rule.state.values():
        tiny = np.abs(kind["W1"])
        assert not ((tiny > 0) & (tiny < np.finfo(np.float32).tiny)).any()


@pytest.mark.parametrize("rows", [1, 3, 4, 7, 8, 9, 15, 16, 17, 30, 33])
@pytest.mark.parametrize("widths", [(5, 3), (20, 17, 1), (40, 33, 16, 10), (784, 16, 50, 17)])
def test_products_and_transposes_of_any_shape(rows, widths):
    rng = np.random.default_rng(rows)
    net = MLP(widths, "tanh", loss="mean_squared_error", rng=rows, dtype=np.float32)
    twin = net.astype(np.float32)
    x = rng.normal(size=(rows, widths[0])).astype(np.float32)
    t = rng.normal(size=(rows, widths[-1])).astype(np.float32)
    options = {"optimizer": mb.Momentum(0.01), "epochs": 3, "batch_size": rows, "callbacks": []}
    for each, engine in ((net, "compiled"), (twin, "numpy")):
        options["optimizer"] = mb.Momentum(0.01)
        mb.fit(each, (x, t), engine=engine, rng=0, **options)
    for key in net.params:
        np.testing.assert_allclose(net.params[key], twin.params[key], rtol=2e-4, atol=2e-5)
