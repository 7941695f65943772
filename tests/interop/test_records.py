"""Records for other tools: read back by those tools, and off by default."""

from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

from mitbadak.cli import main
from mitbadak.core.errors import StateError
from mitbadak.interop import MLflowRecord, TensorBoardRecord
from mitbadak.interop.records import crc32c, framed
from mitbadak.training.history import History

LINE = ["train", "xor", "--epochs", "3", "--engine", "numpy", "--hidden", "2", "--quiet"]


def events(run: Path) -> list[Path]:
    return sorted(run.glob("events.out.tfevents.*"))


def test_checksums_are_those_of_the_standard() -> None:
    # RFC 3720, appendix B.4: 32 bytes of zeros, of ones, and 0 to 31.
    for content, expected in (
        (bytes(32), 0x8A9136AA), (b"\xff" * 32, 0x62A8AB43), (bytes(range(32)), 0x46DD794E),
    ):  # fmt: skip
        assert crc32c(content) == expected
    assert len(framed(b"abc")) == 8 + 4 + 3 + 4


def test_nothing_is_recorded_unless_asked_for(tmp_path: Path) -> None:
    assert main([*LINE, "--out", str(tmp_path / "run")]) == 0
    assert not events(tmp_path / "run")


def test_tensorboard_reads_the_measures_of_every_epoch(tmp_path: Path) -> None:
    loader = pytest.importorskip("tensorboard.backend.event_processing.event_file_loader")
    run = tmp_path / "run"
    assert main([*LINE, "--out", str(run), "--record", "tensorboard"]) == 0
    assert main(["train", "--resume", str(run), "--epochs", "5", "--record", "tensorboard"]) == 0
    found: dict[tuple[str, int], float] = {}
    for path in events(run):
        for event in loader.LegacyEventFileLoader(str(path)).Load():
            for value in event.summary.value:
                found[value.tag, event.step] = value.simple_value
    rows = History.read(run / "history.jsonl").rows
    assert {step for _, step in found} == {0, 1, 2, 3, 4, 5}
    for row in rows:
        assert found["accuracy/test", row["epoch"]] == pytest.approx(row["test_accuracy"])
        assert found["loss/train", row["epoch"]] == pytest.approx(row["train_loss"])


def test_mlflow_has_settings_and_measures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mlflow: Any = pytest.importorskip("mlflow")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    run = tmp_path / "run"
    recorded_by = [sys.executable, "-m", "mitbadak", *LINE, "--out", str(run), "--record", "mlflow"]
    subprocess.run(recorded_by, check=True)  # MLflow's libraries warn, which would fail here
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        client = mlflow.MlflowClient("sqlite:///mlflow.db")
        experiment = client.get_experiment_by_name("mitbadak")
        (recorded,) = client.search_runs([experiment.experiment_id])
        values = client.get_metric_history(recorded.info.run_id, "accuracy/test")
    assert recorded.info.status == "FINISHED"
    assert recorded.data.params["hidden"] == "(2,)"
    assert recorded.info.run_name == "run"
    rows = History.read(run / "history.jsonl").rows
    assert [v.value for v in values] == [row["test_accuracy"] for row in rows]


def test_what_is_missing_or_unknown_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("mitbadak.interop.records.find_spec", lambda name: None)
    with pytest.raises(StateError, match=r"pip install 'mitbadak\[records\]'"):
        MLflowRecord()
    assert main([*LINE, "--out", str(tmp_path / "run"), "--record", "tensorbord"]) == 2
    assert "did you mean 'tensorboard'" in capfd.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_training_without_a_run_folder_needs_one_given() -> None:
    from mitbadak import MLP, fit, load_spiral

    with pytest.raises(StateError, match="has no run folder"):
        fit(MLP([2, 3, 3], rng=0), load_spiral(), epochs=1, callbacks=[TensorBoardRecord()])


def recorded(place: str) -> tuple[str, dict[str, str], list[int], str]:
    """Status, tags and steps of the only run in the records of MLflow, and its parameter epochs."""
    mlflow: Any = pytest.importorskip("mlflow")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        client = mlflow.MlflowClient(place)
        experiment = client.get_experiment_by_name("mitbadak")
        (run,) = client.search_runs([experiment.experiment_id])
        values = client.get_metric_history(run.info.run_id, "loss/train")
    return run.info.status, run.data.tags, [v.step for v in values], run.data.params["epochs"]


def mitbadak(*line: str, folder: Path) -> str:
    """What a command says on stderr, in a process: the libraries of MLflow warn."""
    command = [sys.executable, "-m", "mitbadak", *line]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return done.stderr


def test_a_run_that_is_resumed_continues_its_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("mlflow")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    elsewhere, place = tmp_path / "elsewhere", f"sqlite:///{tmp_path / 'mlflow.db'}"
    elsewhere.mkdir()
    mitbadak(*LINE, "--out", "run", "--record", "mlflow", "--record", "tensorboard",
             folder=tmp_path)  # fmt: skip
    assert recorded(place)[::2] == ("FINISHED", [0, 1, 2, 3])
    mitbadak("train", "--resume", "../run", "--epochs", "6", "-q", folder=elsewhere)
    status, tags, steps, epochs = recorded(place)
    assert (status, steps) == ("FINISHED", [0, 1, 2, 3, 4, 5, 6])
    assert (epochs, tags["epochs"]) == ("3", "6")
    assert len(events(tmp_path / "run")) == 2
    assert not list(elsewhere.iterdir())
    # Where there is no such record, a new one has it all, and a line says so.
    place = f"sqlite:///{tmp_path / 'other.db'}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", place)
    told = mitbadak("train", "--resume", "run", "--epochs", "7", "-q", folder=tmp_path)
    assert "a new one begins, with all of its epochs" in " ".join(told.split())
    assert recorded(place)[2] == [0, 1, 2, 3, 4, 5, 6, 7]


def test_a_record_that_begins_later_has_the_epochs_before(tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert main([*LINE, "--out", str(run)]) == 0
    assert main(["train", "--resume", str(run), "--epochs", "4", "--record", "tensorboard"]) == 0
    assert main(["train", "--resume", str(run), "--epochs", "5", "-q"]) == 0
    first, second = (path.read_bytes().count(b"loss/train") for path in events(run))
    assert (first, second) == (5, 1)


def test_a_record_that_cannot_go_on_says_so_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    assert main([*LINE, "--out", str(run)]) == 0
    monkeypatch.setattr("mitbadak.interop.records.find_spec", lambda name: None)
    monkeypatch.setattr("mitbadak.interop.records.kinds_of", lambda folder: ["mlflow"])
    capfd.readouterr()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        assert main(["train", "--resume", str(run), "--epochs", "4", "-q"]) == 0
    told = capfd.readouterr().err
    assert "the record of this run does not go on: " in told
    assert "pip install 'mitbadak[records]'" in told
    assert told.count("\n") == 1


def test_passwords_of_records_are_not_written() -> None:
    from mitbadak.interop.records import _kept

    assert _kept("https://kim:geheim@lab/x?password=geheim") == "https://kim@lab/x"
    assert _kept("sqlite:///mlflow.db") == f"sqlite:///{Path('mlflow.db').absolute()}"
