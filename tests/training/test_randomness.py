"""Each use of randomness in training has a stream of its own, and augmentation is applied."""

from __future__ import annotations

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import mitbadak as mb
from kernels import needs_kernels
from mitbadak.core.errors import StateError
from mitbadak.runs import session
from mitbadak.runs.net import build_net
from mitbadak.training import Callback, fit
from small_runs import settings

X, T = mb.load_spiral()
X = X.astype(np.float32)


class Recording:
    """An augmentation that remembers what it was given and what it returned."""

    def __init__(self) -> None:
        self.inputs: list[np.ndarray] = []
        self.outputs: list[np.ndarray] = []
        self.draws: list[np.ndarray] = []

    def __call__(self, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        self.draws.append(rng.random(4, np.float32))
        self.inputs.append(x)
        self.outputs.append(np.asarray(x + self.draws[-1][0], np.float32))
        return self.outputs[-1]


class Learned(mb.MLP):
    """A net that remembers the batches it learned from."""

    batches: list[np.ndarray]

    def compute(self, x, t, **mode):
        self.__dict__.setdefault("batches", []).append(x)
        return super().compute(x, t, **mode)


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_the_net_is_trained_on_what_augment_returned(dropout):
    augment, net = Recording(), Learned([2, 8, 3], dropout=dropout, rng=0)
    history = fit(net, (X, T), test=(X, T), epochs=2, batch_size=30, rng=0, augment=augment,
                  callbacks=[])  # fmt: skip
    assert history.engine == "numpy"
    assert len(augment.outputs) == len(net.batches) == 20
    for learned, given, made in zip(net.batches, augment.inputs, augment.outputs, strict=True):
        np.testing.assert_array_equal(learned, made)
        assert not np.array_equal(given, made)
    assert len({draw.tobytes() for draw in augment.draws}) == 20


@needs_kernels
def test_an_augmentation_without_a_kernel_is_refused_or_runs_on_numpy():
    augment = Recording()
    with pytest.raises(StateError, match=r"no kernel for <.*Recording object"):
        fit(mb.MLP([2, 8, 3], rng=0), (X, T), engine="compiled", augment=augment, callbacks=[])
    assert not augment.inputs
    history = fit(mb.MLP([2, 8, 3], rng=0), (X, T), epochs=1, augment=augment, callbacks=[])
    assert history.engine == "numpy"
    assert len(augment.inputs) == 3


@needs_kernels
@pytest.mark.parametrize("kind", ["bytes", "sparse floats", "dense floats"])
def test_shifts_are_the_same_on_both_engines(kind, rng):
    x = rng.integers(1, 256, (60, 30)) * (rng.random((60, 30)) < (0.15 if "s" in kind[:6] else 1))
    examples = mb.Dataset(x.astype(np.uint8), np.arange(60) % 3, 255)
    if kind != "bytes":
        examples = mb.Dataset((x / 100).astype(np.float32), np.arange(60) % 3)
    losses = [
        fit(mb.MLP([30, 8, 3], dropout=0.2, rng=0), examples, epochs=3, batch_size=16, rng=0,
            augment=mb.RandomShift((5, 6), most=2), engine=engine, callbacks=[]).losses
        for engine in ("numpy", "compiled")
    ]  # fmt: skip
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-3)


def test_augmentation_does_not_share_the_stream_of_dropout():
    class Streams(Callback):
        def __init__(self) -> None:
            self.of_dropout: list[bytes] = []

        def before_update(self, trainer, loss, grads) -> None:
            rng = np.random.default_rng((trainer.noise_seed, trainer.step))
            self.of_dropout.append(rng.random(4, np.float32).tobytes())

    augment, streams = Recording(), Streams()
    fit(mb.MLP([2, 8, 3], dropout=0.3, rng=0), (X, T), epochs=1, batch_size=30, rng=0,
        augment=augment, callbacks=[streams])  # fmt: skip
    assert not {draw.tobytes() for draw in augment.draws} & set(streams.of_dropout)


def test_blas_runs_on_one_thread_while_training_on_numpy():

    def threads() -> list[int]:
        return [lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == "blas"]

    class Count(Callback):
        def on_epoch_end(self, trainer, row) -> None:
            self.during = threads()

    count = Count()
    with threadpool_limits(2, user_api="blas"):
        before = threads()
        fit(mb.MLP([2, 8, 3], rng=0), (X, T), epochs=1, engine="numpy", callbacks=[count])
        assert threads() == before
    if 2 not in before:
        pytest.skip("this BLAS has one thread only, or is not known to threadpoolctl")
    assert set(count.during) == {1}


def test_weights_split_and_batches_follow_the_seed_in_this_order(tmp_path):
    config = settings(validation=0.25, seed=11, batch_size=30)
    trainer = mb.runs.Session.start(config, tmp_path / "run").trainer
    weights, split, batches = map(np.random.default_rng, np.random.SeedSequence(11).spawn(3))
    expected = build_net(config, session.load_data(config), weights)
    for name, array in expected.params.items():
        np.testing.assert_array_equal(trainer.net.params[name], array)
    learn, watch = session.load_data(config).train.split(0.25, split)
    np.testing.assert_array_equal(trainer.train.rows, learn.rows)
    np.testing.assert_array_equal(trainer.sets["validation"].rows, watch.rows)
    assert trainer.epoch_rng_state == batches.bit_generator.state


def test_fit_draws_the_split_first_and_then_the_batches():
    rng, seen = np.random.default_rng(5), []
    learn, _ = mb.Dataset(X, T).split(0.25, rng)
    net = Learned([2, 3], rng=0)

    class Watch(Callback):
        def on_train_begin(self, trainer) -> None:
            seen.append((trainer.train.rows, trainer.epoch_rng_state))

    fit(net, (X, T), validation=0.25, epochs=1, batch_size=30, rng=5, callbacks=[Watch()])
    np.testing.assert_array_equal(seen[0][0], learn.rows)
    assert seen[0][1] == rng.bit_generator.state
    order = rng.permutation(225)
    np.testing.assert_array_equal(net.batches[0], learn.batch(order[:30])[0])
