"""Many runs at a glance, summarized from the ends of their files."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from mitbadak.core.errors import FormatError, RunFolderError, UnknownNameError
from mitbadak.runs import overview as module
from mitbadak.runs.folder import RunFolder
from mitbadak.runs.overview import overview, rows_of, summary_of
from mitbadak.training import history_file
from mitbadak.training.history_file import last_row
from small_runs import run


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(tmp_path_factory.mktemp("runs") / "done").run.path


@pytest.fixture
def copy(done: Path, tmp_path: Path) -> RunFolder:
    """A run folder to damage."""
    return RunFolder(shutil.copytree(done, tmp_path / "runs" / "copy"))


def test_the_summary_of_a_finished_run_is_that_of_its_last_row(done: Path) -> None:
    summary, last = summary_of(done), RunFolder(done).read_history()[-1]
    assert (summary.name, summary.data, summary.net) == ("done", "spiral", "2-10-3 sigmoid")
    assert (summary.optimizer, summary.epochs, summary.of) == ("sgd lr 1", 3, 3)
    assert (summary.accuracy, summary.loss) == (last["test_accuracy"], last["train_loss"])
    assert (summary.seconds, summary.state, summary.why) == (last["seconds"], "finished", "")


def wants_more(folder: RunFolder, epochs: int = 9) -> None:
    content = json.loads(folder.config.read_text())
    content["settings"]["epochs"] = epochs
    folder.config.write_text(json.dumps(content))


def test_a_run_is_running_while_its_folder_is_locked(copy: RunFolder) -> None:
    wants_more(copy)
    copy.hold()
    assert summary_of(copy.path).state == "running"
    copy.release()
    assert (summary_of(copy.path).state, summary_of(copy.path).why) == ("stopped", "interrupted")


def test_a_run_that_stopped_says_why(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="watches the test set"):
        run(tmp_path / "a", epochs=50, lr=1e-9, early_stopping=2, watch="test")
    summary = summary_of(tmp_path / "a")
    assert summary.state == "stopped"
    assert summary.why.startswith("test_accuracy has not risen above ")


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "checkpoint.safetensors"])
@pytest.mark.parametrize("how", ["cut", "garbage", "nested", "empty"])
def test_a_damaged_run_is_listed_as_damaged(copy: RunFolder, name: str, how: str) -> None:
    path = copy.path / name
    content = path.read_bytes()
    nested = b"[" * 99_999
    if name != "config.json":
        nested = len(nested).to_bytes(8, "little") + nested
    damage = {"cut": content[:-3], "garbage": b"\xff{" * 40, "nested": nested, "empty": b""}
    path.write_bytes(damage[how])
    summaries = overview([copy.path.parent])
    assert [(one.name, one.state) for one in summaries] == [("copy", "damaged")]
    assert name in summaries[0].why or how == "nested"


def test_a_history_with_other_content_is_damage(copy: RunFolder) -> None:
    with open(copy.history, "a") as file:
        file.write('{"epoch": "three"}\n')
    assert summary_of(copy.path).state == "damaged"
    copy.history.write_bytes(b'{"epoch": \xff}\n')
    assert summary_of(copy.path).state == "damaged"


def test_a_missing_model_or_config_is_damage(copy: RunFolder) -> None:
    copy.model.unlink()
    assert "model.safetensors is missing" in summary_of(copy.path).why
    copy.config.unlink()
    assert overview([copy.path.parent])[0].state == "damaged"


def test_a_line_that_a_crash_cut_off_does_not_count(copy: RunFolder) -> None:
    before = summary_of(copy.path)
    with open(copy.history, "ab") as file:
        file.write(b'{"epoch": 4, "step": 4')
    assert summary_of(copy.path).epochs == before.epochs == 3
    assert summary_of(copy.path).accuracy == before.accuracy


def test_the_last_row_is_found_however_many_steps_follow_it(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    steps = "".join(f'{{"step": {k}, "loss": 0.5}}\n' for k in range(9000))
    path.write_text('{"epoch": 0, "a": 1}\n{"epoch": 1, "a": 2}\n' + steps)
    assert path.stat().st_size > 3 * history_file.TAIL
    assert last_row(path) == {"epoch": 1, "a": 2}
    path.write_text(steps)
    assert last_row(path) == {}
    path.write_text("")
    assert last_row(path) == {}


def test_the_last_row_may_lie_across_two_pieces(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(history_file, "TAIL", 7)
    path = tmp_path / "history.jsonl"
    row = '{"epoch": 1, "a": 2}\n'
    for after in ("", '{"epoch": 2', '{"step": 3, "loss": 1}\n' * 3, "\n\n", "x"):
        path.write_text('{"epoch": 0}\n' + row + after)
        assert last_row(path) == {"epoch": 1, "a": 2}
    path.write_text('{"epoch": 1}')  # cut off
    assert last_row(path) == {}


def test_lines_and_histories_beyond_the_limits_are_refused(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "history.jsonl"
    path.write_text('{"epoch": 1}\n' + " " * history_file.MOST_OF_A_LINE * 2 + "\n")
    for read in (last_row, lambda path: rows_of(path.parent)):
        with pytest.raises(FormatError, match=r"line.* is longer than 65,536 bytes"):
            read(path)
    monkeypatch.setattr("mitbadak.training.history_file.FREE_PARTS", 3)
    path.write_text('{"epoch": 1}\n' * 4)
    with pytest.raises(FormatError, match="holds 4 rows"):
        rows_of(tmp_path)


@pytest.mark.parametrize("measure", ["[1]", "9" * 400, '"a"', "true"])
def test_a_row_that_no_run_wrote_is_damage(measure: str, copy: RunFolder) -> None:
    copy.history.write_text(f'{{"epoch": 1, "test_accuracy": {measure}}}\n')
    assert summary_of(copy.path).state == "damaged"
    with pytest.raises(FormatError, match=r"line 1 is not a line of a history"):
        rows_of(copy.path)


def test_the_rows_of_a_run_come_without_its_steps(done: Path) -> None:
    whole = RunFolder(done).read_history()
    assert rows_of(done).rows == whole.rows
    assert rows_of(done).losses == []


def test_folders_and_runs_can_be_given_together(done: Path, copy: RunFolder) -> None:
    (copy.path.parent / "foreign").mkdir()
    summaries = overview([done, copy.path.parent, copy.path])
    assert sorted(one.name for one in summaries) == ["copy", "done"]


def test_orders(copy: RunFolder) -> None:
    parent = copy.path.parent
    for number, name in enumerate(("b", "a")):
        shutil.copytree(copy.path, parent / name)
        for path in (parent / name).iterdir():
            os.utime(path, (1000 + number, 1000 + number))
    (parent / "b" / "history.jsonl").write_text(
        '{"epoch": 3, "test_accuracy": 1.0, "train_loss": 9.0, "seconds": 0.0}\n'
    )
    os.utime(parent / "b" / "history.jsonl", (1000, 1000))
    order = {sort: [one.name for one in overview([parent], sort)] for sort in module.SORTINGS}
    assert order["newest"] == ["copy", "a", "b"]
    assert order["name"] == ["a", "b", "copy"]
    assert order["accuracy"] == ["b", "a", "copy"]
    assert order["loss"] == ["a", "copy", "b"]
    assert order["seconds"][0] == "b"
    with pytest.raises(UnknownNameError, match="did you mean 'newest'"):
        overview([parent], "newst")


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="there is no folder"):
        overview([tmp_path / "runs"])


def test_a_long_list_opens_each_file_of_a_run_once(copy: RunFolder) -> None:
    parent = copy.path.parent
    for number in range(99):
        (parent / f"{number}").mkdir()
        for name in module.PARTS_OF_A_RUN:
            (parent / f"{number}" / name).hardlink_to(copy.path / name)
    opened, counting = [], True

    def note(event: str, details: tuple[object, ...]) -> None:  # a hook can never be removed
        if counting and event == "open" and str(details[0]).startswith(str(parent)):
            opened.append(str(details[0]))

    sys.addaudithook(note)
    assert len(overview([parent])) == 100
    counting = False
    assert len(opened) == len(set(opened))
    assert len(opened) <= 100 * len(module.PARTS_OF_A_RUN)
