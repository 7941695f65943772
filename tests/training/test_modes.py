"""Nets with noise and running statistics train to the same bits whatever interrupts them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mitbadak as mb
from kernels import ENGINES, needs_kernels
from mitbadak.core.errors import RangeError, StateError
from mitbadak.nn import MLP
from mitbadak.runs import RunFolder, model_file as weights
from mitbadak.runs.checkpoints import restore, snapshot
from mitbadak.training import Callback, History, fit, trainer as module

DATA = mb.Dataset(*mb.load_spiral())


def net_of(**options: Any) -> MLP:
    chosen = {"dropout": 0.3, "batch_norm": True, **options}
    return MLP([2, 12, 3], "relu", rng=0, **chosen)


def trainer_of(net: MLP, epochs: int = 3, callbacks: tuple[Callback, ...] = ()) -> module.Trainer:
    return module.Trainer(
        net, DATA, test=DATA, validation=None, optimizer=mb.Momentum(0.1), epochs=epochs,
        batch_size=30, rng=np.random.default_rng(5), callbacks=callbacks, engine="auto",
        sampling="shuffle", gradient="backprop",
    )  # fmt: skip


def bits(trainer: module.Trainer) -> tuple[dict[str, bytes], list[float]]:
    arrays = weights.arrays_of(trainer.net)
    return {name: a.tobytes() for name, a in arrays.items()}, trainer.history.losses


class StopAt(Callback):
    """Presses Ctrl-C once, between a step's loss and its update."""

    def __init__(self, step: int):
        self.step = step

    def before_update(self, trainer, loss, grads) -> None:
        if trainer.step == self.step:
            self.step = -1
            raise KeyboardInterrupt


def test_an_interrupted_and_repeated_step_updates_the_buffers_once():
    whole, broken = trainer_of(net_of()), trainer_of(net_of(), callbacks=(StopAt(14),))
    whole.run()
    broken.run()
    assert (broken.interrupted, broken.step) == (True, 14)
    broken.history.stopped, broken.interrupted = "", False
    broken.run()
    assert bits(broken) == bits(whole)


def test_a_resumed_run_meets_the_same_noise(tmp_path):
    whole, first = trainer_of(net_of()), trainer_of(net_of(), callbacks=(StopAt(14),))
    whole.run()
    first.run()
    run = RunFolder(tmp_path)
    weights.write(run.checkpoint, snapshot(first))
    run.history.write_text(first.history.lines_from(0, 0), encoding="utf-8")
    second = trainer_of(net_of())
    second.noise_seed = -1
    restore(second, weights.read(run.checkpoint), run)
    assert second.noise_seed == first.noise_seed
    second.run()
    assert bits(second) == bits(whole)


def test_the_noise_depends_on_the_step_only():
    net, seen = net_of(batch_norm=False), []

    class Watch(Callback):
        def before_update(self, trainer, loss, grads) -> None:
            rng = np.random.default_rng((trainer.noise_seed, trainer.step))
            picked = order[30 * trainer.step : 30 * trainer.step + 30]
            x, t = DATA.batch(picked)
            seen.append(trainer.net.loss(x, t, training=True, rng=rng) - loss)

    trainer = trainer_of(net, epochs=1, callbacks=(Watch(),))
    rng = np.random.default_rng()
    rng.bit_generator.state = trainer.epoch_rng_state
    order = rng.permutation(len(DATA))
    trainer.run()
    np.testing.assert_allclose(seen, [0.0] * 10, atol=1e-6)


def test_nets_without_noise_leave_the_generator_alone():
    state = np.random.default_rng(5).bit_generator.state
    assert trainer_of(net_of(dropout=0.0)).epoch_rng_state == state
    assert trainer_of(net_of(dropout=0.0)).noise_seed == 0
    assert trainer_of(net_of()).epoch_rng_state != state


def test_evaluation_during_training_is_in_evaluation_mode():
    net = net_of()
    trainer = trainer_of(net)
    trainer.run()
    measured = mb.evaluate(net, DATA)["loss"]
    assert trainer.history[-1]["test_loss"] == pytest.approx(measured, rel=1e-6)
    assert trainer.history[-1]["test_accuracy"] == net.accuracy(*DATA.batch(slice(None)))
    before = {name: a.copy() for name, a in net.buffers.items()}
    mb.evaluate(net, DATA)
    for name, a in net.buffers.items():
        np.testing.assert_array_equal(a, before[name])
    assert not np.array_equal(net.buffers["running_mean1"], np.zeros(12))


@needs_kernels
@pytest.mark.parametrize("batch_norm", [False, True])
def test_both_engines_meet_the_same_noise(batch_norm):
    nets = [net_of(batch_norm=batch_norm) for _ in ENGINES]
    losses = [
        fit(net, DATA, engine=engine, epochs=3, batch_size=32, rng=0, callbacks=[]).losses
        for net, engine in zip(nets, ("numpy", "compiled"), strict=True)
    ]
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-3)
    for name, a in nets[0].buffers.items():
        np.testing.assert_allclose(nets[1].buffers[name], a, rtol=1e-3, atol=1e-5)


def test_settings_that_cannot_train_are_refused_before_training():
    with pytest.raises(RangeError, match="300 examples in batches of 23 leave one alone"):
        fit(net_of(), DATA, batch_size=23, callbacks=[])
    with pytest.raises(StateError, match=r"gradient='numerical' .* check_gradients"):
        fit(net_of(), DATA, gradient="numerical", callbacks=[])
    assert isinstance(fit(net_of(batch_norm=False), DATA, batch_size=23, epochs=1, rng=0,
                          callbacks=[]), History)  # fmt: skip
