"""Training on pictures and answering for them, at the command line."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from command_line import Capture, printed, refused
from mitbadak.cli.app import main
from mitbadak.data import mnist_datasets, write_idx
from mitbadak.runs import RunFolder, Session, TrainConfig, model_file as weights
from mitbadak.runs.fresh import preparation_of

pytestmark = [
    pytest.mark.once,
    pytest.mark.filterwarnings("default::mitbadak.core.errors.MitbadakWarning"),
]

FEW = ("--epochs", "6", "--hidden", "20", "--optimizer", "adam", "--lr", "0.01", "--batch-size",
       "50", "--activation", "relu")  # fmt: skip


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def digits() -> np.ndarray:
    """Test digits, shape (700, 28, 28)."""
    return mnist_datasets()[1].x[:700].reshape(-1, 28, 28)


def idx_run(x: np.ndarray, name: str = "") -> None:
    """A run on a few digits in IDX files, in the folder ``run``."""
    t = mnist_datasets()[1].t[: len(x)].astype(np.uint8)
    Path("set").mkdir()
    for part, rows in (("train", slice(0, -100)), ("test", slice(-100, None))):
        write_idx(Path("set") / f"{name}{part}-images-idx3-ubyte", x[rows])
        write_idx(Path("set") / f"{name}{part}-labels-idx1-ubyte", t[rows])


def trained(capfd: Capture, *args: str) -> str:
    return printed(capfd, "train", *args, "--out", "run")


def answers(capfd: Capture, *args: str, warning: str = "") -> list[dict]:
    return json.loads(printed(capfd, "predict", "run", *args, "--json", warning=warning))[
        "predictions"
    ]


def evaluated(capfd: Capture) -> float:
    return json.loads(printed(capfd, "evaluate", "run", "--json"))["test_accuracy"]


@pytest.mark.parametrize("name", ["", "emnist-digits-"])
def test_predict_and_evaluate_agree_on_idx_files(
    name: str, digits: np.ndarray, capfd: Capture
) -> None:
    idx_run(digits.swapaxes(1, 2) if name else digits, name)
    opening = trained(capfd, "set", *FEW)
    assert "ink of 20 pixels, its center of mass in the middle" in opening
    assert ("rows and columns swapped, as in EMNIST's files" in opening) == bool(name)
    files = []
    for i, digit in enumerate(digits[-100:]):
        files.append(f"{i:03}.png")
        Image.fromarray(digit).save(files[-1])
    truth = mnist_datasets()[1].t[600:700]
    right = [int(one["answer"]) == t for one, t in zip(answers(capfd, *files), truth, strict=True)]
    assert np.mean(right) == pytest.approx(evaluated(capfd))
    assert np.mean(right) > 0.6
    turned = "--no-transpose" if name else "--transpose"
    lying = [int(a["answer"]) == t for a, t in zip(answers(capfd, *files, turned), truth,
                                                   strict=True)]  # fmt: skip
    assert np.mean(lying) < np.mean(right) - 0.2


@pytest.mark.parametrize("classes", [2, 10, 12])
@pytest.mark.parametrize("color", ["gray", "rgb"])
def test_predict_and_evaluate_agree_on_folders(classes: int, color: str, capfd: Capture) -> None:
    rng = np.random.default_rng(classes)
    files, truth = [], []
    for k in range(classes):
        tone = rng.integers(0, 160, 3)
        for part, count in (("training", 12), ("testing", 5)):
            folder = Path("set") / part / f"kind {k}"
            folder.mkdir(parents=True)
            for i in range(count):
                image = np.full((16, 12, 3), 250, np.uint8)
                top = int(rng.integers(1, 9))
                image[top : top + 3, k % 10 : k % 10 + 2] = tone
                Image.fromarray(image).save(folder / f"{i}.png")
                if part == "testing":
                    files.append(str(folder / f"{i}.png"))
                    truth.append(f"kind {k}")
    opening = trained(capfd, "set", *FEW, "--batch-size", "12", "--color", color)
    assert "folders testing, training" in opening
    assert ("became gray (--color rgb keeps it)" in opening) == (color == "gray")
    assert ("--tone keep" in opening) == (color == "gray")
    right = [one["answer"] == t for one, t in zip(answers(capfd, *files), truth, strict=True)]
    assert np.mean(right) == pytest.approx(evaluated(capfd))
    assert printed(capfd, "predict", "run", *files[:2], "--picture", "p.png")
    assert Path("p.png").stat().st_size > 1000


def test_a_validation_folder_is_watched(capfd: Capture) -> None:
    for i, part in enumerate(("train", "val", "test")):
        for k in range(2):
            folder = Path("set") / part / str(k)
            folder.mkdir(parents=True)
            for j in range(10):
                Image.new("L", (5, 5), 100 * k + 10 * i + j).save(folder / f"{j}.png")
    opening = trained(capfd, "set", *FEW, "--batch-size", "5", "--early-stopping", "3")
    assert re.search(r"20 train, 20 validation, 20 test|20 train, 20 test, 20 validation", opening)
    assert "validation_accuracy" in RunFolder("run").history.read_text()
    message = refused(capfd, "train", "set", "--validation", "0.2", "--out", "other")
    assert "comes with its own validation set" in message
    message = refused(
        capfd, "train", "set/train", "--early-stopping", "3", "--validation", "0", "--out", "other"
    )
    assert "--early-stopping watches the validation set" in message


class TestSeveralDigits:
    """Two digits in one picture are two answers."""

    @pytest.fixture(autouse=True)
    def _run(self, digits: np.ndarray, capfd: Capture) -> None:
        Session.start(TrainConfig.for_data("mnist", epochs=2), "run").train()
        two = np.concatenate([digits[0], digits[1]], axis=1)
        Image.fromarray(255 - two).resize((400, 200)).save("two.png")
        Image.fromarray(255 - digits[2]).resize((200, 200)).save("one.png")
        capfd.readouterr()

    def test_json_has_one_entry_for_each_file(self, capfd: Capture) -> None:
        one, two = answers(capfd, "one.png", "two.png", warning="two.png may be read wrongly: it")
        assert one["answer"] == "1"
        assert two["answer"] == "72"
        assert [digit["answer"] for digit in two["digits"]] == ["7", "2"]
        product = np.prod([digit["probability"] for digit in two["digits"]])
        assert two["probability"] == pytest.approx(product)
        assert set(two["digits"][0]["probabilities"]) == set("0123456789")

    def test_the_terminal_shows_each(self, capfd: Capture) -> None:
        output = printed(capfd, "predict", "run", "two.png", warning=".*it shows 2 digits; all are")
        assert re.search(r"two.png, 1 of 2 +7 .*\n.*\n.*\n *two.png, 2 of 2 +2 ", output)

    def test_the_table_has_a_row_for_each(self, capfd: Capture) -> None:
        printed(capfd, "predict", "run", "one.png", "two.png", "--out", "a.csv", warning=".*")
        rows = list(csv.DictReader(Path("a.csv").read_text().splitlines()))
        assert [(r["file"], r["digit"], r["answer"]) for r in rows] == [
            ("one.png", "1", "1"), ("two.png", "1", "7"), ("two.png", "2", "2")
        ]  # fmt: skip
        printed(capfd, "predict", "run", "one.png", "--out", "a.csv")
        assert Path("a.csv").read_text().startswith("file,answer,p_0")

    def test_the_picture_shows_each(self, capfd: Capture) -> None:
        sizes = []
        for file in ("one.png", "two.png"):
            printed(capfd, "predict", "run", file, "--picture", "p.png",
                    warning=".*" if file == "two.png" else "")  # fmt: skip
            with Image.open("p.png") as picture:
                sizes.append(picture.size[1])
        assert sizes[1] > 1.5 * sizes[0]

    def test_they_are_read_row_by_row(self, digits: np.ndarray, capfd: Capture) -> None:
        two = np.concatenate([digits[0], digits[1]])
        Image.fromarray(255 - two).resize((200, 400)).save("below.png")
        (both,) = answers(capfd, "below.png", warning=".*it shows 2 digits; all are read, row by")
        assert both["answer"] == "72"

    def test_their_tone_needs_no_flag(self, capfd: Capture) -> None:
        for flag in ("--invert", "--no-invert"):
            assert "invert is for pictures that are only scaled" in refused(
                capfd, "predict", "run", "one.png", flag
            )
        answers(capfd, "one.png", "--no-center", "--invert")

    def test_only_cut_out_pictures_are_parted(self, capfd: Capture) -> None:
        (two,) = answers(capfd, "two.png", "--no-center", "--invert", warning=".*squeezes it")
        assert "digits" not in two


def test_a_picture_of_another_tone_is_warned_about(digits: np.ndarray, capfd: Capture) -> None:
    rng = np.random.default_rng(0)
    spread = np.zeros((200, 28, 28), np.uint8)
    for image in spread:  # light on dark, of any length: not in MNIST's form
        top, left = rng.integers(1, 12, 2)
        image[top : top + int(rng.integers(3, 15)), left : left + 3] = 250
    for k in range(2):
        for part in ("train", "test"):
            Path(f"set/{part}/{k}").mkdir(parents=True)
            for i, image in enumerate(spread[k::2][:40]):
                Image.fromarray(np.roll(image, 8 * k, axis=1)).save(f"set/{part}/{k}/{i}.png")
    trained(capfd, "set", *FEW, "--batch-size", "20")
    Image.fromarray(255 - spread[0]).save("dark.png")
    answers(capfd, "dark.png", warning=r"dark.png may be read wrongly: it is dark on light, and")
    own, inverted = answers(capfd, "set/test/0/0.png"), answers(capfd, "dark.png", "--invert")
    assert inverted[0]["probabilities"] == own[0]["probabilities"]


def test_pictures_in_color_are_not_cut_out(capfd: Capture) -> None:
    x = np.random.default_rng(0).integers(0, 30, (40, 12, 12, 3)).astype(np.uint8)
    x[:, 3:8, 4:7] = 240
    np.savez("set.npz", x=x, t=np.arange(40) % 2)
    trained(capfd, "set.npz", *FEW, "--batch-size", "8")
    Image.fromarray(255 - x[0]).save("dark.png")
    said = printed(capfd, "predict", "run", "dark.png", warning=r".*\(--invert turns it round\)\.")
    assert said
    message = refused(capfd, "predict", "run", "dark.png", "--center")
    assert "center makes ink gray, and this net's images are in color. Leave it out." in message


def test_rows_without_names_are_for_python(capfd: Capture) -> None:
    x = np.random.default_rng(0).integers(0, 256, (40, 30)).astype(np.uint8)
    np.savez("set.npz", x=x, t=np.arange(40) % 2)
    trained(capfd, "set.npz", *FEW, "--batch-size", "8")
    Image.new("L", (6, 5)).save("a.png")
    Path("x.csv").write_text("a,b\n1,2\n")
    for file in ("a.png", "x.csv"):
        message = refused(capfd, "predict", "run", file)
        assert re.search(rf"on rows of \d* ?.*numbers without names, .* in {file}", message)
        assert "mitbadak.load(run).predict(rows)" in message


@pytest.mark.parametrize("tone", ["light", "dark"])
def test_what_was_inverted_is_described_as_it_was(tone: str, capfd: Capture) -> None:
    for part in ("train", "test"):
        for k in range(2):
            Path(f"set/{part}/{k}").mkdir(parents=True)
            for i in range(8):
                image = np.zeros((10, 20), np.uint8)
                image[2 : 5 + i % 3, 3 + k : 9 + i] = 250
                image = image if tone == "light" else 255 - image
                Image.fromarray(image).save(f"set/{part}/{k}/{i}.png")
    opening = trained(capfd, "set", *FEW, "--tone", "invert", "--batch-size", "8")
    words = {"light": "light on dark", "dark": "dark on light"}[tone]
    assert f"images of 20 x 10 ({words}, inverted)" in opening  # width x height, as --size


class TestEarlierVersions:
    """Runs that do not store how their pictures were read are used as before."""

    def old(self, session: Session) -> None:
        """The run folder as an earlier version left it."""
        run = session.run
        stored = weights.read(run.model)
        preparation = dict(stored.values["preparation"])
        del preparation["pictures"]
        values = {**stored.values, "preparation": preparation}
        weights.write(run.model, weights.Stored(stored.arrays, values))
        config = json.loads(run.config.read_text())
        newer = ("size", "color", "paper", "tone", "center", "orientation", "first_class")
        for name in (*newer, "keep", "header", "missing"):
            del config["settings"][name]
        run.config.write_text(json.dumps(config))

    def test_of_mnist_nothing_changes(self, digits: np.ndarray, capfd: Capture) -> None:
        session = Session.start(TrainConfig.for_data("mnist", epochs=1), "run")
        session.train()
        before = preparation_of(session.run)
        self.old(session)
        assert preparation_of(session.run) == before
        printed(capfd, "train", "--resume", "run", "--epochs", "2")

    def test_of_a_folder_pixels_stay_as_they_were(self, digits: np.ndarray, capfd: Capture) -> None:
        for k in range(10):
            Path(f"set/{k}").mkdir(parents=True)
            for i in range(12):
                Image.fromarray(255 - digits[12 * k + i]).save(f"set/{k}/{i}.png")
        config = TrainConfig.for_data("set", epochs=2, batch_size=10, tone="keep")
        session = Session.start(config, "run")
        session.train()
        self.old(session)
        files = [f"set/{k}/0.png" for k in range(10)]
        capfd.readouterr()
        assert main(["predict", "run", *files, "--json"]) == 0
        assert "saved by an earlier version" in capfd.readouterr().err
        assert len(answers(capfd, *files, "--no-center")) == 10
        evaluated(capfd)
        printed(capfd, "train", "--resume", "run", "--epochs", "3")

    def goes_on_with_six_outputs(self, config: TrainConfig, capfd: Capture) -> None:
        session = Session.start(config, "run")
        session.train()
        assert session.trainer.net.n_out == 6
        self.old(session)
        evaluated(capfd)
        printed(capfd, "train", "--resume", "run", "--epochs", "2")

    def test_of_archives_the_empty_class_stays(self, capfd: Capture) -> None:
        x = np.random.default_rng(0).integers(0, 256, (60, 6, 6)).astype(np.uint8)
        np.savez("set.npz", x=x, t=np.arange(60) % 5 + 1)
        config = TrainConfig.for_data("set.npz", epochs=1, batch_size=10, first_class="0")
        self.goes_on_with_six_outputs(config, capfd)

    def test_of_letters_the_empty_class_stays(self, capfd: Capture) -> None:
        x = np.random.default_rng(0).integers(0, 256, (40, 6, 6)).astype(np.uint8)
        Path("set").mkdir()
        for part in ("train", "test"):
            write_idx(Path("set") / f"emnist-letters-{part}-images-idx3-ubyte", x)
            write_idx(
                Path("set") / f"emnist-letters-{part}-labels-idx1-ubyte",
                (np.arange(40) % 5 + 1).astype(np.uint8),
            )
        config = TrainConfig.for_data("set", epochs=1, batch_size=10, first_class="0",
                                      orientation="upright")  # fmt: skip
        self.goes_on_with_six_outputs(config, capfd)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("set", "--size", "0x3"), r"size must be auto, a number of pixels"),
        (("set", "--color", "cmyk"), r"unknown color 'cmyk'"),
        (("set", "--center", "--color", "rgb"), r"center makes ink gray"),
        (("set", "--orientation", "transposed"), r"--orientation transposed is for IDX files"),
        (("mnist", "--tone", "keep"), r"mnist is not a folder of pictures"),
        (("moons", "--size", "3"), r"moons is not a folder of pictures"),
    ],
)
def test_contradictory_settings_are_refused(
    args: tuple[str, ...], message: str, capfd: Capture
) -> None:
    for k in range(2):
        Path(f"set/{k}").mkdir(parents=True)
        for i in range(5):
            Image.new("L", (5, 5), 50 * k + i).save(f"set/{k}/{i}.png")
    assert re.search(message, refused(capfd, "train", *args, "--out", "run"))
    assert not Path("run").exists()
