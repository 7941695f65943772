"""The contract of every data set that has a name."""

from __future__ import annotations

import numpy as np
import pytest

from mitbadak import data
from mitbadak.data import NAMED, open_source
from mitbadak.data.preparation import Preparation
from mitbadak.runs import Session, TrainConfig
from mitbadak.runs.recipes import RECIPES

# What its recipe must reach on the test set: an accuracy, or a loss that is at most so large.
REACHED = {
    "mnist": None,  # takes seconds; its numbers are pinned elsewhere
    "spiral": 0.93,
    "xor": 0.99,
    "moons": 0.97,
    "circles": 0.97,
    "blobs": 0.97,
    "regression": -0.05,
}
each = pytest.mark.parametrize("name", REACHED)


@each
def test_a_data_set_is_complete_and_the_same_each_time(name):
    source, again = open_source(name), open_source(name)
    assert source.fingerprint == again.fingerprint
    assert len(source.train) > len(source.test) / 2 > 0
    for part, twin in ((source.train, again.train), (source.test, again.test)):
        np.testing.assert_array_equal(part.x, twin.x)
        np.testing.assert_array_equal(part.t, twin.t)
        x, _ = part.batch(slice(50))
        assert x.dtype == np.float32
        assert np.isfinite(x).all()
        assert np.abs(x).max() < 10


@each
def test_training_and_test_examples_are_not_the_same(name):
    source = open_source(name)
    rows = {row.tobytes() for row in source.train.x[:2000].astype(np.float32)}
    shared = sum(row.tobytes() in rows for row in source.test.x[:2000].astype(np.float32))
    # The spirals and the legacy generator share their noiseless first points.
    assert shared <= 0.02 * len(source.test)


@each
def test_every_class_has_a_name_and_examples_in_both_parts(name):
    source = open_source(name)
    classes = len(source.preparation.classes)
    for part in (source.train, source.test):
        t = part.t.argmax(axis=1) if part.t.ndim == 2 and classes else part.t
        if classes:
            assert set(np.unique(t)) == set(range(classes))
        else:
            assert t.dtype.kind == "f"
    config = source.preparation.to_config()
    assert Preparation.from_config(config, "here") == source.preparation


@pytest.mark.parametrize("name", [n for n, reached in REACHED.items() if reached is not None])
def test_its_recipe_learns_it(name, tmp_path):
    session = Session.start(TrainConfig.for_data(name, engine="numpy"), tmp_path / "run")
    row = session.train()[-1]
    reached = REACHED[name]
    if reached > 0:
        assert row["test_accuracy"] >= reached
    else:
        assert row["test_loss"] <= -reached


def test_every_data_set_is_in_the_table_and_can_be_had_by_a_function():
    assert set(REACHED) == set(NAMED)
    assert set(RECIPES) == set(REACHED) - {"mnist"}
    for name in REACHED:
        assert callable(getattr(data, f"load_{name}"))
