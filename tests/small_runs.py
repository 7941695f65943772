"""Small training runs on the spiral, in memory or in a run folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mitbadak.data import load_spiral
from mitbadak.nn import MLP, Sequential
from mitbadak.optim import SGD
from mitbadak.runs import Session, TrainConfig
from mitbadak.training import Callback, History, fit

X, T = load_spiral(one_hot=True)


def spiral_net(activation: str = "sigmoid", **more: Any) -> MLP:
    return MLP([2, 10, 3], activation, **{"rng": 0, **more})


def train(net: Sequential, examples: Any = (X, T), **settings: Any) -> History:
    """A short, silent run of the reference engine: batches of 30, so ten steps an epoch."""
    quiet = {"optimizer": SGD(1.0), "epochs": 2, "batch_size": 30, "rng": 0, "callbacks": []}
    return fit(net, examples, **{"engine": "numpy", **quiet, **settings})


def copied(net: Sequential) -> dict[str, np.ndarray]:
    return {name: array.copy() for name, array in net.params.items()}


def assert_same_bits(a: Mapping[str, np.ndarray], b: Mapping[str, np.ndarray]) -> None:
    assert {n: (p.dtype, p.tobytes()) for n, p in a.items()} == {
        n: (p.dtype, p.tobytes()) for n, p in b.items()
    }


def settings(**given: Any) -> TrainConfig:
    return TrainConfig.for_data("spiral", **{"epochs": 3, **given})


def run(out: Path, *callbacks: Callback, **given: Any) -> Session:
    """A run that has been trained."""
    session = Session.start(settings(**given), out, callbacks=callbacks)
    session.train()
    return session
