"""The doctor as a callback of trainings, and on the folders of runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mitbadak as mb
from mitbadak.doctor.doctor import Doctor
from mitbadak.doctor.runs import diagnose_run
from mitbadak.runs import Session, TrainConfig

pytestmark = pytest.mark.once

SETS = ("spiral", "xor", "moons", "circles", "blobs", "regression")


def finished(data: str, out: Path, **settings: Any) -> str:
    Session.start(TrainConfig.for_data(data, **settings), out).train()
    return str(out)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("data", SETS)
def test_runs_by_the_recipes_are_sound(data: str, seed: int, tmp_path: Path) -> None:
    report = diagnose_run(finished(data, tmp_path / "run", seed=seed))
    assert report.first is None, str(report)


@pytest.mark.parametrize("settings", [
    {"optimizer": "adamw", "schedule": "cosine"}, {"dropout": 0.2}, {"batch_norm": True},
    {"hidden": (30, 20, 10), "activation": "relu", "init": "he"}, {"engine": "numpy"},
])  # fmt: skip
def test_unusual_runs_that_learn_are_sound(settings: dict, tmp_path: Path) -> None:
    report = diagnose_run(finished("moons", tmp_path / "run", **settings))
    assert report.first is None, str(report)


def test_a_table_with_prices_is_sound(tmp_path: Path) -> None:
    """Its first updates leap, which is no fault in a run that ends well."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(120, 3))
    prices = 5e5 + 1e5 * (x[:, 0] - x[:, 1]) + 1e3 * rng.normal(size=120)
    lines = [",".join(map(str, [*row, price])) for row, price in zip(x, prices, strict=True)]
    table = tmp_path / "prices.csv"
    table.write_text("a,b,c,price\n" + "\n".join(lines) + "\n")
    report = diagnose_run(finished(str(table), tmp_path / "run"))
    assert report.first is None, str(report)


@pytest.mark.parametrize(("lr", "code"), [(1e-6, "lr-too-small"), (1e4, "lr-too-large")])
def test_a_rate_that_does_not_fit_is_named(lr: float, code: str, tmp_path: Path) -> None:
    first = diagnose_run(finished("spiral", tmp_path / "run", lr=lr, epochs=30)).first
    assert first is not None
    assert first.code == code


def test_watching_a_training_changes_no_bit() -> None:
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(200, 4)).astype(np.float32), rng.integers(0, 3, 200)
    nets = []
    for callbacks in ([], [Doctor()]):
        net = mb.MLP([4, 8, 3], "relu", dropout=0.2, rng=0)
        mb.fit(net, (x, t), optimizer=mb.Adam(0.01), batch_size=20, epochs=4, rng=0,
               callbacks=callbacks)  # fmt: skip
        nets.append(net)
    for name in nets[0].params:
        np.testing.assert_array_equal(nets[0].params[name], nets[1].params[name])


def test_a_diagnosis_writes_nothing(tmp_path: Path) -> None:
    run = Path(finished("xor", tmp_path / "run"))
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    diagnose_run(run)
    assert {path.name: path.read_bytes() for path in run.iterdir()} == before
