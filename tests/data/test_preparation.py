"""A preparation is applied to new examples, described in words, and stored."""

from __future__ import annotations

import re

import numpy as np
import pytest

from mitbadak.core.errors import FormatError, ShapeError
from mitbadak.data import Preparation

IMAGES = Preparation("images", shape=(2, 3), divisor=255.0, classes=("0", "1"))
TABLE = Preparation("table", columns=("a", "b"), label="t", mean=(1.0, 2.0), std=(2.0, 1.0),
                    constant=("b",), classes=("x", "y"))  # fmt: skip
POINTS = Preparation("points")
PRICES = Preparation("table", columns=("a",), mean=(1.0,), std=(2.0,), target_mean=(7.0,),
                     target_std=(3.0,))  # fmt: skip


def test_new_examples_are_prepared_like_the_training_set():
    assert IMAGES.rows(np.full((1, 2, 3), 51)).tolist() == [[np.float32(0.2)] * 6]
    assert TABLE.rows([[5, 2], [1, 3]]).tolist() == [[2, 0], [0, 1]]
    assert POINTS.rows(np.eye(2)).dtype == np.float32
    assert TABLE.rows([[5, 2]], np.float64).dtype == np.float64


@pytest.mark.parametrize(
    ("prepared", "x"), [(IMAGES, np.ones((2, 3, 3))), (TABLE, np.ones((4, 3)))]
)
def test_examples_of_another_size_are_refused(prepared, x):
    with pytest.raises(ShapeError, match=re.escape(f"{prepared.n_in} numbers, as in training")):
        prepared.rows(x)


@pytest.mark.parametrize(
    ("prepared", "message"),
    [
        (IMAGES, "images of 3 x 2, divided by 255"),
        (TABLE, "2 columns standardized by the training set's mean and spread ('b' never varies "
                "there)"),
        (POINTS, "points, as they are"),
        (Preparation("table", columns=("a",), mean=(0.0,), std=(1.0,)),
         "1 column standardized by the training set's mean and spread"),
        (Preparation("points", columns=("x1", "x2")), "2 inputs, as they are"),
        (Preparation("points", mean=(0.0,) * 8, std=(1.0,) * 8, constant=tuple("abcdefgh")),
         "8 inputs standardized by the training set's mean and spread ('a', 'b', 'c', 'd', 'e' "
         "and 3 more never vary there)"),
    ],
)  # fmt: skip
def test_a_preparation_is_described_in_words(prepared, message):
    assert prepared.describe() == message


def test_a_preparation_of_an_earlier_version_is_read():
    config = TABLE.to_config()
    del config["target_mean"], config["target_std"]
    assert Preparation.from_config(config, "here") == TABLE


@pytest.mark.parametrize("prepared", [IMAGES, TABLE, POINTS, PRICES])
def test_a_preparation_survives_as_json_values(prepared):
    config = prepared.to_config()
    assert Preparation.from_config(config, "here") == prepared
    assert not any(isinstance(value, tuple) for value in config.values())


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"kind": "sound"}, "kind 'sound'"),
        ({"label": 3}, "label 3"),
        ({"mean": [1.0]}, "different numbers of means, spreads and columns"),
        ({"std": [1.0, 0.0]}, "not above 0"),
        ({"mean": [1.0, float("nan")]}, "not finite"),
        ({"target_mean": [1.0]}, "different numbers of means and spreads of targets"),
        ({"target_mean": [1.0], "target_std": [0]}, "not above 0"),
        ({"columns": [1, 2]}, "columns (1, 2)"),
        ({"constant": [True]}, "constant (True,)"),
        ({"classes": "xy"}, "classes 'xy'"),
        ({"shape": [0, 3]}, "not above 0"),
        ({"divisor": "255"}, "not finite"),
        ({"kind": "images"}, "images of shape ()"),
        ({"kind": "images", "shape": [28]}, "images of shape (28,)"),
        ({"shape": [3, 4]}, "as many means as the shape has entries are needed"),
    ],
)
def test_invalid_fields_of_a_file_are_refused_by_name(change, problem):
    with pytest.raises(FormatError, match=f"here: .*{re.escape(problem)}"):
        Preparation.from_config({**TABLE.to_config(), **change}, "here")


@pytest.mark.parametrize("config", [None, [], {}, {"kind": "table"}])
def test_other_json_than_a_preparation_is_refused(config):
    with pytest.raises(FormatError, match="here does not say how its examples were prepared"):
        Preparation.from_config(config, "here")


def test_numbers_too_large_become_infinite():
    tiny = Preparation("table", columns=("a",), mean=(0.0,), std=(1e-300,))
    assert tiny.rows(np.array([[1e10]])).tolist() == [[np.inf]]
