"""The dialect of a file is found in its bytes and its first lines."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from mitbadak.core.errors import FormatError, RangeError, UnknownNameError
from mitbadak.data import TableOptions
from mitbadak.data.tables import open_table
from mitbadak.data.tables.dialect import Dialect, detect_dialect
from mitbadak.data.tables.encoding import text_of
from real_tables import TABLES


def saved(folder: Path, content: str | bytes) -> Path:
    path = folder / "a.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def rows_of(folder: Path, content: str | bytes, **options: str) -> tuple[list[str], list]:
    path = saved(folder, content)
    with open_table(path, options=TableOptions(**options)) as table:
        return table.names, list(table.rows)


FOUND = {
    "semicolon": Dialect(delimiter=";"),
    "tab": Dialect(delimiter="\t"),
    "bar": Dialect(delimiter="|"),
    "spaces": Dialect(delimiter=" "),
    "apostrophes": Dialect(quote="'"),
    "escaped quotes": Dialect(escape="\\"),
    "BOM": Dialect(encoding="utf-8-sig"),
    "UTF-16": Dialect(encoding="utf-16"),
    "UTF-16 unmarked": Dialect(encoding="utf-16-le"),
    "Korean of Windows": Dialect(encoding="cp949"),
    "Windows-1252": Dialect(encoding="cp1252"),
    "sep line": Dialect(delimiter=";", skipped=1),
    "blank lines": Dialect(skipped=2),
    "comments": Dialect(skipped=2),
    "header as a comment": Dialect(),
    "title": Dialect(skipped=2),
    "trailing commas": Dialect(trailing=1),
    "trailing commas in rows": Dialect(trailing=1),
    "row names of R": Dialect(row_names=True),
    "decimal commas": Dialect(delimiter=";"),
    "commas in quotes": Dialect(),
    "line ends in quotes": Dialect(),
}


@pytest.mark.parametrize("trait", FOUND)
def test_the_dialect_is_found(trait: str, tmp_path: Path) -> None:
    assert detect_dialect(saved(tmp_path, TABLES[trait]), TableOptions()) == FOUND[trait]


@settings(max_examples=60)
@given(
    data=st.data(),
    delimiter=st.sampled_from(",;\t|"),
    ends=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    above=st.sampled_from(["", "\n", "\n\n"]),
)
def test_what_the_csv_module_writes_is_read_back(
    tmp_path_factory, data, delimiter, ends, encoding, quoting, above
) -> None:
    letters = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Z"],
                            exclude_characters=",;|\"'#\ufeff\\=")  # fmt: skip
    words = st.text(letters, min_size=1, max_size=6)
    names = data.draw(st.lists(words.map("n{}".format), min_size=2, max_size=5, unique=True))
    marks = st.sampled_from(",;|\t\" '" + "\n" * (ends == "\n"))
    cells = st.text(st.one_of(letters, marks), max_size=6)
    row = st.lists(cells, min_size=len(names), max_size=len(names))
    rows = data.draw(st.lists(row, min_size=1, max_size=8))
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=ends, quoting=quoting)
    writer.writerows([names, *rows])
    content = (above.replace("\n", ends) + text.getvalue()).encode(encoding)
    path = saved(tmp_path_factory.mktemp("t"), content)
    word = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}[delimiter]
    with open_table(path, options=TableOptions(delimiter=word)) as table:
        assert table.names[: len(names)] == names
        read = list(table.rows)
    assert read == [row[: len(table.names)] for row in rows if any(row)]


def test_numbers_with_decimal_commas_do_not_hide_the_semicolons(tmp_path: Path) -> None:
    names, rows = rows_of(tmp_path, "1,5;2,5;3,5\n1,25;2,5;3\n", header="none")
    assert names == ["column 1", "column 2", "column 3"]
    assert rows == [["1,5", "2,5", "3,5"], ["1,25", "2,5", "3"]]


def test_a_semicolon_in_every_row_is_no_delimiter_if_the_header_has_none(tmp_path: Path) -> None:
    names, rows = rows_of(tmp_path, "a,b,c\n1,x;y,2\n3,z;w,4\n")
    assert names == ["a", "b", "c"]
    assert rows[0] == ["1", "x;y", "2"]


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("a,a,b", ["a", "a.1", "b"]),
        ("a,a,a.1", ["a", "a.2", "a.1"]),
        (",b,c", ["column 1", "b", "c"]),
        ("a,b,", ["a", "b", "column 3"]),
        ("column 2,,c", ["column 2", "column 2.1", "c"]),
        (" a , b,\tc", ["a", "b", "c"]),
    ],
)
def test_no_two_columns_have_one_name(header: str, names: list[str], tmp_path: Path) -> None:
    assert rows_of(tmp_path, f"{header}\n1,2,3\n4,5,6\n")[0] == names


def test_a_backslash_before_doubled_quotes_is_a_backslash(tmp_path: Path) -> None:
    text = '"a \\""b\\"" c"\n'
    assert rows_of(tmp_path, f"x,t\n1,{text}2,{text}")[1][0] == ["1", 'a \\"b\\" c']


def test_the_mark_at_the_end_of_a_dos_file_is_no_row(tmp_path: Path) -> None:
    assert rows_of(tmp_path, "a,b\r\n1,2\r\n\x1a")[1] == [["1", "2"]]


def test_empty_rows_of_a_spreadsheet_do_not_count(tmp_path: Path) -> None:
    assert rows_of(tmp_path, "a,b\n1,2\n,\n3,4\n\n,\n")[1] == [["1", "2"], ["3", "4"]]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"delimiter": "semicolon"}, ["a,b", "c"]),
        ({"delimiter": ";", "header": "2"}, ["1,2", "3"]),
        ({"delimiter": "comma"}, ["a", "b;c"]),
        ({"delimiter": "comma", "header": "none"}, ["column 1", "column 2"]),
    ],
)
def test_the_user_knows_better(options: dict[str, str], names: list[str], tmp_path: Path) -> None:
    assert rows_of(tmp_path, "a,b;c\n1,2;3\n4,5;6\n", **options)[0] == names


def test_the_encoding_may_be_given(tmp_path: Path) -> None:
    content = "이름,값\n가,1\n".encode("cp949")
    assert rows_of(tmp_path, content, encoding="cp949")[0] == ["이름", "값"]
    with pytest.raises(FormatError, match=r"is not utf-8 text.*encoding="):
        rows_of(tmp_path, content, encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"delimiter": "coma"}, UnknownNameError, "did you mean 'comma'"),
        ({"decimal": "pint"}, UnknownNameError, "did you mean 'point'"),
        ({"encoding": "utf-9"}, UnknownNameError, "unknown encoding 'utf-9'"),
        ({"encoding": "base64"}, UnknownNameError, "unknown encoding 'base64'"),
        ({"encoding": "\0"}, UnknownNameError, "unknown encoding"),
        (
            {"header": "0"},
            RangeError,
            "header must be auto, none, first, or the number of the line",
        ),
        ({"header": "second"}, RangeError, "got 'second'"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, error, message) -> None:
    with pytest.raises(error, match=message):
        TableOptions(**options)


def test_settings_of_another_type_are_refused() -> None:
    options = TableOptions()
    object.__setattr__(options, "drop", 3)  # as for users, for whom no annotation is checked before
    with pytest.raises(RangeError, match="drop must be text"):
        options.__post_init__()


ENCODINGS = {
    "ascii": (b"a,b\n", "utf-8"),
    "UTF-8": ("높이,b\n".encode(), "utf-8"),
    "cp949": ("높이,종류\n1,가나다\n".encode("cp949"), "cp949"),
    "rare syllables": ("이름,뷁\n".encode("cp949") + "한국어\n".encode("cp949"), "cp949"),
    "a degree sign": ("Temp °C,b\n".encode("cp1252"), "cp1252"),
    "umlauts": ("Größe,Länge,Äpfel\n".encode("cp1252"), "cp1252"),
    "French": ("ÉTÉ,À côté\n".encode("cp1252"), "cp1252"),
    "Latin-1": (b"a\x81,b\xe9\n", "latin-1"),
    "a letter across chunks": ("가".encode() * 400_000, "utf-8"),
}


@pytest.mark.parametrize("case", ENCODINGS)
def test_the_encoding_is_found_in_the_bytes(case: str, tmp_path: Path) -> None:
    content, encoding = ENCODINGS[case]
    assert text_of(saved(tmp_path, content)).encoding == encoding


def test_damaged_utf_8_is_not_taken_for_another_encoding(tmp_path: Path) -> None:
    content = "이름,값\n가,1\n".encode() + b"\xff,1\n"
    with pytest.raises(FormatError, match=r"is not UTF-8 text: .* \(0xff\), after other letters"):
        text_of(saved(tmp_path, content))


@pytest.mark.parametrize("content", [b"a,b\n\0\0", b"\x89PNG\r\n\x1a\n\0", b"a,b\n\x01,2\n"])
def test_what_is_no_text_is_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="is not text"):
        text_of(saved(tmp_path, content))
