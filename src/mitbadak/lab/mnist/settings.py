"""The settings of MNIST live, which the page may change while the net trains."""

from __future__ import annotations

from mitbadak.lab.schema import Choice, Fields, Number, Whole
from mitbadak.optim import OPTIMIZERS

SPEEDS = ("slow", "normal", "full")
PACES = {"slow": 4.0, "normal": 60.0}  # updates a second; "full" has no pace
ACTIVATIONS = ("relu", "sigmoid", "tanh")
MOST_EPOCHS = 100

SETTINGS: Fields = {
    "hidden": Whole(2, 256, 50),
    "activation": Choice(ACTIVATIONS, "relu"),
    "optimizer": Choice(tuple(OPTIMIZERS), "sgd"),
    "lr": Number(1e-6, 1000.0, 0.1),
    "batch_size": Whole(10, 1000, 100),
    "examples": Whole(100, 60_000, 60_000),
    "epochs": Whole(1, MOST_EPOCHS, 17),
    "weight_seed": Whole(0, 2**31 - 1, 0),
    "speed": Choice(SPEEDS, "slow"),
}
WHILE_TRAINING = {"lr", "epochs", "speed"}  # need no new trainer
NET = {"hidden", "activation", "weight_seed"}
