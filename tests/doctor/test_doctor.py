"""The doctor in loops of one's own: what it is given, what it leaves alone, what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mitbadak as mb
from mitbadak.core.errors import DtypeError, RangeError, ShapeError, UnknownNameError
from mitbadak.doctor.doctor import Doctor
from mitbadak.doctor.findings import FAULT, NOTE, WARNING, Finding, by_confidence
from mitbadak.doctor.report import Report
from mitbadak.doctor.rules import RULES
from mitbadak.doctor.words import WORDS


def blobs(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    t = rng.integers(0, 3, 150)
    return rng.normal(size=(3, 4))[t] * 2 + rng.normal(size=(150, 4)), t


def trained(doctor: Doctor | None, update: Any, *, steps: int = 60, as_list: bool = False) -> Any:
    """A loop as the notes write it; ``update(params, grads, key)`` makes the update."""
    x, t = blobs()
    net, rng = mb.MLP([4, 10, 3], "tanh", rng=0, dtype=np.float64), np.random.default_rng(1)
    for _ in range(steps):
        rows = rng.integers(0, len(x), 20)
        loss, grads = net.loss_and_gradient(x[rows], t[rows])
        for key in grads:
            update(net.params, grads, key)
        if doctor is not None:
            params = [net.params[k] for k in grads] if as_list else net.params
            doctor.observe(
                params=params, grads=list(grads.values()) if as_list else grads, loss=loss,
                batch=(x[rows], t[rows]), outputs=net.predict(x[rows]), lr=0.1,
                loss_of=lambda rows=rows: net.loss(x[rows], t[rows]),
            )  # fmt: skip
    return net


def descent(params: Any, grads: Any, key: str) -> None:
    params[key] -= 0.1 * grads[key]


def plus(params: Any, grads: Any, key: str) -> None:
    params[key] -= 0.1 + grads[key]


def test_a_sound_loop_is_left_in_peace() -> None:
    doctor = Doctor()
    trained(doctor, descent)
    assert doctor.report().first is None, str(doctor.report())


def test_watching_changes_no_bit() -> None:
    watched, alone = trained(Doctor(), descent), trained(None, descent)
    for name in alone.params:
        np.testing.assert_array_equal(watched.params[name], alone.params[name])


@pytest.mark.parametrize("as_list", [False, True])
def test_a_rate_that_is_added_is_named_with_its_value(as_list: bool) -> None:
    doctor = Doctor()
    trained(doctor, plus, as_list=as_list)
    first = doctor.report().first
    assert first is not None
    assert first.code == "wrong-update-rule"
    assert first.evidence["kind"] == "plus"
    assert first.evidence["constant"] == pytest.approx(0.1)
    assert "the learning rate is added to the gradient" in first.text
    assert "학습률이 기울기에 더해졌습니다" in first.sentence("ko")


def test_single_numbers_of_losses_of_any_kind_are_taken() -> None:
    doctor = Doctor()
    losses: list[Any] = [1.0, np.float32(0.9), np.array(0.8), np.array([0.7])[0]]
    for loss in losses:
        doctor.observe(params=np.ones(9), grads=np.ones(9), loss=loss)
    assert doctor.report().steps == 4


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"grads": {"W": np.ones((2, 3))}}, ShapeError, r"grads\['W'\] has shape \(2, 3\)"),
        ({"grads": {"V": np.ones(2)}}, ShapeError, "grads has 'V', which params lacks"),
        ({"params": {"W": "text"}}, DtypeError, r"params\['W'\] as numbers"),
        ({"loss": np.ones(3)}, DtypeError, r"loss as one number; got \(3,\)"),
        ({"loss": None}, DtypeError, "loss as one number; got NoneType"),
        ({"batch": np.ones(3)}, DtypeError, r"batch as \(x, t\); got ndarray"),
        ({"batch": (5, [1])}, ShapeError, "x with an example in each row"),
        ({"outputs": ["a"]}, DtypeError, "outputs as numbers"),
        ({"outputs": np.ones((0, 3))}, ShapeError, r"outputs is empty; got shape \(0, 3\)"),
        ({"batch": (np.ones((0, 2)), np.ones(0))}, ShapeError, "x is empty"),
        ({"batch": (np.ones((4, 2)), np.ones(5))}, ShapeError, "x has 4, t has 5"),
        ({"batch": (np.ones((4, 2)), np.ones(4)), "outputs": np.ones((7, 3))}, ShapeError,
         "x has 4, t has 4, outputs has 7"),
        ({"params": {}, "grads": {}}, ShapeError, "params is empty"),
        ({"params": None}, DtypeError, "as numbers; got object"),
        ({"lr": "0.1"}, DtypeError, "lr as one number; got str"),
        ({"lr": np.ones(3)}, DtypeError, r"lr as one number; got \(3,\)"),
        ({"loss_of": 5}, DtypeError, "loss_of as a function without arguments.*got int"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(given: dict, error: type, message: str) -> None:
    arguments: dict[str, Any] = {"params": {"W": np.ones(2)}, "grads": {"W": np.ones(2)},
                                 "loss": 1.0} | given  # fmt: skip
    with pytest.raises(error, match=message):
        Doctor().observe(**arguments)


def test_a_loss_of_that_returns_no_number_is_refused() -> None:
    doctor, arrays = Doctor(), {"params": np.ones(9), "grads": np.ones(9)}
    doctor.observe(**arrays, loss=1)
    with pytest.raises(DtypeError, match="the result of loss_of as one number; got NoneType"):
        doctor.observe(**arrays, loss=1, loss_of=lambda: None)


def test_parameters_that_were_never_finite_are_named() -> None:
    doctor, broken = Doctor(), np.full(9, np.nan)
    for _ in range(3):
        doctor.observe(params={"W": broken}, grads={"W": broken}, loss=np.nan)
    first = doctor.report().first
    assert first is not None
    assert (first.code, first.where) == ("non-finite-data", "W")


def test_probes_put_everything_back_even_if_the_loss_fails() -> None:
    params, calls = {"W": np.arange(12.0).reshape(3, 4)}, []

    def loss_of() -> float:
        calls.append(1)
        if len(calls) > 6:
            raise ZeroDivisionError
        return float((params["W"] ** 2).sum())

    doctor = Doctor()
    doctor.observe(params=params, grads={"W": 2 * params["W"]}, loss=1.0)
    grads = {"W": 2 * params["W"]}
    params["W"] -= 0.1 * grads["W"]
    kept = params["W"].copy()
    with pytest.raises(ZeroDivisionError):
        doctor.observe(params=params, grads=grads, loss=1.0, loss_of=loss_of)
    np.testing.assert_array_equal(params["W"], kept)


def test_a_report_in_every_form(tmp_path: Path) -> None:
    doctor = Doctor()
    trained(doctor, plus)
    report = doctor.report()
    assert json.loads(json.dumps(report.to_json()))["findings"][0]["code"] == "wrong-update-rule"
    for lang, word in (("en", "what to do"), ("ko", "할 일")):
        assert word in report.text(lang)
        report.save(tmp_path / "report.html", lang)
        page = (tmp_path / "report.html").read_text(encoding="utf-8")
        assert f'lang="{lang}"' in page
        assert word in page
        assert "http" not in page  # nothing is loaded from elsewhere
    with pytest.raises(UnknownNameError, match="language"):
        report.text("de")


def test_pages_escape_what_they_show() -> None:
    finding = Finding("parameter-never-updated", FAULT, 0.9, {"names": "<b>&", "steps": 3})
    assert "&lt;b&gt;&amp;" in Report((finding,), 3, 3).html()


def test_findings_are_ordered_and_checked() -> None:
    share = {"answer": 1, "share": 0.1}
    note, sure, unsure = (
        Finding("one-class-answered", severity, confidence, share)
        for severity, confidence in ((NOTE, 1.0), (FAULT, 0.9), (WARNING, 0.95))
    )
    assert by_confidence([note, unsure, sure]) == [sure, unsure, note]
    with pytest.raises(RangeError, match="confidence"):
        Finding("one-class-answered", NOTE, 1.5, share)
    with pytest.raises(UnknownNameError, match="did you mean 'one-class-answered'"):
        Finding("one-class-answer", NOTE, 0.5, share)


def test_every_code_has_words_in_both_languages() -> None:
    assert set(WORDS["en"]) == set(WORDS["ko"])
    assert len(RULES) == len(set(RULES))
    for code, english in WORDS["en"].items():
        korean = WORDS["ko"][code]
        assert all(vars(english).values()), code
        assert all(vars(korean).values()), code
        assert any("\uac00" <= c <= "\ud7a3" for c in korean.seen), code


def test_no_code_has_words_in_two_places() -> None:
    """What a checkup says before a training has a kind of its own, so that no words are lost."""
    from mitbadak.doctor.words import checkup, more, more_ko, training, training_ko

    for parts in (
        (training.ENGLISH, more.ENGLISH, checkup.ENGLISH),
        (training_ko.KOREAN, more_ko.KOREAN, checkup.KOREAN),
    ):
        codes = [code for words in parts for code in words]
        assert len(codes) == len(set(codes))
