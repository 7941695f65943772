"""Full disks and vanishing folders leave a run that can be resumed."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from itertools import chain, count
from pathlib import Path

import pytest

from failing_calls import CALLS, ERRORS, Failing
from mitbadak.cli.app import main
from mitbadak.core.errors import MitbadakWarning, RunFolderError
from mitbadak.core.files import write_atomically
from mitbadak.runs import RunFolder, Session
from mitbadak.training import Callback, Trainer
from mitbadak.training.history_file import Row
from small_runs import run, settings


class FullDisk:
    """Every write from some moment on fails after half of its bytes; lifted by ``full = False``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.full = False
        self.open = open
        for module in ("mitbadak.core.files", "mitbadak.runs.recorder"):
            monkeypatch.setattr(f"{module}.open", self.opened, raising=False)

    def opened(self, path, mode="r", **options):
        file = self.open(path, mode, **options)
        if self.full and any(letter in mode for letter in "wax"):
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
def test_a_full_disk_ends_the_run_and_leaves_a_resumable_one(
    at: int, lifted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``lifted``: space is there again when the run writes for the last time."""
    run(tmp_path / "whole")
    monkeypatch.setattr("mitbadak.runs.recorder.CHECKPOINT_SECONDS", 0)
    disk = FullDisk(monkeypatch)

    class Fill(Callback):
        def on_step_end(self, trainer: Trainer) -> None:
            disk.full = trainer.step == at or (trainer.step > at and not lifted)

    class LiftBeforeTheEnd(Callback):
        """Comes after the recorder, so its ``on_train_end`` is called first."""

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


@pytest.mark.parametrize(("number", "code"), [
    (errno.ENOSPC, 1), (errno.EIO, 1), (errno.EMFILE, 1), (errno.EROFS, 2), (errno.EACCES, 2),
])  # fmt: skip
@pytest.mark.parametrize("resumed", [False, True])
def test_a_machine_that_fails_is_code_1_and_a_place_that_refuses_is_code_2(
    number: int, code: int, resumed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    run(tmp_path / "run")

    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("mitbadak.runs.folder.write_atomically", refuse)
    start = ["spiral", "--epochs", "1", "--out", str(tmp_path / "new")]
    resume = ["--resume", str(tmp_path / "run"), "--epochs", "4"]
    assert main(["train", *(resume if resumed else start)]) == code
    err = capfd.readouterr().err
    assert os.strerror(number) in err
    assert err.count("\n") == 1


def test_a_folder_that_cannot_be_written_is_refused_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path / "run")

    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("mitbadak.runs.folder.write_atomically", refuse)
    message = r"new cannot be written: Read-only file system\. Choose another folder"
    with pytest.raises(RunFolderError, match=message):
        Session.start(settings(), tmp_path / "new")
    with pytest.raises(RunFolderError, match=r"run cannot be written: Read-only.*is unchanged"):
        Session.resume(tmp_path / "run", epochs=4)
    monkeypatch.undo()
    Session.resume(tmp_path / "run", epochs=4).train()


ARGUMENTS = {
    "starting": ("train", "spiral", "--epochs", "1", "--engine", "numpy", "--out"),
    "resuming": ("train", "--epochs", "2", "--resume"),
    "evaluating": ("evaluate",),
    "listing": ("runs",),
}
FIRST = 3  # of the calls of each kind, which fail in turn; after them every STRIDEth
STRIDE = 13


def save_without_drawing(figure: object, path: Path, *, check: Callable[[], None]) -> None:
    """In place of ``save_figure``, whose drawing takes longer than the rest of a run."""
    write_atomically(path, b"picture", check)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs of one and of two epochs that nothing disturbed."""
    folder = tmp_path_factory.mktemp("runs")
    for name, epochs in (("one", 1), ("two", 2)):
        run(folder / name, epochs=epochs, engine="numpy")
    return folder


@pytest.mark.filterwarnings("ignore:no picture was written")
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("what", ARGUMENTS)
def test_a_failing_system_call_ends_in_one_line_and_leaves_a_resumable_run(
    what: str,
    call: str,
    runs: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Every second time all later calls of the kind fail too."""
    monkeypatch.setattr("mitbadak.plots.save_figure", save_without_drawing)
    for at in chain(range(FIRST), count(FIRST, STRIDE)):
        out = tmp_path / str(at) / "run"
        out.parent.mkdir()
        if what != "starting":
            shutil.copytree(runs / "one", out)
            (out / ".config.json.part").touch()
        failing = Failing(call, at, ERRORS[at % len(ERRORS)], out.parent, lasting=at % 2 == 1)
        with failing.entered():
            code = main([*ARGUMENTS[what], str(out)])
        if not failing.hit:
            break
        lines = capfd.readouterr().err.splitlines()
        assert (code, len(lines)) in ((0, 0), (1, 1), (2, 1)), (at, code, lines)
        if what in ("evaluating", "listing"):
            same_runs(out, runs / "one")
            continue
        epochs = 1 if what == "starting" else 2
        if (out / "config.json").exists():
            Session.resume(out, epochs=epochs).train()
        else:
            run(out, epochs=epochs, engine="numpy")
        same_runs(out, runs / ("one" if epochs == 1 else "two"))
        assert not [path.name for path in out.iterdir() if path.name.startswith(".")]


def test_a_file_in_the_place_of_a_parent_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunFolderError, match="cannot be written: Not a directory"):
        Session.start(settings(), tmp_path / "file" / "run")
