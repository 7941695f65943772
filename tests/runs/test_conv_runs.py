"""Runs with convolutions: settings, files, resuming, evaluation, and data that have no images."""

from __future__ import annotations

import json

import numpy as np
import pytest

from command_line import printed, refused
from mitbadak.cli.app import main
from mitbadak.core.errors import RangeError
from mitbadak.runs import Session, TrainConfig, load


@pytest.fixture
def pictures(tmp_path):
    """Bars across or down in gray images of 12x12, as a .npz file."""
    rng = np.random.default_rng(0)
    t = rng.integers(0, 2, 120)
    x = rng.integers(0, 60, (120, 12, 12), dtype=np.uint8)
    for image, label in zip(x, t, strict=True):
        place = rng.integers(0, 12)
        image[(place, slice(None)) if label else (slice(None), place)] = 255
    path = tmp_path / "bars.npz"
    np.savez(path, x_train=x[:90], t_train=t[:90], x_test=x[90:], t_test=t[90:])
    return path


def settings(path, **more) -> TrainConfig:
    given = {"conv": (4, 5), "kernel": 3, "hidden": (6,), "pool": 2, "epochs": 4, "lr": 0.01}
    return TrainConfig.for_data(str(path), **{**given, "batch_size": 10, **more})


@pytest.mark.parametrize("engine", ["auto", "numpy"])
def test_a_run_continues_to_the_same_bits(pictures, tmp_path, engine):
    whole = Session.start(settings(pictures, engine=engine, dropout=0.2), tmp_path / "whole")
    whole.train()
    cut = settings(pictures, engine=engine, dropout=0.2, epochs=2)
    Session.start(cut, tmp_path / "cut").train()
    resumed = Session.resume(tmp_path / "cut", epochs=4)
    resumed.train()
    for name, array in whole.trainer.net.params.items():
        np.testing.assert_array_equal(resumed.trainer.net.params[name], array)
    assert resumed.config.conv == (4, 5)
    assert (
        repr(resumed.trainer.net) == "ConvNet((1, 12, 12), [4, 5], [6, 2], kernel=3, dropout=0.2)"
    )


def test_settings_are_read_back_and_earlier_runs_have_none():
    config = settings("mnist")
    assert TrainConfig.from_dict(json.loads(config.to_json())) == config
    earlier = json.loads(settings("spiral", conv=()).to_json())
    for name in ("conv", "kernel", "pool"):
        del earlier[name]
    assert TrainConfig.from_dict(earlier).conv == ()


def test_the_commands_train_evaluate_and_draw_filters(pictures, tmp_path, capfd):
    run, weights = tmp_path / "run", tmp_path / "filters.png"
    flags = ["--conv", "3", "--kernel", "3", "--epochs", "3", "--batch-size", "10", "--hidden", "5"]
    assert main(["train", str(pictures), *flags, "--out", str(run), "--json"]) == 0
    result = json.loads(capfd.readouterr().out)
    assert 0 <= result["test_accuracy"] <= 1
    printed(capfd, "evaluate", str(run), "--weights", str(weights), "--json")
    assert weights.stat().st_size > 1000
    assert main(["train", "--resume", str(run), "--epochs", "4", "--json"]) == 0
    assert load(run / "model.safetensors").params["W1"].shape == (3, 1, 3, 3)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"data": "spiral", "conv": (3,)}, "conv is for images; spiral holds 2 inputs"),
        ({"conv": (0,)}, "conv must be a whole number of at least 1"),
        ({"conv": (3,), "kernel": 0}, "kernel must be a whole number"),
        ({"conv": (3,), "pool": 0}, "pool must be a whole number"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path, given, message):
    with pytest.raises(RangeError, match=message):
        Session.start(TrainConfig.for_data(**{"data": "mnist", **given}), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_filters_that_do_not_fit_end_with_one_line(capfd):
    message = refused(capfd, "train", "--conv", "8,8,8", "--kernel", "9")
    assert "windows of 9x9 do not fit into images of 1x1" in message
    assert "--conv expects whole numbers such as" in refused(capfd, "train", "--conv", "a")
