"""Which sets are measured after an epoch."""

from __future__ import annotations

import numpy as np
import pytest

import mitbadak as mb
from mitbadak.training.trainer import Trainer
from mitbadak.training.updates import NumpyUpdater

X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
TARGETS = {
    "softmax_cross_entropy": (2, (X[:, 0] > 0).astype(int), True),
    "mean_squared_error": (1, X[:, :1], False),
    "huber": (1, X[:, :1], False),
}


@pytest.mark.parametrize("engine", ["numpy", "auto"])
@pytest.mark.parametrize("loss", TARGETS)
def test_the_training_set_is_measured_where_that_says_more_than_its_steps(loss, engine):
    n_out, t, has_accuracy = TARGETS[loss]
    net = mb.MLP([3, 4, n_out], loss=loss, rng=0)
    history = mb.fit(net, (X, t), test=(X, t), epochs=3, batch_size=20, engine=engine,
                     rng=0, callbacks=[])  # fmt: skip
    assert [("train_accuracy" in row) for row in history] == [has_accuracy] * 4
    assert all({"train_loss", "test_loss"} <= set(row) for row in history)
    assert list(history[1])[:3] == ["epoch", "step", "train_loss"]


@pytest.mark.parametrize("loss", TARGETS)
def test_a_set_that_is_not_read_is_not_evaluated(loss, monkeypatch):
    n_out, t, has_accuracy = TARGETS[loss]
    net = mb.MLP([3, 4, n_out], loss=loss, rng=0)
    trainer = Trainer(net, (X, t), test=(X, t), epochs=2, batch_size=20, rng=0, callbacks=[],
                      engine="numpy")  # fmt: skip
    measured = []
    evaluate = NumpyUpdater.evaluate

    def watched(self, data):
        measured.append(data)
        return evaluate(self, data)

    monkeypatch.setattr(NumpyUpdater, "evaluate", watched)
    trainer.run()
    times = sum(data is trainer.train for data in measured)
    assert times == (3 if has_accuracy else 1)
