"""The commands train, evaluate and data: output, refusals and exit codes."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from command_line import Capture, printed, refused
from mitbadak import __version__
from mitbadak.cli import terminal
from mitbadak.cli.app import main
from mitbadak.cli.commands import COMMANDS
from mitbadak.data import mnist
from mitbadak.runs import RunFolder, TrainConfig
from mitbadak.runs.model_file import read
from mitbadak.training import Callback, Trainer

PNG = b"\x89PNG\r\n\x1a\n"
SHORT = ("train", "spiral", "--epochs", "2")


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run(capfd: Capture) -> Path:
    """A run of two epochs on the spiral."""
    printed(capfd, *SHORT, "--out", "run")
    return Path("run")


def test_the_version_is_printed(capfd: Capture) -> None:
    assert printed(capfd, "--version") == f"mitbadak {__version__}\n"


def help_text(capfd: Capture, monkeypatch: pytest.MonkeyPatch, *args: str) -> str:
    monkeypatch.setenv("COLUMNS", "240")  # wide enough that no line of help is broken
    return re.sub(r"\x1b\[[0-9;]*m", "", printed(capfd, *args, "--help"))


def test_help_names_the_commands(capfd: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    text = help_text(capfd, monkeypatch)
    for command in COMMANDS:
        assert re.search(rf"\b{command.__name__} +[A-Z]", text)


def test_every_setting_is_a_flag_with_its_default(
    capfd: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = help_text(capfd, monkeypatch, "train")
    for setting in dataclasses.fields(TrainConfig):
        if setting.name != "data":
            flag = "--" + setting.name.replace("_", "-")
            default: Any = "50" if setting.name == "hidden" else setting.default
            if isinstance(default, bool):
                default = "on" if default else "off"
            default = f"{default:g}" if isinstance(default, float) else str(default)
            default = default.removesuffix("()")
            says = rf"Default: {re.escape(default)}( \(|\.)" if default else "by default"
            assert re.search(rf"{flag} .*{says}", text), flag
    epochs = r"17 \(spiral, regression: 300; xor, .*blobs: 60; your own data: auto\)"
    assert re.search(rf"--epochs .*Default: {epochs}", text)
    assert re.search(r"--optimizer .*\(sgd, momentum, adam, .*lion\)", text)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["trian"], "No such command 'trian'.*Did you mean 'train'"),
        (["train", "--epoch", "3"], "No such option: --epoch .*--epochs"),
        (["train", "spirl"], "unknown data 'spirl'; did you mean 'spiral'"),
        (["train", "--optimizer", "adamm"], "unknown optimizer 'adamm'; did you mean 'adam'"),
        (["train", "--activation", "Relu"], "unknown activation 'Relu'; did you mean 'relu'"),
        (["train", "--gradient", "numeric"], "did you mean 'numerical'"),
        (["train", "--init", "xaver"], "unknown initializer 'xaver'; did you mean 'xavier'"),
        (["train", "--dtype", "float16"], "unknown dtype 'float16'; did you mean"),
        (["train", "--hidden", "abc"], "--hidden expects whole numbers such as .*; got 'abc'"),
        (["train", "--hidden", "50,0"], "hidden must be a whole number of at least 1; got 0"),
        (["train", "--hidden"], "'--hidden' requires an argument"),
        (["train", "--epochs", "x"], "Invalid value for '--epochs'"),
        (["train", "--epochs", "-1"], "epochs must be .*at least 0; got -1"),
        (["train", "--batch-size", "0"], "^mitbadak: --batch-size must be .*at least 1; got 0"),
        (["train", "spiral", "--batch-size", "301"], "larger than the training set of 300"),
        (["train", "--lr", "0"], "lr must be a finite number above 0; got 0"),
        (["train", "--lr", "nan"], "lr must be a finite number above 0; got nan"),
        (["train", "--seed", "-1"], "seed must be .*at least 0; got -1"),
        (["train", "--validation", "1"], r"validation must lie in \[0, 1\); got 1"),
        (
            ["train", "--early-stopping", "3"],
            "^mitbadak: --early-stopping watches the validation set",
        ),
        (["train", "--init", "-1"], "--init: std must be .*at least 0; got -1"),
        (["train", "--engine", "numpi"], "unknown engine 'numpi'; did you mean 'numpy'"),
        (["train", "--resume", "nowhere"], "there is no run folder nowhere"),
        (["evaluate", "nowhere"], "there is no run folder nowhere"),
        (["train", "spiral", "--label", "b"], r"spiral is not a table; --label b is for tables"),
        (["evaluate"], "Missing argument"),
    ],
)
def test_bad_input_exits_with_2_and_one_line(args: list[str], message: str, capfd: Capture) -> None:
    assert re.search(message, refused(capfd, *args))
    assert list(Path().iterdir()) == []  # nothing was created


def test_training_prints_a_line_per_epoch_and_the_run_folder(capfd: Capture) -> None:
    lines = printed(capfd, *SHORT, "--out", "run").splitlines()
    assert lines[0].startswith("spiral: 300 train, 300 test; 2 inputs, as they are. MLP([2, 10, 3]")
    assert lines[1] == "run folder: run"
    assert [line[:9] for line in lines[2:5]] == ["epoch 0/2", "epoch 1/2", "epoch 2/2"]
    assert re.match(r"test accuracy 0\.\d{4}, train loss \d\.\d{4} after 2 epochs", lines[5])
    assert lines[6:] == [
        "weights: run/model.safetensors", "curves: run/curves.png", "boundary: run/boundary.png",
        "evaluate: mitbadak evaluate run",
    ]  # fmt: skip
    assert all(Path(line.split(": ")[1]).is_file() for line in lines[6:9])
    for picture in ("curves.png", "boundary.png"):
        assert Path("run", picture).read_bytes().startswith(PNG)


def test_flags_reach_the_settings(capfd: Capture) -> None:
    printed(capfd, *SHORT, "--out", "run", "--hidden", "5,4", "--batch-size", "150", "--lr",
            "0.01", "--optimizer", "adam", "--activation", "tanh", "--init", "0.5", "--seed",
            "9", "--sampling", "replacement", "--validation", "0.1", "--early-stopping", "7",
            "--dtype", "float64", "--engine", "numpy")  # fmt: skip
    assert RunFolder("run").read_config() == TrainConfig(
        data="spiral", hidden=(5, 4), epochs=2, batch_size=150, lr=0.01, optimizer="adam",
        activation="tanh", init="0.5", seed=9, sampling="replacement", validation=0.1,
        early_stopping=7, dtype="float64", engine="numpy",
    )  # fmt: skip


def test_a_net_without_hidden_layers_can_be_trained(capfd: Capture) -> None:
    assert "MLP([2, 3])" in printed(capfd, *SHORT, "--hidden", "", "--out", "run")


def test_an_existing_folder_is_refused(run: Path, capfd: Capture) -> None:
    assert "mitbadak train --resume run, or choose" in refused(capfd, *SHORT, "--out", "run")


def test_only_the_number_of_epochs_can_change_on_resuming(run: Path, capfd: Capture) -> None:
    other = ("--lr", "1", "--batch-size", "3")
    assert "--batch-size, --lr cannot change" in refused(capfd, "train", "--resume", "run", *other)
    assert "--out cannot change" in refused(capfd, "train", "--resume", "run", "--out", "b")
    fewer = refused(capfd, "train", "--resume", "run", "--epochs", "1")
    assert "has completed 2 epochs already" in fewer
    out = printed(capfd, "train", "--resume", "run", "--epochs", "3")
    assert "continuing after epoch 2, step 20" in out
    assert "epoch 3/3" in out
    assert "epoch 2/" not in out
    assert RunFolder("run").read_history()["epoch"] == [0, 1, 2, 3]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's, about the overflow
def test_a_diverging_run_exits_with_1_and_suggests_a_remedy(capfd: Capture) -> None:
    assert main([*SHORT, "--lr", "1e20", "--activation", "relu", "--out", "run"]) == 1
    message = capfd.readouterr().err
    assert re.search(r"mitbadak: stopped: the loss became .*Try a smaller lr.*is in run\n", message)


class CtrlC(Callback):
    def on_step_end(self, trainer: Trainer) -> None:
        if trainer.step == 13:
            signal.raise_signal(signal.SIGINT)


def test_ctrl_c_exits_with_130_and_says_how_to_continue(
    capfd: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(terminal, "progress_of_training", lambda *_: (CtrlC(), None))
        assert main([*SHORT, "--out", "run", "--json"]) == 130
    captured = capfd.readouterr()
    assert "interrupted at step 13 (epoch 2); nothing is lost" in captured.err
    assert captured.err.endswith("Continue with: mitbadak train --resume run\n")
    assert json.loads(captured.out)["steps"] == 13
    printed(capfd, "train", "--resume", "run")
    printed(capfd, *SHORT, "--out", "whole")
    ends = [read(f"{out}/model.safetensors").arrays["W1"].tobytes() for out in ("run", "whole")]
    assert ends[0] == ends[1]


def test_a_run_is_evaluated_one_by_one_and_in_batches(run: Path, capfd: Capture) -> None:
    last = RunFolder(run).read_history()[-1]
    report = json.loads(printed(capfd, "evaluate", "run", "--json"))
    assert (report["run"], report["examples"]) == ("run", 300)
    assert report["test_accuracy"] == last["test_accuracy"]
    assert report["test_loss"] == pytest.approx(last["test_loss"], rel=1e-6)  # whichever engine ran
    assert set(report["seconds"]) == {"one_by_one", "batches_of_100"}
    text = printed(capfd, "evaluate", "run")
    assert f"test_accuracy {last['test_accuracy']:.4f}" in text
    times = r"\([\d.]+ times (?:fast|slow)er\)"
    assert re.search(rf"one by one [\d.e+]+ ms, in batches of 100 [\d.e+]+ ms {times}", text)


def test_a_run_without_a_usable_model_is_not_evaluated(run: Path, capfd: Capture) -> None:
    Path("foreign").mkdir()
    assert "has no config.json" in refused(capfd, "evaluate", "foreign")
    model = run / "model.safetensors"
    model.write_bytes(model.read_bytes()[:-1])
    assert "model.safetensors is damaged" in refused(capfd, "evaluate", "run")
    model.unlink()
    assert "Continue with: mitbadak train --resume run" in refused(capfd, "evaluate", "run")


def test_data_sets_are_listed_with_checksums(capfd: Capture) -> None:
    text = printed(capfd, "data")
    assert text.count("  ok ") == 4
    report = json.loads(printed(capfd, "data", "--json"))
    assert {f["sha256"] for f in report["mnist"]["files"]} == {
        f.sha256 for f in mnist.FILES.values()
    }
    assert report["spiral"] == {"train": 300, "test": 300}


@pytest.fixture
def damaged(monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of an MNIST file in which one byte is wrong."""
    shutil.copytree(mnist.FOLDER, "mnist_files")
    labels = Path("mnist_files/train-labels-idx1-ubyte.gz")
    content = bytearray(labels.read_bytes())
    content[len(content) // 2] ^= 1
    labels.write_bytes(content)
    monkeypatch.setattr(mnist, "FOLDER", Path("mnist_files"))
    return labels.name


def test_damaged_data_files_are_named(damaged: str, capfd: Capture) -> None:
    assert main(["data"]) == 2
    captured = capfd.readouterr()
    assert (captured.out.count("  ok "), captured.out.count("  DAMAGED ")) == (3, 1)
    assert captured.err == f"mitbadak: {damaged}: missing or damaged. Reinstall Mitbadak.\n"
    assert damaged in refused(capfd, "train", "mnist", "--out", "run")
    assert not Path("run").exists()


def test_missing_data_files_are_named(damaged: str, capfd: Capture) -> None:
    Path("mnist_files", damaged).unlink()
    assert f"{damaged} is missing" in refused(capfd, "train", "mnist")


def test_an_interruption_before_the_first_measurement_is_reported_in_one_line(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mitbadak.training import PrintProgress

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(PrintProgress, "on_train_begin", interrupt)
    assert main(["train", "spiral", "--out", str(tmp_path / "run")]) == 130
    err = capfd.readouterr().err
    assert err.count("\n") == 1
    assert f"mitbadak train --resume {tmp_path / 'run'}" in err


def test_a_failed_run_is_reported_once_and_exits_with_1(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = str(tmp_path / "run")
    assert main(["train", "spiral", "--epochs", "3", "--lr", "1e39", "--out", out]) == 1
    err = capfd.readouterr().err
    assert err.count("\n") == 1
    assert "Try a smaller lr" in err


def test_data_given_when_resuming_are_refused_by_name(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["train", "mnist", "--resume", str(tmp_path)]) == 2
    assert "mnist cannot change" in capfd.readouterr().err


@pytest.mark.filterwarnings("default::mitbadak.core.errors.MitbadakWarning")
def test_a_warning_is_one_line_without_a_path(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    args = ["train", "spiral", "--epochs", "1", "--early-stopping", "5", "--watch", "test"]
    assert main([*args, "--out", str(tmp_path / "run")]) == 0
    err = capfd.readouterr().err
    assert err.startswith("mitbadak: warning: EarlyStopping watches the test set")
    assert err.count("\n") == 1


def test_a_full_disk_is_reported_in_one_line_that_says_how_to_continue(
    capfd: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("mitbadak.runs.model_file.write_atomically", full)
    assert main(["train", "spiral", "--epochs", "1", "--out", str(tmp_path / "run")]) == 1
    err = capfd.readouterr().err
    assert err.count("\n") == 1
    assert "No space left on device" in err
    assert f"mitbadak train --resume {tmp_path / 'run'}" in err


def test_the_doctor_speaks_after_a_training_in_short_and_in_full(capfd: Capture) -> None:
    bad = ("train", "spiral", "--lr", "1e-6", "--epochs", "20", "--out", "run")
    lines = printed(capfd, *bad).splitlines()
    assert any(line.startswith("doctor: lr-too-small: the loss went from") for line in lines)
    assert "why, and what helps: mitbadak diagnose run" in lines
    assert not Path("run", "doctor.html").exists()
    shutil.rmtree("run")
    shown = printed(capfd, *bad, "--doctor", "--lang", "ko")
    assert "1. 오류, 1번째 단계부터: lr-too-small: " in shown
    assert "단계 시험: 손실" in shown
    assert f"진단서: {Path('run', 'doctor.html')}" in shown
    assert "<svg" in Path("run", "doctor.html").read_text(encoding="utf-8")
    shutil.rmtree("run")
    assert "doctor:" not in printed(capfd, "train", "spiral", "--out", "run")


def test_findings_are_in_the_json_as_codes_or_in_full(capfd: Capture) -> None:
    bad = ("train", "spiral", "--lr", "1e-6", "--epochs", "20", "--out", "run", "--json")
    assert main(list(bad)) == 0
    assert json.loads(capfd.readouterr().out)["findings"][0] == "lr-too-small"
    shutil.rmtree("run")
    assert main([*bad, "--doctor"]) == 0
    first = json.loads(capfd.readouterr().out)["findings"][0]
    assert (first["code"], first["trial"]["helped"]) == ("lr-too-small", True)


def test_a_page_that_cannot_be_written_is_told_in_one_line_and_the_run_is_complete(
    capfd: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("mitbadak.doctor.page.write_atomically", full)
    assert main(["train", "spiral", "--epochs", "20", "--out", "run", "--doctor"]) == 1
    out, err = capfd.readouterr()
    assert "report: " not in out
    assert "no report was written: No space left on device. The run itself is" in err
    assert err.count("\n") == 1
    assert RunFolder("run").model.exists()


@pytest.mark.filterwarnings("always")
def test_a_doctor_that_fails_leaves_a_complete_run(
    capfd: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("mitbadak.doctor.runs.diagnose_session", fail)
    assert main(["train", "spiral", "--epochs", "2", "--out", "run"]) == 0
    out, err = capfd.readouterr()
    assert err == "mitbadak: warning: the doctor could not look at the run: out of memory.\n"
    assert "evaluate: mitbadak evaluate run" in out


def test_a_doctor_and_a_checkup_at_once_are_refused(capfd: Capture) -> None:
    assert main(["train", "spiral", "--checkup", "--doctor"]) == 2
    assert "Give one of them" in capfd.readouterr().err
