"""From settings to data sets, a net and an optimizer."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np

from mitbadak.data import Dataset, mnist_datasets
from mitbadak.nn import MLP, Sequential
from mitbadak.nn.activations import ACTIVATIONS
from mitbadak.optim import Optimizer, build_optimizer

Settings = Mapping[str, Any]
PIXELS, CLASSES = 784, 10
DRAWING = 17  # seed of which examples a smaller training set has


@functools.cache
def digits() -> tuple[Dataset, Dataset]:
    """The training set and the test set, read once.

    Raises:
        FormatError: a file is damaged.
        FileNotFoundError: a file is missing.
    """
    return mnist_datasets()


def training_set(examples: int) -> Dataset:
    """The first so many examples of a fixed order, so that more examples hold the fewer ones.

    Example:
        >>> len(training_set(500))
        500
    """
    train, _ = digits()
    if examples >= len(train):
        return train
    order = np.random.default_rng(DRAWING).permutation(len(train))
    return train.part(np.sort(order[:examples]))


def build_net(settings: Settings) -> Sequential:
    """The net of the settings, with new weights.

    Example:
        >>> build_net({"hidden": 3, "activation": "relu", "weight_seed": 0}).params["W1"].shape
        (784, 3)
    """
    rectifies = ACTIVATIONS[settings["activation"]].rectifies
    return MLP(
        [PIXELS, settings["hidden"], CLASSES], settings["activation"],
        init="he" if rectifies else "xavier", rng=settings["weight_seed"],
    )  # fmt: skip


def build_rule(settings: Settings) -> Optimizer:
    """The optimizer of the settings."""
    return build_optimizer(settings["optimizer"], settings["lr"])
