"""A training resumed from a checkpoint is the same to the bit, whatever the optimizer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import mitbadak as mb
from compositions import COMPOSITIONS
from mitbadak.core.errors import RunFolderError
from mitbadak.data.dataset import Dataset
from mitbadak.optim import OPTIMIZERS, Cosine, Optimizer, WarmUp, optimizer
from mitbadak.runs import RunFolder
from mitbadak.runs.checkpoints import restore, snapshot
from mitbadak.runs.model_file import read, write
from mitbadak.training import Trainer
from small_runs import settings

RULES = {
    **{name: lambda name=name: optimizer(name, lr=0.01) for name in OPTIMIZERS},
    "sgd with a schedule": lambda: optimizer("sgd", lr=WarmUp(Cosine(0.5, 40), 8)),
    **COMPOSITIONS,
}


def trainer(rule: Optimizer, epochs: int) -> Trainer:
    x, t = mb.load_spiral()
    return Trainer(
        mb.TwoLayerNet(2, 5, 3, rng=0), Dataset(x, t), test=None, validation=None, optimizer=rule,
        epochs=epochs, batch_size=30, rng=np.random.default_rng(0), callbacks=[], engine="numpy",
        sampling="shuffle", gradient="backprop",
    )  # fmt: skip


def at(folder: Path, stopped: Trainer) -> RunFolder:
    """A run folder with a checkpoint of a trainer."""
    run = RunFolder.create(settings(), folder)
    write(run.checkpoint, snapshot(stopped))
    run.history.write_text(stopped.history.lines_from(0, 0))
    return run


@pytest.mark.parametrize("make", RULES.values(), ids=RULES)
def test_a_resumed_training_reaches_the_same_bits(make, tmp_path):
    whole, first = trainer(make(), 4), trainer(make(), 2)
    whole.run()
    first.run()
    run = at(tmp_path / "run", first)
    again = trainer(make(), 4)
    restore(again, read(run.checkpoint), run)
    assert again.optimizer.steps == first.optimizer.steps == 20
    assert again.optimizer.lr == first.optimizer.lr
    again.run()
    for name, p in whole.net.params.items():
        assert again.net.params[name].tobytes() == p.tobytes()
    assert again.history.losses == whole.history.losses
    assert set(again.optimizer.state) == set(whole.optimizer.state)
    for slot, kept in whole.optimizer.state.items():
        assert set(again.optimizer.state[slot]) == set(kept)
        for name, array in kept.items():
            assert again.optimizer.state[slot][name].tobytes() == array.tobytes()


def test_the_checkpoint_of_a_composition_holds_the_state_of_its_rules(tmp_path):
    stopped = trainer(COMPOSITIONS["groups with slots of one name"](), 1)
    stopped.run()
    arrays = read(at(tmp_path / "run", stopped).checkpoint).arrays
    assert {name for name in arrays if name.startswith("optimizer.")} == {
        "optimizer.v.b1", "optimizer.v.b2",  # RMSProp
        "optimizer.m.W1", "optimizer.v.W1", "optimizer.m.W2", "optimizer.v.W2",  # Adam
    }  # fmt: skip


def test_another_schedule_is_another_optimizer(tmp_path):
    stopped = trainer(optimizer("sgd", lr=Cosine(0.5, 40)), 1)
    stopped.run()
    run = at(tmp_path / "run", stopped)
    other = trainer(optimizer("sgd", lr=Cosine(0.5, 41)), 4)
    with pytest.raises(RunFolderError, match=r"another optimizer than config.json describes"):
        restore(other, read(run.checkpoint), run)
