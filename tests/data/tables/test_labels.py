"""What is predicted: classes or numbers, by the values; rows without a label are left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mitbadak.core.errors import FormatError
from mitbadak.data import csv_source
from mitbadak.data.tables import TableOptions


def source(folder: Path, labels: list[str], targets: str = "auto", missing: str = "auto"):
    path = folder / "a.csv"
    rows = [f'{k % 7},{k % 5},"{label}"\n' for k, label in enumerate(labels)]
    path.write_text("a,b,t\n" + "".join(rows), encoding="utf-8")
    return csv_source(path, targets=targets, options=TableOptions(missing=missing), test_share=0.5)


def of_all(found) -> list[float]:
    return sorted(np.concatenate([found.train.t, found.test.t]).ravel().tolist())


CLASSES: dict[str, tuple[list[str], tuple[str, ...]]] = {
    "text": (["x", "y"] * 9, ("x", "y")),
    "yes and no": (["yes", "no"] * 9, ("no", "yes")),
    "booleans": (["True", "False"] * 9, ("False", "True")),
    "two numbers": (["0", "1"] * 9, ("0", "1")),
    "two fractions": (["0.5", "1.5"] * 9, ("0.5", "1.5")),
    "numbers in order of value": (["10", "9", "9.0", "-1"] * 9, ("-1", "9", "10")),
    "few whole numbers": (["4", "6", "8"] * 9, ("4", "6", "8")),
    "digits": ([str(k) for k in range(10)] * 10, tuple("0123456789")),
    "codes with a gap": (["1", "2", "3", "5", "6", "7"] * 10, ("1", "2", "3", "5", "6", "7")),
    "grades": (["A", "B", "C+", "NA"] * 9, ("A", "B", "C+")),
    "countries": (["DE", "NA", "US"] * 9, ("DE", "NA", "US")),
    "a treatment": (["none", "pill"] * 9, ("none", "pill")),
    "numbers and texts": (["1", "2", "x"] * 9, ("1", "2", "x")),
}


@pytest.mark.parametrize("case", CLASSES)
def test_these_are_classes(case: str, tmp_path: Path) -> None:
    labels, classes = CLASSES[case]
    assert source(tmp_path, labels).preparation.classes == classes


NUMBERS: dict[str, list[str]] = {
    "fractions": ["1.5", "2", "2.5"] * 9,
    "many whole numbers": [str(k * k) for k in range(20)] * 3,
    "counts": ["0"] * 40 + ["1"] * 20 + ["2"] * 9 + ["3"] * 4 + ["4"] * 2 + ["5", "6"],
    "years of school": [str(12 + k % 7) for k in range(60)],
    "all different": [str(k) for k in range(30)],
    "prices": [f"$1,{k % 90 + 100}.50" for k in range(99)],
    "percents": [f"{k % 7}.5%" for k in range(40)],
    "missing": ["1.5", "?", "2.5", "7", "-", "NA"] * 9,
}


@pytest.mark.parametrize("case", NUMBERS)
def test_these_are_numbers(case: str, tmp_path: Path) -> None:
    found = source(tmp_path, NUMBERS[case])
    assert found.preparation.classes == ()
    assert found.train.t.dtype == np.float64
    assert found.train.t.shape[1:] == (1,)


def test_the_user_decides_otherwise(tmp_path: Path) -> None:
    digits, prices = CLASSES["digits"][0], NUMBERS["fractions"]
    assert source(tmp_path, digits, "numbers").preparation.classes == ()
    assert source(tmp_path, prices, "classes").preparation.classes == ("1.5", "2", "2.5")
    assert source(tmp_path, ["x", "NA"] * 9, missing="").preparation.classes == ("NA", "x")
    only = source(tmp_path, ["x", "y", "none"] * 9, missing="auto,none")
    assert only.preparation.classes == ("x", "y")
    assert of_all(only) == [0.0] * 9 + [1.0] * 9
    assert source(tmp_path, ["1", "2", "-9", "3"] * 9, "numbers", "-9").preparation.classes == ()


@pytest.mark.parametrize("mark", ["", " ", "NA", "na", "N/A", "NaN", "null"])
def test_rows_without_a_label_are_left_out_and_counted(mark: str, tmp_path: Path) -> None:
    found = source(tmp_path, [*["x", "y"] * 9, mark, mark])
    assert found.preparation.classes == ("x", "y")
    assert len(found.train) + len(found.test) == 18
    assert "2 rows without 't' left out" in found.preparation.describe()
    numbers = source(tmp_path, [*map(str, np.arange(20) / 4), mark])
    assert "1 row without 't' left out" in numbers.preparation.describe()


@pytest.mark.parametrize("mark", ["#N/A", "<NA>", "None", "?", "#DIV/0!", "-"])
def test_a_mark_that_may_be_a_class_is_refused(mark: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"row 5 below the header holds .* in column 't'.*"
                                          r"missing='auto,.*missing=''"):  # fmt: skip
        source(tmp_path, [*["x", "y"] * 2, mark, *["x", "y"] * 9])


def test_an_error_of_a_spreadsheet_is_refused_among_numbers_too(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="row 3 below the header holds '#N/A' in column 't'"):
        source(tmp_path, ["1.5", "2.5", "#N/A", *map(str, np.arange(20) / 4)])


MANY = [*map(str, range(40)), "many"]
REFUSED: dict[str, tuple[list[str], str, str]] = {
    "one class": (["x"] * 9, "auto", "holds a single class, 'x'.*label='NAME'"),
    "one number": (["3.5"] * 9, "auto", "holds the same value, 3.5, in every row.*label='NAME'"),
    "nothing": ([""] * 9, "auto", "has no value in any row.*label='NAME'"),
    "too many texts": (
        [f"w{k % 1001}" for k in range(4000)], "auto", "1,001 different values.*label='NAME'"
    ),
    "too many numbers": (
        [f"{k}" for k in range(4000)], "classes", "4,000 different values.*targets='numbers'"
    ),
    "fractions as classes": (
        [f"{k / 7}" for k in range(30)], "classes", "30 different values.*targets='numbers'"
    ),
    "text as numbers": (["x", "y"] * 9, "numbers", "holds 'x' in row 1 below.*targets='classes'"),
    "a stray text": (MANY, "auto", "'t' .'many' in row 41.*missing='auto,many'"),
    "a stray text as numbers": (MANY, "numbers", "holds 'many' in row 41"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_labels_that_cannot_be_learned_are_refused_with_the_remedy(case, tmp_path) -> None:
    labels, targets, message = REFUSED[case]
    with pytest.raises(FormatError, match=message):
        source(tmp_path, labels, targets)
