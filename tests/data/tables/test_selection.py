"""Columns that are no inputs are left out with the reason, unless the user keeps them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mitbadak.core.errors import FormatError
from mitbadak.data import csv_source
from mitbadak.data.tables import TableOptions
from mitbadak.data.tables.selection import frequent_kinds
from real_tables import ROWS, TABLES, with_column

COUNTED = [str(k) for k in range(ROWS)]


def source(folder: Path, content: str | bytes, **options: str):
    path = folder / "a.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return csv_source(path, options=TableOptions(**options))


def left_out(folder: Path, content: str | bytes, **options: str) -> dict[str, str]:
    table = source(folder, content, **options).preparation.table
    assert table is not None
    return dict(table.left_out)


REASONS = {
    "row names of R": {"column 1": "row numbers"},
    "index of pandas": {"column 1": "row numbers"},
    "row numbers": {"id": "row numbers"},
    "names": {"animal": "nearly every row differs"},
    "one value": {"place": "one value"},
    "one number": {"year": "one value"},
    "no values": {"notes": "no values"},
    "comma": {},
    "a column without a name": {},
}


@pytest.mark.parametrize("trait", REASONS)
def test_columns_are_left_out_with_the_reason(trait: str, tmp_path: Path) -> None:
    assert left_out(tmp_path, TABLES[trait]) == REASONS[trait]


@pytest.mark.parametrize(
    ("name", "values", "at", "reason"),
    [
        ("Unnamed: 0", COUNTED, 0, "row numbers"),
        ("No.", COUNTED, 0, "row numbers"),
        ("rownames", COUNTED[::-1], 0, "row numbers"),
        ("ID", [f"X{k}" for k in range(ROWS)], 2, "row names"),
        ("year", [str(1950 + k) for k in range(ROWS)], 0, ""),
        ("time", COUNTED, 1, ""),
        ("id", [str(k // 2) for k in range(ROWS)], 0, ""),
        ("id", [str(k / 2) for k in range(ROWS)], 1, ""),
        ("code", [f"c{k % 35}" for k in range(ROWS)], 0, "nearly every row differs"),
    ],
)
def test_numbers_of_rows_are_told_from_quantities(name, values, at, reason, tmp_path) -> None:
    assert left_out(tmp_path, with_column(name, values, at)).get(name, "") == reason


def test_kept_columns_are_inputs(tmp_path: Path) -> None:
    for trait, name in (("row numbers", "id"), ("one number", "year"), ("names", "animal")):
        assert left_out(tmp_path, TABLES[trait], keep=name) == {}
    assert left_out(tmp_path, TABLES["row numbers"], keep="*") == {}
    assert left_out(tmp_path, TABLES["no values"], keep="notes") == {"notes": "no values"}


def test_what_counts_the_rows_is_an_input_if_it_is_the_only_one(tmp_path: Path) -> None:
    content = "x,y\n" + "".join(f"{k},{k * 1.5}\n" for k in range(30))
    assert source(tmp_path, content).preparation.columns == ("x",)
    named = "name,y\n" + "".join(f"n{k},{k * 1.5}\n" for k in range(30))
    with pytest.raises(
        FormatError, match=r"no column to learn 'y' from.*'name' \(nearly every row"
    ):
        source(tmp_path, named)


def test_rare_kinds_are_one() -> None:
    codes = np.repeat(np.arange(6), [1, 900, 2, 3, 500, 1])
    assert frequent_kinds(codes, 6) == ([1, 4, 3], True)  # 3 of 1,407 are more than one of 500
    many = np.repeat(np.arange(150), 2)
    kept, other = frequent_kinds(many, 150)
    assert (len(kept), other) == (100, True)
    assert frequent_kinds(np.array([-1, -1]), 0) == ([], False)
