"""A run that went wrong without an error says so."""

from __future__ import annotations

import re

import numpy as np
import pytest

from mitbadak.data import load_blobs, load_regression
from mitbadak.nn import MLP
from mitbadak.nn.heads import HEADS, SumSquaredError, head
from mitbadak.optim import SGD, Adam
from mitbadak.training.outcome import loss_of_one_answer, warning_about
from mitbadak.training.trainer import Trainer
from small_runs import T, X

RNG = np.random.default_rng(0)
NOISE = RNG.normal(size=(300, 2))


def warning(net: MLP, examples: tuple, lr: float, epochs: int, **more) -> str:
    optimizer = more.pop("optimizer", SGD)(lr)
    settings = {"epochs": epochs, "batch_size": 30, "rng": 0, "callbacks": [], **more}
    trainer = Trainer(net, examples, optimizer=optimizer, **settings)
    trainer.run()
    return warning_about(trainer)


def test_steps_that_are_too_large_are_named_with_the_losses() -> None:
    message = warning(MLP([2, 10, 3], rng=0), (X, T), 1000.0, 3)
    assert re.match(r"the training loss has grown from 1\.\d+ to \d+(\.\d+)?: the steps", message)
    assert "smaller lr than 1000" in message


@pytest.mark.parametrize("loss", ["softmax_cross_entropy", "mean_squared_error"])
def test_labels_that_the_inputs_do_not_explain_are_at_chance(loss: str) -> None:
    message = warning(MLP([2, 3, 3], loss=loss, rng=0), (NOISE, T), 0.02, 6)
    assert message.startswith("nothing has been learned")


def test_a_net_that_learns_nothing_about_numbers_is_at_chance() -> None:
    net = MLP([2, 3, 1], loss="mean_squared_error", rng=0)
    targets = RNG.normal(size=(300, 1))
    assert warning(net, (NOISE, targets), 0.02, 6).startswith("nothing has been learned")


def test_a_net_that_learns_has_no_warning() -> None:
    blobs, curve = load_blobs(), load_regression()
    assert warning(MLP([2, 5, 3], rng=0), blobs, 0.1, 10, optimizer=Adam) == ""
    net = MLP([1, 20, 1], "tanh", loss="mean_squared_error", rng=0)
    assert warning(net, curve, 0.1, 20, optimizer=Adam) == ""


def test_rare_classes_are_learned_although_the_accuracy_stays_that_of_the_common_one() -> None:
    x = RNG.normal(size=(2000, 1))
    t = (RNG.random(2000) < 0.1 / (1 + np.exp(-3 * x[:, 0]))).astype(int)  # likelier with x
    trainer = Trainer(MLP([1, 2], rng=0), (x, t), optimizer=Adam(0.05), epochs=8, batch_size=50,
                      rng=0)  # fmt: skip
    trainer.run()
    assert trainer.history[-1]["train_accuracy"] == pytest.approx(np.mean(t == 0))
    assert warning_about(trainer) == ""


@pytest.mark.parametrize("epochs", [0, 1, 4])
def test_a_first_look_is_no_training(epochs: int) -> None:
    assert warning(MLP([2, 3, 3], rng=0), (NOISE, T), 1e-6, epochs) == ""


def test_a_run_that_failed_has_its_own_message() -> None:
    assert warning(MLP([2, 10, 3], rng=0), (X, T), 1e39, 6) == ""


@pytest.mark.parametrize("name", HEADS)
def test_no_other_single_answer_has_a_smaller_loss(name: str) -> None:
    """Against 200 drawn answers; Huber's best one lies between mean and median."""
    loss = head(name)
    t = RNG.integers(0, 2, (50, 3)).astype(float) if name != "softmax_cross_entropy" else T[::6]
    least = loss_of_one_answer(loss, t, 3)
    if isinstance(loss, SumSquaredError):
        assert least is None
        return
    drawn = [loss.loss(np.tile(RNG.normal(0, 2, 3), (len(t), 1)), t) for _ in range(200)]
    assert least is not None
    assert least <= min(drawn) * (1.02 if name == "huber" else 1 + 1e-9)


def test_a_head_of_ones_own_is_not_judged() -> None:
    class Own(HEADS["mean_squared_error"]):  # type: ignore[misc, valid-type]
        pass

    assert loss_of_one_answer(Own(), np.zeros((4, 1)), 1) is None
