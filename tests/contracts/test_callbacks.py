"""The contract of every callback: it only observes, and an interrupted run ends the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mitbadak import training
from mitbadak.runs import Session
from mitbadak.runs.model_file import arrays_of
from mitbadak.training import Callback, EarlyStopping, PrintProgress, StopOnNonFinite
from small_runs import run, settings

TABLE: dict[str, Callable[[], Callback]] = {
    "Callback": Callback,
    "EarlyStopping": lambda: EarlyStopping(50, "train_accuracy"),
    "PrintProgress": PrintProgress,
    "StopOnNonFinite": StopOnNonFinite,
}
each = pytest.mark.parametrize("make", TABLE.values(), ids=TABLE.keys())


@each
def test_a_callback_changes_no_bit_of_a_run_that_ends_by_itself(make, tmp_path: Path) -> None:
    plain, watched = run(tmp_path / "plain"), run(tmp_path / "watched", make())
    assert watched.trainer.history.losses == plain.trainer.history.losses
    best = any(isinstance(c, EarlyStopping) for c in watched.trainer.callbacks)
    for name, array in arrays_of(plain.trainer.net).items():
        if not best:  # its best weights may be those of an earlier epoch
            np.testing.assert_array_equal(arrays_of(watched.trainer.net)[name], array)


@each
def test_the_state_of_a_callback_survives_a_file(make, tmp_path: Path) -> None:
    callback = make()
    run(tmp_path / "run", callback)
    values, arrays = callback.state()
    again = make()
    again.load_state(json.loads(json.dumps(values)), {k: a.copy() for k, a in arrays.items()})
    assert again.state()[0] == values
    assert {k: a.tobytes() for k, a in again.state()[1].items()} == {
        k: a.tobytes() for k, a in arrays.items()
    }


@each
def test_a_callback_may_be_present_when_a_run_resumes(make, tmp_path: Path) -> None:
    whole = run(tmp_path / "whole", make(), epochs=4)
    run(tmp_path / "cut", make(), epochs=2)
    session = Session.resume(tmp_path / "cut", epochs=4, callbacks=[make()])
    session.train()
    assert session.trainer.history.losses == whole.trainer.history.losses
    assert settings(epochs=4) == session.config


def test_every_public_callback_is_in_the_table() -> None:
    public = [getattr(training, name) for name in training.__all__]
    kinds = {k.__name__ for k in public if isinstance(k, type) and issubclass(k, Callback)}
    assert kinds == set(TABLE)
