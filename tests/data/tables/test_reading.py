"""Columns are read as numbers, dates or text, and what fits none of them is refused by name."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp

from mitbadak.core.errors import FormatError, MitbadakError, UnknownNameError
from mitbadak.data import TableOptions, read_table
from mitbadak.data.tables import columns as columns_module, encoding, rows as rows_module


def saved(folder: Path, content: str | bytes) -> Path:
    path = folder / "a.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(folder: Path, content: str, label: str | None = None, **options: str):
    return read_table(saved(folder, content), label=label, options=TableOptions(**options))


def column(values: list[str], name: str = "a") -> str:
    return f"{name},t\n" + "".join(f'"{v}",{"xy"[k % 2]}\n' for k, v in enumerate(values))


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=100)
@given(x=hnp.arrays(np.float64, st.tuples(st.integers(1, 12), st.integers(1, 5)), elements=NUMBERS))
def test_numbers_are_read_as_they_are(tmp_path_factory, x) -> None:
    lines = [",".join([*map(repr, row), "t"]) for row in x.tolist()]
    names = [f"c{k}" for k in range(x.shape[1])]
    content = "\n".join([",".join([*names, "kind"]), *lines]) + "\n"
    table = read_table(saved(tmp_path_factory.mktemp("t"), content))
    assert table.label == "kind"
    for k, name in enumerate(names):
        assert table.columns[name].numbers.tolist() == x[:, k].tolist()


def test_a_file_is_read_in_blocks_and_rows_are_counted_across_them(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(rows_module, "BLOCK", 6)
    lines = [f"{i},{i / 8},{'ab'[i % 2]}\n\n" for i in range(50)]
    table = read(tmp_path, "x,y,t\n" + "".join(lines))
    assert table.columns["x"].numbers.tolist() == list(range(50))
    lines[41] = "41,red,a\n"
    with pytest.raises(FormatError, match="'y' \\('red' in row 42 below the header\\)"):
        read(tmp_path, "x,y,t\n" + "".join(lines))


@settings(max_examples=60)
@given(data=st.data(), rows=st.integers(1, 60), columns=st.integers(2, 4))
def test_blocks_of_plain_numbers_are_read_as_others_are(
    tmp_path_factory, data, rows, columns
) -> None:
    odd = st.sampled_from(["nan", "", " 7 ", "1e5", "NA", "+1", ".5", '"3"'])
    cells = st.one_of(NUMBERS.map(repr), st.integers(-9, 9).map(str), odd)
    drawn = data.draw(st.lists(st.lists(cells, min_size=columns, max_size=columns),
                               min_size=rows, max_size=rows))  # fmt: skip
    plain = st.sampled_from(["1,2", "-3,4.5", "7,1e9"]).map(lambda row: row + ",0" * (columns - 2))
    some = data.draw(st.lists(plain, min_size=0, max_size=30))
    lines = [*some, *map(",".join, drawn), *some]
    header = ",".join(f"c{k}" for k in range(columns))
    path = saved(tmp_path_factory.mktemp("t"), "\n".join([header, *lines, ""]))
    tables = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows_module, "BLOCK", 4 * columns)
        for misses in (0, 100):
            patch.setattr(rows_module, "MOST_MISSES", misses)
            tables.append(read_table(path, options=TableOptions(header="first")))
    for name, column in tables[0].columns.items():
        other = tables[1].columns[name]
        np.testing.assert_array_equal(other.numbers, column.numbers)
        np.testing.assert_array_equal(other.codes, column.codes)
        assert (other.form, other.texts) == (column.form, column.texts)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_are_counted_across_blocks_of_plain_numbers(end: str, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(rows_module, "BLOCK", 6)
    lines = [f"{k},{k / 8},{k % 2}" for k in range(50)]
    assert len(read(tmp_path, end.join(["x,y,t", *lines]))) == 50
    with pytest.raises(FormatError, match="row 42 below the header has 2 columns"):
        read(tmp_path, end.join(["x,y,t", *lines[:41], "1,2", *lines[41:]]))
    with pytest.raises(FormatError, match=r"'y' \('red' in row 42 below the header"):
        read(tmp_path, end.join(["x,y,t", *lines[:41], "1,red,0", *lines[41:]]))


LATER = {
    "thousands": (["900"] * 9 + ["1,200"], [900] * 9 + [1200]),
    "decimal commas": (["900"] * 9 + ["1,5"], [900] * 9 + [1.5]),
    "missing": (["900"] * 9 + ["?"], [900] * 9 + [np.nan]),
    "missing first": ([""] * 9 + ["7"], [np.nan] * 9 + [7]),
    "missing, then a date": (["NA"] * 9 + ["1970-01-08"], [np.nan] * 9 + [7]),
}


@pytest.mark.parametrize("case", LATER)
def test_later_blocks_may_say_more(case: str, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(rows_module, "BLOCK", 6)
    texts, values = LATER[case]
    np.testing.assert_array_equal(read(tmp_path, column(texts)).columns["a"].numbers, values)


@pytest.mark.parametrize(
    "texts", [["1.5"] * 9 + ["1,5"], ["5"] * 9 + ["red"], ["2020-01-01"] * 9 + ["later"]]
)
def test_what_is_no_number_after_all_is_text(texts: list[str], tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(rows_module, "BLOCK", 6)
    found = read(tmp_path, column(texts)).columns["a"]
    assert found.is_text
    assert [found.texts[k] for k in found.codes] == texts


def test_a_comma_means_the_same_in_columns_that_look_alike(tmp_path) -> None:
    rows = "".join(f"1,{k:03};{k},5;{'xy'[k % 2]}\n" for k in range(9))
    table = read(tmp_path, f"a;b;t\n{rows}")
    assert table.columns["a"].numbers[3] == 1.003
    points = "".join(f"1.{k:03};{k},5;{'xy'[k % 2]}\n" for k in range(9))
    assert read(tmp_path, f"a;b;t\n{points}").columns["a"].numbers[3] == 1003
    quoted = "".join(f'"1,{k:03}",{k}.5,{"xy"[k % 2]}\n' for k in range(9))
    assert read(tmp_path, f"a,b,t\n{quoted}").columns["a"].numbers[3] == 1003
    assert read(tmp_path, f"a,b,t\n{quoted}", decimal=",").columns["a"].numbers[3] == 1.003


def test_the_user_names_what_is_missing_and_what_is_a_category(tmp_path) -> None:
    content = column(["1", "2", "-99", "NA"])
    np.testing.assert_array_equal(
        read(tmp_path, content, missing="auto,-99").columns["a"].numbers, [1, 2, np.nan, np.nan]
    )
    assert read(tmp_path, content, missing="-99").columns["a"].is_text
    assert read(tmp_path, content, categories="a").columns["a"].texts == ("1", "2", "-99")
    assert "a" not in read(tmp_path, "b," + content.replace("\n", "\n7,").rstrip("7,"),
                           drop="a").columns  # fmt: skip


def test_whole_numbers_are_one_category_with_and_without_a_point(tmp_path) -> None:
    texts = read(tmp_path, column(["1.0", "1", "007", "x"])).columns["a"].texts
    assert texts == ("1", "007", "x")


def test_all_columns_with_the_same_trouble_are_named_with_flags(tmp_path) -> None:
    rows = [[str(k), str(k / 4), "x"] for k in range(40)]
    rows[5][0], rows[30][1] = "five", "1.5 or 2"
    content = "a,my b,t\n" + "".join(f"{','.join(row)}\n" for row in rows)
    with pytest.raises(FormatError) as caught:
        read(tmp_path, content)
    message = str(caught.value)
    assert "'a' ('five' in row 6 below the header), 'my b' ('1.5 or 2' in row 31" in message
    for flag in ("missing='auto,five,1.5 or 2'", "categories='a,my b'", "drop='a,my b'"):
        assert flag in message
    fixed = read(tmp_path, content, missing="auto,five,1.5 or 2")
    assert np.isnan(fixed.columns["a"].numbers).sum() == 1


def test_a_few_codes_besides_numbers_are_categories(tmp_path) -> None:
    found = read(tmp_path, column(["0", "1", "2", "3+"] * 9)).columns["a"]
    assert found.texts == ("0", "1", "2", "3+")


def test_a_text_that_differs_in_every_row_is_not_kept(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(columns_module, "MOST_TEXTS", 20)
    found = read(tmp_path, column([f"name {k}" for k in range(50)])).columns["a"]
    assert found.too_many
    assert (len(found), found.texts) == (50, ())
    with pytest.raises(FormatError, match="'oops' in row 3 below the header"):
        read(tmp_path, column(["1", "2", "oops", *(str(k / 7) for k in range(50))]))


BAD: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", "is empty"),
    "empty lines": ("\n\n\n", "is empty"),
    "a header of blanks": ('"\r"\r"\t"\t"\r"\t"\r"\t"\r"', "are all empty"),
    "only a header": ("a,b,t\n", "has no rows below its header"),
    "numbers for a header": ("1,2,0\n3,4,1\n", "has no header: its first line.*header='none'"),
    "values for a header": ("5.1,3.5,setosa\n4.9,3.0,setosa\n", "has no header"),
    "texts for a header": ("x,red\ny,red\nx,blue\ny,red\n", "has no header"),
    "one column": ("a\n1\n2\n", "has a single column, 'a'; inputs and a label are needed"),
    "a label twice": ("a,t,t\n1,2,3\n", "'t.1' is to be predicted, and another column has"),
    "infinity": ("a,b,t\n1,inf,a\n3,4,b\n", "'b' ('inf' in row 1 below the header)"),
    "too large": ("a,b,t\n1,1e999,a\n3,4,b\n", "'b' ('1e999' in row 1 below the header)"),
    "long row": ("a,b,t\n1,2,a\n3,4,5,b\n", "row 2 below the header has 4 columns, the header"),
    "short row": ("a,b,t\n1,a\n3,4,b\n", "row 1 below the header has 2 columns, the header has 3"),
    "open quote": ('a,b,t\n1,"2,a\n3,4,b\n', "is damaged: unexpected end of data.*quotation mark"),
    "stray quote": ('a,b,t\n1,"2"3,a\n', "is damaged: .*quotation mark"),
    "binary": (b"a,b\n\0\0", "is not text: it contains null bytes"),
    "late damage": ("높이,b\n".encode() + b"1,2\n" * 30000 + b"\xff,1\n", "is not UTF-8 text"),
    "field": ("a,b,t\n1,2," + "x" * 200_000 + "\n", "field larger than field limit"),
    "no such line": ("a,b\n1,2\n", "has no line 7"),
}  # fmt: skip
OPTIONS = {"no such line": {"header": "7"}}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_by_name_with_the_reason(case: str, tmp_path: Path) -> None:
    content, message = BAD[case]
    path = saved(tmp_path, content)
    loose = re.escape(message).replace(r"\.\*", ".*")
    with pytest.raises(FormatError, match=f"{re.escape(str(path))}.*({loose})"):
        read_table(path, options=TableOptions(**OPTIONS.get(case, {})))


@pytest.mark.parametrize("option", ["drop", "keep", "categories"])
def test_columns_that_do_not_exist_are_refused(option: str, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=f"{option}=.* 'collor'; did you mean 'color'"):
        read(tmp_path, "color,t\nred,1\n", **{option: "collor"})
    assert read(tmp_path, '"a,b",c,t\nred,1,2\n', **{option: '"a,b"'})
    assert read(tmp_path, '"a,b",c,t\nred,1,2\n', **{option: "a,b"})
    message = rf"unknown columns of .* for {option}=\.\.\.: 'colr', 'siz'\. Known: .*'color'"
    with pytest.raises(UnknownNameError, match=message):
        read(tmp_path, "color,size,label\n1,2,3\n4,5,6\n", **{option: "colr,size,siz"})


def test_a_label_that_is_not_the_last_column_must_be_named(tmp_path: Path) -> None:
    content = "label,p0,p1\n0,1,2\n1,3,4\n"
    with pytest.raises(FormatError, match="label='label' or label='p1'"):
        read(tmp_path, content)
    assert read(tmp_path, content, label="p1").label == "p1"
    with pytest.raises(UnknownNameError, match="'lable'; did you mean 'label'"):
        read(tmp_path, content, label="lable")
    with pytest.raises(FormatError, match="cannot be dropped"):
        read(tmp_path, content, label="p1", drop="p1")
    with pytest.raises(FormatError, match="label='class' or label='p1'"):
        read(tmp_path, content.replace("label", "class"))
    assert read(tmp_path, "age,class,survived\n1,2,0\n3,4,1\n").label == "survived"
    assert read(tmp_path, "x,class,y,target\n1,2,3,4\n2,3,4,5\n").label == "target"


@pytest.mark.parametrize(
    ("module", "limit", "value", "message"),
    [
        (encoding, "MOST_BYTES", 20, "more than 20 are refused. Save the numbers as .npz"),
        (None, "MOST_ROWS", 3, "holds more than 3 rows"),
        (rows_module, "MOST_OF_A_ROW", 8, "a row of more than 8 characters"),
        (rows_module, "MOST_COLUMNS", 1, "columns; at most 1 are read"),
    ],
)
def test_sizes_are_limited(module, limit, value, message, tmp_path, monkeypatch) -> None:
    from mitbadak.data.tables import reading

    monkeypatch.setattr(module or reading, limit, value)
    with pytest.raises(FormatError, match=re.escape(message)):
        read(tmp_path, "a,b,t\n" + "1,2,abc\n" * 4)


@given(content=st.binary(max_size=200))
def test_no_content_leads_to_any_other_error(tmp_path_factory, content) -> None:
    folder = tmp_path_factory.mktemp("t")
    for start in (b"", b"a,b\n", b'"a";t\n1;2\n3;', b"a b\n1 2\n", b"\xff\xfea\0,\0b\0\n\0"):
        path = saved(folder, start + content)
        try:
            read_table(path)
        except MitbadakError:
            continue
