"""What may be read in two ways is said, with the flag that reads it otherwise."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pytest

from mitbadak.core.errors import UnknownNameError
from mitbadak.data import Preparation, Source, TableOptions, csv_source, npz_source
from mitbadak.data.tables import rows as rows_module
from mitbadak.runs.fresh import table_for

SHORT = [f"2/{k % 12 + 1}/2020" for k in range(40)]
POINTS = [text.replace("/", ".") for text in SHORT]
LATE = [f"{k % 28 + 1}/3/2020" for k in range(40)]  # days up to 28 come late
DAY, MONTH = "day-month-year", "month-day-year"
READ_AS = {
    MONTH: "'d' read as month/day (dates='day-first' reads it otherwise)",
    DAY: "'d' read as day/month (dates='month-first' reads it otherwise)",
}


def source(folder: Path, columns: dict[str, list[str]], **options: str) -> Source:
    cells = {**columns, "t": [("x", "y")[k % 2] for k in range(40)]}
    rows = zip(*cells.values(), strict=True)
    content = "\n".join(",".join(row) for row in [tuple(cells), *rows])
    (folder / "a.csv").write_text(f"{content}\n")
    return csv_source(folder / "a.csv", options=TableOptions(**options))


def first(source: Source):
    assert source.preparation.table is not None
    return source.preparation.table.columns[0]


DATES: dict[str, tuple[dict[str, list[str]], str, str]] = {
    "slashes": ({"d": SHORT}, "auto", MONTH),
    "points": ({"d": POINTS}, "auto", DAY),
    "slashes, the user says": ({"d": SHORT}, "day-first", DAY),
    "points, the user says": ({"d": POINTS}, "month-first", MONTH),
    "another column is clear": ({"d": SHORT, "e": LATE}, "auto", DAY),
    "another column is clear and the user says": ({"d": SHORT, "e": LATE}, "month-first", MONTH),
    "the other column names its months": (
        {"d": SHORT, "e": [f"{k % 28 + 1} Mar 2020" for k in range(40)]},
        "auto",
        MONTH,
    ),
}


@pytest.mark.parametrize("block", [6, 1000])
@pytest.mark.parametrize("case", DATES)
def test_the_order_of_day_and_month_is_said_where_both_are_possible(
    case: str, block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if block == 1000:
        monkeypatch.setattr(rows_module, "BLOCK", block)
    columns, dates, order = DATES[case]
    made = source(tmp_path, columns, dates=dates)
    assert first(made).order == order
    assert READ_AS[order] in made.preparation.describe()
    stored = Preparation.from_config(json.loads(json.dumps(made.preparation.to_config())), "here")
    assert stored == made.preparation
    rows = {row.tobytes() for row in table_for(tmp_path / "a.csv", stored)}
    assert {row.tobytes() for row in [*made.train.x, *made.test.x]} <= rows


CLEAR = {
    "days above 12": [f"2/{k % 28 + 1}/2020" for k in range(40)],
    "days above 12 in later blocks": LATE,
    "months by name": [f"{k % 12 + 1} Feb 2020" for k in range(40)],
    "the year first": [f"2020-02-{k % 12 + 1:02}" for k in range(40)],
    "times": [f"{k % 12}:30" for k in range(40)],
}


@pytest.mark.parametrize("block", [6, 1000])
@pytest.mark.parametrize("case", CLEAR)
def test_nothing_is_said_of_dates_that_are_clear(
    case: str, block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows_module, "BLOCK", block)
    made = [source(tmp_path, {"d": CLEAR[case]}, dates=dates) for dates in ("auto", "day-first")]
    assert "dates=" not in made[0].preparation.describe()
    assert first(made[0]).order == first(made[1]).order
    np.testing.assert_array_equal(made[0].train.x, made[1].train.x)


def test_other_words_for_the_order_are_refused() -> None:
    assert TableOptions(dates="day-month-year").dates == "day-first"
    with pytest.raises(UnknownNameError, match="did you mean 'day-first'"):
        TableOptions(dates="dayfirst")


@pytest.mark.parametrize("block", [6, 1000])
@pytest.mark.parametrize("at", [0, 30])
def test_numbers_in_parentheses_are_said_to_be_negative(
    at: int, block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows_module, "BLOCK", block)
    texts = [f"({k + 1}.5)" if k == at else f"{k + 1}.5" for k in range(40)]
    said = "numbers in parentheses are negative"
    made = source(tmp_path, {"d": texts, "e": [f"-{k}" for k in range(40)]})
    assert f"{said} ('d')" in made.preparation.describe()
    assert said not in source(tmp_path, {"d": [f"-{k}" for k in range(40)]}).preparation.describe()


LABELS = {
    "parentheses": (lambda k: f"({k + 1})" if k % 3 else f"{k}", "in parentheses are negative)"),
    "thousands": (lambda k: f'"{k + 1},{k:03}"', "thousands with ',')"),
    "percents": (lambda k: f"{k * k}%", "'%')"),
}


@pytest.mark.parametrize("case", LABELS)
def test_the_writing_of_labels_is_said(case: str, tmp_path: Path) -> None:
    cell, said = LABELS[case]
    rows = "".join(f"{k % 7},{cell(k)}\n" for k in range(40))
    (tmp_path / "a.csv").write_text(f"a,price\n{rows}")
    described = csv_source(tmp_path / "a.csv").preparation.describe()
    assert "predicts the numbers in 'price' (targets='classes' takes them as classes; " in described
    assert said in described


def test_one_input_is_no_plural(tmp_path: Path) -> None:
    made = source(tmp_path, {"d": ["one"] * 40, "e": [f"{k}" for k in range(40)]}, keep="*")
    assert "1 number and 1 category (1 column of 0 and 1)" in made.preparation.describe()


def test_every_surprise_of_a_column_is_warned_about(tmp_path: Path) -> None:
    made = source(tmp_path, {"d": [("red", "blue")[k % 2] for k in range(40)]})
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        made.preparation.rows([["green"], ["red"], [""]])
    (text,) = [str(warning.message) for warning in caught]
    assert "'d' lacks values" in text
    assert "'d' holds texts that it did not hold in training" in text


def test_more_surprises_than_are_shown_are_counted(tmp_path: Path) -> None:
    made = source(tmp_path, {f"c{i}": [("red", "blue")[k % 2] for k in range(40)]
                             for i in range(7)})  # fmt: skip
    with pytest.warns(match="'c4' holds texts .*; and 2 more of the kind$"):
        made.preparation.rows([["green"] * 7])


ARRAYS: dict[str, tuple[np.ndarray, str]] = {
    "codes": (np.arange(40) % 4, "'y' (4 classes; targets='numbers' predicts the numbers)"),
    "texts": (np.array(["cat", "dog"] * 20), "'y' (2 classes)"),
    "numbers": (np.arange(40) / 7, "the numbers in 'y' (targets='classes' takes them as classes)"),
    "pairs": (np.arange(80.0).reshape(40, 2), "the numbers in 'y'"),
}


@pytest.mark.parametrize("case", ARRAYS)
def test_what_an_archive_predicts_is_said(case: str, tmp_path: Path) -> None:
    labels, said = ARRAYS[case]
    np.savez(tmp_path / "a.npz", x=np.random.default_rng(0).normal(size=(40, 3)), y=labels)
    assert npz_source(tmp_path / "a.npz").notes[-1] == f"predicts {said}"
