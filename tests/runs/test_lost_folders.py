"""A folder that is moved, deleted or taken under a run: the run never writes into another's."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from command_line import Capture
from mitbadak.cli.app import main
from mitbadak.core.errors import LostFolderError
from mitbadak.runs import RunFolder, Session
from mitbadak.runs.locks import LOCK_NAME, FolderLock, is_held
from mitbadak.training import Callback, Trainer
from mitbadak.training.history_file import Row
from small_runs import run, settings

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="there, a folder with an open file stays in place"
)


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.name != LOCK_NAME}


def moved(out: Path) -> None:
    out.rename(out.with_name("moved"))


def deleted(out: Path) -> None:
    shutil.rmtree(out)


def linked(out: Path) -> None:
    moved(out)
    other = out.with_name("other")
    other.mkdir()
    out.symlink_to(other)


TAKING = {"moved": moved, "deleted": deleted, "linked": linked}


class Take(Callback):
    """At some moment somebody takes the folder away and begins a run of their own there."""

    def __init__(self, out: Path, take: Callable[[Path], None], hook: str, step: int):
        self.out, self.take, self.step = out, take, step
        self.stranger: Session | None = None
        self.before: dict[str, bytes] = {}
        setattr(self, hook, self.strike)

    def strike(self, trainer: Trainer, *_: object) -> None:
        if trainer.step >= self.step and self.stranger is None:
            self.take(self.out)
            self.stranger = Session.start(settings(seed=9), self.out)
            self.before = contents(self.out)

    def check_untouched(self) -> None:
        assert self.stranger is not None
        assert is_held(self.out), "the stranger's lock was removed"
        assert contents(self.out) == self.before
        self.stranger.train()


@pytest.mark.parametrize("hook", ["on_step_end", "on_epoch_end", "before_update"])
@pytest.mark.parametrize("take", TAKING)
@pytest.mark.parametrize("seconds", [0.0, 60.0])  # at once, or with the last checkpoint
def test_another_run_s_folder_is_left_alone_and_the_run_is_saved_beside_it(
    take: str, hook: str, seconds: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mitbadak.runs.recorder.CHECKPOINT_SECONDS", seconds)
    engine = "numpy" if hook == "before_update" else "auto"  # which has no gradients on kernels
    run(tmp_path / "whole", optimizer="momentum", lr=0.1, engine=engine)
    stranger = Take(tmp_path / "run", TAKING[take], hook, 17)
    with pytest.raises(LostFolderError, match=r"run was moved or deleted, and another.*run-saved"):
        run(tmp_path / "run", stranger, optimizer="momentum", lr=0.1, engine=engine)
    stranger.check_untouched()
    Session.resume(tmp_path / "run-saved").train()
    same_runs(tmp_path / "run-saved", tmp_path / "whole")
    assert not (tmp_path / "moved" / LOCK_NAME).exists()


def same_runs(one: Path, other: Path) -> None:
    assert (one / "model.safetensors").read_bytes() == (other / "model.safetensors").read_bytes()
    assert RunFolder(one).read_history().losses == RunFolder(other).read_history().losses
    assert RunFolder(one).read_config() == RunFolder(other).read_config()


@pytest.mark.parametrize("seconds", [0.0, 60.0])
def test_a_lock_that_another_process_took_ends_the_run(
    seconds: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mitbadak.runs.recorder.CHECKPOINT_SECONDS", seconds)
    out = tmp_path / "run"
    taken: list[FolderLock] = []
    before: list[dict[str, bytes]] = []

    class TakeLock(Callback):
        def on_step_end(self, trainer: Trainer) -> None:
            if trainer.step == 17:
                (out / LOCK_NAME).unlink()
                taken.append(FolderLock(out))
                before.append(contents(out))

    with pytest.raises(LostFolderError, match=r"run has the lock of another process.*run-saved"):
        run(out, TakeLock())
    assert is_held(out)
    assert contents(out) == before[0]
    taken[0].release()
    run(tmp_path / "whole")
    Session.resume(tmp_path / "run-saved").train()
    same_runs(tmp_path / "run-saved", tmp_path / "whole")


def test_nothing_is_written_between_a_check_and_a_rename(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder is taken within every write in turn: when its content is synced."""
    fsync, theirs = os.fsync, {"config.json": b"theirs", "history.jsonl": b"theirs\n"}
    syncs = lost = 0

    for at in count():
        out = tmp_path / f"run{at}"
        session = Session.start(settings(epochs=1), out)

        def take(handle: int, at: int = at, out: Path = out) -> None:
            nonlocal syncs
            fsync(handle)
            syncs += 1
            if syncs == at + 1:
                out.rename(out.with_name(f"moved{at}"))
                out.mkdir()
                for name, content in theirs.items():
                    (out / name).write_bytes(content)

        syncs = 0
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", take)
            try:
                session.train()
            except LostFolderError:
                lost += 1
        if syncs <= at:
            break
        assert contents(out) == theirs, f"taken at sync {at}"
    assert lost >= 8


MISSING = ["config.json", "history.jsonl", "model.safetensors", "checkpoint.safetensors", LOCK_NAME]
DEEDS: dict[str, Callable[[Path], object]] = {
    "deleted": lambda path: path.unlink(),
    "emptied": lambda path: os.truncate(path, 0),
    "linked": lambda path: (path.unlink(), path.symlink_to(path.parent.parent / "own.txt")),
    "a pipe": lambda path: (path.unlink(), os.mkfifo(path)),
}


@pytest.mark.parametrize("step", [3, 17, 30])
@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("name", MISSING)
def test_missing_files_are_written_again_in_full(
    name: str, deed: str, step: int, tmp_path: Path
) -> None:
    run(tmp_path / "whole")
    (tmp_path / "own.txt").write_text("precious")

    class Damage(Callback):
        def on_step_end(self, trainer: Trainer) -> None:
            if trainer.step == step:
                DEEDS[deed](tmp_path / "run" / name)

    out = tmp_path / "run"
    if name == LOCK_NAME and deed in ("linked", "a pipe"):  # cannot be locked again
        out = tmp_path / "run-saved"
        with pytest.raises(LostFolderError, match="run-saved"):
            run(tmp_path / "run", Damage())
        Session.resume(out).train()
    else:
        run(out, Damage())
    same_runs(out, tmp_path / "whole")
    assert (tmp_path / "own.txt").read_text() == "precious"
    Session.resume(out, epochs=4).train()


def test_a_folder_that_is_swapped_between_reading_and_locking_is_not_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    run(out)
    run(tmp_path / "other", seed=9)
    theirs = contents(tmp_path / "other")

    def swapped(folder: Path) -> FolderLock:
        moved(out)
        (tmp_path / "other").rename(out)
        return FolderLock(folder)

    monkeypatch.setattr("mitbadak.runs.folder.FolderLock", swapped)
    with pytest.raises(LostFolderError, match="run was moved or deleted, and another is in its"):
        Session.resume(out, epochs=4)
    assert contents(out) == theirs
    assert not is_held(out)


def test_the_command_ends_in_one_line_with_code_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture
) -> None:
    out = tmp_path / "run"

    def epoch_line(row: Row, epochs: int, lang: str) -> str:
        if row["epoch"] == 1:
            moved(out)
            run(out, seed=9)
        return "epoch"

    monkeypatch.setattr("mitbadak.training.callbacks.epoch_line", epoch_line)
    assert main(["train", "spiral", "--epochs", "3", "--out", str(out)]) == 1
    message = capfd.readouterr().err
    assert message.count("\n") == 1
    assert message.startswith(f"mitbadak: {out} was moved or deleted, and another is in its place")
    assert f"Its contents are in {tmp_path / 'moved'}" in message or sys.platform != "linux"
    assert message.endswith(f"Continue with: mitbadak train --resume {out}-saved\n")


@pytest.mark.parametrize("picture", ["training_figure", "decision_boundary"])
def test_pictures_are_not_drawn_into_another_run_s_folder(
    picture: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture
) -> None:
    from mitbadak import plots

    out, real = tmp_path / "run", getattr(plots, picture)
    theirs: dict[str, bytes] = {}

    def drawn(*given: object, **options: object) -> object:
        moved(out)
        run(out, seed=9)
        theirs.update(contents(out))
        return real(*given, **options)

    monkeypatch.setattr(plots, picture, drawn)
    assert main(["train", "spiral", "--epochs", "1", "--out", str(out)]) == 1
    assert "and another is in its place" in capfd.readouterr().err
    assert contents(out) == theirs


@pytest.mark.filterwarnings("default:no picture was written")
def test_evaluate_draws_into_the_folder_that_it_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture
) -> None:
    from mitbadak import plots

    out, real = tmp_path / "run", plots.save_figure
    run(out)

    def saved(*given: object, **options: object) -> None:
        moved(out)
        out.mkdir()
        real(*given, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(plots, "save_figure", saved)
    assert main(["evaluate", str(out)]) == 0
    assert re.search("no picture was written: .*another is in its place", capfd.readouterr().err)
    assert not list(out.iterdir())


def test_a_folder_that_is_made_again_is_locked_and_the_moved_one_is_not(tmp_path: Path) -> None:
    folder = RunFolder.create(settings(), tmp_path / "run")
    moved(folder.path)
    folder.make(settings())
    try:
        assert is_held(folder.path)
        assert not is_held(tmp_path / "moved")
    finally:
        folder.release()
