"""Runs that were interrupted end on the bits of one that was not."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mitbadak.core.errors import RunFolderError
from mitbadak.nn.prepared import inner_net
from mitbadak.runs import RunFolder, Session, load
from mitbadak.runs.model_file import arrays_of
from mitbadak.runs.recorder import Recorder
from mitbadak.training import Callback, EarlyStopping, History, Trainer
from small_runs import run, settings

STEPS_PER_EPOCH = 10  # of the spiral: 300 examples in batches of 30


def resumed(out: Path, *callbacks: Callback, epochs: int | None = None) -> Session:
    session = Session.resume(out, epochs=epochs, callbacks=callbacks)
    session.train()
    return session


def without_seconds(history: History) -> list[dict[str, Any]]:
    return [{k: v for k, v in row.items() if k != "seconds"} for row in history]


def assert_same_run(a: Session, b: Session) -> None:
    """Weights, losses and rows to the bit, in memory and on disk."""
    expected = arrays_of(a.trainer.net)
    for name, array in expected.items():
        assert arrays_of(b.trainer.net)[name].tobytes() == array.tobytes(), name
    for session in (a, b):
        for name, array in arrays_of(inner_net(load(session.run.model))).items():
            assert array.tobytes() == expected[name].tobytes(), name
    for one, other in (
        (a.trainer.history, b.trainer.history),
        (a.run.read_history(), b.run.read_history()),
    ):
        assert other.losses == one.losses
        assert without_seconds(other) == without_seconds(one)


class Interrupt(Callback):
    """Ctrl-C in one hook, once so many updates are done."""

    def __init__(self, step: int, hook: str = "on_step_end"):
        def press(trainer: Trainer, *_: Any) -> None:
            if trainer.step == step:
                raise KeyboardInterrupt

        setattr(self, hook, press)


def engine_for(hook: str) -> str:
    """The engine on which a run with this hook takes place; a run without must take the same."""
    return "numpy" if hook == "before_update" else "auto"


def test_the_same_settings_give_the_same_run(tmp_path: Path) -> None:
    assert_same_run(run(tmp_path / "a", seed=5), run(tmp_path / "b", seed=5))


def test_resuming_a_finished_run_changes_nothing(tmp_path: Path) -> None:
    before = run(tmp_path / "run")
    after = resumed(tmp_path / "run")
    assert_same_run(before, after)
    assert after.trainer.step == 30
    assert after.trainer.history.rows == before.trainer.history.rows


RUNS: dict[str, dict[str, Any]] = {
    "sgd": {},
    "momentum": {"optimizer": "momentum", "lr": 0.1},
    "adam": {"optimizer": "adam", "lr": 0.05, "activation": "relu", "hidden": (8, 8)},
    "replacement": {"sampling": "replacement", "dtype": "float64"},
    "short batches": {"batch_size": 41},
    "validation": {"validation": 0.2, "optimizer": "adam", "lr": 0.05},
    "noise": {"dropout": 0.3, "batch_norm": True, "hidden": (8, 8), "activation": "gelu"},
    "composed": {
        "optimizer": "adamw", "lr": 0.02, "schedule": "cosine", "warmup": 3, "l2": 1e-3,
        "l1": 1e-4, "clip_norm": 0.5,
    },
    "lion": {"optimizer": "lion", "lr": 0.01, "schedule": "onecycle"},
    "numerical": {"gradient": "numerical", "hidden": (2,), "batch_size": 150, "optimizer": "adam"},
}  # fmt: skip


@pytest.mark.parametrize("hook", ["before_update", "on_step_end"])
@pytest.mark.parametrize("name", RUNS)
def test_an_interrupted_run_ends_on_the_bits_of_one_that_was_not(
    name: str, hook: str, tmp_path: Path, rng: np.random.Generator
) -> None:
    settings = {"engine": engine_for(hook)} | RUNS[name]
    whole = run(tmp_path / "whole", **settings)
    steps = whole.trainer.step
    first, second = sorted(rng.choice(np.arange(1, steps), 2, replace=False).tolist())
    print("interrupted at steps", first, second)
    session = run(tmp_path / "cut", Interrupt(first, hook), **settings)
    assert session.trainer.interrupted
    assert len(session.run.read_history().losses) == first
    session = resumed(tmp_path / "cut", Interrupt(second, hook))
    assert session.trainer.step == second
    assert_same_run(whole, resumed(tmp_path / "cut"))


@pytest.mark.parametrize(
    ("hook", "step"),
    [
        ("on_train_begin", 0),
        ("on_epoch_end", 0),
        ("before_update", 0),
        ("on_step_end", STEPS_PER_EPOCH),  # all batches done, the epoch not yet measured
        ("on_epoch_end", STEPS_PER_EPOCH),
        ("before_update", STEPS_PER_EPOCH),
        ("on_step_end", 3 * STEPS_PER_EPOCH),
        ("on_epoch_end", 3 * STEPS_PER_EPOCH),
    ],
)
def test_an_interruption_at_the_edge_of_an_epoch_changes_no_bit(
    hook: str, step: int, tmp_path: Path
) -> None:
    settings = {"optimizer": "adam", "lr": 0.05, "engine": engine_for(hook)}
    whole = run(tmp_path / "whole", **settings)
    run(tmp_path / "cut", Interrupt(step, hook), **settings)
    assert_same_run(whole, resumed(tmp_path / "cut"))


EARLY = {"validation": 0.2, "early_stopping": 8, "epochs": 60, "optimizer": "adam", "lr": 0.02}


def test_early_stopping_continues_across_an_interruption(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    whole = run(tmp_path / "whole", **EARLY)
    stopping = next(c for c in whole.trainer.callbacks if isinstance(c, EarlyStopping))
    # The case is worth its name: it stopped early, and the best weights came from before.
    assert whole.trainer.history.stopped.startswith("validation_accuracy has not risen")
    assert stopping.best_epoch > 0
    steps, best = whole.trainer.step, stopping.best_epoch * whole.trainer.steps_per_epoch
    for step in (int(rng.integers(1, best)), int(rng.integers(best, steps))):
        print("interrupted at step", step)
        run(tmp_path / f"cut{step}", Interrupt(step), **EARLY)
        assert_same_run(whole, resumed(tmp_path / f"cut{step}"))


def test_a_failing_callback_leaves_a_resumable_run(tmp_path: Path) -> None:
    class Fail(Callback):
        def on_step_end(self, trainer: Trainer) -> None:
            if trainer.step == 17:
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(tmp_path / "cut", Fail())
    assert_same_run(run(tmp_path / "whole"), resumed(tmp_path / "cut"))


class CopyFolder(Callback):
    """Copies the folder as a crash at this moment would leave it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.copies: list[Path] = []

    def on_step_end(self, trainer: Trainer) -> None:
        copy = self.folder.with_name(f"copy{len(self.copies)}")
        self.copies.append(Path(shutil.copytree(self.folder, copy)))

    def on_epoch_end(self, trainer: Trainer, row: dict[str, Any]) -> None:
        self.on_step_end(trainer)


def test_a_crash_at_any_step_loses_no_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Checkpoints come only every fifth step here, so most copies hold history ahead of them."""

    def every_fifth_step(self: Recorder, trainer: Trainer) -> None:
        if trainer.step % 5 == 0:
            self.save(trainer)

    monkeypatch.setattr(Recorder, "_save_if_due", every_fifth_step)
    copying = CopyFolder(tmp_path / "run")
    whole = run(tmp_path / "run", copying, optimizer="momentum", lr=0.1, epochs=2, validation=0.2)
    assert len(copying.copies) == 16 + 3
    for copy in copying.copies:
        ahead = copy / "history.jsonl"
        ahead.write_text(ahead.read_text() + '{"step": 99, "lo')  # a line that a crash cut off
        assert_same_run(whole, resumed(copy))


def test_a_crash_before_the_first_checkpoint_starts_from_the_settings(tmp_path: Path) -> None:
    whole = run(tmp_path / "whole", seed=4)
    RunFolder.create(settings(seed=4), tmp_path / "cut")
    assert_same_run(whole, resumed(tmp_path / "cut"))


@pytest.mark.parametrize("name", [name for name in RUNS if "schedule" not in RUNS[name]])
def test_epochs_added_later_give_the_bits_of_a_longer_run(name: str, tmp_path: Path) -> None:
    whole = run(tmp_path / "whole", **{**RUNS[name], "epochs": 4})
    run(tmp_path / "cut", **{**RUNS[name], "epochs": 2})
    session = resumed(tmp_path / "cut", epochs=4)
    assert_same_run(whole, session)
    assert RunFolder.open(tmp_path / "cut").read_config() == whole.config


def test_a_schedule_is_not_stretched_on_resuming(tmp_path: Path) -> None:
    run(tmp_path / "cut", **{**RUNS["lion"], "epochs": 2})
    with pytest.raises(RunFolderError, match=r"\(onecycle\) is laid out for 2 epochs"):
        Session.resume(tmp_path / "cut", epochs=4)
    assert resumed(tmp_path / "cut").trainer.epoch == 2
