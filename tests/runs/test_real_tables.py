"""A run on a table with the traits of real ones: what is said, stored, predicted and resumed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mitbadak as mb
from command_line import Capture, printed, refused
from mitbadak.data import Preparation
from mitbadak.runs import RunFolder, Session, TrainConfig, open_run
from mitbadak.runs.fresh import preparation_of, table_for
from mitbadak.runs.session import load_data
from real_tables import TABLES, with_column

pytestmark = pytest.mark.once

QUICK = ("--epochs", "40", "--hidden", "8", "--engine", "numpy")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def labels_in(path: Path) -> list[str]:
    """The label of each row of a file that is separated by commas."""
    return [line.rsplit(",", 1)[1] for line in path.read_text().splitlines()[1:]]


@pytest.mark.parametrize(
    "trait", ["comma", "UTF-16", "decimal commas", "missing values", "row names of R", "ISO dates"]
)
@pytest.mark.parametrize("ending", [".csv", ".txt"])
def test_predictions_for_the_own_file_are_those_of_the_evaluation(
    trait: str, ending: str, capfd: Capture
) -> None:
    path = Path(f"a{ending}")
    path.write_bytes(TABLES[trait])
    printed(capfd, "train", str(path), *QUICK, "--out", "run")
    found = json.loads(printed(capfd, "predict", "run", str(path), "--json"))["predictions"]
    Path("plain.csv").write_bytes(TABLES["comma"])
    right = np.array([a["answer"] for a in found]) == labels_in(Path("plain.csv"))
    _, config, net = open_run("run")
    source = load_data(config)
    parts = [source.train.batch(slice(None)), source.test.batch(slice(None))]
    counted = sum(int((net.predict(x).argmax(axis=1) == t).sum()) for x, t in parts)
    assert int(right.sum()) == counted > 50
    assert json.loads(printed(capfd, "evaluate", "run", "--json"))["test_accuracy"] > 0.8


def test_decisions_are_said_and_switched_by_flags(capfd: Capture) -> None:
    Path("a.csv").write_text(with_column("id", [str(100 + 3 * k) for k in range(60)]))
    text = printed(capfd, "train", "a.csv", "--epochs", "1", "--out", "one")
    assert "predicts 'kind' (3 classes) from 2 numbers and 1 category" in text
    assert "left out: 'id' (row numbers); --keep uses it" in text
    text = printed(capfd, "train", "a.csv", "--epochs", "1", "--out", "two", "--keep", "id",
                   "--drop", "color", "--missing", "auto,-9", "--delimiter", ",",
                   "--categories", "weight", "--encoding", "utf-8", "--header", "1",
                   "--decimal", ".", "--label", "kind")  # fmt: skip
    assert "from 2 numbers and 1 category" in text
    assert "dropped: 'color'" in text
    assert preparation_of(RunFolder("two")).columns[:2] == ("id", "size")


def test_targets_decide_the_loss(capfd: Capture) -> None:
    Path("n.csv").write_bytes(TABLES["numbers"])
    Path("c.csv").write_bytes(TABLES["two classes as numbers"])
    losses = {
        ("n.csv",): "mean_squared_error",
        ("c.csv",): "softmax_cross_entropy",
        ("c.csv", "--targets", "numbers"): "mean_squared_error",
        ("n.csv", "--loss", "huber"): "huber",
        ("c.csv", "--loss", "mean_squared_error"): "mean_squared_error",
        ("c.csv", "--loss", "mean_squared_error", "--targets", "classes"): "mean_squared_error",
    }
    for k, (args, loss) in enumerate(losses.items()):
        printed(capfd, "train", *args, "--epochs", "1", "--out", f"run{k}")
        assert RunFolder(f"run{k}").read_config().loss == loss
        printed(capfd, "train", "--resume", f"run{k}", "--epochs", "2")
    message = refused(capfd, "train", "c.csv", "--targets", "numbers",
                      "--loss", "softmax_cross_entropy")  # fmt: skip
    assert "is a loss for classes, and the targets are numbers" in message


def test_a_file_without_a_header_says_how_to_read_it(capfd: Capture) -> None:
    Path("a.csv").write_bytes(TABLES["comma"].split(b"\n", 1)[1])
    assert "--header none" in refused(capfd, "train", "a.csv", "--out", "run")
    printed(capfd, "train", "a.csv", "--header", "none", "--epochs", "1", "--out", "run")
    assert len(json.loads(printed(capfd, "predict", "run", "a.csv", "--json"))["predictions"]) == 60


def test_settings_for_tables_are_refused_for_other_data(capfd: Capture) -> None:
    np.savez("a.npz", x=np.eye(9), t=np.arange(9) % 2)
    for data in ("a.npz", "moons"):
        for flag in (("--drop", "x"), ("--keep", "*"), ("--header", "none"), ("--missing", "")):
            message = refused(capfd, "train", data, *flag, "--out", "run")
            assert f"{data} is not a table" in message


def test_numbers_in_an_archive_are_predicted_without_a_flag(capfd: Capture) -> None:
    x = np.linspace(-1, 1, 60)
    np.savez("a.npz", x=x[:, None], y=3 * x + 1)
    printed(capfd, "train", "a.npz", "--epochs", "1", "--batch-size", "10", "--out", "run")
    assert RunFolder("run").read_config().loss == "mean_squared_error"


def earlier(folder: Path) -> None:
    """A run folder as before there were settings for tables."""
    run = RunFolder(folder)
    config: dict[str, Any] = json.loads(run.config.read_text())
    settings = config.get("settings", config)
    for name in ("drop", "keep", "categories", "missing", "delimiter", "decimal", "dates",
                 "encoding", "header"):  # fmt: skip
        del settings[name]
    run.config.write_text(json.dumps(config))


def test_a_run_of_an_earlier_version_reads_its_table_as_it_did(capfd: Capture) -> None:
    rows = [f"{k},7,{k % 5}.5,{k % 2}" for k in range(40)]
    Path("a.csv").write_text("id,class,x,y\n" + "\n".join(rows) + "\n")
    config = TrainConfig.for_data(
        "a.csv", epochs=1, hidden=(3,), loss="softmax_cross_entropy", batch_size=8, keep="*",
        header="first", missing="",
    )  # fmt: skip
    Session.start(config, "run").train()
    stored = preparation_of(RunFolder("run"))
    assert stored.columns == ("id", "class", "x")
    earlier(Path("run"))
    printed(capfd, "train", "--resume", "run", "--epochs", "3")
    printed(capfd, "evaluate", "run")
    plain = Preparation("table", columns=stored.columns, label="y", mean=stored.mean,
                        std=stored.std, classes=stored.classes)  # fmt: skip
    np.testing.assert_array_equal(table_for("a.csv", plain), table_for("a.csv", stored))


def test_rows_given_in_python_are_prepared_as_those_of_the_file() -> None:
    Path("a.csv").write_bytes(TABLES["comma"])
    Session.start(TrainConfig.for_data("a.csv", epochs=1, hidden=(3,)), "run").train()
    preparation, model = preparation_of(RunFolder("run")), mb.load("run/model.safetensors")
    assert isinstance(model, mb.Model)
    assert preparation.table is not None
    lines = [line.split(",")[:3] for line in Path("a.csv").read_text().splitlines()[1:]]
    rows = preparation.rows(lines)
    np.testing.assert_array_equal(rows, table_for("a.csv", preparation))
    answers = model.net.predict(rows)
    assert answers.shape == (60, 3)
    np.testing.assert_array_equal(model.predict(lines), answers)
    np.testing.assert_array_equal(model.predict("a.csv"), answers)
    np.testing.assert_array_equal(model.predict(lines[7]), answers[7])
    columns = {name: [line[k] for line in lines] for k, name in enumerate(preparation.table.names)}
    np.testing.assert_array_equal(model.predict(columns), answers)
