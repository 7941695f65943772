"""Runs of the Playground: changed, looked back at, branched, touched, and written as Python."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
import pytest

from mitbadak.lab.playground.building import build_net
from mitbadak.lab.playground.code import as_python, pasted_settings
from mitbadak.lab.playground.features import features
from mitbadak.lab.playground.gauges import FIELD, gauges_of, grid
from mitbadak.lab.playground.points import KINDS, made_points
from mitbadak.lab.playground.recording import MOST_MOMENTS, MOST_ROWS, Moment, Recording
from mitbadak.lab.playground.run import Run
from mitbadak.lab.playground.settings import SETTINGS
from mitbadak.lab.playground.touch import touch
from mitbadak.lab.schema import RefusedError, checked, defaults

OWN = [[0, 1, 0], [1, 0, 1], [2, 2, 2], [-1, 3, 0], [-2, 1, 1], [3, -2, 2]]
LAYER = {"units": 5, "activation": "relu", "dropout": 0.0}
OTHER: dict[str, Any] = {  # another value for every setting
    "data": "xor", "formula": "x1 > 1", "points": OWN, "targets": "values", "n": 100, "noise": 0.2,
    "test_share": 0.3, "data_seed": 7, "features": ["x1", "x1 x2"], "layers": [LAYER, LAYER, LAYER],
    "init": "he", "weight_seed": 3, "optimizer": "momentum", "lr": 0.05, "schedule": "cosine",
    "schedule_epochs": 20, "batch_size": 25, "penalty": "l2", "strength": 0.01, "clip_norm": 1.0,
    "speed": "full",
}  # fmt: skip


def settings_of(**changed: Any) -> dict[str, Any]:
    return {**defaults(SETTINGS), "n": 60, **checked("settings", SETTINGS, changed)}


def trained(run: Run, epochs: int) -> Run:
    for _ in range(epochs):
        run.burst(1)
    return run


def params(run: Run) -> dict[str, np.ndarray]:
    return {name: value.copy() for name, value in run.net.params.items()}


def test_every_setting_has_another_value_here() -> None:
    assert OTHER.keys() == SETTINGS.keys()


@pytest.mark.parametrize("name", OTHER)
def test_any_setting_can_change_without_a_reset(name: str) -> None:
    run = trained(Run(settings_of()), 3)
    before, moments = params(run), len(run.recording.moments)
    run.apply({**run.settings, name: checked("s", SETTINGS, {name: OTHER[name]})[name]})
    assert run.recording.rows[-1][0] == 3
    assert len(run.recording.moments) >= moments
    fresh = name in ("init", "weight_seed")  # these ask for other weights
    W = run.net.params["W1"]
    kept = before["W1"][:1, : W.shape[1]], W[:1, : before["W1"].shape[1]]
    assert np.array_equal(*kept) != fresh
    trained(run, 2)
    assert run.recording.rows[-1][0] == 5
    assert run.problem == ""


@pytest.mark.parametrize("kind", KINDS)
def test_every_data_set_trains_and_can_be_drawn(kind: str) -> None:
    run = trained(Run(settings_of(data=kind)), 2)
    classes = KINDS[kind].classes
    gauges = gauges_of(run.look(None), classes)
    assert gauges.field.shape == (FIELD, FIELD, max(1, classes))
    assert gauges.units.shape[0] == 16
    points = made_points(kind, 60, 0.1, 3)
    assert len(points.x) == len(points.t) == 60
    assert np.array_equal(points.x, made_points(kind, 60, 0.1, 3).x)
    assert not np.array_equal(points.x, made_points(kind, 60, 0.1, 4).x)


def test_the_field_is_the_nets_answer() -> None:
    run = trained(Run(settings_of()), 2)
    x = features(grid(FIELD), ["x1", "x2"]).astype(np.float32)
    answer = run.net.predict(x).reshape(FIELD, FIELD, 2)
    np.testing.assert_allclose(gauges_of(run.look(None), 2).field / 255, answer, atol=1 / 255)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_a_branch_repeats_the_run_to_the_bit(optimizer: str, dropout: float) -> None:
    layers = [{**LAYER, "dropout": dropout}]
    run = trained(Run(settings_of(optimizer=optimizer, layers=layers)), 6)
    end, rows = params(run), run.recording.rows
    if dropout:  # noise is drawn anew; without it the same batches give the same bits
        run.branch(run.recording.nearest(3))
        assert run.recording.rows[-1][0] == 3
        return
    run.branch(run.recording.nearest(3))
    assert [row[0] for row in run.recording.rows] == [0, 1, 2, 3]
    trained(run, 3)
    assert all(np.array_equal(end[name], value) for name, value in params(run).items())
    np.testing.assert_array_equal(run.recording.rows, rows)
    assert run.branches[-1].rows == rows


def test_single_steps_make_the_same_epoch() -> None:
    whole, steps = trained(Run(settings_of()), 2), Run(settings_of())
    while steps.recording.rows[-1][0] < 2:
        steps.step()
    assert all(np.array_equal(whole.net.params[n], v) for n, v in params(steps).items())


def test_bursts_of_any_length_make_the_same_run() -> None:
    one, many = Run(settings_of()), Run(settings_of())
    one.burst(40)
    for epochs in (1, 7, 2, 30):
        many.burst(epochs)
    assert all(np.array_equal(one.net.params[n], v) for n, v in params(many).items())
    assert one.recording.rows == many.recording.rows


def test_a_new_trainer_takes_over_without_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    one = trained(Run(settings_of()), 9)
    monkeypatch.setattr("mitbadak.lab.playground.run.MOST_ROWS", 4)
    other = trained(Run(settings_of()), 9)
    assert other.trainer is not one.trainer
    assert len(other.trainer.history.rows) <= 5
    assert all(np.array_equal(one.net.params[n], v) for n, v in params(other).items())
    assert [row[0] for row in other.recording.rows] == list(range(10))


@pytest.mark.parametrize("changes", [
    {}, {"data": "hills", "optimizer": "momentum"},
    {"data": "formula", "formula": "x1 * x2 > 1", "penalty": "l1", "schedule": "cosine"},
    {"data": "own", "points": OWN, "batch_size": 2, "init": "0.01", "layers": []},
    {"layers": [{**LAYER, "activation": "leaky_relu", "dropout": 0.2}], "clip_norm": 0.5},
])  # fmt: skip
def test_the_script_trains_the_same_net(changes: dict[str, Any], capsys: Any) -> None:
    settings = settings_of(**changes)
    run = trained(Run(settings), 4)
    script = as_python(settings, 4)
    names: dict[str, Any] = {}
    exec(compile(script, "experiment.py", "exec"), names)
    row = names["history"][-1]
    assert row["epoch"] == 4
    np.testing.assert_array_equal(row["train_loss"], run.recording.rows[-1][2])
    np.testing.assert_array_equal(row["test_loss"], run.recording.rows[-1][3])
    for name, value in names["net"].params.items():
        assert np.array_equal(value, run.net.params[name])
    own = pasted_settings(script)
    assert {**defaults(SETTINGS), **own} == settings
    assert pasted_settings(json.dumps(own)) == own


@pytest.mark.parametrize("text", [
    "", "settings = dict(lr=1)", "settings = {'lr': open('f')}", "other = {'lr': 1}", "{'lr': }",
    "settings = {'lr': 1e400}", "settings = {'rate': 1}",
    "settings = {'layers': [{'units': 10**9}]}",
    "[" * 5000, "import os\nos.remove('f')", "settings = {'lr': 1}; settings = {'lr': -1}",
])  # fmt: skip
def test_pasted_text_that_is_no_settings_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match="settings"):
        pasted_settings(text)


def test_a_touched_unit_shows_its_sum_its_slope_and_its_next_update() -> None:
    run = trained(Run(settings_of(optimizer="momentum", lr=0.1)), 2)
    numbers = touch(run.look(None), run.sets, 2, 3, (1.0, -2.0))
    assert numbers is not None
    net = copy.deepcopy(run.net)
    h = np.tanh(np.array([[1.0, -2.0]]) @ net.params["W1"] + net.params["b1"])
    z = h @ net.params["W2"] + net.params["b2"]
    np.testing.assert_allclose(numbers["x"], h[0], rtol=1e-5)
    np.testing.assert_allclose(sum(numbers["wx"]) + numbers["b"], z[0, 3], rtol=1e-4)
    np.testing.assert_allclose(numbers["z"], z[0, 3], rtol=1e-4)
    np.testing.assert_allclose(numbers["y"], np.tanh(z[0, 3]), rtol=1e-4)
    np.testing.assert_allclose(numbers["slope"], 1 - np.tanh(z[0, 3]) ** 2, rtol=1e-4)
    x, t = run.train.batch(np.arange(len(run.train)), net.dtype)
    optimizer, before = copy.deepcopy(run.optimizer), params(run)
    optimizer.update(net.params, dict(net.gradient(x, t)))
    change = net.params["W2"][:, 3] - before["W2"][:, 3]
    np.testing.assert_allclose(numbers["update"][:-1], change, rtol=1e-4, atol=1e-7)
    assert touch(run.look(None), run.sets, 4, 0, (0, 0)) is None
    assert touch(run.look(None), run.sets, 3, 2, (0, 0)) is None
    answer = touch(run.look(None), run.sets, 3, 1, (0, 0))
    assert answer is not None
    assert (answer["last"], answer["slope"]) == (True, 1.0)


def test_a_weight_can_be_set_by_hand() -> None:
    run = trained(Run(settings_of()), 1)
    run.edit("W1", 1, 2, 4.5)
    run.edit("b2", 0, 3, -1.0)
    assert run.net.params["W1"][1, 2] == 4.5
    assert run.look(None).params["b2"][3] == -1.0
    for name, row, column in (("W9", 0, 0), ("W1", 2, 0), ("b2", 0, 8)):
        with pytest.raises(RefusedError, match=rf"^the net has no {name}\[{row}, {column}\]\.$"):
            run.edit(name, row, column, 0.0)
    trained(run, 1)


def test_a_diverging_run_stops_and_can_go_back() -> None:
    settings = settings_of(data="hills", optimizer="sgd", lr=100.0, layers=[{**LAYER, "units": 20}])
    run = Run(settings)
    for _ in range(60):
        run.burst(1)
        if run.problem:
            break
    assert "the loss became" in run.problem or "became" in run.problem
    gauges_of(run.look(None), 0)  # can be drawn all the same
    run.branch(0)
    assert run.problem == ""
    run.apply({**run.settings, "lr": 0.01})
    trained(run, 2)
    assert np.isfinite(run.recording.rows[-1][2])


def test_recordings_are_bounded_and_keep_the_first_and_the_last() -> None:
    recording = Recording()
    for epoch in range(3 * MOST_ROWS):
        row = (float(epoch), 10.0 * epoch, *[0.0] * 5)
        recording.add_row(row)
        moment = Moment({}, row, {"W1": np.zeros(10)}, ({}, 0), None)
        recording.add_moment(moment)
        assert len(recording.rows) <= MOST_ROWS
        assert len(recording.moments) <= MOST_MOMENTS
    epochs = [row[0] for row in recording.rows]
    assert epochs == sorted(epochs)
    assert (epochs[0], epochs[-1]) == (0, 3 * MOST_ROWS - 1)
    assert recording.moments[0].epoch == 0
    assert recording.moments[-1].epoch == 3 * MOST_ROWS - 1
    near = recording.moments[recording.nearest(1000)].epoch
    assert abs(near - 1000) < 50


def test_large_nets_keep_fewer_moments() -> None:
    recording = Recording()
    for epoch in range(50):
        row = (float(epoch), float(epoch), *[0.0] * 5)
        recording.add_moment(Moment({}, row, {"W": np.zeros(10**6)}, ({}, 0), None))
    assert 2 <= len(recording.moments) <= 5


def test_the_largest_net_still_fits_a_frame() -> None:
    layers = [{"units": 64, "activation": "relu", "dropout": 0.0}] * 12
    run = Run(settings_of(layers=layers))
    gauges = gauges_of(run.look(None), 2)
    assert gauges.units.shape[0] == 768
    assert gauges.units.nbytes < 200_000


def test_the_same_weights_whatever_the_page_has_been_through() -> None:
    one, other = Run(settings_of()), trained(Run(settings_of(lr=1.0)), 3)
    other.apply(settings_of())
    other.restart(compare=True)
    assert other.recording.rows == one.recording.rows
    assert [branch.rows[-1][0] for branch in other.branches] == [3]
    assert all(np.array_equal(one.net.params[n], v) for n, v in params(other).items())
    assert list(build_net(settings_of(), 2).params) == list(one.net.params)
