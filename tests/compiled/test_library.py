"""Machine code is compiled once, kept whole, and loaded without the compiler."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from mitbadak.errors import StateError
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
    """A library loaded as a new process would, with its files in ``folder``."""
    monkeypatch.setenv(library.FOLDER_VARIABLE, str(folder))
    return library.load.__wrapped__(name)


def slopes(engine: str = "compiled") -> np.ndarray:
    net = MLP([3, 4, 2], rng=0, init=1.0)
    return net.numerical_gradient(np.eye(3), [0, 1, 1], engine=engine)["W1"]


def test_once_compiled_a_process_trains_without_the_compiler(tmp_path):
    environment = {**os.environ, library.FOLDER_VARIABLE: str(tmp_path)}

    def train() -> subprocess.CompletedProcess:
        command = [sys.executable, "-c", TRAIN]
        return subprocess.run(command, capture_output=True, text=True, check=True, env=environment)

    assert train().stderr.startswith("compiling kernels for this machine, once")
    done = train()
    assert (done.stdout.split(), done.stderr) == (["False", "False"], "")


def test_code_is_kept_once_and_compiled_again_when_its_file_is_damaged(
    tmp_path, monkeypatch, capsys
):
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


def test_a_folder_that_cannot_be_written_is_said_and_costs_only_time(tmp_path, monkeypatch, capsys):
    blocked = tmp_path / "a file"
    blocked.write_text("in the way")
    kernels = fresh_load("slopes", blocked, monkeypatch)
    said = capsys.readouterr().err
    assert f"{library.FOLDER_VARIABLE} names another folder" in said
    monkeypatch.setattr("mitbadak.compiled.moves.library.load", lambda name: kernels)
    np.testing.assert_allclose(slopes(), slopes("numpy"), atol=1e-9)


def test_code_for_another_machine_or_compiler_is_not_taken(monkeypatch):
    here = library._key("kernels")
    monkeypatch.setattr(library, "version", lambda package: f"another {package}")
    other = library._key("kernels")
    monkeypatch.setattr(library, "_features", lambda: "-everything")
    assert len({here, other, library._key("kernels"), library._key("slopes")}) == 4


def test_kernels_may_call_nothing_that_only_the_compiler_brings(monkeypatch, tmp_path):
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
def test_code_is_kept_where_the_system_keeps_such_things(
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
