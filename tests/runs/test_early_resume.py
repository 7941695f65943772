"""Resuming where early stopping, refusals and moments between two writes come together."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from mitbadak import MLP, EarlyStopping, fit
from mitbadak.core.errors import RunFolderError
from mitbadak.runs import RunFolder, Session, TrainConfig, recorder as module
from mitbadak.training import Callback

EARLY = TrainConfig.for_data(
    "spiral", epochs=60, validation=0.2, early_stopping=30, lr=1.0, engine="numpy"
)


class Copy(Callback):
    """Keeps a copy of the run folder as it is at some moment of each epoch or step."""

    def __init__(self, hook: str, at: set[int], to: Path):
        self.hook, self.at, self.to = hook, at, to

    def on_epoch_end(self, trainer, row) -> None:
        if self.hook == "row" and row["epoch"] in self.at:
            self.copy(trainer, row["epoch"])

    def on_step_end(self, trainer) -> None:
        if self.hook == "step" and trainer.step in self.at:
            self.copy(trainer, trainer.step)

    def copy(self, trainer, number: int) -> None:
        run = next(c.run for c in trainer.callbacks if isinstance(c, module.Recorder))
        shutil.copytree(run.path, self.to / str(number))


def trained(folder: Path) -> tuple[dict[str, bytes], list[dict]]:
    run = RunFolder(folder)
    rows = [{k: v for k, v in row.items() if k != "seconds"} for row in run.read_history()]
    arrays = module.weights.read(run.model).arrays
    return {name: a.tobytes() for name, a in arrays.items()}, rows


@pytest.mark.parametrize(
    ("hook", "moments"), [("row", {0, 1, 20, 21, 22, 40}), ("step", {8, 160, 168, 170})]
)
def test_a_crash_at_any_moment_of_an_epoch_hides_no_row_from_early_stopping(
    hook, moments, tmp_path, monkeypatch
):
    """With a checkpoint at every step, copies are taken before and after each write."""
    monkeypatch.setattr(module, "CHECKPOINT_SECONDS", 0.0)
    copies = [Copy(hook, moments, tmp_path / "before")]
    session = Session.start(EARLY, tmp_path / "whole", callbacks=copies)
    after = Copy(hook, moments, tmp_path / "after")
    session.trainer.callbacks.append(after)  # behind the recorder
    session.train()
    monkeypatch.undo()
    expected = trained(tmp_path / "whole")
    folders = [*tmp_path.glob("before/*"), *tmp_path.glob("after/*")]
    assert len(folders) == 2 * len(moments)
    for folder in folders:
        Session.resume(folder).train()
        assert trained(folder) == expected, folder


def test_resuming_a_run_that_stopped_early_changes_nothing(tmp_path):
    config = TrainConfig.for_data("spiral", epochs=200, validation=0.2, early_stopping=3)
    session = Session.start(config, tmp_path / "run")
    history = session.train()
    assert "has not risen above" in history.stopped
    before = trained(tmp_path / "run")
    again = Session.resume(tmp_path / "run")
    assert again.train().stopped == history.stopped
    assert trained(tmp_path / "run") == before


def test_a_refused_resume_writes_nothing(tmp_path):
    Session.start(TrainConfig.for_data("spiral", epochs=3), tmp_path / "run").train()
    before = {p.name: p.read_bytes() for p in (tmp_path / "run").iterdir()}
    with pytest.raises(RunFolderError, match="has completed 3 epochs already"):
        Session.resume(tmp_path / "run", epochs=2)
    assert {p.name: p.read_bytes() for p in (tmp_path / "run").iterdir()} == before


def test_history_lines_stay_in_the_order_of_their_steps(tmp_path):
    config = TrainConfig.for_data("spiral", epochs=2)
    Session.start(config, tmp_path / "run").train()
    before = (tmp_path / "run" / "history.jsonl").read_text()
    Session.resume(tmp_path / "run").train()
    assert (tmp_path / "run" / "history.jsonl").read_text() == before
    lines = before.splitlines()
    assert '"epoch": 0' in lines[0]
    assert '"epoch": 1' in lines[11]
    assert '"epoch": 2' in lines[22]


def test_parameters_that_overflow_at_the_last_step_are_a_failure(tmp_path):
    config = TrainConfig.for_data("spiral", epochs=1, batch_size=300, lr=1e39)
    session = Session.start(config, tmp_path / "run")
    history = session.train()
    assert session.trainer.failed
    assert "became nan after epoch 1. Try a smaller lr" in history.stopped


def test_a_measure_that_is_not_finite_ends_the_run_by_name():
    x, t = np.random.default_rng(0).normal(size=(20, 2)), np.arange(20) % 2
    history = fit(
        MLP([2, 2], init=5.0, rng=0),
        (x, t),
        validation=(np.sign(x) * 3e38, t),
        epochs=5,
        batch_size=10,
        callbacks=[EarlyStopping(2, "validation_loss")],
    )
    assert re.search("validation_loss became (nan|inf) after epoch 0", history.stopped)
