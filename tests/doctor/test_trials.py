"""Remedies that are tried on copies of a training: what helps, what does not, and what stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import mitbadak as mb
from mitbadak.core.errors import DtypeError
from mitbadak.doctor.causes import doubted, in_order
from mitbadak.doctor.doctor import Doctor
from mitbadak.doctor.findings import FAULT, WARNING, Finding
from mitbadak.doctor.trials.fork import Fork
from mitbadak.doctor.trials.plan import with_trials
from mitbadak.doctor.trials.remedies import SUGGESTED
from mitbadak.doctor.words import WORDS
from mitbadak.doctor.words.trials import REMEDIES

pytestmark = pytest.mark.once


def blobs(scale: float = 1.0, noise: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    t = rng.integers(0, 3, 300)
    centers = np.array([[0.0, 3.0], [3.0, -2.0], [-3.0, -2.0]])
    return scale * (centers[t] + noise * rng.normal(size=(300, 2))), t


def net(activation: str = "tanh", init: float | str = "auto") -> mb.MLP:
    return mb.MLP([2, 12, 12, 3], activation, init=init, rng=0)


def dead() -> mb.MLP:
    made = net("relu")
    made.params["b1"][...] = -100.0
    return made


CASES: dict[str, tuple[str, Callable[[], mb.MLP], float, float]] = {
    "lr-too-large": ("rate", net, 100.0, 1.0),
    "lr-too-small": ("rate", net, 1e-7, 1.0),
    "symmetric-weights": ("weights", lambda: constant(0.1), 0.1, 1.0),
    "init-too-large": ("weights", lambda: net("tanh", 40.0), 0.1, 1.0),
    "dead-relu": ("weights", dead, 0.1, 1.0),
    "inputs-not-normalised": ("standardize", net, 0.1, 300.0),
}


def constant(value: float) -> mb.MLP:
    made = net()
    for name in made.params:
        made.params[name][...] = value
    return made


def watched(made: mb.MLP, lr: float, scale: float, **options: Any) -> Doctor:
    doctor = Doctor(**options)
    noise = 3.0 if lr > 1 else 1.0  # where classes overlap, steps that are too long cannot end well
    mb.fit(made, blobs(scale, noise), optimizer=mb.SGD(lr), epochs=20, batch_size=30, rng=0,
           callbacks=[doctor])  # fmt: skip
    return doctor


@pytest.mark.filterwarnings("ignore::mitbadak.MitbadakWarning")
@pytest.mark.parametrize("code", CASES)
def test_the_remedy_of_the_cause_is_tried_and_helps(code: str) -> None:
    remedy, make, lr, scale = CASES[code]
    report = watched(make(), lr, scale).report()
    first = report.first
    assert first is not None
    assert first.code == code, str(report)
    assert first.trial is not None
    assert first.trial.helped, str(report)
    assert first.trial.remedies[0][0] == remedy
    untried = watched(make(), lr, scale, trials=False).report().first
    assert untried is not None
    assert untried.trial is None
    assert first.confidence > untried.confidence
    assert first.trial.text("en") in report.text("en")
    assert first.trial.text("ko") in report.html("ko")


class BookNet:
    """A class of a learner's own, as the notes have it."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.params = {"W": 0.1 * rng.normal(size=(2, 3)), "b": np.zeros(3)}

    def loss(self, x: np.ndarray, t: np.ndarray) -> float:
        return float(mb.functions.softmax_cross_entropy(x @ self.params["W"] + self.params["b"], t))

    def gradient(self, x: np.ndarray, t: np.ndarray) -> dict[str, np.ndarray]:
        y = mb.functions.softmax(x @ self.params["W"] + self.params["b"])
        d = (y - np.eye(3)[t]) / len(x)
        return {"W": x.T @ d, "b": d.sum(axis=0)}


def test_a_learners_own_loop_and_net_are_tried_from_new_weights_after_a_ruinous_update() -> None:
    own, doctor = BookNet(), Doctor()
    x, t = blobs()
    for _ in range(30):
        grads = own.gradient(x, t)
        for name in grads:
            own.params[name] -= 0.5 + grads[name]
        doctor.observe(params=own.params, grads=grads, loss=own.loss(x, t), batch=(x, t), net=own)
    kept = {name: array.copy() for name, array in own.params.items()}
    first = doctor.report().first
    assert first is not None
    assert first.code == "wrong-update-rule"
    assert first.trial is not None
    assert first.trial.anew
    assert first.trial.helped
    for name, array in kept.items():
        np.testing.assert_array_equal(own.params[name], array)


def test_a_report_changes_nothing_and_is_the_same_again() -> None:
    made = net()
    doctor = watched(made, 100.0, 1.0)
    before = {name: made.params[name].copy() for name in made.params}
    first = doctor.report()
    for name, array in before.items():
        np.testing.assert_array_equal(made.params[name], array)
    assert watched(net(), 100.0, 1.0).report().to_json() == first.to_json()


def finding(code: str, confidence: float = 0.8, **evidence: Any) -> Finding:
    return Finding(code, FAULT, confidence, evidence)


def test_a_refuted_finding_moves_down_and_a_proven_one_up() -> None:
    fork = Fork(net(), mb.SGD(1e-6), [blobs()])
    large = finding("lr-too-large", 0.9, first=1.0, last=2.0, step=1, leap=0.1)
    small = finding("lr-too-small", 0.7, first=1.0, last=1.0, steps=100, longer=100.0)
    order = with_trials([large, small], fork, [1.1] * 100)
    assert [f.code for f in order] == ["lr-too-small", "lr-too-large"]
    assert order[0].confidence > 0.7
    assert order[1].confidence < 0.9


def test_remedies_that_help_only_together_are_tried_together() -> None:
    """The answer is in a column 10,000 times as small as another, which limits the rate."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 2)) * [1e4, 1.0]
    linear = mb.MLP([2, 1], init="zeros", loss="mean_squared_error", rng=0)
    fork = Fork(linear, mb.SGD(1e-9), [(x, x[:, 1:])])
    apart = finding("inputs-not-normalised", 0.8, largest=1e4, mean=0.0, std=1e4, ratio=1e4)
    slow = finding("lr-too-small", 0.7, first=1.0, last=1.0, steps=100, longer=1e8)
    for alone in (apart, slow):
        trial = with_trials([alone], fork, [1.1] * 100)[0].trial
        assert trial is not None
        assert not trial.helped
    together = with_trials([apart, slow], fork, [1.1] * 100)
    for judged in together:
        assert judged.trial is not None
        assert judged.trial.helped
        assert [name for name, _ in judged.trial.remedies] == ["standardize", "rate"]


def test_a_net_that_cannot_be_trained_is_refused_and_one_that_cannot_be_copied_untried() -> None:
    with pytest.raises(DtypeError, match=r"params .* gradient\(x, t\) and loss\(x, t\)"):
        Doctor().observe(params=[1.0], grads=[1.0], loss=1.0, net=object())
    listed = BookNet()
    listed.params = [listed.params["W"]]  # type: ignore[assignment]
    with pytest.raises(DtypeError, match="BookNet has params as list"):
        Doctor().observe(params=[1.0], grads=[1.0], loss=1.0, net=listed)
    own = BookNet()
    own.lines = (line for line in "abc")  # type: ignore[attr-defined]  # a generator
    doctor, (x, t) = Doctor(), blobs()
    for _ in range(30):
        grads = own.gradient(x, t)
        for name in grads:
            own.params[name] -= 0.5 + grads[name]
        doctor.observe(params=own.params, grads=grads, loss=own.loss(x, t), batch=(x, t), net=own)
    first = doctor.report().first
    assert first is not None
    assert first.trial is None


def test_causes_stay_before_their_consequences_after_trials() -> None:
    """A rate that is a mere warning explains dead units, which are a fault."""
    fork = Fork(net(), mb.SGD(1e4), [blobs(noise=3.0)])
    cause = Finding("lr-too-large", WARNING, 0.8,
                    {"first": 1.0, "last": 9.0, "step": 1, "leap": 9.0})  # fmt: skip
    follows = Finding("dead-relu", FAULT, 0.9, {"share": 1.0, "layer": "ReLU"})
    order = with_trials(in_order(doubted([follows, cause])), fork, [9.0] * 100)
    assert [f.code for f in order] == ["lr-too-large", "dead-relu"]


def test_targets_that_broadcast_are_tried_as_a_column() -> None:
    """A learner's own squared error with targets of shape (n,), which gives every pair an error."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 2))
    t = x @ [1.0, -2.0]

    class Own:
        def __init__(self) -> None:
            self.params = {"W": np.zeros((2, 1)), "b": np.zeros(1)}

        def predict(self, x: np.ndarray) -> np.ndarray:
            return x @ self.params["W"] + self.params["b"]

        def loss(self, x: np.ndarray, t: np.ndarray) -> float:
            return float(np.mean((self.predict(x) - t) ** 2))

        def gradient(self, x: np.ndarray, t: np.ndarray) -> dict[str, np.ndarray]:
            error = self.predict(x) - t
            d = 2 * error.mean(axis=1, keepdims=True) / len(x)
            return {"W": x.T @ d, "b": d.sum(axis=0)}

    own, doctor = Own(), Doctor()
    for _ in range(60):
        grads = own.gradient(x, t)
        for name in grads:
            own.params[name] -= 0.1 * grads[name]
        doctor.observe(params=own.params, grads=grads, loss=own.loss(x, t), batch=(x, t), net=own,
                       outputs=own.predict(x), lr=0.1, loss_of=lambda: own.loss(x, t))  # fmt: skip
    first = doctor.report().first
    assert first is not None
    assert (first.code, first.evidence["kind"]) == ("silent-broadcast", "targets")
    assert first.trial is not None
    assert first.trial.remedies[0][0] == "column"
    assert first.trial.helped, str(first)


def test_whatever_a_learners_net_raises_in_a_trial_is_a_remedy_that_fails() -> None:
    class Fragile(BookNet):
        def loss(self, x: np.ndarray, t: np.ndarray) -> float:
            if abs(self.params["W"]).max() < 0.5:
                raise ZeroDivisionError("of mine")
            return super().loss(x, t)

    own = Fragile()
    fork = Fork(own, mb.SGD(0.1), [blobs()])
    found = with_trials([finding("update-of-a-copy", 0.9, steps=9)], fork, [1.1] * 100)
    assert found[0].trial is not None
    assert not found[0].trial.helped
    json.dumps(found[0].to_dict())


def test_all_remedies_have_words_and_all_codes_with_remedies_exist() -> None:
    assert REMEDIES["en"].keys() == REMEDIES["ko"].keys()
    codes = {name.split(":")[0] for name in WORDS["en"]}
    assert SUGGESTED.keys() <= codes
