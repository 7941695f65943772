"""The settings of the Playground: what its address, its controls and its Python code say."""

from __future__ import annotations

from mitbadak.lab.playground.features import FEATURES
from mitbadak.lab.playground.points import KINDS
from mitbadak.lab.schema import Choice, Choices, Fields, Number, Records, Rows, Text, Whole
from mitbadak.nn.activations import ACTIVATIONS
from mitbadak.nn.initializers import INITIALIZERS
from mitbadak.optim import OPTIMIZERS, PLAIN_SCHEDULES

MOST_LAYERS, MOST_UNITS, MOST_POINTS = 12, 64, 4000
SPEEDS = ("slow", "normal", "fast", "full")
INITIAL = ("auto", *INITIALIZERS, "0.01", "1")

LAYER: Fields = {
    "units": Whole(1, MOST_UNITS, 4),
    "activation": Choice(tuple(ACTIVATIONS), "tanh"),
    "dropout": Number(0.0, 0.9, 0.0),
}

SETTINGS: Fields = {
    "data": Choice((*KINDS, "formula", "own"), "spiral"),
    "formula": Text(300, "x1 * x2 > 2"),
    "points": Rows(3, MOST_POINTS, 1000.0),
    "targets": Choice(("classes", "values"), "classes"),
    "n": Whole(10, MOST_POINTS, 400),
    "noise": Number(0.0, 1.0, 0.0),
    "test_share": Number(0.1, 0.9, 0.5),
    "data_seed": Whole(0, 2**31 - 1, 0),
    "features": Choices(tuple(FEATURES), ("x1", "x2")),
    "layers": Records(
        LAYER, MOST_LAYERS, ({"units": 8, "activation": "tanh", "dropout": 0.0},) * 2
    ),
    "init": Choice(INITIAL, "auto"),
    "weight_seed": Whole(0, 2**31 - 1, 0),
    "optimizer": Choice(tuple(OPTIMIZERS), "adam"),
    "lr": Number(1e-6, 100.0, 0.01),
    "schedule": Choice(PLAIN_SCHEDULES, "constant"),
    "schedule_epochs": Whole(1, 100_000, 500),
    "batch_size": Whole(1, 1000, 10),
    "penalty": Choice(("none", "l1", "l2"), "none"),
    "strength": Number(0.0, 10.0, 0.001),
    "clip_norm": Number(0.0, 1000.0, 0.0),
    "speed": Choice(SPEEDS, "normal"),
}
DATA = {"data", "formula", "points", "targets", "n", "noise", "test_share", "data_seed"}
NET = {"features", "layers", "init", "weight_seed"}
UPDATES = {"optimizer", "lr", "schedule", "schedule_epochs", "penalty", "strength", "clip_norm"}
