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
