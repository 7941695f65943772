"""A resumed run names what has changed in its environment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kernels import WHY_NOT, needs_kernels
from mitbadak.core.engines import Engine
from mitbadak.core.errors import MitbadakWarning, RunFolderError
from mitbadak.runs import Session
from mitbadak.runs.environment import MATTERS, compare, environment
from mitbadak.runs.model_file import Stored, read, write
from small_runs import run

NUMPY = Engine("numpy", "")


def test_everything_that_the_bits_depend_on_is_recorded() -> None:
    recorded = set(environment(NUMPY, "d"))
    if not WHY_NOT:
        recorded |= set(environment(Engine("compiled", ""), "d"))
    assert recorded | {"level"} == {"data", *MATTERS}
    assert environment(NUMPY, "d")["data"] == "d"


@pytest.mark.parametrize("name", MATTERS)
def test_each_difference_is_named_in_a_warning(name: str) -> None:
    now = environment(NUMPY, "d") | {"level": "3"}
    compare(now, now, "run")
    subject, consequence = MATTERS[name]
    with pytest.warns(
        MitbadakWarning, match=f"another environment: {subject} was older.*{consequence}"
    ):
        compare(now | {name: "older"}, now, "run")


def edit_environment(out: Path, **changed: Any) -> None:
    checkpoint = out / "checkpoint.safetensors"
    stored = read(checkpoint)
    made_with = stored.values["made_with"] | changed
    write(checkpoint, Stored(stored.arrays, {**stored.values, "made_with": made_with}))


@pytest.mark.parametrize("was", ["something else", 0, None, ["a"]])
def test_a_run_whose_data_changed_is_refused(was: Any, tmp_path: Path) -> None:
    run(tmp_path / "run")
    edit_environment(tmp_path / "run", data=was)
    before = (tmp_path / "run" / "checkpoint.safetensors").read_bytes()
    with pytest.raises(RunFolderError, match=r"the data have changed since .* was trained on them"):
        Session.resume(tmp_path / "run", epochs=4)
    assert (tmp_path / "run" / "checkpoint.safetensors").read_bytes() == before


def test_a_run_made_with_another_numpy_is_resumed_with_a_warning(tmp_path: Path) -> None:
    run(tmp_path / "run")
    edit_environment(tmp_path / "run", numpy="1.0", mitbadak="0.0.1")
    with pytest.warns(MitbadakWarning) as caught:
        session = Session.resume(tmp_path / "run", epochs=4)
    session.train()
    messages = [str(w.message) for w in caught]
    assert len(messages) == 2
    assert "Mitbadak was 0.0.1 and is now" in messages[0]
    assert "NumPy was 1.0 and is now" in messages[1]


def test_a_checkpoint_without_an_environment_is_resumed(tmp_path: Path) -> None:
    run(tmp_path / "run")
    checkpoint = tmp_path / "run" / "checkpoint.safetensors"
    stored = read(checkpoint)
    del stored.values["made_with"]
    write(checkpoint, stored)
    Session.resume(tmp_path / "run", epochs=4).train()


@needs_kernels
def test_a_run_made_by_the_kernels_of_an_earlier_version_is_resumed_with_a_warning(
    tmp_path: Path,
) -> None:
    run(tmp_path / "run", engine="compiled")
    checkpoint = tmp_path / "run" / "checkpoint.safetensors"
    stored = read(checkpoint)
    made_with = {k: v for k, v in stored.values["made_with"].items() if k != "level"}
    write(checkpoint, Stored(stored.arrays, {**stored.values, "made_with": made_with}))
    with pytest.warns(MitbadakWarning, match="the level of the kernels was unknown and is now"):
        session = Session.resume(tmp_path / "run", epochs=4)
    session.train()
    assert session.trainer.history[-1]["epoch"] == 4


@needs_kernels
def test_a_compiled_run_can_be_resumed_on_numpy(tmp_path: Path) -> None:
    run(tmp_path / "run", engine="compiled")
    with pytest.warns(MitbadakWarning, match="the engine was compiled and is now numpy"):
        session = Session.resume(tmp_path / "run", epochs=4, engine="numpy")
    session.train()
    assert session.trainer.history[-1]["epoch"] == 4
