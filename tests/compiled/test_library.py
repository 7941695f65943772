"""Machine code is compiled once, cached intact, and loaded without the compiler."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mitbadak.core.errors import StateError
from mitbadak.nn import MLP

pytest.importorskip("numba")
from mitbadak.compiled import library

TRAIN = """
import sys
import mitbadak as mb
net = mb.MLP([2, 5, 3], rng=0)
history = mb.fit(net, mb.load_spiral(), epochs=1, engine="compiled", callbacks=[], rng=0)
mb.Predictor(net, engine="compiled").predict([0.1, 0.2])
assert history.engine == "compiled"
print("numba" in sys.modules, "scipy" in sys.modules)
"""


def fresh_load(name: str, folder, monkeypatch) -> dict:
    """Load a library as a new process would, with its files in ``folder``."""
    monkeypatch.setenv(library.FOLDER_VARIABLE, str(folder))
    return library.load.__wrapped__(name)


def slopes(engine: str = "compiled") -> np.ndarray:
    net = MLP([3, 4, 2], rng=0, init=1.0)
    return net.numerical_gradient(np.eye(3), [0, 1, 1], engine=engine)["W1"]


def test_with_cached_kernels_a_process_trains_without_the_compiler(tmp_path):
    environment = {**os.environ, library.FOLDER_VARIABLE: str(tmp_path)}

    def train() -> subprocess.CompletedProcess:
        command = [sys.executable, "-c", TRAIN]
        return subprocess.run(command, capture_output=True, text=True, check=True, env=environment)

    assert train().stderr.startswith("compiling kernels for this machine, once")
    done = train()
    assert (done.stdout.split(), done.stderr) == (["False", "False"], "")


def test_code_is_cached_and_compiled_again_if_its_file_is_damaged(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "not" / "there"
    fresh_load("slopes", folder, monkeypatch)
    (file,) = folder.iterdir()
    assert "compiling kernels for this machine, once" in capsys.readouterr().err
    whole = file.read_bytes()
    fresh_load("slopes", folder, monkeypatch)
    assert capsys.readouterr().err == ""
    for damaged in (whole[:-1], whole[:1000], b"", whole[:-1] + bytes([whole[-1] ^ 1])):
        file.write_bytes(damaged)
        assert library._read(file) is None
    fresh_load("slopes", folder, monkeypatch)
    assert "compiling" in capsys.readouterr().err
    assert library._read(file) is not None


def test_a_read_only_folder_is_reported_and_costs_only_time(tmp_path, monkeypatch, capsys):
    blocked = tmp_path / "a file"
    blocked.write_text("in the way")
    kernels = fresh_load("slopes", blocked, monkeypatch)
    message = capsys.readouterr().err
    assert f"Set {library.FOLDER_VARIABLE} to the full path of another folder" in message
    monkeypatch.setattr("mitbadak.compiled.moves.library.load", lambda name: kernels)
    np.testing.assert_allclose(slopes(), slopes("numpy"), atol=1e-9)


def test_code_for_another_machine_or_compiler_is_not_used(monkeypatch):
    here = library._key("kernels")
    monkeypatch.setattr(library, "version", lambda package: f"another {package}")
    other = library._key("kernels")
    monkeypatch.setattr(library, "_features", lambda: "-everything")
    assert len({here, other, library._key("kernels"), library._key("slopes")}) == 4


def test_kernels_may_not_call_functions_that_only_the_compiler_provides(monkeypatch, tmp_path):
    monkeypatch.setattr(library, "OUTSIDE", set())
    with pytest.raises(StateError, match="kernels may not call tanh"):
        fresh_load("slopes", tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("platform", "variable", "expected"),
    [
        ("linux", "XDG_CACHE_HOME", "mitbadak"),
        ("win32", "LOCALAPPDATA", "mitbadak"),
        ("darwin", None, "Library/Caches/mitbadak"),
    ],
)
def test_code_is_cached_in_the_cache_folder_of_the_system(
    platform, variable, expected, tmp_path, monkeypatch
):
    monkeypatch.delenv(library.FOLDER_VARIABLE, raising=False)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv("HOME", str(tmp_path))
    if variable:
        monkeypatch.setenv(variable, str(tmp_path))
    assert library.folder() == tmp_path / expected
    monkeypatch.setenv(library.FOLDER_VARIABLE, os.sep + "here")
    assert str(library.folder()) == os.sep + "here"


@pytest.mark.parametrize("variable", [library.FOLDER_VARIABLE, "XDG_CACHE_HOME", "HOME"])
@pytest.mark.parametrize("value", ["", ".", "cache", "./cache", "../cache"])
def test_relative_paths_in_variables_never_lead_to_the_current_folder(
    variable, value, tmp_path, monkeypatch
):
    for name in (library.FOLDER_VARIABLE, "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv(variable, value)
    if variable == "HOME":  # an empty one is the root folder to Python
        assert library.folder() in (None, Path("/.cache/mitbadak"))
    else:
        assert library.folder() == tmp_path / "home" / ".cache" / "mitbadak"


def test_without_a_home_code_is_compiled_and_not_cached(monkeypatch):
    def no_home():
        raise RuntimeError("Could not determine home directory.")

    for name in (library.FOLDER_VARIABLE, "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(library.Path, "home", no_home)
    assert library.folder() is None
    assert library._trusted(None)[1] == "there is no home folder to keep them in"


posix = pytest.mark.skipif(os.name == "nt", reason="modes mean nothing there")


def open_to_others(folder):
    folder.chmod(0o777)


def linked(folder):
    folder.rename(folder.with_name("elsewhere"))
    folder.symlink_to("elsewhere")


FOLDERS = {  # what is done, to which folder, and the expected objection
    "own": (lambda f: None, "a/b/cache", ""),
    "others write": (open_to_others, "a/b/cache", "others can write to .*cache"),
    "the group writes": (lambda f: f.chmod(0o775), "a/b/cache", "others can write to .*cache"),
    "sticky itself": (lambda f: f.chmod(0o1777), "a/b/cache", "others can write to .*cache"),
    "others write above": (open_to_others, "a", "others can write to .*a$"),
    "sticky above": (lambda f: f.chmod(0o1777), "a", ""),
    "a file": (lambda f: (f.rmdir(), f.touch()), "a/b/cache", "is not a folder"),
    "a link to one's own": (linked, "a/b", ""),
    "a link to one where others write": (
        lambda f: (linked(f), open_to_others(f.with_name("elsewhere"))), "a/b", "others can write"
    ),
    "missing": (lambda f: f.rmdir(), "a/b/cache", ""),
    "missing, others write above": (
        lambda f: (f.rmdir(), open_to_others(f.parent)), "a/b/cache", "others can write to .*b$"
    ),
}  # fmt: skip


@posix
@pytest.mark.parametrize("case", FOLDERS)
def test_code_is_run_only_from_folders_that_nobody_else_can_write_to(case, tmp_path):
    change, where, expected = FOLDERS[case]
    folder = tmp_path / "a" / "b" / "cache"
    folder.mkdir(parents=True)
    change(tmp_path / where)
    place, objection = library._trusted(folder)
    assert re.search(expected, objection)
    assert bool(objection) == bool(expected)
    if not objection:
        assert place.is_dir()
        assert place == folder.resolve()


@posix
def test_folders_of_another_user_are_not_trusted(tmp_path, monkeypatch):
    another = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: another)
    expected = "" if tmp_path.stat().st_uid == 0 else "belongs to another user"
    assert re.search(expected, library._trusted(tmp_path)[1])
    file = tmp_path / "code"
    file.write_bytes(hashlib.sha256(b"code").digest() + b"code")
    assert library._read(file) is None  # not even a file of root


@posix
def test_only_regular_files_of_the_caller_are_read_and_nothing_hangs(tmp_path, monkeypatch):
    good = tmp_path / "good"
    good.write_bytes(hashlib.sha256(b"code").digest() + b"code")
    assert library._read(good) == b"code"
    (tmp_path / "link").symlink_to(good)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("link", "pipe", "folder", "nothing"):
        assert library._read(tmp_path / name) is None, name
    for mode in (0o622, 0o620):
        good.chmod(mode)
        assert library._read(good) is None, oct(mode)
    good.chmod(0o644)
    monkeypatch.setattr(library, "MOST_BYTES", 35)
    assert library._read(good) is None


@posix
def test_cached_code_is_private_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        place, objection = library._trusted(tmp_path / "a" / "b")
        assert objection == ""
        assert library._keep(place / "code", b"code") == ""
    finally:
        os.umask(before)
    assert (place.stat().st_mode & 0o777, place.parent.stat().st_mode & 0o777) == (0o700, 0o700)
    assert library._read(place / "code") == b"code"
    assert library._trusted(place) == (place, "")
