"""Run folders: what is in them, and what is refused."""

from __future__ import annotations

import gc
import json
import shutil
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mitbadak.core.errors import RunFolderError
from mitbadak.runs import RunFolder, Session, open_run
from mitbadak.runs.model_file import Stored, read, write
from mitbadak.training import Callback, Trainer
from small_runs import run, settings


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_run_leaves_settings_history_weights_and_checkpoint(tmp_path: Path) -> None:
    session = run(tmp_path / "run", seed=3)
    assert set(contents(tmp_path / "run")) == {
        "config.json", "history.jsonl", "model.safetensors", "checkpoint.safetensors",
    }  # fmt: skip
    content = json.loads(session.run.config.read_text())
    assert content["format"] == 1
    assert content["settings"] == {
        "data": "spiral", "hidden": [10], "epochs": 3, "batch_size": 30, "lr": 1.0,
        "optimizer": "sgd", "activation": "sigmoid", "loss": "softmax_cross_entropy",
        "init": "auto", "seed": 3, "engine": "auto", "gradient": "backprop",
        "sampling": "shuffle", "validation": 0.0, "early_stopping": 0, "watch": "validation",
        "dtype": "float32", "label": "", "targets": "auto", "test_share": 0.2,
        "schedule": "constant", "warmup": 0, "l2": 0.0, "l1": 0.0, "clip_norm": 0.0,
        "dropout": 0.0, "conv": [], "kernel": 5, "pool": 2, "batch_norm": False, "shift": 0,
        "best_by": "accuracy", "scale_targets": False, "drop": "", "keep": "",
        "categories": "", "missing": "auto",
        "delimiter": "auto", "decimal": "auto", "dates": "auto", "encoding": "auto",
        "header": "auto",
        "size": "auto", "color": "gray", "paper": "auto", "tone": "auto", "center": False,
        "orientation": "auto", "first_class": "auto",
    }  # fmt: skip
    assert session.run.read_config() == session.config
    again = session.run.read_history()
    assert again.losses == session.trainer.history.losses
    assert again.rows == session.trainer.history.rows


def test_a_run_is_opened_with_its_settings_and_its_net(tmp_path: Path) -> None:
    session = run(tmp_path / "run", hidden=(4, 5), activation="tanh")
    folder, config, net = open_run(tmp_path / "run")
    assert (folder.path, config) == (tmp_path / "run", session.config)
    assert net.params["W3"].tobytes() == session.trainer.net.params["W3"].tobytes()


def test_checkpoint_0_is_there_before_the_first_update(tmp_path: Path) -> None:
    class Look(Callback):
        def before_update(self, trainer: Trainer, loss: float, grads: Any) -> None:
            steps.append(read(tmp_path / "run/checkpoint.safetensors").values["step"])
            trainer.request_stop("seen")

    steps: list[int] = []
    session = run(tmp_path / "run", Look())
    assert steps == [0]
    assert session.trainer.step == 0


def test_without_a_name_each_run_gets_its_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folders = [Session.start(settings()).run.path for _ in range(3)]
    assert len(set(folders)) == 3
    assert all(folder.parent == Path("runs") for folder in folders)
    assert all(folder.name.startswith("spiral-") for folder in folders)


def test_an_empty_folder_can_be_used_and_parents_are_made(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    run(tmp_path / "a/b", epochs=0)
    run(tmp_path / "c/d/e", epochs=0)
    assert (tmp_path / "c/d/e/model.safetensors").exists()


def test_a_folder_with_anything_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(RunFolderError, match=r"is not an empty folder\. Choose another name"):
        Session.start(settings(), tmp_path)
    assert contents(tmp_path) == {"thesis.txt": b"years of work"}
    with pytest.raises(RunFolderError, match="not an empty folder"):
        Session.start(settings(), tmp_path / "thesis.txt")


def test_an_existing_run_is_refused_with_the_way_to_resume_it(tmp_path: Path) -> None:
    out = tmp_path / "run"
    run(out)
    before = contents(out)
    with pytest.raises(
        RunFolderError,
        match=r"mitbadak train --resume .*run, or choose another",
    ):
        Session.start(settings(seed=1), out)
    assert contents(out) == before


def test_bad_settings_or_data_make_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="batch_size 301 is larger"):
        Session.start(settings(batch_size=301), tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.fixture
def done(tmp_path: Path) -> Path:
    """A run of three epochs."""
    out = tmp_path / "run"
    run(out)
    return out


def test_a_missing_folder_or_one_without_a_run_is_refused(tmp_path: Path) -> None:
    for opened in (Session.resume, open_run):
        with pytest.raises(RunFolderError, match=r"there is no run folder .*nowhere"):
            opened(tmp_path / "nowhere")
        with pytest.raises(RunFolderError, match=r"not a run folder: it has no config\.json"):
            opened(tmp_path)


def test_a_run_without_weights_says_how_to_resume_it(done: Path) -> None:
    (done / "model.safetensors").unlink()
    with pytest.raises(RunFolderError, match=r"no weights yet\. Continue with: mitbadak train --r"):
        open_run(done)


def test_settings_cut_off_anywhere_are_refused(done: Path) -> None:
    config = done / "config.json"
    whole = config.read_bytes()
    assert whole.endswith(b"}\n")
    for length in range(len(whole) - 1):
        config.write_bytes(whole[:length])
        with pytest.raises(RunFolderError, match=r"config\.json cannot be used"):
            Session.resume(done)


def edited(path: Path, edit: Callable[[dict], Any]) -> None:
    content = json.loads(path.read_text())
    path.write_text(json.dumps(edit(content)))


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda c: [], "is not of format 1"),
        (lambda c: {**c, "format": 2}, "is not of format 1"),
        (lambda c: {**c, "more": "x" * (1 << 20)}, "holds more than 1,048,576 bytes"),
        (lambda c: {"format": 1}, "does not hold the settings of a run: data, hidden"),
        (lambda c: {**c, "settings": {**c["settings"], "more": 1}}, "does not hold the settings"),
        (
            lambda c: {**c, "settings": {**c["settings"], "hidden": 5}},
            "should be a list of whole numbers; got 5",
        ),
        (lambda c: {**c, "settings": {**c["settings"], "lr": -1}}, "lr must be a finite number"),
        (lambda c: {**c, "settings": {**c["settings"], "data": "mnits"}}, "did you mean 'mnist'"),
        (lambda c: {**c, "settings": {**c["settings"], "epochs": -1}}, "a whole number of"),
    ],
)
def test_content_that_is_not_settings_is_refused(edit: Any, message: str, done: Path) -> None:
    edited(done / "config.json", edit)
    with pytest.raises(
        RunFolderError, match=rf"config\.json cannot be used: (?!.*config\.json).*{message}"
    ):
        Session.resume(done)


def test_a_checkpoint_cut_off_is_refused(done: Path) -> None:
    checkpoint = done / "checkpoint.safetensors"
    whole = checkpoint.read_bytes()
    for length in range(0, len(whole), 7):
        checkpoint.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"checkpoint\.safetensors is damaged"):
            Session.resume(done)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"hidden": (11,)}, "another net than config.json describes"),
        ({"optimizer": "adam"}, "another optimizer than config.json describes"),
        ({"lr": 0.5}, "another optimizer than config.json describes"),
    ],
)
def test_the_checkpoint_of_another_run_is_refused(
    other: dict[str, Any], message: str, done: Path, tmp_path: Path
) -> None:
    run(tmp_path / "other", **other)
    shutil.copy(tmp_path / "other/checkpoint.safetensors", done)
    with pytest.raises(RunFolderError, match=message):
        Session.resume(done)


@pytest.mark.parametrize("key", ["net", "optimizer", "rng", "callbacks", "step", "seconds"])
def test_a_checkpoint_that_lacks_something_is_refused(key: str, done: Path) -> None:
    stored = read(done / "checkpoint.safetensors")
    values = {name: value for name, value in stored.values.items() if name != key}
    write(done / "checkpoint.safetensors", Stored(stored.arrays, values))
    with pytest.raises(RunFolderError, match=rf"safetensors cannot be resumed: '{key}'"):
        Session.resume(done)


def test_a_history_that_was_cut_short_is_refused(done: Path) -> None:
    history = done / "history.jsonl"
    lines = history.read_text().splitlines(keepends=True)
    history.write_text("".join(lines[:20]))
    with pytest.raises(RunFolderError, match=r"history\.jsonl is incomplete: .* of 30 losses"):
        Session.resume(done)
    history.write_text("".join(line for line in lines if '"epoch"' not in line))
    with pytest.raises(
        RunFolderError, match="is incomplete: it holds 30 of 30 losses and 0 of 4 rows"
    ):
        Session.resume(done)
    history.unlink()
    with pytest.raises(RunFolderError, match="is incomplete: it holds 0 of 30 losses"):
        Session.resume(done)


def test_a_history_broken_in_the_middle_is_refused(done: Path) -> None:
    text = (done / "history.jsonl").read_text()
    (done / "history.jsonl").write_text("{" + text)
    with pytest.raises(RunFolderError, match=r"cannot be resumed: .*history\.jsonl, line 1 is"):
        Session.resume(done)


def test_fewer_epochs_than_done_are_refused_and_nothing_is_lost(done: Path) -> None:
    before, history = contents(done), RunFolder(done).read_history()
    with pytest.raises(RunFolderError, match="has completed 3 epochs already; epochs 2 wo"):
        Session.resume(done, epochs=2)
    after, again = contents(done), RunFolder(done).read_history()
    assert (again.rows, again.losses) == (history.rows, history.losses)
    for name in ("config.json", "checkpoint.safetensors", "model.safetensors"):
        assert after[name] == before[name]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("step", float("inf")),
        ("step", -1),
        ("rows", [1]),
        ("rows", -2),
        ("batches_done", 10**9),
        ("engine", ["numpy"]),
        ("optimizer", {"name": "sgd", "lr": 1.0, "steps": "a"}),
        ("callbacks", 5),
        ("rng", {"bit_generator": "PCG64", "state": {"state": -1, "inc": 1}}),
        ("seconds", 10**400),
        ("net", None),
    ],
)
def test_a_checkpoint_of_absurd_values_is_refused(key: str, value: Any, done: Path) -> None:
    stored = read(done / "checkpoint.safetensors")
    write(done / "checkpoint.safetensors", Stored(stored.arrays, {**stored.values, key: value}))
    before = contents(done)
    with pytest.raises(RunFolderError):
        Session.resume(done)
    assert contents(done) == before


def test_settings_of_an_enormous_net_are_refused_before_they_take_memory(done: Path) -> None:
    edited(done / "config.json", lambda c: {**c, "settings": {**c["settings"], "hidden": [10**12]}})
    with pytest.raises(RunFolderError, match="another net than config"):
        Session.resume(done)


@pytest.mark.parametrize("engine", ["numpy", "auto"])
def test_the_rows_go_once_they_are_forgotten(tmp_path: Path, engine: str) -> None:
    """Else they stay while the pictures are drawn, which decides how much memory a run takes."""
    session = run(tmp_path / "run", engine=engine)
    rows = [
        weakref.ref(examples.x.base) for examples in (session.source.train, session.source.test)
    ]
    assert all(there() is not None for there in rows)
    session.forget_rows()
    gc.collect()
    assert [there() for there in rows] == [None, None]
