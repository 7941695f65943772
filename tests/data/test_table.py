"""Tables from spreadsheets and pandas are read; errors name the file, row and column."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp

from mitbadak.core.errors import FormatError, RangeError, UnknownNameError
from mitbadak.data import csv_source, read_table, table as table_module

ALL = slice(None)


@pytest.fixture
def write(tmp_path: Path):
    def write(content: str | bytes, name: str = "a.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Z"]), min_size=1,
                max_size=8)  # fmt: skip
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=150)
@given(
    data=st.data(),
    rows=st.integers(1, 12),
    inputs=st.integers(1, 5),
    delimiter=st.sampled_from(",;\t"),
    ends=st.sampled_from(["\n", "\r\n", "\r"]),
    bom=st.booleans(),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_written_content_is_read_back(
    tmp_path_factory, data, rows, inputs, delimiter, ends, bom, quoting
):
    names = data.draw(st.lists(NAMES, min_size=inputs + 1, max_size=inputs + 1))
    # A header of delimiters that are not the file's is ambiguous to anyone.
    names = [f"c{re.sub('[,;]', '_', name)}{i}" for i, name in enumerate(names)]
    x = data.draw(hnp.arrays(np.float64, (rows, inputs), elements=NUMBERS)).tolist()
    present = NAMES.filter(lambda label: label.lower() not in table_module.MISSING)
    labels = data.draw(st.lists(present, min_size=rows, max_size=rows))
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=ends, quoting=quoting)
    writer.writerow(names)
    writer.writerows([*map(repr, row), label] for row, label in zip(x, labels, strict=True))
    path = tmp_path_factory.mktemp("t") / "a.csv"
    path.write_bytes(b"\xef\xbb\xbf" * bom + text.getvalue().encode())
    table = read_table(path)
    assert table.columns == tuple(names[:-1])
    assert table.label == names[-1]
    assert table.x.tolist() == x
    assert [table.distinct[i] for i in table.t] == labels


def test_quotes_bom_line_ends_empty_lines_and_spaces_are_read_as_in_spreadsheets(write):
    path = write(
        b'\xef\xbb\xbf"a, b",c,"say ""t"""\r\n"1.5", 2 ,yes\r\n\r\n-1e3,+.5,"no,\r\nnever"\r\n\r\n'
    )
    table = read_table(path)
    assert table.columns == ("a, b", "c")
    assert table.label == 'say "t"'
    assert table.x.tolist() == [[1.5, 2], [-1000, 0.5]]
    assert table.distinct == ("yes", "no,\r\nnever")


def test_the_label_may_be_any_column(write):
    path = write("kind,a,b\nx,1,2\ny,3,4\n")
    table = read_table(path, label="kind")
    assert table.columns == ("a", "b")
    assert table.x.tolist() == [[1, 2], [3, 4]]
    with pytest.raises(UnknownNameError, match="'knd'; did you mean 'kind'"):
        read_table(path, label="knd")


def test_a_file_is_read_in_blocks_and_rows_are_counted_across_them(write, monkeypatch):
    monkeypatch.setattr(table_module, "BLOCK", 6)
    lines = [f"{i},{i / 8},{'ab'[i % 2]}\n\n" for i in range(50)]
    table = read_table(write("x,y,t\n" + "".join(lines)))
    assert table.x.tolist() == [[i, i / 8] for i in range(50)]
    assert table.t.tolist() == [i % 2 for i in range(50)]
    lines[41] = "41,red,a\n"
    with pytest.raises(FormatError, match="row 42 below the header, column 'y', holds 'red'"):
        read_table(write("x,y,t\n" + "".join(lines)))


TWO = "1,2,a\n3,4,b\n"
BAD: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", "is empty"),
    "empty lines": ("\n\n\n", "is empty"),
    "only a header": ("a,b,t\n", "has no rows below its header"),
    "no header": ("1,2,0\n3,4,1\n", "its first line holds only numbers"),
    "one column": ("a\n1\n2\n", "has a single column, 'a'; inputs and a label are needed"),
    "another delimiter": ("a|b|t\n1|2|3\n", "separated by comma, semicolon, tab"),
    "twice": ("a,a,t\n" + TWO, "two columns are named 'a'"),
    "no name": (",b,t\n" + TWO, "column 1 of 3 has no name.*to_csv(index=False)"),
    "missing input": ("a,b,t\n1,2,a\n3,,b\n", "row 2 below the header has no value in column 'b'"),
    "NaN": ("a,b,t\n1,nan,a\n3,4,b\n", "row 1 below the header has no value in column 'b' ('nan')"),
    "NA": ("a,b,t\n1,NA,a\n3,4,b\n", "row 1 below the header has no value in column 'b' ('NA')"),
    "missing label": ("a,b,t\n1,2,a\n3,4, \n", "row 2 below the header has no value in column 't'"),
    "text": ("a,b,t\n1,red,a\n3,4,b\n", "column 'b', holds 'red'.*use label='b'"),
    "infinity": ("a,b,t\n1,inf,a\n3,4,b\n", "holds 'inf', which is not a finite number"),
    "too large": ("a,b,t\n1,1e999,a\n3,4,b\n", "holds '1e999', which is not a finite number"),
    "underscore": ("a,b,t\n1,1_000,a\n3,4,b\n", "holds '1_000', which is not a finite number"),
    "other digits": ("a,b,t\n1,١,a\n3,4,b\n", "holds '١', which is not a finite number"),
    "decimal comma": ("a;b;t\n1;2,5;a\n3;4;b\n", "Write decimals with a point"),
    "long row": ("a,b,t\n1,2,a\n3,4,5,b\n", "row 2 below the header has 4 columns, the header"),
    "short row": ("a,b,t\n1,a\n3,4,b\n", "row 1 below the header has 2 columns, the header has 3"),
    "open quote": ('a,b,t\n1,"2,a\n3,4,b\n', "is damaged: unexpected end of data.*quotation mark"),
    "stray quote": ('a,b,t\n1,"2"3,a\n', "is damaged: .*quotation mark"),
    "open quote in the header": ('a,"b,t\n1,2,3\n', "is damaged|single column"),
    "binary": (b"a,b\n\0\0", "is not text: it contains null bytes"),
    "Korean of Windows": ("높이,종류\n1,가\n".encode("cp949"), "is not UTF-8 text.*CSV UTF-8"),
    "UTF-16": ("a,b\n1,2\n".encode("utf-16"), "is not text"),
    "late damage": (b"a,b\n" + b"1,2\n" * 30000 + b"\xff,1\n", "is not UTF-8 text"),
    "field": ("a,b,t\n1,2," + "x" * 200_000 + "\n", "field larger than field limit"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_by_name_with_the_reason(write, case):
    content, message = BAD[case]
    path = write(content)
    loose = re.escape(message).replace(r"\.\*", ".*").replace(r"\|", "|")
    with pytest.raises(FormatError, match=f"{re.escape(str(path))}.*({loose})"):
        read_table(path)


LEARNING: dict[str, tuple[str, dict, str]] = {
    "one class": ("a,t\n1,x\n2,x\n3,x\n", {}, "holds a single class, 'x'"),
    "real targets": ("a,t\n" + "".join(f"{i},{i / 7}\n" for i in range(30)), {},
                     "30 different values in 30 examples.*regression=True"),
    "an id": ("a,t\n" + "".join(f"{i},{i}\n" for i in range(30)), {}, "regression=True"),
    "too many": ("a,t\n" + "".join(f"{i},w{i % 1001}\n" for i in range(4000)), {},
                 "1,001 different values"),
    "text targets": ("a,t\n1,x\n2,y\n", {"regression": True}, "column 't', holds 'x'"),
}  # fmt: skip


@pytest.mark.parametrize("case", LEARNING)
def test_labels_that_cannot_be_learned_are_refused_with_the_remedy(write, case):
    content, options, message = LEARNING[case]
    with pytest.raises(FormatError, match=re.escape(message).replace(r"\.\*", ".*")):
        csv_source(write(content), **options)


@given(content=st.binary(max_size=200))
def test_no_content_leads_to_any_other_error(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("t") / "a.csv"
    for start in (b"", b"a,b\n", b'"a";t\n1;2\n3;'):
        path.write_bytes(start + content)
        try:
            csv_source(path)
        except (FormatError, RangeError):
            continue


@pytest.mark.parametrize(
    ("limit", "value", "message"),
    [
        ("MOST_BYTES", 20, "more than 20 are refused. Save the numbers as .npz"),
        ("MOST_ROWS", 3, "holds more than 3 rows"),
        ("MOST_OF_A_ROW", 8, "a row of more than 8 characters"),
        ("MOST_COLUMNS", 1, "columns; at most 1 are read"),
    ],
)
def test_sizes_are_limited(write, monkeypatch, limit, value, message):
    monkeypatch.setattr(table_module, limit, value)
    with pytest.raises(FormatError, match=re.escape(message)):
        read_table(write("a,b,t\n" + "1,2,abc\n" * 4))


def many(n: int = 100) -> str:
    rng = np.random.default_rng(0)
    rows = [f"{a!r},{b!r},7,{'xyz'[i % 5 // 2]}\n"
            for i, (a, b) in enumerate(rng.normal(3, 2, (n, 2)).tolist())]  # fmt: skip
    return "a,b,c,t\n" + "".join(rows)


def test_the_training_part_alone_determines_mean_and_spread(write):
    path = write(many())
    source = csv_source(path, test_share=0.3, seed=4)
    train, test, prepared = source.train, source.test, source.preparation
    assert (len(train), len(test), train.x.dtype) == (70, 30, np.float32)
    assert train.x.mean(axis=0) == pytest.approx([0, 0, 0], abs=1e-6)
    assert train.x.std(axis=0) == pytest.approx([1, 1, 0], abs=1e-6)
    assert abs(test.x.mean(axis=0)).max() > 1e-3
    assert prepared.std[2] == 1
    assert prepared.constant == ("c",)
    assert prepared.describe() == (
        "3 columns standardized by the training set's mean and spread ('c' never varies there)"
    )
    raw = read_table(path).x
    rows = np.concatenate([train.x, test.x])
    wanted = prepared.rows(raw)
    assert sorted(map(tuple, rows.tolist())) == sorted(map(tuple, wanted.tolist()))
    assert (train.name, test.name) == ("a.csv train", "a.csv test")


def test_the_test_set_has_the_same_share_of_every_class(write):
    source = csv_source(write(many()))
    assert source.preparation.classes == ("x", "y", "z")
    assert np.bincount(source.train.t).tolist() == [32, 32, 16]
    assert np.bincount(source.test.t).tolist() == [8, 8, 4]


def test_the_test_set_depends_on_the_seed(write):
    path = write(many())
    x = [csv_source(path, seed=seed).test.x for seed in (1, 1, 2)]
    assert np.array_equal(x[0], x[1])
    assert not np.array_equal(x[0], x[2])


def test_numbers_are_classes_in_numeric_order_by_value(write):
    path = write("a,t\n" + "1,10\n2,9\n3,9.0\n4,-1\n5,1e1\n" * 4)
    source = csv_source(path)
    assert source.preparation.classes == ("-1", "9", "10")
    both = np.concatenate([source.train.t, source.test.t])
    assert np.bincount(both).tolist() == [4, 8, 8]
    halves = csv_source(write("a,t\n" + "1,0.5\n2,1.5\n" * 4))
    assert halves.preparation.classes == ("0.5", "1.5")


def test_real_targets_are_kept(write):
    path = write("price,size\n" + "".join(f"{i * 1000 + 0.5},{i}\n" for i in range(50)))
    source = csv_source(path, label="price", regression=True)
    assert source.preparation.classes == ()
    assert source.train.t.shape == (40, 1)
    assert source.train.t.dtype == np.float64
    t = np.concatenate([source.train.t, source.test.t])[:, 0]
    assert sorted(t.tolist()) == [i * 1000 + 0.5 for i in range(50)]


@pytest.mark.parametrize(
    "values", ["1e308 -1e308 1e307 3", "1e-320 0 3e-320 0", "1e17 1e17 1e17 1e17"]
)
def test_numbers_of_any_size_are_standardized(write, values):
    rows = "".join(f"{v},{i % 2}\n" for i, v in enumerate(values.split() * 5))
    path = write("a,t\n" + rows)
    x = csv_source(path).train.x
    assert np.isfinite(x).all()
    assert np.abs(x).max() < 5


def test_a_share_that_leaves_a_part_empty_is_refused(write):
    for share in (0, 0.001, 0.999):
        with pytest.raises(RangeError, match="each part needs at least one"):
            csv_source(write(many(20)), test_share=share)
    with pytest.raises(RangeError, match="test_share must lie in"):
        csv_source(write(many(20)), test_share=1.5)


def test_the_fingerprint_is_that_of_the_file(write):
    first = csv_source(write(many()), seed=1).fingerprint
    assert first == csv_source(write(many()), seed=2).fingerprint
    assert first != csv_source(write(many() + "\n"), seed=1).fingerprint
