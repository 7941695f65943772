"""The fault clinic: the doctor finds what was planted, the page learns it only after an answer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mitbadak.functions.blas import few_blas_threads
from mitbadak.lab.clinic.cases import CASES, CAUSES, HEALTHY
from mitbadak.lab.clinic.patients import STEPS, SoftmaxTwice
from mitbadak.lab.clinic.session import ClinicView, points
from mitbadak.lab.clinic.ward_round import Histogram, Observation
from mitbadak.lab.schema import RefusedError

PATIENCE = 120.0
QUICK = [n for n, case in enumerate(CASES) if not case.admit(0).pictures]


def treated(number: int, seed: int = 0) -> Observation:
    with few_blas_threads():
        observation = Observation(CASES[number].admit(seed))
        while not observation.finished:
            observation.advance()
    return observation


def named(observation: Observation) -> str:
    with few_blas_threads():
        first = observation.report().first
    return HEALTHY if first is None else first.code


def test_there_are_enough_cases_and_each_healthy_one_says_why() -> None:
    faults = [case for case in CASES if case.cause != HEALTHY]
    assert len({case.cause for case in faults}) >= 8
    assert len(CASES) - len(faults) >= 2
    assert {case.cause for case in CASES} == set(CAUSES)
    for case in CASES:
        assert (case.good is not None) == (case.cause == HEALTHY)
        assert case.good is None or all(case.good)


@pytest.mark.parametrize("number", QUICK)
def test_the_doctor_names_what_was_planted(number: int) -> None:
    assert named(treated(number)) == CASES[number].cause


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(CASES)))
@pytest.mark.parametrize("seed", range(3))
def test_the_doctor_names_what_was_planted_in_every_case(number: int, seed: int) -> None:
    assert named(treated(number, seed)) == CASES[number].cause


@pytest.mark.slow
@pytest.mark.parametrize("number", [0, 1, 4, 5, 6, 8, 9, 12, 16])
def test_a_trial_proves_the_cure(number: int) -> None:
    with few_blas_threads():
        first = treated(number).report().first
    assert first is not None
    assert first.trial is not None
    assert first.trial.helped


def test_gauges_have_a_row_for_every_update_and_looks_in_between() -> None:
    observation = treated(QUICK[0])
    assert [row[0] for row in observation.rows] == list(range(1, STEPS + 1))
    assert {len(row) for row in observation.rows} == {len(observation.columns())}
    steps = [step for step, _ in observation.looks]
    assert steps[0] == 0
    assert steps[-1] == STEPS
    layers = {len(found) for _, found in observation.looks}
    assert layers == {2 + len(observation.matrices) - 1}
    for _, found in observation.looks:
        for histogram in found:
            assert sum(histogram.shares) == pytest.approx(1)


@pytest.mark.parametrize(
    "values", [np.zeros(5), np.array([1.0, np.nan]), np.array([1e300, -1e300])]
)
def test_any_values_have_a_histogram(values: np.ndarray) -> None:
    histogram = Histogram.of(values)
    assert len(histogram.shares) == 24


def test_softmax_twice_has_the_slope_of_its_loss() -> None:
    rng = np.random.default_rng(0)
    head, scores, t = SoftmaxTwice(), rng.normal(size=(3, 4)), np.array([0, 2, 1])
    loss, pullback = head.vjp(scores, t)
    slope, h = pullback(1.0), 1e-6
    numeric = np.zeros_like(scores)
    for at in np.ndindex(*scores.shape):
        step = np.zeros_like(scores)
        step[at] = h
        numeric[at] = (head.loss(scores + step, t) - head.loss(scores - step, t)) / (2 * h)
    assert loss == pytest.approx(head.loss(scores, t))
    np.testing.assert_allclose(slope, numeric, atol=1e-8)


@pytest.mark.parametrize("truth", CAUSES)
def test_a_right_answer_pays_and_a_false_alarm_costs_most(truth: str) -> None:
    others = [points(answer, truth) for answer in CAUSES if answer != truth]
    assert points(truth, truth) > 0 > max(others)
    if truth == HEALTHY:
        assert max(others) < points(HEALTHY, "dead-relu")


# ---- the session


@pytest.fixture
def view() -> Any:
    made = ClinicView()
    made.receive({"type": "set", "settings": {"case": QUICK[0] + 1}})
    made.receive({"type": "hello"})
    yield made
    made.close()
    made.worker.thread.join(PATIENCE)
    assert not made.worker.thread.is_alive()


def collect(view: ClinicView, enough: Callable[[list[Any]], Any]) -> list[Any]:
    frames: list[Any] = []
    end = time.monotonic() + PATIENCE
    while not enough(frames):
        assert time.monotonic() < end
        frames += view.frames()
        time.sleep(0.005)
    return frames


def of(frames: list[Any], kind: str) -> list[Any]:
    return [frame for frame in frames if frame.content["type"] == kind]


def test_the_patient_is_told_before_and_the_truth_only_after_the_answer(view: ClinicView) -> None:
    view.receive({"type": "finish"})
    frames = collect(view, lambda f: any(s.content["finished"] for s in of(f, "state")))
    assert of(frames, "patient")[0].content["chart"]["sizes"][0] == 2
    assert of(frames, "verdict") == []
    for frame in frames:
        assert "truth" not in json.dumps(frame.content)
    view.receive({"type": "answer", "cause": "dead-relu"})
    done = collect(view, lambda f: any(v.content["report"] for v in of(f, "verdict")))
    verdict = of(done, "verdict")[-1].content
    assert verdict["truth"] == CASES[QUICK[0]].cause
    assert verdict["points"] == points("dead-relu", verdict["truth"])
    rows = sum(len(f.buffers[0]) // 4 for f in of(frames + done, "rows"))
    assert rows == STEPS * len(of(frames, "patient")[0].content["columns"])


def test_only_the_first_answer_counts_and_a_page_that_comes_back_sees_it(view: ClinicView) -> None:
    collect(view, lambda f: of(f, "patient"))
    view.receive({"type": "answer", "cause": HEALTHY})
    view.receive({"type": "answer", "cause": "dead-relu"})
    collect(view, lambda f: any(v.content["report"] for v in of(f, "verdict")))
    view.receive({"type": "hello"})
    again = collect(view, lambda f: of(f, "verdict") and of(f, "rows") and of(f, "looks"))
    assert of(again, "verdict")[0].content["answer"] == HEALTHY
    assert of(again, "rows")[0].content["from"] == 0


def test_another_case_is_another_patient(view: ClinicView) -> None:
    collect(view, lambda f: of(f, "patient"))
    view.receive({"type": "answer", "cause": HEALTHY})
    view.receive({"type": "set", "settings": {"case": QUICK[1] + 1, "seed": 2}})
    frames = collect(view, lambda f: any(p.content["case"] == QUICK[1] + 1 and len(f) > 3
                                         for p in of(f, "patient")))  # fmt: skip
    after = frames[frames.index(of(frames, "patient")[-1]) :]
    assert of(after, "verdict") == []


@pytest.mark.parametrize(
    "message",
    [
        {"type": "answer", "cause": "everything"},
        {"type": "set", "settings": {"case": 0}},
        {"type": "set", "settings": {"case": len(CASES) + 1}},
        {"type": "answer", "cause": HEALTHY, "path": "/"},
    ],
)
def test_other_messages_are_refused(view: ClinicView, message: Any) -> None:
    with pytest.raises(RefusedError):
        view.receive(message)
