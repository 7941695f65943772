"""The result in every form, input that is refused, and the command line."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mitbadak as mb
from command_line import Capture, refused
from mitbadak.cli.app import main
from mitbadak.core.errors import (
    DtypeError,
    LabelError,
    NonFiniteError,
    RangeError,
    ShapeError,
    UnknownNameError,
)
from mitbadak.doctor.checkup.items import Item
from mitbadak.doctor.checkup.result import Checkup
from mitbadak.doctor.words.checkup_items import NAMES, PICTURES, SENTENCES
from mitbadak.nn.prepared import check_net

pytestmark = pytest.mark.once

X, T = np.random.default_rng(0).normal(size=(60, 4)), np.arange(60) % 3


@pytest.fixture(scope="module")
def result() -> Checkup:
    net = mb.MLP([4, 8, 3], "relu", rng=0)
    return mb.checkup(net, (X, T), test=(X[:20], T[:20]), lr=500.0, batch_size=20)


def test_a_result_is_its_items(result: Checkup) -> None:
    assert [item.name for item in result] == list(NAMES["en"])
    assert len(result) == 11
    assert not result.ok
    assert result.report.first == result.findings[0]
    assert result["learning-rate"].status in ("warning", "fault")
    with pytest.raises(KeyError):
        _ = result["weather"]


@pytest.mark.parametrize(("lang", "word"), [("en", "what to do"), ("ko", "할 일")])
def test_a_result_in_every_form(result: Checkup, lang: str, word: str, tmp_path: Path) -> None:
    assert word in result.text(lang)
    assert all(item.title(lang) in result.text(lang) for item in result)
    values = json.loads(json.dumps(result.to_json(lang), allow_nan=False))
    assert values["ok"] is False
    assert values["items"][4]["name"] == "learning-rate"
    assert values["findings"][0]["seen"] in result.text(lang)
    result.save(tmp_path / "checkup.html", lang)
    page = (tmp_path / "checkup.html").read_text(encoding="utf-8")
    assert f'lang="{lang}"' in page
    assert page.count("<svg") == 3
    assert page.count('role="img" aria-label="') == 3
    assert "http" not in page  # nothing is loaded from elsewhere
    assert "<script" not in page
    HTMLParser().feed(page)
    with pytest.raises(UnknownNameError, match="language"):
        result.text("de")


def test_pages_escape_what_they_show(result: Checkup) -> None:
    assert "&lt;b&gt;&amp;" in Checkup("<b>&", result.items).html()
    assert result._repr_html_() == result.html()
    assert str(result) == result.text()


def test_every_sentence_has_words_in_both_languages() -> None:
    for words in (NAMES, SENTENCES, PICTURES):
        assert set(words["en"]) == set(words["ko"])
        assert all(any("\uac00" <= c <= "\ud7a3" for c in text) for text in words["ko"].values())
    assert {key.split(":")[0] for key in SENTENCES["en"]} == set(NAMES["en"])
    with pytest.raises(UnknownNameError, match="did you mean 'zeroed-inputs'"):
        Item("zeroed-input", {})


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        ((X[:0], T[:0]), ShapeError, "train is empty"),
        ((X[:1], T[:1]), ShapeError, "checkup expects at least two examples"),
        ((X, T[:5]), ShapeError, "same number of examples"),
        ((X, T % 2 * 3), LabelError, r"class indices in 0..2 \(3 classes\); got 3"),
        ((X[:, :3], T), ShapeError, r"x of shape \(batch, 4\)"),
        (
            (np.where(X > 2, np.nan, X), T),
            NonFiniteError,
            r"x holds NaN or infinity in \d of 4 col",
        ),
        ((X, np.where(T == 1, np.inf, T)), NonFiniteError, "t holds NaN or infinity"),
        ((X, np.array(["a"] * 60)), LabelError, "all labels are 'a'"),
        ((X, np.full((60, 3), "a")), DtypeError, "t as real numbers"),
        ((X, np.full((60, 3), 0.5)), LabelError, "distribution"),
    ],
)
def test_data_that_cannot_be_trained_on_are_refused(data: Any, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        mb.checkup(mb.MLP([4, 8, 3], rng=0), data)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"batch_size": 61}, RangeError, "larger than the training set of 60"),
        ({"batch_size": 0}, RangeError, "batch_size"),
        ({"lr": -1.0}, RangeError, "lr must be a finite number above 0"),
        ({"epochs": -1}, RangeError, "epochs"),
        ({"engine": "numpi"}, UnknownNameError, "did you mean 'numpy'"),
    ],
)
def test_settings_that_make_no_sense_are_refused(
    settings: dict[str, Any], error: type, message: str
) -> None:
    with pytest.raises(error, match=message):
        mb.checkup(mb.MLP([4, 8, 3], rng=0), (X, T), **settings)


def test_what_is_no_net_or_optimizer_is_refused() -> None:
    with pytest.raises(DtypeError, match=r"checkup expects a net, such as .*; got 'adam'"):
        check_net("adam", "checkup")
    with pytest.raises(UnknownNameError, match="did you mean 'adam'"):
        mb.checkup(mb.MLP([4, 8, 3], rng=0), (X, T), optimizer="Adam")


def test_names_are_taken_as_fit_takes_them_and_the_net_learns_none() -> None:
    net, names = mb.MLP([4, 8, 3], rng=0), np.array(["cat", "dog", "eel"])[T]
    settings = {"optimizer": "adam", "lr": 0.01, "rng": 0}
    ours = mb.checkup(net, X, names, **settings)
    assert net.classes == ()
    same = mb.checkup(net, (X, T), optimizer=mb.Adam(0.01), rng=0)
    assert [item.name for item in ours if item.findings] == [
        item.name for item in same if item.findings
    ]


@pytest.fixture
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


SOUND = ("train", "moons", "--checkup")


@pytest.mark.usefixtures("_elsewhere")
@pytest.mark.parametrize(("lang", "word"), [("en", "learning rate"), ("ko", "학습률")])
def test_the_command_prints_and_does_not_train(capfd: Capture, lang: str, word: str) -> None:
    assert main([*SOUND, "--lang", lang, "--out", "page.html"]) == 0
    captured = capfd.readouterr()
    assert word in captured.out
    assert captured.err == ""
    assert [path.name for path in Path().iterdir()] == ["page.html"]


@pytest.mark.usefixtures("_elsewhere")
def test_the_command_takes_the_settings_of_the_training(capfd: Capture) -> None:
    assert main([*SOUND, "--lr", "1e6", "--hidden", "7", "--optimizer", "sgd", "--json"]) == 1
    printed = json.loads(capfd.readouterr().out)
    assert printed["ok"] is False
    assert "MLP([2, 7, 2]" in printed["subject"]
    assert "SGD(lr=1000000.0)" in printed["subject"]
    assert "lr-too-large" in [finding["code"] for finding in printed["findings"]]
    assert list(Path().iterdir()) == []


@pytest.mark.usefixtures("_elsewhere")
def test_the_command_chooses_open_settings_as_a_training_does(capfd: Capture) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(80, 2))
    lines = [f"{a},{b},{5000 + 100 * a - 50 * b}" for a, b in x.tolist()]
    Path("prices.csv").write_text("a,b,price\n" + "\n".join(lines) + "\n")
    assert main(["train", "prices.csv", "--checkup"]) == 0
    assert "Adam(lr=0.003" in capfd.readouterr().out


@pytest.mark.usefixtures("_elsewhere")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("spiral", "--out", "folder"), "with --checkup it names a page such as checkup.html"),
        (("spiral", "--out", "no/page.html"), "there is no folder no"),
        (("spirl",), "did you mean 'spiral'"),
        (("spiral", "--batch-size", "301"), "larger than the training set of 300"),
        (("spiral", "--lang", "de"), "unknown language 'de'"),
        (("--resume", "run"), "--checkup looks at a training before it starts"),
    ],
)
def test_the_command_refuses_in_one_line(
    capfd: Capture, arguments: tuple[str, ...], message: str
) -> None:
    assert message in refused(capfd, "train", *arguments, "--checkup")
