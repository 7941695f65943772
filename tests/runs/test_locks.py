"""Two processes never write one run folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mitbadak.core.errors import MitbadakWarning, RunFolderError
from mitbadak.runs import RunFolder, Session, locks
from mitbadak.runs.locks import LOCK_NAME, FolderLock, Standing, is_held
from small_runs import run, settings

HOLD = (
    "import sys, time\n"
    "from mitbadak.runs.locks import FolderLock\n"
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


def test_only_one_lock_is_held_within_one_process_too(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    with pytest.raises(RunFolderError, match="is being written by"):
        FolderLock(tmp_path)
    lock.release()
    lock.release()
    FolderLock(tmp_path).release()
    assert not list(tmp_path.iterdir())


def test_a_lock_on_a_deleted_folder_does_not_hold_the_new_one(tmp_path: Path) -> None:
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


def test_a_file_system_without_locks_is_warned_of(tmp_path: Path, monkeypatch) -> None:
    fcntl = pytest.importorskip("fcntl")

    def unsupported(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    with pytest.warns(MitbadakWarning, match=r"this file system .* has no locks"):
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


def test_a_refused_resume_releases_the_folder(tmp_path: Path) -> None:
    run(tmp_path / "run")
    with pytest.raises(RunFolderError, match="would go back"):
        Session.resume(tmp_path / "run", epochs=1)
    assert not is_held(tmp_path / "run")


def test_partial_files_of_a_crash_are_no_run_and_are_deleted(tmp_path: Path) -> None:
    out = tmp_path / "run"
    out.mkdir()
    (out / LOCK_NAME).write_text("process 1 on elsewhere")
    (out / ".config.json.part").write_text('{"form')
    run(out)
    assert not [p for p in out.iterdir() if p.name.startswith(".")]


posix = pytest.mark.skipif(os.name == "nt", reason="there, open files stay in place")


@posix
@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_lock_that_vanishes_between_opening_and_locking_is_not_held(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else would ever see the lock of a file that has no name any more."""
    folder, real, seen = tmp_path / "run", locks._lock, []
    folder.mkdir()

    def vanish_and_lock(handle: int) -> bool:
        if not seen:
            if what == "file":
                (folder / LOCK_NAME).unlink()
                (folder / LOCK_NAME).touch()
            else:
                folder.rename(tmp_path / "moved")
                folder.mkdir()
        seen.append(handle)
        return real(handle)

    monkeypatch.setattr(locks, "_lock", vanish_and_lock)
    lock = FolderLock(folder)
    monkeypatch.undo()
    assert is_held(folder)
    assert len(seen) == 2
    lock.release()


@posix
def test_release_removes_only_its_own_lock_file(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    old = FolderLock(folder)
    folder.rename(tmp_path / "moved")
    folder.mkdir()
    new = FolderLock(folder)
    old.release()
    assert is_held(folder)
    assert not list((tmp_path / "moved").iterdir())
    new.release()


def move(folder: Path) -> None:
    folder.rename(folder.with_name("moved"))


def swap(folder: Path, make: Callable[[Path], object]) -> None:
    path = folder / LOCK_NAME
    path.unlink()
    make(path)


DEEDS: dict[str, tuple[Callable[[Path], object], Standing]] = {
    "nothing": (lambda f: None, Standing.OWN),
    "a file beside": (lambda f: (f / "file").touch(), Standing.OWN),
    "moved": (move, Standing.MISSING),
    "deleted": (shutil.rmtree, Standing.MISSING),
    "another": (lambda f: (move(f), f.mkdir()), Standing.REPLACED),
    "a link": (lambda f: (move(f), f.symlink_to(f.parent)), Standing.REPLACED),
    "a link to nothing": (lambda f: (move(f), f.symlink_to("nowhere")), Standing.MISSING),
    "a link to itself": (lambda f: (move(f), f.symlink_to(f.parent / "moved")), Standing.OWN),
    "a file": (lambda f: (move(f), f.touch()), Standing.REPLACED),
    "no lock": (lambda f: (f / LOCK_NAME).unlink(), Standing.OWN),
    "another lock": (lambda f: swap(f, Path.touch), Standing.OWN),
    "a lock that is held": (lambda f: swap(f, lambda p: HELD.append(FolderLock(f))),
                            Standing.TAKEN),
    "a link as lock": (lambda f: swap(f, lambda p: p.symlink_to(f)), Standing.TAKEN),
    "a folder as lock": (lambda f: swap(f, Path.mkdir), Standing.TAKEN),
    "a pipe as lock": (lambda f: swap(f, os.mkfifo), Standing.TAKEN),
}  # fmt: skip
HELD: list[FolderLock] = []


@posix
@pytest.mark.parametrize("deed", DEEDS)
def test_a_lock_knows_whether_its_path_still_leads_to_it(deed: str, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    lock = FolderLock(folder)
    do, expected = DEEDS[deed]
    do(folder)
    assert lock.standing() is expected
    if expected is Standing.OWN:
        assert is_held(folder)
    lock.release()
    while HELD:
        assert is_held(folder)
        HELD.pop().release()


@posix
def test_a_pipe_for_a_lock_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / LOCK_NAME)
    assert not is_held(tmp_path)
    with pytest.raises(RunFolderError, match=r"\.lock is not a regular file\. Remove it\."):
        FolderLock(tmp_path)


def test_is_held_creates_no_lock_file(tmp_path: Path) -> None:
    assert not is_held(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_disk_error_is_not_mistaken_for_another_holder(tmp_path, monkeypatch) -> None:
    fcntl = pytest.importorskip("fcntl")

    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(fcntl, "flock", fail)
    with pytest.raises(OSError, match="Input/output error"):
        FolderLock(tmp_path)
