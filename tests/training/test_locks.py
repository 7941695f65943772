"""Two processes never write one run folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mitbadak.errors import MitbadakWarning, RunFolderError
from mitbadak.training import RunFolder, Session
from mitbadak.training.locks import LOCK_NAME, FolderLock, is_held
from small_runs import run, settings

HOLD = (
    "import sys, time\n"
    "from mitbadak.training.locks import FolderLock\n"
    "lock = FolderLock(sys.argv[1])\n"
    "print('held', flush=True)\n"
    "time.sleep(60)\n"
)


@pytest.fixture
def elsewhere(tmp_path: Path):
    """A process that holds the folder ``tmp_path``."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_folder_held_elsewhere_is_refused_and_the_holder_is_named(tmp_path, elsewhere) -> None:
    with pytest.raises(RunFolderError, match=f"is being written by process {elsewhere.pid} on"):
        FolderLock(tmp_path)
    assert is_held(tmp_path)


def test_a_killed_process_holds_nothing(tmp_path, elsewhere) -> None:
    elsewhere.kill()
    elsewhere.wait()
    assert not is_held(tmp_path)
    FolderLock(tmp_path).release()


def test_in_one_process_too_only_one_holds(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    with pytest.raises(RunFolderError, match="is being written by"):
        FolderLock(tmp_path)
    lock.release()
    lock.release()
    FolderLock(tmp_path).release()
    assert not list(tmp_path.iterdir())


def test_a_lock_on_a_folder_that_was_deleted_holds_not_the_new_one(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    old = FolderLock(folder)
    (folder / LOCK_NAME).unlink()
    folder.rmdir()
    folder.mkdir()
    assert not is_held(folder)
    new = FolderLock(folder)
    assert is_held(folder)
    new.release()
    old.release()


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="no way to refuse links")
def test_a_lock_that_is_a_link_empties_nothing(tmp_path: Path) -> None:
    own = tmp_path / "own.txt"
    own.write_text("precious")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".lock").symlink_to(own)
    with pytest.raises(OSError, match="symbolic link"):
        FolderLock(tmp_path / "run")
    assert not is_held(tmp_path / "run")
    assert own.read_text() == "precious"


def test_where_there_are_no_locks_it_is_said(tmp_path: Path, monkeypatch) -> None:
    fcntl = pytest.importorskip("fcntl")

    def unsupported(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    with pytest.warns(MitbadakWarning, match="this file system has no locks"):
        FolderLock(tmp_path).release()


def test_a_run_that_is_being_written_cannot_be_resumed(tmp_path: Path) -> None:
    out = tmp_path / "run"
    session = Session.start(settings(), out)
    with pytest.raises(RunFolderError, match="is being written by"):
        Session.resume(out)
    with pytest.raises(RunFolderError, match="exists and is not an empty folder"):
        Session.start(settings(), out)
    session.train()
    assert not is_held(out)
    Session.resume(out, epochs=4).train()
    assert RunFolder(out).read_history()[-1]["epoch"] == 4


def test_a_resume_that_is_refused_gives_the_folder_back(tmp_path: Path) -> None:
    run(tmp_path / "run")
    with pytest.raises(RunFolderError, match="would go back"):
        Session.resume(tmp_path / "run", epochs=1)
    assert not is_held(tmp_path / "run")


def test_what_a_crash_left_beside_is_no_run_and_is_cleared_away(tmp_path: Path) -> None:
    out = tmp_path / "run"
    out.mkdir()
    (out / LOCK_NAME).write_text("process 1 on elsewhere")
    (out / ".config.json.part").write_text('{"form')
    run(out)
    assert not [p for p in out.iterdir() if p.name.startswith(".")]
