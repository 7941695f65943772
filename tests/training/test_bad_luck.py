"""Disks that fill up, folders that vanish: a run that can go on is left, or made again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mitbadak.errors import MitbadakWarning, RunFolderError
from mitbadak.training import Callback, RunFolder, Session, Trainer
from mitbadak.training.history import Row
from small_runs import run, settings


class FullDisk:
    """Every write from some moment on fails after half of its bytes; lifted by ``full = False``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.full = False
        self.open = open
        for module in ("mitbadak.files", "mitbadak.training.runfolder"):
            monkeypatch.setattr(f"{module}.open", self.opened, raising=False)

    def opened(self, path, mode="r", **options):
        file = self.open(path, mode, **options)
        if self.full and ("w" in mode or "a" in mode):
            write = file.write

            def half(content):
                write(content[: len(content) // 2])
                file.flush()
                raise OSError(28, "No space left on device")

            file = Wrapped(file, half)
        return file


class Wrapped:
    def __init__(self, file, write):
        self.file, self.write = file, write

    def __getattr__(self, name):
        return getattr(self.file, name)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.file.close()


@pytest.mark.parametrize("lifted", [False, True])
@pytest.mark.parametrize("at", [1, 2, 5, 14])
def test_a_full_disk_ends_the_run_and_leaves_one_that_goes_on(
    at: int, lifted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``lifted``: space is there again when the run writes for the last time."""
    run(tmp_path / "whole")
    monkeypatch.setattr("mitbadak.training.runfolder.CHECKPOINT_SECONDS", 0)
    disk = FullDisk(monkeypatch)

    class Fill(Callback):
        def on_step_end(self, trainer: Trainer) -> None:
            disk.full = trainer.step == at or (trainer.step > at and not lifted)

    class LiftBeforeTheEnd(Callback):
        """Stands after the recorder, so it is told of the end first."""

        def on_train_end(self, trainer: Trainer) -> None:
            disk.full = disk.full and not lifted

    session = Session.start(settings(), tmp_path / "run", callbacks=[Fill()])
    session.trainer.callbacks.append(LiftBeforeTheEnd())
    with pytest.raises(OSError, match="No space left"):
        session.train()
    disk.full = False
    Session.resume(tmp_path / "run").train()
    same_runs(tmp_path / "run", tmp_path / "whole")


def test_a_folder_that_vanishes_is_made_again_and_holds_the_whole_run(tmp_path: Path) -> None:
    run(tmp_path / "whole")
    out = tmp_path / "parent" / "run"

    class Vanish(Callback):
        def on_epoch_end(self, trainer: Trainer, row: Row) -> None:
            if row["epoch"] == 2:
                shutil.rmtree(out.parent)

    with pytest.warns(MitbadakWarning, match="run vanished; it was made again and holds"):
        run(out, Vanish())
    same_runs(out, tmp_path / "whole")
    Session.resume(out, epochs=4).train()


def test_a_history_that_is_deleted_under_a_run_is_written_anew(tmp_path: Path) -> None:
    run(tmp_path / "whole")
    out = tmp_path / "run"

    class Delete(Callback):
        def on_epoch_end(self, trainer: Trainer, row: Row) -> None:
            (out / "history.jsonl").unlink(missing_ok=True)

    run(out, Delete())
    same_runs(out, tmp_path / "whole")


def same_runs(one: Path, other: Path) -> None:
    """The same weights, losses and rows but for the seconds."""
    assert (one / "model.safetensors").read_bytes() == (other / "model.safetensors").read_bytes()
    histories = [RunFolder(folder).read_history() for folder in (one, other)]
    rows = [[{**row, "seconds": 0} for row in history] for history in histories]
    assert rows[0] == rows[1]
    assert histories[0].losses == histories[1].losses


def test_a_folder_that_cannot_be_written_is_refused_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path / "run")

    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("mitbadak.training.runfolder.write_atomically", refuse)
    said = r"new cannot be written: Read-only file system\. Choose another folder with --out"
    with pytest.raises(RunFolderError, match=said):
        Session.start(settings(), tmp_path / "new")
    with pytest.raises(RunFolderError, match=r"run cannot be written: Read-only.*as it was"):
        Session.resume(tmp_path / "run", epochs=4)
    monkeypatch.undo()
    Session.resume(tmp_path / "run", epochs=4).train()


def test_a_place_that_holds_no_folders_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunFolderError, match="cannot be written: Not a directory"):
        Session.start(settings(), tmp_path / "file" / "run")
