"""Every setting of a run: what it takes at its limits, what it refuses, and how it is kept."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from mitbadak.core.errors import FormatError, MitbadakError, RangeError
from mitbadak.data import open_source
from mitbadak.runs import TrainConfig

NAN, INF = float("nan"), float("inf")
FIELDS = {f.name: f for f in dataclasses.fields(TrainConfig)}

# Per setting: values that are taken, the outermost ones among them, and values of its type that are
# refused. (Other types are refused by the type checks of the tests themselves.)
TABLE: dict[str, tuple[list[Any], list[Any]]] = {
    "data": (["mnist", "spiral", "./no/such/file"], ["mnits"]),
    "hidden": ([(), (1,), (3, 2)], [(0,), (-1,), (True,)]),
    "epochs": ([0, 1], [-1, True]),
    "batch_size": ([1], [0, -1, True]),
    "lr": ([1e-9, 10], [0, -0.1, NAN, INF]),
    "optimizer": (["sgd", "adam"], ["adamm", "Adam", ""]),
    "activation": (["sigmoid", "relu"], ["Relu", ""]),
    "loss": (["auto", "softmax_cross_entropy", "huber"], ["hinge", ""]),
    "init": (["auto", "he", "0.05"], ["xaver", "-1", "nan"]),
    "seed": ([0, 7], [-1, True]),
    "engine": (["auto", "numpy", "compiled"], ["numpi"]),
    "gradient": (["backprop", "numerical"], ["backprob"]),
    "sampling": (["shuffle", "replacement"], ["shufle"]),
    "validation": ([0, 0.999], [1, 1.5, -0.1, NAN]),
    "early_stopping": ([0], [-1, True]),
    "watch": (["validation", "test"], ["train"]),
    "dtype": (["float32", "float64"], ["float16", "int64"]),
    "label": (["", "kind"], []),
    "targets": (["auto", "classes", "numbers"], ["number"]),
    "test_share": ([0.5, 0.001], [1, -0.1, NAN]),
    "schedule": (["constant", "cosine", "step"], ["cosin", "warmup"]),
    "warmup": ([0, 3], [-1, True]),
    "l2": ([0, 1e-9], [-0.1, NAN, INF, True]),
    "l1": ([0, 1e-9], [-0.1, NAN, INF, True]),
    "clip_norm": ([0, 1e-9], [-0.1, NAN, INF, False]),
    "dropout": ([0, 0.999], [1, -0.1, NAN]),
    "conv": ([(), (1,), (16, 32)], [(0,), (-1,), (True,)]),
    "kernel": ([1, 3], [0, -1, True]),
    "pool": ([1, 3], [0, -1, True]),
    "batch_norm": ([True, False], []),
    "shift": ([0, 2], [-1, True]),
    "best_by": (["accuracy", "loss"], ["los", ""]),
    "scale_targets": ([True, False], []),
    "drop": (["", 'id,"size, cm"'], []),
    "keep": (["", "id", "*"], []),
    "categories": (["", "zip"], []),
    "missing": (["auto", "", "auto,-99"], []),
    "delimiter": (["auto", "tab", "semicolon"], ["tabs", "#"]),
    "decimal": (["auto", "comma"], ["dot"]),
    "dates": (["auto", "day-first"], ["dayfirst"]),
    "encoding": (["auto", "cp949"], ["utf-99", "base64"]),
    "header": (["auto", "none", "first", "3"], ["0", "-1", "second"]),
    "size": (["auto", "28", "32x24"], ["0", "28x", "x"]),
    "color": (["gray", "rgb"], ["grey"]),
    "paper": (["auto", "white", "black"], ["green"]),
    "tone": (["auto", "keep", "invert"], ["dark"]),
    "center": ([False, True], []),
    "orientation": (["auto", "upright", "transposed"], ["lying"]),
    "first_class": (["auto", "0"], ["1"]),
}
# Not the default, for settings to be told apart.
OTHER: dict[str, Any] = {name: taken[-1] if taken[-1] != FIELDS[name].default else taken[0]
         for name, (taken, _) in TABLE.items()} | {"early_stopping": 4}  # fmt: skip


def test_every_setting_is_in_the_table() -> None:
    assert list(TABLE) == list(FIELDS)


@pytest.mark.parametrize("name", TABLE)
def test_a_setting_accepts_its_extreme_values_and_refuses_those_beyond(name: str) -> None:
    taken, refused = TABLE[name]
    for value in taken:
        assert getattr(TrainConfig(**{name: value}), name) == value
    for value in refused:
        with pytest.raises(MitbadakError, match=r"unknown|must|expects|got"):
            TrainConfig(**{name: value})


def test_json_round_trip_keeps_the_settings() -> None:
    for config in (TrainConfig(), TrainConfig(**OTHER)):
        assert TrainConfig.from_dict(json.loads(config.to_json())) == config
    assert all(getattr(TrainConfig(**OTHER), name) != f.default for name, f in FIELDS.items())


LATER = ("label", "targets", "test_share", "schedule", "warmup", "l2", "l1", "clip_norm",
         "dropout", "conv", "kernel", "pool", "batch_norm", "shift", "best_by", "scale_targets",
         "drop", "keep", "categories", "missing", "delimiter", "decimal", "dates", "encoding",
         "header", "size", "color", "paper", "tone", "center", "orientation",
         "first_class")  # fmt: skip


@pytest.mark.parametrize("name", TABLE)
def test_only_settings_of_later_versions_may_be_absent_and_types_are_checked(name: str) -> None:
    whole = json.loads(TrainConfig().to_json())
    partial = {key: value for key, value in whole.items() if key != name}
    if name in LATER:
        assert TrainConfig.from_dict(partial) == TrainConfig()
    else:
        with pytest.raises(FormatError, match="it does not hold the settings of a run: data, "):
            TrainConfig.from_dict(partial)
    for wrong in ({}, None, *([1] if isinstance(whole[name], (str, bool)) else [True, "1"])):
        if (name, wrong) != ("init", 1):  # a standard deviation
            with pytest.raises(FormatError, match=f"^{name} should be "):
                TrainConfig.from_dict({**whole, name: wrong})


@pytest.mark.parametrize(
    ("data", "without", "earlier"),
    [("a.csv", "keep", {"keep": "*", "header": "first", "missing": ""}),
     ("a.npz", "tone", {"first_class": "0"}), ("mnist", "tone", {}), ("a.csv", "tone", {})],
)  # fmt: skip
def test_runs_of_earlier_versions_read_their_data_as_they_did(
    data: str, without: str, earlier: dict[str, str]
) -> None:
    now = json.loads(TrainConfig().to_json()) | {"data": data}
    then = {name: value for name, value in now.items() if name != without}
    expected = dataclasses.replace(TrainConfig.from_dict(now), **earlier)
    assert TrainConfig.from_dict(then) == expected


@pytest.mark.parametrize("content", [[], None, "text", {"more": 1}])
def test_content_without_settings_is_refused(content: Any) -> None:
    if isinstance(content, dict):
        content = {**json.loads(TrainConfig().to_json()), **content}
    with pytest.raises(FormatError, match="it does not hold the settings of a run"):
        TrainConfig.from_dict(content)


def test_early_stopping_needs_a_set_to_watch() -> None:
    enough: list[dict[str, Any]] = [{"validation": 0.1}, {"watch": "test"}]
    for good in enough:
        assert TrainConfig(early_stopping=3, **good).early_stopping == 3
    with pytest.raises(RangeError, match="early_stopping watches the validation set"):
        TrainConfig(early_stopping=3)


@pytest.mark.parametrize(
    ("targets", "loss", "wanted"),
    [("auto", "softmax_cross_entropy", "classes"), ("auto", "huber", "numbers"),
     ("auto", "mean_squared_error", "numbers"), ("classes", "mean_squared_error", "classes"),
     ("numbers", "softmax_cross_entropy", "numbers"), ("auto", "auto", "auto"),
     ("numbers", "auto", "numbers")],
)  # fmt: skip
def test_targets_are_what_the_settings_or_else_the_loss_say(
    targets: str, loss: str, wanted: str
) -> None:
    assert TrainConfig(targets=targets, loss=loss).wanted_targets == wanted


def test_the_loss_follows_the_targets() -> None:
    classes, numbers = open_source("moons"), open_source("regression")
    assert TrainConfig(loss="auto").settled(classes).loss == "softmax_cross_entropy"
    assert TrainConfig(loss="auto").settled(numbers).loss == "mean_squared_error"
    huber = TrainConfig(loss="huber")
    assert huber.settled(numbers) is huber
    with pytest.raises(RangeError, match="is a loss for classes, and the targets are numbers"):
        TrainConfig(loss="softmax_cross_entropy").settled(numbers)


def test_delimiters_and_decimal_signs_may_be_given_as_themselves() -> None:
    config = TrainConfig(delimiter=";", decimal=",")
    assert (config.delimiter, config.decimal) == ("semicolon", "comma")
    assert config.table.delimiter == "semicolon"


def test_given_settings_override_recipes() -> None:
    assert TrainConfig.for_data("spiral", lr=None).lr == 1.0
    assert TrainConfig.for_data("spiral", lr=0.5).lr == 0.5
    assert TrainConfig.for_data("some/TABLE.CSV").optimizer == "auto"
    assert TrainConfig.for_data("some/TABLE.CSV", optimizer="sgd").optimizer == "sgd"
    assert TrainConfig.for_data("mnist") == TrainConfig()
