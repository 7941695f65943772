"""Rows from a file and rows given in Python are encoded alike, and as in training."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mitbadak.core.errors import FormatError, MitbadakWarning, ShapeError
from mitbadak.data import Preparation, TableEncoder, TableOptions, csv_source
from mitbadak.data.tables.dialect import Dialect
from mitbadak.data.tables.features import ColumnEncoder
from mitbadak.data.tables.numbers import PLAIN, NumberForm
from mitbadak.runs.fresh import table_for
from real_tables import TABLES

SIZE = ColumnEncoder("size", PLAIN, missing=True, fill=2.0)
PRICE = ColumnEncoder("price", NumberForm(group=",", before="$"), fill=9.0)
DAY = ColumnEncoder("day", order="day-month-year", fill=9.0)
COLOR = ColumnEncoder("color", kinds=("red", "3", "NA"), other=True, missing=True)
WILD = ColumnEncoder("wild", kinds=("TRUE", "FALSE", "maybe"))
ENCODER = TableEncoder(Dialect(), (SIZE, PRICE, DAY, COLOR, WILD))
PREPARATION = Preparation("table", columns=ENCODER.features, label="t", table=ENCODER)
EXPECTED = [
    [1.5, 0, 1200, 1, 1, 0, 0, 0, 0, 1, 0, 0],
    [2.0, 1, 7, 2, 0, 1, 0, 0, 0, 0, 1, 0],
    [4.0, 0, -3, 3, 0, 0, 0, 1, 0, 1, 0, 0],
    [5.0, 0, 0.5, 4, 0, 0, 0, 0, 1, 0, 0, 1],
]
AS_TEXT = [
    ["1.5", "$1,200", "02.01.1970", "red", "TRUE"],
    ["", "$7", "03.01.1970", "3.0", "FALSE"],
    ["4", "($3)", "04.01.1970", "green", "TRUE"],
    ["5", "$0.50", "05.01.1970", "", "maybe"],
]
DAYS = [datetime.date(1970, 1, k) for k in range(2, 6)]
AS_OBJECTS: list[list[Any]] = [
    [1.5, 1200, DAYS[0], "red", True],
    [None, 7, DAYS[1], 3, False],
    [4, -3, DAYS[2], "green", True],
    [5, 0.5, DAYS[3], None, "maybe"],
]


def columns(rows: list[list[Any]]) -> dict[str, list[Any]]:
    return {name: [row[k] for row in rows] for k, name in enumerate(ENCODER.names)}


class Frame:
    """As much of a data frame as is needed."""

    def __init__(self, content: dict[str, Any]):
        self.content, self.columns = content, [*content]

    def __getitem__(self, name: str) -> Any:
        return self.content[name]


@pytest.mark.parametrize("rows", [AS_TEXT, AS_OBJECTS])
def test_rows_are_encoded_in_whatever_way_they_are_given(rows: list[list[Any]]) -> None:
    by_name = columns(rows)
    given = [rows, list(map(tuple, rows)), np.array(rows, object), by_name,
             Frame({"more": [0] * 4, **by_name}),
             [dict(zip(by_name, row, strict=True)) for row in rows]]  # fmt: skip
    for x in given:
        np.testing.assert_array_equal(PREPARATION.rows(x), EXPECTED)
        assert PREPARATION.rows(x, np.float64).dtype == np.float64


def test_numbers_and_texts_may_stand_in_one_column() -> None:
    comma = TableEncoder(Dialect(), (ColumnEncoder("n", NumberForm(decimal=","), fill=9.0),))
    with pytest.warns(MitbadakWarning, match="lacks values"):
        assert comma.encode([["1,5"], [2.5], [None], ["3"]])[:, 0].tolist() == [1.5, 2.5, 9, 3]
    with pytest.raises(FormatError, match=r"row 2, column 'n': expected a finite .*; got inf"):
        comma.encode([["1,5"], [float("inf")]])


def test_arrays_of_numbers_are_columns_too() -> None:
    numbers = TableEncoder(Dialect(), (SIZE, COLOR))
    x = np.array([[1.5, 3.0], [np.nan, np.nan]])
    expected = [[1.5, 0, 0, 1, 0, 0, 0], [2.0, 1, 0, 0, 0, 0, 1]]
    np.testing.assert_array_equal(numbers.encode(x), expected)
    with pytest.raises(FormatError, match="row 2, column 'size': expected a finite number"):
        numbers.encode(np.array([[1.0, 3.0], [np.inf, 3.0]]))


def test_pandas_frames_are_read() -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(columns(AS_OBJECTS))
    frame["day"] = pd.to_datetime(frame["day"])
    np.testing.assert_array_equal(PREPARATION.rows(frame), EXPECTED)
    np.testing.assert_array_equal(PREPARATION.rows(frame.convert_dtypes()), EXPECTED)


def test_columns_of_plain_numbers_may_be_named_too() -> None:
    plain = Preparation("table", columns=("a", "b"), mean=(1.0, 2.0), std=(2.0, 4.0))
    expected = [[0, 0], [1, 1]]
    np.testing.assert_array_equal(plain.rows([[1, 2], [3, 6]]), expected)
    np.testing.assert_array_equal(plain.rows({"b": [2, 6], "a": [1, 3], "c": [0, 0]}), expected)


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        ([1, 2, 3, 4, 5], ShapeError, "expected rows of 5 cells, .*For a single row write"),
        ([["1", "2"]], ShapeError, "expected rows of 5 cells.*got a row of 2"),
        (np.zeros((2, 4)), ShapeError, r"got \(2, 4\)"),
        ("text", ShapeError, "expected rows of 5 cells"),
        ({"size": [1]}, FormatError, "'price', 'day', 'color', 'wild' are missing"),
        (SimpleNamespace(columns=["size"]), FormatError, "are missing"),
        (columns(AS_TEXT) | {"size": ["1"]}, ShapeError, "have the same length"),
        (columns(AS_TEXT) | {"size": "1234"}, ShapeError, "must be a list of cells"),
        ([["x", *AS_TEXT[0][1:]]], FormatError,
         "row 1, column 'size': expected a finite number, as in training; got 'x'"),
        ([[*AS_TEXT[0][:2], "soon", "red", "TRUE"]], FormatError,
         r"column 'day': expected a date \(day-month-year\)"),
        ([[*AS_TEXT[0][:2], 19_000, "red", "TRUE"]], FormatError,
         r"column 'day': expected a date \(day-month-year\).*got 19000\.0"),
    ],
)  # fmt: skip
def test_rows_that_do_not_fit_are_refused(x: Any, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        PREPARATION.rows(x)


def test_numbers_stand_for_the_text_of_their_value() -> None:
    agents = TableEncoder(Dialect(), (ColumnEncoder("agent", kinds=("007", "12", "012")),))
    np.testing.assert_array_equal(agents.encode({"agent": [7]}), [[1, 0, 0]])
    np.testing.assert_array_equal(agents.encode(np.array([[7.0]])), [[1, 0, 0]])
    with pytest.warns(MitbadakWarning, match="texts that it did not hold in training"):
        np.testing.assert_array_equal(agents.encode({"agent": [5, 12]}), [[0, 0, 0], [0, 1, 0]])


def test_missing_and_new_texts_where_training_had_none() -> None:
    plain = ColumnEncoder("c", kinds=("often", "rare"))
    np.testing.assert_array_equal(plain.encode(plain.values(["", "new"])), [[1, 0], [0, 0]])
    number = ColumnEncoder("n", PLAIN, fill=7.0)
    np.testing.assert_array_equal(number.encode(number.values(["NA", "1"])), [[7], [1]])
    both = TableEncoder(Dialect(), (number, plain))
    with pytest.warns(MitbadakWarning, match="'n' lacks values, as it never did.*the mean"):
        both.encode([["NA", "often"]])
    with pytest.warns(MitbadakWarning, match="'c' holds texts that it did not hold in training"):
        both.encode([[1, "new"]])


def test_missing_numbers_are_refused_for_nets_of_earlier_versions() -> None:
    plain = Preparation("table", columns=("a", "b"))
    for x in ({"a": ["1"], "b": [""]}, {"a": [1.0], "b": [np.nan]}, {"a": [1], "b": [None]}):
        with pytest.raises(FormatError, match="row 1, column 'b': expected a finite number"):
            plain.rows(x)


def test_new_rows_may_be_written_in_another_form() -> None:
    comma = ColumnEncoder("n", NumberForm(decimal=","))
    assert comma.values(["1,5", "2"]).tolist() == [1.5, 2]
    assert comma.values(["1.5", "2"]).tolist() == [1.5, 2]
    assert PRICE.values(["1200", "€7.50"][:1]).tolist() == [1200]
    assert PRICE.values(["€1.200,50"]).tolist() == [1200.5]
    assert DAY.values(["1970-01-03"]).tolist() == [2]


@pytest.mark.parametrize("trait", TABLES)
def test_a_preparation_encodes_the_training_file_as_training_did(trait, tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(TABLES[trait])
    source = csv_source(path)
    config = json.loads(json.dumps(source.preparation.to_config()))
    stored = Preparation.from_config(config, "here")
    assert stored == source.preparation
    rows = set(map(bytes, table_for(path, stored)))
    assert {*map(bytes, source.train.x), *map(bytes, source.test.x)} <= rows
    assert len(rows) >= 57
    assert source.train.x.shape[1] == len(stored.columns)


@pytest.mark.parametrize("trait", ["UTF-16", "semicolon", "spaces", "BOM", "Windows ends", "title"])
def test_a_file_of_another_dialect_gives_the_same_rows(trait: str, tmp_path: Path) -> None:
    for name in ("comma", trait):
        (tmp_path / f"{name}.csv").write_bytes(TABLES[name])
    rows = [
        table_for(tmp_path / f"{new}.csv", csv_source(tmp_path / f"{old}.csv").preparation)
        for old, new in (("comma", "comma"), ("comma", trait), (trait, "comma"))
    ]
    np.testing.assert_array_equal(rows[1], rows[0])
    np.testing.assert_array_equal(rows[2], rows[0])


def test_a_file_without_a_header_is_predicted_without_one(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(TABLES["comma"].split(b"\n", 1)[1])
    source = csv_source(path, options=TableOptions(header="none"))
    assert source.preparation.label == "column 4"
    assert len(table_for(path, source.preparation)) == 60


BROKEN: dict[str, Any] = {
    "no columns": {"columns": []},
    "a field more": {"more": 1},
    "a dialect of numbers": {"dialect": 3},
    "an unknown delimiter": {"dialect": {"delimiter": "ab"}},
    "an unknown encoding": {"dialect": {"encoding": "utf-9"}},
    "a mean that is infinite": {"columns": [{"fill": float("inf")}]},
    "an unknown order": {"columns": [{"order": "day-day"}]},
    "a column of no kind": {"columns": [{"form": None}]},
    "a column of two kinds": {"columns": [{"order": "time"}]},
    "kinds that are numbers": {"columns": [{"kinds": [1]}]},
    "a reason without a name": {"left_out": [["id"]]},
    "a negative count": {"unlabeled": -1},
    "a flag that is a number": {"dialect": {"header": 1}},
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_damaged_description_of_a_table_is_refused(case: str) -> None:
    one = TableEncoder(Dialect(), (ColumnEncoder("a", PLAIN),))
    config: dict[str, Any] = Preparation("table", columns=("a",), table=one).to_config()
    table = config["table"]
    for name, change in BROKEN[case].items():
        if isinstance(change, dict):
            table[name].update(change)
        elif isinstance(change, list) and change and isinstance(change[0], dict):
            table[name][0].update(change[0])
        else:
            table[name] = change
    with pytest.raises(FormatError):
        Preparation.from_config(config, "here")
    config["table"] = 3
    with pytest.raises(FormatError, match="does not describe how a table was read"):
        Preparation.from_config(config, "here")
