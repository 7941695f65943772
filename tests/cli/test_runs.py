"""The commands on trained runs: predict, evaluate and runs."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.cells import cell_len

from command_line import Capture, printed, refused
from mitbadak import MLP, Dataset
from mitbadak.cli.runs import DISPENSABLE, fitting
from mitbadak.data import mnist_datasets
from mitbadak.data.preparation import Preparation
from mitbadak.data.source import Source
from mitbadak.runs import TrainConfig, model_file as weights, session
from mitbadak.runs.session import load_data

PNG = b"\x89PNG\r\n\x1a\n"


def few(config: TrainConfig) -> Source:
    """The data of a run; of MNIST only the first thousands, to keep the typed test run short."""
    source = load_data(config)
    if config.data != "mnist":
        return source
    train, test = (
        Dataset(d.x[:n], d.t[:n], 255) for d, n in ((source.train, 4000), (source.test, 500))
    )
    return replace(source, train=train, test=test)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run on MNIST, a run on the spiral, and eight digits as image files."""
    folder = tmp_path_factory.mktemp("trained")
    digits = TrainConfig.for_data(
        "mnist", epochs=3, hidden=(20,), lr=1.0, batch_size=20, engine="numpy"
    )
    for name, config in (
        ("digits", digits),
        ("spiral", TrainConfig.for_data("spiral", epochs=5, engine="numpy")),
    ):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(session, "load_data", few)
            session.Session.start(config, folder / "runs" / name).train()
    test = mnist_datasets()[1]
    for k in range(8):
        Image.fromarray(test.x[k].reshape(28, 28)).save(folder / f"{k}.png")
    return folder


@pytest.fixture(autouse=True)
def _in_a_copy(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(trained, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(session, "load_data", few)


def predicted(capfd: Capture, *args: str) -> list[dict]:
    return json.loads(printed(capfd, "predict", *args, "--json"))["predictions"]


def test_images_of_mnist_get_the_same_answers_as_its_arrays(capfd: Capture) -> None:
    files = [f"{k}.png" for k in range(8)]
    report = predicted(capfd, "runs/digits", *files)
    net = weights.load_net("runs/digits/model.safetensors")
    expected = net.predict(mnist_datasets()[1].batch(slice(8))[0])
    assert [one["file"] for one in report] == files
    assert [one["answer"] for one in report] == [str(k) for k in expected.argmax(axis=1)]
    for one, row in zip(report, expected, strict=True):
        assert one["probability"] == pytest.approx(row.max(), abs=1e-5)
        assert [one["probabilities"][str(k)] for k in range(10)] == pytest.approx(row, abs=1e-5)
        assert list(one["probabilities"].values()) == sorted(
            one["probabilities"].values(), reverse=True
        )


@pytest.mark.parametrize("command", ["predict runs/digits 0.png", "evaluate runs/spiral"])
def test_the_model_file_is_read_once(
    command: str, capfd: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    files: list[Path] = []
    read = weights.read
    monkeypatch.setattr(weights, "read", lambda path: files.append(path) or read(path))
    printed(capfd, *command.split())
    assert len(files) == 1


def test_a_large_dark_on_light_jpeg_gets_the_same_answer(capfd: Capture) -> None:
    (plain,) = predicted(capfd, "runs/digits", "0.png")
    large = Image.open("0.png").resize((200, 200), Image.Resampling.BICUBIC)
    page = np.full((320, 290), 250, np.uint8)
    page[90:290, 20:220] = 250 - 0.9 * np.asarray(large)
    Image.fromarray(page).save("photo.jpg", quality=60)
    (photo,) = predicted(capfd, "runs/digits", "photo.jpg")
    assert photo["answer"] == plain["answer"] == "7"
    (scaled,) = predicted(capfd, "runs/digits", "photo.jpg", "--no-center", "--invert")
    assert predicted(capfd, "runs/digits", "photo.jpg", "--no-centre", "--invert") == [scaled]
    assert scaled["probabilities"] != photo["probabilities"]


def test_three_classes_are_shown_as_bars_for_each_file(capfd: Capture) -> None:
    lines = printed(capfd, "predict", "runs/digits", "0.png", "1.png").splitlines()
    assert len(lines) == 6
    shown = [re.fullmatch(r"(\d\.png|) +(\d) +(0\.\d{4}) *([█#]*) *", line) for line in lines]
    assert all(shown)
    assert [match[1] for match in shown if match] == ["0.png", "", "", "1.png", "", ""]
    for match in shown:
        assert match is not None
        assert abs(len(match[4]) - 24 * float(match[3])) < 0.51


def test_file_names_cannot_control_the_terminal(capfd: Capture) -> None:
    try:
        shutil.copy("0.png", "a\x1b[31m[bold]b.png")
    except OSError:
        pytest.skip("this system refuses such names")
    out = printed(capfd, "predict", "runs/digits", "a\x1b[31m[bold]b.png")
    assert r"a\x1b[31m[bold]b.png" in out
    assert "\x1b" not in out


def test_answers_and_pictures_are_written(capfd: Capture) -> None:
    out = printed(capfd, "predict", "runs/digits", "0.png", "1.png", "--out", "a.csv",
                  "--picture", "a.png")  # fmt: skip
    assert out.splitlines()[-2:] == ["answers: a.csv", "picture: a.png"]
    lines = Path("a.csv").read_text().splitlines()
    assert lines[0] == "file,answer," + ",".join(f"p_{k}" for k in range(10))
    assert [line.split(",")[0] for line in lines[1:]] == ["0.png", "1.png"]
    assert sum(map(float, lines[1].split(",")[2:])) == pytest.approx(1, abs=1e-4)
    assert Path("a.png").read_bytes().startswith(PNG)


def test_rows_of_a_table_are_predicted_in_order(capfd: Capture) -> None:
    Path("points.csv").write_text("class,x1,x0\n0,0.2,0.1\n1,-0.5,0.4\n")
    net = weights.load_net("runs/spiral/model.safetensors")
    expected = net.predict([[0.1, 0.2], [0.4, -0.5]])
    report = predicted(capfd, "runs/spiral", "points.csv")
    assert [(one["row"], one["answer"]) for one in report] == [
        (k + 1, str(row.argmax())) for k, row in enumerate(expected)
    ]
    lines = printed(capfd, "predict", "runs/spiral", "points.csv").splitlines()
    assert lines == [
        f"row {k + 1}:  {row.argmax()}  {row.max():.4f}" for k, row in enumerate(expected)
    ]
    out = printed(capfd, "predict", "runs/spiral", "points.csv", "points.csv")
    assert out.splitlines()[2].startswith("points.csv, row 1:  ")
    out = printed(capfd, "predict", "runs/spiral", "points.csv", "points.csv", "--out", "a.csv")
    assert out == "4 answers, each a row of the file\nanswers: a.csv\n"
    assert Path("a.csv").read_text().splitlines()[0] == "file,row,answer,p_0,p_1,p_2"


def store(net: MLP, preparation: Preparation) -> None:
    values = {"net": net.config(), "preparation": preparation.to_config()}
    weights.write("runs/spiral/model.safetensors", weights.Stored(dict(net.params), values))


def test_predictions_of_a_regression_net_are_numbers(capfd: Capture) -> None:
    net = MLP([2, 1], loss="mean_squared_error", rng=0)
    store(net, Preparation("table", columns=("a", "b"), mean=(1.0, 2.0), std=(2.0, 4.0)))
    Path("new.csv").write_text("b,a\n6,5\n")
    (one,) = predicted(capfd, "runs/spiral", "new.csv")
    assert one["answer"] == pytest.approx(float(net.predict([2.0, 1.0])[0]))
    assert re.fullmatch(
        r"row 1:  -?[\d.e-]+\n", printed(capfd, "predict", "runs/spiral", "new.csv")
    )
    printed(capfd, "predict", "runs/spiral", "new.csv", "--out", "a.csv")
    assert Path("a.csv").read_text().splitlines()[0] == "file,row,answer"


def test_a_preparation_for_another_net_is_refused(capfd: Capture) -> None:
    store(MLP([2, 2], rng=0), Preparation("points", columns=("a", "b", "c")))
    Path("new.csv").write_text("a,b,c\n1,2,3\n")
    message = refused(capfd, "predict", "runs/spiral", "new.csv")
    assert "the preparation makes 3 numbers of each example; the net takes 2" in message


def test_a_wrong_number_of_class_names_is_refused(capfd: Capture) -> None:
    store(MLP([2, 3], rng=0), Preparation("points", columns=("a", "b"), classes=("p", "q")))
    Path("new.csv").write_text("a,b\n1,2\n")
    message = refused(capfd, "predict", "runs/spiral", "new.csv")
    assert "model.safetensors: the preparation names 2 classes; the net has 3" in message


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["predict", "runs/digits"], "Missing argument"),
        (["predict", "nowhere", "0.png"], "there is no run folder nowhere"),
        (["predict", "runs/digits", "none.png"], "none.png is missing"),
        (["predict", "runs/digits", "0.png", "cut.png"], "cut.png is a damaged image"),
        (["predict", "runs/digits", "empty.png"], "empty.png: no ink found"),
        (["predict", "runs/digits", "points.csv"], "a net on images; points.csv is a table"),
        (["predict", "runs/spiral", "0.png"], "0.png is not a table. .* columns x0, x1"),
        (["predict", "runs/spiral", "points.csv"], "lacks the column 'x1'"),
        (["predict", "runs/spiral", "none.csv"], "none.csv is missing"),
        (["predict", "runs/spiral", "a.csv", "--picture", "a.png"], "--picture draws images"),
        (["predict", "runs/digits", "0.png", "--out", "no/a.csv"], "there is no folder no"),
        (["predict", "runs/digits", "0.png", "--picture", "runs"], "runs is a folder"),
        (["predict", "runs/digits", "0.png", "--lang", "kr"], "did you mean 'ko'"),
        (["evaluate", "runs/digits", "--lang", "kr"], "did you mean 'ko'"),
        (["runs", "nowhere"], "there is no folder nowhere"),
        (["runs", "--sort", "acuracy"], "did you mean 'accuracy'"),
        (["runs", "--plot", "no/a.png"], "there is no folder no"),
        (["runs", "broken", "--plot", "a.png"], "none of these runs has curves to draw"),
    ],
)
def test_bad_input_exits_with_2_and_one_line(args: list[str], message: str, capfd: Capture) -> None:
    Path("cut.png").write_bytes(Path("0.png").read_bytes()[:90])
    Image.new("L", (30, 30), 255).save("empty.png")
    Path("points.csv").write_text("x0,y\n1,2\n")
    Path("broken").mkdir()
    Path("broken/config.json").write_text("{")
    assert re.search(message, refused(capfd, *args))


def test_too_many_files_for_one_picture_are_refused(capfd: Capture) -> None:
    files = ["0.png"] * 13
    message = refused(capfd, "predict", "runs/digits", *files, "--picture", "a.png")
    assert "at most 12 images; got 13" in message


@pytest.mark.filterwarnings("default::mitbadak.MitbadakWarning")
def test_a_net_that_diverged_is_reported(capfd: Capture) -> None:
    net = weights.load_net("runs/digits/model.safetensors")
    net.params["b2"][:] = np.nan
    weights.save(net, "runs/digits/model.safetensors")
    assert "its training diverged" in refused(capfd, "predict", "runs/digits", "0.png")
    report = printed(capfd, "evaluate", "runs/digits", "--json", warning="the net's output is NaN")
    assert "confusion" not in json.loads(report)


@pytest.mark.filterwarnings("default::mitbadak.MitbadakWarning")
def test_a_net_that_overflows_is_reported_without_a_warning_of_numpy(capfd: Capture) -> None:
    net = weights.load_net("runs/digits/model.safetensors")
    for name, sign in (("W1", 1.0), ("W2", np.inf), ("b2", -np.inf)):
        net.params[name][:] = sign
    weights.save(net, "runs/digits/model.safetensors")
    assert "its training diverged" in refused(capfd, "predict", "runs/digits", "0.png")
    report = printed(capfd, "evaluate", "runs/digits", warning="the net's output is NaN")
    assert "test_loss nan" in report


def test_evaluation_has_confusions_and_calibration(capfd: Capture) -> None:
    report = json.loads(printed(capfd, "evaluate", "runs/digits", "--json"))
    x, t = mnist_datasets()[1].batch(slice(500))
    rows = weights.load_net("runs/digits/model.safetensors").predict(x)
    matrix = np.zeros((10, 10), int)
    np.add.at(matrix, (t, rows.argmax(axis=1)), 1)
    assert report["confusion"] == matrix.tolist()
    three = report["classes"][3]
    assert three["class"] == "3"
    assert three["recall"] == pytest.approx(matrix[3, 3] / matrix[3].sum())
    assert three["precision"] == pytest.approx(matrix[3, 3] / matrix[:, 3].sum())
    assert three["support"] == matrix[3].sum()
    gaps = [b["answers"] * abs(b["accuracy"] - b["confidence"]) for b in report["calibration"]]
    assert report["calibration_error"] == pytest.approx(sum(gaps) / 500)
    assert report["picture"] == "runs/digits/quality.png"
    assert Path("runs/digits/quality.png").read_bytes().startswith(PNG)
    assert {"run", "examples", "test_loss", "test_accuracy", "seconds"} <= set(report)


def test_evaluation_prints_a_line_per_class(capfd: Capture) -> None:
    text = printed(capfd, "evaluate", "runs/spiral")
    assert re.search(r"class +precision +recall +f1 +examples\n +0 +0\.\d{4} ", text)
    assert re.search(r"expected calibration error 0\.\d{4}\npicture: runs/spiral/quality.png", text)


@pytest.mark.filterwarnings("default::mitbadak.core.errors.MitbadakWarning")
@pytest.mark.parametrize(
    "command",
    [
        "evaluate runs/spiral",
        "evaluate runs/digits",
        "predict runs/digits 0.png --picture a.png",
        "runs --plot a.png",
        "train spiral --epochs 1",
    ],
)
def test_pictures_can_have_korean_words(command: str, capfd: Capture, korean) -> None:
    """Without a Korean font, a warning says what to install, and the words are English."""
    hint = "" if korean.has_font else korean.HINT_IN_KOREAN
    printed(capfd, *command.split(), "--lang", "ko", warning=hint)


@pytest.mark.filterwarnings("default::mitbadak.core.errors.MitbadakWarning")
def test_evaluation_succeeds_where_no_picture_can_be_written(capfd: Capture) -> None:
    from mitbadak.cli.app import main

    Path("runs/spiral/quality.png").mkdir()
    assert main(["evaluate", "runs/spiral", "--json"]) == 0
    captured = capfd.readouterr()
    assert "no picture was written" in captured.err
    assert "picture" not in json.loads(captured.out)


def test_runs_are_listed_with_their_results(capfd: Capture) -> None:
    Path("runs/broken").mkdir()
    Path("runs/broken/config.json").write_text("{")
    lines = printed(capfd, "runs", "--sort", "name").splitlines()
    assert lines[0].split() == [
        "run", "data", "net", "optimizer", "epochs", "accuracy", "loss", "seconds", "state",
    ]  # fmt: skip
    assert [line.split()[0] for line in lines[1:]] == ["broken", "digits", "spiral"]
    assert "damaged: runs/broken/config.json cannot be used" in lines[1]
    assert re.search(r"mnist +784-20-10 sigmoid +sgd lr 1 +3/3 +0\.\d{4} ", lines[2])
    report = json.loads(printed(capfd, "runs", "--json", "--sort", "accuracy"))["runs"]
    assert [one["run"] for one in report] == ["runs/digits", "runs/spiral", "runs/broken"]
    assert [one["state"] for one in report] == ["finished", "finished", "damaged"]
    assert set(report[0]) == set(report[2])


@pytest.mark.parametrize("width", range(20, 140, 4))
def test_a_narrow_terminal_keeps_the_name_of_a_run_whole(width: int) -> None:
    columns = {
        "run": ["xor-20261127-150840", "강아지-1"], "data": ["xor", "강아지"],
        "net": ["2-10-2 tanh", "784-50-10 relu"], "optimizer": ["adam lr 0.1", "sgd lr 0.1"],
        "epochs": ["3/3", "17/17"], "accuracy": ["0.9950", "-"], "R2": ["-", "0.9"],
        "loss": ["0.4735", "0.1"], "seconds": ["0.0", "12.1"],
        "state": ["finished", "stopped: the loss became nan"],
    }  # fmt: skip
    shown, left_out = fitting(columns, width)
    assert shown[0] == "run"
    assert shown[-1] == "state"
    assert sorted(shown + left_out) == sorted(columns)
    assert [name for name in columns if name in shown] == shown
    room = sum(max(cell_len(text) for text in (name, *columns[name])) for name in shown[:-1])
    if set(left_out) != set(DISPENSABLE):
        assert room + 10 + 2 * (len(shown) - 1) <= width


def test_an_empty_list_of_runs_is_not_an_error(capfd: Capture) -> None:
    Path("empty").mkdir()
    assert printed(capfd, "runs", "empty") == "no runs in empty\n"
    assert json.loads(printed(capfd, "runs", "empty", "--json")) == {"runs": []}


def test_the_curves_of_several_runs_are_drawn_in_one_picture(capfd: Capture) -> None:
    out = printed(capfd, "runs", "runs/digits", "runs/spiral", "--plot", "a.png")
    assert out.endswith("picture: a.png\n")
    assert Path("a.png").read_bytes().startswith(PNG)


def test_a_regression_says_in_which_units_its_measures_are(capfd: Capture) -> None:
    lines = [f"{k},{k % 7},{40_000 + 900 * k}" for k in range(60)]
    Path("prices.csv").write_text("area,rooms,price\n" + "\n".join(lines) + "\n")
    shown = printed(capfd, "train", "prices.csv", "--epochs", "3", "--out", "r")
    assert re.search(r"R2 \S+, RMSE \d.*, train loss \S+ \(of standardized targets\)", shown)
