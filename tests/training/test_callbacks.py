"""Callbacks: stopping on NaN, early stopping, Ctrl-C, progress, and the hooks."""

from __future__ import annotations

import inspect
import signal
import threading
from typing import Any

import numpy as np
import pytest

from mitbadak.core.errors import (
    DtypeError,
    MitbadakWarning,
    RangeError,
    StateError,
    UnknownNameError,
)
from mitbadak.data import load_spiral
from mitbadak.nn import MLP
from mitbadak.optim import SGD
from mitbadak.training import Callback, EarlyStopping, History, PrintProgress, Trainer, fit
from mitbadak.training.history_file import Row
from small_runs import assert_same_bits, copied, spiral_net, train


class Snapshots(Callback):
    """Copies of the parameters after every step, and of those at every epoch's end."""

    def on_train_begin(self, trainer: Trainer) -> None:
        self.by_step, self.by_epoch = [copied(trainer.net)], []

    def on_step_end(self, trainer: Trainer) -> None:
        self.by_step.append(copied(trainer.net))

    def on_epoch_end(self, trainer: Trainer, row: Row) -> None:
        self.by_epoch.append(copied(trainer.net))


def test_a_loss_of_nan_stops_before_its_update() -> None:
    class Net(MLP):
        def loss_and_gradient(self, x, t, **mode):
            loss, gradient = super().loss_and_gradient(x, t, **mode)
            return (float("nan") if len(snapshots.by_step) == 13 else loss), gradient

    net, snapshots = Net([2, 10, 3], rng=0), Snapshots()
    history = train(net, callbacks=[snapshots])
    assert history.stopped.startswith("the loss became nan at step 13 (epoch 2); the one before")
    assert "Try a smaller lr than 1, and check the scale of the inputs" in history.stopped
    assert (len(history.losses), len(history)) == (12, 2)
    assert len(snapshots.by_step) == 13
    assert_same_bits(net.params, snapshots.by_step[12])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's, about the overflow
def test_a_huge_learning_rate_is_stopped_while_the_parameters_are_finite() -> None:
    net = spiral_net("relu")
    history = train(net, optimizer=SGD(1e20))
    assert "the loss became" in history.stopped
    assert history.losses
    assert all(np.isfinite(p).all() for p in net.params.values())


class MadeScore(Callback):
    """Writes made-up measures into each row, for a callback behind it to watch."""

    def __init__(self, *scores: float, name: str = "made_score"):
        self.scores, self.name = scores, name

    def on_epoch_end(self, trainer: Trainer, row: Row) -> None:
        row[self.name] = self.scores[row["epoch"]]


@pytest.mark.parametrize(
    ("name", "scores"),
    [("made_score", (0.1, 0.5, 0.7, 0.6, 0.7, 0.9)), ("made_loss", (9.0, 5.0, 1.0, 2.0, 1.0, 0.0))],
)
def test_early_stopping_restores_the_best_weights(name: str, scores: tuple[float, ...]) -> None:
    net, snapshots = spiral_net(), Snapshots()
    stopping = EarlyStopping(2, name)
    callbacks = [MadeScore(*scores, name=name), snapshots, stopping]
    history = train(net, callbacks=callbacks, epochs=5)
    assert history["epoch"] == [0, 1, 2, 3, 4]
    assert (stopping.best_epoch, stopping.best) == (2, scores[2])
    assert f"{name} has not" in history.stopped
    assert history.stopped.endswith("since epoch 2")
    assert_same_bits(net.params, snapshots.by_epoch[2])
    assert not np.array_equal(net.params["W1"], snapshots.by_epoch[-1]["W1"])


def test_early_stopping_restores_the_best_weights_when_the_epochs_run_out() -> None:
    net, snapshots = spiral_net(), Snapshots()
    callbacks = [MadeScore(0.1, 0.9, 0.2), snapshots, EarlyStopping(5, "made_score")]
    assert train(net, callbacks=callbacks).stopped == ""
    assert_same_bits(net.params, snapshots.by_epoch[1])


def test_early_stopping_ignores_non_finite_values_and_gains_up_to_min_delta() -> None:
    stopping = EarlyStopping(3, "made_score", min_delta=0.25)
    scores = MadeScore(float("nan"), 0.5, 0.75, float("inf"), 0.7, 1.0)
    history = train(spiral_net(), callbacks=[scores, stopping], epochs=5)
    assert (stopping.best_epoch, stopping.best, len(history)) == (1, 0.5, 5)


def test_the_direction_of_a_measure_can_be_given() -> None:
    for name, mode, best in (("rmse", "min", 1), ("rmse", "auto", 2), ("lossless", "max", 2)):
        stopping = EarlyStopping(2, name, mode=mode)
        train(spiral_net(), callbacks=[MadeScore(0.5, 0.1, 0.9, name=name), stopping], epochs=2)
        assert stopping.best_epoch == best
    with pytest.raises(UnknownNameError, match="unknown mode 'minimum'; did you mean 'min'"):
        EarlyStopping(mode="minimum")


def test_early_stopping_on_an_unknown_measure_names_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="'train_acuracy'; did you mean 'train_accuracy'"):
        train(spiral_net(), callbacks=[EarlyStopping(2, "train_acuracy")])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"patience": 0}, "patience must be a whole number of at least 1; got 0"),
        ({"min_delta": -0.1}, "min_delta must be at least 0; got -0.1"),
        ({"min_delta": float("nan")}, "min_delta must be at least 0; got nan"),
    ],
)
def test_early_stopping_refuses_numbers_out_of_range(settings: Any, message: str) -> None:
    with pytest.raises(RangeError, match=message):
        EarlyStopping(**settings)


def test_watching_the_test_set_warns() -> None:
    with pytest.warns(MitbadakWarning, match="no longer measures unseen data"):
        EarlyStopping(2, "test_accuracy")


class At(Callback):
    """Does something in one hook at one step."""

    def __init__(self, hook: str, step: int, act: Any):
        def once(trainer: Trainer, *_: Any) -> None:
            if trainer.step == step:
                act(trainer)

        setattr(self, hook, once)


def press_ctrl_c(_: Trainer) -> None:
    signal.raise_signal(signal.SIGINT)


def raise_interrupt(_: Trainer) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("act", [press_ctrl_c, raise_interrupt])
@pytest.mark.parametrize("hook", ["on_train_begin", "before_update", "on_step_end"])
def test_ctrl_c_keeps_whole_updates_and_says_where_it_stopped(hook: str, act: Any) -> None:
    handler = signal.getsignal(signal.SIGINT)
    net, whole, step = spiral_net(), Snapshots(), 0 if hook == "on_train_begin" else 13
    train(spiral_net(), callbacks=[whole])
    history = train(net, callbacks=[At(hook, step, act)])
    assert history.stopped == f"interrupted at step {step} (epoch {1 if step == 0 else 2})"
    assert len(history.losses) == step
    assert_same_bits(net.params, whole.by_step[step])
    assert signal.getsignal(signal.SIGINT) is handler


def test_ctrl_c_in_the_middle_of_an_update_waits_for_its_end() -> None:
    class Pressing(SGD):
        def decrement(self, key: Any, gradient: Any, lr: float) -> Any:
            if self.steps == 13 and key == "b1":
                signal.raise_signal(signal.SIGINT)
            return super().decrement(key, gradient, lr)

    net, whole = spiral_net(), Snapshots()
    train(spiral_net(), callbacks=[whole])
    history = train(net, optimizer=Pressing(1.0))
    assert history.stopped == "interrupted at step 13 (epoch 2)"
    assert len(history.losses) == 13
    assert_same_bits(net.params, whole.by_step[13])


def test_ctrl_c_does_not_restore_the_best_weights_so_that_training_can_continue() -> None:
    net, snapshots = spiral_net(), Snapshots()
    watchers = [MadeScore(0.9, 0.1, 0.1), EarlyStopping(5, "made_score"), snapshots]
    train(net, callbacks=[*watchers, At("on_step_end", 15, raise_interrupt)])
    assert_same_bits(net.params, snapshots.by_step[15])


def test_a_callback_can_stop_the_run_and_the_first_reason_counts() -> None:
    def stop(trainer: Trainer) -> None:
        trainer.request_stop("enough")
        trainer.request_stop("too late")

    history = train(spiral_net(), callbacks=[At("on_step_end", 4, stop)])
    assert (history.stopped, len(history.losses), len(history)) == ("enough", 4, 1)


HOOKS = ("on_train_begin", "before_update", "on_step_end", "on_epoch_end", "on_train_end")


class Recording(Callback):
    """The names of the hooks, in the order in which they were called."""

    def __init__(self) -> None:
        self.hooks: list[str] = []
        for hook in HOOKS:
            setattr(self, hook, lambda *_, hook=hook: self.hooks.append(hook))


def test_hooks_are_called_in_order() -> None:
    recording = Recording()
    train(spiral_net(), callbacks=[recording], batch_size=150, epochs=1)
    step = ["before_update", "on_step_end"]
    assert recording.hooks == [
        "on_train_begin", "on_epoch_end", *step, *step, "on_epoch_end", "on_train_end",
    ]  # fmt: skip


def test_an_error_in_a_callback_reaches_the_caller_after_on_train_end() -> None:
    def fail(_: Trainer) -> None:
        raise ZeroDivisionError("of the callback")

    recording = Recording()
    with pytest.raises(ZeroDivisionError, match="of the callback"):
        train(spiral_net(), callbacks=[recording, At("on_step_end", 2, fail)])
    assert recording.hooks[-1] == "on_train_end"


def test_training_works_in_a_thread_where_no_signals_arrive() -> None:
    histories: list[History] = []
    worker = threading.Thread(target=lambda: histories.append(train(spiral_net())))
    worker.start()
    worker.join()
    assert histories[0].losses == train(spiral_net()).losses


def test_by_default_a_line_is_printed_for_each_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    fit(spiral_net(), load_spiral(), epochs=2, rng=0)
    lines = capsys.readouterr().out.splitlines()
    assert [line[:9] for line in lines] == ["epoch 0/2", "epoch 1/2", "epoch 2/2"]


def test_long_epochs_print_lines_in_between(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(PrintProgress, "EVERY_SECONDS", 0.0)
    history = train(spiral_net(), callbacks=[PrintProgress()], epochs=1, batch_size=150)
    line = capsys.readouterr().out.splitlines()[1]
    assert line == f"  step 1/2 of epoch 1, loss {history.losses[0]:.4f}"


@pytest.mark.parametrize("name", ["W1", "W9"])
def test_best_weights_of_another_net_are_refused(name):
    stopping = EarlyStopping(patience=2)
    stopping.load_state({"best": 0.5, "best_epoch": 1}, {name: np.zeros((7, 7), np.float32)})
    with pytest.raises(StateError, match=rf"best weights are of another net: '{name}' has shape"):
        fit(MLP([2, 3, 3], rng=0), load_spiral(), validation=0.2, epochs=1,
            callbacks=[stopping])  # fmt: skip


@pytest.mark.parametrize("engine", ["numpy", "auto"])
def test_parameters_that_cannot_be_trained_are_refused_before_anything_begins(engine) -> None:
    class Begins(Callback):
        def on_train_begin(self, trainer: Trainer) -> None:
            pytest.fail("the training began")

    net = spiral_net()
    list(net.params.values())[-1].flags.writeable = False
    with pytest.raises(StateError, match="read-only"):
        fit(net, load_spiral(), epochs=1, callbacks=[Begins()], engine=engine)


@pytest.mark.parametrize("wrong", [[3], ["a"], [Callback], 3, Callback(), [Callback(), None]])
def test_callbacks_that_are_none_are_refused_before_training(wrong, monkeypatch) -> None:
    # As for users, for whom no annotation is checked before.
    monkeypatch.setattr(Trainer, "__init__", inspect.unwrap(Trainer.__init__))
    with pytest.raises(DtypeError, match=r"fit: callbacks (must be|expects)"):
        fit(spiral_net(), load_spiral(), epochs=1, callbacks=wrong)
