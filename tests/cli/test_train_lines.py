"""How much of a training is printed."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from command_line import Capture, printed, refused
from mitbadak.cli.train_flags import GROUPS
from mitbadak.runs.config import TrainConfig


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def epochs_in(output: str) -> list[int]:
    return [int(number) for number in re.findall(r"^epoch +(\d+)/", output, re.MULTILINE)]


@pytest.mark.parametrize(("epochs", "every", "expected"), [
    (3, None, [0, 1, 2, 3]),
    (30, None, list(range(31))),
    (300, None, list(range(0, 301, 15))),
    (47, None, [*range(0, 47, 3), 47]),
    (10, 4, [0, 4, 8, 10]),
    (47, 1, list(range(48))),
])  # fmt: skip
def test_about_twenty_of_many_epochs_are_printed(
    epochs: int, every: int | None, expected: list[int], capfd: Capture
) -> None:
    how = ("--every", str(every)) if every else ()
    assert epochs_in(printed(capfd, "train", "xor", "--epochs", str(epochs), *how)) == expected


def test_the_last_epoch_of_a_training_that_stops_early_is_printed(capfd: Capture) -> None:
    how = ("--epochs", "200", "--early-stopping", "3", "--validation", "0.2", "--every", "50")
    output = printed(capfd, "train", "xor", *how)
    last = epochs_in(output)[-1]
    assert 3 <= last < 200
    assert f"after {last} epochs" in output


def test_quiet_prints_only_the_result(capfd: Capture) -> None:
    output = printed(capfd, "train", "xor", "--epochs", "2", "--quiet")
    assert epochs_in(output) == []
    assert "run folder" not in output
    assert output.startswith("test accuracy")


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_one_of_a_thing_is_no_plural(lang: str, capfd: Capture) -> None:
    """Also of the commands beside it; a path keeps its letters."""
    out = ("--lang", lang, "--out", "1 epochs")
    output = printed(capfd, "train", "xor", "--epochs", "1", "--quiet", *out)
    assert ("after 1 epoch in" in output) == (lang == "en")
    assert "1 epochs/model.safetensors" in output
    Path("one.csv").write_text("x0,x1\n0.5,0.5\n", encoding="utf-8")
    answers = printed(capfd, "predict", "1 epochs", "one.csv", "--out", "a.csv", "--lang", lang)
    assert ("1 answer," in answers) == (lang == "en")


def test_quiet_and_every_contradict_each_other(capfd: Capture) -> None:
    message = refused(capfd, "train", "xor", "--quiet", "--every", "3")
    assert "Give one of them" in message


def test_every_setting_stands_in_one_group_of_the_help() -> None:
    grouped = [name for names in GROUPS.values() for name in names]
    settings = {setting.name for setting in dataclasses.fields(TrainConfig)} - {"data"}
    assert sorted(grouped) == sorted(settings)


def test_the_help_is_readable_at_80_columns(
    capfd: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = printed(capfd, "train", "--help").splitlines()
    assert max(map(len, lines)) <= 80
    assert {group for group in GROUPS if any(group in line for line in lines)} == set(GROUPS)
    assert len(lines) < 260
