"""What train, evaluate, the list of runs and the files say of a run is about the same weights."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes

import mitbadak as mb
from command_line import Capture, printed
from mitbadak.cli.app import main
from mitbadak.core.errors import FormatError
from mitbadak.plots import compare_figure, training_figure
from mitbadak.runs import RunFolder, Session, TrainConfig, model_file
from mitbadak.runs.overview import overview, rows_of, summary_of
from mitbadak.training import History

EARLY = ("--epochs", "60", "--validation", "0.25", "--early-stopping", "3")
WHOLE = ("--epochs", "6", "--validation", "0.25", "--early-stopping", "50")
PLAIN = (
    "--epochs",
    "3",
)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def trained(capfd: Capture, *args: str) -> dict[str, Any]:
    return json.loads(printed_of(capfd, *args, "--json")[0])


def printed_of(capfd: Capture, *args: str) -> tuple[str, str]:
    """Both streams of a run in the folder ``run``."""
    capfd.readouterr()
    assert main(["train", *args, "--out", "run"]) == 0
    captured = capfd.readouterr()
    return captured.out, captured.err


@pytest.mark.parametrize("flags", [EARLY, WHOLE, PLAIN])
@pytest.mark.parametrize("data", ["moons", "regression"])
def test_train_evaluate_and_the_list_of_runs_agree(
    data: str, flags: tuple[str, ...], capfd: Capture
) -> None:
    said = trained(capfd, data, *flags)
    evaluated = json.loads(printed(capfd, "evaluate", "run", "--json"))
    listed = json.loads(printed(capfd, "runs", "run", "--json"))["runs"][0]
    assert said["test_loss"] == pytest.approx(evaluated["test_loss"], rel=1e-5)
    assert listed["train_loss"] == said["train_loss"]
    assert listed["epochs"] == said["epochs"]
    if data == "moons":
        assert said["test_accuracy"] == evaluated["test_accuracy"] == listed["test_accuracy"]
    else:
        for name in ("r2", "rmse", "mae"):
            assert said[name] == pytest.approx(evaluated[name], rel=1e-5)
        assert listed["r2"] == said["r2"]
    row = model_file.read(RunFolder("run").model).values["row"]
    rows = RunFolder("run").read_history()
    kept = said["kept_epoch"] if said["kept_epoch"] is not None else said["epochs"]
    timeless = {name: value for name, value in rows[kept].items() if name != "seconds"}
    assert row.items() >= timeless.items()
    assert "seconds" not in row
    assert (said["kept_epoch"] is None) == (flags is PLAIN)


def test_the_last_line_says_that_the_best_weights_are_back(capfd: Capture) -> None:
    last = printed_of(capfd, "moons", *EARLY)[0].splitlines()[-1]
    match = re.fullmatch(
        r"the best weights are back: those of epoch (\d+) of (\d+), by validation accuracy "
        r"(0\.\d{4}|1\.0000)", last
    )  # fmt: skip
    assert match is not None, last
    rows = RunFolder("run").read_history()
    assert int(match[2]) == rows[-1]["epoch"]
    best = max(row["validation_accuracy"] for row in rows)
    assert float(match[3]) == pytest.approx(best, abs=1e-4)
    assert rows[int(match[1])]["validation_accuracy"] == best


def test_with_json_the_last_line_goes_to_stderr(capfd: Capture) -> None:
    out, err = printed_of(capfd, "moons", *EARLY, "--json")
    assert "the best weights are back" in err.splitlines()[-1]
    assert len(out.splitlines()) == 1


def test_a_run_without_early_stopping_ends_as_before(capfd: Capture) -> None:
    assert printed_of(capfd, "moons", *PLAIN)[0].endswith("evaluate: mitbadak evaluate run\n")


def test_the_net_in_the_file_is_the_one_that_the_row_measures(capfd: Capture) -> None:
    printed_of(capfd, "moons", *EARLY)
    row = model_file.read(RunFolder("run").model).values["row"]
    x, t = mb.load_moons(rng=1)
    assert mb.load("run").accuracy(x, t) == row["test_accuracy"]


def test_resuming_what_stopped_early_changes_nothing_that_is_said(capfd: Capture) -> None:
    before = trained(capfd, "moons", *EARLY)
    model = RunFolder("run").model.read_bytes()
    again = json.loads(printed_json(capfd, "train", "--resume", "run", "--epochs", "90"))
    assert {**again, "seconds": 0} == {**before, "seconds": 0}
    assert RunFolder("run").model.read_bytes() == model
    assert summary_of("run").kept == before["kept_epoch"]


def printed_json(capfd: Capture, *args: str) -> str:
    capfd.readouterr()
    assert main([*args, "--json"]) == 0
    return capfd.readouterr().out


def test_a_run_that_goes_on_is_again_at_its_last_epoch(capfd: Capture) -> None:
    printed_of(capfd, "moons", *WHOLE)
    longer = Session.resume("run", epochs=7)
    longer.trainer.callbacks.clear()  # neither early stopping nor the recorder's end
    longer.run.release()
    assert summary_of("run").epochs == 6
    said = json.loads(printed_json(capfd, "train", "--resume", "run", "--epochs", "8"))
    assert (said["epochs"], summary_of("run").epochs) == (8, 8)


def test_an_interrupted_run_has_the_measures_of_its_last_row(capfd: Capture) -> None:
    class Stop(mb.Callback):
        def on_epoch_end(self, trainer: Any, row: Any) -> None:
            if row["epoch"] == 4:
                raise KeyboardInterrupt

    config = TrainConfig.for_data("moons", epochs=9, validation=0.2, early_stopping=5)
    session = Session.start(config, "run", callbacks=[Stop()])
    session.train()
    assert session.trainer.history.kept is None
    assert "row" not in model_file.read(RunFolder("run").model).values
    summary, last = summary_of("run"), RunFolder("run").read_history()[-1]
    assert (summary.kept, summary.accuracy) == (None, last["test_accuracy"])


@pytest.mark.parametrize("row", [3, [], {}, {"epoch": "1"}, {"epoch": 1, "test_loss": "low"}])
def test_a_row_in_a_model_file_that_is_none_is_damage(row: Any, capfd: Capture) -> None:
    printed_of(capfd, "moons", *PLAIN)
    path = RunFolder("run").model
    stored = model_file.read(path)
    model_file.write(path, model_file.Stored(stored.arrays, {**stored.values, "row": row}))
    summary = overview(["run"])[0]
    assert summary.state == "damaged"
    assert "model.safetensors: the row of its measures" in summary.why
    with pytest.raises(FormatError, match="the row of its measures"):
        rows_of("run")


def vertical_lines(ax: Axes) -> list[str]:
    ends = {str(line.get_label()): np.asarray(line.get_xdata()) for line in ax.lines}
    return [label for label, x in ends.items() if len(x) == 2 and x[0] == x[1]]


def test_the_curves_mark_the_epoch_that_was_kept() -> None:
    rows = [{"epoch": k, "step": 10 * k, "train_loss": 1 / (k + 1), "test_accuracy": k / 9}
            for k in range(5)]  # fmt: skip
    history = History(rows, [0.5] * 40)
    assert [vertical_lines(ax) for ax in training_figure(history).axes] == [[], []]
    assert "test, last 0.4444" in training_figure(history).axes[1].get_legend_handles_labels()[1]
    history.kept = 2
    figure = training_figure(history)
    assert [vertical_lines(ax) for ax in figure.axes] == [["kept: epoch 2"]] * 2
    assert [np.asarray(line.get_xdata())[0] for ax in figure.axes for line in ax.lines[-1:]] == [
        20,
        2,
    ]
    assert "test, kept 0.2222" in figure.axes[1].get_legend_handles_labels()[1]


def test_a_picture_of_several_runs_shows_what_each_kept() -> None:
    rows = [{"epoch": k, "train_loss": 1.0, "test_accuracy": k / 4} for k in range(5)]
    kept, last = History(rows), History(rows)
    kept.kept = 1
    labels = [t.get_text() for t in compare_figure({"a": kept, "b": last}).legends[0].get_texts()]
    assert labels == ["a 0.2500", "b 1.0000"]


def test_the_rows_of_a_folder_know_what_was_kept(capfd: Capture) -> None:
    said = trained(capfd, "moons", *EARLY)
    assert rows_of("run").kept == said["kept_epoch"]
    shutil.rmtree("run")
    printed_of(capfd, "moons", *PLAIN)
    assert rows_of("run").kept is None


def test_a_history_as_json_keeps_the_epoch(capfd: Capture) -> None:
    history = History([{"epoch": 0}, {"epoch": 1}])
    history.kept = 0
    assert History.from_json(history.to_json()).kept == 0
    older = {k: v for k, v in json.loads(history.to_json()).items() if k != "kept"}
    assert History.from_json(json.dumps(older)).kept is None
    for wrong in (True, -1, "1", 1.5):
        with pytest.raises(FormatError, match="kept is"):
            History.from_json(json.dumps({**older, "kept": wrong}))


def test_steps_that_were_too_large_are_told_in_the_last_line_and_in_json(capfd: Capture) -> None:
    out, _ = printed_of(capfd, "spiral", "--lr", "1000", "--epochs", "20")
    assert out.splitlines()[-1].startswith("warning: the training loss has grown from 1.099 to ")
    listed = printed(capfd, "runs", "run")
    assert "finished: the training loss has grown" in listed
    shutil.rmtree("run")
    said = trained(capfd, "spiral", "--lr", "1000", "--epochs", "20")
    assert "much smaller lr than 1000" in said["warning"]
    shutil.rmtree("run")
    assert trained(capfd, "moons", *PLAIN)["warning"] == ""
