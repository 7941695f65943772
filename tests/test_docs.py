"""What the documents promise: their Python runs, their links lead somewhere, their flags exist."""

from __future__ import annotations

import inspect
import re
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

import mitbadak as mb
from mitbadak.cli.predict import predict
from mitbadak.cli.train_flags import train_signature

ROOT = Path(__file__).parent.parent
READMES = ["README.md", "README.ko.md"]
LESSONS = ["docs/newton.md", "docs/newton.ko.md"]
OWN_DATA = ["docs/own-data.md", "docs/own-data.ko.md"]
TABLES = ["docs/tables.md", "docs/tables.ko.md"]
IMAGES = ["docs/image-data.md", "docs/image-data.ko.md"]
EXTENDING = ["docs/extending.md", "docs/extending.ko.md"]
WHY_A_LOSS = ["docs/why-a-loss.md", "docs/why-a-loss.ko.md"]
PAST_ONE = ["docs/past-one-machine.md", "docs/past-one-machine.ko.md"]
EXCHANGE = ["docs/exchange.md", "docs/exchange.ko.md"]
CONVOLUTION = ["docs/convolution.md", "docs/convolution.ko.md"]
THREE_WAYS = ["docs/three-ways.md", "docs/three-ways.ko.md"]
GRAPHS = ["docs/graph-pictures.md", "docs/graph-pictures.ko.md"]
IN_BOTH_LANGUAGES = [
    LESSONS, OWN_DATA, TABLES, IMAGES, EXTENDING, WHY_A_LOSS, CONVOLUTION, THREE_WAYS, GRAPHS,
    EXCHANGE, PAST_ONE,
]  # fmt: skip
PAGES = [*chain(*IN_BOTH_LANGUAGES)]
COURSE = ["lessons/README.md", "lessons/README.ko.md"]
DOCUMENTS = [*READMES, *PAGES, *COURSE, "CONTRIBUTING.md", "docs/ARCHITECTURE.md"]


def blocks(document: str, language: str) -> list[str]:
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize("document", READMES)
def test_the_python_of_a_readme_runs(document, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    for block in blocks(document, "python"):
        shorter = block.replace("epochs=5", "epochs=1")
        exec(compile(shorter, document, "exec"), names)
    assert names["x"].shape == (2,)
    np.testing.assert_allclose(names["x"], [0, 0], atol=1e-8)
    assert set(names["grad"]) == {"W1", "b1", "W2", "b2"}


@pytest.mark.parametrize("document", PAGES)
def test_the_python_of_a_page_runs(document, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    for block in blocks(document, "python"):
        exec(compile(block, document, "exec"), names)
    if document in THREE_WAYS:
        assert names["loss_of_layers"] == pytest.approx(names["loss"], rel=1e-12)
        np.testing.assert_allclose(names["a"].grad, names["p"].value - [[0, 1, 0]], atol=1e-15)
        assert not names["report"].ok
    if document in OWN_DATA:
        assert names["model"].classify([[35.0, 2.0], [3.0, 1.0]]).tolist() == ["long", "short"]
    if document in TABLES:
        np.testing.assert_array_equal(names["rows"], names["same"])
        assert {*names["preparation"].columns} == {"height", "kind=oak", "kind=pine"}
    if document in IMAGES:
        assert names["source"].preparation.pictures.inverted
        assert names["model"].classify("new.png").tolist() == ["ring"]
        assert names["model"].net.accuracy(*names["source"].test.batch(slice(None))) == 1
    if document in WHY_A_LOSS:
        assert names["accuracies"] == (0.68,) * 3
        assert names["slope_of_accuracy"] == 0
        slope = names["net"].gradient(names["x"], names["t"])["W2"][7, 3]
        assert names["slope_of_loss"] == pytest.approx(slope, rel=0.01)
        assert (np.diff(names["stairs"]) == 0).mean() > 0.5
    if document in EXTENDING:
        assert names["net"].classes == ("left", "right")
        assert names["net"].accuracy(names["x"], names["names"]) > 0.9
    if document in LESSONS:
        assert 0.1 < names["valley"](names["descent"].x) < 1
        np.testing.assert_array_equal(names["H"], [[2, 0], [0, 2]])
        product = mb.hessian_vector_product(names["valley"], names["start"], names["v"])
        np.testing.assert_allclose(product, mb.hessian(names["valley"], names["start"])[:, 0])


@pytest.mark.parametrize("pair", IN_BOTH_LANGUAGES)
def test_a_page_runs_the_same_code_in_both_languages(pair):
    def code(document: str) -> list[str]:
        code = [re.sub(r"\s*#.*", "", block) for block in blocks(document, "python")]
        if pair is GRAPHS:  # the words in its pictures are of the page's language
            return [re.sub(r'"[^"]*"', '""', block) for block in code]
        return code

    assert code(pair[0]) == code(pair[1])


def test_the_table_beside_scikit_learn_has_the_same_numbers_in_both_languages():
    tables = [
        re.findall(r"\d\.\d{3}", (ROOT / document).read_text(encoding="utf-8"))
        for document in OWN_DATA
    ]
    assert tables[0] == tables[1]
    assert len(tables[0]) >= 60


def test_both_readmes_show_the_same_two_commands():
    shown = [
        [line for block in blocks(d, "bash") for line in block.splitlines() if line]
        for d in READMES
    ]
    assert shown[0] == shown[1]
    assert len(shown[0]) == 2
    beginning = "python3 -m venv .venv && . .venv/bin/activate && pip install "
    assert all(line.startswith(beginning) for line in shown[0])


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_and_pictures_lead_somewhere(document):
    text = (ROOT / document).read_text(encoding="utf-8")
    targets = re.findall(r"\]\(((?!https://)[^)#]+)\)", text)
    missing = [t for t in targets if not (ROOT / document).parent.joinpath(t).exists()]
    assert not missing


@pytest.mark.parametrize("document", READMES)
def test_every_flag_that_a_readme_names_exists(document):
    text = (ROOT / document).read_text(encoding="utf-8")
    flags = {flag.replace("-", "_") for flag in re.findall(r"--([a-z][a-z-]+)", text)}
    elsewhere = {"at", "plot", "help", "json", "start", "picture", "race", "gif", "lang", "steps",
                 "try", "install_completion"}  # fmt: skip
    assert flags - elsewhere <= set(train_signature().parameters)
    assert {"hidden", "epochs", "resume"} <= flags


@pytest.mark.parametrize("pair", [OWN_DATA, TABLES, IMAGES])
def test_every_flag_that_a_page_about_your_own_data_names_exists(pair):
    named = []
    for document in pair:
        text = (ROOT / document).read_text(encoding="utf-8")
        named.append({flag.replace("-", "_") for flag in re.findall(r"--([a-z][a-z0-9-]+)", text)})
    known = {"json", *train_signature().parameters, *inspect.signature(predict).parameters}
    assert {flag.removeprefix("no_") for flag in named[0]} <= known
    assert named[0] == named[1]


def test_the_files_that_the_architecture_page_names_exist():
    text = (ROOT / "docs/ARCHITECTURE.md").read_text(encoding="utf-8")
    source = ROOT / "src/mitbadak"
    for name in re.findall(r"`([a-z_/]+\.py)`", text):
        places = [ROOT / name, source / name]
        assert any(place.exists() for place in places), name
