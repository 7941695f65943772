"""Runs on a user's own files and folders, from the first look at the data to a prediction."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from command_line import Capture, printed, refused
from mitbadak.cli.app import main
from mitbadak.data import Preparation, write_idx
from mitbadak.runs import RunFolder, Session, TrainConfig, open_run
from mitbadak.runs.fresh import preparation_of
from mitbadak.runs.model_file import arrays_of


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def flowers(path: str, n: int = 60) -> None:
    """A table of two kinds that one column tells apart."""
    rng = np.random.default_rng(0)
    lines = ["length,width,kind"]
    for k in range(n):
        kind = ("long", "short")[k % 2]
        length = (9.0, 3.0)[k % 2] + rng.normal() / 2
        lines.append(f"{length:.3f},{rng.normal() + 100:.3f},{kind}")
    Path(path).write_text("\n".join(lines) + "\n")


def drawings(folder: str) -> None:
    """Pictures of 8 x 8 that are bright above or below."""
    rng = np.random.default_rng(0)
    for kind, rows in (("above", slice(0, 4)), ("below", slice(4, 8))):
        (Path(folder) / kind).mkdir(parents=True)
        for k in range(20):
            image = rng.integers(0, 40, (8, 8)).astype(np.uint8)
            image[rows] += 180
            Image.fromarray(image).save(Path(folder) / kind / f"{k}.png")


def trained(capfd: Capture, *args: str) -> dict:
    """The summary of a run in the folder ``run``; its progress goes to stderr."""
    capfd.readouterr()
    assert main(["train", *args, "--out", "run", "--json"]) == 0
    return json.loads(capfd.readouterr().out)


def test_a_table_is_trained_on_saved_and_predicted(capfd: Capture) -> None:
    flowers("flowers.csv")
    report = trained(capfd, "flowers.csv")
    assert report["test_accuracy"] == 1.0
    assert preparation_of(RunFolder("run")).classes == ("long", "short")
    assert preparation_of(RunFolder("run")).label == "kind"
    Path("new.csv").write_text("width,length\n100,9.1\n101,2.5\n")
    answers = json.loads(printed(capfd, "predict", "run", "new.csv", "--json"))["predictions"]
    assert [one["answer"] for one in answers] == ["long", "short"]
    assert "1.0000" in printed(capfd, "evaluate", "run")
    assert "flowers" in printed(capfd, "runs", ".")


def test_labels_are_numbers_with_a_regression_loss(capfd: Capture) -> None:
    x = np.linspace(-1, 1, 80)
    np.savetxt(
        "line.csv", np.stack([x, 3 * x + 1], axis=-1), "%.5f", ",", header="x,y", comments=""
    )
    report = trained(capfd, "line.csv", "--loss", "mean_squared_error")
    assert report["test_loss"] < 0.01
    assert Path("run/fit.png").is_file()
    assert json.loads(printed(capfd, "evaluate", "run", "--json"))["r2"] > 0.99


def test_a_table_resumes_from_another_folder_and_notices_a_change(
    capfd: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    flowers("flowers.csv")
    printed(capfd, "train", "flowers.csv", "--epochs", "2", "--out", "run")
    Path("elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    printed(capfd, "train", "--resume", "../run", "--epochs", "3")
    flowers("../flowers.csv", n=62)
    message = refused(capfd, "train", "--resume", "../run", "--epochs", "4")
    assert "the data have changed since ../run was trained on them" in message
    Path("../flowers.csv").unlink()
    assert "flowers.csv" in refused(capfd, "train", "--resume", "../run", "--epochs", "4")


def test_the_batch_size_is_reduced_to_a_small_table_unless_it_was_given(capfd: Capture) -> None:
    flowers("few.csv", n=12)
    printed(capfd, "train", "few.csv", "--epochs", "1", "--out", "run")
    assert RunFolder("run").read_config().batch_size == 8  # of 12 less a fifth
    message = refused(capfd, "train", "few.csv", "--batch-size", "32", "--out", "other")
    assert "--batch-size 32 is larger than the training set" in message


def test_a_folder_of_images_is_trained_on_and_predicted(capfd: Capture) -> None:
    drawings("pictures")
    args = ("pictures", "--epochs", "30", "--lr", "0.5", "--hidden", "8", "--batch-size", "8")
    report = trained(capfd, *args)
    assert report["test_accuracy"] == 1.0
    stored = preparation_of(RunFolder("run"))
    assert (stored.shape, stored.classes) == ((8, 8), ("above", "below"))
    answers = json.loads(printed(capfd, "predict", "run", "pictures/above/3.png", "--json"))
    assert answers["predictions"][0]["answer"] == "above"


def test_a_folder_of_idx_files_and_an_npz_of_the_same_give_the_same_net() -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (50, 6, 6)).astype(np.uint8)
    t = rng.integers(0, 3, 50).astype(np.uint8)
    Path("idx").mkdir()
    for part, rows in (("train", slice(0, 40)), ("t10k", slice(40, 50))):
        write_idx(Path("idx") / f"{part}-images-idx3-ubyte.gz", x[rows])
        write_idx(Path("idx") / f"{part}-labels-idx1-ubyte", t[rows])
    np.savez("same.npz", x_train=x[:40], y_train=t[:40], x_test=x[40:], y_test=t[40:])
    for data in ("idx", "same.npz"):
        Session.start(TrainConfig.for_data(data, epochs=2, batch_size=10), f"run-{data}").train()
    squares = TrainConfig.for_data("idx", epochs=1, batch_size=10, loss="mean_squared_error")
    assert Session.start(squares, "squares").train()[-1]["test_accuracy"] >= 0  # classes still
    nets = [open_run(f"run-{data}")[2] for data in ("idx", "same.npz")]
    for name, array in arrays_of(nets[0]).items():
        np.testing.assert_array_equal(arrays_of(nets[1])[name], array)


def test_every_setting_of_a_run_is_restored() -> None:
    config = TrainConfig.for_data(
        "mnist", epochs=1, hidden=(6,), batch_size=5000, activation="gelu", dropout=0.2,
        batch_norm=True, shift=2, optimizer="nesterov", schedule="step", warmup=4, l2=1e-4,
        l1=1e-5, clip_norm=2.0,
    )  # fmt: skip
    session = Session.start(config, "run")
    session.train()
    assert open_run("run")[1] == dataclasses.replace(config, loss="softmax_cross_entropy")
    message = repr(session.trainer.optimizer)
    for part in ("L2", "L1", "ClipNorm(limit=2", "Nesterov", "WarmUp", "StepDecay"):
        assert part in message
    assert "Dropout" in repr(session.trainer.net.layers)
    assert repr(session.trainer.augment) == "RandomShift(shape=(28, 28), most=2)"
    assert isinstance(session.source.preparation, Preparation)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("none.csv",), "there is no such file or folder"),
        (("spiral", "--shift", "1"), "shift is for images"),
        (("spiral", "--label", "x0"), "is not a table"),
        (("spiral", "--drop", "x0"), "is not a table"),
        (("spiral", "--test-share", "0.5"), "--test-share is for your own files and folders"),
        (("spiral", "--targets", "numbers"), "targets is for your own files and folders"),
        (("flowers.csv", "--label", "knd"), "did you mean 'kind'"),
        (("flowers.csv", "--targets", "numbers"), "not a finite number"),
        (("flowers.csv", "--drop", "with"), "did you mean 'width'"),
        (("flowers.csv", "--header", "none"), "first row.*--header first"),
        (("flowers.csv", "--label", "width", "--loss", "softmax_cross_entropy"), "too many for"),
        (("flowers.csv", "--encoding", "utf-99"), "unknown encoding"),
        (("flowers.csv", "--schedule", "cosin"), "did you mean 'cosine'"),
        (("flowers.csv", "--dropout", "1"), r"dropout must lie in \[0, 1\)"),
        (("flowers.csv", "--l2", "-1"), "l2 must be a finite number of at least 0"),
        (("flowers.csv", "--scale-targets"), "is for real targets, and .* use --targets numbers"),
        (("flowers.csv", "--lang", "kr"), "did you mean 'ko'"),
        (("empty",), "should hold a folder of images"),
    ],
)
def test_contradictory_settings_are_refused_and_leave_no_run(
    args: tuple[str, ...], message: str, capfd: Capture
) -> None:
    flowers("flowers.csv")
    Path("empty").mkdir()
    assert re.search(message, refused(capfd, "train", *args, "--out", "run"))
    assert not Path("run").exists()
