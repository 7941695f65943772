"""Tables of numbers with a label column: .csv files with a header, read strictly.

They are read in blocks of rows: the standard library splits the cells, and NumPy converts whole
columns to numbers.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

import numpy as np

from mitbadak.core.errors import FormatError, unknown_name
from mitbadak.core.files import check_regular
from mitbadak.core.typing import Array, Float64, Int
from mitbadak.data.fingerprints import fingerprint
from mitbadak.data.preparation import Preparation, Source
from mitbadak.data.standardized import split_rows, standardized
from mitbadak.data.targets import MOST_CLASSES, number, numbered_classes, too_many_classes

MOST_BYTES = 1 << 29  # 512 MiB of text: four times as much in memory, twenty for single digits
MOST_ROWS = 10_000_000
MOST_COLUMNS = 10_000  # a file with more is likely to be transposed
MOST_OF_A_ROW = 1 << 20  # characters
BLOCK = 1 << 17  # cells held in memory as text at a time
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
MISSING = {"", "?", "na", "n/a", "nan", "null"}
TABLE_ENDINGS = (".csv", ".tsv")  # of files that are read as tables


@dataclass(frozen=True)
class Table:
    """The columns of a file: numbers, and one column of labels.

    Attributes:
        columns: names of the input columns, in the order of the file.
        x: inputs, shape (n, columns).
        label: name of the label column.
        t: labels as indices into ``distinct``, or real targets (n, 1).
        distinct: the distinct labels as text; empty for real targets.
    """

    columns: tuple[str, ...]
    x: Float64[Array, "n columns"]
    label: str
    t: Int[Array, " n"] | Float64[Array, "n 1"]
    distinct: tuple[str, ...]


def csv_source(
    path: str | os.PathLike,
    *,
    label: str | None = None,
    regression: bool = False,
    test_share: float = 0.2,
    seed: int = 0,
) -> Source:
    """A .csv file as a training and a test set.

    Args:
        path: the file; see ``read_table``.
        label: name of the label column; by default the last.
        regression: the labels are real targets, and t is float64 of shape (n, 1). Otherwise the
            distinct labels are classes, in numeric or alphabetic order.
        test_share: share of the rows for the test set, the same for every class.
        seed: seed of the split.

    Returns:
        Inputs as float32, standardized by the mean and spread of the training set.

    Raises:
        FormatError: the file is not a valid table, or cannot be learned from; it is named.
        UnknownNameError: no column is named ``label``.
        RangeError: the share leaves one of the two sets empty.
        FileNotFoundError: the file does not exist.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "iris.csv"
        ...     _ = path.write_text("length,species\\n" + "1,setosa\\n4,other\\n" * 5)
        ...     source = csv_source(path)
        ...     len(source.train), len(source.test), source.preparation.classes
        (8, 2, ('other', 'setosa'))
    """
    path = Path(path)
    table = read_table(path, label=label, regression=regression)
    t, classes = table.t, ()
    if not regression:
        t, classes = numbered_classes(f"{path}: column {table.label!r}", table.distinct, t)
    train_rows, test_rows = split_rows(path.name, t, test_share, seed)
    train, test, preparation = standardized(
        path.name,
        (table.x[train_rows], t[train_rows]),
        (table.x[test_rows], t[test_rows]),
        Preparation("table", columns=table.columns, label=table.label, classes=classes),
    )
    return Source(train, test, preparation, fingerprint([path]))


def read_table(
    path: str | os.PathLike, *, label: str | None = None, regression: bool = False
) -> Table:
    """The numbers and labels in a .csv file with a header, in the format of ``open_table``.

    Args:
        path: the file, at most 512 MiB, 10,000,000 rows and 10,000 columns.
        label: name of the label column; by default the last.
        regression: the labels are numbers.

    Raises:
        FormatError: a value is missing, an input is not a number, a row has another length, a
            column name is empty or occurs twice, or the file is not text; the message names the
            file, row and column.
        UnknownNameError: no column is named ``label``.
        FileNotFoundError: the file does not exist.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "a.csv"
        ...     _ = path.write_text("a;b;t\\n1;2;yes\\n3;4;no\\n")
        ...     table = read_table(path)
        ...     table.x.tolist(), table.t, table.distinct
        ([[1.0, 2.0], [3.0, 4.0]], array([0, 1]), ('yes', 'no'))
    """
    path = Path(path)
    with open_table(path) as (names, rows):
        _check_header(path, names)
        return _read(path, names, rows, label, regression)


@contextmanager
def open_table(path: str | os.PathLike) -> Iterator[tuple[list[str], Iterator[list[str]]]]:
    """The header of a .csv file, and its rows as they are read, all cells as text.

    UTF-8, with or without a byte order mark; columns separated by commas, semicolons or tabs,
    whichever the header has most of; quotes as in spreadsheets; any line ends. Empty lines are
    skipped.

    Args:
        path: the file, at most 512 MiB and 10,000 columns.

    Yields:
        The names in the header, stripped of spaces, and an iterator over the rows, each with as
        many cells. Names may be empty or occur twice.

    Raises:
        FormatError: a row has another length than the header, or the file is empty, damaged, too
            large or not text; also while rows are read, inside the ``with`` block.
        FileNotFoundError: the file does not exist.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "a.csv"
        ...     _ = path.write_text("a; b\\n1;2\\n3;4\\n")
        ...     with open_table(path) as (names, rows):
        ...         names, list(rows)
        (['a', 'b'], [['1', '2'], ['3', '4']])
    """
    path = Path(path)
    check_regular(path)
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > MOST_BYTES:
            raise FormatError(
                f"{path} holds {size:,} bytes; more than {MOST_BYTES:,} are refused. Save the "
                "numbers as .npz (np.savez) or IDX (write_idx), which take less."
            )
        if b"\0" in file.read(1 << 16):
            raise FormatError(
                f"{path} is not text: it contains null bytes. Save it as CSV (UTF-8)."
            )
    with open(path, encoding="utf-8-sig", newline="") as text:
        try:
            lines = _Lines(text, path)
            header = next((line for line in lines if line.strip()), "")
            if not header:
                raise FormatError(f"{path} is empty.")
            reader = csv.reader(chain([header], lines), delimiter=_delimiter(header), strict=True)
            names = [cell.strip() for cell in next(reader)]
            if len(names) > MOST_COLUMNS:
                raise FormatError(
                    f"{path} has {len(names):,} columns; at most {MOST_COLUMNS:,} are read. If "
                    "its rows are its columns, transpose it; save images as .npz (np.savez) or "
                    "IDX (write_idx)."
                )
            yield names, _rows(path, reader, lines, len(names))
        except UnicodeDecodeError as error:
            raise FormatError(
                f"{path} is not UTF-8 text: {error.reason} ({error.object[error.start]:#04x}). "
                "Save it as 'CSV UTF-8' in the spreadsheet."
            ) from None
        except csv.Error as error:
            raise FormatError(f"{path} is damaged: {error}. Is a quotation mark missing?") from None


def _read(
    path: Path, names: list[str], rows: Iterator[list[str]], label: str | None, regression: bool
) -> Table:
    if label is not None and label not in names:
        raise unknown_name(f"column of {path}", label, names)
    at = len(names) - 1 if label is None else names.index(label)
    inputs = [i for i in range(len(names)) if i != at]
    x, t, codes, n = [], [], {}, 0
    while block := list(islice(rows, max(1, BLOCK // len(names)))):
        columns = list(zip(*block, strict=True))
        n += len(block)
        if n > MOST_ROWS:
            raise FormatError(f"{path} holds more than {MOST_ROWS:,} rows, the limit.")
        place = (path, n - len(block), names)
        x.append(np.stack([_numbers(place, i, columns[i]) for i in inputs], axis=-1))
        t.append(_numbers(place, at, columns[at]) if regression
                 else _coded(place, at, columns[at], codes))  # fmt: skip
    if not n:
        raise FormatError(f"{path} has no rows below its header.")
    targets = np.concatenate(t)
    return Table(
        tuple(names[i] for i in inputs),
        np.concatenate(x),
        names[at],
        targets[:, None] if regression else targets,
        tuple(codes),
    )


class _Lines:
    """The lines of a file, up to a limit on the length of a row.

    Attributes:
        taken: characters since the last row, reset to 0 by whoever takes a row; quoted cells may
            span many lines.
    """

    def __init__(self, text: TextIO, path: Path):
        self.text, self.path, self.taken = text, path, 0

    def __iter__(self) -> Iterator[str]:
        while line := self.text.readline(MOST_OF_A_ROW):
            self.taken += len(line)
            if self.taken >= MOST_OF_A_ROW:
                raise FormatError(
                    f"{self.path} has a row of more than {MOST_OF_A_ROW:,} characters. Is a "
                    "quotation mark missing?"
                )
            yield line


def _rows(
    path: Path, reader: Iterator[list[str]], lines: _Lines, columns: int
) -> Iterator[list[str]]:
    """Rows with as many cells as the header; empty lines, which the reader gives as [], are
    skipped."""
    number = 0
    for row in reader:
        lines.taken = 0
        if not row:
            continue
        number += 1
        if len(row) != columns:
            raise FormatError(
                f"{path}: row {number} below the header has {len(row)} columns, the header has "
                f"{columns}. Numbers with a decimal or thousands comma need quotes or another "
                "delimiter."
            )
        yield row


def _delimiter(header: str) -> str:
    unquoted = re.sub(r'"[^"]*("|$)', "", header)
    return max(DELIMITERS, key=unquoted.count)


def _check_header(path: Path, names: list[str]) -> None:
    if len(names) == 1:
        raise FormatError(
            f"{path} has a single column, {names[0][:40]!r}; inputs and a label are needed, "
            f"separated by {', '.join(DELIMITERS.values())}."
        )
    if all(number(name) is not None for name in names):
        raise FormatError(
            f"{path} has no header: its first line holds only numbers. Add a line with a name "
            "for each column."
        )
    seen: set[str] = set()
    for i, name in enumerate(names, 1):
        if not name:
            raise FormatError(
                f"{path}: column {i} of {len(names)} has no name. Name it, or leave it out (pandas "
                "writes such a column unless you use to_csv(index=False))."
            )
        if name in seen:
            raise FormatError(f"{path}: two columns are named {name!r}. Rename one.")
        seen.add(name)


Place = tuple[Path, int, list[str]]
"""For messages: a file, the number of rows before a block, and the names of the columns."""


def _numbers(place: Place, column: int, cells: Sequence[str]) -> Float64[Array, " rows"]:
    # float() also accepts "1_000" and digits of any script, which spreadsheets treat as text.
    together = "".join(cells)
    if together.isascii() and "_" not in together:
        try:
            numbers = np.array(cells, np.float64)
        except ValueError:
            numbers = None
        if numbers is not None and np.isfinite(numbers).all():
            return numbers
    path, before, names = place
    for row, cell in enumerate(cells, before + 1):
        _expect_present(place, column, row, cell)
        if number(cell) is None:
            raise FormatError(
                f"{path}: row {row} below the header, column {names[column]!r}, holds {cell!r}, "
                f"which is not a finite number. {_remedy(cell, names[column])}"
            )
    raise FormatError(f"{path}: column {names[column]!r} holds a number out of range.")


def _remedy(cell: str, name: str) -> str:
    if re.fullmatch(r"\s*[-+]?[\d.]*,\d+\s*", cell):
        return "Write decimals with a point, and no thousands separators."
    return (
        "Inputs must be numbers: encode categories as numbers, or as one 0/1 column each, or "
        f"leave the column out. If it holds the labels, use label={name!r}."
    )


def _coded(place: Place, column: int, cells: Sequence[str], codes: dict[str, int]):
    """Each label as its index among the distinct ones; new labels are added to ``codes``."""
    path, before, names = place
    stripped = [cell.strip() for cell in cells]
    indices = np.array([codes.setdefault(cell, len(codes)) for cell in stripped], np.int64)
    if any(cell.lower() in MISSING for cell in set(stripped)):
        for row, cell in enumerate(stripped, before + 1):
            _expect_present(place, column, row, cell)
    if len(codes) > 10 * MOST_CLASSES:  # "1" and "1.0" are one class: counted exactly later
        raise too_many_classes(f"{path}: column {names[column]!r}", len(codes), before + len(cells))
    return indices


def _expect_present(place: Place, column: int, row: int, cell: str) -> None:
    if cell.strip().lower() in MISSING:
        path, _, names = place
        raise FormatError(
            f"{path}: row {row} below the header has no value in column {names[column]!r} "
            f"({cell!r}). Fill it in, or remove the row or the column."
        )
