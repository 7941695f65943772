"""Answers for images in folders of classes: what is right and what is wrong can be told apart."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from command_line import Capture, printed
from mitbadak.runs import Session, TrainConfig

NAMES = ("dark", "light")


@pytest.fixture(autouse=True)
def _a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A net that tells dark images from light ones, and new images, of which two lie wrongly."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    for folder, count in (("set", 12), ("new", 2)):
        for name, level in zip(NAMES, (60, 200), strict=True):
            Path(folder, name).mkdir(parents=True)
            for k in range(count):
                gray = level + rng.integers(-30, 31, (6, 6))
                Image.fromarray(gray.astype(np.uint8)).save(Path(folder, name, f"{k}.png"))
    Path("new/dark/1.png").replace("new/light/lies.png")
    config = TrainConfig.for_data(
        "set", epochs=40, hidden=(8,), lr=0.5, batch_size=4, tone="keep", center=False
    )
    Session.start(config, "run").train()


def files(folder: str = "new") -> list[str]:
    return [str(path) for path in sorted(Path(folder).rglob("*.png"))]


def test_each_path_says_whether_its_answer_is_right(capfd: Capture) -> None:
    lines = printed(capfd, "predict", "run", *files()).splitlines()
    verdicts = {Path(path).name: line.split("new")[0].strip()
                for path in files() for line in lines if path in line}  # fmt: skip
    assert verdicts["lies.png"] == "wrong (light)"
    assert [verdicts[Path(p).name] for p in files() if "lies" not in p] == ["right"] * 3
    assert "right: 3 of 4, by the folders of the files" in lines


def test_files_for_programs_say_it_too(capfd: Capture) -> None:
    found = json.loads(printed(capfd, "predict", "run", *files(), "--json"))["predictions"]
    wrong = [one["file"] for one in found if not one["right"]]
    assert wrong == [str(Path("new/light/lies.png"))]
    assert {one["truth"] for one in found} == set(NAMES)
    printed(capfd, "predict", "run", *files(), "--out", "answers.csv")
    rows = list(csv.DictReader(Path("answers.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["file"] for row in rows if row["right"] == "false"] == wrong
    assert all((row["answer"] == row["truth"]) == (row["right"] == "true") for row in rows)


@pytest.mark.parametrize("moved", ["new/elsewhere.png", "new/other/1.png"])
def test_where_a_folder_is_no_class_nothing_is_known(moved: str, capfd: Capture) -> None:
    Path(moved).parent.mkdir(exist_ok=True)
    Path("new/dark/0.png").replace(moved)
    output = printed(capfd, "predict", "run", *files())
    assert "right" not in output
    assert "wrong" not in output
    found = json.loads(printed(capfd, "predict", "run", *files(), "--json"))["predictions"]
    assert not any("truth" in one or "right" in one for one in found)


def test_the_picture_is_drawn_with_the_truth(capfd: Capture, monkeypatch) -> None:
    from mitbadak import plots

    seen = {}
    draw = plots.prediction_figure

    def watched(*given, truth, **more):
        seen["truth"] = truth
        return draw(*given, truth=truth, **more)

    monkeypatch.setattr(plots, "prediction_figure", watched)
    printed(capfd, "predict", "run", *files(), "--picture", "a.png")
    assert seen["truth"] == [Path(path).parent.name for path in files()]
    assert Path("a.png").exists()
